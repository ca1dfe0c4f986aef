//! Who may see what, and the trace it leaves.
//!
//! A [`Decision`] is made from who asks, in what role, for what purpose, to do what, about
//! which [`Subject`]. The same facts always give the same decision.
//!
//! * Where no rule speaks, the answer is [`Decision::Hide`].
//! * A record that may be opened may hold what is hidden: the right carries a [`Residual`], and
//!   storage asks it about every resource before anybody sees it ([`judge`]).
//! * A hidden record looks exactly like one that does not exist.
//! * Only this crate can make a [`Permitted`] or a [`PermittedSet`]; storage takes nothing else.
//! * Nothing here knows HTTP, a clock or a store.

#![forbid(unsafe_code)]

mod accounts;
mod apart;
mod around;
mod arrival;
mod budget;
mod caller;
mod care;
mod consent;
mod decision;
mod facts;
mod glass;
mod grant;
mod judge;
mod kept;
mod may;
pub mod passkey;
mod person;
mod proxy;
mod residual;
pub mod totp;
mod unsent;

pub use accounts::{AccountAct, may_keep};
pub use around::{Around, Known, Nowhere, Untold};
pub use arrival::{Allowance, Arrival, Urgency};
pub use budget::{Budgets, Counted, HOUR_MS, Limit, Window};
pub use caller::{Account, Caller, Disclosure, Opening, Purpose, Role, Session, may_ask_for};
pub use care::{ASSIGNED_UNIT, ASSIGNMENT, Care, INSTITUTION, Relation, TRANSFERRED, institutions_of, tells_of_assignment, tells_of_leaving};
pub use decision::{Act, Decision, Permitted, PermittedSet, Setting, Subject, decide, decide_set};
pub use glass::{GlassReason, may_break_glass, may_review_glass};
pub use grant::{Answers, Deed, Deeds, Extent, Grant, NoAnswers, Reach, Rule};
pub use kept::persons_held;
pub use may::{may_agree, may_answer_questions, may_assign, may_audit, may_erase, may_join, may_merge, may_recall, may_register, may_tell_of_death, may_tell_of_units, may_undo_transfer};
pub use judge::{Asker, Circumstances, Policy, VERY_RESTRICTED, Verdict, judge};
pub use residual::{Facts, Residual, Sieve};
pub use person::{Readable, is_at_work, scribe};
pub use proxy::{Ages, Proxy, ProxyKind};
pub use unsent::unsent_author;
