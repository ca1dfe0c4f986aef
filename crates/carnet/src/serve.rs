//! `carnet serve`: the API and the pages, until told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use access::{Account, Caller, Purpose, Role, Session};
use anyhow::{Context, Result, bail};
use axum::Router;
use chart::Chart;
use fhir_api::{Api, Deliverer, FhirApi, IntakeLimits, Intaker, Patience, Settings as ApiSettings};
use front::Front;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::courier::HttpCourier;
use crate::cosignatures::Witnesses;
use crate::fetcher::HttpFetcher;
use crate::outbox::Outbox;
use crate::site::Site;
use crate::{admin, system, way_in};

/// Serve the record: the FHIR API under /fhir, the pages under /.
#[derive(clap::Args)]
pub struct Serve {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen instead of what the configuration says.
    #[arg(long)]
    listen: Option<String>,
    /// Another configuration file.
    #[arg(long)]
    config: Option<PathBuf>,
    /// Turn sign-in off: for trials and benchmarks, on a loopback address only.
    #[arg(long)]
    open: bool,
}

impl Serve {
    /// Serves until Ctrl-C or SIGTERM.
    pub fn run(self) -> Result<ExitCode> {
        let site = Site::at(&self.data, None);
        let config = Config::read(self.config.as_deref().unwrap_or(&site.config_file()))?;
        let listen: SocketAddr = self.listen.as_deref().unwrap_or(&config.listen).parse().context("--listen wants an address and a port, as 127.0.0.1:8080")?;
        let chart = site.chart(&config, &base_url(&config, listen))?;
        let scheme = scheme(&config);
        println!("Carnet listens on {scheme}://{listen}  (FHIR: {scheme}://{listen}/fhir)");
        run(site, chart, &config, listen, self.open)
    }
}

/// The address under which references are local.
pub fn base_url(config: &Config, listen: SocketAddr) -> String {
    if config.base_url.is_empty() { format!("{}://{listen}/fhir", scheme(config)) } else { config.base_url.trim_end_matches('/').to_owned() }
}

/// How this server is spoken to.
pub fn scheme(config: &Config) -> &'static str {
    if config.tls_certificate.is_some() { "https" } else { "http" }
}

/// Threads that write, search and export. More than the cores, so that a long scan does not keep
/// a short one waiting.
const THREADS: usize = 6;
/// Threads that greet, read one thing, and say that the process lives. Apart from the others: long
/// work may fill all of those.
const QUICK_THREADS: usize = 4;
/// How often the anchor outside the store is renewed.
const ANCHOR_EVERY: Duration = Duration::from_secs(10);
/// How long an opening may wait for a signature that is kept outside the store.
const SIGN_EVERY: Duration = Duration::from_secs(1);
/// How often the log is brought to its witnesses where it grew.
const WITNESS_EVERY: Duration = Duration::from_secs(5);
/// After so many of these it is brought even where it did not grow: a witness may have seen more.
const WITNESS_AGAIN: u32 = 720;
/// How often the openings since the last look are looked at.
const WATCH_EVERY: Duration = Duration::from_secs(60);
/// How often to look whether something has to be indexed that nobody is at.
const INDEX_EVERY: Duration = Duration::from_secs(60);
/// How long open answers may take to finish once the server is told to stop.
const FAREWELL: Duration = Duration::from_secs(10);

