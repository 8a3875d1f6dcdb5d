//! Cost against score, in characters: `*` is on the frontier, `o` is not, `@` is selected.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::screen::{Paint, Tone, put, put_right, rule};
use crate::cli::board_table::cost_on;
use crate::cli::format::{number, usd};

/// Width of the labels of scores.
const LABELS: u16 = 7;
/// Least width and height of the plot itself.
const LEAST: (u16, u16) = (12, 3);

/// A model with a cost.
struct Point {
    /// Logarithm of the cost.
    x: f64,
    y: f64,
    sign: char,
}

fn points(app: &App) -> Vec<Point> {
    let shown = app.shown();
    let selected = shown
        .get(app.position(&shown))
        .map(|row| row.model.as_str());
    let mut points: Vec<Point> = shown
        .iter()
        .filter_map(|row| {
            let cost = cost_on(row, app.basis())?;
            let sign = match row.on_frontier {
                _ if Some(row.model.as_str()) == selected => '@',
                Some(true) => '*',
                _ => 'o',
            };
            Some(Point {
                x: cost.central_usd.log10(),
                y: row.score,
                sign,
            })
        })
        .collect();
    // What matters most is drawn last.
    points.sort_by_key(|point| match point.sign {
        'o' => 0,
        '*' => 1,
        _ => 2,
    });
    points
}

/// Least and greatest, apart from each other.
fn range(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let low = values.clone().fold(f64::INFINITY, f64::min);
    let high = values.fold(f64::NEG_INFINITY, f64::max);
    if high > low {
        (low, high)
    } else {
        (low - 0.5, high + 0.5)
    }
}

pub(super) fn draw(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    rule(
        buffer,
        area,
        "score by cost  * frontier  o others  @ selected",
        paint,
    );
    if area.height < 2 {
        return;
    }
    let points = points(app);
    let faint = paint.style(Tone::Faint);
    let inside = Rect::new(
        area.x + LABELS + 1,
        area.y + 1,
        area.width.saturating_sub(LABELS + 2),
        area.height.saturating_sub(3),
    );
    if points.is_empty() || inside.width < LEAST.0 || inside.height < LEAST.1 {
        let text = if points.is_empty() {
            "No model here has a cost on this basis."
        } else {
            "No room for the plot."
        };
        put(
            buffer,
            area.x + 1,
            area.y + 1,
            usize::from(area.width),
            text,
            faint,
        );
        return;
    }
    let (left, right) = range(points.iter().map(|point| point.x));
    let (low, high) = range(points.iter().map(|point| point.y));
    axes(paint, inside, ((left, right), (low, high)), buffer);
    for point in &points {
        let across = (point.x - left) / (right - left);
        let up = (point.y - low) / (high - low);
        let x = inside.x + (across * f64::from(inside.width - 1)).round() as u16;
        let y = inside.bottom() - 1 - (up * f64::from(inside.height - 1)).round() as u16;
        let tone = match point.sign {
            '*' => Tone::Good,
            '@' => Tone::Strong,
            _ => Tone::Plain,
        };
        put(
            buffer,
            x,
            y,
            1,
            point.sign.encode_utf8(&mut [0; 4]),
            paint.style(tone),
        );
    }
}

type Range = (f64, f64);

fn axes(
    paint: Paint,
    inside: Rect,
    ((left, right), (low, high)): (Range, Range),
    buffer: &mut Buffer,
) {
    let faint = paint.style(Tone::Faint);
    let x = inside.x - 1;
    for y in inside.top()..inside.bottom() {
        put(buffer, x, y, 1, "│", faint);
    }
    let line = format!("└{}", "─".repeat(usize::from(inside.width)));
    put(
        buffer,
        x,
        inside.bottom(),
        usize::from(inside.width) + 1,
        &line,
        faint,
    );
    let labels = usize::from(LABELS) - 1;
    let label = x - LABELS;
    put_right(buffer, label, inside.top(), labels, &number(high), faint);
    put_right(
        buffer,
        label,
        inside.bottom() - 1,
        labels,
        &number(low),
        faint,
    );
    let y = inside.bottom() + 1;
    let width = usize::from(inside.width);
    let dollars = |log: f64| usd(10_f64.powf(log));
    put(buffer, inside.x, y, width, &dollars(left), faint);
    put_right(buffer, inside.x, y, width, &dollars(right), faint);
    let middle = dollars(f64::midpoint(left, right));
    let at = width.saturating_sub(middle.chars().count()) / 2;
    if at > dollars(left).chars().count() + 1 {
        put(buffer, inside.x + at as u16, y, width, &middle, faint);
    }
}
