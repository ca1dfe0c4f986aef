//! An institution key that a PKCS#11 token keeps: an HSM, a smart card, SoftHSM2.
//!
//! The token holds an AES key that never leaves it. The institution's key lies in its file sealed under
//! that key by AES-GCM, inside the token; at the start the token opens it, once, and what it wraps is
//! then opened in this process. So reading a record costs no call, and a copied file opens nothing.
//!
//! The address is a PKCS#11 URI (RFC 7512) with the attributes `token`, `object`, `module-path` and
//! `pin-source`; the PIN is in a file of its own and never in the configuration.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::RvError;
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use seal::InstitutionKey;
use zeroize::Zeroizing;

use crate::config::Config;
use crate::keys::hex;
use crate::system::seed;

const FIRST_LINE: &str = "carnet institution key in a token 1";
const NONCE: usize = 12;
const TAG_BITS: u64 = 128;
/// What the sealed key is bound to.
const ABOUT: &[u8] = b"carnet institution key";

/// Which token, which key in it, and how it is reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    token: String,
    object: String,
    module: PathBuf,
    pin: PathBuf,
}

impl Address {
    /// Reads a URI.
    pub fn read(uri: &str) -> Result<Address> {
        let rest = uri.strip_prefix("pkcs11:").context("it begins with pkcs11:, as pkcs11:token=carnet;object=institution?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/carnet/pin")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let parts = path.split(';').chain(query.split('&')).filter(|part| !part.is_empty());
        let (mut token, mut object, mut module, mut pin) = (None, None, None, None);
        for part in parts {
            let (name, value) = part.split_once('=').with_context(|| format!("`{part}` is not name=value"))?;
            let place = match name {
                "token" => &mut token,
                "object" => &mut object,
                "module-path" => &mut module,
                "pin-source" => &mut pin,
                "pin-value" => bail!("the PIN does not belong into the configuration; put it into a file and name that: pin-source=file:/path"),
                _ => bail!("the attribute `{name}` is not known; there are token, object, module-path and pin-source"),
            };
            if place.replace(decoded(value)?).is_some() {
                bail!("`{name}` is there twice");
            }
        }
        let needed = |value: Option<String>, name: &str| value.filter(|value| !value.is_empty()).with_context(|| format!("`{name}` is missing"));
        let pin = needed(pin, "pin-source")?;
        Ok(Address {
            token: needed(token, "token")?,
            object: needed(object, "object")?,
            module: needed(module, "module-path")?.into(),
            pin: pin.strip_prefix("file:").unwrap_or(&pin).into(),
        })
    }

    fn pin(&self) -> Result<AuthPin> {
        let text = Zeroizing::new(fs::read_to_string(&self.pin).with_context(|| format!("could not read the PIN from {}", self.pin.display()))?);
        Ok(AuthPin::new(text.trim_end_matches(['\r', '\n']).into()))
    }
}

/// Percent-encoding, as in any URI.
fn decoded(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, more)) = rest.split_first() {
        rest = more;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let digits = more.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(digits.with_context(|| format!("`{text}` has a % without two hexadecimal digits behind it"))?);
        rest = &more[2..];
    }
    String::from_utf8(bytes).with_context(|| format!("`{text}` is not UTF-8"))
}

/// True for the text of a key that a token has sealed.
pub fn is_sealed(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.trim() == FIRST_LINE)
}

/// The text of a key, sealed by the token. The first time the token makes the key it seals with.
pub fn seal(key: &InstitutionKey, uri: &str) -> Result<String> {
    let address = Address::read(uri)?;
    let session = open_session(&address)?;
    let handle = match find(&session, &address)? {
        Some(handle) => handle,
        None => make(&session, &address)?,
    };
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&seed()?[..NONCE]);
    let sealed = session.encrypt(&gcm(&mut nonce.clone())?, handle, &*key.expose()).context("the token refused to encrypt")?;
    Ok(format!("{FIRST_LINE}\nname   {}\nnonce  {}\nsealed {}\n", hex(&key.fingerprint()), hex(&nonce), hex(&sealed)))
}

