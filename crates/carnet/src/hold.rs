//! `carnet hold`: records that nobody may erase.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;

use crate::admin::{self, Desk, Errand};
use crate::erase::refused;
use crate::site::Of;

/// Keep records from being erased: legal holds.
#[derive(clap::Args)]
pub struct Hold {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Let nobody erase a person's record.
    Add(One),
    /// Let it be erased again.
    Release(One),
    /// List the records that are held, since when, by whom and why.
    List(Of),
}

#[derive(clap::Args)]
struct One {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The id of the person's Patient, as `Patient/ID` or `ID`.
    patient: String,
    /// Why: the number of the decision or the case, without names.
    #[arg(long)]
    reason: String,
}

impl Hold {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Hold {
    fn data(&self) -> &Path {
        match &self.act {
            Act::Add(one) | Act::Release(one) => &one.data,
            Act::List(of) => &of.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let caller = desk.caller();
        match &self.act {
            Act::Add(one) => {
                desk.wait(desk.chart.add_hold(&caller, one.id(), &one.reason))?.map_err(refused)?;
                desk.say("The record is held: nobody erases it until the hold is released.");
            }
            Act::Release(one) => {
                desk.wait(desk.chart.release_hold(&caller, one.id(), &one.reason))?.map_err(refused)?;
                desk.say("The hold is released.");
            }
            Act::List(_) => {
                for hold in desk.chart.holds(&caller)? {
                    desk.say(format!("{}\t{}\tPatient/{}\t{}", hold.at, hold.by, hold.patient_id, hold.reason));
                }
            }
        }
        Ok(0)
    }
}

impl One {
    fn id(&self) -> &str {
        self.patient.strip_prefix("Patient/").unwrap_or(&self.patient)
    }
}
