//! What holds for every number of every system, tried on numbers made by the public algorithms.

use country::{Flaw, IdentifierSystem, ToldSex, by_code};
use proptest::prelude::*;

fn system(country: &str, key: &str) -> &'static IdentifierSystem {
    by_code(country).unwrap().identifier(key).unwrap()
}

/// The Luhn rule, written the slow way: every second digit from the right doubled, digits added.
fn luhn(body: &str) -> u32 {
    let mut sum = 0;
    for (place, sign) in body.chars().rev().enumerate() {
        let doubled = sign.to_digit(10).unwrap() * if place % 2 == 0 { 2 } else { 1 };
        sum += doubled / 10 + doubled % 10;
    }
    (10 - sum % 10) % 10
}

/// The control of a СНИЛС, step by step as it is described.
fn snils_control(body: &str) -> u32 {
    let mut sum: u32 = body
        .chars()
        .zip((1..=9).rev())
        .map(|(sign, weight)| sign.to_digit(10).unwrap() * weight)
        .sum();
    while sum > 101 {
        sum %= 101;
    }
    if sum == 100 || sum == 101 { 0 } else { sum }
}

/// The check digit of a CURP by its positions in the alphabet with Ñ.
fn curp_check(body: &str) -> u32 {
    let alphabet: Vec<char> = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ".chars().collect();
    let sum: usize = body
        .chars()
        .enumerate()
        .map(|(place, sign)| {
            alphabet.iter().position(|one| *one == sign).unwrap() * (18 - place)
        })
        .sum();
    ((10 - sum % 10) % 10) as u32
}

/// Another digit at a place.
fn changed(value: &str, place: usize, by: u32) -> String {
    let turn = |(index, sign): (usize, char)| match sign.to_digit(10) {
        Some(digit) if index == place => char::from_digit((digit + by) % 10, 10).unwrap(),
        _ => sign,
    };
    value.chars().enumerate().map(turn).collect()
}

/// One digit throughout, or nothing but zeros where the issuer counts.
fn is_placeholder(value: &str, counted: &str) -> bool {
    value.chars().all(|sign| value.starts_with(sign)) || counted.chars().all(|sign| sign == '0')
}

