//! Papers of signed documents, and the codes by which anybody looks them up.
//!
//! * Every certificate and every copy on paper has a code of eighty random bits. The code is the
//!   whole address: it names nobody, and nobody guesses one.
//! * Whoever has the code learns what kind of paper it is, from whom, of which day, and whether it is
//!   in force. Whoever also knows a detail that stands on the paper (the birth date, or the end of a
//!   number) is shown what the paper says, and that leaves an opening. A wrong detail looks like a
//!   code that does not exist.
//! * What the paper says is read from the record at that moment, so an erased person looks absent here too.
//! * A copy has a number, and says who asked for it and who handed it over.
//! * What a paper says beside its document is fixed when it is made: the additions it was made with, and a digest of
//!   every byte it was made of. What is added later changes no paper there is.

use std::net::IpAddr;

use ::forms::Json;
use access::{Act, Caller, Disclosure, Permitted, PermittedSet, Role};
use fhir::date::Precision;
use fhir::{Document, Issue, IssueCode, Moment, PartialDateTime, RecordId, ResourceType, Value, is_id};
use sha2::{Digest, Sha256};
use store::{Method, NoteChange};

use crate::accounts::{LETTERS, seconds};
use crate::door::Chart;
use crate::error::{Error, Result};
use crate::forms::Filled;
use crate::stored::Stored;
use crate::terminology::house;
use crate::used::{is_once, use_of};

/// Letters of a code.
const CODE_LETTERS: usize = 16;
/// The longest that is written about a copy.
const WORDS_LONGEST: usize = 200;
/// Copies of one document at most: more is nobody's errand.
const MOST: usize = 500;

/// What a paper is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaperKind {
    /// The certificate itself.
    Certificate,
    /// A certified copy of all that was written.
    Copy,
    /// A copy without what is nobody else's business: for an employer or a school.
    Short,
}

impl PaperKind {
    const ALL: [(PaperKind, &str); 3] = [(PaperKind::Certificate, "certificate"), (PaperKind::Copy, "copy"), (PaperKind::Short, "short")];

    /// Its word.
    pub fn word(self) -> &'static str {
        PaperKind::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind of a word.
    pub fn named(word: &str) -> Option<PaperKind> {
        PaperKind::ALL.iter().find(|(_, own)| *own == word).map(|(kind, _)| *kind)
    }
}

/// One paper.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    /// The code by which it is looked up.
    pub code: String,
    /// What it is.
    pub kind: PaperKind,
    /// Its number among the papers of its document, from 1.
    pub number: usize,
    /// The Patient's id.
    pub patient: String,
    /// The response's id.
    pub response: String,
    /// Which version it is of.
    pub version: u32,
    /// The institution that issued it.
    pub institution: String,
    /// When it was made.
    pub at: Moment,
    /// Who asked for it, in words; empty for the certificate itself.
    pub asked_by: String,
    /// Who handed it over.
    pub given_by: String,
    /// What it was made of; none for a paper made before that was kept.
    pub made_of: Option<MadeOf>,
}

/// What a paper was made of, fixed when it was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MadeOf {
    /// The additions it was made with, each with its version, the oldest first.
    pub addenda: Vec<(String, u32)>,
    /// SHA-256 over the stored bytes of the document, of each addition and of the Patient as it was when the document
    /// was signed, each followed by the end of a line, as hexadecimal digits.
    pub digest: String,
}

/// Whether a paper is in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaperState {
    /// It is.
    Good,
    /// Another version took its place.
    Replaced,
    /// It was taken out of force.
    Revoked,
    /// Its time is over.
    Expired,
    /// It could be used once, and was.
    Used,
    /// It can be used once, and may have been used in another house.
    Unsure,
}

