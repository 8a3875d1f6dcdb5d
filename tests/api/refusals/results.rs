//! Results that are refused, as a call, as a preview, and as an item of a stream.

use frontierd::proto::v1::{
    CostKind, CostRange, Result, ScoreInterval, SubmitResultRequest, SubmitResultsRequest,
    TokenUsage, submit_results_response::Outcome,
};
use tonic::Code;

use super::{Expected, check, server};
use crate::support::{Server, result, usd};

const INVALID: Code = Code::InvalidArgument;

/// Submits `bad` in every way there is; each says the same, and nothing is written.
async fn refused(bad: Result, expected: Expected) {
    refused_by(server().await, bad, expected).await;
}

async fn refused_by(server: Server, bad: Result, expected: Expected) {
    let head = server.head().await;
    for validate_only in [false, true] {
        let request = SubmitResultRequest {
            result: Some(bad.clone()),
            validate_only,
            ..SubmitResultRequest::default()
        };
        let status = server.leaderboard().submit_result(request).await;
        check(&status.expect_err("refused"), expected);
    }
    let item = SubmitResultsRequest {
        result: Some(bad),
        ..SubmitResultsRequest::default()
    };
    let answers = server
        .leaderboard()
        .submit_results(tokio_stream::iter([item]))
        .await;
    let answer = answers.expect("a stream").into_inner().message().await;
    let Some(Outcome::Refused(item)) = answer.expect("an answer").and_then(|a| a.outcome) else {
        panic!("the item is not refused");
    };
    let (code, reason, field, says) = expected;
    assert_eq!(
        (Code::from_i32(item.code), item.reason.as_str()),
        (code, reason)
    );
    assert_eq!(item.field, field);
    assert!(item.message.contains(says), "{}", item.message);
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

fn good() -> Result {
    result("exam", "maker/known", 60.0)
}

fn scoring(score: f64) -> Result {
    result("exam", "maker/known", score)
}

fn costing(central: f64) -> Result {
    Result {
        run_cost: Some(usd(central)),
        task_count: Some(10),
        ..good()
    }
}

fn observed(date: &str) -> Result {
    Result {
        observed_date: date.to_owned(),
        ..good()
    }
}

#[tokio::test]
async fn an_unknown_benchmark_is_refused_with_look_alikes() {
    let says = "did you mean `exam`?";
    let expected = (
        Code::NotFound,
        "UNKNOWN_BENCHMARK",
        "result.benchmark",
        says,
    );
    refused(result("exams", "maker/known", 1.0), expected).await;
}

#[tokio::test]
async fn an_unknown_benchmark_like_no_other_is_refused_with_the_way_to_create_it() {
    let expected = (
        Code::NotFound,
        "UNKNOWN_BENCHMARK",
        "result.benchmark",
        "PutBenchmark",
    );
    refused(result("zzz", "maker/known", 1.0), expected).await;
}

#[tokio::test]
async fn a_benchmark_written_in_capitals_is_refused_with_its_id() {
    let says = "did you mean `exam`?";
    let expected = (
        Code::NotFound,
        "UNKNOWN_BENCHMARK",
        "result.benchmark",
        says,
    );
    refused(result("Exam", "maker/known", 1.0), expected).await;
}

#[tokio::test]
async fn a_cost_of_zero_is_refused_because_a_missing_cost_is_not_zero() {
    let says = "leave cost unset if it is unknown";
    let field = "result.run_cost.central_usd";
    refused(costing(0.0), (INVALID, "COST_NOT_POSITIVE", field, says)).await;
}

#[tokio::test]
async fn a_negative_cost_is_refused() {
    let field = "result.run_cost.central_usd";
    refused(
        costing(-1.5),
        (INVALID, "COST_NOT_POSITIVE", field, "`-1.5`"),
    )
    .await;
}

#[tokio::test]
async fn a_cost_that_is_not_a_number_is_refused() {
    let field = "result.run_cost.central_usd";
    refused(costing(f64::NAN), (INVALID, "NOT_FINITE", field, "NaN")).await;
}

#[tokio::test]
async fn costs_out_of_order_are_refused() {
    let mut bad = costing(5.0);
    bad.run_cost = Some(CostRange {
        low_usd: Some(6.0),
        ..usd(5.0)
    });
    let field = "result.run_cost.central_usd";
    refused(
        bad,
        (INVALID, "FIELD_CONFLICT", field, "low <= central <= high"),
    )
    .await;
}

#[tokio::test]
async fn a_derived_cost_is_the_daemons_alone_to_give() {
    let mut bad = costing(5.0);
    bad.run_cost = Some(CostRange {
        kind: CostKind::Derived.into(),
        ..usd(5.0)
    });
    refused(
        bad,
        (
            INVALID,
            "FIELD_MALFORMED",
            "result.run_cost.kind",
            "DERIVED",
        ),
    )
    .await;
}

#[tokio::test]
async fn usage_of_no_tokens_is_refused() {
    let bad = Result {
        tokens: Some(TokenUsage::default()),
        ..good()
    };
    refused(
        bad,
        (
            INVALID,
            "COST_NOT_POSITIVE",
            "result.tokens",
            "leave it unset",
        ),
    )
    .await;
}

#[tokio::test]
async fn a_missing_score_is_refused() {
    let bad = Result {
        score: None,
        ..good()
    };
    refused(bad, (INVALID, "FIELD_REQUIRED", "result.score", "missing")).await;
}

#[tokio::test]
async fn a_score_that_is_not_a_number_is_refused() {
    refused(
        scoring(f64::NAN),
        (INVALID, "NOT_FINITE", "result.score", "`NaN`"),
    )
    .await;
}

#[tokio::test]
async fn an_infinite_score_is_refused() {
    refused(
        scoring(f64::INFINITY),
        (INVALID, "NOT_FINITE", "result.score", "`inf`"),
    )
    .await;
}

#[tokio::test]
async fn a_score_above_the_maximum_is_refused() {
    let expected = (
        INVALID,
        "SCORE_OUT_OF_RANGE",
        "result.score",
        "`100.5` is outside 0 .. 100",
    );
    refused(scoring(100.5), expected).await;
}

#[tokio::test]
async fn a_score_below_the_minimum_is_refused() {
    let expected = (INVALID, "SCORE_OUT_OF_RANGE", "result.score", "`-1`");
    refused(scoring(-1.0), expected).await;
}

#[tokio::test]
async fn a_percent_score_said_to_be_a_fraction_is_refused() {
    let bad = Result {
        unit: "FRACTION".to_owned(),
        ..scoring(60.0)
    };
    refused(bad, (INVALID, "SCORE_OUT_OF_RANGE", "result.score", "`60`")).await;
}

#[tokio::test]
async fn a_unit_that_does_not_convert_is_refused() {
    let bad = Result {
        unit: "SECONDS".to_owned(),
        ..good()
    };
    refused(
        bad,
        (
            INVALID,
            "UNIT_MISMATCH",
            "result.unit",
            "`SECONDS` does not convert",
        ),
    )
    .await;
}

#[tokio::test]
async fn an_interval_that_does_not_hold_the_score_is_refused() {
    let bad = Result {
        interval: Some(ScoreInterval {
            low: 61.0,
            high: 65.0,
            ..ScoreInterval::default()
        }),
        ..good()
    };
    refused(
        bad,
        (
            INVALID,
            "FIELD_CONFLICT",
            "result.interval",
            "low <= score <= high",
        ),
    )
    .await;
}

#[tokio::test]
async fn a_date_ahead_by_more_than_a_day_is_refused() {
    let expected = (
        INVALID,
        "DATE_IN_FUTURE",
        "result.observed_date",
        "up to `2025-03-02`",
    );
    refused(observed("2025-03-03"), expected).await;
}

#[tokio::test]
async fn a_date_that_does_not_exist_is_refused() {
    let expected = (
        INVALID,
        "DATE_MALFORMED",
        "result.observed_date",
        "`2025-02-29`",
    );
    refused(observed("2025-02-29"), expected).await;
}

#[tokio::test]
async fn a_date_of_another_form_is_refused() {
    let expected = (
        INVALID,
        "DATE_MALFORMED",
        "result.observed_date",
        "`29.2.2024`",
    );
    refused(observed("29.2.2024"), expected).await;
}

#[tokio::test]
async fn a_malformed_model_id_is_refused() {
    let bad = result("exam", "No Vendor", 1.0);
    refused(
        bad,
        (INVALID, "ID_MALFORMED", "result.model", "`No Vendor`"),
    )
    .await;
}

#[tokio::test]
async fn an_empty_model_is_refused() {
    let bad = result("exam", "", 1.0);
    refused(bad, (INVALID, "FIELD_REQUIRED", "result.model", "empty")).await;
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_with_both_lengths() {
    let bad = Result {
        evaluator: "e".repeat(129),
        ..good()
    };
    let says = "has `129` bytes: at most `128`";
    refused(bad, (INVALID, "FIELD_TOO_LONG", "result.evaluator", says)).await;
}

#[tokio::test]
async fn too_many_labels_are_refused() {
    let labels = (0..9).map(|n| (n.to_string(), String::new()));
    let bad = Result {
        labels: labels.collect(),
        ..good()
    };
    refused(bad, (INVALID, "FIELD_TOO_LONG", "result.labels", "`9`")).await;
}

#[tokio::test]
async fn control_characters_are_refused() {
    let bad = Result {
        harness: "a\u{1b}[2Jb".to_owned(),
        ..good()
    };
    refused(
        bad,
        (
            INVALID,
            "FIELD_MALFORMED",
            "result.harness",
            "control characters",
        ),
    )
    .await;
}

#[tokio::test]
async fn a_task_count_of_zero_is_refused() {
    let bad = Result {
        task_count: Some(0),
        ..good()
    };
    refused(bad, (INVALID, "OUT_OF_RANGE", "result.task_count", "`0`")).await;
}

#[tokio::test]
async fn a_number_that_is_no_relationship_is_refused() {
    let bad = Result {
        relationship: 77,
        ..good()
    };
    refused(
        bad,
        (INVALID, "FIELD_MALFORMED", "result.relationship", "77"),
    )
    .await;
}

#[tokio::test]
async fn a_strict_daemon_refuses_an_unknown_model_with_look_alikes() {
    let mut server = Server::start_with(|config| config.strict_models = true).await;
    server.benchmark("exam").await;
    server.model("maker/known", "2024-01-01").await;
    let says = "did you mean `maker/known`?";
    let expected = (Code::NotFound, "UNKNOWN_MODEL", "result.model", says);
    refused_by(server, result("exam", "maker/know", 1.0), expected).await;
}

#[tokio::test]
async fn a_submitter_may_ask_for_strictness() {
    let server = server().await;
    let head = server.head().await;
    let request = SubmitResultRequest {
        result: Some(result("exam", "maker/know", 1.0)),
        require_known_model: true,
        ..SubmitResultRequest::default()
    };
    let status = server.leaderboard().submit_result(request).await;
    let expected = (
        Code::NotFound,
        "UNKNOWN_MODEL",
        "result.model",
        "`maker/known`",
    );
    check(&status.expect_err("refused"), expected);
    assert_eq!(server.head().await, head);
    server.stop().await;
}
