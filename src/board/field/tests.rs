//! The field answers as a sorted list of what matches does, whatever came and went.

use proptest::prelude::*;

use super::*;

prop_compose! {
    /// Few values of each kind, so that many are equal.
    fn any_offer()(
        model in 0u32..40, day in 0i32..6, good in 0u8..6, adjusted in -3i8..3, current in prop::bool::weighted(0.8),
    ) -> Offer {
        Offer::plain(Date::from_days(day), model, f64::from(good), f64::from(adjusted) / 2.0, current)
    }
}

fn naive(offers: &[Offer], good: f64, before: Date) -> (usize, Option<(f64, f64)>) {
    let matching = |offer: &&Offer| offer.current && offer.good() >= good && offer.date() < before;
    let mut all: Vec<f64> = offers
        .iter()
        .filter(matching)
        .map(|offer| offer.adjusted)
        .collect();
    all.sort_by(f64::total_cmp);
    let middle = (!all.is_empty()).then(|| (all[(all.len() - 1) / 2], all[all.len() / 2]));
    (all.len(), middle)
}

proptest! {
    #[test]
    fn the_middle_is_that_of_all_that_match(
        offers in prop::collection::vec(any_offer(), 0..400),
        keep in 0usize..400,
        good in 0u8..7,
        day in 0i32..7,
    ) {
        let mut field = Field::default();
        for offer in &offers {
            field.insert(offer);
        }
        let (kept, gone) = offers.split_at(keep.min(offers.len()));
        for offer in gone {
            field.remove(offer);
        }
        let (good, before) = (f64::from(good), Date::from_days(day));
        let expected = naive(kept, good, before);
        prop_assert_eq!(field.middle(good, before), expected);
        prop_assert_eq!(Field::of(kept.iter()).middle(good, before), expected);
    }
}

#[test]
fn arrays_are_given_up_and_come_back() {
    let offer = |at: usize| {
        Offer::plain(
            Date::from_days(0),
            at as u32,
            1.0,
            (at * 7919 % 10_007) as f64,
            true,
        )
    };
    let offers: Vec<Offer> = (0..KEPT_MAX + 100).map(offer).collect();
    let mut field = Field::of(offers[..10].iter());
    for offer in &offers[10..] {
        field.insert(offer);
    }
    assert!(field.adjusted.is_empty() && !field.is_due());
    assert!(Field::of(offers.iter()).adjusted.is_empty());
    let small = &offers[..MEDIAN_STANDINGS_MAX];
    for offer in &offers[small.len()..] {
        assert!(!field.is_due());
        field.remove(offer);
    }
    assert!(field.is_due());
    let rebuilt = Field::of(small.iter());
    assert!(!rebuilt.is_due());
    let tomorrow = Date::from_days(1);
    assert_eq!(rebuilt.middle(1.0, tomorrow), naive(small, 1.0, tomorrow));
}
