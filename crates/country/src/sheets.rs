//! The forms of the packs and the parts they share, as `build.rs` found them beside the other files of a pack.

include!(concat!(env!("OUT_DIR"), "/forms.rs"));
