//! The table: columns that fit, widest first when there is room.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::{App, Change};
use super::screen::{Paint, Tone, put, put_right};
use crate::cli::board_table::cost_on;
use crate::cli::format::{
    basis_head, cost, kind, margin, mark, optional, score_decimals, times, verdict,
};
use crate::cli::table::{ABSENT, Align, printable};
use crate::proto::v1::{DeclaredTrend, Standing, Status, Verdict};

/// Least width of the column of models, as long as other columns can give way.
const MODEL_WIDTH_MIN: usize = 22;
/// Names up to this width are worth more than columns up to [`SPARE`].
const MODEL_WIDTH_WANTED: usize = 40;
/// What `keep` is at most in columns that give way to whole names.
const SPARE: u8 = 3;
/// Columns are this far apart.
const GAP: usize = 2;
/// Before a row: how it changed, and whether it is selected.
const MARK_WIDTH: usize = 2;

struct Column {
    head: &'static str,
    align: Align,
    /// Lower ones give way first; `u8::MAX` stays.
    keep: u8,
    cell: fn(&Row<'_>) -> String,
}

/// A row with what its cells depend on.
struct Row<'a> {
    standing: &'a Standing,
    app: &'a App,
    decimals: usize,
}

fn column(head: &'static str, align: Align, keep: u8, cell: fn(&Row<'_>) -> String) -> Column {
    Column {
        head,
        align,
        keep,
        cell,
    }
}

/// The columns of a board, in the order and with the heads of `frontierd leaderboard`.
fn columns(app: &App) -> Vec<Column> {
    use Align::{Left, Right};
    let mut columns = vec![
        column("rank", Right, u8::MAX, |row| {
            row.standing
                .rank
                .map_or_else(String::new, |rank| rank.to_string())
        }),
        column("95 %", Left, 4, |row| {
            match (row.standing.rank_best, row.standing.rank_worst) {
                (Some(best), Some(worst)) => format!("{best}-{worst}"),
                _ => String::new(),
            }
        }),
        column("model", Left, u8::MAX, |row| match row.standing.status() {
            // In front, where nothing is cut.
            Status::Disputed => format!("! {}", row.standing.model),
            _ => row.standing.model.clone(),
        }),
        column("score", Right, u8::MAX, |row| {
            format!("{:.1$}", row.standing.score, row.decimals)
        }),
        column("±", Left, 2, |row| {
            let standing = row.standing;
            margin(standing.score, standing.interval.as_ref(), row.decimals)
        }),
        column(basis_head(app.basis()), Right, 8, |row| {
            let cost_of = cost_on(row.standing, row.app.basis());
            cost_of.map_or_else(String::new, cost)
        }),
        column("kind", Left, 1, |row| {
            let cost_of = cost_on(row.standing, row.app.basis());
            cost_of.map_or_else(String::new, |cost| kind(cost.kind()))
        }),
    ];
    if app.view.is_mean() {
        columns.push(column("benchmarks", Right, 3, |row| {
            row.standing.benchmark_count.to_string()
        }));
    } else {
        columns.push(column("value", Right, 3, |row| {
            optional(row.standing.value)
        }));
    }
    columns.push(column("overpay", Right, 6, |row| {
        row.standing.overpay.map_or_else(String::new, times)
    }));
    columns.push(column("front", Left, 7, |row| {
        mark(row.standing.on_frontier)
    }));
    if !app.view.is_mean() {
        columns.push(column("verdict", Left, 5, |row| verdict_of(row.standing)));
    }
    columns
}

fn verdict_of(standing: &Standing) -> String {
    let trend = standing.trend.as_ref();
    trend.map_or_else(String::new, |trend| verdict(trend.verdict()))
}

/// Columns with their cells and widths.
type Fitted = Vec<(Column, Vec<String>, usize)>;

