//! Numbers: finite, within bounds.

use super::field::Field;
use crate::limits::{MAGNITUDE_MAX, PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX};
use crate::model::{Reason, Refusal, Revision};

/// A finite number of at most [`MAGNITUDE_MAX`] in magnitude.
///
/// # Errors
/// [`Reason::NotFinite`] for NaN and infinities, [`Reason::OutOfRange`] past the bound.
pub fn finite<'a>(value: f64, field: impl Into<Field<'a>>) -> Result<f64, Refusal> {
    let field = field.into();
    if !value.is_finite() {
        return Err(field.refuse(
            Reason::NotFinite,
            format_args!("is `{value}`: give a finite number, or leave it unset"),
        ));
    }
    if value.abs() > MAGNITUDE_MAX {
        return Err(field.refuse(
            Reason::OutOfRange,
            format_args!(
                "is `{value}`: magnitudes go up to `{MAGNITUDE_MAX:e}`; use a coarser unit"
            ),
        ));
    }
    Ok(value)
}

/// A finite number of at least `least`.
///
/// # Errors
/// As [`finite`], and [`Reason::OutOfRange`] below `least`.
pub fn at_least<'a>(value: f64, least: f64, field: impl Into<Field<'a>>) -> Result<f64, Refusal> {
    let field = field.into();
    let value = finite(value, field)?;
    if value < least {
        return Err(out_of_range(
            field,
            value,
            format_args!("at least `{least}`"),
        ));
    }
    Ok(value)
}

/// A finite number greater than `floor` and at most `greatest`.
///
/// # Errors
/// As [`finite`], and [`Reason::OutOfRange`] outside.
pub fn above<'a>(
    value: f64,
    floor: f64,
    greatest: f64,
    field: impl Into<Field<'a>>,
) -> Result<f64, Refusal> {
    let field = field.into();
    let value = finite(value, field)?;
    if value <= floor || value > greatest {
        return Err(out_of_range(
            field,
            value,
            format_args!("greater than `{floor}` and at most `{greatest}`"),
        ));
    }
    Ok(value)
}

/// A finite number from `least` to `greatest`.
///
/// # Errors
/// As [`finite`], and [`Reason::OutOfRange`] outside.
pub fn within<'a>(
    value: f64,
    least: f64,
    greatest: f64,
    field: impl Into<Field<'a>>,
) -> Result<f64, Refusal> {
    let field = field.into();
    let value = finite(value, field)?;
    if value < least || value > greatest {
        return Err(out_of_range(
            field,
            value,
            format_args!("`{least}` to `{greatest}`"),
        ));
    }
    Ok(value)
}

/// A share, 0 to 1.
///
/// # Errors
/// As [`within`].
pub fn share<'a>(value: f64, field: impl Into<Field<'a>>) -> Result<f64, Refusal> {
    within(value, 0.0, 1.0, field)
}

/// A count of at least one.
///
/// # Errors
/// [`Reason::OutOfRange`] for zero, negative numbers, and numbers past [`MAGNITUDE_MAX`].
pub fn count<'a>(value: i64, field: impl Into<Field<'a>>) -> Result<u64, Refusal> {
    let field = field.into();
    if value < 1 {
        return Err(out_of_range(
            field,
            value,
            "at least `1`; leave it unset if it is unknown",
        ));
    }
    non_negative(value, field)
}

/// A count that may be zero.
///
/// # Errors
/// [`Reason::OutOfRange`] for negative numbers and numbers past [`MAGNITUDE_MAX`].
pub fn non_negative<'a>(value: i64, field: impl Into<Field<'a>>) -> Result<u64, Refusal> {
    let field = field.into();
    match u64::try_from(value) {
        Ok(count) if count <= MAGNITUDE_MAX as u64 => Ok(count),
        _ => Err(out_of_range(
            field,
            value,
            format_args!("`0` to `{MAGNITUDE_MAX:e}`"),
        )),
    }
}

