//! The one door: every act on a record.
//!
//! A [`Chart`] authorises, validates, writes and leaves the trace, in one transaction.
//!
//! * Nothing reads or writes a record except through here, with a decision from `access`.
//! * Every person disclosed leaves an opening on disk before anything is returned.
//! * A write is on disk, whole, before it is acknowledged.
//! * Nothing here knows HTTP, HTML or an engine.

#![forbid(unsafe_code)]

mod accounts;
mod acts;
mod agreement;
pub mod arrivals;
mod audit;
mod budget;
mod bulk;
mod bundle;
mod certificates;
mod chain;
mod circumstances;
mod closure;
mod coverage;
mod custom;
mod document;
mod duplicates;
mod door;
mod duties;
mod encounter;
mod erasure;
mod error;
mod everything;
mod export;
mod forms;
mod found;
mod granted;
mod glass;
mod growth;
mod handover;
mod history;
mod holds;
mod home;
mod identity;
mod import;
mod intake;
mod joined;
mod keys;
mod lastn;
mod locks;
mod matching;
mod memory;
mod merge;
mod meta;
mod months;
mod openings;
mod origin;
mod papers;
mod patch;
mod persons;
mod questions;
mod read;
mod recall;
mod retention;
mod search;
mod signing;
mod stand_in;
mod standing;
mod stats;
mod stored;
mod subscription;
mod systems;
mod terminology;
mod times;
mod transaction;
mod transfer;
mod upkeep;
mod watch;
mod write;

pub use accounts::{AccountChange, AccountState, Attempt, CodeUse, Day, JournalEntry, NewAccount, SignIn, SignedIn, Terms};
pub use accounts::{Elsewhere, Linking, NewPasskey, Passkey, PasskeyAdded, PasskeyAttempt};
pub use accounts::{Activation, Contact, Entrusted, Invitation, Letter, LetterError, NewPerson, NewProxy, PasswordChange, PersonAccount, Post, Presence, Presented, ProxyState};
pub use acts::{SiteAct, SiteEntry};
pub use agreement::{Agreed, Agreement, Matter, STANDING_MS, WAITS_MS};
pub use audit::{AUDIT_ID, AuditQuery};
pub use budget::{Alarm, Scope};
pub use bulk::{BulkLevel, BulkLines, BulkRequest, BulkState, moment_of};
pub use bundle::{BundleOutcome, BundlePage, EntryOutcome, EntryResult, Verb};
pub use closure::{Closure, ClosureCode};
pub use coverage::{COVERAGE_KINDS, NewCoverage};
pub use custom::IndexState;
pub use door::{Chart, Clock, Settings};
pub use duties::{Duties, Queue};
pub use erasure::{DecidedErasure, Erasure, ErasureOutcome};
pub use error::{Error, Result};
pub use encounter::EncounterQuery;
pub use everything::EverythingQuery;
pub use export::Exported;
pub use self::forms::{Completion, Filled, Offered};
pub use growth::growth_table;
pub use glass::{BrokenGlass, GLASS_WORDS_LONGEST, GlassReview};
pub use handover::{HandedOver, Origin, TakenIn};
pub use history::{HistoryQuery, HistoryScope};
pub use holds::Hold;
pub use import::{Arrival, Imported, Importer};
pub use intake::{IntakeFile, IntakeLine, IntakeRequest, IntakeResult, IntakeState, IntakeStep, Rejected};
pub use keys::KeyNames;
pub use matching::{Grade, MatchWish, Matched, Matches, Reason};
pub use meta::Labelling;
pub use openings::OpeningLine;
pub use papers::{LookedUp, Paper, PaperKind, PaperState, shown_code};
pub use patch::Patch;
pub use questions::{LogQuestion, QUESTION_LONGEST, WaitingQuestion, is_log_question, read_question};
pub use duplicates::{COMPARED_AT_ONCE, Suspects};
pub use merge::{Later, Merged, Unmerged};
pub use persons::{PersonHit, PersonRecord};
pub use recall::ChildRecord;
pub use search::may_ask_why;
pub use signing::{Elsewhere as SignedElsewhere, Pen, SignedVersion, Signee, Signs};
pub use stand_in::stand_in_id;
pub use stats::{Statistic, Stats, StatsQuery};
pub use stored::{Hit, HistoryEntry, Method, Page, SearchMode, Stored, Written, WrittenAs};
pub use subscription::{Delivered, Event, Events, Place, Subscribed, SubscriptionState, SubscriptionStatus, TOPICS, Telling, Topic};
pub use terminology::{Knowledge, StoredSystem};
pub use transfer::{Assigned, Transfer};
pub use upkeep::{Checked, Finding};
pub use watch::{Sighting, Sign};
pub use write::Target;
