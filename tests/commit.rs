//! The writer over a log in memory: group commit, other writers, failed writes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc;

use frontierd::clock::Clock;
use frontierd::commit::{Accepted, Asked, Commit, Opened, Settings, Ticket};
use frontierd::log::{AppendError, Chunk, Head, Log, LogReader, MemoryLog};
use frontierd::model::{
    Benchmark, BenchmarkId, Body, Change, Draft, Entry, ModelId, Reason, Refusal, Relationship,
    RequestKey, ResultDraft, ResultFacts, Revision, Timestamp, Uncertainty,
};

const NOW: Timestamp = Timestamp::from_micros(1_737_500_000_000_000);
const BOARD: &str = "board";

/// A log whose appends wait at a gate until they are let through.
struct Gated {
    log: MemoryLog,
    arrived: mpsc::Sender<u64>,
    let_through: mpsc::Receiver<()>,
}

/// The keeper's side of the gate. When it is gone, everything passes.
struct Keeper {
    arrived: mpsc::Receiver<u64>,
    let_through: mpsc::Sender<()>,
}

impl Keeper {
    /// Waits for the next append; how many entries it has.
    fn arrived(&self) -> u64 {
        self.arrived.recv().expect("the writer is at work")
    }

    fn let_through(&self) {
        self.let_through.send(()).expect("an append waits");
    }
}

impl Log for Gated {
    fn store_id(&self) -> &str {
        self.log.store_id()
    }

    fn head(&self) -> Head {
        Log::head(&self.log)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.log.reader()
    }

    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
        let entries = chunks.iter().map(|chunk| chunk.last - chunk.first + 1);
        // Either side is missing once nobody keeps the gate.
        let _ = self.arrived.send(entries.sum());
        let _ = self.let_through.recv();
        self.log.append_chunks(expected, chunks)
    }
}

fn result_facts(model: &str, score: f64) -> ResultFacts {
    ResultFacts {
        benchmark: BenchmarkId::parse(BOARD, "").expect("an id"),
        model: ModelId::parse(model, "").expect("an id"),
        score,
        uncertainty: Uncertainty::default(),
        run_cost: None,
        tokens: None,
        task_count: None,
        repeats: None,
        observed: NOW.date(),
        evaluator: "tester".into(),
        relationship: Relationship::Other,
        harness: "".into(),
        harness_version: "".into(),
        source_url: "".into(),
        labels: BTreeMap::new(),
    }
}

fn key(id: &str, model: &str, score: f64) -> RequestKey {
    RequestKey::new("tester", id, format!("{model} {score}").as_bytes())
}

/// A submission; without a request id where that is empty.
fn draft(id: &str, model: &str, score: f64) -> Draft {
    let facts = result_facts(model, score);
    let result = ResultDraft {
        benchmark: facts.benchmark.text().clone(),
        model: facts.model.text().clone(),
        score,
        unit: None,
        uncertainty: facts.uncertainty,
        run_cost: None,
        tokens: None,
        task_count: None,
        repeats: None,
        observed: facts.observed,
        evaluator: facts.evaluator,
        relationship: facts.relationship,
        harness: facts.harness,
        harness_version: facts.harness_version,
        source_url: facts.source_url,
        labels: facts.labels,
        require_known_model: false,
    };
    Draft {
        author: "tester".into(),
        request: (!id.is_empty()).then(|| key(id, model, score)),
        change: Change::SubmitResult(Box::new(result)),
    }
}

/// The entry that another writer makes of the same submission.
fn entry(revision: Revision, id: &str, model: &str, score: f64) -> Entry {
    Entry {
        revision,
        received: NOW,
        author: "tester".into(),
        request: (!id.is_empty()).then(|| key(id, model, score)),
        body: Body::Result(Box::new(result_facts(model, score))),
    }
}

