//! `GET|POST /Patient/{id}/$immds-forecast`, `POST /$immds-forecast`: which vaccinations a person
//! is due by a country's calendar, and which given doses count.
//! https://hl7.org/fhir/us/immds/OperationDefinition-ImmDSForecastOperation.html
//!
//! * The answer says why: each statement carries codes of its reasons and a sentence in English.
//! * A program that may read only a part of what counts gets none: a dose that it does not see would be due.
//! * Nothing is stored. At the level of the system nothing is read either: the caller brings the
//!   person along.

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use country::Country;
use fhir::date::Precision;
use fhir::splice::write_string;
use fhir::{Document, IssueCode, Value};
use schedule::Day;
use schedule::immunisation::{Forecast, Line, PregnancyOver, Reason, Status, Verdict, forecast};
use schedule::record::{CVX, Facts, country_of};
use std::fmt::Write;

pub(crate) const OPERATION: Operation = Operation {
    name: "immds-forecast",
    definition: "http://hl7.org/fhir/us/immds/OperationDefinition/ImmDSForecastOperation",
    at: &[At::System, At::Instance(&["Patient"])],
    methods: "GET, HEAD, POST",
    parameters: &["assessmentDate", "calendar", "patient", "immunization", "condition", "observation", "adverse-event"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(immds_forecast(asked, call)),
};

/// What a caller brings along for a person who has no record here, and of which type.
const BROUGHT: [(&str, &str); 5] = [("patient", "Patient"), ("immunization", "Immunization"), ("condition", "Condition"), ("observation", "Observation"), ("adverse-event", "AdverseEvent")];

/// What a forecast is made from.
const READ: [&str; 6] = ["Patient", "Immunization", "Condition", "Observation", "Consent", "AdverseEvent"];

/// Years that nobody outlives.
const LONGEST_LIFE: i32 = 150;

/// The series of our calendars.
const SERIES: &str = "https://carnet.health/fhir/CodeSystem/immunisation-series";
/// Where a series stands, where HL7's codes have no word for it.
const STATUS: &str = "https://carnet.health/fhir/CodeSystem/immunisation-status";
/// Why it stands there.
const REASON: &str = "https://carnet.health/fhir/CodeSystem/immunisation-reason";
const HL7_STATUS: &str = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";
const HL7_DOSE_STATUS: &str = "http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status";

async fn immds_forecast(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let today = day(asked)?;
    let text = match call.place {
        Place::Instance(_, id) => {
            alone(asked, &call)?;
            of_record(asked, id, today).await?
        }
        _ => of_input(asked, &call, today)?,
    };
    Ok(Answer::ok(Payload::Text(text)))
}

/// The day the forecast is made for: the one asked, else today.
fn day(asked: &Asked<'_>) -> Result<Day, Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, "assessmentDate is a whole day, as 2026-05-17.").at("http.assessmentDate");
    match asked.date("assessmentDate")? {
        Some(date) if date.precision == Precision::Day => Ok(Day::of(date.year, date.month, date.day)),
        Some(_) => Err(wrong()),
        None => {
            let (year, month, day) = asked.chart.now().civil(asked.settings.zone_offset_minutes);
            Ok(Day::of(year, month, day))
        }
    }
}

/// A record is read whole: what else the caller sends would be half believed.
fn alone(asked: &Asked<'_>, call: &Call<'_>) -> Result<(), Trouble> {
    let is_sent = |name: &str| asked.parameters.first(name).is_some() || call.input.all(name).next().is_some();
    match BROUGHT.iter().find(|(name, _)| is_sent(name)) {
        None => Ok(()),
        Some((name, _)) => Err(Trouble::malformed(IssueCode::NotSupported, format!("The address names the person, whose record is read: leave {name} out.")).at("Parameters.parameter")),
    }
}

async fn of_record(asked: &Asked<'_>, id: &str, today: Day) -> Result<String, Trouble> {
    asked.must_read_whole(id, &READ)?;
    let record = asked.chart.person(asked.caller, id).await?;
    let patient = Document::read(&record.patient.text).map_err(|_| Trouble::inside())?;
    let documents: Vec<Document<'_>> = record.resources.iter().filter(|one| READ.contains(&one.kind.name())).filter_map(|one| Document::read(&one.text).ok()).collect();
    let country = country(asked, patient.root())?;
    let mut facts = Facts::read(country, patient.root(), documents.iter().map(Document::root), today, asked.settings.zone_offset_minutes);
    if facts.pregnancy.is_some() {
        // A certificate of birth ends it, where the caller may read it.
        let told = asked.chart.deliveries_told(record.resources.iter())?;
        let births: Vec<Document<'_>> = told.iter().filter_map(|text| Document::read(text).ok()).collect();
        if !births.is_empty() {
            facts = Facts::read(country, patient.root(), documents.iter().chain(&births).map(Document::root), today, asked.settings.zone_offset_minutes);
        }
    }
    answer(country, &facts, id, today)
}

/// The person in the body.
fn of_input(asked: &Asked<'_>, call: &Call<'_>, today: Day) -> Result<String, Trouble> {
    let missing = || Trouble::malformed(IssueCode::Required, "Send a Parameters resource with the parameter patient, or call /Patient/{id}/$immds-forecast.").at("Parameters.parameter");
    let patient = call.input.all("patient").find_map(|parameter| parameter.get("resource")).ok_or_else(missing)?;
    // What is no resource, or of another type, would be a dose that is not counted.
    let is_it = |parameter: Value<'_>, kind: &str| parameter.get("resource").is_some_and(|resource| resource.string("resourceType").as_deref() == Some(kind));
    if let Some((name, kind)) = BROUGHT.iter().find(|(name, kind)| asked.parameters.first(name).is_some() || call.input.all(name).any(|parameter| !is_it(parameter, kind))) {
        return Err(Trouble::malformed(IssueCode::Value, format!("{name} is a resource of the type {kind}, in the member resource of the parameter.")).at("Parameters.parameter"));
    }
    let brought = || BROUGHT[1..].iter().flat_map(|(name, _)| call.input.all(name)).filter_map(|parameter| parameter.get("resource"));
    of_one_person(patient, brought())?;
    let country = country(asked, patient)?;
    let facts = Facts::read(country, patient, brought(), today, asked.settings.zone_offset_minutes);
    let id = patient.string("id").filter(|id| fhir::is_id(id)).unwrap_or("unknown".into());
    answer(country, &facts, &id, today)
}

/// What is another's would be counted as this person's: all that is brought along names the person sent with it, or, where that
/// one has no id, one and the same.
fn of_one_person<'v>(patient: Value<'v>, brought: impl Iterator<Item = Value<'v>>) -> Result<(), Trouble> {
    let mut whose = patient.string("id").map(|id| format!("Patient/{id}"));
    for resource in brought {
        let Some((member, reference)) = ["patient", "subject"].into_iter().find_map(|member| Some((member, resource.get(member)?.string("reference")?))) else { continue };
        let named = reference.split("/_history/").next().unwrap_or_default();
        let named = named.rfind("Patient/").map_or(named, |at| &named[at..]);
        match &whose {
            Some(whose) if whose == named => {}
            Some(_) => {
                let kind = resource.string("resourceType").unwrap_or_default();
                return Err(Trouble::malformed(IssueCode::Invalid, "A resource that was brought along names another person than the parameter patient: leave it out, or correct its reference.").at(&format!("{kind}.{member}")));
            }
            None => whose = Some(named.to_owned()),
        }
    }
    Ok(())
}

