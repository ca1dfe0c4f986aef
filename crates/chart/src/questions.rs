//! Questions about entries of the log, and their answers, in the record of the person.
//!
//! * Both are Communications of the record: they stay as long as it does, and writing them is in its history.
//! * A question is open until somebody has answered it; an answer is never taken back.
//! * They are about the trace and not about health: summaries and timelines leave them out.

use access::{Act, Caller, may_answer_questions, scribe};
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, ResourceType, Value};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::audit::AUDIT_ID;
use crate::stored::Method;

/// The system of the codes `question` and `answer` in the category of such a Communication.
pub const QUESTION_SYSTEM: &str = "https://carnet.health/fhir/CodeSystem/log-question";

/// The most characters of a question or an answer.
pub const QUESTION_LONGEST: usize = 2000;

/// A question about an entry of the log, or the answer to one, as a page reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogQuestion {
    /// The id of the Communication.
    pub id: String,
    /// The place in the log it is about.
    pub opening: u64,
    /// The question an answer is to; none for a question.
    pub answers: Option<String>,
    /// What it says.
    pub text: String,
    /// Who wrote it down.
    pub by: String,
    /// When, as it was sent.
    pub sent: String,
}

/// Reads a Communication as a question about the log; none where it is something else.
pub fn read_question(id: &str, resource: Value<'_>) -> Option<LogQuestion> {
    if !is_log_question(resource) {
        return None;
    }
    let text_at = |path: &[&str]| resource.path(path).and_then(|value| value.first()).and_then(|value| value.as_str()).map(|text| text.into_owned());
    let about = text_at(&["about", "reference"])?;
    Some(LogQuestion {
        id: id.to_owned(),
        opening: about.rsplit('/').next()?.strip_prefix(AUDIT_ID)?.parse().ok()?,
        answers: text_at(&["inResponseTo", "reference"]).and_then(|reference| reference.rsplit('/').next().map(str::to_owned)),
        text: text_at(&["payload", "contentString"])?,
        by: text_at(&["sender", "display"]).unwrap_or_default(),
        sent: text_at(&["sent"]).unwrap_or_default(),
    })
}

/// Whether a resource is about the log and not about health.
pub fn is_log_question(resource: Value<'_>) -> bool {
    let system = resource.path(&["category", "coding", "system"]).and_then(|value| value.first());
    system.and_then(|system| system.as_str()).is_some_and(|system| system == QUESTION_SYSTEM)
}

impl Chart {
    /// Keeps a question about an opening of a person's record.
    pub async fn question_opening(&self, caller: &Caller, patient_id: &str, opening: u64, text: &str) -> Result<()> {
        let (_, permitted) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        if self.store().opening_at(&permitted, opening)?.is_none() {
            return Err(Error::NotFound);
        }
        self.keep_question(caller, patient_id, opening, None, text).await
    }

    /// Answers a question.
    pub async fn answer_question(&self, caller: &Caller, patient_id: &str, question_id: &str, text: &str) -> Result<()> {
        if !may_answer_questions(caller) {
            return Err(Error::Forbidden);
        }
        let (of_patient, _) = self.find(caller, Act::Read, ResourceType::PATIENT, patient_id)?;
        let (at, permitted) = self.find(caller, Act::Read, communication(), question_id)?;
        if at.record != of_patient.record {
            return Err(Error::NotFound);
        }
        let stored = self.newest(&permitted, communication(), at)?.filter(|stored| stored.method != Method::Delete).ok_or(Error::NotFound)?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a question could not be read"))?;
        let question = read_question(question_id, document.root()).filter(|question| question.answers.is_none()).ok_or(Error::NotFound)?;
        self.keep_question(caller, patient_id, question.opening, Some(question_id), text).await
    }

    async fn keep_question(&self, caller: &Caller, patient_id: &str, opening: u64, answers: Option<&str>, text: &str) -> Result<()> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > QUESTION_LONGEST {
            let message = format!("A question and its answer have 1 to {QUESTION_LONGEST} characters.");
            return Err(Error::Refused(vec![Issue::error(IssueCode::Value, "Communication.payload", message)]));
        }
        let code = if answers.is_some() { "answer" } else { "question" };
        let mut body = format!(
            r#"{{"resourceType":"Communication","status":"completed","category":[{{"coding":[{{"system":"{QUESTION_SYSTEM}","code":"{code}"}}]}}],"subject":{{"reference":"Patient/{patient_id}"}},"about":[{{"reference":"AuditEvent/{AUDIT_ID}{opening}"}}],"sent":"{}","sender":{{"display":"#,
            self.now()
        );
        write_string(if caller.account.display.is_empty() { &caller.account.login } else { &caller.account.display }, &mut body);
        body.push('}');
        if let Some(question) = answers {
            body.push_str(&format!(r#","inResponseTo":[{{"reference":"Communication/{question}"}}]"#));
        }
        body.push_str(r#","payload":[{"contentString":"#);
        write_string(text, &mut body);
        body.push_str("}]}");
        self.create(&scribe(caller), communication(), body.as_bytes(), None).await.map(|_| ())
    }
}

fn communication() -> ResourceType {
    ResourceType::named("Communication").expect("R4 has the type")
}
