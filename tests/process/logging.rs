//! The lines that calls leave in the log.

use std::path::Path;

use frontierd::proto::v1::{
    Benchmark, PutBenchmarkRequest, Result as ResultMessage, SubmitResultRequest,
};

use crate::daemon::Daemon;

fn start(dir: &Path, args: &[&str]) -> Daemon {
    let mut all = vec!["--log-format", "json"];
    all.extend(args);
    Daemon::start_with(dir, &all)
}

/// The first line of the log, as JSON, with these fields.
fn line(daemon: &Daemon, fields: &[(&str, &str)]) -> serde_json::Value {
    daemon.process.stderr.wait(&format!("{fields:?}"), |lines| {
        lines
            .iter()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .find(|line| fields.iter().all(|(name, value)| line[*name] == *value))
    })
}

async fn submit(daemon: &Daemon, benchmark: &str, request_id: &str) {
    let mut client = daemon.client().await;
    let put = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "logged".to_owned(),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    client.put_benchmark(put).await.expect("accepted");
    let request = SubmitResultRequest {
        result: Some(ResultMessage {
            benchmark: benchmark.to_owned(),
            model: "lab/a".to_owned(),
            score: Some(1.0),
            ..ResultMessage::default()
        }),
        request_id: request_id.to_owned(),
        ..SubmitResultRequest::default()
    };
    // The log says whether it was accepted.
    let _ = client.submit_result(request).await;
}

const SUBMIT: &str = "/frontier.v1.LeaderboardService/SubmitResult";

#[tokio::test]
async fn a_call_leaves_a_line_with_method_code_time_peer_and_request_id() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = start(dir.path(), &["--log-level", "info,frontierd::server=debug"]);
    submit(&daemon, "logged", "job-7").await;
    let answered = line(&daemon, &[("message", "answered"), ("request_id", "job-7")]);
    assert_eq!(answered["level"], "DEBUG", "{answered}");
    assert_eq!(answered["method"], SUBMIT, "{answered}");
    assert_eq!(answered["code"], "Ok", "{answered}");
    assert!(answered["duration_us"].as_u64() > Some(0), "{answered}");
    let peer = answered["peer"].as_str().unwrap_or_default();
    assert!(peer.starts_with("127.0.0.1:"), "{answered}");
    // A call without an id does not inherit one.
    let put = line(
        &daemon,
        &[("method", "/frontier.v1.CatalogService/PutBenchmark")],
    );
    assert!(put["request_id"].is_null(), "{put}");
    daemon.stop();
}

#[tokio::test]
async fn a_refused_call_is_logged_without_being_asked_for() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = start(dir.path(), &[]);
    submit(&daemon, "nowhere", "job-8").await;
    let refused = line(&daemon, &[("message", "refused"), ("request_id", "job-8")]);
    assert_eq!(refused["level"], "INFO", "{refused}");
    assert_eq!(
        (&refused["method"], &refused["code"]),
        (&SUBMIT.into(), &"NotFound".into())
    );
    daemon.stop();
}

#[tokio::test]
async fn a_slow_call_is_a_warning() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = start(dir.path(), &["--slow-call-ms", "0"]);
    submit(&daemon, "logged", "job-9").await;
    let slow = line(&daemon, &[("message", "slow"), ("request_id", "job-9")]);
    assert_eq!(slow["level"], "WARN", "{slow}");
    assert_eq!(slow["method"], SUBMIT, "{slow}");
    daemon.stop();
}
