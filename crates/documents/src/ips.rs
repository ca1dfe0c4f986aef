//! The International Patient Summary: a document of what the next clinician must know.
//!
//! * Problems, allergies and medicines are always told; where the record has nothing, that is said.
//!   The other sections are there if they have content.
//! * Every reference leads to an entry of the document, or has become words.
//! * The same record, moment and language give the same document, to the byte.
//!
//! <http://hl7.org/fhir/uv/ips/> (1.1.0)

mod entries;
mod narrative;
mod sections;

use std::collections::{BTreeMap, HashSet};

use fhir::splice::write_string;
use fhir::{Document, Moment, Reference, ResourceType, Value};

use crate::words::{Language, Voice};
use crate::{reading, shorn};
use sections::{SECTIONS, Section};

/// A person's record, as texts.
pub struct Record<'r> {
    /// The Patient.
    pub patient: &'r str,
    /// The other Patients of the same person, that were merged with it. What is about them is about the person.
    pub merged: Vec<&'r str>,
    /// What else lies in the record.
    pub resources: Vec<&'r str>,
    /// Organisations, practitioners, medicines that any of it names.
    pub shared: Vec<&'r str>,
}

/// For whom and when it is made.
pub struct Setting<'s> {
    /// The FHIR base address without a slash at its end.
    pub base_url: &'s str,
    /// Who stands for it: the institution.
    pub institution: &'s str,
    /// The reader's language.
    pub language: Language,
    /// When.
    pub now: Moment,
    /// The institution's zone, in minutes east of UTC.
    pub zone_offset_minutes: i16,
    /// The record is what one institution wrote, which the person left: that is said, as nothing may be concluded from
    /// what is not there.
    pub is_copy: bool,
}

/// A resource of the record.
#[derive(Clone, Copy)]
struct Item<'d> {
    kind: ResourceType,
    root: Value<'d>,
}

impl<'d> Item<'d> {
    fn read(document: &'d Document<'_>) -> Option<Item<'d>> {
        let root = document.root();
        Some(Item { kind: ResourceType::named(&root.string("resourceType")?)?, root })
    }

    fn id(&self) -> String {
        self.root.string("id").unwrap_or_default().into_owned()
    }

    fn name(&self) -> String {
        format!("{}/{}", self.kind, self.id())
    }
}

/// Types that an entry's references bring along.
const BROUGHT: [&str; 8] = ["Practitioner", "PractitionerRole", "Organization", "Medication", "Device", "Specimen", "Location", "Substance"];

/// The types that a summary is made from, the person's own first.
pub const KINDS: [&str; 11] =
    ["Patient", "AllergyIntolerance", "Condition", "MedicationStatement", "MedicationRequest", "Immunization", "Observation", "DiagnosticReport", "Procedure", "DeviceUseStatement", "CarePlan"];

/// The summary as a Bundle; none where the Patient cannot be read.
pub fn summary(record: &Record<'_>, setting: &Setting<'_>) -> Option<String> {
    let patient = Document::read(record.patient).ok()?;
    let (own, shared) = (read(&record.resources), read(&record.shared));
    let patient = Item::read(&patient)?;
    let items: Vec<Item<'_>> = own.iter().filter_map(Item::read).collect();
    let nearby: BTreeMap<String, Item<'_>> = items.iter().copied().chain(shared.iter().filter_map(Item::read)).map(|item| (item.name(), item)).collect();
    let merged = read(&record.merged).iter().filter_map(Item::read).map(|other| other.name()).collect();
    let summary = Summary { setting, patient, merged, items, nearby, voice: Voice { language: setting.language, zone_offset_minutes: setting.zone_offset_minutes } };
    Some(summary.written())
}

/// What an import kept and nobody can read is passed over; it is found by its id.
fn read<'t>(texts: &[&'t str]) -> Vec<Document<'t>> {
    texts.iter().filter_map(|text| Document::read(text).ok()).collect()
}

struct Summary<'s, 'd> {
    setting: &'s Setting<'s>,
    patient: Item<'d>,
    /// What its other Patients are called.
    merged: HashSet<String>,
    items: Vec<Item<'d>>,
    nearby: BTreeMap<String, Item<'d>>,
    voice: Voice,
}

/// A section with what it holds.
struct Filled<'d> {
    section: &'static Section,
    chosen: Vec<Item<'d>>,
}

