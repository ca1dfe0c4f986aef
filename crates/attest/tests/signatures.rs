//! Signatures are made, gathered as evidence, and judged without a store; what is wrong is told apart.

use std::sync::Arc;

use attest::{Algorithm, Attested, Authority, Capacity, Doubt, Evidence, Hand, HandError, Holder, Judge, SignerSaid, Standing, sign};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, UnparsedPublicKey};

const DAY: i64 = 86_400;
const NOW: i64 = 1_770_000_000;
const TEXT: &str = r#"{"resourceType":"QuestionnaireResponse","id":"r1","meta":{"versionId":"2","lastUpdated":"2026-02-02T00:00:00Z"},"status":"completed"}"#;
const OTHER: &str = r#"{"resourceType":"QuestionnaireResponse","id":"r2","meta":{"versionId":"2","lastUpdated":"2026-02-02T00:00:00Z"},"status":"completed"}"#;

struct House {
    authority: Authority,
}

impl House {
    fn new() -> House {
        House { authority: Authority::new(testkit::clinic().chart.drawer("sign")) }
    }

    fn signed(&self, text: &str, algorithm: Algorithm, now: i64) -> String {
        let hand = self.authority.hand(Holder::Account(7), &ana(), algorithm, "Test clinic", now).unwrap();
        sign(&hand, text, now, &ana(), Capacity::Author).unwrap()
    }

    fn evidence(&self, text: &str, signatures: &[&str], now: i64) -> Evidence {
        let made = Evidence { text: text.into(), signatures: signatures.iter().map(|one| one.to_string()).collect(), authority: self.authority.certificate("Test clinic", now).unwrap(), revoked: self.authority.list("Test clinic", now).unwrap(), made_at: "2026-02-02".into() };
        let read = Evidence::read(&made.written()).unwrap();
        assert!(read == made);
        read
    }
}

fn ana() -> SignerSaid {
    SignerSaid { name: "Dr. Ana".into(), role: "physician".into(), licence: "L-1".into(), place: "Test clinic".into() }
}

fn judged(evidence: &Evidence) -> Result<Attested, Doubt> {
    evidence.verify(&[]).pop().unwrap()
}

#[test]
fn a_signature_says_who_what_and_when_in_both_algorithms() {
    let house = House::new();
    for algorithm in [Algorithm::Es256, Algorithm::Ed25519] {
        let jws = house.signed(TEXT, algorithm, NOW);
        let said = judged(&house.evidence(TEXT, &[&jws], NOW + 5 * 365 * DAY)).unwrap();
        assert_eq!(said, Attested { document: "QuestionnaireResponse/r1/_history/2".into(), at_s: NOW, by: ana(), capacity: Capacity::Author, revoked_later_at_s: None });
        assert!(!jws.contains("completed") && jws.matches('.').count() == 2, "the payload lies elsewhere");
    }
}

#[test]
fn what_is_wrong_is_told_apart() {
    let house = House::new();
    let jws = house.signed(TEXT, Algorithm::Es256, NOW);
    let doubt = |text: &str, jws: &str| judged(&house.evidence(text, &[jws], NOW)).unwrap_err();
    assert_eq!(doubt(&TEXT.replace("completed", "amended"), &jws), Doubt::Altered);
    assert_eq!(doubt(OTHER, &jws), Doubt::AnotherDocument);
    assert_eq!(doubt(&TEXT.replace("\"2\"", "\"3\""), &jws), Doubt::AnotherDocument, "another version is another document");
    // The signature of somebody else under the header of this one.
    let other = House::new().signed(TEXT, Algorithm::Es256, NOW);
    let swapped = format!("{}..{}", jws.split("..").next().unwrap(), other.split("..").nth(1).unwrap());
    assert_eq!(doubt(TEXT, &swapped), Doubt::AnotherKey);
    assert_eq!(doubt(TEXT, &other), Doubt::UnknownAuthority);
    for rubbish in ["", ".", "..", "a..b", "a.b.c", &jws[..40], &jws.replace("..", ".")] {
        assert_eq!(doubt(TEXT, rubbish), Doubt::NoSignature, "{rubbish}");
    }
    // A header that says somebody else, or another moment: it is signed too.
    use base64::Engine as _;
    let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let header: serde_json::Value = serde_json::from_slice(&url.decode(jws.split("..").next().unwrap()).unwrap()).unwrap();
    for (member, value) in [("iat", serde_json::json!(NOW + 1)), ("by", serde_json::json!({"name":"X","role":"","licence":"","place":""}))] {
        let mut forged = header.clone();
        forged[member] = value;
        assert_eq!(doubt(TEXT, &format!("{}..{}", url.encode(forged.to_string()), jws.split("..").nth(1).unwrap())), Doubt::AnotherKey, "{member}");
    }
    for (member, value, expect) in [("alg", serde_json::json!("none"), Doubt::Algorithm), ("alg", serde_json::json!("HS256"), Doubt::Algorithm), ("crit", serde_json::json!(["x"]), Doubt::Algorithm), ("x5c", serde_json::json!([]), Doubt::NoSignature), ("x5c", serde_json::json!(["AAAA"]), Doubt::NoSignature)] {
        let mut forged = header.clone();
        forged[member] = value;
        assert_eq!(doubt(TEXT, &format!("{}..{}", url.encode(forged.to_string()), jws.split("..").nth(1).unwrap())), expect, "{member}");
    }
}

