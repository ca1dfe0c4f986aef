//! Signing in.

use access::{Account, Allowance, Arrival, Role};
use chart::{NewAccount, Terms};

use crate::clinic::Clinic;

const RIGHT: (&str, &str) = ("authorization", "Basic YW5hOmNvcnJlY3QtaG9yc2U=");

fn basic(login: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{login}:{password}")))
}

#[test]
fn a_right_password_opens_and_a_wrong_one_does_not() {
    let clinic = Clinic::closed();
    assert_eq!(basic("ana", "correct-horse"), RIGHT.1);
    assert_eq!(clinic.ask("GET", "/Patient/none", &[RIGHT], "").status, 404);
    for (login, password) in [("ana", "wrong"), ("ana", ""), ("Ana", "correct-horse"), ("nobody", "correct-horse"), ("", "")] {
        let reply = clinic.ask("GET", "/Patient/none", &[("authorization", &basic(login, password))], "");
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (401, "login"), "{login}");
    }
}

#[test]
fn a_verified_password_is_remembered_and_checked_again_later() {
    let clinic = Clinic::closed();
    let ask = || clinic.ask("GET", "/Patient/none", &[RIGHT], "").status;
    assert_eq!(ask(), 404);
    let started = std::time::Instant::now();
    for _ in 0..200 {
        assert_eq!(ask(), 404);
    }
    // Two hundred checks of an argon2 hash would take seconds.
    assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());
    clinic.hands.forward_ms(13 * 3_600_000);
    assert_eq!(ask(), 404);
}

#[test]
fn a_flood_of_wrong_passwords_waits_and_does_not_shut_out_who_is_known_or_somewhere_else() {
    let clinic = Clinic::closed();
    assert_eq!(clinic.ask("GET", "/Patient/none", &[RIGHT], "").status, 404);
    let wrong = |number: u32| clinic.ask_from("203.0.113.1", &[("authorization", &basic("ana", &format!("wrong-{number}")))]);
    for number in 0..5 {
        assert_eq!(wrong(number).status, 401);
    }
    let reply = wrong(99);
    assert_eq!((reply.status.as_u16(), reply.code().as_str(), reply.header("retry-after")), (429, "throttled", "15"));
    assert_eq!(clinic.ask_from("203.0.113.1", &[RIGHT]).status, 404);
    assert_eq!(clinic.ask_from("203.0.113.2", &[("authorization", &basic("ana", "wrong-100"))]).status, 401);
    assert_eq!(clinic.ask_from("203.0.113.1", &[("authorization", &basic("other", "x"))]).status, 401);
    clinic.hands.forward_ms(16_000);
    assert_eq!(wrong(99).status, 401);
    let reply = wrong(101);
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "30"));
}

#[test]
fn a_block_and_a_new_password_count_on_the_very_next_request() {
    let clinic = Clinic::closed();
    let console = testkit::caller(Role::Console).account;
    let ask = |password: &str| clinic.ask("GET", "/Patient/none", &[("authorization", &basic("ana", password))], "").status.as_u16();
    assert_eq!(ask("correct-horse"), 404);
    clinic.chart.set_password(&console, "ana", "another-horse").unwrap();
    assert_eq!((ask("correct-horse"), ask("another-horse")), (401, 404));
    clinic.chart.block_account(&console, "ana").unwrap();
    assert_eq!(ask("another-horse"), 401);
}

#[test]
fn a_password_alone_does_not_open_an_account_with_a_second_factor() {
    let clinic = Clinic::closed();
    let console = testkit::caller(Role::Console).account;
    let new = NewAccount { login: "ruiz".into(), display: "Ruiz".into(), role: Role::Physician, institution: "Clinic".into(), language: "es".into(), terms: Terms::default() };
    let ruiz = clinic.chart.add_account(&console, new, "correct-horse").unwrap();
    let ask = |password: &str| clinic.ask("GET", "/Patient/none", &[("authorization", &basic("ruiz", password))], "");
    assert_eq!(ask("correct-horse").status, 404);
    let secret = clinic.chart.new_factor_secret();
    let code = access::totp::code(&secret, access::totp::step_at(clinic.chart.now()));
    clinic.chart.enrol(&ruiz, &secret, &code).unwrap().unwrap();
    for _ in 0..2 {
        let reply = ask("correct-horse");
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "security"));
    }
    // Who does not know the password learns nothing of the second factor.
    assert_eq!(ask("wrong").status, 401);
}

