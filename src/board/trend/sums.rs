//! Exact sums for least squares: order-free, mergeable, and a removed point leaves no trace.
//!
//! A board keeps these live while points come and go for years. Floating-point sums would depend on the order and drift;
//! integers do neither, so replay, checkpoint and live state agree bit for bit.

use serde::{Deserialize, Serialize};

use crate::model::Date;

use super::wide::Wide;

/// Fractional bits of the fixed-point inputs: steps of 1e-12 in ln cost and logit.
pub(super) const FRACTION_BITS: u32 = 40;
/// One, in fixed point.
pub(super) const ONE: f64 = (1u64 << FRACTION_BITS) as f64;

/// Normalised scores are clipped to this at the low end, because logit(0) is infinite.
pub const NORMALISED_MIN: f64 = 0.005;
/// Normalised scores are clipped to this at the high end.
pub const NORMALISED_MAX: f64 = 0.995;

/// Greatest |ln cost|: beyond the logarithm of every f64.
const LN_COST_MAX: f64 = 750.0;
/// Greatest |day|: ten thousand years.
const DAYS_MAX: i32 = 3_652_425;
/// Points that the sums hold without overflow, and that [`centred`] still reduces.
pub(super) const POINTS_MAX: i128 = 1 << 25;

// The largest product is that of two costs; `centred` adds up four terms of `POINTS_MAX` of them.
const LN_COST_UNITS_MAX: i128 = 750 << FRACTION_BITS;
const _: () = assert!(LN_COST_MAX as i128 == LN_COST_UNITS_MAX >> FRACTION_BITS);
const _: () = assert!(
    POINTS_MAX
        .saturating_mul(LN_COST_UNITS_MAX)
        .saturating_mul(LN_COST_UNITS_MAX)
        < i128::MAX >> 2
);
const _: () = assert!((DAYS_MAX as i128) < LN_COST_UNITS_MAX);

/// logit(clip(normalised, 0.005, 0.995)) = ln(p / (1 - p)); `normalised` is a score from 0 to 1.
pub fn logit(normalised: f64) -> f64 {
    let p = normalised.clamp(NORMALISED_MIN, NORMALISED_MAX);
    libm::log(p / (1.0 - p))
}

/// One offer: this capability at this cost from this day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FitPoint {
    /// The date on the cost basis of the fit.
    pub date: Date,
    /// Normalised score, 0 to 1.
    pub normalised: f64,
    /// Natural logarithm of the cost in USD; finite.
    pub ln_cost: f64,
}

/// The sums that least squares needs: x = days since 1970-01-01, z = logit and y = ln cost in steps of 2^-40.
///
/// Adding and removing are exact inverses and commute: equal multisets of points give equal sums.
///
/// ```
/// use frontierd::board::trend::{FitPoint, FitSums};
/// use frontierd::model::Date;
/// let point = FitPoint { date: Date::from_days(20_000), normalised: 0.6, ln_cost: 1.5 };
/// let mut sums = FitSums::default();
/// sums.add(&point);
/// sums.remove(&point);
/// assert_eq!(sums, FitSums::default());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitSums {
    n: i64,
    clipped: i64,
    x: i128,
    z: i128,
    y: i128,
    xx: i128,
    xz: i128,
    xy: i128,
    zz: i128,
    zy: i128,
    yy: i128,
}

impl FitSums {
    /// Takes a point in.
    pub fn add(&mut self, point: &FitPoint) {
        self.merge(&Self::of(point));
    }

    /// Takes out a point that was added before.
    pub fn remove(&mut self, point: &FitPoint) {
        self.subtract(&Self::of(point));
    }

    /// Takes in all points of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.combine(other, 1);
    }

    /// Takes out all points of `other`, which were added before.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, -1);
    }

    /// Number of points.
    pub fn n(&self) -> u64 {
        u64::try_from(self.n).unwrap_or(0)
    }

    /// Number of points whose normalised score was clipped.
    pub fn clipped(&self) -> u64 {
        u64::try_from(self.clipped).unwrap_or(0)
    }

    fn of(point: &FitPoint) -> Self {
        let x = i128::from(point.date.days().clamp(-DAYS_MAX, DAYS_MAX));
        let z = fixed(logit(point.normalised));
        let y = fixed(point.ln_cost.clamp(-LN_COST_MAX, LN_COST_MAX));
        let clipped = !(NORMALISED_MIN..=NORMALISED_MAX).contains(&point.normalised);
        Self {
            n: 1,
            clipped: i64::from(clipped),
            x,
            z,
            y,
            xx: x * x,
            xz: x * z,
            xy: x * y,
            zz: z * z,
            zy: z * y,
            yy: y * y,
        }
    }

    fn combine(&mut self, other: &Self, sign: i64) {
        let wide = i128::from(sign);
        self.n += sign * other.n;
        self.clipped += sign * other.clipped;
        self.x += wide * other.x;
        self.z += wide * other.z;
        self.y += wide * other.y;
        self.xx += wide * other.xx;
        self.xz += wide * other.xz;
        self.xy += wide * other.xy;
        self.zz += wide * other.zz;
        self.zy += wide * other.zy;
        self.yy += wide * other.yy;
    }

    /// Means, and sums of products of deviations from them; none for an empty set or one beyond `POINTS_MAX`.
    pub(super) fn moments(&self) -> Option<Moments> {
        let n = i128::from(self.n);
        if !(1..=POINTS_MAX).contains(&n) {
            return None;
        }
        let centred = |ab, a, b| centred(ab, a, b, n);
        let mean = |sum: i128| Wide::from_i128(sum).over(Wide::from_i128(n)).to_f64();
        Some(Moments {
            mean_days: mean(self.x),
            mean_logit: mean(self.z) / ONE,
            mean_ln_cost: mean(self.y) / ONE,
            xx: centred(self.xx, self.x, self.x),
            xz: centred(self.xz, self.x, self.z),
            xy: centred(self.xy, self.x, self.y),
            zz: centred(self.zz, self.z, self.z),
            zy: centred(self.zy, self.z, self.y),
            yy: centred(self.yy, self.y, self.y),
        })
    }
}

/// Means in natural units; sums of products of deviations in days and steps of 2^-40.
pub(super) struct Moments {
    pub(super) mean_days: f64,
    pub(super) mean_logit: f64,
    pub(super) mean_ln_cost: f64,
    pub(super) xx: Wide,
    pub(super) xz: Wide,
    pub(super) xy: Wide,
    pub(super) zz: Wide,
    pub(super) zy: Wide,
    pub(super) yy: Wide,
}

/// The sum of (a - mean a)(b - mean b) from the sums of ab, a and b.
///
/// The textbook `ab - a b / n` cancels. Here the sums are first shifted by the integers next below the means, which is exact
/// in integers; what is left to subtract is less than one squared step a point.
fn centred(ab: i128, a: i128, b: i128, n: i128) -> Wide {
    let (a_mean, b_mean) = (a.div_euclid(n), b.div_euclid(n));
    let (a_rest, b_rest) = (a.rem_euclid(n), b.rem_euclid(n));
    let shifted = ab - a_mean * b - b_mean * a + n * a_mean * b_mean;
    let correction = Wide::from_i128(a_rest * b_rest).over(Wide::from_i128(n));
    Wide::from_i128(shifted).minus(correction)
}

fn fixed(value: f64) -> i128 {
    (value * ONE).round_ties_even() as i128
}

#[cfg(test)]
mod tests;
