//! Recording: a real daemon that is killed again and again, clients that submit, watch, read slowly and come back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use frontierd::client::Client;
use frontierd::log::Head;
use frontierd::proto::v1::{
    Benchmark, CostRange, Detail, EvaluatorRelationship, GetLeaderboardRequest, GetStatusRequest,
    Model, PutBenchmarkRequest, PutModelRequest, Result as ResultMessage, RowFilter,
    SetResultStatusRequest, SubmitResultRequest, WatchAfter, WatchLeaderboardRequest,
};
use tokio::task::JoinSet;

use crate::daemon::Daemon;
use crate::history::{Answer, History, Refused, Watch};
use crate::oracle::{Oracle, Rows};
use crate::survey::entries_after;
use crate::validate::{VALIDATORS, validate};

const BOARDS: [&str; 2] = ["alpha", "beta"];
/// The smallest ring there is: a few hundred revisions.
const RING: &str = "--ring-bytes-max=65536";
const WATCHERS: usize = 14;
const SUBMITTERS: usize = 6;
/// Lives where `FRONTIERD_WATCH_LIVES` does not say otherwise.
const LIVES: usize = 5;

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % bound
    }
}

fn lives() -> usize {
    match std::env::var("FRONTIERD_WATCH_LIVES") {
        Ok(lives) => lives.parse().expect("FRONTIERD_WATCH_LIVES is a number"),
        Err(_) => LIVES,
    }
}

/// What watcher number so-and-so asks for.
fn request(watcher: usize) -> WatchLeaderboardRequest {
    let mut request = WatchLeaderboardRequest {
        boards: vec![BOARDS[watcher % 2].to_owned()],
        ..WatchLeaderboardRequest::default()
    };
    match watcher % 7 {
        1 => request.boards = BOARDS.map(str::to_owned).to_vec(),
        2 => {
            request.detail = Detail::Full.into();
            request.top = Some(5);
        }
        3 => {
            request.row_filter = Some(RowFilter {
                open_weights: Some(true),
                ..RowFilter::default()
            });
        }
        4 => {
            request.min_interval = Some(prost_types::Duration {
                seconds: 0,
                nanos: 100_000_000,
            });
        }
        5 => request.boards = vec!["overall".to_owned()],
        _ => {}
    }
    request
}

async fn prepare(client: &mut Client) {
    for id in BOARDS {
        let benchmark = Benchmark {
            id: id.to_owned(),
            ..Benchmark::default()
        };
        let put = PutBenchmarkRequest {
            benchmark: Some(benchmark),
            ..PutBenchmarkRequest::default()
        };
        client.put_benchmark(put).await.expect("accepted");
    }
    for number in 0..20 {
        let model = Model {
            id: format!("lab/m{number}"),
            open_weights: Some(number % 3 == 0),
            ..Model::default()
        };
        let put = PutModelRequest {
            model: Some(model),
            ..PutModelRequest::default()
        };
        client.put_model(put).await.expect("accepted");
    }
}

fn result(random: &mut Random) -> ResultMessage {
    let relationships = [
        EvaluatorRelationship::FirstParty,
        EvaluatorRelationship::ThirdParty,
    ];
    ResultMessage {
        benchmark: BOARDS[random.below(2) as usize].to_owned(),
        model: format!("lab/m{}", random.below(20)),
        score: Some(random.below(1_000) as f64 / 10.0),
        run_cost: (random.below(3) > 0).then(|| CostRange {
            central_usd: Some(1.0 + random.below(50) as f64),
            ..CostRange::default()
        }),
        task_count: Some(10),
        relationship: relationships[random.below(2) as usize].into(),
        ..ResultMessage::default()
    }
}

/// Submits until the daemon is gone. Now and then disputes what it submitted.
async fn submit(mut client: Client, mut random: Random) {
    loop {
        let request = SubmitResultRequest {
            result: Some(result(&mut random)),
            ..SubmitResultRequest::default()
        };
        let Ok(answer) = client.submit_result(request).await else {
            return;
        };
        if random.below(10) == 0 {
            let status = SetResultStatusRequest {
                revision: answer.revision,
                status: 2 + random.below(2) as i32,
                reason: "checked".to_owned(),
                ..SetResultStatusRequest::default()
            };
            // It may be gone by now.
            let _ = client.set_result_status(status).await;
        }
    }
}

