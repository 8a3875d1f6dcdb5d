//! What is measured at one size. Every phase is a process of its own, so that none sees the memory of another.

use std::collections::VecDeque;
use std::error::Error;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use frontierd::api::convert;
use frontierd::board::Want;
use frontierd::clock::Clock;
use frontierd::commit::{Asked, Commit, Opened, Settings, Ticket};
use frontierd::intake::{Context, UNKNOWN_AUTHOR};
use frontierd::limits::MAX_COMMIT_ENTRIES;
use frontierd::log::{SledLog, SledOptions};
use frontierd::model::{Draft, Timestamp};
use frontierd::proto::v1;
use serde_json::{Map, Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::data::{Shape, Source, TODAY, benchmark_id, boards_of};
use crate::system::{Span, disk_bytes, resident_bytes, written_bytes};

/// Submissions whose CPU time is measured once the boards are full.
const SUBMISSIONS: usize = 4_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;

type Failure = Box<dyn Error>;
type Measured = Result<Map<String, Value>, Failure>;

/// One process.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    /// Boards in memory, without log and writer.
    Board,
    /// A store is filled through the writer.
    Fill,
    /// The store is opened with the checkpoints that filling left.
    Start,
    /// The store is opened without checkpoints.
    Replay,
    /// Submissions to the full store, and a checkpoint of it.
    Commit,
}

impl Phase {
    /// In the order in which they follow each other.
    pub(crate) const ALL: [Self; 5] = [
        Self::Board,
        Self::Fill,
        Self::Start,
        Self::Replay,
        Self::Commit,
    ];

    /// As an argument.
    pub(crate) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// How many results, and where.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) boards: u64,
    pub(crate) standings: u64,
}

impl Size {
    pub(crate) fn results(self) -> u64 {
        self.boards * self.standings
    }
}

/// Runs a phase on the store in `dir`.
pub(crate) fn run(phase: Phase, size: Size, dir: &Path) -> Measured {
    let place = Place::new(dir);
    let measured = match phase {
        Phase::Board => board(size)?,
        Phase::Fill => fill(size, &place)?,
        Phase::Start => start("start", place.open(true)?)?,
        Phase::Replay => start("replay", place.open(false)?)?,
        Phase::Commit => commit(size, &place)?,
    };
    match measured {
        Value::Object(fields) => Ok(fields),
        _ => Err("a phase measures fields".into()),
    }
}

fn micros_each(seconds: f64, count: usize) -> f64 {
    seconds * 1e6 / count as f64
}

fn board(size: Size) -> Result<Value, Failure> {
    let before = resident_bytes()?;
    let (mut board, mut source) = boards_of(Shape::Spread, size.boards, size.standings);
    let resident = resident_bytes()?.saturating_sub(before);
    let mut cpu = |want| {
        let entries = source.resubmissions(size.boards, size.standings, SUBMISSIONS);
        let span = Span::start();
        for entry in &entries {
            black_box(board.apply(entry, want));
        }
        micros_each(span.cpu_seconds(), SUBMISSIONS)
    };
    Ok(json!({
        "board_state_us": cpu(Want::State),
        "board_changes_us": cpu(Want::Changes),
        "board_outcome_us": cpu(Want::Outcome(None)),
        "board_resident_per_result_bytes": resident as f64 / size.results() as f64,
    }))
}

/// A store and its checkpoints on the disk.
struct Place {
    store: PathBuf,
    checkpoints: PathBuf,
}

/// A running writer, with how it came to be.
struct Running {
    opened: Opened,
    runtime: Runtime,
    span: Span,
}

impl Place {
    fn new(dir: &Path) -> Self {
        Self {
            store: dir.join("store"),
            checkpoints: dir.join("checkpoints"),
        }
    }

    fn open(&self, checkpoints: bool) -> Result<Running, Failure> {
        let span = Span::start();
        let (log, _) = SledLog::open(&self.store, SledOptions::default())?;
        let now = Timestamp::from_micros(i64::from(TODAY.days()) * MICROS_PER_DAY);
        let settings = Settings {
            checkpoints: checkpoints.then(|| self.checkpoints.clone()),
            clock: Clock::fixed(now),
            ..Settings::default()
        };
        let opened = Commit::open(Box::new(log), settings, |_, _| {})?;
        Ok(Running {
            opened,
            runtime: Builder::new_current_thread().build()?,
            span,
        })
    }
}

