//! Our own columns as csv, comma separated, with a head line ([`super::columns`]). Read row by row: memory does not grow
//! with the file.

use std::io::{BufRead, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::columns::{BENCHMARK_COLUMNS, COLUMNS, Cell, OTHER_COLUMNS};
use super::{Draft, Found, Options, Row, Sink, Unreadable};

/// Largest file read up to a row: a quote that is never closed makes the rest of a file one row, which must not be held.
const ROW_BYTES_MAX: u64 = 1024 * 1024;

/// Counts what the csv reader takes between two rows, and ends the source where that is too much.
struct Bounded<R> {
    inner: R,
    left: std::rc::Rc<std::cell::Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(std::io::Error::other(
                "a row longer than 1 MiB: is a quote never closed?",
            ));
        }
        let room = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let count = self.inner.read(&mut buffer[..room])?;
        self.left.set(left - count as u64);
        Ok(count)
    }
}

/// Reads a head line and rows. A row that is not a result is refused, and reading goes on with the next one.
///
/// # Errors
/// [`Unreadable`] when the head line lacks `benchmark`, `model` or `score` or has an unknown column, or the source fails.
pub fn read(source: impl BufRead, _options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let left = std::rc::Rc::new(std::cell::Cell::new(ROW_BYTES_MAX));
    let source = Bounded {
        inner: source,
        left: std::rc::Rc::clone(&left),
    };
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(source);
    let io = |error: csv::Error| Unreadable::new("NOT_READ", format!("not csv: {error}"));
    let head = head(reader.byte_headers().map_err(io)?)?;
    let mut record = ByteRecord::new();
    loop {
        left.set(ROW_BYTES_MAX);
        if !reader.read_byte_record(&mut record).map_err(io)? {
            return Ok(());
        }
        let line = record.position().map_or(0, csv::Position::line);
        if !out(Row {
            at: format!("line {line}"),
            found: row(&head, &record),
        }) {
            return Ok(());
        }
    }
}

fn head(record: &ByteRecord) -> Result<Vec<String>, Unreadable> {
    let name = |bytes: &[u8]| {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    let names: Vec<String> = record.iter().map(name).collect();
    if let Some(name) = ["benchmark", "model", "score"]
        .into_iter()
        .find(|name| !names.iter().any(|known| known == name))
    {
        let message = format!(
            "the head line has no column `{name}`: expected names such as `benchmark,model,score`, separated by commas"
        );
        return Err(Unreadable::new("WRONG_FORMAT", message));
    }
    for (index, name) in names.iter().enumerate() {
        if !known(name) {
            return Err(Unreadable::new("COLUMN_UNKNOWN", unknown(name)));
        }
        if names[..index].contains(name) {
            return Err(Unreadable::new(
                "COLUMN_TWICE",
                format!("column `{name}` stands twice in the head line"),
            ));
        }
    }
    Ok(names)
}

fn known(name: &str) -> bool {
    COLUMNS.iter().any(|column| column.name == name)
        || BENCHMARK_COLUMNS.iter().any(|column| column.name == name)
        || OTHER_COLUMNS.iter().any(|(other, _)| *other == name)
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    format!(
        "there is no column `{name}`; the columns are {}",
        names.join(", ")
    )
}

fn row(head: &[String], record: &ByteRecord) -> Found {
    if record.len() != head.len() {
        let message = format!(
            "{} cells, the head line has {}: is the file cut short?",
            record.len(),
            head.len()
        );
        return Found::Refused("CELL_COUNT", message);
    }
    let mut cells = Cells::default();
    for (name, bytes) in head.iter().zip(record) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Found::Refused("NOT_UTF8", format!("column `{name}` is not UTF-8"));
        };
        if text.is_empty() {
            continue;
        }
        if let Err(refused) = cells.put(name, Cell::Text(text.to_owned())) {
            return refused;
        }
    }
    cells.found()
}

/// The cells of one row, put into the messages they belong to.
#[derive(Default)]
pub(super) struct Cells {
    draft: Draft,
    status: String,
    status_reason: String,
}