fn country(asked: &Asked<'_>, patient: Value<'_>) -> Result<&'static Country, Trouble> {
    let codes = || country::all().iter().map(|country| country.code.as_str()).collect::<Vec<_>>().join(", ");
    match asked.parameters.first("calendar") {
        Some(code) => country::by_code(code).ok_or_else(|| Trouble::malformed(IssueCode::NotSupported, format!("There are the calendars {}.", codes())).at("http.calendar")),
        None => country_of(patient).ok_or_else(|| Trouble::malformed(IssueCode::Required, format!("Neither an identifier nor the address tells the person's country: name a calendar, one of {}.", codes())).at("http.calendar")),
    }
}

fn answer(country: &Country, facts: &Facts, id: &str, today: Day) -> Result<String, Trouble> {
    let no_birth = || Trouble::malformed(IssueCode::Required, "The person has no birth date with its day, so no age can be told. Correct Patient.birthDate.").at("Patient.birthDate");
    let person = facts.person().ok_or_else(no_birth)?;
    within_a_life(person.birth, today)?;
    let forecast = forecast(&country.calendar, &person, today);
    let mut out = String::from("{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"recommendation\",\"resource\":");
    write_recommendation(&mut out, &forecast, facts, id, today);
    out.push('}');
    for line in &forecast.lines {
        for dose in &line.doses {
            out.push_str(",{\"name\":\"evaluation\",\"resource\":");
            write_evaluation(&mut out, line, &dose.verdict, &facts.sources[dose.given], id, today);
            out.push('}');
        }
    }
    out.push_str("]}");
    Ok(out)
}

