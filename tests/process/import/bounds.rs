//! Damaged files, many files, large files.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use super::{Imported, dry, import};
use crate::daemon::{Daemon, frontierd};

/// Resident memory that an import may reach, whatever the size of its input.
const PEAK_KIB_MAX: u64 = 64 * 1024;

fn line(number: usize) -> String {
    let mut line = String::new();
    // About 200 bytes, as a result with its provenance has.
    let _ = writeln!(
        line,
        "{{\"benchmark\":\"x\",\"model\":\"lab/m{}\",\"score\":{},\"cost_usd\":{},\"sample_count\":400,\"observed_date\":\"2025-01-{:02}\",\"evaluator\":\"lab\",\"harness\":\"h\",\"source_url\":\"https://example.org/runs/{number}\"}}",
        number % 500,
        number % 100,
        1 + number % 7,
        1 + number % 28,
    );
    line
}

#[test]
fn damaged_files_are_named_and_nothing_panics() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (format, bytes, reason) in [
        (
            "lm-eval",
            &b"{\"results\": {\"a\": {\"acc\": 0.5"[..],
            "TRUNCATED",
        ),
        ("inspect", b"PK\x03\x04 and no more", "ZIP_DAMAGED"),
        (
            "inspect",
            b"{\"version\": 2, \"eval\": {\"task\":",
            "TRUNCATED",
        ),
        (
            "eee",
            b"{\"schema_version\": \"9\", \"evaluation_results\": []}",
            "SCHEMA_VERSION",
        ),
        ("aider", b"- dirname: [x\n", "NOT_YAML"),
        ("aider", b"- dirname: \xff\n", "NOT_UTF8"),
        ("prices-genai", b"- a\n", "WRONG_FORMAT"),
        ("prices-litellm", b"{}", "WRONG_FORMAT"),
        ("helm", b"[]", "HELM_RUN_INCOMPLETE"),
        ("csv", b"a,b\n1,2\n", "WRONG_FORMAT"),
    ] {
        let file = dir.path().join("file");
        std::fs::write(&file, bytes).expect("a file");
        let refused = dry(&[format, file.to_str().expect("UTF-8")]);
        assert_eq!(refused.code, Some(1), "{format}: {}", refused.stderr);
        assert_eq!(
            refused.listed[0]["reason"], reason,
            "{format}: {:?}",
            refused.listed
        );
        assert_eq!(refused.summary["files"]["refused"][reason], 1, "{format}");
    }
}

#[test]
fn a_file_cut_short_gives_what_it_holds_and_says_so() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let whole: String = (0..40).map(line).collect();
    let file = dir.path().join("r.jsonl");
    std::fs::write(&file, &whole[..whole.len() - 30]).expect("a file");
    let name = file.to_str().expect("UTF-8");
    let cut = import(&daemon, &[name, "--create-benchmarks"]);
    assert_eq!(cut.counts(), [40, 39, 0, 0, 1], "{}", cut.stderr);
    assert_eq!(cut.listed[0]["row"], "line 40");
    assert_eq!(cut.listed[0]["reason"], "TRUNCATED");
    // The rest, once it is there: an import that was interrupted goes on.
    std::fs::write(&file, &whole).expect("a file");
    assert_eq!(import(&daemon, &[name]).counts(), [40, 1, 39, 0, 0]);
    daemon.stop();
}

#[test]
fn a_directory_with_a_thousand_files_is_read_to_its_end() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let files = dir.path().join("files");
    for number in 0..1_000 {
        let part = files.join(format!("{}", number % 10));
        std::fs::create_dir_all(&part).expect("a directory");
        std::fs::write(part.join(format!("{number}.jsonl")), line(number)).expect("a file");
    }
    std::fs::write(files.join("README.md"), "notes").expect("a file");
    std::fs::write(files.join("empty.json"), "").expect("a file");
    let imported = import(
        &daemon,
        &[files.to_str().expect("UTF-8"), "--create-benchmarks"],
    );
    assert_eq!(
        imported.counts(),
        [1_000, 1_000, 0, 0, 0],
        "{}",
        imported.stderr
    );
    assert_eq!(imported.summary["files"]["formats"]["jsonl"], 1_000);
    assert_eq!(imported.summary["files"]["skipped"]["NOT_RECOGNISED"], 2);
    assert_eq!(imported.code, Some(0));
    daemon.stop();
}

/// `FRONTIERD_IMPORT_MB=200 cargo test --release --test process large_file -- --nocapture` is the long form.
#[cfg(target_os = "linux")]
#[test]
fn a_large_file_is_read_in_steady_memory() {
    let megabytes: usize = std::env::var("FRONTIERD_IMPORT_MB")
        .map_or(2, |text| text.parse().expect("a number of MB"));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let mut child = frontierd()
        .env("FRONTIERD_ADDR", daemon.url())
        .args([
            "--output",
            "json",
            "import",
            "jsonl",
            "-",
            "--create-benchmarks",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut input = child.stdin.take().expect("piped");
    let (mut bytes, mut rows) = (0, 0);
    while bytes < megabytes * 1024 * 1024 {
        let line = line(rows);
        input.write_all(line.as_bytes()).expect("a pipe");
        bytes += line.len();
        rows += 1;
    }
    // All but what stands in the pipe and in bounded queues is taken: the peak has been reached.
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("its status");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a peak");
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("KiB");
    drop(input);
    let imported = Imported::of(child.wait_with_output().expect("it ends"));
    assert_eq!(
        imported.counts(),
        [rows as u64, rows as u64, 0, 0, 0],
        "{}",
        imported.stderr
    );
    eprintln!("{megabytes} MB, {rows} rows: peak {peak} KiB");
    assert!(peak < PEAK_KIB_MAX, "{peak} KiB at the peak");
    daemon.stop();
}

/// Killed in the middle, then run again: everything is there, once.
#[test]
fn an_import_that_was_killed_goes_on_where_it_was() {
    const ROWS: usize = 10_000;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let mut child = frontierd()
        .env("FRONTIERD_ADDR", daemon.url())
        .args(["import", "jsonl", "-", "--create-benchmarks"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    let whole: String = (0..ROWS).map(line).collect();
    let mut input = child.stdin.take().expect("piped");
    // More than the queues hold: when all of it is written, rows have been submitted.
    input.write_all(whole.as_bytes()).expect("a pipe");
    child.kill().expect("a kill");
    child.wait().expect("its end");
    let file = dir.path().join("r.jsonl");
    std::fs::write(&file, &whole).expect("a file");
    let rest = import(
        &daemon,
        &[file.to_str().expect("UTF-8"), "--create-benchmarks"],
    );
    let [read, submitted, already, skipped, refused] = rest.counts();
    assert_eq!(
        (read, submitted + already, skipped + refused),
        (ROWS as u64, ROWS as u64, 0),
        "{}",
        rest.summary
    );
    assert!(already > 0, "some of it was there");
    daemon.stop();
}
