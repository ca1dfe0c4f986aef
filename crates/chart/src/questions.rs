//! Questions about entries of the log, and their answers, in the record of the person.
//!
//! * Both are Communications of the record: they stay as long as it does, and writing them is in its history.
//! * A question is open until somebody has answered it; an answer is never taken back.
//! * A question waits in a queue too, with its words, so that the privacy officer of the institution
//!   that opened can answer without opening the record.
//! * They are about the trace and not about health: summaries and timelines leave them out.

use access::{Act, Caller, Role, may_answer_questions, may_review_glass};
use fhir::splice::write_string;
use fhir::{Document, Issue, IssueCode, Moment, ResourceType, Value};

use crate::door::Chart;
use crate::error::{Error, Result};
use crate::audit::AUDIT_ID;
use crate::births::keeper;
use crate::glass::one_line;
use crate::locks::Held;
use crate::openings::OpeningLine;
use crate::stored::Method;
use crate::transaction::Rules;
use crate::whole::to_its_end;

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

/// A question that waits for an answer, as whoever may give it sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitingQuestion {
    /// The id of the Communication.
    pub id: String,
    /// The id of the Patient.
    pub patient: String,
    /// The place in the log it is about.
    pub opening: u64,
    /// When the record was opened.
    pub opened_at: Moment,
    /// The account that opened it.
    pub account: u64,
    /// Where its holder worked.
    pub institution: String,
    /// Who asks.
    pub by: String,
    /// When it was asked.
    pub at: Moment,
    /// What is asked.
    pub text: String,
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

/// Refuses that somebody writes, alters or deletes a question about the log, or an answer, by the way: whoever looked would
/// answer for themselves, or make the question go.
///
/// # Errors
/// [`Error::Refused`] with the rule `log-question`.
pub(crate) fn refuse_by_the_way(caller: &Caller, kind: ResourceType, resource: Value<'_>, rules: Rules) -> Result<()> {
    let is_free = rules.moves || matches!(caller.account.role, Role::Integration | Role::Console);
    if is_free || kind.name() != "Communication" || !is_log_question(resource) {
        return Ok(());
    }
    let message = "Questions about who has looked, and their answers, are written on the page of openings and stay as they are.";
    Err(Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "Communication.category", message).of_rule("log-question")]))
}

impl Chart {
    /// Keeps a question about an opening of a person's record.
    pub async fn question_opening(&self, caller: &Caller, patient_id: &str, opening: u64, text: &str) -> Result<()> {
        // Of somebody who was registered twice the page lists what was opened of either; the question lies with that.
        let mut found = None;
        for (patient, permitted) in self.find_seen_records(caller, patient_id)? {
            if let Some(line) = self.store().opening_at(&permitted, opening)? {
                found = Some((patient, line));
                break;
            }
        }
        let (patient, line) = found.ok_or(Error::NotFound)?;
        let (chart, caller, text) = (self.clone(), caller.clone(), text.to_owned());
        // Who hangs up leaves no question in the record that waits for nobody's answer.
        to_its_end(async move { chart.ask_about(&caller, &patient, &line, &text).await }).await
    }

    async fn ask_about(&self, caller: &Caller, patient_id: &str, line: &OpeningLine, text: &str) -> Result<()> {
        let id = self.keep_question(caller, patient_id, line.index, None, text).await?;
        let account = self.account_of(line.account)?;
        let waiting = WaitingQuestion {
            id,
            patient: patient_id.to_owned(),
            opening: line.index,
            opened_at: line.at.moment(),
            account: line.account,
            institution: account.map(|account| account.institution).unwrap_or_default(),
            by: caller.account.display.clone(),
            at: self.now(),
            text: text.trim().to_owned(),
        };
        let name = waiting_name(&waiting.id);
        let before = self.store().note(&name)?;
        self.store().keep_note(&name, before.as_deref(), waiting.written().as_bytes())?;
        self.list_waiting(WAITING, &waiting.id, true)
    }

    /// Questions that nobody has answered and that this caller may answer without opening the record,
    /// the oldest first.
    pub fn questions_waiting(&self, caller: &Caller) -> Result<Vec<WaitingQuestion>> {
        let note = self.store().note(WAITING)?.unwrap_or_default();
        let mut found = Vec::new();
        for id in String::from_utf8_lossy(&note).lines() {
            found.extend(self.waiting_question(id)?.filter(|waiting| may_review_glass(&caller.account, waiting.account, &waiting.institution)));
        }
        Ok(found)
    }

    /// Answers a question from the queue; the answer goes into the record, where its person reads it.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it does not wait for this caller.
    pub async fn answer_waiting(&self, caller: &Caller, id: &str, text: &str) -> Result<()> {
        let held = self.hold_question(id).await;
        let waiting = self.questions_waiting(caller)?.into_iter().find(|waiting| waiting.id == id).ok_or(Error::NotFound)?;
        self.answer(caller, &waiting.patient, waiting.opening, id, text, held).await
    }

    /// Of two who answer one question at once the second finds it answered.
    async fn hold_question(&self, id: &str) -> Held {
        self.inner.locks.conditions([format!("answer to {id}").as_str()]).await
    }