/// A day on which nobody of that birth date is due anything: before they were born, or longer after than anybody lives.
fn within_a_life(birth: Day, on: Day) -> Result<(), Trouble> {
    let (year, month, day) = birth.civil();
    let last = Day::of(year + LONGEST_LIFE, month, if month == 2 { day.min(28) } else { day });
    let message = match () {
        () if on < birth => "assessmentDate lies before the person's birth date: ask for a day of their life, or correct Patient.birthDate.",
        () if on > last => "assessmentDate lies more than 150 years after the person's birth date: ask for a day of their life, or correct Patient.birthDate.",
        () => return Ok(()),
    };
    Err(Trouble::malformed(IssueCode::Value, message).at("http.assessmentDate"))
}

fn write_recommendation(out: &mut String, forecast: &Forecast, facts: &Facts, id: &str, today: Day) {
    let _ = write!(out, "{{\"resourceType\":\"ImmunizationRecommendation\",\"language\":\"en\",\"patient\":{{\"reference\":\"Patient/{id}\"}},\"date\":\"{today}\",\"recommendation\":[");
    for (number, line) in forecast.lines.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write_line(out, line, facts);
    }
    out.push_str("]}");
}

fn write_line(out: &mut String, line: &Line, facts: &Facts) {
    out.push('{');
    if let Some(next) = &line.next {
        let name = if line.status == Status::Contraindicated { "contraindicatedVaccineCode" } else { "vaccineCode" };
        let _ = write!(out, "\"{name}\":[{{\"coding\":[{{\"system\":\"{CVX}\",\"code\":\"{}\"}},{{\"system\":\"{}\",\"code\":\"{}\"}}]}}],", next.cvx, schedule::record::CALENDAR, next.row);
    }
    let _ = write!(out, "\"targetDisease\":{{\"coding\":[{{\"system\":\"{SERIES}\",\"code\":\"{0}\"}}],\"text\":\"{0}\"}},\"forecastStatus\":{{\"coding\":[", line.series);
    let (system, code) = match line.status {
        Status::Overdue | Status::Due | Status::Contraindicated | Status::Complete => (HL7_STATUS, line.status.code()),
        Status::NotYet | Status::Closed => (STATUS, line.status.code()),
    };
    let _ = write!(out, "{{\"system\":\"{system}\",\"code\":\"{code}\"}}]}},\"forecastReason\":[");
    for (number, reason) in line.reasons.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        write_reason(out, reason);
    }
    if line.proposed {
        let _ = write!(out, ",{{\"coding\":[{{\"system\":\"{REASON}\",\"code\":\"proposed\"}}],\"text\":\"No source confirms this part of the calendar: it is a proposal.\"}}");
    }
    out.push(']');
    if let Some(next) = &line.next {
        write_dates(out, next);
        let _ = write!(out, ",\"doseNumberPositiveInt\":{}", next.number);
    }
    let _ = write!(out, ",\"series\":\"{}\"", line.series);
    let counted: Vec<&str> = line.doses.iter().filter(|dose| matches!(dose.verdict, Verdict::Counts { .. })).map(|dose| facts.sources[dose.given].as_str()).filter(|id| fhir::is_id(id)).collect();
    for (number, id) in counted.iter().enumerate() {
        let _ = write!(out, "{}{{\"reference\":\"Immunization/{id}\"}}", if number == 0 { ",\"supportingImmunization\":[" } else { "," });
    }
    out.push_str(if counted.is_empty() { "}" } else { "]}" });
}

/// LOINC's codes of the dates of a forecast.
fn write_dates(out: &mut String, next: &schedule::immunisation::Next) {
    let dates = [("30981-5", Some(next.earliest)), ("30980-7", Some(next.recommended)), ("59778-1", Some(next.overdue_from)), ("59777-3", next.latest)];
    out.push_str(",\"dateCriterion\":[");
    for (number, (code, day)) in dates.into_iter().filter_map(|(code, day)| Some((code, day?))).enumerate() {
        let _ = write!(out, "{}{{\"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\"code\":\"{code}\"}}]}},\"value\":\"{day}\"}}", if number > 0 { "," } else { "" });
    }
    out.push(']');
}

fn write_evaluation(out: &mut String, line: &Line, verdict: &Verdict, source: &str, id: &str, today: Day) {
    let _ = write!(out, "{{\"resourceType\":\"ImmunizationEvaluation\",\"language\":\"en\",\"status\":\"completed\",\"patient\":{{\"reference\":\"Patient/{id}\"}},\"date\":\"{today}\",\"targetDisease\":{{\"coding\":[{{\"system\":\"{SERIES}\",\"code\":\"{0}\"}}],\"text\":\"{0}\"}},\"immunizationEvent\":", line.series);
    if fhir::is_id(source) {
        let _ = write!(out, "{{\"reference\":\"Immunization/{source}\"}}");
    } else {
        out.push_str("{\"display\":\"a dose of the request\"}");
    }
    let code = if matches!(verdict, Verdict::Counts { .. }) { "valid" } else { "notvalid" };
    let _ = write!(out, ",\"doseStatus\":{{\"coding\":[{{\"system\":\"{HL7_DOSE_STATUS}\",\"code\":\"{code}\"}}]}}");
    match verdict {
        Verdict::Counts { number, .. } => _ = write!(out, ",\"series\":\"{}\",\"doseNumberPositiveInt\":{number}}}", line.series),
        Verdict::DoesNot(reason) => {
            out.push_str(",\"doseStatusReason\":[");
            write_reason(out, reason);
            let _ = write!(out, "],\"series\":\"{}\"}}", line.series);
        }
    }
}

