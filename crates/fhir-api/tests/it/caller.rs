//! Signing in.

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
fn a_flood_of_wrong_passwords_waits_and_does_not_shut_out_who_is_known() {
    let clinic = Clinic::closed();
    assert_eq!(clinic.ask("GET", "/Patient/none", &[RIGHT], "").status, 404);
    let wrong = |number: u32| clinic.ask("GET", "/Patient/none", &[("authorization", &basic("ana", &format!("wrong-{number}")))], "");
    for number in 0..10 {
        assert_eq!(wrong(number).status, 401);
    }
    let reply = wrong(99);
    assert_eq!((reply.status.as_u16(), reply.code().as_str(), reply.header("retry-after")), (429, "throttled", "60"));
    assert_eq!(clinic.ask("GET", "/Patient/none", &[RIGHT], "").status, 404);
    assert_eq!(clinic.ask("GET", "/Patient/none", &[("authorization", &basic("other", "x"))], "").status, 401);
    clinic.hands.forward_ms(61_000);
    assert_eq!(wrong(99).status, 401);
}
