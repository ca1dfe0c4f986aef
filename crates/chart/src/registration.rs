//! Registering a person at a desk: what was typed becomes a Patient. Whether somebody is there already, and the writing,
//! are `registration/written.rs`.
//!
//! * What was typed is told apart from what a number says: a number that contradicts is a warning to confirm, never a
//!   silent change. What was left out and stands in a number is taken from it.
//! * Of two things that were typed and contradict each other neither is taken.
//! * Nothing here knows who is registered, or who is asking.

mod written;

use ::forms::Json;
use country::{Country, Flaw, NamePlace, ToldSex};
use fhir::date::{Precision, days_from_civil};
use fhir::{Document, Moment, PartialDateTime, ResourceType};

use crate::accounts::Day;
use crate::birth_rules::ages;
use crate::born::{as_the_mother, own_country};
use crate::newborn::{BirthOrder, MOST_AT_ONCE, Newborn, patient_of, told_at};
use crate::stored::Stored;

/// The longest text of one field, in characters.
pub const FIELD_LONGEST: usize = 200;
/// A birth year that was guessed is taken for the one of a number so many years away.
const GUESSED_WITHIN: i32 = 5;
/// Nobody lives longer.
const OLDEST: i32 = 130;

/// A newborn is registered as one so many days after birth at most.
const NEWBORN_DAYS: i64 = 366;

/// Says of a date which parts of it are estimated. R4 itself has no extension for it; this one is published by HL7
/// Australia: <https://hl7.org.au/fhir/StructureDefinition-date-accuracy-indicator.html>.
pub const DATE_ACCURACY: &str = "http://hl7.org.au/fhir/StructureDefinition/date-accuracy-indicator";
/// The system of its codes: a letter each for day, month and year.
const DATE_ACCURACIES: &str = "https://healthterminologies.gov.au/fhir/CodeSystem/date-accuracy-indicator-1";

/// How much is known of the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum RegistrationKind {
    /// Name, birth date and numbers.
    #[default]
    Known,
    /// Somebody of another country, with a passport; a provisional number is given.
    Foreigner,
    /// Somebody who cannot say who they are; a provisional number is given.
    Unknown,
    /// A child of a mother who is known here; a provisional number is given.
    Newborn,
}

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct NewRegistration {
    /// How much is known.
    pub kind: RegistrationKind,
    /// The code of the country whose fields were shown.
    pub country: String,
    /// The parts of the name, in the order of the country's.
    pub names: Vec<String>,
    /// `male`, `female`, `other` or `unknown`; empty where a number may tell it.
    pub sex: String,
    /// A day, a month or a year: `1980-05-12`, `1980`.
    pub born: String,
    /// About how many years old; instead of a birth date.
    pub age: String,
    /// Numbers: the key of the country's system and what was typed.
    pub numbers: Vec<(String, String)>,
    /// The number of a passport.
    pub passport: String,
    /// Who gave it: three letters of ISO 3166.
    pub passport_country: String,
    /// A telephone number.
    pub telephone: String,
    /// Somebody to call: their name.
    pub contact: String,
    /// And their telephone number.
    pub contact_telephone: String,
    /// Where somebody unknown was found.
    pub place: String,
    /// The Patient of a newborn's mother.
    pub mother: Option<Stored>,
    /// When a newborn was born on that day: `09:15`.
    pub born_time: String,
    /// Which newborn of one birth: `single`, `1`, `2`…; empty where nobody says.
    pub birth_order: String,
}

/// A flaw of one field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trouble {
    /// It must be there.
    Missing,
    /// It cannot be read as what it should be.
    Unreadable,
    /// It lies in the future, or too long ago.
    Impossible,
    /// The birth date and the age say different things.
    Contradicts,
    /// A number cannot be true.
    Number(Flaw),
}

/// What becomes of what was typed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The Patient, without an id.
    patient: Json,
    /// Of a newborn, whose child.
    newborn: Option<BornTo>,
    /// Labels of the numbers that say another birth date.
    pub says_other_birth: Vec<String>,
    /// Labels of the numbers that say another sex.
    pub says_other_sex: Vec<String>,
}

/// Whose child a newborn is, and which.
#[derive(Clone, Debug)]
struct BornTo {
    mother: Json,
    mother_id: String,
    day: String,
    order: Option<BirthOrder>,
}

