//! What the tests share: the folder of published material and a small XML reader.
#![allow(dead_code)]

pub mod xml;

use std::path::PathBuf;

/// A folder of the published test material, if the machine has it.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("CARNET_SHARED_DATA").map(|root| PathBuf::from(root).join(folder)).filter(|path| path.exists());
    if found.is_none() {
        println!("passed over: no {folder} (set CARNET_SHARED_DATA to the folder of the published material)");
    }
    found
}
