//! Our own columns as JSON: one object a line ([`super::columns`]). Read line by line: memory does not grow with the
//! file.

use std::io::{BufRead, Read};

use serde_json::Value;

use super::columns::Cell;
use super::csv::Cells;
use super::json::column_alone;
use super::{Found, Options, Row, Sink, Unreadable};

/// Longest line read: the largest result, encoded wastefully.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// Reads lines. A line that is not a result is refused, and reading goes on with the next one.
///
/// # Errors
/// [`Unreadable`] when the source fails.
pub fn read(mut source: impl BufRead, _options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let io =
            |error: std::io::Error| Unreadable::new("NOT_READ", format!("line {number}: {error}"));
        let count = source
            .by_ref()
            .take(LINE_BYTES_MAX + 1)
            .read_until(b'\n', &mut line)
            .map_err(io)?;
        if count == 0 {
            return Ok(());
        }
        let found = if line.len() as u64 > LINE_BYTES_MAX {
            if !line.ends_with(b"\n") {
                source.skip_until(b'\n').map_err(io)?;
            }
            Found::Refused(
                "LINE_TOO_LONG",
                format!("longer than {LINE_BYTES_MAX} bytes"),
            )
        } else {
            let text = line
                .strip_prefix(b"\xef\xbb\xbf")
                .filter(|_| number == 1)
                .unwrap_or(&line);
            if text.trim_ascii().is_empty() {
                continue;
            }
            row(text)
        };
        if !out(Row {
            at: format!("line {number}"),
            found,
        }) {
            break;
        }
    }
    Ok(())
}

fn row(line: &[u8]) -> Found {
    let text = match std::str::from_utf8(line) {
        Ok(text) => text,
        Err(error) => {
            return Found::Refused(
                "NOT_UTF8",
                format!("byte {} of the line is not UTF-8", error.valid_up_to()),
            );
        }
    };
    let object = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Found::Refused("NOT_JSON", "expected an object".to_owned()),
        Err(error) if error.is_eof() => {
            return Found::Refused(
                "TRUNCATED",
                format!(
                    "the line ends early ({}): the file is cut short",
                    column_alone(&error.to_string())
                ),
            );
        }
        Err(error) => {
            let said = column_alone(&error.to_string());
            return Found::Refused("NOT_JSON", format!("not JSON: {said}"));
        }
    };
    let mut cells = Cells::default();
    for (name, value) in object {
        let put = match Cell::from_json(value) {
            Ok(None) => continue,
            Ok(Some(cell)) => cells.put(&name, cell),
            Err(what) => Err(Found::field(&name, what)),
        };
        if let Err(refused) = put {
            return refused;
        }
    }
    cells.found()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Row> {
        let mut rows = Vec::new();
        read(bytes, &Options::default(), &mut |row| {
            rows.push(row);
            true
        })
        .expect("read");
        rows
    }

    #[test]
    fn a_bad_line_is_refused_and_the_next_one_read() {
        let text = b"\xef\xbb\xbf{\"benchmark\":\"a\",\"model\":\"b/c\",\"score\":1,\"unit\":null}\n\n[1]\n{\"benchmark\":\"a\",\"points\":3}\n\xff\n{\"benchmark\":\"a\",\"model\":\"b/c\",\"score\":\"x\"}\n{\"benchmark\":\"a\",\"mod";
        let rows = rows(text);
        assert!(
            matches!(&rows[0].found, Found::Result(draft) if draft.model == "b/c"),
            "{:?}",
            rows[0]
        );
        let reasons: Vec<_> = rows[1..]
            .iter()
            .map(|row| match row.found {
                Found::Refused(reason, _) => (row.at.as_str(), reason),
                _ => panic!("{row:?}"),
            })
            .collect();
        assert_eq!(
            reasons,
            [
                ("line 3", "NOT_JSON"),
                ("line 4", "COLUMN_UNKNOWN"),
                ("line 5", "NOT_UTF8"),
                ("line 6", "FIELD_INVALID"),
                ("line 7", "TRUNCATED"),
            ]
        );
        let Found::Refused(_, said) = &rows[5].found else {
            panic!("{rows:?}")
        };
        assert!(said.contains("at column 2"), "{said}");
        assert!(!said.contains("line 1"), "{said}");
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        let mut text = b"{\"benchmark\":\"".to_vec();
        text.extend(std::iter::repeat_n(b'x', 1_000_000));
        text.extend(b"\n{\"benchmark\":\"a\",\"model\":\"b/c\",\"score\":1}\n");
        let rows = rows(&text);
        assert!(matches!(rows[0].found, Found::Refused("LINE_TOO_LONG", _)));
        assert!(matches!(rows[1].found, Found::Result(_)));
    }
}
