//! The page that registers a person: the fields of the country, who may be the same, and the writing.
//!
//! * What was typed travels in the body of a form alone. A number on the address says the kind and the country, no more.
//! * Who may be the same is shown before anything is written, and whoever was not shown yet is shown first.

use std::collections::{HashMap, HashSet};

use access::may_register;
use askama::Template;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{FIELD_LONGEST, Grade, Matched, NewRegistration, PersonDraft, Reason, Registered, RegistrationKind, RegistrationTrouble};
use country::{Country, Flaw, NamePlace};
use fhir::Document;

use super::fault::{self, Fault};
use crate::banner;
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::session;
use crate::voice::Voice;

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    kinds: Vec<(&'static str, String, bool)>,
    kind: &'static str,
    country: String,
    countries: Vec<(String, String)>,
    fields: Vec<Field>,
    sexes: Vec<(&'static str, String)>,
    /// Which form this is: it is written once.
    form: String,
    longest: usize,
    /// What keeps the person from being registered.
    fault: Option<String>,
    /// What numbers say that was typed otherwise.
    warnings: Vec<String>,
    likely: Vec<Likely>,
    /// Who was shown, for the next time this form is sent.
    seen: String,
    /// Nobody is registered beside somebody with the same number.
    is_held: bool,
}

struct Field {
    name: String,
    label: String,
    value: String,
    help: String,
    fault: Option<String>,
    is_required: bool,
    is_sex: bool,
}

/// Somebody who may be the same.
struct Likely {
    id: String,
    name: String,
    facts: String,
    grade: String,
    /// Why, in sentences.
    reasons: Vec<String>,
    is_held: bool,
}

/// What a page shows beside its fields.
#[derive(Default)]
struct Told {
    flaws: Vec<(String, RegistrationTrouble)>,
    fault: Option<String>,
    draft: Option<PersonDraft>,
    likely: Vec<(Matched, bool)>,
}

const KINDS: [(&str, &str, RegistrationKind); 3] = [("known", "register-kind-known", RegistrationKind::Known), ("foreigner", "register-kind-foreigner", RegistrationKind::Foreigner), ("unknown", "register-kind-unknown", RegistrationKind::Unknown)];

/// The empty form. What was searched last is carried over by the session.
pub async fn page(reader: Reader, Query(query): Query<HashMap<String, String>>) -> Response {
    if !may_register(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let country = chosen(&reader, query.get("country").map_or("", String::as_str));
    let mut typed = NewRegistration { kind: kind_of(query.get("kind").map_or("", String::as_str)), country: country.map_or_else(String::new, |one| one.code.clone()), ..NewRegistration::default() };
    if let (Some("find"), Some(country)) = (query.get("from").map(String::as_str), country) {
        carry_over(&mut typed, country, &reader.entry.query);
    }
    let form = session::random_hex(reader.visitor.house.chance.lock().as_mut());
    shown(&reader, &typed, form, StatusCode::OK, Told::default())
}

/// Looks at what was typed, and writes it where nothing is left to look at.
pub async fn act(reader: Reader, Form(fields): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_register(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let (gate, caller, voice) = (reader.visitor.house.door.gate(), &reader.entry.caller, reader.visitor.voice);
    let said = |name: &str| fields.get(name).map_or("", String::as_str);
    let typed = typed(&reader, &fields);
    let form = said("form").to_owned();
    let draft = match typed.draft(reader.now().civil(voice.zone_offset_minutes)) {
        Ok(draft) => draft,
        Err(flaws) => return shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { flaws, fault: Some(voice.say("register-look-again")), ..Told::default() }),
    };
    let likely = match gate.likely_of(caller, &draft).await {
        Ok(likely) => likely,
        Err(error) => return fault::of_error(&reader.visitor, &error),
    };
    // A form that was written leads to whom it wrote, and not to the question whether that is
    // the same person. It is asked after the look around: one that was sent twice at once may have written meanwhile.
    match gate.registered_by(caller, &form) {
        Ok(Some(patient)) => return Redirect::to(&format!("/person/{patient}")).into_response(),
        Ok(None) => {}
        Err(error) => return fault::of_error(&reader.visitor, &error),
    }
    if likely.iter().any(|(_, is_held)| *is_held) {
        let fault = Some(voice.say("register-held"));
        return shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { fault, draft: Some(draft), likely, ..Told::default() });
    }
    let seen: HashSet<&str> = said("seen").split(' ').collect();
    let is_new_to_them = likely.iter().any(|(one, _)| !seen.contains(one.patient.id.as_str()));
    if is_new_to_them || (draft.contradicts() && said("confirm") != "1") {
        return shown(&reader, &typed, form, StatusCode::OK, Told { draft: Some(draft), likely, ..Told::default() });
    }
    match gate.register_person(caller, &form, typed.kind, &draft).await {
        Ok(Registered::Done(patient)) => Redirect::to(&format!("/person/{patient}")).into_response(),
        Ok(Registered::Held) => {
            let fault = Some(voice.say("register-held-elsewhere"));
            shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { fault, draft: Some(draft), likely, ..Told::default() })
        }
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

fn kind_of(word: &str) -> RegistrationKind {
    KINDS.iter().find(|(own, ..)| *own == word).map_or(RegistrationKind::Known, |(.., kind)| *kind)
}

/// The country whose fields are shown: the one asked for, else the site's, else the first there is.
fn chosen(reader: &Reader, asked: &str) -> Option<&'static Country> {
    let site = &reader.visitor.house.door.gate().settings().country;
    country::by_code(asked).or_else(|| country::by_code(site)).or_else(|| country::all().first())
}

fn typed(reader: &Reader, fields: &HashMap<String, String>) -> NewRegistration {
    let said = |name: &str| fields.get(name).map_or("", |text| text.trim()).to_owned();
    let country = chosen(reader, &said("country"));
    NewRegistration {
        kind: kind_of(&said("kind")),
        country: country.map_or_else(String::new, |one| one.code.clone()),
        names: (0..country.map_or(0, |one| one.name_parts.len())).map(|place| said(&format!("name-{place}"))).collect(),
        sex: said("sex"),
        born: written_day(&said("born")),
        age: said("age"),
        numbers: country.into_iter().flat_map(|one| &one.identifiers).map(|system| (system.key.clone(), said(&format!("number-{}", system.key)))).collect(),
        passport: said("passport"),
        passport_country: said("passport-country"),
        telephone: said("telephone"),
        contact: said("contact"),
        contact_telephone: said("contact-telephone"),
        place: said("place"),
    }
}

/// A day as people write it, `12/05/1980` or `12.05.1980`, as FHIR does; anything else as it is.
fn written_day(text: &str) -> String {
    let parts: Vec<&str> = text.split(['/', '.', '-', ' ']).collect();
    let is_number = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_digit());
    match parts[..] {
        [day, month, year] if is_number(&day) && is_number(&month) && year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}"),
        [month, year] if is_number(&month) && year.len() == 4 => format!("{year}-{month:0>2}"),
        _ => text.to_owned(),
    }
}

