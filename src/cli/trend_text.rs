//! The three views of a trend as text: never a bare word, always estimator, inputs, n and interval.

use super::format::{basis_head, number, short, times, usd, verdict};
use super::screen::Screen;
use super::table::{Align, Table, facts, printable};
use crate::proto::v1::{
    AssessTrendResponse, CostRange, DeclaredTrend, FittedTrend, GetTrendResponse, PriceToReach,
    TrendPoint, YearsRange,
};

/// The answer about two sides.
pub(super) fn assessed(answer: &AssessTrendResponse) -> String {
    answer.trend.as_ref().map_or_else(
        || "no trend\n".to_owned(),
        |trend| declared("declared curve", trend),
    )
}

/// The answer about a board.
pub(super) fn board(answer: &GetTrendResponse, screen: Screen) -> String {
    let mut text = format!(
        "at revision {}, {}\n",
        answer.revision,
        basis_head(answer.cost_basis())
    );
    if let Some(trend) = &answer.declared {
        text.push('\n');
        text.push_str(&declared("(a) declared curve", trend));
    }
    if let Some(trend) = &answer.fitted {
        text.push('\n');
        text.push_str(&fitted(trend));
    }
    if let Some(reach) = &answer.price_to_reach {
        text.push('\n');
        text.push_str(&price_to_reach(reach, screen));
    }
    text
}

/// Joins a figure with its range: `0.6725 (0.4484 .. 1.121)`.
fn ranged(central: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<String> {
    let central = number(central?);
    Some(match (low, high) {
        (None, None) => central,
        (low, high) => {
            let end = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), number);
            format!("{central} ({} .. {})", end(low), end(high))
        }
    })
}

fn cost_range(cost: &CostRange) -> Option<String> {
    let central = usd(cost.central_usd?);
    Some(match (cost.low_usd, cost.high_usd) {
        (None, None) => central,
        (low, high) => {
            let end = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), usd);
            format!("{central} ({} .. {})", end(low), end(high))
        }
    })
}

