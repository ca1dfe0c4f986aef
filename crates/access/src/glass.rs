//! Breaking the glass: seeing what is sealed, of one person, for a while, with a reason.

use crate::{Account, Caller, Role};

/// Why somebody breaks the glass.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum GlassReason {
    /// The person is in danger.
    Danger,
    /// The person cannot speak for themselves.
    CannotSpeak,
    /// The person asks for it.
    Asked,
    /// Standing in for whoever treats the person.
    StandingIn,
    /// Another reason, told in words.
    Other,
}

impl GlassReason {
    /// All of them, with the word that names each on disk and in the API.
    pub const ALL: &[(GlassReason, &str)] = &[
        (GlassReason::Danger, "danger"),
        (GlassReason::CannotSpeak, "cannot-speak"),
        (GlassReason::Asked, "asked"),
        (GlassReason::StandingIn, "standing-in"),
        (GlassReason::Other, "other"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        GlassReason::ALL.iter().find(|(reason, _)| *reason == self).map_or("", |(_, word)| word)
    }

    /// The reason of that word.
    pub fn named(word: &str) -> Option<GlassReason> {
        GlassReason::ALL.iter().find(|(_, name)| *name == word).map(|(reason, _)| *reason)
    }
}

/// May the caller break the glass? Who treats may; a system never does, because nobody answers for it.
pub fn may_break_glass(caller: &Caller) -> bool {
    // No scope speaks of it: whoever breaks it answers for it, and a program cannot.
    caller.grant.is_none() && matches!(caller.account.role, Role::Physician | Role::Nurse)
}

/// May somebody answer whether the glass was broken with good reason, at that institution? Nobody judges
/// themselves.
pub fn may_review_glass(by: &Account, breaker: u64, institution: &str) -> bool {
    match by.role {
        Role::Console => true,
        Role::PrivacyOfficer => by.number != breaker && (by.institution.is_empty() || by.institution == institution),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_privacy_officer_of_the_institution_answers() {
        let account = |role: Role, institution: &str| Account { number: 1, login: String::new(), display: String::new(), role, institution: institution.to_owned(), language: String::new() };
        for (role, institution, expect) in [
            (Role::PrivacyOfficer, "north", true),
            (Role::PrivacyOfficer, "south", false),
            (Role::PrivacyOfficer, "", true),
            (Role::Physician, "north", false),
            (Role::Auditor, "north", false),
            (Role::Console, "", true),
        ] {
            assert_eq!(may_review_glass(&account(role, institution), 2, "north"), expect, "{role:?} {institution}");
        }
        assert!(!may_review_glass(&account(Role::PrivacyOfficer, "north"), 1, "north"), "nobody judges themselves");
    }

    #[test]
    fn every_reason_has_its_word() {
        for (reason, word) in GlassReason::ALL {
            assert_eq!((reason.word(), GlassReason::named(word)), (*word, Some(*reason)));
        }
    }
}
