//! Who lives with whom: households, their members, and the persons they are.
//!
//! Twelve persons make a block, cut into households by one of a few patterns,
//! so that any person can be made without making those before.

use crate::chance::{Chance, mix};
use crate::day::Day;
use crate::names::{self, FullName, Kin, Lineage};
use crate::numbers::{self, Place};
use crate::words::Tongue;

/// How many persons a block has.
const BLOCK: u64 = 12;

/// The kinds of households.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    Single,
    Elder,
    Couple,
    ElderCouple,
    /// A couple with this many children.
    Parents(u8),
    SingleMother,
    /// Grandmother, couple, two children.
    Generations,
}

impl Home {
    fn size(self) -> u8 {
        match self {
            Home::Single | Home::Elder => 1,
            Home::Couple | Home::ElderCouple | Home::SingleMother => 2,
            Home::Parents(children) => 2 + children,
            Home::Generations => 5,
        }
    }
}

const PATTERNS: [&[Home]; 6] = [
    &[Home::Parents(2), Home::Parents(1), Home::ElderCouple, Home::Couple, Home::Elder],
    &[Home::Generations, Home::Parents(1), Home::ElderCouple, Home::Single, Home::Elder],
    &[Home::Parents(3), Home::Parents(2), Home::ElderCouple, Home::Single],
    &[Home::Parents(2), Home::Parents(2), Home::Couple, Home::SingleMother],
    &[Home::Parents(1), Home::Parents(1), Home::ElderCouple, Home::Parents(2)],
    &[Home::Generations, Home::Parents(2), Home::ElderCouple, Home::Single],
];

/// The households of the first block, whose members are the cast.
const CAST_HOMES: &[Home] = &[Home::ElderCouple, Home::Parents(1), Home::Parents(2), Home::Parents(1)];

/// Household, member and age in years of the first twelve persons.
const CAST: [(u8, u8, f64, Option<Case>); 12] = [
    (0, 0, 67.6, Some(Case::ManyConditions)),
    (1, 2, 4.3, Some(Case::GrowingChild)),
    (1, 0, 29.4, Some(Case::Pregnant)),
    (2, 2, 15.4, Some(Case::AsthmaticTeenager)),
    (3, 2, 0.033, Some(Case::Newborn)),
    (0, 1, 71.3, Some(Case::WeakHeart)),
    (1, 1, 32.2, None),
    (2, 0, 43.5, None),
    (2, 1, 45.1, None),
    (2, 3, 9.2, None),
    (3, 0, 26.8, None),
    (3, 1, 28.9, None),
];

/// Persons chosen for a demonstration: the first of every population.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// A woman of 67 with diabetes, hypertension and kidney disease, allergic to penicillin.
    ManyConditions,
    /// A child of four with growth data and vaccinations from birth.
    GrowingChild,
    /// A woman in the 30th week of her second pregnancy.
    Pregnant,
    /// A boy or girl of fifteen with asthma.
    AsthmaticTeenager,
    /// A child of twelve days.
    Newborn,
    /// A man of 71 with heart failure and atrial fibrillation.
    WeakHeart,
}

/// What a person is at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Mother,
    Father,
    Adult,
    Grandmother,
    Child,
}

/// One invented person.
#[derive(Debug, Clone)]
pub struct Person {
    /// The place in the population, from 0.
    pub index: u64,
    /// Whether this is a woman or a girl.
    pub woman: bool,
    /// The day of birth.
    pub birth: Day,
    /// The day of death of those who died.
    pub death: Option<Day>,
    /// `(system, value)`, the one people know by heart first.
    pub identifiers: Vec<(&'static str, String)>,
    /// The chosen case this person is, for the first few.
    pub case: Option<Case>,
    pub(crate) name: FullName,
    pub(crate) tongue: Tongue,
    pub(crate) key: u64,
    pub(crate) role: Role,
    pub(crate) household: Household,
    pub(crate) member: u8,
}

impl Person {
    /// `HumanName.family`
    pub fn family(&self) -> &str {
        &self.name.family
    }

    /// `HumanName.given`
    pub fn given(&self) -> &[&'static str] {
        &self.name.given
    }

    /// Whether more children may still come to this household.
    pub(crate) fn household_is_new(&self) -> bool {
        matches!(self.household.home, Home::Couple | Home::Parents(1 | 2))
    }

    /// The whole name as spoken.
    pub fn name_text(&self) -> String {
        self.name.text(self.tongue)
    }
}

/// What the members of a household share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Household {
    pub number: u64,
    home: Home,
    pub lineage: Lineage,
    /// Which of the eight districts it lies in.
    pub district: usize,
    pub house: u32,
    pub street: usize,
    key: u64,
    /// The index of the first person of the block.
    block_start: u64,
    /// Which household of its block it is.
    place: u8,
}

