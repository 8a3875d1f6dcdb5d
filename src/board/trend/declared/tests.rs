//! Worked examples, and properties against a naive model.

use proptest::prelude::*;

use super::*;

/// Four significant digits, as published.
#[track_caller]
fn assert_digits(actual: f64, expected: &str) {
    let digits = expected.trim_start_matches(['-', '0', '.']);
    assert_eq!(
        digits.chars().filter(char::is_ascii_digit).count(),
        4,
        "{expected}"
    );
    let decimals = expected
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    assert_eq!(format!("{actual:.decimals$}"), expected);
}

fn curve(annual_factor: f64) -> Curve {
    Curve {
        annual_factor,
        ..Curve::default()
    }
}

fn inputs(reference: Range, subject: f64, years: f64, gap: f64) -> Inputs {
    Inputs {
        subject: Range::exact(subject),
        reference,
        years: Range::exact(years),
        years_ranged: false,
        gap,
        curve: Curve::default(),
    }
}

fn by_reduction(reduction: f64, years: f64, gap: f64, factor: f64) -> Assessment {
    assess_reduction(
        Range::exact(reduction),
        Range::exact(years),
        false,
        gap,
        &curve(factor),
    )
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

#[test]
fn example_1_a_given_reduction_exactly_on_trend() {
    let answer = by_reduction(8.0, 1.0, 2.0, 4.0);
    assert_digits(answer.expected_reduction, "8.000");
    assert_digits(answer.q, "1.000");
    assert_digits(answer.annualised, "4.000");
    assert_eq!(answer.verdict, Verdict::OnTrend);
    assert_eq!(answer.months_ahead, 0.0);
    assert_eq!(
        (answer.break_even_subject, answer.break_even_reference),
        (None, None)
    );
    assert_digits(answer.break_even_gap, "2.000");
}

#[test]
fn example_2_half_a_year_without_a_gap() {
    let answer = assess(&inputs(Range::exact(10e6), 5.57e6, 0.5, 1.0));
    assert_digits(answer.observed_reduction, "1.795");
    assert_digits(answer.expected_reduction, "2.000");
    assert_digits(answer.q, "0.8977");
    assert_digits(answer.annualised, "3.223");
    assert_digits(answer.months_ahead, "-0.9345");
    assert_eq!(answer.verdict, Verdict::OnTrend);
}

#[test]
fn example_3_half_a_year_with_a_gap() {
    let answer = assess(&inputs(Range::exact(10e6), 5.57e6, 0.5, 2.0));
    assert_digits(answer.expected_reduction, "4.000");
    assert_digits(answer.q, "0.4488");
    assert_eq!(answer.verdict, Verdict::Behind);
    assert_eq!(answer.halving_months, None, "1.795 / 2 is no decline");
}

#[test]
fn example_4_a_year_with_a_gap_and_its_break_evens() {
    let answer = assess(&inputs(Range::exact(30e6), 5.576e6, 1.0, 2.0));
    assert_digits(answer.observed_reduction, "5.380");
    assert_digits(answer.q, "0.6725");
    assert_eq!(answer.verdict, Verdict::Behind);
    assert_digits(
        answer.break_even_reference.expect("costs were given") / 1e6,
        "44.61",
    );
    assert_digits(
        answer.break_even_subject.expect("costs were given") / 1e6,
        "3.750",
    );
    assert_eq!(answer.q_low_with_dates, None);
    assert_eq!(answer.q_high_with_dates, None);
}

const TENS_OF_MILLIONS: Range = Range {
    low: 20e6,
    central: 30e6,
    high: 50e6,
};

#[test]
fn example_5_a_ranged_reference() {
    let answer = assess(&inputs(TENS_OF_MILLIONS, 5.576e6, 1.0, 2.0));
    assert_digits(answer.q, "0.6725");
    assert_digits(answer.q_low, "0.4484");
    assert_digits(answer.q_high, "1.121");
    assert_eq!(answer.verdict, Verdict::Behind);
    assert_eq!(answer.verdict_at_best, Verdict::OnTrend);
    assert_eq!(answer.verdict_at_worst, Verdict::Behind);
}

#[test]
fn example_6_accelerator_hours_are_a_training_cost() {
    let cost = (2_664e3 + 119e3 + 5e3) * 2.0;
    assert_eq!(cost, 5.576e6);
    let answer = assess(&inputs(Range::exact(30e6), cost, 1.0, 2.0));
    assert_digits(answer.q, "0.6725");
}

#[test]
fn example_7_a_thousandfold_in_three_years() {
    let answer = assess(&Inputs {
        curve: curve(10.0),
        ..inputs(Range::exact(60.0), 0.06, 3.0, 1.0)
    });
    assert_digits(answer.observed_reduction, "1000");
    assert_digits(answer.annualised, "10.00");
    assert_digits(answer.q, "1.000");
    assert_digits(answer.halving_months.expect("a decline"), "3.612");
}

#[test]
fn example_8_tenfold_in_fifteen_months() {
    assert_digits(by_reduction(10.0, 1.25, 1.0, 4.0).annualised, "6.310");
}

/// The argument that started this: a newspaper's and a maker's figures, with the months in which each was trained.
fn seed_argument(reference: Range) -> Inputs {
    let years = |from, to| day(to).years_since(day(from));
    Inputs {
        years: Range {
            low: years("2024-04-30", "2024-11-01"),
            central: years("2024-03-16", "2024-12-01"),
            high: years("2024-01-31", "2024-12-31"),
        },
        years_ranged: true,
        ..inputs(reference, 5.576e6, 1.0, 2.0)
    }
}

#[test]
fn the_seed_argument_depends_on_whose_figures_are_used() {
    let answer = assess(&seed_argument(TENS_OF_MILLIONS));
    assert_digits(answer.q, "1.003");
    assert_digits(answer.q_low, "0.6685");
    assert_digits(answer.q_high, "1.671");
    assert_digits(answer.q_low_with_dates.expect("dates are ranges"), "0.5029");
    assert_digits(answer.q_high_with_dates.expect("dates are ranges"), "2.222");
    assert_eq!(answer.verdict, Verdict::OnTrend);
    assert_eq!(answer.verdict_at_worst, Verdict::Behind);
    assert_eq!(answer.verdict_at_best, Verdict::Ahead);

    let newspaper = assess(&seed_argument(Range::exact(10e6)));
    assert_digits(newspaper.q, "0.3343");
    assert_eq!(newspaper.verdict, Verdict::Behind);
}

#[test]
fn the_seed_argument_depends_on_the_elapsed_time() {
    for (years, q, low, high) in [
        (0.75, "0.9511", "0.6341", "1.585"),
        (1.0, "0.6725", "0.4484", "1.121"),
    ] {
        let answer = assess(&inputs(TENS_OF_MILLIONS, 5.576e6, years, 2.0));
        assert_digits(answer.q, q);
        assert_digits(answer.q_low, low);
        assert_digits(answer.q_high, high);
    }
}

#[test]
fn a_ranged_factor_gives_q_at_both_ends() {
    let ranged = Curve {
        annual_factor_low: Some(2.0),
        annual_factor_high: Some(8.0),
        ..Curve::default()
    };
    let answer = assess(&Inputs {
        curve: ranged,
        ..inputs(Range::exact(16.0), 1.0, 2.0, 1.0)
    });
    assert_eq!(answer.q, 1.0);
    assert_eq!(answer.q_at_factor_low, Some(4.0));
    assert_eq!(answer.q_at_factor_high, Some(0.25));
}

#[test]
fn both_ends_of_the_tolerance_are_on_trend() {
    for (q, verdict) in [
        (1.25, Verdict::OnTrend),
        (1.250_001, Verdict::Ahead),
        (0.8, Verdict::OnTrend),
        (0.799_999, Verdict::Behind),
    ] {
        assert_eq!(Verdict::of(q, 1.25), verdict, "{q}");
    }
}

prop_compose! {
    fn any_range(decades: f64)(a in 0.0..decades, b in 0.0..decades, c in 0.0..decades) -> Range {
        let mut ends = [a, b, c].map(|decade| 10f64.powf(decade));
        ends.sort_by(f64::total_cmp);
        Range { low: ends[0], central: ends[1], high: ends[2] }
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

proptest! {
    #[test]
    fn break_evens_put_q_at_one_and_ends_enclose_it(
        subject in any_range(8.0), reference in any_range(8.0), years in any_range(1.0),
        gap in 0.1..10.0f64, factor in 1.1..50.0f64,
    ) {
        let given = Inputs { subject, reference, years, years_ranged: true, gap, curve: curve(factor) };
        let answer = assess(&given);
        prop_assert!(close(answer.q, reference.central / (subject.central * factor.powf(years.central) * gap)));
        prop_assert!(answer.q_low <= answer.q && answer.q <= answer.q_high);
        prop_assert!(answer.q_low_with_dates <= Some(answer.q_low));
        prop_assert!(answer.q_high_with_dates >= Some(answer.q_high));
        prop_assert!(close(answer.q_low_with_dates.unwrap_or(0.0), reference.low / (subject.high * factor.powf(years.high) * gap)));
        let subject = Range::exact(answer.break_even_subject.unwrap_or(0.0));
        let reference = Range::exact(answer.break_even_reference.unwrap_or(0.0));
        let mut even = vec![
            Inputs { subject, ..given },
            Inputs { reference, ..given },
            Inputs { gap: answer.break_even_gap, ..given },
        ];
        if answer.annualised > 1.0 {
            even.push(Inputs { curve: curve(answer.annualised), ..given });
        }
        for inputs in even {
            let q = assess(&inputs).q;
            prop_assert!(close(q, 1.0), "{}", q);
        }
    }

    #[test]
    fn the_key_orders_offers_by_trend_adjusted_cost(
        offers in prop::collection::vec((1.0..1e6f64, 18_000..20_000i32), 1..20), factor in 1.1..50.0f64,
    ) {
        let curve = curve(factor);
        let subject = Date::from_days(20_100);
        let adjusted = |&(cost, days): &(f64, i32)| cost * factor.powf(-subject.years_since(Date::from_days(days)));
        let key = |&(cost, days): &(f64, i32)| adjusted_cost_key(cost.ln(), Date::from_days(days), &curve);
        let least = offers.iter().map(adjusted).fold(f64::INFINITY, f64::min);
        let by_key = offers.iter().min_by(|a, b| key(a).total_cmp(&key(b))).expect("at least one");
        prop_assert!(close(adjusted(by_key), least));
        prop_assert!(close(adjusted_cost(key(by_key), subject, &curve), least));
    }
}