fn point(point: &TrendPoint) -> Option<String> {
    let cost = point.cost.as_ref().and_then(cost_range);
    let rule = short(point.date_rule().as_str_name(), "DATE_RULE_")
        .to_lowercase()
        .replace('_', " ");
    let date = match (
        point.date.as_str(),
        point.date_earliest.as_str(),
        point.date_latest.as_str(),
    ) {
        ("", _, _) => None,
        (date, "", "") => Some(format!("on {date} ({rule})")),
        (date, earliest, latest) => Some(format!("on {date}, {earliest} .. {latest} ({rule})")),
    };
    let model = Some(point.model.clone()).filter(|model| !model.is_empty());
    let score = point.score.map(|score| format!("score {}", number(score)));
    let parts: Vec<String> = [model, score, cost, date].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn years(years: &YearsRange) -> Option<String> {
    ranged(Some(years.central), years.low, years.high)
}

/// A text that is not empty.
fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn declared(title: &str, trend: &DeclaredTrend) -> String {
    let verdict = or_none(&verdict(trend.verdict()));
    let (outcome, inputs, break_even) = (outcome(trend), inputs(trend), break_even(trend));
    let all = [outcome.as_slice(), &inputs, &break_even].concat();
    format!("{title}: {verdict}\n{}", facts(2, &all))
}

type Fact = (&'static str, Option<String>);

fn outcome(trend: &DeclaredTrend) -> [Fact; 5] {
    let dated = trend.q_low_with_dates.zip(trend.q_high_with_dates);
    let curves = trend.q_at_factor_low.zip(trend.q_at_factor_high);
    [
        ("q", ranged(trend.q, trend.q_low, trend.q_high)),
        (
            "q with date ranges",
            dated.map(|(low, high)| format!("{} .. {}", number(low), number(high))),
        ),
        (
            "q at slower, faster curve",
            curves.map(|(low, high)| format!("{}, {}", number(low), number(high))),
        ),
        ("at worst", present(&verdict(trend.verdict_at_worst()))),
        ("at best", present(&verdict(trend.verdict_at_best()))),
    ]
}

fn inputs(trend: &DeclaredTrend) -> [Fact; 7] {
    let candidates = trend.candidates.map(|candidates| match trend.q_median {
        Some(q) => format!(
            "{candidates}, q against their median {} {}",
            number(q),
            verdict(trend.verdict_median())
        ),
        None => candidates.to_string(),
    });
    let curve = trend.curve.unwrap_or_default();
    let tolerance = curve.tolerance.map_or_else(|| "?".to_owned(), times);
    let curve = curve
        .annual_factor
        .map(|r| format!("{} a year, within {tolerance}", times(r)));
    [
        ("subject", trend.subject.as_ref().and_then(point)),
        ("reference", trend.reference.as_ref().and_then(point)),
        ("candidates", candidates),
        (
            "earlier without a cost",
            present(&trend.uncosted_references.join(", ")),
        ),
        (
            "years between",
            trend.elapsed_years.as_ref().and_then(years),
        ),
        ("gap", (trend.gap > 0.0).then(|| number(trend.gap))),
        ("curve", curve),
    ]
}

fn break_even(trend: &DeclaredTrend) -> [Fact; 9] {
    let halving = trend.halving_months;
    [
        ("observed reduction", trend.observed_reduction.map(times)),
        ("expected reduction", trend.expected_reduction.map(times)),
        ("annualised", trend.annualised.map(times)),
        ("months ahead", trend.months_ahead.map(number)),
        (
            "halving time",
            halving.map(|months| format!("{} months", number(months))),
        ),
        (
            "on trend at subject cost",
            trend.break_even_subject_usd.map(usd),
        ),
        (
            "on trend at reference cost",
            trend.break_even_reference_usd.map(usd),
        ),
        ("on trend at gap", trend.break_even_gap.map(number)),
        ("method", present(&trend.method)),
    ]
}

fn fitted(trend: &FittedTrend) -> String {
    let selection = short(trend.selection().as_str_name(), "FIT_SELECTION_")
        .to_lowercase()
        .replace('_', " ");
    let expected = trend.expected_usd.map(|expected| {
        let ends = trend.expected_low_usd.zip(trend.expected_high_usd);
        let ends = ends.map_or_else(String::new, |(low, high)| {
            format!(" (90 % {} .. {})", usd(low), usd(high))
        });
        let extrapolated = if trend.extrapolated {
            ", extrapolated"
        } else {
            ""
        };
        format!("{}{ends}{extrapolated}", usd(expected))
    });
    let body = facts(
        2,
        &[
            ("missing", present(&trend.missing)),
            (
                "cost falls a year by",
                interval(
                    trend.annual_factor,
                    trend.annual_factor_low,
                    trend.annual_factor_high,
                ),
            ),
            (
                "points",
                Some(format!(
                    "{} of {} models over {} days, {selection}, {} clipped",
                    trend.points, trend.models, trend.span_days, trend.clipped_points
                )),
            ),
            ("score coefficient", trend.score_coefficient.map(number)),
            ("R²", trend.r_squared.map(number)),
            ("residual sd", trend.residual_sd.map(number)),
            ("expected cost", expected),
            ("q", trend.q.map(number)),
            ("method", present(&trend.method)),
        ],
    );
    format!(
        "(b) fitted curve: {}\n{body}",
        or_none(&verdict(trend.verdict()))
    )
}

fn interval(central: Option<f64>, low: Option<f64>, high: Option<f64>) -> Option<String> {
    let central = times(central?);
    Some(match low.zip(high) {
        Some((low, high)) => format!("{central} (90 % {} .. {})", times(low), times(high)),
        None => central,
    })
}

fn price_to_reach(reach: &PriceToReach, screen: Screen) -> String {
    let body = facts(
        2,
        &[
            (
                "missing",
                Some(reach.missing.clone()).filter(|_| !reach.sufficient),
            ),
            (
                "price falls a year by",
                interval(
                    reach.annual_factor,
                    reach.annual_factor_low,
                    reach.annual_factor_high,
                ),
            ),
            (
                "record lows",
                Some(format!("{} over {} days", reach.points, reach.span_days)),
            ),
            ("R²", reach.r_squared.map(number)),
            ("method", present(&reach.method)),
        ],
    );
    let mut table = Table::new([
        ("  date", Align::Left),
        ("model", Align::Left),
        ("score", Align::Right),
        (basis_head(reach.cost_basis()), Align::Right),
    ]);
    for low in &reach.record_lows {
        table.row([
            format!("  {}", low.date),
            low.model.clone(),
            low.score.map_or_else(String::new, number),
            low.cost
                .as_ref()
                .and_then(|cost| cost.central_usd)
                .map_or_else(String::new, usd),
        ]);
    }
    let lows = if reach.record_lows.is_empty() {
        String::new()
    } else {
        table.show(screen, &["score"])
    };
    format!(
        "(c) price to reach {}\n{body}{lows}",
        number(reach.threshold)
    )
}

fn or_none(text: &str) -> String {
    if text.is_empty() {
        "no subject".to_owned()
    } else {
        printable(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{DeclaredCurve, Verdict};

    #[test]
    fn a_verdict_comes_with_its_inputs() {
        let trend = DeclaredTrend {
            verdict: Verdict::Behind.into(),
            q: Some(0.6725),
            q_low: Some(0.4484),
            q_high: Some(1.121),
            verdict_at_worst: Verdict::Behind.into(),
            verdict_at_best: Verdict::OnTrend.into(),
            gap: 2.0,
            observed_reduction: Some(5.380),
            break_even_reference_usd: Some(44.608e6),
            curve: Some(DeclaredCurve {
                annual_factor: Some(4.0),
                tolerance: Some(1.25),
                ..DeclaredCurve::default()
            }),
            ..DeclaredTrend::default()
        };
        let text = assessed(&AssessTrendResponse {
            revision: 1,
            trend: Some(trend),
        });
        assert_eq!(
            text,
            "declared curve: BEHIND\n  \
             q                           0.6725 (0.4484 .. 1.121)\n  \
             at worst                    BEHIND\n  \
             at best                     ON_TREND\n  \
             gap                         2\n  \
             curve                       4× a year, within 1.25×\n  \
             observed reduction          5.38×\n  \
             on trend at reference cost  $44.61M\n"
        );
    }

    #[test]
    fn curves_without_a_subject_say_so() {
        let text = board(
            &GetTrendResponse {
                fitted: Some(FittedTrend::default()),
                price_to_reach: Some(PriceToReach {
                    threshold: 86.0,
                    points: 5,
                    span_days: 694,
                    sufficient: true,
                    annual_factor: Some(15.86),
                    ..PriceToReach::default()
                }),
                ..GetTrendResponse::default()
            },
            Screen::UNBOUNDED,
        );
        assert!(text.contains("(b) fitted curve: no subject\n"), "{text}");
        assert!(
            text.contains("(c) price to reach 86\n  price falls a year by  15.86×\n"),
            "{text}"
        );
    }
}
