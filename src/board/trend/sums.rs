//! Exact sums for least squares: order-free, mergeable, and a removed point leaves no trace.
//!
//! A board keeps these live while points come and go for years. Floating-point sums would depend on the order and drift;
//! integers do neither, so replay, checkpoint and live state agree bit for bit.

use std::ops::{Add, Sub};

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

/// Whether a score from 0 to 1 lies beyond what [`logit`] takes.
pub(crate) fn is_clipped(normalised: f64) -> bool {
    !(NORMALISED_MIN..=NORMALISED_MAX).contains(&normalised)
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
        self.combine(other, Add::add, Add::add);
    }

    /// Takes out all points of `other`, which were added before.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, Sub::sub, Sub::sub);
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
        let clipped = is_clipped(point.normalised);
        Self::of_logs(point.date, logit(point.normalised), clipped, point.ln_cost)
    }

    /// The sums of one point whose [`logit`] is known.
    pub(crate) fn of_logs(date: Date, logit: f64, clipped: bool, ln_cost: f64) -> Self {
        let x = i64::from(date.days().clamp(-DAYS_MAX, DAYS_MAX));
        let z = fixed(logit);
        let y = fixed(ln_cost.clamp(-LN_COST_MAX, LN_COST_MAX));
        let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
        Self {
            n: 1,
            clipped: i64::from(clipped),
            x: i128::from(x),
            z: i128::from(z),
            y: i128::from(y),
            xx: product(x, x),
            xz: product(x, z),
            xy: product(x, y),
            zz: product(z, z),
            zy: product(z, y),
            yy: product(y, y),
        }
    }

    fn combine(
        &mut self,
        other: &Self,
        one: impl Fn(i64, i64) -> i64,
        wide: impl Fn(i128, i128) -> i128,
    ) {
        self.n = one(self.n, other.n);
        self.clipped = one(self.clipped, other.clipped);
        self.x = wide(self.x, other.x);
        self.z = wide(self.z, other.z);
        self.y = wide(self.y, other.y);
        self.xx = wide(self.xx, other.xx);
        self.xz = wide(self.xz, other.xz);
        self.xy = wide(self.xy, other.xy);
        self.zz = wide(self.zz, other.zz);
        self.zy = wide(self.zy, other.zy);
        self.yy = wide(self.yy, other.yy);
    }

    /// Means, and sums of products of deviations from them; none for an empty set or one beyond `POINTS_MAX`.
    pub(super) fn moments(&self) -> Option<Moments> {
        let n = i128::from(self.n);
        if !(1..=POINTS_MAX).contains(&n) {
            return None;
        }
        let [x, z, y] = [self.x, self.z, self.y].map(|sum| Split::of(sum, n));
        let centred = |ab, a: &Split, b: &Split| centred(ab, a, b, n);
        let mean = |sum: i128| Wide::from_i128(sum).over(Wide::from_i128(n)).to_f64();
        Some(Moments {
            mean_days: mean(self.x),
            mean_logit: mean(self.z) / ONE,
            mean_ln_cost: mean(self.y) / ONE,
            xx: centred(self.xx, &x, &x),
            xz: centred(self.xz, &x, &z),
            xy: centred(self.xy, &x, &y),
            zz: centred(self.zz, &z, &z),
            zy: centred(self.zy, &z, &y),
            yy: centred(self.yy, &y, &y),
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

/// A sum of n terms as n times the integer next below their mean, and what is left.
struct Split {
    sum: i128,
    mean: i128,
    rest: i128,
}

impl Split {
    fn of(sum: i128, n: i128) -> Self {
        let mean = sum.div_euclid(n);
        Self {
            sum,
            mean,
            rest: sum - n * mean,
        }
    }
}

/// The sum of (a - mean a)(b - mean b) from the sums of ab, a and b.
///
/// The textbook `ab - a b / n` cancels. Here the sums are first shifted by the integers next below the means, which is exact
/// in integers; what is left to subtract is less than one squared step a point.
fn centred(ab: i128, a: &Split, b: &Split, n: i128) -> Wide {
    let shifted = ab - a.mean * b.sum - b.mean * a.sum + n * a.mean * b.mean;
    let correction = Wide::from_i128(a.rest * b.rest).over(Wide::from_i128(n));
    Wide::from_i128(shifted).minus(correction)
}

/// The nearest number of steps of 2^-40, the even one of two; |value| at most [`LN_COST_MAX`].
fn fixed(value: f64) -> i64 {
    // Adding this leaves no bits for fractions, so that the sum is rounded as wanted and holds the integer in its bits.
    const WHOLE: f64 = (3u64 << 51) as f64;
    (value * ONE + WHOLE).to_bits() as i64 - WHOLE.to_bits() as i64
}

#[cfg(test)]
mod tests;
