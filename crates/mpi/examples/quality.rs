//! How well the model finds and how often it errs, on people that `synth` makes up.
//!
//! ```text
//! cargo run --release -p mpi --example quality [-- PERSONS]
//! ```
//!
//! Every 20th person comes to the desk again, written as desks write: accents lost, a letter
//! mistyped, day and month exchanged, only the year known, another surname after a marriage,
//! in Latin letters, without number. For each is looked up and judged, over the whole
//! population, whether the right one is found, and whether anybody else is taken for them.
//! Everybody's twin is asked for too, who is not there: nobody may be certain.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use fhir::Document;
use mpi::{Grade, Group, Key, Person, Population, blocks, compare};

/// As the door: words that more bear are not looked up, blocks that hold more are not read.
const MOST_OF_A_WORD: usize = 20_000;
const MOST_OF_A_BLOCK: usize = 1_000;

fn main() {
    let persons: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(60_000);
    println!("{persons} persons in each of three countries; every 20th asks again in each way\n");
    println!("| | asked | right one found | first | certain | probable or certain | somebody else certain | somebody else probable | candidates, mean | ms, mean |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for country in country::all() {
        one_country(country, persons);
    }
}

/// What a desk writes of somebody.
#[derive(Clone)]
struct Told {
    family: String,
    given: String,
    birth: String,
    is_woman: bool,
    numbers: Vec<(String, String)>,
    household: u64,
}

impl Told {
    fn of(person: &synth::Person) -> Told {
        Told {
            family: person.family().to_owned(),
            given: person.given().join(" "),
            birth: day(person.birth),
            is_woman: person.woman,
            numbers: person.identifiers.iter().map(|(system, value)| (system.to_string(), value.clone())).collect(),
            household: person.index / 3,
        }
    }

