//! The forms of the country packs, kept as Questionnaires of the site.

use anyhow::{Context, Result, anyhow};
use chart::Chart;
use country::Country;

use crate::demo::console;

/// Keeps the forms of these countries, each unless it is there in that version, and says how many were new.
pub async fn keep(chart: &Chart, countries: impl Iterator<Item = &'static Country>) -> Result<usize> {
    let caller = console(chart);
    let mut kept = 0;
    for country in countries {
        for sheet in country.forms {
            let text = forms::sheet::questionnaire(sheet, &country::form_part).map_err(|flaw| anyhow!("a form of {} cannot be read: {flaw}", country.code))?;
            kept += usize::from(chart.keep_form(&caller, &text).await.with_context(|| format!("a form of {} could not be kept", country.code))?);
        }
    }
    Ok(kept)
}
