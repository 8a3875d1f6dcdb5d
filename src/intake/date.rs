//! Dates: real, not before 1950, not too far ahead.

use super::Context;
use super::field::{Field, shown};
use crate::limits::{OBSERVED_DAYS_AHEAD_MAX, YEAR_MIN};
use crate::model::{Date, Reason, Refusal, TrainingDate};

/// A date; required.
///
/// # Errors
/// [`Reason::FieldRequired`] when it is empty, [`Reason::DateMalformed`] when it is no calendar date,
/// [`Reason::OutOfRange`] before [`YEAR_MIN`].
pub fn date<'a>(value: &str, field: impl Into<Field<'a>>) -> Result<Date, Refusal> {
    let field = field.into();
    if value.is_empty() {
        return Err(field.refuse(
            Reason::FieldRequired,
            "is empty: give a date such as `2024-12-26`",
        ));
    }
    let date: Date = value.parse().map_err(|error| {
        field.refuse(
            Reason::DateMalformed,
            format_args!("{} is {error}", shown(value)),
        )
    })?;
    if date.year() < YEAR_MIN {
        return Err(field.refuse(
            Reason::OutOfRange,
            format_args!("is `{date}`: dates start with the year `{YEAR_MIN}`"),
        ));
    }
    Ok(date)
}

/// A date, or none where the text is empty.
///
/// # Errors
/// As [`date`], except that it is not required.
pub fn optional_date<'a>(
    value: &str,
    field: impl Into<Field<'a>>,
) -> Result<Option<Date>, Refusal> {
    if value.is_empty() {
        return Ok(None);
    }
    date(value, field).map(Some)
}

/// A date at most `days_ahead` days after the day of arrival, which is also its default.
///
/// # Errors
/// As [`optional_date`], and [`Reason::DateInFuture`].
pub fn earlier_date<'a>(
    value: &str,
    days_ahead: i32,
    context: &Context,
    field: impl Into<Field<'a>>,
) -> Result<Date, Refusal> {
    let field = field.into();
    match optional_date(value, field)? {
        None => Ok(context.today),
        Some(date) if date <= context.today.plus_days(days_ahead) => Ok(date),
        Some(date) => Err(field.refuse(
            Reason::DateInFuture,
            format_args!(
                "is `{date}`, which is more than `{days_ahead}` days after today, `{}` (UTC): give a date up to `{}`",
                context.today,
                context.today.plus_days(days_ahead)
            ),
        )),
    }
}

/// A day with its range: earliest, central, latest, each named in `names` and empty where it is not known. A missing
/// central date is the middle of the ends, a missing end is the central date; none where all are missing.
///
/// # Errors
/// Those of `read`; [`Reason::FieldRequired`] where only one end is given, [`Reason::FieldConflict`] unless
/// earliest <= central <= latest.
pub fn date_range(
    [earliest, central, latest]: [&str; 3],
    names: [&str; 3],
    parent: &str,
    read: impl Fn(&str, Field<'_>) -> Result<Date, Refusal>,
) -> Result<Option<TrainingDate>, Refusal> {
    let read = |value: &str, name| match value {
        "" => Ok(None),
        _ => read(value, Field::of(parent, name)).map(Some),
    };
    let field = Field::of(parent, names[1]);
    let earliest = read(earliest, names[0])?;
    let latest = read(latest, names[2])?;
    let central = match (read(central, names[1])?, earliest, latest) {
        (Some(central), _, _) => central,
        (None, None, None) => return Ok(None),
        (None, Some(earliest), Some(latest)) => {
            earliest.plus_days(latest.days_since(earliest).div_euclid(2))
        }
        (None, _, _) => {
            return Err(field.refuse(
                Reason::FieldRequired,
                format_args!(
                    "is empty: give it, or both `{}` and `{}`",
                    names[0], names[2]
                ),
            ));
        }
    };
    let (earliest, latest) = (earliest.unwrap_or(central), latest.unwrap_or(central));
    if earliest > central || central > latest {
        return Err(field.refuse(
            Reason::FieldConflict,
            format_args!(
                "is `{central}` with earliest `{earliest}` and latest `{latest}`: expected earliest <= central <= latest"
            ),
        ));
    }
    Ok(Some(TrainingDate {
        earliest,
        central,
        latest,
    }))
}

/// When a training run took place, as [`date_range`]; required.
///
/// # Errors
/// As [`date_range`] and [`earlier_date`], and [`Reason::FieldRequired`] where no date is given.
pub fn training_date(
    dates: [&str; 3],
    context: &Context,
    parent: &str,
) -> Result<TrainingDate, Refusal> {
    let names = ["earliest", "central", "latest"];
    date_range(dates, names, parent, |value, field| {
        earlier_date(value, OBSERVED_DAYS_AHEAD_MAX, context, field)
    })?
    .ok_or_else(|| {
        Field::of(parent, "central").refuse(
            Reason::FieldRequired,
            "is empty: give it, or both `earliest` and `latest`",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context::new("2025-01-31".parse().expect("a date"), "unknown")
    }

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    #[test]
    fn what_is_no_date_is_refused() {
        assert_eq!(reason(date("", "date")), Reason::FieldRequired);
        assert_eq!(reason(date("2025-02-29", "date")), Reason::DateMalformed);
        assert_eq!(reason(date("31.1.2025", "date")), Reason::DateMalformed);
        assert_eq!(reason(date("1949-12-31", "date")), Reason::OutOfRange);
        assert_eq!(optional_date("", "date"), Ok(None));
    }

    #[test]
    fn a_date_ahead_is_refused_with_its_bound() {
        let context = context();
        assert_eq!(earlier_date("", 1, &context, "date"), Ok(context.today));
        assert!(earlier_date("2025-02-01", 1, &context, "date").is_ok());
        let refusal = earlier_date("2025-02-02", 1, &context, "date").expect_err("ahead");
        assert_eq!(refusal.reason, Reason::DateInFuture);
        assert!(
            refusal.message.contains("`2025-02-02`") && refusal.message.contains("`2025-02-01`")
        );
        assert!(earlier_date("2026-02-01", 366, &context, "date").is_ok());
        assert_eq!(
            reason(earlier_date("2026-02-02", 366, &context, "date")),
            Reason::DateInFuture
        );
    }

    #[test]
    fn a_training_date_fills_in_what_is_missing() {
        let read = |dates| training_date(dates, &context(), "claim.training_date");
        let middle = read(["2024-11-01", "", "2024-12-31"]).expect("both ends");
        assert_eq!(middle.central.to_string(), "2024-12-01");
        let day = read(["", "2024-12-01", ""]).expect("a day");
        assert_eq!((day.earliest, day.latest), (day.central, day.central));
        assert_eq!(reason(read(["2024-11-01", "", ""])), Reason::FieldRequired);
        assert_eq!(reason(read(["", "", ""])), Reason::FieldRequired);
        assert_eq!(
            reason(read(["2024-12-02", "2024-12-01", ""])),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(read(["2024-12-31", "", "2024-11-01"])),
            Reason::FieldConflict
        );
        assert_eq!(reason(read(["", "2025-03-01", ""])), Reason::DateInFuture);
    }
}
