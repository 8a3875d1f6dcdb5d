//! A seeded simulation of the commit path: clients with good and bad drafts, retries, watchers that resume, another
//! writer, over a disk that fails, fills, tears and forgets, with crashes and restarts in a loop.
//!
//! One seed is one history; the same seed gives the same history again. `FRONTIERD_SIMULATION_SEEDS=FROM..UNTIL` picks
//! seeds: `FRONTIERD_SIMULATION_SEEDS=0..1000000 cargo test --release --test simulation seeds -- --nocapture` is a
//! long run, and `=N..N+1` is one seed again.

mod bugs;
#[path = "../watch/client.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of watches, which use more of it"
)]
mod client;
mod daemon;
mod disk;
mod drafts;
mod gate;
mod ledger;
#[path = "../watch/oracle.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of watches, which use more of it"
)]
mod oracle;
mod random;
mod watchers;
mod world;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bugs::{BUGS, Bug};

/// Seeds of a run that nobody asked to be longer.
const SEEDS: u64 = 2_000;
/// Seeds that are run twice.
const TWICE: u64 = 100;
/// Threads that run seeds side by side.
const THREADS: usize = 2;

/// What a run of many seeds must have met, as lines of its histories begin.
const MET: [&str; 12] = [
    "Fail",
    "Kill",
    "PowerLoss",
    "Close",
    "somebody else appends",
    "room up to Some",
    "answer (.*) OutcomeUnknown",
    "answer (.*) ReadOnly",
    "answer (.*) ShuttingDown",
    "answer (.*) RequestIdReused",
    "answer (.*) replayed true",
    "answer (.*) unchanged true",
];

/// What came of a seed: its history, hashed, and what broke.
struct Outcome {
    hash: blake3::Hash,
    broken: Option<String>,
    history: Vec<String>,
}

fn run(seed: u64, bug: Bug) -> Outcome {
    let mut world = world::World::new(seed, bug);
    let ran = catch_unwind(AssertUnwindSafe(|| world.run()));
    let broken = ran.err().map(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        text.unwrap_or_else(|| "a panic".to_owned())
    });
    let history = std::mem::take(&mut world.history);
    let mut hasher = blake3::Hasher::new();
    for line in &history {
        hasher.update(line.as_bytes());
        hasher.update(b"\n");
    }
    Outcome {
        hash: hasher.finalize(),
        broken,
        history,
    }
}

fn seeds() -> Range<u64> {
    let Ok(text) = std::env::var("FRONTIERD_SIMULATION_SEEDS") else {
        return 0..SEEDS;
    };
    let range = text
        .split_once("..")
        .and_then(|(from, until)| Some(from.parse().ok()?..until.parse().ok()?));
    range.expect("FRONTIERD_SIMULATION_SEEDS is of the form `FROM..UNTIL`")
}

fn is(line: &str, what: &str) -> bool {
    match what.split_once("(.*)") {
        Some((begins, contains)) => line.starts_with(begins) && line.contains(contains.trim()),
        None => line.starts_with(what),
    }
}

#[test]
fn seeds_lose_nothing_and_invent_nothing() {
    let seeds = seeds();
    let started = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let met: [AtomicU64; MET.len()] = Default::default();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let outcome = run(seed, Bug::None);
                    for (count, what) in met.iter().zip(MET) {
                        let lines = outcome.history.iter().filter(|line| is(line, what));
                        count.fetch_add(lines.count() as u64, Ordering::Relaxed);
                    }
                    if let Some(broken) = outcome.broken {
                        next.store(seeds.end, Ordering::Relaxed);
                        let last = outcome.history.len().saturating_sub(40);
                        panic!(
                            "seed {seed}: {broken}\n--- how it came to that:\n{}\n--- again: \
                             FRONTIERD_SIMULATION_SEEDS={seed}..{} cargo test --test simulation seeds",
                            outcome.history[last..].join("\n"),
                            seed + 1
                        );
                    }
                }
            });
        }
    });
    let count = seeds.end - seeds.start;
    let met = met.map(AtomicU64::into_inner);
    let said: Vec<String> = (MET.iter().zip(met))
        .map(|(what, count)| format!("{what}: {count}"))
        .collect();
    eprintln!(
        "{count} seeds in {:?}; {}",
        started.elapsed(),
        said.join(", ")
    );
    assert!(count < SEEDS || !met.contains(&0), "not everything was met");
}

#[test]
fn a_seed_is_the_same_history_every_time() {
    for seed in 0..TWICE {
        let (first, second) = (run(seed, Bug::None), run(seed, Bug::None));
        let differs = first
            .history
            .iter()
            .zip(&second.history)
            .find(|(a, b)| a != b);
        assert_eq!(first.hash, second.hash, "seed {seed}: {differs:?}");
    }
}

#[test]
fn bugs_that_are_put_in_are_found() {
    for bug in BUGS {
        let found = (0..SEEDS).find_map(|seed| Some((seed, run(seed, bug).broken?)));
        let (seed, broken) = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
        let first = broken.lines().next().unwrap_or_default();
        eprintln!("{bug:?}: found by seed {seed}, of {}: {first}", seed + 1);
    }
}
