//! Rows in our own columns, as csv and as jsonl.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{Row, status_name};
use crate::api::convert;
use crate::import::columns::{BENCHMARK_COLUMNS, COLUMNS, Cell, OTHER_COLUMNS};
use crate::model::Timestamp;

/// A file of rows.
pub trait Table {
    /// Writes the next row.
    ///
    /// # Errors
    /// What the file says.
    fn row(&mut self, row: &Row<'_>) -> io::Result<()>;
}

/// A head line with the names of the columns, then a line a row.
pub struct CsvTable<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvTable<W> {
    /// Writes the head line.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(names())?;
        Ok(Self { out })
    }

    /// What the rows were written to, with all of them.
    ///
    /// # Errors
    /// What it says.
    pub fn into_inner(self) -> io::Result<W> {
        self.out.into_inner().map_err(|error| {
            let error = error.into_error();
            io::Error::new(error.kind(), error.to_string())
        })
    }
}

impl<W: Write> Table for CsvTable<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let cells = cells(row).into_iter();
        let texts = cells.map(|cell| cell.map_or_else(String::new, |cell| cell.to_text()));
        Ok(self.out.write_record(texts)?)
    }
}

/// A JSON object a line, without the keys of what is absent.
pub struct JsonlTable<W: Write> {
    out: W,
}

impl<W: Write> JsonlTable<W> {
    /// Nothing is written before the first row.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// What the rows were written to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Table for JsonlTable<W> {
    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let object: Map<String, Value> = names()
            .zip(cells(row))
            .filter_map(|(name, cell)| Some((name.to_owned(), cell?.to_json())))
            .collect();
        serde_json::to_writer(&mut self.out, &object)?;
        self.out.write_all(b"\n")
    }
}

/// Names of all columns, in the order of [`cells`].
fn names() -> impl Iterator<Item = &'static str> {
    let result = COLUMNS.iter().map(|column| column.name);
    let benchmark = BENCHMARK_COLUMNS.iter().map(|column| column.name);
    result
        .chain(benchmark)
        .chain(OTHER_COLUMNS.iter().map(|(name, _)| *name))
}

fn cells(row: &Row<'_>) -> Vec<Option<Cell>> {
    let benchmark = convert::benchmark(row.benchmark, convert::BenchmarkState::default());
    let of_result = COLUMNS.iter().map(|column| (column.get)(&row.result));
    let of_benchmark = BENCHMARK_COLUMNS
        .iter()
        .map(|column| (column.get)(&benchmark));
    let of_store = OTHER_COLUMNS.iter().map(|(name, _)| other(row, name));
    of_result.chain(of_benchmark).chain(of_store).collect()
}

fn other(row: &Row<'_>, name: &str) -> Option<Cell> {
    let text = |text: &str| (!text.is_empty()).then(|| Cell::Text(text.to_owned()));
    match name {
        "status" => text(status_name(row.status)),
        "status_reason" => text(row.status_reason),
        "revision" => Some(Cell::Count(row.revision as i64)),
        "received_time" => text(&instant(row.received)),
        "submitter" => text(&row.submitter),
        _ => None,
    }
}

/// RFC 3339 in UTC; empty for what no calendar has.
fn instant(time: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(time.micros())
        .map_or_else(|_| String::new(), |time| time.to_string())
}
