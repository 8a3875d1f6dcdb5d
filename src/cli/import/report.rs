//! What became of every row, and the progress bar.
//!
//! read = submitted + already there + skipped + refused, counted by rows; files that cannot be read are counted apart.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::Failure;
use crate::cli::failure::say;
use crate::cli::output::{Format as Output, print, print_line};
use crate::cli::table::{facts, printable};
use crate::import::Reason;

/// Distinct unmatched model names that the summary lists.
const MAX_UNMATCHED: usize = 1_000;
/// Rows between two looks at the progress bar.
const REDRAW_ROWS: u64 = 64;

/// What became of one row or file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Submitted,
    AlreadyThere,
    Skipped,
    Refused,
}

/// Where a row stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) file: Arc<str>,
    pub(super) row: String,
}

#[derive(Debug, Default)]
struct Tally(BTreeMap<String, (u64, String)>);

impl Tally {
    fn add(&mut self, reason: &str, example: &str) {
        if let Some((count, _)) = self.0.get_mut(reason) {
            *count += 1;
        } else {
            self.0.insert(reason.to_owned(), (1, example.to_owned()));
        }
    }

    fn total(&self) -> u64 {
        self.0.values().map(|(count, _)| count).sum()
    }

    fn counts(&self) -> Value {
        self.0
            .iter()
            .map(|(reason, (count, _))| (reason.clone(), Value::from(*count)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

/// Counts, lists, and the progress bar.
#[derive(Debug)]
pub(super) struct Report {
    output: Output,
    verbose: bool,
    bar: ProgressBar,
    read: u64,
    submitted: u64,
    already_there: u64,
    skipped: Tally,
    refused: Tally,
    files: BTreeMap<&'static str, u64>,
    files_skipped: Tally,
    files_refused: Tally,
    notes: BTreeMap<Reason, u64>,
    created: Vec<String>,
    /// Names of models with the ids proposed for them.
    unmatched: BTreeMap<String, String>,
    /// Nothing is connected or written.
    pub(super) dry: bool,
}

impl Report {
    /// `bytes` = what there is to read, 0 where that is not known.
    pub(super) fn new(output: Output, verbose: bool, bytes: u64) -> Self {
        // Hidden unless standard error is a terminal.
        let bar = match bytes {
            0 => ProgressBar::no_length(),
            bytes => ProgressBar::new(bytes),
        };
        let form = match bytes {
            0 => "{spinner} {bytes} {msg}",
            // The bar takes what the figures leave, so that the line fits a terminal of 80 columns.
            _ => "{wide_bar} {bytes}/{total_bytes} {msg}, {eta} left",
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        Self {
            output,
            verbose,
            bar,
            read: 0,
            submitted: 0,
            already_there: 0,
            skipped: Tally::default(),
            refused: Tally::default(),
            files: BTreeMap::new(),
            files_skipped: Tally::default(),
            files_refused: Tally::default(),
            notes: BTreeMap::new(),
            created: Vec::new(),
            unmatched: BTreeMap::new(),
            dry: false,
        }
    }

    pub(super) fn file(&mut self, name: &str, format: &'static str, recognised: bool) {
        *self.files.entry(format).or_default() += 1;
        if recognised {
            self.bar
                .suspend(|| say(&format!("`{}`: recognised as {format}", printable(name))));
        }
    }

    /// A file that cannot be read, or no further.
    pub(super) fn unreadable(
        &mut self,
        name: &str,
        outcome: Outcome,
        reason: &str,
        message: &str,
    ) -> Result<(), Failure> {
        let example = format!("{name}: {message}");
        match outcome {
            Outcome::Skipped => self.files_skipped.add(reason, &example),
            _ => self.files_refused.add(reason, &example),
        }
        self.list(name, "", outcome, reason, message)
    }

    pub(super) fn note(&mut self, notes: &[Reason]) {
        for note in notes {
            *self.notes.entry(note).or_default() += 1;
        }
    }

    pub(super) fn created(&mut self, benchmark: &str) {
        self.created.push(benchmark.to_owned());
    }

    pub(super) fn unmatched(&mut self, name: &str, proposal: &str) {
        if self.unmatched.len() < MAX_UNMATCHED {
            self.unmatched.insert(name.to_owned(), proposal.to_owned());
        }
    }

    /// One row that is settled; `reason` and `message` for those skipped and refused.
    pub(super) fn row(
        &mut self,
        place: &Place,
        outcome: Outcome,
        reason: &str,
        message: &str,
    ) -> Result<(), Failure> {
        self.read += 1;
        let example = || format!("{}, {}: {message}", place.file, place.row);
        match outcome {
            Outcome::Submitted => self.submitted += 1,
            Outcome::AlreadyThere => self.already_there += 1,
            Outcome::Skipped => self.skipped.add(reason, &example()),
            Outcome::Refused => self.refused.add(reason, &example()),
        }
        match outcome {
            Outcome::Submitted | Outcome::AlreadyThere => Ok(()),
            Outcome::Skipped | Outcome::Refused => {
                self.list(&place.file, &place.row, outcome, reason, message)
            }
        }
    }

    /// Moves the progress bar to what was read of the input.
    pub(super) fn progress(&self, position: &AtomicU64) {
        if self.read.is_multiple_of(REDRAW_ROWS) {
            self.bar.set_position(position.load(Ordering::Relaxed));
            let seconds = self
                .bar
                .elapsed()
                .max(Duration::from_millis(1))
                .as_secs_f64();
            self.bar.set_message(format!(
                "{} rows, {:.0} rows/s",
                self.read,
                self.read as f64 / seconds
            ));
        }
    }

    fn list(
        &self,
        file: &str,
        row: &str,
        outcome: Outcome,
        reason: &str,
        message: &str,
    ) -> Result<(), Failure> {
        let outcome = if outcome == Outcome::Skipped {
            "skipped"
        } else {
            "refused"
        };
        match self.output {
            Output::Json => {
                let line = json!({ "file": file, "row": row, "outcome": outcome, "reason": reason, "message": message });
                self.bar.suspend(|| print_line(&line.to_string()))?;
            }
            Output::Human if self.verbose => {
                let place = if row.is_empty() {
                    file.to_owned()
                } else {
                    format!("{file}, {row}")
                };
                self.bar.suspend(|| {
                    print_line(&printable(&format!(
                        "{outcome} {reason}  {place}: {message}"
                    )))
                })?;
            }
            Output::Human => {}
        }
        Ok(())
    }

    /// Prints the summary. Called too when the import broke off, so that what was done is said.
    pub(super) fn summarise(&self) -> Result<(), Failure> {
        self.bar.finish_and_clear();
        match self.output {
            Output::Json => print_line(&json!({ "summary": self.json() }).to_string())?,
            Output::Human => print(&self.text())?,
        }
        Ok(())
    }

    /// The summary, and a failure where anything was refused.
    pub(super) fn end(&self) -> Result<(), Failure> {
        self.summarise()?;
        if self.refused.total() + self.files_refused.total() > 0 {
            return Err(Failure::Condition);
        }
        Ok(())
    }

    fn json(&self) -> Value {
        json!({
            "dryRun": self.dry,
            "files": {
                "read": self.files.values().sum::<u64>(),
                "formats": self.files.iter().map(|(name, count)| ((*name).to_owned(), Value::from(*count))).collect::<serde_json::Map<_, _>>(),
                "skipped": self.files_skipped.counts(),
                "refused": self.files_refused.counts(),
            },
            "read": self.read,
            "submitted": self.submitted,
            "alreadyThere": self.already_there,
            "skipped": self.skipped.counts(),
            "refused": self.refused.counts(),
            "notes": self.notes.iter().map(|(note, count)| ((*note).to_owned(), Value::from(*count))).collect::<serde_json::Map<_, _>>(),
            "benchmarksCreated": self.created,
            "modelsUnmatched": self.unmatched,
        })
    }

    fn text(&self) -> String {
        let formats: Vec<String> = self
            .files
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let some = |count: u64| (count > 0).then(|| count.to_string());
        let created = match self.created.len() {
            0 => None,
            1..=8 => Some(self.created.join(", ")),
            count => Some(format!("{count}: {}, …", self.created[..8].join(", "))),
        };
        let submitted = if self.dry {
            "would submit"
        } else {
            "submitted"
        };
        let mut text = facts(
            0,
            &[
                (
                    "files",
                    Some(if formats.is_empty() {
                        "none of a format to import".to_owned()
                    } else {
                        formats.join(", ")
                    }),
                ),
                ("files skipped", some(self.files_skipped.total())),
                ("files refused", some(self.files_refused.total())),
                ("rows read", Some(self.read.to_string())),
                (submitted, Some(self.submitted.to_string())),
                ("already there", Some(self.already_there.to_string())),
                ("skipped", Some(self.skipped.total().to_string())),
                ("refused", Some(self.refused.total().to_string())),
                ("benchmarks created", created),
            ],
        );
        for (title, tally) in [
            ("files skipped", &self.files_skipped),
            ("files refused", &self.files_refused),
            ("skipped", &self.skipped),
            ("refused", &self.refused),
        ] {
            for (reason, (count, example)) in &tally.0 {
                text.push_str(&printable(&format!(
                    "{title} {reason}: {count}, such as {example}"
                )));
                text.push('\n');
            }
        }
        for (note, count) in &self.notes {
            text.extend(["note ", *note, ": ", &count.to_string(), "\n"]);
        }
        if !self.unmatched.is_empty() {
            text.push_str("models that no rule names; put them into a `--mapping` file, the vendor filled in:\n[models]\n");
            for (name, proposal) in &self.unmatched {
                let name = Value::from(name.as_str()).to_string();
                text.push_str(&printable(&format!("{name} = \"{proposal}\"")));
                text.push('\n');
            }
        }
        text
    }
}
