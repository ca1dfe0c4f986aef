//! Lays the faces that papers are set in beside the crate: three of Libertinus Serif and one of DejaVu Sans Mono,
//! out of the crate that ships them among others. What is not used does not come into the program.

use std::path::Path;

/// The name of the file here, and the name of the face as it stands in it.
const FACES: [(&str, &str); 4] = [
    ("plain.otf", "LibertinusSerif-Regular"),
    ("strong.otf", "LibertinusSerif-Semibold"),
    ("slant.otf", "LibertinusSerif-Italic"),
    ("mono.ttf", "DejaVuSansMono"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").expect("cargo names the folder");
    for (file, name) in FACES {
        let face = typst_assets::fonts().find(|bytes| postscript_name(bytes).as_deref() == Some(name)).unwrap_or_else(|| panic!("the crate typst-assets has no face {name}"));
        std::fs::write(Path::new(&folder).join(file), face).expect("a face is written");
    }
}

/// Name 6 of the table `name`. <https://learn.microsoft.com/typography/opentype/spec/name>
fn postscript_name(font: &[u8]) -> Option<String> {
    let number = |at: usize| Some(usize::from(u16::from_be_bytes([*font.get(at)?, *font.get(at + 1)?])));
    let long = |at: usize| Some((number(at)? << 16) | number(at + 2)?);
    let table = (0..number(4)?).map(|place| 12 + 16 * place).find(|at| font.get(*at..at + 4) == Some(b"name"))?;
    let start = long(table + 8)?;
    let texts = start + number(start + 4)?;
    let record = (0..number(start + 2)?).map(|place| start + 6 + 12 * place).find(|at| number(at + 6) == Some(6))?;
    let (length, from) = (number(record + 8)?, texts + number(record + 10)?);
    // Whether one byte a letter or two: names of faces are ASCII.
    Some(font.get(from..from + length)?.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect())
}
