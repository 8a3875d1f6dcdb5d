//! Calls that are safe to repeat.

use frontierd::proto::v1::{
    Benchmark, Model, Price, PutBenchmarkRequest, PutModelRequest, PutPriceRequest,
    SetResultStatusRequest, Status, SubmitResultRequest, SubmitResultResponse,
};

use crate::support::{Server, result};

fn submission(request_id: &str) -> SubmitResultRequest {
    SubmitResultRequest {
        result: Some(result("exam", "maker/a", 60.0)),
        request_id: request_id.to_owned(),
        ..SubmitResultRequest::default()
    }
}

/// A server with `maker/a` submitted as `nightly`, then overtaken.
async fn overtaken() -> (Server, SubmitResultResponse) {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let first = server.client.submit_result(submission("nightly")).await;
    let first = first.expect("accepted");
    assert_eq!(first.standing.as_ref().and_then(|s| s.rank), Some(1));
    server.submit(result("exam", "maker/b", 70.0)).await;
    (server, first)
}

fn check_replay(replay: &SubmitResultResponse, first: &SubmitResultResponse) {
    assert!(replay.replayed && !first.replayed);
    assert_eq!(replay.revision, first.revision);
    assert!(replay.counting);
    let standing = replay.standing.as_ref().expect("it stands");
    assert_eq!(standing.rank, Some(2), "the standing is the current one");
    assert!(replay.displaced.is_empty() && replay.previous_standing.is_none());
}

#[tokio::test]
async fn the_same_submission_again_answers_its_revision_and_where_it_stands_now() {
    let (mut server, first) = overtaken().await;
    let head = server.head().await;
    let replay = server.client.submit_result(submission("nightly")).await;
    check_replay(&replay.expect("answered"), &first);
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test]
async fn request_ids_outlive_a_restart() {
    let (server, first) = overtaken().await;
    let head = server.head().await;
    let mut server = server.restart().await;
    let replay = server.client.submit_result(submission("nightly")).await;
    check_replay(&replay.expect("answered"), &first);
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test]
async fn a_default_that_depends_on_the_day_does_not_make_it_another_request() {
    let (mut server, first) = overtaken().await;
    server.pass_days(3);
    let replay = server.client.submit_result(submission("nightly")).await;
    check_replay(&replay.expect("answered"), &first);
    server.stop().await;
}

#[tokio::test]
async fn what_only_shapes_the_answer_does_not_make_it_another_request() {
    let (mut server, first) = overtaken().await;
    let request = SubmitResultRequest {
        cost_basis: frontierd::proto::v1::CostBasis::Training.into(),
        ..submission("nightly")
    };
    let replay = server.client.submit_result(request).await;
    check_replay(&replay.expect("answered"), &first);
    server.stop().await;
}

#[tokio::test]
async fn without_a_request_id_the_same_submission_is_another_result() {
    let (mut server, first) = overtaken().await;
    let again = server.submit(result("exam", "maker/a", 60.0)).await;
    assert!(!again.replayed && again.revision > first.revision);
    assert_eq!(server.results("exam").await.len(), 3);
    server.stop().await;
}

#[tokio::test]
async fn a_refused_submission_leaves_its_request_id_free() {
    let (mut server, _) = overtaken().await;
    let mut request = submission("second");
    request.result.as_mut().expect("a result").score = Some(1e6);
    assert!(server.client.submit_result(request).await.is_err());
    let answer = server.client.submit_result(submission("second")).await;
    assert!(!answer.expect("accepted").replayed);
    server.stop().await;
}

#[tokio::test]
async fn a_change_of_status_is_replayed() {
    let (mut server, first) = overtaken().await;
    let request = SetResultStatusRequest {
        revision: first.revision,
        status: Status::Disputed.into(),
        reason: "contaminated".to_owned(),
        request_id: "dispute".to_owned(),
    };
    let disputed = server
        .client
        .set_result_status(request.clone())
        .await
        .expect("accepted");
    server
        .set_status(first.revision, Status::Active, "resolved")
        .await;
    let head = server.head().await;
    let replay = server
        .client
        .set_result_status(request)
        .await
        .expect("answered");
    assert!(replay.replayed && !disputed.replayed);
    assert_eq!(replay.revision, disputed.revision);
    let standing = replay.standing.expect("it stands");
    assert_eq!(
        standing.status(),
        Status::Active,
        "the standing is the current one"
    );
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test]
async fn upserts_are_replayed_with_what_is_true_now() {
    let mut server = Server::start().await;
    let request = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "exam".to_owned(),
            title: Some("First".to_owned()),
            ..Benchmark::default()
        }),
        request_id: "define".to_owned(),
        ..PutBenchmarkRequest::default()
    };
    let first = server
        .client
        .put_benchmark(request.clone())
        .await
        .expect("accepted");
    server
        .put_benchmark(Benchmark {
            id: "exam".to_owned(),
            title: Some("Second".to_owned()),
            ..Benchmark::default()
        })
        .await;
    let replay = server
        .client
        .put_benchmark(request)
        .await
        .expect("answered");
    assert!(replay.replayed);
    assert_eq!(replay.revision, first.revision);
    let title = replay.benchmark.and_then(|benchmark| benchmark.title);
    assert_eq!(title.as_deref(), Some("Second"));
    assert_eq!(server.head().await, 2);
    server.stop().await;
}

#[tokio::test]
async fn a_replay_goes_before_a_stale_expected_revision() {
    let mut server = Server::start().await;
    let request = PutModelRequest {
        model: Some(Model {
            id: "maker/a".to_owned(),
            ..Model::default()
        }),
        request_id: "create".to_owned(),
        expected_revision: Some(0),
        ..PutModelRequest::default()
    };
    let first = server
        .client
        .put_model(request.clone())
        .await
        .expect("accepted");
    let replay = server.client.put_model(request).await.expect("answered");
    assert!(replay.replayed);
    assert_eq!(replay.revision, first.revision);
    server.stop().await;
}

#[tokio::test]
async fn prices_are_replayed() {
    let mut server = Server::start().await;
    server.model("maker/a", "2024-01-01").await;
    let request = PutPriceRequest {
        price: Some(Price {
            model: "maker/a".to_owned(),
            effective_date: "2024-01-01".to_owned(),
            input_usd_per_mtok: Some(1.0),
            output_usd_per_mtok: Some(4.0),
            ..Price::default()
        }),
        request_id: "price".to_owned(),
        ..PutPriceRequest::default()
    };
    let first = server
        .client
        .put_price(request.clone())
        .await
        .expect("accepted");
    let replay = server.client.put_price(request).await.expect("answered");
    assert!(replay.replayed && !replay.unchanged);
    assert_eq!(
        (replay.revision, replay.price),
        (first.revision, first.price)
    );
    server.stop().await;
}