/// What somebody learns who looks a paper up.
pub enum LookedUp {
    /// There is none, or the detail is wrong: nobody is told which.
    Absent,
    /// Too many attempts; come back in so many seconds.
    Later(u32),
    /// There is one.
    Found {
        /// The paper.
        paper: Box<Paper>,
        /// Whether it is in force.
        state: PaperState,
        /// The version it is of. Its answers are for showing only where a detail was shown.
        filled: Box<Filled>,
        /// The additions it was made with; the same holds for these.
        addenda: Vec<Filled>,
        /// The detail was right.
        is_shown: bool,
    },
}

impl Chart {
    /// Makes a certified copy of a signed version, with a number and a code.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is not signed, with the rule `annulled` for what was taken out of force;
    /// [`Error::Conflict`] where it has another version by now.
    pub async fn copy_on_paper(&self, caller: &Caller, filled: &Filled, kind: PaperKind, asked_by: &str) -> Result<Paper> {
        let asked_by = asked_by.trim();
        if asked_by.is_empty() || asked_by.chars().count() > WORDS_LONGEST {
            return Err(refused(format!("Who asks for a copy is told in 1 to {WORDS_LONGEST} characters.")));
        }
        if caller.grant.is_some() || !hands_out(caller.account.role) {
            return Err(Error::Forbidden);
        }
        self.add_paper(caller, filled, kind, asked_by).await
    }

