//! Passkeys: adding one, signing in with one, taking one off.
//!
//! * One note an account: the handle by which authenticators know it, then one line for each passkey.
//!   Another note says of each passkey whose it is, so that nobody has to type a login.
//! * A question is bound to what its browser holds, lasts five minutes, and is answered once. It is
//!   proved by a secret of this process, so a flood of questions takes no room.
//! * Authenticators ask who their holder is, so a passkey stands for both factors.
//! * A passkey has no password to guess: failures with one make nobody wait.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::OnceLock;

use access::passkey::{self, PasskeyKey, PasskeyRefusal, PasskeySite, ShownPasskey};
use access::{Account, AccountAct, Role};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::Moment;
use parking_lot::Mutex;

use super::ledger::Whose;
use super::own::PasswordChange;
use super::sign_in::{SignIn, signed_in};
use super::{clean, password};
use crate::door::Chart;
use crate::error::{Error, Result};

/// How long a question may be answered.
const QUESTION_MS: i64 = 5 * 60_000;
/// More than anybody carries.
const MOST: usize = 10;
/// The longest name of a passkey, in letters.
const LONGEST_NAME: usize = 60;

/// A passkey, as its holder sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passkey {
    /// The authenticator's name for it, as text for an address.
    pub id: String,
    /// What its holder calls it.
    pub name: String,
    /// When it was added.
    pub made_at: Moment,
    /// When somebody signed in with it last.
    pub used_at: Option<Moment>,
    /// True where it may be on several devices of its holder.
    pub is_synced: bool,
    key: PasskeyKey,
    counter: u32,
}

/// A passkey somebody wants to add to their account.
#[derive(Clone, Copy)]
pub struct NewPasskey<'a> {
    /// What they call it.
    pub name: &'a str,
    /// What the browser holds to which the question is bound.
    pub bound_to: &'a str,
    /// The question.
    pub question: &'a str,
    /// What the browser says it asked.
    pub client_data: &'a [u8],
    /// What the authenticator made.
    pub attestation: &'a [u8],
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasskeyAdded {
    /// It is there.
    Done,
    /// The password of now is wrong.
    Refused,
    /// Too many attempts from there; come back in so many seconds.
    Later(u32),
    /// The answer proves nothing, or the question is too old.
    Unproved,
}

/// Somebody who shows a passkey at the door.
#[derive(Clone, Copy)]
pub struct PasskeyAttempt<'a> {
    /// What the browser holds to which the question is bound.
    pub bound_to: &'a str,
    /// The question.
    pub question: &'a str,
    /// The authenticator's name for the passkey.
    pub id: &'a [u8],
    /// The account's handle, where the authenticator says one.
    pub handle: &'a [u8],
    /// The answer.
    pub answer: ShownPasskey<'a>,
}

/// The passkeys of an account and the handle by which authenticators know it.
#[derive(Default)]
struct Ring {
    handle: Vec<u8>,
    passkeys: Vec<Passkey>,
}

/// The questions of this process.
#[derive(Default)]
pub(super) struct Questions {
    secret: OnceLock<[u8; 32]>,
    /// Answered ones, until they are too old to be answered again.
    answered: Mutex<HashMap<String, Moment>>,
}

impl Chart {
    /// The site passkeys are made for; none where its address lets nobody make one.
    pub fn passkey_site(&self) -> Option<&PasskeySite> {
        self.settings().passkeys.as_ref()
    }

    /// True if an account comes in with a passkey and by nothing else. Who has none yet adds one first.
    pub fn owes_passkey(&self, account: &Account) -> bool {
        self.settings().passkeys_only && self.passkey_site().is_some() && account.role.owes_second_factor()
    }

    /// A question for the browser that holds `bound_to`, as text for an address.
    pub fn passkey_question(&self, bound_to: &str) -> String {
        let mut question = self.now().0.to_be_bytes().to_vec();
        question.extend_from_slice(&self.store().random::<16>());
        let proof = self.proof_of_question(&question, bound_to);
        question.extend_from_slice(proof.as_bytes());
        URL_SAFE_NO_PAD.encode(question)
    }

