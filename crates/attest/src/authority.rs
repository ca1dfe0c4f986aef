//! The institution's own authority: it certifies the keys of staff, and lists what it revoked.
//!
//! * Keys lie in sealed notes and are opened for one act. Who may ask for that is decided elsewhere:
//!   only whoever is signed in and has shown a moment ago that it is still they.
//! * A certificate says who its holder was when it was made. Where the holder is called or is
//!   something else now, or the certificate soon ends, another key and another certificate are made;
//!   the old certificate stays good for what it signed.
//! * What is revoked stays in the list for ever: evidence is verified years later.

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, RevocationReason, RevokedCertParams, SerialNumber,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use store::Drawer;
use time::OffsetDateTime;

use crate::hand::{Algorithm, DOCUMENT_SIGNING, OwnHand};
use crate::key::Error;
use crate::signature::SignerSaid;

/// The drawer in which the keys of staff and of the authority lie.
pub const SIGNING_ROOM: &str = "sign";
const AUTHORITY: &str = "authority";
/// Authorities elsewhere that are trusted, with their lists: a line each.
const TRUSTED: &str = "trusted";
const REVOKED: &str = "revoked";
/// How long a certificate of staff is good.
const HOLDER_DAYS: i64 = 730;
/// Another one is made so long before it ends.
const RENEWED_DAYS: i64 = 30;
/// How long the authority is good: longer than what it signs must be kept.
const AUTHORITY_DAYS: i64 = 30 * 365;
const DAY_S: i64 = 86_400;

/// Whose key it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder<'n> {
    /// The account of that number.
    Account(u64),
    /// An institution, by its name.
    Institution(&'n str),
}

impl Holder<'_> {
    fn note(self) -> String {
        match self {
            Holder::Account(number) => format!("holder-{number}"),
            Holder::Institution(name) => format!("institution-{}", &hex(digest::digest(&digest::SHA256, name.as_bytes()).as_ref())[..32]),
        }
    }
}

/// One certificate that was revoked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revoked {
    /// Its serial number, in hexadecimal digits.
    pub serial: String,
    /// Since when, in seconds since 1970.
    pub at_s: i64,
}

/// The authority of this institution.
#[derive(Clone)]
pub struct Authority {
    drawer: Drawer,
}

struct Root {
    name: String,
    since_s: i64,
    pkcs8: Vec<u8>,
    certificate: Vec<u8>,
}

impl Authority {
    /// The authority whose keys lie in this drawer.
    pub fn new(drawer: Drawer) -> Authority {
        Authority { drawer }
    }

    /// Its certificate in DER; it is made, under this name, when it is first asked for.
    ///
    /// # Errors
    /// The store failed, or the certificate could not be read or made.
    pub fn certificate(&self, name: &str, now_s: i64) -> Result<Vec<u8>, Error> {
        Ok(self.root(name, now_s)?.certificate)
    }

    /// The key of a holder, opened; made and certified where there is none, or where the holder is
    /// called or is something else now.
    ///
    /// # Errors
    /// The store failed, a key could not be read or made, or somebody else made it at this moment.
    pub fn hand(&self, holder: Holder<'_>, said: &SignerSaid, algorithm: Algorithm, authority_name: &str, now_s: i64) -> Result<OwnHand, Error> {
        let root = self.root(authority_name, now_s)?;
        let note = self.drawer.note(&holder.note())?;
        if let Some(kept) = note.as_deref().and_then(|note| Kept::read(note)) {
            let lasts = kept.until_s - now_s > RENEWED_DAYS * DAY_S;
            if kept.said == *said && kept.algorithm == algorithm && lasts && !self.is_revoked(&kept.serial)? {
                let hand = OwnHand::open(algorithm, &kept.pkcs8, vec![kept.certificate, root.certificate]);
                return hand.ok_or_else(damaged);
            }
        }
        let made = self.certified(&root, said, algorithm, now_s)?;
        if !self.drawer.keep(&holder.note(), note.as_deref(), &made.written())? {
            return Err(Error::Busy);
        }
        OwnHand::open(algorithm, &made.pkcs8, vec![made.certificate, root.certificate]).ok_or_else(damaged)
    }

    /// Revokes the certificate that a holder has now, and forgets its key. False where there is none.
    ///
    /// # Errors
    /// The store failed, or somebody else changed the list at this moment.
    pub fn revoke(&self, holder: Holder<'_>, now_s: i64) -> Result<bool, Error> {
        let note = self.drawer.note(&holder.note())?;
        let Some(kept) = note.as_deref().and_then(|note| Kept::read(note)) else { return Ok(false) };
        self.revoke_serial(&kept.serial, now_s)?;
        match self.drawer.keep(&holder.note(), note.as_deref(), b"")? {
            true => Ok(true),
            false => Err(Error::Busy),
        }
    }

