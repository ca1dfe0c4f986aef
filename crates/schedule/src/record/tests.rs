//! What is read of a record, in small records.

use super::*;
use fhir::Document;

fn facts(resources: &[&str]) -> Facts {
    let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2025-01-15"}"#).unwrap();
    let documents: Vec<Document<'_>> = resources.iter().map(|text| Document::read(text).unwrap()).collect();
    let roots: Vec<Value<'_>> = documents.iter().map(Document::root).collect();
    Facts::read(country::by_code("ru").unwrap(), patient.root(), roots.into_iter(), Day::of(2025, 6, 10), 180)
}

fn given(code: &str, date: &str) -> String {
    format!(r#"{{"resourceType":"Immunization","id":"i","status":"completed","vaccineCode":{{"coding":[{code}]}},"occurrenceDateTime":"{date}"}}"#)
}

#[test]
fn a_dose_is_read_by_its_code_or_by_the_row_of_the_calendar() {
    for (code, date, expected) in [
        (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-01-15", Some(("08", "2025-01-15", true))),
        (r#"{"system":"https://carnet.health/id/immunisation-calendar","code":"RU-BCG-1"}"#, "2025-01-18T21:30:00Z", Some(("19", "2025-01-19", true))),
        (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-02", Some(("08", "2025-02-28", false))),
        (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025", Some(("08", "2025-06-10", false))),
        (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"999"}"#, "2025-02-01", None),
        (r#"{"system":"urn:other","code":"08"}"#, "2025-02-01", None),
        // As others write it: without its zero, by the object identifier.
        (r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"8"}"#, "2025-01-15", Some(("08", "2025-01-15", true))),
        (r#"{"system":"urn:oid:2.16.840.1.113883.12.292","code":"3"}"#, "2025-01-15", Some(("03", "2025-01-15", true))),
        (r#"{"system":"urn:other","code":"8"}"#, "2025-02-01", None),
    ] {
        let facts = facts(&[&given(code, date)]);
        let found = facts.given.first().map(|given| (given.cvx.as_str(), given.day.to_string(), facts.exact[0]));
        assert_eq!(found, expected.map(|(cvx, day, exact)| (cvx, day.to_owned(), exact)), "{code} {date}");
        assert_eq!(facts.unread.len(), usize::from(expected.is_none()));
    }
}

#[test]
fn a_dose_that_was_entered_again_by_its_year_or_month_completes_nothing() {
    use crate::immunisation::{Reason, Verdict, forecast};
    let mmr = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}"#;
    let bcg = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}"#;
    let country = country::by_code("mx").unwrap();
    for (doses, counting, doubtful) in [
        (vec![given(mmr, "2025-01-16"), given(mmr, "2025")], 1, 1),
        (vec![given(mmr, "2025"), given(mmr, "2025-01-16")], 1, 1),
        (vec![given(mmr, "2025-01-16"), given(mmr, "2025-01")], 1, 1),
        // A month within a year is told more exactly.
        (vec![given(mmr, "2025-01"), given(mmr, "2025")], 1, 1),
        // Another time, another vaccine: nothing to doubt.
        (vec![given(mmr, "2025-01-16"), given(mmr, "2025-11")], 2, 0),
        (vec![given(mmr, "2025-01-16"), given(mmr, "2026")], 2, 0),
        (vec![given(bcg, "2025-01-16"), given(mmr, "2025")], 1, 0),
        (vec![given(mmr, "2025")], 1, 0),
    ] {
        let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2024-01-10"}"#).unwrap();
        let documents: Vec<Document<'_>> = doses.iter().map(|text| Document::read(text).unwrap()).collect();
        let today = Day::of(2027, 6, 10);
        let facts = Facts::read(country, patient.root(), documents.iter().map(Document::root), today, 0);
        let forecast = forecast(&country.calendar, &facts.person().unwrap(), today);
        let line = forecast.lines.iter().find(|line| country.calendar.series.iter().any(|series| series.key == line.series && series.counts.iter().any(|cvx| cvx == "03"))).unwrap();
        let found = line.doses.iter().filter(|dose| matches!(dose.verdict, Verdict::DoesNot(Reason::MaybeSame { .. }))).count();
        assert_eq!((line.valid(), found), (counting, doubtful), "{doses:?}: {:?}", line.doses);
    }
}

#[test]
fn measles_alone_stands_with_its_series_and_completes_nothing() {
    use crate::immunisation::{Reason, Verdict, forecast};
    let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"2024-01-10"}"#).unwrap();
    let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"05"}"#, "2025-02-01");
    let today = Day::of(2025, 6, 10);
    for code in ["mx", "ru"] {
        let country = country::by_code(code).unwrap();
        let document = Document::read(&dose).unwrap();
        let facts = Facts::read(country, patient.root(), std::iter::once(document.root()), today, 0);
        let forecast = forecast(&country.calendar, &facts.person().unwrap(), today);
        let line = forecast.lines.iter().find(|line| line.series == "mmr").unwrap();
        assert_eq!((line.valid(), line.doses[0].verdict.clone()), (0, Verdict::DoesNot(Reason::InPart)), "{code}");
        assert!(forecast.beside.is_empty(), "{code}");
    }
}

#[test]
fn refusals_errors_and_what_was_not_done_are_told_apart() {
    let with = |status: &str, reason: &str| format!(r#"{{"resourceType":"Immunization","status":"{status}","statusReason":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"{reason}"}}]}},"vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"03"}}]}},"occurrenceDateTime":"2025-03-01"}}"#);
    let facts = facts(&[&with("not-done", "PATOBJ"), &with("not-done", "OSTOCK"), &with("entered-in-error", "PATOBJ")]);
    assert_eq!((facts.refused.len(), facts.given.len(), facts.unread.len()), (1, 0, 0));
}

#[test]
fn of_consents_about_a_series_the_newest_speaks() {
    let consent = |day: &str, kind: &str, status: &str, more: &str| format!(r#"{{"resourceType":"Consent","status":"{status}","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"treatment"}}]}},"dateTime":"{day}","provision":{{"type":"{kind}",{more}"code":[{{"coding":[{{"system":"{SERIES}","code":"influenza"}}]}}]}}}}"#);
    let dose = r#"{"resourceType":"Immunization","status":"not-done","statusReason":{"coding":[{"code":"PATOBJ"}]},"vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"141"}]},"occurrenceDateTime":"2025-03-01"}"#.to_owned();
    let (refusal, agreement) = (consent("2025-03-01", "deny", "active", ""), consent("2025-04-01", "permit", "active", ""));
    let days = |resources: &[&str]| facts(resources).refused.iter().map(|one| one.day.to_string()).collect::<Vec<_>>();
    for (resources, expected) in [
        (vec![refusal.clone()], vec!["2025-03-01"]),
        (vec![agreement.clone(), refusal.clone()], vec![]),
        (vec![agreement.clone(), consent("2025-05-01T09:00:00+03:00", "deny", "active", "")], vec!["2025-05-01"]),
        (vec![consent("2025-03-01", "permit", "active", ""), refusal.clone()], vec!["2025-03-01"]),
        (vec![consent("2025-03-01", "deny", "active", r#""period":{"end":"2025-06-09"},"#)], vec![]),
        (vec![consent("2025-03-01", "deny", "active", r#""period":{"end":"2025-06-10"},"#)], vec!["2025-03-01"]),
        // What begins tomorrow says nothing yet, and what was said before still holds.
        (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-06-10"},"#)], vec!["2025-03-01"]),
        (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-06-11"},"#)], vec![]),
        (vec![consent("2025-03-01", "deny", "active", r#""period":{"start":"2025-07"},"#)], vec![]),
        (vec![refusal.clone(), consent("2025-04-01", "permit", "active", r#""period":{"start":"2025-06-11"},"#)], vec!["2025-03-01"]),
        (vec![consent("2025-03-01", "deny", "entered-in-error", "")], vec![]),
        (vec![consent("2025-03-01", "deny", "inactive", ""), agreement.clone()], vec![]),
        (vec![dose.clone()], vec!["2025-03-01"]),
        (vec![dose.clone(), agreement.clone()], vec![]),
        (vec![refusal.replace("influenza", "nothing-known")], vec![]),
        (vec![refusal.replace("\"treatment\"", "\"patient-privacy\"")], vec![]),
    ] {
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        assert_eq!(days(&resources), expected, "{resources:?}");
    }
}

#[test]
fn only_what_the_person_has_now_counts() {
    let condition = |code: &str, status: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"{status}"}}]}},"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
    let facts = facts(&[&condition("b24", "active"), &condition("K56.1", "resolved"), &condition("Z34.0", "active")]);
    assert_eq!(facts.conditions, ["B24", "Z34.0"]);
    // However its end is told, it is over.
    for end in [r#""abatementDateTime":"2020-01-01""#, r#""abatementPeriod":{"end":"2020"}"#, r#""abatementAge":{"value":3,"unit":"a"}"#, r#""abatementString":"in childhood""#] {
        let over = condition("B24", "active").replace("\"clinicalStatus\"", &format!("{end},\"clinicalStatus\""));
        assert!(self::facts(&[&over]).conditions.is_empty(), "{end}");
    }
    assert_eq!(facts.pregnancy, Some(Pregnancy { began: None }));
}

#[test]
fn a_pregnancy_ends_with_a_birth_or_after_45_weeks_whatever_its_condition_says() {
    // Today is 2025-06-10.
    let condition = |code: &str, more: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},{more}"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
    let delivered = |day: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"93857-1"}}]}},"valueDateTime":"{day}"}}"#);
    let period = r#"{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8665-2"}]},"valueDateTime":"2025-01-05"}"#.to_owned();
    let over = condition("O80.9", r#""onsetDateTime":"2025-05-20","abatementDateTime":"2025-05-22","#);
    let weeks = |year, month, day| Some(PregnancyOver::Weeks { since: Day::of(year, month, day) });
    let birth = |year, month, day| Some(PregnancyOver::Birth { on: Day::of(year, month, day) });
    for (resources, is_pregnant, expected) in [
        (vec![condition("Z34.0", "")], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-07-30","#)], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-07-29","#)], false, weeks(2024, 7, 29)),
        (vec![condition("Z34.0", r#""recordedDate":"2023-01-10","#)], false, weeks(2023, 1, 10)),
        // Of a year the last day counts.
        (vec![condition("Z34.0", r#""onsetDateTime":"2024","#)], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), delivered("2025-05-20")], false, birth(2025, 5, 20)),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), over.clone()], false, birth(2025, 5, 20)),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), condition("O03.9", r#""onsetDateTime":"2024-12-01","#)], false, birth(2024, 12, 1)),
        // A birth of long ago that was written down now, and one of this year, end no pregnancy of now.
        (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), condition("O80.9", r#""recordedDate":"2025-05-01","#)], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), condition("O80.9", r#""onsetDateTime":"2025","#)], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2025-03-01","#), delivered("2025")], true, None),
        // The next one, and a birth to come, which nobody has seen.
        (vec![condition("Z34.0", r#""onsetDateTime":"2025-05-25","#), delivered("2025-05-20")], true, None),
        (vec![condition("Z34.0", r#""onsetDateTime":"2024-10-01","#), delivered("2025-06-20")], true, None),
        (vec![period.clone()], true, None),
        (vec![period.clone(), delivered("2025-03-01")], false, None),
        (vec![period, condition("Z34.0", r#""onsetDateTime":"2023-10-01","#)], true, weeks(2023, 10, 1)),
    ] {
        let texts: Vec<&str> = resources.iter().map(String::as_str).collect();
        let read = facts(&texts);
        assert_eq!((read.pregnancy.is_some(), read.pregnancy_over), (is_pregnant, expected), "{resources:?}");
        assert!(read.conditions.iter().all(|_| is_pregnant), "{resources:?}");
    }
    // What comes after a birth is no pregnancy; what complicates one is.
    assert_eq!(facts(&[&condition("O92.0", r#""onsetDateTime":"2025-05-25","#), &condition("O24.4", r#""onsetDateTime":"2025-05-25","#)]).conditions, ["O24.4"]);
}

#[test]
fn a_dose_of_the_pregnancy_before_is_not_of_this_one() {
    use crate::immunisation::forecast;
    let (country, today) = (country::by_code("mx").unwrap(), Day::of(2025, 6, 10));
    let patient = Document::read(r#"{"resourceType":"Patient","birthDate":"1995-01-15"}"#).unwrap();
    let condition = |code: &str, day: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"onsetDateTime":"{day}","code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
    let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"115"}"#, "2024-11-01");
    for (resources, counting) in [
        (vec![condition("Z34.9", "2025-04-01"), dose.clone()], 1),
        (vec![condition("Z34.9", "2025-04-01"), condition("O80.9", "2024-12-20"), dose.clone()], 0),
    ] {
        let documents: Vec<Document<'_>> = resources.iter().map(|text| Document::read(text).unwrap()).collect();
        let facts = Facts::read(country, patient.root(), documents.iter().map(Document::root), today, 0);
        let lines = forecast(&country.calendar, &facts.person().unwrap(), today).lines;
        let line = lines.iter().find(|line| line.series == "pertussis-pregnancy").unwrap();
        assert_eq!(line.valid(), counting, "{resources:?}");
    }
}

#[test]
fn a_light_child_gets_bcg_once_it_weighs_enough() {
    use crate::immunisation::{Reason, Status, forecast};
    // Born on 2025-01-15.
    let weight = |day: &str, value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"29463-7"}}]}},"effectiveDateTime":"{day}","valueQuantity":{{{value}}}}}"#);
    let born_light = |code: &str| format!(r#"{{"resourceType":"Condition","clinicalStatus":{{"coding":[{{"code":"active"}}]}},"code":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10","code":"{code}"}}]}}}}"#);
    let today = Day::of(2025, 6, 10);
    for (resources, grams, is_postponed) in [
        (vec![born_light("P07.0")], None, true),
        (vec![born_light("P07.1")], None, true),
        (vec![born_light("P07.3")], None, false),
        (vec![born_light("P07.1"), weight("2025-01-15", r#""value":1900,"code":"g""#)], Some(1900), true),
        (vec![born_light("P07.1"), weight("2025-01-15", r#""value":2100,"code":"g""#)], Some(2100), false),
        (vec![weight("2025-01-15", r#""value":1.9,"unit":"kg""#)], Some(1900), true),
        // What a child weighed at birth is of that day, whenever it was written down.
        (vec![weight("2025-03-20", r#""value":1900,"code":"g""#).replace("29463-7", "8339-4"), weight("2025-02-20", r#""value":2.4,"code":"kg""#)], Some(2400), false),
        // The newest weight, in whatever order.
        (vec![born_light("P07.0"), weight("2025-02-20", r#""value":2.4,"code":"kg""#), weight("2025-01-15", r#""value":950,"code":"g""#)], Some(2400), false),
        (vec![weight("2025-07-20", r#""value":1.4,"code":"kg""#)], None, false),
        (vec![weight("2025-01-15", r#""value":4,"code":"[lb_av]""#)], None, false),
    ] {
        let texts: Vec<&str> = resources.iter().map(String::as_str).collect();
        let facts = facts(&texts);
        assert_eq!(facts.weight_grams, grams, "{resources:?}");
        let status = |today: Day| {
            let forecast = forecast(&country::by_code("ru").unwrap().calendar, &facts.person().unwrap(), today);
            let line = forecast.lines.into_iter().find(|line| line.series == "tuberculosis").unwrap();
            (line.status == Status::Contraindicated, line.reasons.iter().any(|reason| matches!(reason, Reason::Forbidden { key, passes: true } if key == "low-birth-weight")))
        };
        assert_eq!(status(today), (is_postponed, is_postponed), "{resources:?}");
        // Nobody weighs so little at one year.
        assert_eq!(status(Day::of(2026, 1, 15)), (false, false), "{resources:?}");
    }
}

#[test]
fn what_may_be_a_second_entry_of_a_dose_is_told() {
    let cvx = |code: &str| format!(r#"{{"system":"http://hl7.org/fhir/sid/cvx","code":"{code}"}}"#);
    let other = r#"{"system":"urn:other","code":"MMR"}"#;
    let patient = |country: &str| format!(r#"{{"resourceType":"Patient","birthDate":"2024-01-10","address":[{{"country":"{country}"}}]}}"#);
    for (doses, expected) in [
        (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2025")], vec![1]),
        (vec![given(&cvx("03"), "2025"), given(&cvx("94"), "2025-01-16")], vec![0]),
        (vec![given(&cvx("03"), "2025"), given(&cvx("03"), "2025-01"), given(&cvx("03"), "2025-01-16")], vec![0, 1]),
        (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2025-01-16")], vec![1]),
        (vec![given(&cvx("03"), "2025-02"), given(&cvx("03"), "2025-02")], vec![1]),
        (vec![given(other, "2025-02"), given(other, "2025-02-03")], vec![0]),
        // Another time, another series, one that cannot be read.
        (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "2024")], vec![]),
        (vec![given(&cvx("19"), "2025-01-16"), given(&cvx("03"), "2025")], vec![]),
        (vec![given(&cvx("03"), "2025-01-16"), given(&cvx("03"), "soon")], vec![]),
    ] {
        for country in ["MX", "RU", "FR"] {
            let patient = patient(country);
            let patient = Document::read(&patient).unwrap();
            let documents: Vec<Document<'_>> = doses.iter().map(|text| Document::read(text).unwrap()).collect();
            let roots: Vec<Value<'_>> = documents.iter().map(Document::root).collect();
            assert_eq!(second_entries(patient.root(), &roots, Day::of(2026, 6, 10), 0), expected, "{country} {doses:?}");
        }
    }
}

#[test]
fn what_happened_after_a_vaccine_is_read_with_the_vaccine() {
    let dose = given(r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#, "2025-02-01");
    let event = |about: &str, more: &str| format!(r#"{{"resourceType":"AdverseEvent","actuality":"actual","date":"2025-02-03",{more}"suspectEntity":[{{"instance":{{"reference":"{about}"}}}}]}}"#);
    let serious = r#""seriousness":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adverse-event-seriousness","code":"serious"}]},"#;
    let read = facts(&[&event("Immunization/i", serious), &event("https://here.example/fhir/Immunization/i/_history/2", ""), &event("Immunization/other", ""), &event("Medication/i", ""), &event("Immunization/i", "").replace("actual\"", "potential\""), &dose]);
    let told: Vec<_> = read.events.iter().map(|event| (event.day.to_string(), event.cvx.as_str(), event.is_serious)).collect();
    assert_eq!(told, [("2025-02-03".to_owned(), "08", true), ("2025-02-03".to_owned(), "08", false)]);
    assert_eq!(read.event_sources, ["i", "i"]);
    // The dose was entered in error and written anew, as an amended form does it: its events go with it.
    let wrong = dose.replace("completed", "entered-in-error");
    let anew = |code: &str, day: &str| given(&format!(r#"{{"system":"http://hl7.org/fhir/sid/cvx","code":"{code}"}}"#), day).replace("\"id\":\"i\"", "\"id\":\"n\"");
    for (other, cvx) in [(anew("08", "2025-02-01"), Some("08")), (anew("08", "2025-02-11"), Some("08")), (anew("146", "2025-02-01"), Some("146")), (anew("146", "2025-02-11"), None)] {
        let read = facts(&[&event("Immunization/i", serious), &wrong, &other]);
        assert_eq!((read.events.first().map(|event| event.cvx.as_str()), read.given.len()), (cvx, 1), "{other}");
        assert_eq!(read.replaced, cvx.map(|_| ("i".to_owned(), "n".to_owned())).into_iter().collect::<Vec<_>>());
    }
    // A reaction that stands with the dose, without a day of its own.
    let read = facts(&[&dose.replace("\"occurrenceDateTime\"", "\"reaction\":[{\"reported\":true}],\"occurrenceDateTime\"")]);
    assert_eq!(read.events, [Event { day: Day::of(2025, 2, 1), cvx: "08".to_owned(), is_serious: false }]);
}

#[test]
fn milestones_are_read_with_what_was_seen() {
    let observation = |value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"https://carnet.health/fhir/CodeSystem/milestone","code":"smiles"}}]}},"effectiveDateTime":"2025-03-01",{value}}}"#);
    let read = facts(&[&observation(r#""valueBoolean":true"#), &observation(r#""valueBoolean":false"#), &observation(r#""valueString":"yes""#)]);
    let day = Day::of(2025, 3, 1);
    assert_eq!(read.milestones, [true, false].map(|is_reached| Seen { key: "smiles".to_owned(), day, is_reached }));
}

#[test]
fn the_last_period_and_the_weeks_at_birth_are_read() {
    let observation = |code: &str, value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},{value}}}"#);
    let facts = facts(&[
        &observation("11778-8", r#""valueDateTime":"2025-12-01""#),
        &observation("11884-4", r#""valueQuantity":{"value":34,"code":"wk"}"#),
        &observation("76516-4", r#""valueQuantity":{"value":3,"code":"wk"}"#),
    ]);
    assert_eq!(facts.pregnancy, Some(Pregnancy { began: Some(Day::of(2025, 2, 24)) }));
    assert_eq!(facts.gestation_days, Some(238));
}

#[test]
fn a_dose_that_can_count_was_given_whole_on_a_day_that_has_been() {
    let code = r#"{"system":"http://hl7.org/fhir/sid/cvx","code":"08"}"#;
    let (birth, today) = (Some(Day::of(2025, 1, 15)), Day::of(2025, 6, 10));
    for (dose, expected) in [
        (given(code, "2025-06-10"), true),
        (given(code, "2025-06"), true),
        (given(code, "2025"), true),
        (given(code, "2025-06-11"), false),
        (given(code, "2025-07"), false),
        // Half past nine in the evening in UTC is the next day in Moscow.
        (given(code, "2025-06-09T21:30:00Z"), true),
        (given(code, "2025-06-10T21:30:00Z"), false),
        (given(code, "2025-01-14"), false),
        (given(code, "soon"), false),
        (given(code, "2025-06-10").replace("completed", "not-done"), false),
        (given(code, "2025-06-10").replace("\"id\":\"i\"", "\"isSubpotent\":true"), false),
        (given(code, "2025-06-10").replace("\"id\":\"i\"", "\"isSubpotent\":false"), true),
    ] {
        assert_eq!(is_whole_dose(Document::read(&dose).unwrap().root(), birth, today, 180), expected, "{dose}");
    }
}

#[test]
fn weeks_of_pregnancy_are_read_in_words_too_and_what_is_not_understood_is_told() {
    let observation = |value: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"11884-4"}}]}},"subject":{{"reference":"Patient/c"}}{value}}}"#);
    let quantity = |value: &str| observation(&format!(r#","valueQuantity":{{{value}}}"#));
    for (resource, days, is_unread) in [
        (quantity(r#""value":28,"unit":"weeks""#), Some(196), false),
        (quantity(r#""value":28,"unit":"Semanas""#), Some(196), false),
        (quantity(r#""value":28,"unit":"нед.""#), Some(196), false),
        (quantity(r#""value":28,"unit":"tuần""#), Some(196), false),
        (quantity(r#""value":28,"unit":" wks ""#), Some(196), false),
        (quantity(r#""value":196,"unit":"дней""#), Some(196), false),
        (quantity(r#""value":28,"unit":"weeks","code":"wk","system":"http://unitsofmeasure.org""#), Some(196), false),
        // A code speaks alone, and a unit must be one of these.
        (quantity(r#""value":28,"unit":"weeks","code":"mo""#), None, true),
        (quantity(r#""value":7,"unit":"months""#), None, true),
        (quantity(r#""value":28"#), None, true),
        (quantity(r#""value":3,"unit":"weeks""#), None, true),
        (observation(r#","valueString":"28 weeks""#), None, true),
        // Nobody said anything.
        (observation(""), None, false),
    ] {
        let facts = facts(&[&resource]);
        assert_eq!((facts.gestation_days, facts.gestation_is_unread), (days, is_unread), "{resource}");
    }
}

#[test]
fn a_death_that_a_document_tells_is_known() {
    let told = |status: &str| format!(r#"{{"resourceType":"Observation","status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"81956-5"}}]}},"valueDateTime":"2025-06-01"}}"#);
    assert!(facts(&[&told("final")]).has_died && !facts(&[&told("entered-in-error")]).has_died && !facts(&[]).has_died);
}

#[test]
fn the_weeks_of_a_pregnancy_are_those_of_the_birth_where_a_child_has_them() {
    // Born on 2025-01-15.
    let observation = |code: &str, more: &str| format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}}{more},"valueQuantity":{{"value":30,"code":"wk"}}}}"#);
    for (code, more, days) in [
        ("76516-4", "", Some(210)),
        ("18185-9", r#","effectiveDateTime":"2025-01-16T08:00:00Z""#, Some(210)),
        ("18185-9", r#","effectiveDateTime":"2027-10""#, Some(210)),
        // Undated, before birth, and of a person who may expect a child.
        ("18185-9", "", None),
        ("18185-9", r#","effectiveDateTime":"2024-12-30""#, None),
        ("18185-9", r#","effectiveDateTime":"2037-02-01""#, None),
    ] {
        let resource = observation(code, more);
        assert_eq!(facts(&[&resource]).gestation_days, days, "{resource}");
        assert!(!facts(&[&resource]).gestation_is_unread, "{resource}");
    }
}

#[test]
fn of_several_weeks_at_birth_the_ones_of_its_own_code_and_then_the_newest_count() {
    let observation = |code: &str, weeks: u32, day: &str, status: &str, updated: &str| {
        format!(r#"{{"resourceType":"Observation","meta":{{"lastUpdated":"{updated}T00:00:00Z"}},"status":"{status}","code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"effectiveDateTime":"{day}","valueQuantity":{{"value":{weeks},"code":"wk"}}}}"#)
    };
    let own = observation("76516-4", 30, "2025-01-15", "final", "2025-01-16");
    for (other, weeks) in [
        (observation("11884-4", 34, "2025-02-01", "final", "2025-02-01"), 30),
        (observation("76516-4", 32, "2025-01-14", "final", "2025-03-01"), 30),
        (observation("76516-4", 32, "2025-01-15", "amended", "2025-03-01"), 32),
        (observation("76516-4", 32, "2025-02-01", "final", "2025-01-01"), 32),
        (observation("76516-4", 32, "2025-02-01", "cancelled", "2025-03-01"), 30),
        (observation("76516-4", 32, "2025-02-01", "entered-in-error", "2025-03-01"), 30),
        // Nothing that can be read stands in the way of what can.
        (observation("76516-4", 3, "2025-02-01", "final", "2025-03-01"), 30),
    ] {
        for order in [[&own, &other], [&other, &own]] {
            assert_eq!(facts(&order.map(String::as_str)).gestation_days, Some(weeks * 7), "{other}");
        }
    }
    let unread = observation("76516-4", 3, "2025-02-01", "cancelled", "2025-03-01");
    assert!(!facts(&[&unread]).gestation_is_unread);
}

#[test]
fn forms_of_children_ask_for_the_weeks_at_birth_by_their_own_code() {
    for form in country::all().iter().flat_map(|country| country.forms) {
        let name = form.lines().find(|line| line.starts_with("form ")).unwrap_or_default();
        let is_of_children = form.lines().any(|line| line.starts_with("ages 0 "));
        assert!(!is_of_children || !form.contains("loinc=18185-9"), "{name}: 76516-4 is the age at birth");
    }
}

#[test]
fn a_birth_year_is_no_birth_day() {
    let patient = Document::read(r#"{"birthDate":"2025"}"#).unwrap();
    let facts = Facts::read(country::by_code("mx").unwrap(), patient.root(), std::iter::empty(), Day::of(2025, 6, 10), 0);
    assert!(facts.person().is_none());
}
