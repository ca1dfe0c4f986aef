//! A bar for long work on a terminal, and nothing elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar over so many steps.
pub fn bar(steps: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    if !std::io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {pos}/{len} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}

/// A count that grows, where nobody knows how far.
pub fn spinner(what: &str) -> ProgressBar {
    let bar = bar(0, what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {pos}") {
        bar.set_style(style);
    }
    bar
}

/// A bar over so many bytes of files.
pub fn bytes(bytes: u64, what: &str) -> ProgressBar {
    let bar = bar(bytes, what);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:40}] {bytes}/{total_bytes} {eta}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