/// The key out of such a text.
pub fn open(text: &str, config: &Config) -> Result<InstitutionKey> {
    let uri = config.key.as_deref().context("the key is sealed by a token, and carnet.toml does not name one: add key = \"pkcs11:…\"")?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.and_then(|digits| bytes_of(digits.trim())).with_context(|| format!("its line `{name}` is missing or is not hexadecimal"))
    };
    let (name, nonce, sealed) = (field("name")?, field("nonce")?, field("sealed")?);
    let mut nonce: [u8; NONCE] = nonce.try_into().ok().context("its nonce has not twelve bytes")?;
    let address = Address::read(uri)?;
    let session = open_session(&address)?;
    let handle = find(&session, &address)?.with_context(|| format!("the token `{}` holds no key `{}`", address.token, address.object))?;
    let opened = Zeroizing::new(session.decrypt(&gcm(&mut nonce)?, handle, &sealed).context("the token refused to decrypt: the file was altered, or sealed by another token")?);
    let bytes: [u8; 32] = opened.as_slice().try_into().context("what the token opened is not a key")?;
    let key = InstitutionKey::of_bytes(Zeroizing::new(bytes));
    if key.fingerprint() != name.as_slice() {
        bail!("what the token opened is not the key the file names");
    }
    Ok(key)
}

fn gcm(nonce: &mut [u8]) -> Result<Mechanism<'_>> {
    Ok(Mechanism::AesGcm(GcmParams::new(nonce, ABOUT, TAG_BITS.into()).context("the token's library refused the mechanism")?))
}

fn open_session(address: &Address) -> Result<Session> {
    let library = Pkcs11::new(&address.module).with_context(|| format!("could not load the library of the token, {}", address.module.display()))?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // A library starts once in a process, and stays.
        Err(cryptoki::error::Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        started => started.context("the library of the token did not start")?,
    }
    for slot in library.get_slots_with_token().context("the tokens could not be listed")? {
        if library.get_token_info(slot).is_ok_and(|token| token.label().trim_end() == address.token) {
            let session = library.open_rw_session(slot).context("the token opened no session")?;
            session.login(UserType::User, Some(&address.pin()?)).with_context(|| format!("the token `{}` did not take the PIN in {}", address.token, address.pin.display()))?;
            return Ok(session);
        }
    }
    bail!("there is no token `{}` at {}", address.token, address.module.display())
}

fn find(session: &Session, address: &Address) -> Result<Option<ObjectHandle>> {
    let wanted = [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::KeyType(KeyType::AES), Attribute::Label(address.object.clone().into_bytes())];
    let found = session.find_objects(&wanted).context("the token's keys could not be listed")?;
    if found.len() > 1 {
        bail!("the token `{}` holds {} keys named `{}`; give the others another name", address.token, found.len(), address.object);
    }
    Ok(found.first().copied())
}

/// An AES key that never leaves the token.
fn make(session: &Session, address: &Address) -> Result<ObjectHandle> {
    let template = [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::ValueLen(32.into()),
        Attribute::Label(address.object.clone().into_bytes()),
    ];
    session.generate_key(&Mechanism::AesKeyGen, &template).context("the token made no key")
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.remainder().is_empty().then_some(())?;
    pairs.map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_is_missing_or_does_not_belong() {
        let good = "pkcs11:token=Hospital%20Norte;object=institution?module-path=/usr/lib/p11.so&pin-source=file:/etc/carnet/pin";
        let address = Address::read(good).unwrap();
        assert_eq!((address.token.as_str(), address.object.as_str()), ("Hospital Norte", "institution"));
        assert_eq!((address.module.to_str(), address.pin.to_str()), (Some("/usr/lib/p11.so"), Some("/etc/carnet/pin")));
        for (uri, words) in [
            ("file:/x", "begins with pkcs11:"),
            ("pkcs11:object=a?module-path=/m&pin-source=/p", "`token` is missing"),
            ("pkcs11:token=a;object=b?pin-source=/p", "`module-path` is missing"),
            ("pkcs11:token=a;object=b?module-path=/m", "`pin-source` is missing"),
            ("pkcs11:token=a;token=b", "twice"),
            ("pkcs11:token=a;serial=1", "not known"),
            ("pkcs11:token=a?pin-value=1234", "does not belong"),
            ("pkcs11:token=%zz", "hexadecimal"),
        ] {
            let error = format!("{:#}", Address::read(uri).unwrap_err());
            assert!(error.contains(words) && !error.contains("1234"), "{uri}: {error}");
        }
    }
}
