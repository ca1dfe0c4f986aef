//! Whoever makes a signature, and whoever judges one: the seam where other providers come in.
//!
//! What a provider must keep to, whether it is a card in a reader, a national service or a library
//! with GOST:
//!
//! * A [`Hand`] signs exactly the bytes it is given, in one algorithm, with the key of the first
//!   certificate of its chain. It is called while the signer is there and has just shown that, and at
//!   no other time; it may take its time and may refuse.
//! * Its chain begins with the signer's certificate and ends before or with an authority. The
//!   certificate says who signs; a header that says otherwise is not believed.
//! * A [`Judge`] knows some algorithms. It answers for both halves: that the signature fits the bytes
//!   under the first certificate, and that the chain led to an authority it trusts at that moment.
//! * A judge needs nothing but its arguments and what it was made with: evidence is judged without a
//!   network, years later. What it cannot decide it refuses.
//! * An algorithm that no judge knows is a signature that cannot be judged, never a good one.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, UnparsedPublicKey};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{BorrowedCertRevocationList, CertRevocationList, EndEntityCert, KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert};
use x509_parser::prelude::FromDer;

use crate::signature::Doubt;

/// The purpose of certificates that sign documents. <https://www.rfc-editor.org/rfc/rfc9336>
pub(crate) const DOCUMENT_SIGNING: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 36];
const DOCUMENT_SIGNING_DER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 36];

/// Why a hand did not sign.
#[derive(Debug, thiserror::Error)]
#[error("the signature could not be made: {0}")]
pub struct HandError(pub String);

/// Makes signatures for one signer.
pub trait Hand: Send + Sync {
    /// The algorithm as a JWS names it: `ES256`, `EdDSA`, or what a judge elsewhere knows.
    fn algorithm(&self) -> &str;
    /// The certificates in DER, the signer's own first.
    fn chain(&self) -> &[Vec<u8>];
    /// Signs these bytes.
    ///
    /// # Errors
    /// The key is not there, or whoever holds it refuses.
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, HandError>;
}

/// Judges signatures of some algorithms.
pub trait Judge {
    /// True if it judges this algorithm.
    fn knows(&self, algorithm: &str) -> bool;
    /// Judges a signature over bytes, made at a moment (seconds since 1970) under a chain.
    ///
    /// # Errors
    /// Why it is not believed. [`Doubt::Unfitting`] where it does not fit the bytes.
    fn judge(&self, algorithm: &str, chain: &[Vec<u8>], at_s: i64, input: &[u8], signature: &[u8]) -> Result<Standing, Doubt>;
}

/// How a certificate stood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Since when it is revoked, where that came after the signature.
    pub revoked_later_at_s: Option<i64>,
}

/// An algorithm of the keys that this institution makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Algorithm {
    /// ECDSA over P-256 (RFC 7518).
    #[default]
    Es256,
    /// Ed25519 (RFC 8037).
    Ed25519,
}

impl Algorithm {
    /// As a JWS names it.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Es256 => "ES256",
            Algorithm::Ed25519 => "EdDSA",
        }
    }

    /// The algorithm of a name.
    pub fn named(name: &str) -> Option<Algorithm> {
        [Algorithm::Es256, Algorithm::Ed25519].into_iter().find(|one| one.name() == name)
    }
}

/// A key of this institution, opened for one act.
pub struct OwnHand {
    pair: Pair,
    chain: Vec<Vec<u8>>,
}

enum Pair {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl OwnHand {
    pub(crate) fn open(algorithm: Algorithm, pkcs8: &[u8], chain: Vec<Vec<u8>>) -> Option<OwnHand> {
        let pair = match algorithm {
            Algorithm::Es256 => Pair::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).ok()?),
            Algorithm::Ed25519 => Pair::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8).ok()?),
        };
        Some(OwnHand { pair, chain })
    }
}

impl Hand for OwnHand {
    fn algorithm(&self) -> &str {
        match self.pair {
            Pair::Es256(_) => Algorithm::Es256.name(),
            Pair::Ed25519(_) => Algorithm::Ed25519.name(),
        }
    }

    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, HandError> {
        match &self.pair {
            Pair::Es256(pair) => pair.sign(&SystemRandom::new(), input).map(|made| made.as_ref().to_vec()).map_err(|_| HandError("the key cannot sign".to_owned())),
            Pair::Ed25519(pair) => Ok(pair.sign(input).as_ref().to_vec()),
        }
    }
}

