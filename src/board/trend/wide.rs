//! Numbers with 106 significant bits, as the unevaluated sum of two f64 (Dekker 1971).
//!
//! Least squares subtracts large equal sums; with these the digits lost are digits that the answer does not need.

/// The value `hi + lo`, with |lo| at most half a unit in the last place of `hi`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wide {
    hi: f64,
    lo: f64,
}

impl Wide {
    /// The nearest representable value; |value| below 2^126.
    pub(super) fn from_i128(value: i128) -> Self {
        // Of integers that fit a register, which most do, conversion is one instruction.
        if let Ok(value) = i64::try_from(value)
            && value.unsigned_abs() < 1 << 62
        {
            let hi = value as f64;
            let lo = (value - hi as i64) as f64;
            return Self { hi, lo };
        }
        let hi = value as f64;
        Self {
            hi,
            lo: (value - hi as i128) as f64,
        }
    }

    /// The nearest f64.
    pub(super) fn to_f64(self) -> f64 {
        self.hi + self.lo
    }

    /// `self + other`.
    pub(super) fn plus(self, other: Self) -> Self {
        let (sum, error) = two_sum(self.hi, other.hi);
        let (low, low_error) = two_sum(self.lo, other.lo);
        let carried = renormalise(sum, error + low);
        renormalise(carried.hi, carried.lo + low_error)
    }

    /// `self - other`.
    pub(super) fn minus(self, other: Self) -> Self {
        self.plus(Self {
            hi: -other.hi,
            lo: -other.lo,
        })
    }

    /// `self * other`.
    pub(super) fn times(self, other: Self) -> Self {
        let product = self.hi * other.hi;
        let error = libm::fma(self.hi, other.hi, -product);
        renormalise(product, error + (self.hi * other.lo + self.lo * other.hi))
    }

    /// `self / other`; `other` is not zero.
    pub(super) fn over(self, other: Self) -> Self {
        let exact = |hi| Self { hi, lo: 0.0 };
        let first = self.hi / other.hi;
        let rest = self.minus(other.times(exact(first)));
        let second = rest.hi / other.hi;
        let rest = rest.minus(other.times(exact(second)));
        renormalise(first, second).plus(exact(rest.hi / other.hi))
    }
}

/// The rounded sum of any two numbers and its rounding error.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// The pair with the same sum whose parts do not overlap; |hi| >= |lo|.
fn renormalise(hi: f64, lo: f64) -> Wide {
    let sum = hi + lo;
    Wide {
        hi: sum,
        lo: lo - (sum - hi),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// |computed - exact| in units of 2^-98 of `scale`.
    fn is_close(computed: Wide, exact: i128, scale: i128) -> bool {
        let error = (computed.hi as i128 - exact) + computed.lo as i128;
        error.unsigned_abs() <= (scale.unsigned_abs() >> 98) + 1
    }

    proptest! {
        #[test]
        fn sums_and_products_keep_what_integers_keep(a in -(1i128 << 100)..1i128 << 100, b in -(1i128 << 100)..1i128 << 100) {
            let (x, y) = (Wide::from_i128(a), Wide::from_i128(b));
            prop_assert!(is_close(x.plus(y), a + b, a.abs() + b.abs()));
            prop_assert!(is_close(x.minus(y), a - b, a.abs() + b.abs()));
            let (c, d) = (a >> 40, b >> 40);
            let product = Wide::from_i128(c).times(Wide::from_i128(d));
            prop_assert!(is_close(product, c * d, c * d));
        }

        #[test]
        fn a_quotient_times_the_divisor_is_the_dividend(a in 1i128..1 << 100, b in 1i128..1 << 100) {
            let quotient = Wide::from_i128(a).over(Wide::from_i128(b));
            prop_assert!(is_close(quotient.times(Wide::from_i128(b)), a, a));
        }
    }
}
