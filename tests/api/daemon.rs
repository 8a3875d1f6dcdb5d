//! The daemon itself: health, reflection, backup, checkpoints, foreign web pages, restarts.

use bytes::Bytes;
use frontierd::log::{Chunk, ZERO_HASH};
use frontierd::proto::v1::{
    CreateCheckpointRequest, ExportLogRequest, ExportLogResponse, GetTrendRequest,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_reflection::pb::{v1, v1alpha};

use crate::support::{Server, result};

const SERVICES: [&str; 4] = [
    "frontier.v1.LeaderboardService",
    "frontier.v1.CatalogService",
    "frontier.v1.TrendService",
    "frontier.v1.AdminService",
];

#[tokio::test]
async fn health_is_serving_for_the_daemon_and_each_service() {
    let server = Server::start().await;
    let mut health = HealthClient::new(server.channel());
    for service in SERVICES.into_iter().chain([""]) {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.expect("known").into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "{service}");
    }
    server.stop().await;
}

#[tokio::test]
async fn reflection_lists_the_services() {
    use v1::server_reflection_client::ServerReflectionClient;
    use v1::server_reflection_request::MessageRequest;
    use v1::server_reflection_response::MessageResponse;

    let server = Server::start().await;
    let asked = v1::ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut client = ServerReflectionClient::new(server.channel());
    let answers = client
        .server_reflection_info(tokio_stream::iter([asked]))
        .await;
    let answer = answers.expect("a stream").into_inner().message().await;
    let answer = answer
        .expect("an answer")
        .and_then(|answer| answer.message_response);
    let Some(MessageResponse::ListServicesResponse(list)) = answer else {
        panic!("no list: {answer:?}");
    };
    let names: Vec<String> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    check_services(&names);
    server.stop().await;
}

#[tokio::test]
async fn older_reflection_lists_the_services_too() {
    use v1alpha::server_reflection_client::ServerReflectionClient;
    use v1alpha::server_reflection_request::MessageRequest;
    use v1alpha::server_reflection_response::MessageResponse;

    let server = Server::start().await;
    let asked = v1alpha::ServerReflectionRequest {
        message_request: Some(MessageRequest::ListServices(String::new())),
        ..Default::default()
    };
    let mut client = ServerReflectionClient::new(server.channel());
    let answers = client
        .server_reflection_info(tokio_stream::iter([asked]))
        .await;
    let answer = answers.expect("a stream").into_inner().message().await;
    let answer = answer
        .expect("an answer")
        .and_then(|answer| answer.message_response);
    let Some(MessageResponse::ListServicesResponse(list)) = answer else {
        panic!("no list: {answer:?}");
    };
    let names: Vec<String> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    check_services(&names);
    server.stop().await;
}

fn check_services(names: &[String]) {
    for service in SERVICES.into_iter().chain(["grpc.health.v1.Health"]) {
        assert!(
            names.iter().any(|name| name == service),
            "{service} is not in {names:?}"
        );
    }
}

