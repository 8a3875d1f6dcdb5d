//! Failed writes and threads that panic.

use std::sync::Arc;

use frontierd::commit::Asked;
use frontierd::log::{AppendError, Chunk, Chunks, Head, Log, LogReader, MemoryLog};
use frontierd::model::{Reason, Revision};

use crate::support::{ask, draft, entry, gated, log, open, queue, reason_of, revision_of};

#[tokio::test]
async fn a_failed_write_leaves_outcomes_unknown_and_shows_nothing() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let original = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("id", "lab/a", 61.0)).await;
    let repeated = queue(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    first.answer().await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    let behind = queue(&commit, draft("behind", "lab/a", 62.0)).await;
    log.fail_next_append(0);
    keeper.let_through();
    for ticket in [original, reused, repeated] {
        assert_eq!(reason_of(ticket.answer().await), Reason::OutcomeUnknown);
    }
    assert_eq!(reason_of(behind.answer().await), Reason::ReadOnly);
    commit.poisoned().await;
    let later = commit.submit(draft("", "lab/a", 1.0), Asked::Rank).await;
    assert_eq!(reason_of(later), Reason::ReadOnly);
    assert!(commit.is_poisoned());
    assert_eq!((commit.board().revision(), commit.hub().head()), (2, 2));
    assert_eq!(commit.log().head().revision, 2);
}

#[tokio::test]
async fn a_restart_after_a_failed_write_shows_a_prefix_and_retries_complete_it() {
    const COUNT: u64 = 200;
    let submission = |number: u64| draft(&format!("id-{number}"), "lab/a", number as f64 / 10.0);
    for chunks_kept in [0, 1, 2, usize::MAX] {
        let log = log();
        let (commit, keeper, first) = gated(&log).await;
        let mut waiting = Vec::new();
        for number in 0..COUNT {
            waiting.push(queue(&commit, submission(number)).await);
        }
        keeper.let_through();
        first.answer().await.expect("accepted");
        assert_eq!(keeper.arrived(), COUNT);
        log.fail_next_append(chunks_kept);
        keeper.let_through();
        for ticket in waiting {
            assert_eq!(reason_of(ticket.answer().await), Reason::OutcomeUnknown);
        }

        let reopened = log.reopen();
        let kept = Log::head(&reopened).revision - 2;
        match chunks_kept {
            0 => assert_eq!(kept, 0),
            1 | 2 => assert!(kept > 0 && kept < COUNT, "{kept}"),
            _ => assert_eq!(kept, COUNT),
        }
        let again = open(Box::new(reopened));
        assert_eq!(again.board().revision(), 2 + kept);
        for number in 0..COUNT {
            let answer = again.submit(submission(number), Asked::Rank).await;
            let answer = answer.expect("accepted");
            assert_eq!(answer.revision, 3 + number, "in the order they were sent");
            assert_eq!(answer.replayed, number < kept);
        }
        assert_eq!(again.board().result_count(), 1 + COUNT);
    }
}

#[tokio::test]
async fn who_did_not_depend_on_a_failed_write_is_answered() {
    let log = log();
    let mut other = log.second_writer();
    let before = entry(2, "before", "lab/a", 50.0);
    other.append(1, &[before]).expect("an append");
    let (commit, keeper, first) = gated(&log).await;
    let original = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let refused = queue(&commit, draft("", "lab/a", 161.0)).await;
    let repeated = queue(&commit, draft("before", "lab/a", 50.0)).await;
    keeper.let_through();
    first.answer().await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    log.fail_next_append(0);
    keeper.let_through();
    assert_eq!(reason_of(original.answer().await), Reason::OutcomeUnknown);
    assert_eq!(reason_of(refused.answer().await), Reason::ScoreOutOfRange);
    let repeated = repeated.answer().await.expect("accepted");
    assert_eq!((repeated.revision, repeated.replayed), (2, true));
}

#[tokio::test]
async fn a_failed_write_spares_the_durable_commit_before_it() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let second = ask(&commit, draft("", "lab/a", 60.0)).await;
    let behind = {
        let board = commit.board();
        keeper.let_through();
        assert_eq!(keeper.arrived(), 1);
        assert_eq!(board.revision(), 1, "durable, and not yet applied");
        log.fail_next_append(1);
        let queued = commit.enqueue(draft("", "lab/a", 61.0), Asked::Rank);
        // There is room in the queue, so it does not wait.
        let mut queued: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(queued);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(queued) = queued.as_mut().poll(&mut context) else {
            panic!("the queue is full");
        };
        keeper.let_through();
        queued.expect("queued")
    };
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(reason_of(second.await), Reason::OutcomeUnknown);
    assert_eq!(reason_of(behind.answer().await), Reason::ReadOnly);
    commit.poisoned().await;
    assert_eq!((commit.board().revision(), commit.hub().head()), (2, 2));
}

/// A log that panics where it says so.
struct Panicking {
    log: MemoryLog,
    append: bool,
}

/// A reader that panics when chunks beyond the first revision are asked for.
struct PanickingReader(Arc<dyn LogReader>);

impl Log for Panicking {
    fn store_id(&self) -> &str {
        self.log.store_id()
    }

    fn head(&self) -> Head {
        Log::head(&self.log)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        Arc::new(PanickingReader(self.log.reader()))
    }

    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
        assert!(!self.append, "as told");
        self.log.append_chunks(expected, chunks)
    }
}

impl LogReader for PanickingReader {
    fn store_id(&self) -> &str {
        self.0.store_id()
    }

    fn head(&self) -> Head {
        self.0.head()
    }

    fn bytes_appended(&self) -> u64 {
        self.0.bytes_appended()
    }

    fn chunks(&self, from: Revision) -> Chunks<'_> {
        assert!(from <= 1, "as told");
        self.0.chunks(from)
    }
}

#[tokio::test]
async fn a_panic_of_either_thread_is_a_failed_write() {
    for append in [true, false] {
        let log = log();
        let mut other = log.second_writer();
        let commit = open(Box::new(Panicking {
            log: log.second_writer(),
            append,
        }));
        if !append {
            // After a conflict the writer reads on.
            let foreign = entry(2, "", "lab/z", 99.0);
            other.append(1, &[foreign]).expect("an append");
        }
        let answer = commit.submit(draft("", "lab/a", 60.0), Asked::Rank).await;
        assert_eq!(reason_of(answer), Reason::OutcomeUnknown);
        commit.poisoned().await;
        let later = commit.submit(draft("", "lab/a", 61.0), Asked::Rank).await;
        assert_eq!(reason_of(later), Reason::ReadOnly);
        assert_eq!(commit.board().revision(), 1);
    }
}
