//! The worked examples of the trend arithmetic, asked for over the wire.

use frontierd::proto::v1::claim::Statement;
use frontierd::proto::v1::{
    AssessTrendRequest, Claim, CostBasis, CostRange, DeclaredCurve, DeclaredTrend, FittedTrend,
    GetTrendRequest, Model, Price, PriceToReach, PutClaimRequest, PutPriceRequest, TrainingCost,
    TrendSide, Verdict, YearsRange,
};

use crate::support::{Server, close, result, usd};

/// The arithmetic on numbers.
async fn assess(request: AssessTrendRequest) -> DeclaredTrend {
    let mut server = Server::start().await;
    let answer = server.client.assess_trend(request).await;
    let trend = answer.expect("an assessment").trend.expect("a trend");
    assert_eq!(server.head().await, 0, "nothing is stored");
    server.stop().await;
    trend
}

fn years(central: f64) -> YearsRange {
    YearsRange {
        central,
        ..YearsRange::default()
    }
}

/// Reference cost, subject cost, years from one to the other, gap.
fn costs(reference: CostRange, subject: f64, elapsed: f64, gap: Option<f64>) -> AssessTrendRequest {
    let side = |cost| {
        Some(TrendSide {
            cost: Some(cost),
            ..TrendSide::default()
        })
    };
    AssessTrendRequest {
        reference: side(reference),
        subject: side(usd(subject)),
        elapsed_years: Some(years(elapsed)),
        gap,
        ..AssessTrendRequest::default()
    }
}

fn falling_by(factor: f64) -> DeclaredCurve {
    DeclaredCurve {
        annual_factor: Some(factor),
        ..DeclaredCurve::default()
    }
}

#[tokio::test]
async fn example_1_eight_times_cheaper_with_a_gap_of_two_is_on_trend() {
    let trend = assess(AssessTrendRequest {
        observed_reduction: Some(8.0),
        gap: Some(2.0),
        elapsed_years: Some(years(1.0)),
        curve: Some(falling_by(4.0)),
        ..AssessTrendRequest::default()
    })
    .await;
    close(trend.expected_reduction, "8.000");
    close(trend.q, "1.000");
    close(trend.annualised, "4.000");
    assert_eq!(trend.verdict(), Verdict::OnTrend);
    assert_eq!(trend.gap, 2.0);
    assert_eq!(trend.curve.expect("echoed").tolerance, Some(1.25));
    assert!(!trend.method.is_empty());
}

#[tokio::test]
async fn example_2_ten_million_to_five_and_a_half_in_half_a_year_is_on_trend() {
    let trend = assess(costs(usd(10e6), 5.57e6, 0.5, None)).await;
    close(trend.observed_reduction, "1.795");
    close(trend.expected_reduction, "2.000");
    close(trend.q, "0.8977");
    close(trend.annualised, "3.223");
    close(trend.months_ahead, "-0.9345");
    assert_eq!(trend.verdict(), Verdict::OnTrend);
    assert_eq!(trend.gap, 1.0);
}

#[tokio::test]
async fn example_3_the_same_with_a_gap_of_two_is_behind() {
    let trend = assess(costs(usd(10e6), 5.57e6, 0.5, Some(2.0))).await;
    close(trend.expected_reduction, "4.000");
    close(trend.q, "0.4488");
    assert_eq!(trend.verdict(), Verdict::Behind);
}

#[tokio::test]
async fn example_4_thirty_million_a_year_earlier_tells_where_it_would_break_even() {
    let trend = assess(costs(usd(30e6), 5.576e6, 1.0, Some(2.0))).await;
    close(trend.observed_reduction, "5.380");
    close(trend.q, "0.6725");
    assert_eq!(trend.verdict(), Verdict::Behind);
    close(trend.break_even_reference_usd.map(|usd| usd / 1e6), "44.61");
    close(trend.break_even_subject_usd.map(|usd| usd / 1e6), "3.750");
    close(trend.break_even_gap, "1.345");
}

#[tokio::test]
async fn example_5_a_range_of_costs_gives_a_range_of_verdicts() {
    let reference = CostRange {
        low_usd: Some(20e6),
        high_usd: Some(50e6),
        ..usd(30e6)
    };
    let trend = assess(costs(reference, 5.576e6, 1.0, Some(2.0))).await;
    close(trend.q, "0.6725");
    close(trend.q_low, "0.4484");
    close(trend.q_high, "1.121");
    assert_eq!(trend.verdict(), Verdict::Behind);
    assert_eq!(trend.verdict_at_worst(), Verdict::Behind);
    assert_eq!(trend.verdict_at_best(), Verdict::OnTrend);
    assert_eq!(trend.q_low_with_dates, None, "no date range is known");
}