/// A log with one benchmark, at revision 1.
fn log() -> MemoryLog {
    let mut log = MemoryLog::new("a-store");
    let benchmark = Benchmark::new(BenchmarkId::parse(BOARD, "").expect("an id"));
    let first = Entry {
        body: Body::Benchmark(Box::new(benchmark)),
        ..entry(1, "", "lab/none", 0.0)
    };
    log.append(0, &[first]).expect("an append");
    log
}

fn open(log: Box<dyn Log>) -> Commit {
    let settings = Settings {
        clock: Clock::fixed(NOW),
        ..Settings::default()
    };
    let Opened { commit, .. } = Commit::open(log, settings, |_, _| {}).expect("it opens");
    commit
}

/// A writer whose appends wait for the keeper, the first of which has arrived: what is queued from here on becomes
/// one batch.
async fn gated(log: &MemoryLog) -> (Commit, Keeper, Ticket) {
    let (arrived, arrivals) = mpsc::channel();
    let (release, let_through) = mpsc::channel();
    let commit = open(Box::new(Gated {
        log: log.second_writer(),
        arrived,
        let_through,
    }));
    let keeper = Keeper {
        arrived: arrivals,
        let_through: release,
    };
    let first = queue(&commit, draft("", "lab/first", 50.0)).await;
    assert_eq!(keeper.arrived(), 1);
    (commit, keeper, first)
}

async fn queue(commit: &Commit, draft: Draft) -> Ticket {
    commit.enqueue(draft, Asked::Rank).await.expect("queued")
}

/// Fails when a ticket has been answered already.
async fn unanswered(ticket: Ticket) -> impl Future<Output = Result<Accepted, Refusal>> {
    let mut answer = Box::pin(ticket.answer());
    tokio::select! {
        biased;
        answer = &mut answer => panic!("answered before it is durable: {answer:?}"),
        () = std::future::ready(()) => {}
    }
    answer
}

fn revision_of(answer: Result<Accepted, Refusal>) -> Revision {
    let accepted = answer.expect("accepted");
    assert!(!accepted.replayed && !accepted.unchanged);
    accepted.revision
}

fn reason_of(answer: Result<Accepted, Refusal>) -> Reason {
    answer.expect_err("refused").reason
}

#[tokio::test]
async fn everything_that_waits_becomes_one_append() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let mut waiting = Vec::new();
    for number in 0..300 {
        let model = format!("lab/m{number}");
        waiting.push(queue(&commit, draft("", &model, 40.0)).await);
    }
    keeper.let_through();
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(keeper.arrived(), 300);
    keeper.let_through();
    for (ticket, revision) in waiting.into_iter().zip(3..) {
        assert_eq!(revision_of(ticket.answer().await), revision);
    }
    assert_eq!(commit.log().head().revision, 302);
    assert!(keeper.arrived.try_recv().is_err(), "no third append");
}

#[tokio::test]
async fn concurrent_callers_share_appends() {
    const CALLERS: u64 = 64;
    const EACH: u64 = 20;
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let commit = commit.clone();
        callers.spawn(async move {
            for number in 0..EACH {
                let model = format!("lab/c{caller}");
                let draft = draft(&format!("{caller}-{number}"), &model, number as f64);
                commit.submit(draft, Asked::Rank).await.expect("accepted");
            }
        });
    }
    let appends = std::thread::spawn(move || {
        keeper.let_through();
        let sizes = std::iter::from_fn(|| keeper.arrived.recv().ok());
        let sizes = sizes.inspect(|_| keeper.let_through());
        let mut appended = 0;
        let mut count = 0;
        for size in sizes {
            appended += size;
            count += 1;
            if appended == CALLERS * EACH {
                break;
            }
        }
        count
    });
    while let Some(done) = callers.join_next().await {
        done.expect("no panic");
    }
    assert_eq!(revision_of(first.answer().await), 2);
    let appends = appends.join().expect("no panic");
    assert_eq!(commit.board().revision(), 2 + CALLERS * EACH);
    // Every caller waits for its answer before it goes on, so at best they share each of 20.
    assert!((EACH..CALLERS * EACH / 4).contains(&appends), "{appends}");
}

