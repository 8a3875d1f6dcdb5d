//! Axes: where a value stands between the ends, and which values are written beside them.

use super::super::format::{number, usd};

/// What the numbers of an axis are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Plain numbers.
    Linear,
    /// US dollars, equal ratios equally far apart.
    Dollars,
    /// Days since 1970-01-01.
    Days,
}

/// An axis from `low` to `high`, in its own numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) scale: Scale,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Axis {
    /// An axis that holds all of `values` with a little room at both ends; none without a value.
    pub(super) fn around(
        title: String,
        scale: Scale,
        values: impl IntoIterator<Item = f64>,
    ) -> Option<Self> {
        let values = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = values.fold(None, |ends: Option<(f64, f64)>, value| {
            let (low, high) = ends.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        })?;
        let (low, high) = (scale.position(low), scale.position(high));
        let room = match (high - low, scale) {
            (0.0, Scale::Days) => 60.0,
            (0.0, Scale::Dollars) => 0.5,
            (0.0, Scale::Linear) => 1.0,
            (span, _) => span * 0.05,
        };
        Some(Self {
            title,
            scale,
            low: scale.value(low - room),
            high: scale.value(high + room),
        })
    }

    /// Where a value stands, 0 = low end, 1 = high end.
    pub(super) fn share(&self, value: f64) -> f64 {
        let (low, high) = (
            self.scale.position(self.low),
            self.scale.position(self.high),
        );
        (self.scale.position(value) - low) / (high - low)
    }

    /// Values to write, with their labels: few enough that each has `each` cells of `room` and two to spare.
    pub(super) fn ticks(&self, room: usize, each: usize) -> Vec<(f64, String)> {
        let most = (room / (each + 2)).max(2);
        let ticks = match self.scale {
            Scale::Linear => steps(self.low, self.high, most),
            Scale::Dollars => self.dollars(most),
            Scale::Days => days(self.low, self.high, most),
        };
        ticks
            .into_iter()
            .map(|value| (value, self.label(value)))
            .collect()
    }

    fn label(&self, value: f64) -> String {
        match self.scale {
            Scale::Linear => number(value),
            Scale::Dollars => usd(value),
            Scale::Days => date(value).map_or_else(String::new, |date| date.to_string()),
        }
    }

    /// 1, 2, 5 times powers of ten, or fewer of them where those are too many.
    fn dollars(&self, most: usize) -> Vec<f64> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let of = |factors: &[f64], every: usize| -> Vec<f64> {
            let powers = (first..=last).step_by(every);
            powers
                .flat_map(|power| {
                    factors
                        .iter()
                        .map(move |factor| factor * 10_f64.powi(power))
                })
                .filter(|value| (self.low..=self.high).contains(value))
                .collect()
        };
        let choices = [
            of(&[1.0, 2.0, 5.0], 1),
            of(&[1.0, 3.0], 1),
            of(&[1.0], 1),
            of(&[1.0], 3),
        ];
        match choices.into_iter().find(|ticks| ticks.len() <= most) {
            Some(ticks) if ticks.len() >= 2 => ticks,
            // Too short for round values.
            _ => vec![self.low, (self.low * self.high).sqrt(), self.high],
        }
    }
}

impl Scale {
    fn position(self, value: f64) -> f64 {
        match self {
            Self::Linear | Self::Days => value,
            Self::Dollars => value.log10(),
        }
    }

    fn value(self, position: f64) -> f64 {
        match self {
            Self::Linear | Self::Days => position,
            Self::Dollars => 10_f64.powf(position),
        }
    }
}

/// Round values with equal steps of 1, 2 or 5 times a power of ten, at most about `most`.
fn steps(low: f64, high: f64, most: usize) -> Vec<f64> {
    let least = (high - low) / most as f64;
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = step
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(power);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    (first..=last).map(|n| n as f64 * step).collect()
}

/// The day of a number of days since 1970-01-01.
pub(super) fn date(days: f64) -> Option<jiff::civil::Date> {
    let span = jiff::Span::new().try_days(days.round() as i64).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

/// Days since 1970-01-01 of an ISO date.
pub(super) fn days_of(date: &str) -> Option<f64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let span = jiff::civil::date(1970, 1, 1).until(date).ok()?;
    Some(f64::from(span.get_days()))
}

/// First days of months, as many months apart as it takes; of a shorter time, days.
fn days(low: f64, high: f64, most: usize) -> Vec<f64> {
    let Some(first) = date(low) else {
        return Vec::new();
    };
    let of = |months: i32| -> Vec<f64> {
        let january = jiff::civil::date(first.year(), 1, 1);
        (0..)
            .map_while(|step: i32| {
                let span = jiff::Span::new().try_months(step * months).ok()?;
                days_of(&january.checked_add(span).ok()?.to_string())
            })
            .take_while(|tick| *tick <= high)
            .filter(|tick| *tick >= low)
            .collect()
    };
    let choices = [1, 2, 3, 6, 12, 24, 60, 120].map(of);
    match choices.into_iter().find(|ticks| ticks.len() <= most) {
        Some(ticks) if ticks.len() >= 2 => ticks,
        _ => steps(low, high, most.min(4)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: Scale, low: f64, high: f64) -> Vec<String> {
        let axis = Axis {
            title: String::new(),
            scale,
            low,
            high,
        };
        let ticks = axis.ticks(72, 10);
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_and_few_enough() {
        assert_eq!(
            labels(Scale::Linear, 11.0, 68.0),
            ["20", "30", "40", "50", "60"]
        );
        assert_eq!(
            labels(Scale::Dollars, 0.004, 3.5),
            ["$0.01", "$0.03", "$0.1", "$0.3", "$1", "$3"]
        );
        assert_eq!(
            labels(Scale::Dollars, 1e-3, 1.1e7),
            ["$0.001", "$1", "$1000", "$1M"]
        );
        let day = |date| days_of(date).expect("a date");
        assert_eq!(
            labels(Scale::Days, day("2023-03-14"), day("2025-02-05")),
            ["2023-07-01", "2024-01-01", "2024-07-01", "2025-01-01"]
        );
    }

    #[test]
    fn an_axis_has_room_even_around_one_value() {
        for scale in [Scale::Linear, Scale::Dollars, Scale::Days] {
            let axis = Axis::around(String::new(), scale, [5.0]).expect("an axis");
            assert!((axis.share(5.0) - 0.5).abs() < 1e-9, "{scale:?}");
            assert!(!axis.ticks(60, 10).is_empty(), "{scale:?}");
        }
        assert_eq!(Axis::around(String::new(), Scale::Linear, []), None);
    }
}
