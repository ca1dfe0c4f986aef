//! Who this is: the strip that stays on top of every page of a record.
//!
//! * Allergies have three states that look different: known ones, asked and none, never asked.
//! * A name is composed as in the person's own country, the family name in capitals.

use country::{Country, Flaw, IdentifierKind, IdentifierSystem, NameParts};
pub use schedule::record::country_of;
use fhir::date::{DAY_MS, days_from_civil};
use fhir::{Moment, PartialDateTime, ResourceType, Value, life};

use crate::record::{Item, Record, When, clinical, concept};
use crate::voice::{Age, Day, Voice};

/// Whom a document is about, as its head says it.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Head {
    /// `NGUYỄN Thị Hoa`.
    pub name: String,
    /// Birth date as written, empty where unknown.
    pub born: String,
    /// The word for the administrative gender.
    pub sex: String,
    /// Label and grouped value, the national one first.
    pub identifiers: Vec<(String, String)>,
}

impl Head {
    /// Reads the head out of a version of a Patient.
    pub fn of(patient: Value<'_>, voice: &Voice) -> Head {
        Head {
            name: name(patient, country_of(patient)).unwrap_or_else(|| voice.say("name-unknown")),
            born: born(patient, voice).unwrap_or_default(),
            sex: sex(patient, voice),
            identifiers: identifiers(patient, voice),
        }
    }

    /// The same of a Patient as the door gave it.
    pub fn of_stored(patient: &chart::Stored, voice: &Voice) -> Option<Head> {
        fhir::Document::read(&patient.text).ok().map(|document| Head::of(document.root(), voice))
    }

    /// All of it in one line.
    pub fn line(&self) -> String {
        let numbers = self.identifiers.iter().map(|(label, value)| format!("{label} {value}"));
        [self.name.clone(), self.born.clone(), self.sex.clone()].into_iter().chain(numbers).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

/// The strip on top of a record.
#[derive(Clone, Debug)]
pub struct Banner {
    /// Logical id of the person.
    pub person: String,
    /// `NGUYỄN Thị Hoa`.
    pub name: String,
    /// Two letters in the place of a photograph.
    pub initials: String,
    /// Birth date as written, empty where unknown.
    pub born: String,
    /// `67 years`, empty where unknown.
    pub age: String,
    /// The word for the administrative gender.
    pub sex: String,
    /// Label and grouped value, the national one first.
    pub identifiers: Vec<(String, String)>,
    /// How many more there are, in words; none where these are all.
    pub more_identifiers: Option<String>,
    /// Whether a newborn may be theirs: no man, and no child of less than ten years.
    pub may_be_mother: bool,
    /// Which of the numbers, of birth and of death cannot be right as they are written, in words.
    pub doubts: Vec<String>,
    /// Insurers of the current coverages, at most two.
    pub insurance: Vec<String>,
    /// How many more there are, in words; none where these are all.
    pub more_insurance: Option<String>,
    /// When the person died, with the age; none for the living.
    pub died: Option<String>,
    /// What the person must not be given.
    pub allergies: Allergies,
    /// That several registrations were merged; none for most.
    pub merged: Option<String>,
    /// Warnings, at most four.
    pub flags: Vec<String>,
    /// The words for the warnings beyond four.
    pub more_flags: Option<String>,
    /// Language of the person's clinical text, where it is not that of the page.
    pub language: Option<String>,
}

/// The three states of knowing about allergies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Allergies {
    /// There are some.
    Known(Vec<Allergy>),
    /// Somebody asked and there are none; the words say when.
    None(String),
    /// Nobody has asked.
    NotAsked,
}

/// One allergy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allergy {
    /// `Penicillin: anaphylaxis (2012)`.
    pub text: String,
    /// True where the reaction was severe or the risk is high.
    pub is_severe: bool,
    /// Where it is shown.
    pub link: String,
}

