//! `carnet check` on the files of a real site: its exit codes, and what it says.

use std::fs;
use std::path::{Path, PathBuf};

use crate::site::{Site, synth};

/// A site with a few persons, everything in lasting files.
fn site() -> Site {
    let site = Site::new();
    let people = site.folder("people");
    synth(&people, "mx", 3);
    site.import(&people, &[]).ok();
    site
}

/// The files of a part of the site with this ending, largest first.
fn files(site: &Site, part: &str, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = fs::read_dir(site.data.join(part).join("db"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|of| of == ending))
        .map(|path| (fs::metadata(&path).unwrap().len(), path))
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.into_iter().map(|(_, path)| path).collect()
}

/// Turns one bit, some way into a file.
fn turn_a_bit(file: &Path, parts_of_ten: usize) {
    let mut bytes = fs::read(file).unwrap();
    let place = bytes.len() * parts_of_ten / 10;
    bytes[place] ^= 4;
    fs::write(file, bytes).unwrap();
}

#[test]
fn a_sound_site_ends_with_0_and_any_bit_turned_on_disk_with_1_and_a_report() {
    let site = site();
    let said = site.run("check", &[]).ok();
    assert!(said.out.ends_with("Sound.\n") && !said.out.contains("DAMAGE") && !said.out.contains("not counted"), "{}", said.out);
    let said = site.run("check", &["--repair-index"]).ok();
    assert!(said.out.contains("was built anew") && said.out.ends_with("Sound.\n"), "{}", said.out);

    let mut tried = 0;
    for part in ["record", "keyring"] {
        for file in files(&site, part, "sst") {
            // In a small file nearly everything is the library's notes on it, which hold nothing of ours.
            if fs::metadata(&file).map_or(0, |about| about.len()) < 10_000 {
                continue;
            }
            for parts_of_ten in [1, 5] {
                // The site as it was, a bit turned in one file of it.
                let was = fs::read(&file).unwrap();
                turn_a_bit(&file, parts_of_ten);
                let said = site.run("check", &[]);
                assert!(said.code == 1 && said.out.contains("DAMAGE"), "{} {}: {}\n{}\n{}", part, file.display(), said.code, said.out, said.err);
                fs::write(&file, was).unwrap();
                tried += 1;
            }
        }
    }
    assert!(tried >= 4, "{tried} files were damaged");
    site.run("check", &[]).ok();
}

#[test]
fn what_is_no_damage_ends_with_2_and_says_what_to_do() {
    let site = site();
    let key = site.data.with_file_name("site-key").join("institution.key");
    let recovery = key.with_file_name("recovery-copy.key");
    assert!(key.exists() && recovery.exists());

    fs::remove_file(&key).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 2 && said.err.contains("recovery copy"), "{}\n{}", said.out, said.err);

    let other = Site::new();
    fs::copy(other.data.with_file_name("site-key").join("institution.key"), &key).unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 2 && said.err.contains("another institution key"), "{}\n{}", said.out, said.err);

    fs::write(&key, "not a key").unwrap();
    assert_eq!(site.run("check", &[]).code, 2);
    fs::copy(&recovery, &key).unwrap();
    site.run("check", &[]).ok();

    // Held as a running server holds it.
    let held = fs::File::options().write(true).open(site.data.join("record").join("LOCK")).unwrap();
    held.lock().unwrap();
    let said = site.run("check", &[]);
    assert!(said.code == 2 && said.err.contains("in use"), "{}\n{}", said.out, said.err);
    drop(held);
    site.run("check", &[]).ok();
}

#[test]
fn a_site_put_back_as_a_whole_is_told_by_the_anchor() {
    let site = site();
    let copy = |from: &Path, to: &Path| {
        fn all(from: &Path, to: &Path) {
            fs::create_dir_all(to).unwrap();
            for entry in fs::read_dir(from).unwrap() {
                let path = entry.unwrap().path();
                let target = to.join(path.file_name().unwrap());
                if path.is_dir() { all(&path, &target) } else { fs::copy(&path, &target).map(|_| ()).unwrap() }
            }
        }
        let _ = fs::remove_dir_all(to);
        all(from, to);
    };
    site.run("check", &[]).ok();
    let earlier = site.folder("earlier");
    copy(&site.data, &earlier);
    let people = site.folder("more-people");
    synth(&people, "ru", 2);
    site.import(&people, &[]).ok();
    site.run("check", &[]).ok();
    copy(&earlier, &site.data);
    let said = site.run("check", &[]);
    assert!(said.code == 1 && said.out.contains("has lost commits"), "{}\n{}", said.out, said.err);
    let said = site.run("check", &["--accept-rollback"]).ok();
    assert!(said.out.ends_with("Sound.\n"), "{}", said.out);
    site.run("check", &[]).ok();
}
