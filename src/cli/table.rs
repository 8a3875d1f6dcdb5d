//! Aligned tables and lists of facts as text.

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

    /// The text, one line a row.
    pub(super) fn render(&self) -> String {
        let head: Vec<String> = self
            .columns
            .iter()
            .map(|(title, _)| title.clone())
            .collect();
        let lines = std::iter::once(&head).chain(&self.rows);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                lines
                    .clone()
                    .map(|line| width(&line[column]))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for line in lines {
            let mut rendered = String::new();
            for ((cell, (_, align)), wide) in line.iter().zip(&self.columns).zip(&widths) {
                let pad = " ".repeat(wide - width(cell));
                match align {
                    Align::Left => rendered.extend([cell.as_str(), &pad, "  "]),
                    Align::Right => rendered.extend([pad.as_str(), cell, "  "]),
                }
            }
            text.push_str(rendered.trim_end());
            text.push('\n');
        }
        text
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
            table.render(),
            "rank  model          ±\n   1  deepseek/r1  6.3\n  10  a/b            -\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let mut table = Table::new([("model", Align::Left)]);
        table.row(["a\u{1b}[31m\n".into()]);
        assert_eq!(table.render(), "model\na\u{fffd}[31m\u{fffd}\n");
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