    /// The certificate that a signed document is, with its code; made where there is none for this
    /// version yet. None where the form makes no certificate, and where another house signed it: its paper is of
    /// there.
    ///
    /// # Errors
    /// What a read may fail with; others keep making papers of the same document.
    pub async fn certificate_of(&self, caller: &Caller, filled: &Filled) -> Result<Option<Paper>> {
        if filled.form.certificate.is_none() || !matches!(filled.status.as_str(), "completed" | "amended") {
            return Ok(None);
        }
        let papers = self.papers_of(caller, filled).await?;
        if let Some(paper) = papers.into_iter().find(|one| one.kind == PaperKind::Certificate && one.version == filled.stored.version) {
            return Ok(Some(paper));
        }
        if self.signatures(caller, &filled.stored).await?.iter().any(|one| one.here == Some(filled.stored.version) && one.elsewhere.is_some()) {
            return Ok(None);
        }
        match self.add_paper(caller, filled, PaperKind::Certificate, "").await {
            Ok(paper) => Ok(Some(paper)),
            Err(Error::Refused(_)) => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    /// The papers of a response, the first made first.
    pub async fn papers_of(&self, caller: &Caller, filled: &Filled) -> Result<Vec<Paper>> {
        // Whoever may read the document may know which papers of it there are.
        self.read(caller, filled.stored.kind, &filled.stored.id).await?;
        let (codes, _) = self.codes_in(self.record_of(&filled.stored)?)?;
        codes.iter().filter(|(_, response)| *response == filled.stored.id).filter_map(|(code, _)| self.paper(code).transpose()).collect()
    }

    async fn add_paper(&self, caller: &Caller, filled: &Filled, kind: PaperKind, asked_by: &str) -> Result<Paper> {
        // Without its form nobody knows what is to be withheld.
        if filled.lacks_form {
            return Err(refused("Of a document whose form is not held here no paper is made.".to_owned()));
        }
        if filled.status == "entered-in-error" {
            return Err(annulled("Of a document that was taken out of force no paper is made."));
        }
        let signed = self.signatures(caller, &filled.stored).await?;
        if filled.elsewhere.is_some() || !signed.iter().any(|one| one.here == Some(filled.stored.version)) {
            return Err(refused("Only of a signed version a paper is made.".to_owned()));
        }
        // A short copy, and a certificate, are of the document alone.
        let with = if kind == PaperKind::Copy { self.addenda_in_force(caller, filled).await? } else { Vec::new() };
        let then = self.person_then(caller, filled).await?;
        let made_of = MadeOf { addenda: with.iter().map(|one| (one.stored.id.clone(), one.stored.version)).collect(), digest: digest(filled, &with, then.as_ref()) };
        let account = &caller.account;
        let record = self.record_of(&filled.stored)?;
        // An erasure takes the papers with it, and none is made after it.
        let _held = self.inner.locks.records([record]).await;
        self.record_of(&filled.stored)?;
        // Nor of what was amended or taken out of force in between.
        if self.read(caller, filled.stored.kind, &filled.stored.id).await?.version != filled.stored.version {
            return Err(Error::Conflict("the document has another version now; look at it again"));
        }
        for _ in 0..8 {
            let (all, before) = self.codes_in(record)?;
            let codes: Vec<&String> = all.iter().filter(|(_, response)| *response == filled.stored.id).map(|(code, _)| code).collect();
            if codes.len() >= MOST {
                return Err(refused(format!("There are {MOST} papers of this document already.")));
            }
            // The one certificate of a version may have been made at this very moment.
            if kind == PaperKind::Certificate {
                for code in &codes {
                    if let Some(paper) = self.paper(code)?.filter(|one| one.kind == kind && one.version == filled.stored.version) {
                        return Ok(paper);
                    }
                }
            }
            let paper = Paper {
                code: self.new_code(),
                kind,
                number: codes.len() + 1,
                patient: filled.patient.clone(),
                response: filled.stored.id.clone(),
                version: filled.stored.version,
                institution: if account.institution.is_empty() { "Carnet".to_owned() } else { account.institution.clone() },
                at: self.now(),
                asked_by: asked_by.to_owned(),
                given_by: if account.display.is_empty() { account.login.clone() } else { account.display.clone() },
                made_of: Some(made_of.clone()),
            };
            let mut list: String = all.iter().map(|(code, response)| format!("{code}\t{response}\n")).collect();
            list.push_str(&format!("{}\t{}\n", paper.code, filled.stored.id));
            let (name, list_name, own) = (note_of(&paper.code), list_of(record), paper.written());
            let changes = [NoteChange { name: &name, before: None, now: own.as_bytes() }, NoteChange { name: &list_name, before: before.as_deref(), now: list.as_bytes() }];
            if self.store().keep_notes(&changes)? {
                return Ok(paper);
            }
        }
        Err(Error::Conflict("others keep making papers of the same document; try again in a moment"))
    }

    /// The additions a paper of a version was made with, each as it was then; none for a paper made before that was kept.
    ///
    /// # Errors
    /// [`Error::Store`] where the bytes are not those that the paper was made of; what a read may fail with.
    pub async fn made_with(&self, caller: &Caller, paper: &Paper, filled: &Filled) -> Result<Vec<Filled>> {
        let Some(made_of) = &paper.made_of else { return Ok(Vec::new()) };
        let mut with = Vec::with_capacity(made_of.addenda.len());
        for (id, version) in &made_of.addenda {
            with.push(self.filled_version(caller, &filled.patient, id, *version).await?);
        }
        let then = self.person_then(caller, filled).await?;
        made_of.holds(filled, &with, then.as_ref())?;
        Ok(with)
    }

    /// The codes of the papers of a record, each with its response.
    fn codes_in(&self, record: RecordId) -> Result<(Vec<(String, String)>, Option<Vec<u8>>)> {
        let note = self.store().note(&list_of(record))?;
        let text = std::str::from_utf8(note.as_deref().unwrap_or_default()).ok();
        let read = text.and_then(|text| text.lines().map(|line| line.split_once('\t').map(|(code, response)| (code.to_owned(), response.to_owned()))).collect::<Option<Vec<_>>>());
        Ok((read.ok_or(store::Error::Damaged("a list of papers could not be read"))?, note))
    }

    /// Leaves nothing of the papers of a record: it was erased.
    pub(crate) fn forget_papers(&self, record: RecordId) -> Result<()> {
        for (code, response) in self.codes_in(record)?.0 {
            self.store().drop_note(&note_of(&code))?;
            self.store().drop_note(&use_of(&response))?;
        }
        self.forget_uses(record)?;
        Ok(self.store().drop_note(&list_of(record))?)
    }

    fn paper(&self, code: &str) -> Result<Option<Paper>> {
        let Some(note) = self.store().note(&note_of(code))? else { return Ok(None) };
        let text = std::str::from_utf8(&note).ok();
        Ok(Some(text.and_then(Paper::read).ok_or(store::Error::Damaged("a paper could not be read"))?))
    }

    fn new_code(&self) -> String {
        self.store().random::<CODE_LETTERS>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
    }

    /// Looks a paper up by its code, for anybody. With a detail of the paper, what it says may be shown.
    pub async fn look_up_paper(&self, code: &str, detail: Option<&str>, from: Option<IpAddr>) -> Result<LookedUp> {
        let code = plain_code(code);
        // What is no code is nobody's guess.
        if code.len() != CODE_LETTERS {
            return Ok(LookedUp::Absent);
        }
        // One budget of patience for all codes from one address: guessing codes wears it out as
        // guessing details does.
        let patience = &self.inner.ledger.patience;
        let guessed = if detail.is_some() { format!("paper {code}") } else { "papers".to_owned() };
        if let Err(wait_ms) = patience.begin(&guessed, from, self.now()) {
            return Ok(LookedUp::Later(seconds(wait_ms)));
        }
        let found = self.found_paper(&code).await?;
        let Some(Held { paper, state, filled, addenda, permitted, patients }) = found else { return Ok(LookedUp::Absent) };
        let is_shown = match detail {
            Some(detail) if !patients.iter().any(|patient| is_detail(patient, detail)) => return Ok(LookedUp::Absent),
            detail => detail.is_some(),
        };
        patience.succeeded(&guessed, from);
        if is_shown {
            self.disclose_uncounted(Disclosure::Read, [permitted]).await?;
        }
        Ok(LookedUp::Found { paper: Box::new(paper), state, filled: Box::new(filled), addenda, is_shown })
    }

    async fn found_paper(&self, code: &str) -> Result<Option<Held>> {
        let Some(paper) = self.paper(code)? else { return Ok(None) };
        let kind = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        let set = self.permitted_set(&house(), Act::Read)?;
        if !is_id(&paper.response) || !is_id(&paper.patient) {
            return Ok(None);
        }
        let (Some(at), Some(person)) = (self.store().locate(kind, &paper.response)?, self.store().locate(ResourceType::PATIENT, &paper.patient)?) else { return Ok(None) };
        let (Some(permitted), Some(of_person)) = (self.right(&set, at.record)?, self.right(&set, person.record)?) else { return Ok(None) };
        let (Some(newest), Some(patient)) = (self.newest(&permitted, kind, at)?, self.newest(&of_person, ResourceType::PATIENT, person)?) else { return Ok(None) };
        if newest.method == Method::Delete || patient.method == Method::Delete {
            return Ok(None);
        }
        let mut own = None;
        self.store().version(&permitted, kind, at, paper.version, &mut |entry| own = Some(Stored::from(entry)))?;
        let Some(own) = own else { return Ok(None) };
        let json = Json::read(&own.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let Some(form) = self.form_answered(&json, &own)? else { return Ok(None) };
        let filled = self.read_filled(own, &json, form, &paper.patient);
        let then = self.person_of(&of_person, person, &filled)?;
        let (mut addenda, mut is_replaced) = (Vec::new(), newest.version != paper.version);
        if let Some(made_of) = &paper.made_of {
            for (id, version) in &made_of.addenda {
                let Some((one, newest)) = self.addendum_of(&set, id, *version, &paper.patient)? else { return Ok(None) };
                addenda.push(one);
                // An addition that was corrected or taken out of force is not what the paper says any more.
                is_replaced |= newest != *version;
            }
            made_of.holds(&filled, &addenda, then.as_ref())?;
        }
        let is_revoked = Json::read(&newest.text).is_ok_and(|json| json.string("status") == Some("entered-in-error"));
        let state = match () {
            () if is_revoked => PaperState::Revoked,
            () if is_replaced => PaperState::Replaced,
            () if self.is_used(&paper.response)? => PaperState::Used,
            () if self.is_expired(&filled) => PaperState::Expired,
            () if is_once(&filled) && self.use_unsure(&permitted, &filled.stored)?.is_some() => PaperState::Unsure,
            () => PaperState::Good,
        };
        // A detail is one that stands on the paper. One made before bore what the register said on its day.
        let patients = match (then, &paper.made_of) {
            (Some(then), Some(_)) => vec![then],
            (Some(then), None) => vec![then, patient],
            (None, _) => vec![patient],
        };
        Ok(Some(Held { paper, state, filled, addenda, permitted, patients }))
    }

    /// A version of an addition, and the number of the newest there is.
    fn addendum_of(&self, set: &PermittedSet, id: &str, version: u32, patient: &str) -> Result<Option<(Filled, u32)>> {
        let kind = ResourceType::named("QuestionnaireResponse").expect("R4 has the type");
        let Some(at) = self.store().locate(kind, id)? else { return Ok(None) };
        let Some(permitted) = self.right(set, at.record)? else { return Ok(None) };
        let Some(newest) = self.newest(&permitted, kind, at)? else { return Ok(None) };
        let mut own = None;
        self.store().version(&permitted, kind, at, version, &mut |entry| own = Some(Stored::from(entry)))?;
        let Some(own) = own else { return Ok(None) };
        let json = Json::read(&own.text).map_err(|_| store::Error::Damaged("a response could not be read"))?;
        let Some(form) = self.form_answered(&json, &own)? else { return Ok(None) };
        Ok(Some((self.read_filled(own, &json, form, patient), newest.version)))
    }

    /// True where a document says until when it holds, and that day is over.
    pub fn is_expired(&self, filled: &Filled) -> bool {
        let Some(certificate) = &filled.form.certificate else { return false };
        let Some(until) = certificate.rule("valid-until").and_then(|question| filled.filling.first(question)).and_then(crate::certificates::day) else { return false };
        until < self.now().civil(self.settings().zone_offset_minutes)
    }
}

/// A paper with all that is known of it.
struct Held {
    paper: Paper,
    state: PaperState,
    filled: Filled,
    addenda: Vec<Filled>,
    permitted: Permitted,
    /// Whose details stand on it.
    patients: Vec<Stored>,
}

/// The digest of what a paper is made of.
fn digest(filled: &Filled, addenda: &[Filled], then: Option<&Stored>) -> String {
    let mut digest = Sha256::new();
    for stored in [&filled.stored].into_iter().chain(addenda.iter().map(|one| &one.stored)).chain(then) {
        digest.update(stored.text.as_bytes());
        digest.update(b"\n");
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl MadeOf {
    /// That these are the bytes.
    fn holds(&self, filled: &Filled, addenda: &[Filled], then: Option<&Stored>) -> Result<()> {
        if digest(filled, addenda, then) == self.digest { Ok(()) } else { Err(Error::Store(store::Error::Damaged("a paper is not of the bytes it was made of"))) }
    }

    fn written(&self) -> String {
        let addenda: Vec<String> = self.addenda.iter().map(|(id, version)| format!("{id}/{version}")).collect();
        format!("\t{}\t{}", addenda.join(","), self.digest)
    }

    fn read(addenda: &str, digest: &str) -> Option<MadeOf> {
        let one = |text: &str| text.split_once('/').and_then(|(id, version)| Some((id.to_owned(), version.parse().ok()?)));
        let addenda = addenda.split(',').filter(|text| !text.is_empty()).map(one).collect::<Option<Vec<_>>>()?;
        (!digest.is_empty()).then(|| MadeOf { addenda, digest: digest.to_owned() })
    }
}

impl Paper {
    fn written(&self) -> String {
        let Paper { code, kind, number, patient, response, version, institution, at, asked_by, given_by, made_of } = self;
        let parts = [code.clone(), kind.word().to_owned(), number.to_string(), patient.clone(), response.clone(), version.to_string(), clean(institution), at.0.to_string(), clean(asked_by), clean(given_by)];
        parts.join("\t") + &made_of.as_ref().map_or_else(String::new, MadeOf::written)
    }

    fn read(text: &str) -> Option<Paper> {
        let mut parts = text.split('\t');
        let mut next = || parts.next().map(str::to_owned);
        Some(Paper { code: next()?, kind: PaperKind::named(&next()?)?, number: next()?.parse().ok()?, patient: next()?, response: next()?, version: next()?.parse().ok()?, institution: next()?, at: Moment(next()?.parse().ok()?), asked_by: next()?, given_by: next()?, made_of: match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(addenda), digest) => Some(MadeOf::read(addenda, digest?)?),
        } })
    }
}

/// Who hands papers out and takes them in: whoever writes into records at a facility.
pub(crate) fn hands_out(role: Role) -> bool {
    matches!(role, Role::Physician | Role::Nurse | Role::Laboratory | Role::Pharmacy | Role::Imaging | Role::Admissions | Role::RecordsClerk)
}

/// A code in groups of four, as papers show it.
pub fn shown_code(code: &str) -> String {
    code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).to_uppercase()).collect::<Vec<_>>().join("-")
}

/// A code without what people put between its letters.
fn plain_code(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).take(CODE_LETTERS + 1).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// True where what was typed is the birth date, as people of four languages write it, or the end of a
/// number of this person: at least four signs.
fn is_detail(patient: &Stored, typed: &str) -> bool {
    let Ok(document) = Document::read(&patient.text) else { return false };
    let root: Value<'_> = document.root();
    let typed: String = typed.trim().to_lowercase();
    let born = root.string("birthDate").as_deref().and_then(PartialDateTime::parse);
    if let (Some(born), Some(date)) = (born, typed_date(&typed)) {
        // Exactly as much as the paper shows: of a whole date the year alone is no detail.
        let shown = match born.precision {
            Precision::Year => (born.year, None, None),
            Precision::Month => (born.year, Some(born.month), None),
            _ => (born.year, Some(born.month), Some(born.day)),
        };
        if date == shown {
            return true;
        }
        if date.2.is_some() && shown.2.is_some() {
            return false;
        }
    }
    let end: String = typed.chars().filter(|letter| letter.is_alphanumeric()).collect();
    let numbers = root.get("identifier").into_iter().flat_map(|list| list.items()).filter_map(|one| one.string("value").map(|value| value.into_owned()));
    end.chars().count() >= 4 && numbers.map(|value| value.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect::<String>()).any(|value| value.ends_with(&end))
}

/// Year, month and day of `14/03/1958`, `14.03.1958`, `14-03-1958` or `1958-03-14`; of `03/1958` or `1958-03` and of `1958`
/// what they say.
fn typed_date(typed: &str) -> Option<(i32, Option<u8>, Option<u8>)> {
    let mut parts: Vec<&str> = typed.split(['/', '.', '-']).map(str::trim).collect();
    if parts.last()?.len() == 4 {
        parts.reverse();
    }
    let number = |place: usize| parts.get(place).map(|part| part.parse::<u8>().ok());
    let year = parts.first().filter(|year| year.len() == 4)?.parse().ok()?;
    match (parts.len(), number(1), number(2)) {
        (1, ..) => Some((year, None, None)),
        (2, Some(Some(month)), _) => Some((year, Some(month), None)),
        (3, Some(Some(month)), Some(Some(day))) => Some((year, Some(month), Some(day))),
        _ => None,
    }
}

fn note_of(code: &str) -> String {
    // The name of a note is not its content: a code is kept inside alone.
    format!("paper-{}", &blake3::hash(code.as_bytes()).to_hex()[..40])
}

fn list_of(record: RecordId) -> String {
    format!("papers-of-{:016x}", record.0)
}


pub(crate) fn clean(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

/// A refusal because a document is out of force, with the rule `annulled`.
pub(crate) fn annulled(message: &str) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message).of_rule("annulled")])
}

