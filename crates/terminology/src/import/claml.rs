//! ClaML, the form in which ICD-10 and its national modifications are published.
//! Chapters, blocks and categories become codes, each below its superclass.
//!
//! | Rubric | becomes |
//! |---|---|
//! | `preferredLong`, `preferred` | the display; in other languages, a designation |
//! | `inclusion` | a designation of the kind `inclusion`: people find the code by it |
//! | `definition` | the definition |
//! | `exclusion`, `note`, `coding-hint` and any other | a property of that name |
//!
//! * Subdivisions told by a modifier become codes of their own, as `E10` with `.0` becomes `E10.0`.
//! * No entity is fetched or expanded but those of XML itself.

use super::bounded::{Bounded, too_long};
use super::{About, MOST_ROWS, Name, Reading, Row, Said, Unreadable, is_code};
use quick_xml::{Reader, XmlVersion};
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::HashMap;
use std::io::BufRead;

/// ICD-10's canonical address.
pub const ICD_10: &str = "http://hl7.org/fhir/sid/icd-10";

/// Elements within each other; ClaML needs about ten.
const DEEPEST: usize = 100;

/// Reads it.
pub fn read(input: impl BufRead) -> Result<Reading, Unreadable> {
    let unread = |cause: std::io::Error| Unreadable::new(None, format!("It could not be read: {cause}"));
    let mut reader = Reader::from_reader(Bounded::new(input, b"<>").map_err(unread)?);
    let mut buffer = Vec::new();
    let mut parse = Parse::default();
    loop {
        let line = reader.get_ref().line();
        let event = reader.read_event_into(&mut buffer).map_err(|cause| wrong(line, &cause))?;
        let refuse = |reason: String| Unreadable::new(line, reason);
        match event {
            Event::Eof => break,
            Event::Decl(told) => {
                let encoding = told.encoding().and_then(Result::ok);
                if encoding.is_some_and(|name| !name.eq_ignore_ascii_case(b"utf-8") && !name.eq_ignore_ascii_case(b"us-ascii")) {
                    return Err(refuse("The file says that it is not UTF-8; convert it, as with `iconv -t UTF-8`, and change its first line.".to_owned()));
                }
            }
            Event::Start(element) => parse.begin(&element, line).map_err(refuse)?,
            Event::Empty(element) => {
                parse.begin(&element, line).map_err(refuse)?;
                parse.end();
            }
            Event::End(_) => parse.end(),
            Event::Text(text) => parse.text(&text.decode().map_err(|_| refuse(NOT_UTF8.to_owned()))?),
            Event::CData(text) => parse.text(&text.decode().map_err(|_| refuse(NOT_UTF8.to_owned()))?),
            Event::GeneralRef(reference) => {
                let letter = resolved(&reference).ok_or_else(|| refuse("An entity that XML itself does not have; nothing is expanded here.".to_owned()))?;
                parse.text(letter.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
        buffer.clear();
    }
    parse.finish(reader.get_ref().line())
}

const NOT_UTF8: &str = "It is not UTF-8; convert the file, as with `iconv -f WINDOWS-1251 -t UTF-8`.";

fn wrong(line: u64, cause: &quick_xml::Error) -> Unreadable {
    let told = cause.to_string();
    let reason = if told.contains(&too_long()) { too_long() } else { format!("This is not well-formed XML: {told}.") };
    Unreadable::new(line, reason)
}

fn resolved(reference: &BytesRef<'_>) -> Option<char> {
    if reference.is_char_ref() {
        return reference.resolve_char_ref().ok().flatten();
    }
    Some(match &**reference {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}

/// A class, a modifier's class, or what stands for one while it is read.
#[derive(Default)]
struct Class {
    line: u64,
    code: String,
    kind: String,
    usage: Option<String>,
    /// For a modifier's class.
    modifier: Option<String>,
    above: Vec<String>,
    below: Vec<String>,
    modified_by: Vec<Modified>,
    not_modified_by: Vec<String>,
    rubrics: Vec<Rubric>,
}

#[derive(Clone)]
struct Modified {
    modifier: String,
    /// The modifier's classes that count; all where none is named.
    only: Vec<String>,
}

struct Rubric {
    kind: String,
    language: Option<String>,
    text: String,
}

/// What is being read.
#[derive(Default)]
struct Parse {
    open: Vec<Box<[u8]>>,
    about: About,
    class: Option<Class>,
    rubric: String,
    label: Option<(Option<String>, String)>,
    title: String,
    classes: Vec<Class>,
    modifiers: HashMap<String, Vec<Class>>,
    has_root: bool,
}

impl Parse {
    fn begin(&mut self, element: &BytesStart<'_>, line: u64) -> Result<(), String> {
        let name = element.local_name();
        let name = name.as_ref();
        if self.open.len() >= DEEPEST {
            return Err(format!("More than {DEEPEST} elements within each other."));
        }
        if !self.has_root {
            if name != b"ClaML" {
                return Err("This is not ClaML: the outermost element has another name.".to_owned());
            }
            self.has_root = true;
        }
        self.open.push(name.into());
        if let Some(cause) = element.attributes().find_map(Result::err) {
            return Err(format!("An attribute is not well formed: {cause}."));
        }
        let of = |wanted: &str| -> Result<Option<String>, String> {
            let found = element.try_get_attribute(wanted).map_err(|cause| format!("An attribute is not well formed: {cause}."))?;
            let text = found.map(|found| found.decoded_and_normalized_value(XmlVersion::Implicit1_0, element.decoder()).map(|text| text.into_owned()));
            text.transpose().map_err(|_| NOT_UTF8.to_owned())
        };
        let code = || -> Result<String, String> { Ok(of("code")?.map(|code| code.trim().to_owned()).unwrap_or_default()) };
        match name {
            b"Title" => {
                self.about.version = of("version")?.or(of("date")?);
                self.about.title = of("name")?.unwrap_or_default();
            }
            b"Class" | b"ModifierClass" => {
                if self.classes.len() >= MOST_ROWS {
                    return Err(format!("The file has more than {MOST_ROWS} classes."));
                }
                self.class = Some(Class { line, code: code()?, kind: of("kind")?.unwrap_or_default(), usage: of("usage")?, modifier: of("modifier")?, ..Class::default() });
            }
            b"Rubric" => self.rubric = of("kind")?.unwrap_or_default(),
            b"Label" => self.label = Some((of("xml:lang")?, String::new())),
            b"Reference" => self.text(" ("),
            b"Fragment" | b"Para" | b"ListItem" | b"Cell" | b"Row" => self.text(" "),
            _ => {
                if let Some(class) = &mut self.class {
                    match name {
                        b"SuperClass" => class.above.push(code()?),
                        b"SubClass" => class.below.push(code()?),
                        b"ModifiedBy" => class.modified_by.push(Modified { modifier: code()?, only: Vec::new() }),
                        b"ValidModifierClass" => {
                            if let Some(last) = class.modified_by.last_mut() {
                                last.only.push(code()?);
                            }
                        }
                        b"ExcludeModifier" => class.not_modified_by.push(code()?),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some((_, label)) = &mut self.label {
            label.push_str(text);
        } else if self.open.last().is_some_and(|name| **name == *b"Title") {
            self.title.push_str(text);
        }
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match &*name {
            b"Reference" => self.text(")"),
            b"Fragment" | b"Para" | b"ListItem" | b"Cell" | b"Row" => self.text(" "),
            b"Label" => {
                let (Some((language, text)), Some(class)) = (self.label.take(), &mut self.class) else { return };
                let text = tidy(&text);
                if !text.is_empty() {
                    class.rubrics.push(Rubric { kind: self.rubric.clone(), language, text });
                }
            }
            b"Class" => self.classes.extend(self.class.take()),
            b"ModifierClass" => {
                if let Some(class) = self.class.take() {
                    self.modifiers.entry(class.modifier.clone().unwrap_or_default()).or_default().push(class);
                }
            }
            _ => {}
        }
    }

    fn finish(mut self, line: u64) -> Result<Reading, Unreadable> {
        if !self.has_root {
            return Err(Unreadable::new(None, "The file is empty, or not XML."));
        }
        if !self.open.is_empty() {
            return Err(Unreadable::new(line, "The file ends in the middle; it was cut off."));
        }
        let mut reading = Reading::default();
        self.hang();
        let language = self.classes.iter().flat_map(|class| &class.rubrics).find(|rubric| rubric.kind == "preferred").and_then(|rubric| rubric.language.clone());
        let made = self.made_by_modifiers(language.as_deref());
        for class in &self.classes {
            match row(class, language.as_deref()) {
                Ok(row) => reading.rows.push(row),
                Err(reason) => reading.reject(class.line, Some(&*class.code).filter(|code| is_code(code)), reason),
            }
        }
        // What is spelled out counts before what a modifier makes.
        let spelled: std::collections::HashSet<&str> = self.classes.iter().map(|class| &*class.code).collect();
        reading.rows.extend(made.into_iter().filter(|row| !spelled.contains(&*row.code)));
        if reading.rows.len() > MOST_ROWS {
            return Err(Unreadable::new(None, format!("The file comes to more than {MOST_ROWS} codes.")));
        }
        let name = self.about.title.clone();
        reading.about = About {
            url: ICD_10.to_owned(),
            version: self.about.version.take(),
            name: "ICD10".to_owned(),
            title: [tidy(&self.title), name, "ICD-10".to_owned()].into_iter().find(|title| !title.is_empty()).unwrap_or_default(),
            language,
            ..About::default()
        };
        Ok(reading)
    }

    /// Some files tell a relation only from above.
    fn hang(&mut self) {
        let places: HashMap<String, usize> = self.classes.iter().enumerate().map(|(place, class)| (class.code.clone(), place)).collect();
        for above in 0..self.classes.len() {
            let parent = self.classes[above].code.clone();
            for below in std::mem::take(&mut self.classes[above].below) {
                if let Some(place) = places.get(&below)
                    && self.classes[*place].above.is_empty()
                {
                    self.classes[*place].above.push(parent.clone());
                }
            }
        }
    }

    /// The codes that modifiers make of the lowest classes. A modifier counts for everything below
    /// the class that names it, but for what excludes it.
    fn made_by_modifiers(&self, language: Option<&str>) -> Vec<Row> {
        let places: HashMap<&str, usize> = self.classes.iter().enumerate().map(|(place, class)| (&*class.code, place)).collect();
        let has_below: std::collections::HashSet<&str> = self.classes.iter().flat_map(|class| &class.above).map(|code| &**code).collect();
        let mut made = Vec::new();
        for class in self.classes.iter().filter(|class| !has_below.contains(&*class.code) && class.kind == "category") {
            let Ok(mut tops) = row(class, language).map(|row| vec![row]) else { continue };
            for modified in self.modifiers_of(class, &places) {
                let Some(subclasses) = self.modifiers.get(&modified.modifier) else { continue };
                let next: Vec<Row> = tops.iter().flat_map(|top| {
                    let wanted = subclasses.iter().filter(|one| modified.only.is_empty() || modified.only.contains(&one.code));
                    wanted.filter_map(|one| subdivided(top, one, language))
                }).collect();
                made.extend(next.iter().cloned());
                if made.len() > MOST_ROWS {
                    return made;
                }
                tops = next;
            }
        }
        made
    }

    /// The modifiers that count for a class, those named highest first.
    fn modifiers_of(&self, class: &Class, places: &HashMap<&str, usize>) -> Vec<Modified> {
        let (mut line, mut one) = (vec![class], class);
        // A circle is noticed later; here it only must end.
        while line.len() < DEEPEST
            && let Some(above) = one.above.first().and_then(|code| places.get(&**code))
        {
            one = &self.classes[*above];
            line.push(one);
        }
        let is_excluded = |modifier: &str| line.iter().any(|class| class.not_modified_by.iter().any(|out| out == modifier));
        line.iter().rev().flat_map(|class| &class.modified_by).filter(|modified| !is_excluded(&modified.modifier)).cloned().collect()
    }
}

/// A code divided by a modifier's class.
fn subdivided(top: &Row, class: &Class, language: Option<&str>) -> Option<Row> {
    let told = row(class, language).ok()?;
    let is_three = top.code.len() == 3 && !top.code.contains('.');
    // `M45` with the site `3` is written M45.X3: the fourth place stays open.
    let code = if is_three && !class.code.starts_with('.') { format!("{}.X{}", top.code, class.code) } else { format!("{}{}", top.code, class.code) };
    let display = match (&top.display, told.display) {
        (Some(top), Some(own)) => Some(format!("{top}: {own}")),
        (top, own) => own.or_else(|| top.clone()),
    };
    Some(Row { line: class.line, code, display, parents: vec![top.code.clone()], names: told.names, properties: top.properties.iter().filter(|(name, _)| name == "kind" || name == "usage").cloned().chain(told.properties).collect(), ..Row::default() })
}

fn row(class: &Class, language: Option<&str>) -> Result<Row, String> {
    if !is_code(&class.code) {
        return Err("The class has no code, or one with double spaces or more than 500 letters.".to_owned());
    }
    let mut row = Row { line: class.line, code: class.code.clone(), parents: class.above.clone(), is_abstract: matches!(class.kind.as_str(), "chapter" | "block"), ..Row::default() };
    let is_own = |rubric: &&Rubric| rubric.language.as_deref().is_none_or(|told| Some(told) == language);
    let called = |kind: &str| class.rubrics.iter().filter(is_own).find(|rubric| rubric.kind == kind);
    row.display = called("preferredLong").or_else(|| called("preferred")).map(|rubric| rubric.text.clone());
    for (name, value) in [("kind", Some(&class.kind).filter(|kind| !kind.is_empty())), ("usage", class.usage.as_ref())] {
        row.properties.extend(value.map(|value| (name.to_owned(), Said::Code(value.clone()))));
    }
    for rubric in &class.rubrics {
        let name = |kind| Name { language: rubric.language.clone().or_else(|| language.map(str::to_owned)), value: rubric.text.clone(), kind };
        match rubric.kind.as_str() {
            "preferred" | "preferredLong" if row.display.as_deref() == Some(&rubric.text) => {}
            "preferred" | "preferredLong" => row.names.push(name(None)),
            "inclusion" => row.names.push(name(Some("inclusion"))),
            "definition" if row.definition.is_none() => row.definition = Some(rubric.text.clone()),
            "" => {}
            kind => row.properties.push((super::table::property(kind), Said::Text(rubric.text.clone()))),
        }
    }
    match row.display.is_some() || !row.names.is_empty() {
        true => Ok(row),
        false => Err("The class has no preferred rubric: nobody could tell what it means.".to_owned()),
    }
}

/// Words with one space between, none before a closing bracket or a comma.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() && !out.ends_with('(') && !word.starts_with([')', ',', '.', ';']) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE ClaML SYSTEM "ClaML.dtd">
<ClaML version="2.0.0">
 <Title name="SAMPLE" version="2026" date="2026-01-01">A sample &amp; no more</Title>
 <Modifier code="M4"><SubClass code=".0"/><SubClass code=".1"/></Modifier>
 <ModifierClass code=".0" modifier="M4"><SuperClass code="M4"/><Rubric kind="preferred"><Label xml:lang="en">With coma</Label></Rubric></ModifierClass>
 <ModifierClass code=".1" modifier="M4"><SuperClass code="M4"/><Rubric kind="preferred"><Label xml:lang="en">With acid</Label></Rubric></ModifierClass>
 <ModifierClass code="3" modifier="S5"><Rubric kind="preferred"><Label xml:lang="en">Forearm</Label></Rubric></ModifierClass>
 <ModifierClass code="9" modifier="S5"><Rubric kind="preferred"><Label xml:lang="en">Unknown site</Label></Rubric></ModifierClass>
 <Class code="IV" kind="chapter"><SubClass code="E10-E14"/><Rubric kind="preferred"><Label xml:lang="en">Endocrine</Label></Rubric></Class>
 <Class code="E10-E14" kind="block"><SuperClass code="IV"/><SubClass code="E10"/><Rubric kind="preferred"><Label xml:lang="en">Diabetes</Label></Rubric></Class>
 <Class code="E10" kind="category"><SuperClass code="E10-E14"/><ModifiedBy code="M4"/>
  <Rubric kind="preferred"><Label xml:lang="en">Type 1 diabetes</Label><Label xml:lang="es">Diabetes tipo 1</Label></Rubric>
  <Rubric kind="inclusion"><Label xml:lang="en"><Fragment type="item">brittle</Fragment><Fragment type="item">juvenile &#8805; 1</Fragment></Label></Rubric>
  <Rubric kind="exclusion"><Label xml:lang="en">neonatal <Reference code="P70.2">P70.2</Reference></Label></Rubric></Class>
 <Class code="E11" kind="category" usage="dagger"><SuperClass code="E10-E14"/><ModifiedBy code="M4"><ValidModifierClass code=".1"/></ModifiedBy><Rubric kind="preferred"><Label xml:lang="en">Type 2</Label></Rubric><Rubric kind="preferredLong"><Label xml:lang="en">Type 2 diabetes</Label></Rubric></Class>
 <Class code="M00" kind="category"><SuperClass code="IV"/><ModifiedBy code="S5"/><Rubric kind="preferred"><Label xml:lang="en">Arthritis</Label></Rubric></Class>
 <Class code="M00.0" kind="category"><SuperClass code="M00"/><Rubric kind="preferred"><Label xml:lang="en">Staphylococcal</Label></Rubric></Class>
 <Class code="M00.1" kind="category"><SuperClass code="M00"/><ExcludeModifier code="S5"/><Rubric kind="preferred"><Label xml:lang="en">Pneumococcal</Label></Rubric></Class>
 <Class code="M45" kind="category"><SuperClass code="IV"/><ModifiedBy code="S5"/><Rubric kind="preferred"><Label xml:lang="en">Spondylitis</Label></Rubric></Class>
</ClaML>
"#;

    fn sample() -> Reading {
        let mut reading = read(SAMPLE.as_bytes()).unwrap();
        reading.settle(false);
        reading
    }

    fn named<'r>(reading: &'r Reading, code: &str) -> &'r Row {
        reading.rows.iter().find(|row| row.code == code).unwrap_or_else(|| panic!("{code}"))
    }

    #[test]
    fn classes_become_codes_with_their_names_notes_and_place() {
        let reading = sample();
        assert_eq!(reading.rejects, []);
        assert_eq!((reading.about.version.as_deref(), &*reading.about.title, reading.about.language.as_deref()), (Some("2026"), "A sample & no more", Some("en")));
        let ten = named(&reading, "E10");
        assert_eq!((ten.display.as_deref(), &*ten.parents[0], ten.is_abstract, ten.line), (Some("Type 1 diabetes"), "E10-E14", false, 12));
        assert_eq!(ten.names.iter().map(|name| (name.language.as_deref().unwrap(), &*name.value, name.kind)).collect::<Vec<_>>(), [("es", "Diabetes tipo 1", None), ("en", "brittle juvenile \u{2265} 1", Some("inclusion"))]);
        assert!(ten.properties.contains(&("exclusion".into(), Said::Text("neonatal (P70.2)".into()))));
        let eleven = named(&reading, "E11");
        assert_eq!((eleven.display.as_deref(), &*eleven.names[0].value), (Some("Type 2 diabetes"), "Type 2"));
        assert!(eleven.properties.contains(&("usage".into(), Said::Code("dagger".into()))));
        assert!(named(&reading, "IV").is_abstract && named(&reading, "E10-E14").is_abstract);
    }

    #[test]
    fn modifiers_make_codes_of_the_lowest_classes() {
        let reading = sample();
        let made: Vec<&str> = reading.rows.iter().map(|row| &*row.code).skip(8).collect();
        assert_eq!(made, ["E10.0", "E10.1", "E11.1", "M00.03", "M00.09", "M45.X3", "M45.X9"]);
        let one = named(&reading, "E10.0");
        assert_eq!((one.display.as_deref(), &*one.parents[0]), (Some("Type 1 diabetes: With coma"), "E10"));
    }

    #[test]
    fn rubbish_is_refused_with_its_line_and_never_half_taken() {
        let cases = [
            ("", "empty"),
            ("no xml at all", "empty, or not XML"),
            ("<html><body/></html>", "not ClaML"),
            ("<ClaML><Class code=\"A\" kind=\"category\">", "cut off"),
            ("<ClaML><Class></ClaML>", "not well-formed"),
            ("<ClaML><Class code=\"A\" code=\"B\"/></ClaML>", "well formed"),
            ("<?xml version=\"1.0\" encoding=\"windows-1251\"?><ClaML/>", "not UTF-8"),
            ("<ClaML><Class code=\"A\"><Rubric kind=\"preferred\"><Label>&bomb;</Label></Rubric></Class></ClaML>", "entity"),
        ];
        for (text, part) in cases {
            let refused = read(text.as_bytes()).unwrap_err();
            assert!(refused.reason.contains(part), "{text}: {refused}");
        }
        let latin = b"<ClaML><Class code=\"A\"><Rubric kind=\"preferred\"><Label>c\xf3lera</Label></Rubric></Class></ClaML>";
        assert!(read(&latin[..]).unwrap_err().reason.contains("UTF-8"));
        let deep = format!("<ClaML>{}", "<a>".repeat(200));
        assert!(read(deep.as_bytes()).unwrap_err().reason.contains("within each other"));
    }

    #[test]
    fn an_entity_bomb_and_an_endless_word_cost_nothing() {
        let bomb = "<!DOCTYPE ClaML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><ClaML><Title>&b;</Title></ClaML>";
        assert!(read(bomb.as_bytes()).unwrap_err().reason.contains("entity"));
        let endless = std::io::Read::take(std::io::repeat(b'x'), 100 << 20);
        let text = std::io::BufReader::new(std::io::Read::chain(&b"<ClaML><Title>"[..], endless));
        assert!(read(text).unwrap_err().reason.contains("without an end"));
    }

    #[test]
    fn a_circle_and_a_class_without_a_name_are_rejected_and_the_rest_is_kept() {
        let text = r#"<ClaML><Title version="1"/>
<Class code="A" kind="category"><SuperClass code="B"/><Rubric kind="preferred"><Label>a</Label></Rubric></Class>
<Class code="B" kind="category"><SuperClass code="A"/><Rubric kind="preferred"><Label>b</Label></Rubric></Class>
<Class code="C" kind="category"/>
<Class kind="category"><Rubric kind="preferred"><Label>c</Label></Rubric></Class>
<Class code="D" kind="category"><Rubric kind="preferred"><Label>d</Label></Rubric></Class>
<Class code="D" kind="category"><Rubric kind="preferred"><Label>again</Label></Rubric></Class>
</ClaML>"#;
        let mut reading = read(text.as_bytes()).unwrap();
        reading.settle(false);
        assert_eq!(reading.rows.iter().map(|row| &*row.code).collect::<Vec<_>>(), ["D"]);
        let mut lines: Vec<u64> = reading.rejects.iter().map(|reject| reject.line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [2, 3, 4, 5, 7]);
    }
}
