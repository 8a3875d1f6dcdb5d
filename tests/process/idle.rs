//! An idle daemon writes nothing: flash cards wear out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use frontierd::proto::v1::{Benchmark, PutBenchmarkRequest};

use crate::daemon::Daemon;
use crate::lines::PATIENCE;

/// How long nothing may happen.
const STILL: Duration = Duration::from_secs(3);
/// How long counters stand still before the daemon counts as settled.
const SETTLED: Duration = Duration::from_millis(500);

/// What the kernel counted for a process: write calls of any kind, bytes written, bytes that reached storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Writes {
    calls: u64,
    bytes: u64,
    stored: u64,
}

fn writes(pid: u32) -> Writes {
    let io = fs::read_to_string(format!("/proc/{pid}/io")).expect("the kernel counts");
    let counter = |name: &str| {
        let line = io.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|count| count.trim().parse().ok())
            .unwrap_or_else(|| panic!("no `{name}` in {io}"))
    };
    Writes {
        calls: counter("syscw:"),
        bytes: counter("wchar:"),
        stored: counter("write_bytes:"),
    }
}

/// Every file of a tree with its size and times of change.
fn files(dir: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for item in fs::read_dir(dir).expect("a directory") {
        let item = item.expect("an item");
        let about = item.metadata().expect("about it");
        found.insert(
            item.path(),
            (about.len(), about.modified().expect("a time")),
        );
        if about.is_dir() {
            found.append(&mut files(&item.path()));
        }
    }
    found
}

#[tokio::test]
async fn an_idle_daemon_writes_nothing() {
    if !Path::new("/proc/self/io").exists() {
        eprintln!("SKIPPED, NOT TESTED: this system has no /proc/PID/io");
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let put = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "idle".to_owned(),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    let mut client = daemon.client().await;
    client.put_benchmark(put).await.expect("accepted");
    drop(client);

    let pid = daemon.process.pid();
    let deadline = Instant::now() + PATIENCE;
    let mut before = writes(pid);
    loop {
        tokio::time::sleep(SETTLED).await;
        let now = writes(pid);
        if now == before {
            break;
        }
        assert!(Instant::now() < deadline, "it never settles: {now:?}");
        before = now;
    }
    let files_before = files(dir.path());
    assert!(files_before.len() >= 2, "{files_before:?}");
    // Not for synchronisation: this is the time in which nothing may happen.
    tokio::time::sleep(STILL).await;
    assert_eq!(writes(pid), before);
    assert_eq!(files(dir.path()), files_before);
    daemon.stop();
}
