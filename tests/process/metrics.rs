//! `/metrics` of a real daemon, read by a real parser; and what is built on its names.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use frontierd::client::Client;
use frontierd::proto::v1::{
    Benchmark, CreateCheckpointRequest, PutBenchmarkRequest, Result as ResultMessage,
    SubmitResultRequest, WatchLeaderboardRequest,
};

use crate::daemon::Daemon;
use crate::export::{ask as ask_daemon, ok};
use crate::faults::damage;
use crate::http::{Answer, ask, get};
use crate::lines::PATIENCE;
use crate::tools::available;

const BOARD: &str = "measured";

/// A daemon with metrics, and where they are.
fn start(dir: &Path) -> (Daemon, String) {
    let daemon = Daemon::start_with(dir, &["--metrics-listen", "127.0.0.1:0"]);
    let line = daemon.process.stdout.wait_for("metrics on http://");
    let addr = line.trim_start_matches("metrics on http://");
    let addr = addr.trim_end_matches("/metrics").to_owned();
    (daemon, addr)
}

async fn define(client: &mut Client) {
    let put = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: BOARD.to_owned(),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    client.put_benchmark(put).await.expect("accepted");
}

fn submission(benchmark: &str, model: &str, request_id: &str) -> SubmitResultRequest {
    SubmitResultRequest {
        result: Some(ResultMessage {
            benchmark: benchmark.to_owned(),
            model: model.to_owned(),
            score: Some(50.0),
            ..ResultMessage::default()
        }),
        request_id: request_id.to_owned(),
        ..SubmitResultRequest::default()
    }
}

/// A sample by its name with labels, as it stands on the page.
fn sample(page: &Answer, name: &str) -> f64 {
    let line = page.body.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|rest| rest.trim().parse().ok());
    value.unwrap_or_else(|| panic!("no `{name}` in:\n{}", page.body))
}

/// Three results, one of them sent twice, two refusals, one watch with a snapshot and a checkpoint.
async fn work(client: &mut Client) {
    define(client).await;
    for model in ["lab/a", "lab/b", "lab/c"] {
        let request = submission(BOARD, model, model);
        client.submit_result(request).await.expect("accepted");
    }
    let again = client
        .submit_result(submission(BOARD, "lab/a", "lab/a"))
        .await;
    assert!(again.expect("accepted").replayed);
    let unknown = client
        .submit_result(submission("nowhere", "lab/a", ""))
        .await;
    unknown.expect_err("refused with state");
    let empty = client.submit_result(SubmitResultRequest::default()).await;
    empty.expect_err("refused without state");
    let checkpoint = client.create_checkpoint(CreateCheckpointRequest {}).await;
    checkpoint.expect("written");
}

/// The page says what [`work`] and one watch did.
fn counted(page: &Answer) {
    let submit = "method=\"frontier.v1.LeaderboardService/SubmitResult\"";
    for (name, expected) in [
        ("frontierd_ready", 1.0),
        ("frontierd_entries_total{kind=\"result\"}", 3.0),
        ("frontierd_entries_total{kind=\"benchmark\"}", 1.0),
        ("frontierd_drafts_not_appended_total{why=\"replayed\"}", 1.0),
        ("frontierd_drafts_not_appended_total{why=\"refused\"}", 1.0),
        (
            "frontierd_refusals_total{reason=\"UNKNOWN_BENCHMARK\"}",
            1.0,
        ),
        ("frontierd_refusals_total{reason=\"FIELD_REQUIRED\"}", 1.0),
        (
            &format!("frontierd_grpc_calls_total{{{submit},code=\"OK\"}}"),
            4.0,
        ),
        (
            &format!("frontierd_grpc_calls_total{{{submit},code=\"NOT_FOUND\"}}"),
            1.0,
        ),
        (
            &format!("frontierd_grpc_call_duration_seconds_count{{{submit}}}"),
            6.0,
        ),
        ("frontierd_grpc_calls_open", 1.0),
        ("frontierd_connections_open", 1.0),
        ("frontierd_commit_entries_count", 4.0),
        ("frontierd_commit_entries_sum", 4.0),
        ("frontierd_commit_duration_seconds_count", 4.0),
        ("frontierd_log_sync_duration_seconds_count", 4.0),
        ("frontierd_durable_lag_entries", 0.0),
        ("frontierd_head_revision", 4.0),
        ("frontierd_checkpoint_revision", 4.0),
        ("frontierd_read_only", 0.0),
        ("frontierd_log_fault", 0.0),
        ("frontierd_benchmarks", 1.0),
        ("frontierd_models", 3.0),
        ("frontierd_results", 3.0),
        ("frontierd_board_standings{board=\"measured\"}", 3.0),
        ("frontierd_watchers", 1.0),
        ("frontierd_watch_views", 1.0),
        ("frontierd_ring_revisions", 4.0),
    ] {
        assert_eq!(sample(page, name), expected, "{name}");
    }
    for name in [
        "frontierd_store_bytes",
        "frontierd_ring_bytes",
        "frontierd_log_appended_bytes_total",
        "frontierd_watch_frames_total{kind=\"snapshot\"}",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_threads",
    ] {
        assert!(sample(page, name) > 0.0, "{name}");
    }
}

