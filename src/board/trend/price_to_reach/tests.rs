//! Worked examples, and properties against a naive model.

use proptest::prelude::*;

use super::*;

fn offer(date: &str, good: f64, cost: f64) -> Offer<()> {
    Offer {
        date: date.parse().expect("a date"),
        good,
        cost,
        name: (),
    }
}

fn example_9() -> Vec<Offer<()>> {
    vec![
        offer("2023-03-14", 86.0, 37.5),
        offer("2023-11-06", 87.0, 15.0),
        offer("2024-05-13", 87.0, 7.5),
        offer("2024-05-23", 86.0, 2.19),
        offer("2025-02-05", 88.0, 0.175),
    ]
}

#[test]
fn example_9_the_published_price_decline() {
    let lows = RecordLows::walk(example_9(), 86.0);
    let answer = lows.solve().expect("enough record lows");
    assert_eq!((answer.n, answer.span_days), (5, 694));
    assert_eq!(format!("{:.2}", answer.annual_factor), "15.86");
    assert_eq!(format!("{:.3}", answer.annual_factor_low), "4.086");
    assert_eq!(format!("{:.2}", answer.annual_factor_high), "61.54");
    assert_eq!(format!("{:.4}", answer.r_squared.unwrap_or(0.0)), "0.8846");
    // From scipy.stats.linregress and scipy.stats.t.
    for (actual, expected) in [
        (answer.annual_factor, 15.856_761_567_743_137),
        (answer.annual_factor_low, 4.085_681_392_682_717),
        (answer.annual_factor_high, 61.540_992_370_714_164),
        (answer.r_squared.unwrap_or(0.0), 0.884_617_981_913_812_2),
    ] {
        assert!(
            (actual / expected - 1.0).abs() < 1e-9,
            "{actual} is not {expected}"
        );
    }
}

#[test]
fn what_is_missing_is_named() {
    let missing = |offers: Vec<Offer<()>>, threshold| {
        RecordLows::walk(offers, threshold)
            .solve()
            .expect_err("insufficient")
            .missing
    };
    assert_eq!(
        missing(Vec::new(), 0.0),
        "0 of at least 4 points; 0 of at least 365 days between the first and the last point"
    );
    assert_eq!(missing(example_9(), 87.0), "3 of at least 4 points");
    assert_eq!(
        missing(example_9()[1..].to_vec(), 86.5),
        "3 of at least 4 points"
    );
}

#[test]
fn the_cheapest_of_a_day_replaces_the_day_and_an_equal_price_changes_nothing() {
    let day = Date::from_days;
    let mut lows = RecordLows::default();
    assert_eq!(lows.cheapest(), None);
    assert!(lows.offer(day(1), 9.0, "first"));
    assert!(!lows.offer(day(1), 9.0, "equal"));
    assert!(lows.offer(day(2), 7.0, "dropped"));
    assert!(lows.offer(day(2), 5.0, "kept"));
    assert!(!lows.offer(day(2), 6.0, "dearer"));
    assert!(!lows.offer(day(3), 5.0, "late"));
    assert_eq!(lows.cheapest(), Some(5.0));
    let names: Vec<_> = lows.kept().iter().map(|low| low.name).collect();
    assert_eq!(names, ["first", "kept"]);
}

/// For each day in order: the cheapest offer of the day, if it is cheaper than every offer of every earlier day.
fn naive(offers: &[Offer<usize>], threshold: f64) -> Vec<(Date, f64)> {
    let reached: Vec<_> = offers
        .iter()
        .filter(|offer| offer.good >= threshold)
        .collect();
    let mut days: Vec<_> = reached.iter().map(|offer| offer.date).collect();
    days.dedup();
    let cheapest = |keep: &dyn Fn(Date) -> bool| {
        let costs = reached
            .iter()
            .filter(|offer| keep(offer.date))
            .map(|offer| offer.cost);
        costs.fold(f64::INFINITY, f64::min)
    };
    let record = |day: Date| (day, cheapest(&|date| date == day));
    let is_record = |&(day, cost): &(Date, f64)| cost < cheapest(&|date| date < day);
    days.into_iter().map(record).filter(is_record).collect()
}

prop_compose! {
    fn sorted_offers()(mut rows in prop::collection::vec((19_000..19_040i32, 0..5u8, 1..30u32), 0..60)) -> Vec<Offer<usize>> {
        // Stable by date alone: offers of a day stay in any order.
        rows.sort_by_key(|row| row.0);
        let offer = |(name, (days, good, cost))| Offer { date: Date::from_days(days), good: f64::from(good), cost: f64::from(cost), name };
        rows.into_iter().enumerate().map(offer).collect()
    }
}

proptest! {
    #[test]
    fn the_walk_is_the_naive_one_and_may_jump(offers in sorted_offers(), threshold in 0..5u8) {
        let threshold = f64::from(threshold);
        let walked = RecordLows::walk(offers.clone(), threshold);
        let kept: Vec<_> = walked.kept().iter().map(|low| (low.date, low.cost)).collect();
        prop_assert_eq!(&kept, &naive(&offers, threshold));
        for low in walked.kept() {
            prop_assert_eq!(offers[low.name].cost, low.cost);
        }

        let mut jumped = RecordLows::default();
        let mut rest = offers.as_slice();
        while let Some(at) = rest.iter().position(|offer| offer.good >= threshold && jumped.cheapest().is_none_or(|cost| offer.cost < cost)) {
            prop_assert!(jumped.offer(rest[at].date, rest[at].cost, rest[at].name));
            rest = &rest[at + 1..];
        }
        prop_assert_eq!(jumped, walked);
    }

    #[test]
    fn an_exact_decline_is_found(factor in 1.1..100.0f64, days in prop::collection::btree_set(0..2_000i32, 4..20)) {
        let mut lows = RecordLows::default();
        for day in days {
            lows.offer(Date::from_days(19_000 + day), 50.0 * factor.powf(-f64::from(day) / 365.0), ());
        }
        if let Ok(answer) = lows.solve() {
            for value in [answer.annual_factor, answer.annual_factor_low, answer.annual_factor_high] {
                prop_assert!((value / factor - 1.0).abs() < 1e-9);
            }
            prop_assert!(answer.r_squared.is_some_and(|r| (r - 1.0).abs() < 1e-9));
        }
    }
}