proptest! {
    /// Digits of one kind, and zeros where the issuer counts, are nobody's number whatever the check digit says.
    #[test]
    fn a_placeholder_is_nobodys_number(digit in 0..10_u32, group in 0..country::vn::bhyt::GROUPS.len(), level in 1..6_u32, area in 0..97_u32, province in 0..country::vn::cccd::PROVINCES.len(), year in "[0-3][0-9]{2}", control in "[0-9]{2}", roman in "[IVX]{1,4}", letters in "[А-Я]{2}", length in 6..19_usize) {
        let repeated = |length: usize| digit.to_string().repeat(length);
        let enp = format!("{area:02}{}", "0".repeat(13));
        for (country, key, value) in [
            ("mx", "nss", repeated(11)),
            ("mx", "issste", repeated(length)),
            ("vn", "cccd", repeated(12)),
            ("vn", "cccd", format!("{:03}{year}000000", country::vn::cccd::PROVINCES[province])),
            ("vn", "cmnd", repeated(9)),
            ("vn", "bhyt", repeated(10)),
            ("vn", "bhyt", format!("{}{level}{area:02}{}", country::vn::bhyt::GROUPS[group], repeated(10))),
            ("ru", "snils", repeated(11)),
            ("ru", "snils", format!("000000000{control}")),
            ("ru", "enp", repeated(16)),
            ("ru", "enp", format!("{enp}{}", luhn(&enp))),
            ("ru", "birth-certificate", format!("{roman}{letters}000000")),
        ] {
            let system = system(country, key);
            prop_assert_eq!(system.check(&value), Err(Flaw::Placeholder), "{} {}", key, value);
            prop_assert!(!system.is_synthetic(&value));
        }
    }

    #[test]
    fn nss_and_policy_notice_every_single_wrong_digit(nss in "[0-9]{10}", enp in "[0-9]{15}", place in 0..11_usize, by in 1..10_u32) {
        for (system, body) in [(system("mx", "nss"), nss), (system("ru", "enp"), enp)] {
            let value = format!("{body}{}", luhn(&body));
            let wrong = changed(&value, place, by);
            prop_assume!(!is_placeholder(&value, &body[2..]) && !is_placeholder(&wrong, &wrong[2..wrong.len() - 1]));
            prop_assert_eq!(system.check(&value), Ok(()));
            prop_assert_eq!(system.check(&wrong), Err(Flaw::CheckDigit));
            prop_assert_eq!(system.check(&system.display(&value)), Ok(()));
            prop_assert_eq!(system.normalise(&system.display(&value)), value);
        }
    }

    #[test]
    fn snils_notices_every_single_wrong_digit(body in "[1-9][0-9]{8}", place in 0..9_usize, by in 1..10_u32) {
        let snils = system("ru", "snils");
        let value = format!("{body}{:02}", snils_control(&body));
        prop_assert_eq!(snils.check(&value), Ok(()));
        // A first digit turned to 0 may fall below the numbers the rule holds for.
        let wrong = changed(&value, place, by);
        prop_assume!(wrong[..9].parse::<u32>().unwrap() > 1_001_998);
        // 100 and 0 are both written 00, so these two are not told apart.
        prop_assume!(snils_control(&wrong[..9]) != snils_control(&body));
        prop_assert_eq!(snils.check(&wrong), Err(Flaw::CheckDigit));
        prop_assert_eq!(snils.normalise(&snils.display(&value)), value);
    }

    #[test]
    fn curp_tells_birth_and_sex_and_its_homoclave_the_century(
        letters in "[A-Z][AEIOUX][A-Z]{2}", year in 1930..2029_u32, month in 1..13_u32, day in 1..29_u32,
        sex in "[HMX]", state in 0..country::mx::curp::STATES.len(), rest in "[B-DF-HJ-NP-TV-Z]{3}", mark in 0..9_u8, by in 1..10_u32,
    ) {
        let differentiator = if year < 2000 { (b'0' + mark) as char } else { (b'A' + mark) as char };
        let body = format!("{letters}{:02}{month:02}{day:02}{sex}{}{rest}{differentiator}", year % 100, country::mx::curp::STATES[state]);
        let value = format!("{body}{}", curp_check(&body));
        let curp = system("mx", "curp");
        prop_assert_eq!(curp.check(&value), Ok(()), "{}", value);
        let told = curp.tells(&value.to_lowercase());
        prop_assert_eq!((told.birth_year, told.birth_day), (Some(year), Some((month, day))));
        let expected = match sex.as_str() { "H" => ToldSex::Male, "M" => ToldSex::Female, _ => ToldSex::Other };
        prop_assert_eq!(told.sex, Some(expected));
        prop_assert_eq!(curp.check(&changed(&value, 17, by)), Err(Flaw::CheckDigit));
        prop_assert_eq!(curp.normalise(&curp.display(&value)), value);
    }

    #[test]
    fn a_number_of_twelve_digits_tells_century_and_sex(province in 0..country::vn::cccd::PROVINCES.len(), century in 0..5_u32, woman in any::<bool>(), year in 0..100_u32, rest in "[0-9]{6}") {
        prop_assume!(rest != "000000");
        let cccd = system("vn", "cccd");
        let value = format!("{:03}{}{year:02}{rest}", country::vn::cccd::PROVINCES[province], century * 2 + u32::from(woman));
        let told = cccd.tells(&cccd.display(&value));
        prop_assert_eq!(told.birth_year, Some(1900 + century * 100 + year));
        prop_assert_eq!(told.sex, Some(if woman { ToldSex::Female } else { ToldSex::Male }));
    }

    #[test]
    fn an_insurance_card_is_read_in_both_forms(group in 0..country::vn::bhyt::GROUPS.len(), level in 1..6_u32, province in 1..97_u32, number in "[0-9]{10}") {
        prop_assume!(!is_placeholder(&number, "1"));
        let bhyt = system("vn", "bhyt");
        for value in [format!("{}{level}{province:02}{number}", country::vn::bhyt::GROUPS[group]), number] {
            prop_assert_eq!(bhyt.check(&value), Ok(()));
            prop_assert_eq!(bhyt.normalise(&bhyt.display(&value)), value);
        }
    }

    #[test]
    fn a_birth_certificate_is_read_as_it_is_printed(roman in "[IVX]{1,4}", letters in "[А-Я]{2}", number in "[0-9]{6}") {
        prop_assume!(number != "000000");
        let certificate = system("ru", "birth-certificate");
        let value = format!("{roman}{letters}{number}");
        prop_assert_eq!(certificate.check(&value), Ok(()), "{}", value);
        prop_assert_eq!(certificate.normalise(&certificate.display(&value)), value);
    }

    #[test]
    fn what_has_no_check_digit_is_judged_by_its_signs_and_its_length(issste in "[A-Z0-9]{5,17}[0-9]", cmnd in "[0-9]{9}", place in 0..6_usize) {
        prop_assume!(!is_placeholder(&issste, "1") && !is_placeholder(&cmnd, "1"));
        for (system, value) in [(system("mx", "issste"), issste), (system("vn", "cmnd"), cmnd)] {
            prop_assert_eq!(system.check(&value), Ok(()));
            prop_assert_eq!(system.normalise(&system.display(&value)), value.clone());
            prop_assert_eq!(system.tells(&value), country::Told::default());
            let with_sign: String = value.chars().enumerate().map(|(index, sign)| if index == place { '#' } else { sign }).collect();
            let is_refused = matches!(system.check(&with_sign), Err(Flaw::Sign { .. } | Flaw::Length { .. }));
            prop_assert!(is_refused, "{}", with_sign);
            let is_short = matches!(system.check(&value[..4]), Err(Flaw::Length { .. }));
            prop_assert!(is_short);
        }
    }

    #[test]
    fn a_birth_certificate_with_a_digit_too_few_or_latin_letters_is_refused(roman in "[IVX]{1,4}", letters in "[А-Я]{2}", number in "[0-9]{6}", latin in "[A-Z]{2}") {
        let certificate = system("ru", "birth-certificate");
        let (few, latin) = (&number[..5], latin.to_lowercase());
        for wrong in [format!("{roman}{letters}{few}"), format!("{letters}{number}"), format!("{roman}{latin}{number}")] {
            prop_assert!(certificate.check(&wrong).is_err(), "{}", wrong);
        }
    }

    #[test]
    fn nothing_typed_makes_a_validator_stumble(value in "\\PC{0,24}") {
        for system in country::all().iter().flat_map(|country| &country.identifiers) {
            if let Err(flaw) = system.check(&value) {
                prop_assert!(!flaw.to_string().is_empty() && !flaw.remedy().is_empty());
                prop_assert_eq!(system.display(&value), value.clone());
                prop_assert_eq!(system.tells(&value), country::Told::default());
            }
        }
    }
}