/// Serves a door until told to stop, then closes it.
pub fn run(site: Site, chart: Chart, config: &Config, listen: SocketAddr, open: bool) -> Result<ExitCode> {
    if open && !listen.ip().is_loopback() {
        bail!("--open turns sign-in off and is allowed on a loopback address only, not on {listen}");
    }
    let caller = if open { Some(everybody()?) } else { None };
    if open {
        eprintln!("WARNING: sign-in is OFF (--open). Whoever reaches {listen} on this machine reads and writes everything.");
    }
    way_in::check_institutions(config, &chart)?;
    if config.passkeys.required && chart.passkey_site().is_none() {
        bail!("[passkeys] required: nobody can make a passkey for this site; set base_url to an https address, or site and origins");
    }
    let front = way_in::front(config, listen, open)?;
    let quick = tokio::runtime::Builder::new_multi_thread().worker_threads(QUICK_THREADS).enable_all().build().context("no threads could be started")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build().context("no threads could be started")?;
    let deliverer = deliverer(&chart, config, caller.clone())?;
    let intaker = intaker(&chart, config)?;
    let witnesses = Witnesses::of(config)?;
    let oauth = Arc::new(crate::client::server(config, &chart, &chart.settings().base_url)?);
    let router = routes(&chart, config, caller, &front, oauth.clone())?;
    let numbers = chart.clone();
    runtime.block_on(async {
        let listener = quick.spawn(TcpListener::bind(listen)).await?.with_context(|| format!("could not listen on {listen}; is another server running there?"))?;
        let (stop, stopped) = watch::channel(false);
        let anchoring = tokio::spawn(anchor(site.clone(), chart.clone(), stopped.clone()));
        let signing = tokio::spawn(sign_log(site.clone(), chart.clone(), stopped.clone()));
        let watching = tokio::spawn(watch_openings(chart.clone(), stopped.clone()));
        let witnessing = tokio::spawn(bring_to_witnesses(site.clone(), chart.clone(), witnesses, stopped.clone()));
        let delivering = tokio::spawn(deliverer.run(stopped.clone()));
        let taking_in = tokio::spawn(intaker.run(stopped.clone()));
        let comparing = tokio::spawn(compare_persons(chart.clone(), config.duplicates_per_minute, stopped.clone()));
        chart.resume_bulk().context("exports that were under way could not be gone on with")?;
        let indexing = tokio::spawn(keep_indexing(chart.clone(), stopped.clone()));
        let answering = quick.spawn(admin::serve(site.clone(), config.clone(), chart.clone(), oauth, stopped.clone()));
        let rereading = quick.spawn(reread(front.clone(), stopped.clone()));
        let serving = quick.spawn(front.serve(listener, router, runtime.handle().clone(), stopped));
        told_to_stop().await;
        eprintln!("Stopping…");
        let _ = stop.send(true);
        let _ = tokio::time::timeout(FAREWELL, serving).await;
        let _ = rereading.await;
        let _ = answering.await;
        let _ = anchoring.await;
        let _ = comparing.await;
        let _ = indexing.await;
        let _ = signing.await;
        let _ = watching.await;
        let _ = witnessing.await;
        // A notification under way is told again after the next start.
        let _ = tokio::time::timeout(FAREWELL, delivering).await;
        // So is a file of an import fetched again.
        let _ = tokio::time::timeout(FAREWELL, taking_in).await;
        anyhow::Ok(())
    })?;
    site.anchor(&numbers)?;
    site.keep_checkpoint(&numbers.log_checkpoint())?;
    numbers.close()?;
    Ok(ExitCode::SUCCESS)
}

/// Who everybody is under `--open`.
fn everybody() -> Result<Caller> {
    Ok(Caller {
        account: Account {
            number: 0,
            login: "open".to_owned(),
            display: "Sign-in is off".to_owned(),
            role: Role::Integration,
            institution: String::new(),
            language: "en".to_owned(),
        },
        purpose: Purpose::Operations,
        session: Session { number: system::number()?, began: chart::Clock::now(&system::SystemClock) },
        grant: None,
    })
}

/// Who notifies those who subscribed. Without targets there is nothing to connect to.
fn deliverer(chart: &Chart, config: &Config, open: Option<Caller>) -> Result<Deliverer> {
    let server = Account {
        number: u64::MAX,
        login: "server".to_owned(),
        display: "The server itself".to_owned(),
        role: Role::Console,
        institution: String::new(),
        language: "en".to_owned(),
    };
    let began = chart.now();
    Ok(Deliverer {
        chart: chart.clone(),
        courier: Arc::new(HttpCourier::new(&config.subscription_targets)?),
        patience: Patience { first_wait: Duration::from_millis(config.subscription_wait_ms), attempts: config.subscription_attempts.max(1) },
        server: Caller { account: server, purpose: Purpose::Operations, session: Session { number: system::number()?, began }, grant: None },
        open,
    })
}

/// Who takes in the files of imports. Without sources nothing is fetched.
fn intaker(chart: &Chart, config: &Config) -> Result<Intaker> {
    let limits = IntakeLimits {
        file_bytes: config.import_file_mib.saturating_mul(1 << 20),
        file_time: Duration::from_secs(config.import_file_hours.saturating_mul(3600)),
        line_bytes: config.body_limit_mib << 20,
        ..IntakeLimits::default()
    };
    Ok(Intaker { chart: chart.clone(), fetcher: Arc::new(HttpFetcher::new(&config.import_sources)?), limits })
}

