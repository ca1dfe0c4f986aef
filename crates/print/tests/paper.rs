//! Papers in four languages, of hostile words, long and empty ones, read back by a reader that is not ours (poppler).

use std::process::Command;

use print::{Added, Answer, Copy, Field, Language, Paper, Part, PrintError, Signed, print, template, templates};

const MADE: [u16; 6] = [2026, 11, 29, 12, 0, 0];

fn field(label: &str, value: &str) -> Field {
    Field { label: label.to_owned(), value: value.to_owned() }
}

fn answered(label: &str, text: &str) -> Part {
    Part::Field { label: label.to_owned(), answers: vec![Answer { text: text.to_owned(), is_absent: false }], parts: Vec::new() }
}

/// A paper whose every place says something of `words`.
fn paper(language: Language, words: &[&str]) -> Paper {
    Paper {
        language,
        title: words[0].to_owned(),
        marks: vec![words[1].to_owned()],
        institution: words[2].to_owned(),
        letterhead: vec![words[1].to_owned(), words[3].to_owned()],
        person: vec![field(words[3], words[4])],
        person_note: words[1].to_owned(),
        written: vec![],
        running: words[4].to_owned(),
        parts: vec![Part::Group { label: words[1].to_owned(), parts: words.iter().map(|word| answered(word, word)).collect() }],
        signed: vec![Signed { by: words[4].to_owned(), at: "2026-11-29".to_owned() }],
        added: vec![Added { title: words[0].to_owned(), written: vec![field(words[3], words[4])], parts: vec![answered(words[2], words[1])], signed: vec![Signed { by: words[4].to_owned(), at: "2026-11-30".to_owned() }] }],
        added_note: words[2].to_owned(),
        notes: vec![words[2].to_owned()],
        copy: None,
        page_of: "page {} of {}".to_owned(),
    }
}

fn printed(paper: &Paper) -> Vec<u8> {
    print(paper, template(print::FORM).unwrap(), MADE).unwrap()
}

/// What a program says of a PDF.
fn asked(program: &str, pdf: &[u8], options: &[&str], to_stdout: bool) -> (bool, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let mut command = Command::new(program);
    command.args(options).arg(&path);
    if to_stdout {
        command.arg("-");
    }
    let read = command.output().unwrap_or_else(|_| panic!("{program} is needed: `scripts/set-up test` installs it (Debian packages poppler-utils, qpdf)"));
    (read.status.success(), [read.stdout, read.stderr].concat())
}

/// What somebody reads who opens the file, in the order it was written.
fn text_of(pdf: &[u8]) -> String {
    let (is_good, text) = asked("pdftotext", pdf, &["-raw"], true);
    let text = String::from_utf8(text).unwrap();
    assert!(is_good, "{text}");
    text
}

