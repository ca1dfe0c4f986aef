//! What only the outermost room may ask the system for: the time and chance.

use anyhow::{Context, Result};
use fhir::Moment;

/// The machine's clock.
pub struct SystemClock;

impl chart::Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the door by which time enters")]
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Moment(since.map_or(0, |since| since.as_millis() as i64))
    }
}

/// Thirty-two unforeseeable bytes.
pub fn seed() -> Result<[u8; 32]> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system gave no random bytes")?;
    Ok(seed)
}

/// A number nobody can foresee.
pub fn number() -> Result<u64> {
    Ok(u64::from_le_bytes(seed()?[..8].try_into().unwrap_or_default()))
}
