//! Results as the board keeps them: numbers and interned names. Texts and links are read from the log by revision.

use serde::{Deserialize, Serialize};

use crate::model::{
    Benchmark, Cost, Date, Relationship, ResultFacts, Revision, Status, Text, Tokens, Uncertainty,
};

use super::answer::{Interval, IntervalSource};
use super::query::Selection;

/// Half-width of a 95 % interval in standard errors.
pub(crate) const Z95: f64 = 1.96;

/// A result without its texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// Its id.
    pub revision: Revision,
    /// Score in the benchmark's unit.
    pub score: f64,
    /// As given.
    pub uncertainty: Uncertainty,
    /// USD of the run.
    pub run_cost: Option<Cost>,
    /// Tokens of the run.
    pub tokens: Option<Tokens>,
    /// Tasks times repeats.
    pub tasks: Option<f64>,
    /// When it was measured.
    pub observed: Date,
    /// Who ran it.
    pub evaluator: Text,
    /// Relationship to the maker.
    pub relationship: Relationship,
    /// Harness, may be empty.
    pub harness: Text,
    /// Hash of the source link, to tell sources apart.
    pub source: u64,
    /// Status now.
    pub status: Status,
}

impl Fact {
    /// The fact of a new result.
    pub(crate) fn new(revision: Revision, facts: &ResultFacts) -> Self {
        let mut source = [0; 8];
        source.copy_from_slice(&blake3::hash(facts.source_url.as_bytes()).as_bytes()[..8]);
        let tasks = facts.task_count.or(facts.uncertainty.sample_count);
        let repeats = f64::from(facts.repeats.unwrap_or(1));
        Self {
            revision,
            score: facts.score,
            uncertainty: facts.uncertainty,
            run_cost: facts.run_cost,
            tokens: facts.tokens,
            tasks: tasks.map(|tasks| tasks as f64 * repeats),
            observed: facts.observed,
            evaluator: facts.evaluator.clone(),
            relationship: facts.relationship,
            harness: facts.harness.clone(),
            source: u64::from_le_bytes(source),
            status: Status::Active,
        }
    }

    /// The 95 % interval: given, else from the standard error, else Wilson for proportions, else none.
    pub(crate) fn interval(&self, benchmark: &Benchmark) -> Option<Interval> {
        if let Some(given) = self.uncertainty.interval {
            let scale = rescale(given.level);
            return Some(Interval {
                low: self.score - (self.score - given.low) * scale,
                high: self.score + (given.high - self.score) * scale,
                source: IntervalSource::Reported,
            });
        }
        if let Some(error) = self.uncertainty.standard_error {
            return Some(Interval {
                low: self.score - Z95 * error,
                high: self.score + Z95 * error,
                source: IntervalSource::StandardError,
            });
        }
        let scale = benchmark.proportion_scale()?;
        let n = self.uncertainty.sample_count.or(benchmark.questions)?;
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
    pub(crate) fn eligible(&self, selection: &Selection) -> bool {
        self.status != Status::Retracted
            && selection.date.is_none_or(|date| self.observed <= date)
            && selection.results.admits(
                &self.evaluator,
                self.relationship,
                &self.harness,
                self.status,
            )
    }

    /// Whether another result says something of its own: another evaluator, harness or source.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        self.evaluator != other.evaluator
            || self.harness != other.harness
            || self.source != other.source
    }
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
    use super::*;

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

    #[test]
    fn a_90_percent_interval_widens_to_95() {
        // 1.959964 / 1.644854
        assert!((rescale(0.90) - 1.191_573_2).abs() < 1e-6);
        assert_eq!(rescale(0.95), 1.0);
        // 1.959964 / 2.575829
        assert!((rescale(0.99) - 0.760_906).abs() < 1e-6);
    }
}
