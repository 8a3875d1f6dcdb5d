//! The parts of a trend answer.

use super::Encoder;
use super::standing::basis_date;
use crate::api::convert::trend_answer::{DeclaredMethod, FittedMethod, PriceMethod};
use crate::board::answer::{
    Candidates, DeclaredTrend, FittedSubject, FittedTrend, PriceToReach, TrendPoint,
};
use crate::board::trend::{Assessment, Fit, PriceToReach as Decline};
use crate::model::{Cost, Curve};

/// (a).
pub(super) fn declared(out: &mut Encoder, trend: &DeclaredTrend) {
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
    out.word(1, *verdict);
    if let Some(assessment) = assessment {
        assessed(out, assessment);
    }
    out.double(19, *gap);
    if let Some((low, central, high)) = *years {
        out.message(20, |out| {
            out.some_double(1, Some(low));
            out.double(2, central);
            out.some_double(3, Some(high));
        });
    }
    out.message(21, |out| declared_curve(out, *curve));
    out.message(22, |out| trend_point(out, subject));
    if let Some(reference) = reference {
        out.message(23, |out| trend_point(out, reference));
    }
    if let Some(Candidates {
        count,
        q_median,
        verdict,
    }) = *candidates
    {
        out.some_int(24, Some(i64::from(count)));
        out.some_finite(25, q_median);
        out.word(26, verdict);
    }
    out.items(27, uncosted);
    out.word(28, *basis);
    out.format(29, format_args!("{}", DeclaredMethod(trend)));
}

/// The numbers of (a). Its verdict stands before them.
fn assessed(out: &mut Encoder, assessment: &Assessment) {
    let Assessment {
        verdict: _,
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
    } = *assessment;
    out.finite(2, q);
    out.finite(3, q_low);
    out.finite(4, q_high);
    out.some_finite(5, q_low_with_dates);
    out.some_finite(6, q_high_with_dates);
    out.word(7, verdict_at_worst);
    out.word(8, verdict_at_best);
    out.some_finite(9, q_at_factor_low);
    out.some_finite(10, q_at_factor_high);
    out.finite(11, observed_reduction);
    out.finite(12, expected_reduction);
    out.finite(13, annualised);
    out.finite(14, months_ahead);
    out.some_finite(15, halving_months);
    out.some_finite(16, break_even_subject);
    out.some_finite(17, break_even_reference);
    out.finite(18, break_even_gap);
}

fn declared_curve(out: &mut Encoder, curve: Curve) {
    let Curve {
        annual_factor,
        annual_factor_low,
        annual_factor_high,
        tolerance,
    } = curve;
    out.some_double(1, Some(annual_factor));
    out.some_double(2, annual_factor_low);
    out.some_double(3, annual_factor_high);
    out.some_double(4, Some(tolerance));
}

fn trend_point(out: &mut Encoder, point: &TrendPoint) {
    let TrendPoint {
        model,
        score,
        normalised,
        cost,
        date,
    } = point;
    if let Some(model) = model {
        out.text(1, model.as_str());
    }
    out.some_double(2, *score);
    out.some_double(3, *normalised);
    if let Some(cost) = *cost {
        out.message(4, |out| cost_range(out, cost));
    }
    basis_date(out, 5, *date);
}

fn cost_range(out: &mut Encoder, cost: Cost) {
    let Cost {
        low,
        central,
        high,
        kind,
    } = cost;
    out.some_double(1, low);
    out.some_double(2, Some(central));
    out.some_double(3, high);
    out.word(4, kind);
}

/// (b).
pub(super) fn fitted(out: &mut Encoder, trend: &FittedTrend) {
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
    out.word(1, *verdict);
    out.text(2, missing);
    out.word(3, *selection);
    out.int(4, i64::from(*points));
    out.int(5, i64::from(*models));
    out.int(6, i64::from(*clipped));
    out.int(7, i64::from(*span_days));
    if let Some(fit) = fit {
        curve_of(out, fit);
    }
    if let Some(subject) = subject {
        let FittedSubject {
            expected,
            low,
            high,
            q,
            extrapolated,
        } = *subject;
        out.finite(15, expected);
        out.finite(16, low);
        out.finite(17, high);
        out.finite(18, q);
        out.flag(19, extrapolated);
    }
    out.word(20, *basis);
    out.format(21, format_args!("{}", FittedMethod(trend)));
}

fn curve_of(out: &mut Encoder, fit: &Fit) {
    out.finite(8, fit.annual_factor);
    out.finite(9, fit.annual_factor_low);
    out.finite(10, fit.annual_factor_high);
    out.finite(11, fit.beta);
    out.finite(12, fit.intercept);
    out.some_double(13, fit.r_squared);
    out.finite(14, fit.residual_sd);
}

/// (c).
pub(super) fn price_to_reach(out: &mut Encoder, trend: &PriceToReach) {
    let PriceToReach {
        threshold,
        missing,
        basis,
        record_lows,
        decline,
        span_days,
    } = trend;
    out.flag(1, decline.is_some());
    out.text(2, missing);
    out.double(3, *threshold);
    out.int(4, record_lows.len() as i64);
    if let Some(decline) = decline {
        decline_of(out, decline);
    }
    out.int(9, i64::from(*span_days));
    for point in record_lows {
        out.message(10, |out| trend_point(out, point));
    }
    out.word(11, *basis);
    out.format(12, format_args!("{}", PriceMethod(trend)));
}

fn decline_of(out: &mut Encoder, decline: &Decline) {
    out.finite(5, decline.annual_factor);
    out.finite(6, decline.annual_factor_low);
    out.finite(7, decline.annual_factor_high);
    out.some_double(8, decline.r_squared);
}
