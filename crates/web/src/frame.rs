//! What every page has around its content.

use askama::filters::Safe;

use crate::assets;
use crate::banner::Banner;
use crate::voice::Voice;
use crate::words::Language;

/// A ` lang="…"` attribute, or nothing; safe markup.
pub type Lang = Safe<String>;

/// The frame of one page for one reader.
#[derive(Clone, Debug)]
pub struct Frame {
    /// How the page speaks.
    pub voice: Voice,
    /// Path of the page, for coming back after a change of language; never carries a name.
    pub path: String,
    /// Proof that a form came from our own page.
    pub token: String,
    /// Who reads, if somebody is signed in.
    pub signed_in: Option<SignedInAs>,
    /// The record on the page is not the reader's own: they act for its person.
    pub acts_for: bool,
    /// The person left the reader's institution: the record on the page is what was written there, and no more.
    pub is_copy: bool,
}

/// The reader, as the frame shows them.
#[derive(Clone, Debug)]
pub struct SignedInAs {
    /// How the account is called.
    pub display: String,
    /// Where they work.
    pub institution: String,
    /// Proof that a form came from our own page.
    pub token: String,
    /// They may do something about the accounts of others.
    pub keeps_accounts: bool,
    /// They answer for the programs that may ask for access.
    pub keeps_programs: bool,
    /// They may break the glass.
    pub breaks_glass: bool,
    /// They answer whether the glass was broken with good reason.
    pub reviews_glass: bool,
    /// They answer for the privacy of the persons of an institution.
    pub keeps_watch: bool,
    /// They read their own record and are not at work.
    pub is_person: bool,
    /// They receive persons at a health station.
    pub receives_persons: bool,
    /// They may say that two Patients are one person.
    pub merges: bool,
    /// They may begin the record of a person.
    pub registers: bool,
    /// They may see who is behind with vaccinations at a facility.
    pub recalls: bool,
    /// They may look at the forms of a person, or fill one in.
    pub reads_forms: bool,
}

impl Frame {
    /// The address of an asset.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// True for somebody who reads their own record or one entrusted to them.
    pub fn is_person(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|reader| reader.is_person)
    }

    /// True for somebody at a health station.
    pub fn receives_persons(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|reader| reader.receives_persons)
    }

    /// The languages of the switch.
    pub fn languages(&self) -> [Language; 4] {
        Language::ALL
    }

    /// The language of a person's clinical text, where it is not that of the page.
    pub fn lang(&self, banner: &Banner) -> Lang {
        lang_of(self, banner.language.as_deref())
    }
}

/// The attribute for text in a language; nothing where it is that of the page or not a tag.
pub fn lang_of(frame: &Frame, language: Option<&str>) -> Lang {
    let is_tag = |code: &&str| !code.is_empty() && code.len() <= 35 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match language.filter(is_tag) {
        Some(code) if !code.eq_ignore_ascii_case(frame.voice.code()) => Safe(format!(" lang=\"{code}\"")),
        _ => Safe(String::new()),
    }
}