#[test]
fn who_signs_under_another_name_is_not_believed() {
    let house = House::new();
    let hand = house.authority.hand(Holder::Account(7), &ana(), Algorithm::Es256, "Test clinic", NOW).unwrap();
    for by in [SignerSaid { name: "Dr. Other".into(), ..ana() }, SignerSaid { place: "Elsewhere".into(), ..ana() }] {
        let jws = sign(&hand, TEXT, NOW, &by, Capacity::Author).unwrap();
        assert_eq!(judged(&house.evidence(TEXT, &[&jws], NOW)), Err(Doubt::AnotherName));
    }
}

#[test]
fn a_certificate_must_have_been_in_force_when_it_was_used() {
    let house = House::new();
    let hand = house.authority.hand(Holder::Account(7), &ana(), Algorithm::Es256, "Test clinic", NOW).unwrap();
    let at = |moment: i64| sign(&hand, TEXT, moment, &ana(), Capacity::Author).unwrap();
    let judge = |jws: &str| judged(&house.evidence(TEXT, &[jws], NOW));
    assert_eq!(judge(&at(NOW + 731 * DAY)), Err(Doubt::Expired));
    assert_eq!(judge(&at(NOW - DAY)), Err(Doubt::NotYet));
    // What was signed before it was revoked stays good, and is said to be so; what came after does not.
    let before = at(NOW + 10);
    assert!(house.authority.revoke(Holder::Account(7), NOW + 20).unwrap());
    assert!(!house.authority.revoke(Holder::Account(7), NOW + 30).unwrap());
    assert_eq!(judge(&before).unwrap().revoked_later_at_s, Some(NOW + 20));
    assert_eq!(judge(&at(NOW + 20)), Err(Doubt::Revoked));
    // The next key is another one, under another certificate.
    assert_eq!(judge(&house.signed(TEXT, Algorithm::Es256, NOW + 40)).unwrap().revoked_later_at_s, None);
}

#[test]
fn a_list_that_is_not_the_authoritys_counts_for_nothing() {
    let (house, other) = (House::new(), House::new());
    let jws = house.signed(TEXT, Algorithm::Es256, NOW);
    let mut evidence = house.evidence(TEXT, &[&jws], NOW);
    evidence.revoked = other.authority.list("Test clinic", NOW).unwrap();
    assert_eq!(judged(&evidence), Err(Doubt::List));
    evidence.revoked = b"nothing".to_vec();
    assert_eq!(judged(&evidence), Err(Doubt::List));
    evidence = house.evidence(TEXT, &[&jws], NOW);
    evidence.authority = other.authority.certificate("Test clinic", NOW).unwrap();
    assert_eq!(judged(&evidence), Err(Doubt::UnknownAuthority));
}

