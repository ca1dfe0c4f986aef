//! A fourth country, from a folder like those of the packs and a few lines of code: its numbers, names,
//! days, form and calendar work without anything else knowing of it.

use country::{Country, Flaw, NameParts, Pack, Rules, Told};
use schedule::Day;
use schedule::immunisation::{Given, Person, Reason, Status, Verdict, forecast};

/// The one file of a country: what has to be computed.
fn country() -> Country {
    country::read(&Pack {
        country: include_str!("fourth/country.toml"),
        immunisation: include_str!("fourth/immunisation.toml"),
        sensitivity: include_str!("fourth/sensitivity.toml"),
        retention: include_str!("fourth/retention.toml"),
        series: include_str!("fourth/series.toml"),
        examinations: include_str!("fourth/examinations.toml"),
        milestones: include_str!("fourth/milestones.toml"),
        units: include_str!("fourth/units.toml"),
        forms: &[include_str!("fourth/forms/visit.form")],
        rules: |key| (key == "zid").then_some(Rules { check, display: |value| format!("{}-{}", &value[..4], &value[4..]), is_synthetic: |value| value.starts_with("99"), tells: |_| Told::default() }),
        compose: |name: &NameParts<'_>| format!("{} {}", name.family.to_uppercase(), name.given.join(" ")),
    })
}

fn check(value: &str) -> Result<(), Flaw> {
    let digits: Vec<u32> = value.chars().filter_map(|sign| sign.to_digit(10)).collect();
    if digits.len() != 8 || value.len() != 8 {
        return Err(Flaw::Length { expected: 8, found: value.len() });
    }
    let sum: u32 = digits.iter().zip(1..).map(|(digit, weight)| digit * weight).sum();
    if sum % 11 == 0 { Ok(()) } else { Err(Flaw::CheckDigit) }
}

#[test]
fn its_numbers_names_days_and_figures_are_read_and_written_its_way() {
    let country = country();
    let numbers = country.identifier("zid").unwrap();
    // 1 + 4 + 9 + 16 + 25 + 36 + 49 + 64 = 204, which is no multiple of eleven; 4 + 7 is one.
    assert_eq!(numbers.check("12345678"), Err(Flaw::CheckDigit));
    assert_eq!(numbers.check("40000010"), Ok(()));
    assert_eq!(numbers.check(" 4000-0010 ".trim()), Ok(()), "as people write it");
    assert_eq!(numbers.check("4000001"), Err(Flaw::Length { expected: 8, found: 7 }));
    assert_eq!(numbers.display("40000010"), "4000-0010");
    assert!(!numbers.is_synthetic("40000010"));
    let name = NameParts { family: "Doe", given: &["Jo", "Kim"] };
    assert_eq!(country.compose(&name), "DOE Jo Kim");
    assert_eq!(country.date.write("2026-03-14"), "14.03.2026");
    assert_eq!(country.number("7.40"), "7,40");
    assert_eq!((country.ages.majority, country.ages.own_confidence), (20, 17));
    let today: Vec<&str> = country.units.today().map(|unit| unit.name.as_str()).collect();
    assert_eq!(today, ["Whole"]);
}

#[test]
fn its_form_is_a_questionnaire_with_parts_that_all_countries_share() {
    let country = country();
    let text = forms::sheet::questionnaire(country.forms[0], &country::form_part).unwrap();
    let document = fhir::Document::read(&text).unwrap();
    let items: Vec<String> = document.root().get("item").unwrap().items().map(|item| item.string("linkId").unwrap().into_owned()).collect();
    assert_eq!(items, ["signs", "note"]);
    assert!(text.contains("zz-visit") && text.contains("Ghi chú") && text.contains("8310-5"), "{text}");
}

#[test]
fn its_calendar_forecasts_with_its_own_distances() {
    let country = country();
    let birth = Day::of(2025, 1, 15);
    let given = |days: &[(i32, u8, u8, &str)]| days.iter().map(|(year, month, day, cvx)| Given { day: Day::of(*year, *month, *day), cvx: (*cvx).to_owned(), is_subpotent: false, since: None }).collect::<Vec<_>>();
    let line = |given: &[Given], conditions: &[String], today: Day, series: &str| {
        let person = Person { birth, given, refused: &[], conditions, pregnancy: None, pregnancy_over: None, last_birth: None, weight_grams: None, events: &[], has_died: false };
        forecast(&country.calendar, &person, today).lines.into_iter().find(|line| line.series == series).unwrap()
    };
    let none: &[String] = &[];
    let at_birth = line(&[], none, birth, "tuberculosis");
    assert_eq!((at_birth.status, at_birth.next.unwrap().latest), (Status::Due, Some(Day::of(2026, 1, 15))));
    // Thirteen months; two months later it is late.
    let first = line(&[], none, Day::of(2026, 4, 15), "mmr");
    assert_eq!((first.status, first.next.as_ref().unwrap().recommended), (Status::Due, Day::of(2026, 2, 15)));
    assert_eq!(line(&[], none, Day::of(2026, 4, 16), "mmr").status, Status::Overdue);
    // No days of grace here, and thirty days between live vaccines.
    let early = given(&[(2026, 1, 14, "03")]);
    assert_eq!(line(&early, none, Day::of(2026, 2, 1), "mmr").doses[0].verdict, Verdict::DoesNot(Reason::TooYoung { from: Day::of(2026, 1, 15) }));
    let near = given(&[(2026, 1, 10, "19"), (2026, 2, 8, "03")]);
    assert_eq!(line(&near, none, Day::of(2026, 2, 8), "mmr").doses[0].verdict, Verdict::DoesNot(Reason::TooSoonAfterLive { from: Day::of(2026, 2, 9) }));
    let forbidden = line(&[], &["D81.1".to_owned()], birth, "tuberculosis");
    assert_eq!((forbidden.status, &forbidden.reasons[0]), (Status::Contraindicated, &Reason::Forbidden { key: "immunodeficiency".to_owned(), passes: false }));
}
