//! `carnet forms`: the forms of the country packs, kept as Questionnaires of the site.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use chart::{Also, Brought, Chart};
use clap::Subcommand;
use country::Country;

use crate::admin::{self, Desk, Errand};
use crate::demo::console;

/// Bring forms of the country packs into a site.
#[derive(clap::Args)]
pub struct Forms {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    Bring(Bring),
}

/// Bring new forms and new versions into a site made before them. Each is told; what was changed or deleted here is
/// left as it is.
#[derive(clap::Args)]
struct Bring {
    /// The folder of the site.
    #[arg(long)]
    data: PathBuf,
    /// The countries whose forms to bring; otherwise the site's, or those whose forms it holds.
    #[arg(long)]
    country: Vec<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Also put new versions beside forms that were changed here; the changed ones stay.
    #[arg(long)]
    also_changed: bool,
    /// Also bring back forms that were deleted here.
    #[arg(long)]
    also_deleted: bool,
}

impl Forms {
    /// Does it.
    pub fn run(self) -> Result<ExitCode> {
        admin::carry_out(&self)
    }
}

impl Errand for Forms {
    fn data(&self) -> &Path {
        let Deed::Bring(bring) = &self.deed;
        &bring.data
    }

    fn act(&self, desk: &mut Desk<'_>) -> Result<u8> {
        let Deed::Bring(bring) = &self.deed;
        let caller = desk.caller();
        let (mut brought, mut changed, mut deleted) = (0, 0, 0);
        let also = Also { changed: bring.also_changed, deleted: bring.also_deleted };
        for country in bring.countries(desk)? {
            for sheet in country.forms {
                let text = questionnaire(country, sheet)?;
                let act = async { if bring.dry_run { desk.chart.judge_form(&caller, &text).await } else { desk.chart.bring_form(&caller, &text, also).await } };
                let became = desk.wait(act)?.with_context(|| format!("a form of {} could not be brought", country.code))?;
                let word = match became {
                    Brought::There => continue,
                    Brought::New => "new",
                    Brought::NewVersion => "new version",
                    Brought::Changed => "left, changed here",
                    Brought::Deleted => "left, deleted here",
                };
                *match became {
                    Brought::Changed => &mut changed,
                    Brought::Deleted => &mut deleted,
                    _ => &mut brought,
                } += 1;
                let form = forms::Form::read(&text).map_err(|issue| anyhow!("a form of {} cannot be read: {}", country.code, issue.message))?;
                desk.say(format!("{}\t{word}", form.canonical()));
            }
        }
        let verb = if bring.dry_run { "would be brought" } else { "brought" };
        desk.say(format!("{brought} {verb}, {changed} left because they were changed here."));
        if deleted > 0 {
            desk.say(format!("{deleted} left because they were deleted here; --also-deleted brings them back."));
        }
        Ok(0)
    }
}

impl Bring {
    fn countries(&self, desk: &Desk<'_>) -> Result<Vec<&'static Country>> {
        if !self.country.is_empty() {
            let find = |code: &String| country::by_code(code).with_context(|| format!("there is no pack {code}; there are {}", country::all().iter().map(|one| one.code.as_str()).collect::<Vec<_>>().join(", ")));
            return self.country.iter().map(find).collect();
        }
        if let Some(own) = country::by_code(&desk.config.country) {
            return Ok(vec![own]);
        }
        let here = desk.chart.forms()?;
        let has = |country: &&'static Country| here.iter().any(|one| one.form.countries.contains(&country.code));
        let found: Vec<&'static Country> = country::all().iter().filter(has).collect();
        if found.is_empty() {
            bail!("the site has no country and no forms of one; say which with --country");
        }
        Ok(found)
    }
}

fn questionnaire(country: &Country, sheet: &str) -> Result<String> {
    forms::sheet::questionnaire(sheet, &country::form_part).map_err(|flaw| anyhow!("a form of {} cannot be read: {flaw}", country.code))
}

/// Keeps the forms of these countries, each unless it is there in that version or was deleted, and says how many were new.
pub async fn keep(chart: &Chart, countries: impl Iterator<Item = &'static Country>) -> Result<usize> {
    let caller = console(chart);
    let mut kept = 0;
    for country in countries {
        for sheet in country.forms {
            let text = questionnaire(country, sheet)?;
            if chart.judge_form(&caller, &text).await.with_context(|| format!("a form of {} could not be looked up", country.code))? == Brought::Deleted {
                continue;
            }
            kept += usize::from(chart.keep_form(&caller, &text).await.with_context(|| format!("a form of {} could not be kept", country.code))?);
        }
    }
    Ok(kept)
}
