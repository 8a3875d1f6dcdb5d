//! The declared curve: the cost of a fixed capability falls by a factor r a year.
//!
//! Conformance q = (`c_ref` / c) / (r^years g): the reduction that was seen over the reduction that was due. The gap g says
//! how many times less capable the subject is than the reference, so that a worse model has to be cheaper still.

use serde::{Deserialize, Serialize};

use crate::model::{Cost, Curve, Date};

/// A figure with its ends, low <= central <= high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower end.
    pub low: f64,
    /// The figure to compute with.
    pub central: f64,
    /// Upper end.
    pub high: f64,
}

impl Range {
    /// A figure without uncertainty.
    pub const fn exact(central: f64) -> Self {
        Self {
            low: central,
            central,
            high: central,
        }
    }

    /// `self / divisor` with the ends that reach furthest; all figures greater than zero.
    fn over(self, divisor: Self) -> Self {
        Self {
            low: self.low / divisor.high,
            central: self.central / divisor.central,
            high: self.high / divisor.low,
        }
    }
}

impl From<Cost> for Range {
    fn from(cost: Cost) -> Self {
        Self {
            low: cost.low_or_central(),
            central: cost.central,
            high: cost.high_or_central(),
        }
    }
}

/// What a trend says about a subject, or why it says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// Cheaper than the trend: q > k, or below the prediction interval.
    Ahead,
    /// On the declared trend: 1/k <= q <= k.
    OnTrend,
    /// Dearer than the trend: q < 1/k, or above the prediction interval.
    Behind,
    /// Inside the prediction interval of the fitted curve.
    WithinInterval,
    /// Nobody with an earlier date reached this score.
    FirstToReach,
    /// Some earlier standing reached this score, none of them with a cost on this basis.
    NoCostedReference,
    /// The subject has no cost on this basis.
    NoCost,
    /// The subject has no date on this basis.
    NoDate,
    /// Too few points, too short a span, or a singular fit.
    InsufficientData,
    /// The fit is over frontier members and the subject was not one when it appeared.
    NotOnFrontier,
}

impl Verdict {
    /// The verdict on conformance `q` with tolerance k >= 1; both ends of 1/k ..= k are on trend.
    pub fn of(q: f64, tolerance: f64) -> Self {
        if q > tolerance {
            Self::Ahead
        } else if q < 1.0 / tolerance {
            Self::Behind
        } else {
            Self::OnTrend
        }
    }
}

/// What is compared: two costs, the time between them, and the curve to judge by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inputs {
    /// Cost c of the subject in USD, greater than zero.
    pub subject: Range,
    /// Cost `c_ref` of the reference in USD, greater than zero.
    pub reference: Range,
    /// Years of 365.25 days from reference to subject; central greater than zero, low = shortest.
    pub years: Range,
    /// Whether the ends of `years` are known ranges, so that they take part in the worst and the best case.
    pub years_ranged: bool,
    /// The gap g: how many times less capable the subject is; greater than zero, 1 = alike.
    pub gap: f64,
    /// The declared curve.
    pub curve: Curve,
}

/// The outcome. Every figure names its inputs in [`Inputs`]; q above 1 = cheaper than the trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assessment {
    /// The verdict on central values.
    pub verdict: Verdict,
    /// The verdict with every known range at its end against the subject.
    pub verdict_at_worst: Verdict,
    /// The verdict with every known range at its end in favour of the subject.
    pub verdict_at_best: Verdict,
    /// Conformance on central values.
    pub q: f64,
    /// q with the costs at their ends against the subject, on central dates.
    pub q_low: f64,
    /// q with the costs at their ends in favour of the subject, on central dates.
    pub q_high: f64,
    /// `q_low` at the longest elapsed time; unset without a date range.
    pub q_low_with_dates: Option<f64>,
    /// `q_high` at the shortest elapsed time; unset without a date range.
    pub q_high_with_dates: Option<f64>,
    /// q with the slower declared factor, central values; unset if none is declared.
    pub q_at_factor_low: Option<f64>,
    /// q with the faster declared factor, central values; unset if none is declared.
    pub q_at_factor_high: Option<f64>,
    /// `c_ref` / c.
    pub observed_reduction: f64,
    /// r^years g.
    pub expected_reduction: f64,
    /// (`c_ref` / (c g))^(1 / years): the factor a year that would make q = 1.
    pub annualised: f64,
    /// 12 ln q / ln r: months ahead of the curve, negative = behind.
    pub months_ahead: f64,
    /// 12 ln 2 / ln annualised, in months; unset if annualised <= 1, for then nothing halves.
    pub halving_months: Option<f64>,
    /// Subject cost in USD that would make q = 1; unset where only a reduction was given.
    pub break_even_subject: Option<f64>,
    /// Reference cost in USD that would make q = 1; unset where only a reduction was given.
    pub break_even_reference: Option<f64>,
    /// Gap that would make q = 1.
    pub break_even_gap: f64,
}

