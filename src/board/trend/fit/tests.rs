//! Worked examples, and properties against a naive model.

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn point(date: &str, normalised: f64, cost: f64) -> FitPoint {
    FitPoint {
        date: day(date),
        normalised,
        ln_cost: cost.ln(),
    }
}

fn solve(points: &[FitPoint]) -> Result<Fit, Insufficient> {
    let mut sums = FitSums::default();
    for point in points {
        sums.add(point);
    }
    let dates = || points.iter().map(|point| point.date);
    let epoch = Date::from_days(0);
    sums.solve(
        dates().min().unwrap_or(epoch),
        dates().max().unwrap_or(epoch),
    )
}

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    let error = (actual - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs(),
        "{actual:e} is not {expected:e}"
    );
}

fn example_10() -> Vec<FitPoint> {
    vec![
        point("2023-01-01", 0.30, 40.0),
        point("2023-04-01", 0.45, 60.0),
        point("2023-07-01", 0.35, 20.0),
        point("2023-10-01", 0.55, 30.0),
        point("2024-01-01", 0.40, 8.0),
        point("2024-04-01", 0.60, 12.0),
        point("2024-07-01", 0.50, 4.0),
        point("2024-10-01", 0.70, 9.0),
    ]
}

#[test]
fn example_10_a_fitted_curve_and_a_subject_below_it() {
    let fit = solve(&example_10()).expect("enough points");
    let digits = |value: f64, decimals: usize| format!("{value:.decimals$}");
    assert_eq!(digits(fit.annual_factor, 3), "9.869");
    assert_eq!(digits(fit.annual_factor_low, 3), "7.963");
    assert_eq!(digits(fit.annual_factor_high, 2), "12.23");
    assert_eq!(digits(fit.beta, 3), "1.387");
    assert_eq!(digits(fit.residual_sd, 4), "0.1033");
    assert_eq!(digits(fit.r_squared.expect("costs differ"), 4), "0.9909");
    assert_eq!((fit.n, fit.clipped, fit.span_days), (8, 0, 639));

    let subject = (day("2025-01-01"), 0.60);
    let prediction = fit.predict(subject.0, subject.1);
    assert_eq!(digits(prediction.expected, 3), "2.405");
    assert_eq!(digits(prediction.low, 3), "1.825");
    assert_eq!(digits(prediction.high, 3), "3.170");
    let judgement = prediction.judge(1.5);
    assert_eq!(digits(judgement.q, 3), "1.603");
    assert_eq!(judgement.verdict, Verdict::Ahead);
    assert_eq!(prediction.judge(1.826).verdict, Verdict::WithinInterval);
    assert_eq!(prediction.judge(3.171).verdict, Verdict::Behind);
}

#[test]
fn example_10_agrees_with_an_independent_solver_to_nine_digits() {
    // From numpy.linalg.lstsq and scipy.stats.t.
    let fit = solve(&example_10()).expect("enough points");
    assert_close(fit.annual_factor, 9.868_652_730_663_726);
    assert_close(fit.annual_factor_low, 7.963_466_504_609_045);
    assert_close(fit.annual_factor_high, 12.229_637_264_383_502);
    assert_close(fit.beta, 1.387_181_115_695_329_8);
    assert_close(fit.intercept, 126.231_720_562_056_5);
    assert_close(fit.residual_sd, 0.103_309_996_390_814_58);
    let prediction = fit.predict(day("2025-01-01"), 0.60);
    assert_close(prediction.low, 1.825_093_075_906_511);
    assert_close(prediction.high, 3.169_632_206_657_238_4);
}

/// Reproducible points: three draws of 20 bits each from a linear congruential generator.
fn generated(count: usize) -> impl Iterator<Item = FitPoint> {
    let mut state = 42u64;
    let mut draw = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 44) as f64 / 1_048_576.0
    };
    (0..count).map(move |_| {
        let days = (draw() * 2_192.0).floor();
        let normalised = draw();
        let noise = draw() - 0.5;
        FitPoint {
            date: Date::from_days(18_262 + days as i32),
            normalised,
            ln_cost: 12.0 - 1.25 * (days / 365.25) + 0.875 * normalised * 4.0 + 2.0 * noise,
        }
    })
}