    /// The passkeys of an account, the oldest first.
    pub fn passkeys(&self, number: u64) -> Result<Vec<Passkey>> {
        Ok(self.ring(number)?.0.passkeys)
    }

    /// The handle by which an authenticator will know the account: random, kept with the first passkey.
    pub fn passkey_handle(&self, number: u64) -> Result<String> {
        let handle = self.ring(number)?.0.handle;
        // Until a passkey is kept nobody else need know it: it comes from the account and the site's chance of this process.
        Ok(URL_SAFE_NO_PAD.encode(if handle.is_empty() { self.first_handle(number) } else { handle }))
    }

    /// Adds a passkey to one's own account. Wants the password of now: whoever finds a session open
    /// does not own the account.
    ///
    /// # Errors
    /// [`Error::Refused`] for a name nobody could read, or more passkeys than an account may have.
    pub fn add_passkey(&self, account: &Account, current: &str, new: &NewPasskey<'_>, from: Option<IpAddr>) -> Result<PasskeyAdded> {
        let site = self.passkey_site().filter(|_| account.role != Role::Integration).ok_or(Error::NotFound)?;
        let era = self.standing(account.number)?.ok_or(Error::Forbidden)?;
        match self.shows_password(account, current, from)? {
            None => self.inner.ledger.patience.succeeded(&account.login, from),
            Some(PasswordChange::Later(seconds)) => return Ok(PasskeyAdded::Later(seconds)),
            Some(_) => return Ok(PasskeyAdded::Refused),
        }
        let name = clean(new.name.trim());
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            return Err(password::weak("passkey-name", "A passkey has a name of at most 60 letters."));
        }
        let Some(question) = self.open_question(new.question, new.bound_to) else { return Ok(PasskeyAdded::Unproved) };
        let Ok(made) = passkey::made(site, &question, new.client_data, new.attestation) else { return Ok(PasskeyAdded::Unproved) };
        if !self.answer_question_once(new.question) {
            return Ok(PasskeyAdded::Unproved);
        }
        let (mut ring, before) = self.ring(account.number)?;
        if ring.passkeys.len() >= MOST {
            return Err(password::weak("passkey-many", "An account has at most ten passkeys; take one off first."));
        }
        let owner = owner_name(&made.id);
        if self.store().note(&owner)?.is_some_and(|note| !note.is_empty()) {
            return Err(password::weak("passkey-there", "This passkey is there already."));
        }
        if ring.handle.is_empty() {
            ring.handle = self.first_handle(account.number);
        }
        ring.passkeys.push(Passkey { id: URL_SAFE_NO_PAD.encode(&made.id), name, made_at: self.now(), used_at: None, is_synced: made.is_synced, key: made.key, counter: made.counter });
        let notes = [(ring_name(account.number), ring.written()), (owner, account.number.to_string().into_bytes())];
        self.change_accounts(account, AccountAct::AddPasskey, "", Whose::Number(account.number), &notes, |kept| {
            self.is_ring_still(account.number, before.as_deref())?;
            let kept = kept.iter().find(|kept| kept.account.number == account.number).ok_or(Error::NotFound)?;
            kept.is_still_of(era)?;
            Ok(kept.account.clone())
        })?;
        Ok(PasskeyAdded::Done)
    }

    /// Takes a passkey off one's own account, with the password of now, and begins another era:
    /// whoever signed in with it is signed out.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the account has no such passkey, [`Error::Refused`] where it is the last
    /// one and the site wants one.
    pub fn remove_passkey(&self, account: &Account, current: &str, id: &str, from: Option<IpAddr>) -> Result<PasswordChange> {
        if let Some(answer) = self.shows_password(account, current, from)? {
            return Ok(answer);
        }
        self.inner.ledger.patience.succeeded(&account.login, from);
        let (mut ring, before) = self.ring(account.number)?;
        let place = ring.passkeys.iter().position(|one| one.id == id).ok_or(Error::NotFound)?;
        if ring.passkeys.len() == 1 && self.owes_passkey(account) {
            return Err(password::weak("passkey-last", "This site wants a passkey: add another one before this one is taken off."));
        }
        let gone = ring.passkeys.remove(place);
        let notes = [(ring_name(account.number), ring.written()), (owner_name(&gone.id_bytes()), Vec::new())];
        let changed = self.change_accounts(account, AccountAct::RemovePasskey, "", Whose::Number(account.number), &notes, |kept| {
            self.is_ring_still(account.number, before.as_deref())?;
            let kept = kept.iter_mut().find(|kept| kept.account.number == account.number).ok_or(Error::NotFound)?;
            kept.era += 1;
            Ok(kept.account.clone())
        })?;
        self.signed_in_anew(changed)
    }

    /// Looks at a passkey somebody shows. Both factors in one, or refused: nobody is told why.
    pub fn sign_in_with_passkey(&self, attempt: &PasskeyAttempt<'_>) -> Result<SignIn> {
        let PasskeyAttempt { bound_to, question, id, handle, answer } = *attempt;
        let (Some(site), Some(asked)) = (self.passkey_site(), self.open_question(question, bound_to)) else { return Ok(SignIn::Refused) };
        let owner = self.store().note(&owner_name(id))?.filter(|note| !note.is_empty());
        let Some(number) = owner.and_then(|note| std::str::from_utf8(&note).ok()?.parse::<u64>().ok()) else { return Ok(SignIn::Refused) };
        let Some(kept) = self.kept_of_number(number)?.filter(|kept| self.is_usable(kept)) else { return Ok(SignIn::Refused) };
        let (mut ring, before) = self.ring(number)?;
        let is_handle_right = handle.is_empty() || handle == ring.handle;
        let id = URL_SAFE_NO_PAD.encode(id);
        let Some(passkey) = ring.passkeys.iter_mut().find(|one| one.id == id).filter(|_| is_handle_right) else { return Ok(SignIn::Refused) };
        match passkey::shown(site, &asked, &passkey.key, passkey.counter, &answer) {
            Ok(counter) => passkey.counter = counter,
            Err(PasskeyRefusal::CountedBack) => {
                // The signature is right, so this is no stranger's doing: somebody should hear of it.
                self.change_account_of(&kept.account, AccountAct::DoubtPasskey, &kept.account.login, "", |_| Ok(()))?;
                return Ok(SignIn::Refused);
            }
            Err(_) => return Ok(SignIn::Refused),
        }
        if !self.answer_question_once(question) {
            return Ok(SignIn::Refused);
        }
        passkey.used_at = Some(self.now());
        // Two at once with one passkey: only one of them finds the counter as it was.
        if !self.store().keep_note(&ring_name(number), before.as_deref(), &ring.written())? {
            return Ok(SignIn::Refused);
        }
        Ok(SignIn::Welcome(signed_in(&kept)))
    }

    /// What takes all passkeys of an account off; nothing where it has none.
    pub(super) fn without_passkeys(&self, number: u64) -> Result<Vec<(String, Vec<u8>)>> {
        let ring = self.ring(number)?.0;
        if ring.passkeys.is_empty() {
            return Ok(Vec::new());
        }
        let owners = ring.passkeys.iter().map(|one| (owner_name(&one.id_bytes()), Vec::new()));
        Ok(owners.chain([(ring_name(number), Vec::new())]).collect())
    }

    fn ring(&self, number: u64) -> Result<(Ring, Option<Vec<u8>>)> {
        let note = self.store().note(&ring_name(number))?;
        let Some(text) = note.as_deref().filter(|note| !note.is_empty()) else { return Ok((Ring::default(), note)) };
        let ring = std::str::from_utf8(text).ok().and_then(Ring::read).ok_or(store::Error::Damaged("the passkeys of an account could not be read"))?;
        Ok((ring, note))
    }

    /// The accounts are held where this is asked.
    fn is_ring_still(&self, number: u64, before: Option<&[u8]>) -> Result<()> {
        if self.store().note(&ring_name(number))?.as_deref() == before { Ok(()) } else { Err(Error::Conflict("the passkeys of the account changed at the same time")) }
    }

    fn first_handle(&self, number: u64) -> Vec<u8> {
        blake3::keyed_hash(self.question_secret(), &[b"handle".as_slice(), &number.to_be_bytes()].concat()).as_bytes().to_vec()
    }

    fn question_secret(&self) -> &[u8; 32] {
        self.inner.ledger.questions.secret.get_or_init(|| self.store().random())
    }

    fn proof_of_question(&self, question: &[u8], bound_to: &str) -> blake3::Hash {
        blake3::keyed_hash(self.question_secret(), &[b"question".as_slice(), question, bound_to.as_bytes()].concat())
    }

    /// The bytes of a question of ours that may still be answered by whoever holds `bound_to`.
    fn open_question(&self, question: &str, bound_to: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(question).ok().filter(|bytes| bytes.len() == 56 && !bound_to.is_empty())?;
        let (asked, proof) = bytes.split_at(24);
        // The comparison of hashes takes the same time wherever they differ.
        if self.proof_of_question(asked, bound_to) != blake3::Hash::from_slice(proof).ok()? {
            return None;
        }
        let asked_at = i64::from_be_bytes(*asked.first_chunk::<8>()?);
        (0..QUESTION_MS).contains(&(self.now().0 - asked_at)).then_some(bytes)
    }

    /// False where the question was answered before.
    fn answer_question_once(&self, question: &str) -> bool {
        let now = self.now();
        let mut answered = self.inner.ledger.questions.answered.lock();
        answered.retain(|_, at| now.0 - at.0 < QUESTION_MS);
        answered.insert(question.to_owned(), now).is_none()
    }
}

