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
use fhir_api::{Api, Deliverer, IntakeLimits, Intaker, Patience, Settings as ApiSettings};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::courier::HttpCourier;
use crate::fetcher::HttpFetcher;
use crate::site::Site;
use crate::system;

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
        println!("Carnet listens on http://{listen}  (FHIR: http://{listen}/fhir)");
        run(site, chart, &config, listen, self.open)
    }
}

/// The address under which references are local.
pub fn base_url(config: &Config, listen: SocketAddr) -> String {
    if config.base_url.is_empty() { format!("http://{listen}/fhir") } else { config.base_url.trim_end_matches('/').to_owned() }
}

/// Threads that answer. More than the cores, so that a long scan does not keep short reads waiting.
const THREADS: usize = 6;
/// How often the anchor outside the store is renewed.
const ANCHOR_EVERY: Duration = Duration::from_secs(10);
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
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build().context("no threads could be started")?;
    let deliverer = deliverer(&chart, config, caller.clone())?;
    let intaker = intaker(&chart, config)?;
    let router = routes(&chart, config, caller)?;
    let numbers = chart.clone();
    runtime.block_on(async {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("could not listen on {listen}; is another server running there?"))?;
        let (stop, stopped) = watch::channel(false);
        let anchoring = tokio::spawn(anchor(site.clone(), chart.clone(), stopped.clone()));
        let delivering = tokio::spawn(deliverer.run(stopped.clone()));
        let taking_in = tokio::spawn(intaker.run(stopped.clone()));
        chart.resume_bulk().context("exports that were under way could not be gone on with")?;
        chart.resume_indexing();
        let serving = tokio::spawn(accept(listener, router, stopped));
        told_to_stop().await;
        eprintln!("Stopping…");
        let _ = stop.send(true);
        let _ = tokio::time::timeout(FAREWELL, serving).await;
        let _ = anchoring.await;
        // A notification under way is told again after the next start.
        let _ = tokio::time::timeout(FAREWELL, delivering).await;
        // So is a file of an import fetched again.
        let _ = tokio::time::timeout(FAREWELL, taking_in).await;
        anyhow::Ok(())
    })?;
    site.keep_anchor(&numbers.commit_numbers()?)?;
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
        server: Caller { account: server, purpose: Purpose::Operations, session: Session { number: system::number()?, began } },
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

/// The pages under `/`, the API under `/fhir`, and whether the process lives under `/healthz`.
fn routes(chart: &Chart, config: &Config, open: Option<Caller>) -> Result<Router> {
    let settings = ApiSettings {
        base_url: (!config.base_url.is_empty()).then(|| config.base_url.clone()),
        zone_offset_minutes: config.zone_offset_minutes,
        body_limit_bytes: config.body_limit_mib << 20,
        ..ApiSettings::default()
    };
    let api = fhir_api::mounted(Api { chart: chart.clone(), settings, open, seed: system::seed()? });
    let pages = web::router(web::Web {
        chart: chart.clone(),
        chance: Box::new(seal::Stream::new(system::seed()?)),
        settings: web::Settings {
            zone_offset_minutes: config.zone_offset_minutes,
            is_secure: config.base_url.starts_with("https:"),
            ..web::Settings::default()
        },
    });
    Ok(pages.merge(api).route("/healthz", axum::routing::get(|| async { "ok\n" })))
}

async fn accept(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) {
    let mut builder = Builder::new(TokioExecutor::new());
    // A client that does not finish its headers is not waited for.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(15)).max_buf_size(64 * 1024);
    let builder = Arc::new(builder);
    let graceful = hyper_util::server::graceful::GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => break,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors or memory: let some connections end.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A connection that breaks off is the client's affair.
            let _ = watched.await;
        });
    }
    graceful.shutdown().await;
}

/// Renews the anchor while the server runs, so that a store put back to an earlier state is noticed.
async fn anchor(site: Site, chart: Chart, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ANCHOR_EVERY) => {}
            _ = stopped.changed() => return,
        }
        if let Err(cause) = chart.commit_numbers().map_err(anyhow::Error::from).and_then(|numbers| site.keep_anchor(&numbers)) {
            tracing::error!("the anchor could not be renewed: {cause:#}");
        }
    }
}

async fn told_to_stop() {
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
