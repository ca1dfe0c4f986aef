//! A form as a page draws it: fields to fill in, or answers to read.
//!
//! * A field is named by the place of its item, so that the page works without script and the
//!   answers come back to where they belong.
//! * Rules are told in the reader's language; what a form says itself, in its own translation.

use std::collections::HashMap;

use askama::Template;
use fhir::PartialDateTime;
use fhir::date::Precision;
use forms::{Absent, Answer, Control, Datum, Fault, Filling, Form, Item, ItemType, Laid, choices, most_rows, shown_number, shown_quantity};
use terminology::Library;

use crate::voice::Voice;

/// Choices offered side by side at most; more of them open as a list.
const SIDE_BY_SIDE: usize = 7;
/// Codes found by typing that a page shows.
pub const MOST_FOUND: usize = 20;

/// How an item is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape { Group, Display, Line, Lines, Radio, Check, List, Typing, Locked }

/// Something to choose.
#[derive(Clone, Debug)]
struct Offer {
    value: String,
    text: String,
    is_chosen: bool,
}

/// One row of a group.
#[derive(Clone, Debug)]
struct Row {
    number: usize,
    title: String,
    items: Vec<Field>,
}

/// One item of a form that is filled in.
#[derive(Template, Clone, Debug)]
#[template(path = "form_field.html")]
pub struct Field {
    voice: Voice,
    shape: Shape,
    /// The place of the item.
    place: String,
    /// Unique on the page.
    id: String,
    label: String,
    help: String,
    note: String,
    link: Option<String>,
    kind: &'static str,
    mode: &'static str,
    is_required: bool,
    is_asked: bool,
    is_plain: bool,
    repeats: bool,
    most: Option<usize>,
    values: Vec<String>,
    offers: Vec<Offer>,
    units: Vec<Offer>,
    other: Option<String>,
    absents: Vec<Offer>,
    is_prefilled: bool,
    faults: Vec<String>,
    theirs: Option<String>,
    rows: Vec<Row>,
    below: Vec<Field>,
    can_add: bool,
    can_remove: bool,
    typed: String,
    found: Option<String>,
    level: u8,
    /// It is the first that is wrong: one goes on there.
    focuses: bool,
}

/// What a page needs besides the form.
pub struct Drawing<'d> {
    /// How it speaks.
    pub voice: Voice,
    /// Which codes there are.
    pub library: &'d dyn Library,
    /// Show what is wrong.
    pub shows_faults: bool,
    /// What is typed to find codes: place and text.
    pub search: Option<(String, String)>,
    /// What somebody else has written where it differs, by linkId.
    pub theirs: HashMap<String, String>,
    /// What references are called.
    pub names: HashMap<String, String>,
    /// Resources that a reference may lead to: address and name.
    pub targets: Vec<(String, String)>,
}

/// A fault with the field it is about, for the list at the top of the page.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// The id of the field; empty for the form as a whole.
    pub id: String,
    /// The question.
    pub question: String,
    /// What is wrong.
    pub text: String,
}

/// A section in the list at the side.
#[derive(Clone, Debug)]
pub struct Part {
    /// The id of the group.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Questions answered and asked: `3 / 7`.
    pub count: String,
}

/// A form drawn.
pub struct Drawn {
    /// Its items.
    pub fields: Vec<Field>,
    /// What is wrong, in the order of the page.
    pub wrong: Vec<Wrong>,
    /// The groups of the first level.
    pub parts: Vec<Part>,
    /// Answers of the record that nobody has confirmed.
    pub unconfirmed: usize,
}

