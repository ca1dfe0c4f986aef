//! Who is whom, told so that a clerk of an admissions desk can correct it. All people here are
//! invented; numbers lie in the ranges that the country packs set aside for invented persons.

use fhir::Document;
use mpi::{Grade, Person, Population, compare};

/// A nation of so many million, in which some names are as frequent as everywhere.
fn nation(millions: u64) -> Population {
    let mut population = Population::new(millions * 1_000_000);
    for (word, count) in [("garcia", 40_000), ("hernandez", 55_000), ("maria", 60_000), ("guadalupe", 20_000), ("cruz", 20_000), ("lopez", 38_000), ("juan", 30_000)] {
        population.counted(word, count * millions);
    }
    for (word, count) in [("nguyen", 380_000), ("thi", 250_000), ("tran", 110_000), ("hoa", 12_000), ("lan", 9_000), ("van", 150_000), ("hung", 15_000)] {
        population.counted(word, count * millions);
    }
    for (word, count) in [("ivanova", 9_000), ("kuznetsov", 4_000), ("kuznetsova", 4_000), ("anna", 20_000), ("sergeevna", 30_000), ("aleksandr", 40_000)] {
        population.counted(word, count * millions);
    }
    population
}

/// `surnames / given / birth date / F|M / more…` where more is `curp=…`, `cccd=…`, `snils=…`, `mrn=…`,
/// `tel=…`, `at=street, city`, `maiden=…`, `mother=…`, `born=1` (of several), `text=…`, `in=VN` (of the address).
fn person(told: &str) -> Person {
    let parts: Vec<&str> = told.split('/').map(str::trim).collect();
    let part = |place: usize| parts.get(place).copied().unwrap_or_default();
    let more = |key: &str| -> Vec<&str> { parts.iter().skip(4).filter_map(|part| part.strip_prefix(key)?.strip_prefix('=')).collect() };
    let list = |items: Vec<String>| items.join(",");
    let mut names = vec![format!(r#"{{"family":"{}","given":[{}]}}"#, part(0), list(part(1).split_whitespace().map(|word| format!("\"{word}\"")).collect()))];
    names.extend(more("maiden").into_iter().map(|family| format!(r#"{{"use":"maiden","family":"{family}"}}"#)));
    if let Some(text) = more("text").first() {
        names = vec![format!(r#"{{"text":"{text}"}}"#)];
    }
    let systems = [
        ("curp", "urn:oid:2.16.840.1.113883.4.629"),
        ("cccd", "https://carnet.health/id/vn/cccd"),
        ("snils", "https://fhir.ru/ig/core/systems/snils"),
        ("mrn", "urn:hospital"),
    ];
    let numbers = systems.iter().flat_map(|(key, system)| more(key).into_iter().map(move |value| format!(r#"{{"system":"{system}","value":"{value}"}}"#)));
    let mut members = vec![format!(r#""name":[{}]"#, list(names)), format!(r#""identifier":[{}]"#, list(numbers.collect()))];
    members.extend((!part(2).is_empty()).then(|| format!(r#""birthDate":"{}""#, part(2))));
    members.extend(match part(3) {
        "F" => Some(r#""gender":"female""#.to_owned()),
        "M" => Some(r#""gender":"male""#.to_owned()),
        _ => None,
    });
    members.extend(more("tel").into_iter().map(|number| format!(r#""telecom":[{{"system":"phone","value":"{number}"}}]"#)));
    members.extend(more("at").into_iter().filter_map(|at| at.split_once(", ")).map(|(line, city)| format!(r#""address":[{{"line":["{line}"],"city":"{city}"}}]"#)));
    members.extend(more("in").into_iter().map(|country| format!(r#""address":[{{"country":"{country}"}}]"#)));
    members.extend(more("born").into_iter().map(|order| format!(r#""multipleBirthInteger":{order}"#)));
    members.extend(more("mother").into_iter().map(|name| format!(r#""extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName","valueString":"{name}"}}]"#)));
    let json = format!(r#"{{"resourceType":"Patient",{}}}"#, members.join(","));
    Person::read(Document::read(&json).unwrap_or_else(|cause| panic!("{json}: {cause}")).root())
}

/// Each line: grade, a reason that must be given (or -), two persons.
fn check(millions: u64, table: &str) {
    let (nation, mut wrong) = (nation(millions), Vec::new());
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (head, persons) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        let (grade, reason) = head.split_once(' ').unwrap_or((head, "-"));
        let (one, other) = persons.split_once(" = ").unwrap_or_else(|| panic!("{line}"));
        let (one, other) = (person(one), person(other));
        let (there, back) = (compare(&one, &other, &nation), compare(&other, &one, &nation));
        let told = format!("{:?} {:.4} {:?}", there.grade, there.score, there.reasons);
        let given = reason.trim() == "-" || there.reasons.iter().any(|one| one.code == reason.trim());
        if there.grade.code() != grade || !given {
            wrong.push(format!("{line}\n    {told}"));
        }
        assert!((0.0..=1.0).contains(&there.score) && (there.grade as u8).abs_diff(back.grade as u8) <= 1, "{line}: {told}\n{back:?}");
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn mexico_two_surnames_and_given_names_that_are_shortened() {
    check(1, "
        certain accents-left-out: Hernández Núñez / María Guadalupe / 1980-05-12 / F = Hernandez Nunez / Maria Guadalupe / 1980-05-12 / F
        certain short-form: Hernández Núñez / María Guadalupe / 1980-05-12 / F = Hernández Núñez / Ma. Guadalupe / 1980-05-12 / F
        certain one-surname-missing: Cruz Zaldívar / Ximena / 1980-05-12 / F = Zaldívar / Ximena / 1980-05-12 / F
        certain same: de la Cruz López / Juan / 1971-02-03 / M = Cruz López / Juan / 1971-02-03 / M
        certain surnames-exchanged: Cruz Zaldívar / Ximena / 1980-05-12 / F = Zaldívar Cruz / Ximena / 1980-05-12 / F
        probable day-and-month-exchanged: Cruz Zaldívar / Ximena / 1980-05-12 / F = Cruz Zaldívar / Ximena / 1980-12-05 / F
        probable one-digit-differs: Cruz Zaldívar / Ximena / 1980-05-12 / F = Cruz Zaldívar / Ximena / 1980-05-13 / F
        probable same-year-no-day: Cruz Zaldívar / Ximena / 1980-05-12 / F = Cruz Zaldivar / Ximena / 1980 / F
        certainly-not differs: García López / María / 1980-05-12 / F = García López / María / 1961-08-30 / F
        certainly-not given-name-differs: Cruz López / Juan / 1980-05-12 / M = García Hernández / María / 1980-05-12 / F
        probable surname-differs-may-have-changed: Zaldívar Ríos / Ximena Itzel / 1980-05-12 / F / tel=55 1234 5678 = de Ortega / Ximena Itzel / 1980-05-12 / F / tel=+52 5512345678
        certain former-name: Zaldívar / Ximena / 1980-05-12 / F = Ortega / Ximena / 1980-05-12 / F / maiden=Zaldívar / tel=1
        certain words-in-other-places: Cruz Zaldívar / Ximena / 1980-05-12 / F = x / x / 1980-05-12 / F / text=Ximena Cruz Zaldívar
    ");
}

#[test]
fn vietnam_few_family_names_and_many_who_share_all_of_them() {
    check(98, "
        possible accents-left-out: Nguyễn / Thị Hoa / 1958-03-14 / F = Nguyen / Thi Hoa / 1958-03-14 / F
        certain same-unique: Nguyễn / Thị Hoa / 1958-03-14 / F / cccd=912158012345 = Nguyen / Thi Hoa / 1958-03-14 / F / cccd=912 158 012 345
        probable same: Nguyễn / Thị Hoa / 1958-03-14 / F / tel=0912345678 = Nguyen / Thi Hoa / 1958-03-14 / F / tel=+84 912 345 678
        certainly-not other-accents: Nguyễn / Hòa / 1958-03-14 / F = Nguyễn / Hoá / 1961-03-14 / F
        possible given-name-missing: Trần / Thị Hoa / 1958-03-14 / F = Trần / Hoa / 1958-03-14 / F
        probable words-in-other-places: Trần / Văn Hùng / 1958-03-14 / M / tel=0912345678 = Hùng / Trần Văn / 1958-03-14 / M / tel=0912345678
        certainly-not one-given-name-agrees-one-differs: Nguyễn / Thị Hoa / 1958-03-14 / F = Nguyễn / Thị Lan / 1958-03-14 / F
    ");
}

#[test]
fn russia_endings_scripts_and_patronymics() {
    check(1, "
        certain accents-left-out: Королёва / Алёна Сергеевна / 1980-05-12 / F = Королева / Алена Сергеевна / 1980-05-12 / F
        certain other-script-or-romanisation: Щукина / Юлия Сергеевна / 1980-05-12 / F = Shchukina / Iuliia Sergeevna / 1980-05-12 / F
        probable words-in-other-places: Щукин / Александр Ильич / 1980-05-12 / M = Щукин / Саша / 1980-05-12 / M / text=Щукин Саша / tel=1
        certain other-gender-ending: Щукина / Анна Сергеевна / 1980-05-12 / F = Щукин / Анна Сергеевна / 1980-05-12 / F
        probable surname-differs-may-have-changed: Щукина / Анна Сергеевна / 1980-05-12 / F = Белинская / Анна Сергеевна / 1980-05-12 / F
        possible patronymic-differs: Щукина / Анна Сергеевна / 1980-05-12 / F = Щукина / Анна Ивановна / 1980-05-12 / F
        certainly-not given-name-differs: Кузнецов / Сергей Ильич / 1980-05-12 / M = Кузнецова / Анна Ильинична / 1951-01-30 / F
    ");
}

#[test]
fn twins_are_never_certain_whatever_they_share() {
    check(1, "
        possible may-be-twins: Cruz Zaldívar / Ximena / 2020-05-12 / F / at=Calle Uno 5, Puebla / tel=5512345678 / mother=Zaldívar = Cruz Zaldívar / Renata / 2020-05-12 / F / at=Calle Uno 5, Puebla / tel=5512345678 / mother=Zaldívar
        possible may-be-twins: Cruz Zaldívar / Ana Ximena / 2020-05-12 / F / at=Calle Uno 5, Puebla = Cruz Zaldívar / Ana Renata / 2020-05-12 / F / at=Calle Uno 5, Puebla
        possible may-be-twins: Щукина / Анна Сергеевна / 2020-05-12 / F / tel=9161234567 = Щукина / Ольга Сергеевна / 2020-05-12 / F / tel=9161234567
        # One registered with the other's number.
        possible may-be-twins: Cruz Zaldívar / Ximena / 2020-05-12 / F / mrn=7 / tel=5512345678 = Cruz Zaldívar / Renata / 2020-05-12 / F / mrn=7 / tel=5512345678
        possible may-be-twins: Đặng / Minh Anh / 2020-05-12 / M / cccd=912220012345 = Đặng / Minh Khoa / 2020-05-12 / M / cccd=912220012345
        # The same name, told apart by the order of birth.
        possible may-be-twins: Zaldívar / Ximena / 2020-05-12 / F / born=1 / tel=5512345678 = Zaldívar / Ximena / 2020-05-12 / F / born=2 / tel=5512345678
        # A son and a daughter named alike.
        certainly-not -: Zaldívar / Daniel / 2020-05-12 / M = Zaldívar / Daniela / 2020-05-12 / F
    ");
}

#[test]
fn numbers_speak_but_do_not_decide_alone() {
    check(1, "
        certain same-unique: Cruz Zaldívar / Ximena / 1980-05-12 / F / snils=91223344566 = Ortega / Ximena / 1980-05-12 / F / snils=912-233-445 66
        probable unique-number-differs: Cruz Zaldívar / Ximena / 1980-05-12 / F / cccd=912158012345 / tel=5512345678 = Cruz Zaldívar / Ximena / 1980-05-12 / F / cccd=913158067890 / tel=5512345678
        possible may-be-the-number-of-somebody-else: Cruz Zaldívar / Ximena / 1980-05-12 / F / cccd=912158012345 = García López / Juan / 1951-11-30 / M / cccd=912158012345
        certain same-local: García López / Juan / 1980-05-12 / M / mrn=0007 = García López / Juan / 1980-05-12 / M / mrn=0007
        probable same-local: García López / / / / mrn=0007 = García López / Juan / 1980-05-12 / M / mrn=0007
        # Nothing in common, nothing known.
        certainly-not -:  / / / = García López / Juan / 1980-05-12 / M
    ");
}

#[test]
fn whoever_is_told_of_two_countries_is_looked_at_by_somebody() {
    check(1, "
        certain -: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX = Cruz Zaldívar / Ximena / 1980-05-12 / F / in=México
        certain -: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX = Cruz Zaldívar / Ximena / 1980-05-12 / F
        certain -: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=FR = Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX
        probable another-country: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX = Cruz Zaldívar / Ximena / 1980-05-12 / F / in=RU
        probable another-country: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX = Cruz Zaldívar / Ximena / 1980-05-12 / F / snils=91223344566
        # Of one country by what number they bear, wherever they live now; and by the same number.
        certain -: Cruz Zaldívar / Ximena / 1980-05-12 / F / in=MX / snils=91223344566 = Cruz Zaldívar / Ximena / 1980-05-12 / F / in=RU
        certain same-unique: Cruz Zaldívar / Ximena / 1980-05-12 / F / cccd=912158012345 / in=MX = Cruz Zaldívar / Ximena / 1980-05-12 / F / cccd=912158012345 / in=RU
    ");
}

#[test]
fn a_small_store_is_no_reason_to_be_sure() {
    let few = Population::new(2);
    let grade = |one: &str, other: &str| compare(&person(one), &person(other), &few).grade;
    assert!(grade("García / Juan / / M", "García / Juan / / M") < Grade::Certain);
    assert!(grade("García / Juan / 1980 / M", "García / Juan / 1980 / M") < Grade::Certain);
}
