//! The fitted curve: least squares ln c = a + b years + beta logit(normalised score), and where a new cost falls on it.

use crate::model::{DAYS_PER_YEAR, Date};

use super::declared::Verdict;
use super::estimate::{Insufficient, require, t_quantile_95};
use super::sums::{FitPoint, FitSums, Moments, ONE, POINTS_MAX, logit};
use super::wide::Wide;

/// Fewest points that are fitted.
pub const POINTS_MIN: u64 = 8;
/// Coefficients of the fit: degrees of freedom = points - 3.
const COEFFICIENTS: u64 = 3;
/// Least 1 - correlation² of dates and logits: below it the two cannot be told apart (their variance inflates a millionfold).
const INDEPENDENCE_MIN: f64 = 1e-6;
/// Relative play of the prediction interval. Fixed-point inputs make the fit good to 1e-9; without the play, costs that lie on
/// one exact curve would be judged by that noise.
const INTERVAL_PLAY: f64 = 1e-9;

/// A fitted curve. Intervals are two-sided 90 % by Student's t with n - 3 degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Number of points.
    pub n: u64,
    /// Points whose normalised score was clipped.
    pub clipped: u64,
    /// Days from the first to the last point.
    pub span_days: i32,
    /// The cost of a fixed capability falls by this factor in 365.25 days: exp(-b).
    pub annual_factor: f64,
    /// Lower end of its interval.
    pub annual_factor_low: f64,
    /// Upper end of its interval.
    pub annual_factor_high: f64,
    /// Change of ln cost by one unit of logit(normalised score).
    pub beta: f64,
    /// ln cost at 1970-01-01 with normalised score 0.5.
    pub intercept: f64,
    /// Coefficient of determination, 0 to 1; unset where all costs are equal.
    pub r_squared: Option<f64>,
    /// Residual standard deviation s of ln cost.
    pub residual_sd: f64,
    slope: f64,
    t: f64,
    mean: Means,
    inverse: Inverse,
}

/// The point about which the sums are centred: days, logit, ln cost.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Means {
    days: f64,
    logit: f64,
    ln_cost: f64,
}

/// The inverse of the centred X'X, in years and logits.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Inverse {
    years: f64,
    cross: f64,
    logit: f64,
}

/// What the curve expects of a subject, in USD. An end is infinite where it exceeds the range of f64.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// exp(ŷ).
    pub expected: f64,
    /// Lower end of the 90 % prediction interval.
    pub low: f64,
    /// Upper end of the 90 % prediction interval.
    pub high: f64,
}

/// A subject's cost against its prediction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// `Ahead` below the interval, `WithinInterval` in it (ends included), `Behind` above.
    pub verdict: Verdict,
    /// Expected / observed cost.
    pub q: f64,
}

impl FitSums {
    /// Least squares over the points; `first` and `last` are their earliest and latest date.
    ///
    /// # Errors
    ///
    /// Fewer than [`POINTS_MIN`] points, less than 365 days, or dates and scores from which two slopes cannot be told apart;
    /// the text names all that is missing.
    pub fn solve(&self, first: Date, last: Date) -> Result<Fit, Insufficient> {
        let moments = self.moments();
        let span_days = last.days_since(first);
        // Two points are always in line; saying so would only hide that there are two.
        let lack = moments
            .as_ref()
            .filter(|_| self.n() >= COEFFICIENTS)
            .and_then(singular);
        require(self.n(), POINTS_MIN, span_days, lack)?;
        let Some(moments) = moments else {
            return Err(Insufficient {
                missing: format!(
                    "room: {} points are more than the {POINTS_MAX} that can be fitted",
                    self.n()
                ),
            });
        };
        Ok(Fit::from_moments(
            &moments,
            self.n(),
            self.clipped(),
            span_days,
        ))
    }
}

fn determinant(m: &Moments) -> Wide {
    m.xx.times(m.zz).minus(m.xz.times(m.xz))
}

/// What would make the fit regular; none where it is.
fn singular(m: &Moments) -> Option<&'static str> {
    let (xx, zz) = (m.xx.to_f64(), m.zz.to_f64());
    if xx <= 0.0 {
        Some("two different dates")
    } else if zz <= 0.0 {
        Some("two different normalised scores between 0.005 and 0.995")
    } else if determinant(m).to_f64() <= INDEPENDENCE_MIN * xx * zz {
        Some("scores that do not move in step with the dates")
    } else {
        None
    }
}