fn write_reason(out: &mut String, reason: &Reason) {
    let _ = write!(out, "{{\"coding\":[{{\"system\":\"{REASON}\",\"code\":\"{}\"}}],\"text\":", reason.code());
    write_string(&sentence(reason), out);
    out.push('}');
}

/// A reason in English, for whoever reads the answer; programs read its code. Ages and gaps are
/// ISO 8601 durations.
fn sentence(reason: &Reason) -> String {
    match reason {
        Reason::AgeReached { age } => format!("The recommended age {age} is reached."),
        Reason::AgeNotReached { age } => format!("The recommended age {age} is not reached."),
        Reason::GapOver { gap, after } => format!("{gap} have passed since the dose of {after}."),
        Reason::GapNotOver { gap, after } => format!("{gap} have not passed since the dose of {after}."),
        Reason::LiveNotOver { after, cvx, days } => format!("A live vaccine (CVX {cvx}) was given on {after}; {days} days lie between two of them."),
        Reason::WeekNotReached { week } => format!("Week {week} of the pregnancy is not reached."),
        Reason::Pregnancy { week: Some(week) } => format!("It is given in pregnancy, from week {week} on."),
        Reason::Pregnancy { week: None } => "It is given in pregnancy.".to_owned(),
        Reason::TooOld { age } => format!("It is not given after the age {age}."),
        Reason::EarlierMissing { needs } => format!("It needs {needs} earlier doses, which are missing."),
        Reason::AllGiven { doses } => format!("Every dose was given; {doses} count."),
        Reason::OneIsEnough { age } => format!("One dose from the age {age} on completes the series."),
        Reason::Forbidden { key, passes: false } => format!("It is contraindicated: {key}."),
        Reason::Forbidden { key, passes: true } => format!("It is postponed: {key}."),
        Reason::PregnancyOver(PregnancyOver::Birth { on }) => format!("A pregnancy would contraindicate it; the one that the record tells of ended on {on}."),
        Reason::PregnancyOver(PregnancyOver::Weeks { since }) => format!("A pregnancy would contraindicate it; the one that the record tells of since {since} is taken as over after 45 weeks: write its end."),
        Reason::Instead { key } => format!("Another vaccine than the usual one: {key}."),
        Reason::InsteadFrom { age } => format!("Another vaccine than the usual one, from the age {age} on."),
        Reason::Risk { key } => format!("The plan for a risk: {key}."),
        Reason::LateStart { age } => format!("The plan for those who begin at the age {age} or later."),
        Reason::AfterVaccine { cvx } => format!("The plan for those who were given the vaccine CVX {cvx}."),
        Reason::Refused { on } => format!("It was refused on {on}."),
        Reason::AfterEvent { on, is_serious: true } => format!("After an earlier dose something serious happened on {on}: a physician decides about the next one."),
        Reason::AfterEvent { on, is_serious: false } => format!("After an earlier dose something happened on {on}: weigh it before the next one."),
        Reason::TooYoung { from } => format!("Given before its least age: it would have counted from {from} on."),
        Reason::TooSoon { from } => format!("Given too soon after the dose before: it would have counted from {from} on."),
        Reason::TooSoonAfterLive { from } => format!("Given too soon after another live vaccine: it would have counted from {from} on."),
        Reason::SameDay => "Another dose of the series was given that day.".to_owned(),
        Reason::MaybeSame { as_on } => format!("Only its month or year is known, and it may be the dose of {as_on}: it counts when its day is written."),
        Reason::WrongVaccine => "This dose wants another vaccine.".to_owned(),
        Reason::InPart => "It protects from a part of this series only.".to_owned(),
        Reason::Subpotent => "It was weaker than it should have been (isSubpotent).".to_owned(),
        Reason::Died => "The person has died.".to_owned(),
        Reason::BeforeBirth => "It is dated before birth.".to_owned(),
        Reason::InFuture => "It is dated in the future.".to_owned(),
        Reason::Extra => "The series needed no more dose.".to_owned(),
        Reason::NotInPlan => "The calendar has no such dose for this person.".to_owned(),
    }
}
