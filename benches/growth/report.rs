//! The table and the JSON.

use serde_json::{Map, Value, json};

use crate::phases::Size;

/// What was measured at one size.
pub(crate) struct Row {
    pub(crate) size: Size,
    pub(crate) fields: Map<String, Value>,
}

/// A figure: its field, its name for people, and what one of the field is in the unit shown.
pub(crate) struct Figure {
    pub(crate) field: &'static str,
    pub(crate) title: &'static str,
    scale: f64,
    /// Of one result, so that a store of twice the size may have twice of all.
    pub(crate) each: bool,
}

const MIB: f64 = 1024.0 * 1024.0;

const fn figure(field: &'static str, title: &'static str) -> Figure {
    Figure {
        field,
        title,
        scale: 1.0,
        each: true,
    }
}

const fn of_all(field: &'static str, title: &'static str, scale: f64) -> Figure {
    Figure {
        field,
        title,
        scale,
        each: false,
    }
}

/// All figures, in the order of the table.
pub(crate) const FIGURES: [Figure; 18] = [
    figure("board_state_us", "board, state: CPU us"),
    figure("board_changes_us", "board, changes: CPU us"),
    figure("board_outcome_us", "board, outcome: CPU us"),
    figure("commit_outcome_us", "writer, outcome: CPU us"),
    figure("fill_us", "writer while filling: CPU us"),
    figure("board_resident_per_result_bytes", "board: resident bytes"),
    figure("log_bytes_per_result", "log: bytes"),
    figure("store_bytes_per_result", "store on disk: bytes"),
    figure("write_amplification", "bytes written / bytes of log"),
    figure("checkpoint_bytes_per_result", "checkpoint: bytes"),
    of_all("checkpoint_cpu_seconds", "checkpoint: CPU s", 1.0),
    of_all("checkpoint_wall_seconds", "checkpoint: s", 1.0),
    of_all("start_cpu_seconds", "start: CPU s", 1.0),
    of_all("start_wall_seconds", "start: s", 1.0),
    of_all("start_resident_bytes", "after start: resident MiB", MIB),
    of_all("replay_cpu_seconds", "start by replay: CPU s", 1.0),
    of_all("replay_wall_seconds", "start by replay: s", 1.0),
    of_all("replay_resident_bytes", "after replay: resident MiB", MIB),
];

impl Row {
    /// A figure in the unit shown; 0 where it was not measured.
    pub(crate) fn value(&self, figure: &Figure) -> f64 {
        let value = self.fields.get(figure.field).and_then(Value::as_f64);
        value.unwrap_or(0.0) / figure.scale
    }
}

/// What log^2 n grows by between two sizes, times n where the figure is of all results.
fn bound(figure: &Figure, from: Size, to: Size) -> f64 {
    let (from, to) = (from.results() as f64, to.results() as f64);
    let logs = (to.ln() / from.ln()).powi(2);
    if figure.each { logs } else { logs * to / from }
}

/// One line a figure, one column a size; then the growth from each size of one board to the next.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut line = |title: &str, cells: Vec<String>| {
        let title = [format!("{title:32}")].into_iter();
        let cells = cells.iter().map(|cell| format!("{cell:>13}"));
        text.extend(title.chain(cells));
        text.push('\n');
    };
    let size = |row: &Row| format!("{}x{}", row.size.boards, row.size.standings);
    line("\nboards x standings", rows.iter().map(size).collect());
    for figure in &FIGURES {
        let cells = rows.iter().map(|row| number(row.value(figure)));
        line(figure.title, cells.collect());
    }
    let one: Vec<&Row> = rows.iter().filter(|row| row.size.boards == 1).collect();
    let to = |pair: &[&Row]| format!("to {}", pair[1].size.standings);
    let steps: Vec<String> = one.windows(2).map(to).collect();
    line("\ngrowth of one board; ! = above log^2 n", steps);
    for figure in &FIGURES {
        let cells = one.windows(2).map(|pair| growth(figure, pair[0], pair[1]));
        line(figure.title, cells.collect());
    }
    text
}

fn growth(figure: &Figure, from: &Row, to: &Row) -> String {
    let factor = to.value(figure) / from.value(figure);
    let above = factor > bound(figure, from.size, to.size);
    format!("{factor:.2}{}", if above { " !" } else { "  " })
}

fn number(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.3}"),
    }
}

/// All that was measured.
pub(crate) fn json(rows: &[Row]) -> Value {
    let row = |row: &Row| {
        let mut fields = row.fields.clone();
        fields.insert("boards".to_owned(), row.size.boards.into());
        fields.insert("standings".to_owned(), row.size.standings.into());
        fields.insert("results".to_owned(), row.size.results().into());
        Value::Object(fields)
    };
    json!({ "sizes": rows.iter().map(row).collect::<Vec<_>>() })
}
