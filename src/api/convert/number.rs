//! Numbers as texts, the short way. A full answer holds ten of them, and most have few decimals: those cost a tenth of what
//! the general way takes. What they read as is the same to the last digit.

use std::fmt::{self, Display};

/// As `{}` writes it.
pub(super) struct Shortest(pub(super) f64);

impl Display for Shortest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0;
        let thousandths = value * 1e3;
        // Two decimals of so few digits are two numbers, so the one that is read as this number is the shortest.
        if (1e-3..1e9).contains(&value)
            && thousandths.trunc() == thousandths
            && thousandths / 1e3 == value
        {
            return write_decimal(f, thousandths as u64, 3, true);
        }
        Display::fmt(&value, f)
    }
}

/// As `{:.4}` writes it.
pub(super) struct FourPlaces(pub(super) f64);

impl Display for FourPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.0 * 1e4;
        // Nearer to the middle between two texts, the error of the multiplication could decide.
        let off_middle = (steps - steps.floor() - 0.5).abs();
        if (0.0..1e6).contains(&self.0) && self.0.is_sign_positive() && off_middle > 1e-3 {
            return write_decimal(f, steps.round() as u64, 4, false);
        }
        write!(f, "{:.4}", self.0)
    }
}

/// A number of steps of 10^-`places`, without the zeros at its end where it is `short`.
fn write_decimal(
    f: &mut fmt::Formatter<'_>,
    steps: u64,
    places: usize,
    short: bool,
) -> fmt::Result {
    let mut text = [b'0'; 24];
    let mut rest = steps;
    let mut first = text.len();
    let point = text.len() - places - 1;
    while rest > 0 || first > point - 1 {
        first -= 1;
        if first == point {
            text[first] = b'.';
            continue;
        }
        text[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let mut end = text.len();
    if short {
        while text[end - 1] == b'0' {
            end -= 1;
        }
        if end - 1 == point {
            end = point;
        }
    }
    f.write_str(std::str::from_utf8(&text[first..end]).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_of_few_decimals_read_as_the_long_way_writes_them() {
        let special = [
            0.0,
            -0.0,
            -1.5,
            1e-3,
            9.99e-4,
            0.1 + 0.2,
            1e9,
            999_999_999.999,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
        ];
        let steps = (0..20_000).map(|step| f64::from(step) / 1e3);
        let ties = (0..2_000).map(|step| f64::from(step) / 32.0 / 1e3);
        for value in special.into_iter().chain(steps).chain(ties) {
            assert_eq!(Shortest(value).to_string(), value.to_string());
            assert_eq!(FourPlaces(value).to_string(), format!("{value:.4}"));
        }
    }

    proptest! {
        #[test]
        fn any_number_reads_the_same_either_way(value in prop_oneof![any::<f64>(), 0.0..1e9, 0.0..10.0]) {
            prop_assert_eq!(Shortest(value).to_string(), value.to_string());
            prop_assert_eq!(FourPlaces(value).to_string(), format!("{value:.4}"));
            let days = (value * 100.0).round() / 365.25;
            prop_assert_eq!(FourPlaces(days).to_string(), format!("{days:.4}"));
        }
    }
}