#[tokio::test]
async fn example_6_accelerator_hours_times_their_price_is_the_training_cost() {
    let mut server = Server::start().await;
    server.model("deepseek/v3", "2024-12-26").await;
    let statement = TrainingCost {
        accelerator: "H800".to_owned(),
        accelerator_hours: Some(2_664e3 + 119e3 + 5e3),
        usd_per_hour: Some(2.0),
        ..TrainingCost::default()
    };
    let request = PutClaimRequest {
        claim: Some(Claim {
            model: "deepseek/v3".to_owned(),
            claimant: "DeepSeek".to_owned(),
            statement: Some(Statement::TrainingCost(statement)),
            ..Claim::default()
        }),
        ..PutClaimRequest::default()
    };
    let claim = server.client.put_claim(request).await.expect("accepted");
    let claim = claim.claim.expect("a claim");
    assert!(claim.counting);
    let Some(Statement::TrainingCost(cost)) = claim.statement else {
        panic!("not a training cost: {claim:?}");
    };
    assert_eq!(cost.cost.expect("computed").central_usd, Some(5.576e6));
    let trend = server
        .client
        .assess_trend(AssessTrendRequest {
            subject: Some(TrendSide {
                model: "deepseek/v3".to_owned(),
                ..TrendSide::default()
            }),
            ..costs(usd(30e6), 1.0, 1.0, Some(2.0))
        })
        .await;
    close(trend.expect("assessed").trend.expect("a trend").q, "0.6725");
    server.stop().await;
}

#[tokio::test]
async fn example_7_a_thousand_times_in_three_years_is_ten_times_a_year() {
    let request = AssessTrendRequest {
        curve: Some(falling_by(10.0)),
        ..costs(usd(60.0), 0.06, 3.0, None)
    };
    let trend = assess(request).await;
    close(trend.observed_reduction, "1000");
    close(trend.annualised, "10.00");
    close(trend.q, "1.000");
    close(trend.halving_months, "3.612");
}

#[tokio::test]
async fn example_8_ten_times_in_fifteen_months_is_annualised() {
    let trend = assess(AssessTrendRequest {
        observed_reduction: Some(10.0),
        elapsed_years: Some(years(15.0 / 12.0)),
        ..AssessTrendRequest::default()
    })
    .await;
    close(trend.annualised, "6.310");
}

/// Date, blended list price, score.
const RECORD_LOWS: [(&str, f64, f64); 5] = [
    ("2023-03-14", 37.5, 86.0),
    ("2023-11-06", 15.0, 87.0),
    ("2024-05-13", 7.5, 87.0),
    ("2024-05-23", 2.19, 86.0),
    ("2025-02-05", 0.175, 88.0),
];

fn check_price_to_reach(lows: &PriceToReach) {
    assert!(lows.sufficient, "{}", lows.missing);
    assert_eq!(lows.points, 5);
    assert_eq!(lows.threshold, 86.0);
    close(lows.annual_factor, "15.86");
    close(lows.annual_factor_low, "4.086");
    close(lows.annual_factor_high, "61.54");
    close(lows.r_squared, "0.8846");
    let dates: Vec<&str> = lows.record_lows.iter().map(|p| p.date.as_str()).collect();
    assert_eq!(dates, RECORD_LOWS.map(|(date, _, _)| date));
}

fn from_86(board: &str) -> GetTrendRequest {
    GetTrendRequest {
        board: board.to_owned(),
        cost_basis: CostBasis::TokenPrice.into(),
        threshold: Some(86.0),
        ..GetTrendRequest::default()
    }
}

#[tokio::test]
async fn example_9_record_low_list_prices_give_the_published_rate() {
    let mut server = Server::start().await;
    server.benchmark("mmlu").await;
    for (index, (date, price, score)) in RECORD_LOWS.into_iter().enumerate() {
        let model = format!("maker/m{index}");
        server.model(&model, date).await;
        let request = PutPriceRequest {
            price: Some(Price {
                model: model.clone(),
                effective_date: date.to_owned(),
                input_usd_per_mtok: Some(price),
                output_usd_per_mtok: Some(price),
                ..Price::default()
            }),
            ..PutPriceRequest::default()
        };
        server.client.put_price(request).await.expect("accepted");
        server.submit(result("mmlu", &model, score)).await;
    }
    // Dearer than a record, below the threshold: neither is a record low.
    for (model, price, score) in [("maker/dear", 20.0, 90.0), ("maker/weak", 0.01, 80.0)] {
        server.model(model, "2024-01-01").await;
        server.price(model, "2024-01-01", price, price).await;
        server.submit(result("mmlu", model, score)).await;
    }
    let answer = server.client.get_trend(from_86("mmlu")).await;
    let answer = answer.expect("a trend");
    check_price_to_reach(
        answer
            .price_to_reach
            .as_ref()
            .expect("a threshold is given"),
    );
    server.stop().await;
}

