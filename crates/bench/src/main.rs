//! Measures: load, latency, size and growth, each beside its limit.
//!
//! * The real binary is measured, over HTTP, with the driver on the same machine; what is
//!   measured inside this process says so.
//! * Closed loop tells how much, open loop tells how long: an open loop counts from the moment a
//!   request was due, so a server that stalls cannot hide it.
//! * Every figure becomes a line of CSV with all it needs to be made again.

#![forbid(unsafe_code)]

mod codes;
mod connection;
mod disk;
mod emergency;
mod fill;
mod limit;
mod load;
mod people;
mod population;
mod process;
mod rows;
mod sheet;
mod wide;

/// The allocator of the binary that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Measure Carnet. `docs/performance.md` says in which order.
#[derive(Parser)]
struct Bench {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    People(people::People),
    Others(population::Others),
    Import(fill::Import),
    Limit(limit::Limit),
    Rows(rows::Rows),
    Disk(disk::Disk),
    Wide(wide::Wide),
    Codes(codes::Codes),
}

fn main() -> Result<()> {
    match Bench::parse().command {
        Command::People(command) => command.run(),
        Command::Others(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Limit(command) => command.run(),
        Command::Rows(command) => command.run(),
        Command::Disk(command) => command.run(),
        Command::Wide(command) => command.run(),
        Command::Codes(command) => command.run(),
    }
}
