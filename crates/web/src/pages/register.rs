//! The page that registers a person: the fields of the country, who may be the same, and the writing.
//!
//! * What was typed travels in the body of a form alone. A number on the address says the kind and the country, no more.
//! * A newborn's mother is looked for on the page, or comes by her id from her own.
//! * Another kind or country is another form with the same answers: what has no field there waits until one has.
//! * Who may be the same is shown before anything is written, and whoever was not shown yet is shown first.

use std::collections::{HashMap, HashSet};

use access::may_register;
use askama::Template;
use axum::extract::{Form, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chart::{FIELD_LONGEST, Matched, NewRegistration, PersonDraft, Reason, Registered, RegistrationKind, RegistrationTrouble, Stored};
use country::{Country, Flaw, NamePlace};
use fhir::{Document, ResourceType};

use super::fault::{self, Fault};
use crate::banner;
use crate::find::{self, FoundPage};
use crate::frame::Frame;
use crate::house::{Reader, show};
use crate::likeness;
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
    /// What was typed and has no field here.
    kept: Vec<(String, String)>,
    /// Of a newborn: the mother, or whom to choose her from.
    mother: Option<Mother>,
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
    /// What is wrong, in the order of the page: the field, what it is called, and what to do about it.
    wrong: Vec<(String, String, String)>,
    /// The field in which one goes on: the first wrong one, or the first there is. Empty where there is something to read.
    focus: String,
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
    /// Code, word and whether it is chosen; none where anything may be typed.
    options: Vec<(String, String, bool)>,
}

/// What the page knows of a newborn's mother.
#[derive(Default)]
struct Mother {
    chosen: Option<Chosen>,
    sought: String,
    /// Who was found; none where nobody was sought.
    found: Option<FoundPage>,
    fault: Option<String>,
}

/// The mother that was chosen.
struct Chosen {
    id: String,
    name: String,
    facts: String,
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
    kept: Vec<(String, String)>,
    sought: String,
    found: Option<FoundPage>,
}

const KINDS: [(&str, &str, RegistrationKind); 4] = [("known", "register-kind-known", RegistrationKind::Known), ("foreigner", "register-kind-foreigner", RegistrationKind::Foreigner), ("unknown", "register-kind-unknown", RegistrationKind::Unknown), ("newborn", "register-kind-newborn", RegistrationKind::Newborn)];
/// The fields that any of the forms may have, but for those of a country.
const FIELDS: [&str; 12] = ["sex", "born", "age", "passport", "passport-country", "telephone", "contact", "contact-telephone", "place", "born-time", "birth-order", "mother"];
/// The field in which a mother is looked for.
const MOTHER_SOUGHT: &str = "mother-sought";
/// Children of one birth that the page offers.
const BIRTHS_OFFERED: u8 = 5;
/// A value without a field travels under its name behind this.
const KEPT: &str = "kept-";
/// Whether a name is one of a field, of whatever kind and country.
fn is_field(name: &str) -> bool {
    FIELDS.contains(&name) || name.starts_with("name-") || name.starts_with("number-")
}

