//! The templates there are: how a paper is laid out, as data. One that was published stays as it is; a change is a
//! new one beside it.

use std::sync::LazyLock;

use serde::Deserialize;

/// Points of a millimetre.
const POINTS: f32 = 72.0 / 25.4;

/// How a paper is laid out. Lengths end in their unit.
#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What a document names it by, its edition included.
    pub name: String,
    pub(crate) page_mm: Page,
    pub(crate) size_pt: Sizes,
    pub(crate) color: Colors,
    /// The blocks of a paper, from the top.
    pub(crate) order: Vec<Block>,
    /// Line to line, in sizes of the letters.
    pub(crate) leading: f32,
    /// So many lines are not torn apart.
    pub(crate) kept_lines: usize,
    /// An answer of more letters stands below its question, as wide as the page.
    pub(crate) wide_from_letters: usize,
    /// Whom it is about stands at the head of every page but the first.
    pub(crate) has_running_head: bool,
    /// It begins with who issues it and what the form says of itself, side by side, and the title stands in the middle.
    #[serde(default)]
    pub(crate) has_letterhead: bool,
}

impl Template {
    /// True where who issues a paper stands on it, whether or not it is a copy.
    pub fn has_letterhead(&self) -> bool {
        self.has_letterhead
    }
}

/// Lengths on the page, in millimetres.
#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    pub width: f32,
    pub height: f32,
    pub left: f32,
    pub right: f32,
    pub top: f32,
    pub bottom: f32,
    /// Room for a label.
    pub label: f32,
    /// Between a label and what stands behind it.
    pub gap: f32,
    /// How far in the parts of a part begin.
    pub indent: f32,
    /// The side of the code to scan.
    pub code: f32,
}

/// Sizes of letters, in points.
#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sizes {
    pub title: f32,
    pub heading: f32,
    pub subheading: f32,
    pub label: f32,
    pub text: f32,
    pub cell: f32,
    pub note: f32,
    pub footer: f32,
}

/// Colors.
#[derive(Deserialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Colors {
    pub ink: Color,
    pub quiet: Color,
    pub line: Color,
}

/// Red, green, blue: `#1d2433`.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(try_from = "String")]
pub(crate) struct Color(pub u8, pub u8, pub u8);

impl TryFrom<String> for Color {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Color, &'static str> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or("a color is # and six digits")?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| "a color is # and six digits")?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Color(red, green, blue))
    }
}

/// What stands together.
#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Block {
    /// Institution, title, marks, the code to scan.
    Head,
    /// Whom it is about, when and by whom it was written.
    Person,
    /// What it says.
    Parts,
    /// Who signed it.
    Signatures,
    /// That it is a copy, and where to look it up.
    Stamp,
    /// What is said at the end.
    Notes,
}

impl Page {
    /// A length of the page in points.
    pub(crate) fn points(mm: f32) -> f32 {
        mm * POINTS
    }
}

/// For what was completed before templates had names, and for any form that names no other.
pub const FORM: &str = "form-1";
/// For a form that makes a certificate and names no other.
pub const CERTIFICATE: &str = "certificate-1";

/// Every template ever published, as its text.
const PUBLISHED: [&str; 4] = [
    include_str!("../templates/form-1.toml"),
    include_str!("../templates/certificate-1.toml"),
    include_str!("../templates/form-2.toml"),
    include_str!("../templates/certificate-2.toml"),
];

static ALL: LazyLock<Vec<Template>> = LazyLock::new(|| PUBLISHED.iter().map(|text| toml::from_str(text).expect("a published template is sound")).collect());

/// Every template ever published.
pub fn templates() -> &'static [Template] {
    &ALL
}

/// The template of a name.
pub fn template(name: &str) -> Option<&'static Template> {
    ALL.iter().find(|one| one.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who needs another look adds a file, and a line here.
    #[test]
    fn published_templates_stay_as_they_are() {
        let published = [
            ("form-1", "ababbd79e1476e72da8e38bfe400dd2615375149b61667a5605a256213ccf0bd"),
            ("certificate-1", "a4fe965a243581be433e7920210e76bbc8b87fbc8076eec4bbfad0dca8b78c51"),
            ("form-2", "5edab6ba8935f25ee87dc59ca6e0a19d2dccdcdb0b131d51d0d502e0b1eeb5fe"),
            ("certificate-2", "40e108998ae1eff7b6ebddc8faf656afa9d9f23bb911ed5e5a7d28f08ce759ba"),
        ];
        for (text, (name, digest)) in PUBLISHED.iter().zip(published) {
            assert_eq!(blake3::hash(text.as_bytes()).to_hex().as_str(), digest, "{name}: a published template was altered");
            assert_eq!(template(name).map(|one| one.name.as_str()), Some(name));
        }
        assert_eq!(PUBLISHED.len(), published.len());
        assert!(template(FORM).is_some() && template(CERTIFICATE).is_some() && template("../form-1").is_none());
    }

    #[test]
    fn every_template_has_every_block_once_and_room_for_words() {
        for one in templates() {
            for block in [Block::Head, Block::Person, Block::Parts, Block::Signatures, Block::Stamp, Block::Notes] {
                assert_eq!(one.order.iter().filter(|own| **own == block).count(), 1, "{} {block:?}", one.name);
            }
            let page = &one.page_mm;
            assert!(page.width - page.left - page.right - page.label - page.gap - 4.0 * page.indent > 50.0, "{}", one.name);
            assert!(page.height - page.top - page.bottom > 100.0, "{}", one.name);
        }
    }

    #[test]
    fn a_color_is_read_or_refused() {
        let read = |text: &str| Color::try_from(text.to_owned()).ok();
        assert_eq!(read("#1d2433"), Some(Color(0x1d, 0x24, 0x33)));
        for wrong in ["1d2433", "#1d243", "#1d24333", "#xyzxyz", "", "#+12345é"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
