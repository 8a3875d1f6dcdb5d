//! The ring after a restart: whatever files there are, it holds what it would if the whole log were replayed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use frontierd::clock::Clock;
use frontierd::commit::{Commit, Opened, Published, Settings};
use frontierd::log::checkpoint::{self, Kind};
use frontierd::log::{Log, MemoryLog};
use frontierd::model::{Entry, Revision};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::naive::history::{Cast, History, Step};
use crate::support::NOW;

/// What is done to a store between two stops.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// Another writer appends some entries.
    Append(usize),
    /// A daemon starts, and ends at once.
    Restart,
    /// A daemon starts and writes a checkpoint with its ring.
    Checkpoint,
    /// A file is lost.
    Lose(usize),
    /// A byte of a file is not what it was.
    Damage(usize, usize),
    /// A file is whole but holds something else.
    Replace(usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (1_usize..25).prop_map(Deed::Append),
        1 => Just(Deed::Restart),
        3 => Just(Deed::Checkpoint),
        1 => (0_usize..8).prop_map(Deed::Lose),
        1 => (0_usize..8, 0_usize..9_999).prop_map(|(file, at)| Deed::Damage(file, at)),
        1 => (0_usize..8).prop_map(Deed::Replace),
    ];
    prop::collection::vec(deed, 1..16)
}

/// A store, what it may hold of the ring, and how to wait.
struct Place<'a> {
    log: MemoryLog,
    dir: &'a Path,
    ring_revisions_max: usize,
    ring_bytes_max: usize,
    runtime: Runtime,
}

impl Place<'_> {
    fn open(&self, checkpoints: bool) -> Opened {
        let settings = Settings {
            checkpoints: checkpoints.then(|| self.dir.to_owned()),
            // Nothing is written but what a test asks for.
            checkpoint_log_bytes_min: u64::MAX / 4,
            ring_log_bytes_min: u64::MAX / 4,
            ring_revisions_max: self.ring_revisions_max,
            ring_bytes_max: self.ring_bytes_max,
            clock: Clock::fixed(NOW),
        };
        let log: Box<dyn Log> = Box::new(self.log.reopen());
        Commit::open(log, settings, |_, _| {}).expect("it opens")
    }

    fn close(&self, opened: Opened) {
        let Opened { commit, writer } = opened;
        self.runtime.block_on(commit.close());
        drop(commit);
        writer.join().expect("no panic");
    }

    fn files(&self) -> Vec<PathBuf> {
        let of = |kind| checkpoint::list(self.dir, kind).expect("a listing");
        let all = of(Kind::Ring).into_iter().chain(of(Kind::State));
        all.map(|(_, path)| path).collect()
    }

    /// Compares a start from the files with one from the log alone.
    fn check(&self) {
        let (ours, replayed) = (self.open(true), self.open(false));
        {
            let (ours, replayed) = (&ours.commit, &replayed.commit);
            assert_eq!(ours.board().to_bytes(), replayed.board().to_bytes());
            assert_eq!(held(ours), held(replayed));
        }
        self.close(ours);
        self.close(replayed);
    }
}

/// The oldest revision that can be resumed after, and all that follows.
fn held(commit: &Commit) -> (Revision, Vec<Arc<Published>>) {
    let hub = commit.hub();
    let oldest = hub.oldest();
    let items = hub.after(oldest, hub.head(), usize::MAX);
    (oldest, items.expect("in the ring"))
}

fn act(place: &mut Place<'_>, deed: Deed, entries: &mut &[Entry]) {
    match deed {
        Deed::Append(count) => {
            let (now, rest) = entries.split_at(count.min(entries.len()));
            let head = Log::head(&place.log).revision;
            place.log.append(head, now).expect("an append");
            *entries = rest;
        }
        Deed::Restart => place.close(place.open(true)),
        Deed::Checkpoint => {
            let opened = place.open(true);
            let written = place.runtime.block_on(opened.commit.checkpoint());
            written.expect("a checkpoint");
            place.close(opened);
        }
        Deed::Lose(at) | Deed::Damage(at, _) | Deed::Replace(at) => {
            let files = place.files();
            let Some(path) = files.get(at % files.len().max(1)) else {
                return;
            };
            match deed {
                Deed::Damage(_, byte) => {
                    let mut bytes = fs::read(path).expect("a file");
                    let at = byte % bytes.len();
                    bytes[at] ^= 4;
                    fs::write(path, bytes).expect("a write");
                }
                Deed::Replace(_) => replace(path),
                _ => fs::remove_file(path).expect("a file"),
            }
        }
    }
}

/// Cuts a file short and hashes what is left: it matches the log, and does not hold what it says.
fn replace(path: &Path) {
    let mut bytes = fs::read(path).expect("a file");
    let hashed = bytes.len() - 32;
    bytes.truncate(hashed - hashed / 3);
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());
    fs::write(path, bytes).expect("a write");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_ring_from_files_is_the_ring_of_the_whole_log(
        steps in prop::collection::vec(any::<Step>(), 20..140),
        deeds in deeds(),
        ring_revisions_max in prop_oneof![2 => 1_usize..60, 1 => Just(1_000)],
        ring_bytes_max in prop_oneof![2 => Just(1 << 20), 1 => 1_000_usize..20_000],
    ) {
        let history = History::of(&Cast::mixed(), &steps, 3);
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut place = Place {
            log: MemoryLog::new("a-store"),
            dir: dir.path(),
            ring_revisions_max,
            ring_bytes_max,
            runtime: Builder::new_current_thread().build().expect("a runtime"),
        };
        let mut entries = &history.entries[..];
        for deed in deeds {
            act(&mut place, deed, &mut entries);
            place.check();
        }
    }
}

/// A daemon that ends in order leaves what it published, so that the next one need not compute it.
#[test]
fn the_end_leaves_what_the_next_start_needs() {
    let steps: Vec<Step> = (0..255_u8)
        .flat_map(|at| [[at; 16], [at ^ 0x55; 16]])
        .collect();
    let history = History::of(&Cast::multitude(), &steps, 3);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let place = Place {
        log: MemoryLog::new("a-store"),
        dir: dir.path(),
        ring_revisions_max: 1_000,
        ring_bytes_max: 1 << 20,
        runtime: Builder::new_current_thread().build().expect("a runtime"),
    };
    let mut log = place.log.clone();
    log.append(0, &history.entries).expect("an append");
    place.close(place.open(true));
    let files = checkpoint::list(place.dir, Kind::Ring).expect("a listing");
    let revisions: Vec<u64> = files.into_iter().map(|(revision, _)| revision).collect();
    assert_eq!(revisions, [Log::head(&log).revision]);
    place.check();
}
