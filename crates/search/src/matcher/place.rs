//! Places on the earth, as `Location.near` compares them.

use crate::path::member;
use fhir::Value;

/// The mean radius of the earth: a sphere is a third of a percent off at most.
const EARTH_METRES: f64 = 6_371_008.8;

/// How far a position is from a point; none where it does not say where it is.
pub(super) fn metres_between(position: Value<'_>, latitude: f64, longitude: f64) -> Option<f64> {
    let degrees = |name: &str| member(position, name)?.as_number()?.parse::<f64>().ok();
    Some(great_circle(degrees("latitude")?, degrees("longitude")?, latitude, longitude))
}

/// The haversine formula, which stays exact for small distances.
fn great_circle(latitude: f64, longitude: f64, other_latitude: f64, other_longitude: f64) -> f64 {
    let half_chord = |one: f64, other: f64| ((other - one).to_radians() / 2.0).sin().powi(2);
    let across = half_chord(latitude, other_latitude) + latitude.to_radians().cos() * other_latitude.to_radians().cos() * half_chord(longitude, other_longitude);
    2.0 * EARTH_METRES * across.clamp(0.0, 1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_globe() {
        for (from, to, kilometres) in [
            ((0.0, 0.0), (0.0, 0.0), 0.0),
            ((0.0, 0.0), (0.0, 1.0), 111.195),
            ((60.0, 179.5), (60.0, -179.5), 55.597),
            ((90.0, 0.0), (-90.0, 77.0), 20_015.115),
        ] {
            let metres = great_circle(from.0, from.1, to.0, to.1);
            assert!((metres / 1000.0 - kilometres).abs() < 0.01, "{from:?} {to:?}: {metres}");
        }
    }
}
