//! JSON as Python writes it, and looking into it.

use std::io::{self, BufRead, Read};

use serde_json::{Map, Value};

use super::Unreadable;

/// JSON with the literals `NaN`, `Infinity` and `-Infinity`, which Python writes and JSON does not have, read as `null`.
pub(super) struct PythonJson<R> {
    inner: R,
    in_text: bool,
    escaped: bool,
    /// Bytes of a literal that was begun, and those to be given out before anything else.
    word: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

impl<R: BufRead> PythonJson<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            in_text: false,
            escaped: false,
            word: Vec::new(),
            ready: Vec::new(),
            given: 0,
        }
    }

    fn end_word(&mut self) {
        let replaced: &[u8] = match self.word.as_slice() {
            b"NaN" | b"Infinity" | b"-Infinity" => b"null",
            other => other,
        };
        self.ready.extend_from_slice(replaced);
        self.word.clear();
    }

    fn put(&mut self, byte: u8) {
        if self.in_text {
            self.ready.push(byte);
            match (self.escaped, byte) {
                (true, _) => self.escaped = false,
                (false, b'\\') => self.escaped = true,
                (false, b'"') => self.in_text = false,
                _ => {}
            }
            return;
        }
        // A literal is at most nine bytes; anything longer is no literal of ours and is passed on as it comes.
        if byte.is_ascii_alphabetic() || byte == b'-' {
            self.word.push(byte);
            if self.word.len() > 16 {
                self.end_word();
            }
            return;
        }
        self.end_word();
        self.ready.push(byte);
        self.in_text = byte == b'"';
    }
}

impl<R: BufRead> Read for PythonJson<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            let chunk = self.inner.fill_buf()?;
            if chunk.is_empty() {
                if self.word.is_empty() {
                    return Ok(0);
                }
                self.end_word();
                continue;
            }
            let chunk = chunk[..chunk.len().min(16 * 1024)].to_vec();
            for &byte in &chunk {
                self.put(byte);
            }
            self.inner.consume(chunk.len());
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The one JSON document in `bytes`.
pub(super) fn document(bytes: &[u8]) -> Result<Value, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    serde_json::from_reader(PythonJson::new(text.as_bytes())).map_err(|error| broken(&error))
}

/// The one JSON document in the bytes of a line. What is wrong is said without the number of the line, which only the
/// caller knows.
pub(super) fn line(bytes: &[u8]) -> Result<Value, Unreadable> {
    document(bytes).map_err(|why| Unreadable {
        message: column_alone(&why.message),
        ..why
    })
}

/// An error of JSON in one line, without a number of the line.
pub(super) fn column_alone(said: &str) -> String {
    said.replace(" at line 1 column ", " at column ")
}

pub(super) fn not_utf8(at: usize) -> Unreadable {
    Unreadable::new(
        "NOT_UTF8",
        format!("byte {at} is not UTF-8: the file is damaged, or in another encoding"),
    )
}

pub(super) fn broken(error: &serde_json::Error) -> Unreadable {
    if error.is_eof() {
        let message = format!("the JSON ends early, at {error}: the file is cut short");
        return Unreadable::new("TRUNCATED", message);
    }
    if error.is_io() {
        return Unreadable::new("NOT_READ", error.to_string());
    }
    Unreadable::new("NOT_JSON", format!("not JSON: {error}"))
}

/// Looking into values without minding what is absent.
pub(super) trait Look {
    /// The text at a path of keys.
    fn text(&self, path: &[&str]) -> Option<&str>;
    /// The number at a path of keys, where it is finite; texts are not numbers.
    fn number(&self, path: &[&str]) -> Option<f64>;
    /// The whole number at a path of keys.
    fn count(&self, path: &[&str]) -> Option<i64>;
    /// The flag at a path of keys.
    fn flag(&self, path: &[&str]) -> Option<bool>;
    /// The object at a path of keys.
    fn object(&self, path: &[&str]) -> Option<&Map<String, Value>>;
    /// Whatever is at a path of keys, `null` being nothing.
    fn at(&self, path: &[&str]) -> Option<&Value>;
}

impl Look for Value {
    fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    fn number(&self, path: &[&str]) -> Option<f64> {
        self.at(path)?.as_f64().filter(|number| number.is_finite())
    }

    fn count(&self, path: &[&str]) -> Option<i64> {
        self.at(path)?.as_i64()
    }

    fn flag(&self, path: &[&str]) -> Option<bool> {
        self.at(path)?.as_bool()
    }

    fn object(&self, path: &[&str]) -> Option<&Map<String, Value>> {
        self.at(path)?.as_object()
    }

    fn at(&self, path: &[&str]) -> Option<&Value> {
        let found = path.iter().try_fold(self, |value, key| value.get(key))?;
        (!found.is_null()).then_some(found)
    }
}

/// A value as the text a person would write: a text without quotes, a number as it stands.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_of_python_are_null_and_texts_are_left_alone() {
        let text = br#"{"a": NaN, "b": [-Infinity, Infinity, -1.5e-3], "NaN \" Infinity": "NaN", "c": true}"#;
        let value = document(text).expect("a document").to_string();
        assert_eq!(
            value,
            r#"{"a":null,"b":[null,null,-0.0015],"NaN \" Infinity":"NaN","c":true}"#
        );
        assert_eq!(document(b"NaN"), Ok(Value::Null));
    }

    #[test]
    fn damage_is_named() {
        let reason = |bytes: &[u8]| document(bytes).expect_err("damaged").reason;
        assert_eq!(reason(b"{\"a\": 1"), "TRUNCATED");
        assert_eq!(reason(b"{\"a\": x}"), "NOT_JSON");
        assert_eq!(reason(b"{\"\xff\": 1}"), "NOT_UTF8");
        assert_eq!(
            reason(&b"[".repeat(100_000)),
            "NOT_JSON",
            "nesting is bounded"
        );
    }
}