/// Puts the words of a search where they belong, as far as that can be told.
fn carry_over(typed: &mut NewRegistration, country: &Country, query: &str) {
    // Some numbers may be letters alone, and then a name would be one.
    let number_of = |text: &str| country.identifiers.iter().find(|system| text.bytes().any(|sign| sign.is_ascii_digit()) && system.check(text).is_ok());
    if let Some(system) = number_of(query) {
        typed.numbers.push((system.key.clone(), query.to_owned()));
        return;
    }
    let mut words: Vec<&str> = Vec::new();
    for word in query.split_whitespace() {
        let day = written_day(word);
        match (fhir::PartialDateTime::parse(&day), number_of(word)) {
            (Some(_), _) => typed.born = day,
            (None, Some(system)) => typed.numbers.push((system.key.clone(), word.to_owned())),
            (None, None) if word.chars().any(char::is_alphabetic) && !word.chars().any(|sign| sign.is_ascii_digit()) => words.push(word),
            (None, None) => {}
        }
    }
    // In the order in which names are spoken: family names first or last; of those in between nobody can tell.
    let is_family_first = country.name_order == country::NameOrder::FamilyFirst;
    let families = country.name_parts.iter().filter(|part| part.place == NamePlace::Family).count().min(words.len().saturating_sub(1)).max(1);
    let (first, last) = words.split_at(if is_family_first { families.min(words.len()) } else { words.len().saturating_sub(families) });
    let (family, given) = if is_family_first { (first, last) } else { (last, first) };
    let mut family = family.iter();
    let usual_given = country.name_parts.iter().rposition(|part| part.place == NamePlace::Given && part.usual);
    let givens = country.name_parts.iter().filter(|part| part.place == NamePlace::Given).count();
    let mut given: Vec<&str> = given.to_vec();
    let is_alone = given.len() == 1;
    typed.names = country.name_parts.iter().enumerate().map(|(place, part)| match part.place {
        NamePlace::Family => family.next().map_or_else(String::new, |word| (*word).to_owned()),
        // One part takes all; of several each takes a word, and a name alone goes where most have one.
        NamePlace::Given if givens == 1 => given.join(" "),
        NamePlace::Given if is_alone && Some(place) != usual_given => String::new(),
        NamePlace::Given if given.is_empty() => String::new(),
        NamePlace::Given if Some(place) == usual_given && usual_given > country.name_parts.iter().position(|part| part.place == NamePlace::Given) => given.drain(..).collect::<Vec<_>>().join(" "),
        NamePlace::Given => given.remove(0).to_owned(),
    }).collect();
}