/// The empty form. What was searched last is carried over by the session, a mother comes by her id.
pub async fn page(reader: Reader, Query(query): Query<HashMap<String, String>>) -> Response {
    if !may_register(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let mother = match query.get("mother") {
        Some(mother) => match mother_named(&reader, mother).await {
            Ok(mother) => mother,
            Err(response) => return *response,
        },
        None => None,
    };
    // A newborn is called as where the mother is from, unless somebody says otherwise.
    let hers = mother.as_ref().and_then(|mother| Document::read(&mother.text).ok().and_then(|document| banner::country_of(document.root()).map(|one| one.code.clone())));
    let country = chosen(&reader, query.get("country").or(hers.as_ref()).map_or("", String::as_str));
    let mut typed = NewRegistration { kind: kind_of(query.get("kind").map_or("", String::as_str)), country: country.map_or_else(String::new, |one| one.code.clone()), ..NewRegistration::default() };
    if let (Some("find"), Some(country)) = (query.get("from").map(String::as_str), country) {
        carry_over(&mut typed, country, &reader.entry.query);
    }
    typed.mother = mother;
    let form = session::random_hex(reader.visitor.house.chance.lock().as_mut());
    shown(&reader, &typed, form, StatusCode::OK, Told::default())
}

/// Shows another form, looks for a mother, looks at what was typed, or writes it where nothing is left to look at.
pub async fn act(reader: Reader, Form(mut fields): Form<HashMap<String, String>>) -> Response {
    if !reader.visitor.proves(&fields) {
        return fault::show(&reader.visitor, Fault::Form);
    }
    if !may_register(&reader.entry.caller) {
        return fault::show(&reader.visitor, Fault::Refused);
    }
    let (gate, caller, voice) = (reader.visitor.house.door.gate(), &reader.entry.caller, reader.visitor.voice);
    let is_turned = turn(&mut fields);
    let said = |name: &str| fields.get(name).map_or("", String::as_str);
    let mut typed = typed(&reader, &fields);
    let form = said("form").to_owned();
    if typed.kind == RegistrationKind::Newborn {
        typed.mother = match mother_named(&reader, said("mother")).await {
            Ok(mother) => mother,
            Err(response) => return *response,
        };
    }
    let sought: String = said("mother-sought").trim().chars().take(FIELD_LONGEST).collect();
    let told = || Told { kept: kept(&fields), sought: sought.clone(), ..Told::default() };
    // Enter in the field of the search searches, as its button does.
    if said("act") == "seek" || (!is_turned && typed.kind == RegistrationKind::Newborn && typed.mother.is_none() && !sought.is_empty()) {
        let found = match reader.visitor.house.door.find_persons(caller, &sought, find::LIMIT).await {
            Ok(hits) => find::found(&hits, &voice, reader.now().civil(voice.zone_offset_minutes)),
            Err(error) => return fault::of_error(&reader.visitor, &error),
        };
        typed.mother = None;
        return shown(&reader, &typed, form, StatusCode::OK, Told { found: Some(found), ..told() });
    }
    if is_turned {
        return shown(&reader, &typed, form, StatusCode::OK, told());
    }
    let draft = match typed.draft(reader.now(), voice.zone_offset_minutes) {
        Ok(draft) => draft,
        Err(flaws) => return shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { flaws, fault: Some(voice.say("register-look-again")), ..told() }),
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
        return shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { fault, draft: Some(draft), likely, ..told() });
    }
    let seen: HashSet<&str> = said("seen").split(' ').collect();
    let is_new_to_them = likely.iter().any(|(one, _)| !seen.contains(one.patient.id.as_str()));
    if is_new_to_them || (draft.contradicts() && said("confirm") != "1") {
        return shown(&reader, &typed, form, StatusCode::OK, Told { draft: Some(draft), likely, ..told() });
    }
    if draft.lacks_order() && !likely.is_empty() {
        let flaws = vec![("birth-order".to_owned(), RegistrationTrouble::Missing)];
        return shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { flaws, fault: Some(voice.say("register-look-again")), draft: Some(draft), likely, ..told() });
    }
    match gate.register_person(caller, &form, typed.kind, &draft, &seen).await {
        Ok(Registered::Done(patient)) => Redirect::to(&format!("/person/{patient}")).into_response(),
        Ok(Registered::Held) => {
            let fault = Some(voice.say("register-held-elsewhere"));
            shown(&reader, &typed, form, StatusCode::UNPROCESSABLE_ENTITY, Told { fault, draft: Some(draft), likely, ..told() })
        }
        Ok(Registered::LookAgain) => match gate.likely_of(caller, &draft).await {
            Ok(likely) => shown(&reader, &typed, form, StatusCode::OK, Told { draft: Some(draft), likely, ..told() }),
            Err(error) => fault::of_error(&reader.visitor, &error),
        },
        Err(error) => fault::of_error(&reader.visitor, &error),
    }
}

/// The Patient of that id, if the reader may see it; none where none is named.
async fn mother_named(reader: &Reader, id: &str) -> Result<Option<Stored>, Box<Response>> {
    if !fhir::is_id(id) {
        return Ok(None);
    }
    match reader.visitor.house.door.gate().read(&reader.entry.caller, ResourceType::PATIENT, id).await {
        Ok(stored) => Ok(Some(stored)),
        Err(error) => Err(Box::new(fault::of_error(&reader.visitor, &error))),
    }
}

