//! Passkeys: what the answer of an authenticator proves (Web Authentication Level 3,
//! <https://www.w3.org/TR/webauthn-3/>).
//!
//! * A key belongs to one site. An answer for another site, another origin or another question
//!   proves nothing, nor does one whose holder did not show who they are to the authenticator.
//! * Attestation is not asked for and proves nothing here: whoever adds a passkey is signed in already.
//! * What is refused says which rule it broke, never what was in the answer.
//! * Nothing here knows a session, a clock or a store: whether a question was asked of this browser,
//!   and only once, is for the caller to know.

mod cbor;
mod key;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::{Document, Kind, Limits};

use cbor::Item;
pub use key::{ALGORITHMS, PasskeyKey};

/// For which site keys are made, and from where its pages may come.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PasskeySite {
    /// The relying party's id: a domain, as `record.example`.
    pub id: String,
    /// The origins of its pages, as `https://record.example`.
    pub origins: Vec<String>,
}

/// A key an authenticator has just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MadePasskey {
    /// The authenticator's name for it.
    pub id: Vec<u8>,
    /// Its public half.
    pub key: PasskeyKey,
    /// How many times it was used, as far as the authenticator counts.
    pub counter: u32,
    /// True where it may be on several devices of its holder.
    pub is_synced: bool,
}

/// What a browser brings when somebody signs in.
#[derive(Clone, Copy, Debug)]
pub struct ShownPasskey<'a> {
    /// What the browser says it asked.
    pub client_data: &'a [u8],
    /// What the authenticator says of itself.
    pub authenticator_data: &'a [u8],
    /// The signature over both.
    pub signature: &'a [u8],
}

/// Which rule an answer breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasskeyRefusal {
    /// It is not built as such answers are.
    Malformed,
    /// It answers another kind of question.
    OtherCeremony,
    /// It answers another question.
    OtherChallenge,
    /// It was given to another page, or to ours inside of another one.
    OtherOrigin,
    /// It is for another site.
    OtherSite,
    /// Nobody touched the authenticator.
    NotPresent,
    /// The authenticator did not ask who its holder is.
    NotVerified,
    /// The key is of a kind that is not taken.
    KeyNotTaken,
    /// The signature is not of this key.
    WrongSignature,
    /// The authenticator has counted back: there may be a copy of it.
    CountedBack,
}

/// The longest part of an answer.
const LONGEST: usize = 8 * 1024;
/// The longest name of a key (section 7.1, step 25).
const LONGEST_ID: usize = 1023;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const MAY_BE_COPIED: u8 = 0x08;
const IS_COPIED: u8 = 0x10;
const HAS_KEY: u8 = 0x40;
const HAS_MORE: u8 = 0x80;

/// Looks at a key that was made for a question of this site (section 7.1).
///
/// # Errors
/// The first rule the answer breaks.
pub fn made(site: &PasskeySite, challenge: &[u8], client_data: &[u8], attestation: &[u8]) -> Result<MadePasskey, PasskeyRefusal> {
    check_client_data(site, challenge, "webauthn.create", client_data)?;
    if attestation.len() > LONGEST {
        return Err(PasskeyRefusal::Malformed);
    }
    let object = cbor::whole(attestation).ok_or(PasskeyRefusal::Malformed)?;
    let Some(Item::Bytes(data)) = object.text_member("authData") else { return Err(PasskeyRefusal::Malformed) };
    let data = AuthenticatorData::read(site, data)?;
    let (id, key) = data.key.ok_or(PasskeyRefusal::Malformed)?;
    Ok(MadePasskey { id: id.to_vec(), key: PasskeyKey::read(&key)?, counter: data.counter, is_synced: data.is_synced })
}

