//! The path of a field in a request, put together only when something is wrong with it.

use std::fmt;

use crate::model::{Reason, Refusal};

/// Longest part of a value that a message repeats, in characters: details travel in HTTP/2 trailers.
const SHOWN_CHARS_MAX: usize = 64;

/// A field of a request, such as `result.run_cost.low_usd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    parent: &'a str,
    name: &'a str,
}

impl<'a> Field<'a> {
    /// The field `name` of the message at `parent`.
    pub const fn of(parent: &'a str, name: &'a str) -> Self {
        Self { parent, name }
    }

    /// A refusal whose message is the path followed by `rest`.
    pub fn refuse(self, reason: Reason, rest: impl fmt::Display) -> Refusal {
        Refusal::new(reason, self.to_string(), format!("{self} {rest}"))
    }
}

impl<'a> From<&'a str> for Field<'a> {
    fn from(name: &'a str) -> Self {
        Self { parent: "", name }
    }
}

impl fmt::Display for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.parent.is_empty() {
            write!(f, "{}.", self.parent)?;
        }
        f.write_str(self.name)
    }
}

/// A text as messages repeat it: bounded, in backticks, control characters escaped.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::from("`");
    let mut chars = text.chars();
    for char in chars.by_ref().take(SHOWN_CHARS_MAX) {
        if is_control(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown.push_str(if chars.next().is_some() { "...`" } else { "`" });
    shown
}

/// Control characters, and those that reorder text around them so that it reads as something else.
pub(super) fn is_control(char: char) -> bool {
    char.is_control() || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_whole_path() {
        let refusal = Field::of("result", "score").refuse(Reason::NotFinite, "is `NaN`");
        assert_eq!(refusal.field, "result.score");
        assert_eq!(refusal.message, "result.score is `NaN`");
        assert_eq!(Field::from("request_id").to_string(), "request_id");
    }

    #[test]
    fn repeated_values_are_bounded_and_harmless() {
        assert_eq!(shown("a\u{1b}[2J\u{202e}b"), "`a\\u{1b}[2J\\u{202e}b`");
        assert_eq!(shown(&"x".repeat(100_000)).len(), SHOWN_CHARS_MAX + 5);
    }
}
