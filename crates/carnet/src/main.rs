//! Carnet: one binary, its commands, and the choice of an engine.
//!
//! * Each command has a file of its name.
//! * Only this crate names an engine, reads the system's clock and draws the system's chance.
//! * An exit code is honest: 0 done, 1 done but something was found or refused, 2 not done.

#![forbid(unsafe_code)]

mod admin;
mod agreement;
mod backup;
mod canonical;
mod check;
mod client;
mod config;
mod cosignatures;
mod courier;
mod demo;
mod doctor;
mod erase;
mod export;
mod fetcher;
mod fhirpath;
mod forms;
mod growth;
mod hand_over;
mod hold;
mod import;
mod init;
mod keep;
mod keys;
mod log;
mod outbox;
mod package;
mod passkeys;
mod privacy;
mod progress;
mod provider;
mod receiving;
mod restore;
mod serve;
mod site;
mod synth;
mod system;
mod take_in;
mod terminology;
mod tiles;
mod token;
mod user;
mod verify;
mod way_in;
mod wire;
mod witness;

/// An import and a search make many small things and drop them at once; the system's allocator
/// took a tenth of their time (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A national health record: one lifelong record per person.
#[derive(Parser)]
#[command(version, about, max_term_width = 100)]
struct Carnet {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Serve(serve::Serve),
    Import(import::Import),
    Export(export::Export),
    HandOver(hand_over::HandOver),
    TakeIn(take_in::TakeIn),
    Synth(synth::Synth),
    Fhirpath(fhirpath::Fhirpath),
    Check(check::Check),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Terminology(terminology::Terminology),
    Package(package::Package),
    Growth(growth::Growth),
    Forms(forms::Forms),
    Log(log::Log),
    User(user::User),
    Client(client::Client),
    Keys(keys::Keys),
    Hold(hold::Hold),
    Erase(erase::Erase),
    Agreement(agreement::Agreement),
    Doctor(doctor::Doctor),
    Verify(verify::Verify),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("CARNET_LOG").unwrap_or_else(|_| "warn".into()))
        .with_writer(std::io::stderr)
        .init();
    let result = match Carnet::parse().command {
        Command::Demo(command) => command.run(),
        Command::Init(command) => command.run(),
        Command::Serve(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::HandOver(command) => command.run(),
        Command::TakeIn(command) => command.run(),
        Command::Synth(command) => command.run(),
        Command::Fhirpath(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Terminology(command) => command.run(),
        Command::Package(command) => command.run(),
        Command::Growth(command) => command.run(),
        Command::Forms(command) => command.run(),
        Command::Log(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Client(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::Hold(command) => command.run(),
        Command::Erase(command) => command.run(),
        Command::Agreement(command) => command.run(),
        Command::Doctor(command) => command.run(),
        Command::Verify(command) => command.run(),
    };
    match result {
        Ok(code) => code,
        Err(cause) => {
            eprintln!("carnet: {cause:#}");
            ExitCode::from(2)
        }
    }
}