/// How a registration ended.
#[derive(Clone, Debug)]
pub enum Registered {
    /// The id of the Patient, now or when the form was first sent.
    Done(String),
    /// Somebody bears a number of theirs that only one person may have.
    Held,
    /// Somebody who may be the same came in between.
    LookAgain,
}

impl NewRegistration {
    /// Reads what was typed.
    ///
    /// # Errors
    /// Every flaw with the place of its field: `name-0`, `sex`, `born`, `age`, `number-curp`, `passport`…
    pub fn draft(&self, now: Moment, zone_offset_minutes: i16) -> std::result::Result<Draft, Vec<(String, Trouble)>> {
        if self.kind == RegistrationKind::Newborn {
            return self.newborn(now, zone_offset_minutes);
        }
        let today = now.civil(zone_offset_minutes);
        let mut flaws: Vec<(String, Trouble)> = Vec::new();
        let country = country::by_code(&self.country);
        let mut patient = Json::object([("resourceType", Json::text("Patient")), ("active", Json::Bool(true))]);
        for (place, text) in self.lines() {
            if text.chars().count() > FIELD_LONGEST || text.chars().any(char::is_control) {
                flaws.push((place, Trouble::Unreadable));
            }
        }
        let (identifiers, told) = self.identifiers(country, today, &mut flaws);
        // Whom no number gives a country has the one that was chosen at the desk, as a newborn has the mother's: without one nobody
        // knows what they are due and how long the record is kept.
        let chosen = country.filter(|_| identifiers.is_empty());
        if !identifiers.is_empty() {
            patient.set("identifier", Json::List(identifiers));
        }
        if self.kind != RegistrationKind::Unknown {
            if let Some(name) = self.name(country, &mut flaws) {
                patient.set("name", Json::List(vec![name]));
            }
        }
        if let Some(telephone) = telephone("telephone", &self.telephone, &mut flaws) {
            patient.set("telecom", Json::List(vec![telephone]));
        }
        let mut sex = self.sex.trim().to_owned();
        let mut birth = self.birth(today, &mut flaws);
        let (mut says_other_birth, mut says_other_sex) = (Vec::new(), Vec::new());
        for (label, told) in told {
            let said = told.sex.map(|sex| match sex {
                ToldSex::Female => "female",
                ToldSex::Male => "male",
                ToldSex::Other => "other",
            });
            match said {
                Some(said) if sex.is_empty() => sex = said.to_owned(),
                Some(said) if said != sex => says_other_sex.push(label.clone()),
                _ => {}
            }
            let year = told.birth_year.and_then(|year| i32::try_from(year).ok());
            match (&birth, year, told.birth_day) {
                (None, Some(year), Some((month, day))) => {
                    birth = Some((format!("{year:04}-{month:02}-{day:02}"), false));
                    if (year, month, day) > (today.0, today.1.into(), today.2.into()) {
                        flaws.push(("born".to_owned(), Trouble::Impossible));
                    }
                }
                // What a number knows is better than what somebody guessed, where the two are not far from each other.
                (Some((born, true)), Some(year), Some((month, day))) if born.parse::<i32>().is_ok_and(|guessed| (guessed - year).abs() <= GUESSED_WITHIN) => birth = Some((format!("{year:04}-{month:02}-{day:02}"), false)),
                (Some((born, _)), year, day) if !agrees(born, year, day) => says_other_birth.push(label),
                _ => {}
            }
        }
        match sex.as_str() {
            "male" | "female" | "other" | "unknown" => patient.set("gender", Json::text(sex)),
            "" => flaws.push(("sex".to_owned(), Trouble::Missing)),
            _ => flaws.push(("sex".to_owned(), Trouble::Unreadable)),
        }
        let is_wrong = |place: &str| flaws.iter().any(|(own, _)| own == place);
        match birth {
            Some((born, is_guessed)) => {
                patient.set("birthDate", Json::text(born));
                if is_guessed {
                    let accuracy = Json::object([("system", Json::text(DATE_ACCURACIES)), ("code", Json::text("UUE"))]);
                    let extension = Json::object([("url", Json::text(DATE_ACCURACY)), ("valueCoding", accuracy)]);
                    patient.set("_birthDate", Json::object([("extension", Json::List(vec![extension]))]));
                }
            }
            None if self.kind == RegistrationKind::Unknown || is_wrong("born") || is_wrong("age") => {}
            None => flaws.push(("born".to_owned(), Trouble::Missing)),
        }
        let place = self.place.trim();
        let mut address = Json::object([]);
        if self.kind == RegistrationKind::Unknown && !place.is_empty() {
            address.set("use", Json::text("temp"));
            address.set("text", Json::text(place));
        }
        if let Some(country) = chosen {
            address.set("country", Json::text(&country.iso));
        }
        if address.get("text").is_some() || address.get("country").is_some() {
            patient.set("address", Json::List(vec![address]));
        }
        let contact_telephone = telephone("contact-telephone", &self.contact_telephone, &mut flaws);
        if !self.contact.trim().is_empty() || contact_telephone.is_some() {
            let mut contact = Json::object([]);
            if !self.contact.trim().is_empty() {
                contact.set("name", Json::object([("text", Json::text(self.contact.trim()))]));
            }
            if let Some(telephone) = contact_telephone {
                contact.set("telecom", Json::List(vec![telephone]));
            }
            patient.set("contact", Json::List(vec![contact]));
        }
        match flaws.is_empty() {
            true => Ok(Draft { patient, newborn: None, says_other_birth, says_other_sex }),
            false => Err(flaws),
        }
    }

