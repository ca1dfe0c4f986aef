//! What somebody typed into a page, as answers.
//!
//! Fields are named by a letter and the place of the item:
//!
//! | | |
//! |---|---|
//! | `p:` | the item was on the page; without it its answers stay as they are |
//! | `a:` | an answer; a choice is `c` and its number, a code of a value set is `system\|code` |
//! | `u:` | the number of a unit |
//! | `o:` | an answer beside the choices |
//! | `x:` | why there is none |
//! | `k:` | what came out of the record is confirmed |
//! | `r:` | how many rows a group has on the page |
//! | `q:` | what to look for in a value set |
//!
//! * What nobody touched stays as it was, also where its field shows less of it.
//! * Nothing typed is lost: what is no answer is kept as it was typed until somebody mends it.
//! * `5,000` is five to one reader and five thousand to another: a number with one sign before exactly three digits is
//!   asked for again, unless the field itself was shown so.

use std::cell::Cell;
use std::collections::HashMap;

use crate::answer::{Absent, Answer, Coding, Datum, Quantity, Reference};
use crate::budget::MOST_PLACES;
use crate::choices::choice;
use crate::enable::place_of;
use crate::evaluate::{decimal, quantity};
use crate::filling::{Filling, Given};
use crate::form::Form;
use crate::item::{Item, ItemType};
use crate::layout::{is_integer, is_time, most_rows};
use fhir::PartialDateTime;
use fhir::date::{Precision, offset_text};
use terminology::Library;

/// What the button says that was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Keep it as it is.
    Save,
    /// It is whole.
    Complete,
    /// One more row of the group at a place.
    Add(String),
    /// A row less.
    Remove(String, usize),
    /// Look for codes at a place.
    Search(String),
    /// Everything that came out of the record is confirmed.
    Confirm,
    /// Throw the draft away.
    Discard,
}

impl Act {
    /// Reads the value of a button.
    pub fn read(text: &str) -> Option<Act> {
        Some(match text.split_once('~') {
            None => match text {
                "save" => Act::Save,
                "complete" => Act::Complete,
                "confirm" => Act::Confirm,
                "discard" => Act::Discard,
                _ => return None,
            },
            Some(("add", place)) => Act::Add(place.to_owned()),
            Some(("search", place)) => Act::Search(place.to_owned()),
            Some((remove, place)) => Act::Remove(place.to_owned(), remove.strip_prefix("remove")?.parse().ok()?),
        })
    }
}

/// A text with more characters than this is no answer, and kept as it was typed: no field of a form is a book.
pub(crate) const LONGEST: usize = 20_000;

/// The answers after somebody has typed, beginning with those before.
pub fn typed(form: &Form, before: &Filling, fields: &[(String, String)], act: &Act, zone_offset_minutes: i16, language: &str, library: &dyn Library) -> Filling {
    let mut by_name: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, value) in fields {
        by_name.entry(name).or_default().push(value);
    }
    let reading = Typing { form, by_name, act, zone_offset_minutes, language, library, left: Cell::new(MOST_PLACES) };
    Filling { items: reading.items(&form.items, &before.items, &mut Vec::new()) }
}

struct Typing<'t> {
    form: &'t Form,
    by_name: HashMap<&'t str, Vec<&'t str>>,
    act: &'t Act,
    zone_offset_minutes: i16,
    language: &'t str,
    library: &'t dyn Library,
    /// Places that may still come: a few bytes may ask for a thousand rows.
    left: Cell<usize>,
}

