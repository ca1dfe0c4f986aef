//! Chance from a seed: the same seed gives the same numbers on every machine,
//! with every compiler, for ever.
//!
//! The generator is SplitMix64 (Steele, Lea, Flood 2014) written out, so that
//! no library's new version can change a population.

/// Mixes two numbers into one that looks unrelated to both.
pub(crate) fn mix(left: u64, right: u64) -> u64 {
    scramble(left.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ scramble(right.wrapping_add(0xD1B5_4A32_D192_ED03)))
}

fn scramble(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        scramble(self.0)
    }

    /// A whole number below `end`; `end` is at least 1.
    pub fn below(&mut self, end: u64) -> u64 {
        // Lemire's multiplication; the bias for ends this small is far below one in a billion.
        ((u128::from(self.next()) * u128::from(end)) >> 64) as u64
    }

    /// A whole number from `first` to `last`, both included.
    pub fn between(&mut self, first: i32, last: i32) -> i32 {
        first + self.below((last - first + 1).max(1) as u64) as i32
    }

    /// A number from 0 up to but not including 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// About normal, mean 0 and deviation 1, never beyond 3: a sum of uniform
    /// numbers, so that no mathematical library has a say in the result.
    pub fn bell(&mut self) -> f64 {
        let sum: f64 = (0..6).map(|_| self.unit()).sum();
        ((sum - 3.0) * std::f64::consts::SQRT_2).clamp(-3.0, 3.0)
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, several: &'a [T]) -> &'a T {
        &several[self.below(several.len() as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_fixed_for_ever() {
        let mut chance = Chance::new(7);
        let first: Vec<u64> = (0..3).map(|_| chance.below(1_000_000)).collect();
        let mut again = Chance::new(7);
        assert_eq!(first, (0..3).map(|_| again.below(1_000_000)).collect::<Vec<_>>());
        // The published first output of SplitMix64 for seed 1234567.
        assert_eq!(Chance::new(1_234_567).next(), 6_457_827_717_110_365_317);
    }

    #[test]
    fn the_bell_is_centred_and_as_wide_as_it_says() {
        let mut chance = Chance::new(1);
        let drawn: Vec<f64> = (0..20_000).map(|_| chance.bell()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
