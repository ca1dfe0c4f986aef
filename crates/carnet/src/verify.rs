//! `carnet verify`: is what this file of evidence says true? Without a store, a network or this house.
//!
//! * Altered bytes, another key, a certificate that was not in force, the signature of another
//!   document: each is told apart.
//! * What the file says of itself without a signature is told as such, and nothing it holds can write a line of its own.
//! * Whether the authority of the file is the right one, only whoever verifies can know: by its
//!   certificate, or by its fingerprint. Where neither is given, it is said that this is open.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use attest::{Attested, Capacity, Doubt, Evidence, LONGEST_EVIDENCE, fingerprint};
use fhir::Moment;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// Verify a file of evidence of a signed document, offline.
#[derive(clap::Args)]
pub struct Verify {
    /// The file, as a page of a signed document gives it.
    file: PathBuf,
    /// The certificate of the authority that is trusted, in PEM.
    #[arg(long, conflicts_with = "fingerprint")]
    authority: Option<PathBuf>,
    /// The fingerprint of that certificate (SHA-256), as the institution publishes it.
    #[arg(long)]
    fingerprint: Option<String>,
    /// Also write the signed document to this new file, to the letter.
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Verify {
    /// Says what each signature says. Exit code 1 where one is not believed, that of the author is missing, or the
    /// authority is another.
    pub fn run(self) -> Result<ExitCode> {
        let size = std::fs::metadata(&self.file).with_context(|| format!("could not read {}", self.file.display()))?.len();
        if size > LONGEST_EVIDENCE as u64 {
            bail!("{} is larger than any evidence", self.file.display());
        }
        let text = std::fs::read_to_string(&self.file).with_context(|| format!("could not read {}", self.file.display()))?;
        let Some(evidence) = Evidence::read(&text) else { bail!("{} is no evidence of a signed document", self.file.display()) };
        let found = plain(&evidence.fingerprint());
        let is_known = match (&self.authority, &self.fingerprint) {
            (Some(file), _) => Some(of_certificate(file)? == found),
            (None, Some(given)) => Some(plain(given) == found),
            (None, None) => None,
        };
        if is_known == Some(false) {
            println!("NOT TRUSTED: the file comes from another authority, with the fingerprint\n  {}", evidence.fingerprint());
            return Ok(ExitCode::from(1));
        }
        let verdicts = evidence.verify(&[]);
        if verdicts.is_empty() {
            println!("NOT SIGNED: the file holds no signature.");
            return Ok(ExitCode::from(1));
        }
        let mut is_good = true;
        for verdict in &verdicts {
            match verdict {
                Ok(said) => print!("{}", told(said)),
                Err(doubt) => {
                    is_good = false;
                    println!("NOT GOOD ({}): {doubt}.", doubt.word());
                    if *doubt == Doubt::Algorithm {
                        println!("  A provider of that algorithm can judge it; this program cannot.");
                    }
                }
            }
        }
        // An institution vouches beside an author, never instead of one.
        if is_good && !verdicts.iter().flatten().any(|said| said.capacity == Capacity::Author) {
            is_good = false;
            println!("NOT SIGNED BY AN AUTHOR: the institution vouches, and the signature of who wrote it is not in the file.");
        }
        match evidence.listed_at_s() {
            Some(at_s) => println!("The list of revoked certificates is of {}.", Moment(at_s.saturating_mul(1000))),
            None => println!("The list of revoked certificates cannot be read."),
        }
        println!("The file says of itself, and nobody signed it: made at {}.", shown(&evidence.made_at));
        if is_known.is_none() {
            println!("Open: whether the authority is the right one. Compare its fingerprint with the one that the institution publishes:\n  {}", evidence.fingerprint());
        }
        if let Some(out) = self.out.filter(|_| is_good) {
            let mut file = std::fs::File::options().write(true).create_new(true).open(&out).with_context(|| format!("could not write {}", out.display()))?;
            std::io::Write::write_all(&mut file, evidence.text.as_bytes()).with_context(|| format!("could not write {}", out.display()))?;
        }
        Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(1) })
    }
}

fn told(said: &Attested) -> String {
    let by = [said.by.name.as_str(), said.by.role.as_str(), said.by.licence.as_str(), said.by.place.as_str()].into_iter().filter(|part| !part.is_empty()).map(shown).collect::<Vec<_>>().join(", ");
    let capacity = match said.capacity {
        Capacity::Author => "author",
        Capacity::Institution => "institution",
    };
    let later = said.revoked_later_at_s.map_or_else(String::new, |at_s| format!("  The certificate was revoked later, at {}.\n", Moment(at_s * 1000)));
    format!("GOOD: {} was signed at {} by the {capacity}: {by}.\n{later}", shown(&said.document), Moment(said.at_s.saturating_mul(1000)))
}

/// A text of the file on one line: what would begin another one, move the cursor or turn the direction of writing is told
/// by its number.
fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, sign| {
        if fhir::shown::steers(sign) {
            shown.extend(sign.escape_unicode());
        } else {
            shown.push(sign);
        }
        shown
    })
}

fn of_certificate(file: &Path) -> Result<String> {
    let certificate = CertificateDer::from_pem_file(file).map_err(|_| anyhow::anyhow!("{} holds no certificate in PEM", file.display()))?;
    Ok(plain(&fingerprint(&certificate)))
}

/// The digits alone, as people copy them with or without signs between.
fn plain(fingerprint: &str) -> String {
    fingerprint.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn no_text_of_a_file_begins_a_line_of_its_own() {
        for (text, expected) in [
            ("Dr. Ana", "Dr. Ana"),
            ("Bác sĩ Ánh, Врач", "Bác sĩ Ánh, Врач"),
            ("Ana\nGOOD: forged", "Ana\\u{a}GOOD: forged"),
            ("Ana\r\u{1b}[2K", "Ana\\u{d}\\u{1b}[2K"),
            ("a\u{85}b\u{2028}c\u{202e}d", "a\\u{85}b\\u{2028}c\\u{202e}d"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
