//! One entry of the record, readable: a note as prose, a report with its values, an encounter
//! with everything recorded in it, anything else in plain words. The received data lie folded below.

use fhir::{ResourceType, Value};

use crate::banner::Banner;
use crate::cards::{story, vitals};
use crate::frame::{Frame, Lang, lang_of};
use crate::narrative;
use crate::plain;
use crate::record::{Item, Kind, Record, clinical, concept, quantity};
use crate::timeline::{self, EventValue};
use crate::voice::Voice;

/// The page, ready to be written.
#[derive(Clone, Debug, Default)]
pub struct DocumentPage {
    /// What it is called.
    pub title: String,
    /// The word for its kind.
    pub kind: String,
    /// Name of the kind, for its mark.
    pub kind_name: &'static str,
    /// True for what was entered in error.
    pub is_error: bool,
    /// True for what was kept although it breaks a rule.
    pub is_flawed: bool,
    /// Label and words.
    pub fields: Vec<Field>,
    /// Prose.
    pub sections: Vec<Section>,
    /// Values of a report or panel.
    pub results: Vec<ResultRow>,
    /// What was recorded in this encounter.
    pub belonging: Vec<Belonging>,
    /// The entry's own narrative, where it is not shown already; safe markup.
    pub narrative: Option<String>,
    /// Version and day of arrival, in words.
    pub version: String,
    /// The received text, unless it is too long for a page.
    pub received: Option<String>,
    /// Words in its place.
    pub received_note: String,
    /// Language of the entry's text, where it says so.
    pub language: Option<String>,
}

impl DocumentPage {
    /// The language of the entry where it says one, else of the person's record.
    pub fn lang(&self, frame: &Frame, banner: &Banner) -> Lang {
        match &self.language {
            Some(language) => lang_of(frame, Some(language)),
            None => frame.lang(banner),
        }
    }
}

/// One line of a document.
#[derive(Clone, Debug)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// What it says.
    pub text: String,
    /// Where more is shown.
    pub link: Option<String>,
}

/// One part of the prose.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its heading, may be empty.
    pub title: String,
    /// Its words.
    pub body: Body,
}

/// Prose as it came.
#[derive(Clone, Debug)]
pub enum Body {
    /// Cleaned markup.
    Markup(String),
    /// Text with its lines.
    Text(String),
}

/// One value of a report.
#[derive(Clone, Debug)]
pub struct ResultRow {
    /// What was measured.
    pub name: String,
    /// Value and unit.
    pub value: String,
    /// ▲, ▼ or nothing.
    pub sign: &'static str,
    /// The word for the sign.
    pub standing: String,
    /// True for what must not be overlooked.
    pub is_abnormal: bool,
    /// The reference range.
    pub range: String,
    /// Where it is shown.
    pub link: String,
}

/// Something recorded in an encounter.
#[derive(Clone, Debug)]
pub struct Belonging {
    /// The word for its kind.
    pub kind: String,
    /// Name of the kind, for its mark.
    pub kind_name: &'static str,
    /// What it is called.
    pub text: String,
    /// Its value, for measurements.
    pub value: String,
    /// Where it is shown.
    pub link: String,
}

/// Received text longer than this is not put into a page.
const RECEIVED_BYTES: usize = 48 * 1024;
/// An encounter lists at most this many of its entries; the timeline has all.
const BELONGING: usize = 200;

/// Members that are shown by other means or say nothing to a reader.
const SILENT: &[&str] = &[
    "resourceType", "id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension", "subject", "patient", "encounter", "context", "section", "content", "presentedForm", "result", "component", "code", "valueQuantity",
    "referenceRange", "interpretation", "active", "link", "photo", "beneficiary", "for", "focus", "intent", "created", "use", "communication", "multipleBirthBoolean", "multipleBirthInteger", "series", "numberOfSeries", "numberOfInstances", "item",
    "insurance", "careTeam", "total", "payment", "class", "statusHistory", "classHistory", "primarySource", "masterIdentifier", "issued", "meta", "docStatus", "order", "supportingInfo", "billablePeriod", "contained", "basedOn", "recordedDate",
];

