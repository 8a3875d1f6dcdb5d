//! Questions that are refused.

use frontierd::proto::v1::{
    AsOf, AssessTrendRequest, Benchmark, CompareModelsRequest, CostBasis, DeclaredCurve,
    GetLeaderboardRequest, GetModelRequest, GetStandingRequest, GetTrendRequest,
    ListBenchmarksRequest, ListModelsRequest, ListResultsRequest, Order, RowFilter, TrendSide,
    YearsRange,
};
use tonic::{Code, Status};

use super::{Expected, check, server};
use crate::support::{Server, result, usd};

const INVALID: Code = Code::InvalidArgument;

async fn refused(request: GetLeaderboardRequest) -> Status {
    let server = server().await;
    let answer = server.leaderboard().get_leaderboard(request).await;
    server.stop().await;
    answer.expect_err("refused")
}

fn board(name: &str) -> GetLeaderboardRequest {
    GetLeaderboardRequest {
        board: name.to_owned(),
        ..GetLeaderboardRequest::default()
    }
}

#[tokio::test]
async fn an_unknown_board_is_refused_with_look_alikes() {
    let expected = (Code::NotFound, "UNKNOWN_BENCHMARK", "board", "`exam`");
    check(&refused(board("exma")).await, expected);
}

#[tokio::test]
async fn an_unknown_suite_is_refused() {
    let expected = (Code::NotFound, "UNKNOWN_BOARD", "board", "`suite/none`");
    check(&refused(board("suite/none")).await, expected);
}

#[tokio::test]
async fn no_board_is_refused() {
    check(
        &refused(board("")).await,
        (INVALID, "FIELD_REQUIRED", "board", "`overall`"),
    );
}

#[tokio::test]
async fn an_overall_board_has_no_order_by_value() {
    for order in [Order::Value, Order::Conformance] {
        let request = GetLeaderboardRequest {
            order: order.into(),
            ..board("overall")
        };
        check(
            &refused(request).await,
            (INVALID, "NOT_ON_THIS_BOARD", "order", "overall"),
        );
    }
}

#[tokio::test]
async fn an_overall_board_has_no_cost_per_task() {
    let request = GetLeaderboardRequest {
        cost_basis: CostBasis::Task.into(),
        ..board("overall")
    };
    check(
        &refused(request).await,
        (INVALID, "NOT_ON_THIS_BOARD", "cost_basis", "cost per task"),
    );
}

