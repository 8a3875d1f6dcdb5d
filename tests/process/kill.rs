//! `kill -9` while 64 callers submit and one watches, again and again on one store.
//!
//! `FRONTIERD_KILL_ROUNDS=1000 cargo test --release --test process kill -- --nocapture` is the long run; it says how
//! long starts took.

mod watcher;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use frontierd::client::{Client, ClientError};
use frontierd::log::Head;
use frontierd::model::{Body, Entry, RequestKey};
use frontierd::proto::v1::{
    Benchmark, ListResultsRequest, PutBenchmarkRequest, Result as ResultMessage, ResultRecord,
    SubmitResultRequest, SubmitResultResponse,
};
use tokio::task::JoinSet;

use crate::daemon::{Daemon, frontierd, serve};
use watcher::Watcher;

pub(crate) const BOARD: &str = "kill-test";
const CALLERS: u32 = 64;
/// Rounds where `FRONTIERD_KILL_ROUNDS` does not say otherwise.
const ROUNDS: u32 = 50;
/// Rounds over one store; then a new one begins, so that starts stay short.
const ROUNDS_A_STORE: u32 = 100;
/// Every so many rounds the daemon is also killed while it starts.
const START_UP_KILL_EVERY: u32 = 4;
const SUBMITTER: &str = "unknown";
const LABEL: &str = "request-id";

/// xorshift64*: which moment is hit differs by round and is the same in every run, as far as a scheduler allows.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }
}

/// One submission: everything follows from its request id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Submission {
    round: u32,
    caller: u32,
    number: u32,
}

impl Submission {
    fn id(&self) -> String {
        format!("r{}-c{}-n{}", self.round, self.caller, self.number)
    }

    fn model(&self) -> String {
        format!("lab/m{}", self.caller)
    }

    fn score(&self) -> f64 {
        let mixed = self.round * 7_919 + self.caller * 104_729 + self.number * 1_299_709;
        f64::from(mixed % 10_000) / 100.0
    }

    fn request(&self) -> SubmitResultRequest {
        SubmitResultRequest {
            result: Some(ResultMessage {
                benchmark: BOARD.to_owned(),
                model: self.model(),
                score: Some(self.score()),
                labels: [(LABEL.to_owned(), self.id())].into(),
                ..ResultMessage::default()
            }),
            request_id: self.id(),
            ..SubmitResultRequest::default()
        }
    }

    fn scope(&self) -> [u8; 16] {
        RequestKey::new(SUBMITTER, &self.id(), &[]).scope
    }

    fn is(&self, entry: &Entry) -> bool {
        let Body::Result(facts) = &entry.body else {
            return false;
        };
        facts.benchmark.as_str() == BOARD
            && facts.model.as_str() == self.model()
            && facts.score == self.score()
            && facts.labels.get(LABEL).map(|id| &**id) == Some(&self.id())
            && entry.request.map(|request| request.scope) == Some(self.scope())
    }

    async fn submit(&self, client: &mut Client) -> Result<SubmitResultResponse, ClientError> {
        client.submit_result(self.request()).await
    }
}

/// What the callers know, and what the log was found to hold.
#[derive(Default)]
struct Ledger {
    /// Revision that was answered.
    acknowledged: BTreeMap<Submission, i64>,
    /// Answered, and not yet compared with the log.
    unchecked: Vec<(Submission, i64)>,
    /// Sent, never answered.
    unanswered: Vec<Submission>,
    /// Revision of each request id in the log.
    logged: BTreeMap<[u8; 16], u64>,
    entries: BTreeMap<u64, Entry>,
    head: Option<Head>,
    in_doubt: usize,
    in_doubt_and_logged: usize,
}

impl Ledger {
    /// Reads what the log gained; no request id may be there twice.
    async fn read(&mut self, client: &Client) {
        let known = self.head.unwrap_or(Head::EMPTY);
        let (head, entries) = crate::survey::entries_after(client, known).await;
        self.head = Some(head);
        for entry in entries {
            if let Some(request) = entry.request {
                let before = self.logged.insert(request.scope, entry.revision);
                assert_eq!(before, None, "a request id is in the log twice");
            }
            self.entries.insert(entry.revision, entry);
        }
        for (submission, revision) in std::mem::take(&mut self.unchecked) {
            self.check(&submission, revision);
        }
    }