/// Everything needed to make any person of a population.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registry {
    pub country: &'static country::Country,
    pub tongue: Tongue,
    pub seed: u64,
    pub end: Day,
}

impl Registry {
    /// The person at this place.
    pub fn person(&self, index: u64) -> Person {
        let block = index / BLOCK;
        let slot = (index % BLOCK) as u8;
        let (place, member) = if block == 0 { (CAST[slot as usize].0, CAST[slot as usize].1) } else { self.seat(block, slot) };
        self.member(&self.household(block, place), member)
    }

    /// The others of a person's household who bear this role.
    pub fn relative(&self, person: &Person, role: Role) -> Option<Person> {
        (0..person.household.home.size())
            .filter(|member| *member != person.member)
            .map(|member| self.member(&person.household, member))
            .find(|other| other.role == role)
    }

    /// The children of a person's household, eldest last.
    pub fn children(&self, person: &Person) -> Vec<Person> {
        (0..person.household.home.size())
            .map(|member| self.member(&person.household, member))
            .filter(|other| other.role == Role::Child && other.index != person.index)
            .collect()
    }

    fn block_key(&self, block: u64) -> u64 {
        mix(mix(self.seed, self.tongue as u64 + 1), block)
    }

    fn homes(&self, block: u64) -> &'static [Home] {
        if block == 0 { CAST_HOMES } else { PATTERNS[(self.block_key(block) % 6) as usize] }
    }

    fn seat(&self, block: u64, slot: u8) -> (u8, u8) {
        let mut first = 0;
        for (place, home) in self.homes(block).iter().enumerate() {
            if slot < first + home.size() {
                return (place as u8, slot - first);
            }
            first += home.size();
        }
        unreachable!("the homes of a block have twelve places")
    }

    fn household(&self, block: u64, place: u8) -> Household {
        let key = mix(self.block_key(block), 1000 + u64::from(place));
        let mut chance = Chance::new(key);
        Household {
            number: block * 8 + u64::from(place),
            home: self.homes(block)[usize::from(place)],
            lineage: Lineage::draw(self.tongue, &mut chance),
            district: if block == 0 { 0 } else { chance.below(8) as usize },
            house: 1 + chance.below(240) as u32,
            street: chance.below(24) as usize,
            key,
            block_start: block * BLOCK,
            place,
        }
    }

    /// The index of a member: the inverse of [`Registry::seat`].
    fn index_of(&self, household: &Household, member: u8) -> u64 {
        let block = household.block_start / BLOCK;
        if block == 0 {
            let slot = CAST.iter().position(|cast| (cast.0, cast.1) == (household.place, member));
            return slot.map_or(0, |slot| slot as u64);
        }
        let before: u8 = self.homes(block)[..usize::from(household.place)].iter().map(|home| home.size()).sum();
        household.block_start + u64::from(before + member)
    }

    /// The ages in years of all members, from the household's own chance.
    fn ages(&self, household: &Household) -> [f64; 5] {
        let mut chance = Chance::new(mix(household.key, 77));
        let mut within = |from: f64, to: f64| from + chance.unit() * (to - from);
        match household.home {
            Home::Single => [within(20.0, 62.0), 0.0, 0.0, 0.0, 0.0],
            Home::Elder => [within(66.0, 96.0), 0.0, 0.0, 0.0, 0.0],
            Home::Couple => {
                let woman = within(20.0, 52.0);
                [woman, (woman + within(-3.0, 8.0)).max(20.0), 0.0, 0.0, 0.0]
            }
            Home::ElderCouple => {
                let woman = within(56.0, 88.0);
                [woman, woman + within(-3.0, 8.0), 0.0, 0.0, 0.0]
            }
            Home::SingleMother => {
                let child = within(0.1, 17.0);
                [child + within(19.0, 33.0), child, 0.0, 0.0, 0.0]
            }
            Home::Parents(_) | Home::Generations => {
                let children = if let Home::Parents(children) = household.home { usize::from(children) } else { 2 };
                let mut ages = [0.0; 5];
                let mut age = within(0.1, 13.0);
                for (place, child) in ages[2..2 + children].iter_mut().enumerate() {
                    if place > 0 {
                        age += within(1.7, 4.5);
                    }
                    *child = age;
                }
                ages[0] = age + within(19.0, 31.0);
                ages[1] = (ages[0] + within(-3.0, 8.0)).max(age + 18.0);
                if household.home == Home::Generations {
                    ages[4] = ages[1] + within(21.0, 33.0);
                }
                ages
            }
        }
    }

    fn member(&self, household: &Household, member: u8) -> Person {
        let index = self.index_of(household, member);
        let cast = if household.block_start == 0 { CAST.get(index as usize) } else { None };
        let age = cast.map_or_else(|| self.ages(household)[usize::from(member)], |cast| cast.2);
        let key = mix(household.key, 500 + u64::from(member));
        let mut chance = Chance::new(key);
        let role = match (household.home, member) {
            (Home::Single | Home::Elder, _) => Role::Adult,
            (Home::SingleMother, 1) => Role::Child,
            (_, 0) => Role::Mother,
            (Home::Generations, 4) => Role::Grandmother,
            (_, 1) => Role::Father,
            _ => Role::Child,
        };
        let woman = match role {
            Role::Mother | Role::Grandmother => true,
            Role::Father => false,
            Role::Adult if household.home == Home::Elder => chance.happens(0.66),
            _ => chance.happens(0.49),
        };
        let kin = match role {
            Role::Mother => Kin::Mother,
            Role::Father => Kin::Father,
            Role::Child => Kin::Child,
            Role::Grandmother => Kin::Mother,
            Role::Adult if woman => Kin::Mother,
            Role::Adult => Kin::Father,
        };
        let lineage = if role == Role::Grandmother {
            // The father's mother: his second family name is her first.
            Lineage { mother: (household.lineage.father.1, household.lineage.mother.1), ..household.lineage }
        } else {
            household.lineage
        };
        let mut name_chance = Chance::new(mix(key, 3));
        let name = names::draw(self.tongue, lineage, kin, woman, &mut name_chance);
        let birth = self.end.plus(-(age * 365.25) as i32);
        let case = cast.and_then(|cast| cast.3);
        let dies = cast.is_none() && age > 58.0 && chance.happens((age - 55.0) / 220.0);
        let death = dies.then(|| self.end.plus(-chance.between(5, 1400)));
        let holder = birth.plus(if role == Role::Child { -9_000 } else { 0 });
        let place = Place { seed: self.seed, index };
        let identifiers = match self.tongue {
            Tongue::Spanish => vec![
                (self.country.identifiers[0].uri.as_str(), numbers::curp(place, &name, woman, birth)),
                (self.country.identifiers[1].uri.as_str(), numbers::nss(Place { index: household.number, ..place }, holder)),
            ],
            Tongue::Vietnamese => {
                let bhyt = (self.country.identifiers[1].uri.as_str(), numbers::bhyt(place, age as i32));
                // A newborn has no number until the birth is registered.
                if case == Some(Case::Newborn) {
                    vec![bhyt]
                } else {
                    vec![(self.country.identifiers[0].uri.as_str(), numbers::cccd(place, woman, birth)), bhyt]
                }
            }
            Tongue::Russian => vec![
                (self.country.identifiers[0].uri.as_str(), numbers::enp(place)),
                (self.country.identifiers[1].uri.as_str(), numbers::snils(place)),
            ],
        };
        Person { index, woman, birth, death, identifiers, case, name, tongue: self.tongue, key, role, household: *household, member }
    }
}

