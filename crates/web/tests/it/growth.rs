//! A child's growth compared with tables a site holds; the coefficients here are invented.

use chart::PersonRecord;
use schedule::growth::table::{Sex, read};
use schedule::growth::{Measure, Standards};
use web::growth::{GrowthPage, growth};
use web::record::Record;
use web::voice::Voice;
use web::words::Language;

use crate::common;

fn child(gestation_weeks: Option<u32>, gender: &str, measured: &[(&str, &str, &str, &str)]) -> PersonRecord {
    let mut entries = vec![format!(r#"{{"fullUrl":"urn:uuid:c","resource":{{"resourceType":"Patient","id":"c","gender":"{gender}","birthDate":"2025-01-01"}}}}"#)];
    let observation = |id: usize, code: &str, date: &str, value: &str, unit: &str| {
        format!(r#"{{"fullUrl":"urn:uuid:o{id}","resource":{{"resourceType":"Observation","id":"o{id}","status":"final","category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}}]}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/c"}},"effectiveDateTime":"{date}","valueQuantity":{{"value":{value},"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"}}}}}}"#)
    };
    entries.extend(measured.iter().enumerate().map(|(id, (code, date, value, unit))| observation(id, code, date, value, unit)));
    entries.extend(gestation_weeks.map(|weeks| observation(99, "11884-4", "2025-01-01", &weeks.to_string(), "wk")));
    let mut shelf = common::Shelf::new("en", false);
    shelf.add_bundle(&format!(r#"{{"entry":[{}]}}"#, entries.join(",")));
    shelf.persons.remove(0)
}

/// Weight: the median is 10 kg at birth and rises by 1 kg in a hundred days. Height: 50 and 10 cm.
pub fn standards() -> Standards {
    let table = |measure, text: &str| read(text, measure, Some(Sex::Girl), false).unwrap();
    let mut tables = table(Measure::WeightForAge, "day L M S\n0 1 10 0.1\n1000 1 20 0.1\n");
    tables.extend(table(Measure::HeightForAge, "day L M S\n0 1 50 0.1\n1000 1 150 0.1\n"));
    tables.extend(table(Measure::WeightForLength, "length L M S\n45 1 5 0.1\n110 1 18 0.1\n"));
    Standards { tables, unread: 0 }
}

pub fn page(record: &PersonRecord, standards: &Standards) -> GrowthPage {
    on(record, standards, (2040, 1, 1), Language::English)
}

fn on(record: &PersonRecord, standards: &Standards, today: (i32, u8, u8), language: Language) -> GrowthPage {
    growth(&Record::new(record), &Voice { language, zone_offset_minutes: 0 }, standards, today)
}

fn scores(page: &GrowthPage, chart: usize) -> Vec<(&str, bool)> {
    page.charts[chart].rows.iter().map(|row| (row.score.as_str(), row.is_far)).collect()
}

#[test]
fn scores_stand_beside_the_figures_and_what_is_far_is_marked() {
    // The hundredth day: a median of 11 kg.
    let record = child(None, "female", &[("29463-7", "2025-04-11", "11", "kg"), ("29463-7", "2025-04-12", "14.3", "kg"), ("29463-7", "2025-01-01", "7", "kg")]);
    let page = page(&record, &standards());
    assert_eq!(scores(&page, 0), [("+3.0", true), ("+0.0", false), ("\u{2212}3.0", true)]);
    assert!(page.note.contains("WHO") && page.notices.is_empty());
    assert_eq!(page.charts[0].picture.matches("class=\"curve").count() - page.charts[0].picture.matches("class=\"curve-name").count(), 5);
}

#[test]
fn without_tables_of_the_childs_sex_there_is_no_score_and_the_page_says_so() {
    let measured = [("29463-7", "2025-04-11", "11", "kg")];
    for (record, standards) in [(child(None, "male", &measured), standards()), (child(None, "unknown", &measured), standards()), (child(None, "female", &measured), Standards::default())] {
        let page = page(&record, &standards);
        assert_eq!(scores(&page, 0), [("", false)]);
        assert!(!page.charts[0].is_compared && !page.charts[0].picture.contains("curve") && page.note.contains("No reference"));
    }
}

#[test]
fn a_child_born_early_is_compared_at_the_corrected_age_until_two_years() {
    let measured = [("29463-7", "2025-04-11", "11", "kg")];
    let record = child(Some(32), "female", &measured);
    let page = page(&record, &standards());
    // 100 days less 8 weeks are 44 days: a median of 10.44 kg, and 11 is 0.54 deviations above it.
    assert_eq!(scores(&page, 0), [("+0.5", false)]);
    assert!(page.notices[0].contains("37 weeks"), "{:?}", page.notices);
}

#[test]
fn units_are_reckoned_and_an_unknown_one_is_counted() {
    for (value, unit) in [("11000", "g"), ("24.25", "[lb_av]"), ("11", "kg")] {
        let record = child(None, "female", &[("29463-7", "2025-04-11", value, unit)]);
        assert_eq!(scores(&page(&record, &standards()), 0), [("+0.0", false)], "{unit}");
    }
    let record = child(None, "female", &[("29463-7", "2025-04-11", "11", "[IU]"), ("29463-7", "2025-04-12", "11", "cm")]);
    let page = page(&record, &standards());
    assert!(page.charts.is_empty() && page.without.is_empty(), "{page:?}");
    assert_eq!(page.notices, ["2 measurements are left out: what is written is no weight or length in a known unit."]);
}

#[test]
fn units_stand_beside_each_other_and_each_figure_is_shown_as_it_was_written() {
    let measured = [("29463-7", "2025-01-01", "10000", "g"), ("29463-7", "2025-04-11", "11", "kg"), ("29463-7", "2025-07-20", "26.4555", "[lb_av]"), ("8302-2", "2025-04-11", "60", "cm"), ("8302-2", "2025-07-20", "0.7", "m"), ("8302-2", "2025-10-28", "31.4961", "[in_i]")];
    let record = child(None, "female", &measured);
    let page = page(&record, &standards());
    let rows = |chart: usize| page.charts[chart].rows.iter().map(|row| row.value.replace('\u{a0}', " ")).collect::<Vec<_>>();
    assert_eq!(rows(0), ["26.46 lb", "11 kg", "10000 g"]);
    assert_eq!((page.charts[0].title.as_str(), page.charts[1].rows.len()), ("Weight for age, kg", 3));
    assert!(scores(&page, 0).iter().all(|score| *score == ("+0.0", false)), "{:?}", scores(&page, 0));
    assert_eq!(page.charts[0].picture.matches("<circle").count(), 3);
    assert!(page.notices.is_empty(), "{:?}", page.notices);
}

#[test]
fn without_its_day_a_birth_or_a_measurement_has_no_age() {
    let measured = [("29463-7", "2025-04-11", "11", "kg"), ("29463-7", "2025-05", "11", "kg"), ("29463-7", "2024-12", "11", "kg")];
    let mut record = child(None, "female", &measured);
    let dated = page(&record, &standards());
    let rows: Vec<_> = dated.charts[0].rows.iter().map(|row| (row.day.as_str(), row.age.is_empty(), row.score.as_str())).collect();
    assert_eq!(rows, [("05/2025", true, ""), ("11/04/2025", false, "+0.0")], "what was measured before birth is no growth");
    assert_eq!(dated.charts[0].picture.matches("<circle").count(), 1);
    assert_eq!(dated.notices, ["One measurement has no day: it is neither drawn nor compared.", "One measurement is dated before the birth: it is left out. Look at its day and at the birth date."]);
    record.patient.text = record.patient.text.replace("2025-01-01", "2025-01");
    for language in Language::ALL {
        let page = on(&record, &standards(), (2040, 1, 1), language);
        assert!(page.charts.is_empty() && !page.without.is_empty() && !page.without.contains('⟦'), "{page:?}");
    }
}

#[test]
fn what_no_child_weighs_and_what_is_to_come_is_told_and_has_no_score() {
    let measured = [("29463-7", "2025-04-11", "300", "kg"), ("29463-7", "2025-04-12", "11", "kg"), ("29463-7", "2030-04-11", "7", "kg")];
    let record = child(None, "female", &measured);
    for language in Language::ALL {
        let page = on(&record, &standards(), (2025, 6, 1), language);
        let rows = &page.charts[0].rows;
        assert_eq!((rows[0].score.as_str(), rows[0].age.as_str(), rows[0].is_far), ("", "", false));
        assert!(rows[2].is_far && !rows[2].score.chars().any(|sign| sign.is_ascii_digit()) && !rows[2].score.contains('⟦'), "{:?}", rows[2]);
        assert_eq!(page.charts[0].picture.matches("<circle").count(), 1, "neither of both is drawn");
        assert!(page.notices.len() == 1 && !page.notices[0].contains('⟦'), "{:?}", page.notices);
    }
}

#[test]
fn weeks_of_pregnancy_that_cannot_be_read_are_told() {
    let measured = [("29463-7", "2025-04-11", "11", "kg")];
    let mut record = child(Some(32), "female", &measured);
    for (unit, score, is_told) in [(r#""unit":"weeks""#, "+0.5", false), (r#""unit":"Semanas""#, "+0.5", false), (r#""unit":"months""#, "+0.0", true)] {
        for one in &mut record.resources {
            if one.text.contains("11884-4") {
                let at = one.text.find(r#""unit""#).unwrap();
                one.text = format!("{}{unit}}}}}", &one.text[..at]);
            }
        }
        let page = page(&record, &standards());
        assert_eq!((scores(&page, 0), page.notices.iter().any(|notice| notice.contains("cannot be read"))), (vec![(score, false)], is_told), "{unit}");
    }
}

#[test]
fn a_weight_is_also_compared_with_the_length_of_the_same_day() {
    // 60 cm lying: a median of 8 kg.
    let record = child(None, "female", &[("29463-7", "2025-04-11", "8", "kg"), ("8306-3", "2025-04-11", "60", "cm"), ("29463-7", "2025-05-11", "9", "kg")]);
    let page = page(&record, &standards());
    let last = page.charts.last().unwrap();
    assert_eq!(last.rows.len(), 1);
    assert_eq!(last.rows[0].score, "+0.0");
    assert!(last.picture.is_empty() && last.is_compared);
}

/// The first tables end at day 1856, those from 5 to 19 years begin at 61 months: a child measured on both sides of the
/// joint has one curve, and the index is compared from then on.
#[test]
fn the_curve_goes_on_at_sixty_one_months() {
    let table = |measure, text: &str| read(text, measure, Some(Sex::Girl), false).unwrap();
    let mut tables = table(Measure::HeightForAge, "day L M S\n0 1 50 0.05\n1856 1 110 0.05\n");
    tables.extend(table(Measure::HeightForAge, "month L M S\n61 1 110 0.05\n228 1 165 0.05\n"));
    tables.extend(table(Measure::BmiForAge, "day L M S\n0 1 15 0.1\n1856 1 15 0.1\n"));
    tables.extend(table(Measure::BmiForAge, "month L M S\n61 1 15 0.1\n228 1 21 0.1\n"));
    let standards = Standards { tables, unread: 0 };
    // Born on 1 January 2025: 31 January 2030 is day 1856, the day after day 1857, both the height of 110 cm.
    let measured = [("8302-2", "2030-01-31", "110", "cm"), ("29463-7", "2030-01-31", "18.15", "kg"), ("8302-2", "2030-02-01", "110", "cm"), ("29463-7", "2030-02-01", "18.15", "kg"), ("8302-2", "2030-02-02", "110", "cm"), ("8302-2", "2038-01-01", "154", "cm"), ("29463-7", "2038-01-01", "60", "kg")];
    // A birth at 30 weeks counts no more at this age.
    for gestation in [None, Some(30)] {
        let record = child(gestation, "female", &measured);
        let page = page(&record, &standards);
        let height = page.charts.iter().find(|chart| chart.title.starts_with("Height") || chart.title.starts_with("Length")).unwrap();
        assert_eq!(height.rows.iter().skip(1).map(|row| row.score.as_str()).collect::<Vec<_>>(), ["+0.0", "+0.0", "+0.0"], "{gestation:?}");
        let index = page.charts.iter().find(|chart| chart.title.starts_with("Body-mass index")).unwrap();
        // 18.15 kg at 110 cm are 15.0; 60 kg at 154 cm are 25.3.
        assert_eq!(index.rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(), ["25.3 kg/m²", "15.0 kg/m²", "15.0 kg/m²"]);
        assert_eq!(index.rows[1].score, "+0.0");
        assert!(index.rows[0].is_far && index.picture.contains("curve"), "{:?}", index.rows[0]);
        // Five curves, each of one piece over both tables.
        assert_eq!(height.picture.matches("class=\"curve").count() - height.picture.matches("class=\"curve-name").count(), 5);
    }
    // Before that age there is no such chart.
    let young = child(None, "female", &measured[..2]);
    assert!(!page(&young, &standards).charts.iter().any(|chart| chart.title.starts_with("Body-mass")));
}

#[test]
fn what_was_measured_before_birth_is_left_out_and_told() {
    let record = child(None, "female", &[("29463-7", "2025-04-11", "11", "kg"), ("29463-7", "2024-12-31", "3", "kg"), ("8302-2", "2024", "50", "cm")]);
    for (language, words) in [(Language::English, "2 measurements are dated before the birth"), (Language::Spanish, "2 mediciones tienen fecha anterior al nacimiento"), (Language::Vietnamese, "2 số đo có ngày trước ngày sinh"), (Language::Russian, "2 измерения датированы до рождения")] {
        let page = on(&record, &standards(), (2040, 1, 1), language);
        assert_eq!((page.charts.len(), page.charts[0].rows.len()), (1, 1));
        assert!(page.notices.iter().any(|notice| notice.contains(words)), "{:?}", page.notices);
    }
    let all_before = child(None, "female", &[("29463-7", "2024-12-31", "3", "kg")]);
    let page = page(&all_before, &standards());
    assert!(page.without.is_empty() && page.notices.iter().any(|notice| notice.starts_with("One measurement is dated before the birth")), "{:?}", page.notices);
}