#[tokio::test]
async fn another_writers_entries_are_applied_and_drafts_judged_again() {
    let log = log();
    let mut other = log.second_writer();
    let (commit, keeper, first) = gated(&log).await;
    let same = queue(&commit, draft("once", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("taken", "lab/b", 61.0)).await;
    let plain = queue(&commit, draft("", "lab/c", 62.0)).await;
    keeper.let_through();
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(keeper.arrived(), 3);
    // All three are judged and on their way when somebody else is faster.
    let foreign = [
        entry(3, "once", "lab/a", 60.0),
        entry(4, "taken", "lab/z", 99.0),
    ];
    other.append(2, &foreign).expect("an append");
    let mut told = commit.hub().listen();
    told.mark_unchanged();
    keeper.let_through();
    // What is left of the batch comes again, behind the foreign entries.
    assert_eq!(keeper.arrived(), 1);
    told.changed().await.expect("watchers are told");
    assert_eq!(*told.borrow(), 4);
    assert_eq!(commit.board().revision(), 4);
    keeper.let_through();

    let same = same.answer().await.expect("accepted");
    assert_eq!((same.revision, same.replayed), (3, true));
    assert_eq!(reason_of(reused.answer().await), Reason::RequestIdReused);
    let plain = plain.answer().await.expect("accepted");
    assert_eq!((plain.revision, plain.rank), (5, Some(2)));
    let published = commit.hub().after(1, 5, 10).expect("all of them");
    let revisions: Vec<_> = published.iter().map(|item| item.revision()).collect();
    assert_eq!(revisions, [2, 3, 4, 5]);
    assert_eq!(commit.log().head(), Log::head(&other));
}

#[tokio::test]
async fn a_conflict_before_anything_is_written_is_answered_too() {
    let log = log();
    let mut other = log.second_writer();
    let commit = open(Box::new(log.second_writer()));
    for round in 0..10 {
        let revision = 2 + 2 * round;
        let foreign = entry(revision, "", "lab/foreign", 1.0);
        other.append(revision - 1, &[foreign]).expect("an append");
        let answer = commit.submit(draft("", "lab/own", 2.0), Asked::Rank).await;
        assert_eq!(revision_of(answer), revision + 1);
    }
    assert_eq!(commit.board().revision(), 21);
}

#[tokio::test]
async fn refusals_and_replays_wait_for_what_they_were_judged_on() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let original = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("id", "lab/a", 61.0)).await;
    let repeated = queue(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    first.answer().await.expect("accepted");
    assert_eq!(keeper.arrived(), 1, "only the original needs the log");
    let original = unanswered(original).await;
    let reused = unanswered(reused).await;
    let repeated = unanswered(repeated).await;
    assert_eq!(
        commit.board().revision(),
        2,
        "nothing shows before it is durable"
    );
    keeper.let_through();
    assert_eq!(revision_of(original.await), 3);
    assert_eq!(reason_of(reused.await), Reason::RequestIdReused);
    let repeated = repeated.await.expect("accepted");
    assert_eq!((repeated.revision, repeated.replayed), (3, true));
}

#[tokio::test]
async fn a_failed_write_leaves_outcomes_unknown_and_shows_nothing() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let original = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("id", "lab/a", 61.0)).await;
    let refused = queue(&commit, draft("", "lab/a", 161.0)).await;
    keeper.let_through();
    first.answer().await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    let behind = queue(&commit, draft("behind", "lab/a", 62.0)).await;
    log.fail_next_append(0);
    keeper.let_through();
    for ticket in [original, reused, refused] {
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
async fn closing_answers_what_is_queued_and_refuses_what_comes() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let queued = queue(&commit, draft("", "lab/a", 60.0)).await;
    commit.close().await;
    let late = queue(&commit, draft("", "lab/a", 61.0)).await;
    drop(keeper);
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(revision_of(queued.answer().await), 3);
    assert_eq!(reason_of(late.answer().await), Reason::ShuttingDown);
    assert_eq!(commit.log().head().revision, 3);
}
