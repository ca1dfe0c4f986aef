//! Amendments: begun from one version of a document, completed over that version and no other.
//!
//! * A draft says from which version it was begun. Where another came meanwhile it is not completed: it would take
//!   away, unsaid, what that one put right, or bring back into force what was taken out of it.
//! * An addition to what was taken out of force meanwhile is not completed either.
//! * Begun anew it keeps what was changed in it, over the answers of the newer version.

use ::forms::{Filling, Json};
use access::{Caller, Role};

use super::{AMENDS, AMENDS_VERSION, Filled, OWN_EXTENSIONS, REASON, kind, refused, told_by_others};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::meta::keep_labels;
use crate::provenance::reference;
use crate::stored::Stored;

/// The version that a document got after an amendment of it was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    /// The id of the document.
    pub document: String,
    /// The version it has now.
    pub version: u32,
    /// It is out of force: nothing amends it any more.
    pub is_annulled: bool,
}

fn extension(url: &str, member: &str, value: Json) -> Json {
    Json::object([("url", Json::text(url)), (member, value)])
}

fn begun_from(version: u32) -> Json {
    extension(AMENDS_VERSION, "valuePositiveInt", Json::Number(version.to_string()))
}

/// How a document stands now.
fn standing(newest: &Stored) -> Result<Overtaken> {
    let json = Json::read(&newest.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
    let is_annulled = !matches!(json.string("status"), Some("completed" | "amended"));
    Ok(Overtaken { document: newest.id.clone(), version: newest.version, is_annulled })
}

impl Chart {
    /// Begins an amendment of a completed response: a draft with its answers and the reason.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is not amended, or without a reason; what a write may fail with.
    pub async fn amend_form(&self, caller: &Caller, completed: &Filled, reason: &str) -> Result<Filled> {
        let reason = &self.reason(reason)?;
        if !matches!(completed.status.as_str(), "completed" | "amended") {
            return Err(refused("Only a response that is completed can be amended."));
        }
        if completed.lacks_form || completed.elsewhere.is_some() {
            return Err(refused("Only with the form it answers, and from its newest version here, a response is amended."));
        }
        if completed.said_by.is_some() || caller.account.role == Role::Person {
            return Err(refused("What a person said stays as it was said: they send another, and whoever works here writes their own."));
        }
        let was = Json::read(&completed.stored.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        let own = format!("QuestionnaireResponse/{}", completed.stored.id);
        let mut json = Json::object([("resourceType", Json::text("QuestionnaireResponse"))]);
        let mut begun = vec![extension(AMENDS, "valueReference", reference(&own)), begun_from(completed.stored.version), extension(REASON, "valueString", Json::text(reason))];
        // An addition that is corrected goes on to be one.
        begun.extend(crate::addenda::relation(&was));
        begun.extend(told_by_others(&was));
        json.set("extension", Json::List(begun));
        for name in ["identifier", "basedOn", "partOf", "questionnaire", "status", "subject", "encounter", "source", "language", "modifierExtension"] {
            if let Some(value) = was.get(name) {
                json.set(name, if name == "status" { Json::text("in-progress") } else { value.clone() });
            }
        }
        // What is kept from others is kept from them in the draft, too.
        keep_labels(&mut json, Some(&was));
        let body = self.response(caller, &completed.patient, json, &completed.filling)?;
        let written = self.create(caller, kind("QuestionnaireResponse"), body.as_bytes(), None).await?;
        self.again(written.stored, completed.form.clone(), &completed.patient)
    }

    /// What became of the document that a draft amends, or adds to, since the draft was begun; none where it is as it
    /// was, where it is gone, and of any other draft. An addition holds until its document is out of force.
    ///
    /// # Errors
    /// What a read may fail with.
    pub async fn overtaken(&self, caller: &Caller, draft: &Filled) -> Result<Option<Overtaken>> {
        let Some(document) = draft.amends.as_ref().or(draft.appends.as_ref()).filter(|_| draft.status == "in-progress") else { return Ok(None) };
        match self.read(caller, draft.stored.kind, document).await {
            Ok(newest) if draft.amends.is_some() => self.overtaken_by(caller, draft, &newest).await,
            Ok(newest) => Ok(Some(standing(&newest)?).filter(|one| one.is_annulled)),
            Err(Error::NotFound | Error::Gone { .. }) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// The same, where the newest version of the document was read.
    pub(super) async fn overtaken_by(&self, caller: &Caller, draft: &Filled, newest: &Stored) -> Result<Option<Overtaken>> {
        let is_another = match draft.amends_version {
            Some(begun) => begun != newest.version,
            // A draft that does not say it yet: what came after its first word it was not begun from.
            None => match self.vread(caller, draft.stored.kind, &draft.stored.id, "1").await {
                Ok(first) => first.last_updated < newest.last_updated,
                Err(Error::NotFound | Error::Gone { .. }) => false,
                Err(cause) => return Err(cause),
            },
        };
        if !is_another {
            return Ok(None);
        }
        Ok(Some(standing(newest)?))
    }

    /// Begins an amendment anew from the newest version of its document: the draft keeps what was changed in it, and
    /// says otherwise what that version says. The draft, and the document it is of now.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing amends the document any more; [`Error::VersionMismatch`] where somebody else has
    /// written into the draft; what a read or a write may fail with.
    pub async fn amend_anew(&self, caller: &Caller, draft: &Filled) -> Result<(Filled, Filled)> {
        let mut json = self.draft_going_on(draft)?;
        let writer = self.draft_writer(caller, draft)?;
        let Some(amended) = &draft.amends else { return Err(refused("Only an amendment is begun anew.")) };
        let newest = self.filled(caller, &draft.patient, amended).await?;
        if !matches!(newest.status.as_str(), "completed" | "amended") || newest.lacks_form {
            return Err(refused("Only a response that is completed can be amended."));
        }
        // Where it is not known from what it was begun, every answer in it counts as changed.
        let base = match draft.amends_version {
            Some(begun) => match self.filled_version(caller, &draft.patient, amended, begun).await {
                Ok(base) => base.filling,
                Err(Error::NotFound | Error::Gone { .. }) => Filling::default(),
                Err(cause) => return Err(cause),
            },
            None => Filling::default(),
        };
        let filling = ::forms::carried(&newest.form, &base, &draft.filling, &newest.filling);
        let was = Json::read(&newest.stored.text).map_err(|_| Error::Store(store::Error::Damaged("a response could not be read")))?;
        if let Some(questionnaire) = was.get("questionnaire") {
            json.set("questionnaire", questionnaire.clone());
        }
        let is_of_draft = |one: &&Json| one.string("url").is_some_and(|url| url.starts_with(OWN_EXTENSIONS) && url != AMENDS_VERSION);
        let mut extensions: Vec<Json> = json.each("extension").iter().filter(is_of_draft).cloned().collect();
        extensions.push(begun_from(newest.stored.version));
        extensions.extend(told_by_others(&was));
        keep_labels(&mut json, Some(&was));
        json.set("extension", Json::List(extensions));
        let body = self.response(caller, &draft.patient, json, &filling)?;
        let written = self.update(&writer, kind("QuestionnaireResponse"), &draft.stored.id, body.as_bytes(), Some(&draft.stored.version.to_string())).await?;
        Ok((self.again(written.stored, newest.form.clone(), &draft.patient)?, newest))
    }
}