impl Typing<'_> {
    fn all(&self, letter: char, place: &str) -> &[&str] {
        self.by_name.get(format!("{letter}:{place}").as_str()).map_or(&[], |values| values)
    }

    fn first(&self, letter: char, place: &str) -> &str {
        self.all(letter, place).first().copied().unwrap_or_default().trim()
    }

    fn items(&self, items: &[Item], before: &[Given], rows: &mut Vec<usize>) -> Vec<Given> {
        let mut found = Vec::new();
        for item in items {
            let there_are = before.iter().any(|one| one.link_id == item.link_id);
            match self.left.get().checked_sub(1) {
                Some(left) => self.left.set(left),
                // What is there stays; nothing new comes.
                None if !there_are => continue,
                None => {}
            }
            let place = place_of(rows, &item.link_id);
            let there: Vec<&Given> = before.iter().filter(|one| one.link_id == item.link_id).collect();
            match item.kind {
                ItemType::Display => {}
                ItemType::Group => found.extend(self.group(item, &place, &there, rows)),
                _ => {
                    let empty = Given::of(&item.link_id);
                    let own = there.first().copied().unwrap_or(&empty);
                    found.push(Given { answers: self.question(item, &place, own, rows), ..Given::of(&item.link_id) });
                }
            }
        }
        found
    }

    fn group(&self, item: &Item, place: &str, there: &[&Given], rows: &mut Vec<usize>) -> Vec<Given> {
        let told: Option<usize> = self.first('r', place).parse().ok();
        // What is there stays, also where it is more than may be: whoever reads the page is told.
        let count = told.unwrap_or(1).min(most_rows(item)).max(there.len()).max(1);
        let mut found: Vec<Given> = (0..count)
            .map(|row| {
                // A group that stands once has fields for the first of them only.
                if let Some(more) = there.get(row).filter(|_| row > 0 && !item.repeats) {
                    return (*more).clone();
                }
                if item.repeats {
                    rows.push(row);
                }
                let items = self.items(&item.items, there.get(row).map_or(&[], |one| &one.items), rows);
                if item.repeats {
                    rows.pop();
                }
                Given { items, ..Given::of(&item.link_id) }
            })
            .collect();
        match self.act {
            Act::Add(at) if at == place && found.len() < most_rows(item) => found.push(Given::of(&item.link_id)),
            Act::Remove(at, row) if at == place && *row < found.len() => _ = found.remove(*row),
            _ => {}
        }
        found
    }

    fn question(&self, item: &Item, place: &str, before: &Given, rows: &mut Vec<usize>) -> Vec<Answer> {
        let below = |answers: Vec<Answer>, typing: &Self, rows: &mut Vec<usize>| {
            let mut answers = answers;
            if !item.items.is_empty() && let Some(first) = answers.first_mut() {
                first.items = typing.items(&item.items, before.answers.first().map_or(&[], |answer| &answer.items), rows);
            }
            // A page asks below the first answer only; what lies below the others stays with them.
            for answer in answers.iter_mut().skip(1).filter(|answer| answer.items.is_empty()) {
                if let Some(old) = before.answers.iter().skip(1).find(|old| old.value.is_some() && old.value == answer.value) {
                    answer.items = old.items.clone();
                }
            }
            answers
        };
        let is_typed = self.by_name.contains_key(format!("p:{place}").as_str()) && !item.is_read_only && item.calculated.is_none() && item.kind != ItemType::Attachment;
        if !is_typed {
            let mut kept = before.answers.clone();
            if *self.act == Act::Confirm {
                kept.iter_mut().for_each(|answer| answer.is_prefilled = false);
            }
            return below(kept, self, rows);
        }
        let mut answers: Vec<Answer> = self.all('a', place).iter().filter(|text| !text.trim().is_empty()).map(|text| self.answer(item, place, before, text)).collect();
        let other = self.first('o', place);
        // A button that was pressed before cannot be let go: what is typed beside it now is what is meant.
        if !other.is_empty() && item.kind == ItemType::OpenChoice && !item.repeats {
            answers.retain(|answer| answer.value.is_none() || !before.answers.iter().any(|old| old.value == answer.value));
        }
        if !other.is_empty() && item.kind == ItemType::OpenChoice && (item.repeats || answers.is_empty()) {
            answers.push(match untouched(before, item, other, self.zone_offset_minutes, self.language) {
                Some(own) => Answer::of(own),
                None if is_book(other) => Answer { typed: Some(other.to_owned()), ..Answer::default() },
                None => Answer::of(Datum::Text(other.to_owned())),
            });
        }
        // The choice that stands alone puts the others out.
        if let Some(alone) = answers.iter().find(|answer| item.choices.iter().any(|choice| choice.is_exclusive && answer.value.as_ref().is_some_and(|value| value.is_same(&choice.value)))).cloned() {
            answers = vec![alone];
        }
        if !item.repeats {
            answers.truncate(1);
        }
        if let Some(absent) = Absent::of_code(self.first('x', place)).filter(|absent| item.absents.contains(absent))
            && answers.is_empty()
        {
            answers.push(Answer { absent: Some(absent), ..Answer::default() });
        }
        let is_confirmed = !self.all('k', place).is_empty() || *self.act == Act::Confirm;
        for answer in &mut answers {
            let was = before.answers.iter().find(|old| old.is_prefilled && says_the_same(old.value.as_ref(), answer.value.as_ref()));
            answer.is_prefilled = was.is_some() && !is_confirmed;
        }
        below(answers, self, rows)
    }

    fn answer(&self, item: &Item, place: &str, before: &Given, text: &str) -> Answer {
        // What is chosen is not told by the words of an answer.
        let is_chosen = matches!(item.kind, ItemType::Choice | ItemType::OpenChoice);
        let left = if is_chosen { None } else { untouched(before, item, text, self.zone_offset_minutes, self.language) };
        match left.or_else(|| self.value(item, place, before, text.trim_end())) {
            Some(value) => Answer::of(value),
            None => Answer { typed: Some(text.to_owned()), ..Answer::default() },
        }
    }

    /// A number; one that stands as its field was shown is the number that was shown.
    fn number(&self, before: &Given, text: &str) -> Option<String> {
        let mut were = before.answers.iter().filter_map(|answer| match answer.value.as_ref()? {
            Datum::Decimal(own) | Datum::Integer(own) => Some(own),
            Datum::Quantity(own) => own.value.as_ref(),
            _ => None,
        });
        were.find(|own| shown_number(own, self.language) == text).cloned().or_else(|| number(text))
    }

    fn value(&self, item: &Item, place: &str, before: &Given, text: &str) -> Option<Datum> {
        let trimmed = text.trim();
        Some(match item.kind {
            ItemType::Boolean => Datum::Boolean(trimmed.parse().ok()?),
            ItemType::Decimal => Datum::Decimal(self.number(before, trimmed)?),
            ItemType::Integer => Datum::Integer(self.number(before, trimmed).filter(|text| is_integer(text))?.split('.').next()?.to_owned()),
            ItemType::Date => Datum::Date(date(trimmed)?),
            ItemType::DateTime => Datum::DateTime(self.date_time(trimmed)?),
            ItemType::Time => Datum::Time(time(trimmed)?),
            ItemType::String | ItemType::Text if is_book(text) => return None,
            ItemType::String => Datum::Text(trimmed.to_owned()),
            ItemType::Text => Datum::Text(text.replace("\r\n", "\n").trim().to_owned()),
            ItemType::Url => Datum::Uri(Some(trimmed).filter(|text| text.contains(':') && !text.contains(char::is_whitespace))?.to_owned()),
            ItemType::Quantity => {
                let value = self.number(before, trimmed)?;
                Datum::Quantity(self.in_unit(item, place, before, value))
            }
            ItemType::Choice | ItemType::OpenChoice => {
                let chosen = self.chosen(item, trimmed)?;
                // The same code is the same answer, with the version and the words it was given with.
                let is_it = |own: &&Datum| matches!((*own, &chosen), (Datum::Coding(own), Datum::Coding(one)) if own.code.is_some() && own.code == one.code && own.system == one.system);
                before.answers.iter().filter_map(|answer| answer.value.as_ref()).find(is_it).cloned().unwrap_or(chosen)
            }
            ItemType::Reference => {
                let (kind, id) = trimmed.split_once('/')?;
                (fhir::ResourceType::named(kind).is_some() && fhir::is_id(id)).then_some(())?;
                Datum::Reference(Reference { reference: Some(trimmed.to_owned()), display: None })
            }
            ItemType::Attachment | ItemType::Group | ItemType::Display => return None,
        })
    }

    /// A number in the unit that was chosen, or else the first that is asked for. A choice left empty, and where no unit is
    /// asked for, is the unit that stands there.
    fn in_unit(&self, item: &Item, place: &str, before: &Given, value: String) -> Quantity {
        let is_left = item.units.is_empty() || self.all('u', place).first().is_some_and(|chosen| chosen.trim().is_empty());
        let own = before.answers.iter().find_map(|answer| if let Some(Datum::Quantity(own)) = &answer.value { Some(own) } else { None });
        if let Some(own) = own.filter(|_| is_left) {
            return Quantity { value: Some(value), comparator: None, ..own.clone() };
        }
        match self.first('u', place).parse::<usize>().ok().or(Some(0)).and_then(|number| item.units.get(number)) {
            Some(unit) => quantity(value, unit),
            None => Quantity { value: Some(value), ..Quantity::default() },
        }
    }

    fn chosen(&self, item: &Item, text: &str) -> Option<Datum> {
        if let Some(number) = text.strip_prefix('c').and_then(|number| number.parse::<usize>().ok())
            && let Some(choice) = item.choices.get(number)
        {
            return Some(choice.value.clone());
        }
        let set = item.value_set.as_deref()?;
        let (system, code) = text.rsplit_once('|')?;
        let member = choice(self.form, set, Some(system).filter(|system| !system.is_empty()), code, self.language, self.library)?;
        Some(Datum::Coding(Coding { system: Some(member.system).filter(|system| !system.is_empty()), version: None, code: Some(member.code), display: member.display }))
    }

    /// A day with a time has a zone in FHIR: that of the institution.
    fn date_time(&self, text: &str) -> Option<String> {
        let text = text.trim().replacen(' ', "T", 1);
        let (day, clock) = text.split_once('T').map_or((text.as_str(), None), |(day, clock)| (day, Some(clock)));
        let day = date(day)?;
        let Some(clock) = clock else { return Some(day) };
        let whole = if PartialDateTime::parse(&format!("{day}T{clock}")).is_some_and(|one| one.offset_minutes.is_some()) {
            format!("{day}T{clock}")
        } else {
            format!("{day}T{}{}", time(clock)?, offset_text(self.zone_offset_minutes))
        };
        PartialDateTime::parse(&whole).filter(|one| one.precision >= Precision::Second).map(|_| whole)
    }
}

