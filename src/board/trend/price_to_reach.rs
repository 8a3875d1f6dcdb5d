//! The price to reach a score: how fast the record-low price of a threshold fell (Epoch's method).
//!
//! Descriptive only: record lows are selected, so their scatter understates the uncertainty.

use crate::model::Date;

use super::estimate::{Insufficient, require, t_quantile_95};

/// Fewest record lows that are fitted.
pub const RECORD_LOWS_MIN: u64 = 4;
/// Days in a year of this estimator, as published.
pub const DAYS_PER_YEAR_HERE: f64 = 365.0;
/// Record lows that there is room for from the start: most scores have fewer.
const KEPT_AT_FIRST: usize = 8;
/// Coefficients of the fit: degrees of freedom = points - 2.
const COEFFICIENTS: u64 = 2;

/// One dated offer of a capability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer<T> {
    /// From when on.
    pub date: Date,
    /// The score, mirrored where less is better: greater is always better.
    pub good: f64,
    /// Cost in USD, greater than zero.
    pub cost: f64,
    /// Whatever names the offer to the caller.
    pub name: T,
}

/// A price lower than every earlier one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RecordLow<T> {
    /// Since when.
    pub date: Date,
    /// Cost in USD.
    pub cost: f64,
    /// The name of the offer.
    pub name: T,
}

/// The walk by date that keeps each price strictly cheaper than all before it, at most one a day.
///
/// A caller with an index need not offer every point: those that cost [`RecordLows::cheapest`] or more are never kept, so it may
/// jump to the next cheaper one.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordLows<T> {
    kept: Vec<RecordLow<T>>,
}

impl<T> Default for RecordLows<T> {
    fn default() -> Self {
        Self {
            kept: Vec::with_capacity(KEPT_AT_FIRST),
        }
    }
}

impl<T> RecordLows<T> {
    /// Walks all offers, which come by date, and keeps those that reach the threshold on the same scale as `good`.
    pub fn walk(offers: impl IntoIterator<Item = Offer<T>>, threshold: f64) -> Self {
        let mut lows = Self::default();
        for offer in offers {
            if offer.good >= threshold {
                lows.offer(offer.date, offer.cost, offer.name);
            }
        }
        lows
    }

    /// Offers the next price in USD; true when it is a new record low, which replaces one of the same day.
    ///
    /// `date` is not before that of any earlier offer. Of equal prices the first offered is kept.
    pub fn offer(&mut self, date: Date, cost: f64, name: T) -> bool {
        if let Some(last) = self.kept.last() {
            debug_assert!(last.date <= date, "offers come by date");
            if cost >= last.cost {
                return false;
            }
            if last.date == date {
                self.kept.pop();
            }
        }
        self.kept.push(RecordLow { date, cost, name });
        true
    }

    /// The lowest price so far, in USD.
    pub fn cheapest(&self) -> Option<f64> {
        self.kept.last().map(|low| low.cost)
    }

    /// The newest record low, which a caller may name otherwise.
    pub fn newest(&mut self) -> Option<&mut RecordLow<T>> {
        self.kept.last_mut()
    }

    /// The record lows by date: dates strictly rise, costs strictly fall.
    pub fn kept(&self) -> &[RecordLow<T>] {
        &self.kept
    }

    /// Days from the first to the last record low.
    pub fn span_days(&self) -> i32 {
        match (self.kept.first(), self.kept.last()) {
            (Some(first), Some(last)) => last.date.days_since(first.date),
            _ => 0,
        }
    }

    /// Least squares of log10 cost on days.
    ///
    /// # Errors
    ///
    /// Fewer than [`RECORD_LOWS_MIN`] record lows or less than 365 days between them; the text names all that is missing.
    pub fn solve(&self) -> Result<PriceToReach, Insufficient> {
        let points = self.kept.len() as u64;
        let span_days = self.span_days();
        require(points, RECORD_LOWS_MIN, span_days, None)?;

        let n = points as f64;
        let logs: Vec<(f64, f64)> = self
            .kept
            .iter()
            .map(|low| (f64::from(low.date.days()), libm::log10(low.cost)))
            .collect();
        let mean_days = logs.iter().map(|(x, _)| x).sum::<f64>() / n;
        let mean_log = logs.iter().map(|(_, y)| y).sum::<f64>() / n;
        let centred = || logs.iter().map(|(x, y)| (x - mean_days, y - mean_log));
        let xx: f64 = centred().map(|(x, _)| x * x).sum();
        let yy: f64 = centred().map(|(_, y)| y * y).sum();
        let slope = centred().map(|(x, y)| x * y).sum::<f64>() / xx;
        // From the residuals themselves: subtracting sums would lose the digits of a good fit.
        let residual: f64 = centred()
            .map(|(x, y)| (y - slope * x) * (y - slope * x))
            .sum();
        let freedom = points - COEFFICIENTS;
        let half_width = t_quantile_95(freedom) * (residual / freedom as f64 / xx).sqrt();
        let factor = |slope: f64| libm::exp10(-DAYS_PER_YEAR_HERE * slope);
        Ok(PriceToReach {
            n: points,
            span_days,
            annual_factor: factor(slope),
            annual_factor_low: factor(slope + half_width),
            annual_factor_high: factor(slope - half_width),
            r_squared: (yy > 0.0).then(|| (1.0 - residual / yy).max(0.0)),
        })
    }
}

/// How fast the record-low price fell. Intervals are two-sided 90 % by Student's t with n - 2 degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriceToReach {
    /// Number of record lows.
    pub n: u64,
    /// Days from the first to the last record low.
    pub span_days: i32,
    /// The price falls by this factor in 365 days: 10^(-365 slope).
    pub annual_factor: f64,
    /// Lower end of its interval.
    pub annual_factor_low: f64,
    /// Upper end of its interval; infinite where it exceeds the range of f64.
    pub annual_factor_high: f64,
    /// Coefficient of determination, 0 to 1; unset where the costs differ too little for f64.
    pub r_squared: Option<f64>,
}

#[cfg(test)]
mod tests;