    fn read(&self) -> Person {
        let numbers: Vec<String> = self.numbers.iter().map(|(system, value)| format!(r#"{{"system":"{system}","value":"{value}"}}"#)).collect();
        let json = format!(
            r#"{{"resourceType":"Patient","name":[{{"family":"{}","given":["{}"]}}],"birthDate":"{}","gender":"{}","identifier":[{}],"address":[{{"line":["{} {}"],"city":"{}"}}]}}"#,
            self.family,
            self.given.replace(' ', "\",\""),
            self.birth,
            if self.is_woman { "female" } else { "male" },
            numbers.join(","),
            "Calle",
            self.household,
            self.household % 40,
        );
        Person::read(Document::read(&json).expect("what is written here is JSON").root())
    }
}

fn day(day: synth::Day) -> String {
    let (year, month, day) = fhir::date::civil_from_days(i64::from(day.0));
    format!("{year:04}-{month:02}-{day:02}")
}

/// A number from a number, the same on every machine.
fn mix(seed: u64, place: u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(place.wrapping_mul(0xD1B5_4A32_D192_ED03)) ^ 0x5851_F42D_4C95_7F2D;
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

fn latin(text: &str) -> String {
    text.split(' ').map(|word| mpi::Word::new(word).latin().to_owned()).collect::<Vec<_>>().join(" ")
}

/// One slip in a text: two letters exchanged, one left out, one doubled.
fn typo(text: &str, chance: u64) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let inner: Vec<usize> = (1..letters.len().saturating_sub(1)).filter(|place| letters[*place].is_alphabetic() && letters[place + 1].is_alphabetic()).collect();
    let Some(&place) = inner.get((chance % inner.len().max(1) as u64) as usize) else { return text.to_owned() };
    match chance / 7 % 3 {
        0 => letters.swap(place, place + 1),
        1 => drop(letters.remove(place)),
        _ => letters.insert(place, letters[place]),
    }
    letters.into_iter().collect()
}

fn exchanged(birth: &str, chance: u64) -> String {
    let (year, month, day) = (&birth[..4], &birth[5..7], &birth[8..10]);
    if day <= "12" && day != month {
        return format!("{year}-{day}-{month}");
    }
    // A digit of the day instead.
    let other = 1 + (day.parse::<u64>().unwrap_or(1) / 10 * 10 + chance % 9) % 28;
    format!("{year}-{month}-{:02}", if other == day.parse().unwrap_or(0) { other % 28 + 1 } else { other })
}

type Variant = (&'static str, fn(&Told, u64, &[Told]) -> Told);

const VARIANTS: &[Variant] = &[
    ("as before, with number", |told, _, _| told.clone()),
    ("no number, no address", |told, _, _| bare(told)),
    ("accents lost", |told, _, _| Told { family: latin(&told.family), given: latin(&told.given), ..bare(told) }),
    ("a slip in the surname", |told, chance, _| Told { family: typo(&told.family, chance), ..bare(told) }),
    ("a slip in the given name, same address", |told, chance, _| Told { given: typo(&told.given, chance), numbers: vec![], ..told.clone() }),
    ("birth date exchanged or mistyped", |told, chance, _| Told { birth: exchanged(&told.birth, chance), ..bare(told) }),
    ("birth date mistyped, same address", |told, chance, _| Told { birth: exchanged(&told.birth, chance), numbers: vec![], ..told.clone() }),
    ("only the year known, same address", |told, _, _| Told { birth: told.birth[..4].to_owned(), numbers: vec![], ..told.clone() }),
    ("one given name only", |told, _, _| Told { given: told.given.split(' ').next_back().unwrap_or_default().to_owned(), ..bare(told) }),
    ("another surname", |told, chance, all| Told { family: all[(chance % all.len() as u64) as usize].family.clone(), ..bare(told) }),
    ("accents lost, a slip in the surname, date exchanged", |told, chance, _| {
        let told = bare(told);
        Told { family: typo(&latin(&told.family), chance), given: latin(&told.given), birth: exchanged(&told.birth, chance), ..told }
    }),
    ("another surname and birth date mistyped, same address", |told, chance, all| {
        Told { family: all[(chance % all.len() as u64) as usize].family.clone(), birth: exchanged(&told.birth, chance), numbers: vec![], ..told.clone() }
    }),
    ("another surname, same address", |told, chance, all| Told { family: all[(chance % all.len() as u64) as usize].family.clone(), numbers: vec![], ..told.clone() }),
];

fn bare(told: &Told) -> Told {
    // The household moved: a number nobody else has.
    Told { numbers: vec![], household: told.household + 1_000_000_000, ..told.clone() }
}

/// The twin: born the same day in the same house, with another name and number.
fn twin(told: &Told, chance: u64, all: &[Told]) -> Option<Told> {
    let other = (0..50).map(|step| &all[(mix(chance, step) % all.len() as u64) as usize]).find(|other| other.is_woman == told.is_woman && !other.given.split(' ').all(|word| told.given.contains(word)) && !told.given.split(' ').all(|word| other.given.contains(word)))?;
    let given = match told.given.split_once(' ') {
        // The patronymic stays.
        Some((_, rest)) if rest.ends_with(['ч', 'а']) && rest.chars().count() > 6 => format!("{} {rest}", other.given.split(' ').next()?),
        _ => other.given.clone(),
    };
    (given != told.given).then(|| Told { given, numbers: vec![], ..told.clone() })
}

/// The postings of a population, as the door finds them.
struct Postings {
    found: HashMap<Key, Vec<u32>>,
}

impl Postings {
    fn of(people: &[Told], read: &[Person]) -> Postings {
        let mut found: HashMap<Key, Vec<u32>> = HashMap::new();
        for (place, (told, person)) in people.iter().zip(read).enumerate() {
            let mut keys: HashSet<Key> = HashSet::new();
            for word in person.names.iter().flat_map(|name| name.words()) {
                keys.extend([word.written(), word.latin()].map(|form| Key::NameWord(form.to_owned())));
            }
            keys.extend([Key::BirthDate(told.birth.clone()), Key::BirthMonth(told.birth[..7].to_owned())]);
            keys.extend(told.numbers.iter().map(|(_, value)| Key::Number(value.clone())));
            keys.into_iter().for_each(|key| found.entry(key).or_default().push(place as u32));
        }
        Postings { found }
    }

    /// Who has any of these; none where that narrows nothing.
    fn group(&self, group: &Group) -> Option<HashSet<u32>> {
        let lists = group.iter().map(|key| self.found.get(key).map(Vec::as_slice).unwrap_or_default());
        let readable: Vec<_> = lists.filter(|list| list.len() <= MOST_OF_A_WORD).collect();
        (!readable.is_empty()).then(|| readable.into_iter().flatten().copied().collect())
    }

    fn candidates(&self, person: &Person) -> HashSet<u32> {
        let mut all = HashSet::new();
        for block in blocks(person) {
            let mut within: Option<HashSet<u32>> = None;
            let narrow = |group: &Group, within: &mut Option<HashSet<u32>>| {
                if let Some(found) = self.group(group) {
                    *within = Some(within.take().map_or(found.clone(), |within| within.intersection(&found).copied().collect()));
                }
            };
            block.groups.iter().for_each(|group| narrow(group, &mut within));
            for group in &block.narrower {
                if within.as_ref().is_none_or(|within| within.len() > MOST_OF_A_BLOCK) {
                    narrow(group, &mut within);
                }
            }
            all.extend(within.filter(|within| within.len() <= MOST_OF_A_BLOCK).into_iter().flatten());
        }
        all
    }

    fn population(&self, person: &Person, persons: u64) -> Population {
        let mut population = Population::new(persons);
        for word in person.names.iter().flat_map(|name| name.words()) {
            let count = self.found.get(&Key::NameWord(word.latin().to_owned())).map_or(0, Vec::len);
            population.counted(word.latin(), count as u64);
        }
        population
    }
}

#[derive(Default)]
struct Tally {
    asked: usize,
    found: usize,
    first: usize,
    certain: usize,
    probable: usize,
    other_certain: usize,
    other_probable: usize,
    candidates: usize,
    seconds: f64,
}

impl Tally {
    /// Asks for somebody; `right` is their place, none where they are not there.
    fn ask(&mut self, told: &Told, right: Option<u32>, postings: &Postings, read: &[Person]) {
        let began = Instant::now();
        let person = told.read();
        let population = postings.population(&person, read.len() as u64);
        let candidates = postings.candidates(&person);
        let mut judged: Vec<_> = candidates.iter().map(|place| (compare(&person, &read[*place as usize], &population), *place)).collect();
        judged.retain(|(one, _)| one.grade >= Grade::Possible);
        judged.sort_by(|(one, place), (other, later)| other.score.total_cmp(&one.score).then(place.cmp(later)));
        self.seconds += began.elapsed().as_secs_f64();
        self.asked += 1;
        self.candidates += candidates.len();
        self.first += judged.first().is_some_and(|(_, place)| Some(*place) == right) as usize;
        for (one, place) in judged {
            let is_right = Some(place) == right;
            self.found += is_right as usize;
            self.certain += (is_right && one.grade == Grade::Certain) as usize;
            self.probable += (is_right && one.grade >= Grade::Probable) as usize;
            self.other_certain += (!is_right && one.grade == Grade::Certain) as usize;
            self.other_probable += (!is_right && one.grade == Grade::Probable) as usize;
        }
    }

    fn print(&self, name: &str) {
        let share = |count: usize| format!("{:.2} %", 100.0 * count as f64 / self.asked.max(1) as f64);
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {:.0} | {:.2} |",
            self.asked,
            share(self.found),
            share(self.first),
            share(self.certain),
            share(self.probable),
            share(self.other_certain),
            share(self.other_probable),
            self.candidates as f64 / self.asked.max(1) as f64,
            1000.0 * self.seconds / self.asked.max(1) as f64
        );
    }
}

fn one_country(country: &'static country::Country, persons: u64) {
    let population = synth::Population::new(country, 11);
    let people: Vec<Told> = (0..persons).map(|index| Told::of(&population.person(index))).collect();
    let read: Vec<Person> = people.iter().map(Told::read).collect();
    let postings = Postings::of(&people, &read);
    let mut tallies: BTreeMap<usize, Tally> = BTreeMap::new();
    for place in (0..people.len()).step_by(20) {
        let chance = mix(5, place as u64);
        for (number, (_, variant)) in VARIANTS.iter().enumerate() {
            tallies.entry(number).or_default().ask(&variant(&people[place], mix(chance, number as u64), &people), Some(place as u32), &postings, &read);
        }
        if let Some(twin) = twin(&people[place], chance, &people) {
            tallies.entry(VARIANTS.len()).or_default().ask(&twin, None, &postings, &read);
        }
    }
    for (number, tally) in &tallies {
        let name = VARIANTS.get(*number).map_or("a twin who is not there", |(name, _)| name);
        tally.print(&format!("{}: {name}", country.code));
    }
    let sum = |of: fn(&Tally) -> usize| tallies.values().map(of).sum::<usize>() as f64;
    let there = tallies.range(..VARIANTS.len()).map(|(_, tally)| tally.asked).sum::<usize>() as f64;
    let line = |name: &str, right: f64, others: f64| println!("| {}: **{name}** | precision {:.2} %, recall {:.2} % | | | | | | | |  |", country.code, 100.0 * right / (right + others).max(1.0), 100.0 * right / there);
    line("certain, all ways together", sum(|tally| tally.certain), sum(|tally| tally.other_certain));
    line("probable or certain, all ways together", sum(|tally| tally.probable), sum(|tally| tally.other_certain + tally.other_probable));
}