/// The label of a member; members not named here stay in the received data.
fn label(member: &str) -> Option<&'static str> {
    Some(match member {
        "status" | "clinicalStatus" => "field-status",
        "category" | "type" | "vaccineCode" | "medicationCodeableConcept" | "medicationReference" | "serviceType" | "scope" | "modality" | "relationship" => "field-what",
        "birthDate" | "date" | "effectiveDateTime" | "effectiveInstant" | "authoredOn" | "occurrenceDateTime" | "performedDateTime" | "started" | "onsetDateTime" | "start" | "startDate" | "sent" | "dateTime" => "field-date",
        "period" | "effectivePeriod" | "performedPeriod" | "occurrencePeriod" | "onsetPeriod" | "abatementDateTime" | "abatementPeriod" => "field-period",
        "serviceProvider" | "location" | "custodian" | "managingOrganization" | "facility" | "dispatcher" => "field-place",
        "participant" | "performer" | "author" | "asserter" | "recorder" | "requester" | "generalPractitioner" | "authenticator" => "field-person",
        "reasonCode" | "reasonReference" | "addresses" | "indication" | "statusReason" => "field-reason",
        "note" | "patientInstruction" | "comment" => "field-note",
        "bodySite" | "site" => "field-site",
        "conclusion" | "conclusionCode" | "summary" | "outcome" => "field-conclusion",
        "diagnosis" | "finding" => "field-diagnosis",
        "severity" | "criticality" => "field-severity",
        "reaction" => "field-reaction",
        "dosageInstruction" | "dosage" | "doseQuantity" => "field-dose",
        "lotNumber" => "field-lot",
        "manufacturer" => "field-manufacturer",
        "activity" => "field-activity",
        "goal" | "target" => "field-goal",
        "priority" => "field-priority",
        "description" | "title" => "field-description",
        "telecom" => "field-phone",
        "address" => "field-address",
        "contact" => "field-contact",
        "name" => "field-name",
        "identifier" => "field-identifier",
        "payor" => "field-policy-holder",
        "dispenseRequest" | "quantity" => "field-quantity",
        "hospitalization" => "section-admissions",
        "recommendation" => "due-vaccine",
        _ => return None,
    })
}

/// The entry of that type and id; none where it is not of this record.
pub fn document(record: &Record<'_>, kind: ResourceType, id: &str, voice: &Voice) -> Option<DocumentPage> {
    let item = record.find(kind, id)?;
    let root = item.root();
    let entry_kind = Kind::of(item);
    let title = if entry_kind.is_encounter() { story::reason(record, root) } else { vitals::sign_name(root, voice).or_else(|| clinical::title(record, root)) };
    let mut page = DocumentPage {
        title: title.unwrap_or_else(|| voice.say(entry_kind.key())),
        kind: voice.say(entry_kind.key()),
        kind_name: entry_kind.name(),
        is_error: clinical::is_error(root),
        is_flawed: !item.stored.flaws.is_empty(),
        fields: fields(record, item, voice),
        sections: sections(record, root, voice),
        results: results(record, item, voice),
        version: voice.with("document-version", &[("version", &item.stored.version.to_string()), ("date", &voice.moment(item.stored.last_updated))]),
        language: clinical::language_of(item),
        ..DocumentPage::default()
    };
    if item.type_name() == "Encounter" {
        encounter(record, item, voice, &mut page);
    }
    let narrative = root.path(&["text", "div"]).and_then(|div| div.as_str()).filter(|div| narrative::plain(div).is_some());
    match narrative {
        Some(div) if page.sections.is_empty() && entry_kind == Kind::Note => page.sections.push(Section { title: String::new(), body: Body::Markup(narrative::safe(&div)) }),
        Some(div) => page.narrative = Some(narrative::safe(&div)),
        None => {}
    }
    if item.stored.text.len() <= RECEIVED_BYTES {
        page.received = Some(plain::indented(root));
    } else {
        page.received_note = voice.with("document-received-long", &[("count", &voice.whole(item.stored.text.len()))]);
    }
    Some(page)
}