/// The pages under `/`, the API under `/fhir`, and what an operator asks beside them.
fn routes(chart: &Chart, config: &Config, open: Option<Caller>, front: &Arc<Front>, oauth: Arc<oauth::Server>) -> Result<Router> {
    let is_tls = config.tls_certificate.is_some();
    let pages = web::Settings {
        zone_offset_minutes: config.zone_offset_minutes,
        is_secure: is_tls || config.base_url.starts_with("https:"),
        idle_minutes: config.session_idle_minutes,
        signature_algorithm: attest::Algorithm::named(&config.signature_algorithm).unwrap_or_default(),
        provider: config.openid.as_ref().map(|openid| openid.provider(&chart.settings().base_url)).transpose()?.map(Arc::new),
        post: config.message_outbox.as_deref().map(Outbox::at).transpose()?.map(|outbox| Arc::new(outbox) as Arc<dyn chart::Post>),
        ..web::Settings::default()
    };
    let settings = ApiSettings {
        press: Some(Arc::new(web::Press::new(chart.clone(), &pages))),
        base_url: (!config.base_url.is_empty()).then(|| config.base_url.clone()),
        is_secure: is_tls,
        zone_offset_minutes: config.zone_offset_minutes,
        body_limit_bytes: config.body_limit_mib << 20,
        ..ApiSettings::default()
    };
    let base_path = settings.base_path.clone();
    let face = FhirApi::new(Api { chart: chart.clone(), settings, oauth: oauth.clone(), open, seed: system::seed()? });
    let api = fhir_api::mounted_at(&base_path, face.clone()).merge(fhir_api::endpoints(&face)).layer(way_in::cors(config, oauth.clone())?).layer(axum::middleware::from_fn(way_in::known_addresses));
    let pages = web::router(web::Web {
        chart: chart.clone(),
        oauth,
        chance: Box::new(seal::Stream::new(system::seed()?)),
        settings: pages,
    });
    Ok(pages.merge(api).merge(crate::tiles::routes(chart.clone())).merge(way_in::beside(front.clone(), face, chart.clone())))
}

/// Reads certificates again when told to by SIGHUP.
async fn reread(front: Arc<Front>, mut stopped: watch::Receiver<bool>) {
    let Ok(mut told) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) else { return };
    loop {
        tokio::select! {
            _ = told.recv() => front.refresh(),
            _ = stopped.changed() => return,
        }
    }
}

/// Renews the anchor while the server runs, so that a store put back to an earlier state is noticed.
async fn anchor(site: Site, chart: Chart, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ANCHOR_EVERY) => {}
            _ = stopped.changed() => return,
        }
        if let Err(cause) = site.anchor(&chart) {
            tracing::error!("the anchor could not be renewed: {cause:#}");
        }
    }
}

/// Sees to it that what has to be indexed is, should whoever was at it have ended with a failure, or with the command
/// that wrote a SearchParameter.
async fn keep_indexing(chart: Chart, mut stopped: watch::Receiver<bool>) {
    loop {
        chart.resume_indexing();
        tokio::select! {
            () = tokio::time::sleep(INDEX_EVERY) => {}
            _ = stopped.changed() => return,
        }
        if let Some(cause) = chart.indexing_failure() {
            tracing::error!("indexing by a SearchParameter broke off and is tried again: {cause}");
        }
    }
}

/// Compares new Patients with all others, so many a minute.
async fn compare_persons(chart: Chart, per_minute: u32, mut stopped: watch::Receiver<bool>) {
    if per_minute == 0 {
        return;
    }
    let pause = Duration::from_secs_f64(60.0 * f64::from(chart::COMPARED_AT_ONCE) / f64::from(per_minute));
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
        // As a task of its own, so that a round that panics is one round.
        let looking = chart.clone();
        match tokio::spawn(async move { looking.look_for_duplicates().await }).await {
            Ok(Ok(_)) => {}
            Ok(Err(cause)) => tracing::error!("new persons could not be compared with the others: {cause}"),
            Err(_) => tracing::error!("comparing new persons with the others was broken off"),
        }
    }
}

/// Signs the log of openings while it grows, and keeps the note outside the store.
async fn sign_log(site: Site, chart: Chart, mut stopped: watch::Receiver<bool>) {
    let mut signed = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(SIGN_EVERY) => {}
            _ = stopped.changed() => return,
        }
        let size = chart.log_size();
        if signed == Some(size) {
            continue;
        }
        match site.keep_checkpoint(&chart.log_checkpoint()) {
            Ok(()) => signed = Some(size),
            Err(cause) => tracing::error!("the checkpoint of the log could not be renewed: {cause:#}"),
        }
    }
}

/// Brings the log to its witnesses while it grows, and once an hour where it does not.
async fn bring_to_witnesses(site: Site, chart: Chart, witnesses: Option<Witnesses>, mut stopped: watch::Receiver<bool>) {
    let Some(witnesses) = witnesses else { return };
    let (mut signed, mut rounds) = (None, 0u32);
    loop {
        rounds += 1;
        if signed != Some(chart.log_size()) || rounds.is_multiple_of(WITNESS_AGAIN) {
            match witnesses.bring(&site, &chart).await {
                Ok(size) => signed = size,
                Err(cause) => tracing::error!("the log could not be brought to its witnesses: {cause:#}"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(WITNESS_EVERY) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// Looks now and then for openings that should be asked about.
async fn watch_openings(chart: Chart, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(WATCH_EVERY) => {}
            _ = stopped.changed() => return,
        }
        let looking = chart.clone();
        match tokio::task::spawn_blocking(move || looking.look_for_signs()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::error!(%error, "openings could not be looked at"),
            Err(_) => tracing::error!("looking at openings was broken off"),
        }
    }
}

/// Until Ctrl-C or SIGTERM.
pub async fn told_to_stop() {
    let mut term = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(term) => term,
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
            return;
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = term.recv() => {}
    }
}