/// Numbers that public descriptions of the check digits give as examples; none is known to be a person's.
#[test]
fn the_examples_of_the_public_descriptions_are_judged_as_they_say() {
    for (country, key, good) in [
        ("mx", "nss", &["12345678903", "92718462341", "01079134563", "98987654328"][..]),
        ("mx", "curp", &["BOXW310820HNERXN09", "HEGG560427MVZRRL04", "GAMR020521HTSRNFA3", "LOPA850315MDFPRN08", "RAMJ120704HJCMRNA4", "GAHC200229MMCRRRB9", "MUXX010101MNEXXXB9"]),
        ("ru", "snils", &["112-233-445 95", "087-654-302 00", "001-001-999 65", "160-722-397 50"]),
        ("ru", "enp", &["8451999122899990", "0845123456789014", "7751890612004150"]),
        ("vn", "cccd", &["006315001234", "001090123456"]),
    ] {
        for value in good {
            assert_eq!(system(country, key).check(value), Ok(()), "{key} {value}");
        }
    }
    for (country, key, wrong) in [("mx", "curp", "PEGJ850102HDFRNN08"), ("mx", "nss", "12345678904"), ("ru", "snils", "112-233-445 96"), ("ru", "enp", "8451999122899991"), ("vn", "cccd", "003090123456")] {
        assert!(system(country, key).check(wrong).is_err(), "{key} {wrong}");
    }
}

#[test]
fn a_number_of_somebody_who_is_not_born_yet_is_no_number_today() {
    let cccd = system("vn", "cccd");
    // The fourth digit tells century and sex: 3 is a woman of this century, 2 a man.
    for (value, expect) in [("001390000001", Err(Flaw::BirthToCome)), ("001290000001", Err(Flaw::BirthToCome)), ("001190000001", Ok(())), ("001226000001", Ok(())), ("001227000001", Err(Flaw::BirthToCome)), ("003190000001", Err(Flaw::Region))] {
        assert_eq!(cccd.check_on(value, (2026, 3, 2)), expect, "{value}");
    }
}