#[tokio::test]
async fn metrics_count_what_happened() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, addr) = start(dir.path());
    let mut client = daemon.client().await;
    work(&mut client).await;
    let watch = WatchLeaderboardRequest {
        boards: vec![BOARD.to_owned()],
        ..WatchLeaderboardRequest::default()
    };
    let mut frames = client.watch_leaderboard(watch).await.expect("a watch");
    frames.message().await.expect("a frame").expect("open");
    let page = get(&addr, "/metrics");
    assert_eq!(page.status, 200);
    let kind = page.header("content-type");
    assert_eq!(
        kind,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    counted(&page);
    assert!(sample(&page, "frontierd_checkpoint_age_seconds") < 3_600.0);
    drop((frames, client));
    daemon.stop();
}

/// Asks until the walk of the log has come to an end or to a fault.
fn scrubbed(addr: &str) -> Answer {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = get(addr, "/metrics");
        let told = [
            "frontierd_scrub_finished_time_seconds",
            "frontierd_log_fault",
        ];
        if told.iter().any(|name| sample(&page, name) > 0.0) {
            return page;
        }
        assert!(Instant::now() < deadline, "{}", page.body);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What `frontierd info` says of the disk.
fn disk(daemon: &Daemon) -> String {
    let info = ok(ask_daemon(daemon, &["info"]));
    let line = info.lines().find_map(|line| line.strip_prefix("disk "));
    line.unwrap_or_else(|| panic!("{info}")).trim().to_owned()
}

#[tokio::test]
async fn the_walk_of_the_log_is_told_of_a_sound_disk_and_of_a_damaged_one() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, _) = start(dir.path());
    let mut client = daemon.client().await;
    work(&mut client).await;
    client
        .submit_result(submission(BOARD, "lab/d", ""))
        .await
        .expect("accepted");
    drop(client);
    daemon.stop();

    let (daemon, addr) = start(dir.path());
    let page = scrubbed(&addr);
    assert_eq!(sample(&page, "frontierd_scrubbed_revision"), 5.0);
    assert_eq!(sample(&page, "frontierd_log_fault"), 0.0);
    let age = sample(&page, "process_start_time_seconds")
        - sample(&page, "frontierd_scrub_finished_time_seconds");
    assert!(age.abs() < 3_600.0, "{age}");
    let sound = disk(&daemon);
    assert!(
        sound.starts_with("sound up to revision 5, all of it read 20"),
        "{sound}"
    );
    daemon.stop();

    // Before the checkpoint, so that the start does not read it.
    assert_eq!(damage::rot(dir.path(), 2), 2);
    let (daemon, addr) = start(dir.path());
    let page = scrubbed(&addr);
    assert_eq!(sample(&page, "frontierd_log_fault"), 1.0);
    assert_eq!(sample(&page, "frontierd_scrubbed_revision"), 1.0);
    assert_eq!(sample(&page, "frontierd_scrub_finished_time_seconds"), 0.0);
    let damaged = disk(&daemon);
    for part in ["damaged, sound up to revision 1: ", "revision `2`"] {
        assert!(damaged.contains(part), "{damaged}");
    }
    daemon.stop();
}

#[tokio::test]
async fn only_the_metrics_are_there_and_only_by_a_host_that_is_ours() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, addr) = start(dir.path());
    assert_eq!(get(&addr, "/").status, 404);
    assert_eq!(ask(&addr, "POST", "/metrics", &addr).status, 405);
    assert_eq!(ask(&addr, "GET", "/metrics", "evil.example").status, 403);
    let head = ask(&addr, "HEAD", "/metrics", &addr);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    daemon.stop();
}

#[test]
fn metrics_in_public_need_leave_too() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut command = crate::daemon::serve(dir.path());
    let mut refused =
        crate::daemon::Process::spawn(command.args(["--metrics-listen", "0.0.0.0:0"]));
    assert_eq!(refused.wait().code(), Some(2));
    let said = refused.stderr.so_far();
    assert!(said.contains("--insecure-public"), "{said}");
}

/// Names of all samples, as prometheus_client's parser reads them; none where it is missing.
fn parsed(page: &str) -> Option<BTreeSet<String>> {
    if !available(
        "python3",
        &["-c", "import prometheus_client.openmetrics.parser"],
    ) {
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/check_metrics.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3 runs");
    let mut input = python.stdin.take().expect("piped");
    input.write_all(page.as_bytes()).expect("it reads");
    drop(input);
    let output = python.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{page}");
    let names = String::from_utf8(output.stdout).expect("text");
    Some(names.lines().map(str::to_owned).collect())
}

/// Every word of a text that is named like a metric of ours.
fn metrics_in(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("frontierd_") || word.starts_with("process_"))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn a_real_parser_reads_the_page_and_dashboard_and_alerts_name_only_what_is_on_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, addr) = start(dir.path());
    let mut client = daemon.client().await;
    work(&mut client).await;
    let page = get(&addr, "/metrics").body;
    drop(client);
    daemon.stop();
    let Some(names) = parsed(&page) else { return };
    assert!(names.len() > 40, "{names:?}");
    for file in ["grafana-dashboard.json", "alerts.yml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("dist")
            .join(file);
        let text = std::fs::read_to_string(path).expect("it is there");
        if file.ends_with("json") {
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
        }
        let named = metrics_in(&text);
        assert!(named.len() >= 8, "{file}: {named:?}");
        let unknown: Vec<_> = named.difference(&names).collect();
        assert!(
            unknown.is_empty(),
            "{file} names what no page has: {unknown:?}"
        );
    }
}
