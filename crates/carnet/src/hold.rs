//! `carnet hold`: records, and documents of a kind, that nobody may erase.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use chart::{HeldKind, HoldOf, day_of};

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
    /// Let nobody erase a person's record, the documents of one kind in it, or those of one kind of everybody.
    Add(New),
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
    /// The id of the person's Patient, as `Patient/ID` or `ID`; everybody where only a kind is named.
    patient: Option<String>,
    /// Only documents of this kind: a type, as `DocumentReference`, with a code of it or the address of its form where not all
    /// are meant, as `DocumentReference=http://loinc.org|18842-5` or `QuestionnaireResponse=https://…`.
    #[arg(long)]
    kind: Option<String>,
    /// Why: the number of the decision or the case, without names.
    #[arg(long)]
    reason: String,
}

#[derive(clap::Args)]
struct New {
    #[command(flatten)]
    one: One,
    /// The last day, as 2027-12-31; without it the hold stays until it is released.
    #[arg(long)]
    until: Option<String>,
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
            Act::Add(new) => &new.one.data,
            Act::Release(one) => &one.data,
            Act::List(of) => &of.data,
        }
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let caller = desk.caller();
        match &self.act {
            Act::Add(new) => {
                let until = new.until.as_deref().map(|text| day_of(text).context("--until wants a day, as 2027-12-31")).transpose()?;
                let of = HoldOf { until, ..new.one.of()? };
                desk.wait(desk.chart.hold(&caller, &of, &new.one.reason))?.map_err(refused)?;
                if desk.chart.finds_held(&caller, &of)? == Some(false) {
                    desk.say("Warning: no document of this kind was found. The hold is kept, and holds those that come; look at its code or address.");
                }
                desk.say(match (&new.one.kind, &new.until) {
                    (None, None) => "The record is held: nobody erases it until the hold is released.".to_owned(),
                    (None, Some(until)) => format!("The record is held: nobody erases it until {until} is over, or the hold is released."),
                    (Some(_), None) => "These documents are held: nobody erases a record that has some until the hold is released.".to_owned(),
                    (Some(_), Some(until)) => format!("These documents are held: nobody erases a record that has some until {until} is over, or the hold is released."),
                });
            }
            Act::Release(one) => {
                desk.wait(desk.chart.release(&caller, &one.of()?, &one.reason))?.map_err(refused)?;
                desk.say("The hold is released.");
            }
            Act::List(_) => {
                for hold in desk.chart.holds(&caller)? {
                    let whom = hold.person.as_ref().map_or_else(|| "everybody".to_owned(), |(_, patient)| format!("Patient/{patient}"));
                    let kind = hold.kind.as_ref().map_or_else(String::new, |kind| format!("\tof {kind}"));
                    let is_over = hold.is_over(desk.chart.now().civil(0));
                    let until = hold.until.map_or_else(String::new, |(year, month, day)| format!("\tuntil {year:04}-{month:02}-{day:02}{}", if is_over { ", over" } else { "" }));
                    desk.say(format!("{}\t{}\t{whom}\t{}{kind}{until}", hold.at, hold.by, hold.reason));
                }
            }
        }
        Ok(0)
    }
}

impl One {
    fn of(&self) -> Result<HoldOf<'_>> {
        let patient = self.patient.as_deref().map(|patient| patient.strip_prefix("Patient/").unwrap_or(patient));
        let kind = self.kind.as_deref().map(|text| HeldKind::parse(text).context("--kind wants a type of FHIR other than Patient, as DocumentReference, or DocumentReference=CODE")).transpose()?;
        Ok(HoldOf { patient, kind, until: None })
    }
}