    /// A newborn, as far as the mother and the day tell.
    fn newborn(&self, now: Moment, zone_offset_minutes: i16) -> std::result::Result<Draft, Vec<(String, Trouble)>> {
        let mut flaws: Vec<(String, Trouble)> = Vec::new();
        let mut flaw = |place: &str, trouble| flaws.push((place.to_owned(), trouble));
        let mother = self.mother.as_ref().and_then(|mother| Json::read(&mother.text).ok());
        if mother.is_none() {
            flaw("mother", Trouble::Missing);
        }
        let (born, sex, time) = (self.born.trim(), self.sex.trim(), self.born_time.trim());
        let today = now.civil(zone_offset_minutes);
        let days = |day: (i32, u8, u8)| days_from_civil(day.0, day.1, day.2);
        let date = PartialDateTime::parse(born).filter(|date| date.precision == Precision::Day);
        match date {
            None => flaw("born", if born.is_empty() { Trouble::Missing } else { Trouble::Unreadable }),
            Some(date) if !(0..=NEWBORN_DAYS).contains(&(days(today) - days((date.year, date.month, date.day)))) => flaw("born", Trouble::Impossible),
            Some(_) => {}
        }
        let clock = (!time.is_empty()).then(|| clock(time));
        let at = match (clock, date) {
            (Some(None), _) => {
                flaw("born-time", Trouble::Unreadable);
                None
            }
            (Some(Some((hour, minute))), Some(_)) => told_at(&format!("{born}T{hour:02}:{minute:02}:00"), zone_offset_minutes),
            _ => None,
        };
        if at.as_deref().and_then(PartialDateTime::parse).is_some_and(|at| at.range(zone_offset_minutes).0 > now) {
            flaw("born-time", Trouble::Impossible);
        }
        match sex {
            "male" | "female" | "other" | "unknown" => {}
            "" => flaw("sex", Trouble::Missing),
            _ => flaw("sex", Trouble::Unreadable),
        }
        let order = match self.birth_order.trim() {
            "" => None,
            "single" => Some(BirthOrder::Single),
            place => match place.parse().ok().filter(|place| (1..=MOST_AT_ONCE).contains(place)) {
                Some(place) => Some(BirthOrder::Nth(place)),
                None => {
                    flaw("birth-order", Trouble::Unreadable);
                    None
                }
            },
        };
        let (Some(mother), Some(of)) = (mother, self.mother.as_ref()) else { return Err(flaws) };
        if !flaws.is_empty() {
            return Err(flaws);
        }
        // Nobody asks a mother where her newborn lives, and by which calendar it is vaccinated.
        let as_hers = as_the_mother(&mother, own_country(&of.text).or_else(|| country::by_code(&self.country)));
        let known = Newborn { mother: &mother, family: None, sex, day: born.to_owned(), at, order, is_called_by_order: false, country: country::by_code(&self.country) }.elements();
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut patient = patient_of(known.chain(as_hers));
        patient.set("active", Json::Bool(true));
        let newborn = BornTo { mother, mother_id: of.id.clone(), day: born.to_owned(), order };
        Ok(Draft { patient, newborn: Some(newborn), says_other_birth: Vec::new(), says_other_sex: Vec::new() })
    }