impl Fit {
    /// Solves the normal equations in days and fixed-point steps, where they are exact, and scales at the end.
    fn from_moments(m: &Moments, n: u64, clipped: u64, span_days: i32) -> Self {
        let det = determinant(m);
        let cross = |a: Wide, b: Wide, c: Wide, d: Wide| a.times(b).minus(c.times(d)).over(det);
        let by_day = cross(m.zz, m.xy, m.xz, m.zy);
        let by_logit = cross(m.xx, m.zy, m.xz, m.xy);
        let explained = by_day.times(m.xy).plus(by_logit.times(m.zy));
        let residual = m.yy.minus(explained).to_f64().max(0.0);
        let total = m.yy.to_f64();

        let freedom = n - COEFFICIENTS;
        let t = t_quantile_95(freedom);
        let residual_sd = (residual / freedom as f64).sqrt() / ONE;
        let slope = by_day.to_f64() / ONE * DAYS_PER_YEAR;
        let beta = by_logit.to_f64();
        let inverse = Inverse {
            years: m.zz.over(det).to_f64() * DAYS_PER_YEAR * DAYS_PER_YEAR,
            cross: -m.xz.over(det).to_f64() * DAYS_PER_YEAR * ONE,
            logit: m.xx.over(det).to_f64() * ONE * ONE,
        };
        let half_width = t * residual_sd * inverse.years.sqrt();
        Self {
            n,
            clipped,
            span_days,
            annual_factor: libm::exp(-slope),
            annual_factor_low: libm::exp(-slope - half_width),
            annual_factor_high: libm::exp(-slope + half_width),
            beta,
            intercept: m.mean_ln_cost - slope * (m.mean_days / DAYS_PER_YEAR) - beta * m.mean_logit,
            r_squared: (total > 0.0).then(|| (1.0 - residual / total).max(0.0)),
            residual_sd,
            slope,
            t,
            mean: Means {
                days: m.mean_days,
                logit: m.mean_logit,
                ln_cost: m.mean_ln_cost,
            },
            inverse,
        }
    }

    /// Expected cost at a date and normalised score (0 to 1), with exp(ŷ ± t s sqrt(1 + x'(X'X)⁻¹x)).
    pub fn predict(&self, date: Date, normalised: f64) -> Prediction {
        let years = (f64::from(date.days()) - self.mean.days) / DAYS_PER_YEAR;
        let logit = logit(normalised) - self.mean.logit;
        let ln_expected = self.mean.ln_cost + self.slope * years + self.beta * logit;
        let leverage = 1.0 / self.n as f64
            + years * years * self.inverse.years
            + 2.0 * years * logit * self.inverse.cross
            + logit * logit * self.inverse.logit;
        let half_width = self.t * self.residual_sd * (1.0 + leverage).sqrt();
        Prediction {
            expected: libm::exp(ln_expected),
            low: libm::exp(ln_expected - half_width),
            high: libm::exp(ln_expected + half_width),
        }
    }
}

impl Prediction {
    /// Judges an observed cost in USD, greater than zero.
    pub fn judge(&self, observed: f64) -> Judgement {
        let verdict = if observed < self.low * (1.0 - INTERVAL_PLAY) {
            Verdict::Ahead
        } else if observed > self.high * (1.0 + INTERVAL_PLAY) {
            Verdict::Behind
        } else {
            Verdict::WithinInterval
        };
        Judgement {
            verdict,
            q: self.expected / observed,
        }
    }
}

/// The box of dates and logits that a fit has seen. Sums cannot give it, so whoever keeps the points keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Earliest date.
    pub first: Date,
    /// Latest date.
    pub last: Date,
    /// Least logit(normalised score).
    pub logit_low: f64,
    /// Greatest logit(normalised score).
    pub logit_high: f64,
}

impl Extent {
    /// The extent of one point.
    pub fn of(point: &FitPoint) -> Self {
        let logit = logit(point.normalised);
        Self {
            first: point.date,
            last: point.date,
            logit_low: logit,
            logit_high: logit,
        }
    }

    /// The least extent that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            logit_low: self.logit_low.min(other.logit_low),
            logit_high: self.logit_high.max(other.logit_high),
        }
    }

    /// True where a prediction at this date and normalised score leaves the dates or scores of the fit.
    ///
    /// Judged out of sample, a subject later than all points is always extrapolated in time.
    pub fn extrapolated(&self, date: Date, normalised: f64) -> bool {
        let logit = logit(normalised);
        date < self.first || date > self.last || logit < self.logit_low || logit > self.logit_high
    }
}

#[cfg(test)]
mod tests;