    /// Puts a certificate on the list, where it is not there yet.
    fn revoke_serial(&self, serial: &str, now_s: i64) -> Result<(), Error> {
        let before = self.drawer.note(REVOKED)?;
        let mut all = read_revoked(before.as_deref())?;
        if all.iter().any(|one| one.serial == serial) {
            return Ok(());
        }
        all.push(Revoked { serial: serial.to_owned(), at_s: now_s });
        let now: String = all.iter().map(|one| format!("{}\t{}\n", one.serial, one.at_s)).collect();
        if self.drawer.keep(REVOKED, before.as_deref(), now.as_bytes())? { Ok(()) } else { Err(Error::Busy) }
    }

    /// Everything that was revoked.
    ///
    /// # Errors
    /// The store failed, or the list could not be read.
    pub fn revoked(&self) -> Result<Vec<Revoked>, Error> {
        read_revoked(self.drawer.note(REVOKED)?.as_deref())
    }

    /// The serial number of the certificate a holder has now.
    ///
    /// # Errors
    /// The store failed.
    pub fn serial(&self, holder: Holder<'_>) -> Result<Option<String>, Error> {
        Ok(self.drawer.note(&holder.note())?.as_deref().and_then(Kept::read).map(|kept| kept.serial))
    }

    fn is_revoked(&self, serial: &str) -> Result<bool, Error> {
        Ok(self.revoked()?.iter().any(|one| one.serial == serial))
    }

    /// The signed list of what was revoked, in DER.
    ///
    /// # Errors
    /// The store failed, or a key could not be read.
    pub fn list(&self, name: &str, now_s: i64) -> Result<Vec<u8>, Error> {
        let root = self.root(name, now_s)?;
        let all = self.revoked()?;
        let revoked_certs = all.iter().map(|one| RevokedCertParams { serial_number: SerialNumber::from_slice(&bytes(&one.serial)), revocation_time: moment(one.at_s), reason_code: Some(RevocationReason::Unspecified), invalidity_date: None }).collect();
        let list = CertificateRevocationListParams { this_update: moment(now_s), next_update: moment(now_s + 30 * DAY_S), crl_number: SerialNumber::from(now_s.max(1) as u64), issuing_distribution_point: None, revoked_certs, key_identifier_method: KeyIdMethod::Sha256 };
        let issuer = root.issuer()?;
        Ok(list.signed_by(&issuer).map_err(|_| damaged())?.der().to_vec())
    }

    /// Trusts an authority elsewhere, from now on, with the list of what it revoked; a newer list takes the place of an older one.
    ///
    /// # Errors
    /// The store failed, or somebody else changed the list at this moment.
    pub fn trust(&self, certificate: &[u8], revoked: &[u8]) -> Result<(), Error> {
        let before = self.drawer.note(TRUSTED)?;
        let mut all = read_trusted(before.as_deref())?;
        all.retain(|(one, _)| one != certificate);
        all.push((certificate.to_vec(), revoked.to_vec()));
        let now: String = all.iter().map(|(certificate, revoked)| format!("{}\t{}\n", STANDARD.encode(certificate), STANDARD.encode(revoked))).collect();
        if before.as_deref() == Some(now.as_bytes()) || self.drawer.keep(TRUSTED, before.as_deref(), now.as_bytes())? { Ok(()) } else { Err(Error::Busy) }
    }

    /// The authorities elsewhere that are trusted, each with its list.
    ///
    /// # Errors
    /// The store failed, or the list could not be read.
    pub fn trusted(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Error> {
        read_trusted(self.drawer.note(TRUSTED)?.as_deref())
    }

    fn root(&self, name: &str, now_s: i64) -> Result<Root, Error> {
        if let Some(note) = self.drawer.note(AUTHORITY)? {
            return Root::read(&note).ok_or_else(damaged);
        }
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).map_err(|_| damaged())?;
        let mut root = Root { name: name.to_owned(), since_s: now_s - DAY_S, pkcs8: made.as_ref().to_vec(), certificate: Vec::new() };
        let key = pair(&root.pkcs8, Algorithm::Es256)?;
        root.certificate = root.parameters().self_signed(&key).map_err(|_| damaged())?.der().to_vec();
        if !self.drawer.keep(AUTHORITY, None, &root.written())? {
            return Err(Error::Busy);
        }
        Ok(root)
    }

    fn certified(&self, root: &Root, said: &SignerSaid, algorithm: Algorithm, now_s: i64) -> Result<Kept, Error> {
        let chance = SystemRandom::new();
        let pkcs8 = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &chance).map(|made| made.as_ref().to_vec()),
            Algorithm::Ed25519 => Ed25519KeyPair::generate_pkcs8(&chance).map(|made| made.as_ref().to_vec()),
        }
        .map_err(|_| damaged())?;
        let mut serial: [u8; 16] = self.drawer.random();
        // A serial number is a positive whole number (RFC 5280, 4.1.2.2).
        serial[0] = serial[0] & 0x7f | 0x40;
        let until_s = now_s + HOLDER_DAYS * DAY_S;
        let mut parameters = CertificateParams::default();
        parameters.serial_number = Some(SerialNumber::from_slice(&serial));
        parameters.not_before = moment(now_s - 60);
        parameters.not_after = moment(until_s);
        parameters.distinguished_name = DistinguishedName::new();
        for (kind, text) in [(DnType::CommonName, &said.name), (DnType::OrganizationName, &said.place), (DnType::CustomDnType(vec![2, 5, 4, 12]), &said.role), (DnType::CustomDnType(vec![2, 5, 4, 5]), &said.licence)] {
            if !text.is_empty() {
                parameters.distinguished_name.push(kind, text.as_str());
            }
        }
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNING.to_vec())];
        parameters.use_authority_key_identifier_extension = true;
        let key = pair(&pkcs8, algorithm)?;
        let certificate = parameters.signed_by(&key, &root.issuer()?).map_err(|_| damaged())?.der().to_vec();
        Ok(Kept { said: said.clone(), algorithm, serial: hex(&serial), until_s, pkcs8, certificate })
    }
}

