//! Messages written field by field, for the answers that are asked for most.
//!
//! A generated message owns every text in it and measures itself once for every level that it is nested in. Here the
//! same bytes are written in one go from borrowed values. Fields are written in the order of their numbers, those with
//! their default value not at all: byte for byte what the generated messages of `frontier.v1` make of the same value,
//! to which tests hold every function.

mod answer;
mod standing;
mod trend;

use std::borrow::Borrow;
use std::fmt::{self, Write};

use prost::encoding::WireType;

use super::enums::ToWire;
use crate::api::frame::Encoded;
use crate::board::answer::{Intrinsic, Standing};
use crate::model::Date;

pub use answer::{
    ListingAnswer, accepted_item, get_standing_response, leaderboard, submit_response,
};

/// Room for a full answer without growing.
const ANSWER_BYTES: usize = 4 * 1024;
/// Room for a row without what other rows can change.
const ROW_BYTES: usize = 512;

/// `Standing`, encoded.
pub fn encoded_standing(row: &Standing) -> Encoded {
    let mut out = Encoder::with_room(ROW_BYTES);
    standing::standing(&mut out, row);
    out.finish()
}

/// `Standing` without what other rows can change, encoded.
pub fn encoded_intrinsic(row: &Intrinsic) -> Encoded {
    let mut out = Encoder::with_room(ROW_BYTES);
    standing::intrinsic(&mut out, row);
    out.finish()
}

/// Writes one message. Every method takes the number of a field first.
struct Encoder {
    bytes: Vec<u8>,
}

impl Encoder {
    fn with_room(bytes: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(bytes),
        }
    }

    fn finish(self) -> Encoded {
        Encoded::new(self.bytes)
    }

    /// Fields have numbers below 2048 here, so that a key takes one or two bytes.
    #[inline]
    fn key(&mut self, field: u32, wire_type: WireType) {
        let key = field << 3 | wire_type as u32;
        if key < 0x80 {
            self.bytes.push(key as u8);
        } else {
            let bytes = [key as u8 | 0x80, (key >> 7) as u8];
            self.bytes.extend_from_slice(&bytes);
        }
    }

    #[inline]
    fn varint(&mut self, value: u64) {
        if value < 0x80 {
            self.bytes.push(value as u8);
        } else {
            self.long_varint(value);
        }
    }

    fn long_varint(&mut self, mut value: u64) {
        let mut bytes = [0; 10];
        let mut len = 0;
        while value >= 0x80 {
            bytes[len] = value as u8 | 0x80;
            value >>= 7;
            len += 1;
        }
        bytes[len] = value as u8;
        self.bytes.extend_from_slice(&bytes[..=len]);
    }

    /// A text; nothing where it is empty.
    fn text(&mut self, field: u32, text: &str) {
        if !text.is_empty() {
            self.item(field, text);
        }
    }

    /// A text of a list.
    fn item(&mut self, field: u32, text: &str) {
        self.key(field, WireType::LengthDelimited);
        self.varint(text.len() as u64);
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn items<T: Borrow<str>>(&mut self, field: u32, texts: &[T]) {
        for text in texts {
            self.item(field, text.borrow());
        }
    }

    /// A text that is not empty, written where it belongs.
    fn format(&mut self, field: u32, text: fmt::Arguments<'_>) {
        self.message(field, |out| {
            // Writing to memory cannot fail, and what is formatted here does not either.
            let _ = out.write_fmt(text);
        });
    }

    fn date(&mut self, field: u32, date: Date) {
        match date.iso() {
            Some(text) => {
                self.key(field, WireType::LengthDelimited);
                self.varint(text.len() as u64);
                self.bytes.extend_from_slice(&text);
            }
            None => self.format(field, format_args!("{date}")),
        }
    }

    fn some_date(&mut self, field: u32, date: Option<Date>) {
        if let Some(date) = date {
            self.date(field, date);
        }
    }

    /// Nothing where it is zero.
    fn double(&mut self, field: u32, value: f64) {
        self.some_double(field, Some(value).filter(|value| *value != 0.0));
    }

    fn some_double(&mut self, field: u32, value: Option<f64>) {
        if let Some(value) = value {
            self.key(field, WireType::SixtyFourBit);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// Nothing where the number is infinite or none: JSON has no word for those.
    fn finite(&mut self, field: u32, value: f64) {
        self.some_double(field, Some(value).filter(|value| value.is_finite()));
    }

    fn some_finite(&mut self, field: u32, value: Option<f64>) {
        self.some_double(field, value.filter(|value| value.is_finite()));
    }

    /// Nothing where it is zero.
    fn int(&mut self, field: u32, value: i64) {
        self.some_int(field, Some(value).filter(|value| *value != 0));
    }

    /// Negative ones take ten bytes, of 32 bits as of 64.
    fn some_int(&mut self, field: u32, value: Option<i64>) {
        if let Some(value) = value {
            self.key(field, WireType::Varint);
            self.varint(value as u64);
        }
    }

    /// Nothing where it is unspecified.
    fn word(&mut self, field: u32, word: impl ToWire) {
        self.int(field, i64::from(word.wire()));
    }

    /// Nothing where it is false.
    fn flag(&mut self, field: u32, value: bool) {
        self.int(field, i64::from(value));
    }

    fn some_flag(&mut self, field: u32, value: Option<bool>) {
        self.some_int(field, value.map(i64::from));
    }

    /// A nested message, also where it is empty.
    fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.key(field, WireType::LengthDelimited);
        let at = self.bytes.len();
        // Most lengths take one byte; for longer ones the message is moved.
        self.bytes.push(0);
        write(self);
        let start = at + 1;
        let len = self.bytes.len() - start;
        if len < 0x80 {
            self.bytes[at] = len as u8;
            return;
        }
        let end = self.bytes.len();
        let size = prost::encoding::encoded_len_varint(len as u64);
        self.bytes.resize(end + size - 1, 0);
        self.bytes.copy_within(start..end, at + size);
        let mut length = &mut self.bytes[at..at + size];
        prost::encoding::encode_varint(len as u64, &mut length);
    }
}

impl Write for Encoder {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}