/// Asks for boards until the daemon is gone.
async fn ask(mut client: Client, board: &'static str) -> Vec<Answer> {
    let mut answers = Vec::new();
    loop {
        let request = GetLeaderboardRequest {
            board: board.to_owned(),
            detail: Detail::Intrinsic.into(),
            page_size: 1_000,
            ..GetLeaderboardRequest::default()
        };
        let Ok(answer) = client.get_leaderboard(request).await else {
            return answers;
        };
        let rows = answer.rows.into_iter().map(|row| (row.model.clone(), row));
        answers.push(Answer {
            request: WatchLeaderboardRequest {
                boards: vec![board.to_owned()],
                ..WatchLeaderboardRequest::default()
            },
            revision: answer.revision,
            rows: Rows::from([(board.to_owned(), rows.collect())]),
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A watcher through one life of the daemon.
struct Watcher {
    number: usize,
    life: usize,
    random: Random,
    client: Client,
    store_id: String,
    /// Revisions that were held in full, in any life.
    held: Vec<i64>,
}

impl Watcher {
    /// Watches, leaves, comes back after something that it held, until the daemon is gone.
    async fn watch(mut self, over: Arc<AtomicBool>) -> (Vec<i64>, Vec<Watch>) {
        let mut watches = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let mut request = request(self.number);
            request.after = self.resume();
            let mut watch = Watch {
                life: self.life,
                request: request.clone(),
                frames: Vec::new(),
                refused: None,
            };
            match self.client.watch_leaderboard(request).await {
                Ok(stream) => self.read(stream, &mut watch).await,
                Err(error) => {
                    let reason = error.refused().map(|refused| refused.reason.clone());
                    let reason = reason.filter(|reason| !reason.is_empty());
                    let status = self.client.get_status(GetStatusRequest {}).await;
                    let (Some(reason), Ok(status)) = (reason, status) else {
                        break;
                    };
                    let oldest = status.oldest_resumable_revision;
                    watch.refused = Some(Refused { reason, oldest });
                    // What can never be resumed after again is of no interest.
                    self.held.retain(|revision| *revision >= oldest);
                }
            }
            watches.push(watch);
        }
        (self.held, watches)
    }

    /// The newest revision held, or any older one; sometimes from the start.
    fn resume(&mut self) -> Option<WatchAfter> {
        let newest = *self.held.last()?;
        let revision = match self.random.below(10) {
            0 => return None,
            1..4 => self.held[self.random.below(self.held.len() as u64) as usize],
            _ => newest,
        };
        Some(WatchAfter {
            revision,
            store_id: self.store_id.clone(),
            resnapshot: self.random.below(4) == 0,
        })
    }

    async fn read(
        &mut self,
        mut stream: tonic::Streaming<frontierd::proto::v1::WatchLeaderboardResponse>,
        watch: &mut Watch,
    ) {
        use frontierd::proto::v1::watch_leaderboard_response::Frame;
        let slow = self.random.below(3) == 0;
        let most = 20 + self.random.below(200) as usize;
        while watch.frames.len() < most {
            let Ok(Ok(Some(frame))) =
                tokio::time::timeout(Duration::from_secs(30), stream.message()).await
            else {
                return;
            };
            if !matches!(frame.frame, Some(Frame::Snapshot(_))) {
                self.held.push(frame.revision);
            }
            watch.frames.push(frame);
            if slow {
                // A slow reader: the ring moves on meanwhile.
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// One life: everybody at work, then a kill or a shutdown.
async fn live(
    data: &Path,
    life: usize,
    random: &mut Random,
    held: &mut [Vec<i64>],
    history: &mut History,
) {
    let daemon = Daemon::start_with(data, &[RING]);
    let client = daemon.client().await;
    history.heads.push(daemon.revision);
    history.learn(entries_after(&client, history.read).await);
    assert!(history.head() >= daemon.revision);
    history.store_id.clone_from(&daemon.store_id);
    let over = Arc::new(AtomicBool::new(false));
    let mut watching = JoinSet::new();
    for (number, held) in held.iter_mut().enumerate() {
        let watcher = Watcher {
            number,
            life,
            random: Random(random.below(u64::MAX) | 1),
            client: daemon.client().await,
            store_id: daemon.store_id.clone(),
            held: std::mem::take(held),
        };
        let over = Arc::clone(&over);
        watching.spawn(async move { (number, watcher.watch(over).await) });
    }
    let mut asking = JoinSet::new();
    for board in BOARDS {
        asking.spawn(ask(client.clone(), board));
    }
    let mut submitting = JoinSet::new();
    for _ in 0..SUBMITTERS {
        let random = Random(random.below(u64::MAX) | 1);
        submitting.spawn(submit(daemon.client().await, random));
    }
    // Not for synchronisation: this is how long the life is.
    tokio::time::sleep(Duration::from_millis(300 + random.below(500))).await;
    if life % 3 == 2 {
        tokio::task::spawn_blocking(|| daemon.stop())
            .await
            .expect("it drained");
    } else {
        daemon.kill();
    }
    over.store(true, Ordering::Relaxed);
    submitting.join_all().await;
    for answers in asking.join_all().await {
        history.answers.extend(answers);
    }
    for (number, (revisions, watches)) in watching.join_all().await {
        held[number] = revisions;
        history.watches.extend(watches);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_histories_keep_all_seven_promises() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    let daemon = Daemon::start_with(&data, &[RING]);
    prepare(&mut daemon.client().await).await;
    daemon.stop();
    let mut history = History {
        store_id: String::new(),
        watches: Vec::new(),
        answers: Vec::new(),
        heads: Vec::new(),
        entries: Vec::new(),
        read: Head::EMPTY,
        oracle: Oracle::new(),
    };
    let mut random = Random(0x1234_5678_9abc_def1);
    let mut held = vec![Vec::new(); WATCHERS];
    for life in 0..lives() {
        live(&data, life, &mut random, &mut held, &mut history).await;
    }
    let daemon = Daemon::start_with(&data, &[RING]);
    history.heads.push(daemon.revision);
    let client = daemon.client().await;
    history.learn(entries_after(&client, history.read).await);
    drop(client);
    daemon.stop();

    let broken = validate(&history);
    let said: Vec<String> = broken.iter().take(5).map(ToString::to_string).collect();
    assert!(
        broken.is_empty(),
        "{} broken:\n{}",
        broken.len(),
        said.join("\n")
    );
    let watches = &history.watches;
    let frames: usize = watches.iter().map(|watch| watch.frames.len()).sum();
    let resumed = watches.iter().filter(|w| w.after().is_some()).count();
    let refused = watches.iter().filter(|w| w.refused.is_some()).count();
    eprintln!(
        "{} lives, {} revisions, {} watches, {resumed} of them resumed and {refused} refused because the ring had moved \
         on, {frames} frames, {} answers: {} validators found nothing",
        lives(),
        history.head(),
        watches.len(),
        history.answers.len(),
        VALIDATORS.len()
    );
    assert!(
        resumed > 0 && refused > 0 && frames > 1_000,
        "too little happened"
    );
}