/// What of the columns fits into a width. The column of models takes what is left, and is cut where that is too little.
fn fit(app: &App, rows: &[&Standing], width: usize) -> Fitted {
    let decimals = score_decimals(app.rows.iter().map(|row| row.score));
    let mut fitted: Fitted = columns(app)
        .into_iter()
        .map(|column| {
            let cells: Vec<String> = rows
                .iter()
                .map(|standing| {
                    let row = Row {
                        standing,
                        app,
                        decimals,
                    };
                    let cell = printable(&(column.cell)(&row));
                    if cell.is_empty() {
                        ABSENT.to_owned()
                    } else {
                        cell
                    }
                })
                .collect();
            let widths = cells.iter().map(|cell| cell.chars().count());
            let wide = widths.chain([column.head.chars().count()]).max();
            (column, cells, wide.unwrap_or(0))
        })
        .collect();
    // What no row here has is not worth its room.
    fitted.retain(|(column, cells, _)| {
        column.keep == u8::MAX || cells.iter().any(|cell| cell != ABSENT)
    });
    loop {
        let total = |fitted: &Fitted| -> usize {
            fitted.iter().map(|(_, _, wide)| wide + GAP).sum::<usize>() - GAP
        };
        let model = fitted
            .iter()
            .position(|(column, ..)| column.head == "model");
        let Some(model) = model else { return fitted };
        let wanted = fitted[model].2;
        let others = total(&fitted) - wanted;
        let least = fitted
            .iter()
            .enumerate()
            .map(|(at, (column, ..))| (column.keep, at))
            .filter(|(keep, _)| *keep < u8::MAX)
            .min();
        let least_model = match least {
            Some((keep, _)) if keep <= SPARE => MODEL_WIDTH_WANTED,
            _ => MODEL_WIDTH_MIN,
        };
        if others + wanted.min(least_model) <= width {
            fitted[model].2 = wanted.min(width - others);
            return fitted;
        }
        let Some((_, at)) = least else {
            fitted[model].2 = width.saturating_sub(others);
            return fitted;
        };
        fitted.remove(at);
    }
}

/// Draws the table, scrolled so that the selected row is seen.
pub(super) fn draw(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    let shown = app.shown();
    let height = usize::from(area.height.saturating_sub(1));
    let selected = app.position(&shown);
    let first = selected
        .saturating_sub(height / 2)
        .min(shown.len().saturating_sub(height));
    let window: Vec<&Standing> = shown.iter().skip(first).take(height).copied().collect();
    let width = usize::from(area.width).saturating_sub(MARK_WIDTH);
    let fitted = fit(app, &window, width);
    let mut x = area.x + MARK_WIDTH as u16;
    for (column, cells, wide) in &fitted {
        let head = paint.style(Tone::Head);
        place(buffer, column.align, (x, area.y), *wide, column.head, head);
        for (line, (cell, row)) in cells.iter().zip(&window).enumerate() {
            let y = area.y + 1 + line as u16;
            let tone = tone(column.head, row);
            place(buffer, column.align, (x, y), *wide, cell, paint.style(tone));
        }
        x += (*wide + GAP) as u16;
    }
    for (line, row) in window.iter().enumerate() {
        let y = area.y + 1 + line as u16;
        let whole = Rect::new(area.x, y, area.width, 1);
        let changed = app.change(&row.model);
        let (sign, tone) = sign(changed);
        put(buffer, area.x, y, 1, sign, paint.style(tone));
        if changed.is_some() {
            buffer.set_style(whole, paint.style(Tone::Strong));
        }
        if first + line == selected {
            put(buffer, area.x + 1, y, 1, ">", paint.style(Tone::Plain));
            buffer.set_style(whole, paint.style(Tone::Selected));
        }
    }
}

fn sign(change: Option<Change>) -> (&'static str, Tone) {
    match change {
        Some(Change::Up) => ("▲", Tone::Good),
        Some(Change::Down) => ("▼", Tone::Bad),
        Some(Change::New) => ("+", Tone::Good),
        Some(Change::Other) => ("•", Tone::Strong),
        None => (" ", Tone::Plain),
    }
}

fn tone(head: &str, row: &Standing) -> Tone {
    match head {
        "front" if row.on_frontier == Some(true) => Tone::Good,
        "model" if row.status() == Status::Disputed => Tone::Bad,
        "verdict" => match row.trend.as_ref().map(DeclaredTrend::verdict) {
            Some(Verdict::Ahead) => Tone::Good,
            Some(Verdict::Behind) => Tone::Bad,
            Some(Verdict::OnTrend) => Tone::Plain,
            _ => Tone::Faint,
        },
        _ => Tone::Plain,
    }
}

fn place(
    buffer: &mut Buffer,
    align: Align,
    (x, y): (u16, u16),
    wide: usize,
    text: &str,
    style: ratatui::style::Style,
) {
    match align {
        Align::Left => put(buffer, x, y, wide, text, style),
        Align::Right => put_right(buffer, x, y, wide, text, style),
    }
}
