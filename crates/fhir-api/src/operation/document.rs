//! `GET|POST /Composition/{id}/$document`, `/Composition/$document?id=`: a stored composition as a document.
//! https://hl7.org/fhir/R4/composition-operation-document.html

use super::{At, Call, Operation, Place, Reads};
use crate::answer::{Answer, Payload};
use crate::asked::Asked;
use crate::outcome::Trouble;
use crate::page::write_full_url;
use axum::http::{StatusCode, header};
use chart::Stored;
use fhir::{IssueCode, Reference, ResourceType, is_id};

pub(crate) const OPERATION: Operation = Operation {
    name: "document",
    definition: "http://hl7.org/fhir/OperationDefinition/Composition-document",
    at: &[At::Type(&["Composition"]), At::Instance(&["Composition"])],
    methods: "GET, HEAD, POST",
    parameters: &["id", "persist", "graph"],
    reads: Reads::Parameters,
    run: |asked, call| Box::pin(document(asked, call)),
};

async fn document(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    let refused = |name: &str, code, message: &str| Err(Trouble::malformed(code, message).at(&format!("http.{name}")));
    if asked.parameters.first("graph").is_some() {
        return refused("graph", IssueCode::NotSupported, "A document here holds what the composition names and what that names; a GraphDefinition is not followed. Leave graph out.");
    }
    let persist = match asked.parameters.first("persist") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return refused("persist", IssueCode::Value, "persist is true or false."),
    };
    if persist && !call.is_post {
        return refused("persist", IssueCode::NotSupported, "What is kept is sent by POST.");
    }
    let id = match (call.place, asked.parameters.first("id")) {
        (Place::Instance(_, id), None) => id.to_owned(),
        (Place::Instance(..), Some(_)) => return refused("id", IssueCode::NotSupported, "The address names the composition already; leave id out."),
        (_, None) => return refused("id", IssueCode::Required, "Name the composition in id."),
        (_, Some(id)) if is_id(id) => id.to_owned(),
        (_, Some(url)) => match Reference::within(url, &asked.base()) {
            Reference::Local { kind, id, .. } if kind.name() == "Composition" => id.to_owned(),
            _ => return refused("id", IssueCode::NotSupported, "Documents are made of compositions of this server: id is the id or the address of one."),
        },
    };
    let resources = asked.chart.document(asked.caller, &id).await?;
    let text = bundle(asked, &resources);
    if !persist {
        return Ok(Answer::ok(Payload::Text(text)));
    }
    let written = asked.chart.create(asked.caller, ResourceType::BUNDLE, text.as_bytes(), None).await?;
    let answer = asked.wrote(written);
    Ok(Answer { status: StatusCode::OK, headers: answer.location.iter().filter_map(|place| Some((header::CONTENT_LOCATION, place.parse().ok()?))).collect(), ..answer })
}

fn bundle(asked: &Asked<'_>, resources: &[Stored]) -> String {
    let base = asked.base();
    let mut digest = blake3::Hasher::new();
    for one in resources {
        digest.update(format!("{}/{}/{}\n", one.kind, one.id, one.version).as_bytes());
    }
    let mut out = String::with_capacity(resources.iter().map(|one| one.text.len() + 160).sum());
    out.push_str("{\"resourceType\":\"Bundle\",\"identifier\":{\"system\":\"urn:ietf:rfc:3986\",\"value\":\"");
    out.push_str(&uuid_of(digest.finalize().as_bytes()));
    out.push_str("\"},\"type\":\"document\",\"timestamp\":\"");
    out.push_str(&asked.chart.now().to_string());
    out.push_str("\",\"entry\":[");
    for (number, one) in resources.iter().enumerate() {
        out.push_str(if number == 0 { "{" } else { ",{" });
        write_full_url(&base, one, &mut out);
        out.push_str(",\"resource\":");
        out.push_str(&one.text);
        out.push('}');
    }
    out.push_str("]}");
    out
}

/// The same versions always make a document of the same name.
/// <https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8>
pub(super) fn uuid_of(digest: &[u8; 32]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = bytes[6] & 0x0F | 0x80;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("urn:uuid:{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