/// Identifiers and insurers that the strip shows; of more it says how many.
const MOST_IDENTIFIERS: usize = 3;
const MOST_INSURERS: usize = 2;
/// Codes that say that somebody asked about allergies and there are none, of SNOMED CT and of summaries from elsewhere
/// (<http://hl7.org/fhir/uv/ips/ValueSet-absent-or-unknown-allergies-uv-ips.html>).
const NO_ALLERGY: [&str; 2] = ["716186003", "no-known-allergies"];
/// The same of one kind of allergies alone: of medicines, of food, of what is around. Of the others it says nothing.
const NONE_OF_A_KIND: [&str; 6] = ["409137002", "429625007", "428607008", "no-known-medication-allergies", "no-known-food-allergies", "no-known-environmental-allergies"];
/// Says that nothing is known: nobody has asked.
const NO_INFORMATION: [&str; 1] = ["no-allergy-info"];

impl Banner {
    /// Reads the strip out of a record.
    pub fn of(record: &Record<'_>, voice: &Voice, today: Day) -> Banner {
        let patient = record.patient.root();
        let country = country_of(patient);
        let parts = NameText::of(patient);
        let birth = birth(patient);
        let Head { name, born, sex, identifiers } = Head::of(patient, voice);
        let died = died(patient, voice, birth.as_ref());
        let language = language(patient, country).filter(|code| !code.eq_ignore_ascii_case(voice.code()));
        let (flags, more_flags) = flags(record, voice);
        let mut insurance = insurance(record, voice, today);
        let more_insurance = more(insurance.len().saturating_sub(MOST_INSURERS), voice);
        insurance.truncate(MOST_INSURERS);
        let more_identifiers = more(in_use(patient).count().saturating_sub(identifiers.len()), voice);
        let mut doubts = doubts(patient, voice, today);
        doubts.extend(told_death(record, voice).filter(|_| died.is_none()));
        Banner {
            person: record.person().to_owned(),
            name,
            initials: parts.initials(country),
            born,
            age: if died.is_some() { String::new() } else { age(patient, voice, today).unwrap_or_default() },
            sex,
            may_be_mother: patient.string("gender").as_deref() != Some("male") && birth.and_then(|date| Age::on(&date, today)).is_none_or(|age| age.years() >= 10),
            identifiers,
            more_identifiers,
            doubts,
            insurance,
            more_insurance,
            died,
            allergies: allergies(record, voice),
            merged: (record.registrations() > 1).then(|| voice.count("banner-merged", record.registrations())),
            flags,
            more_flags,
            language,
        }
    }
}

/// How many more there are than are shown, in words; none where there are none.
fn more(hidden: usize, voice: &Voice) -> Option<String> {
    (hidden > 0).then(|| voice.with("banner-more", &[("count", &voice.whole(hidden))]))
}

/// The parts of the official name, else of the first usable one.
struct NameText {
    family: String,
    given: Vec<String>,
}

impl NameText {
    fn of(patient: Value<'_>) -> NameText {
        let Some(name) = official_name(patient) else { return NameText { family: String::new(), given: Vec::new() } };
        let given = name.get("given").into_iter().flat_map(|given| given.each().filter_map(|part| part.as_str().map(|text| text.into_owned())).collect::<Vec<_>>()).collect();
        NameText { family: name.string("family").unwrap_or_default().into_owned(), given }
    }

    /// The first letters a person is called by: family and given, in the order of the country.
    fn initials(&self, country: Option<&Country>) -> String {
        let letter = |text: &str| text.chars().find(|sign| sign.is_alphabetic()).map(|sign| sign.to_uppercase().to_string()).unwrap_or_default();
        // A Vietnamese person is called by the last of the given names.
        let called = if country.is_some_and(|country| country.called_last) { self.given.last().and_then(|given| given.split_whitespace().last()) } else { self.given.first().map(String::as_str) };
        format!("{}{}", letter(&self.family), letter(called.unwrap_or_default()))
    }
}

