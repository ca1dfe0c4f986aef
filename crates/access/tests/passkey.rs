//! What an authenticator's answer proves, and what it does not.

use access::passkey::{ALGORITHMS, MadePasskey, PasskeyKey, PasskeyRefusal, PasskeySite, ShownPasskey, made, shown};
use testkit::authenticator::{Answer, Authenticator, as_bytes};

const ORIGIN: &str = "https://record.example";
/// Questions, as pages carry them.
const ONE: &str = "b25lIHF1ZXN0aW9uIG9mIG91cnM";
const OTHER: &str = "YW5vdGhlciBxdWVzdGlvbiBvZiB1cw";

fn site() -> PasskeySite {
    PasskeySite { id: "record.example".into(), origins: vec![ORIGIN.into(), "https://ward.record.example".into()] }
}

fn authenticator(algorithm: i64) -> Authenticator {
    Authenticator::new(algorithm, "record.example", ORIGIN, &[9; 32])
}

fn makes(authenticator: &Authenticator, question: &str) -> Result<MadePasskey, PasskeyRefusal> {
    let new = authenticator.make(question);
    made(&site(), &as_bytes(question), &new.client_data, &new.attestation)
}

fn shows(key: &PasskeyKey, counter: u32, answer: &Answer, question: &str) -> Result<u32, PasskeyRefusal> {
    let Answer { client_data, authenticator_data, signature } = answer;
    shown(&site(), &as_bytes(question), key, counter, &ShownPasskey { client_data, authenticator_data, signature })
}

#[test]
fn a_passkey_of_each_kind_is_made_kept_and_shown() {
    for algorithm in ALGORITHMS {
        let mut device = authenticator(algorithm);
        let new = makes(&device, ONE).unwrap();
        assert_eq!((new.id.as_slice(), new.counter, new.is_synced), (&[9; 32][..], 1, false), "{algorithm}");
        let (number, parts) = new.key.parts();
        let kept = PasskeyKey::of_parts(number, parts.to_vec()).unwrap();
        assert_eq!((number, &kept), (algorithm, &new.key));
        device.counter = 2;
        assert_eq!(shows(&kept, 1, &device.answer(OTHER), OTHER), Ok(2), "{algorithm}");
        let stranger = authenticator(algorithm);
        assert_eq!(shows(&kept, 0, &stranger.answer(OTHER), OTHER), Err(PasskeyRefusal::WrongSignature), "{algorithm}");
    }
}

/// Changes an authenticator for the worse.
type Spoil = fn(&mut Authenticator);

/// What can be wrong with a browser and its authenticator, and the rule that notices.
const WRONG: &[(&str, Spoil, PasskeyRefusal)] = &[
    ("another origin", |device| device.origin = "https://record.example.evil.example".into(), PasskeyRefusal::OtherOrigin),
    ("our name without TLS", |device| device.origin = "http://record.example".into(), PasskeyRefusal::OtherOrigin),
    ("our name at another port", |device| device.origin = "https://record.example:8443".into(), PasskeyRefusal::OtherOrigin),
    ("our page in a frame of another", |device| device.also = ",\"crossOrigin\":true".into(), PasskeyRefusal::OtherOrigin),
    ("a frame that says whose", |device| device.also = ",\"crossOrigin\":false,\"topOrigin\":\"https://evil.example\"".into(), PasskeyRefusal::OtherOrigin),
    ("another site", |device| device.site = "evil.example".into(), PasskeyRefusal::OtherSite),
    ("a site above", |device| device.site = "example".into(), PasskeyRefusal::OtherSite),
    ("nobody there", |device| device.flags = 4, PasskeyRefusal::NotPresent),
    ("somebody who was not asked who they are", |device| device.flags = 1, PasskeyRefusal::NotVerified),
    ("copied although it cannot be", |device| device.flags = 5 | 16, PasskeyRefusal::Malformed),
    ("more that is not there", |device| device.flags = 5 | 128, PasskeyRefusal::Malformed),
    ("an answer to nothing we ask", |device| device.ceremony = Some("payment.get"), PasskeyRefusal::OtherCeremony),
    ("a member twice", |device| device.also = ",\"type\":\"webauthn.get\"".into(), PasskeyRefusal::Malformed),
    ("text where a truth belongs", |device| device.also = ",\"crossOrigin\":\"false\"".into(), PasskeyRefusal::Malformed),
];

