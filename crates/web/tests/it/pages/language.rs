//! Every page in every language: all words, days and figures are the reader's.

use super::*;

#[tokio::test]
async fn every_page_is_written_in_every_language_and_twice_the_same() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    for language in Language::ALL {
        let cookies = format!("{session}; carnet_language={}", language.code());
        for path in PAGES {
            let (status, _, page) = get(&house, path, &cookies).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert!(page.contains(&format!("<html lang=\"{}\">", language.code())), "{path}");
            assert!(!page.contains('⟦'), "{path} in {} lacks a word", language.code());
            assert!(!page.contains("style=\""), "{path} has an inline style");
            let scripts = page.matches("<script").count();
            assert_eq!((scripts, page.matches("<script src=\"/assets/").count()), (1, 1), "{path}");
            for hostile in ["onload=\"y", "<img", "<marquee", "<iframe", "href=\"javascript", "<i>1</i>", "evil.example/x\">"] {
                assert!(!unescaped(&page).contains(hostile), "{path} shows {hostile} as markup");
            }
            let (_, _, again) = get(&house, path, &cookies).await;
            assert_eq!(page, again, "{path}");
        }
    }
}

/// What a reader sees of a page: no markup, none of the received data.
fn read_by_eye(page: &str) -> String {
    let page = unescaped(page);
    let (_, body) = page.split_once("<body").unwrap_or(("", &page));
    let mut text = String::new();
    for part in body.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text
}

/// Places where a day is written as programs write it, or a figure with the sign of another language.
fn foreign(text: &str, language: Language) -> Vec<String> {
    let signs: Vec<char> = text.chars().collect();
    let is_digit = |at: usize| signs.get(at).is_some_and(char::is_ascii_digit);
    let around = |from: usize, to: usize| signs[from.saturating_sub(30)..(to + 20).min(signs.len())].iter().collect::<String>();
    let day = |at: usize| (0..10).all(|place| if place == 4 || place == 7 { signs.get(at + place) == Some(&'-') } else { is_digit(at + place) }) && !is_digit(at + 10) && (at == 0 || !is_digit(at - 1));
    let mut found: Vec<String> = (0..signs.len()).filter(|at| day(*at)).map(|at| around(at, at + 10)).collect();
    let (wrong, has_dotted_days) = match language {
        Language::English | Language::Spanish => (',', false),
        Language::Vietnamese => ('.', false),
        Language::Russian => ('.', true),
    };
    for at in (1..signs.len()).filter(|at| signs[*at] == wrong && is_digit(at - 1) && is_digit(at + 1)) {
        let begins = (0..at).rev().take_while(|place| is_digit(*place) || signs[*place] == wrong).last().unwrap_or(at);
        let ends = (at..signs.len()).take_while(|place| is_digit(*place) || signs[*place] == wrong).last().unwrap_or(at);
        let whole: String = signs[begins..=ends].iter().collect();
        // A code (J18.9) begins with a letter, an address or a version has more than one such sign.
        let is_code = begins > 0 && signs[begins - 1].is_alphabetic();
        let is_day = has_dotted_days && whole.split('.').map(str::len).eq([2, 2, 4]) || whole.split('.').map(str::len).eq([2, 4]) && has_dotted_days;
        if !is_code && !is_day && whole.matches(wrong).count() == 1 || (!is_day && !is_code && whole.matches(wrong).count() == 2 && has_dotted_days) {
            found.push(around(begins, ends));
        }
    }
    found
}

#[test]
fn what_a_reader_would_stumble_over_is_found() {
    for (text, language, count) in [
        ("born 2026-01-31.", Language::English, 1),
        ("born 31/01/2026, weight 7.4 kg", Language::English, 0),
        ("weight 7,4 kg", Language::Spanish, 1),
        ("nặng 7.4 kg, J18.9", Language::Vietnamese, 1),
        ("вес 7,4 кг, 31.01.2026, 01.2026", Language::Russian, 0),
        ("вес 7.4 кг", Language::Russian, 1),
        ("8480-6 и 12-2026-01", Language::Russian, 0),
    ] {
        assert_eq!(foreign(text, language).len(), count, "{text}");
    }
}

#[tokio::test]
async fn every_day_and_every_figure_is_written_as_the_reader_writes_it() {
    let house = house();
    let (session, _) = sign_in(&house).await;
    let mut wrong = std::collections::BTreeSet::new();
    for language in Language::ALL {
        let cookies = format!("{session}; carnet_language={}", language.code());
        // What the hostile person says is not a clinician's.
        for path in PAGES.iter().filter(|path| !path.starts_with("/person/h")) {
            let (_, _, page) = get(&house, path, &cookies).await;
            wrong.extend(foreign(&read_by_eye(&page), language).into_iter().map(|place| format!("{} {path}: {}", language.code(), place.split_whitespace().collect::<Vec<_>>().join(" "))));
        }
    }
    assert!(wrong.is_empty(), "show it by `Voice`:\n{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
}

/// The page without the received data, which are text and hold everything.
fn unescaped(page: &str) -> String {
    let before = page.split("<pre").next().unwrap_or_default();
    let after = page.split("</pre>").nth(1).unwrap_or_default();
    format!("{before}{after}")
}
