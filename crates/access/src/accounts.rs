//! Who may do what to an account.

use crate::{Account, Role};

/// What is done to an account. Each is an entry of the journal of accounts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AccountAct {
    /// It is made.
    Add,
    /// Its role, dates, licence or names change.
    Change,
    /// Nobody may use it.
    Block,
    /// It may be used again.
    Unblock,
    /// It gets another password.
    SetPassword,
    /// A second person makes a code with which the holder sets a new password.
    GiveCode,
    /// The holder uses such a code.
    UseCode,
    /// Everybody signed in with it is signed out.
    EndSessions,
    /// The holder adds a second factor.
    Enrol,
    /// The holder signs in with a recovery code in place of the second factor.
    Recover,
    /// The second factor is taken off.
    ResetSecondFactor,
}

impl AccountAct {
    /// All of them, with the word that names each in the journal.
    pub const ALL: &[(AccountAct, &str)] = &[
        (AccountAct::Add, "add"),
        (AccountAct::Change, "change"),
        (AccountAct::Block, "block"),
        (AccountAct::Unblock, "unblock"),
        (AccountAct::SetPassword, "password"),
        (AccountAct::GiveCode, "give-code"),
        (AccountAct::UseCode, "use-code"),
        (AccountAct::EndSessions, "end-sessions"),
        (AccountAct::Enrol, "enrol"),
        (AccountAct::Recover, "recover"),
        (AccountAct::ResetSecondFactor, "reset-second-factor"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        AccountAct::ALL.iter().find(|(act, _)| *act == self).map_or("", |(_, word)| word)
    }

    /// The act of that word.
    pub fn named(word: &str) -> Option<AccountAct> {
        AccountAct::ALL.iter().find(|(_, name)| *name == word).map(|(act, _)| *act)
    }
}

/// May somebody do this to that account? What no line allows is refused.
///
/// An operator or a desk keeps accounts of its own institution; an operator without an
/// institution is the site's and keeps all. Who gives a code is never its holder.
pub fn may_keep(by: &Account, act: AccountAct, holder: &Account) -> bool {
    use AccountAct::*;
    let own = by.number == holder.number;
    let near = by.institution == holder.institution || (by.role == Role::Operator && by.institution.is_empty());
    match (by.role, act) {
        (Role::Console, _) => true,
        (_, UseCode | EndSessions | Enrol | Recover | SetPassword) if own => true,
        (Role::Operator, Block | Unblock | EndSessions | GiveCode) => near && !own,
        // A code for an account that watches over others would make the desk that watcher.
        (Role::Admissions, GiveCode) => near && !own && !is_watcher(holder.role),
        _ => false,
    }
}

fn is_watcher(role: Role) -> bool {
    matches!(role, Role::Operator | Role::Auditor | Role::PrivacyOfficer | Role::Integration)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(number: u64, role: &str, institution: &str) -> Account {
        let institution = institution.trim_matches('-').to_owned();
        Account { number, login: String::new(), display: String::new(), role: Role::named(role).unwrap(), institution, language: String::new() }
    }

    fn check(table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<_> = line.split_whitespace().collect();
            let by = account(1, words[0], words[1]);
            let act = AccountAct::named(words[2]).unwrap();
            let holder = if words[3] == "self" { by.clone() } else { account(2, words[3], words[4]) };
            assert_eq!(may_keep(&by, act, &holder), *words.last().unwrap() == "may", "{line}");
        }
    }

    #[test]
    fn accounts_are_kept_by_those_whose_part_it_is() {
        check("
            console     -      add                  physician   north  may
            console     -      reset-second-factor  physician   north  may
            operator    north  block                physician   north  may
            operator    north  unblock              nurse       north  may
            operator    north  end-sessions         nurse       north  may
            operator    north  give-code            nurse       north  may
            operator    north  block                physician   south  not
            operator    north  give-code            physician   south  not
            operator    -      give-code            physician   south  may
            operator    north  give-code            self               not
            operator    north  block                self               not
            operator    north  password             nurse       north  not
            operator    north  change               nurse       north  not
            operator    north  reset-second-factor  nurse       north  not
            admissions  north  give-code            physician   north  may
            admissions  north  give-code            physician   south  not
            admissions  -      give-code            physician   south  not
            admissions  north  give-code            self               not
            admissions  north  give-code            operator    north  not
            admissions  north  give-code            auditor     north  not
            admissions  north  give-code            integration north  not
            admissions  north  block                nurse       north  not
            physician   north  give-code            nurse       north  not
            physician   north  end-sessions         nurse       north  not
            physician   north  end-sessions         self               may
            physician   north  enrol                self               may
            physician   north  enrol                nurse       north  not
            auditor     north  block                nurse       north  not
        ");
    }

    #[test]
    fn every_act_has_its_word() {
        for (act, word) in AccountAct::ALL {
            assert_eq!((act.word(), AccountAct::named(word)), (*word, Some(*act)));
        }
    }
}