/// Puts what was typed where the form that is wanted now has it, if it is another one. True where the form is to be
/// shown and not yet written.
fn turn(fields: &mut HashMap<String, String>) -> bool {
    let said = |fields: &HashMap<String, String>, name: &str| fields.get(name).cloned().unwrap_or_default();
    let wanted = fields.remove("turn");
    let (country, was) = (said(fields, "country"), said(fields, "country-was"));
    let is_of_another = !was.is_empty() && was != country;
    let mother = fields.remove("choose");
    if wanted.is_none() && mother.is_none() && !is_of_another && !matches!(said(fields, "act").as_str(), "seek" | "other-mother") {
        return false;
    }
    if said(fields, "act") == "other-mother" {
        fields.remove("mother");
    }
    fields.extend(mother.map(|mother| ("mother".to_owned(), mother)));
    if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
        fields.insert("kind".to_owned(), wanted);
    }
    let waiting: Vec<String> = fields.keys().filter(|name| name.strip_prefix(KEPT).is_some_and(is_field)).cloned().collect();
    for name in waiting {
        if let Some(value) = fields.remove(&name) {
            fields.entry(name[KEPT.len()..].to_owned()).or_insert(value);
        }
    }
    if let (true, Some(from), Some(to)) = (is_of_another, country::by_code(&was), country::by_code(&country)) {
        let names: Vec<String> = (0..from.name_parts.len()).map(|place| fields.remove(&format!("name-{place}")).unwrap_or_default()).collect();
        fields.extend(moved(&names, from, to).into_iter().enumerate().map(|(place, name)| (format!("name-{place}"), name)));
    }
    true
}

/// The parts of a name as another country asks for them: family names to family names, given names to given names, and
/// more than there are fields for together in the last one.
fn moved(names: &[String], from: &Country, to: &Country) -> Vec<String> {
    let of = |place: NamePlace| -> Vec<&str> { from.name_parts.iter().zip(names).filter(|(part, name)| part.place == place && !name.trim().is_empty()).map(|(_, name)| name.trim()).collect() };
    let (mut family, mut given) = (of(NamePlace::Family), of(NamePlace::Given));
    let mut moved = vec![String::new(); to.name_parts.len()];
    for (place, names) in [(NamePlace::Family, &mut family), (NamePlace::Given, &mut given)] {
        // The part that everybody has is filled first, with all that is left where no other takes it.
        let mut parts: Vec<usize> = (0..to.name_parts.len()).filter(|part| to.name_parts[*part].place == place).collect();
        if names.len() < parts.len() {
            parts.retain(|part| to.name_parts[*part].usual);
            parts.truncate(names.len());
        }
        let Some((last, first)) = parts.split_last() else { continue };
        for part in first {
            moved[*part] = names.remove(0).to_owned();
        }
        moved[*last] = names.join(" ");
    }
    moved
}

