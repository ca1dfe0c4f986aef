//! Results: what is abnormal first, then the newest.

use std::cmp::Reverse;

use crate::record::Record;
use crate::series::{Series, SeriesRow};
use crate::voice::Voice;

/// What is older than this is not "latest" any more, abnormal or not.
const FRESH_MS: i64 = 400 * fhir::date::DAY_MS;

/// The latest value of every test: abnormal and fresh ones, then normal fresh ones, then older ones.
pub fn results(record: &Record<'_>, series: &[Series<'_, '_>], voice: &Voice, now_ms: i64, limit: usize) -> Vec<SeriesRow> {
    let mut order: Vec<(&Series<'_, '_>, bool, bool, i64)> = series
        .iter()
        .filter_map(|series| {
            let (when, item) = series.readings.first()?;
            let is_fresh = now_ms - when.at < FRESH_MS;
            let is_abnormal = crate::record::quantity::standing(item.root()).is_abnormal();
            Some((series, is_fresh, is_abnormal, when.at))
        })
        .collect();
    order.sort_by_key(|(_, is_fresh, is_abnormal, at)| (Reverse(*is_fresh), Reverse(*is_fresh && *is_abnormal), Reverse(*at)));
    order.into_iter().take(limit).filter_map(|(series, _, _, _)| series.row(record, voice)).collect()
}