#[tokio::test]
async fn example_9_is_a_board_of_the_demo() {
    let mut server = Server::demo().await;
    let answer = server.client.get_trend(from_86("mmlu-price-history")).await;
    let answer = answer.expect("a trend");
    check_price_to_reach(
        answer
            .price_to_reach
            .as_ref()
            .expect("a threshold is given"),
    );
    server.stop().await;
}

/// Date, score in percent, cost.
const FITTED: [(&str, f64, f64); 8] = [
    ("2023-01-01", 30.0, 40.0),
    ("2023-04-01", 45.0, 60.0),
    ("2023-07-01", 35.0, 20.0),
    ("2023-10-01", 55.0, 30.0),
    ("2024-01-01", 40.0, 8.0),
    ("2024-04-01", 60.0, 12.0),
    ("2024-07-01", 50.0, 4.0),
    ("2024-10-01", 70.0, 9.0),
];
const SUBJECT: (&str, f64, f64) = ("2025-01-01", 60.0, 1.5);

fn check_fit(fit: &FittedTrend) {
    assert_eq!((fit.points, fit.models, fit.clipped_points), (8, 8, 0));
    close(fit.annual_factor, "9.869");
    close(fit.annual_factor_low, "7.963");
    close(fit.annual_factor_high, "12.23");
    close(fit.score_coefficient, "1.387");
    close(fit.residual_sd, "0.1033");
    close(fit.r_squared, "0.9909");
    close(fit.expected_usd, "2.405");
    close(fit.expected_low_usd, "1.825");
    close(fit.expected_high_usd, "3.170");
    close(fit.q, "1.603");
    assert_eq!(fit.verdict(), Verdict::Ahead);
    assert!(fit.extrapolated, "the subject is later than all points");
    assert!(!fit.method.is_empty());
}

#[tokio::test]
async fn example_10_run_costs_are_fitted_and_the_subject_is_ahead() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    for (index, (date, score, cost)) in FITTED.into_iter().enumerate() {
        let mut point = result("exam", &format!("maker/m{index}"), score);
        date.clone_into(&mut point.observed_date);
        point.run_cost = Some(usd(cost * 100.0));
        point.task_count = Some(100);
        server.submit(point).await;
    }
    let mut subject = result("exam", "maker/subject", SUBJECT.1);
    SUBJECT.0.clone_into(&mut subject.observed_date);
    subject.run_cost = Some(usd(SUBJECT.2 * 100.0));
    subject.task_count = Some(100);
    let submitted = server.submit(subject).await;
    let at_submission = submitted.fitted_trend.expect("a fit");
    check_fit(&at_submission);
    let request = GetTrendRequest {
        board: "exam".to_owned(),
        model: "maker/subject".to_owned(),
        ..GetTrendRequest::default()
    };
    let answer = server.client.get_trend(request).await.expect("a trend");
    assert_eq!(answer.cost_basis(), CostBasis::Task);
    assert_eq!(answer.fitted.as_ref(), Some(&at_submission));
    assert!(!answer.curve.is_empty());
    assert_eq!(
        answer.points.len(),
        9,
        "the subject is drawn, though not fitted"
    );
    server.stop().await;
}

#[tokio::test]
async fn example_10_holds_for_list_prices_too() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let all = FITTED.into_iter().chain([SUBJECT]).enumerate();
    for (index, (date, score, cost)) in all {
        let model = format!("maker/m{index}");
        server
            .put_model(Model {
                id: model.clone(),
                release_date: Some(date.to_owned()),
                ..Model::default()
            })
            .await;
        server.price(&model, date, cost, cost).await;
        server.submit(result("exam", &model, score)).await;
    }
    let request = GetTrendRequest {
        board: "exam".to_owned(),
        model: "maker/m8".to_owned(),
        ..GetTrendRequest::default()
    };
    let answer = server.client.get_trend(request).await.expect("a trend");
    assert_eq!(answer.cost_basis(), CostBasis::TokenPrice);
    check_fit(answer.fitted.as_ref().expect("a fit"));
    server.stop().await;
}
