//! What a door tells of a whole store, in lines that two stores can be compared by.

use access::Role;
use chart::{Chart, HistoryQuery, HistoryScope};
use fhir::ResourceType;

use crate::caller;

/// One line for each version of each resource and each account, sorted; and for each person how
/// often `reader` opened the record. Texts are told by their digest.
pub async fn told(chart: &Chart, reader: u64) -> chart::Result<Vec<String>> {
    let system = caller(Role::Integration);
    let mut lines = Vec::new();
    let mut query = HistoryQuery { count: Some(1000), ..HistoryQuery::default() };
    loop {
        let page = chart.history(&system, HistoryScope::System, &query).await?;
        for entry in page.items {
            let it = entry.stored;
            let digest = &blake3::hash(it.text.as_bytes()).to_hex()[..32];
            lines.push(format!("{}/{} {} {:?} {} {} {} flaws {}", it.kind, it.id, it.version, it.method, it.last_updated, it.text.len(), digest, it.flaws.len()));
            if it.kind == ResourceType::PATIENT && it.version == 1 {
                let openings = chart.openings(&system, &it.id, usize::MAX).await?;
                let of_reader = openings.iter().filter(|opening| opening.account == reader);
                of_reader.for_each(|opening| lines.push(format!("opened Patient/{} {} {}", it.id, opening.at.moment(), opening.purpose)));
            }
        }
        query.cursor = page.next;
        if query.cursor.is_none() {
            break;
        }
    }
    for account in chart.accounts()? {
        lines.push(format!("account {} {} {} {}", account.number, account.login, account.role.word(), account.language));
    }
    lines.sort_unstable();
    Ok(lines)
}