    /// Writes an answer and takes its question out of the queue, also where whoever answers hangs up.
    async fn answer(&self, caller: &Caller, patient_id: &str, opening: u64, question: &str, text: &str, held: Held) -> Result<()> {
        let (chart, caller, patient, question, text) = (self.clone(), caller.clone(), patient_id.to_owned(), question.to_owned(), text.to_owned());
        to_its_end(async move {
            chart.keep_question(&caller, &patient, opening, Some(&question), &text).await?;
            let done = chart.is_answered(&question);
            drop(held);
            done
        })
        .await
    }

    /// Takes a question out of the queue.
    fn is_answered(&self, id: &str) -> Result<()> {
        self.list_waiting(WAITING, id, false)?;
        let name = waiting_name(id);
        let before = self.store().note(&name)?;
        if before.is_some() {
            self.store().keep_note(&name, before.as_deref(), b"")?;
        }
        Ok(())
    }

    /// Takes the questions of persons who are not here any more out of the queue.
    pub(crate) fn forget_questions(&self, is_here: &dyn Fn(&str) -> Result<bool>) -> Result<()> {
        let note = self.store().note(WAITING)?.unwrap_or_default();
        for id in String::from_utf8_lossy(&note).lines() {
            if let Some(waiting) = self.waiting_question(id)?
                && !is_here(&waiting.patient)?
            {
                self.is_answered(id)?;
            }
        }
        Ok(())
    }

    fn waiting_question(&self, id: &str) -> Result<Option<WaitingQuestion>> {
        let Some(note) = self.store().note(&waiting_name(id))?.filter(|note| !note.is_empty()) else { return Ok(None) };
        let text = String::from_utf8_lossy(&note);
        WaitingQuestion::read(id, &text).map(Some).ok_or(Error::Store(store::Error::Damaged("the note of a question could not be read")))
    }

    /// Answers a question.
    pub async fn answer_question(&self, caller: &Caller, patient_id: &str, question_id: &str, text: &str) -> Result<()> {
        if !may_answer_questions(caller) {
            return Err(Error::Forbidden);
        }
        let records = self.find_seen_records(caller, patient_id)?;
        let (at, permitted) = self.find(caller, Act::Read, communication(), question_id)?;
        let (patient, _) = records.iter().find(|(_, of_person)| of_person.record() == at.record).ok_or(Error::NotFound)?;
        let stored = self.newest(&permitted, communication(), at)?.filter(|stored| stored.method != Method::Delete).ok_or(Error::NotFound)?;
        let document = Document::read(&stored.text).map_err(|_| store::Error::Damaged("a question could not be read"))?;
        let question = read_question(question_id, document.root()).filter(|question| question.answers.is_none()).ok_or(Error::NotFound)?;
        let held = self.hold_question(question_id).await;
        self.answer(caller, patient, question.opening, question_id, text, held).await
    }

    /// Writes a question or an answer; gives its id.
    async fn keep_question(&self, caller: &Caller, patient_id: &str, opening: u64, answers: Option<&str>, text: &str) -> Result<String> {
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
        // In the name of the house: nobody writes one by the way.
        self.create(&keeper(caller), communication(), body.as_bytes(), None).await.map(|written| written.stored.id)
    }
}

/// Those nobody has answered.
const WAITING: &str = "log-questions waiting";

fn waiting_name(id: &str) -> String {
    format!("log-question {id}")
}

impl WaitingQuestion {
    /// A word and its value on each line, the words of the question last.
    fn written(&self) -> String {
        let WaitingQuestion { id: _, patient, opening, opened_at, account, institution, by, at, text } = self;
        format!("patient {patient}\nopening {opening}\nopened {}\naccount {account}\ninstitution {}\nby {}\nat {}\ntext\n{text}", opened_at.0, one_line(institution), one_line(by), at.0)
    }

    fn read(id: &str, note: &str) -> Option<WaitingQuestion> {
        let (head, text) = note.split_once("\ntext\n")?;
        let of = |word: &str| head.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
        Some(WaitingQuestion {
            id: id.to_owned(),
            patient: of("patient")?.to_owned(),
            opening: of("opening")?.parse().ok()?,
            opened_at: Moment(of("opened")?.parse().ok()?),
            account: of("account")?.parse().ok()?,
            institution: of("institution")?.to_owned(),
            by: of("by")?.to_owned(),
            at: Moment(of("at")?.parse().ok()?),
            text: text.to_owned(),
        })
    }
}

fn communication() -> ResourceType {
    ResourceType::named("Communication").expect("R4 has the type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_question_is_read_as_it_was_written() {
        let waiting = WaitingQuestion { id: "q".into(), patient: "p".into(), opening: 7, opened_at: Moment(1), account: 3, institution: "North".into(), by: String::new(), at: Moment(2), text: "why?\ntext\nat 9".into() };
        assert_eq!(WaitingQuestion::read("q", &waiting.written()), Some(waiting));
        assert_eq!(WaitingQuestion::read("q", "patient p\ntext\nwhy?"), None);
    }
}