fn official_name(patient: Value<'_>) -> Option<Value<'_>> {
    let names = patient.get("name")?;
    let of_use = |wanted: &str| names.each().find(|name| name.string("use").as_deref() == Some(wanted));
    of_use("official").or_else(|| of_use("usual")).or_else(|| names.each().find(|name| name.string("use").as_deref() != Some("old"))).or_else(|| names.first())
}

/// The name of a person as its country composes it.
pub fn name(patient: Value<'_>, country: Option<&Country>) -> Option<String> {
    let parts = NameText::of(patient);
    let given: Vec<&str> = parts.given.iter().map(String::as_str).collect();
    // A newborn whom nobody has named yet is told apart by the mother's name, not by the family's alone.
    let is_temporary = || given.is_empty() && official_name(patient).is_some_and(|name| name.string("use").as_deref() == Some("temp") && name.get("text").is_some());
    if (parts.family.trim().is_empty() && given.is_empty()) || is_temporary() {
        return official_name(patient).and_then(clinical::human_name);
    }
    let name = NameParts { family: &parts.family, given: &given };
    Some(match country {
        Some(country) => country.compose(&name),
        None => plain_name(&parts.family, &given),
    })
}

/// What a list of persons is sorted by: the name as the person's own country sorts it; without a country by the family.
pub fn sort_key(patient: Value<'_>, country: Option<&Country>) -> country::NameKey {
    let parts = NameText::of(patient);
    let given: Vec<&str> = parts.given.iter().map(String::as_str).collect();
    let name = NameParts { family: &parts.family, given: &given };
    country.map_or_else(|| country::NameKey::of(false, &name), |country| country.sort_key(&name))
}

/// The name in a Patient as the door gave it.
pub fn name_of(patient: &chart::Stored, voice: &Voice) -> String {
    let read = fhir::Document::read(&patient.text).ok();
    read.and_then(|document| name(document.root(), country_of(document.root()))).unwrap_or_else(|| voice.say("name-unknown"))
}

fn plain_name(family: &str, given: &[&str]) -> String {
    let (family, given) = (family.trim().to_uppercase(), given.join(" "));
    match (family.is_empty(), given.is_empty()) {
        (false, false) => format!("{family} {given}"),
        _ => family + &given,
    }
}

/// The language of the person's clinical text: what the person speaks, else the country's.
fn language(patient: Value<'_>, country: Option<&Country>) -> Option<String> {
    let spoken = patient.path(&["communication", "language", "coding"]).and_then(|coding| concept::said(coding, "code"));
    concept::said(patient, "language").or(spoken).or_else(|| country?.languages.first().cloned()).filter(|code| code.len() <= 35 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// The birth date with the precision it has.
pub fn birth(patient: Value<'_>) -> Option<PartialDateTime> {
    PartialDateTime::parse(&patient.string("birthDate")?)
}

/// True where the year of birth is somebody's guess.
pub fn is_guessed(patient: Value<'_>) -> bool {
    let extensions = patient.path(&["_birthDate", "extension"]);
    let accuracy = extensions.into_iter().flat_map(|all| all.each()).find(|one| one.string("url").as_deref() == Some(chart::DATE_ACCURACY));
    // A letter each for day, month and year.
    accuracy.and_then(|one| one.get("valueCoding")?.string("code").map(|code| code.ends_with('E'))).unwrap_or(false)
}

/// The birth date as written, with *about* where it is a guess.
pub fn born(patient: Value<'_>, voice: &Voice) -> Option<String> {
    let date = voice.date(&birth(patient)?);
    Some(if is_guessed(patient) { voice.with("born-about", &[("date", &date)]) } else { date })
}

/// The age on a day, with *about* where the year of birth is a guess; none where it is not known.
pub fn age(patient: Value<'_>, voice: &Voice, today: Day) -> Option<String> {
    let age = voice.age(Age::on(&birth(patient)?, today)?);
    Some(if is_guessed(patient) { voice.with("age-about", &[("age", &age)]) } else { age })
}

/// The word for the administrative gender.
pub fn sex(patient: Value<'_>, voice: &Voice) -> String {
    voice.say(match patient.string("gender").as_deref() {
        Some("male") => "gender-male",
        Some("female") => "gender-female",
        Some("other") => "gender-other",
        Some("unknown") => "gender-unknown",
        _ => "not-stated",
    })
}

/// The identifiers of a person that are in use, each with its value.
fn in_use(patient: Value<'_>) -> impl Iterator<Item = (Value<'_>, String)> {
    let all = patient.get("identifier").into_iter().flat_map(|all| all.each().collect::<Vec<_>>());
    all.filter(|identifier| identifier.string("use").as_deref() != Some("old")).filter_map(|identifier| Some((identifier, concept::said(identifier, "value")?)))
}

/// Label and shown value of the person's identifiers, national ones first, at most three.
pub fn identifiers(patient: Value<'_>, voice: &Voice) -> Vec<(String, String)> {
    let mut found: Vec<(u8, String, String)> = Vec::new();
    for (identifier, value) in in_use(patient) {
        if let Some(system) = identifier.string("system").and_then(|uri| country::identifier_system(&uri)) {
            let rank = if system.kind == IdentifierKind::National { 0 } else { 1 };
            found.push((rank, system.label.clone(), system.display(&value)));
        } else if value.len() <= 24 {
            let kind = identifier.get("type");
            let rank = match kind.and_then(|kind| concept::first_code(Some(kind))).as_deref() {
                Some("SS" | "NI" | "PPN") => 2,
                Some("MR") => 3,
                Some("DL") => 5,
                _ => 4,
            };
            found.push((rank, kind.and_then(concept::text).unwrap_or_else(|| voice.say("identifier")), value));
        }
    }
    found.sort_by_key(|(rank, _, _)| *rank);
    found.truncate(MOST_IDENTIFIERS);
    found.into_iter().map(|(_, label, value)| (label, value)).collect()
}

/// What cannot be true: of birth and death, and the numbers in use by their system's own rules, each once and without
/// the number.
fn doubts(patient: Value<'_>, voice: &Voice, today: Day) -> Vec<String> {
    let mut told = life_doubts(patient, voice, today);
    for identifier in patient.get("identifier").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()) {
        let Some(value) = concept::said(identifier, "value").filter(|_| identifier.string("use").as_deref() != Some("old")) else { continue };
        let Some(system) = identifier.string("system").and_then(|uri| country::identifier_system(&uri)) else { continue };
        if let Some(words) = doubt(system, &value, voice, today).filter(|words| !told.contains(words)) {
            told.push(words);
        }
    }
    told
}

/// That a document tells of a death, which the data of the person do not.
fn told_death(record: &Record<'_>, voice: &Voice) -> Option<String> {
    let is_death = |root: Value<'_>| root.get("code").is_some_and(|code| concept::has_code(code, schedule::record::DIED));
    let told = record.valid("Observation").find(|item| is_death(item.root()))?;
    let date = told.root().string("valueDateTime").as_deref().and_then(PartialDateTime::parse);
    let day = date.map_or_else(|| voice.say("not-stated"), |date| voice.date(&date));
    Some(voice.with("life-doubt-death-told", &[("day", &day)]))
}

/// Nobody who is in a record was born before this year.
const OLDEST_YEAR: i32 = 1850;

/// What of birth and death cannot be true: it is refused today, and was kept by an older version or an import.
fn life_doubts(patient: Value<'_>, voice: &Voice, today: Day) -> Vec<String> {
    let now = Moment(days_from_civil(today.0, today.1, today.2) * DAY_MS);
    let flaws = life::flaws(ResourceType::PATIENT, patient, now);
    let mut told: Vec<String> = flaws.iter().filter_map(|issue| match issue.rule.as_str() {
        life::BIRTH_IN_FUTURE => Some(voice.say("life-doubt-birth-to-come")),
        life::DEATH_IN_FUTURE => Some(voice.say("life-doubt-death-to-come")),
        life::DEATH_BEFORE_BIRTH => Some(voice.say("life-doubt-death-before-birth")),
        _ => None,
    }).collect();
    match patient.string("birthDate").map(|text| PartialDateTime::parse(&text)) {
        Some(None) => told.push(voice.say("life-doubt-no-date")),
        Some(Some(date)) if date.year < OLDEST_YEAR => told.push(voice.say("life-doubt-birth-long-ago")),
        _ => {}
    }
    told
}

/// Why a number of a system cannot be true today, in words and without the number; none where it can.
pub fn doubt(system: &IdentifierSystem, value: &str, voice: &Voice, today: Day) -> Option<String> {
    let key = match system.check_on(value, today).err()? {
        Flaw::BirthToCome => "number-doubt-birth-to-come",
        Flaw::CheckDigit => "number-doubt-check",
        Flaw::Placeholder => "number-doubt-placeholder",
        _ => "number-doubt",
    };
    Some(voice.with(key, &[("number", &system.label)]))
}

fn died(patient: Value<'_>, voice: &Voice, birth: Option<&PartialDateTime>) -> Option<String> {
    let Some(date) = fhir::life::death(patient)?.day() else { return Some(voice.say("not-stated")) };
    let age = birth.and_then(|birth| Age::on(birth, voice.local(&date).0));
    let written = voice.date(&date);
    Some(match age {
        Some(age) => format!("{written} ({})", voice.with("age-at-death", &[("age", &voice.age(age))])),
        None => written,
    })
}

fn insurance(record: &Record<'_>, voice: &Voice, today: Day) -> Vec<String> {
    let mut names = Vec::new();
    for item in record.valid("Coverage") {
        let root = item.root();
        let is_active = root.string("status").as_deref() == Some("active");
        let ended = When::read(root.path(&["period", "end"]), voice).is_some_and(|end| voice.local(&end.date).0 < today);
        let is_to_come = When::read(root.path(&["period", "start"]), voice).is_some_and(|start| voice.local(&start.date).0 > today);
        if let Some(name) = clinical::title(record, root).filter(|_| is_active && !ended && !is_to_come)
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// What is known about allergies.
pub fn allergies(record: &Record<'_>, voice: &Voice) -> Allergies {
    let mut known: Vec<(bool, i64, Allergy)> = Vec::new();
    let mut asked: Option<Option<When>> = None;
    let mut of_a_kind: Vec<String> = Vec::new();
    for item in record.valid("AllergyIntolerance").filter(|item| is_current(item.root())) {
        let root = item.root();
        let when = record.when(item, voice);
        let says = |codes: &[&str]| codes.iter().any(|code| root.get("code").is_some_and(|concept| concept::has_code(concept, code)));
        if says(&NO_INFORMATION) {
            continue;
        }
        if says(&NONE_OF_A_KIND) {
            let told = root.get("code").and_then(|code| record.says(code)).unwrap_or_else(|| voice.say("not-stated"));
            let told = when.map_or(told.clone(), |when| format!("{told} ({})", voice.date(&when.date)));
            if !of_a_kind.contains(&told) {
                of_a_kind.push(told);
            }
        } else if says(&NO_ALLERGY) {
            let is_later = asked.flatten().is_none_or(|earlier| when.is_some_and(|when| when.at > earlier.at));
            if is_later {
                asked = Some(when);
            }
        } else {
            let allergy = allergy(record, item, voice);
            known.push((!allergy.is_severe, when.map_or(0, |when| -when.at), allergy));
        }
    }
    if !known.is_empty() {
        known.sort_by_key(|(mild, order, _)| (*mild, *order));
        return Allergies::Known(known.into_iter().map(|(_, _, allergy)| allergy).collect());
    }
    match asked {
        Some(Some(when)) => Allergies::None(voice.with("allergies-none-asked", &[("date", &voice.date(&when.date))])),
        Some(None) => Allergies::None(voice.say("allergies-none")),
        // Whoever asked about one kind says what about.
        None if !of_a_kind.is_empty() => Allergies::None(of_a_kind.join("; ")),
        None => Allergies::NotAsked,
    }
}

fn is_current(root: Value<'_>) -> bool {
    let status = root.get("clinicalStatus").and_then(|status| concept::first_code(Some(status)));
    let refuted = root.get("verificationStatus").is_some_and(|status| concept::has_code(status, "refuted"));
    !refuted && !matches!(status.as_deref(), Some("inactive" | "resolved"))
}

fn allergy(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> Allergy {
    let root = item.root();
    let reactions: Vec<Value<'_>> = root.get("reaction").into_iter().flat_map(|all| all.each().collect::<Vec<_>>()).collect();
    let substance = root.get("code").and_then(concept::text).or_else(|| reactions.iter().find_map(|reaction| reaction.get("substance").and_then(concept::text)));
    let manifestation = reactions.iter().find_map(|reaction| concept::texts(reaction.get("manifestation")));
    let onset = reactions.iter().find_map(|reaction| When::read(reaction.get("onset"), voice)).or_else(|| record.when(item, voice));
    let is_severe = root.string("criticality").as_deref() == Some("high") || reactions.iter().any(|reaction| reaction.string("severity").as_deref() == Some("severe"));
    let mut text = substance.unwrap_or_else(|| voice.say("not-stated"));
    if let Some(manifestation) = manifestation {
        text = format!("{text}, {manifestation}");
    }
    if let Some(onset) = onset {
        text = format!("{text} ({})", voice.local(&onset.date).0.0);
    }
    Allergy { text, is_severe, link: item.link(record.person()) }
}

fn flags(record: &Record<'_>, voice: &Voice) -> (Vec<String>, Option<String>) {
    let mut flags: Vec<String> = record.valid("Flag").filter(|item| item.root().string("status").as_deref() == Some("active")).filter_map(|item| item.root().get("code").and_then(concept::text)).collect();
    let hidden = flags.len().saturating_sub(4);
    flags.truncate(4);
    (flags, (hidden > 0).then(|| voice.count("flags-more", hidden)))
}

#[cfg(test)]
mod tests {
    use fhir::Document;

    use super::*;
    use crate::words::Language;

    #[test]
    fn who_was_asked_about_one_kind_of_allergy_is_not_free_of_all() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        let known = |code: &str, text: &str, more: &str| format!(r#"{{"resourceType":"AllergyIntolerance","id":"a","code":{{"coding":[{{"code":"{code}"}}],"text":"{text}"}},"patient":{{"reference":"Patient/p"}}{more}}}"#);
        let refuted = r#","verificationStatus":{"coding":[{"code":"refuted"}]}"#;
        for (entries, expected) in [
            (vec![], Allergies::NotAsked),
            (vec![known("716186003", "No known allergy", "")], Allergies::None("No known allergies".to_owned())),
            (vec![known("no-known-allergies", "No known allergies", "")], Allergies::None("No known allergies".to_owned())),
            (vec![known("429625007", "No known food allergy", r#","recordedDate":"2026-03-01""#)], Allergies::None("No known food allergy (01/03/2026)".to_owned())),
            (vec![known("429625007", "No known food allergy", ""), known("409137002", "No known drug allergy", "")], Allergies::None("No known food allergy; No known drug allergy".to_owned())),
            // Somebody said that it was not so, and nobody asked.
            (vec![known("716186003", "No known allergy", refuted)], Allergies::NotAsked),
            (vec![known("no-allergy-info", "No information", "")], Allergies::NotAsked),
        ] {
            let resources = entries.into_iter().enumerate().map(|(number, text): (usize, String)| stored("AllergyIntolerance", &format!("a{number}"), text)).collect();
            let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
            assert_eq!(allergies(&Record::new(&record), &Voice { language: Language::English, zone_offset_minutes: 0 }), expected);
        }
    }

    #[test]
    fn insurance_that_begins_later_is_none_of_today() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        let coverage = |id: &str, start: &str| stored("Coverage", id, format!(r#"{{"resourceType":"Coverage","id":"{id}","status":"active","beneficiary":{{"reference":"Patient/p"}},"payor":[{{"display":"Fund {id}"}}],"period":{{"start":"{start}"}}}}"#));
        let resources = vec![coverage("now", "2026-03-02"), coverage("later", "2026-03-03"), coverage("year", "2026")];
        let record = chart::PersonRecord { patient: stored("Patient", "p", r#"{"resourceType":"Patient","id":"p"}"#.to_owned()), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
        assert_eq!(insurance(&Record::new(&record), &Voice { language: Language::English, zone_offset_minutes: 0 }, (2026, 3, 2)), ["Fund now", "Fund year"]);
    }

    #[test]
    fn what_the_strip_has_no_room_for_is_counted() {
        let stored = |kind: &str, id: &str, text: String| chart::Stored { kind: ResourceType::named(kind).unwrap(), id: id.to_owned(), version: 1, last_updated: Moment(0), method: chart::Method::Create, text, flaws: Vec::new() };
        for (count, identifiers, insurance) in [(2, None, None), (4, Some("1 more"), Some("2 more"))] {
            let numbers: Vec<String> = (0..count).map(|number| format!(r#"{{"system":"urn:x","value":"N-{number}"}}"#)).collect();
            // One that is no longer in use is not missed.
            let patient = format!(r#"{{"resourceType":"Patient","id":"p","identifier":[{},{{"use":"old","system":"urn:x","value":"N-9"}}]}}"#, numbers.join(","));
            let resources = (0..count).map(|number| stored("Coverage", &format!("c{number}"), format!(r#"{{"resourceType":"Coverage","id":"c{number}","status":"active","beneficiary":{{"reference":"Patient/p"}},"payor":[{{"display":"Fund {number}"}}]}}"#))).collect();
            let record = chart::PersonRecord { patient: stored("Patient", "p", patient), merged: Vec::new(), resources, shared: Vec::new(), holds: Vec::new() };
            let banner = Banner::of(&Record::new(&record), &Voice { language: Language::English, zone_offset_minutes: 0 }, (2026, 3, 2));
            assert_eq!((banner.more_identifiers.as_deref(), banner.more_insurance.as_deref()), (identifiers, insurance), "{count}");
            assert!(banner.identifiers.len() <= 3 && banner.insurance.len() == 2);
        }
    }

    #[test]
    fn what_cannot_be_true_of_a_life_is_marked_in_each_language() {
        for (members, words) in [
            (r#""birthDate":"2190-05-12""#, ["the birth date lies in the future", "la fecha de nacimiento está en el futuro", "ngày sinh ở tương lai", "дата рождения в будущем"]),
            (r#""birthDate":"1700""#, ["the birth date lies too long ago", "la fecha de nacimiento es demasiado lejana", "ngày sinh quá xa", "дата рождения слишком давняя"]),
            (r#""birthDate":"1980-02-30""#, ["no such birth date", "esa fecha de nacimiento no existe", "không có ngày sinh này", "такой даты рождения нет"]),
            (r#""birthDate":"1980","deceasedDateTime":"2190-01-01""#, ["the day of death lies in the future", "la fecha de defunción está en el futuro", "ngày mất ở tương lai", "дата смерти в будущем"]),
            (r#""birthDate":"1980","deceasedDateTime":"1970-01-01""#, ["the day of death lies before the birth", "la defunción es anterior al nacimiento", "ngày mất trước ngày sinh", "смерть раньше рождения"]),
        ] {
            let text = format!(r#"{{"resourceType":"Patient",{members}}}"#);
            let document = Document::read(&text).unwrap();
            for (language, words) in [Language::English, Language::Spanish, Language::Vietnamese, Language::Russian].into_iter().zip(words) {
                assert_eq!(doubts(document.root(), &Voice { language, zone_offset_minutes: 0 }, (2026, 3, 2)), [words], "{members}");
            }
        }
        let text = r#"{"resourceType":"Patient","birthDate":"1980-05-12","deceasedDateTime":"2020-01-01"}"#;
        assert!(doubts(Document::read(text).unwrap().root(), &Voice { language: Language::English, zone_offset_minutes: 0 }, (2026, 3, 2)).is_empty());
    }
}
