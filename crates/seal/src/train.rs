//! Training a dictionary out of samples. For the tool that adds dictionaries to
//! the program; the program itself never trains.

use zstd::zstd_safe::{CCtx, CDict};

use crate::Error;
use crate::dictionaries::LEVEL;

/// A new dictionary and what it achieves.
pub struct Trained {
    /// The file to put into `dictionaries/`.
    pub bytes: Vec<u8>,
    /// How many times smaller samples become that the training did not see.
    pub ratio: f64,
}

/// Trains a dictionary of at most `size_bytes` out of samples of one resource type
/// and measures it on every tenth sample, which the training does not see.
///
/// About a hundred times the dictionary's size in samples is enough; 64 KiB was
/// the knee on synthetic records.
pub fn train(samples: &[Vec<u8>], size_bytes: usize) -> Result<Trained, Error> {
    let seen: Vec<&[u8]> = pick(samples, |place| place % 10 != 9);
    let kept_back: Vec<&[u8]> = pick(samples, |place| place % 10 == 9);
    let bytes = zstd::dict::from_samples(&seen, size_bytes).map_err(|_| Error::NotCompressed)?;
    let dictionary = CDict::create(&bytes, LEVEL);
    let mut context = CCtx::create();
    let (mut plain, mut small) = (0, 0);
    for sample in kept_back {
        let mut frame = Vec::with_capacity(zstd::zstd_safe::compress_bound(sample.len()));
        context
            .compress_using_cdict(&mut frame, sample, &dictionary)
            .map_err(|_| Error::NotCompressed)?;
        plain += sample.len();
        small += frame.len();
    }
    Ok(Trained {
        bytes,
        ratio: plain as f64 / small.max(1) as f64,
    })
}

fn pick(samples: &[Vec<u8>], wanted: impl Fn(usize) -> bool) -> Vec<&[u8]> {
    samples
        .iter()
        .enumerate()
        .filter(|(place, _)| wanted(*place))
        .map(|(_, sample)| sample.as_slice())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_makes_alike_samples_small() {
        let samples: Vec<Vec<u8>> = (0..2000)
            .map(|number: u32| {
                let value = number.wrapping_mul(2_654_435_761);
                format!(r#"{{"resourceType":"Observation","status":"final","code":{{"coding":[{{"system":"urn:codes","code":"{}"}}]}},"valueQuantity":{{"value":{value},"unit":"mg"}}}}"#, value % 40).into_bytes()
            })
            .collect();
        let trained = train(&samples, 8 << 10).expect("enough samples");
        assert!(trained.bytes.len() <= 8 << 10);
        assert!(trained.ratio > 4.0, "ratio {}", trained.ratio);
    }
}
