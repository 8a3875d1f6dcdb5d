//! When checkpoints are written.

use std::path::Path;

use frontierd::clock::Clock;
use frontierd::commit::{Asked, Commit, OpenError, Opened, Settings};
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

/// A log that lost its end, because its backend took damage for the end, was served as if nothing had been there: the
/// checkpoint beyond it was discarded, with the only trace of what was lost. Now the start is refused and the trace
/// stays.
#[tokio::test]
async fn a_log_that_is_shorter_than_a_checkpoint_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut log = log();
    let opened = open(&mut log, dir.path());
    grow(&opened.commit, EVERY / 2).await;
    let (checkpoint, _) = opened.commit.checkpoint().await.expect("a checkpoint");
    closed(opened).await;

    let mut shorter = MemoryLog::new(log.store_id());
    let chunks = log.reader();
    let chunks: Vec<_> = chunks
        .chunks(1)
        .map(|chunk| chunk.expect("sound"))
        .collect();
    let head = shorter.append_chunks(0, &chunks[..3]).expect("a prefix");
    for _ in 0..2 {
        let settings = Settings {
            checkpoints: Some(dir.path().to_owned()),
            ..Settings::default()
        };
        let refused = Commit::open(Box::new(shorter.clone()), settings, |_, _| {});
        let Err(OpenError::LostEnd {
            checkpoint: at,
            head: end,
        }) = refused.map(|_| ())
        else {
            panic!("it opens");
        };
        assert_eq!((at, end), (checkpoint, head.revision));
    }
}
