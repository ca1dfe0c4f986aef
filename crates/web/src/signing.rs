//! Between the door, which keeps signatures, and `attest`, which makes and judges them.
//!
//! * A key is opened for one act of somebody who has just shown who they are: the door asks for that
//!   before it lets anything be signed.
//! * What a signature says of its signer is what the account says at that moment.

use access::Account;
use attest::{Algorithm, Attested, Authority, Capacity, Doubt, Evidence, Holder, OwnJudge, SIGNING_ROOM, SignerSaid, verify_signature};
use chart::{Chart, SignedVersion, Signee};
use fhir::Moment;

/// The keys of this house, for one act.
#[derive(Clone)]
pub struct Desk {
    authority: Authority,
    name: String,
    algorithm: Algorithm,
}

/// One signature as a page tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Judged {
    /// Which version it signs; of one that was signed elsewhere the number it has there.
    pub version: u32,
    /// The version here that it signs.
    pub here: Option<u32>,
    /// It was made in another house and came with a parcel.
    pub is_elsewhere: bool,
    /// What it says, true or not; none where it cannot even be read.
    pub said: Option<Attested>,
    /// Why it is not believed.
    pub doubt: Option<Doubt>,
    /// Why this version took the place of the one before.
    pub reason: Option<String>,
}

impl Desk {
    /// The desk behind a door. The authority bears the name of the first institution that has accounts.
    pub fn new(chart: &Chart, algorithm: Algorithm) -> Desk {
        let name = chart.accounts().ok().and_then(|all| all.into_iter().map(|one| one.institution).find(|name| !name.is_empty()));
        Desk { authority: Authority::new(chart.drawer(SIGNING_ROOM)), name: name.unwrap_or_else(|| "Carnet".to_owned()), algorithm }
    }

    /// Signs: for the author, and for the institution where that is wanted.
    ///
    /// # Errors
    /// The key was not there or could not be made; no name is told.
    pub fn sign(&self, signee: &Signee<'_>) -> Result<Vec<String>, String> {
        let at_s = signee.at.0 / 1000;
        let account = signee.account;
        let said = SignerSaid { name: called(account), role: account.role.word().to_owned(), licence: signee.licence.to_owned(), place: institution(account) };
        let told = |error: &dyn std::error::Error| error.to_string();
        let hand = self.authority.hand(Holder::Account(account.number), &said, self.algorithm, &self.name, at_s).map_err(|error| told(&error))?;
        let mut made = vec![attest::sign(&hand, signee.text, at_s, &said, Capacity::Author).map_err(|error| told(&error))?];
        if signee.by_institution {
            let said = SignerSaid { name: institution(account), ..SignerSaid::default() };
            let hand = self.authority.hand(Holder::Institution(&said.name), &said, self.algorithm, &self.name, at_s).map_err(|error| told(&error))?;
            made.push(attest::sign(&hand, signee.text, at_s, &said, Capacity::Institution).map_err(|error| told(&error))?);
        }
        Ok(made)
    }

    /// Judges the signatures of versions, as of now.
    ///
    /// # Errors
    /// The store failed, or the authority could not be read.
    pub fn judge(&self, versions: &[SignedVersion], now: Moment) -> Result<Vec<Judged>, attest::Error> {
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let now_s = now.0 / 1000;
        let judge = OwnJudge::new(vec![self.authority.certificate(&self.name, now_s)?], vec![self.authority.list(&self.name, now_s)?]);
        // What came with a parcel was signed elsewhere, by an authority that somebody here has named.
        let elsewhere: Vec<OwnJudge> = self.authority.trusted()?.into_iter().map(|(certificate, revoked)| OwnJudge::new(vec![certificate], vec![revoked])).collect();
        let verdict = |jws: &str, text: &str| verify_signature(jws, text, &[&judge]).or_else(|doubt| elsewhere.iter().find_map(|judge| verify_signature(jws, text, &[judge]).ok()).ok_or(doubt));
        let all = versions.iter().flat_map(|version| version.signatures.iter().map(move |jws| (version, jws)));
        Ok(all
            .map(|(version, jws)| match verdict(jws, &version.text).or_else(|doubt| version.elsewhere.as_ref().and_then(|elsewhere| verdict(jws, &elsewhere.text).ok()).ok_or(doubt)) {
                Ok(said) => Judged { version: version.version, here: version.here, is_elsewhere: version.elsewhere.is_some(), said: Some(said), doubt: None, reason: version.reason.clone() },
                Err(doubt) => Judged { version: version.version, here: version.here, is_elsewhere: version.elsewhere.is_some(), said: attest::claimed(jws), doubt: Some(doubt), reason: version.reason.clone() },
            })
            .collect())
    }

    /// The evidence of a version: a file that is verified without this house.
    ///
    /// # Errors
    /// The store failed, or the authority could not be read.
    pub fn evidence(&self, version: &SignedVersion, now: Moment) -> Result<String, attest::Error> {
        if let Some(elsewhere) = &version.elsewhere {
            return Ok(elsewhere.file.clone());
        }
        let now_s = now.0 / 1000;
        let evidence = Evidence { text: version.text.clone(), signatures: version.signatures.clone(), authority: self.authority.certificate(&self.name, now_s)?, revoked: self.authority.list(&self.name, now_s)?, made_at: now.to_string() };
        Ok(evidence.written())
    }

    /// The certificate of the authority in PEM, and its fingerprint.
    ///
    /// # Errors
    /// The store failed, or the authority could not be read.
    pub fn published(&self, now: Moment) -> Result<(String, String), attest::Error> {
        let certificate = self.authority.certificate(&self.name, now.0 / 1000)?;
        Ok((attest::pem(&certificate), attest::fingerprint(&certificate)))
    }

    /// Revokes the certificate of an account: its key signs nothing any more.
    ///
    /// # Errors
    /// The store failed, or the list changed at this moment.
    pub fn revoke(&self, number: u64, now: Moment) -> Result<bool, attest::Error> {
        self.authority.revoke(Holder::Account(number), now.0 / 1000)
    }

    /// True where an account has a certificate now.
    ///
    /// # Errors
    /// The store failed.
    pub fn has_key(&self, number: u64) -> Result<bool, attest::Error> {
        Ok(self.authority.serial(Holder::Account(number))?.is_some())
    }
}

fn called(account: &Account) -> String {
    if account.display.is_empty() { account.login.clone() } else { account.display.clone() }
}

/// The name of where somebody works; that of the house where an account names none.
fn institution(account: &Account) -> String {
    if account.institution.is_empty() { "Carnet".to_owned() } else { account.institution.clone() }
}