#[test]
fn a_million_points_agree_with_extended_precision() {
    // From a centred two-pass solution in 80-bit floating point, with unrounded inputs.
    let mut sums = FitSums::default();
    for point in generated(1_000_000) {
        sums.add(&point);
    }
    let fit = sums
        .solve(Date::from_days(18_262), Date::from_days(18_262 + 2_191))
        .expect("enough points");
    assert_eq!((fit.n, fit.clipped), (1_000_000, 10_258));
    assert_close(fit.annual_factor, 3.491_177_378_473_386_2);
    assert_close(fit.annual_factor_low, 3.489_063_512_780_346_5);
    assert_close(fit.annual_factor_high, 3.493_292_524_861_991_3);
    assert_close(fit.beta, 0.546_777_497_808_072_8);
    assert_close(fit.intercept, 76.260_547_573_160_67);
    assert_close(
        fit.r_squared.expect("costs differ"),
        0.932_702_189_182_895_4,
    );
    assert_close(fit.residual_sd, 0.637_491_713_990_984_7);
    let prediction = fit.predict(Date::from_days(20_600), 0.8);
    assert_close(prediction.expected, 668.744_946_996_532);
    assert_close(prediction.low, 234.350_614_497_222_84);
    assert_close(prediction.high, 1_908.336_383_469_112_6);
}

#[test]
fn what_is_missing_is_named() {
    let missing = |points: &[FitPoint]| solve(points).expect_err("insufficient").missing;
    assert_eq!(
        missing(&example_10()[..2]),
        "2 of at least 8 points; 90 of at least 365 days between the first and the last point"
    );
    assert!(missing(&[]).starts_with("0 of at least 8 points; 0 of"));
    assert_eq!(missing(&example_10()[1..]), "7 of at least 8 points");

    let same = |point: FitPoint| FitPoint {
        normalised: 0.999,
        ..point
    };
    let equal_scores: Vec<_> = example_10().into_iter().map(same).collect();
    assert!(missing(&equal_scores).starts_with("two different normalised scores"));

    let aligned = |point: FitPoint| FitPoint {
        normalised: 1.0 / (1.0 + (-f64::from(point.date.days() - 19_500) / 400.0).exp()),
        ..point
    };
    let in_step: Vec<_> = example_10().into_iter().map(aligned).collect();
    assert_eq!(
        missing(&in_step),
        "scores that do not move in step with the dates"
    );
}

#[test]
fn costs_on_one_exact_curve_are_judged_within_their_interval() {
    // Fixed-point rounding makes the residual about 1e-12; a cost on the curve must not be judged by that.
    let on_curve = |point: FitPoint| FitPoint {
        ln_cost: 3.0 - 1.4 * point.date.years_since(day("2023-01-01"))
            + 0.7 * logit(point.normalised),
        ..point
    };
    let points: Vec<_> = example_10().into_iter().map(on_curve).collect();
    let fit = solve(&points).expect("enough points");
    assert!(fit.residual_sd < 1e-11);
    assert_close(fit.annual_factor, 1.4f64.exp());
    for point in &points {
        let prediction = fit.predict(point.date, point.normalised);
        let verdict = prediction.judge(point.ln_cost.exp()).verdict;
        assert_eq!(verdict, Verdict::WithinInterval);
    }
}

#[test]
fn equal_costs_have_no_r_squared() {
    let points: Vec<_> = example_10()
        .into_iter()
        .map(|point| FitPoint {
            ln_cost: 2.0,
            ..point
        })
        .collect();
    let fit = solve(&points).expect("enough points");
    assert_eq!(
        (fit.r_squared, fit.annual_factor, fit.beta),
        (None, 1.0, 0.0)
    );
}

#[test]
fn outside_the_dates_or_scores_is_extrapolated() {
    let extent = example_10()
        .iter()
        .map(Extent::of)
        .reduce(Extent::union)
        .expect("points");
    assert!(!extent.extrapolated(day("2023-01-01"), 0.30));
    assert!(!extent.extrapolated(day("2024-10-01"), 0.70));
    assert!(extent.extrapolated(day("2022-12-31"), 0.5));
    assert!(extent.extrapolated(day("2025-01-01"), 0.5));
    assert!(extent.extrapolated(day("2024-01-01"), 0.29));
    assert!(extent.extrapolated(day("2024-01-01"), 0.71));
}

