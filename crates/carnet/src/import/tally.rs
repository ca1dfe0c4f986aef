//! What became of everything, counted by type.

use std::collections::BTreeMap;

use chart::WrittenAs;

/// Counts of one type.
#[derive(Clone, Copy, Default)]
struct Counts {
    created: u64,
    updated: u64,
    unchanged: u64,
    deleted: u64,
    rejected: u64,
}

/// Counts of all types.
#[derive(Default)]
pub struct Tally {
    by_type: BTreeMap<String, Counts>,
    /// Kept with flaws.
    pub flawed: u64,
}

impl Tally {
    /// One was kept.
    pub fn keep(&mut self, kind: &str, done: WrittenAs, flawed: bool) {
        let counts = self.of(kind);
        *match done {
            WrittenAs::Created => &mut counts.created,
            WrittenAs::Updated => &mut counts.updated,
            WrittenAs::Unchanged => &mut counts.unchanged,
            WrittenAs::Deleted => &mut counts.deleted,
        } += 1;
        self.flawed += u64::from(flawed);
    }

    /// One was rejected.
    pub fn reject(&mut self, kind: &str) {
        self.of(kind).rejected += 1;
    }

    fn of(&mut self, kind: &str) -> &mut Counts {
        if !self.by_type.contains_key(kind) {
            self.by_type.insert(kind.to_owned(), Counts::default());
        }
        self.by_type.entry(kind.to_owned()).or_default()
    }

    /// Adds what another counted.
    pub fn add(&mut self, other: Tally) {
        for (kind, counts) in other.by_type {
            let mine = self.of(&kind);
            mine.created += counts.created;
            mine.updated += counts.updated;
            mine.unchanged += counts.unchanged;
            mine.deleted += counts.deleted;
            mine.rejected += counts.rejected;
        }
        self.flawed += other.flawed;
    }

    /// How many resources were looked at.
    pub fn total(&self) -> u64 {
        self.by_type.values().map(|counts| counts.created + counts.updated + counts.unchanged + counts.deleted + counts.rejected).sum()
    }

    /// A line a type, and their sum.
    pub fn table(&self) -> String {
        let mut text = line("", ["created", "updated", "unchanged", "deleted", "rejected"]);
        let mut sum = Counts::default();
        for (kind, counts) in &self.by_type {
            text.push_str(&line(kind, counts.each()));
            sum.created += counts.created;
            sum.updated += counts.updated;
            sum.unchanged += counts.unchanged;
            sum.deleted += counts.deleted;
            sum.rejected += counts.rejected;
        }
        text.push_str(&line("total", sum.each()));
        text
    }
}

impl Counts {
    fn each(self) -> [String; 5] {
        [self.created, self.updated, self.unchanged, self.deleted, self.rejected].map(|count| count.to_string())
    }
}

fn line(name: &str, columns: [impl AsRef<str>; 5]) -> String {
    let mut text = format!("{name:<34}");
    for column in &columns {
        text.push_str(&format!("{:>11}", column.as_ref()));
    }
    text.push('\n');
    text
}
