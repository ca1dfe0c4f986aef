//! Sheets to PDF, held against PDF/A-2a and PDF/UA-1 as they are written.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder, ValidationError};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TableHeaderScope, Tag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings};

use crate::code::Code;
use crate::face::Style;
use crate::layout::{Kind, Knot, Laid, Mark, lay_out};
use crate::line::Line;
use crate::paper::Paper;
use crate::template::{Color, Page, Template};

/// Why a paper was not made. Says nothing of what stands on it.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The text of the code to scan is too long.
    #[error("the address to look a paper up by is too long for a code")]
    Code,
    /// It would not have been PDF/A.
    #[error("the paper would break rules of PDF/A: {0}")]
    Rules(String),
    /// It could not be written.
    #[error("the paper could not be written as PDF: {0}")]
    Written(&'static str),
}

/// Sets a paper: PDF/A-2a, that is with a structure for readers that read aloud, and PDF/UA-1. `made` is year, month,
/// day, hour, minute and second in UTC, all that it says of the time. Takes about a millisecond of the processor a
/// page, and as much for the faces.
///
/// # Errors
/// Where the code to scan is too long, or what came out would be no PDF/A.
pub fn print(paper: &Paper, template: &Template, made: [u16; 6]) -> Result<Vec<u8>, PrintError> {
    let code = match &paper.copy {
        Some(copy) => Some(Code::of(&copy.scanned).ok_or(PrintError::Code)?),
        None => None,
    };
    let laid = lay_out(paper, template, code);
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_A).with_accessibility_validator(Accessibility::UA1).finish().map_err(|_| PrintError::Written("two standards that do not agree"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() });
    let page = &template.page_mm;
    let mut found: Vec<Vec<Identifier>> = laid.knots.iter().map(|_| Vec::new()).collect();
    for sheet in &laid.sheets {
        let settings = PageSettings::from_wh(Page::points(page.width), Page::points(page.height)).ok_or(PrintError::Written("a page without an extent"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in sheet {
            draw(&mut surface, mark, &mut found);
        }
        surface.finish();
        page.finish();
    }
    let language = paper.language.code().to_owned();
    document.set_tag_tree(tree(&laid.knots, found, &language));
    document.set_outline(outline(&laid));
    document.set_metadata(metadata(paper, made).language(language));
    document.finish().map_err(|error| refused(&error))
}

fn metadata(paper: &Paper, [year, month, day, hour, minute, second]: [u16; 6]) -> Metadata {
    let small = |number: u16| u8::try_from(number).unwrap_or(0);
    let at = DateTime::new(year).month(small(month)).day(small(day)).hour(small(hour)).minute(small(minute)).second(small(second)).utc_offset_hour(0).utc_offset_minute(0);
    // It stands in a piece of XML, which has no room for controls and the like.
    let title: String = paper.title.chars().map(|letter| if letter.is_control() || matches!(u32::from(letter) & 0xffff, 0xfffe | 0xffff) { ' ' } else { letter }).collect();
    let title = if title.trim().is_empty() { "—".to_owned() } else { title };
    Metadata::new().title(title).creator("Carnet".to_owned()).creation_date(at)
}

fn refused(error: &KrillaError) -> PrintError {
    match error {
        KrillaError::Validation(all) => {
            let mut names: Vec<&str> = all.iter().map(|(one, _)| rule(one)).collect();
            names.sort_unstable();
            names.dedup();
            PrintError::Rules(names.join(", "))
        }
        KrillaError::Font(..) => PrintError::Written("a face could not be embedded"),
        KrillaError::Limit(_) => PrintError::Written("it is too large"),
        _ => PrintError::Written("its structure"),
    }
}

/// The name of a rule, without what broke it.
fn rule(error: &ValidationError) -> &'static str {
    match error {
        ValidationError::ContainsNotDefGlyph(..) => "a letter without a drawing",
        ValidationError::NoCodepointMapping(..) | ValidationError::InvalidCodepointMapping(..) | ValidationError::UnicodePrivateArea(..) => "a drawing without a letter",
        ValidationError::TooLongString | ValidationError::TooLongName => "a text too long",
        ValidationError::TooManyIndirectObjects | ValidationError::TooHighQNestingLevel => "too much",
        ValidationError::NoDocumentTitle | ValidationError::NoDocumentLanguage | ValidationError::MissingDocumentDate => "title, language or date",
        ValidationError::MissingHeadingTitle | ValidationError::MissingDocumentOutline | ValidationError::MissingTagging => "structure",
        ValidationError::MissingAltText(_) | ValidationError::MissingAnnotationAltText(_) => "a picture without words",
        _ => "another",
    }
}