#[test]
fn where_a_second_factor_is_required_only_systems_come_in_with_a_password() {
    let clinic = Clinic::closed_with(chart::Settings { second_factor_required: true, ..chart::Settings::default() });
    let console = testkit::caller(Role::Console).account;
    let new = NewAccount { login: "ruiz".into(), display: "Ruiz".into(), role: Role::Physician, institution: "Clinic".into(), language: "es".into(), terms: Terms::default() };
    clinic.chart.add_account(&console, new, "correct-horse").unwrap();
    for (login, expected) in [("ana", 404), ("ruiz", 403)] {
        assert_eq!(clinic.ask("GET", "/Patient/none", &[("authorization", &basic(login, "correct-horse"))], "").status, expected, "{login}");
    }
}

fn certified(login: &str) -> Arrival {
    Arrival { certified: Some(login.into()), ..Arrival::default() }
}

#[test]
fn a_certificate_signs_in_the_system_it_stands_for_and_nobody_else() {
    let status = |clinic: &Clinic, headers: &[(&str, &str)]| clinic.ask("GET", "/Patient/none", headers, "").status.as_u16();
    let clinic = Clinic::closed().arriving(certified("ana"));
    assert_eq!((status(&clinic, &[]), status(&clinic, &[])), (404, 404));
    assert_eq!(status(&clinic, &[("authorization", "Basic YW5hOndyb25n")]), 401, "a wrong password is not mended by a certificate");
    assert_eq!(status(&Clinic::closed().arriving(certified("nobody")), &[]), 401);
    let physician = Clinic::closed().arriving(certified("ruiz"));
    let new = NewAccount { login: "ruiz".into(), display: "Ruiz".into(), role: Role::Physician, institution: "Clinic".into(), language: "es".into(), terms: Terms::default() };
    physician.chart.add_account(&testkit::caller(Role::Console).account, new, "correct-horse").unwrap();
    assert_eq!(status(&physician, &[]), 401, "a person is no system");
}

/// Lets an account ask twice.
#[derive(Default)]
struct Twice(std::sync::atomic::AtomicU32);

impl Allowance for Twice {
    fn take(&self, account: &Account) -> Result<(), u32> {
        assert_eq!(account.login, "ana");
        if self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 { Ok(()) } else { Err(7) }
    }
}

#[test]
fn an_account_that_asks_too_often_is_told_when_to_come_back() {
    let clinic = Clinic::closed().arriving(Arrival { allowance: Some(std::sync::Arc::new(Twice::default())), ..Arrival::default() });
    let ask = || clinic.ask("GET", "/Patient/none", &[RIGHT], "");
    assert_eq!((ask().status.as_u16(), ask().status.as_u16()), (404, 404));
    let reply = ask();
    assert_eq!((reply.status.as_u16(), reply.code().as_str(), reply.header("retry-after")), (429, "throttled", "7"));
    assert_eq!(clinic.ask("GET", "/metadata", &[], "").status, 200, "whoever is nobody takes nothing from an account");
}

#[test]
fn a_page_elsewhere_writes_only_where_its_origin_is_registered() {
    for (is_from_registered_origin, expect) in [(false, 403), (true, 201)] {
        let clinic = Clinic::closed().arriving(Arrival { is_from_registered_origin, ..Arrival::default() });
        let headers = [RIGHT, ("sec-fetch-site", "cross-site"), ("content-type", "application/fhir+json")];
        assert_eq!(clinic.ask("POST", "/Patient", &headers, "{\"resourceType\":\"Patient\"}").status, expect);
    }
}
