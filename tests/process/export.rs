//! Backups as an operator makes them: of a daemon that serves, checked, restored, served again.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, frontierd};

struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
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

fn ask(daemon: &Daemon, args: &[&str]) -> Outcome {
    run(frontierd().args(args).env("FRONTIERD_ADDR", daemon.url()))
}

fn ok(outcome: Outcome) -> String {
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.stdout
}

fn text(path: &Path) -> &str {
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

#[test]
fn a_backup_taken_while_serving_restores_the_same_boards_and_exports_to_the_same_bytes() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| dir.path().join(name);
    let (old, new) = (path("old"), path("new"));
    let (first, second, third) = (path("1.frontier"), path("2.frontier"), path("3.frontier"));
    let daemon = Daemon::start(&old);
    ok(ask(&daemon, &["put", "benchmark", "our-bench"]));
    for score in 50..60 {
        submit(&daemon, score);
    }
    let json = ["export", "--format", "store", "--output", "json", "--out"];
    let written = ok(ask(&daemon, &[&json[..], &[text(&first)]].concat()));
    let written: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(
        written["revision"], 11,
        "a benchmark and ten results: {written}"
    );
    let before = board(&daemon);
    submit(&daemon, 70);

    let head = written["head"].as_str().expect("a head");
    let verified = ok(offline(&["verify", text(&first), "--expect", head]));
    assert!(
        verified.contains("sound") && verified.contains(head),
        "{verified}"
    );

    let data = ["--data-dir", text(&new)];
    let restored = ok(offline(
        &[&["import", "store", text(&first)], &data[..]].concat(),
    ));
    assert!(restored.contains(head), "{restored}");
    let copy = Daemon::start(&new);
    assert_ne!(copy.store_id, daemon.store_id);
    assert_eq!(board(&copy), before);
    let to = |file| ["export", "--format", "store", "--out", text(file)];
    ok(ask(&copy, &to(&second)));
    copy.stop();
    ok(offline(&[&to(&third)[..], &data[..]].concat()));
    let read = |file: &Path| std::fs::read(file).expect("a file");
    let bytes = read(&first);
    assert_eq!(read(&second), bytes, "from the running copy");
    assert_eq!(read(&third), bytes, "from the stopped copy");

    // The store has gone on; the file as it was then can still be had.
    let then = [&to(&second)[..], &["--as-of-revision", "11"]].concat();
    ok(ask(&daemon, &then));
    assert_eq!(read(&second), bytes, "as of revision 11");

    let again = offline(&[&["import", "store", text(&first)], &data[..]].concat());
    assert_eq!(again.code, Some(1), "{}", again.stderr);
    assert!(
        again.stderr.contains("holds a store already"),
        "{}",
        again.stderr
    );
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
