//! The Bundle of places and practitioners. Every entry is created only if its
//! identifier is not there yet, so that it can be imported again and again.

use crate::json::{Id, Json};
use crate::people::Registry;
use crate::places::{self, FACILITIES, FACILITY_SYSTEM, INSURER, LABORATORY, PRACTITIONER_SYSTEM, PRACTITIONERS};
use crate::stats::{Stats, Type};

/// Keys of ids, apart from those of persons.
const PLACES_KEY: u64 = 0xCA12_E7F0;

fn organization_id(registry: &Registry, facility: usize) -> Id {
    Id::of(PLACES_KEY + registry.tongue as u64, facility as u64)
}

fn location_id(registry: &Registry, facility: usize) -> Id {
    Id::of(PLACES_KEY + registry.tongue as u64, 100 + facility as u64)
}

fn practitioner_id(registry: &Registry, number: usize) -> Id {
    Id::of(PLACES_KEY + registry.tongue as u64, 1000 + number as u64)
}

/// Appends the Bundle.
pub(crate) fn write(registry: &Registry, out: &mut String, stats: &mut Stats) {
    let start = out.len();
    out.push_str("{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[");
    for facility in 0..FACILITIES {
        organization(registry, facility, out, stats);
    }
    for facility in 0..INSURER {
        location(registry, facility, out, stats);
    }
    for number in 0..PRACTITIONERS {
        practitioner(registry, number, out, stats);
        role(registry, number, out, stats);
    }
    out.push_str("]}");
    stats.bundles += 1;
    stats.bytes += (out.len() - start) as u64;
}

fn entry(out: &mut String, stats: &mut Stats, kind: Type, id: Id, identity: (&str, &str), body: impl FnOnce(&mut Json<'_>)) {
    let mut json = Json::new(out);
    json.item();
    json.key("fullUrl");
    json.out.push_str("\"urn:uuid:");
    id.write(json.out);
    json.out.push('"');
    json.key("resource");
    let start = json.out.len();
    json.out.push('{');
    json.text("resourceType", kind.name());
    json.list("identifier");
    json.item();
    json.text("system", identity.0);
    json.text("value", identity.1);
    json.close();
    json.end_list();
    body(&mut json);
    json.close();
    stats.add(kind, json.out.len() - start);
    json.open("request");
    json.text("method", "POST");
    json.text("url", kind.name());
    json.texts("ifNoneExist", &["identifier=", identity.0, "|", identity.1]);
    json.close();
    json.close();
}

fn address(registry: &Registry, district: usize, street: usize, number: u32, json: &mut Json<'_>) {
    json.open("address");
    address_members(registry, district, street, number, json);
    json.close();
}

fn address_members(registry: &Registry, district: usize, street: usize, number: u32, json: &mut Json<'_>) {
    let tongue = registry.tongue;
    json.text("use", "work");
    json.list("line");
    json.string(&crate::resources::address_line(tongue, street, number));
    json.end_list();
    json.text("city", places::town(tongue, district));
    json.text("state", places::state(tongue));
    json.text("country", &registry.country.iso);
}

fn district_of(facility: usize) -> usize {
    if facility < places::DISTRICTS { facility } else { (facility - places::DISTRICTS) * 4 % places::DISTRICTS }
}

fn organization(registry: &Registry, facility: usize, out: &mut String, stats: &mut Stats) {
    let tongue = registry.tongue;
    let code = places::facility_code(registry.country, facility);
    let name = places::facility_name(tongue, facility);
    entry(out, stats, Type::Organization, organization_id(registry, facility), (FACILITY_SYSTEM, &code), |json| {
        json.narrative(&[("", name)]);
        json.flag("active", true);
        let (kind, display) = if facility == INSURER { ("ins", "Insurance Company") } else { ("prov", "Healthcare Provider") };
        json.concepts("type", "http://terminology.hl7.org/CodeSystem/organization-type", kind, display, "");
        json.text("name", name);
        json.list("telecom");
        json.item();
        json.text("system", "phone");
        json.text("value", &crate::resources::telephone(tongue, 900_000 + facility as u32));
        json.text("use", "work");
        json.close();
        json.end_list();
        json.list("address");
        json.item();
        address_members(registry, district_of(facility), facility, 1 + facility as u32, json);
        json.close();
        json.end_list();
    });
}

fn location(registry: &Registry, facility: usize, out: &mut String, stats: &mut Stats) {
    let tongue = registry.tongue;
    let code = places::facility_code(registry.country, facility);
    let name = places::facility_name(tongue, facility);
    entry(out, stats, Type::Location, location_id(registry, facility), (FACILITY_SYSTEM, &code), |json| {
        json.narrative(&[("", name)]);
        json.text("status", "active");
        json.text("name", name);
        json.text("mode", "instance");
        let (kind, display) = match facility {
            LABORATORY => ("HLAB", "hospital laboratory"),
            facility if facility < places::DISTRICTS => ("PC", "primary care clinic"),
            _ => ("HOSP", "hospital"),
        };
        json.concepts("type", "http://terminology.hl7.org/CodeSystem/v3-RoleCode", kind, display, "");
        address(registry, district_of(facility), facility, 1 + facility as u32, json);
        json.reference("managingOrganization", organization_id(registry, facility), name);
    });
}

fn practitioner(registry: &Registry, number: usize, out: &mut String, stats: &mut Stats) {
    let tongue = registry.tongue;
    let code = places::practitioner_code(registry.country, number);
    let (name, woman) = places::practitioner(tongue, number);
    let signature = places::signature(tongue, number);
    let work = tongue.say(places::post(number).1.words());
    entry(out, stats, Type::Practitioner, practitioner_id(registry, number), (PRACTITIONER_SYSTEM, &code), |json| {
        json.narrative(&[(&signature, work)]);
        json.flag("active", true);
        json.list("name");
        crate::resources::human_name(json, &name, tongue, "official");
        json.end_list();
        json.text("gender", if woman { "female" } else { "male" });
        json.list("qualification");
        json.item();
        json.open("code");
        json.text("text", work);
        json.close();
        json.close();
        json.end_list();
    });
}

fn role(registry: &Registry, number: usize, out: &mut String, stats: &mut Stats) {
    let tongue = registry.tongue;
    let code = places::practitioner_code(registry.country, number);
    let (facility, work) = places::post(number);
    let signature = places::signature(tongue, number);
    let work = tongue.say(work.words());
    let id = Id::of(PLACES_KEY + tongue as u64, 2000 + number as u64);
    entry(out, stats, Type::PractitionerRole, id, (PRACTITIONER_SYSTEM, &code), |json| {
        json.narrative(&[(&signature, work)]);
        json.flag("active", true);
        json.reference("practitioner", practitioner_id(registry, number), &signature);
        json.reference("organization", organization_id(registry, facility), places::facility_name(tongue, facility));
        json.list("code");
        json.item();
        json.text("text", work);
        json.close();
        json.end_list();
        json.list("location");
        json.reference_item(location_id(registry, facility), places::facility_name(tongue, facility));
        json.end_list();
    });
}