#[test]
fn what_breaks_a_rule_is_refused_by_that_rule() {
    let good = authenticator(-7);
    let key = makes(&good, ONE).unwrap().key;
    assert_eq!(makes(&good, ONE).map(|_| ()), Ok(()));
    for (what, spoil, rule) in WRONG {
        let mut device = authenticator(-7);
        spoil(&mut device);
        assert_eq!(makes(&device, ONE).unwrap_err(), *rule, "making: {what}");
        assert_eq!(shows(&key, 0, &device.answer(ONE), ONE), Err(*rule), "showing: {what}");
    }
    let new = good.make(OTHER);
    assert_eq!(made(&site(), &as_bytes(ONE), &new.client_data, &new.attestation), Err(PasskeyRefusal::OtherChallenge));
    assert_eq!(shows(&key, 0, &good.answer(OTHER), ONE), Err(PasskeyRefusal::OtherChallenge));
    assert_eq!(made(&site(), b"", &new.client_data, &new.attestation), Err(PasskeyRefusal::OtherChallenge), "no question is no answer");
    // What was made is no sign-in, and the other way round.
    assert_eq!(made(&site(), &as_bytes(ONE), &good.answer(ONE).client_data, &new.attestation), Err(PasskeyRefusal::OtherCeremony));
}

#[test]
fn a_page_below_the_domain_may_ask_and_a_copied_key_says_so() {
    let mut device = authenticator(-7);
    device.origin = "https://ward.record.example".into();
    device.also = ",\"crossOrigin\":false,\"other_keys_can_be_added_here\":\"do not compare clientDataJSON against a template\"".into();
    device.flags = 5 | 8 | 16;
    assert!(makes(&device, ONE).unwrap().is_synced);
}

#[test]
fn a_counter_goes_up_or_stays_away() {
    let mut device = authenticator(-7);
    let key = makes(&device, ONE).unwrap().key;
    for (before, now, expected) in [
        (0, 0, Ok(0)),
        (0, 1, Ok(1)),
        (7, 8, Ok(8)),
        (7, 7, Err(PasskeyRefusal::CountedBack)),
        (7, 6, Err(PasskeyRefusal::CountedBack)),
        (7, 0, Err(PasskeyRefusal::CountedBack)),
    ] {
        device.counter = now;
        assert_eq!(shows(&key, before, &device.answer(ONE), ONE), expected, "{before} {now}");
    }
}

#[test]
fn bytes_that_were_cut_or_changed_prove_nothing() {
    let device = authenticator(-7);
    let new = device.make(ONE);
    let key = makes(&device, ONE).unwrap().key;
    let question = as_bytes(ONE);
    for cut in 0..new.attestation.len() {
        assert!(made(&site(), &question, &new.client_data, &new.attestation[..cut]).is_err(), "{cut}");
    }
    for cut in 0..new.client_data.len() {
        assert!(made(&site(), &question, &new.client_data[..cut], &new.attestation).is_err(), "{cut}");
    }
    let more = [new.attestation.as_slice(), &[0]].concat();
    assert_eq!(made(&site(), &question, &new.client_data, &more), Err(PasskeyRefusal::Malformed));
    let answer = device.answer(ONE);
    for place in 0..answer.authenticator_data.len() {
        let mut other = answer.clone();
        other.authenticator_data[place] ^= 0x20;
        assert!(shows(&key, 0, &other, ONE).is_err(), "{place}");
    }
    for place in 0..answer.signature.len() {
        let mut other = answer.clone();
        other.signature[place] ^= 1;
        assert!(shows(&key, 0, &other, ONE).is_err(), "{place}");
    }
    assert!(shows(&key, 0, &Answer { client_data: Vec::new(), authenticator_data: Vec::new(), signature: Vec::new() }, ONE).is_err());
}

#[test]
fn a_key_that_is_none_is_not_taken() {
    let device = authenticator(-7);
    let new = device.make(ONE);
    // The last byte of the attestation is the last of y: with another one the point is on no curve.
    let mut off = new.attestation.clone();
    *off.last_mut().unwrap() ^= 1;
    assert_eq!(made(&site(), &as_bytes(ONE), &new.client_data, &off), Err(PasskeyRefusal::KeyNotTaken));
    // An algorithm nobody asked for.
    let place = new.attestation.windows(4).position(|window| window == [0x01, 0x02, 0x03, 0x26]).unwrap();
    let mut odd = new.attestation.clone();
    odd[place + 3] = 0x22;
    assert_eq!(made(&site(), &as_bytes(ONE), &new.client_data, &odd), Err(PasskeyRefusal::KeyNotTaken));
    for (algorithm, parts) in [(-7, 2), (-7, 0), (-257, 1), (-8, 2), (-37, 1)] {
        assert!(PasskeyKey::of_parts(algorithm, vec![vec![1]; parts]).is_none(), "{algorithm} {parts}");
    }
}
