//! Finite numbers as sortable integers.

/// A finite number whose order is that of its bits: comparable, hashable, without -0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Real(u64);

const SIGN: u64 = 1 << 63;

impl Real {
    /// The sortable form of a finite number.
    pub(crate) fn new(value: f64) -> Self {
        // Adding zero turns -0 into 0.
        let bits = (value + 0.0).to_bits();
        Self(if bits & SIGN == 0 { bits | SIGN } else { !bits })
    }

    /// The number.
    pub(crate) fn get(self) -> f64 {
        f64::from_bits(if self.0 & SIGN == 0 {
            !self.0
        } else {
            self.0 & !SIGN
        })
    }

    /// The same numbers in opposite order.
    pub(crate) fn reversed(self) -> Self {
        Self(!self.0)
    }

    /// The next in order: a bound that excludes this very number.
    pub(crate) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_value_survive() {
        let values = [f64::MIN, -1.5, -1e-300, -0.0, 1e-300, 0.1, 1.0, f64::MAX];
        for pair in values.windows(2) {
            assert!(Real::new(pair[0]) < Real::new(pair[1]), "{pair:?}");
            assert!(Real::new(pair[0]).reversed() > Real::new(pair[1]).reversed());
        }
        for value in values {
            assert_eq!(Real::new(value).get(), value);
        }
        assert_eq!(Real::new(-0.0), Real::new(0.0));
        assert!(Real::new(1.0).next() > Real::new(1.0));
    }
}
