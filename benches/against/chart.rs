//! Charts of a run.

use std::path::Path;

use plotters::prelude::*;

use crate::Failure;
use crate::curve::Point;
use crate::report::Ratio;

const OURS: RGBColor = RGBColor(0, 98, 155);
const THEIRS: RGBColor = RGBColor(200, 80, 40);
const FAINT: RGBColor = RGBColor(150, 150, 150);

/// One line a row: the median, its spread, target and stretch. All are told as times the target, so that right is
/// better in every row; a row without a target is told as it is.
pub fn ratios(path: &Path, rows: &[Ratio]) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (960, 90 + 44 * rows.len() as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(
            "frontierd against its peers: median, least and greatest of the turns",
            ("sans-serif", 18),
        )
        .margin(12)
        .x_label_area_size(44)
        .build_cartesian_2d((0.095..10.0).log_scale(), 0.0..rows.len() as f64)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .max_light_lines(0)
        .x_desc("times the target (log); right of 1 = met. Grey: target and stretch")
        .x_label_formatter(&|times| format!("{times}"))
        .draw()?;
    for (at, ratio) in rows.iter().rev().enumerate() {
        let y = at as f64 + 0.3;
        let line = |from: (f64, f64), to: (f64, f64), style: ShapeStyle| {
            PathElement::new(vec![from, to], style)
        };
        let times = |value| times_target(ratio, value);
        for mark in [ratio.target, ratio.stretch].into_iter().flatten() {
            let x = times(mark);
            chart.draw_series([line((x, y - 0.2), (x, y + 0.2), FAINT.stroke_width(2))])?;
        }
        let (low, high) = (times(ratio.min), times(ratio.max));
        chart.draw_series([line((low, y), (high, y), OURS.stroke_width(3))])?;
        chart.draw_series([Circle::new((times(ratio.median), y), 5, OURS.filled())])?;
        let text = format!(
            "{}: {:.2} [{:.2} .. {:.2}]{}",
            ratio.row,
            ratio.median,
            ratio.min,
            ratio.max,
            if ratio.less_is_better {
                ", less is better"
            } else {
                ""
            }
        );
        chart.draw_series([Text::new(text, (0.11, y + 0.5), ("sans-serif", 14))])?;
    }
    root.present()?;
    Ok(())
}

/// Clamped to what the chart shows.
fn times_target(ratio: &Ratio, value: f64) -> f64 {
    let target = ratio.target.unwrap_or(1.0);
    let times = if ratio.less_is_better {
        target / value
    } else {
        value / target
    };
    times.clamp(0.1, 10.0)
}

/// Deliveries and delay by number of watchers, one above the other.
pub fn curve(path: &Path, points: &[Point]) -> Result<(), Failure> {
    let root = SVGBackend::new(path, (960, 800)).into_drawing_area();
    root.fill(&WHITE)?;
    let (above, below) = root.split_vertically(400);
    part(&above, "deliveries/s at the peak", points, |point| {
        point.deliveries_per_second
    })?;
    let title = "p99 delay at half the peak, microseconds";
    part(&below, title, points, |point| point.p99_delay_us)?;
    root.present()?;
    Ok(())
}

fn part(
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    title: &str,
    points: &[Point],
    value: impl Fn(&Point) -> f64,
) -> Result<(), Failure> {
    let values: Vec<f64> = points.iter().map(&value).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    let most = points.iter().map(|point| point.watchers).max().unwrap_or(1);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(80)
        .build_cartesian_2d(
            (0.8..most as f64 * 1.25).log_scale(),
            (low / 1.5..high * 1.5).log_scale(),
        )?;
    chart
        .configure_mesh()
        .max_light_lines(0)
        .x_label_formatter(&|watchers| format!("{watchers:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .x_desc("watchers")
        .draw()?;
    for (server, colour) in [("frontierd", OURS), ("Redis", THEIRS)] {
        let own = points.iter().filter(|point| point.server == server);
        let mut dots: Vec<(f64, f64)> = own
            .map(|point| (point.watchers as f64, value(point)))
            .collect();
        dots.sort_by(|a, b| a.0.total_cmp(&b.0));
        let circles = dots.iter().map(|at| Circle::new(*at, 4, colour.filled()));
        chart
            .draw_series(circles)?
            .label(server)
            .legend(move |at| Circle::new(at, 4, colour.filled()));
    }
    chart.configure_series_labels().border_style(FAINT).draw()?;
    Ok(())
}