/// One value, however it is called: nothing was confirmed by being shown.
fn says_the_same(old: Option<&Datum>, new: Option<&Datum>) -> bool {
    match (old, new) {
        (Some(Datum::Quantity(old)), Some(Datum::Quantity(new))) => old.value == new.value && old.comparator == new.comparator && old.code == new.code && (old.code.is_some() || old.unit == new.unit),
        (Some(old), Some(new)) => old.is_same(new),
        _ => false,
    }
}

/// The answer before of which a field shows just this: no seconds, no name of what a reference leads to, no line break in
/// a line. A bound it shows, and nobody can type one. What a field does not show nobody took away.
fn untouched(before: &Given, item: &Item, text: &str, zone_offset_minutes: i16, language: &str) -> Option<Datum> {
    let is_line = item.kind != ItemType::Text;
    let plain = |text: &str| {
        let shown = if is_line { text.replace(['\r', '\n'], "") } else { text.replace("\r\n", "\n") };
        shown.trim().to_owned()
    };
    let shows = |own: &&Datum| match own {
        Datum::DateTime(own) => own.get(..16) == Some(text.trim()) && PartialDateTime::parse(own).is_some_and(|one| one.precision >= Precision::Second && one.offset_minutes == Some(zone_offset_minutes)),
        Datum::Time(own) => own.get(..5) == Some(text.trim()),
        Datum::Text(own) => plain(own) == plain(text),
        Datum::Reference(own) => own.reference.as_deref() == Some(text.trim()),
        Datum::Quantity(own) => own.comparator.is_some() && shown_quantity(own, language) == text.trim(),
        _ => false,
    };
    before.answers.iter().filter_map(|answer| answer.value.as_ref()).find(shows).cloned()
}