/// Looks at the answer of a key to a question of this site (section 7.2) and says how far the
/// authenticator has counted.
///
/// # Errors
/// The first rule the answer breaks.
pub fn shown(site: &PasskeySite, challenge: &[u8], key: &PasskeyKey, counter: u32, answer: &ShownPasskey<'_>) -> Result<u32, PasskeyRefusal> {
    check_client_data(site, challenge, "webauthn.get", answer.client_data)?;
    let data = AuthenticatorData::read(site, answer.authenticator_data)?;
    let mut signed = answer.authenticator_data.to_vec();
    signed.extend_from_slice(digest::digest(&digest::SHA256, answer.client_data).as_ref());
    if !key.has_signed(&signed, answer.signature) {
        return Err(PasskeyRefusal::WrongSignature);
    }
    // Zero is an authenticator that does not count; one that did and stops is not the same.
    match (counter, data.counter) {
        (0, 0) => Ok(0),
        (before, now) if now > before => Ok(now),
        _ => Err(PasskeyRefusal::CountedBack),
    }
}

fn check_client_data(site: &PasskeySite, challenge: &[u8], ceremony: &str, client_data: &[u8]) -> Result<(), PasskeyRefusal> {
    use PasskeyRefusal::*;
    let limits = Limits { size_bytes: LONGEST, ..Limits::default() };
    let document = Document::read_bytes(client_data, limits).map_err(|_| Malformed)?;
    let root = document.root();
    if root.kind() != Kind::Object {
        return Err(Malformed);
    }
    let (Some(kind), Some(asked), Some(origin)) = (root.string("type"), root.string("challenge"), root.string("origin")) else { return Err(Malformed) };
    if kind != ceremony {
        return Err(OtherCeremony);
    }
    let asked = URL_SAFE_NO_PAD.decode(asked.as_bytes()).map_err(|_| Malformed)?;
    if challenge.is_empty() || aws_lc_rs::constant_time::verify_slices_are_equal(&asked, challenge).is_err() {
        return Err(OtherChallenge);
    }
    let is_framed = match root.get("crossOrigin") {
        None => false,
        Some(value) => value.as_bool().ok_or(Malformed)?,
    };
    if is_framed || root.get("topOrigin").is_some() || !site.origins.iter().any(|ours| ours.as_str() == origin.as_ref()) {
        return Err(OtherOrigin);
    }
    Ok(())
}

/// Section 6.1.
struct AuthenticatorData<'a> {
    counter: u32,
    is_synced: bool,
    key: Option<(&'a [u8], Item<'a>)>,
}

impl<'a> AuthenticatorData<'a> {
    fn read(site: &PasskeySite, data: &'a [u8]) -> Result<AuthenticatorData<'a>, PasskeyRefusal> {
        use PasskeyRefusal::*;
        if data.len() > LONGEST {
            return Err(Malformed);
        }
        let (of_site, rest) = data.split_at_checked(32).ok_or(Malformed)?;
        let (&flags, rest) = rest.split_first().ok_or(Malformed)?;
        let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(Malformed)?;
        if of_site != digest::digest(&digest::SHA256, site.id.as_bytes()).as_ref() {
            return Err(OtherSite);
        }
        if flags & PRESENT == 0 {
            return Err(NotPresent);
        }
        if flags & VERIFIED == 0 {
            return Err(NotVerified);
        }
        // What may not be copied cannot have been (section 7.2, step 19).
        if flags & IS_COPIED != 0 && flags & MAY_BE_COPIED == 0 {
            return Err(Malformed);
        }
        let mut key = None;
        if flags & HAS_KEY != 0 {
            let (_model, after) = rest.split_at_checked(16).ok_or(Malformed)?;
            let (length, after) = after.split_first_chunk::<2>().ok_or(Malformed)?;
            let length = usize::from(u16::from_be_bytes(*length));
            if length == 0 || length > LONGEST_ID {
                return Err(Malformed);
            }
            let (id, after) = after.split_at_checked(length).ok_or(Malformed)?;
            let (item, after) = cbor::first(after).ok_or(Malformed)?;
            key = Some((id, item));
            rest = after;
        }
        if flags & HAS_MORE != 0 {
            (_, rest) = cbor::first(rest).ok_or(Malformed)?;
        }
        if !rest.is_empty() {
            return Err(Malformed);
        }
        Ok(AuthenticatorData { counter: u32::from_be_bytes(*counter), is_synced: flags & MAY_BE_COPIED != 0, key })
    }
}
