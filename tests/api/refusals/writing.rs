//! Writes that are refused whatever they are about: size, request ids, statuses.

use frontierd::proto::v1::{
    Result, SetClaimStatusRequest, SetResultStatusRequest, Status, SubmitResultRequest,
    SubmitResultsRequest,
};
use tonic::Code;

use super::{Expected, check, server};
use crate::support::{Server, result};

const INVALID: Code = Code::InvalidArgument;

fn submission(request_id: &str, score: f64) -> SubmitResultRequest {
    SubmitResultRequest {
        result: Some(result("exam", "maker/known", score)),
        request_id: request_id.to_owned(),
        ..SubmitResultRequest::default()
    }
}

async fn unchanged(server: Server, head: i64) {
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

fn oversize() -> Result {
    Result {
        source_url: "u".repeat(80 * 1024),
        ..result("exam", "maker/known", 1.0)
    }
}

const TOO_LARGE: Expected = (Code::ResourceExhausted, "MESSAGE_TOO_LARGE", "", "65536");

#[tokio::test]
async fn a_message_that_is_too_large_is_refused() {
    let server = server().await;
    let head = server.head().await;
    let request = SubmitResultRequest {
        result: Some(oversize()),
        ..SubmitResultRequest::default()
    };
    let status = server.leaderboard().submit_result(request).await;
    check(&status.expect_err("refused"), TOO_LARGE);
    unchanged(server, head).await;
}

#[tokio::test]
async fn an_item_that_is_too_large_ends_its_stream() {
    let server = server().await;
    let head = server.head().await;
    let items = tokio_stream::iter([SubmitResultsRequest {
        result: Some(oversize()),
        ..SubmitResultsRequest::default()
    }]);
    let answers = server.leaderboard().submit_results(items).await;
    let status = match answers {
        Err(status) => status,
        Ok(answers) => answers.into_inner().message().await.expect_err("refused"),
    };
    check(&status, TOO_LARGE);
    unchanged(server, head).await;
}

#[tokio::test]
async fn a_request_id_used_for_something_else_is_refused() {
    let server = server().await;
    let mut client = server.leaderboard();
    let first = client.submit_result(submission("nightly-7", 60.0)).await;
    let revision = first.expect("accepted").into_inner().revision;
    let head = server.head().await;
    let status = client.submit_result(submission("nightly-7", 61.0)).await;
    let reason = "REQUEST_ID_REUSED";
    let expected = (Code::AlreadyExists, reason, "request_id", "use a fresh one");
    let status = status.expect_err("refused");
    check(&status, expected);
    assert!(status.message().contains(&format!("`{revision}`")));
    unchanged(server, head).await;
}

#[tokio::test]
async fn a_request_id_used_by_another_method_is_refused() {
    let server = server().await;
    let accepted = server
        .leaderboard()
        .submit_result(submission("one", 60.0))
        .await;
    let revision = accepted.expect("accepted").into_inner().revision;
    let head = server.head().await;
    let request = SetResultStatusRequest {
        revision,
        status: Status::Disputed.into(),
        reason: "why".to_owned(),
        request_id: "one".to_owned(),
    };
    let status = server.leaderboard().set_result_status(request).await;
    let expected = (Code::AlreadyExists, "REQUEST_ID_REUSED", "request_id", "");
    check(&status.expect_err("refused"), expected);
    unchanged(server, head).await;
}

#[tokio::test]
async fn a_request_id_that_is_too_long_is_refused() {
    let server = server().await;
    let head = server.head().await;
    let status = server
        .leaderboard()
        .submit_result(submission(&"r".repeat(65), 1.0))
        .await;
    let expected = (INVALID, "FIELD_TOO_LONG", "request_id", "`64`");
    check(&status.expect_err("refused"), expected);
    unchanged(server, head).await;
}

async fn status_refused(revision: i64, status: Status, reason: &str, expected: Expected) {
    let server = server().await;
    let head = server.head().await;
    let request = SetResultStatusRequest {
        revision,
        status: status.into(),
        reason: reason.to_owned(),
        ..SetResultStatusRequest::default()
    };
    let answer = server.leaderboard().set_result_status(request).await;
    check(&answer.expect_err("refused"), expected);
    unchanged(server, head).await;
}

#[tokio::test]
async fn the_status_of_what_is_no_result_is_refused() {
    let expected = (Code::NotFound, "UNKNOWN_RESULT", "revision", "ListResults");
    status_refused(1, Status::Disputed, "why", expected).await;
}

#[tokio::test]
async fn a_status_without_a_reason_is_refused() {
    let expected = (INVALID, "FIELD_REQUIRED", "reason", "say why");
    status_refused(2, Status::Disputed, "  ", expected).await;
}

#[tokio::test]
async fn an_unspecified_status_is_refused() {
    let expected = (INVALID, "FIELD_REQUIRED", "status", "");
    status_refused(2, Status::Unspecified, "why", expected).await;
}

#[tokio::test]
async fn a_revision_of_zero_is_refused() {
    let expected = (INVALID, "FIELD_REQUIRED", "revision", "`0`");
    status_refused(0, Status::Disputed, "why", expected).await;
}

#[tokio::test]
async fn the_status_of_what_is_no_claim_is_refused() {
    let server = server().await;
    let head = server.head().await;
    let request = SetClaimStatusRequest {
        revision: 2,
        pinned: Some(true),
        reason: "why".to_owned(),
        ..SetClaimStatusRequest::default()
    };
    let status = server.catalog().set_claim_status(request).await;
    let expected = (Code::NotFound, "UNKNOWN_CLAIM", "revision", "ListClaims");
    check(&status.expect_err("refused"), expected);
    unchanged(server, head).await;
}