fn fill(color: Color) -> Option<Fill> {
    Some(Fill { paint: rgb::Color::new(color.0, color.1, color.2).into(), opacity: NormalizedF32::ONE, rule: Default::default() })
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, found: &mut [Vec<Identifier>]) {
    match mark {
        Mark::Words { x, y, size, color, line, knot } => {
            surface.set_fill(fill(*color));
            match knot {
                Some(knot) => words(surface, *x, *y, *size, line, &mut found[*knot]),
                None => {
                    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)));
                    let mut x = *x;
                    for piece in 0..line.pieces.len() {
                        x += glyphs(surface, x, *y, *size, line, piece);
                    }
                    surface.end_tagged();
                }
            }
        }
        Mark::Bar { x, y, width, height, color } => {
            surface.set_fill(fill(*color));
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            rectangles(surface, [(*x, *y, *width, *height)]);
            surface.end_tagged();
        }
        Mark::Scan { x, y, side, code, knot } => {
            surface.set_fill(fill(Color(0, 0, 0)));
            let dot = side / code.side as f32;
            found[*knot].push(surface.start_tagged(ContentTag::Other));
            rectangles(surface, code.runs.iter().map(|(column, row, length)| (x + *column as f32 * dot, y + *row as f32 * dot, *length as f32 * dot, dot)));
            surface.end_tagged();
        }
    }
}

/// One path of them all, so that no light is seen between neighbours.
fn rectangles(surface: &mut Surface<'_>, all: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in all {
        if let Some(rectangle) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(rectangle);
        }
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

/// A line of a knot. What is drawn by its number says which letter it is.
fn words(surface: &mut Surface<'_>, x: f32, y: f32, size: f32, line: &Line, found: &mut Vec<Identifier>) {
    let (mut x, mut at) = (x, 0);
    while at < line.pieces.len() {
        let actual = line.pieces[at].stands_for.as_deref();
        let count = match actual {
            Some(_) => 1,
            None => line.pieces[at..].iter().take_while(|piece| piece.stands_for.is_none()).count(),
        };
        found.push(surface.start_tagged(ContentTag::Span(SpanTag::empty().with_actual_text(actual))));
        for piece in at..at + count {
            x += glyphs(surface, x, y, size, line, piece);
        }
        surface.end_tagged();
        at += count;
    }
}

fn glyphs(surface: &mut Surface<'_>, x: f32, y: f32, size: f32, line: &Line, piece: usize) -> f32 {
    let piece = &line.pieces[piece];
    // What says why there is no answer is slanted in every face that can be; in the others it is as it is.
    let face = if piece.stands_for.is_some() { Style::Mono } else { piece.face };
    surface.draw_glyphs(Point::from_xy(x, y), &piece.glyphs, face.face().font.clone(), &piece.text, size, false);
    piece.width * size
}

/// The structure: each knot with what lies on the sheets, then with the knots below it.
fn tree(knots: &[Knot], found: Vec<Vec<Identifier>>, language: &str) -> TagTree {
    let mut groups: Vec<Option<TagGroup>> = knots.iter().zip(found).map(|(knot, leaves)| {
        let mut group = group(&knot.kind);
        leaves.into_iter().for_each(|leaf| group.push(leaf));
        Some(group)
    }).collect();
    // Below comes after above, so the last is whole first.
    for place in (0..knots.len()).rev() {
        if let Some(above) = knots[place].above {
            let own = groups[place].take().expect("each is hung up once");
            let above = groups[above].as_mut().expect("what is above comes later in this order");
            above.children.insert(0, own.into());
        }
    }
    let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
    groups.into_iter().flatten().filter(|group| !group.children.is_empty()).for_each(|group| tree.push(group));
    tree
}

fn group(kind: &Kind) -> TagGroup {
    match kind {
        Kind::Heading(level, title) => TagGroup::new(Tag::Hn(NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN), Some(title.clone()))),
        Kind::Paragraph => TagGroup::new(Tag::P),
        Kind::Table => TagGroup::new(Tag::Table),
        Kind::Row => TagGroup::new(Tag::TR),
        Kind::HeadCell => TagGroup::new(Tag::TH(TableHeaderScope::Column)),
        Kind::Cell => TagGroup::new(Tag::TD),
        Kind::Picture(what) => TagGroup::new(Tag::Figure(Some(what.clone()))),
    }
}

/// The headings, for turning to them.
fn outline(laid: &Laid) -> Outline {
    let mut outline = Outline::new();
    for (_, text, sheet, y) in laid.headings.iter().filter(|(level, ..)| *level <= 2) {
        outline.push_child(OutlineNode::new(text.clone(), XyzDestination::new(*sheet, Point::from_xy(0.0, *y))));
    }
    outline
}
