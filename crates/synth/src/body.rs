//! How a body is and changes: growth of children, weight of adults, and the
//! numbers a disease and its treatment make.
//!
//! The growth medians are rounded figures of common knowledge (a newborn has
//! 50 cm, a one-year-old 75 cm), good for plausible persons and for nothing
//! else: they are not the WHO standard and no chart may be drawn from them.

use crate::chance::{Chance, mix};
use crate::day::Day;
use crate::people::Person;
use crate::words::Tongue;

/// Age in months, then boys' and girls' height in cm, weight in kg, head in cm.
const GROWTH: [[f64; 7]; 21] = [
    [0.0, 49.9, 49.1, 3.3, 3.2, 34.5, 33.9],
    [1.0, 54.7, 53.7, 4.5, 4.2, 37.3, 36.5],
    [2.0, 58.4, 57.1, 5.6, 5.1, 39.1, 38.3],
    [3.0, 61.4, 59.8, 6.4, 5.8, 40.5, 39.5],
    [4.0, 63.9, 62.1, 7.0, 6.4, 41.6, 40.6],
    [6.0, 67.6, 65.7, 7.9, 7.3, 43.3, 42.2],
    [9.0, 72.0, 70.1, 8.9, 8.2, 45.0, 43.8],
    [12.0, 75.7, 74.0, 9.6, 8.9, 46.1, 44.9],
    [18.0, 82.3, 80.7, 10.9, 10.2, 47.4, 46.2],
    [24.0, 87.0, 85.7, 12.2, 11.5, 48.3, 47.2],
    [36.0, 96.0, 95.1, 14.3, 13.9, 49.5, 48.5],
    [48.0, 103.3, 102.7, 16.3, 16.1, 50.2, 49.3],
    [60.0, 110.0, 109.4, 18.3, 18.2, 50.7, 49.9],
    [72.0, 116.0, 115.0, 20.5, 20.2, 51.2, 50.4],
    [96.0, 127.0, 126.5, 25.4, 25.0, 52.0, 51.2],
    [120.0, 138.0, 138.5, 31.2, 32.0, 52.8, 52.0],
    [144.0, 149.0, 151.0, 39.0, 41.0, 53.6, 53.0],
    [168.0, 163.0, 159.0, 50.0, 49.5, 54.5, 53.8],
    [192.0, 172.5, 162.0, 61.0, 54.0, 55.2, 54.3],
    [216.0, 175.5, 163.0, 67.0, 56.5, 55.6, 54.6],
    [240.0, 176.0, 163.2, 70.0, 58.0, 55.8, 54.8],
];

/// What a person is born with.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    woman: bool,
    birth: Day,
    /// Adult height against the median of 176 or 163 cm.
    height_share: f64,
    /// Weight of a child against the median.
    weight_share: f64,
    /// Body mass index at forty.
    mass_index: f64,
    /// Its change a year.
    drift: f64,
    /// A tendency of one's own, about normal: the same at every age.
    pub bias: f64,
    pub pressure_base: f64,
    pub pulse_base: f64,
}

impl Body {
    pub fn of(person: &Person, obese: bool) -> Body {
        let mut chance = Chance::new(mix(person.key, 11));
        let nation = match person.tongue {
            Tongue::Spanish => (0.962, 27.0),
            Tongue::Vietnamese => (0.951, 22.4),
            Tongue::Russian => (1.003, 26.0),
        };
        let child = person.role == crate::people::Role::Child;
        Body {
            woman: person.woman,
            birth: person.birth,
            height_share: (if child { 1.0 + (nation.0 - 1.0) * 0.5 } else { nation.0 }) + chance.bell() * 0.034,
            weight_share: 1.0 + chance.bell() * 0.09,
            mass_index: if obese { 32.0 + chance.unit() * 6.0 } else { (nation.1 + chance.bell() * 2.8).clamp(18.0, 29.8) },
            drift: chance.bell() * 0.16,
            pressure_base: 113.0 + chance.bell() * 6.0,
            bias: Chance::new(mix(person.key, 12)).bell(),
            pulse_base: 73.0 + chance.bell() * 6.0,
        }
    }

    fn median(&self, day: Day, column: usize) -> f64 {
        let months = f64::from(day.0 - self.birth.0) / 30.4375;
        let column = column + usize::from(self.woman);
        let after = GROWTH.iter().position(|row| row[0] > months).unwrap_or(GROWTH.len());
        if after == 0 {
            return GROWTH[0][column];
        }
        if after == GROWTH.len() {
            return GROWTH[after - 1][column];
        }
        let (left, right) = (&GROWTH[after - 1], &GROWTH[after]);
        left[column] + (right[column] - left[column]) * (months - left[0]) / (right[0] - left[0])
    }

    /// In cm. The very old lose a little.
    pub fn height(&self, day: Day) -> f64 {
        let age = day.age(self.birth);
        let loss = if age > 60.0 { (age - 60.0) * 0.0009 } else { 0.0 };
        self.median(day, 1) * (self.height_share - loss)
    }

    /// In kg.
    pub fn weight(&self, day: Day) -> f64 {
        let age = day.age(self.birth);
        if age < 18.0 {
            // The share fades in: newborns differ less from each other than schoolchildren.
            let share = 1.0 + (self.weight_share - 1.0) * (0.7 + age / 18.0);
            return self.median(day, 3) * share * self.height_share;
        }
        let height = self.height(day) / 100.0;
        let late = if age > 75.0 { (age - 75.0) * 0.12 } else { 0.0 };
        let young = if age < 30.0 { (30.0 - age) * 0.18 } else { 0.0 };
        (self.mass_index + self.drift * (age - 40.0) * 0.5 - late - young).clamp(16.5, 44.0) * height * height
    }

    /// In cm.
    pub fn head(&self, day: Day) -> f64 {
        self.median(day, 5) * (1.0 + (self.height_share - 1.0) * 0.4)
    }

    /// Systolic pressure without disease, mmHg.
    pub fn systolic(&self, day: Day) -> f64 {
        let age = day.age(self.birth);
        if age < 18.0 { 86.0 + age * 1.6 + (self.pressure_base - 113.0) * 0.4 } else { self.pressure_base + (age - 30.0).max(0.0) * 0.24 }
    }

    /// Beats a minute.
    pub fn pulse(&self, day: Day) -> f64 {
        let age = day.age(self.birth);
        if age < 12.0 { 135.0 - age * 4.6 } else { self.pulse_base }
    }

    /// Breaths a minute.
    pub fn breaths(&self, day: Day) -> f64 {
        let age = day.age(self.birth);
        if age < 12.0 { 38.0 - age * 1.7 } else { 16.0 }
    }
}
