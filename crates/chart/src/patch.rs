//! Changing parts of a resource: JSON Patch and FHIRPath Patch applied to the received tokens.

use access::{Act, Caller};
use fhir::{Document, Issue, IssueCode, ResourceType};
use fhirpath::json_patch::{JsonPatchError, JsonPatchProblem, json_patch};
use fhirpath::patch::{PatchError, PatchProblem, fhirpath_patch};
use store::Method;

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::write::Target;

/// A patch as received.
#[derive(Clone, Copy, Debug)]
pub enum Patch<'a> {
    /// RFC 6902.
    Json(&'a [u8]),
    /// A Parameters resource, <https://hl7.org/fhir/R4/fhirpatch.html>.
    FhirPath(&'a [u8]),
}

impl Chart {
    /// The id, version and text of a resource after a patch.
    pub(crate) async fn patched(&self, caller: &Caller, kind: ResourceType, target: Target<'_>, patch: Patch<'_>, if_match: Option<&str>) -> Result<(String, String, String)> {
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
        let (at, permitted) = self.find(caller, Act::Read, kind, &id)?;
        let was = self.newest(&permitted, kind, at)?.ok_or(Error::NotFound)?;
        if was.method == Method::Delete {
            return Err(Error::Gone { version: was.version });
        }
        let version = was.version.to_string();
        if if_match.is_some_and(|wanted| wanted != version) {
            return Err(Error::VersionMismatch { current: was.version });
        }
        let before = Document::read(&was.text).map_err(|_| store::Error::Damaged("a stored resource cannot be read"))?;
        let text = match patch {
            Patch::Json(bytes) => {
                let document = Document::read_bytes(bytes, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
                json_patch(before.root(), document.root()).map_err(|cause| json_refused(&cause))?
            }
            Patch::FhirPath(bytes) => {
                let document = Document::read_bytes(bytes, self.inner.settings.limits).map_err(|cause| Error::Malformed(vec![Issue::from(&cause)]))?;
                fhirpath_patch(before.root(), document.root()).map_err(|cause| refused(&cause))?
            }
        };
        Ok((id, version, text))
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