/// True for more than a field takes.
pub(crate) fn is_book(text: &str) -> bool {
    text.chars().nth(LONGEST).is_some()
}

/// A number as a field shows it: with the sign that readers of the language put before a fraction.
pub fn shown_number(number: &str, language: &str) -> String {
    match language.split('-').next() {
        Some("vi" | "ru") => number.replacen('.', ",", 1),
        _ => number.to_owned(),
    }
}

/// The number of a quantity as a field shows it; a bound begins with its sign.
pub fn shown_quantity(quantity: &Quantity, language: &str) -> String {
    format!("{}{}", quantity.comparator.as_deref().unwrap_or_default(), shown_number(quantity.value.as_deref().unwrap_or_default(), language))
}

fn without_gaps(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// True where signs stand in a number as they do between groups of thousands, so that it can be read in two ways.
pub(crate) fn is_grouped(text: &str) -> bool {
    let bare = without_gaps(text);
    let parts: Vec<&str> = bare.strip_prefix(['-', '+']).unwrap_or(&bare).split(['.', ',']).collect();
    let are_digits = parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    are_digits && !parts[0].starts_with('0') && match parts.as_slice() {
        [_] => false,
        [_, last] => last.len() == 3,
        [_, between @ .., _] => between.iter().all(|part| part.len() == 3),
        [] => false,
    }
}

/// A number with a point or a comma, and with spaces between groups.
pub(crate) fn number(text: &str) -> Option<String> {
    if is_grouped(text) {
        return None;
    }
    let bare = without_gaps(text);
    let pointed = match (bare.matches(',').count(), bare.contains('.')) {
        (0, _) => bare,
        (1, false) => bare.replace(',', "."),
        _ => return None,
    };
    let plain = pointed.strip_prefix('+').unwrap_or(&pointed);
    let digits = plain.strip_prefix('-').unwrap_or(plain);
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.len() <= 28;
    is_number.then(|| decimal(plain).map(|number| number.to_string())).flatten()
}

/// A day, a month or a year, as four countries write it and as browsers send it.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let two = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let four = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let written = match parts.as_slice() {
        [year] if four(year) => (*year).to_owned(),
        [year, month] if four(year) && two(month) => format!("{year}-{month:0>2}"),
        [month, year] if four(year) && two(month) => format!("{year}-{month:0>2}"),
        [year, month, day] if four(year) && two(month) && two(day) => format!("{year}-{month:0>2}-{day:0>2}"),
        [day, month, year] if four(year) && two(month) && two(day) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => return None,
    };
    PartialDateTime::parse(&written).map(|_| written)
}