/// A revision of at least 1.
///
/// # Errors
/// [`Reason::FieldRequired`] for 0, which stands for a missing field, [`Reason::OutOfRange`] for negative numbers.
pub fn revision<'a>(value: i64, field: impl Into<Field<'a>>) -> Result<Revision, Refusal> {
    let field = field.into();
    match Revision::try_from(value) {
        Ok(0) => Err(field.refuse(
            Reason::FieldRequired,
            "is missing or `0`: revisions count from `1`",
        )),
        Ok(revision) => Ok(revision),
        Err(_) => Err(out_of_range(field, value, "revisions from `1` on")),
    }
}

/// A page size: 0 is the default.
///
/// # Errors
/// [`Reason::OutOfRange`] for negative sizes and sizes past [`PAGE_SIZE_MAX`].
pub fn page_size<'a>(value: i32, field: impl Into<Field<'a>>) -> Result<usize, Refusal> {
    match usize::try_from(value) {
        Ok(0) => Ok(PAGE_SIZE_DEFAULT),
        Ok(size) if size <= PAGE_SIZE_MAX => Ok(size),
        _ => Err(out_of_range(
            field.into(),
            value,
            format_args!(
                "`1` to `{PAGE_SIZE_MAX}`, or `0` for `{PAGE_SIZE_DEFAULT}`; further rows are on the next page"
            ),
        )),
    }
}

fn out_of_range(
    field: Field<'_>,
    value: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Refusal {
    field.refuse(
        Reason::OutOfRange,
        format_args!("is `{value}`: expected {expected}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn numbers_that_are_none_are_refused_by_name_and_value() {
        let refusal = finite(f64::NAN, "result.score").expect_err("NaN");
        assert_eq!(refusal.reason, Reason::NotFinite);
        assert_eq!(refusal.field, "result.score");
        assert!(refusal.message.contains("`NaN`"), "{}", refusal.message);
        assert_eq!(reason(finite(f64::INFINITY, "x")), Reason::NotFinite);
        assert_eq!(reason(finite(f64::NEG_INFINITY, "x")), Reason::NotFinite);
        assert_eq!(reason(finite(-1.1e15, "x")), Reason::OutOfRange);
        assert_eq!(finite(-1e15, "x"), Ok(-1e15));
    }

    #[test]
    fn bounds_are_part_of_their_range_unless_said() {
        assert_eq!(at_least(0.0, 0.0, "x"), Ok(0.0));
        assert_eq!(reason(at_least(-0.1, 0.0, "x")), Reason::OutOfRange);
        assert_eq!(reason(above(1.0, 1.0, 9.0, "x")), Reason::OutOfRange);
        assert_eq!(above(9.0, 1.0, 9.0, "x"), Ok(9.0));
        assert_eq!(reason(above(9.1, 1.0, 9.0, "x")), Reason::OutOfRange);
        assert_eq!(share(1.0, "x"), Ok(1.0));
        assert_eq!(reason(share(1.01, "x")), Reason::OutOfRange);
    }

    #[test]
    fn counts_and_revisions_start_at_one() {
        assert_eq!(count(1, "x"), Ok(1));
        assert_eq!(reason(count(0, "x")), Reason::OutOfRange);
        assert_eq!(reason(count(i64::MAX, "x")), Reason::OutOfRange);
        assert_eq!(non_negative(0, "x"), Ok(0));
        assert_eq!(reason(non_negative(i64::MIN, "x")), Reason::OutOfRange);
        assert_eq!(revision(7, "x"), Ok(7));
        assert_eq!(reason(revision(0, "x")), Reason::FieldRequired);
        assert_eq!(reason(revision(-1, "x")), Reason::OutOfRange);
    }

    #[test]
    fn a_page_has_a_default_and_a_bound() {
        assert_eq!(page_size(0, "page_size"), Ok(PAGE_SIZE_DEFAULT));
        assert_eq!(page_size(1_000, "page_size"), Ok(1_000));
        assert_eq!(reason(page_size(1_001, "page_size")), Reason::OutOfRange);
        assert_eq!(reason(page_size(-1, "page_size")), Reason::OutOfRange);
    }
}