    fn answered(&mut self, submission: Submission, revision: i64) {
        self.unchecked.push((submission.clone(), revision));
        self.acknowledged.insert(submission, revision);
    }

    fn check(&self, submission: &Submission, revision: i64) {
        let entry = self.entries.get(&(revision as u64));
        assert!(
            entry.is_some_and(|entry| submission.is(entry)),
            "{submission:?} was answered revision {revision}, which holds {entry:?}"
        );
    }

    /// Reads the whole log again and compares all that was ever answered with it.
    async fn read_all(&mut self, client: &Client) {
        self.head = None;
        self.entries.clear();
        self.logged.clear();
        self.read(client).await;
        for (submission, revision) in &self.acknowledged {
            self.check(submission, *revision);
        }
    }

    /// Asks again what was never answered: each is there exactly once afterwards.
    async fn retry(&mut self, client: &Client) {
        let mut retries = JoinSet::new();
        for submission in std::mem::take(&mut self.unanswered) {
            let mut client = client.clone();
            retries.spawn(async move { (submission.submit(&mut client).await, submission) });
        }
        while let Some(retried) = retries.join_next().await {
            let (answer, submission) = retried.expect("no panic");
            let answer = answer.expect("a retry is accepted");
            let logged = self.logged.get(&submission.scope()).copied();
            assert_eq!(answer.replayed, logged.is_some(), "{submission:?}");
            if let Some(logged) = logged {
                assert_eq!(answer.revision as u64, logged, "{submission:?}");
                self.in_doubt_and_logged += 1;
            }
            self.in_doubt += 1;
            self.answered(submission, answer.revision);
        }
    }
}

/// One caller: submits until the daemon is gone.
async fn call(
    mut client: Client,
    round: u32,
    caller: u32,
) -> (Vec<(Submission, i64)>, Option<Submission>) {
    let mut answered = Vec::new();
    for number in 0.. {
        let submission = Submission {
            round,
            caller,
            number,
        };
        match submission.submit(&mut client).await {
            Ok(answer) => {
                assert!(!answer.replayed, "{submission:?}");
                answered.push((submission, answer.revision));
            }
            Err(error) => {
                let gone = error.refused().is_some_and(|refused| {
                    use tonic::Code::{Cancelled, Internal, Unavailable, Unknown};
                    [Cancelled, Internal, Unavailable, Unknown].contains(&refused.code)
                });
                assert!(gone, "{submission:?}: {error}");
                return (answered, Some(submission));
            }
        }
    }
    (answered, None)
}

/// Lets 64 callers submit and one watch, and kills the daemon under them.
async fn storm(
    daemon: Daemon,
    round: u32,
    moment: Duration,
    ledger: &mut Ledger,
    watcher: Watcher,
) -> Watcher {
    let mut callers = JoinSet::new();
    for connection in 0..4 {
        let client = daemon.client().await;
        for caller in (0..CALLERS).filter(|caller| caller % 4 == connection) {
            callers.spawn(call(client.clone(), round, caller));
        }
    }
    let watching = tokio::spawn(watcher.until_broken());
    // The moment of the kill; nothing waits for it to have any effect.
    tokio::time::sleep(moment).await;
    daemon.kill();
    while let Some(called) = callers.join_next().await {
        let (answered, unanswered) = called.expect("no panic");
        for (submission, revision) in answered {
            ledger.answered(submission, revision);
        }
        ledger.unanswered.extend(unanswered);
    }
    watching.await.expect("no panic")
}

fn kill_while_starting(store: &Path, random: &mut Random) {
    let process = crate::daemon::Process::spawn(&mut serve(store));
    std::thread::sleep(Duration::from_micros(random.below(40_000)));
    process.kill();
}

