//! The example client in Python: it submits, follows, and goes on where it was when the daemon is killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use frontierd::proto::json::to_value;
use frontierd::proto::v1::{Detail, GetLeaderboardRequest};
use serde_json::Value;

use crate::daemon::{Daemon, Process, frontierd};
use crate::python::{define, generate, installed};

const BOARD: &str = "example";

struct Example {
    generated: PathBuf,
    addr: String,
}

impl Example {
    fn run(&self, args: &[&str]) -> Process {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/python");
        Process::spawn(
            Command::new("python3")
                .arg("-B")
                .arg(dir.join("example.py"))
                .args(["--addr", &self.addr])
                .args(args)
                .env("PYTHONPATH", &self.generated),
        )
    }

    /// Submits and answers the line that it printed.
    fn submit(&self, model: &str, score: &str, request_id: &str) -> String {
        let args = [
            "submit", BOARD, model, score, "--cost", "2", "--tasks", "10",
        ];
        let mut process = self.run(&[&args[..], &["--request-id", request_id]].concat());
        let status = process.wait();
        assert!(status.success(), "{}", process.stderr.so_far());
        process.stdout.so_far()
    }
}

/// The board as GetLeaderboard answers it, in JSON.
async fn board(daemon: &Daemon) -> BTreeMap<String, Value> {
    let request = GetLeaderboardRequest {
        board: BOARD.to_owned(),
        detail: Detail::Intrinsic.into(),
        page_size: 1_000,
        ..GetLeaderboardRequest::default()
    };
    let board = daemon.client().await.get_leaderboard(request).await;
    let rows = board.expect("a board").rows;
    rows.into_iter()
        .map(|row| (row.model.clone(), to_value("Standing", &row).expect("JSON")))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_holds_what_the_daemon_answers_after_a_kill() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let generated = dir.path().join("generated");
    std::fs::create_dir(&generated).expect("a directory");
    generate(&generated);
    let data = dir.path().join("data");
    let daemon = Daemon::start(&data);
    define(&daemon, BOARD).await;
    let example = Example {
        generated,
        addr: daemon.addr.clone(),
    };
    let said = example.submit("lab/a", "50", "one");
    assert_eq!(said, "revision 2, rank 1");
    let mut following = example.run(&["follow", BOARD, "--until", "6"]);
    following.stdout.wait_for("revision 2: 1 models");
    example.submit("lab/b", "60", "two");
    following.stdout.wait_for("LEADER_CHANGED lab/b lab/a");
    daemon.kill();
    following.stderr.wait_for("connection lost");
    let mut again = frontierd();
    again.args(["serve", "--listen", &example.addr, "--data-dir"]);
    let daemon = Daemon::of(again.arg(&data));
    following.stderr.wait_for("resuming after revision 3");
    // Said before the kill, and again: it counts once.
    let said = example.submit("lab/b", "60", "two");
    assert!(said.contains("it was there already"), "{said}");
    for (model, score, id) in [
        ("lab/c", "55", "3"),
        ("lab/a", "70", "4"),
        ("lab/d", "1", "5"),
    ] {
        example.submit(model, score, id);
    }
    let status = following.wait();
    assert!(status.success(), "{}", following.stderr.so_far());
    let said = following.stdout.so_far();
    let last = said.lines().last().unwrap_or_default();
    let held: BTreeMap<String, Value> = serde_json::from_str(last).expect("JSON");
    assert_eq!(held.len(), 4);
    assert_eq!(held, board(&daemon).await);
    daemon.stop();
}
