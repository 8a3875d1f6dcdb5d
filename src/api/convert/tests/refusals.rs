//! What results and queries are refused for.

use super::super::*;
use super::{at, context, refused, result, submit};
use crate::board::query::{Detail, Order};
use crate::model::{Change, Date, Reason, ResultDraft};
use crate::proto::v1;

/// Submits a result with one change and answers reason and field of the refusal.
fn with(change: impl FnOnce(&mut v1::Result)) -> (Reason, String) {
    let mut message = result();
    change(&mut message);
    refused(submit(message))
}

fn cost(low: Option<f64>, central: Option<f64>, high: Option<f64>) -> v1::CostRange {
    v1::CostRange {
        low_usd: low,
        central_usd: central,
        high_usd: high,
        kind: 0,
    }
}

#[test]
fn a_result_needs_benchmark_model_and_score() {
    let missing = submit_result(v1::SubmitResultRequest::default(), &context());
    assert_eq!(refused(missing), at(Reason::FieldRequired, "result"));
    assert_eq!(
        with(|r| r.benchmark.clear()),
        at(Reason::FieldRequired, "result.benchmark")
    );
    assert_eq!(
        with(|r| r.model.clear()),
        at(Reason::FieldRequired, "result.model")
    );
    assert_eq!(
        with(|r| r.score = None),
        at(Reason::FieldRequired, "result.score")
    );
}

#[test]
fn numbers_of_a_result_are_checked() {
    assert_eq!(
        with(|r| r.score = Some(f64::NAN)),
        at(Reason::NotFinite, "result.score")
    );
    assert_eq!(
        with(|r| r.score = Some(1e16)),
        at(Reason::OutOfRange, "result.score")
    );
    assert_eq!(
        with(|r| r.run_cost = Some(cost(None, Some(0.0), None))),
        at(Reason::CostNotPositive, "result.run_cost.central_usd")
    );
    assert_eq!(
        with(|r| r.run_cost = Some(cost(Some(2.0), Some(1.0), None))),
        at(Reason::FieldConflict, "result.run_cost.central_usd")
    );
    assert_eq!(
        with(|r| r.run_cost = Some(cost(None, None, None))),
        at(Reason::FieldRequired, "result.run_cost.central_usd")
    );
    assert_eq!(
        with(|r| r.standard_error = Some(-1.0)),
        at(Reason::OutOfRange, "result.standard_error")
    );
    assert_eq!(
        with(|r| r.sample_count = Some(0)),
        at(Reason::OutOfRange, "result.sample_count")
    );
    assert_eq!(
        with(|r| r.task_count = Some(0)),
        at(Reason::OutOfRange, "result.task_count")
    );
    assert_eq!(
        with(|r| r.repeats = Some(0)),
        at(Reason::OutOfRange, "result.repeats")
    );
    assert_eq!(
        with(|r| r.tokens = Some(v1::TokenUsage {
            input_tokens: -1,
            ..Default::default()
        })),
        at(Reason::OutOfRange, "result.tokens.input_tokens")
    );
    let interval = v1::ScoreInterval {
        low: 60.0,
        high: 70.0,
        ..Default::default()
    };
    assert_eq!(
        with(|r| r.interval = Some(interval)),
        at(Reason::FieldConflict, "result.interval")
    );
}

#[test]
fn dates_and_texts_of_a_result_are_checked() {
    assert_eq!(
        with(|r| r.observed_date = "2025-02-02".into()),
        at(Reason::DateInFuture, "result.observed_date")
    );
    assert_eq!(
        with(|r| r.observed_date = "soon".into()),
        at(Reason::DateMalformed, "result.observed_date")
    );
    assert_eq!(
        with(|r| r.harness = "h".repeat(65)),
        at(Reason::FieldTooLong, "result.harness")
    );
    assert_eq!(
        with(|r| r.evaluator = "a\0".into()),
        at(Reason::FieldMalformed, "result.evaluator")
    );
    assert_eq!(
        with(|r| r.relationship = 9),
        at(Reason::FieldMalformed, "result.relationship")
    );
    assert_eq!(
        with(|r| r.unit = "u".repeat(33)),
        at(Reason::FieldTooLong, "result.unit")
    );
    assert_eq!(
        with(|r| {
            r.labels.insert(String::new(), String::new());
        }),
        at(Reason::FieldRequired, "result.labels")
    );
}

fn submitted(message: v1::Result) -> ResultDraft {
    match submit(message).expect("well formed").change {
        Change::SubmitResult(draft) => *draft,
        other => panic!("not a result: {other:?}"),
    }
}

#[test]
fn a_result_has_defaults() {
    let draft = submitted(result());
    assert_eq!(draft.observed, context().today);
    assert_eq!(&*draft.evaluator, "alice");
    assert_eq!(
        (draft.unit, draft.run_cost, draft.tokens),
        (None, None, None)
    );
}

