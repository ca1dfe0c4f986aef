//! Forms of a pack brought into a site that is there already.
//!
//! * A version that the site holds is not written again. A new version is a Questionnaire of its own beside the old
//!   one, so that what answers the old one stays as it was.
//! * A form that somebody changed here is left alone, and said: it has another text than the pack's of the same
//!   version, or more than one version of its resource, or was retired.
//! * A form that was deleted here was deleted by somebody who decided so: it does not come back by itself.

use std::ops::ControlFlow;

use access::{Act, Caller};
use fhir::ResourceType;
use search::{Handling, Query};
use store::{Method, Tick};

use ::forms::{Form, Json};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::terminology::{house, search_value};

/// What became of a form that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// It was there in this version.
    There,
    /// It is new here.
    New,
    /// Another version of it was here; this one stands beside it.
    NewVersion,
    /// It was changed here and is left as it is.
    Changed,
    /// It was deleted here and stays so.
    Deleted,
}

/// What is brought beside what is new.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Also {
    /// New versions beside forms that were changed here.
    pub changed: bool,
    /// Forms that were deleted here.
    pub deleted: bool,
}

impl Chart {
    /// What would become of a form of a pack here.
    ///
    /// # Errors
    /// [`Error::Malformed`] for what is no Questionnaire; what a search may fail with.
    pub async fn judge_form(&self, caller: &Caller, text: &str) -> Result<Brought> {
        let form = Form::read(text).map_err(|issue| Error::Malformed(vec![issue]))?;
        let kind = ResourceType::named("Questionnaire").expect("R4 has the type");
        let url = search_value(&form.url);
        let mut query = Query::parse(kind, [("url", url.as_str())].into_iter(), Handling::Strict, self.query_context()).map_err(Error::Malformed)?;
        query.count = Some(1000);
        let (mut is_there, mut is_any, mut is_changed) = (false, false, false);
        for hit in self.search(caller, &query, None).await?.items {
            let Ok(here) = Json::read(&hit.stored.text) else { continue };
            is_any = true;
            let is_this = here.string("version").unwrap_or_default() == form.version;
            is_there |= is_this;
            is_changed |= hit.stored.version > 1 || here.string("status") != Some("active") || (is_this && !says_the_same(here, text));
        }
        if !is_there {
            let deleted = self.deleted_forms(&form.url)?;
            if deleted.iter().any(|version| *version == form.version) || (!is_any && !deleted.is_empty()) {
                return Ok(Brought::Deleted);
            }
        }
        Ok(match (is_any, is_there, is_changed) {
            (false, ..) => Brought::New,
            (_, _, true) => Brought::Changed,
            (_, true, _) => Brought::There,
            _ => Brought::NewVersion,
        })
    }

    /// The versions of a form that were here and were deleted.
    fn deleted_forms(&self, url: &str) -> Result<Vec<String>> {
        let kind = ResourceType::named("Questionnaire").expect("R4 has the type");
        let set = self.permitted_set(&house(), Act::Read)?;
        let mut versions = Vec::new();
        for record in self.store().shared_records(kind) {
            let Some(permitted) = self.right(&set, record)? else { continue };
            let mut ended = Vec::new();
            self.store().scan_types(&permitted, &[kind], Tick::END, None, &mut |entry| {
                if entry.method == Method::Delete {
                    ended.push(entry.id.to_owned());
                }
                ControlFlow::Continue(())
            })?;
            for id in ended {
                let Some(at) = self.store().locate(kind, &id)? else { continue };
                // What it said last.
                self.store().versions(&permitted, kind, at, &mut |entry| {
                    if entry.method == Method::Delete {
                        return ControlFlow::Continue(());
                    }
                    if let Ok(was) = Json::read(entry.text)
                        && was.string("url") == Some(url)
                    {
                        versions.push(was.string("version").unwrap_or_default().to_owned());
                    }
                    ControlFlow::Break(())
                })?;
            }
        }
        Ok(versions)
    }

    /// Brings a form of a pack into the site; one that was changed or deleted here only where that is said.
    ///
    /// # Errors
    /// Those of [`Chart::judge_form`]; what a write may fail with.
    pub async fn bring_form(&self, caller: &Caller, text: &str, also: Also) -> Result<Brought> {
        let judged = self.judge_form(caller, text).await?;
        let is_wanted = match judged {
            Brought::New | Brought::NewVersion => true,
            Brought::Changed => also.changed,
            Brought::Deleted => also.deleted,
            Brought::There => false,
        };
        if is_wanted && self.keep_form(caller, text).await? {
            return Ok(match judged {
                Brought::Changed => Brought::NewVersion,
                Brought::Deleted => Brought::New,
                judged => judged,
            });
        }
        Ok(judged)
    }
}

/// True where the site's resource is the pack's, save what the site itself adds.
fn says_the_same(mut here: Json, pack: &str) -> bool {
    here.remove("id");
    here.remove("meta");
    Json::read(pack).is_ok_and(|pack| pack == here)
}