impl<'d> Summary<'_, 'd> {
    fn written(&self) -> String {
        let sections: Vec<Filled<'d>> = SECTIONS.iter().map(|section| Filled { section, chosen: section.choose(&self.items, self.setting) }).filter(|filled| !filled.chosen.is_empty() || filled.section.absent.is_some()).collect();
        let mut told: Vec<Item<'d>> = vec![self.patient];
        let mut known: HashSet<String> = HashSet::from([self.patient.name()]);
        for item in sections.iter().flat_map(|filled| &filled.chosen) {
            if known.insert(item.name()) {
                told.push(*item);
            }
        }
        self.bring(&mut told, &mut known);
        let mut out = String::with_capacity(16 * 1024);
        out.push_str("{\"resourceType\":\"Bundle\",\"meta\":{\"profile\":[\"http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips\"]},\"identifier\":{\"system\":\"urn:ietf:rfc:3986\",\"value\":\"");
        out.push_str(&self.address("bundle"));
        out.push_str("\"},\"type\":\"document\",\"timestamp\":\"");
        out.push_str(&self.setting.now.to_string());
        out.push_str("\",\"entry\":[");
        self.write_entry(&self.address("composition"), &self.composition(&sections), &mut out);
        for item in &told {
            out.push(',');
            self.write_entry(&self.address_of(item), &self.copied(item, &known), &mut out);
        }
        out.push(',');
        self.write_entry(&self.address("institution"), &self.institution(), &mut out);
        for filled in sections.iter().filter(|filled| filled.chosen.is_empty()) {
            if let Some(absent) = filled.section.absent {
                out.push(',');
                let text = absent.written(&self.voice, &self.address_of(&self.patient), self.patient_words());
                self.write_entry(&self.address(filled.section.key), &text, &mut out);
            }
        }
        out.push_str("]}");
        out
    }

    fn write_entry(&self, address: &str, resource: &str, out: &mut String) {
        out.push_str("{\"fullUrl\":");
        write_string(address, out);
        out.push_str(",\"resource\":");
        out.push_str(resource);
        out.push('}');
    }

    /// Adds what the entries name, as far as it belongs into a summary.
    fn bring(&self, told: &mut Vec<Item<'d>>, known: &mut HashSet<String>) {
        let mut looked = 0;
        while let Some(item) = told.get(looked).copied() {
            looked += 1;
            let mut names = Vec::new();
            fhir::home::reference_texts(item.root, &mut |text| names.extend(self.local(&text)));
            for name in names {
                let Some(found) = self.nearby.get(&name).filter(|found| BROUGHT.contains(&found.kind.name())) else { continue };
                if known.insert(name) {
                    told.push(*found);
                }
            }
        }
    }

    /// The name of a local reference, whether it is relative or under the base.
    fn local(&self, text: &str) -> Option<String> {
        Reference::within(text, self.setting.base_url).local().map(|(kind, id)| format!("{kind}/{id}"))
    }

    /// A resource as it stands in the document.
    fn copied(&self, item: &Item<'d>, known: &HashSet<String>) -> String {
        let mut out = String::new();
        let also = entries::missing(item.kind.name(), item.root, &self.voice);
        // The Patient itself goes on saying whom it replaces.
        let means = |text: &str| self.local(text).filter(|name| item.kind != ResourceType::PATIENT && self.merged.contains(name)).map(|_| self.patient.name());
        let stays = |text: &str| means(text).is_some() || self.local(text).is_some_and(|name| known.contains(&name));
        shorn::write(item.root, &shorn::Bounds { stays: &stays, means: &means, outside: &self.voice.say("outside") }, &also, &mut out);
        out
    }

    fn address_of(&self, item: &Item<'_>) -> String {
        format!("{}/{}", self.setting.base_url, item.name())
    }

    /// The address of something made for this document: the same record and moment give the same one.
    fn address(&self, what: &str) -> String {
        let newest = self.items.iter().chain([&self.patient]).filter_map(|item| item.root.path(&["meta", "lastUpdated"])?.as_str()).max().unwrap_or_default();
        let facts = [self.setting.base_url, &self.patient.id(), &newest, &self.setting.now.to_string(), self.setting.language.code(), what].join("\n");
        uuid(blake3::hash(facts.as_bytes()).as_bytes())
    }

    fn patient_words(&self) -> Option<String> {
        reading::name(self.patient.root)
    }

    fn institution(&self) -> String {
        let mut out = String::from("{\"resourceType\":\"Organization\",\"name\":");
        write_string(if self.setting.institution.is_empty() { "Carnet" } else { self.setting.institution }, &mut out);
        out.push('}');
        out
    }

    fn composition(&self, sections: &[Filled<'d>]) -> String {
        let (voice, author) = (&self.voice, self.address("institution"));
        let mut out = String::from("{\"resourceType\":\"Composition\",\"meta\":{\"profile\":[\"http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips\"]},\"language\":\"");
        out.push_str(self.setting.language.code());
        out.push_str("\",\"text\":");
        narrative::write_text(&narrative::head(voice, self.patient.root, self.setting), self.setting.language, &mut out);
        out.push_str(",\"status\":\"final\",\"type\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"60591-5\",\"display\":\"Patient summary Document\"}]},\"subject\":{\"reference\":");
        write_string(&self.address_of(&self.patient), &mut out);
        out.push_str("},\"date\":\"");
        out.push_str(&self.setting.now.to_string());
        out.push_str("\",\"author\":[{\"reference\":\"");
        out.push_str(&author);
        out.push_str("\"}],\"title\":");
        write_string(&voice.say(if self.setting.is_copy { "title-copy" } else { "title" }), &mut out);
        out.push_str(",\"confidentiality\":\"N\",\"custodian\":{\"reference\":\"");
        out.push_str(&author);
        out.push_str("\"},\"section\":[");
        for (number, filled) in sections.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            self.write_section(filled, &mut out);
        }
        out.push_str("]}");
        out
    }

    fn write_section(&self, filled: &Filled<'d>, out: &mut String) {
        let section = filled.section;
        out.push_str("{\"title\":");
        write_string(&self.voice.say(&format!("section-{}", section.key)), out);
        out.push_str(",\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"");
        out.push_str(section.code);
        out.push_str("\"}]},\"text\":");
        let medicine = |reference: &str| self.local(reference).and_then(|name| self.nearby.get(&name).map(|item| item.root));
        narrative::write_text(&narrative::section(&self.voice, section, &filled.chosen, &medicine), self.setting.language, out);
        out.push_str(",\"entry\":[");
        let addresses: Vec<String> = match filled.chosen.is_empty() {
            true => vec![self.address(section.key)],
            false => filled.chosen.iter().map(|item| self.address_of(item)).collect(),
        };
        for (number, address) in addresses.iter().enumerate() {
            out.push_str(if number == 0 { "{\"reference\":" } else { ",{\"reference\":" });
            write_string(address, out);
            out.push('}');
        }
        out.push_str("]}");
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8>
fn uuid(digest: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