#[test]
fn a_request_id_stands_for_its_content_alone() {
    let key = |message| submit_result(message, &context()).map(|s| s.draft.request);
    let message = v1::SubmitResultRequest {
        result: Some(result()),
        request_id: "nightly-7".to_owned(),
        ..Default::default()
    };
    let first = key(message.clone()).expect("a key");
    assert!(first.is_some());
    let shaped = v1::SubmitResultRequest {
        validate_only: true,
        cost_basis: 1,
        ..message.clone()
    };
    assert_eq!(key(shaped), Ok(first));
    let item = v1::SubmitResultsRequest {
        result: message.result.clone(),
        request_id: message.request_id.clone(),
        answer_detail: 1,
        ..Default::default()
    };
    let item = submit_results(item, &context()).expect("an item");
    assert_eq!(item.draft.request, first);
    assert_eq!(item.detail, AnswerDetail::Brief);

    let mut other = message.clone();
    other.result = Some(v1::Result {
        score: Some(1.0),
        ..result()
    });
    let other = key(other).expect("a key").zip(first);
    assert!(other.is_some_and(|(a, b)| a.scope == b.scope && a.content != b.content));

    let long = v1::SubmitResultRequest {
        request_id: "x".repeat(65),
        ..message
    };
    assert_eq!(refused(key(long)), at(Reason::FieldTooLong, "request_id"));
}

#[test]
fn a_status_change_says_what_and_why() {
    let message = v1::SetResultStatusRequest {
        revision: 7,
        status: 2,
        reason: "contaminated".to_owned(),
        request_id: String::new(),
    };
    let set = |change: &dyn Fn(&mut v1::SetResultStatusRequest)| {
        let mut message = message.clone();
        change(&mut message);
        set_result_status(message, &context())
    };
    assert!(set(&|_| ()).is_ok());
    assert_eq!(
        refused(set(&|m| m.revision = 0)),
        at(Reason::FieldRequired, "revision")
    );
    assert_eq!(
        refused(set(&|m| m.status = 0)),
        at(Reason::FieldRequired, "status")
    );
    assert_eq!(
        refused(set(&|m| m.status = 4)),
        at(Reason::FieldMalformed, "status")
    );
    assert_eq!(
        refused(set(&|m| m.reason.clear())),
        at(Reason::FieldRequired, "reason")
    );

    let nothing = v1::SetClaimStatusRequest {
        revision: 7,
        reason: "x".into(),
        ..Default::default()
    };
    assert_eq!(
        refused(set_claim_status(nothing, &context())),
        at(Reason::FieldRequired, "status")
    );
}

#[test]
fn a_listing_is_read_with_its_defaults() {
    let ask = get_leaderboard(v1::GetLeaderboardRequest {
        board: "suite/math".into(),
        cheapest: true,
        as_of: Some(v1::AsOf {
            revision: None,
            date: "2025-01-01".into(),
        }),
        row_filter: Some(v1::RowFilter {
            organizations: vec!["OpenAI".into(), "openai".into()],
            ..Default::default()
        }),
        ..Default::default()
    });
    let ask = ask.expect("well formed");
    assert_eq!(
        (ask.listing.order, ask.listing.detail),
        (Order::Cost, Detail::Full)
    );
    assert_eq!(ask.listing.rows.organizations, ["openai"]);
    assert_eq!((ask.listing.limit, ask.listing.offset), (100, 0));
    assert_eq!(ask.as_of.selection.date.map(Date::year), Some(2025));
}

#[test]
fn questions_are_checked() {
    let ask = |change: &dyn Fn(&mut v1::GetLeaderboardRequest)| {
        let mut message = v1::GetLeaderboardRequest {
            board: "a".into(),
            ..Default::default()
        };
        change(&mut message);
        refused(get_leaderboard(message))
    };
    assert_eq!(
        ask(&|m| m.board.clear()),
        at(Reason::FieldRequired, "board")
    );
    assert_eq!(
        ask(&|m| m.board = "suite/".into()),
        at(Reason::FieldMalformed, "board")
    );
    assert_eq!(ask(&|m| m.order = 9), at(Reason::FieldMalformed, "order"));
    assert_eq!(
        ask(&|m| m.page_size = 1_001),
        at(Reason::OutOfRange, "page_size")
    );
    assert_eq!(
        ask(&|m| m.min_coverage = Some(1.1)),
        at(Reason::OutOfRange, "min_coverage")
    );
    assert_eq!(
        ask(&|m| m.min_score = Some(f64::NAN)),
        at(Reason::NotFinite, "min_score")
    );
    assert_eq!(
        ask(&|m| m.reprice_at = "x".into()),
        at(Reason::DateMalformed, "reprice_at")
    );
    assert_eq!(
        ask(&|m| m.as_of = Some(v1::AsOf {
            revision: Some(-1),
            date: String::new()
        })),
        at(Reason::OutOfRange, "as_of.revision")
    );
    assert_eq!(
        refused(list_results(v1::ListResultsRequest::default())),
        at(Reason::FieldRequired, "benchmark")
    );
    assert_eq!(
        refused(get_standing(v1::GetStandingRequest {
            board: "a".into(),
            ..Default::default()
        })),
        at(Reason::FieldRequired, "model")
    );
}
