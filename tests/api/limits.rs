//! Bounds, as callers meet them: past each there is an answer, and everybody else goes on.

use frontierd::proto::v1::{ListBenchmarksRequest, SubmitResultsRequest};
use h2::client::SendRequest;
use http::Request;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::Server;

async fn assert_answers(server: &Server) {
    let mut catalog = server.catalog();
    let listed = catalog.list_benchmarks(ListBenchmarksRequest::default());
    listed.await.expect("everybody else goes on");
}

/// A bare HTTP/2 connection.
async fn bare(server: &Server) -> (SendRequest<bytes::Bytes>, JoinHandle<Result<(), h2::Error>>) {
    let stream = TcpStream::connect(server.addr).await.expect("connected");
    let (requests, connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    (requests, tokio::spawn(connection))
}

fn head(server: &Server) -> http::request::Builder {
    Request::post(format!(
        "http://{}/frontier.v1.CatalogService/ListBenchmarks",
        server.addr
    ))
    .header("content-type", "application/grpc")
    .header("te", "trailers")
}

#[tokio::test]
async fn headers_past_the_bound_end_their_call_only() {
    let server = Server::start().await;
    let mut request = tonic::Request::new(ListBenchmarksRequest::default());
    let long = MetadataValue::try_from("x".repeat(40 * 1024)).expect("ASCII");
    request.metadata_mut().insert("x-long", long);
    server
        .catalog()
        .list_benchmarks(request)
        .await
        .expect_err("too long");
    assert_answers(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_flood_of_streams_opened_and_reset_ends_and_everybody_else_goes_on() {
    let server = Server::start().await;
    let (mut requests, connection) = bare(&server).await;
    for _ in 0..20_000 {
        let Ok(ready) = requests.clone().ready().await else {
            break;
        };
        requests = ready;
        let request = head(&server).body(()).expect("a request");
        let Ok((_, mut stream)) = requests.send_request(request, false) else {
            break;
        };
        stream.send_reset(h2::Reason::CANCEL);
    }
    assert_answers(&server).await;
    drop(requests);
    // It ends by itself or was ended; either way it ends.
    let _ = connection.await.expect("no panic");
    assert_answers(&server).await;
    server.stop().await;
}

#[tokio::test]
async fn a_call_whose_message_never_comes_is_answered_when_its_caller_gives_up() {
    let server = Server::start().await;
    let (requests, connection) = bare(&server).await;
    let mut requests = requests.ready().await.expect("ready");
    let request = head(&server).header("grpc-timeout", "50m").body(());
    let (answer, open) = requests
        .send_request(request.expect("a request"), false)
        .expect("sent");
    let answer = answer.await.expect("answered");
    let status = Status::from_header_map(answer.headers()).expect("a status");
    assert_eq!(status.code(), Code::DeadlineExceeded);
    assert!(status.message().contains("request_id"), "{status}");
    drop((open, requests));
    connection.abort();
    server.stop().await;
}

#[tokio::test]
async fn one_stream_of_submissions_too_many_is_refused_with_a_delay() {
    let server = Server::start().await;
    let mut open = Vec::new();
    let refused = loop {
        let (sender, receiver) = tokio::sync::mpsc::channel::<SubmitResultsRequest>(1);
        let stream = ReceiverStream::new(receiver);
        match server.leaderboard().submit_results(stream).await {
            Ok(answers) => open.push((sender, answers)),
            Err(status) => break status,
        }
        assert!(open.len() <= 256, "there is a bound");
    };
    assert_eq!(open.len(), 256);
    assert_eq!(refused.code(), Code::ResourceExhausted);
    let details = refused.get_error_details();
    assert_eq!(
        details.error_info().expect("ErrorInfo").reason,
        "OVERLOADED"
    );
    assert!(
        details
            .retry_info()
            .expect("RetryInfo")
            .retry_delay
            .is_some()
    );
    assert_answers(&server).await;
    drop(open);
    server.stop().await;
}
