//! Changing parts of a resource: JSON Patch and FHIRPath Patch applied to the received tokens.

use access::{Act, Caller, Deed, Facts};
use fhir::{Document, Issue, IssueCode, ResourceType, Value};
use fhirpath::json_patch::{JsonPatchError, JsonPatchProblem, json_patch};
use fhirpath::patch::{PatchError, PatchProblem, fhirpath_patch};
use store::Method;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::stored::Stored;
use crate::write::Target;

/// A patch as received.
#[derive(Clone, Copy, Debug)]
pub enum Patch<'a> {
    /// RFC 6902.
    Json(&'a [u8]),
    /// A Parameters resource, <https://hl7.org/fhir/R4/fhirpatch.html>.
    FhirPath(&'a [u8]),
}

impl<'a> Patch<'a> {
    fn bytes(self) -> &'a [u8] {
        match self {
            Patch::Json(bytes) | Patch::FhirPath(bytes) => bytes,
        }
    }

    /// True where it goes by what the resource says, and not by places alone: whoever may change a resource and not
    /// read it would learn by trying what it says.
    fn asks(self, root: Value<'_>) -> bool {
        match self {
            Patch::Json(_) => root.items().any(|operation| operation.string("op").as_deref() == Some("test")),
            Patch::FhirPath(_) => {
                let parts = root.get("parameter").into_iter().flat_map(|operations| operations.each()).flat_map(|operation| operation.get("part")).flat_map(|parts| parts.each());
                let mut paths = parts.filter(|part| part.string("name").as_deref() == Some("path"));
                paths.any(|part| part.string("valueString").is_none_or(|path| !is_place(&path)))
            }
        }
    }
}

/// True for a path of members and of places in lists: `Patient.name[0].given`.
fn is_place(path: &str) -> bool {
    let is_member = |step: &str| !step.is_empty() && step.chars().all(|letter| letter.is_ascii_alphanumeric());
    path.split('.').all(|step| match step.split_once('[') {
        None => is_member(step),
        Some((member, index)) => is_member(member) && index.strip_suffix(']').is_some_and(|index| !index.is_empty() && index.chars().all(|digit| digit.is_ascii_digit())),
    })
}

/// What a patch makes of a resource.
pub(crate) struct Patched {
    pub id: String,
    /// The version it was made of.
    pub version: String,
    pub text: String,
    /// False where the caller's program may change the resource and not read it.
    pub is_shown: bool,
}

impl Chart {
    /// What a resource is after a patch. A scope to update is enough for it, but then nothing is told of what is there.
    /// <https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html>
    pub(crate) async fn patched(&self, caller: &Caller, kind: ResourceType, target: Target<'_>, patch: Patch<'_>, if_match: Option<&str>) -> Result<Patched> {
        self.check_scope(caller, Deed::Update, kind)?;
        let id = match target {
            Target::Id(id) => id.to_owned(),
            Target::Criteria(condition) => {
                let mut found = self.find_by_condition(caller, kind, condition, 2)?;
                match found.len() {
                    0 => return Err(Error::NotFound),
                    1 => found.remove(0).1,
                    _ => return Err(Error::MultipleMatches),
                }
            }
        };
        let read = match self.check_scope(caller, Deed::Read, kind) {
            Ok(()) => match self.find(caller, Act::Read, kind, &id) {
                Ok((at, permitted)) => self.newest(&permitted, kind, at)?,
                Err(Error::NotFound) => None,
                Err(cause) => return Err(cause),
            },
            Err(_) => None,
        };
        let is_shown = read.is_some();
        let was = match read {
            Some(was) => was,
            None => self.newest_to_write(caller, kind, &id)?.ok_or(Error::NotFound)?,
        };
        if was.method == Method::Delete {
            return Err(Error::Gone { version: was.version });
        }
        let version = was.version.to_string();
        if if_match.is_some_and(|wanted| wanted != "*" && wanted != version) {
            return Err(Error::VersionMismatch { current: was.version });
        }
        let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let document = Document::read_bytes(patch.bytes(), self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
        if !is_shown && patch.asks(document.root()) {
            return Err(Error::Forbidden);
        }
        let text = match patch {
            Patch::Json(_) => json_patch(before.root(), document.root()).map_err(|cause| json_refused(&cause))?,
            Patch::FhirPath(_) => fhirpath_patch(before.root(), document.root()).map_err(|cause| refused(&cause))?,
        };
        Ok(Patched { id, version, text, is_shown })
    }

    /// The newest version of what the scopes of the caller's program let it change, though they do not let it read.
    /// What the account itself may not see stays hidden.
    fn newest_to_write(&self, caller: &Caller, kind: ResourceType, id: &str) -> Result<Option<Stored>> {
        if caller.grant.is_none() {
            return Ok(None);
        }
        let account = &Caller { grant: None, ..caller.clone() };
        let (at, permitted) = match self.find(account, Act::Read, kind, id) {
            Ok(found) => found,
            Err(Error::NotFound) => return Ok(None),
            Err(cause) => return Err(cause),
        };
        self.permit_write(caller, at.record)?;
        let was = self.newest(&permitted, kind, at)?;
        if let Some(was) = was.as_ref().filter(|was| was.method != Method::Delete) {
            self.check_write(caller, Deed::Update, at.record, &Facts::new(kind, &was.id, &was.text))?;
        }
        Ok(was)
    }
}

/// A patch that could not be understood is malformed; one that does not fit the resource is refused.
fn json_refused(cause: &JsonPatchError) -> Error {
    use JsonPatchProblem::*;
    let fits_not = matches!(cause.problem, NoSuchPlace | BadIndex | IntoItself | WholeDocument | TestFailed | TooLarge);
    told(cause.to_string(), fits_not)
}

fn refused(cause: &PatchError) -> Error {
    use PatchProblem::*;
    let fits_not = !matches!(cause.problem, NotParameters | TooMany | NotAnOperation | MissingPart(_) | UnknownType | BadPath(_));
    told(cause.to_string(), fits_not)
}

fn told(message: String, fits_not: bool) -> Error {
    if fits_not {
        Error::Refused(vec![Issue::error(IssueCode::Processing, "", message)])
    } else {
        Error::Malformed(vec![Issue::error(IssueCode::Invalid, "", message)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_goes_by_places_or_by_what_is_said_there() {
        let asks = |patch: Patch<'_>| patch.asks(Document::read_bytes(patch.bytes(), fhir::Limits::default()).unwrap().root());
        for (patch, expected) in [
            (r#"[{"op":"replace","path":"/status","value":"final"}]"#, false),
            (r#"[{"op":"copy","from":"/note/0","path":"/note/1"}]"#, false),
            (r#"[{"op":"replace","path":"/status","value":"final"},{"op":"test","path":"/status","value":"final"}]"#, true),
            (r#"[{"op":"t\u0065st","path":"/status","value":"final"}]"#, true),
        ] {
            assert_eq!(asks(Patch::Json(patch.as_bytes())), expected, "{patch}");
        }
        for (path, expected) in [
            ("Observation.status", false),
            ("Observation.component[0].code", false),
            ("Observation.component.where(code.text = 'x')", true),
            ("Observation.component[value]", true),
            ("Observation.component[0 + 1]", true),
            ("iif(true, Observation)", true),
            ("Observation.extension('http://x.example')", true),
            ("Observation..status", true),
            ("", true),
        ] {
            let patch = format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[{{"name":"type","valueCode":"delete"}},{{"name":"path","valueString":"{path}"}}]}}]}}"#);
            assert_eq!(asks(Patch::FhirPath(patch.as_bytes())), expected, "{path}");
        }
    }
}
