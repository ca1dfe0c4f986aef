//! A sheet of figures: lines of comma separated values, appended to a file and shown.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Where figures go.
pub struct Sheet {
    file: PathBuf,
    columns: &'static str,
}

impl Sheet {
    /// A sheet with these columns; what the file holds already stays.
    pub fn new(file: &Path, columns: &'static str) -> Sheet {
        Sheet { file: file.to_owned(), columns }
    }

    /// Writes a line, and shows it.
    pub fn line(&self, line: &str) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("could not make {}", folder.display()))?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.file).with_context(|| format!("could not open {}", self.file.display()))?;
        if file.metadata()?.len() == 0 {
            writeln!(file, "{}", self.columns)?;
        }
        writeln!(file, "{line}").with_context(|| format!("could not write {}", self.file.display()))?;
        println!("{line}");
        Ok(())
    }
}

/// The value below which a share of sorted values lies.
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    match sorted.len() {
        0 => 0,
        count => sorted[((count as f64 * share).ceil() as usize).clamp(1, count) - 1],
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_a_value_that_was_seen() {
        let values: Vec<u32> = (1..=100).collect();
        for (share, expect) in [(0.5, 50), (0.99, 99), (0.999, 100), (1.0, 100), (0.0, 1)] {
            assert_eq!(percentile(&values, share), expect, "{share}");
        }
        assert_eq!(percentile(&[], 0.5), 0);
    }
}