    fn lines(&self) -> Vec<(String, &str)> {
        let mut all: Vec<(String, &str)> = self.names.iter().enumerate().map(|(place, text)| (format!("name-{place}"), text.as_str())).collect();
        all.extend([("contact".to_owned(), self.contact.as_str()), ("place".to_owned(), self.place.as_str())]);
        all
    }

    fn name(&self, country: Option<&Country>, flaws: &mut Vec<(String, Trouble)>) -> Option<Json> {
        let parts = country.map(|country| country.name_parts.as_slice()).unwrap_or_default();
        let (mut family, mut given): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for (place, part) in parts.iter().enumerate() {
            let text = self.names.get(place).map_or("", |text| text.trim());
            match (text.is_empty(), part.place) {
                (true, _) => {}
                (false, NamePlace::Family) => family.push(text),
                (false, NamePlace::Given) => given.extend(text.split_whitespace()),
            }
            // Of a foreigner one name is enough: not every country has two.
            if text.is_empty() && part.usual && self.kind == RegistrationKind::Known {
                flaws.push((format!("name-{place}"), Trouble::Missing));
            }
        }
        if family.is_empty() && given.is_empty() {
            if self.kind == RegistrationKind::Foreigner {
                flaws.push(("name-0".to_owned(), Trouble::Missing));
            }
            return None;
        }
        let mut name = Json::object([("use", Json::text("official"))]);
        if !family.is_empty() {
            name.set("family", Json::text(family.join(" ")));
        }
        if !given.is_empty() {
            name.set("given", Json::List(given.into_iter().map(Json::text).collect()));
        }
        Some(name)
    }

    /// The numbers that can be true, and what each tells.
    fn identifiers(&self, country: Option<&Country>, today: Day, flaws: &mut Vec<(String, Trouble)>) -> (Vec<Json>, Vec<(String, country::Told)>) {
        let (mut identifiers, mut told) = (Vec::new(), Vec::new());
        for (key, typed) in self.numbers.iter().filter(|(_, typed)| !typed.trim().is_empty()) {
            let Some(system) = country.and_then(|country| country.identifier(key)) else { continue };
            let outcome = system.check_on(typed, today);
            if let Err(flaw) = outcome {
                flaws.push((format!("number-{key}"), Trouble::Number(flaw)));
            }
            match outcome {
                Err(flaw) if flaw != Flaw::BirthToCome => {}
                _ => {
                    told.push((system.label.clone(), system.tells(typed)));
                    let kind = coding("http://terminology.hl7.org/CodeSystem/v2-0203", system.kind.type_code());
                    identifiers.push(Json::object([("type", kind), ("system", Json::text(&system.uri)), ("value", Json::text(system.normalise(typed)))]));
                }
            }
        }
        let (passport, issuer) = (self.passport.trim().to_uppercase().replace(' ', ""), self.passport_country.trim().to_uppercase());
        if self.kind == RegistrationKind::Foreigner {
            // What a machine can read of a passport: nine signs and three letters. ICAO Doc 9303, part 4.
            if passport.is_empty() || passport.len() > 20 || !passport.bytes().all(|sign| sign.is_ascii_alphanumeric()) {
                flaws.push(("passport".to_owned(), if passport.is_empty() { Trouble::Missing } else { Trouble::Unreadable }));
            }
            if issuer.len() != 3 || !issuer.bytes().all(|sign| sign.is_ascii_uppercase()) {
                flaws.push(("passport-country".to_owned(), if issuer.is_empty() { Trouble::Missing } else { Trouble::Unreadable }));
            }
            let kind = coding("http://terminology.hl7.org/CodeSystem/v2-0203", "PPN");
            // https://hl7.org/fhir/R4/identifier-registry.html
            identifiers.push(Json::object([("type", kind), ("system", Json::text(format!("http://hl7.org/fhir/sid/passport-{issuer}"))), ("value", Json::text(passport))]));
        }
        (identifiers, told)
    }