/// Judges a cost against a reference.
///
/// ```
/// use frontierd::board::trend::declared::{Inputs, Range, Verdict, assess};
/// use frontierd::model::Curve;
/// let answer = assess(&Inputs {
///     subject: Range::exact(5.576e6),
///     reference: Range { low: 20e6, central: 30e6, high: 50e6 },
///     years: Range::exact(1.0),
///     years_ranged: false,
///     gap: 2.0,
///     curve: Curve::default(),
/// });
/// assert_eq!(answer.verdict, Verdict::Behind);
/// assert_eq!(answer.verdict_at_best, Verdict::OnTrend);
/// ```
pub fn assess(inputs: &Inputs) -> Assessment {
    let Inputs {
        subject,
        reference,
        years,
        years_ranged,
        gap,
        curve,
    } = *inputs;
    let assessment = assess_reduction(reference.over(subject), years, years_ranged, gap, &curve);
    Assessment {
        break_even_subject: Some(subject.central * assessment.q),
        break_even_reference: Some(reference.central / assessment.q),
        ..assessment
    }
}

/// Judges a cost reduction `c_ref` / c that is known without the costs; the other arguments are those of [`Inputs`].
pub fn assess_reduction(
    reduction: Range,
    years: Range,
    years_ranged: bool,
    gap: f64,
    curve: &Curve,
) -> Assessment {
    let factor = curve.annual_factor;
    let due = |factor: f64, years: f64| libm::pow(factor, years) * gap;
    let expected_reduction = due(factor, years.central);
    let q = reduction.central / expected_reduction;
    let q_low = reduction.low / expected_reduction;
    let q_high = reduction.high / expected_reduction;
    let q_low_with_dates = years_ranged.then(|| reduction.low / due(factor, years.high));
    let q_high_with_dates = years_ranged.then(|| reduction.high / due(factor, years.low));
    let annualised = libm::pow(reduction.central / gap, 1.0 / years.central);
    let verdict = |q| Verdict::of(q, curve.tolerance);
    let q_at = |factor: f64| reduction.central / due(factor, years.central);
    Assessment {
        verdict: verdict(q),
        verdict_at_worst: verdict(q_low_with_dates.unwrap_or(q_low)),
        verdict_at_best: verdict(q_high_with_dates.unwrap_or(q_high)),
        q,
        q_low,
        q_high,
        q_low_with_dates,
        q_high_with_dates,
        q_at_factor_low: curve.annual_factor_low.map(q_at),
        q_at_factor_high: curve.annual_factor_high.map(q_at),
        observed_reduction: reduction.central,
        expected_reduction,
        annualised,
        months_ahead: 12.0 * libm::log(q) / libm::log(factor),
        halving_months: (annualised > 1.0)
            .then(|| 12.0 * std::f64::consts::LN_2 / libm::log(annualised)),
        break_even_subject: None,
        break_even_reference: None,
        break_even_gap: gap * q,
    }
}

/// A key that orders offers by trend-adjusted cost: the least key has the least c r^-years at any subject date.
///
/// It is ln(c r^years) with the years from 1970-01-01 to `date`; `ln_cost` = ln c with c in USD. A later offer at the
/// same cost has the greater key, because the curve has had less time to work on it.
pub fn adjusted_cost_key(ln_cost: f64, date: Date, curve: &Curve) -> f64 {
    ln_cost + years_since_1970(date) * libm::log(curve.annual_factor)
}

/// The trend-adjusted cost c r^-years in USD at `date`, from an [`adjusted_cost_key`] on the same curve.
pub fn adjusted_cost(key: f64, date: Date, curve: &Curve) -> f64 {
    libm::exp(key - years_since_1970(date) * libm::log(curve.annual_factor))
}

fn years_since_1970(date: Date) -> f64 {
    date.years_since(Date::from_days(0))
}

#[cfg(test)]
mod tests;
