//! The provinces, states and districts of a country over time: which there were on a day, and what became of each.
//!
//! * A unit has a key of ours that is never given again; the official code may be, and then means another unit.
//! * A unit that ended says into which ones. Following them always leads to units that exist today.
//! * Nothing that was written is rewritten: an old address keeps its name, and these pages tell today's.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};

/// Year, month and day.
type Day = (i32, u8, u8);

/// One unit, as long as it was called and shaped so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Ours, never given again: the code of who had it first, `15-2025` for who came later.
    pub key: String,
    /// The official code.
    pub code: String,
    /// Its name in the language of the country, without its kind.
    pub name: String,
    /// A key of [`Units::kinds`]: `province`, `city`…
    pub kind: String,
    /// Other ways to write the name.
    pub also: Vec<String>,
    /// How identifiers write it, where they do otherwise than by the code.
    pub letters: Option<String>,
    /// The key of the unit it lies in; none for the first level.
    pub within: Option<String>,
    /// Its first day, or the day the list begins with.
    pub from: Day,
    /// The first day on which it was no more.
    pub until: Option<Day>,
    /// The keys of the units it went into; none for one that is.
    pub into: Vec<String>,
    /// No source that was reached confirms it.
    pub is_proposed: bool,
}

/// The units of a country.
#[derive(Clone, Debug)]
pub struct Units {
    /// Where names, codes and days come from.
    pub source: String,
    /// No source that was reached confirms the list.
    pub is_proposed: bool,
    /// What each kind is called, by language.
    pub kinds: BTreeMap<String, BTreeMap<String, String>>,
    /// What is written before a name of a kind: `tỉnh`, `TP.`.
    pub before: BTreeMap<String, Vec<String>>,
    /// The first day that is told of.
    pub since: Day,
    /// All of them, also those that ended.
    pub all: Vec<Unit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    source: String,
    is_proposed: bool,
    #[serde(deserialize_with = "day")]
    since: Day,
    unit: Vec<Row>,
    kinds: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    before: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key: Option<String>,
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    also: Vec<String>,
    letters: Option<String>,
    within: Option<String>,
    #[serde(default, deserialize_with = "some_day")]
    from: Option<Day>,
    #[serde(default, deserialize_with = "some_day")]
    to: Option<Day>,
    #[serde(default)]
    into: Vec<String>,
    #[serde(default)]
    is_proposed: bool,
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
    let text = String::deserialize(from)?;
    let mut parts = text.splitn(3, '-').map(str::parse::<i32>);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(year)), Some(Ok(month @ 1..=12)), Some(Ok(day @ 1..=31))) => Ok((year, month as u8, day as u8)),
        _ => Err(serde::de::Error::custom("a day is expected, as 2025-07-01")),
    }
}

fn some_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    day(from).map(Some)
}

impl Unit {
    /// Whether there was such a unit on a day.
    pub fn is_on(&self, day: Day) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// Its name and the other ways to write it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.also.iter().map(String::as_str))
    }
}

