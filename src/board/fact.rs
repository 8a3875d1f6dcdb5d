//! Results as the board keeps them: numbers and interned names. Texts and links are read from the log by revision.
//!
//! A million results are held in memory, so what most of them have stands in 56 bytes, and what few have in a box.

use serde::{Deserialize, Serialize};

use crate::model::{
    Benchmark, Cost, CostKind, Date, GivenInterval, Relationship, ResultFacts, Revision, Status,
    Tokens,
};

use super::answer::{Interval, IntervalSource};
use super::query::Selection;
use super::voices::{VoiceKey, Voices};

/// Half-width of a 95 % interval in standard errors.
pub(crate) const Z95: f64 = 1.96;

/// A result without its texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    revision: Revision,
    score: f64,
    /// USD of the run; 0 where it is not known.
    run_usd: f64,
    /// Hash of the source link, 0 without one.
    source: u64,
    rare: Option<Box<Rare>>,
    /// What [`Counts`] says: a number, and in the lowest [`REPEATS_BITS`] bits how often each was tried.
    count: u32,
    observed: Date,
    voice: VoiceKey,
    status: Status,
    relationship: Relationship,
    run_cost: RunCost,
    counts: Counts,
}

/// Bits of a count that say how often each task was tried.
const REPEATS_BITS: u32 = 8;
const REPEATS_MAX: u32 = (1 << REPEATS_BITS) - 1;

/// How the cost of the run is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum RunCost {
    Unknown,
    Known(CostKind),
}

/// What is counted: tasks times repeats, and questions answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Counts {
    /// Nothing is known.
    Nothing,
    /// Tasks; not how many questions were answered.
    Tasks,
    /// Questions, each of them a task.
    Questions,
    /// They stand among what is rare.
    Rare,
}

/// What few results have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rare {
    interval: Option<GivenInterval>,
    standard_error: Option<f64>,
    questions: Option<u64>,
    tasks: Option<f64>,
    tokens: Option<Tokens>,
    /// Ends of the cost of the run.
    usd_low: Option<f64>,
    usd_high: Option<f64>,
}

impl Fact {
    /// The fact of a new result in a voice.
    pub(crate) fn new(revision: Revision, facts: &ResultFacts, voice: VoiceKey) -> Self {
        let given = facts.uncertainty;
        let cost = facts.run_cost;
        let mut rare = Rare {
            interval: given.interval,
            standard_error: given.standard_error,
            tokens: facts.tokens,
            usd_low: cost.and_then(|cost| cost.low),
            usd_high: cost.and_then(|cost| cost.high),
            ..Rare::default()
        };
        let (count, counts) = count(facts, &mut rare);
        Self {
            revision,
            score: facts.score,
            run_usd: cost.map_or(0.0, |cost| cost.central),
            source: source(&facts.source_url),
            rare: (rare != Rare::default()).then(|| Box::new(rare)),
            count,
            observed: facts.observed,
            voice,
            status: Status::Active,
            relationship: facts.relationship,
            run_cost: cost.map_or(RunCost::Unknown, |cost| RunCost::Known(cost.kind)),
            counts,
        }
    }

    /// Its id.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Score in the benchmark's unit.
    pub fn score(&self) -> f64 {
        self.score
    }

    /// USD of the run.
    pub fn run_cost(&self) -> Option<Cost> {
        let RunCost::Known(kind) = self.run_cost else {
            return None;
        };
        Some(Cost {
            low: self.rare().and_then(|rare| rare.usd_low),
            central: self.run_usd,
            high: self.rare().and_then(|rare| rare.usd_high),
            kind,
        })
    }

