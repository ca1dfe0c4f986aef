//! `$import` on the system: the beginning of a bulk import.
//! https://github.com/smart-on-fhir/bulk-import/blob/master/import.md

use super::{At, Call, Input, Operation, Reads};
use crate::answer::Answer;
use crate::asked::Asked;
use crate::outcome::Trouble;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LOCATION, HeaderValue};
use chart::{IntakeFile, IntakeRequest};
use fhir::{IssueCode, Kind, ResourceType, Value};

pub(crate) const OPERATION: Operation = Operation {
    name: "import",
    // The draft has no OperationDefinition of its own.
    definition: "https://carnet.health/fhir/OperationDefinition/import",
    at: &[At::System],
    methods: "POST",
    parameters: &["inputFormat", "inputSource", "storageDetail", "input"],
    reads: Reads::Resource,
    run: |asked, call| Box::pin(import(asked, call)),
};

/// What is asked for, whichever form it came in.
struct Wish {
    format: Option<String>,
    source: String,
    storage: Option<String>,
    /// The type and the address of each file, as far as they were named.
    inputs: Vec<(Option<String>, Option<String>)>,
}

async fn import(asked: &mut Asked<'_>, call: Call<'_>) -> Result<Answer, Trouble> {
    if !asked.prefer.respond_async {
        return Err(Trouble::malformed(IssueCode::Required, "An import takes its time: send Prefer: respond-async and ask again at the address you are given.").at("http.Prefer"));
    }
    let wish = match call.input.resource("resource") {
        Some(manifest) => of_manifest(manifest)?,
        None => of_parameters(asked, &call.input)?,
    };
    if !wish.format.is_some_and(|format| ["application/fhir+ndjson", "application/ndjson", "ndjson"].contains(&format.as_str())) {
        return Err(Trouble::malformed(IssueCode::NotSupported, "Name the format of the files: inputFormat is application/fhir+ndjson.").at("inputFormat"));
    }
    if wish.storage.is_some_and(|kind| kind != "https") {
        let message = "Files are fetched by https, without keys of their own: storageDetail.type is https, or left out.";
        return Err(Trouble::malformed(IssueCode::NotSupported, message).at("storageDetail"));
    }
    if wish.source.chars().any(char::is_control) || wish.source.len() > 2048 {
        return Err(Trouble::malformed(IssueCode::Value, "inputSource is an address.").at("inputSource"));
    }
    let files = wish.inputs.into_iter().enumerate().map(|(number, input)| file(input, number)).collect::<Result<Vec<_>, _>>()?;
    let request = IntakeRequest { files, source: wish.source, address: asked.link("/$import", std::iter::empty()) };
    let id = asked.chart.begin_intake(asked.caller, request)?;
    let status = HeaderValue::try_from(format!("{}/_jobs/{id}", asked.base())).map_err(|_| Trouble::inside())?;
    let mut answer = Answer::text(StatusCode::ACCEPTED, crate::outcome::all_well(asked.request_id, "The import has begun; Content-Location tells where to ask for it.", &[]));
    answer.headers.push((CONTENT_LOCATION, status));
    Ok(answer)
}

fn of_parameters(asked: &Asked<'_>, input: &Input) -> Result<Wish, Trouble> {
    let one = |name: &str| asked.parameters.first(name).map(str::to_owned);
    let storage = input.all("storageDetail").next().map_or(Ok(None), |storage| storage_of(parts(storage)))?;
    let inputs = input.all("input").enumerate().map(|(number, input)| input_of(parts(input), number)).collect::<Result<Vec<_>, _>>()?;
    Ok(Wish { format: one("inputFormat"), source: one("inputSource").unwrap_or_default(), storage, inputs })
}

/// The draft's own form: a JSON object with the same names.
fn of_manifest(manifest: Value<'_>) -> Result<Wish, Trouble> {
    let known = OPERATION.parameters;
    if manifest.members().any(|(name, _)| !known.contains(&&*name)) {
        let message = format!("The body is a Parameters resource, or a JSON object with the members {}.", known.join(", "));
        return Err(Trouble::malformed(IssueCode::Structure, message));
    }
    let simple = manifest.members().filter(|(name, _)| matches!(&**name, "inputFormat" | "inputSource")).map(|(name, value)| (name.into_owned(), text_of(value)));
    let [format, source] = texts(simple, ["inputFormat", "inputSource"], "")?;
    let storage = manifest.get("storageDetail").map_or(Ok(None), |storage| storage_of(members(storage)))?;
    let inputs = manifest.get("input").into_iter().flat_map(|list| list.each()).enumerate();
    let inputs = inputs.map(|(number, input)| input_of(members(input), number)).collect::<Result<Vec<_>, _>>()?;
    Ok(Wish { format, source: source.unwrap_or_default(), storage, inputs })
}

/// Where the files are said to lie, which is `https` where nothing is said.
fn storage_of(given: Vec<Given>) -> Result<Option<String>, Trouble> {
    let [kind] = texts(given.into_iter(), ["type"], "storageDetail")?;
    Ok(kind)
}

/// The type and the address of a file.
fn input_of(given: Vec<Given>, number: usize) -> Result<(Option<String>, Option<String>), Trouble> {
    let [kind, url] = texts(given.into_iter(), ["type", "url"], &format!("input[{number}]"))?;
    Ok((kind, url))
}

/// A name, and its text where it has one.
type Given = (String, Option<String>);

/// The texts of these names. Another name, one that comes twice and one that is no text are refused: passed over, they
/// would be a file that nobody reads.
fn texts<const N: usize>(given: impl Iterator<Item = Given>, names: [&str; N], place: &str) -> Result<[Option<String>; N], Trouble> {
    let wrong = || Trouble::malformed(IssueCode::Value, format!("What may stand here, once and as text: {}.", names.join(", "))).at(place);
    let mut found: [Option<String>; N] = std::array::from_fn(|_| None);
    for (name, text) in given {
        let own = names.iter().position(|known| *known == name).ok_or_else(wrong)?;
        if found[own].replace(text.ok_or_else(wrong)?).is_some() {
            return Err(wrong());
        }
    }
    Ok(found)
}

fn text_of(value: Value<'_>) -> Option<String> {
    value.as_str().map(|text| text.into_owned())
}

fn members(value: Value<'_>) -> Vec<Given> {
    match value.kind() {
        Kind::Object => value.members().map(|(name, value)| (name.into_owned(), text_of(value))).collect(),
        // What is no object has no names that could be right.
        _ => vec![(String::new(), None)],
    }
}

fn parts(parameter: Value<'_>) -> Vec<Given> {
    let all = parameter.get("part").into_iter().flat_map(|parts| parts.items());
    let value = |part: Value<'_>| part.members().find(|(member, _)| member.starts_with("value")).and_then(|(_, value)| text_of(value));
    all.map(|part| (part.string("name").unwrap_or_default().into_owned(), value(part))).collect()
}

fn file((kind, url): (Option<String>, Option<String>), number: usize) -> Result<IntakeFile, Trouble> {
    let wrong = |message: &str| Trouble::malformed(IssueCode::Value, message).at(&format!("input[{number}]"));
    let kind = kind.and_then(|name| ResourceType::named(&name)).ok_or_else(|| wrong("Each input has a type: the resource type of FHIR R4 that all lines of the file are."))?;
    let url = url.ok_or_else(|| wrong("Each input has a url: where the file lies."))?;
    Ok(IntakeFile { kind, url })
}