#[test]
fn a_certificate_is_made_anew_when_its_holder_is_something_else_or_it_soon_ends() {
    let house = House::new();
    let serial = |said: &SignerSaid, now: i64| {
        house.authority.hand(Holder::Account(7), said, Algorithm::Es256, "Test clinic", now).unwrap();
        house.authority.serial(Holder::Account(7)).unwrap().unwrap()
    };
    let first = serial(&ana(), NOW);
    assert_eq!(serial(&ana(), NOW + 600 * DAY), first);
    let promoted = serial(&SignerSaid { licence: "L-2".into(), ..ana() }, NOW + 601 * DAY);
    assert_ne!(promoted, first);
    assert_ne!(serial(&SignerSaid { licence: "L-2".into(), ..ana() }, NOW + 1310 * DAY), promoted);
}

#[test]
fn the_institution_signs_beside_the_author() {
    let house = House::new();
    let institution = SignerSaid { name: "Test clinic".into(), role: String::new(), licence: String::new(), place: String::new() };
    let hand = house.authority.hand(Holder::Institution("Test clinic"), &institution, Algorithm::Es256, "Test clinic", NOW).unwrap();
    let both = [house.signed(TEXT, Algorithm::Es256, NOW), sign(&hand, TEXT, NOW, &institution, Capacity::Institution).unwrap()];
    let said = house.evidence(TEXT, &[&both[0], &both[1]], NOW).verify(&[]);
    assert_eq!(said.iter().map(|one| one.as_ref().unwrap().capacity).collect::<Vec<_>>(), [Capacity::Author, Capacity::Institution]);
}

/// A provider elsewhere: its own algorithm, its own idea of who is trusted.
struct Elsewhere {
    pair: Arc<EcdsaKeyPair>,
    chain: Vec<Vec<u8>>,
}

impl Hand for Elsewhere {
    fn algorithm(&self) -> &str {
        "ES384"
    }
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, HandError> {
        Ok(self.pair.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec())
    }
}

impl Judge for Elsewhere {
    fn knows(&self, algorithm: &str) -> bool {
        algorithm == "ES384"
    }
    fn judge(&self, _: &str, chain: &[Vec<u8>], _: i64, input: &[u8], signature: &[u8]) -> Result<Standing, Doubt> {
        let fits = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, self.pair.public_key().as_ref()).verify(input, signature);
        fits.map_err(|_| Doubt::Unfitting)?;
        if chain == self.chain { Ok(Standing { revoked_later_at_s: None }) } else { Err(Doubt::UnknownAuthority) }
    }
}

#[test]
fn a_provider_elsewhere_signs_and_is_judged_through_the_seam() {
    let house = House::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pair = Arc::new(EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, pkcs8.as_ref()).unwrap());
    // A certificate that names the signer; who made it is for the judge to say.
    let own = house.authority.hand(Holder::Account(7), &ana(), Algorithm::Es256, "Test clinic", NOW).unwrap();
    let provider = Elsewhere { pair, chain: own.chain()[..1].to_vec() };
    let jws = sign(&provider, TEXT, NOW, &ana(), Capacity::Author).unwrap();
    let evidence = house.evidence(TEXT, &[&jws], NOW);
    assert_eq!(evidence.verify(&[]).pop().unwrap(), Err(Doubt::Algorithm), "without a judge nobody says it is good");
    assert_eq!(evidence.verify(&[&provider]).pop().unwrap().unwrap().by, ana());
    let altered = Evidence { text: TEXT.replace("completed", "amended"), ..evidence };
    assert_eq!(altered.verify(&[&provider]).pop().unwrap(), Err(Doubt::Altered));
}

#[test]
fn rubbish_is_no_evidence() {
    for text in ["", "{}", "[]", "null", r#"{"carnet-evidence":2}"#, r#"{"carnet-evidence":1,"document":"x","signatures":[],"authority":"","revoked":""}"#, r#"{"carnet-evidence":1,"document":"x","signatures":[1],"authority":"","revoked":"","made":""}"#] {
        assert!(Evidence::read(text).is_none(), "{text}");
    }
    let empty = Evidence::read(r#"{"carnet-evidence":1,"document":"x","signatures":["a..b"],"authority":"","revoked":"","made":""}"#).unwrap();
    assert_eq!(judged(&empty), Err(Doubt::NoSignature));
}
