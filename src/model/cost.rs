//! Costs in US dollars.

use serde::{Deserialize, Serialize};

/// What a cost measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CostBasis {
    /// USD per benchmark task.
    Task,
    /// Blended list price, USD per million tokens.
    TokenPrice,
    /// USD of the training run.
    Training,
}

impl CostBasis {
    /// All bases, in the order in which a board picks its default.
    pub const ALL: [Self; 3] = [Self::Task, Self::TokenPrice, Self::Training];

    /// Position in [`CostBasis::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// How a cost came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CostKind {
    /// Metered by whoever ran the evaluation.
    Measured,
    /// Stated by a source.
    Reported,
    /// Somebody's estimate.
    Estimated,
    /// Computed from token usage and dated prices.
    Derived,
}

/// A cost in USD with its range; every figure is finite and greater than zero, low <= central <= high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Lower end, where one is known.
    pub low: Option<f64>,
    /// The figure to compute with.
    pub central: f64,
    /// Upper end, where one is known.
    pub high: Option<f64>,
    /// How it came to be known.
    pub kind: CostKind,
}

impl Cost {
    /// A cost without a range.
    pub const fn exact(central: f64, kind: CostKind) -> Self {
        Self {
            low: None,
            central,
            high: None,
            kind,
        }
    }

    /// Every figure divided by `divisor`, which is greater than zero.
    #[must_use]
    pub fn per(self, divisor: f64) -> Self {
        Self {
            low: self.low.map(|usd| usd / divisor),
            central: self.central / divisor,
            high: self.high.map(|usd| usd / divisor),
            kind: self.kind,
        }
    }

    /// Lower end, or the central figure where none is known.
    pub fn low_or_central(self) -> f64 {
        self.low.unwrap_or(self.central)
    }

    /// Upper end, or the central figure where none is known.
    pub fn high_or_central(self) -> f64 {
        self.high.unwrap_or(self.central)
    }
}

/// Tokens used by an evaluation run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Input tokens, cached ones excluded.
    pub input: u64,
    /// Output tokens, reasoning included.
    pub output: u64,
    /// Input tokens read from a cache.
    pub cache_read: u64,
    /// Input tokens written to a cache.
    pub cache_write: u64,
}
