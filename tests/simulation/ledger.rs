//! The one oracle: what was acknowledged survives, what was refused did not happen, what is visible was durable, a
//! retry gives exactly one result, the board equals the replay.

use std::collections::BTreeMap;

use frontierd::board::Board;
use frontierd::log::Chunk;
use frontierd::model::{Body, Draft, Entry, Reason, Revision};

use crate::daemon::Answer;
use crate::disk::Disk;
use crate::drafts::{LABEL, Wish};
use crate::oracle::Oracle;

/// What is known of a wish.
pub(crate) struct Record {
    pub(crate) wish: Wish,
    pub(crate) draft: Draft,
    /// Revision answered; with true, that of an earlier entry which says the same.
    pub(crate) accepted: Option<(Revision, bool)>,
    pub(crate) refused: bool,
    /// An attempt may have had its effect although nobody said so.
    pub(crate) in_doubt: bool,
}

impl Record {
    /// Whether an entry is what was wished for.
    fn is(&self, entry: &Entry) -> bool {
        if self.wish.is_result() {
            return label(entry) == Some(self.wish.number);
        }
        match self.draft.request {
            Some(request) => entry.request == Some(request),
            None => entry.request.is_none() && *entry.author == *self.wish.author(),
        }
    }
}

/// The wish that a result says it comes of.
fn label(entry: &Entry) -> Option<usize> {
    let Body::Result(facts) = &entry.body else {
        return None;
    };
    facts.labels.get(LABEL)?.parse().ok()
}

pub(crate) struct Ledger {
    pub(crate) records: Vec<Record>,
    /// Everything that anybody has ever been shown.
    shown: Vec<Entry>,
    /// Boards at every revision shown, for watchers.
    pub(crate) oracle: Oracle,
}

pub(crate) fn entries<'a>(chunks: impl Iterator<Item = &'a Chunk>) -> Vec<Entry> {
    let decoded = chunks.flat_map(|chunk| chunk.decode().expect("a sound chunk"));
    let entries: Vec<Entry> = decoded.collect();
    for (at, entry) in entries.iter().enumerate() {
        assert_eq!(entry.revision, at as u64 + 1, "CHAIN: revisions count up");
    }
    entries
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::new(),
            shown: Vec::new(),
            oracle: Oracle::new(),
        }
    }

    /// What is visible now must be durable now.
    pub(crate) fn look(&mut self, visible: Revision, disk: &Disk) {
        let durable = disk.durable_revision();
        assert!(
            visible <= durable,
            "DURABLE: revision {visible} is shown, the disk has {durable}"
        );
        if visible as usize > self.shown.len() {
            let known = self.shown.len() as Revision;
            let new = disk.durable().filter(|chunk| chunk.last > known);
            let new = new.flat_map(|chunk| chunk.decode().expect("a sound chunk"));
            for entry in new.filter(|entry| (known + 1..=visible).contains(&entry.revision)) {
                self.oracle.apply(&entry);
                self.oracle.keep();
                self.shown.push(entry);
            }
        }
    }

    /// Somebody was answered.
    pub(crate) fn answered(&mut self, number: usize, answer: &Answer, failed: bool, disk: &Disk) {
        let record = &mut self.records[number];
        match answer {
            Ok(accepted) => {
                let revision = accepted.revision;
                let durable = disk.durable_revision();
                assert!(
                    revision <= durable,
                    "DURABLE: revision {revision} is answered, the disk has {durable}"
                );
                let given = (revision, accepted.unchanged);
                // What changed nothing left no trace, so the same request may change something once it would.
                if let Some(before) = record.accepted.filter(|(_, unchanged)| !unchanged) {
                    assert_eq!(before, given, "ONCE: {:?} is answered twice", record.wish);
                }
                record.accepted = Some(given);
                if !accepted.unchanged {
                    let entry = chunk_entry(disk, revision);
                    assert!(
                        record.is(&entry),
                        "KEPT: revision {revision} was answered for {:?} and holds {entry:?}",
                        record.wish
                    );
                }
            }
            Err(refusal) => match refusal.reason {
                Reason::OutcomeUnknown => {
                    assert!(failed, "UNKNOWN: nothing failed");
                    record.in_doubt = true;
                }
                Reason::ReadOnly | Reason::ShuttingDown => {}
                Reason::RequestIdReused => {
                    let scope = record.draft.request.expect("a request id").scope;
                    let theirs = |entry: &Entry| entry.request.is_some_and(|r| r.scope == scope);
                    let found = entries(disk.durable()).iter().any(theirs);
                    assert!(found, "DURABLE: refused for what is not on the disk");
                    record.refused = true;
                }
                _ => record.refused = true,
            },
        }
    }

    /// Compares what a restart finds with all that was said before. Nobody is waiting.
    pub(crate) fn restarted(&mut self, disk: &Disk) -> Vec<Entry> {
        let found = entries(disk.durable());
        assert!(
            found.len() >= self.shown.len() && found[..self.shown.len()] == self.shown[..],
            "KEPT: {} entries were shown, {} are found or they differ",
            self.shown.len(),
            found.len()
        );
        let mut scopes = BTreeMap::new();
        let mut labels = BTreeMap::new();
        for entry in &found {
            let scope = entry.request.map(|request| request.scope);
            let before = scope.and_then(|scope| scopes.insert(scope, entry.revision));
            let twice = label(entry).and_then(|label| labels.insert(label, entry.revision));
            let before = before.or(twice);
            let revision = entry.revision;
            assert_eq!(before, None, "ONCE: also at revision {revision}");
        }
        for record in &self.records {
            compare(record, &found);
        }
        found
    }

    /// The board and what the same log comes to when it is folded from nothing.
    pub(crate) fn compare_boards(board: &Board, found: &[Entry]) {
        let revision = board.revision() as usize;
        let replayed = Board::replay(&found[..revision]);
        let (board, replayed) = (board.to_bytes(), replayed.to_bytes());
        assert!(board == replayed, "REPLAY: the board differs from its log");
    }
}

fn compare(record: &Record, found: &[Entry]) {
    let anonymous = record.draft.request.is_none() && !record.wish.is_result();
    match record.accepted {
        Some((_, true)) => {}
        Some((revision, false)) => {
            let entry = found.get(revision as usize - 1);
            assert!(
                entry.is_some_and(|entry| record.is(entry)),
                "KEPT: {:?} was accepted as revision {revision}, which holds {entry:?}",
                record.wish
            );
        }
        None if record.in_doubt || anonymous => {}
        None => {
            let happened = found.iter().find(|entry| record.is(entry));
            assert_eq!(happened, None, "REFUSED: {:?} happened", record.wish);
        }
    }
}

fn chunk_entry(disk: &Disk, revision: Revision) -> Entry {
    let mut chunks = disk.durable().filter(|chunk| chunk.last >= revision);
    let chunk = chunks.next().expect("it is durable");
    let entry = chunk.entry(revision).expect("a sound chunk");
    entry.expect("in this chunk")
}