pub(crate) fn refused(message: String) -> Error {
    Error::Refused(vec![Issue::error(IssueCode::BusinessRule, "QuestionnaireResponse", message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_a_birth_date_or_the_end_of_a_number() {
        let text = r#"{"resourceType":"Patient","id":"p","birthDate":"1958-03-14","identifier":[{"value":"PEGR580314MDFRNS09"},{"value":"12-3"}]}"#;
        let patient = Stored { kind: ResourceType::PATIENT, id: "p".into(), version: 1, last_updated: Moment(0), method: Method::Create, text: text.into(), flaws: Vec::new() };
        for (typed, expect) in [
            ("14/03/1958", true), ("14.03.1958", true), (" 1958-03-14 ", true), ("14-3-1958", true), ("03/14/1958", false), ("14/03/58", false), ("1958", false),
            ("NS09", true), ("ns09", true), ("frns09", true), ("S09", false), ("0314", false), ("123", false), ("", false), ("    ", false), ("----", false),
        ] {
            assert_eq!(is_detail(&patient, typed), expect, "{typed}");
        }
        // Of a birth date without its day, the paper shows the month or the year.
        for (born, typed, expect) in [
            ("2015-02", "02/2015", true), ("2015-02", "02.2015", true), ("2015-02", "2015-02", true), ("2015-02", " 2-2015 ", true), ("2015-02", "03/2015", false), ("2015-02", "2015", false), ("2015-02", "01/02/2015", false),
            ("2015", "2015", true), ("2015", "2014", false), ("2015", "02/2015", false), ("2015", "01/01/2015", false), ("2015", "15", false), ("2015", "", false), ("2015", "//2015", false), ("2015-02", "/2015", false),
        ] {
            let text = text.replace("1958-03-14", born).replace("PEGR580314MDFRNS09", "7");
            assert_eq!(is_detail(&Stored { text, ..patient.clone() }, typed), expect, "{born} {typed}");
        }
        let nobody = Stored { text: "{}".into(), ..patient };
        assert!(!is_detail(&nobody, "") && !is_detail(&nobody, "01/01/1970"));
    }

    #[test]
    fn a_paper_is_read_as_it_was_written() {
        let paper = Paper { code: "abcd".into(), kind: PaperKind::Short, number: 3, patient: "p".into(), response: "r".into(), version: 4, institution: "Test clinic".into(), at: Moment(5), asked_by: "an employer".into(), given_by: "Dr. A".into(), made_of: None };
        assert_eq!(Paper::read(&paper.written()), Some(paper.clone()));
        assert_eq!(Paper::read("a\tb"), None);
        for addenda in [vec![], vec![("a-1".to_owned(), 3)], vec![("a-1".to_owned(), 3), ("b".to_owned(), 12)]] {
            let paper = Paper { made_of: Some(MadeOf { addenda, digest: "00ff".into() }), ..paper.clone() };
            assert_eq!(Paper::read(&paper.written()), Some(paper));
        }
        for damaged in ["\t", "\ta/1", "\ta\t00", "\ta/x\t00", "\ta/1\t"] {
            assert_eq!(Paper::read(&(paper.written() + damaged)), None, "{damaged:?}");
        }
        assert_eq!(plain_code(" ABCD-efgh 2345_"), "abcdefgh2345");
        assert_eq!(shown_code("abcdefgh2345jkmn"), "ABCD-EFGH-2345-JKMN");
    }
}