    /// Tokens of the run.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.rare()?.tokens.as_ref()
    }

    /// Tasks times repeats.
    pub fn tasks(&self) -> Option<f64> {
        match self.counts {
            Counts::Nothing => None,
            Counts::Tasks | Counts::Questions => {
                let repeats = self.count & REPEATS_MAX;
                Some(f64::from(self.count >> REPEATS_BITS) * f64::from(repeats))
            }
            Counts::Rare => self.rare()?.tasks,
        }
    }

    /// Questions answered, as given.
    fn questions(&self) -> Option<u64> {
        match self.counts {
            Counts::Nothing | Counts::Tasks => None,
            Counts::Questions => Some(u64::from(self.count >> REPEATS_BITS)),
            Counts::Rare => self.rare()?.questions,
        }
    }

    /// When it was measured.
    pub fn observed(&self) -> Date {
        self.observed
    }

    /// Relationship of the evaluator to the maker.
    pub fn relationship(&self) -> Relationship {
        self.relationship
    }

    /// Status now.
    pub fn status(&self) -> Status {
        self.status
    }

    pub(crate) fn set_status(&mut self, status: Status) {
        self.status = status;
    }

    /// Evaluator and harness.
    pub(crate) fn voice(&self) -> VoiceKey {
        self.voice
    }

    /// What tells results of a model apart: evaluator and harness, and the source.
    pub(crate) fn origin(&self) -> (VoiceKey, u64) {
        (self.voice, self.source)
    }

    fn rare(&self) -> Option<&Rare> {
        self.rare.as_deref()
    }

    /// The 95 % interval: given, else from the standard error, else Wilson for proportions, else none.
    pub(crate) fn interval(&self, benchmark: &Benchmark) -> Option<Interval> {
        if let Some(given) = self.rare().and_then(|rare| rare.interval) {
            let scale = rescale(given.level);
            return Some(Interval {
                low: self.score - (self.score - given.low) * scale,
                high: self.score + (given.high - self.score) * scale,
                source: IntervalSource::Reported,
            });
        }
        if let Some(error) = self.rare().and_then(|rare| rare.standard_error) {
            return Some(Interval {
                low: self.score - Z95 * error,
                high: self.score + Z95 * error,
                source: IntervalSource::StandardError,
            });
        }
        let scale = benchmark.proportion_scale()?;
        let n = self.questions().or(benchmark.questions)?;
        wilson(self.score / scale, n as f64).map(|(low, high)| Interval {
            low: low * scale,
            high: high * scale,
            source: IntervalSource::Derived,
        })
    }

    /// The standard error behind the interval: half its width over 1.96.
    pub(crate) fn standard_error(interval: Interval) -> f64 {
        (interval.high - interval.low) / (2.0 * Z95)
    }

    /// Whether the result may count under a selection.
    pub(crate) fn eligible(&self, selection: &Selection, voices: &Voices) -> bool {
        self.status != Status::Retracted
            && selection.date.is_none_or(|date| self.observed <= date)
            && (selection.results.admits_all() || {
                let (evaluator, harness) = voices.get(self.voice);
                let (relationship, status) = (self.relationship, self.status);
                let filter = &selection.results;
                filter.admits(evaluator, relationship, harness, status)
            })
    }

    /// Whether another result says something of its own: another evaluator, harness or source.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.origin() != other.origin()
    }
}

fn source(link: &str) -> u64 {
    if link.is_empty() {
        return 0;
    }
    let mut source = [0; 8];
    source.copy_from_slice(&blake3::hash(link.as_bytes()).as_bytes()[..8]);
    u64::from_le_bytes(source)
}

/// Tasks times repeats, and questions: as one number where that is enough.
fn count(facts: &ResultFacts, rare: &mut Rare) -> (u32, Counts) {
    let questions = facts.uncertainty.sample_count;
    let Some(tasks) = facts.task_count.or(questions) else {
        return (0, Counts::Nothing);
    };
    let repeats = facts.repeats.unwrap_or(1);
    if tasks <= u64::from(u32::MAX >> REPEATS_BITS) && repeats <= REPEATS_MAX {
        let count = ((tasks as u32) << REPEATS_BITS) | repeats;
        match questions {
            None => return (count, Counts::Tasks),
            Some(questions) if questions == tasks => return (count, Counts::Questions),
            Some(_) => {}
        }
    }
    rare.questions = questions;
    rare.tasks = Some(tasks as f64 * f64::from(repeats));
    (0, Counts::Rare)
}

/// Factor from an interval at `level` to one at 95 %, for normal errors.
fn rescale(level: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, Normal};
    if level == 0.95 {
        return 1.0;
    }
    let normal = Normal::standard();
    let factor = normal.inverse_cdf(0.975) / normal.inverse_cdf(f64::midpoint(1.0, level));
    // The library's logarithms may differ in the last digits between platforms, which rounding hides.
    (factor * QUANTILE_STEPS).round_ties_even() / QUANTILE_STEPS
}

/// Steps a unit of a rounded factor.
const QUANTILE_STEPS: f64 = (1u64 << 40) as f64;

