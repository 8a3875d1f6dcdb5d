//! How a daemon begins and ends: signals, restarts, and what it refuses to begin with.

use std::path::Path;

use frontierd::client::Client;
use frontierd::proto::v1::{
    AnswerDetail, Benchmark, CreateCheckpointRequest, GetLeaderboardRequest,
    GetLeaderboardResponse, GetStatusRequest, GetStatusResponse, PutBenchmarkRequest,
    Result as ResultMessage, SubmitResultRequest, SubmitResultsRequest, WatchAfter,
    WatchLeaderboardRequest, submit_results_response::Outcome,
};
use tonic::Code;

use crate::daemon::{Daemon, Process, frontierd, serve};
use crate::faults::damage;

const BOARD: &str = "lifecycle";

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

fn result(model: &str, score: f64) -> ResultMessage {
    ResultMessage {
        benchmark: BOARD.to_owned(),
        model: model.to_owned(),
        score: Some(score),
        ..ResultMessage::default()
    }
}

async fn submit(client: &mut Client, score: f64) -> i64 {
    let request = SubmitResultRequest {
        result: Some(result("lab/model", score)),
        ..SubmitResultRequest::default()
    };
    let answer = client.submit_result(request).await;
    answer.expect("accepted").revision
}

fn watch(after: Option<WatchAfter>) -> WatchLeaderboardRequest {
    WatchLeaderboardRequest {
        boards: vec![BOARD.to_owned()],
        after,
        ..WatchLeaderboardRequest::default()
    }
}

/// What a command says on standard error when it fails, with its exit code.
fn failure(command: &mut std::process::Command) -> (Option<i32>, String) {
    let mut process = Process::spawn(command);
    let status = process.wait();
    (status.code(), process.stderr.so_far())
}

fn names(dir: &Path) -> Vec<String> {
    let items = std::fs::read_dir(dir).expect("a directory");
    items
        .map(|item| {
            let name = item.expect("an item").file_name();
            name.to_string_lossy().into_owned()
        })
        .collect()
}

#[test]
fn ctrl_c_ends_the_demo_and_leaves_nothing() {
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let mut demo = frontierd();
    demo.args(["demo", "--listen", "127.0.0.1:0"])
        .env("TMPDIR", temporary.path());
    let demo = Daemon::of(&mut demo);
    let said = demo.process.stdout.so_far();
    for table in ["overall: ", "gpqa-diamond: "] {
        assert!(said.lines().any(|line| line.starts_with(table)), "{said}");
    }
    for model in ["deepseek/r1", "openai/o1"] {
        assert!(said.matches(model).count() >= 2, "{said}");
    }
    let made = names(temporary.path());
    assert!(
        made.iter().any(|name| name.starts_with("frontierd-demo-")),
        "{made:?}"
    );
    let status = demo.process.end_with("INT");
    assert_eq!(status.code(), Some(0));
    assert_eq!(names(temporary.path()), Vec::<String>::new());
}

#[test]
fn ctrl_c_while_the_demo_loads_is_no_failure() {
    let temporary = tempfile::tempdir().expect("a temporary directory");
    let mut demo = frontierd();
    demo.args(["demo", "--listen", "127.0.0.1:0", "--log-level", "info"])
        .env("TMPDIR", temporary.path());
    let mut demo = Process::spawn(&mut demo);
    // It serves, and begins to load.
    demo.stderr.wait_for("serving");
    demo.signal("INT");
    let status = demo.wait();
    assert_eq!(status.code(), Some(0), "{}", demo.stderr.so_far());
    assert_eq!(names(temporary.path()), Vec::<String>::new());
}

