//! A signature over the bytes of one version of a resource: a JWS whose payload lies elsewhere.
//!
//! * The protected header says what is signed (type, id and version, and the digest of the bytes), by
//!   whom (name, role, licence, place, as they were), when, and with which certificate.
//! * The bytes are those of the version as they are stored; they are never changed by being signed.
//! * What is wrong is told apart: altered bytes, another document, another key, a certificate that
//!   was not in force.
//!
//! <https://www.rfc-editor.org/rfc/rfc7515#appendix-F>

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fhir::Document;
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;

use crate::hand::{Hand, HandError, Judge};

/// Certificates in one chain at most.
const LONGEST_CHAIN: usize = 8;

/// Who signs, as they were called at that moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignerSaid {
    /// The name.
    pub name: String,
    /// What they were at the institution, as a word of the house.
    pub role: String,
    /// The number of the professional licence; may be empty.
    pub licence: String,
    /// The institution.
    pub place: String,
}

/// In what capacity something is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capacity {
    /// Whoever wrote it.
    Author,
    /// The institution.
    Institution,
}

impl Capacity {
    fn word(self) -> &'static str {
        match self {
            Capacity::Author => "author",
            Capacity::Institution => "institution",
        }
    }
}

/// What a good signature says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attested {
    /// Type, id and version of what is signed.
    pub document: String,
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// By whom.
    pub by: SignerSaid,
    /// In what capacity.
    pub capacity: Capacity,
    /// Since when the certificate is revoked, where that came after the signature.
    pub revoked_later_at_s: Option<i64>,
}

/// Why a signature is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Doubt {
    /// It is no signature of this kind.
    #[error("this is no signature that can be read")]
    NoSignature,
    /// The bytes are not those that were signed.
    #[error("the document was altered after it was signed")]
    Altered,
    /// It is the signature of something else.
    #[error("the signature belongs to another document")]
    AnotherDocument,
    /// The bytes are those, and the signature was not made with the key of the certificate it names.
    #[error("the signature was made with another key than that of its certificate")]
    AnotherKey,
    /// The certificate comes from an authority that is not trusted here.
    #[error("the certificate comes from an authority that is not trusted here")]
    UnknownAuthority,
    /// The certificate had expired when it was signed.
    #[error("the certificate had expired when the signature was made")]
    Expired,
    /// The certificate was not in force yet.
    #[error("the certificate was not in force yet when the signature was made")]
    NotYet,
    /// The certificate was revoked before it was signed.
    #[error("the certificate was revoked before the signature was made")]
    Revoked,
    /// The list of revoked certificates cannot be read or is not from the authority.
    #[error("the list of revoked certificates is not that of the authority")]
    List,
    /// An algorithm that nobody here knows.
    #[error("nobody here knows the algorithm of the signature")]
    Algorithm,
    /// The header names somebody else than the certificate.
    #[error("the signature names somebody else than its certificate does")]
    AnotherName,
    /// A judge's answer: the signature does not fit the bytes. Told further as what it comes from.
    #[error("the signature does not fit")]
    Unfitting,
}

impl Doubt {
    /// A word for programs and for the tables of words.
    pub fn word(self) -> &'static str {
        match self {
            Doubt::NoSignature => "no-signature",
            Doubt::Altered => "altered",
            Doubt::AnotherDocument => "another-document",
            Doubt::AnotherKey | Doubt::Unfitting => "another-key",
            Doubt::UnknownAuthority => "unknown-authority",
            Doubt::Expired => "expired",
            Doubt::NotYet => "not-yet",
            Doubt::Revoked => "revoked",
            Doubt::List => "list",
            Doubt::Algorithm => "algorithm",
            Doubt::AnotherName => "another-name",
        }
    }
}