impl Cells {
    pub(super) fn put(&mut self, name: &str, cell: Cell) -> Result<(), Found> {
        let wrong = |what| Found::field(name, what);
        if let Some(column) = COLUMNS.iter().find(|column| column.name == name) {
            return (column.set)(&mut self.draft.result, cell).map_err(wrong);
        }
        if let Some(column) = BENCHMARK_COLUMNS.iter().find(|column| column.name == name) {
            return (column.set)(&mut self.draft.benchmark, cell).map_err(wrong);
        }
        match (name, cell) {
            ("status", Cell::Text(text)) => self.status = text.trim().to_ascii_uppercase(),
            ("status_reason", Cell::Text(text)) => self.status_reason = text,
            ("status" | "status_reason", _) => return Err(Found::field(name, "expected a text")),
            _ if known(name) => {}
            _ => return Err(Found::Refused("COLUMN_UNKNOWN", unknown(name))),
        }
        Ok(())
    }

    pub(super) fn found(mut self) -> Found {
        match self.status.trim_start_matches("STATUS_") {
            "" | "ACTIVE" => {}
            "DISPUTED" if self.status_reason.is_empty() => {
                self.draft.disputed = Some("disputed where it was imported from".to_owned());
            }
            "DISPUTED" => self.draft.disputed = Some(self.status_reason),
            "RETRACTED" => return Found::Skipped("RETRACTED", self.status_reason),
            _ => return Found::field("status", "expected ACTIVE, DISPUTED or RETRACTED"),
        }
        // An empty benchmark or model may be given by a flag.
        if self.draft.result.score.is_none() {
            return Found::field("score", "missing");
        }
        self.draft.model = std::mem::take(&mut self.draft.result.model);
        self.draft.benchmark.id = std::mem::take(&mut self.draft.result.benchmark);
        Found::Result(Box::new(self.draft))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &[u8]) -> Result<Vec<Row>, Unreadable> {
        let mut rows = Vec::new();
        read(text, &Options::default(), &mut |row| {
            rows.push(row);
            true
        })?;
        Ok(rows)
    }

    #[test]
    fn rows_are_read_and_bad_ones_named() {
        let text = b"\xef\xbb\xbfmodel,benchmark,score,labels,status,benchmark_unit\nb/c,a,1.5,\"{\"\"k\"\":\"\"v, w\"\"}\",,FRACTION\nb/c,a,x,,,\nb/c,a\nb/c,\xff,1,,,\nb/c,a,1,,retracted,\nb/c,a,1,,DISPUTED,\nb/c,a,,,,\n";
        let rows = rows(text).expect("rows");
        let Found::Result(draft) = &rows[0].found else {
            panic!("{:?}", rows[0])
        };
        assert_eq!(
            (draft.model.as_str(), draft.result.score),
            ("b/c", Some(1.5))
        );
        assert_eq!(draft.result.labels["k"], "v, w");
        assert_eq!(draft.benchmark.unit.as_deref(), Some("FRACTION"));
        let outcome = |row: &Row| match &row.found {
            Found::Refused(reason, _) | Found::Skipped(reason, _) => *reason,
            Found::Result(draft) => {
                if draft.disputed.is_some() {
                    "disputed"
                } else {
                    "result"
                }
            }
            Found::Price(_) => "price",
        };
        let outcomes: Vec<_> = rows[1..].iter().map(outcome).collect();
        assert_eq!(
            outcomes,
            [
                "FIELD_INVALID",
                "CELL_COUNT",
                "NOT_UTF8",
                "RETRACTED",
                "disputed",
                "FIELD_INVALID"
            ]
        );
    }

    #[test]
    fn a_head_line_that_does_not_fit_refuses_the_file() {
        for (text, reason) in [
            (&b"a;b\n1;2\n"[..], "WRONG_FORMAT"),
            (b"", "WRONG_FORMAT"),
            (b"benchmark,model,score,cost\n", "COLUMN_UNKNOWN"),
            (b"benchmark,model,score,score\n", "COLUMN_TWICE"),
        ] {
            assert_eq!(rows(text).expect_err("refused").reason, reason);
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_not_held() {
        let mut text = b"benchmark,model,score\na,b/c,\"".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3_000_000));
        let error = rows(&text).expect_err("refused");
        assert!(error.message.contains("quote"), "{error}");
    }
}