    /// An age that was typed beside a birth date: they say the same, give or take the year of a guess.
    fn against_age(&self, born: &str, today: Day, flaws: &mut Vec<(String, Trouble)>) {
        let age = self.age.trim();
        let Some((youngest, oldest)) = ages(born, today).filter(|_| !age.is_empty()) else { return };
        match age.parse::<i32>() {
            Ok(years) if (youngest - 1..=oldest + 1).contains(&years) => {}
            Ok(_) => flaws.extend(["born", "age"].map(|place| (place.to_owned(), Trouble::Contradicts))),
            Err(_) => flaws.push(("age".to_owned(), Trouble::Unreadable)),
        }
    }

    /// The birth date as far as it was said, and whether somebody guessed it: about how many years old is a year and
    /// no more.
    fn birth(&self, today: Day, flaws: &mut Vec<(String, Trouble)>) -> Option<(String, bool)> {
        let (born, age) = (self.born.trim(), self.age.trim());
        if !born.is_empty() {
            let Some(date) = PartialDateTime::parse(born).filter(|date| date.precision <= Precision::Day) else {
                flaws.push(("born".to_owned(), Trouble::Unreadable));
                return None;
            };
            self.against_age(born, today, flaws);
            let is_possible = (date.year, date.month.max(1), date.day.max(1)) <= today && date.year >= today.0 - OLDEST;
            if !is_possible {
                flaws.push(("born".to_owned(), Trouble::Impossible));
            }
            return is_possible.then(|| (born.to_owned(), false));
        }
        if age.is_empty() {
            return None;
        }
        match age.parse::<i32>() {
            Ok(years) if (0..=OLDEST).contains(&years) => Some((format!("{:04}", today.0 - years), true)),
            Ok(_) => {
                flaws.push(("age".to_owned(), Trouble::Impossible));
                None
            }
            Err(_) => {
                flaws.push(("age".to_owned(), Trouble::Unreadable));
                None
            }
        }
    }
}

impl Draft {
    /// True where a number contradicts what was typed.
    pub fn contradicts(&self) -> bool {
        !self.says_other_birth.is_empty() || !self.says_other_sex.is_empty()
    }

    /// True of a newborn of whom nobody says which of how many it is: beside another child of that mother and day it is
    /// one of several.
    pub fn lacks_order(&self) -> bool {
        self.newborn.as_ref().is_some_and(|born| born.order.is_none())
    }

    /// True where a Patient bears a number of the draft that only one person may have.
    fn has_number_of(&self, patient: &str) -> bool {
        let of = |text: &str| Document::read(text).map(|document| crate::identity::claims(ResourceType::PATIENT, document.root())).unwrap_or_default();
        let own = of(&self.patient.written());
        of(patient).iter().any(|claim| own.contains(claim))
    }
}

fn coding(system: &str, code: &str) -> Json {
    Json::object([("coding", Json::List(vec![Json::object([("system", Json::text(system)), ("code", Json::text(code))])]))])
}

fn telephone(place: &str, text: &str, flaws: &mut Vec<(String, Trouble)>) -> Option<Json> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if !(5..=20).contains(&digits) || text.len() > 40 || !text.chars().all(|sign| sign.is_ascii_digit() || " +-().".contains(sign)) {
        flaws.push((place.to_owned(), Trouble::Unreadable));
        return None;
    }
    Some(Json::object([("system", Json::text("phone")), ("value", Json::text(text))]))
}

/// True where a birth date, as far as it is known, does not contradict what a number tells.
fn agrees(born: &str, year: Option<i32>, day: Option<(u32, u32)>) -> bool {
    let Some(date) = PartialDateTime::parse(born) else { return true };
    let (is_month_said, is_day_said) = (date.precision >= Precision::Month, date.precision >= Precision::Day);
    year.is_none_or(|year| year == date.year) && day.is_none_or(|(month, day)| (!is_month_said || u32::from(date.month) == month) && (!is_day_said || u32::from(date.day) == day))
}

/// Hour and minute as people write them: `9:15`, `09.15`, `21h05`.
fn clock(text: &str) -> Option<(u8, u8)> {
    let (hour, minute) = text.split_once([':', '.', 'h'])?;
    let number = |part: &str, most: u8| part.parse().ok().filter(|number| part.len() <= 2 && part.bytes().all(|sign| sign.is_ascii_digit()) && *number <= most);
    Some((number(hour, 23)?, number(minute, 59).filter(|_| minute.len() == 2)?))
}
