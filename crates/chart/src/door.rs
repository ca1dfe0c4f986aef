//! The door itself: what every act needs.

use std::sync::Arc;
use std::time::Duration;

use access::passkey::PasskeySite;
use access::{Act, Budgets, Caller, Permitted, PermittedSet, Policy, Role, Setting, decide_set};
use fhir::{Limits, Moment, RecordId, ResourceType};
use store::{Drawer, Store};

use crate::accounts::Ledger;
use crate::budget::Spent;
use crate::bulk::Bench;
use crate::circumstances::KnownRecords;
use crate::closure::{OwnTables, Tables};
use crate::custom::InForce;
use crate::error::{Error, Result};
use crate::found::Named;
use crate::glass::Glass;
use crate::intake::Bell;
use crate::joined::JoinedPersons;
use crate::locks::Locks;
use crate::matching::Census;
use crate::months::Months;
use crate::systems::Systems;
use crate::openings::Remembered;
use crate::search::sorted::Runs;
use crate::standing::{Standing, Standings};
use crate::subscription::{SUBSCRIPTION, Written};
use crate::terminology::Shelf;
use crate::times::Times;
use crate::watch::Watch;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Moment;
}

/// What a site can set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The zone of dates without one, in minutes east of UTC.
    pub zone_offset_minutes: i16,
    /// The code of the country the site stands in: its ages hold where a person's identifiers name none, and its rules of
    /// retention beside those of the person's. May be empty.
    pub country: String,
    /// Under which address the FHIR API is known, without a slash at the end: references that begin with it are local.
    pub base_url: String,
    /// What a reader accepts.
    pub limits: Limits,
    /// The most resources a page holds; a page may be smaller.
    pub largest_page: usize,
    /// The page where nobody asks for a size.
    pub usual_page: usize,
    /// Candidates a search may look at before it is refused as too costly.
    pub most_looked_at: usize,
    /// The same for a search that nothing narrows and that scans every record.
    pub most_scanned: usize,
    /// Searches that nothing narrows may look at as many candidates as any other.
    pub allow_scans: bool,
    /// How long a search may take before it is refused.
    pub search_patience: Duration,
    /// How much a search may hold in memory before it is refused, in bytes.
    pub search_memory_bytes: usize,
    /// Resources that `_include` and `_revinclude` bring along with one page.
    pub most_included: usize,
    /// What a written resource claims in `meta.profile` must be true, where the profile is held.
    pub claimed_profiles: bool,
    /// Who signs in at pages must have a second factor.
    pub second_factor_required: bool,
    /// An erasure and an export of the whole site take two, from the moment on at which there is a privacy officer.
    pub second_person: bool,
    /// Staff comes in with a passkey and by nothing else, once they have one.
    pub passkeys_only: bool,
    /// For which site passkeys are made; none where its address lets nobody make one.
    pub passkeys: Option<PasskeySite>,
    /// How many different persons may be opened within an hour.
    pub budgets: Budgets,
    /// From which hour until which it is night at the site's facilities.
    pub night: (u8, u8),
    /// Origins that may be notified, as `https://system.example`: nobody else is.
    pub subscription_targets: Vec<String>,
    /// Origins whose files may be fetched by an import: no others are.
    pub import_sources: Vec<String>,
    /// What is decided about whole records: consents, labels, relations of care.
    pub policy: Policy,
    /// How long a broken glass stays broken.
    pub glass_minutes: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            zone_offset_minutes: 0,
            country: String::new(),
            base_url: String::new(),
            limits: Limits { size_bytes: 64 << 20, ..Limits::default() },
            largest_page: 1000,
            usual_page: 50,
            most_looked_at: 2_000_000,
            most_scanned: 50_000,
            allow_scans: false,
            search_patience: Duration::from_secs(20),
            search_memory_bytes: 256 << 20,
            most_included: 2000,
            claimed_profiles: true,
            second_factor_required: false,
            second_person: false,
            passkeys_only: false,
            passkeys: None,
            budgets: Budgets::default(),
            night: (22, 6),
            subscription_targets: Vec::new(),
            import_sources: Vec::new(),
            policy: Policy::default(),
            glass_minutes: 60,
        }
    }
}

/// The one door. Cheap to clone.
#[derive(Clone)]
pub struct Chart {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub store: Arc<Store>,
    pub times: Times,
    pub settings: Settings,
    pub locks: Locks,
    pub opened: Remembered,
    pub months: Months,
    pub systems: Systems,
    /// What a write makes old is forgotten by the thread that commits: these are shared with it.
    pub shelf: Arc<Shelf>,
    pub tables: Tables,
    pub bench: Bench,
    pub bell: Bell,
    pub census: Census,
    pub written: Arc<Written>,
    pub named: Arc<Named>,
    pub runs: Runs,
    /// The parts of the shared space where Subscriptions lie.
    pub wiring: Arc<[RecordId]>,
    /// The parts of the shared space where closure tables lie.
    pub table_parts: Arc<[RecordId]>,
    pub custom: InForce,
    pub ledger: Ledger,
    pub policy: Arc<Policy>,
    pub known: Arc<KnownRecords>,
    pub joined: Arc<JoinedPersons>,
    pub standings: Arc<Standings>,
    pub glass: Glass,
    pub spent: Spent,
    pub watch: Watch,
}