#[tokio::test]
async fn sigterm_ends_watches_with_a_status_to_resume_from() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let mut client = daemon.client().await;
    define(&mut client).await;
    submit(&mut client, 50.0).await;
    let mut frames = client
        .watch_leaderboard(watch(None))
        .await
        .expect("a watch");
    let mut held = (String::new(), 0);
    while held.1 < 2 {
        let frame = frames.message().await.expect("a frame").expect("open");
        held = (frame.store_id, frame.revision);
    }
    let stopping = tokio::task::spawn_blocking(move || daemon.stop());
    let ended = loop {
        match frames.message().await {
            Ok(Some(frame)) => held = (frame.store_id, frame.revision),
            Ok(None) => panic!("the watch ended without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
    assert!(ended.message().contains("resume"), "{ended:?}");
    stopping.await.expect("it drained");

    let daemon = Daemon::start(dir.path());
    let mut client = daemon.client().await;
    let after = WatchAfter {
        store_id: held.0,
        revision: held.1,
        resnapshot: false,
    };
    let resumed = client.watch_leaderboard(watch(Some(after))).await;
    let mut frames = resumed.expect("it resumes");
    let revision = submit(&mut client, 51.0).await;
    let mut reached = held.1;
    while reached < revision {
        let frame = frames.message().await.expect("a frame").expect("open");
        reached = frame.revision;
    }
    assert_eq!(reached, revision);
}

#[tokio::test]
async fn sigterm_ends_a_stream_of_submissions_that_its_caller_leaves_open() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let mut client = daemon.client().await;
    define(&mut client).await;
    let (items, inbound) = tokio::sync::mpsc::channel(4);
    let inbound = tokio_stream::wrappers::ReceiverStream::new(inbound);
    let mut service = client.leaderboard_service();
    let item = SubmitResultsRequest {
        result: Some(result("lab/model", 1.0)),
        ..SubmitResultsRequest::default()
    };
    items.send(item).await.expect("open");
    let answers = service.submit_results(inbound).await.expect("a stream");
    let mut answers = answers.into_inner();
    let answer = answers.message().await.expect("open").expect("an answer");
    assert!(matches!(answer.outcome, Some(Outcome::Accepted(_))));
    tokio::task::spawn_blocking(move || daemon.stop())
        .await
        .expect("it drained");
    // Not cut off after the drain's deadline, but told.
    let ended = answers.message().await.expect_err("a status");
    assert_eq!(ended.code(), Code::Unavailable, "{ended:?}");
    assert!(ended.message().contains("request_id"), "{ended:?}");
    drop(items);
}

/// The first rows of the board; page tokens differ from call to call.
async fn board(client: &mut Client) -> GetLeaderboardResponse {
    let request = GetLeaderboardRequest {
        board: BOARD.to_owned(),
        page_size: 1_000,
        ..GetLeaderboardRequest::default()
    };
    let mut board = client.get_leaderboard(request).await.expect("a board");
    board.next_page_token.clear();
    board
}

async fn status(client: &mut Client) -> GetStatusResponse {
    let status = client.get_status(GetStatusRequest {}).await;
    status.expect("a status")
}

#[tokio::test]
async fn a_restart_keeps_id_revision_and_board() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    assert_eq!(daemon.revision, 0);
    let mut client = daemon.client().await;
    define(&mut client).await;
    for score in 1..=20 {
        submit(&mut client, f64::from(score)).await;
    }
    let before = board(&mut client).await;
    let head = status(&mut client).await;
    let store_id = daemon.store_id.clone();
    drop(client);
    daemon.stop();

    let daemon = Daemon::start(dir.path());
    assert_eq!((&*daemon.store_id, daemon.revision), (&*store_id, 21));
    let mut client = daemon.client().await;
    let after = board(&mut client).await;
    assert!(after == before, "another board after the restart");
    let status = status(&mut client).await;
    assert_eq!(status.head_hash, head.head_hash);
    assert_eq!(submit(&mut client, 30.0).await, 22);
}

