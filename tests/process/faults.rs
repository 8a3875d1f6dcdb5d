//! What a disk can do to a daemon, and what an operator is told: full, damaged, locked, read-only, too new.

pub(crate) mod damage;
mod full;
mod places;

use std::path::Path;
use std::process::Command;

use frontierd::client::Client;
use frontierd::proto::v1::{
    Benchmark, PutBenchmarkRequest, Result as ResultMessage, SubmitResultRequest,
};

use crate::daemon::Process;

const BOARD: &str = "faults";

async fn define(client: &mut Client) {
    let benchmark = Benchmark {
        id: BOARD.to_owned(),
        ..Benchmark::default()
    };
    let put = PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..PutBenchmarkRequest::default()
    };
    client.put_benchmark(put).await.expect("accepted");
}

/// A submission that takes some kilobytes of log, and can be asked again.
fn submission(number: usize) -> SubmitResultRequest {
    let labels = (0..4).map(|label| (format!("label-{label}"), "x".repeat(100)));
    SubmitResultRequest {
        result: Some(ResultMessage {
            benchmark: BOARD.to_owned(),
            model: format!("lab/m{}", number % 50),
            score: Some((number % 1_000) as f64 / 10.0),
            source_url: format!("https://example.org/{}", "y".repeat(400)),
            labels: labels.collect(),
            ..ResultMessage::default()
        }),
        request_id: format!("request-{number}"),
        ..SubmitResultRequest::default()
    }
}

/// What a command says when it fails, with its exit code.
fn failure(command: &mut Command) -> (Option<i32>, String) {
    let mut process = Process::spawn(command);
    let status = process.wait();
    let said = [process.stdout.so_far(), process.stderr.so_far()].concat();
    assert!(!said.contains("stack backtrace"), "{said}");
    (status.code(), said)
}

fn names(dir: &Path) -> Vec<String> {
    let items = std::fs::read_dir(dir).expect("a directory");
    let name = |item: std::io::Result<std::fs::DirEntry>| item.expect("an item").file_name();
    let mut names: Vec<String> = items
        .map(|item| name(item).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