/// Two-pass least squares by partialling out (Frisch and Waugh), residuals formed one by one.
struct Naive {
    slope: f64,
    beta: f64,
    intercept: f64,
    residual_sd: f64,
    slope_error: f64,
    r_squared: f64,
    ln_expected: f64,
    prediction_error: f64,
}

fn naive(points: &[FitPoint], subject: &FitPoint) -> Naive {
    let n = points.len() as f64;
    let years = |point: &FitPoint| f64::from(point.date.days()) / 365.25;
    let score = |point: &FitPoint| {
        let p = point.normalised.clamp(0.005, 0.995);
        (p / (1.0 - p)).ln()
    };
    let centre = |values: Vec<f64>| {
        let mean = values.iter().sum::<f64>() / n;
        (
            mean,
            values.into_iter().map(|v| v - mean).collect::<Vec<_>>(),
        )
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let without = |a: &[f64], b: &[f64]| {
        let ratio = dot(a, b) / dot(b, b);
        a.iter()
            .zip(b)
            .map(|(a, b)| a - ratio * b)
            .collect::<Vec<_>>()
    };
    let (x_mean, x) = centre(points.iter().map(years).collect());
    let (z_mean, z) = centre(points.iter().map(score).collect());
    let (y_mean, y) = centre(points.iter().map(|point| point.ln_cost).collect());
    let (x_own, z_own) = (without(&x, &z), without(&z, &x));
    let slope = dot(&x_own, &y) / dot(&x_own, &x_own);
    let beta = dot(&z_own, &y) / dot(&z_own, &z_own);
    let errors: Vec<_> = (0..points.len())
        .map(|i| y[i] - slope * x[i] - beta * z[i])
        .collect();
    let residual_sd = (dot(&errors, &errors) / (n - 3.0)).sqrt();
    let (dx, dz) = (years(subject) - x_mean, score(subject) - z_mean);
    // Split the subject's deviation into a part along z and a part of x that z does not explain.
    let along_z = dz - dx * dot(&x, &z) / dot(&x, &x);
    let leverage = 1.0 / n + dx * dx / dot(&x, &x) + along_z * along_z / dot(&z_own, &z_own);
    Naive {
        slope,
        beta,
        intercept: y_mean - slope * x_mean - beta * z_mean,
        residual_sd,
        slope_error: residual_sd / dot(&x_own, &x_own).sqrt(),
        r_squared: 1.0 - dot(&errors, &errors) / dot(&y, &y),
        ln_expected: y_mean + slope * dx + beta * dz,
        prediction_error: residual_sd * (1.0 + leverage).sqrt(),
    }
}

prop_compose! {
    fn any_point()(days in 17_000..21_000i32, normalised in 0.0..=1.0f64, ln_cost in -7.0..20.0f64) -> FitPoint {
        FitPoint { date: Date::from_days(days), normalised, ln_cost }
    }
}

proptest! {
    #[test]
    fn agrees_with_naive_least_squares(points in prop::collection::vec(any_point(), 12..60), subject in any_point()) {
        let fit = solve(&points);
        prop_assume!(fit.is_ok());
        let (Ok(fit), naive) = (fit, naive(&points, &subject)) else { return Ok(()) };
        // Slopes near zero are compared on the scale of their standard errors' inputs, which is about one.
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
        let t = t_quantile_95(fit.n - 3);
        prop_assert!(close(-fit.annual_factor.ln(), naive.slope));
        prop_assert!(close(-fit.annual_factor_low.ln(), naive.slope + t * naive.slope_error));
        prop_assert!(close(-fit.annual_factor_high.ln(), naive.slope - t * naive.slope_error));
        prop_assert!(close(fit.beta, naive.beta));
        prop_assert!(close(fit.intercept, naive.intercept));
        prop_assert!(close(fit.residual_sd, naive.residual_sd));
        prop_assert!(close(fit.r_squared.unwrap_or(0.0), naive.r_squared));
        let prediction = fit.predict(subject.date, subject.normalised);
        prop_assert!(close(prediction.expected.ln(), naive.ln_expected));
        prop_assert!(close(prediction.low.ln(), naive.ln_expected - t * naive.prediction_error));
        prop_assert!(close(prediction.high.ln(), naive.ln_expected + t * naive.prediction_error));
        let observed = subject.ln_cost.exp();
        let judgement = prediction.judge(observed);
        prop_assert!(close(judgement.q.ln(), naive.ln_expected - subject.ln_cost));
    }
}
