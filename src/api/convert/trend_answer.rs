//! Trend answers. Each names its estimator and its inputs in words.

use std::fmt;

use super::enums::{ToWire, basis_name};
use super::number::{FourPlaces, Shortest};
use super::parts;
use crate::board::answer::{
    Candidates, DeclaredTrend, FitSelection, FittedSubject, FittedTrend, PriceToReach, TrendPoint,
};
use crate::board::assess::TrendAnswer;
use crate::board::trend::{Assessment, Verdict};
use crate::model::{CostBasis, Curve, Date, Revision};
use crate::proto::v1;

/// Numbers without end (an annual rate over a day, say) are answered as absent: JSON has no word for them.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// One side of a comparison, or one point of a fit.
pub fn trend_point(point: TrendPoint) -> v1::TrendPoint {
    let TrendPoint {
        model,
        score,
        normalised,
        cost,
        date,
    } = point;
    let (date, date_rule, date_earliest, date_latest) = parts::basis_date(date);
    v1::TrendPoint {
        model: model.map_or_else(String::new, |model| model.to_string()),
        score,
        normalised_score: normalised,
        cost: cost.map(parts::cost_range),
        date,
        date_rule,
        date_earliest,
        date_latest,
    }
}

/// (a).
pub fn declared_trend(trend: DeclaredTrend) -> v1::DeclaredTrend {
    let method = DeclaredMethod(&trend).to_string();
    let DeclaredTrend {
        verdict,
        basis,
        assessment,
        years,
        gap,
        curve,
        subject,
        reference,
        candidates,
        uncosted,
    } = trend;
    let mut message = assessment.map_or_else(v1::DeclaredTrend::default, assessed);
    if let Some(Candidates {
        count,
        q_median,
        verdict,
    }) = candidates
    {
        message.candidates = Some(count as i32);
        message.q_median = q_median.and_then(finite);
        message.verdict_median = verdict.wire();
    }
    message.verdict = verdict.wire();
    message.gap = gap;
    message.elapsed_years = years.map(|(low, central, high)| v1::YearsRange {
        low: Some(low),
        central,
        high: Some(high),
    });
    message.curve = Some(parts::declared_curve(curve));
    message.subject = Some(trend_point(subject));
    message.reference = reference.map(trend_point);
    message.uncosted_references = parts::strings(&uncosted);
    message.cost_basis = basis.wire();
    message.method = method;
    message
}

/// The numbers of (a). Everything else is filled in by [`declared_trend`].
fn assessed(assessment: Assessment) -> v1::DeclaredTrend {
    let Assessment {
        verdict,
        verdict_at_worst,
        verdict_at_best,
        q,
        q_low,
        q_high,
        q_low_with_dates,
        q_high_with_dates,
        q_at_factor_low,
        q_at_factor_high,
        observed_reduction,
        expected_reduction,
        annualised,
        months_ahead,
        halving_months,
        break_even_subject,
        break_even_reference,
        break_even_gap,
    } = assessment;
    v1::DeclaredTrend {
        verdict: verdict.wire(),
        q: finite(q),
        q_low: finite(q_low),
        q_high: finite(q_high),
        q_low_with_dates: q_low_with_dates.and_then(finite),
        q_high_with_dates: q_high_with_dates.and_then(finite),
        verdict_at_worst: verdict_at_worst.wire(),
        verdict_at_best: verdict_at_best.wire(),
        q_at_factor_low: q_at_factor_low.and_then(finite),
        q_at_factor_high: q_at_factor_high.and_then(finite),
        observed_reduction: finite(observed_reduction),
        expected_reduction: finite(expected_reduction),
        annualised: finite(annualised),
        months_ahead: finite(months_ahead),
        halving_months: halving_months.and_then(finite),
        break_even_subject_usd: break_even_subject.and_then(finite),
        break_even_reference_usd: break_even_reference.and_then(finite),
        break_even_gap: finite(break_even_gap),
        gap: 0.0,
        elapsed_years: None,
        curve: None,
        subject: None,
        reference: None,
        candidates: None,
        q_median: None,
        verdict_median: 0,
        uncosted_references: Vec::new(),
        cost_basis: 0,
        method: String::new(),
    }
}

/// The estimator of (a) and its inputs, in words.
pub(super) struct DeclaredMethod<'a>(pub(super) &'a DeclaredTrend);

impl fmt::Display for DeclaredMethod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trend = self.0;
        let Curve {
            annual_factor,
            annual_factor_low: _,
            annual_factor_high: _,
            tolerance,
        } = trend.curve;
        write!(
            f,
            "declared curve: the cost ({}) of a fixed capability falls by r = {} a year, tolerance k = {}",
            basis_name(trend.basis),
            Shortest(annual_factor),
            Shortest(tolerance)
        )?;
        let (Some(_), Some((_, years, _))) = (&trend.assessment, trend.years) else {
            return write!(f, "; {}", why_none(trend.verdict));
        };
        write!(
            f,
            "; q = (c_ref / c) / (r^years g) with years = {} of 365.25 days, gap g = {}; reference: ",
            FourPlaces(years),
            Shortest(trend.gap)
        )?;
        match trend.candidates {
            Some(Candidates { count, .. }) => write!(
                f,
                "the best earlier offer, lowest c_ref r^-years of {count} eligible standings with a score at least as good"
            )?,
            None => f.write_str("as named, or the best earlier offer")?,
        }
        f.write_str("; AHEAD above k, BEHIND below 1/k")
    }
}

