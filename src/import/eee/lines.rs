//! A source as lines, of which one is held, or as the one document that it is.

use std::io::{self, BufRead, Read};

use super::super::{DOCUMENT_BYTES_MAX, Unreadable};

/// Lines of a source without those that are blank. None may be longer than a document may be.
pub(super) struct Lines<R> {
    source: R,
    number: u64,
    /// Ends of lines after this one that were looked at and let go.
    passed: u64,
    text: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            number: 0,
            passed: 0,
            text: Vec::new(),
        }
    }

    /// Goes to the next line that is not blank. False = there is none.
    pub(super) fn step(&mut self) -> Result<bool, Unreadable> {
        loop {
            if self.text.len() as u64 > DOCUMENT_BYTES_MAX && !self.text.ends_with(b"\n") {
                let skipped = self.source.skip_until(b'\n');
                skipped.map_err(|error| not_read(self.number, &error))?;
            }
            self.text.clear();
            self.number += 1 + std::mem::take(&mut self.passed);
            let count = (&mut self.source)
                .take(DOCUMENT_BYTES_MAX + 1)
                .read_until(b'\n', &mut self.text)
                .map_err(|error| not_read(self.number, &error))?;
            if count == 0 {
                return Ok(false);
            }
            if self.number == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                self.text.drain(..3);
            }
            if !self.text.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// The number of the line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The line as far as it is held.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The line.
    ///
    /// # Errors
    /// `LINE_TOO_LONG` when it is too long to be held.
    pub(super) fn line(&self) -> Result<&[u8], Unreadable> {
        if self.text.len() as u64 > DOCUMENT_BYTES_MAX {
            let message = format!("longer than {} MiB", DOCUMENT_BYTES_MAX >> 20);
            return Err(Unreadable::new("LINE_TOO_LONG", message));
        }
        Ok(&self.text)
    }

    /// Whether nothing but space follows the line. Does not hold what it looks at.
    pub(super) fn at_end(&mut self) -> Result<bool, Unreadable> {
        loop {
            let chunk = self.source.fill_buf();
            let chunk = match chunk {
                Ok(chunk) => chunk,
                Err(error) => return Err(not_read(self.number, &error)),
            };
            if chunk.is_empty() {
                return Ok(true);
            }
            let space = chunk.len() - chunk.trim_ascii_start().len();
            if space < chunk.len() {
                return Ok(false);
            }
            self.passed += chunk.split(|byte| *byte == b'\n').count() as u64 - 1;
            self.source.consume(space);
        }
    }

    /// The line and everything after it.
    ///
    /// # Errors
    /// `TOO_LARGE` when it is no document that can be held.
    pub(super) fn all(&mut self) -> Result<&[u8], Unreadable> {
        let room = (DOCUMENT_BYTES_MAX + 1).saturating_sub(self.text.len() as u64);
        (&mut self.source)
            .take(room)
            .read_to_end(&mut self.text)
            .map_err(|error| not_read(self.number, &error))?;
        if self.text.len() as u64 > DOCUMENT_BYTES_MAX {
            let message = format!("larger than {} MiB", DOCUMENT_BYTES_MAX >> 20);
            return Err(Unreadable::new("TOO_LARGE", message));
        }
        Ok(&self.text)
    }
}

fn not_read(number: u64, error: &io::Error) -> Unreadable {
    Unreadable::new("NOT_READ", format!("line {number}: {error}"))
}