/// Whether people of a country can be invented: only where its numbers are known here.
pub fn invents(country: &country::Country) -> bool {
    ["curp", "cccd", "enp"].iter().any(|key| country.identifier(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(code: &str) -> Registry {
        let country = country::by_code(code).expect("a country");
        Registry { country, tongue: Tongue::of(country), seed: 7, end: Day::of(2026, 11, 1) }
    }

    #[test]
    fn every_pattern_fills_a_block() {
        for homes in PATTERNS.iter().chain([&CAST_HOMES]) {
            assert_eq!(homes.iter().map(|home| u64::from(home.size())).sum::<u64>(), BLOCK);
        }
    }

    #[test]
    fn a_person_is_found_again_as_a_relative() {
        let registry = registry("mx");
        for index in 0..600 {
            let person = registry.person(index);
            assert_eq!(person.index, index);
            for child in registry.children(&person) {
                assert_eq!(registry.person(child.index).name, child.name);
            }
        }
    }

    #[test]
    fn mothers_are_old_enough_to_be_mothers() {
        for code in ["mx", "vn", "ru"] {
            let registry = registry(code);
            for index in 0..1200 {
                let child = registry.person(index);
                if child.role != Role::Child {
                    continue;
                }
                let Some(mother) = registry.relative(&child, Role::Mother) else { continue };
                let years = child.birth.years_since(mother.birth);
                assert!((17..46).contains(&years), "{code} {index}: {years}");
            }
        }
    }
}