/// The Wilson score interval of a proportion `p` over `n` trials; none outside 0..=1.
/// Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927).
pub(crate) fn wilson(p: f64, n: f64) -> Option<(f64, f64)> {
    if !(0.0..=1.0).contains(&p) || n < 1.0 {
        return None;
    }
    let z2 = Z95 * Z95;
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    // Rounding must not move the ends that are exact: 0 for p = 0, and 1 for p = 1.
    let low = if p == 0.0 { 0.0 } else { centre - half };
    let high = if p == 1.0 { 1.0 } else { centre + half };
    Some((low.max(0.0), high.min(1.0)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{BenchmarkId, ModelId, Uncertainty};

    #[test]
    fn wilson_agrees_with_published_values() {
        // R1 on GPQA-Diamond: 71.5 % of 198; computed with statsmodels (z = 1.96).
        let (low, high) = wilson(0.715, 198.0).expect("in range");
        assert!((low - 0.648_5).abs() < 5e-4, "{low}");
        assert!((high - 0.773_3).abs() < 5e-4, "{high}");
        for n in 1..500 {
            assert_eq!(wilson(0.0, f64::from(n)).map(|ends| ends.0), Some(0.0));
            assert_eq!(wilson(1.0, f64::from(n)).map(|ends| ends.1), Some(1.0));
        }
        assert_eq!(wilson(1.1, 10.0), None);
    }

    fn facts(task_count: Option<u64>, questions: Option<u64>, repeats: Option<u32>) -> ResultFacts {
        ResultFacts {
            benchmark: BenchmarkId::parse("exam", "id").expect("an id"),
            model: ModelId::parse("maker/model", "id").expect("an id"),
            score: 50.0,
            uncertainty: Uncertainty {
                sample_count: questions,
                ..Uncertainty::default()
            },
            run_cost: None,
            tokens: None,
            task_count,
            repeats,
            observed: Date::from_days(20_000),
            evaluator: "lab".into(),
            relationship: Relationship::Other,
            harness: "".into(),
            harness_version: "".into(),
            source_url: "".into(),
            labels: BTreeMap::new(),
        }
    }

    #[test]
    fn counts_are_kept_whatever_their_size() {
        let sizes = [1, 198, (1 << 24) - 1, 1 << 24, 1 << 32, u64::MAX];
        let some = |sizes: &[u64]| -> Vec<Option<u64>> {
            std::iter::once(None)
                .chain(sizes.iter().copied().map(Some))
                .collect()
        };
        for task_count in some(&sizes) {
            for questions in some(&sizes) {
                for repeats in [None, Some(1), Some(5), Some(255), Some(256), Some(u32::MAX)] {
                    let given = facts(task_count, questions, repeats);
                    let fact = Fact::new(1, &given, 0);
                    let tasks = task_count.or(questions).map(|tasks| tasks as f64);
                    let tasks = tasks.map(|tasks| tasks * f64::from(repeats.unwrap_or(1)));
                    assert_eq!(fact.tasks(), tasks, "{given:?}");
                    assert_eq!(fact.questions(), questions, "{given:?}");
                }
            }
        }
    }

    #[test]
    fn costs_and_tokens_come_back_as_given() {
        let kinds = [CostKind::Measured, CostKind::Derived];
        let ranges = [(None, None), (Some(1.0), None), (Some(1.0), Some(4.0))];
        for kind in kinds {
            for (low, high) in ranges {
                let (central, tokens) = (2.0, Tokens::default());
                let cost = Cost {
                    low,
                    central,
                    high,
                    kind,
                };
                let fact = Fact::new(
                    1,
                    &ResultFacts {
                        run_cost: Some(cost),
                        tokens: Some(tokens),
                        ..facts(None, None, None)
                    },
                    0,
                );
                assert_eq!(fact.run_cost(), Some(cost));
                assert_eq!(fact.tokens(), Some(&tokens));
            }
        }
        let bare = Fact::new(1, &facts(None, None, None), 0);
        assert_eq!((bare.run_cost(), bare.tokens()), (None, None));
    }

    #[test]
    fn a_result_is_small() {
        assert_eq!(size_of::<Fact>(), 56);
    }

    #[test]
    fn a_90_percent_interval_widens_to_95() {
        // 1.959964 / 1.644854
        assert!((rescale(0.90) - 1.191_573_2).abs() < 1e-6);
        assert_eq!(rescale(0.95), 1.0);
        // 1.959964 / 2.575829
        assert!((rescale(0.99) - 0.760_906).abs() < 1e-6);
    }
}
