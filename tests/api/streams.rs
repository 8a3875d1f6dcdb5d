//! Streams of results: an answer an item, in order.

use frontierd::proto::v1::submit_results_response::Outcome;
use frontierd::proto::v1::{AnswerDetail, SubmitResultsRequest, SubmitResultsResponse};

use crate::support::{Server, result};

fn item(score: f64, detail: AnswerDetail) -> SubmitResultsRequest {
    SubmitResultsRequest {
        result: Some(result("exam", "maker/a", score)),
        answer_detail: detail.into(),
        ..SubmitResultsRequest::default()
    }
}

async fn stream(server: &Server, items: Vec<SubmitResultsRequest>) -> Vec<SubmitResultsResponse> {
    let answers = server
        .leaderboard()
        .submit_results(tokio_stream::iter(items))
        .await;
    let mut answers = answers.expect("a stream").into_inner();
    let mut all = Vec::new();
    while let Some(answer) = answers.message().await.expect("an answer") {
        all.push(answer);
    }
    all
}

#[tokio::test]
async fn a_stream_answers_in_order_and_outlives_a_bad_item() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/b", 55.0)).await;
    let head = server.head().await;
    let mut replayed = item(60.0, AnswerDetail::Brief);
    replayed.request_id = "one".to_owned();
    let items = vec![
        item(50.0, AnswerDetail::Brief),
        item(-1.0, AnswerDetail::Full),
        replayed.clone(),
        item(70.0, AnswerDetail::Full),
        replayed,
        SubmitResultsRequest::default(),
    ];
    let answers = stream(&server, items).await;
    let indices: Vec<i64> = answers.iter().map(|answer| answer.index).collect();
    assert_eq!(indices, [0, 1, 2, 3, 4, 5]);
    let mut outcomes = answers
        .into_iter()
        .map(|answer| answer.outcome.expect("an outcome"));
    let mut next = || outcomes.next().expect("six outcomes");
    assert!(
        matches!(next(), Outcome::Brief(b) if b.revision == head + 1 && b.rank == Some(2) && b.warning_count == 1)
    );
    assert!(
        matches!(next(), Outcome::Refused(r) if r.reason == "SCORE_OUT_OF_RANGE" && r.code == 3)
    );
    assert!(
        matches!(next(), Outcome::Brief(b) if b.revision == head + 2 && b.rank == Some(1) && !b.replayed)
    );
    let Outcome::Accepted(full) = next() else {
        panic!("not accepted in full");
    };
    assert_eq!(full.revision, head + 3);
    assert_eq!(full.standing.expect("it stands").score, 70.0);
    assert_eq!(full.previous_standing.expect("it stood").score, 60.0);
    assert!(matches!(next(), Outcome::Brief(b) if b.revision == head + 2 && b.replayed));
    assert!(
        matches!(next(), Outcome::Refused(r) if r.reason == "FIELD_REQUIRED" && r.field == "result")
    );
    assert_eq!(server.head().await, head + 3);
    server.stop().await;
}

#[tokio::test]
async fn a_long_stream_takes_one_revision_an_item() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let items = (0..2_000).map(|n| item(f64::from(n % 100), AnswerDetail::Brief));
    let answers = stream(&server, items.collect()).await;
    let revisions: Vec<i64> = answers
        .into_iter()
        .map(|answer| match answer.outcome {
            Some(Outcome::Brief(brief)) => brief.revision,
            other => panic!("not accepted: {other:?}"),
        })
        .collect();
    assert_eq!(revisions, (2..=2_001).collect::<Vec<i64>>());
    assert_eq!(server.head().await, 2_001);
    server.stop().await;
}

#[tokio::test]
async fn a_previewed_item_of_a_stream_writes_nothing() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let mut only = item(50.0, AnswerDetail::Brief);
    only.validate_only = true;
    let answers = stream(&server, vec![only]).await;
    let Some(Outcome::Brief(brief)) = &answers[0].outcome else {
        panic!("not accepted: {answers:?}");
    };
    assert_eq!((brief.revision, brief.rank), (2, Some(1)));
    assert_eq!(server.head().await, 1);
    server.stop().await;
}

#[tokio::test]
async fn a_preview_in_a_stream_follows_the_items_before_it() {
    // A preview was judged on what was durable when it came in, so that it missed items queued just before it.
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let mut items: Vec<_> = (0..500).map(|_| item(50.0, AnswerDetail::Brief)).collect();
    let mut last = item(60.0, AnswerDetail::Full);
    last.validate_only = true;
    items.push(last);
    let answers = stream(&server, items).await;
    let Some(Outcome::Accepted(previewed)) = &answers[500].outcome else {
        panic!("not accepted: {:?}", answers[500]);
    };
    assert_eq!(previewed.revision, 502);
    let before = previewed.previous_standing.as_ref().expect("it stood");
    assert_eq!(before.result_revision, 501);
    assert_eq!(server.head().await, 501);
    server.stop().await;
}
