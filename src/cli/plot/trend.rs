//! A trend: date against cost, with the lines that a cost is judged by.

use ratatui::style::Color;

use super::axis::{Axis, Scale, days_of};
use super::{Chart, Layer, Name, Shape, spelled};
use crate::cli::format::{basis_head, times};
use crate::cli::screen::Screen;
use crate::cli::table::printable;
use crate::proto::v1::{DeclaredTrend, FittedTrend, GetTrendResponse, TrendPoint};

/// Days in a year of the declared and the fitted curve.
const YEAR: f64 = 365.25;
/// Names beyond subject, reference and record lows are written where there are at most this many points.
const NAMED_MAX: usize = 16;

/// The chart of an answer, or why there is none.
pub(in crate::cli) fn trend(answer: &GetTrendResponse, screen: Screen) -> String {
    let basis = basis_head(answer.cost_basis());
    let declared = answer.declared.as_ref();
    let subject = declared.and_then(|trend| trend.subject.as_ref());
    let reference = declared.and_then(|trend| trend.reference.as_ref());
    let lows = answer.price_to_reach.as_ref();
    let lows = lows.map_or(&[][..], |reach| &reach.record_lows);
    let all = answer
        .points
        .iter()
        .chain(subject)
        .chain(reference)
        .chain(lows);
    let places: Vec<(f64, f64)> = all.filter_map(place).collect();
    let axes = Axis::around(
        "date".to_owned(),
        Scale::Days,
        places.iter().map(|(day, _)| *day),
    )
    .zip(Axis::around(
        format!("{basis} in USD, log scale"),
        Scale::Dollars,
        places.iter().map(|(_, cost)| *cost),
    ));
    let Some((x, y)) = axes else {
        return format!("nothing to plot: no point has a date and a {basis}\n");
    };
    let mut layers: Vec<Layer> = Vec::new();
    layers.extend(fitted_line(answer, &x, &y));
    layers.extend(declared.and_then(|trend| declared_line(trend, &x, &y)));
    layers.extend(marks(&answer.points, ('○', 'o'), Color::Reset, "offers"));
    layers.extend(marks(lows, ('●', '*'), Color::Green, "(c) record lows"));
    let one = |point: Option<&TrendPoint>| point.cloned().into_iter().collect::<Vec<_>>();
    layers.extend(marks(
        &one(reference),
        ('▲', '^'),
        Color::Cyan,
        "(a) reference",
    ));
    layers.extend(marks(&one(subject), ('◆', '@'), Color::Yellow, "subject"));
    let mut names = names(answer, subject, reference, lows);
    // Lines look alike without colour: each says at its end which view it is.
    let ends = layers.iter().filter_map(|layer| match layer.shape {
        Shape::Line(_) => Some((*layer.points.last()?, layer)),
        Shape::Marks(..) => None,
    });
    names.extend(ends.map(|(at, layer)| Name {
        at,
        text: layer.what[..3].to_owned(),
        color: layer.color,
    }));
    let chart = Chart {
        x,
        y,
        layers,
        names,
    };
    spelled(chart.draw(screen), screen)
}

/// Day and cost of a point that has both.
fn place(point: &TrendPoint) -> Option<(f64, f64)> {
    let cost = point.cost.as_ref()?.central_usd?;
    Some((days_of(&point.date)?, cost)).filter(|(_, cost)| *cost > 0.0)
}

fn marks(
    points: &[TrendPoint],
    (mark, ascii): (char, char),
    color: Color,
    what: &str,
) -> Option<Layer> {
    let points: Vec<(f64, f64)> = points.iter().filter_map(place).collect();
    (!points.is_empty()).then(|| Layer {
        points,
        shape: Shape::Marks(mark, ascii),
        color,
        what: what.to_owned(),
    })
}

/// (b) at the subject's score, as the daemon gives it.
fn fitted_line(answer: &GetTrendResponse, x: &Axis, y: &Axis) -> Option<Layer> {
    let factor = answer
        .fitted
        .as_ref()
        .and_then(|fit: &FittedTrend| fit.annual_factor)?;
    let point =
        |point: &crate::proto::v1::CurvePoint| Some((days_of(&point.date)?, point.expected_usd));
    let points: Vec<(f64, f64)> = answer.curve.iter().filter_map(point).collect();
    let points = within(points, x, y);
    (points.len() >= 2).then(|| Layer {
        points,
        shape: Shape::Line('.'),
        color: Color::Magenta,
        what: format!("(b) fitted, {} a year", times(factor)),
    })
}

