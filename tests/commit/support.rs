//! A log in memory whose appends wait at a gate, and drafts for it.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Waker};

use frontierd::clock::Clock;
use frontierd::commit::{Accepted, Asked, Commit, Opened, Settings, Ticket};
use frontierd::log::{AppendError, Chunk, Head, Log, LogReader, MemoryLog};
use frontierd::model::{
    Benchmark, BenchmarkId, Body, Change, Draft, Entry, ModelId, Reason, Refusal, Relationship,
    RequestKey, ResultDraft, ResultFacts, Revision, Timestamp, Uncertainty,
};

pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_737_500_000_000_000);
pub(crate) const BOARD: &str = "board";

/// A log whose appends wait at a gate until they are let through.
pub(crate) struct Gated {
    log: MemoryLog,
    arrived: mpsc::Sender<u64>,
    let_through: mpsc::Receiver<()>,
}

/// The keeper's side of the gate. When it is gone, everything passes.
pub(crate) struct Keeper {
    pub(crate) arrived: mpsc::Receiver<u64>,
    let_through: mpsc::Sender<()>,
}

impl Keeper {
    /// Waits for the next append; how many entries it has.
    pub(crate) fn arrived(&self) -> u64 {
        self.arrived.recv().expect("the writer is at work")
    }

    pub(crate) fn let_through(&self) {
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

pub(crate) fn result_facts(model: &str, score: f64) -> ResultFacts {
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

pub(crate) fn key(id: &str, model: &str, score: f64) -> RequestKey {
    RequestKey::new("tester", id, format!("{model} {score}").as_bytes())
}

/// A submission; without a request id where that is empty.
pub(crate) fn draft(id: &str, model: &str, score: f64) -> Draft {
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
pub(crate) fn entry(revision: Revision, id: &str, model: &str, score: f64) -> Entry {
    Entry {
        revision,
        received: NOW,
        author: "tester".into(),
        request: (!id.is_empty()).then(|| key(id, model, score)),
        body: Body::Result(Box::new(result_facts(model, score))),
    }
}

/// A log with one benchmark, at revision 1.
pub(crate) fn log() -> MemoryLog {
    let mut log = MemoryLog::new("a-store");
    let benchmark = Benchmark::new(BenchmarkId::parse(BOARD, "").expect("an id"));
    let first = Entry {
        body: Body::Benchmark(Box::new(benchmark)),
        ..entry(1, "", "lab/none", 0.0)
    };
    log.append(0, &[first]).expect("an append");
    log
}

pub(crate) fn open(log: Box<dyn Log>) -> Commit {
    let settings = Settings {
        clock: Clock::fixed(NOW),
        ..Settings::default()
    };
    let Opened { commit, .. } = Commit::open(log, settings, |_, _| {}).expect("it opens");
    commit
}

/// A writer whose appends wait for the keeper, the first of which has arrived: what is queued from here on becomes
/// one batch.
pub(crate) async fn gated(log: &MemoryLog) -> (Commit, Keeper, Ticket) {
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

pub(crate) async fn queue(commit: &Commit, draft: Draft) -> Ticket {
    commit.enqueue(draft, Asked::Rank).await.expect("queued")
}

/// An answer to come, which can be looked at without waiting for it.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Accepted, Refusal>>>>;

/// Queues a draft as [`queue`] does.
pub(crate) async fn ask(commit: &Commit, draft: Draft) -> Answer {
    Box::pin(queue(commit, draft).await.answer())
}

/// Whether nothing has come yet. Asks without waiting, so the caller may hold the board.
pub(crate) fn is_open<T>(future: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    future.as_mut().poll(&mut context).is_pending()
}

/// Fails when a ticket has been answered already.
pub(crate) async fn unanswered(ticket: Ticket) -> impl Future<Output = Result<Accepted, Refusal>> {
    let mut answer = Box::pin(ticket.answer());
    tokio::select! {
        biased;
        answer = &mut answer => panic!("answered before it is durable: {answer:?}"),
        () = std::future::ready(()) => {}
    }
    answer
}

pub(crate) fn revision_of(answer: Result<Accepted, Refusal>) -> Revision {
    let accepted = answer.expect("accepted");
    assert!(!accepted.replayed && !accepted.unchanged);
    accepted.revision
}

pub(crate) fn reason_of(answer: Result<Accepted, Refusal>) -> Reason {
    answer.expect_err("refused").reason
}