/// Judges what institutions signed whose authorities are given, by the lists of what they revoked.
pub struct OwnJudge {
    anchors: Vec<Vec<u8>>,
    revoked: Vec<Vec<u8>>,
}

impl OwnJudge {
    /// A judge that trusts these authorities (certificates in DER) and reads these lists.
    pub fn new(anchors: Vec<Vec<u8>>, revoked: Vec<Vec<u8>>) -> OwnJudge {
        OwnJudge { anchors, revoked }
    }

    /// That the chain led to an authority at that moment.
    fn chain_stands(&self, chain: &[Vec<u8>], at_s: i64) -> Result<Standing, Doubt> {
        let own = CertificateDer::from(chain.first().ok_or(Doubt::NoSignature)?.as_slice());
        let own = EndEntityCert::try_from(&own).map_err(|_| Doubt::NoSignature)?;
        let anchors: Vec<CertificateDer<'_>> = self.anchors.iter().map(|one| CertificateDer::from(one.as_slice())).collect();
        let anchors: Vec<_> = anchors.iter().filter_map(|one| anchor_from_trusted_cert(one).ok()).collect();
        let between: Vec<CertificateDer<'_>> = chain[1..].iter().map(|one| CertificateDer::from(one.as_slice())).collect();
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(at_s).map_err(|_| Doubt::NotYet)?));
        let lists: Vec<CertRevocationList<'_>> = self.revoked.iter().map(|list| BorrowedCertRevocationList::from_der(list).map(CertRevocationList::from)).collect::<Result<_, _>>().map_err(|_| Doubt::List)?;
        let listed: Vec<&CertRevocationList<'_>> = lists.iter().collect();
        let revocation = match RevocationOptionsBuilder::new(&listed) {
            Ok(options) => Some(options.with_depth(RevocationCheckDepth::EndEntity).with_status_policy(UnknownStatusPolicy::Deny).build()),
            Err(_) => None,
        };
        let algorithms = &[webpki::aws_lc_rs::ECDSA_P256_SHA256, webpki::aws_lc_rs::ED25519, webpki::aws_lc_rs::ECDSA_P384_SHA384];
        match own.verify_for_usage(algorithms, &anchors, &between, at, KeyUsage::required(DOCUMENT_SIGNING_DER), revocation, None) {
            Ok(_) => Ok(Standing { revoked_later_at_s: None }),
            Err(webpki::Error::CertRevoked) => {
                let (_, read) = x509_parser::certificate::X509Certificate::from_der(&chain[0]).map_err(|_| Doubt::NoSignature)?;
                let since = listed.iter().find_map(|list| list.find_serial(read.raw_serial()).ok().flatten().map(|found| found.revocation_date.as_secs() as i64));
                match since {
                    Some(since) if since > at_s => Ok(Standing { revoked_later_at_s: Some(since) }),
                    _ => Err(Doubt::Revoked),
                }
            }
            Err(webpki::Error::CertExpired { .. }) => Err(Doubt::Expired),
            Err(webpki::Error::CertNotValidYet { .. }) => Err(Doubt::NotYet),
            Err(webpki::Error::UnknownRevocationStatus | webpki::Error::InvalidCrlSignatureForPublicKey) => Err(Doubt::List),
            Err(_) => Err(Doubt::UnknownAuthority),
        }
    }
}

impl Judge for OwnJudge {
    fn knows(&self, algorithm: &str) -> bool {
        Algorithm::named(algorithm).is_some()
    }

    fn judge(&self, algorithm: &str, chain: &[Vec<u8>], at_s: i64, input: &[u8], signature: &[u8]) -> Result<Standing, Doubt> {
        let (_, read) = x509_parser::certificate::X509Certificate::from_der(chain.first().ok_or(Doubt::NoSignature)?).map_err(|_| Doubt::NoSignature)?;
        let key = &*read.public_key().subject_public_key.data;
        let fits = match Algorithm::named(algorithm).ok_or(Doubt::Algorithm)? {
            Algorithm::Es256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(input, signature),
            Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, key).verify(input, signature),
        };
        fits.map_err(|_| Doubt::Unfitting)?;
        self.chain_stands(chain, at_s)
    }
}