fn shown(reader: &Reader, typed: &NewRegistration, form: String, status: StatusCode, told: Told) -> Response {
    let voice = reader.visitor.voice;
    let country = country::by_code(&typed.country);
    let in_words = |names: &std::collections::BTreeMap<String, String>| names.get(voice.code()).or_else(|| names.get("en")).cloned().unwrap_or_default();
    let mut fields: Vec<Field> = Vec::new();
    let mut add = |name: String, label: String, value: &str, help: &str, is_required: bool| {
        let fault = told.flaws.iter().find(|(place, _)| *place == name).map(|(_, trouble)| voice.say(remedy(*trouble)));
        fields.push(Field { is_sex: name == "sex", help: if help.is_empty() { String::new() } else { voice.say(help) }, name, label, value: value.to_owned(), fault, is_required });
    };
    let say = |key: &str| voice.say(key);
    if typed.kind != RegistrationKind::Unknown {
        for (place, part) in country.into_iter().flat_map(|one| one.name_parts.iter().enumerate()) {
            let is_required = part.usual && typed.kind == RegistrationKind::Known;
            add(format!("name-{place}"), in_words(&part.label), typed.names.get(place).map_or("", String::as_str), "", is_required);
        }
    }
    if typed.kind == RegistrationKind::Foreigner {
        add("passport".to_owned(), say("register-passport"), &typed.passport, "", true);
        add("passport-country".to_owned(), say("register-passport-country"), &typed.passport_country, "register-passport-country-help", true);
    }
    for system in country.into_iter().flat_map(|one| &one.identifiers).filter(|_| typed.kind == RegistrationKind::Known) {
        let value = typed.numbers.iter().find(|(key, _)| *key == system.key).map_or("", |(_, value)| value.as_str());
        add(format!("number-{}", system.key), system.label.clone(), value, if system.key == country.map_or("", |one| one.identifiers[0].key.as_str()) { "register-number-help" } else { "" }, false);
    }
    add("sex".to_owned(), say("sex"), &typed.sex, "", false);
    if typed.kind != RegistrationKind::Unknown {
        add("born".to_owned(), say("register-born"), &typed.born, "register-born-help", false);
    }
    add("age".to_owned(), say("register-age"), &typed.age, "register-age-help", false);
    if typed.kind == RegistrationKind::Unknown {
        add("place".to_owned(), say("register-place"), &typed.place, "register-place-help", false);
    } else {
        add("telephone".to_owned(), say("field-phone"), &typed.telephone, "", false);
    }
    add("contact".to_owned(), say("register-contact"), &typed.contact, "", false);
    add("contact-telephone".to_owned(), say("register-contact-telephone"), &typed.contact_telephone, "", false);

    let mut warnings = Vec::new();
    if let Some(draft) = &told.draft {
        for (key, labels) in [("register-says-birth", &draft.says_other_birth), ("register-says-sex", &draft.says_other_sex)] {
            warnings.extend(labels.iter().map(|label| voice.with(key, &[("number", label)])));
        }
    }
    let seen = told.likely.iter().map(|(one, _)| one.patient.id.as_str()).collect::<Vec<_>>().join(" ");
    let is_held = told.likely.iter().any(|(_, is_held)| *is_held);
    show(status, &RegisterPage {
        frame: reader.frame(),
        kinds: KINDS.iter().map(|(word, key, kind)| (*word, voice.say(key), *kind == typed.kind)).collect(),
        kind: KINDS.iter().find(|(.., kind)| *kind == typed.kind).map_or("known", |(word, ..)| *word),
        country: typed.country.clone(),
        countries: country::all().iter().map(|one| (one.code.clone(), in_words(&one.names))).collect(),
        fields,
        sexes: vec![("female", say("gender-female")), ("male", say("gender-male")), ("other", say("gender-other")), ("unknown", say("gender-unknown"))],
        form,
        longest: FIELD_LONGEST,
        fault: told.fault,
        warnings,
        likely: told.likely.iter().map(|(one, is_held)| likely(one, *is_held, &voice)).collect(),
        seen,
        is_held,
    })
}

