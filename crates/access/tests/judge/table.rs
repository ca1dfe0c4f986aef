//! The rules as a table: what stands in a record, who asks, what they see.
//!
//! `consent` lines give a date and a rule in the order of FHIR's provision: `deny to:south label:HIV`.
//! After `but` comes an exception of the rule before it.

use access::{Policy, Purpose};
use country::ConsentRegime;

use crate::{asker, day, learned, left, policy, verdict};

/// Words that name a resource of a story.
fn resource(word: &str) -> String {
    let observation = |id: &str, inner: &str| format!(r#"{{"resourceType":"Observation","id":"{id}","status":"final","effectiveDateTime":"2026-02-01",{inner}}}"#);
    match word {
        "patient" => r#"{"resourceType":"Patient","id":"ana"}"#.to_owned(),
        "consent" => r#"{"resourceType":"Consent","id":"c","status":"active"}"#.to_owned(),
        "agreement" => r#"{"resourceType":"Consent","id":"t","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"treatment"}]}}"#.to_owned(),
        "claim" => r#"{"resourceType":"Claim","id":"k","status":"active"}"#.to_owned(),
        "pressure" => observation("p", r#""code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]}"#),
        "pressure-of-north" => observation("p", r#""code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"performer":[{"reference":"Organization/north"}]"#),
        "hiv-test-of-north" => observation("h", r#""code":{"coding":[{"system":"http://loinc.org","code":"75622-1"}]},"performer":[{"reference":"Organization/north"}]"#),
        "order-for-north" => r#"{"resourceType":"ServiceRequest","id":"f","status":"active","performer":[{"reference":"Organization/north"}],"requester":{"reference":"Organization/south"}}"#.to_owned(),
        "hiv-test" => observation("h", r#""code":{"coding":[{"system":"http://loinc.org","code":"75622-1"}]}"#),
        "marked" => observation("m", r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"}]},"code":{"text":"x"}"#),
        "sealed" => observation("s", r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"V"}]},"code":{"text":"x"}"#),
        "depression" => r#"{"resourceType":"Condition","id":"d","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"F32.1"}]}}"#.to_owned(),
        "contraception" => r#"{"resourceType":"Condition","id":"z","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"Z30.0"}]}}"#.to_owned(),
        _ => panic!("{word} is no resource of a story"),
    }
}

/// `deny to:south label:HIV type:Observation code:8480-6 purpose:TREAT data:Observation/p from:… until:… on:…`
fn provision(words: &[&str]) -> String {
    let mut parts = vec![format!(r#""type":"{}""#, words[0])];
    let of = |name: &str| words.iter().filter_map(|word| word.strip_prefix(name)).collect::<Vec<_>>();
    let list = |name: &str, items: Vec<String>| (!items.is_empty()).then(|| format!(r#""{name}":[{}]"#, items.join(",")));
    let actor = |who: &str| match who {
        "account" => r#"{"role":{"text":"x"},"reference":{"identifier":{"system":"https://carnet.health/fhir/NamingSystem/account","value":"ruiz"}}}"#.to_owned(),
        "somebody" => r#"{"role":{"text":"x"},"reference":{"display":"Somebody"}}"#.to_owned(),
        who => format!(r#"{{"role":{{"text":"x"}},"reference":{{"reference":"Organization/{who}"}}}}"#),
    };
    parts.extend(list("actor", of("to:").into_iter().map(actor).collect()));
    parts.extend(list("securityLabel", of("label:").into_iter().map(|code| format!(r#"{{"code":"{code}"}}"#)).collect()));
    parts.extend(list("class", of("type:").into_iter().map(|code| format!(r#"{{"system":"http://hl7.org/fhir/resource-types","code":"{code}"}}"#)).collect()));
    parts.extend(list("code", of("code:").into_iter().map(|code| format!(r#"{{"coding":[{{"code":"{code}"}}]}}"#)).collect()));
    parts.extend(list("action", of("action:").into_iter().map(|code| format!(r#"{{"coding":[{{"code":"{code}"}}]}}"#)).collect()));
    parts.extend(list("purpose", of("purpose:").into_iter().map(|code| format!(r#"{{"code":"{code}"}}"#)).collect()));
    parts.extend(list("data", of("data:").into_iter().map(|name| format!(r#"{{"meaning":"instance","reference":{{"reference":"{name}"}}}}"#)).collect()));
    for until in of("until:") {
        parts.push(format!(r#""period":{{"end":"{until}"}}"#));
    }
    for on in of("before:") {
        parts.push(format!(r#""dataPeriod":{{"end":"{on}"}}"#));
    }
    parts.join(",")
}

fn consent(date: &str, words: &[&str]) -> String {
    let mut rules = words.split(|word| *word == "but").map(provision);
    let first = rules.next().expect("a consent has a rule");
    let exceptions: Vec<String> = rules.map(|rule| format!("{{{rule}}}")).collect();
    let exceptions = if exceptions.is_empty() { String::new() } else { format!(r#","provision":[{}]"#, exceptions.join(",")) };
    format!(
        r#"{{"resourceType":"Consent","status":"active","scope":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}}]}},"dateTime":"{date}","provision":{{{first}{exceptions}}}}}"#
    )
}

/// Tells a story: what stands in the record, and after it who sees what on which day.
fn check_under(policy: &Policy, story: &str) {
    let mut resources: Vec<String> = Vec::new();
    let mut seen = 0;
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[0] {
            "person" => resources.push(format!(r#"{{"resourceType":"Patient","birthDate":"{}","managingOrganization":{{"reference":"Organization/{}"}}{}}}"#, words[1], words[3],
                if words.contains(&"staff") { r#","meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"EMPL"}]}"# } else { "" })),
            "encounter" => resources.push(format!(r#"{{"resourceType":"Encounter","status":"in-progress","serviceProvider":{{"reference":"Organization/{}"}}}}"#, words[2])),
            "stay" => resources.push(format!(r#"{{"resourceType":"Encounter","status":"in-progress","class":{{"code":"IMP"}},"serviceProvider":{{"reference":"Organization/{}"}}}}"#, words[2])),
            "left" => resources.push(left(words[1], words[2])),
            "back" => resources.push(left(words[2], "2026-01-01").replace(r#""code":"transferred""#, r#""code":"other""#).replace(r#","period":{"end":"2026-01-01T00:00:00Z"}"#, "").replace("finished", "active")),
            "order" => resources.push(format!(r#"{{"resourceType":"ServiceRequest","status":"active","performer":[{{"reference":"Organization/{}"}}]}}"#, words[2])),
            "holds" => resources.push(resource(words[1])),
            "consent" => resources.push(consent(words[1], &words[2..])),
            "withdraw" => drop(resources.pop()),
            _ => {
                let (role, institution) = words[0].split_once('@').unwrap_or((words[0], ""));
                let (purpose, broke_glass) = if words[1] == "BTG" { ("ETREAT", true) } else { (words[1], false) };
                let asker = asker(role, &[institution], purpose, day(words[3]));
                assert!(Purpose::named(words[1]).is_some());
                let text = resource(words[2]);
                let mut known = resources.clone();
                known.push(text.clone());
                let found = verdict(&asker, policy, &learned(&known, policy), broke_glass, &text);
                assert_eq!(format!("{} {found:?}", if found.shows() { "shown" } else { "hidden" }), words[4..].join(" "), "{line}");
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "a story asks something");
}

fn check(story: &str) {
    check_under(&policy(), story);
}

#[test]
fn without_a_consent_or_a_label_everything_is_open() {
    check_under(&Policy::default(), "
        holds hiv-test
        physician@south    TREAT   pressure  2026-03-01  shown Open
        physician@south    TREAT   hiv-test  2026-03-01  shown Open
        physician@south    TREAT   sealed    2026-03-01  shown Open
        nurse@north        TREAT   marked    2026-03-01  shown Open
        integration@north  HOPERAT pressure  2026-03-01  shown Open
        console            HOPERAT hiv-test  2026-03-01  shown Keys
    ");
}

#[test]
fn what_is_sensitive_is_for_those_who_care_in_a_role_that_needs_it() {
    check("
        person 1958-03-12 unit north
        physician@north    TREAT  hiv-test    2026-03-01  shown Open
        nurse@north        TREAT  hiv-test    2026-03-01  shown Open
        laboratory@north   TREAT  hiv-test    2026-03-01  shown Open
        laboratory@north   TREAT  depression  2026-03-01  hidden LabelRole
        imaging@north      TREAT  hiv-test    2026-03-01  hidden LabelRole
        admissions@north   TREAT  hiv-test    2026-03-01  hidden LabelRole
        physician@south    TREAT  hiv-test    2026-03-01  hidden LabelRelation
        physician@south    TREAT  depression  2026-03-01  hidden LabelRelation
        physician@south    TREAT  marked      2026-03-01  hidden LabelRelation
        physician@south    TREAT  pressure    2026-03-01  shown Open
        physician@south    BTG    hiv-test    2026-03-01  shown Glass
        physician@south    ETREAT hiv-test    2026-03-01  hidden LabelRelation
        encounter at south
        physician@south    TREAT  hiv-test    2026-03-01  shown Open
    ");
}

#[test]
fn an_order_is_a_relation_of_care() {
    check("
        person 1958-03-12 unit north
        laboratory@south   TREAT  hiv-test  2026-03-01  hidden LabelRelation
        order to south
        laboratory@south   TREAT  hiv-test  2026-03-01  shown Open
    ");
}

#[test]
fn what_is_sealed_is_for_those_who_break_the_glass() {
    check("
        person 1958-03-12 unit north
        physician@north    TREAT    sealed  2026-03-01  hidden Sealed
        integration@north  HOPERAT  sealed  2026-03-01  hidden Sealed
        physician@north    BTG      sealed  2026-03-01  shown Glass
    ");
}

#[test]
fn an_adolescent_is_told_apart_to_the_birthday() {
    check("
        person 2010-03-02 unit north
        physician@north  TREAT  contraception  2026-03-01  shown Open
        physician@south  TREAT  contraception  2026-03-01  hidden LabelRelation
    ");
    check("
        person 2010-03-02 unit north
        consent 2026-01-01 deny label:ADOL
        physician@north  TREAT  contraception  2022-03-01  shown Open
        physician@north  TREAT  contraception  2022-03-02  hidden Refused
        physician@north  TREAT  contraception  2028-03-01  hidden Refused
        physician@north  TREAT  contraception  2028-03-02  shown Open
        physician@north  TREAT  pressure       2026-03-01  shown Open
    ");
}

#[test]
fn the_record_of_a_member_of_staff_is_for_those_who_care() {
    check("
        person 1980-01-01 unit north staff
        physician@north  TREAT  pressure  2026-03-01  shown Open
        physician@south  TREAT  pressure  2026-03-01  hidden LabelRelation
        physician@south  TREAT  patient   2026-03-01  shown Open
    ");
}

#[test]
fn who_refuses_is_obeyed_until_it_is_withdrawn() {
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny to:south
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
        physician@south  TREAT  patient   2026-03-01  shown Open
        physician@south  TREAT  consent   2026-03-01  hidden AboutRefusal
        admissions@south TREAT  consent   2026-03-01  shown Open
        physician@north  TREAT  pressure  2026-03-01  shown Open
        physician@north  TREAT  consent   2026-03-01  shown Open
        physician@south  BTG    pressure  2026-03-01  shown Glass
        withdraw
        physician@south  TREAT  pressure  2026-03-01  shown Open
    ");
}

#[test]
fn who_works_in_a_part_is_meant_with_the_whole() {
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny to:whole-of-south
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
        physician@south  TREAT  consent   2026-03-01  hidden AboutRefusal
        physician@north  TREAT  pressure  2026-03-01  shown Open
        consent 2026-01-02 permit to:whole-of-south
        physician@south  TREAT  pressure  2026-03-01  shown Permitted
    ");
}

#[test]
fn what_is_agreed_to_in_treatment_tells_nothing_of_a_refusal() {
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny to:south
        physician@south  TREAT  agreement  2026-03-01  hidden Refused
        withdraw
        consent 2026-01-01 deny type:Condition
        physician@south  TREAT  consent    2026-03-01  hidden AboutRefusal
        physician@south  TREAT  agreement  2026-03-01  shown Open
    ");
    // Purposes that nobody has here: refused to nobody.
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny purpose:HRESCH
        physician@north  TREAT  pressure   2026-03-01  shown Open
        physician@north  TREAT  consent    2026-03-01  shown Open
        consent 2026-01-02 deny purpose:HPAYMT
        physician@north  TREAT  consent    2026-03-01  hidden AboutRefusal
        physician@north  TREAT  agreement  2026-03-01  shown Open
    ");
}

#[test]
fn each_part_of_a_refusal_narrows_it() {
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny to:south type:Condition
        physician@south  TREAT  pressure    2026-03-01  shown Open
        encounter at south
        physician@south  TREAT  depression  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny code:8480-6
        physician@north  TREAT  pressure  2026-03-01  hidden Refused
        nurse@north      TREAT  claim     2026-03-01  shown Open
    ");
    check("
        person 1958-03-12 unit north
        consent 2026-01-01 deny label:HIV
        physician@north  TREAT  hiv-test  2026-03-01  hidden Refused
        physician@north  TREAT  pressure  2026-03-01  shown Open
    ");
    check("
        consent 2026-01-01 deny data:Observation/p
        physician@north  TREAT  pressure  2026-03-01  hidden Refused
        physician@north  TREAT  claim     2026-03-01  shown Open
    ");
    check("
        consent 2026-01-01 deny purpose:HPAYMT
        physician@north  TREAT   claim  2026-03-01  shown Open
        physician@north  HPAYMT  claim  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny until:2026-02-28
        physician@north  TREAT  pressure  2026-02-28  hidden Refused
        physician@north  TREAT  pressure  2026-03-01  shown Open
    ");
    check("
        consent 2026-01-01 deny before:2026-01-31
        physician@north  TREAT  pressure  2026-03-01  shown Open
        physician@north  TREAT  claim     2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny to:account
        physician@north  TREAT  pressure  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny action:correct
        physician@north  TREAT  pressure  2026-03-01  shown Open
        withdraw
        consent 2026-01-01 deny action:access
        physician@north  TREAT  pressure  2026-03-01  hidden Refused
    ");
}

#[test]
fn an_exception_goes_before_its_rule_and_the_newest_word_before_older_ones() {
    check("
        consent 2026-01-01 deny but permit to:north
        physician@north  TREAT  pressure  2026-03-01  shown Permitted
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 permit but deny to:south but permit to:south type:Observation
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
        physician@north  TREAT  pressure  2026-03-01  shown Permitted
    ");
    check("
        consent 2026-01-01 deny to:south
        consent 2026-02-01 permit to:south
        physician@south  TREAT  pressure  2026-03-01  shown Permitted
    ");
    check("
        consent 2026-02-01 deny to:south
        consent 2026-01-01 permit to:south
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny to:south
        consent 2026-02-01 deny to:west
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 permit to:south
        consent 2026-01-01 deny to:south
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
}

#[test]
fn what_cannot_be_understood_denies_and_never_permits() {
    check("
        consent 2026-01-01 deny to:somebody
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
    check("
        consent 2026-01-01 deny but permit to:somebody
        physician@south  TREAT  pressure  2026-03-01  hidden Refused
    ");
}

#[test]
fn where_a_permission_is_needed_others_see_nothing_without_one() {
    let opt_in = Policy { regime: ConsentRegime::OptIn, ..policy() };
    check_under(&opt_in, "
        physician@south  TREAT  pressure-of-north  2026-03-01  hidden NotPermitted
        physician@north  TREAT  pressure-of-north  2026-03-01  shown Open
        physician@south  TREAT  patient            2026-03-01  shown Open
        physician@south  BTG    pressure-of-north  2026-03-01  shown Glass
        consent 2026-01-01 permit to:south
        physician@south  TREAT  pressure-of-north  2026-03-01  shown Permitted
        physician@west   TREAT  pressure-of-north  2026-03-01  hidden NotPermitted
    ");
}

#[test]
fn where_a_relation_is_needed_strangers_see_who_it_is_and_no_more() {
    let strict = Policy { needs_relation: true, ..policy() };
    check_under(&strict, "
        person 1958-03-12 unit north
        physician@south    TREAT    patient   2026-03-01  shown Open
        physician@south    TREAT    pressure  2026-03-01  hidden NoRelation
        physician@north    TREAT    pressure  2026-03-01  shown Open
        integration@south  HOPERAT  pressure  2026-03-01  shown Open
        physician@south    BTG      pressure  2026-03-01  shown Glass
    ");
}

#[test]
fn who_pays_sees_what_is_billed() {
    check_under(&Policy::default(), "
        physician@north    HPAYMT   pressure  2026-03-01  hidden NotBilling
        integration@north  HPAYMT   claim     2026-03-01  shown Open
        integration@north  HPAYMT   patient   2026-03-01  shown Open
        integration@north  PUBHLTH  pressure  2026-03-01  shown Open
    ");
}

#[test]
fn an_institution_that_was_left_keeps_what_it_wrote_and_sees_nothing_else() {
    check_under(&Policy::default(), "
        person 1958-03-12 unit south
        left north 2026-02-15
        physician@north    TREAT    pressure           2026-02-14  shown Open
        physician@north    TREAT    pressure           2026-02-15  hidden Left
        nurse@north        TREAT    pressure           2026-03-01  hidden Left
        admissions@north   TREAT    pressure           2026-03-01  hidden Left
        integration@north  HOPERAT  pressure           2026-03-01  hidden Left
        physician@north    TREAT    pressure-of-north  2026-03-01  shown Open
        integration@north  HOPERAT  pressure-of-north  2026-03-01  shown Open
        physician@north    TREAT    order-for-north    2026-03-01  hidden Left
        physician@north    TREAT    consent            2026-03-01  hidden Left
        physician@north    TREAT    patient            2026-03-01  shown Open
        physician@north    BTG      pressure           2026-03-01  shown Glass
        physician@south    TREAT    pressure           2026-03-01  shown Open
        physician@south    TREAT    pressure-of-north  2026-03-01  shown Open
        physician@west     TREAT    pressure           2026-03-01  shown Open
        console            HOPERAT  pressure           2026-03-01  shown Keys
        encounter at north
        physician@north    TREAT    pressure           2026-03-01  hidden Left
        stay at north
        physician@north    TREAT    pressure           2026-03-01  shown Open
    ");
    check_under(&Policy::default(), "
        person 1958-03-12 unit south
        left north 2026-02-15
        back at north
        physician@north    TREAT    pressure           2026-03-01  shown Open
    ");
}

#[test]
fn a_transfer_closes_where_a_relation_is_needed_as_it_does_elsewhere_and_its_copy_stays() {
    check_under(&Policy { needs_relation: true, ..policy() }, "
        person 1958-03-12 unit south
        left north 2026-02-15
        physician@north    TREAT    pressure           2026-03-01  hidden Left
        physician@north    TREAT    pressure-of-north  2026-03-01  shown Open
        physician@north    TREAT    hiv-test-of-north  2026-03-01  shown Open
        imaging@north      TREAT    hiv-test-of-north  2026-03-01  hidden LabelRole
        physician@north    TREAT    hiv-test           2026-03-01  hidden Left
        physician@west     TREAT    pressure           2026-03-01  hidden NoRelation
        physician@south    TREAT    hiv-test-of-north  2026-03-01  shown Open
        consent 2026-03-01 deny to:north
        physician@north    TREAT    pressure-of-north  2026-03-02  hidden Refused
    ");
}
