//! Sums are exact, whatever the order.

use proptest::prelude::*;

use super::*;

prop_compose! {
    fn any_point()(days in -8_000..40_000i32, normalised in 0.0..=1.0f64, ln_cost in -700.0..700.0f64) -> FitPoint {
        FitPoint { date: Date::from_days(days), normalised, ln_cost }
    }
}

fn sums(points: &[FitPoint]) -> FitSums {
    let mut sums = FitSums::default();
    for point in points {
        sums.add(point);
    }
    sums
}

proptest! {
    #[test]
    fn any_order_and_any_detour_give_equal_sums(
        points in prop::collection::vec(any_point(), 0..40),
        passing in prop::collection::vec(any_point(), 0..40),
        order in any::<prop::sample::Index>(),
    ) {
        let expected = sums(&points);
        let mut rotated = points.clone();
        rotated.rotate_left(if points.is_empty() { 0 } else { order.index(points.len()) });
        rotated.reverse();
        prop_assert_eq!(sums(&rotated), expected);

        // Points that come and go, in another order than they came, even before they came.
        let mut detour = FitSums::default();
        for (i, point) in passing.iter().enumerate() {
            if i % 2 == 0 { detour.add(point) } else { detour.remove(point) }
        }
        for point in &rotated { detour.add(point) }
        for (i, point) in passing.iter().enumerate().rev() {
            if i % 2 == 0 { detour.remove(point) } else { detour.add(point) }
        }
        prop_assert_eq!(detour, expected);
    }

    #[test]
    fn parts_merge_to_the_whole_and_subtract_from_it(
        points in prop::collection::vec(any_point(), 0..40), at in any::<prop::sample::Index>(),
    ) {
        let (left, right) = points.split_at(at.index(points.len() + 1));
        let (mut merged, right) = (sums(left), sums(right));
        merged.merge(&right);
        prop_assert_eq!(merged, sums(&points));
        merged.subtract(&right);
        prop_assert_eq!(merged, sums(left));
    }

    #[test]
    fn centring_keeps_every_digit(values in prop::collection::vec((-1_000_000..1_000_000i128, 0..1_000_000i128), 2..50), origin in -(1i128 << 49)..1i128 << 49) {
        // With n times each value and an origin far away, deviations from the mean are integers.
        let n = values.len() as i128;
        let shifted: Vec<_> = values.iter().map(|&(a, b)| (n * a + origin, n * b - origin)).collect();
        let (a_sum, b_sum) = shifted.iter().fold((0, 0), |(a, b), v| (a + v.0, b + v.1));
        let ab_sum = shifted.iter().map(|v| v.0 * v.1).sum();
        let exact: i128 = shifted.iter().map(|v| (v.0 - a_sum / n) * (v.1 - b_sum / n)).sum();
        let by_n = (a_sum % n, b_sum % n);
        prop_assert_eq!(by_n, (0, 0));
        prop_assert_eq!(centred(ab_sum, &Split::of(a_sum, n), &Split::of(b_sum, n), n).to_f64(), exact as f64);
    }
}

proptest! {
    #[test]
    fn steps_are_the_nearest_ones(value in -LN_COST_MAX..=LN_COST_MAX, half in -(1i64 << 49)..1i64 << 49) {
        prop_assert_eq!(fixed(value), (value * ONE).round_ties_even() as i64);
        let tie = (half as f64 + 0.5) / ONE;
        prop_assert_eq!(fixed(tie), (half as f64 + 0.5).round_ties_even() as i64);
    }
}

#[test]
fn only_scores_outside_the_bounds_count_as_clipped() {
    let at = |normalised| FitPoint {
        date: Date::from_days(0),
        normalised,
        ln_cost: 0.0,
    };
    let points = [0.0, 0.004, 0.005, 0.5, 0.995, 0.996, 1.0].map(at);
    assert_eq!(sums(&points).clipped(), 4);
    assert_eq!(logit(0.0), logit(0.005));
    assert_eq!(logit(1.0), logit(0.995));
    assert_eq!(logit(0.5), 0.0);
}

#[test]
fn taking_out_more_than_was_put_in_counts_as_empty() {
    let mut sums = FitSums::default();
    let point = FitPoint {
        date: Date::from_days(19_000),
        normalised: 0.4,
        ln_cost: 1.0,
    };
    sums.remove(&point);
    assert_eq!(sums.n(), 0);
    assert!(sums.moments().is_none());
    sums.add(&point);
    assert_eq!(sums, FitSums::default());
}
