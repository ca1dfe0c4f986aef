//! The journal of the site: what was done with its keys and programs, which records are held and which were erased.
//!
//! It is chained like the journal of accounts. A record stands in it by its number, no person by name.

use access::{Account, Role};
use fhir::{Issue, IssueCode, Moment};
use store::NoteChange;

use crate::chain;
use crate::door::Chart;
use crate::error::{Error, Result};

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SiteAct {
    /// Another institution key was taken into use.
    TurnKey,
    /// The one before opens nothing any more.
    RetireKey,
    /// The key was divided into shares.
    Share,
    /// A record may not be erased.
    Hold,
    /// It may be again.
    Release,
    /// A record was erased.
    Erase,
    /// A program was registered.
    AddProgram,
    /// Somebody answered for a program that registered itself.
    ApproveProgram,
    /// A program was taken off.
    RemoveProgram,
    /// Another key signs who somebody is, for programs.
    TurnSigningKey,
    /// A program registered itself, and waits for somebody who answers for it.
    RegisterProgram,
    /// Somebody asks for what takes two.
    Ask,
    /// Another one agreed to it.
    Agree,
    /// Another one declined it.
    Decline,
    /// It was taken back before it was done.
    Withdraw,
    /// The whole site was taken elsewhere, as was agreed to.
    Export,
}

impl SiteAct {
    /// All of them, with the word that names each on disk.
    pub const ALL: &[(SiteAct, &str)] = &[
        (SiteAct::TurnKey, "turn-key"),
        (SiteAct::RetireKey, "retire-key"),
        (SiteAct::Share, "share"),
        (SiteAct::Hold, "hold"),
        (SiteAct::Release, "release"),
        (SiteAct::Erase, "erase"),
        (SiteAct::AddProgram, "add-program"),
        (SiteAct::ApproveProgram, "approve-program"),
        (SiteAct::RemoveProgram, "remove-program"),
        (SiteAct::TurnSigningKey, "turn-signing-key"),
        (SiteAct::RegisterProgram, "register-program"),
        (SiteAct::Ask, "ask"),
        (SiteAct::Agree, "agree"),
        (SiteAct::Decline, "decline"),
        (SiteAct::Withdraw, "withdraw"),
        (SiteAct::Export, "export"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        SiteAct::ALL.iter().find(|(act, _)| *act == self).map_or("", |(_, word)| word)
    }
}

/// One entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SiteEntry {
    /// When.
    pub at: Moment,
    /// The login of who did it; `console` is the command line.
    pub by: String,
    /// What was done.
    pub act: SiteAct,
    /// To what: a fingerprint or the number of a record.
    pub about: String,
    /// Why, or how much.
    pub detail: String,
}

const MARK: &str = "site-journal";
const TRIES: usize = 8;
/// The longest reason, in characters.
const REASON_LONGEST: usize = 500;

fn name(number: u64) -> String {
    format!("{MARK}-{number}")
}

fn damaged() -> store::Error {
    store::Error::Damaged("the journal of the site is not as it was written")
}

impl Chart {
    /// Writes an entry; the beginning of its digest, by which others can name it.
    pub(crate) fn note_act(&self, by: &Account, act: SiteAct, about: &str, detail: &str) -> Result<u64> {
        self.note_act_with(by, act, about, detail, &[])
    }

    /// Writes an entry and changes other notes with it: all or nothing.
    pub(crate) fn note_act_with(&self, by: &Account, act: SiteAct, about: &str, detail: &str, others: &[NoteChange<'_>]) -> Result<u64> {
        for _ in 0..TRIES {
            let before = self.store().note(MARK)?;
            let (count, digest) = read_mark(before.as_deref())?;
            let at = self.now();
            let text = format!("{digest}\t{at}\t{}\t{}\t{}\t{about}\t{detail}", by.number, by.login, act.word());
            let digest = blake3::hash(text.as_bytes());
            let mark = format!("{}\t{}", count + 1, digest.to_hex());
            let name = name(count + 1);
            let mut changes = vec![
                NoteChange { name: MARK, before: before.as_deref(), now: mark.as_bytes() },
                NoteChange { name: &name, before: None, now: text.as_bytes() },
            ];
            changes.extend_from_slice(others);
            if self.store().keep_notes(&changes)? {
                return Ok(digest.as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
            }
        }
        Err(Error::Conflict("others keep writing to the journal of the site; try again in a moment"))
    }

    /// Writes down what was done with a program, or with the key that signs for them: `about` is an
    /// identifier or the name of a key.
    pub fn note_of_programs(&self, by: &Account, act: SiteAct, about: &str) -> Result<()> {
        self.note_act(by, act, &about.replace(['\t', '\n', '\r'], " "), "").map(|_| ())
    }

    /// Writes down that a program registered itself: nobody was signed in.
    pub fn note_registration(&self, program: &str) -> Result<()> {
        let nobody = Account { number: u64::MAX, login: "nobody".to_owned(), display: String::new(), role: Role::Integration, institution: String::new(), language: String::new() };
        self.note_of_programs(&nobody, SiteAct::RegisterProgram, program)
    }

    /// The whole journal, the oldest entry first; an error where it is not whole.
    pub fn site_journal(&self) -> Result<Vec<SiteEntry>> {
        chain::entries(self.store(), || read_mark(self.store().note(MARK)?.as_deref()), name, read, damaged)
    }
}

fn read_mark(note: Option<&[u8]>) -> Result<(u64, String)> {
    let Some(note) = note else { return Ok((0, String::new())) };
    let text = std::str::from_utf8(note).map_err(|_| damaged())?;
    let (count, digest) = text.split_once('\t').ok_or_else(damaged)?;
    Ok((count.parse().map_err(|_| damaged())?, digest.to_owned()))
}

fn read(text: &str, digest_before: &str) -> Option<SiteEntry> {
    let mut parts = text.splitn(7, '\t');
    let mut next = || parts.next();
    if next()? != digest_before {
        return None;
    }
    let at = Moment::parse(next()?)?;
    let _number = next()?;
    let by = next()?.to_owned();
    let word = next()?;
    let act = SiteAct::ALL.iter().find(|(_, name)| *name == word)?.0;
    Some(SiteEntry { at, by, act, about: next()?.to_owned(), detail: next()?.to_owned() })
}

/// A reason as it is kept; refused where it says nothing, or not on one line.
pub(crate) fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    let why = if text.is_empty() {
        "A reason is required: the number of the decision or the case, without names."
    } else if text.chars().any(char::is_control) {
        "A reason is one line of text."
    } else if text.chars().count() > REASON_LONGEST {
        "A reason has at most 500 characters."
    } else {
        return Ok(text);
    };
    Err(Error::Refused(vec![Issue::error(IssueCode::Required, "reason", why)]))
}
