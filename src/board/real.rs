//! Finite numbers as sortable integers.

use std::cmp::Ordering;

/// A finite number whose order is that of its bits: comparable, without -0. Kept as bytes, so that it packs beside an
/// integer of 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Real([u8; 8]);

const SIGN: u64 = 1 << 63;

impl Real {
    /// Not after any number.
    pub(crate) const LEAST: Self = Self([0; 8]);

    /// The sortable form of a finite number.
    pub(crate) fn new(value: f64) -> Self {
        // Adding zero turns -0 into 0.
        let bits = (value + 0.0).to_bits();
        Self::of_order(if bits & SIGN == 0 { bits | SIGN } else { !bits })
    }

    /// The number.
    pub(crate) fn get(self) -> f64 {
        let order = self.order();
        f64::from_bits(if order & SIGN == 0 {
            !order
        } else {
            order & !SIGN
        })
    }

    /// The same numbers in opposite order.
    pub(crate) fn reversed(self) -> Self {
        Self::of_order(!self.order())
    }

    /// The next in order: a bound that excludes this very number.
    pub(crate) fn next(self) -> Self {
        Self::of_order(self.order().saturating_add(1))
    }

    fn of_order(order: u64) -> Self {
        Self(order.to_le_bytes())
    }

    fn order(self) -> u64 {
        u64::from_le_bytes(self.0)
    }
}

impl Ord for Real {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Real {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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