impl Passkey {
    fn id_bytes(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(&self.id).unwrap_or_default()
    }

    fn written(&self) -> String {
        let (algorithm, parts) = self.key.parts();
        let parts: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        let used = self.used_at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let synced = if self.is_synced { "synced" } else { "single" };
        format!("passkey\t{}\t{algorithm}\t{}\t{}\t{synced}\t{}\t{used}\t{}\n", self.id, parts.join("."), self.counter, self.made_at, self.name)
    }

    fn read(line: &str) -> Option<Passkey> {
        let mut words = line.strip_prefix("passkey\t")?.splitn(8, '\t');
        let mut next = || words.next();
        let id = next()?.to_owned();
        let algorithm = next()?.parse().ok()?;
        let parts = next()?.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).ok()).collect::<Option<_>>()?;
        let counter = next()?.parse().ok()?;
        let is_synced = match next()? {
            "synced" => true,
            "single" => false,
            _ => return None,
        };
        let made_at = Moment::parse(next()?)?;
        let used_at = match next()? {
            "-" => None,
            at => Some(Moment::parse(at)?),
        };
        Some(Passkey { id, name: next()?.to_owned(), made_at, used_at, is_synced, key: PasskeyKey::of_parts(algorithm, parts)?, counter })
    }
}

impl Ring {
    fn written(&self) -> Vec<u8> {
        let lines = self.passkeys.iter().map(Passkey::written);
        std::iter::once(format!("handle\t{}\n", URL_SAFE_NO_PAD.encode(&self.handle))).chain(lines).collect::<String>().into_bytes()
    }

    fn read(text: &str) -> Option<Ring> {
        let mut lines = text.lines();
        let handle = URL_SAFE_NO_PAD.decode(lines.next()?.strip_prefix("handle\t")?).ok()?;
        Some(Ring { handle, passkeys: lines.map(Passkey::read).collect::<Option<_>>()? })
    }
}

pub(super) fn ring_name(number: u64) -> String {
    format!("passkeys-{number}")
}

fn owner_name(id: &[u8]) -> String {
    format!("passkey-{}", blake3::hash(id).to_hex())
}
