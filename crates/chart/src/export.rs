//! Everything a caller may take elsewhere, record by record.
//!
//! * As of one moment: what is written meanwhile belongs to the next export.
//! * A person's opening is on disk before any of their resources is handed out.
//! * Memory holds some records, never all.

use std::ops::ControlFlow;

use access::{Act, Caller, Disclosure, Permitted};
use fhir::{Moment, RecordId, ResourceType};
use store::Method;

use crate::door::Chart;
use crate::error::Result;

/// One resource on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Exported<'e> {
    /// Its type.
    pub kind: ResourceType,
    /// Its newest version, to the letter as it is stored.
    pub text: &'e str,
    /// How much of the store has been gone through, from 0 to 1.
    pub part: f64,
}

/// Records looked up at once.
const RECORDS: usize = 1024;
/// Bytes gathered before openings are written and resources handed out.
const GATHERED_BYTES: usize = 8 << 20;

/// What is gathered until its openings are on disk.
#[derive(Default)]
struct Gathered {
    permitted: Vec<Permitted>,
    texts: String,
    resources: Vec<(ResourceType, usize)>,
}

impl Chart {
    /// Hands out the newest version of every resource that is not deleted, of some types (empty
    /// for all), written at or after a moment. The order is that of the store, the same each time.
    /// Where that takes two, somebody else must have agreed (`crate::agreement`).
    pub async fn export(
        &self,
        caller: &Caller,
        types: &[ResourceType],
        since: Option<Moment>,
        take: &mut (dyn FnMut(Exported<'_>) -> ControlFlow<()> + Send),
    ) -> Result<()> {
        let set = self.permitted_set(caller, Act::Export)?;
        self.use_agreed_export(&caller.account)?;
        let settled = self.inner.times.settled().await;
        let mut gathered = Gathered::default();
        let mut after: Option<RecordId> = None;
        loop {
            let mut records = Vec::with_capacity(RECORDS);
            self.store().records(after, &mut |record| {
                records.push(record);
                if records.len() < RECORDS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
            let Some(last) = records.last() else { break };
            after = Some(*last);
            for record in records {
                let Some(permitted) = self.right(&set, record)? else { continue };
                let before = gathered.resources.len();
                self.store().scan_record(&permitted, settled, &mut |entry| {
                    let wanted = types.is_empty() || types.contains(&entry.kind);
                    if wanted && entry.method != Method::Delete && since.is_none_or(|since| entry.last_updated >= since) {
                        gathered.texts.push_str(entry.text);
                        gathered.resources.push((entry.kind, gathered.texts.len()));
                    }
                    ControlFlow::Continue(())
                })?;
                if gathered.resources.len() > before {
                    gathered.permitted.push(permitted);
                }
                if gathered.texts.len() >= GATHERED_BYTES && self.hand_out(&mut gathered, self.part(record), take).await?.is_break() {
                    return Ok(());
                }
            }
        }
        // Whoever stops at the very end has everything.
        let _ = self.hand_out(&mut gathered, 1.0, take).await?;
        Ok(())
    }

    async fn hand_out(
        &self,
        gathered: &mut Gathered,
        part: f64,
        take: &mut (dyn FnMut(Exported<'_>) -> ControlFlow<()> + Send),
    ) -> Result<ControlFlow<()>> {
        let Gathered { permitted, texts, resources } = std::mem::take(gathered);
        self.disclose(Disclosure::Export, permitted).await?;
        let mut from = 0;
        for (kind, to) in resources {
            if take(Exported { kind, text: &texts[from..to], part }).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            from = to;
        }
        Ok(ControlFlow::Continue(()))
    }

    /// How far a record is from the first: records are numbered at random within their shard.
    fn part(&self, record: RecordId) -> f64 {
        let within = (record.0 << 8) as f64 / u64::MAX as f64;
        (f64::from(record.shard()) + within) / f64::from(self.store().shards())
    }
}