fn time(text: &str) -> Option<String> {
    let whole = match text.matches(':').count() {
        1 => format!("{text}:00"),
        _ => text.to_owned(),
    };
    let padded = if whole.find(':') == Some(1) { format!("0{whole}") } else { whole };
    is_time(&padded).then_some(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_four_countries_write_them() {
        for (text, expect) in [("1.50", Some("1.50")), ("36,6", Some("36.6")), ("1 200", Some("1200")), ("-2", Some("-2")), ("+3", Some("3")), ("007", Some("7")), ("1,2,3", None), ("1.2,3", None), ("1e5", None), ("", None), (".", None), ("abc", None)] {
            assert_eq!(number(text).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn a_number_that_can_be_read_in_two_ways_is_read_in_none() {
        for text in ["5,000", "5.000", "2,000", "1.500", "-1,500", "+1.500", "12,345", "1 500,250", "1.500,25", "1,000,000", "1.234.567,5"] {
            assert!(is_grouped(text) && number(text).is_none(), "{text}");
        }
        for (text, expect) in [("0.125", Some("0.125")), ("0,500", Some("0.500")), ("36.65", Some("36.65")), ("1.2340", Some("1.2340")), ("5000", Some("5000")), ("5 000", Some("5000")), ("5\u{a0}000", Some("5000")), ("-0,250", Some("-0.250")), ("1,2,3", None), ("12.03.2026", None), ("3,", None), ("", None)] {
            assert!(!is_grouped(text), "{text}");
            if expect.is_some() {
                assert_eq!(number(text).as_deref(), expect, "{text}");
            }
        }
    }

    #[test]
    fn a_number_is_shown_as_the_language_writes_it() {
        for (language, expect) in [("en", "0.5"), ("es", "0.5"), ("es-MX", "0.5"), ("vi", "0,5"), ("ru", "0,5")] {
            assert_eq!(shown_number("0.5", language), expect, "{language}");
        }
        assert_eq!(shown_number("1500", "vi"), "1500");
    }

    #[test]
    fn dates_and_times_are_read_as_they_are_typed() {
        for (text, expect) in [("2026-03-02", Some("2026-03-02")), ("2/3/2026", Some("2026-03-02")), ("02.03.2026", Some("2026-03-02")), ("2026", Some("2026")), ("3/2026", Some("2026-03")), ("31/02/2026", None), ("x", None)] {
            assert_eq!(date(text).as_deref(), expect, "{text}");
        }
        for (text, expect) in [("8:05", Some("08:05:00")), ("23:59:59", Some("23:59:59")), ("24:00", None), ("8", None)] {
            assert_eq!(time(text).as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn a_button_says_what_it_does() {
        for (text, expect) in [("save", Some(Act::Save)), ("add~0:x", Some(Act::Add("0:x".into()))), ("remove2~:g~1", Some(Act::Remove(":g~1".into(), 2))), ("removex~:g", None), ("burn", None)] {
            assert_eq!(Act::read(text), expect, "{text}");
        }
    }
}
