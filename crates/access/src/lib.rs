//! Who may see what, and the trace it leaves.
//!
//! A [`Decision`] is made from who asks, in what role, for what purpose, to do what, about
//! which [`Subject`]. The same facts always give the same decision.
//!
//! * Where no rule speaks, the answer is [`Decision::Hide`].
//! * A hidden record looks exactly like one that does not exist.
//! * Only this crate can make a [`Permitted`] or a [`PermittedSet`]; storage takes nothing else.
//! * Nothing here knows HTTP, a clock or a store.

#![forbid(unsafe_code)]

mod accounts;
mod arrival;
mod caller;
mod decision;
pub mod totp;

pub use accounts::{AccountAct, may_keep};
pub use arrival::{Allowance, Arrival, Urgency};
pub use caller::{Account, Caller, Disclosure, Opening, Purpose, Role, Session};
pub use decision::{Act, Decision, Permitted, PermittedSet, Subject, decide, decide_set, may_answer_questions, may_audit, may_erase};
