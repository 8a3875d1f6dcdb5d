//! The curves of one board.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::report::{FIGURES, Figure, Row};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const PIXELS: (u32, u32) = (1_200, 900);
const COLOURS: [RGBColor; 4] = [
    RGBColor(0, 90, 181),
    RGBColor(220, 50, 32),
    RGBColor(0, 130, 90),
    RGBColor(150, 90, 200),
];

/// A panel: its title and the fields of its curves.
const PANELS: [(&str, &[&str]); 4] = [
    (
        "CPU of one submission, us",
        &[
            "board_state_us",
            "board_changes_us",
            "board_outcome_us",
            "commit_outcome_us",
        ],
    ),
    (
        "bytes of one result",
        &[
            "board_resident_per_result_bytes",
            "store_bytes_per_result",
            "log_bytes_per_result",
            "checkpoint_bytes_per_result",
        ],
    ),
    (
        "start and checkpoint, CPU s",
        &[
            "start_cpu_seconds",
            "replay_cpu_seconds",
            "checkpoint_cpu_seconds",
        ],
    ),
    (
        "resident after start, MiB",
        &["start_resident_bytes", "replay_resident_bytes"],
    ),
];

/// Draws the sizes of one board; nothing to draw with fewer than two.
pub(crate) fn draw(path: &Path, rows: &[Row]) -> Result<(), Box<dyn Error>> {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.size.boards == 1).collect();
    if rows.len() < 2 {
        return Ok(());
    }
    let root = SVGBackend::new(path, PIXELS).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, (title, fields)) in root.split_evenly((2, 2)).iter().zip(PANELS) {
        let is_in = |figure: &&Figure| fields.contains(&figure.field);
        let figures: Vec<&Figure> = FIGURES.iter().filter(is_in).collect();
        panel(area, title, &figures, &rows)?;
    }
    root.present()?;
    Ok(())
}

fn panel(
    area: &Area<'_>,
    title: &str,
    figures: &[&Figure],
    rows: &[&Row],
) -> Result<(), Box<dyn Error>> {
    let values = || {
        figures
            .iter()
            .flat_map(|figure| rows.iter().map(|row| row.value(figure)))
    };
    // A logarithmic axis has no zero.
    let low = values().fold(f64::MAX, f64::min).max(1e-6);
    let high = values().fold(low, f64::max);
    let standings = |row: &Row| row.size.standings as f64;
    let sizes = standings(rows[0])..standings(rows[rows.len() - 1]);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .margin_right(32)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(sizes.log_scale(), (low / 2.0..high * 10.0).log_scale())?;
    let label = |value: &f64| format!("{value}");
    chart
        .configure_mesh()
        .x_desc("standings")
        .x_label_formatter(&label)
        .y_label_formatter(&label)
        .light_line_style(WHITE)
        .draw()?;
    for (figure, colour) in figures.iter().zip(COLOURS) {
        let points = rows
            .iter()
            .map(|row| (standings(row), row.value(figure).max(low)));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
            .label(figure.title)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .draw()?;
    Ok(())
}
