//! `carnet user`: the sign-ins of a site.

use std::path::PathBuf;
use std::process::ExitCode;

use access::Role;
use anyhow::{Result, bail};
use chart::NewAccount;

use crate::config::Config;
use crate::init::password;
use crate::site::Site;

/// Add and list sign-ins.
#[derive(clap::Args)]
pub struct User {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// Add a sign-in; its password is printed once.
    Add {
        /// The folder of the site.
        #[arg(long)]
        data: PathBuf,
        /// What is typed at the door.
        login: String,
        /// physician, nurse, admissions, operator or integration.
        #[arg(long)]
        role: String,
        /// How pages show the holder.
        #[arg(long, default_value = "")]
        display: String,
        /// The institution's name.
        #[arg(long, default_value = "")]
        institution: String,
        /// es, vi, ru or en.
        #[arg(long, default_value = "en")]
        language: String,
    },
    /// List the sign-ins.
    List {
        /// The folder of the site.
        #[arg(long)]
        data: PathBuf,
    },
}

impl User {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        match self.act {
            Act::Add { data, login, role, display, institution, language } => {
                let Some(role) = Role::named(&role).filter(|role| *role != Role::Console) else {
                    bail!("there is no role `{role}`; there are physician, nurse, admissions, operator and integration");
                };
                let site = Site::at(&data, None);
                let config = Config::read(&site.config_file())?;
                let chart = site.chart(&config, "")?;
                let password = password()?;
                let display = if display.is_empty() { login.clone() } else { display };
                let account = chart.add_account(NewAccount { login, display, role, institution, language }, &password)?;
                site.keep_anchor(&chart.commit_numbers()?)?;
                chart.close()?;
                println!("{} / {password}", account.login);
            }
            Act::List { data } => {
                let site = Site::at(&data, None);
                let chart = site.chart(&Config::read(&site.config_file())?, "")?;
                for account in chart.accounts()? {
                    println!("{}\t{}\t{}", account.login, account.role.word(), account.institution);
                }
                chart.close()?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