/// Submits on one stream until the log ends at `until`.
async fn fill(client: &Client, from: i64, until: i64) {
    let items = (from + 1..=until).map(|revision| SubmitResultsRequest {
        result: Some(result(
            &format!("lab/m{}", revision % 5_000),
            (revision % 1_000) as f64 / 10.0,
        )),
        answer_detail: AnswerDetail::Brief.into(),
        ..SubmitResultsRequest::default()
    });
    let items = tokio_stream::iter(items.collect::<Vec<_>>());
    let mut service = client.leaderboard_service();
    let answers = service.submit_results(items).await.expect("a stream");
    let mut answers = answers.into_inner();
    let mut expected = from;
    while let Some(answer) = answers.message().await.expect("an answer") {
        expected += 1;
        match answer.outcome {
            Some(Outcome::Brief(brief)) => assert_eq!(brief.revision, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(expected, until);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_begins_with_the_newest_checkpoint_and_the_ring_beside_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let mut client = daemon.client().await;
    define(&mut client).await;
    fill(&client, 1, 300).await;
    let written = client.create_checkpoint(CreateCheckpointRequest {}).await;
    assert_eq!(written.expect("a checkpoint").revision, 300);
    // One nearer to the head is written on the way; what filled the ring by then stands beside it.
    let ring = frontierd::limits::RING_REVISIONS_MAX as i64;
    let head = 300 + ring + 10;
    fill(&client, 300, head).await;
    let before = board(&mut client).await;
    drop(client);
    daemon.stop();

    let daemon = Daemon::start(dir.path());
    assert_eq!(daemon.revision, head);
    let loaded = daemon.process.stderr.wait_for("checkpoint loaded");
    let (_, loaded) = loaded.split_once("revision=").expect("a revision");
    let loaded: i64 = loaded.trim().parse().expect("a number");
    assert!(loaded > 300, "{loaded}");
    let mut client = daemon.client().await;
    let after = board(&mut client).await;
    assert!(after == before, "another board after the restart");
    let status = status(&mut client).await;
    assert!(status.oldest_resumable_revision >= head - ring);
    daemon.stop();

    // Without it the same board comes of the log alone.
    let daemon = Daemon::start_with(dir.path(), &["--checkpoints=false"]);
    let mut client = daemon.client().await;
    let replayed = board(&mut client).await;
    assert!(replayed == before, "another board than with the checkpoint");
    drop(client);
    daemon.stop();

    // What is before the checkpoint is not read by a start, so damage there is for the walk in the background to find.
    let first = damage::rot(dir.path(), 100);
    let daemon = Daemon::start(dir.path());
    assert_eq!(daemon.revision, head);
    let mut client = daemon.client().await;
    let found = damage::scrubbed(&mut client).await;
    let named = format!("revision `{first}`");
    assert!(found.log_fault.contains(&named), "{found:?}");
    assert_eq!(found.scrubbed_revision, first as i64 - 1);
    assert_eq!((found.scrubbed_time, found.head_revision), (None, head));
    let said = daemon.process.stderr.wait_for("damaged on the disk");
    for word in [&named, "restore a backup", "frontierd recover"] {
        assert!(said.contains(word), "{said}");
    }
    daemon.stop();
}

#[test]
fn listening_in_public_without_leave_is_a_usage_error() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    let args = ["serve", "--listen", "0.0.0.0:0", "--data-dir"];
    let (code, said) = failure(frontierd().args(args).arg(&data));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--insecure-public"), "{said}");
    assert!(
        !data.exists(),
        "nothing is made before the settings are checked"
    );
    let daemon = Daemon::of(frontierd().args(args).arg(&data).arg("--insecure-public"));
    daemon.stop();
}

#[test]
fn a_second_daemon_on_a_store_says_who_is_in_the_way() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let (code, said) = failure(&mut serve(dir.path()));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("another process"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    daemon.stop();
    Daemon::start(dir.path()).stop();
}

#[test]
fn a_taken_port_is_named() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("first"));
    let mut second = serve(&dir.path().join("second"));
    let (code, said) = failure(second.args(["--listen", &daemon.addr]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&daemon.addr), "{said}");
}