/// Draws a form that is filled in.
pub fn draw(form: &Form, laid: &[Laid<'_>], own: &[Fault], drawing: &Drawing<'_>) -> Drawn {
    let mut pen = Pen { form, drawing, number: 0, wrong: Vec::new(), unconfirmed: 0 };
    pen.wrong.extend(own.iter().filter(|_| drawing.shows_faults).map(|fault| Wrong { id: String::new(), question: String::new(), text: told(fault, &drawing.voice) }));
    let fields: Vec<Field> = laid.iter().filter_map(|one| pen.field(one, 2)).collect();
    let parts = fields.iter().zip(laid.iter().filter(|one| !one.item.is_hidden)).filter(|(field, laid)| field.shape == Shape::Group && laid.is_enabled && !field.label.is_empty());
    let parts = parts.map(|(field, laid)| {
        let (answered, asked) = counted(laid);
        Part { id: field.id.clone(), title: field.label.clone(), count: format!("{answered} / {asked}") }
    });
    Drawn { parts: parts.collect(), fields, wrong: pen.wrong, unconfirmed: pen.unconfirmed }
}

/// How many questions are answered, of those that are asked.
fn counted(laid: &Laid<'_>) -> (usize, usize) {
    let is_question = laid.item.kind.is_question() && laid.is_enabled && !laid.item.is_hidden;
    let own = (usize::from(is_question && laid.answers.iter().any(|answer| !answer.is_empty())), usize::from(is_question));
    laid.rows.iter().flatten().map(counted).fold(own, |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The places that are shown, and what is calculated there: what the script needs after each save.
pub fn standing(laid: &[Laid<'_>], voice: &Voice) -> (Vec<String>, Vec<(String, String)>) {
    fn gather(one: &Laid<'_>, voice: &Voice, shown: &mut Vec<String>, locked: &mut Vec<(String, String)>) {
        if one.is_enabled && !one.item.is_hidden {
            shown.push(one.place.clone());
        }
        if one.item.calculated.is_some() {
            locked.push((one.place.clone(), one.answers.iter().map(|answer| read(one.item, answer, voice, &HashMap::new())).collect::<Vec<_>>().join(", ")));
        }
        one.rows.iter().flatten().for_each(|below| gather(below, voice, shown, locked));
    }
    let (mut shown, mut locked) = (Vec::new(), Vec::new());
    laid.iter().for_each(|one| gather(one, voice, &mut shown, &mut locked));
    (shown, locked)
}

struct Pen<'p> {
    form: &'p Form,
    drawing: &'p Drawing<'p>,
    number: usize,
    wrong: Vec<Wrong>,
    unconfirmed: usize,
}

impl Pen<'_> {
    fn field(&mut self, laid: &Laid<'_>, level: u8) -> Option<Field> {
        let (item, voice) = (laid.item, self.drawing.voice);
        if item.is_hidden {
            return None;
        }
        self.number += 1;
        let id = format!("f{}", self.number);
        let language = voice.code();
        let label = [item.prefix.told(language), item.text.told(language)].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let shape = self.shape(item, &laid.answers);
        let is_prefilled = laid.answers.iter().any(|answer| answer.is_prefilled) && laid.is_enabled;
        self.unconfirmed += usize::from(is_prefilled);
        let shown: Vec<&Fault> = laid.faults.iter().filter(|fault| self.drawing.shows_faults || !matches!(fault, Fault::Missing | Fault::TooFew(_) | Fault::Unconfirmed)).collect();
        let is_first = self.wrong.is_empty();
        let mut faults = Vec::new();
        for fault in shown {
            let text = told(fault, &voice);
            if self.drawing.shows_faults {
                self.wrong.push(Wrong { id: id.clone(), question: label.clone(), text: text.clone() });
            }
            if *fault != Fault::Unconfirmed {
                faults.push(text);
            }
        }
        let focuses = is_first && !self.wrong.is_empty();
        let (kind, mode) = input(item, &laid.answers, voice.zone_offset_minutes);
        let mut values: Vec<String> = laid.answers.iter().filter(|answer| answer.absent.is_none()).map(|answer| self.value(item, answer, kind, shape)).collect();
        if matches!(shape, Shape::Line | Shape::Lines) && (values.is_empty() || item.repeats) {
            values.push(String::new());
        }
        let absent = laid.answers.iter().find_map(|answer| answer.absent);
        let absents = item.absents.iter().map(|one| Offer { value: one.code().to_owned(), text: why(*one, &voice), is_chosen: absent == Some(*one) }).collect();
        let (offers, found) = self.offers(item, laid, shape);
        let unit = laid.answers.iter().find_map(|answer| match &answer.value { Some(Datum::Quantity(quantity)) => quantity.code.clone().or_else(|| quantity.unit.clone()), _ => None });
        let mut units: Vec<Offer> = item.units.iter().enumerate().map(|(number, one)| Offer { value: number.to_string(), text: one.display.clone().or_else(|| one.code.clone()).unwrap_or_default(), is_chosen: unit.is_some() && (one.code == unit || one.display == unit) }).collect();
        // A unit that is not offered is seen, and stays until somebody chooses another one.
        let has_amount = laid.answers.iter().any(|answer| matches!(answer.value, Some(Datum::Quantity(_))));
        if has_amount && !units.iter().any(|one| one.is_chosen) && (unit.is_some() || units.len() > 1) {
            let own = laid.answers.iter().find_map(|answer| match &answer.value { Some(Datum::Quantity(quantity)) => quantity.unit.clone().or_else(|| quantity.code.clone()), _ => None });
            units.insert(0, Offer { value: String::new(), text: own.unwrap_or_default(), is_chosen: true });
        }
        let other = (item.kind == ItemType::OpenChoice).then(|| laid.answers.iter().find_map(|answer| match &answer.value { Some(Datum::Text(text)) => Some(text.clone()), _ => answer.typed.clone() }).unwrap_or_default());
        let is_row_group = item.kind == ItemType::Group && item.repeats;
        let mut rows = Vec::new();
        let mut below = Vec::new();
        for (number, items) in laid.rows.iter().enumerate() {
            let items: Vec<Field> = items.iter().filter_map(|one| self.field(one, level + 1)).collect();
            if item.kind == ItemType::Group {
                let title = if is_row_group { format!("{label} {}", number + 1) } else { String::new() };
                rows.push(Row { number, title, items });
            } else {
                below.extend(items);
            }
        }
        let search = self.drawing.search.as_ref().filter(|(place, _)| *place == laid.place).map(|(_, typed)| typed.clone());
        Some(Field {
            voice,
            shape,
            place: laid.place.clone(),
            id,
            label,
            help: item.help.told(language).to_owned(),
            note: item.entry_format.told(language).to_owned(),
            link: item.support_link.clone(),
            kind,
            mode,
            is_required: item.is_required,
            is_asked: laid.is_enabled,
            is_plain: item.category.is_none(),
            repeats: item.repeats,
            most: item.max_length,
            values,
            offers,
            units,
            other,
            absents,
            is_prefilled,
            faults,
            theirs: self.drawing.theirs.get(&item.link_id).cloned(),
            can_add: is_row_group && rows.len() < most_rows(item),
            can_remove: is_row_group && rows.len() > 1,
            rows,
            below,
            typed: search.unwrap_or_default(),
            found,
            level: level.min(6),
            focuses,
        })
    }

    fn shape(&self, item: &Item, answers: &[Answer]) -> Shape {
        match item.kind {
            ItemType::Group => Shape::Group,
            ItemType::Display => Shape::Display,
            _ if item.is_read_only || item.calculated.is_some() || item.kind == ItemType::Attachment => Shape::Locked,
            ItemType::Text => Shape::Lines,
            ItemType::Boolean => Shape::Radio,
            ItemType::Choice | ItemType::OpenChoice => match (item.choices.is_empty(), item.control) {
                (true, _) if item.value_set.is_some() => self.of_set(item, answers),
                (true, _) => Shape::Line,
                (_, Some(Control::DropDown)) if !item.repeats => Shape::List,
                _ if item.repeats => Shape::Check,
                (_, Some(Control::Radio)) => Shape::Radio,
                _ if item.choices.len() <= SIDE_BY_SIDE => Shape::Radio,
                _ => Shape::List,
            },
            ItemType::Reference => Shape::List,
            _ => Shape::Line,
        }
    }

    /// A small set is shown whole; in a larger one is searched.
    fn of_set(&self, item: &Item, _answers: &[Answer]) -> Shape {
        let set = item.value_set.as_deref().unwrap_or_default();
        match choices(self.form, set, "", self.drawing.voice.code(), SIDE_BY_SIDE * 4, self.drawing.library) {
            Ok((_, false)) if item.control != Some(Control::Typing) => if item.repeats { Shape::Check } else { Shape::List },
            _ => Shape::Typing,
        }
    }

    fn value(&self, item: &Item, answer: &Answer, kind: &str, shape: Shape) -> String {
        if let Some(typed) = &answer.typed {
            return typed.clone();
        }
        if shape == Shape::Locked {
            return read(item, answer, &self.drawing.voice, &self.drawing.names);
        }
        match &answer.value {
            Some(Datum::Quantity(quantity)) => shown_quantity(quantity, self.drawing.voice.code()),
            Some(Datum::Decimal(text) | Datum::Integer(text)) => shown_number(text, self.drawing.voice.code()),
            Some(Datum::DateTime(text)) if kind == "datetime-local" => text.chars().take(16).collect(),
            Some(Datum::Time(text)) => text.chars().take(5).collect(),
            Some(Datum::Date(text) | Datum::DateTime(text) | Datum::Text(text) | Datum::Uri(text)) => text.clone(),
            Some(Datum::Coding(coding)) => coding.display.clone().or_else(|| coding.code.clone()).unwrap_or_default(),
            _ => String::new(),
        }
    }

    /// What may be chosen, and for a search what it found.
    fn offers(&self, item: &Item, laid: &Laid<'_>, shape: Shape) -> (Vec<Offer>, Option<String>) {
        let voice = &self.drawing.voice;
        let is_chosen = |value: &Datum| laid.answers.iter().any(|answer| answer.value.as_ref().is_some_and(|own| own.is_same(value)));
        if item.kind == ItemType::Boolean {
            let one = |value: bool, key: &str| Offer { value: value.to_string(), text: voice.say(key), is_chosen: is_chosen(&Datum::Boolean(value)) };
            return (vec![one(true, "form-yes"), one(false, "form-no")], None);
        }
        if item.kind == ItemType::Reference {
            let own = laid.answers.iter().find_map(|answer| match &answer.value { Some(Datum::Reference(reference)) => reference.reference.clone(), _ => None });
            let fits = |address: &str| item.targets.is_empty() || item.targets.iter().any(|target| address.split('/').next() == Some(target));
            let mut offers: Vec<Offer> = self.drawing.targets.iter().filter(|(address, _)| fits(address)).map(|(address, name)| Offer { value: address.clone(), text: name.clone(), is_chosen: own.as_deref() == Some(address) }).collect();
            if let Some(own) = own.filter(|own| !offers.iter().any(|offer| offer.value == *own)) {
                offers.push(Offer { text: self.drawing.names.get(&own).cloned().unwrap_or_else(|| own.clone()), value: own, is_chosen: true });
            }
            return (offers, None);
        }
        if !item.choices.is_empty() {
            let offers = item.choices.iter().enumerate().map(|(number, choice)| Offer { value: format!("c{number}"), text: choice.said.told(voice.code()).to_owned(), is_chosen: is_chosen(&choice.value) });
            return (offers.collect(), None);
        }
        let Some(set) = item.value_set.as_deref().filter(|_| matches!(shape, Shape::List | Shape::Check | Shape::Typing)) else { return (Vec::new(), None) };
        // What is chosen stays on the page, whatever is looked for.
        let mut offers: Vec<Offer> = laid.answers.iter().filter_map(|answer| match &answer.value {
            Some(Datum::Coding(coding)) => Some(Offer { value: format!("{}|{}", coding.system.as_deref().unwrap_or_default(), coding.code.as_deref().unwrap_or_default()), text: named(coding), is_chosen: true }),
            _ => None,
        }).collect();
        let searched = self.drawing.search.as_ref().filter(|(place, _)| *place == laid.place);
        let found = match (shape, searched) {
            (Shape::Typing, None) => return (offers, None),
            (Shape::Typing, Some((_, typed))) => choices(self.form, set, typed, voice.code(), MOST_FOUND, self.drawing.library),
            _ => choices(self.form, set, "", voice.code(), SIDE_BY_SIDE * 4, self.drawing.library),
        };
        let Ok((members, has_more)) = found else { return (offers, searched.map(|_| voice.say("form-no-list"))) };
        let count = members.len();
        for member in members {
            let value = format!("{}|{}", member.system, member.code);
            if !offers.iter().any(|offer| offer.value == value) {
                offers.push(Offer { value, text: called(&member.code, member.display.as_deref(), shape == Shape::Typing), is_chosen: false });
            }
        }
        let told = searched.map(|_| if has_more { voice.with("form-found-more", &[("count", &count.to_string())]) } else { voice.count("form-found", count) });
        (offers, told)
    }
}

fn named(coding: &forms::Coding) -> String {
    called(coding.code.as_deref().unwrap_or_default(), coding.display.as_deref(), true)
}

/// A code and what it is called.
pub fn called(code: &str, display: Option<&str>, with_code: bool) -> String {
    match display {
        Some(display) if with_code && !code.is_empty() => format!("{code} {display}"),
        Some(display) => display.to_owned(),
        None => code.to_owned(),
    }
}

/// The type of a field and the keyboard it wants.
fn input(item: &Item, answers: &[Answer], zone_offset_minutes: i16) -> (&'static str, &'static str) {
    let all = |fits: &dyn Fn(&str) -> bool| {
        answers.iter().all(|answer| match (&answer.value, &answer.typed) {
            (_, Some(_)) => false,
            (Some(Datum::Date(text) | Datum::DateTime(text)), _) => fits(text),
            _ => true,
        })
    };
    match item.kind {
        ItemType::Decimal | ItemType::Quantity => ("text", "decimal"),
        ItemType::Integer => ("text", "numeric"),
        // A browser's own field knows whole days only: a year stays a text.
        ItemType::Date if all(&|text| text.len() == 10) => ("date", ""),
        ItemType::DateTime if all(&|text| PartialDateTime::parse(text).is_some_and(|date| date.precision >= Precision::Second && date.offset_minutes == Some(zone_offset_minutes))) => ("datetime-local", ""),
        ItemType::Time if all(&|_| true) => ("time", ""),
        ItemType::Url => ("url", "url"),
        _ => ("text", ""),
    }
}

/// Why there is no answer, in words.
pub fn why(absent: Absent, voice: &Voice) -> String {
    voice.say(match absent {
        Absent::Unknown => "form-absent-unknown",
        Absent::NotAsked => "form-absent-not-asked",
        Absent::Declined => "form-absent-declined",
    })
}

/// What is wrong, in words.
pub fn told(fault: &Fault, voice: &Voice) -> String {
    match fault {
        Fault::Rule { human, .. } if !human.is_empty() => human.told(voice.code()).to_owned(),
        fault => voice.with(&format!("form-fault-{}", fault.word()), &[("bound", &days_told(&fault.bound(), voice))]),
    }
}

/// A bound with its days as readers of this language write them.
fn days_told(bound: &str, voice: &Voice) -> String {
    let told = |word: &str| match PartialDateTime::parse(word).filter(|date| date.precision >= Precision::Day) {
        Some(date) => voice.date_and_time(&date),
        None => word.to_owned(),
    };
    bound.split(' ').map(told).collect::<Vec<_>>().join(" ")
}

/// An answer as it is read.
pub fn read(item: &Item, answer: &Answer, voice: &Voice, names: &HashMap<String, String>) -> String {
    if let Some(absent) = answer.absent {
        return why(absent, voice);
    }
    let Some(value) = &answer.value else { return answer.typed.clone().unwrap_or_default() };
    if let Some(choice) = item.choices.iter().find(|choice| choice.value.is_same(value)) {
        return choice.said.told(voice.code()).to_owned();
    }
    let unit = item.units.first().and_then(|unit| unit.display.as_deref().or(unit.code.as_deref())).unwrap_or_default();
    // What a formula found may have a dozen digits.
    match value {
        Datum::Decimal(text) if item.calculated.is_some() => format!("{} {unit}", voice.figure(text)).trim_end().to_owned(),
        Datum::Quantity(quantity) if item.calculated.is_some() => quantity_told(quantity, voice.figure(quantity.value.as_deref().unwrap_or_default())),
        value => read_value(value, unit, voice, names),
    }
}

/// An answer to a question that the form does not know.
fn unasked(answer: &Answer, voice: &Voice, names: &HashMap<String, String>) -> String {
    match (answer.absent, &answer.value) {
        (Some(absent), _) => why(absent, voice),
        (None, Some(value)) => read_value(value, "", voice, names),
        (None, None) => answer.typed.clone().unwrap_or_default(),
    }
}

fn quantity_told(quantity: &forms::Quantity, figure: String) -> String {
    let parts = [quantity.comparator.as_deref().unwrap_or_default(), &figure, quantity.unit.as_deref().or(quantity.code.as_deref()).unwrap_or_default()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A value as it is read; a number alone is of this unit.
fn read_value(value: &Datum, unit: &str, voice: &Voice, names: &HashMap<String, String>) -> String {
    match value {
        Datum::Boolean(value) => voice.say(if *value { "form-yes" } else { "form-no" }),
        Datum::Decimal(text) | Datum::Integer(text) => format!("{} {unit}", voice.exact(text)).trim_end().to_owned(),
        Datum::Date(text) => PartialDateTime::parse(text).map_or_else(|| text.clone(), |date| voice.date(&date)),
        Datum::DateTime(text) => PartialDateTime::parse(text).map_or_else(|| text.clone(), |date| voice.date_and_time(&date)),
        Datum::Time(text) => text.chars().take(5).collect(),
        Datum::Text(text) | Datum::Uri(text) => text.clone(),
        Datum::Coding(coding) => named(coding),
        Datum::Quantity(quantity) => quantity_told(quantity, voice.exact(quantity.value.as_deref().unwrap_or_default())),
        Datum::Reference(reference) => {
            let name = reference.reference.as_ref().and_then(|address| names.get(address)).cloned();
            name.or_else(|| reference.display.clone()).or_else(|| reference.reference.clone()).unwrap_or_default()
        }
        Datum::Attachment(json) => json.string("title").map_or_else(|| voice.say("form-attachment"), str::to_owned),
    }
}

/// What was answered, to read.
#[derive(Template, Clone, Debug)]
#[template(path = "form_read_part.html")]
pub struct Reading {
    /// The linkId of its item: rows of one group bear one.
    pub link_id: String,
    /// Of a group; of a question what it asks.
    pub label: String,
    /// Answers of a question.
    pub answers: Vec<(String, bool)>,
    /// Below it.
    pub below: Vec<Reading>,
    /// It is a group.
    pub is_group: bool,
    /// How deep it lies.
    pub level: u8,
}

/// Draws what was answered. What was not asked or not answered is left out; what the form does not know was answered all
/// the same, and nobody reads less than what was signed.
pub fn readings(items: &[Item], given: &[forms::Given], voice: &Voice, names: &HashMap<String, String>, level: u8) -> Vec<Reading> {
    let mut found = Vec::new();
    for one in given {
        let Some(item) = items.iter().find(|item| item.link_id == one.link_id) else {
            let answers: Vec<(String, bool)> = one.answers.iter().filter(|answer| !answer.is_empty()).map(|answer| (unasked(answer, voice, names), answer.absent.is_some())).collect();
            let below: Vec<Reading> = std::iter::once(&one.items).chain(one.answers.iter().map(|answer| &answer.items)).flat_map(|given| readings(&[], given, voice, names, level + 1)).collect();
            if !answers.is_empty() || !below.is_empty() {
                found.push(Reading { link_id: one.link_id.clone(), label: one.link_id.clone(), is_group: answers.is_empty(), answers, below, level: level.min(6) });
            }
            continue;
        };
        if item.is_hidden {
            continue;
        }
        let label = [item.prefix.told(voice.code()), item.text.told(voice.code())].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        let answers: Vec<(String, bool)> = one.answers.iter().filter(|answer| !answer.is_empty()).map(|answer| (read(item, answer, voice, names), answer.absent.is_some())).collect();
        let mut below = readings(&item.items, &one.items, voice, names, level + 1);
        for answer in &one.answers {
            below.extend(readings(&item.items, &answer.items, voice, names, level + 1));
        }
        if !answers.is_empty() || !below.is_empty() {
            found.push(Reading { link_id: one.link_id.clone(), label, answers, below, is_group: item.kind == ItemType::Group, level: level.min(6) });
        }
    }
    found
}

/// What somebody answered to one item, wherever it stands, for showing two versions side by side.
pub fn answered(form: &Form, filling: &Filling, link_id: &str, voice: &Voice) -> String {
    fn gather<'g>(given: &'g [forms::Given], link_id: &str, found: &mut Vec<&'g Answer>) {
        for one in given {
            if one.link_id == link_id {
                found.extend(&one.answers);
            }
            gather(&one.items, link_id, found);
            one.answers.iter().for_each(|answer| gather(&answer.items, link_id, found));
        }
    }
    let mut found = Vec::new();
    gather(&filling.items, link_id, &mut found);
    let Some(item) = form.item(link_id) else { return String::new() };
    let texts: Vec<String> = found.iter().map(|answer| read(item, answer, voice, &HashMap::new())).filter(|text| !text.is_empty()).collect();
    if texts.is_empty() { voice.say("form-nothing") } else { texts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn the_days_of_a_rule_are_told_as_readers_write_them_and_nothing_else_is_changed() {
        let voice = |language| Voice { language, zone_offset_minutes: 0 };
        for (bound, russian, english) in [
            ("2026-11-30 – 2026-12-04", "30.11.2026 – 04.12.2026", "30/11/2026 – 04/12/2026"),
            ("2026-02-27", "27.02.2026", "27/02/2026"),
            ("30", "30", "30"),
            ("2026", "2026", "2026"),
            ("12.5 kg", "12.5 kg", "12.5 kg"),
            ("", "", ""),
        ] {
            assert_eq!((days_told(bound, &voice(Language::Russian)), days_told(bound, &voice(Language::English))), (russian.to_owned(), english.to_owned()), "{bound}");
        }
        let told = told(&Fault::Overlaps("2026-11-30 – 2026-12-04".to_owned()), &voice(Language::Russian));
        assert!(told.contains("30.11.2026 – 04.12.2026"), "{told}");
    }
}