/// (a): what the reference would cost as years pass, with the gap; straight, because costs are on a log scale.
fn declared_line(trend: &DeclaredTrend, x: &Axis, y: &Axis) -> Option<Layer> {
    let (start, cost) = place(trend.reference.as_ref()?)?;
    let factor = trend.curve.as_ref()?.annual_factor?;
    let gap = if trend.gap > 0.0 { trend.gap } else { 1.0 };
    let at = |day: f64| (day, cost / gap / factor.powf((day - start) / YEAR));
    let steps = 64;
    let span = (x.high - start).max(0.0);
    let points = (0..=steps).map(|step| at(start + span * f64::from(step) / f64::from(steps)));
    let points = within(points.collect(), x, y);
    (points.len() >= 2).then(|| Layer {
        points,
        shape: Shape::Line(':'),
        color: Color::Cyan,
        what: format!("(a) declared, {} a year", times(factor)),
    })
}

/// The part of a line that is inside both axes.
fn within(mut points: Vec<(f64, f64)>, x: &Axis, y: &Axis) -> Vec<(f64, f64)> {
    let inside = |share: f64| (0.0..=1.0).contains(&share);
    points.retain(|(day, cost)| inside(x.share(*day)) && inside(y.share(*cost)));
    points
}

/// Subject and reference first, then record lows, then the rest where there are few; one name a place.
fn names(
    answer: &GetTrendResponse,
    subject: Option<&TrendPoint>,
    reference: Option<&TrendPoint>,
    lows: &[TrendPoint],
) -> Vec<Name> {
    let few = answer.points.len() <= NAMED_MAX;
    let rest = answer.points.iter().filter(|_| few);
    let wanted = subject
        .map(|point| (point, Color::Yellow))
        .into_iter()
        .chain(reference.map(|point| (point, Color::Cyan)))
        .chain(lows.iter().map(|point| (point, Color::Green)))
        .chain(rest.map(|point| (point, Color::DarkGray)));
    let mut names: Vec<Name> = Vec::new();
    for (point, color) in wanted {
        let Some(at) = place(point).filter(|_| !point.model.is_empty()) else {
            continue;
        };
        let text = printable(&point.model);
        if names
            .iter()
            .all(|name| (name.at, &name.text) != (at, &text))
        {
            names.push(Name { at, text, color });
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::v1::{CostBasis, CostRange, CurvePoint, DeclaredCurve, PriceToReach};

    fn point(model: &str, date: &str, usd: f64) -> TrendPoint {
        TrendPoint {
            model: model.into(),
            date: date.into(),
            cost: Some(CostRange {
                central_usd: Some(usd),
                ..CostRange::default()
            }),
            ..TrendPoint::default()
        }
    }

    /// Worked example 9 with a subject.
    fn answer() -> GetTrendResponse {
        let lows = vec![
            point("openai/gpt-4", "2023-03-14", 37.5),
            point("openai/gpt-4-turbo", "2023-11-06", 15.0),
            point("openai/gpt-4o", "2024-05-13", 7.5),
            point("a/small", "2024-05-23", 2.19),
            point("a/smaller", "2025-02-05", 0.175),
        ];
        let curve = |date: &str, expected_usd| CurvePoint {
            date: date.into(),
            expected_usd,
            ..CurvePoint::default()
        };
        GetTrendResponse {
            cost_basis: CostBasis::TokenPrice.into(),
            declared: Some(DeclaredTrend {
                subject: Some(lows[4].clone()),
                reference: Some(lows[3].clone()),
                curve: Some(DeclaredCurve {
                    annual_factor: Some(4.0),
                    ..DeclaredCurve::default()
                }),
                gap: 1.0,
                ..DeclaredTrend::default()
            }),
            fitted: Some(FittedTrend {
                annual_factor: Some(9.869),
                ..FittedTrend::default()
            }),
            curve: vec![curve("2023-03-14", 40.0), curve("2025-02-05", 0.5)],
            points: lows.clone(),
            price_to_reach: Some(PriceToReach {
                record_lows: lows,
                ..PriceToReach::default()
            }),
            ..GetTrendResponse::default()
        }
    }

    #[test]
    fn points_reference_and_lines_stand_on_a_log_scale_of_cost() {
        let screen = Screen {
            width: Some(80),
            ..Screen::UNBOUNDED
        };
        let ascii = Screen {
            unicode: false,
            ..screen
        };
        let ascii = trend(&answer(), ascii);
        assert!(ascii.is_ascii(), "{ascii}");
        let both = format!("{}{ascii}", trend(&answer(), screen));
        assert_eq!(both, include_str!("tests/trend.txt"));
    }

    #[test]
    fn nothing_to_plot_is_said() {
        let text = trend(&GetTrendResponse::default(), Screen::UNBOUNDED);
        assert!(text.starts_with("nothing to plot"), "{text}");
    }
}
