//! The faces papers are set in, and which of their drawings stands for a letter.
//!
//! Libertinus Serif has the letters of the four languages; DejaVu Sans Mono helps out with signs. Both come with the
//! program, so that a paper looks the same on every machine.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};

/// How something is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// As most is.
    Plain,
    /// Headings, and what must be seen.
    Strong,
    /// What says why there is no answer.
    Slant,
    /// Codes to be typed, and signs that the others lack.
    Mono,
}

/// One face.
pub(crate) struct Face {
    pub(crate) font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units: f32,
}

static FACES: LazyLock<[Face; 4]> = LazyLock::new(|| {
    [
        Face::of(include_bytes!(concat!(env!("OUT_DIR"), "/plain.otf"))),
        Face::of(include_bytes!(concat!(env!("OUT_DIR"), "/strong.otf"))),
        Face::of(include_bytes!(concat!(env!("OUT_DIR"), "/slant.otf"))),
        Face::of(include_bytes!(concat!(env!("OUT_DIR"), "/mono.ttf"))),
    ]
});

impl Style {
    /// The face of a style.
    pub(crate) fn face(self) -> &'static Face {
        &FACES[match self {
            Style::Plain => 0,
            Style::Strong => 1,
            Style::Slant => 2,
            Style::Mono => 3,
        }]
    }
}

impl Face {
    fn of(bytes: &'static [u8]) -> Face {
        let read = FontRef::new(bytes).expect("a face of ours can be read");
        let font = Font::new(bytes.into(), 0).expect("a face of ours can be embedded");
        let units = font.units_per_em();
        Face { charmap: read.charmap(), metrics: read.glyph_metrics(Size::unscaled(), LocationRef::default()), units, font }
    }

    /// The drawing of a letter and how far it reaches, in sizes; none where the face has none.
    pub(crate) fn glyph(&self, letter: char) -> Option<(GlyphId, f32)> {
        let found = self.charmap.map(letter).filter(|glyph| glyph.to_u32() != 0)?;
        Some((GlyphId::new(found.to_u32()), self.metrics.advance_width(found)? / self.units))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_four_languages_is_in_each_face() {
        let vietnamese = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY".chars().flat_map(|vowel| ["", "\u{300}", "\u{309}", "\u{303}", "\u{301}", "\u{323}"].map(|tone| {
            use unicode_normalization::UnicodeNormalization;
            format!("{vowel}{tone}").nfc().collect::<String>()
        }));
        let letters: String = vietnamese.collect();
        let russian: String = ('А'..='я').collect();
        let all = format!("{letters}{russian}đĐёЁñÑ¿¡áéíóúüÁÉÍÓÚÜ«»„“”‘’–—…№°±×≤≥½µ%‰€0123456789 ");
        for style in [Style::Plain, Style::Strong, Style::Slant] {
            for letter in all.chars() {
                assert!(style.face().glyph(letter).is_some() || Style::Mono.face().glyph(letter).is_some(), "{style:?} lacks {letter}");
            }
            for letter in format!("{letters}{russian}đĐёЁñ¿¡№°").chars() {
                assert!(style.face().glyph(letter).is_some(), "{style:?} lacks {letter}");
            }
        }
    }

    #[test]
    fn the_faces_are_those_that_papers_were_set_in() {
        let faces: [&[u8]; 4] = [include_bytes!(concat!(env!("OUT_DIR"), "/plain.otf")), include_bytes!(concat!(env!("OUT_DIR"), "/strong.otf")), include_bytes!(concat!(env!("OUT_DIR"), "/slant.otf")), include_bytes!(concat!(env!("OUT_DIR"), "/mono.ttf"))];
        let digests = faces.map(|face| blake3::hash(face).to_hex()[..16].to_owned());
        assert_eq!(digests, ["091bb4014ec8e1a3", "35ebe465ea5f9fca", "03114ef9f2676e1b", "757d00ad3a910415"], "with other faces old papers look otherwise: that needs a template of its own");
    }
}
