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
    /// The holder adds a passkey.
    AddPasskey,
    /// A passkey is taken off.
    RemovePasskey,
    /// A passkey of the holder counted back: there may be a copy of it.
    DoubtPasskey,
    /// The holder allows a program something.
    AllowProgram,
    /// The holder takes that back.
    WithdrawProgram,
    /// The holder links a provider that may let them in.
    LinkProvider,
    /// The holder takes that back.
    UnlinkProvider,
    /// The holder has the certificate of their signing key revoked.
    RevokeKey,
    /// A health station gives a person a code to make an account with.
    Invite,
    /// The person makes it.
    Activate,
    /// A code for a new password is sent to the address the holder confirmed.
    SendCode,
    /// The holder confirms an address codes can be sent to, or takes it off.
    Confirm,
    /// A health station entrusts the record of a person to the holder.
    Entrust,
    /// That ends.
    EndTrust,
    /// The holder may open more persons until the end of the day.
    RaiseBudget,
    /// What was unusual about the holder's openings is judged.
    Judge,
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
        (AccountAct::AddPasskey, "add-passkey"),
        (AccountAct::RemovePasskey, "remove-passkey"),
        (AccountAct::DoubtPasskey, "doubt-passkey"),
        (AccountAct::AllowProgram, "allow-program"),
        (AccountAct::WithdrawProgram, "withdraw-program"),
        (AccountAct::LinkProvider, "link-provider"),
        (AccountAct::UnlinkProvider, "unlink-provider"),
        (AccountAct::RevokeKey, "revoke-key"),
        (AccountAct::Invite, "invite"),
        (AccountAct::Activate, "activate"),
        (AccountAct::SendCode, "send-code"),
        (AccountAct::Confirm, "confirm"),
        (AccountAct::Entrust, "entrust"),
        (AccountAct::EndTrust, "end-trust"),
        (AccountAct::RaiseBudget, "raise-budget"),
        (AccountAct::Judge, "judge"),
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
/// institution is the site's and keeps all. Who gives a code is never its holder. The accounts of
/// persons are kept by health stations, any of them: a person belongs to no institution.
pub fn may_keep(by: &Account, act: AccountAct, holder: &Account) -> bool {
    use AccountAct::*;
    let own = by.number == holder.number;
    let near = by.institution == holder.institution || (by.role == Role::Operator && by.institution.is_empty());
    match (by.role, act) {
        (Role::Console, _) => true,
        (_, UseCode | EndSessions | Enrol | Recover | SetPassword | ResetSecondFactor | AddPasskey | RemovePasskey | DoubtPasskey | AllowProgram | WithdrawProgram | RevokeKey | SendCode | Confirm) if own => true,
        (Role::Person, Activate | EndTrust | LinkProvider | UnlinkProvider) if own => true,
        (role, Invite | GiveCode | Block | Unblock | EndSessions | Entrust | EndTrust) if role.receives_persons() && holder.role == Role::Person => true,
        (Role::Operator, Block | Unblock | EndSessions | GiveCode) => near && !own,
        (Role::PrivacyOfficer, RaiseBudget | Judge) => by.institution == holder.institution && !own,
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
            physician   north  reset-second-factor  self               may
            physician   north  add-passkey          self               may
            physician   north  remove-passkey       self               may
            physician   north  add-passkey          nurse       north  not
            operator    north  remove-passkey       nurse       north  not
            admissions  north  add-passkey          person      -      not
            person      -      add-passkey          self               may
            admissions  north  invite               person      -      may
            nurse       north  invite               person      -      may
            nurse       north  give-code            person      -      may
            nurse       north  block                person      -      may
            nurse       north  entrust              person      -      may
            nurse       north  end-trust            person      -      may
            nurse       north  activate             person      -      not
            nurse       north  password             person      -      not
            nurse       north  reset-second-factor  person      -      not
            nurse       north  invite               nurse       north  not
            physician   north  invite               person      -      not
            physician   north  entrust              person      -      not
            operator    north  block                person      -      not
            operator    -      block                person      -      may
            operator    -      entrust              person      -      not
            privacy-officer north raise-budget     physician   north  may
            privacy-officer north judge            nurse       north  may
            privacy-officer north raise-budget     physician   south  not
            privacy-officer north judge            self               not
            privacy-officer north block            physician   north  not
            operator    north  raise-budget         physician   north  not
            physician   north  raise-budget         self               not
            person      -      activate             self               may
            person      -      link-provider        self               may
            person      -      unlink-provider      self               may
            person      -      link-provider        person      -      not
            physician   north  link-provider        self               not
            person      -      send-code            self               may
            person      -      confirm              self               may
            person      -      end-trust            self               may
            person      -      entrust              self               not
            person      -      invite               person      -      not
            person      -      end-trust            person      -      not
            person      -      block                person      -      not
        ");
    }

    #[test]
    fn every_act_has_its_word() {
        for (act, word) in AccountAct::ALL {
            assert_eq!((act.word(), AccountAct::named(word)), (*word, Some(*act)));
        }
    }
}