#[tokio::test]
async fn an_overall_standing_has_no_cost_per_task() {
    let server = server().await;
    let request = GetStandingRequest {
        board: "overall".to_owned(),
        model: "maker/known".to_owned(),
        cost_basis: CostBasis::Task.into(),
        ..GetStandingRequest::default()
    };
    let status = server.leaderboard().get_standing(request).await;
    let expected = (INVALID, "NOT_ON_THIS_BOARD", "cost_basis", "cost per task");
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

#[tokio::test]
async fn an_overall_board_has_no_trend() {
    let server = server().await;
    let request = GetTrendRequest {
        board: "overall".to_owned(),
        ..GetTrendRequest::default()
    };
    let status = server.trend().get_trend(request).await;
    let expected = (INVALID, "NOT_ON_THIS_BOARD", "board", "overall");
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

#[tokio::test]
async fn a_number_that_is_no_order_is_refused() {
    let request = GetLeaderboardRequest {
        order: 99,
        ..board("exam")
    };
    check(
        &refused(request).await,
        (INVALID, "FIELD_MALFORMED", "order", "99"),
    );
}

#[tokio::test]
async fn a_page_that_is_too_large_is_refused() {
    let request = GetLeaderboardRequest {
        page_size: 1_001,
        ..board("exam")
    };
    check(
        &refused(request).await,
        (INVALID, "OUT_OF_RANGE", "page_size", "`1001`"),
    );
}

#[tokio::test]
async fn a_revision_beyond_head_is_refused() {
    let as_of = Some(AsOf {
        revision: Some(1_000),
        ..AsOf::default()
    });
    let request = GetLeaderboardRequest {
        as_of,
        ..board("exam")
    };
    let expected = (
        Code::OutOfRange,
        "REVISION_IN_FUTURE",
        "as_of.revision",
        "head `2`",
    );
    check(&refused(request).await, expected);
}

#[tokio::test]
async fn a_malformed_day_of_the_past_is_refused() {
    let request = GetLeaderboardRequest {
        as_of: Some(AsOf {
            date: "yesterday".to_owned(),
            ..AsOf::default()
        }),
        ..board("exam")
    };
    check(
        &refused(request).await,
        (INVALID, "DATE_MALFORMED", "as_of.date", "`yesterday`"),
    );
}

#[tokio::test]
async fn a_page_token_that_is_garbage_is_refused() {
    let request = GetLeaderboardRequest {
        page_token: "garbage".to_owned(),
        ..board("exam")
    };
    let expected = (INVALID, "PAGE_TOKEN_INVALID", "page_token", "start without");
    check(&refused(request).await, expected);
}

/// A board of two rows, and the token of its second page.
async fn paged() -> (Server, String) {
    let mut server = server().await;
    server.submit(result("exam", "maker/other", 40.0)).await;
    let page = server
        .listing(GetLeaderboardRequest {
            page_size: 1,
            ..board("exam")
        })
        .await;
    assert!(!page.next_page_token.is_empty());
    (server, page.next_page_token)
}

#[tokio::test]
async fn a_page_token_of_another_query_is_refused() {
    let (server, page_token) = paged().await;
    let expected = (
        INVALID,
        "PAGE_TOKEN_INVALID",
        "page_token",
        "not of this query",
    );
    let other = GetLeaderboardRequest {
        page_token: page_token.clone(),
        row_filter: Some(RowFilter {
            open_weights: Some(true),
            ..RowFilter::default()
        }),
        ..board("exam")
    };
    let status = server.leaderboard().get_leaderboard(other).await;
    check(&status.expect_err("refused"), expected);
    let other = ListResultsRequest {
        benchmark: "exam".to_owned(),
        page_token: page_token.clone(),
        ..ListResultsRequest::default()
    };
    let status = server.leaderboard().list_results(other).await;
    check(&status.expect_err("refused"), expected);
    let other = ListBenchmarksRequest {
        page_token: page_token.clone(),
        ..ListBenchmarksRequest::default()
    };
    let status = server.catalog().list_benchmarks(other).await;
    check(&status.expect_err("refused"), expected);
    let other = ListModelsRequest {
        page_token,
        ..ListModelsRequest::default()
    };
    let status = server.catalog().list_models(other).await;
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

#[tokio::test]
async fn a_page_token_expires_after_an_hour() {
    let (mut server, page_token) = paged().await;
    let request = GetLeaderboardRequest {
        page_token,
        page_size: 1,
        ..board("exam")
    };
    server.pass_minutes(59);
    assert_eq!(server.listing(request.clone()).await.rows.len(), 1);
    server.pass_minutes(2);
    let status = server.leaderboard().get_leaderboard(request).await;
    let expected = (
        Code::OutOfRange,
        "PAGE_TOKEN_EXPIRED",
        "page_token",
        "start again",
    );
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

#[tokio::test]
async fn results_of_everything_are_refused() {
    let server = server().await;
    let status = server
        .leaderboard()
        .list_results(ListResultsRequest::default())
        .await;
    let expected = (INVALID, "FIELD_REQUIRED", "benchmark", "name one");
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_model_is_refused_with_look_alikes() {
    let server = server().await;
    let expected = |field| (Code::NotFound, "UNKNOWN_MODEL", field, "`maker/known`");
    let request = GetModelRequest {
        id: "maker/knows".to_owned(),
    };
    let status = server.catalog().get_model(request).await;
    check(&status.expect_err("refused"), expected("id"));
    let request = CompareModelsRequest {
        a: "maker/known".to_owned(),
        b: "maker/knows".to_owned(),
        ..CompareModelsRequest::default()
    };
    let status = server.leaderboard().compare_models(request).await;
    check(&status.expect_err("refused"), expected("b"));
    server.stop().await;
}

#[tokio::test]
async fn a_model_that_does_not_stand_has_no_standing() {
    let mut server = server().await;
    server.benchmark("quiz").await;
    let request = GetStandingRequest {
        board: "quiz".to_owned(),
        model: "maker/known".to_owned(),
        ..GetStandingRequest::default()
    };
    let status = server.leaderboard().get_standing(request).await;
    let expected = (Code::NotFound, "NO_STANDING", "model", "`quiz`");
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

async fn assessment_refused(request: AssessTrendRequest, expected: Expected) {
    let server = server().await;
    let status = server.trend().assess_trend(request).await;
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}

fn given(cost: f64, date: &str) -> TrendSide {
    TrendSide {
        cost: Some(usd(cost)),
        date: date.to_owned(),
        ..TrendSide::default()
    }
}

#[tokio::test]
async fn no_time_elapsed_is_refused() {
    let request = AssessTrendRequest {
        observed_reduction: Some(8.0),
        elapsed_years: Some(YearsRange::default()),
        ..AssessTrendRequest::default()
    };
    let field = "elapsed_years.central";
    assessment_refused(request, (INVALID, "ELAPSED_NOT_POSITIVE", field, "`0`")).await;
}

#[tokio::test]
async fn a_reference_later_than_the_subject_is_refused() {
    let request = AssessTrendRequest {
        subject: Some(given(1.0, "2024-01-01")),
        reference: Some(given(8.0, "2025-01-01")),
        ..AssessTrendRequest::default()
    };
    let expected = (
        INVALID,
        "ELAPSED_NOT_POSITIVE",
        "elapsed_years",
        "swap the sides",
    );
    assessment_refused(request, expected).await;
}

#[tokio::test]
async fn an_assessment_without_a_date_is_refused() {
    let request = AssessTrendRequest {
        subject: Some(given(1.0, "2024-01-01")),
        reference: Some(given(8.0, "")),
        ..AssessTrendRequest::default()
    };
    let expected = (
        Code::FailedPrecondition,
        "FIGURE_MISSING",
        "reference.date",
        "elapsed_years",
    );
    assessment_refused(request, expected).await;
}

#[tokio::test]
async fn an_assessment_of_a_model_without_a_cost_is_refused() {
    let request = AssessTrendRequest {
        subject: Some(TrendSide {
            model: "maker/known".to_owned(),
            date: "2025-01-01".to_owned(),
            ..TrendSide::default()
        }),
        reference: Some(given(8.0, "2024-01-01")),
        ..AssessTrendRequest::default()
    };
    let expected = (
        Code::FailedPrecondition,
        "FIGURE_MISSING",
        "subject.cost",
        "record a claim",
    );
    assessment_refused(request, expected).await;
}

#[tokio::test]
async fn a_gap_of_zero_is_refused() {
    let request = AssessTrendRequest {
        observed_reduction: Some(8.0),
        gap: Some(0.0),
        ..AssessTrendRequest::default()
    };
    assessment_refused(request, (INVALID, "OUT_OF_RANGE", "gap", "`0`")).await;
}

#[tokio::test]
async fn a_factor_outside_the_benchmarks_range_is_refused() {
    let mut server = server().await;
    let curve = |factor, high| {
        Some(DeclaredCurve {
            annual_factor: factor,
            annual_factor_high: high,
            ..DeclaredCurve::default()
        })
    };
    let exam = Benchmark {
        trend: curve(Some(4.0), Some(5.0)),
        ..super::exam()
    };
    server.put_benchmark(exam).await;
    let expected = (INVALID, "OUT_OF_RANGE", "curve.annual_factor", "`5`");
    let request = AssessTrendRequest {
        observed_reduction: Some(8.0),
        benchmark: "exam".to_owned(),
        elapsed_years: Some(YearsRange {
            central: 1.0,
            ..YearsRange::default()
        }),
        curve: curve(Some(10.0), None),
        ..AssessTrendRequest::default()
    };
    let status = server.trend().assess_trend(request).await;
    check(&status.expect_err("refused"), expected);
    let request = GetTrendRequest {
        board: "exam".to_owned(),
        curve: curve(Some(10.0), None),
        ..GetTrendRequest::default()
    };
    let status = server.trend().get_trend(request).await;
    check(&status.expect_err("refused"), expected);
    server.stop().await;
}