/// What was typed, under the names of its fields.
fn kept(fields: &HashMap<String, String>) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = fields.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix(KEPT).unwrap_or(name);
        (is_field(name) && name.len() <= 40 && !value.is_empty() && value.chars().count() <= FIELD_LONGEST).then(|| (name.to_owned(), value.clone()))
    }).collect();
    kept.sort();
    kept
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
        mother: None,
        born_time: said("born-time"),
        birth_order: said("birth-order"),
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
        fields.push(Field { options: Vec::new(), help: if help.is_empty() { String::new() } else { voice.say(help) }, name, label, value: value.to_owned(), fault, is_required });
    };
    let say = |key: &str| voice.say(key);
    let is_newborn = typed.kind == RegistrationKind::Newborn;
    let has_papers = matches!(typed.kind, RegistrationKind::Known | RegistrationKind::Foreigner);
    if has_papers {
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
    if is_newborn {
        // Before she is chosen, Enter looks for the mother.
        add("born".to_owned(), say("register-born-day"), &typed.born, "register-born-day-help", typed.mother.is_some());
        add("born-time".to_owned(), say("register-born-time"), &typed.born_time, "register-born-time-help", false);
    }
    add("sex".to_owned(), say("sex"), &typed.sex, "", false);
    if is_newborn {
        add("birth-order".to_owned(), say("register-birth-order"), &typed.birth_order, "register-birth-order-help", false);
    }
    if has_papers {
        add("born".to_owned(), say("register-born"), &typed.born, "register-born-help", false);
        add("age".to_owned(), say("register-age"), &typed.age, "register-age-help", false);
        add("telephone".to_owned(), say("field-phone"), &typed.telephone, "", false);
    }
    if typed.kind == RegistrationKind::Unknown {
        add("age".to_owned(), say("register-age-alone"), &typed.age, "register-age-help", false);
        add("place".to_owned(), say("register-place"), &typed.place, "register-place-help", false);
    }
    if !is_newborn {
        add("contact".to_owned(), say("register-contact"), &typed.contact, "", false);
        add("contact-telephone".to_owned(), say("register-contact-telephone"), &typed.contact_telephone, "", false);
    }
    let chosen = |options: Vec<(String, String)>, value: &str| options.into_iter().map(|(code, word)| { let is_chosen = code == value; (code, word, is_chosen) }).collect();
    for field in &mut fields {
        field.options = match field.name.as_str() {
            "sex" => chosen(["female", "male", "other", "unknown"].into_iter().map(|code| (code.to_owned(), say(&format!("gender-{code}")))).collect(), &field.value),
            "birth-order" => {
                let single = ("single".to_owned(), say("register-birth-single"));
                let others = (1..=BIRTHS_OFFERED).map(|place| (place.to_string(), voice.with("register-birth-nth", &[("place", &place.to_string())])));
                chosen([single].into_iter().chain(others).collect(), &field.value)
            }
            _ => Vec::new(),
        };
    }
    let mother = is_newborn.then(|| Mother {
        chosen: typed.mother.as_ref().map(|stored| Chosen { id: stored.id.clone(), name: banner::name_of(stored, &voice), facts: facts_of(stored, &voice) }),
        sought: told.sought.clone(),
        found: told.found,
        fault: told.flaws.iter().any(|(place, _)| place == "mother").then(|| voice.say("register-mother-missing")),
    });
    let mut kept = told.kept;
    kept.retain(|(name, _)| !fields.iter().any(|field| field.name == *name) && !(is_newborn && name == "mother"));

    let mut warnings = Vec::new();
    if let Some(draft) = &told.draft {
        for (key, labels) in [("register-says-birth", &draft.says_other_birth), ("register-says-sex", &draft.says_other_sex)] {
            warnings.extend(labels.iter().map(|label| voice.with(key, &[("number", label)])));
        }
    }
    let seen = told.likely.iter().map(|(one, _)| one.patient.id.as_str()).collect::<Vec<_>>().join(" ");
    let is_held = told.likely.iter().any(|(_, is_held)| *is_held);
    let of_mother = mother.as_ref().and_then(|mother| Some((MOTHER_SOUGHT.to_owned(), say("register-mother"), mother.fault.clone()?)));
    let of_fields = fields.iter().filter_map(|field| Some((field.name.clone(), field.label.clone(), field.fault.clone()?)));
    let wrong: Vec<(String, String, String)> = of_mother.into_iter().chain(of_fields).collect();
    let focus = match (wrong.first(), mother.as_ref().filter(|mother| mother.chosen.is_none())) {
        (Some((field, ..)), _) => field.clone(),
        _ if !told.likely.is_empty() => String::new(),
        (None, Some(mother)) => if mother.found.is_none() { MOTHER_SOUGHT.to_owned() } else { String::new() },
        (None, None) if !warnings.is_empty() => "confirm".to_owned(),
        (None, None) => fields.first().map_or_else(String::new, |field| field.name.clone()),
    };
    show(status, &RegisterPage {
        frame: reader.frame(),
        kinds: KINDS.iter().map(|(word, key, kind)| (*word, voice.say(key), *kind == typed.kind)).collect(),
        kind: KINDS.iter().find(|(.., kind)| *kind == typed.kind).map_or("known", |(word, ..)| *word),
        country: typed.country.clone(),
        countries: country::all().iter().map(|one| (one.code.clone(), in_words(&one.names))).collect(),
        fields,
        kept,
        mother,
        form,
        longest: FIELD_LONGEST,
        fault: told.fault,
        warnings,
        likely: told.likely.iter().map(|(one, is_held)| likely(one, *is_held, &voice)).collect(),
        seen,
        wrong,
        focus,
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
        RegistrationTrouble::Number(Flaw::NoDigit) => "register-fault-no-digit",
        RegistrationTrouble::Number(Flaw::BirthDate) => "register-fault-birth",
        RegistrationTrouble::Number(Flaw::Region) => "register-fault-region",
        RegistrationTrouble::Number(Flaw::CheckDigit) => "register-fault-check",
        RegistrationTrouble::Number(Flaw::Placeholder) => "register-fault-placeholder",
        RegistrationTrouble::Number(Flaw::BirthToCome) => "register-fault-birth-to-come",
        RegistrationTrouble::Contradicts => "register-fault-contradicts",
    }
}

/// Birth date, sex and numbers of somebody, in one line.
fn facts_of(patient: &Stored, voice: &Voice) -> String {
    let mut facts = Vec::new();
    if let Ok(document) = Document::read(&patient.text) {
        let root = document.root();
        facts.extend(banner::born(root, voice));
        facts.push(banner::sex(root, voice));
        facts.extend(banner::identifiers(root, voice).into_iter().map(|(label, value)| format!("{label} {value}")));
    }
    facts.join(" · ")
}

fn likely(one: &Matched, is_held: bool, voice: &Voice) -> Likely {
    let of = |wanted: &dyn Fn(&Reason) -> bool| {
        let mut words: Vec<String> = Vec::new();
        for word in one.reasons.iter().filter(|reason| wanted(reason)).filter_map(|reason| likeness::field(reason.field)) {
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
        "another-country" => Some(voice.say("register-limit-country")),
        "same-mother-and-day" => Some(voice.say("register-same-mother")),
        "bore-this-number" => Some(voice.say("register-former-number")),
        "may-be-the-number-of-somebody-else" => Some(voice.say("register-limit-other")),
        _ => None,
    };
    Likely {
        id: one.patient.id.clone(),
        name: banner::name_of(&one.patient, voice),
        facts: facts_of(&one.patient, voice),
        grade: likeness::grade(one.grade, voice),
        reasons: [("register-agrees", of(&|reason| reason.bits > 0.0)), ("register-differs", of(&|reason| reason.bits < 0.0))]
            .into_iter()
            .filter(|(_, what)| !what.is_empty())
            .map(|(key, what)| voice.with(key, &[("what", &what)]))
            .chain(one.reasons.iter().filter_map(limit))
            .collect(),
        is_held,
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
    fn a_name_goes_with_somebody_to_the_fields_of_another_country() {
        for (from, to, names, moves) in [
            ("mx", "vn", ["Prueba", "Ensayo", "Ana Luz"], ["Prueba Ensayo", "", "Ana Luz"]),
            ("vn", "mx", ["Thử", "Thị", "Mẫu"], ["Thử", "", "Thị Mẫu"]),
            ("ru", "vn", ["Пробная", "Анна", "Тестовна"], ["Пробная", "Анна", "Тестовна"]),
            ("ru", "mx", ["Пробная", "Анна", ""], ["Пробная", "", "Анна"]),
            ("vn", "ru", ["Thử", "", "Mẫu"], ["Thử", "Mẫu", ""]),
            ("mx", "ru", ["", "", ""], ["", "", ""]),
        ] {
            let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
            assert_eq!(moved(&names, country::by_code(from).unwrap(), country::by_code(to).unwrap()), moves, "{from} {to}");
        }
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for (text, day) in [("12/05/1980", "1980-05-12"), ("1.2.1980", "1980-02-01"), ("05/1980", "1980-05"), ("1980", "1980"), ("1980-05-12", "1980-05-12"), ("soon", "soon")] {
            assert_eq!(written_day(text), day);
        }
    }
}
