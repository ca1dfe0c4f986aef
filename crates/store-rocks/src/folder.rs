//! The folder of a store: who holds it, what format it has, how far it had come.
//!
//! ```text
//! LOCK      held while the store is open
//! FORMAT    "carnet store", the engine and the number of the format
//! PROGRESS  a number the store had reached for certain
//! db/       the files of RocksDB
//! ```
//!
//! `FORMAT` is written last at creation, so a folder without it never
//! acknowledged anything. The number in `PROGRESS` only ever was true for files
//! already on the disk: a store that opens below it has lost something.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use store::engine::{Cause, Error};

/// The format this program writes, and the newest it reads.
const FORMAT: u32 = 1;

const LOCK_FILE: &str = "LOCK";
const FORMAT_FILE: &str = "FORMAT";
const PROGRESS_FILE: &str = "PROGRESS";
const DATABASE: &str = "db";
/// What a file is called until it is complete.
const UNFINISHED: &str = ".new";

pub(crate) struct Folder {
    path: PathBuf,
    has_format: std::sync::atomic::AtomicBool,
    /// Held until dropped.
    _lock: File,
}

impl Folder {
    /// Locks a folder, made if need be, and reads what it says of itself.
    pub(crate) fn enter(path: &Path) -> Result<Folder, Error> {
        fs::create_dir_all(path).map_err(io_failed("making the folder"))?;
        refuse_strangers(path)?;
        let lock = File::create(path.join(LOCK_FILE)).map_err(io_failed("locking the folder"))?;
        lock.try_lock().map_err(|refused| match refused {
            TryLockError::WouldBlock => Error::InUse {
                folder: path.display().to_string(),
            },
            TryLockError::Error(reason) => io_failed("locking the folder")(reason),
        })?;
        let has_format = read_format(path)?;
        Ok(Folder {
            path: path.into(),
            has_format: has_format.into(),
            _lock: lock,
        })
    }

    /// Where RocksDB keeps its files.
    pub(crate) fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// Whether a store was completely created here.
    pub(crate) fn has_format(&self) -> bool {
        self.has_format.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Compares how far the opened database has come with what was noted, and
    /// completes the creation of a new one.
    pub(crate) fn compare(&self, sequence: u64) -> Result<(), Error> {
        if !self.has_format() {
            if sequence > 0 {
                let why = "its FORMAT file is missing; put it back from a backup";
                return Err(Error::NotAStore {
                    folder: self.path.display().to_string(),
                    why,
                });
            }
            write_format(&self.path)?;
            self.has_format
                .store(true, std::sync::atomic::Ordering::Relaxed);
            return Ok(());
        }
        let noted = read_progress(&self.path)?;
        if sequence < noted {
            return Err(Error::Damaged {
                what: format!(
                    "it was once at {noted} and is now at {sequence}: writes were lost or an older copy was put back"
                ),
            });
        }
        Ok(())
    }

    /// Notes how far the store has come for certain.
    pub(crate) fn note(&self, sequence: u64) -> Result<(), Error> {
        replace(&self.path, PROGRESS_FILE, &format!("{sequence}\n"))
    }

    /// Bytes of everything in the folder.
    pub(crate) fn size_bytes(&self) -> Result<u64, Error> {
        size_of(&self.path).map_err(io_failed("measuring the folder"))
    }
}

/// True if a store was created in a folder, or its creation had begun.
pub(crate) fn holds_a_store(path: &Path) -> bool {
    path.join(FORMAT_FILE).exists() || path.join(DATABASE).join("CURRENT").exists()
}

/// Makes a copy of a store: `fill` writes the database, the rest follows, and the
/// folder gets its name when everything is there.
pub(crate) fn create_copy(
    path: &Path,
    fill: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let folder = || path.display().to_string();
    if path.exists() {
        return Err(Error::NotAStore {
            folder: folder(),
            why: "it exists already; a copy needs a new folder",
        });
    }
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Error::NotAStore {
            folder: folder(),
            why: "it has no name",
        });
    };
    let unfinished = parent.join(with_ending(name));
    fs::create_dir_all(&unfinished).map_err(io_failed("making the copy's folder"))?;
    fill(&unfinished.join(DATABASE))?;
    write_format(&unfinished)?;
    fs::rename(&unfinished, path)
        .and_then(|()| sync_folder(parent))
        .map_err(io_failed("naming the copy"))
}

/// A folder with other things in it is not made a store: somebody mistyped.
fn refuse_strangers(path: &Path) -> Result<(), Error> {
    let ours = [LOCK_FILE, FORMAT_FILE, PROGRESS_FILE, DATABASE];
    if path.join(FORMAT_FILE).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(io_failed("reading the folder"))? {
        let name = entry.map_err(io_failed("reading the folder"))?.file_name();
        let name = name.to_string_lossy();
        if !ours.contains(&name.trim_end_matches(UNFINISHED)) {
            let why = "it holds other things and no FORMAT file; choose an empty folder";
            return Err(Error::NotAStore {
                folder: path.display().to_string(),
                why,
            });
        }
    }
    Ok(())
}

fn read_format(path: &Path) -> Result<bool, Error> {
    let text = match fs::read_to_string(path.join(FORMAT_FILE)) {
        Ok(text) => text,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(reason) => return Err(io_failed("reading the FORMAT file")(reason)),
    };
    let found = text
        .strip_prefix("carnet store\nengine rocks\nformat ")
        .and_then(|rest| rest.trim_end().parse().ok())
        .ok_or_else(|| Error::NotAStore {
            folder: path.display().to_string(),
            why: "its FORMAT file is not one of ours",
        })?;
    match found {
        FORMAT => Ok(true),
        0 => Err(Error::NotAStore {
            folder: path.display().to_string(),
            why: "there never was a format 0",
        }),
        _ => Err(Error::NewerFormat {
            found,
            known: FORMAT,
        }),
    }
}

fn write_format(path: &Path) -> Result<(), Error> {
    replace(
        path,
        FORMAT_FILE,
        &format!("carnet store\nengine rocks\nformat {FORMAT}\n"),
    )
}

/// The noted number; none noted is zero. A number that cannot be read is damage.
fn read_progress(path: &Path) -> Result<u64, Error> {
    match fs::read_to_string(path.join(PROGRESS_FILE)) {
        Ok(text) => text.trim_end().parse().map_err(|_| Error::Damaged {
            what: "the PROGRESS file holds no number".into(),
        }),
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(reason) => Err(io_failed("reading the PROGRESS file")(reason)),
    }
}

/// Replaces a small file so that a crash leaves the old one or the new one.
fn replace(folder: &Path, name: &str, text: &str) -> Result<(), Error> {
    let unfinished = folder.join(format!("{name}{UNFINISHED}"));
    let write = || -> io::Result<()> {
        let mut file = File::create(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, folder.join(name))?;
        sync_folder(folder)
    };
    write().map_err(io_failed("noting the state of the store"))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn size_of(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // Files come and go while the engine works.
        match entry.metadata() {
            Ok(about) if about.is_dir() => bytes += size_of(&entry.path())?,
            Ok(about) => bytes += about.len(),
            Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(bytes)
}

fn io_failed(doing: &'static str) -> impl Fn(io::Error) -> Error {
    move |reason| Error::Failed {
        doing,
        source: Cause::new(reason),
    }
}

fn with_ending(name: &std::ffi::OsStr) -> std::ffi::OsString {
    let mut name = name.to_owned();
    name.push(UNFINISHED);
    name
}