/// Without spaces and ends of lines.
fn dense(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

#[test]
fn every_language_is_read_as_it_was_written() {
    let all = [
        (Language::Es, ["Nota de evolución", "Propuesto por nosotros", "Unidad de Medicina Familiar", "Paciente", "Núñez Ávila, Íñigo", "¿Dolor? Sí: 38,5 °C ≥ 37 → señal"]),
        (Language::Vi, ["Bệnh án ngoại trú chung", "Chưa được xác nhận", "Trạm y tế phường", "Người bệnh", "NGUYỄN Thị Hạnh", "Đã uống thuốc; ỉa chảy, sốt nhẹ, ẵm bồng, ngủ kém, vượt quá ngưỡng"]),
        (Language::Ru, ["Консультация врача", "Предложено нами", "Городская поликлиника", "Пациент", "Щёголев Юрий Объедкович", "Жалобы: нет; t° 36,6 — «съел»; ГОСТ № 5"]),
        (Language::En, ["Progress note", "Proposed by us", "Health post", "Patient", "O'Neil-Smith, Zoë", "Pain < 3/10 & “no fever” – stable"]),
    ];
    for template in templates() {
        for (language, words) in all {
            let pdf = print(&paper(language, &words), template, MADE).unwrap();
            let text = dense(&text_of(&pdf));
            for word in words {
                assert!(text.contains(&dense(word)), "{}: {word} in {text}", template.name);
            }
            assert!(text.contains("page1of1"), "{text}");
            let (_, said) = asked("pdfinfo", &pdf, &[], false);
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(said.contains(words[0]) && said.contains("Tagged:          yes"), "{said}");
            assert!(!said.contains(words[4]), "the properties of the file name nobody: {said}");
            assert_eq!(asked("qpdf", &pdf, &["--check"], false).0, true);
            let (_, fonts) = asked("pdffonts", &pdf, &[], false);
            let fonts = String::from_utf8_lossy(&fonts).into_owned();
            for line in fonts.lines().skip(2) {
                // Embedded, a subset, with letters for its drawings.
                assert!(line.contains("yes yes yes"), "{fonts}");
            }
        }
    }
}

#[test]
fn nothing_is_lost_of_long_words_many_rows_and_long_texts() {
    let long = "x".repeat(1000);
    let told: String = (0..4000).map(|number| format!("word{number} ")).collect();
    let mut one = paper(Language::En, &["Title", "Mark", "House", "Person", &long, "last"]);
    one.parts.push(Part::Table { label: "Rows".to_owned(), head: vec!["A".to_owned(), "B".to_owned(), long.clone()], rows: (0..600).map(|row| vec![format!("left{row}"), String::new(), format!("right{row}")]).collect() });
    one.parts.push(Part::Table { label: String::new(), head: Vec::new(), rows: vec![vec!["lost".to_owned()]] });
    one.parts.push(Part::Group { label: String::new(), parts: vec![] });
    one.parts.push(Part::Group { label: "Deep".to_owned(), parts: vec![Part::Group { label: String::new(), parts: vec![answered("deep", "down")] }] });
    one.parts.push(answered("long", &told));
    let mut nest = answered("in", "most");
    for _ in 0..60 {
        nest = Part::Field { label: "l".to_owned(), answers: vec![], parts: vec![nest] };
    }
    one.parts.push(nest);
    let pdf = printed(&one);
    let (_, said) = asked("pdfinfo", &pdf, &[], false);
    let pages: usize = String::from_utf8_lossy(&said).lines().find_map(|line| line.strip_prefix("Pages:")?.trim().parse().ok()).unwrap();
    assert!(pages >= 25, "{pages}");
    let text = text_of(&pdf);
    // The feet stand between what goes on at the next sheet; so do the running heads and the heads of tables.
    let dense = dense(&text);
    for row in 0..600 {
        assert!(text.contains(&format!("left{row}")) && text.contains(&format!("right{row}")), "row {row}");
    }
    for number in 0..4000 {
        assert!(dense.contains(&format!("word{number}w")) || dense.contains(&format!("word{number}T")) || number == 3999 && dense.contains("word3999"), "word {number}");
    }
    for page in 1..=pages {
        assert!(dense.contains(&format!("page{page}of{pages}")), "page {page}");
    }
    assert!(text.contains("down") && text.contains("most"));
    assert!(dense.chars().filter(|letter| *letter == 'x').count() >= 2000);
    assert_eq!(asked("qpdf", &pdf, &["--check"], false).0, true);
}

#[test]
fn what_no_face_has_is_seen_and_read() {
    let strange = ["smile 😀 end", "漢字", "שלום עולם", "سلام", "a\u{202e}b", "nul\u{0}l", "bom\u{feff}", "\u{e000}", "\u{10ffff}", "tab\tbed", "flag 🏳\u{fe0f}\u{200d}🌈", "Z̷̢̛a̸l̵g̶o̷", "\u{fffe}\u{fdd0}"];
    for word in strange {
        let pdf = printed(&paper(Language::En, &["Title", word, word, word, word, word]));
        let text = text_of(&pdf);
        for letter in word.chars().filter(|letter| letter.is_alphanumeric() || !letter.is_ascii() && !letter.is_control()) {
            let number = format!("[U+{:04X}]", u32::from(letter));
            let composed = matches!(letter, '\u{300}'..='\u{36f}');
            assert!(composed || text.contains(letter) || dense(&text).contains(&number), "{number} of {word:?} in {text}");
        }
        assert_eq!(asked("qpdf", &pdf, &["--check"], false).0, true);
    }
    // As title of the file too, which is XML.
    let pdf = printed(&paper(Language::En, &["<T&\u{0}\u{fffe}\u{1f600}>", "a", "b", "c", "d", "e"]));
    let (is_good, _) = asked("pdfinfo", &pdf, &["-meta"], false);
    assert!(is_good);
}

#[test]
fn an_empty_paper_is_one() {
    let mut one = paper(Language::Vi, &["", "", "", "", "", ""]);
    one.page_of = String::new();
    one.parts.clear();
    one.signed.clear();
    one.notes.clear();
    one.marks.clear();
    assert_eq!(asked("qpdf", &printed(&one), &["--check"], false).0, true);
}

#[test]
fn the_same_paper_is_the_same_file_and_says_it_is_for_archives() {
    let words = ["Title", "Mark", "House", "Patient", "Name", "Said"];
    let one = printed(&paper(Language::En, &words));
    assert_eq!(one, printed(&paper(Language::En, &words)));
    assert_ne!(one, print(&paper(Language::En, &words), template(print::FORM).unwrap(), [2026, 11, 29, 12, 0, 1]).unwrap());
    let raw = String::from_utf8_lossy(&one);
    assert!(raw.contains("<pdfaid:part>2</pdfaid:part>") && raw.contains("<pdfaid:conformance>A</pdfaid:conformance>") && raw.contains("<pdfuaid:part>1</pdfuaid:part>"));
}

/// A grey picture of the first page: width, height, dots.
fn picture(pdf: &[u8]) -> (usize, usize, Vec<u8>) {
    let (is_good, bytes) = asked("pdftoppm", pdf, &["-gray", "-r", "300", "-f", "1", "-l", "1"], false);
    assert!(is_good);
    let mut parts = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
    let mut number = |_| std::str::from_utf8(parts.next().unwrap()).unwrap().to_owned();
    let (kind, width, height) = (number(0), number(1).parse().unwrap(), number(2).parse().unwrap());
    assert_eq!(kind, "P5");
    let rest = parts.next().unwrap();
    (width, height, rest[rest.len() - width * height..].to_vec())
}

#[test]
fn a_copy_carries_its_code_for_eyes_and_for_cameras() {
    const ADDRESS: &str = "https://record.example/verify/abcdefgh2345jkmn";
    let mut one = paper(Language::En, &["Title", "Mark", "House", "Person", "Name", "said"]);
    one.copy = Some(Copy { lines: vec!["Certified copy 7".to_owned(), String::new()], how: "Look it up".to_owned(), code: "ABCD-EFGH-2345-JKMN".to_owned(), scanned: ADDRESS.to_owned(), picture: "Code".to_owned() });
    for template in templates() {
        let pdf = print(&one, template, MADE).unwrap();
        let text = text_of(&pdf);
        assert!(text.contains("ABCD-EFGH-2345-JKMN") && text.contains("Certified copy 7") && text.contains(ADDRESS), "{text}");
        let (width, height, dots) = picture(&pdf);
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| dots[y * width + x]);
        assert_eq!(seen.detect_grids().iter().map(|grid| grid.decode().unwrap().1).collect::<Vec<_>>(), [ADDRESS], "{}", template.name);
    }
    one.copy.as_mut().unwrap().scanned = "x".repeat(3000);
    assert!(matches!(print(&one, template(print::FORM).unwrap(), MADE), Err(PrintError::Code)));
}

#[test]
fn templates_differ_in_what_they_look_like_and_not_in_what_they_say() {
    let one = paper(Language::En, &["Title", "Mark", "House", "Person", "Name", "said"]);
    let [form, certificate] = [print::FORM, print::CERTIFICATE].map(|name| print(&one, template(name).unwrap(), MADE).unwrap());
    assert_ne!(form, certificate);
    assert_eq!(dense(&text_of(&form)), dense(&text_of(&certificate)));
}
