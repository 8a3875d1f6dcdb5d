//! When checkpoints are written.

use std::path::Path;

use frontierd::clock::Clock;
use frontierd::commit::{Asked, Commit, Opened, Settings};
use frontierd::log::{Log, MemoryLog};

use crate::support::{NOW, draft, log};

/// Bytes of log between two checkpoints: above half the size of any here.
const EVERY: u64 = 8_000;

/// A daemon that starts on a log, of which it has appended nothing yet.
fn open(log: &mut MemoryLog, dir: &Path) -> Opened {
    *log = log.reopen();
    let settings = Settings {
        clock: Clock::fixed(NOW),
        checkpoints: Some(dir.to_owned()),
        checkpoint_log_bytes_min: EVERY,
        ..Settings::default()
    };
    let log: Box<dyn Log> = Box::new(log.clone());
    Commit::open(log, settings, |_, _| {}).expect("it opens")
}

/// Submits results until at least `bytes` of log are there.
async fn grow(commit: &Commit, bytes: u64) {
    while commit.log().bytes_appended() < bytes {
        let answer = commit
            .submit(draft("", "lab/a", 50.0), Asked::Nothing)
            .await;
        answer.expect("accepted");
    }
}

/// Closes, which waits for the checkpoint being written. Answers the newest one's revision.
async fn closed(opened: Opened) -> u64 {
    let Opened { commit, writer } = opened;
    commit.close().await;
    writer.join().expect("no panic");
    commit.checkpoint_revision()
}

#[tokio::test]
async fn enough_log_makes_a_checkpoint() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut log = log();
    let opened = open(&mut log, dir.path());
    grow(&opened.commit, EVERY * 3 / 4).await;
    assert_eq!(closed(opened).await, 0, "not enough yet");

    let opened = open(&mut log, dir.path());
    grow(&opened.commit, EVERY).await;
    let head = opened.commit.log().head().revision;
    let newest = closed(opened).await;
    assert!(newest > 0 && newest <= head, "{newest}");
}

/// Checkpoints made on request were not counted, so the daemon wrote its own right after one.
#[tokio::test]
async fn a_checkpoint_on_request_counts() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut log = log();
    let opened = open(&mut log, dir.path());
    grow(&opened.commit, EVERY * 3 / 4).await;
    let (requested, _) = opened.commit.checkpoint().await.expect("a checkpoint");
    grow(&opened.commit, EVERY * 3 / 2).await;
    assert_eq!(
        closed(opened).await,
        requested,
        "three quarters are not enough"
    );

    let opened = open(&mut log, dir.path());
    assert_eq!(opened.commit.checkpoint_revision(), requested);
    grow(&opened.commit, EVERY / 2).await;
    let newest = closed(opened).await;
    assert!(newest > requested, "with half of it in this run they are");
}
