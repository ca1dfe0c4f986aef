//! Tables of growth by command: invented coefficients in files of the names their publisher uses.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::site::{CARNET, Said, Site};

fn file(site: &Site, name: &str, content: &str) -> PathBuf {
    let path = site.folder("growth").join(name);
    fs::write(&path, content).unwrap();
    path
}

fn import(site: &Site, rest: &[&str], files: &[&Path]) -> Said {
    let mut command = Command::new(CARNET);
    command.args(["growth", "import", "--data"]).arg(&site.data).args(rest).args(files).stdin(Stdio::null());
    Said::of(command.output().unwrap())
}

const BOTH: &str = "sex\tage\tl\tm\ts\n1\t0\t1\t10\t0.1\n1\t1856\t1\t20\t0.1\n2\t0\t1\t9\t0.1\n2\t1856\t1\t19\t0.1\n";

#[test]
fn tables_are_taken_in_once_and_kept_as_libraries() {
    let site = Site::new();
    let young = file(&site, "weianthro.txt", BOTH);
    let said = import(&site, &[], &[&young]).ok();
    assert!(said.out.contains("weight-for-age, boys: 2 rows, created") && said.out.contains("weight-for-age, girls: 2 rows, created"), "{}", said.out);
    let again = import(&site, &[], &[&young]).ok();
    assert_eq!(again.out.matches("unchanged").count(), 2, "{}", again.out);
    // Months, and a range of its own beside the first.
    let older = file(&site, "hfawho2007.txt", "sex\tage\tl\tm\ts\n1\t61\t1\t110\t0.04\n1\t228\t1\t176\t0.04\n");
    import(&site, &[], &[&older]).ok();
    let kept = site.export();
    assert_eq!(kept.keys().filter(|name| name.starts_with("Library/")).count(), 3);
    assert!(kept.values().any(|text| text.contains("Library/growth-height-for-age-boys-5-19")));
}

/// Tables of one sex as a spreadsheet saves them: the name tells of whom, figures have a decimal comma.
#[test]
fn what_a_spreadsheet_saved_is_taken_in() {
    let site = Site::new();
    let girls = file(&site, "bmi-girls-z-who-2007-exp.csv", "\u{feff}Month;L;M;S\r\n61;-0,7;15,2;0,1\r\n228;-0,9;21,4;0,1\r\n");
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain("Month\tL\tM\tS\r\n61\t-0,7\t15,3\t0,1\r\n228\t-0,9\t22,2\t0,1\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let boys = site.folder("growth").join("bmi-boys-z-who-2007-exp.txt");
    fs::write(&boys, wide).unwrap();
    let said = import(&site, &[], &[&girls, &boys]).ok();
    assert!(said.out.contains("bmi-for-age, girls: 2 rows, created") && said.out.contains("bmi-for-age, boys: 2 rows, created"), "{}", said.out);
    let kept = site.export();
    assert!(kept.values().any(|text| text.contains("Library/growth-bmi-for-age-girls-5-19")));
    // The workbook itself is not text.
    let book = site.folder("growth").join("bmi-girls-z-who-2007-exp.xlsx");
    fs::write(&book, b"PK\x03\x04\0\0\xff").unwrap();
    let said = import(&site, &[], &[&book]);
    assert!(said.code == 2 && said.err.contains("save the table as text or CSV"), "{}", said.err);
}

#[test]
fn what_is_no_table_is_refused_with_its_place_and_nothing_is_kept() {
    let site = Site::new();
    let good = file(&site, "weianthro.txt", BOTH);
    for (name, content, rest, word) in [
        ("lenanthro.txt", "sex\tage\tl\tm\ts\n1\t0\t1\tten\t0.1\n", &[][..], "line 2: M"),
        ("hcanthro.txt", "sex\tage\tl\tm\n", &[], "no column S"),
        ("bmianthro.txt", "", &[], "no rows"),
        ("ssanthro.txt", BOTH, &[], "tells no measure"),
        ("mine.csv", BOTH, &["--measure", "shoe-size"], "weight-for-age, height-for-age"),
        ("mine.csv", "age,l,m,s\n0,1,10,0.1\n", &["--measure", "weight-for-age"], "--sex girl"),
    ] {
        let bad = file(&site, name, content);
        let said = import(&site, rest, &[&good, &bad]);
        // With `--measure` both files are of that measure.
        assert_eq!(said.code, 2, "{name}");
        assert!(said.err.contains(word), "{name}: {}", said.err);
        assert!(site.export().is_empty(), "{name}");
    }
}
