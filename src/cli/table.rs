//! Aligned tables and lists of facts as text.

use clap::builder::styling::Style;

use super::screen::{BAD, CARE, FAINT, GOOD, HEAD, Screen};

/// Stands for what is absent: a missing number is not zero.
pub(super) const ABSENT: &str = "-";

/// On which side a column is even.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table: a head, rows, columns two spaces apart.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(super) fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Align)>) -> Self {
        Self {
            columns: columns
                .into_iter()
                .map(|(title, align)| (title.to_owned(), align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; empty cells and missing ones print as absent.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut row: Vec<String> = cells.into_iter().map(|cell| printable(&cell)).collect();
        row.resize(self.columns.len(), String::new());
        for cell in &mut row {
            if cell.is_empty() {
                ABSENT.clone_into(cell);
            }
        }
        self.rows.push(row);
    }

    /// The text, one line a row, as `screen` can show it: of a table that is too wide, the columns named in `spare` are
    /// left out, first named first, and that is said; then the widest column of words is cut.
    pub(super) fn show(&self, screen: Screen, spare: &[&str]) -> String {
        let mut shown: Vec<usize> = (0..self.columns.len()).collect();
        let mut widths: Vec<usize> = shown.iter().map(|column| self.wide(*column)).collect();
        let bound = screen.width.unwrap_or(usize::MAX);
        let mut left_out = Vec::new();
        for name in spare {
            if line_width(&shown, &widths) <= bound {
                break;
            }
            if let Some(at) = shown
                .iter()
                .position(|column| self.columns[*column].0 == *name)
            {
                shown.remove(at);
                left_out.push(*name);
            }
        }
        let excess = line_width(&shown, &widths).saturating_sub(bound);
        let words = shown
            .iter()
            .filter(|column| self.columns[**column].1 == Align::Left);
        if let Some(column) = words
            .max_by_key(|column| widths[**column])
            .filter(|_| excess > 0)
        {
            widths[*column] = widths[*column].saturating_sub(excess).max(WORDS_WIDTH_MIN);
        }
        let head: Vec<String> = self
            .columns
            .iter()
            .map(|(title, _)| title.clone())
            .collect();
        let mut text = self.line(screen, &shown, &widths, &head, true);
        for row in &self.rows {
            text.push_str(&self.line(screen, &shown, &widths, row, false));
        }
        if !left_out.is_empty() {
            let note = format!("too narrow for: {}\n", left_out.join(", "));
            text.push_str(&screen.paint(FAINT, &note));
        }
        text
    }

    fn wide(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| width(&row[column]));
        cells.fold(width(&self.columns[column].0), usize::max)
    }

    fn line(
        &self,
        screen: Screen,
        shown: &[usize],
        widths: &[usize],
        line: &[String],
        head: bool,
    ) -> String {
        // Spaces that end the line are not written, so they are kept until something follows.
        let (mut text, mut gap) = (String::new(), 0);
        for column in shown {
            let (title, align) = &self.columns[*column];
            let cell = cut(&line[*column], widths[*column]);
            let pad = widths[*column] - width(&cell);
            let style = if head { HEAD } else { style(title, &cell) };
            let (before, after) = match align {
                Align::Left => (0, pad),
                Align::Right => (pad, 0),
            };
            text.push_str(&" ".repeat(gap + before));
            text.push_str(&screen.paint(style, &cell));
            gap = after + 2;
        }
        text.push('\n');
        text
    }
}

/// Fewer letters of a model say too little.
const WORDS_WIDTH_MIN: usize = 12;

fn line_width(shown: &[usize], widths: &[usize]) -> usize {
    let cells: usize = shown.iter().map(|column| widths[*column]).sum();
    cells + 2 * shown.len().saturating_sub(1)
}

/// A text of at most `wide` characters.
fn cut(text: &str, wide: usize) -> String {
    if width(text) <= wide {
        return text.to_owned();
    }
    let kept: String = text.chars().take(wide.saturating_sub(1)).collect();
    format!("{kept}…")
}

