//! Uncertainty and token usage of a result.

use super::field::Field;
use super::number::{count, finite, non_negative};
use crate::model::{GivenInterval, Reason, Refusal, Tokens, Uncertainty};

/// Level of an interval that names none.
const LEVEL_DEFAULT: f64 = 0.95;

/// Uncertainty as typed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GivenUncertainty {
    /// Lower end, upper end, level.
    pub interval: Option<(f64, f64, Option<f64>)>,
    /// Standard error; zero counts as absent.
    pub standard_error: Option<f64>,
    /// Questions answered.
    pub sample_count: Option<i64>,
}

/// The uncertainty of a score, all in one unit.
///
/// # Errors
/// [`Reason::NotFinite`] and [`Reason::OutOfRange`] for each number; [`Reason::FieldConflict`] unless
/// low <= score <= high.
pub fn uncertainty(
    given: GivenUncertainty,
    score: f64,
    parent: &str,
) -> Result<Uncertainty, Refusal> {
    let GivenUncertainty {
        interval: ends,
        standard_error: error,
        sample_count: samples,
    } = given;
    Ok(Uncertainty {
        interval: ends.map(|ends| interval(ends, score, parent)).transpose()?,
        standard_error: match error {
            Some(error) => standard_error(error, Field::of(parent, "standard_error"))?,
            None => None,
        },
        sample_count: samples
            .map(|samples| count(samples, Field::of(parent, "sample_count")))
            .transpose()?,
    })
}

fn interval(
    (low, high, level): (f64, f64, Option<f64>),
    score: f64,
    parent: &str,
) -> Result<GivenInterval, Refusal> {
    let path = Field::of(parent, "interval").to_string();
    let low = finite(low, Field::of(&path, "low"))?;
    let high = finite(high, Field::of(&path, "high"))?;
    let level = finite(
        level.unwrap_or(LEVEL_DEFAULT),
        Field::of(&path, "confidence_level"),
    )?;
    if level <= 0.0 || level >= 1.0 {
        return Err(Field::of(&path, "confidence_level").refuse(
            Reason::OutOfRange,
            format_args!("is `{level}`: expected a level between `0` and `1`, such as `0.95`"),
        ));
    }
    if low > high || score < low || score > high {
        return Err(Field::from(path.as_str()).refuse(
            Reason::FieldConflict,
            format_args!(
                "is `{low}` to `{high}` around the score `{score}`: expected low <= score <= high, as values and not as offsets from the score"
            ),
        ));
    }
    Ok(GivenInterval { low, high, level })
}

fn standard_error(error: f64, field: Field<'_>) -> Result<Option<f64>, Refusal> {
    let error = finite(error, field)?;
    if error < 0.0 {
        return Err(field.refuse(
            Reason::OutOfRange,
            format_args!(
                "is `{error}`: a standard error is at least `0`; leave it unset if it is unknown"
            ),
        ));
    }
    Ok((error > 0.0).then_some(error))
}

/// Token usage: input, output, cache read, cache write.
///
/// # Errors
/// [`Reason::OutOfRange`] for negative counts; [`Reason::CostNotPositive`] when all are zero, because a run without
/// tokens would cost nothing.
pub fn tokens(
    [input, output, cache_read, cache_write]: [i64; 4],
    parent: &str,
) -> Result<Tokens, Refusal> {
    let read = |value, name| non_negative(value, Field::of(parent, name));
    let tokens = Tokens {
        input: read(input, "input_tokens")?,
        output: read(output, "output_tokens")?,
        cache_read: read(cache_read, "cache_read_tokens")?,
        cache_write: read(cache_write, "cache_write_tokens")?,
    };
    if tokens == Tokens::default() {
        return Err(Field::from(parent).refuse(
            Reason::CostNotPositive,
            "has only zero counts: leave it unset if the usage is unknown",
        ));
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> Reason {
        outcome.expect_err("refused").reason
    }

    fn with_interval(low: f64, high: f64, level: Option<f64>) -> Result<Uncertainty, Refusal> {
        let given = GivenUncertainty {
            interval: Some((low, high, level)),
            ..GivenUncertainty::default()
        };
        uncertainty(given, 60.0, "result")
    }

    #[test]
    fn an_interval_holds_its_score() {
        let interval = with_interval(55.0, 64.0, None).map(|u| u.interval);
        assert_eq!(
            interval,
            Ok(Some(GivenInterval {
                low: 55.0,
                high: 64.0,
                level: 0.95
            }))
        );
        assert!(with_interval(60.0, 60.0, Some(0.9)).is_ok());
        assert_eq!(
            reason(with_interval(64.0, 55.0, None)),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(with_interval(61.0, 64.0, None)),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(with_interval(50.0, 59.0, None)),
            Reason::FieldConflict
        );
        assert_eq!(
            reason(with_interval(f64::NAN, 64.0, None)),
            Reason::NotFinite
        );
        for level in [0.0, 1.0, 95.0, -0.1] {
            let refusal = with_interval(55.0, 64.0, Some(level)).expect_err("level");
            assert_eq!(refusal.reason, Reason::OutOfRange);
            assert_eq!(refusal.field, "result.interval.confidence_level");
        }
    }

    #[test]
    fn a_zero_standard_error_counts_as_absent() {
        let with = |error| {
            let given = GivenUncertainty {
                standard_error: Some(error),
                ..GivenUncertainty::default()
            };
            uncertainty(given, 60.0, "result").map(|u| u.standard_error)
        };
        assert_eq!(with(0.0), Ok(None));
        assert_eq!(with(1.5), Ok(Some(1.5)));
        assert_eq!(reason(with(-1.5)), Reason::OutOfRange);
        assert_eq!(reason(with(f64::NAN)), Reason::NotFinite);
    }

    #[test]
    fn samples_are_counted_from_one() {
        let given = GivenUncertainty {
            sample_count: Some(0),
            ..GivenUncertainty::default()
        };
        assert_eq!(
            reason(uncertainty(given, 60.0, "result")),
            Reason::OutOfRange
        );
    }

    #[test]
    fn token_counts_are_not_negative_and_not_all_zero() {
        assert!(tokens([1, 0, 0, 0], "result.tokens").is_ok());
        let refusal = tokens([0, -1, 0, 0], "result.tokens").expect_err("negative");
        assert_eq!(refusal.reason, Reason::OutOfRange);
        assert_eq!(refusal.field, "result.tokens.output_tokens");
        assert_eq!(
            reason(tokens([0; 4], "result.tokens")),
            Reason::CostNotPositive
        );
    }
}
