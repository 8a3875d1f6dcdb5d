//! What the fitted estimators share: the t quantile, and the refusal of too little data.

use std::fmt;
use std::sync::OnceLock;

use statrs::distribution::{ContinuousCDF, StudentsT};

/// Shortest span of dates that is fitted, in days: shorter windows inflate annual rates.
pub const SPAN_DAYS_MIN: i32 = 365;

/// Why there is no fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insufficient {
    /// Everything that is missing, in words, for people.
    pub missing: String,
}

impl fmt::Display for Insufficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "insufficient data: {}", self.missing)
    }
}

impl std::error::Error for Insufficient {}

/// Refuses fewer than `points_min` points and spans below [`SPAN_DAYS_MIN`]; `also` is any further lack.
///
/// # Errors
///
/// Names everything that is missing at once.
pub(super) fn require(
    points: u64,
    points_min: u64,
    span_days: i32,
    also: Option<&str>,
) -> Result<(), Insufficient> {
    let mut missing = Vec::new();
    if points < points_min {
        missing.push(format!("{points} of at least {points_min} points"));
    }
    if span_days < SPAN_DAYS_MIN {
        missing.push(format!(
            "{} of at least {SPAN_DAYS_MIN} days between the first and the last point",
            span_days.max(0)
        ));
    }
    missing.extend(also.map(str::to_owned));
    if missing.is_empty() {
        return Ok(());
    }
    Err(Insufficient {
        missing: missing.join("; "),
    })
}

/// Half-width multiplier of a two-sided 90 % interval: the 0.95 quantile of Student's t.
///
/// `freedom` = degrees of freedom, at least 1. Relative error below 1e-10.
///
/// From [`FREEDOM_EXPANDED_MIN`] on this is the Cornish-Fisher expansion in 1/freedom (Abramowitz and Stegun 26.7.5):
/// the inverse incomplete beta function cancels there, is off by 5e-4 at a million and by 16 % at ten million.
/// Below, the library's logarithms may differ in the last digits between platforms, which rounding to 2^-33 hides.
pub(super) fn t_quantile_95(freedom: u64) -> f64 {
    /// What was asked for before: each costs thousands of instructions and is asked for again and again.
    static KNOWN: [OnceLock<f64>; FREEDOM_EXPANDED_MIN] =
        [const { OnceLock::new() }; FREEDOM_EXPANDED_MIN];
    let n = freedom as f64;
    if let Some(known) = KNOWN.get(freedom as usize) {
        return *known.get_or_init(|| {
            let t = StudentsT::new(0.0, 1.0, n);
            let quantile = t.map_or(f64::INFINITY, |t| t.inverse_cdf(0.95));
            (quantile * ROUNDING).round_ties_even() / ROUNDING
        });
    }
    let z = NORMAL_QUANTILE_95;
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let third = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let fourth = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
    z + (first + (second + (third + fourth / n) / n) / n) / n
}

/// Degrees of freedom from which the expansion is good to 1e-13.
const FREEDOM_EXPANDED_MIN: usize = 300;

/// Steps a unit of a rounded quantile.
const ROUNDING: f64 = (1u64 << 33) as f64;

/// The 0.95 quantile of the standard normal distribution.
const NORMAL_QUANTILE_95: f64 = 1.644_853_626_951_472_7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_quantiles_are_right_from_one_to_ten_million_degrees_of_freedom() {
        // Computed with 30 digits from the regularised incomplete beta function.
        for (freedom, expected) in [
            (1, 6.313_751_514_675_043),
            (5, 2.015_048_373_333_024_2),
            (30, 1.697_260_886_593_957_8),
            (299, 1.649_965_767_426_39),
            (300, 1.649_948_673_937_634),
            (1_000, 1.646_378_817_285_464_7),
            (100_000, 1.644_868_864_784_969_7),
            (999_997, 1.644_855_150_726_611_8),
            (10_000_000, 1.644_853_779_328_401_7),
        ] {
            let error = t_quantile_95(freedom) / expected - 1.0;
            assert!(
                error.abs() < if freedom < 300 { 1e-10 } else { 1e-13 },
                "{freedom}: {error:e}"
            );
        }
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let missing = require(3, 8, 100, Some("two different scores")).map_err(|e| e.missing);
        assert_eq!(
            missing,
            Err("3 of at least 8 points; 100 of at least 365 days between the first and the last point; \
                 two different scores"
                .to_owned())
        );
        assert_eq!(require(8, 8, 365, None), Ok(()));
    }
}
