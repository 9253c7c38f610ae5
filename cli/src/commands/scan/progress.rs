//! `Progress`: one line on a terminal that says how far a long scan is.

use std::io::Write;
use std::time::{Duration, Instant};

/// How often the line changes.
const PERIOD: Duration = Duration::from_millis(200);

pub(super) struct Progress<'a> {
    /// Standard error, if it is a terminal.
    terminal: Option<&'a mut dyn Write>,
    shown: Instant,
    is_visible: bool,
}

impl<'a> Progress<'a> {
    pub(super) fn new(terminal: Option<&'a mut dyn Write>) -> Self {
        Self { terminal, shown: Instant::now(), is_visible: false }
    }

    /// Shows how many files and bytes were scanned, unless the line is new.
    pub(super) fn show(&mut self, files: u64, bytes: u64) {
        // Most files take less time than a look at the clock is worth.
        if let Some(terminal) = &mut self.terminal
            && files.is_multiple_of(16)
            && self.shown.elapsed() >= PERIOD
        {
            self.shown = Instant::now();
            self.is_visible = true;
            let _ = write!(terminal, "\r{files} files, {} MB", bytes / 1_000_000);
        }
    }
}

/// Takes the line away.
impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(terminal) = self.terminal.as_mut().filter(|_| self.is_visible) {
            let _ = write!(terminal, "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_on_a_terminal_and_taken_away() {
        let mut screen = Vec::new();
        let mut progress = Progress::new(Some(&mut screen));
        progress.show(16, 1);
        progress.shown -= PERIOD;
        progress.show(32, 5_000_000);
        progress.show(48, 6_000_000);
        drop(progress);
        assert_eq!(String::from_utf8(screen).as_deref(), Ok("\r32 files, 5 MB\r\u{1b}[K"));
    }
}
