//! Bad input: the code, the reason, the field, the way out; and that nothing was written.

mod catalog;
mod prices_and_claims;
mod reading;
mod results;
mod writing;

use frontierd::proto::v1::{Benchmark, PutBenchmarkRequest};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::{Server, result};

/// What a refusal is to say: code, reason, field, and a part of the message.
type Expected = (Code, &'static str, &'static str, &'static str);

#[track_caller]
fn check(status: &Status, (code, reason, field, says): Expected) {
    let message = status.message();
    assert_eq!(status.code(), code, "{message}");
    let info = status.get_details_error_info().expect("an ErrorInfo");
    assert_eq!(
        (info.domain.as_str(), info.reason.as_str()),
        ("frontierd", reason),
        "{message}"
    );
    let bad = status.get_details_bad_request();
    let violations = bad.map_or_else(Vec::new, |bad| bad.field_violations);
    let fields: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
    let expected: &[&str] = if field.is_empty() { &[] } else { &[field] };
    assert_eq!(fields, expected, "{message}");
    assert!(message.contains(says), "`{message}` does not say `{says}`");
}

/// A server with a benchmark `exam`, a model `maker/known` and its result.
async fn server() -> Server {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/known", 50.0)).await;
    server
}

/// An upsert of a benchmark.
fn put(benchmark: Benchmark) -> PutBenchmarkRequest {
    PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..PutBenchmarkRequest::default()
    }
}

fn exam() -> Benchmark {
    Benchmark {
        id: "exam".to_owned(),
        ..Benchmark::default()
    }
}
