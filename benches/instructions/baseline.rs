//! The recorded counts and the comparison with them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A rise above this fails, a fall below it asks for a new baseline, percent.
const TOLERANCE: f64 = 5.0;
/// As above, where another compiler made the baseline: versions differ by less, mistakes by more.
const TOLERANCE_OTHER_COMPILER: f64 = 30.0;
/// Cases on boards of 1,000 and of 10,000 standings, whose counts may differ by a factor of (4/3)^2 at most: log^2 n.
/// This holds with every compiler and on every machine.
const GROWTH: [(&str, &str); 2] = [
    ("apply_changes_1e3", "apply_changes_1e4"),
    ("apply_outcome_1e3", "apply_outcome_1e4"),
];
const GROWTH_MAX: f64 = 16.0 / 9.0;

const HEADER: &str = "\
# Instructions per operation, and what counted them. Made by: cargo bench --bench instructions -- --record
";

/// What `instructions.baseline.toml` holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// Version of the compiler.
    pub(crate) rustc: String,
    /// What it compiles for.
    pub(crate) target: String,
    /// Instructions per operation.
    pub(crate) instructions: BTreeMap<String, u64>,
}

fn path() -> PathBuf {
    [
        env!("CARGO_MANIFEST_DIR"),
        "benches",
        "instructions.baseline.toml",
    ]
    .iter()
    .collect()
}

impl Baseline {
    /// Counts of this machine's compiler.
    pub(crate) fn new(counts: &[(&str, u64)]) -> Result<Self, String> {
        let output = Command::new("rustc").arg("-vV").output();
        let output = output.map_err(|error| format!("rustc does not start: {error}"))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let field = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("`rustc -vV` does not say its {name}"))
        };
        let counts = counts.iter();
        Ok(Self {
            rustc: field("release:")?,
            target: field("host:")?,
            instructions: counts.map(|(name, n)| ((*name).to_owned(), *n)).collect(),
        })
    }

    pub(crate) fn read() -> Result<Self, String> {
        let path = path();
        let fail = |error: &dyn std::fmt::Display| format!("`{}`: {error}", path.display());
        let text = fs::read_to_string(&path).map_err(|error| fail(&error))?;
        toml::from_str(&text).map_err(|error| fail(&error))
    }

    pub(crate) fn write(&self) -> Result<(), String> {
        let toml = toml::to_string(self).map_err(|error| error.to_string())?;
        let written = fs::write(path(), format!("{HEADER}{toml}"));
        written.map_err(|error| format!("`{}`: {error}", path().display()))
    }

    /// Compares `now` with this baseline. Answers what was noticed, and whether that is a failure.
    pub(crate) fn compare(&self, now: &Self) -> (Vec<String>, bool) {
        let mut verdict = Verdict::default();
        if self.target != now.target {
            verdict.note(format!(
                "!!! NOT COMPARED: the baseline is of `{}`, this is `{}`. Only growth is checked. !!!",
                self.target, now.target
            ));
        } else if self.rustc == now.rustc {
            self.compare_counts(now, TOLERANCE, &mut verdict);
        } else {
            verdict.note(format!(
                "!!! COMPARED LOOSELY: the baseline is of rustc {}, this is {}: up to {TOLERANCE_OTHER_COMPILER} % pass. \
                 Record a new one to check to {TOLERANCE} %. !!!",
                self.rustc, now.rustc
            ));
            self.compare_counts(now, TOLERANCE_OTHER_COMPILER, &mut verdict);
        }
        now.check_growth(&mut verdict);
        (verdict.notes, verdict.failed)
    }

    fn compare_counts(&self, now: &Self, tolerance: f64, verdict: &mut Verdict) {
        for (name, count) in &now.instructions {
            let Some(was) = self.instructions.get(name) else {
                verdict.fail(format!("{name}: not in the baseline: record it"));
                continue;
            };
            let change = percent(*was, *count);
            if change > tolerance {
                verdict.fail(format!(
                    "{name}: {count} instructions, {change:+.1} % from {was}: at most {tolerance} % more pass"
                ));
            } else if change < -tolerance {
                verdict.note(format!(
                    "!!! {name}: {count} instructions, {change:+.1} % from {was}: record the new baseline, or a later \
                     rise hides in the gap !!!"
                ));
            }
        }
        let gone = |name: &&String| !now.instructions.contains_key(*name);
        for name in self.instructions.keys().filter(gone) {
            verdict.fail(format!(
                "{name}: in the baseline and no longer a case: record anew"
            ));
        }
    }

    fn check_growth(&self, verdict: &mut Verdict) {
        for (small, large) in GROWTH {
            let count = |name| self.instructions.get(name).map(|count| *count as f64);
            let (Some(fewer), Some(more)) = (count(small), count(large)) else {
                verdict.fail(format!("`{small}` or `{large}` is no longer a case"));
                continue;
            };
            let factor = more / fewer;
            let line = format!("{large} takes {factor:.2} times {small}");
            if factor > GROWTH_MAX {
                verdict.fail(format!("{line}: at most {GROWTH_MAX:.2} is O(log^2 n)"));
            } else {
                verdict.note(line);
            }
        }
    }

    /// The change of a case from this baseline in percent.
    pub(crate) fn change(&self, name: &str, now: u64) -> Option<f64> {
        let was = self.instructions.get(name)?;
        Some(percent(*was, now))
    }
}

#[derive(Default)]
struct Verdict {
    notes: Vec<String>,
    failed: bool,
}

impl Verdict {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    fn fail(&mut self, what: impl std::fmt::Display) {
        self.notes.push(format!("FAILED {what}"));
        self.failed = true;
    }
}

fn percent(was: u64, now: u64) -> f64 {
    (now as f64 - was as f64) * 100.0 / was as f64
}
