//! Texts: bounded, without control characters.

use super::field::{Field, is_control, shown};
use crate::limits::{ID_BYTES_MAX, NOTE_BYTES_MAX, UNIT_BYTES_MAX};
use crate::model::{FRACTION, PERCENT, Reason, Refusal, Text};

/// A text of at most `bytes_max` bytes on one line; may be empty.
///
/// # Errors
/// [`Reason::FieldTooLong`], or [`Reason::FieldMalformed`] for control characters.
pub fn text<'a>(
    value: &str,
    bytes_max: usize,
    field: impl Into<Field<'a>>,
) -> Result<Text, Refusal> {
    checked(value, bytes_max, field.into(), is_control)
}

/// A longer text of at most [`NOTE_BYTES_MAX`] bytes; may be empty and have line breaks.
///
/// # Errors
/// As [`text`].
pub fn note<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Text, Refusal> {
    checked(value, NOTE_BYTES_MAX, field.into(), |char| {
        char != '\n' && is_control(char)
    })
}

/// A [`note`] that may not be blank.
///
/// # Errors
/// As [`text`], and [`Reason::FieldRequired`] when it is blank.
pub fn required_note<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Text, Refusal> {
    let field = field.into();
    refuse_blank(value, field, "say why, so that others can judge it")?;
    note(value, field)
}

/// A name or id to look up: not blank, at most [`ID_BYTES_MAX`] bytes.
///
/// # Errors
/// As [`text`], and [`Reason::FieldRequired`] when it is blank.
pub fn name<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Text, Refusal> {
    let field = field.into();
    refuse_blank(value, field, "name one")?;
    text(value, ID_BYTES_MAX, field)
}

/// A unit; `PERCENT`, `FRACTION`, `USD` and `SECONDS` in any case, and `%`, are written one way.
///
/// # Errors
/// As [`text`].
pub fn unit<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Text, Refusal> {
    let known = [PERCENT, FRACTION, "USD", "SECONDS"];
    if value == "%" {
        return Ok(PERCENT.into());
    }
    match known.iter().find(|known| value.eq_ignore_ascii_case(known)) {
        Some(known) => Ok((*known).into()),
        None => text(value, UNIT_BYTES_MAX, field),
    }
}

fn refuse_blank(value: &str, field: Field<'_>, way_out: &str) -> Result<(), Refusal> {
    if value.trim().is_empty() {
        return Err(field.refuse(Reason::FieldRequired, format_args!("is empty: {way_out}")));
    }
    Ok(())
}

fn checked(
    value: &str,
    bytes_max: usize,
    field: Field<'_>,
    refused: impl Fn(char) -> bool,
) -> Result<Text, Refusal> {
    if value.len() > bytes_max {
        return Err(field.refuse(
            Reason::FieldTooLong,
            format_args!(
                "{} has `{}` bytes: at most `{bytes_max}` are kept; shorten it",
                shown(value),
                value.len()
            ),
        ));
    }
    if value.chars().any(refused) {
        return Err(field.refuse(
            Reason::FieldMalformed,
            format_args!("{} has control characters: remove them", shown(value)),
        ));
    }
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(outcome: Result<Text, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn texts_are_bounded_in_bytes_and_free_of_control_characters() {
        assert_eq!(text("é", 2, "x").as_deref(), Ok("é"));
        assert_eq!(reason(text("é", 1, "x")), Reason::FieldTooLong);
        assert_eq!(reason(text("a\nb", 9, "x")), Reason::FieldMalformed);
        assert_eq!(reason(text("a\u{202e}b", 9, "x")), Reason::FieldMalformed);
        assert_eq!(text("", 9, "x").as_deref(), Ok(""));
    }

    #[test]
    fn notes_may_have_lines() {
        assert_eq!(note("a\nb", "x").as_deref(), Ok("a\nb"));
        assert_eq!(reason(note("a\u{1b}b", "x")), Reason::FieldMalformed);
        assert_eq!(reason(note(&"a".repeat(1_001), "x")), Reason::FieldTooLong);
        assert_eq!(
            reason(required_note(" \n", "reason")),
            Reason::FieldRequired
        );
    }

    #[test]
    fn names_are_required() {
        assert_eq!(reason(name("", "model")), Reason::FieldRequired);
        assert_eq!(
            reason(name(&"a".repeat(129), "model")),
            Reason::FieldTooLong
        );
        assert_eq!(name("deepseek/v3", "model").as_deref(), Ok("deepseek/v3"));
    }

    #[test]
    fn known_units_are_written_one_way() {
        assert_eq!(unit("percent", "unit").as_deref(), Ok(PERCENT));
        assert_eq!(unit("%", "unit").as_deref(), Ok(PERCENT));
        assert_eq!(unit("Elo", "unit").as_deref(), Ok("Elo"));
        assert_eq!(reason(unit(&"u".repeat(33), "unit")), Reason::FieldTooLong);
    }
}
