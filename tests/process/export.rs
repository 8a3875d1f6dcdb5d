//! Backups as an operator makes them: of a daemon that serves, checked, restored, served again.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, frontierd};

pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

fn run(command: &mut Command) -> Outcome {
    let output = command.output().expect("it runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

fn offline(args: &[&str]) -> Outcome {
    run(frontierd().args(args))
}

pub(crate) fn ask(daemon: &Daemon, args: &[&str]) -> Outcome {
    run(frontierd().args(args).env("FRONTIERD_ADDR", daemon.url()))
}

pub(crate) fn ok(outcome: Outcome) -> String {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn submit(daemon: &Daemon, score: u32) {
    let score = score.to_string();
    ok(ask(
        daemon,
        &[
            "submit",
            "our-bench",
            "a/b",
            &score,
            "--cost",
            "2",
            "--sample-count",
            "50",
        ],
    ));
}

fn board(daemon: &Daemon) -> Value {
    let json = ok(ask(
        daemon,
        &["leaderboard", "our-bench", "--output", "json"],
    ));
    let mut board: Value = serde_json::from_str(&json).expect("JSON");
    board["storeId"] = Value::Null;
    board
}

/// A daemon with a benchmark and ten results: eleven revisions.
fn eleven(data: &Path) -> Daemon {
    let daemon = Daemon::start(data);
    ok(ask(&daemon, &["put", "benchmark", "our-bench"]));
    for score in 50..60 {
        submit(&daemon, score);
    }
    daemon
}

/// Exports the store of a daemon. Answers the bytes.
fn backup(daemon: &Daemon, file: &Path, more: &[&str]) -> Vec<u8> {
    let args = ["export", "--format", "store", "--out", text(file)];
    ok(ask(daemon, &[&args[..], more].concat()));
    std::fs::read(file).expect("a file")
}

#[test]
fn a_backup_taken_while_serving_restores_the_same_boards_and_exports_to_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (new, first, second) = (
        dir.path().join("new"),
        dir.path().join("1.frontier"),
        dir.path().join("2.frontier"),
    );
    let daemon = eleven(&dir.path().join("old"));
    let bytes = backup(&daemon, &first, &[]);
    let before = board(&daemon);
    submit(&daemon, 70);

    let data = ["--data-dir", text(&new)];
    let restored = ok(offline(
        &[&["import", "store", text(&first)], &data[..]].concat(),
    ));
    assert!(restored.contains("head      11:"), "{restored}");
    let copy = Daemon::start(&new);
    assert_ne!(copy.store_id, daemon.store_id);
    assert_eq!(board(&copy), before);
    assert_eq!(backup(&copy, &second, &[]), bytes, "from the running copy");
    copy.stop();
    let stopped = ["export", "--format", "store", "--out", text(&second)];
    ok(offline(&[&stopped[..], &data].concat()));
    let again = std::fs::read(&second).expect("a file");
    assert_eq!(again, bytes, "from the stopped copy");

    let occupied = offline(&[&["import", "store", text(&first)], &data[..]].concat());
    assert_eq!(occupied.code, Some(1), "{}", occupied.stderr);
    let said = "holds a store already, up to revision `11`";
    assert!(occupied.stderr.contains(said), "{}", occupied.stderr);
    daemon.stop();
}

#[test]
fn a_store_file_of_the_past_is_the_file_that_was_written_then() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("a.frontier");
    let daemon = eleven(&dir.path().join("data"));
    let bytes = backup(&daemon, &file, &[]);
    submit(&daemon, 70);
    let json = ["--as-of-revision", "11", "--output", "json"];
    let args = ["export", "--format", "store", "--out", text(&file)];
    let written = ok(ask(&daemon, &[&args[..], &json].concat()));
    assert_eq!(std::fs::read(&file).expect("a file"), bytes);
    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(written["revision"], 11);
    let head = written["head"].as_str().expect("a head");
    let verified = ok(offline(&["verify", text(&file), "--expect", head]));
    assert!(verified.contains("sound"), "{verified}");
    assert!(verified.contains(head), "{verified}");
    let beyond = ask(&daemon, &[&args[..], &["--as-of-revision", "13"]].concat());
    assert_eq!(beyond.code, Some(2), "{}", beyond.stderr);
    assert!(beyond.stderr.contains("1 to 12"), "{}", beyond.stderr);
    daemon.stop();
}

#[test]
fn a_damaged_backup_names_its_chunk_and_imports_nothing() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    let file = dir.path().join("backup");
    let daemon = Daemon::start(&old);
    ok(ask(&daemon, &["put", "benchmark", "our-bench"]));
    submit(&daemon, 50);
    daemon.stop();
    let export = [
        "export",
        "--format",
        "store",
        "--data-dir",
        text(&old),
        "--out",
        text(&file),
    ];
    ok(offline(&export));
    let mut bytes = std::fs::read(&file).expect("a file");
    let last = bytes.len() - 60;
    bytes[last] ^= 1;
    std::fs::write(&file, &bytes).expect("written");

    let verified = offline(&["verify", text(&file)]);
    assert_eq!(verified.code, Some(1));
    assert!(
        verified.stdout.contains("the chunk at revision `"),
        "{}",
        verified.stdout
    );
    let imported = offline(&["import", "store", text(&file), "--data-dir", text(&new)]);
    assert_eq!(imported.code, Some(1));
    assert!(
        imported.stderr.contains("nothing was imported"),
        "{}",
        imported.stderr
    );
    assert!(!new.join("log").exists() && !new.join("log.importing").exists());

    let other = offline(&["verify", "Cargo.toml"]);
    assert_eq!(other.code, Some(1));
    assert!(other.stderr.contains("no store file"), "{}", other.stderr);
}