impl Units {
    /// Reads the list of a pack.
    ///
    /// # Errors
    /// What is wrong with the text, or with what becomes of a unit: a key that comes twice or leads nowhere, two
    /// units of one code or name on one day, a gap between a unit and what it went into.
    pub fn read(text: &str) -> Result<Units, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let unit = |row: Row| Unit {
            key: row.key.unwrap_or_else(|| row.code.clone()),
            code: row.code,
            name: row.name,
            kind: row.kind,
            also: row.also,
            letters: row.letters,
            within: row.within,
            from: row.from.unwrap_or(file.since),
            until: row.to,
            into: row.into,
            is_proposed: row.is_proposed,
        };
        let units = Units { source: file.source, is_proposed: file.is_proposed, kinds: file.kinds, before: file.before, since: file.since, all: file.unit.into_iter().map(unit).collect() };
        units.all.iter().try_for_each(|unit| units.check(unit))?;
        Ok(units)
    }

    fn check(&self, unit: &Unit) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("{}: {what}", unit.key));
        if !self.kinds.contains_key(&unit.kind) {
            return wrong("its kind has no name");
        }
        if unit.until.is_some_and(|until| until <= unit.from) {
            return wrong("it ends before it begins");
        }
        if unit.until.is_some() == unit.into.is_empty() {
            return wrong("who ended says into what, and nobody else");
        }
        for key in &unit.into {
            let Some(next) = self.get(key) else { return wrong("it goes into a unit that is not there") };
            if next.key == unit.key || unit.until.is_none_or(|until| !next.is_on(until)) {
                return wrong("what it goes into is not there on the day it ends");
            }
        }
        if unit.within.as_ref().is_some_and(|key| self.get(key).is_none()) {
            return wrong("it lies in a unit that is not there");
        }
        let is_of_then = |other: &&Unit| other.key != unit.key && (other.is_on(unit.from) || unit.is_on(other.from));
        match self.all.iter().filter(is_of_then).find(|other| other.code == unit.code || (other.name == unit.name && other.within == unit.within)) {
            Some(_) => wrong("another unit has its code or its name at the same time"),
            None if self.all.iter().filter(|other| other.key == unit.key).count() > 1 => wrong("its key comes twice"),
            None => Ok(()),
        }
    }

    /// The unit of a key.
    pub fn get(&self, key: &str) -> Option<&Unit> {
        self.all.iter().find(|unit| unit.key == key)
    }

    /// Those there were on a day, of all levels.
    pub fn on(&self, day: Day) -> impl Iterator<Item = &Unit> {
        self.all.iter().filter(move |unit| unit.is_on(day))
    }

    /// Those there are, as far as this pack knows.
    pub fn today(&self) -> impl Iterator<Item = &Unit> {
        self.all.iter().filter(|unit| unit.until.is_none())
    }

    /// What a unit is today: itself where it still is, else those it went into in the end.
    pub fn today_of(&self, unit: &Unit) -> Vec<&Unit> {
        let (mut waiting, mut seen) = (vec![unit.key.as_str()], BTreeSet::new());
        let mut found = Vec::new();
        while let Some(key) = waiting.pop() {
            let Some(one) = self.get(key).filter(|one| seen.insert(one.key.as_str())) else { continue };
            match one.until {
                None => found.push(one),
                Some(_) => waiting.extend(one.into.iter().map(String::as_str)),
            }
        }
        found.sort_by(|one, other| one.code.cmp(&other.code));
        found
    }

    /// The units that went into one, however long ago; itself not among them.
    pub fn came_from(&self, unit: &Unit) -> Vec<&Unit> {
        self.all.iter().filter(|one| one.key != unit.key && self.leads_to(one, &unit.key)).collect()
    }

    fn leads_to(&self, unit: &Unit, key: &str) -> bool {
        let (mut waiting, mut seen) = (vec![unit], BTreeSet::new());
        while let Some(one) = waiting.pop() {
            if one.into.iter().any(|next| next == key) {
                return true;
            }
            waiting.extend(one.into.iter().filter_map(|next| self.get(next)).filter(|next| seen.insert(next.key.as_str())));
        }
        false
    }

    /// Whether a unit is the same as another one that came after it, under a new name or rank: nobody else went into that.
    pub fn is_renamed(&self, unit: &Unit, later: &Unit) -> bool {
        later.from > self.since && self.came_from(later).iter().all(|one| one.key == unit.key || self.leads_to(one, &unit.key) || self.leads_to(unit, &one.key))
    }

    /// Every way a unit is written in an address: its names, alone and behind what is written before them.
    pub fn written(&self, unit: &Unit) -> Vec<String> {
        let before = self.before.get(&unit.kind).map(Vec::as_slice).unwrap_or_default();
        unit.names().flat_map(|name| std::iter::once(name.to_owned()).chain(before.iter().map(move |word| format!("{word} {name}")))).collect()
    }

    /// What stands on a list: the name, and the years where another unit has that name too and this one ended.
    pub fn shown(&self, unit: &Unit) -> String {
        let has_namesake = self.all.iter().any(|other| other.key != unit.key && other.name == unit.name && other.within == unit.within);
        match unit.until {
            Some((year, ..)) if has_namesake => format!("{} (\u{2013}{year})", unit.name),
            _ => unit.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(country: &str) -> &'static Units {
        &crate::by_code(country).unwrap().units
    }

    fn first_level(country: &str, day: Day) -> usize {
        units(country).on(day).filter(|unit| unit.within.is_none()).count()
    }

    #[test]
    fn there_were_as_many_as_the_laws_say() {
        for (country, day, count) in [
            ("vn", (2004, 1, 1), 64),
            ("vn", (2008, 7, 31), 64),
            ("vn", (2008, 8, 1), 63),
            ("vn", (2025, 6, 30), 63),
            ("vn", (2025, 7, 1), 34),
            ("mx", (1974, 10, 8), 32),
            ("mx", (2016, 1, 29), 32),
            ("mx", (2026, 1, 1), 32),
            ("ru", (2005, 11, 30), 89),
            ("ru", (2005, 12, 1), 88),
            ("ru", (2008, 3, 1), 83),
            ("ru", (2026, 1, 1), 83),
        ] {
            assert_eq!(first_level(country, day), count, "{country} {day:?}");
        }
        assert_eq!(units("ru").today().filter(|unit| unit.within.as_deref() == Some("77")).count(), 12);
    }

    #[test]
    fn every_unit_that_ended_leads_to_one_that_is() {
        for country in crate::all() {
            for unit in &country.units.all {
                let today = country.units.today_of(unit);
                assert!(!today.is_empty() && today.iter().all(|one| one.until.is_none()), "{} {}", country.code, unit.key);
                for one in today.iter().filter(|one| one.key != unit.key) {
                    assert!(country.units.came_from(one).contains(&unit), "{} {}", country.code, unit.key);
                }
            }
            for kind in country.units.kinds.values() {
                assert!(["en", "es", "vi", "ru"].iter().all(|language| kind.contains_key(*language)));
            }
        }
    }

    /// Every day on which something changed, and the one before: no code and no name is two units.
    #[test]
    fn on_no_day_a_code_or_a_name_is_two_units() {
        for country in crate::all() {
            let days: BTreeSet<Day> = country.units.all.iter().flat_map(|unit| [Some(unit.from), unit.until]).flatten().collect();
            for day in days {
                let there: Vec<&Unit> = country.units.on(day).collect();
                let codes: BTreeSet<&str> = there.iter().map(|unit| unit.code.as_str()).collect();
                let names: BTreeSet<(&str, Option<&str>)> = there.iter().map(|unit| (unit.name.as_str(), unit.within.as_deref())).collect();
                assert_eq!((codes.len(), names.len()), (there.len(), there.len()), "{} {day:?}", country.code);
            }
        }
    }

    /// Of the provinces of June 2025, twenty-three new ones took in fifty-two, and eleven went on.
    #[test]
    fn the_sixty_three_went_into_thirty_four() {
        let units = units("vn");
        let told = |key: &str| units.today_of(units.get(key).unwrap()).iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>();
        assert_eq!(told("15"), ["Lào Cai"]);
        assert_eq!(told("15-2025"), ["Lào Cai"]);
        assert_eq!(told("28"), ["Hà Nội"]);
        assert_eq!(told("46"), ["Huế"]);
        assert_eq!(told("77"), ["Hồ Chí Minh"]);
        let went = units.on((2025, 6, 30)).filter(|unit| unit.until == Some((2025, 7, 1))).count();
        let came = units.on((2025, 7, 1)).filter(|unit| unit.from == (2025, 7, 1)).count();
        assert_eq!((went, came), (52, 23));
        let phu_tho = units.get("25-2025").unwrap();
        assert_eq!(units.came_from(phu_tho).iter().map(|unit| unit.name.as_str()).collect::<Vec<_>>(), ["Hòa Bình", "Phú Thọ", "Vĩnh Phúc"]);
        assert!(units.is_renamed(units.get("46").unwrap(), units.get("46-2025").unwrap()));
        assert!(!units.is_renamed(units.get("25").unwrap(), phu_tho));
        assert_eq!((units.shown(units.get("25").unwrap()), units.shown(phu_tho)), ("Phú Thọ (–2025)".to_owned(), "Phú Thọ".to_owned()));
    }

    /// What identifiers hold of a place is what the lists hold.
    #[test]
    fn identifiers_and_lists_know_the_same_places() {
        let mut numbers: Vec<u32> = units("vn").on((2025, 6, 30)).map(|unit| unit.code.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, crate::vn::cccd::PROVINCES);
        let mut letters: Vec<&str> = units("mx").today().filter_map(|unit| unit.letters.as_deref()).chain(["NE"]).collect();
        let mut known = crate::mx::curp::STATES.to_vec();
        letters.sort_unstable();
        known.sort_unstable();
        assert_eq!(letters, known);
        let mut codes: Vec<u32> = units("mx").today().map(|unit| unit.code.parse().unwrap()).collect();
        codes.sort_unstable();
        assert_eq!(codes, (1..=32).collect::<Vec<_>>());
    }

    #[test]
    fn a_list_with_a_gap_or_an_overlap_is_refused() {
        let read = |rows: &str| Units::read(&format!("source = ''\nis_proposed = true\nsince = '2000-01-01'\nunit = [{rows}]\n[kinds]\nk = {{ en = 'k' }}\n")).map(|_| ());
        let a = "{ code = '1', name = 'A', kind = 'k', to = '2010-01-01', into = ['2'] }";
        assert_eq!(read(&format!("{a}, {{ code = '2', name = 'B', kind = 'k', from = '2010-01-01' }}")), Ok(()));
        for (rows, why) in [
            (format!("{a}, {{ code = '2', name = 'B', kind = 'k', from = '2010-01-02' }}"), "is not there on the day"),
            (a.to_owned(), "is not there"),
            ("{ code = '1', name = 'A', kind = 'k', to = '2010-01-01' }".to_owned(), "says into what"),
            ("{ code = '1', name = 'A', kind = 'k' }, { key = '1-b', code = '1', name = 'B', kind = 'k' }".to_owned(), "code or its name"),
            ("{ code = '1', name = 'A', kind = 'k' }, { code = '2', name = 'A', kind = 'k' }".to_owned(), "code or its name"),
            ("{ code = '1', name = 'A', kind = 'other' }".to_owned(), "kind has no name"),
            ("{ code = '1', name = 'A', kind = 'k', within = '9' }".to_owned(), "lies in a unit"),
            ("{ code = '1', name = 'A', kind = 'k', from = '2010-13-01' }".to_owned(), "a day is expected"),
        ] {
            assert!(read(&rows).is_err_and(|told| told.contains(why)), "{rows}: {:?}", read(&rows));
        }
    }
}
