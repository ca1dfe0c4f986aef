//! The key that signs id_tokens is changed, and what the one before signed stays verifiable in its time.

use fhir::Moment;
use serde_json::Value;
use testkit::clinic;

const HOUR_MS: i64 = 3_600_000;

fn kids(server: &oauth::Server, now: Moment) -> Vec<String> {
    let Value::Array(keys) = server.jwks(now).unwrap()["keys"].clone() else { panic!("no keys") };
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_key_before_stays_public_as_long_as_what_it_signed() {
    let clinic = clinic();
    let (server, now) = (clinic.oauth(), clinic.chart.now());
    let first = kids(&server, now);
    assert_eq!(first.len(), 1);
    let subject = server.subject(7).unwrap();
    let second = server.rotate_key(now).unwrap();
    assert_eq!(kids(&server, now), [second.clone(), first[0].clone()], "the one that signs comes first");
    let third = server.rotate_key(Moment(now.0 + HOUR_MS / 2)).unwrap();
    assert_eq!(kids(&server, Moment(now.0 + HOUR_MS)), [third.clone(), first[0].clone(), second.clone()]);
    assert_eq!(server.subject(7).unwrap(), subject, "people keep their names");
    let later = Moment(now.0 + HOUR_MS + HOUR_MS / 4);
    assert_eq!(kids(&server, later), [third.clone(), second]);
    assert_eq!(kids(&clinic.oauth(), later), kids(&server, later), "after a restart too");
    assert_eq!(kids(&server, Moment(now.0 + 3 * HOUR_MS)), [third]);
}
