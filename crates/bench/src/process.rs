//! The server as a process: started, watched, stopped.

use std::io::Read;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Clock ticks a second in `/proc`, on every Linux there is.
const TICKS: f64 = 100.0;
/// How long a server may take to open its store.
const PATIENCE: Duration = Duration::from_secs(300);

/// A running server. Stopped when dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// How long it took from its start to its first answer.
    pub ready_after: Duration,
}

impl Server {
    /// Starts `carnet serve` on a free port and waits until it answers.
    pub fn start(carnet: &Path, data: &Path, open: bool) -> Result<Server> {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).context("no port is free")?;
        let mut command = Command::new(carnet);
        command.arg("serve").arg("--data").arg(data).arg("--listen").arg(address.to_string());
        if open {
            command.arg("--open");
        }
        let began = Instant::now();
        let child = command.stdout(Stdio::null()).stderr(Stdio::inherit()).spawn().with_context(|| format!("could not start {}", carnet.display()))?;
        let mut server = Server { child, address, ready_after: Duration::ZERO };
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if began.elapsed() > PATIENCE {
                bail!("the server did not answer within {PATIENCE:?}");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        server.ready_after = began.elapsed();
        Ok(server)
    }

    /// Processor seconds the server has used.
    pub fn cpu_seconds(&self) -> f64 {
        cpu_seconds(&self.child.id().to_string())
    }

    /// Memory in use now and at most, in KiB.
    pub fn memory_kib(&self) -> (u64, u64) {
        let status = read(&format!("/proc/{}/status", self.child.id()));
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        (line("VmRSS:"), line("VmHWM:"))
    }

    /// Tells it to stop and waits until its store is closed.
    pub fn stop(&mut self) {
        // The shell's word for it: the standard library only knows how to kill.
        let _ = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > PATIENCE {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Processor seconds this process has used.
pub fn own_cpu_seconds() -> f64 {
    cpu_seconds("self")
}

fn cpu_seconds(process: &str) -> f64 {
    let line = read(&format!("/proc/{process}/stat"));
    // The name of the program is in brackets and may hold anything; the 14th and 15th fields are what we want.
    let rest = line.rsplit(')').next().unwrap_or_default();
    let fields: Vec<f64> = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    fields.iter().sum::<f64>() / TICKS
}

fn read(file: &str) -> String {
    let mut text = String::new();
    let _ = std::fs::File::open(file).and_then(|mut file| file.read_to_string(&mut text));
    text
}