/// Signs the bytes of a version; the JWS without its payload, `header..signature`.
///
/// # Errors
/// The text is no stored version, or the hand did not sign.
pub fn sign(hand: &dyn Hand, text: &str, at_s: i64, by: &SignerSaid, capacity: Capacity) -> Result<String, HandError> {
    let document = named(text).ok_or_else(|| HandError("this is no stored version of a resource".to_owned()))?;
    let chain: Vec<String> = hand.chain().iter().map(|one| STANDARD.encode(one)).collect();
    let header = json!({
        "alg": hand.algorithm(),
        "cty": "application/fhir+json",
        "x5c": chain,
        "iat": at_s,
        "doc": document,
        "sha256": digest_of(text),
        "as": capacity.word(),
        "by": { "name": by.name, "role": by.role, "licence": by.licence, "place": by.place },
    });
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let signature = hand.sign(&input(&header, text))?;
    Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// What a signature says of a text, if it is believed.
///
/// # Errors
/// Why it is not.
pub fn verify_signature(jws: &str, text: &str, judges: &[&dyn Judge]) -> Result<Attested, Doubt> {
    let said = Said::read(jws)?;
    if named(text).as_deref() != Some(&said.attested.document) {
        return Err(Doubt::AnotherDocument);
    }
    if digest_of(text) != said.digest {
        return Err(Doubt::Altered);
    }
    let judge = judges.iter().find(|judge| judge.knows(&said.algorithm)).ok_or(Doubt::Algorithm)?;
    let judged = judge.judge(&said.algorithm, &said.chain, said.attested.at_s, &input(said.header, text), &said.signature);
    let standing = judged.map_err(|doubt| if doubt == Doubt::Unfitting { Doubt::AnotherKey } else { doubt })?;
    let (name, place) = subject(&said.chain[0])?;
    // An institution signs as itself.
    if name != said.attested.by.name || (said.attested.capacity == Capacity::Author && place != said.attested.by.place) {
        return Err(Doubt::AnotherName);
    }
    Ok(Attested { revoked_later_at_s: standing.revoked_later_at_s, ..said.attested })
}

/// What a signature claims, whether or not it is true: for lists that say so beside the verdict.
pub fn claimed(jws: &str) -> Option<Attested> {
    Said::read(jws).ok().map(|said| said.attested)
}

/// The serial number of the certificate a signature names, in hexadecimal digits.
pub fn serial_of(jws: &str) -> Option<String> {
    let said = Said::read(jws).ok()?;
    let (_, read) = x509_parser::certificate::X509Certificate::from_der(said.chain.first()?).ok()?;
    Some(crate::authority::hex(read.raw_serial()))
}

struct Said<'j> {
    header: &'j str,
    algorithm: String,
    chain: Vec<Vec<u8>>,
    digest: String,
    signature: Vec<u8>,
    attested: Attested,
}

impl<'j> Said<'j> {
    fn read(jws: &'j str) -> Result<Said<'j>, Doubt> {
        let (header, signature) = jws.split_once("..").ok_or(Doubt::NoSignature)?;
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Doubt::NoSignature);
        let (head, signature) = (decoded(header)?, decoded(signature)?);
        let head: Value = serde_json::from_slice(&head).map_err(|_| Doubt::NoSignature)?;
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or(Doubt::NoSignature);
        // What must be understood and is not known here makes it no signature for us (RFC 7515, 4.1.11).
        if head.get("crit").is_some() {
            return Err(Doubt::Algorithm);
        }
        let chain = head["x5c"].as_array().filter(|chain| (1..=LONGEST_CHAIN).contains(&chain.len())).ok_or(Doubt::NoSignature)?;
        let chain = chain.iter().map(|one| STANDARD.decode(one.as_str().unwrap_or_default()).map_err(|_| Doubt::NoSignature)).collect::<Result<Vec<_>, _>>()?;
        let capacity = match head["as"].as_str() {
            Some("author") => Capacity::Author,
            Some("institution") => Capacity::Institution,
            _ => return Err(Doubt::NoSignature),
        };
        let by = SignerSaid { name: text(&head["by"]["name"])?, role: text(&head["by"]["role"])?, licence: text(&head["by"]["licence"])?, place: text(&head["by"]["place"])? };
        let at_s = head["iat"].as_i64().ok_or(Doubt::NoSignature)?;
        let attested = Attested { document: text(&head["doc"])?, at_s, by, capacity, revoked_later_at_s: None };
        Ok(Said { header, algorithm: text(&head["alg"])?, chain, digest: text(&head["sha256"])?, signature, attested })
    }
}

/// What is signed: the header, a point, the payload (RFC 7515, 5.1).
fn input(header: &str, text: &str) -> Vec<u8> {
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(text)).into_bytes()
}

fn digest_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Type, id and version of a stored text.
fn named(text: &str) -> Option<String> {
    let document = Document::read(text).ok()?;
    let root = document.root();
    Some(format!("{}/{}/_history/{}", root.string("resourceType")?, root.string("id")?, root.get("meta")?.string("versionId")?))
}

/// The name and the institution of a certificate.
fn subject(certificate: &[u8]) -> Result<(String, String), Doubt> {
    let (_, read) = x509_parser::certificate::X509Certificate::from_der(certificate).map_err(|_| Doubt::NoSignature)?;
    let name = read.subject().iter_common_name().next().and_then(|one| one.as_str().ok()).unwrap_or_default().to_owned();
    let place = read.subject().iter_organization().next().and_then(|one| one.as_str().ok()).unwrap_or_default().to_owned();
    Ok((name, place))
}