async fn export(server: &Server, from_revision: i64) -> Vec<ExportLogResponse> {
    let mut admin = server.client.admin_service();
    let stream = admin.export_log(ExportLogRequest { from_revision }).await;
    let mut stream = stream.expect("a stream").into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await.expect("an answer") {
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn an_exported_log_is_an_unbroken_chain_up_to_the_head() {
    let server = Server::demo().await;
    let status = server.status().await;
    let answers = export(&server, 0).await;
    assert!(answers.len() > 1);
    assert_eq!(answers[0].store_id, status.store_id);
    let (mut previous, mut next) = (ZERO_HASH, 1);
    for answer in &answers {
        assert_eq!(answer.first_revision, next);
        let bytes = Bytes::from(answer.chunk.clone());
        let chunk = Chunk::parse(answer.first_revision as u64, bytes).expect("sound");
        assert_eq!(chunk.previous_hash(), previous);
        assert_eq!(chunk.last as i64, answer.last_revision);
        let entries = chunk.decode().expect("sound");
        assert_eq!(
            entries.len() as i64,
            answer.last_revision - answer.first_revision + 1
        );
        (previous, next) = (chunk.hash(), answer.last_revision + 1);
    }
    assert_eq!(next, status.head_revision + 1);
    assert_eq!(
        blake3::Hash::from_bytes(previous).to_hex().to_string(),
        status.head_hash
    );
    server.stop().await;
}

#[tokio::test]
async fn an_export_from_a_revision_begins_with_the_chunk_that_holds_it() {
    let server = Server::demo().await;
    let all = export(&server, 1).await;
    let tail = export(&server, 50).await;
    assert!(tail[0].first_revision <= 50 && tail[0].last_revision >= 50);
    let rest = &all[all.len() - tail.len()..];
    assert!(tail.iter().zip(rest).all(|(a, b)| a.chunk == b.chunk));
    assert!(export(&server, 1_000_000).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn an_empty_log_is_exported_as_nothing() {
    let server = Server::start().await;
    assert!(export(&server, 0).await.is_empty());
    server.stop().await;
}

/// Everything that boards and trends of the demo answer.
async fn answers(server: &mut Server) -> Vec<String> {
    let mut answers = Vec::new();
    for board in [
        "overall",
        "gpqa-diamond",
        "aider-polyglot",
        "mmlu-price-history",
    ] {
        answers.push(format!("{:?}", server.board(board).await));
    }
    let request = GetTrendRequest {
        board: "mmlu-price-history".to_owned(),
        model: "google/gemini-2.0-flash@price-history".to_owned(),
        ..GetTrendRequest::default()
    };
    let trend = server.client.get_trend(request).await.expect("a trend");
    answers.push(format!("{trend:?}"));
    answers
}

#[tokio::test]
async fn a_restart_answers_the_same_bit_for_bit() {
    let mut server = Server::demo().await;
    let (before, status) = (answers(&mut server).await, server.status().await);
    let mut server = server.restart().await;
    assert_eq!(answers(&mut server).await, before);
    let after = server.status().await;
    assert_eq!(
        (&after.store_id, &after.head_hash),
        (&status.store_id, &status.head_hash)
    );
    assert_eq!(
        (after.benchmarks, after.models, after.results),
        (status.benchmarks, status.models, status.results)
    );
    server.stop().await;
}

#[tokio::test]
async fn a_checkpoint_is_known_after_a_restart_and_the_log_goes_on_from_it() {
    let mut server = Server::demo().await;
    assert_eq!(server.status().await.checkpoint_revision, 0);
    let head = server.head().await;
    let written = server
        .client
        .create_checkpoint(CreateCheckpointRequest {})
        .await;
    let written = written.expect("written");
    assert_eq!(written.revision, head);
    assert!(written.bytes > 0);
    assert_eq!(server.status().await.checkpoint_revision, head);
    server
        .submit(result("gpqa-diamond", "maker/new", 99.0))
        .await;
    let before = answers(&mut server).await;
    let mut server = server.restart().await;
    assert_eq!(server.status().await.checkpoint_revision, head);
    assert_eq!(answers(&mut server).await, before);
    server.stop().await;
}

#[tokio::test]
async fn a_damaged_checkpoint_is_passed_over() {
    let mut server = Server::demo().await;
    let written = server
        .client
        .create_checkpoint(CreateCheckpointRequest {})
        .await;
    written.expect("written");
    let before = answers(&mut server).await;
    let mut damaged = 0;
    for file in std::fs::read_dir(server.data_dir().join("checkpoints")).expect("a directory") {
        let path = file.expect("a file").path();
        let mut bytes = std::fs::read(&path).expect("readable");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).expect("writable");
        damaged += 1;
    }
    assert_eq!(damaged, 2, "the checkpoint, and the ring beside it");
    let mut server = server.restart().await;
    assert_eq!(answers(&mut server).await, before);
    server.stop().await;
}

/// The head of the answer to a gRPC-Web call over HTTP/1.1, as a page in a browser makes it.
async fn http1(server: &Server, headers: &str) -> String {
    let body = [0_u8; 5];
    let head = format!(
        "POST /frontier.v1.AdminService/GetStatus HTTP/1.1\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(server.addr).await.expect("connected");
    stream.write_all(head.as_bytes()).await.expect("written");
    stream.write_all(&body).await.expect("written");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("answered");
    String::from_utf8_lossy(&answer).into_owned()
}

#[track_caller]
fn check_code(answer: &str, code: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {code} ")), "{answer}");
}

const WEB: &str = "Content-Type: application/grpc-web+proto\r\n";

#[tokio::test]
async fn our_own_page_may_call() {
    let server = Server::start().await;
    let addr = server.addr;
    let answer = http1(
        &server,
        &format!("Host: {addr}\r\nOrigin: http://{addr}\r\n{WEB}"),
    )
    .await;
    check_code(&answer, 200);
    assert!(answer.contains("grpc-status:0"), "{answer}");
    let answer = http1(
        &server,
        &format!("Host: localhost:{}\r\n{WEB}", addr.port()),
    )
    .await;
    check_code(&answer, 200);
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let server = Server::start().await;
    let port = server.addr.port();
    for content in [WEB, "Content-Type: application/grpc\r\n", ""] {
        let answer = http1(&server, &format!("Host: evil.example:{port}\r\n{content}")).await;
        check_code(&answer, 403);
        assert!(answer.contains("`evil.example:"), "{answer}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_foreign_origin_is_refused() {
    let server = Server::start().await;
    let addr = server.addr;
    for origin in ["http://evil.example", "null", "https://localhost"] {
        let answer = http1(
            &server,
            &format!("Host: {addr}\r\nOrigin: {origin}\r\n{WEB}"),
        )
        .await;
        check_code(&answer, 403);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_host_that_the_operator_allows_is_served() {
    let server = Server::start_with(|config| config.allowed_hosts = vec!["lab.example".to_owned()]);
    let server = server.await;
    let answer = http1(&server, &format!("Host: lab.example\r\n{WEB}")).await;
    check_code(&answer, 200);
    server.stop().await;
}

#[tokio::test]
async fn status_counts_what_the_store_holds() {
    let mut server = Server::start().await;
    let empty = server.status().await;
    assert_eq!(
        (
            empty.head_revision,
            empty.benchmarks,
            empty.models,
            empty.results
        ),
        (0, 0, 0, 0)
    );
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/a", 50.0)).await;
    let status = server.status().await;
    assert_eq!(
        (status.benchmarks, status.models, status.results),
        (1, 1, 1)
    );
    assert_eq!((status.head_revision, status.durable_lag), (2, 0));
    assert_eq!(status.version, env!("CARGO_PKG_VERSION"));
    assert_ne!(status.head_hash, empty.head_hash);
    server.stop().await;
}
