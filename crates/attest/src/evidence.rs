//! Everything that is needed to verify one signed version, in one file and without a network.
//!
//! * The file holds the version's bytes, its signatures, the certificate of the authority, and the
//!   authority's signed list of what it revoked, as of the day the file was made.
//! * The authority is believed because whoever verifies knows its fingerprint, never because it is
//!   in the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use x509_parser::prelude::FromDer;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::authority::fingerprint;
use crate::hand::{Judge, OwnJudge};
use crate::signature::{Attested, Doubt, verify_signature};

/// A file of evidence, read.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The bytes of the version.
    pub text: String,
    /// The signatures over them.
    pub signatures: Vec<String>,
    /// The certificate of the authority, in DER.
    pub authority: Vec<u8>,
    /// Its list of what it revoked, in DER.
    pub revoked: Vec<u8>,
    /// When the file was made, as it says: nobody signed that. [`Evidence::listed_at_s`] is signed.
    pub made_at: String,
}

/// The most bytes of a file of evidence.
pub const LONGEST_EVIDENCE: usize = 64 << 20;

impl Evidence {
    /// The file.
    pub fn written(&self) -> String {
        let file = json!({
            "carnet-evidence": 1,
            "made": self.made_at,
            "document": self.text,
            "signatures": self.signatures,
            "authority": STANDARD.encode(&self.authority),
            "revoked": STANDARD.encode(&self.revoked),
        });
        format!("{file:#}\n")
    }

    /// Reads a file; none where it is no evidence.
    pub fn read(text: &str) -> Option<Evidence> {
        if text.len() > LONGEST_EVIDENCE {
            return None;
        }
        let file: Value = serde_json::from_str(text).ok()?;
        if file["carnet-evidence"] != 1 {
            return None;
        }
        let bytes = |value: &Value| STANDARD.decode(value.as_str()?).ok();
        let signatures = file["signatures"].as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
        Some(Evidence { text: file["document"].as_str()?.to_owned(), signatures, authority: bytes(&file["authority"])?, revoked: bytes(&file["revoked"])?, made_at: file["made"].as_str()?.to_owned() })
    }

    /// The fingerprint of the authority in the file.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.authority)
    }

    /// Of when the list of revoked certificates is, by its own signed words (`thisUpdate`), in seconds since 1970; none
    /// where it cannot be read. Whether the authority signed it, [`Evidence::verify`] tells.
    /// <https://www.rfc-editor.org/rfc/rfc5280#section-5.1.2.4>
    pub fn listed_at_s(&self) -> Option<i64> {
        let (_, list) = CertificateRevocationList::from_der(&self.revoked).ok()?;
        Some(list.last_update().timestamp())
    }

    /// What each signature says, or why it is not believed; with judges of other providers beside our own.
    /// The authority of the file is taken as trusted: compare [`Evidence::fingerprint`] first.
    pub fn verify(&self, others: &[&dyn Judge]) -> Vec<Result<Attested, Doubt>> {
        let own = OwnJudge::new(vec![self.authority.clone()], vec![self.revoked.clone()]);
        let mut judges: Vec<&dyn Judge> = vec![&own];
        judges.extend(others);
        self.signatures.iter().map(|jws| verify_signature(jws, &self.text, &judges)).collect()
    }
}