fn why_none(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::FirstToReach => "no standing with an earlier date reached this score",
        Verdict::NoCostedReference => {
            "earlier standings reached this score, none of them with a cost on this basis"
        }
        Verdict::NoCost => "the subject has no cost on this basis",
        Verdict::NoDate => "the subject has no date on this basis",
        Verdict::InsufficientData => "too little data",
        Verdict::NotOnFrontier => "the subject was not on the frontier when it appeared",
        Verdict::Ahead | Verdict::OnTrend | Verdict::Behind | Verdict::WithinInterval => {
            "no numbers were asked for"
        }
    }
}

/// (b).
pub fn fitted_trend(trend: FittedTrend) -> v1::FittedTrend {
    let method = FittedMethod(&trend).to_string();
    let FittedTrend {
        verdict,
        missing,
        selection,
        points,
        models,
        clipped,
        span_days,
        basis,
        fit,
        subject,
        // The span is told in days, and the curve is drawn over it.
        extent: _,
    } = trend;
    let fit = fit.as_ref();
    let judged = subject.map(|subject| {
        let FittedSubject {
            expected,
            low,
            high,
            q,
            extrapolated,
        } = subject;
        (
            finite(expected),
            finite(low),
            finite(high),
            finite(q),
            extrapolated,
        )
    });
    let (expected_usd, expected_low_usd, expected_high_usd, q, extrapolated) =
        judged.unwrap_or_default();
    v1::FittedTrend {
        verdict: verdict.wire(),
        missing,
        selection: selection.wire(),
        points: points as i32,
        models: models as i32,
        clipped_points: clipped as i32,
        span_days,
        annual_factor: fit.and_then(|fit| finite(fit.annual_factor)),
        annual_factor_low: fit.and_then(|fit| finite(fit.annual_factor_low)),
        annual_factor_high: fit.and_then(|fit| finite(fit.annual_factor_high)),
        score_coefficient: fit.and_then(|fit| finite(fit.beta)),
        intercept: fit.and_then(|fit| finite(fit.intercept)),
        r_squared: fit.and_then(|fit| fit.r_squared),
        residual_sd: fit.and_then(|fit| finite(fit.residual_sd)),
        expected_usd,
        expected_low_usd,
        expected_high_usd,
        q,
        extrapolated,
        cost_basis: basis.wire(),
        method,
    }
}

/// The estimator of (b) and its inputs, in words.
pub(super) struct FittedMethod<'a>(pub(super) &'a FittedTrend);

impl fmt::Display for FittedMethod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trend = self.0;
        let selection = match trend.selection {
            FitSelection::All => "all standings with cost, date and normalised score",
            FitSelection::FrontierAtRelease => {
                "standings on the frontier on the day they appeared, at the prices in force then"
            }
        };
        write!(
            f,
            "least squares of ln cost ({}) on years of 365.25 days and logit(normalised score clipped to 0.005 .. 0.995) over {selection}: \
             {} points of {} models over {} days; 90 % intervals by Student t with n - 3 degrees of freedom; \
             a subject is judged out of sample, against strictly earlier points of other models",
            basis_name(trend.basis),
            trend.points,
            trend.models,
            trend.span_days,
        )
    }
}

/// (c).
pub fn price_to_reach(trend: PriceToReach) -> v1::PriceToReach {
    let method = PriceMethod(&trend).to_string();
    let PriceToReach {
        threshold,
        missing,
        basis,
        record_lows,
        decline,
        span_days,
    } = trend;
    let decline = decline.as_ref();
    v1::PriceToReach {
        sufficient: decline.is_some(),
        missing,
        threshold,
        points: record_lows.len() as i32,
        annual_factor: decline.and_then(|decline| finite(decline.annual_factor)),
        annual_factor_low: decline.and_then(|decline| finite(decline.annual_factor_low)),
        annual_factor_high: decline.and_then(|decline| finite(decline.annual_factor_high)),
        r_squared: decline.and_then(|decline| decline.r_squared),
        span_days,
        record_lows: record_lows.into_iter().map(trend_point).collect(),
        cost_basis: basis.wire(),
        method,
    }
}

/// The estimator of (c) and its inputs, in words.
pub(super) struct PriceMethod<'a>(pub(super) &'a PriceToReach);

impl fmt::Display for PriceMethod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trend = self.0;
        let per = match trend.basis {
            CostBasis::Task => "USD per task",
            CostBasis::TokenPrice => "USD per million tokens",
            CostBasis::Training => "USD of the training run",
        };
        write!(
            f,
            "least squares of log10 cost ({per}) on days over the {} record-low costs of a score at least as good as {}; \
             90 % interval by Student t with n - 2 degrees of freedom, a year of 365 days; descriptive only, for record lows are selected",
            trend.record_lows.len(),
            Shortest(trend.threshold),
        )
    }
}

/// `GetTrendResponse`.
pub fn trend_response(revision: Revision, answer: TrendAnswer) -> v1::GetTrendResponse {
    let TrendAnswer {
        basis,
        declared,
        fitted,
        price_to_reach: price,
        points,
        curve,
    } = answer;
    v1::GetTrendResponse {
        revision: revision as i64,
        cost_basis: basis.wire(),
        declared: declared.map(declared_trend),
        fitted: Some(fitted_trend(fitted)),
        price_to_reach: price.map(price_to_reach),
        points: points.into_iter().map(trend_point).collect(),
        curve: curve.into_iter().map(curve_point).collect(),
    }
}

/// One point of a fitted curve, for drawing: expected cost and the ends of its 90 % prediction interval, USD.
fn curve_point((date, expected, low, high): (Date, f64, f64, f64)) -> v1::CurvePoint {
    v1::CurvePoint {
        date: date.to_string(),
        expected_usd: expected,
        low_usd: low,
        high_usd: high,
    }
}