impl Chart {
    /// Opens the door on a store.
    pub fn open(store: Store, clock: Arc<dyn Clock>, settings: Settings) -> Result<Chart> {
        let newest = store.newest_tick()?;
        let months = Months::of(&store)?;
        let systems = Systems::of(&store, newest.0 == 0)?;
        let wiring = ResourceType::named(SUBSCRIPTION).into_iter().flat_map(|kind| store.shared_records(kind).collect::<Vec<_>>()).collect();
        let table_parts = ResourceType::named(crate::closure::CONCEPT_MAP).into_iter().flat_map(|kind| store.shared_records(kind).collect::<Vec<_>>()).collect();
        let shelf = Arc::new(Shelf::of(&store)?);
        let policy = Arc::new(Policy { zone_offset_minutes: settings.zone_offset_minutes, ..settings.policy.clone() });
        let inner = Inner {
            months,
            systems,
            policy,
            known: Arc::default(),
            joined: Arc::default(),
            standings: Arc::default(),
            glass: Glass::default(),
            wiring,
            table_parts,
            store: Arc::new(store),
            times: Times::new(clock, newest),
            settings,
            locks: Locks::new(),
            opened: Remembered::new(),
            census: Census::default(),
            written: Arc::default(),
            named: Arc::default(),
            runs: Runs::default(),
            shelf,
            tables: Tables::default(),
            bench: Bench::default(),
            bell: Bell::default(),
            custom: InForce::default(),
            ledger: Ledger::default(),
            spent: Spent::default(),
            watch: Watch::default(),
        };
        let chart = Chart { inner: Arc::new(inner) };
        chart.read_custom()?;
        chart.read_joined()?;
        match chart.recount() {
            // Whoever checks the log tells of it. The door opens all the same, and the hour of the budgets begins anew.
            Err(Error::Store(store::Error::Damaged(_) | store::Error::Seal(_))) => {}
            counted => counted?,
        }
        Ok(chart)
    }

    /// Now, as the door's clock says.
    pub fn now(&self) -> Moment {
        self.inner.times.now()
    }

    /// The settings it was opened with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The store's commit numbers, shard by shard, for the anchor kept elsewhere.
    pub fn commit_numbers(&self) -> Result<Vec<u64>> {
        Ok(self.inner.store.commit_numbers()?)
    }

    /// False once a write has failed: nothing is written, and nobody is opened anew, until the store is reopened.
    pub fn takes_writes(&self) -> bool {
        self.inner.store.takes_writes()
    }

    /// The sealed notes of another room of the house. They open no record.
    pub fn drawer(&self, room: &'static str) -> Drawer {
        Drawer::new(self.inner.store.clone(), room)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    /// The right to an act on a record. Hidden looks like absent.
    pub(crate) fn permit(&self, caller: &Caller, act: Act, record: RecordId) -> Result<Permitted> {
        self.right(&self.permitted_set(caller, act)?, record)?.ok_or(Error::NotFound)
    }

    /// The right to write. Who may see but not write is told so; who may not see is told nothing.
    pub(crate) fn permit_write(&self, caller: &Caller, record: RecordId) -> Result<Permitted> {
        match self.permit(caller, Act::Write, record) {
            Err(Error::NotFound) if self.permit(caller, Act::Read, record).is_ok() => Err(Error::Forbidden),
            decided => decided,
        }
    }

    /// What a caller may touch with an act over many records.
    pub(crate) fn permitted_set(&self, caller: &Caller, act: Act) -> Result<PermittedSet> {
        let Standing { stands_for, within } = self.standing_of(&caller.account)?;
        let setting = Setting { policy: self.inner.policy.clone(), stands_for, within, at: self.now(), answers: self.scope_answers(caller), around: self.who_looks_around(caller) };
        let set = decide_set(caller, act, setting).knowing_wiring(self.inner.wiring.clone());
        // Whoever keeps the server running sees every table.
        let set = match caller.account.role {
            Role::Operator | Role::Console => set,
            _ => set.knowing_apart(self.inner.table_parts.clone(), Arc::new(OwnTables { account: caller.account.number })),
        };
        Ok(if caller.account.role == Role::Person { set.knowing_persons(self.readable(&caller.account)?) } else { set })
    }

    /// Finishes what was handed over and closes the store.
    pub fn close(&self) -> Result<()> {
        Ok(self.inner.store.close()?)
    }
}
