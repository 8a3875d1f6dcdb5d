//! Logs and entries to test with.

use std::path::PathBuf;
use std::sync::Arc;

use frontierd::log::{Chunk, Head, Log, LogReader, MemoryLog, SledLog, SledOptions, verify};
use frontierd::model::{Body, Entry, Revision, Status, Timestamp};
use tempfile::TempDir;

/// Two writers of one log.
pub(crate) struct Pair {
    pub(crate) first: Box<dyn Log>,
    pub(crate) second: Box<dyn Log>,
    _dir: Option<TempDir>,
}

impl Pair {
    pub(crate) fn memory() -> Self {
        let log = MemoryLog::new("a-store");
        Self {
            second: Box::new(log.second_writer()),
            first: Box::new(log),
            _dir: None,
        }
    }

    pub(crate) fn sled() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let log = open(&dir.path().join("store"));
        Self {
            second: Box::new(log.second_writer()),
            first: Box::new(log),
            _dir: Some(dir),
        }
    }
}

/// A temporary directory and the place of a store in it.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = dir.path().join("store");
    (dir, store)
}

pub(crate) fn open(store: &std::path::Path) -> SledLog {
    let (log, _) = SledLog::open(store, SledOptions::default()).expect("the store opens");
    log
}

/// An entry whose encoding grows byte by byte with `text_bytes`.
pub(crate) fn entry(revision: Revision, text_bytes: usize) -> Entry {
    Entry {
        revision,
        received: Timestamp::from_micros(1_737_500_000_000_000),
        author: "tester".into(),
        request: None,
        body: Body::ResultStatus {
            result: revision,
            status: Status::Disputed,
            reason: "x".repeat(text_bytes).into(),
        },
    }
}

pub(crate) fn entries(
    revisions: std::ops::RangeInclusive<Revision>,
    text_bytes: usize,
) -> Vec<Entry> {
    revisions
        .map(|revision| entry(revision, text_bytes))
        .collect()
}

/// The log's chunks from a revision on.
pub(crate) fn chunks(reader: &Arc<dyn LogReader>, from: Revision) -> Vec<Chunk> {
    reader
        .chunks(from)
        .collect::<Result<_, _>>()
        .expect("chunks are readable")
}

/// Every entry of a log whose chain is whole.
pub(crate) fn replay(reader: &Arc<dyn LogReader>) -> Vec<Entry> {
    let found = verify(&**reader, None, &mut |_| {});
    assert_eq!(found.fault, None);
    assert_eq!(found.head, reader.head());
    chunks(reader, 1)
        .iter()
        .flat_map(|chunk| chunk.decode().expect("entries decode"))
        .collect()
}

/// Appends `count` entries in one commit.
pub(crate) fn grow(log: &mut dyn Log, count: u64, text_bytes: usize) -> Head {
    let from = log.head().revision;
    log.append(from, &entries(from + 1..=from + count, text_bytes))
        .expect("an append")
}