async fn list_all(client: &mut Client) -> Vec<ResultRecord> {
    let mut records = Vec::new();
    let mut request = ListResultsRequest {
        benchmark: BOARD.to_owned(),
        page_size: 1_000,
        ..ListResultsRequest::default()
    };
    loop {
        let page = client.list_results(request.clone()).await.expect("a page");
        records.extend(page.results);
        if page.next_page_token.is_empty() {
            return records;
        }
        request.page_token = page.next_page_token;
    }
}

pub(crate) fn verified(store: &Path) -> String {
    let output = frontierd()
        .args(["verify", "--data-dir"])
        .arg(store)
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{problem}");
    assert!(text.contains("sound"), "{text}");
    text
}

fn rounds() -> u32 {
    match std::env::var("FRONTIERD_KILL_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("FRONTIERD_KILL_ROUNDS is a number"),
        Err(_) => ROUNDS,
    }
}

/// A store with the benchmark, and nobody serving it.
async fn prepared() -> (tempfile::TempDir, PathBuf, String) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = dir.path().join("data");
    let daemon = Daemon::start(&store);
    let benchmark = Benchmark {
        id: BOARD.to_owned(),
        ..Benchmark::default()
    };
    let put = PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..PutBenchmarkRequest::default()
    };
    let put = daemon.client().await.put_benchmark(put).await;
    assert_eq!(put.expect("accepted").revision, 1);
    let store_id = daemon.store_id.clone();
    daemon.kill();
    (dir, store, store_id)
}

/// Kills over one store, and what came of them.
async fn kills(first: u32, rounds: u32, random: &mut Random, starts: &mut Vec<Duration>) -> String {
    let (_dir, store, store_id) = prepared().await;
    let mut ledger = Ledger::default();
    let mut watcher = Watcher::new();
    for round in first..first + rounds {
        if round % START_UP_KILL_EVERY == 0 {
            kill_while_starting(&store, random);
            verified(&store);
        }
        let started = Instant::now();
        let daemon = Daemon::start(&store);
        starts.push(started.elapsed());
        assert_eq!(daemon.store_id, store_id);
        let mut client = daemon.client().await;
        ledger.read(&client).await;
        ledger.retry(&client).await;
        watcher.resume(&mut client).await;
        watcher.catch_up(&mut client).await;
        let moment = Duration::from_micros(5_000 + random.below(60_000));
        watcher = storm(daemon, round, moment, &mut ledger, watcher).await;
    }
    let daemon = Daemon::start(&store);
    let mut client = daemon.client().await;
    ledger.read(&client).await;
    ledger.retry(&client).await;
    ledger.read_all(&client).await;
    watcher.resume(&mut client).await;
    watcher.catch_up(&mut client).await;
    watcher.told_every_result(&ledger.entries);

    // Every result in the log is one that was asked for, and was answered in the end.
    let listed = list_all(&mut client).await;
    let revisions: BTreeSet<i64> = listed.iter().map(|record| record.revision).collect();
    assert_eq!(revisions.len(), listed.len(), "listed twice");
    let answered: BTreeSet<i64> = ledger.acknowledged.values().copied().collect();
    assert_eq!(answered.len(), ledger.acknowledged.len(), "answered twice");
    assert_eq!(revisions, answered);
    daemon.stop();
    verified(&store);
    format!(
        "{} results answered over {rounds} kills, {} of them in doubt after a kill: {} of those were in the log; {}",
        ledger.acknowledged.len(),
        ledger.in_doubt,
        ledger.in_doubt_and_logged,
        watcher.summary(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_lose_nothing_answered_and_double_nothing() {
    let rounds = rounds();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut starts = Vec::new();
    for first in (0..rounds).step_by(ROUNDS_A_STORE as usize) {
        let some = ROUNDS_A_STORE.min(rounds - first);
        let said = kills(first, some, &mut random, &mut starts).await;
        eprintln!("{said}");
    }
    starts.sort_unstable();
    eprintln!(
        "{rounds} kills while serving, {} while starting; starts took {:?} at the median and {:?} at most",
        rounds.div_ceil(START_UP_KILL_EVERY),
        starts[starts.len() / 2],
        starts[starts.len() - 1],
    );
}
