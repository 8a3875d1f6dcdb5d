//! A daemon with one thread on one core: a small machine under load.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use frontierd::client::{Client, Watch};
use frontierd::proto::v1::{
    Benchmark, GetStatusRequest, PutBenchmarkRequest, Result as ResultMessage, SubmitResultRequest,
    WatchLeaderboardRequest,
};
use tokio::task::JoinSet;

use crate::daemon::{BINARY, Daemon, cleared, serve_args};
use crate::tools::available;

const CALLERS: usize = 64;
const EACH: usize = 12;
const WATCHERS: usize = 8;
/// What a daemon has besides the thread that serves: sled's seven, the log's and the writer's, and what works beside
/// the calls for a while.
const THREADS_MAX: usize = 16;

fn submission(caller: usize, number: usize) -> SubmitResultRequest {
    let result = ResultMessage {
        benchmark: "exam".to_owned(),
        model: format!("lab/m{caller}"),
        score: Some(number as f64),
        ..ResultMessage::default()
    };
    SubmitResultRequest {
        result: Some(result),
        ..SubmitResultRequest::default()
    }
}

/// Follows the board until a revision.
async fn follow(client: Client, until: i64) -> usize {
    let request = WatchLeaderboardRequest {
        boards: vec!["exam".to_owned()],
        ..WatchLeaderboardRequest::default()
    };
    let mut watch = Watch::new(client, request);
    while watch.fold().revision() < Some(until) {
        watch.next().await.expect("a frame");
    }
    watch.fold().board("exam").map_or(0, BTreeMap::len)
}

#[tokio::test]
async fn one_thread_on_one_core_answers_everybody() {
    if !available("taskset", &["-c", "0", "true"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut command = cleared(std::process::Command::new("taskset"));
    command.args(["-c", "0", BINARY]);
    serve_args(&mut command, dir.path());
    let daemon = Daemon::of(command.args(["--worker-threads", "1"]));
    let mut client = daemon.client().await;
    let benchmark = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "exam".to_owned(),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    let first = client.put_benchmark(benchmark).await.expect("accepted");
    let last = first.revision + (CALLERS * EACH) as i64;

    let mut watchers = JoinSet::new();
    for _ in 0..WATCHERS {
        watchers.spawn(follow(daemon.client().await, last));
    }
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let mut client = client.clone();
        callers.spawn(async move {
            let mut revisions = Vec::with_capacity(EACH);
            for number in 0..EACH {
                let answer = client.submit_result(submission(caller, number)).await;
                revisions.push(answer.expect("accepted").revision);
            }
            revisions
        });
    }
    let mut revisions = BTreeSet::new();
    while let Some(answered) = callers.join_next().await {
        revisions.extend(answered.expect("no panic"));
    }
    assert_eq!(revisions, (first.revision + 1..=last).collect());
    while let Some(rows) = watchers.join_next().await {
        assert_eq!(rows.expect("no panic"), CALLERS);
    }
    let status = client.get_status(GetStatusRequest::default()).await;
    assert_eq!(status.expect("an answer").head_revision, last);
    if let Ok(threads) = fs::read_dir(format!("/proc/{}/task", daemon.process.pid())) {
        let count = threads.count();
        assert!(count <= THREADS_MAX, "{count} threads");
    }
    daemon.stop();
}