/// Colour says again what the words say, never more.
fn style(title: &str, cell: &str) -> Style {
    match (title, cell) {
        (_, ABSENT) => FAINT,
        ("frontier", "*") | ("verdict", "AHEAD") => GOOD,
        ("verdict", "BEHIND") => BAD,
        ("status", "disputed" | "retracted") => CARE,
        ("model", model) if model.ends_with("(disputed)") => CARE,
        _ => Style::new(),
    }
}

/// Label and value a line, values even on the left; a fact without a value is left out.
pub(super) fn facts(indent: usize, facts: &[(&str, Option<String>)]) -> String {
    let present = || {
        facts
            .iter()
            .filter_map(|(label, value)| value.as_ref().map(|value| (label, value)))
    };
    let wide = present().map(|(label, _)| width(label)).max().unwrap_or(0);
    let mut text = String::new();
    for (label, value) in present() {
        let pad = " ".repeat(wide - width(label));
        let indent = " ".repeat(indent);
        text.extend([&indent, *label, &pad, "  ", &printable(value), "\n"]);
    }
    text
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// Text of others goes to a terminal: control characters must not steer it.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_even_on_the_left_and_numbers_on_the_right() {
        let mut table = Table::new([
            ("rank", Align::Right),
            ("model", Align::Left),
            ("±", Align::Right),
        ]);
        table.row(["1".into(), "deepseek/r1".into(), "6.3".into()]);
        table.row(["10".into(), "a/b".into()]);
        assert_eq!(
            table.show(Screen::UNBOUNDED, &[]),
            "rank  model          ±\n   1  deepseek/r1  6.3\n  10  a/b            -\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let mut table = Table::new([("model", Align::Left)]);
        table.row(["a\u{1b}[31m\n".into()]);
        assert_eq!(
            table.show(Screen::UNBOUNDED, &[]),
            "model\na\u{fffd}[31m\u{fffd}\n"
        );
    }

    fn wide_table() -> Table {
        let mut table = Table::new([
            ("rank", Align::Right),
            ("model", Align::Left),
            ("kind", Align::Left),
            ("cost", Align::Right),
        ]);
        table.row(["1", "a-vendor/a-model-of-some-length", "measured", "$1"].map(str::to_owned));
        table
    }

    fn narrow(width: usize) -> String {
        let screen = Screen {
            width: Some(width),
            ..Screen::UNBOUNDED
        };
        wide_table().show(screen, &["kind", "rank"])
    }

    #[test]
    fn a_narrow_screen_loses_spare_columns_then_letters() {
        assert_eq!(narrow(53), wide_table().show(Screen::UNBOUNDED, &[]));
        assert_eq!(
            narrow(52),
            "rank  model                            cost\n   1  a-vendor/a-model-of-some-length    $1\ntoo narrow for: kind\n"
        );
        assert_eq!(
            narrow(30),
            "model                     cost\na-vendor/a-model-of-som…    $1\ntoo narrow for: kind, rank\n"
        );
        assert!(
            narrow(1).starts_with("model         cost\na-vendor/a-…    $1\n"),
            "{}",
            narrow(1)
        );
    }

    #[test]
    fn colour_repeats_what_words_say_and_does_not_move_them() {
        let screen = Screen {
            color: true,
            ..Screen::UNBOUNDED
        };
        let mut table = Table::new([("verdict", Align::Left), ("q", Align::Right)]);
        table.row(["AHEAD".into(), "2".into()]);
        assert_eq!(
            table.show(screen, &[]),
            "\u{1b}[1mverdict\u{1b}[0m  \u{1b}[1mq\u{1b}[0m\n\u{1b}[32mAHEAD\u{1b}[0m    2\n"
        );
    }

    #[test]
    fn facts_without_a_value_are_left_out() {
        let text = facts(
            2,
            &[
                ("q", Some("0.9".into())),
                ("halving", None),
                ("gap", Some("1".into())),
            ],
        );
        assert_eq!(text, "  q    0.9\n  gap  1\n");
    }
}
