//! What a password may be, and how it is kept.

use argon2::Argon2;
use argon2::password_hash::phc::{PasswordHash, Salt};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use fhir::{Issue, IssueCode};
use store::Store;

use super::common::COMMON;
use super::refused;
use crate::error::{Error, Result};

/// The hash against which a login that does not exist is checked: it takes as long as any other.
pub(super) const STRANGER: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Refuses a password that others would try first.
pub(super) fn check(login: &str, password: &str) -> Result<()> {
    let lower = password.to_lowercase();
    if password.chars().count() < 8 {
        return Err(weak("password-short", "A password has at least 8 characters."));
    }
    if password.len() > 1000 {
        return Err(weak("password-long", "A password has at most 1000 bytes."));
    }
    if login.len() >= 3 && lower.contains(&login.to_lowercase()) {
        return Err(weak("password-login", "A password does not contain the login."));
    }
    if COMMON.contains(&lower.as_str()) {
        return Err(weak("password-common", "This password is one of the most common; choose another."));
    }
    Ok(())
}

pub(super) fn weak(rule: &str, message: &str) -> Error {
    Error::Refused(vec![Issue { rule: rule.to_owned(), ..Issue::error(IssueCode::Value, "", message) }])
}

/// The argon2id hash of a password, with a salt of its own.
pub(super) fn hash(store: &Store, password: &str) -> Result<String> {
    hash_with(&store.random::<16>(), password)
}

/// The same with a given salt.
pub(super) fn hash_with(salt: &[u8; 16], password: &str) -> Result<String> {
    let salt = Salt::new(salt).map_err(|_| refused("No salt could be made."))?;
    Ok(Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| refused("The password could not be hashed."))?.to_string())
}

/// True if the password is the one of the hash. Takes tens of milliseconds.
pub(super) fn is_right(hash: &str, password: &str) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(|_| store::Error::Damaged("a password hash could not be read"))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_telling_passwords_are_refused() {
        for (login, password, good) in [
            ("ana", "correct horse", true),
            ("ana", "пароль-врача", true),
            ("ana", "seven77", false),
            ("ana", "Password1", false),
            ("ana", "12345678", false),
            ("ana", "my-ANA-password", false),
            ("a", "an apple a day", true),
        ] {
            assert_eq!(check(login, password).is_ok(), good, "{password}");
        }
        assert!(check("ana", &"x".repeat(1001)).is_err());
        for (place, word) in COMMON.iter().enumerate() {
            assert!(word.chars().count() >= 8 && *word == word.to_lowercase() && !COMMON[..place].contains(word), "{word}");
        }
    }

    #[test]
    fn a_stranger_costs_what_an_account_costs() {
        let ours = hash_with(&[7; 16], "correct horse").unwrap();
        assert_eq!(ours.rsplitn(3, '$').last(), STRANGER.rsplitn(3, '$').last());
        assert_eq!(ours.len(), STRANGER.len());
        assert!(!is_right(STRANGER, "correct horse").unwrap());
        assert!(is_right(&ours, "correct horse").unwrap());
    }
}