impl Root {
    fn parameters(&self) -> CertificateParams {
        let mut parameters = CertificateParams::default();
        parameters.serial_number = Some(SerialNumber::from(1));
        parameters.not_before = moment(self.since_s);
        parameters.not_after = moment(self.since_s + AUTHORITY_DAYS * DAY_S);
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, if self.name.is_empty() { "Carnet" } else { self.name.as_str() });
        parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        parameters
    }

    fn issuer(&self) -> Result<Issuer<'static, KeyPair>, Error> {
        Ok(Issuer::new(self.parameters(), pair(&self.pkcs8, Algorithm::Es256)?))
    }

    fn written(&self) -> Vec<u8> {
        json!({ "name": self.name, "since": self.since_s, "key": STANDARD.encode(&self.pkcs8), "certificate": STANDARD.encode(&self.certificate) }).to_string().into_bytes()
    }

    fn read(note: &[u8]) -> Option<Root> {
        let note: Value = serde_json::from_slice(note).ok()?;
        let bytes = |value: &Value| STANDARD.decode(value.as_str()?).ok();
        Some(Root { name: note["name"].as_str()?.to_owned(), since_s: note["since"].as_i64()?, pkcs8: bytes(&note["key"])?, certificate: bytes(&note["certificate"])? })
    }
}

struct Kept {
    said: SignerSaid,
    algorithm: Algorithm,
    serial: String,
    until_s: i64,
    pkcs8: Vec<u8>,
    certificate: Vec<u8>,
}

impl Kept {
    fn written(&self) -> Vec<u8> {
        let SignerSaid { name, role, licence, place } = &self.said;
        let (key, certificate) = (STANDARD.encode(&self.pkcs8), STANDARD.encode(&self.certificate));
        json!({ "name": name, "role": role, "licence": licence, "place": place, "alg": self.algorithm.name(), "serial": self.serial, "until": self.until_s, "key": key, "certificate": certificate }).to_string().into_bytes()
    }

    fn read(note: &[u8]) -> Option<Kept> {
        let note: Value = serde_json::from_slice(note).ok()?;
        let text = |name: &str| note[name].as_str().map(str::to_owned);
        let bytes = |name: &str| STANDARD.decode(note[name].as_str()?).ok();
        Some(Kept {
            said: SignerSaid { name: text("name")?, role: text("role")?, licence: text("licence")?, place: text("place")? },
            algorithm: Algorithm::named(note["alg"].as_str()?)?,
            serial: text("serial")?,
            until_s: note["until"].as_i64()?,
            pkcs8: bytes("key")?,
            certificate: bytes("certificate")?,
        })
    }
}

fn pair(pkcs8: &[u8], algorithm: Algorithm) -> Result<KeyPair, Error> {
    let signing = match algorithm {
        Algorithm::Es256 => &PKCS_ECDSA_P256_SHA256,
        Algorithm::Ed25519 => &PKCS_ED25519,
    };
    KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8), signing).map_err(|_| damaged())
}

/// The fingerprint of a certificate, as people compare it: SHA-256 in groups of four digits.
pub fn fingerprint(certificate: &[u8]) -> String {
    let digits = hex(digest::digest(&digest::SHA256, certificate).as_ref()).to_uppercase();
    digits.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join(" ")
}

/// A certificate in PEM.
pub fn pem(certificate: &[u8]) -> String {
    let text = STANDARD.encode(certificate);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn read_trusted(note: Option<&[u8]>) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Error> {
    let text = std::str::from_utf8(note.unwrap_or_default()).map_err(|_| damaged())?;
    let line = |line: &str| line.split_once('\t').and_then(|(certificate, revoked)| Some((STANDARD.decode(certificate).ok()?, STANDARD.decode(revoked).ok()?)));
    text.lines().map(|one| line(one).ok_or_else(damaged)).collect()
}

fn read_revoked(note: Option<&[u8]>) -> Result<Vec<Revoked>, Error> {
    let text = std::str::from_utf8(note.unwrap_or_default()).map_err(|_| damaged())?;
    let line = |line: &str| line.split_once('\t').and_then(|(serial, at)| Some(Revoked { serial: serial.to_owned(), at_s: at.parse().ok()? }));
    text.lines().map(|one| line(one).ok_or_else(damaged)).collect()
}

fn moment(at_s: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at_s).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

fn damaged() -> Error {
    Error::Store(store::Error::Damaged("a key that signs documents could not be read or made"))
}