/// What is wrong and what to do about it.
fn remedy(trouble: RegistrationTrouble) -> &'static str {
    match trouble {
        RegistrationTrouble::Missing => "register-fault-missing",
        RegistrationTrouble::Unreadable => "register-fault-unreadable",
        RegistrationTrouble::Impossible => "register-fault-impossible",
        RegistrationTrouble::Number(Flaw::Length { expected, found }) if found < expected => "register-fault-short",
        RegistrationTrouble::Number(Flaw::Length { .. }) => "register-fault-long",
        RegistrationTrouble::Number(Flaw::Sign { .. }) => "register-fault-sign",
        RegistrationTrouble::Number(Flaw::BirthDate) => "register-fault-birth",
        RegistrationTrouble::Number(Flaw::Region) => "register-fault-region",
        RegistrationTrouble::Number(Flaw::CheckDigit) => "register-fault-check",
        RegistrationTrouble::Number(Flaw::Placeholder) => "register-fault-placeholder",
    }
}

fn likely(one: &Matched, is_held: bool, voice: &Voice) -> Likely {
    let mut facts = Vec::new();
    if let Ok(document) = Document::read(&one.patient.text) {
        let root = document.root();
        facts.extend(banner::birth(root).map(|born| voice.date(&born)));
        facts.push(banner::sex(root, voice));
        facts.extend(banner::identifiers(root, voice).into_iter().map(|(label, value)| format!("{label} {value}")));
    }
    let grade = match one.grade {
        Grade::Certain => "same-certain",
        Grade::Probable => "same-probable",
        _ => "same-possible",
    };
    let of = |wanted: &dyn Fn(&Reason) -> bool| {
        let mut words: Vec<String> = Vec::new();
        for word in one.reasons.iter().filter(|reason| wanted(reason)).filter_map(|reason| field_of(reason.field)) {
            let word = voice.say(word);
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    };
    let limit = |reason: &Reason| match reason.code {
        "may-be-twins" => Some(voice.say("register-limit-twins")),
        "unique-number-differs" => Some(voice.say("register-limit-number")),
        "may-be-the-number-of-somebody-else" => Some(voice.say("register-limit-other")),
        _ => None,
    };
    Likely {
        id: one.patient.id.clone(),
        name: banner::name_of(&one.patient, voice),
        facts: facts.join(" · "),
        grade: voice.say(grade),
        reasons: [("register-agrees", of(&|reason| reason.bits > 0.0)), ("register-differs", of(&|reason| reason.bits < 0.0))]
            .into_iter()
            .filter(|(_, what)| !what.is_empty())
            .map(|(key, what)| voice.with(key, &[("what", &what)]))
            .chain(one.reasons.iter().filter_map(limit))
            .collect(),
        is_held,
    }
}

fn field_of(element: &str) -> Option<&'static str> {
    match element.strip_prefix("Patient.")? {
        "name" | "name.family" | "name.given" => Some("field-name"),
        "birthDate" => Some("find-column-born"),
        "gender" => Some("sex"),
        "identifier" => Some("field-identifier"),
        "address" => Some("field-address"),
        "telecom" => Some("field-phone"),
        "contact" => Some("same-contact"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_searched_goes_where_it_belongs() {
        for (code, query, names, born) in [
            ("mx", "María Fernanda Prueba Ensayo 12/05/1980", vec!["Prueba", "Ensayo", "María Fernanda"], "1980-05-12"),
            ("mx", "Prueba", vec!["Prueba", "", ""], ""),
            ("vn", "Thử Thị Mẫu 1980", vec!["Thử", "Thị", "Mẫu"], "1980"),
            ("vn", "Thử Mẫu", vec!["Thử", "", "Mẫu"], ""),
            ("ru", "Пробная Анна Ивановна", vec!["Пробная", "Анна", "Ивановна"], ""),
            ("ru", "", vec!["", "", ""], ""),
        ] {
            let mut typed = NewRegistration::default();
            carry_over(&mut typed, country::by_code(code).unwrap(), query);
            assert_eq!((typed.names, typed.born.as_str()), (names.into_iter().map(str::to_owned).collect::<Vec<_>>(), born), "{code} {query}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, day) in [("12/05/1980", "1980-05-12"), ("1.2.1980", "1980-02-01"), ("05/1980", "1980-05"), ("1980", "1980"), ("1980-05-12", "1980-05-12"), ("soon", "soon")] {
            assert_eq!(written_day(text), day);
        }
    }
}
