//! A clinic in memory: a store, a clock that moves when told, seeded chance, and people at the door.
//!
//! * The same seed is the same clinic.
//! * Not shipped: only tests and benches lean on it.

#![forbid(unsafe_code)]

pub mod authenticator;
#[cfg(feature = "face")]
mod face;
pub mod fuzz;
pub mod invent;
pub mod secrets;
pub mod told;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use access::{Account, Caller, Purpose, Role, Session};
use chart::{Chart, Clock, Settings};
use fhir::Moment;
use seal::{InstitutionKey, Stream};
use store::engine::Engine;
use store::memory::Memory;
use store::{Shape, Store};

/// A clock that stands until it is moved, and moves a millisecond with each look so that
/// times tell events apart.
pub struct Hands(AtomicI64);

impl Hands {
    /// Stands at a moment, for two clinics that must tell the same times.
    pub fn stand_at(&self, at: Moment) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Moves it forward.
    pub fn forward_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

/// A clinic: the door, its clock and what lies below.
pub struct Clinic {
    /// The door.
    pub chart: Chart,
    /// Its clock.
    pub hands: Arc<Hands>,
    /// The engine of the data.
    pub data: Arc<dyn Engine>,
    /// The engine of the keys.
    pub keyring: Arc<dyn Engine>,
}

impl Clinic {
    /// An authorization server of the clinic; another one knows nothing of its codes.
    pub fn oauth(&self) -> Arc<oauth::Server> {
        oauth(&self.chart)
    }
}

/// An authorization server over a door.
pub fn oauth(chart: &Chart) -> Arc<oauth::Server> {
    Arc::new(oauth::Server::new(chart.drawer("oauth"), BASE_URL, chart.now()))
}

/// 2026-03-02T08:00:00Z, when every clinic opens.
pub const OPENS: Moment = Moment(1_772_438_400_000);

/// A clinic on engines in memory.
pub fn clinic() -> Clinic {
    clinic_on(Arc::new(Memory::new()), Arc::new(Memory::new()), 7)
}

/// A clinic that may notify these origins.
pub fn clinic_telling(targets: &[&str]) -> Clinic {
    let settings = Settings { subscription_targets: targets.iter().map(|target| target.to_string()).collect(), ..settings() };
    clinic_with(Arc::new(Memory::new()), Arc::new(Memory::new()), 7, settings)
}

/// A clinic whose imports may fetch from these origins.
pub fn clinic_fetching(sources: &[&str]) -> Clinic {
    let settings = Settings { import_sources: sources.iter().map(|source| source.to_string()).collect(), ..settings() };
    clinic_with(Arc::new(Memory::new()), Arc::new(Memory::new()), 7, settings)
}

/// A clinic on given engines; a store is made if there is none.
pub fn clinic_on(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>, seed: u8) -> Clinic {
    clinic_with(data, keyring, seed, settings())
}

/// A clinic in memory with settings of its own.
pub fn clinic_set(settings: Settings) -> Clinic {
    clinic_with(Arc::new(Memory::new()), Arc::new(Memory::new()), 7, settings)
}

/// The settings of any clinic.
pub fn settings() -> Settings {
    Settings { base_url: BASE_URL.to_owned(), ..Settings::default() }
}

/// A clinic on given engines with settings of its own; a store is made if there is none.
pub fn clinic_with(data: Arc<dyn Engine>, keyring: Arc<dyn Engine>, seed: u8, settings: Settings) -> Clinic {
    let key = key();
    if !Store::exists(&data).expect("the engine answers") {
        Store::create(&data, &key, Shape::default()).expect("an empty engine takes a store");
    }
    let store = Store::open(data.clone(), keyring.clone(), &key, [seed; 32]).expect("a fresh store opens");
    let hands = Arc::new(Hands(AtomicI64::new(OPENS.0)));
    let chart = Chart::open(store, hands.clone(), settings).expect("the door opens");
    Clinic { chart, hands, data, keyring }
}

/// The address under which the clinic's API is known.
pub const BASE_URL: &str = "http://127.0.0.1:8080/fhir";

/// The key of every test clinic.
pub fn key() -> InstitutionKey {
    InstitutionKey::new(&mut Stream::new([42; 32]))
}

/// Somebody at the door in a role, in a session of their own.
pub fn caller(role: Role) -> Caller {
    let number = Role::ALL.iter().position(|(one, _)| *one == role).unwrap_or(0) as u64 + 1;
    Caller {
        account: Account {
            number,
            login: role.word().to_owned(),
            display: role.word().to_owned(),
            role,
            institution: "Test clinic".to_owned(),
            language: "en".to_owned(),
        },
        purpose: Purpose::Treatment,
        session: Session { number: 100 + number, began: OPENS },
        grant: None,
    }
}

/// The texts on the first page of a search: `found(&chart, &caller, "Task", "status=requested")`.
pub async fn found(chart: &Chart, caller: &Caller, of: &str, query: &str) -> Vec<String> {
    let kind = fhir::ResourceType::named(of).expect("a type of R4");
    let pairs = search::split_query(query);
    let context = search::QueryContext { base_url: BASE_URL.to_owned(), codes: chart.codes(), custom: chart.custom(), ..Default::default() };
    let query = search::Query::parse(kind, pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())), search::Handling::Strict, context).expect("a query of R4");
    let page = chart.search(caller, &query, None).await.expect("the search is answered");
    page.items.into_iter().map(|hit| hit.stored.text).collect()
}

/// A runtime for tests that wait.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts").block_on(work)
}
