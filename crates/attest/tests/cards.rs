//! Cards are made, read back from their digits, and verified with the published keys alone.

use attest::{CardError, Signer, cards_of, numeric, read, verify, verify_unrevoked};
use serde_json::{Value, json};

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"https://a.example/curp","value":"SECRET"}],"name":[{"use":"official","family":"Nguyễn","given":["Thị","Hoa"]}],"birthDate":"2024-01-31","telecom":[{"value":"+52"}]}"#;

fn signer() -> Signer {
    Signer::new(testkit::clinic().chart.drawer("attest"))
}

fn dose(number: usize, more: &str) -> String {
    format!(r#"{{"resourceType":"Immunization","id":"i{number}","status":"completed","vaccineCode":{{"coding":[{{"system":"http://hl7.org/fhir/sid/cvx","code":"{}","display":"long name"}}],"text":"x"}},"patient":{{"reference":"Patient/p"}},"occurrenceDateTime":"2024-{:02}-15T10:00:00+07:00","note":[{{"text":"PRIVATE"}}]{more}}}"#, 100 + number, number % 12 + 1)
}

fn cards(signer: &Signer, doses: &[String]) -> attest::Given {
    let texts: Vec<&str> = doses.iter().map(String::as_str).collect();
    cards_of(signer, "https://record.example", 1_770_000_000, PATIENT, &texts).unwrap()
}

#[test]
fn a_card_says_what_it_needs_and_is_verified_without_asking_anybody() {
    let signer = signer();
    let given = cards(&signer, &[dose(1, r#","lotNumber":"L7""#), dose(0, "")]);
    assert_eq!((given.cards.len(), given.left_out, given.cards[0].doses.clone()), (1, 0, vec![1, 0]));
    let scanned = format!("shc:/{}", numeric(&given.cards[0].jws));
    let jws = read(&scanned).unwrap();
    assert_eq!(jws, given.cards[0].jws);
    let said = verify(&jws, &signer.jwks().unwrap(), 1_770_000_001).unwrap();
    assert_eq!((said.issuer.as_str(), said.not_before), ("https://record.example", 1_770_000_000));
    let text = said.bundle.to_string();
    for hidden in ["SECRET", "PRIVATE", "telecom", "display", "\"id\"", "long name", "10:00"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    let entry = said.bundle["entry"].as_array().unwrap();
    assert_eq!(entry[0]["resource"], json!({"resourceType":"Patient","name":[{"family":"Nguyễn","given":["Thị","Hoa"]}],"birthDate":"2024-01-31"}));
    assert_eq!(entry[1]["resource"]["occurrenceDateTime"], "2024-01-15", "the earliest first");
    assert_eq!((&entry[2]["fullUrl"], &entry[2]["resource"]["lotNumber"]), (&json!("resource:2"), &json!("L7")));
    // A file with it reads alike.
    assert_eq!(read(&json!({ "verifiableCredential": [jws] }).to_string()).unwrap(), jws);
}

#[test]
fn many_doses_are_divided_among_cards_that_each_fit_into_one_code() {
    let signer = signer();
    let doses: Vec<String> = (0..40).map(|number| dose(number, &format!(r#","lotNumber":"LOT{}""#, number * 7919))).collect();
    let given = cards(&signer, &doses);
    assert!(given.cards.len() > 1 && given.left_out == 0, "{}", given.cards.len());
    assert!(given.cards.iter().all(|card| card.jws.len() <= 1195));
    assert_eq!(given.cards.iter().map(|card| card.doses.len()).sum::<usize>(), 40);
    let keys = signer.jwks().unwrap();
    let found: usize = given.cards.iter().map(|card| verify(&card.jws, &keys, 1_770_000_001).unwrap().bundle["entry"].as_array().unwrap().len() - 1).sum();
    assert_eq!(found, 40);
}

#[test]
fn what_was_not_given_or_has_no_code_is_left_out_and_counted() {
    let signer = signer();
    let odd = [
        dose(1, "").replace("completed", "entered-in-error"),
        dose(2, "").replace("completed", "not-done"),
        dose(3, "").replace(r#""coding":["#, r#""other":["#),
        r#"{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"s","code":"c"}]},"occurrenceString":"long ago"}"#.to_owned(),
        "no json".to_owned(),
        dose(4, r#","isSubpotent":true"#),
    ];
    let given = cards(&signer, &odd);
    assert_eq!((given.cards.len(), given.left_out, given.lacks_person), (0, 6, false));
    assert_eq!(cards(&signer, &[dose(4, r#","isSubpotent":false"#)]).cards.len(), 1);
}

/// The guide wants one name and the birth date of every person.
#[test]
fn who_has_no_name_or_no_birth_date_gets_no_card() {
    let signer = signer();
    for (patient, cards) in [
        (r#"{"resourceType":"Patient","id":"p","birthDate":"2024-01-31"}"#, 0),
        (r#"{"resourceType":"Patient","id":"p","name":[{"use":"official"}],"birthDate":"2024-01-31"}"#, 0),
        (r#"{"resourceType":"Patient","id":"p","name":[{"family":"Hoa"}]}"#, 0),
        (r#"{"resourceType":"Patient","id":"p","name":[{"text":"Hoa"}],"birthDate":"2024-01-31"}"#, 1),
    ] {
        let given = cards_of(&signer, "https://record.example", 1_770_000_000, patient, &[&dose(1, "")]).unwrap();
        assert_eq!((given.cards.len(), given.lacks_person), (cards, cards == 0), "{patient}");
    }
}

#[test]
fn what_was_altered_is_not_believed() {
    let signer = signer();
    let keys = signer.jwks().unwrap();
    let jws = cards(&signer, &[dose(1, "")]).cards[0].jws.clone();
    assert_eq!(verify(&jws, &keys, 1_769_999_999), Err(CardError::TooEarly));
    assert_eq!(verify(&jws, &self::signer().jwks().unwrap(), 1_770_000_001), Err(CardError::UnknownKey), "another institution's keys");
    // Another institution's key under this one's name.
    let mut stolen: Value = self::signer().jwks().unwrap();
    stolen["keys"][0]["kid"] = keys["keys"][0]["kid"].clone();
    assert_eq!(verify(&jws, &stolen, 1_770_000_001), Err(CardError::UnknownKey));
    let parts: Vec<&str> = jws.split('.').collect();
    let other = cards(&signer, &[dose(2, "")]).cards[0].jws.clone();
    let others: Vec<&str> = other.split('.').collect();
    assert_eq!(verify(&format!("{}.{}.{}", parts[0], others[1], parts[2]), &keys, 1_770_000_001), Err(CardError::Forged));
    let mut forged = 0;
    for place in 0..jws.len() {
        let mut bytes = jws.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).unwrap();
        // The last sign of base64 has bits that mean nothing; those that decode to the same are the same card.
        if let Ok(said) = verify(&altered, &keys, 1_770_000_001) {
            assert_eq!(said, verify(&jws, &keys, 1_770_000_001).unwrap(), "{place}");
        } else {
            forged += 1;
        }
    }
    assert!(forged > jws.len() - 3, "{forged} of {}", jws.len());
    for rubbish in ["", "shc:/", "shc:/1", "shc:/9999", "shc:/ab", "{}", "{", "a.b", "a.b.c", "....", &"0".repeat(10_000)] {
        let read = read(rubbish).and_then(|jws| verify(&jws, &keys, 1_770_000_001));
        assert!(read.is_err(), "{rubbish}");
    }
}

#[test]
fn the_key_is_made_once_and_stays() {
    let clinic = testkit::clinic();
    let one = Signer::new(clinic.chart.drawer("attest"));
    let jws = cards(&one, &[dose(1, "")]).cards[0].jws.clone();
    let again = Signer::new(clinic.chart.drawer("attest"));
    assert!(verify(&jws, &again.jwks().unwrap(), 1_770_000_001).is_ok());
}

#[test]
fn cards_of_a_person_are_taken_back_up_to_a_moment() {
    let signer = signer();
    let kid = signer.kid().unwrap();
    let card = |issued: i64, patient: &str| cards_of(&signer, "https://record.example", issued, patient, &[&dose(1, "")]).unwrap().cards[0].jws.clone();
    let (early, other) = (card(1_770_000_000, PATIENT), card(1_770_000_000, &PATIENT.replace("\"id\":\"p\"", "\"id\":\"q\"")));
    // The list is there before anything is on it, and each key says how far its list has come; the count begins with 1.
    assert_eq!(signer.jwks().unwrap()["keys"][0]["crlVersion"], json!(1));
    assert_eq!(signer.revocation_list(&kid).unwrap().unwrap(), json!({ "kid": kid, "method": "rid", "ctr": 1, "rids": [] }));
    signer.revoke_cards("p", 1_770_000_100).unwrap();
    let (keys, list) = (signer.jwks().unwrap(), signer.revocation_list(&kid).unwrap().unwrap());
    assert_eq!((&keys["keys"][0]["crlVersion"], &list["ctr"]), (&json!(2), &json!(2)));
    assert_eq!(verify_unrevoked(&early, &keys, &list, 1_770_000_200), Err(CardError::Revoked));
    assert!(verify_unrevoked(&other, &keys, &list, 1_770_000_200).is_ok(), "nobody else's");
    assert!(verify_unrevoked(&card(1_770_000_100, PATIENT), &keys, &list, 1_770_000_200).is_ok(), "those that came after are good");
    signer.revoke_cards("p", 1_770_000_300).unwrap();
    let list = signer.revocation_list(&kid).unwrap().unwrap();
    assert_eq!((&list["ctr"], list["rids"].as_array().unwrap().len()), (&json!(3), 1));
    let rid = verify(&early, &keys, 1_770_000_200).unwrap().rid.unwrap();
    assert!(rid.len() <= 24 && rid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{rid}");
    assert_eq!(signer.revocation_list("another").unwrap(), None);
    // A list that another wrote without a moment takes back all of them.
    assert_eq!(verify_unrevoked(&early, &keys, &json!({ "kid": kid, "method": "rid", "rids": [rid] }), 1_770_000_200), Err(CardError::Revoked));
    // The list of another key, or one made by another method, says nothing of this card; neither does none.
    for list in [json!({ "kid": "another", "method": "rid", "rids": [] }), json!({ "kid": kid, "method": "hash-fhir", "rids": [] }), json!({ "rids": [] }), json!(null)] {
        assert_eq!(verify_unrevoked(&early, &keys, &list, 1_770_000_200), Err(CardError::NoList), "{list}");
    }
}

#[test]
fn a_card_of_the_second_in_which_others_were_taken_back_is_good() {
    let signer = signer();
    let card = |issued: i64| cards_of(&signer, "https://record.example", issued, PATIENT, &[&dose(1, "")]).unwrap().cards[0].jws.clone();
    let judged = |jws: &str, now: i64| verify_unrevoked(jws, &signer.jwks().unwrap(), &signer.revocation_list(&signer.kid().unwrap()).unwrap().unwrap(), now);
    let early = card(1_770_000_099);
    // All of this second too.
    signer.revoke_cards("p", 1_770_000_100).unwrap();
    let late = card(1_770_000_099);
    assert_eq!(judged(&early, 1_770_000_100), Err(CardError::Revoked));
    assert!(judged(&late, 1_770_000_100).is_ok(), "as soon as that second is over");
    // Taken back once more in the same second: that one too.
    signer.revoke_cards("p", 1_770_000_100).unwrap();
    assert_eq!(judged(&late, 1_770_000_200), Err(CardError::Revoked));
    assert!(judged(&card(1_770_000_099), 1_770_000_101).is_ok());
}