fn fields(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> Vec<Field> {
    let root = item.root();
    let mut fields: Vec<Field> = Vec::new();
    let mut push = |key: &str, text: Option<String>, link: Option<String>| {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        let label = voice.say(key);
        match fields.iter_mut().find(|field| field.label == label && field.link.is_none() && link.is_none()) {
            // Two members of one meaning are one line, unless they say the same.
            Some(field) if field.text == text || field.text.lines().any(|line| line == text) => {}
            Some(field) => {
                field.text.push('\n');
                field.text.push_str(&text);
            }
            None => fields.push(Field { label, text, link }),
        }
    };
    if item.type_name() == "Observation" {
        let value = vitals::pressure_text(item, voice).or_else(|| quantity::shown(voice, root).map(|shown| quantity::joined(&shown)));
        let standing = quantity::standing(root);
        let said = value.map(|value| standing.key().map_or(value.clone(), |key| format!("{value} {} ({})", standing.sign(), voice.say(key))));
        push("field-value", said, None);
        push("trend-reference", quantity::band_text(voice, root), None);
    }
    for (member, value) in root.members() {
        if SILENT.contains(&member.as_ref()) {
            continue;
        }
        let Some(key) = label(&member) else { continue };
        // A note is there to be read: its state and its kind are said only where they are unusual.
        let is_usual = Kind::of(item) == Kind::Note && (matches!(member.as_ref(), "category" | "type" | "description" | "title") || member == "status" && value.as_str().is_some_and(|code| matches!(code.as_ref(), "current" | "final" | "completed")));
        if is_usual {
            continue;
        }
        let text = match member.as_ref() {
            "status" => value.as_str().map(|code| status(&code, voice)),
            "clinicalStatus" => concept::first_code(Some(value)).map(|code| problem_status(&code, voice)),
            "severity" | "criticality" => severity(value, voice),
            "identifier" => identifiers(value),
            "telecom" => Some(value.each().filter_map(|contact| concept::said(contact, "value")).collect::<Vec<_>>().join("\n")),
            "participant" | "performer" => Some(value.each().filter_map(|part| record.name_of(root, part.get("individual").or_else(|| part.get("actor")).or_else(|| part.get("member")).unwrap_or(part))).collect::<Vec<_>>().join("\n")),
            "location" => Some(value.each().filter_map(|place| record.name_of(root, place.get("location").unwrap_or(place))).collect::<Vec<_>>().join("\n")),
            "diagnosis" => Some(value.each().filter_map(|diagnosis| diagnosis.get("condition").and_then(|reference| record.name_of(root, reference)).or_else(|| plain::words(record, root, diagnosis, voice))).collect::<Vec<_>>().join("\n")),
            "gender" => Some(crate::banner::sex(root, voice)),
            _ => plain::words(record, root, value, voice),
        };
        // The title says it already.
        let repeats_title = matches!(key, "field-what" | "field-description" | "field-name") && text == clinical::title(record, root);
        if !repeats_title {
            push(key, text, None);
        }
    }
    if item.type_name() != "Encounter"
        && let Some(visit) = record.encounter_of(root)
    {
        let when = record.when(visit, voice).map_or_else(String::new, |when| voice.date(&when.date));
        let place = record.place_of(visit).unwrap_or_default();
        push("document-visit", Some([when, voice.say(Kind::of(visit).key()), place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")), Some(visit.link(record.person())));
    }
    // Everything that is no person or place itself tells at which institution it was written.
    if !matches!(item.type_name(), "Patient" | "Organization" | "Practitioner" | "PractitionerRole" | "Location" | "RelatedPerson") {
        let institution = record.place_of(item).unwrap_or_else(|| voice.say("institution-not-stated"));
        if !fields.iter().any(|field| field.link.is_none() && field.text.lines().any(|line| line == institution)) {
            fields.push(Field { label: voice.say("field-institution"), text: institution, link: None });
        }
    }
    fields
}

fn identifiers(value: Value<'_>) -> Option<String> {
    let shown = value.each().filter_map(|identifier| {
        let number = concept::said(identifier, "value")?;
        Some(match identifier.string("system").and_then(|uri| country::identifier_system(&uri)) {
            Some(system) => format!("{} {}", system.label, system.display(&number)),
            None => identifier.get("type").and_then(concept::text).map_or(number.clone(), |kind| format!("{kind} {number}")),
        })
    });
    Some(shown.collect::<Vec<_>>().join("\n"))
}

/// The word for a status code of any resource; a code nobody translated stays as it is.
fn status(code: &str, voice: &Voice) -> String {
    let key = match code {
        "active" | "current" => "status-active",
        "completed" | "finished" | "fulfilled" => "status-completed",
        "planned" | "proposed" | "requested" | "pending" => "status-planned",
        "in-progress" | "arrived" | "triaged" | "received" | "accepted" | "available" => "status-in-progress",
        "on-hold" | "onleave" | "suspended" => "status-on-hold",
        "cancelled" | "revoked" | "rejected" | "superseded" | "noshow" => "status-cancelled",
        "stopped" => "status-stopped",
        "draft" | "preparation" => "status-draft",
        "final" => "status-final",
        "preliminary" | "partial" => "status-preliminary",
        "amended" | "corrected" | "appended" => "status-amended",
        "registered" => "status-registered",
        "not-done" | "declined" | "not-taken" => "status-not-done",
        "booked" => "status-booked",
        "unknown" => "status-unknown",
        "inactive" => "status-inactive",
        "entered-in-error" => "document-entered-in-error",
        other => return other.to_owned(),
    };
    voice.say(key)
}

fn problem_status(code: &str, voice: &Voice) -> String {
    voice.say(match code {
        "recurrence" => "problem-recurrence",
        "relapse" => "problem-relapse",
        "inactive" => "problem-inactive",
        "remission" => "problem-remission",
        "resolved" => "problem-resolved",
        _ => "problem-active",
    })
}

fn severity(value: Value<'_>, voice: &Voice) -> Option<String> {
    let code = value.as_str().map(|text| text.into_owned()).or_else(|| concept::first_code(Some(value)));
    Some(match code.as_deref() {
        Some("mild" | "255604002" | "low") => voice.say("severity-mild"),
        Some("moderate" | "6736007") => voice.say("severity-moderate"),
        Some("severe" | "24484000" | "high") => voice.say("severity-severe"),
        _ => concept::text(value)?,
    })
}

fn sections(record: &Record<'_>, root: Value<'_>, voice: &Voice) -> Vec<Section> {
    let mut sections = Vec::new();
    collect_sections(root, 0, &mut sections);
    for attachment in narrative::attachments(root) {
        let stored = || attachment.binary.as_deref().and_then(|id| record.find(ResourceType::BINARY, id)).and_then(|binary| narrative::text_of_binary(binary.root()));
        let body = match attachment.text.clone().or_else(stored) {
            Some(text) => text,
            None => voice.with("document-attachment-other", &[("type", if attachment.media_type.is_empty() { "?" } else { &attachment.media_type })]),
        };
        let is_named = attachment.title != attachment.media_type && Some(&attachment.title) != root.get("type").and_then(concept::text).as_ref();
        sections.extend(parts(if is_named { attachment.title } else { String::new() }, &body));
    }
    sections
}

/// A text with headings on lines of their own, as parts under their headings.
fn parts(title: String, text: &str) -> Vec<Section> {
    let mut parts = vec![(title, String::new())];
    for line in text.lines() {
        if story::is_heading(line.trim()) {
            parts.push((line.trim().trim_end_matches(':').to_owned(), String::new()));
        } else if let Some((_, body)) = parts.last_mut() {
            body.push_str(line);
            body.push('\n');
        }
    }
    let said = parts.into_iter().map(|(title, body)| (title, body.trim().to_owned())).filter(|(title, body)| !(title.is_empty() && body.is_empty()));
    said.map(|(title, body)| Section { title, body: Body::Text(body) }).collect()
}

/// Sections of a Composition, those inside others after them.
fn collect_sections(holder: Value<'_>, depth: usize, sections: &mut Vec<Section>) {
    for section in holder.get("section").into_iter().flat_map(|all| all.items()) {
        let title = concept::said(section, "title").or_else(|| section.get("code").and_then(concept::text)).unwrap_or_default();
        let markup = section.path(&["text", "div"]).and_then(|div| div.as_str()).map(|div| narrative::safe(&div));
        if markup.is_some() || !title.is_empty() {
            sections.push(Section { title, body: Body::Markup(markup.unwrap_or_default()) });
        }
        if depth < 4 {
            collect_sections(section, depth + 1, sections);
        }
    }
}

/// Values of a report's results or of an observation's components.
fn results(record: &Record<'_>, item: &Item<'_>, voice: &Voice) -> Vec<ResultRow> {
    let root = item.root();
    let from_value = |value: EventValue, range: String| ResultRow { name: value.name, value: value.value, sign: value.sign, standing: value.standing, is_abnormal: value.is_abnormal, link: value.link, range };
    let reported = root.get("result").into_iter().flat_map(|all| all.items()).filter_map(|reference| {
        let target = record.target(reference)?;
        Some(from_value(timeline::value(record, target, voice)?, quantity::band_text(voice, target.root()).unwrap_or_default()))
    });
    let components = root.get("component").into_iter().flat_map(|all| all.items()).filter_map(|component| {
        let standing = quantity::standing(component);
        Some(ResultRow {
            name: component.get("code").and_then(|code| record.says(code))?,
            value: quantity::joined(&quantity::shown(voice, component)?),
            sign: standing.sign(),
            standing: standing.key().map_or_else(String::new, |key| voice.say(key)),
            is_abnormal: standing.is_abnormal(),
            range: quantity::band_text(voice, component).unwrap_or_default(),
            link: item.link(record.person()),
        })
    });
    reported.chain(components).collect()
}

/// An encounter shows its notes in full and lists what was recorded in it.
fn encounter(record: &Record<'_>, item: &Item<'_>, voice: &Voice, page: &mut DocumentPage) {
    for other in record.all() {
        if other.type_name() == "Encounter" || page.belonging.len() >= BELONGING {
            continue;
        }
        let root = other.root();
        if record.encounter(other).is_none_or(|encounter| encounter.stored.id != item.stored.id) || other.is_error() {
            continue;
        }
        let kind = Kind::of(other);
        if kind == Kind::Note {
            page.sections.extend(sections(record, root, voice).into_iter().map(|section| Section { title: if section.title.is_empty() { clinical::title(record, root).unwrap_or_default() } else { section.title }, ..section }));
        }
        let value = timeline::value(record, other, voice);
        let text = value.as_ref().map(|value| value.name.clone()).or_else(|| clinical::title(record, root)).unwrap_or_else(|| voice.say(kind.key()));
        page.belonging.push(Belonging { kind: voice.say(kind.key()), kind_name: kind.name(), text, value: value.map_or_else(String::new, |value| format!("{} {}", value.value, value.sign)), link: other.link(record.person()) });
    }
    page.belonging.sort_by(|one, other| (one.kind_name, &one.text).cmp(&(other.kind_name, &other.text)));
}
