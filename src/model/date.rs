//! Calendar dates and instants as plain numbers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Days in a year of the trend formulas.
pub const DAYS_PER_YEAR: f64 = 365.25;

/// A day in UTC, as days since 1970-01-01.
///
/// ```
/// use frontierd::model::Date;
/// let release: Date = "2024-12-26".parse().expect("a date");
/// assert_eq!(release.to_string(), "2024-12-26");
/// assert_eq!(release.days_since("2024-12-25".parse().expect("a date")), 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Date(i32);

const EPOCH: jiff::civil::Date = jiff::civil::date(1970, 1, 1);

impl Date {
    /// The day that many days after 1970-01-01.
    pub const fn from_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn days(self) -> i32 {
        self.0
    }

    /// Days from `earlier` to this day; negative when `earlier` is later.
    pub const fn days_since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// Years of 365.25 days from `earlier` to this day.
    pub fn years_since(self, earlier: Self) -> f64 {
        f64::from(self.days_since(earlier)) / DAYS_PER_YEAR
    }

    /// This day moved by a number of days.
    #[must_use]
    pub const fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// The calendar year.
    pub fn year(self) -> i16 {
        self.civil().map_or(0, jiff::civil::Date::year)
    }

    /// The day as `2024-12-26`; none outside the years 0 to 9999.
    ///
    /// Source: C. Neri, L. Schneider, Softw. Pract. Exper. 53 (2023), "Euclidean affine functions". Answers hold a dozen
    /// dates, and the way over a calendar type takes ten times as long.
    pub fn iso(self) -> Option<[u8; 10]> {
        const FIRST: i32 = -719_528;
        const LAST: i32 = 2_932_896;
        /// Days from 0000-03-01, with which years of this reckoning begin, to 1970-01-01; and one cycle of 400 years
        /// more, so that the two months before it are not negative.
        const SHIFT: i32 = 719_468 + 146_097;
        if !(FIRST..=LAST).contains(&self.0) {
            return None;
        }
        let quarters = 4 * (self.0 + SHIFT) as u32 + 3;
        let (century, of_century) = (quarters / 146_097, quarters % 146_097 / 4);
        let years = 2_939_745 * u64::from(4 * of_century + 3);
        let year_of_century = (years >> 32) as u32;
        let of_year = (years as u32) / 2_939_745 / 4;
        let months = 2_141 * of_year + 197_913;
        let (month, day) = (months >> 16, (months & 0xffff) / 2_141 + 1);
        let next_year = of_year >= 306;
        let year = 100 * century + year_of_century + u32::from(next_year) - 400;
        let month = if next_year { month - 12 } else { month };
        let digit = |number: u32| b'0' + (number % 10) as u8;
        Some([
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(day / 10),
            digit(day),
        ])
    }

    fn civil(self) -> Option<jiff::civil::Date> {
        EPOCH
            .checked_add(jiff::Span::new().try_days(i64::from(self.0)).ok()?)
            .ok()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.civil() {
            Some(date) => write!(f, "{date}"),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DateError);
        }
        let date: jiff::civil::Date = text.parse().map_err(|_| DateError)?;
        let span = date
            .since((jiff::Unit::Day, EPOCH))
            .map_err(|_| DateError)?;
        Ok(Self(span.get_days()))
    }
}

/// A text that is not a date of the form `2024-12-26`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateError;

impl fmt::Display for DateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a calendar date of the form `2024-12-26`")
    }
}

impl std::error::Error for DateError {}

/// An instant, as microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant that many microseconds after the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The UTC day of this instant.
    pub const fn date(self) -> Date {
        Date(self.0.div_euclid(86_400_000_000) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_the_same_digits_either_way() {
        let year = 366;
        for days in (-1_971 * year..8_100 * year).step_by(37) {
            let date = Date::from_days(days);
            let text = date
                .iso()
                .map(|text| String::from_utf8_lossy(&text).into_owned());
            let four_digits = text.is_none() || date.to_string().len() == 10;
            assert!(four_digits && text.is_none_or(|text| text == date.to_string()));
        }
        for (days, text) in [
            (-719_529, None),
            (-719_528, Some(b"0000-01-01")),
            (-719_469, Some(b"0000-02-29")),
            (0, Some(b"1970-01-01")),
            (2_932_896, Some(b"9999-12-31")),
            (2_932_897, None),
        ] {
            assert_eq!(Date::from_days(days).iso().as_ref(), text, "{days}");
        }
    }

    #[test]
    fn dates_round_trip_and_refuse_what_is_no_date() {
        for text in ["1970-01-01", "2024-02-29", "1999-12-31", "2026-11-23"] {
            let date: Date = text.parse().expect("a date");
            assert_eq!(date.to_string(), text);
        }
        assert_eq!("1970-01-02".parse::<Date>().map(Date::days), Ok(1));
        for text in [
            "",
            "2023-02-29",
            "2024-1-2",
            "20240102",
            "2024-01-02T00:00",
            "yesterday",
        ] {
            assert_eq!(text.parse::<Date>(), Err(DateError), "{text}");
        }
    }

    #[test]
    fn an_instant_before_the_epoch_has_the_day_before() {
        assert_eq!(Timestamp::from_micros(-1).date(), Date::from_days(-1));
        assert_eq!(
            Timestamp::from_micros(86_400_000_000).date(),
            Date::from_days(1)
        );
    }
}