impl Running {
    /// Submits drafts, so many at once that commits are full.
    fn submit(&self, drafts: impl IntoIterator<Item = Draft>, asked: Asked) -> Result<(), Failure> {
        let accept = async |ticket: Ticket| match ticket.answer().await {
            Ok(_) => Ok(()),
            Err(refusal) => Err(refusal.message),
        };
        self.runtime.block_on(async {
            let mut waiting = VecDeque::with_capacity(2 * MAX_COMMIT_ENTRIES);
            for draft in drafts {
                let ticket = self.opened.commit.enqueue(draft, asked).await;
                waiting.push_back(ticket.map_err(|refusal| refusal.message)?);
                if waiting.len() == 2 * MAX_COMMIT_ENTRIES
                    && let Some(first) = waiting.pop_front()
                {
                    accept(first).await?;
                }
            }
            for ticket in waiting {
                accept(ticket).await?;
            }
            Ok(())
        })
    }

    fn close(self) -> Result<(), Failure> {
        self.runtime.block_on(self.opened.commit.close());
        drop(self.opened.commit);
        let ended = self.opened.writer.join();
        ended.map_err(|_| "the writer panicked".into())
    }
}

fn definition(benchmark: u64) -> Draft {
    let benchmark = v1::Benchmark {
        id: benchmark_id(benchmark).to_string(),
        ..v1::Benchmark::default()
    };
    let message = v1::PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..v1::PutBenchmarkRequest::default()
    };
    let context = Context::new(TODAY, UNKNOWN_AUTHOR);
    convert::put_benchmark(message, &context).expect("well formed")
}

fn fill(size: Size, place: &Place) -> Result<Value, Failure> {
    let running = place.open(true)?;
    let mut source = Source::new(Shape::Spread);
    running.submit((0..size.boards).map(definition), Asked::Nothing)?;
    let span = Span::start();
    let results = (0..size.standings)
        .flat_map(|model| (0..size.boards).map(move |benchmark| (benchmark, model)));
    let drafts = results.map(|(benchmark, model)| source.draft(benchmark, model));
    running.submit(drafts, Asked::Nothing)?;
    let (cpu, wall) = (span.cpu_seconds(), span.wall_seconds());
    let log_bytes = running.opened.commit.log().bytes_appended();
    running.close()?;
    let results = size.results() as f64;
    Ok(json!({
        "fill_us": cpu * 1e6 / results,
        "fill_wall_seconds": wall,
        "log_bytes_per_result": log_bytes as f64 / results,
        "store_bytes_per_result": disk_bytes(&place.store)? as f64 / results,
        "write_amplification": written_bytes()? as f64 / log_bytes as f64,
    }))
}

fn start(name: &str, running: Running) -> Result<Value, Failure> {
    let (cpu, wall) = (running.span.cpu_seconds(), running.span.wall_seconds());
    let resident = resident_bytes()?;
    let revision = running.opened.commit.checkpoint_revision();
    running.close()?;
    Ok(json!({
        format!("{name}_cpu_seconds"): cpu,
        format!("{name}_wall_seconds"): wall,
        format!("{name}_resident_bytes"): resident,
        format!("{name}_newest_checkpoint"): revision,
    }))
}

fn commit(size: Size, place: &Place) -> Result<Value, Failure> {
    let running = place.open(true)?;
    let mut source = Source::new(Shape::Spread);
    let drafts = source.drafts(size.boards, size.standings, SUBMISSIONS);
    let span = Span::start();
    running.submit(drafts, Asked::Outcome(None))?;
    let submitting = micros_each(span.cpu_seconds(), SUBMISSIONS);
    let span = Span::start();
    let commit = running.opened.commit.clone();
    let written = running.runtime.block_on(commit.checkpoint());
    let (_, bytes) = written?;
    let results = commit.board().result_count();
    let checkpointing = (span.cpu_seconds(), span.wall_seconds());
    drop(commit);
    running.close()?;
    Ok(json!({
        "commit_outcome_us": submitting,
        "checkpoint_bytes_per_result": bytes as f64 / results as f64,
        "checkpoint_cpu_seconds": checkpointing.0,
        "checkpoint_wall_seconds": checkpointing.1,
    }))
}
