//! Messages to persons as files in a folder, for a gateway of e-mail or telephone to fetch.
//!
//! * One file a message: JSON with `to`, `kind` (`email` or `phone`), `subject` and `text`. It appears
//!   whole or not at all; whoever fetched it removes it.
//! * It holds a code that opens an account: only this user of the machine can read it.

use std::fs;
use std::io::{Error, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chart::{Clock, Letter, LetterError, Post};
use fhir::splice::write_string;

use crate::system::{self, SystemClock};

/// The folder.
#[derive(Debug)]
pub struct Outbox(PathBuf);

impl Outbox {
    /// The outbox in a folder, which is made where there is none.
    pub fn at(folder: &Path) -> Result<Outbox> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| format!("message_outbox: could not make the folder {}", folder.display()))?;
        Ok(Outbox(folder.to_owned()))
    }
}

impl Post for Outbox {
    fn send(&self, letter: &Letter) -> std::result::Result<(), LetterError> {
        let number = system::number().map_err(Error::other)?;
        let name = format!("{}-{number:016x}", SystemClock.now().0);
        let mut text = String::new();
        for (begins, value) in [("{\"to\":", letter.to.address()), (",\"kind\":", letter.to.kind()), (",\"subject\":", &letter.subject), (",\"text\":", &letter.text)] {
            text.push_str(begins);
            write_string(value, &mut text);
        }
        text.push_str("}\n");
        let new = self.0.join(format!("{name}.new"));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, self.0.join(format!("{name}.json")))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_message_is_one_file_that_only_this_user_reads() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::at(&folder.path().join("outbox")).unwrap();
        let to = chart::Contact::typed("ana@mail.example").unwrap();
        for _ in 0..2 {
            outbox.send(&Letter { to: to.clone(), subject: "Code".into(), text: "a \"b\"\nc".into() }).unwrap();
        }
        let files: Vec<_> = fs::read_dir(folder.path().join("outbox")).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 2);
        for file in files {
            assert_eq!((file.extension().unwrap().to_str(), fs::metadata(&file).unwrap().permissions().mode() & 0o777), (Some("json"), 0o600));
            let text = fs::read_to_string(&file).unwrap();
            let document = fhir::Document::read(&text).unwrap();
            let said = |name: &str| document.root().string(name).unwrap_or_default().into_owned();
            assert_eq!([said("to"), said("kind"), said("text")], ["ana@mail.example", "email", "a \"b\"\nc"]);
        }
    }
}
