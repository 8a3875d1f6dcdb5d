//! A client that folds frames and says by name which promise a frame breaks.

use std::collections::BTreeSet;
use std::time::Duration;

use frontierd::api::convert::{WatchAfter, WatchAsk};
use frontierd::api::frame::Frame;
use frontierd::api::watch::{WatchStream, Watches};
use frontierd::board::query::RowFilter;
use frontierd::proto::v1;
use prost::Message;
use tokio_stream::StreamExt;
use tonic::Status;
use v1::watch_leaderboard_response::Frame as Kind;

use super::oracle::{Oracle, Rows};

/// Longer than any timer of a watch.
const PATIENCE: Duration = Duration::from_secs(60);

/// A watcher and what it holds.
pub(crate) struct Client {
    pub(crate) ask: WatchAsk,
    models: BTreeSet<String>,
    stream: WatchStream,
    pub(crate) rows: Rows,
    /// The revision held in full; none before the first.
    pub(crate) revision: Option<u64>,
    /// A snapshot under way: until its end the rows held are those of before.
    snapshotting: Option<(u64, Rows)>,
    pub(crate) events: Vec<(String, v1::Event)>,
    pub(crate) frames: Vec<&'static str>,
}

impl Client {
    pub(crate) async fn open(
        watches: &Watches,
        ask: WatchAsk,
        oracle: &Oracle,
    ) -> Result<Self, Status> {
        let stream = watches.watch(ask.clone()).await?;
        Ok(Self {
            models: oracle.models(&ask, oracle.head()),
            revision: ask.after.as_ref().map(|after| after.revision),
            ask,
            stream,
            rows: Rows::new(),
            snapshotting: None,
            events: Vec::new(),
            frames: Vec::new(),
        })
    }

    /// Breaks the connection and goes on after what is held.
    pub(crate) async fn reopen(self, watches: &Watches, resnapshot: bool) -> Result<Self, Status> {
        let held = self.revision;
        self.reopen_after(watches, held, resnapshot).await
    }

    /// Breaks the connection and asks to go on after a revision.
    pub(crate) async fn reopen_after(
        self,
        watches: &Watches,
        revision: Option<u64>,
        resnapshot: bool,
    ) -> Result<Self, Status> {
        let mut ask = self.ask.clone();
        ask.after = revision.map(|revision| WatchAfter {
            revision,
            store_id: "test".to_owned(),
            resnapshot,
        });
        let stream = watches.watch(ask.clone()).await?;
        Ok(Self {
            ask,
            stream,
            snapshotting: None,
            ..self
        })
    }

    /// Reads until everything up to head is held.
    pub(crate) async fn catch_up(&mut self, oracle: &Oracle) -> Result<(), Status> {
        while self.revision != Some(oracle.head()) || self.snapshotting.is_some() {
            self.read(oracle).await?;
        }
        Ok(())
    }

    /// Reads one frame; there is always one sooner or later.
    pub(crate) async fn read(&mut self, oracle: &Oracle) -> Result<(), Status> {
        let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
        let frame = next
            .expect("a heartbeat")
            .expect("no end without a status")?;
        self.take(&frame, oracle);
        Ok(())
    }

    /// Reads at most some frames of those there are.
    pub(crate) async fn glance(&mut self, frames: usize, oracle: &Oracle) -> Result<(), Status> {
        for _ in 0..frames {
            let next = tokio::time::timeout(Duration::from_millis(1), self.stream.next()).await;
            match next {
                Ok(frame) => self.take(&frame.expect("no end without a status")?, oracle),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Reads, unchecked, until a revision is reached; for when the oracle does not know yet.
    pub(crate) async fn collect(mut self, until: u64) -> (Self, Vec<Frame>) {
        let mut frames = Vec::new();
        loop {
            let next = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            let frame = next.expect("a heartbeat").expect("open").expect("a frame");
            let bytes = frame.encode_to_vec();
            let message = v1::WatchLeaderboardResponse::decode(&*bytes).expect("a frame");
            frames.push(frame);
            let whole = !matches!(message.frame, Some(Kind::Snapshot(_)));
            if whole && message.revision as u64 >= until {
                return (self, frames);
            }
        }
    }

    /// Checks a frame and takes it in.
    pub(crate) fn take(&mut self, frame: &Frame, oracle: &Oracle) {
        let bytes = frame.encode_to_vec();
        assert_eq!(bytes.len(), frame.encoded_len());
        let message = v1::WatchLeaderboardResponse::decode(&*bytes).expect("LAW valid encoding");
        assert_eq!(message.store_id, "test");
        let revision = message.revision as u64;
        assert!(Some(revision) >= self.revision, "LAW ordered");
        assert!(revision <= oracle.head(), "LAW durable");
        match message.frame.expect("a frame") {
            Kind::Snapshot(chunk) => return self.chunk(revision, chunk),
            Kind::SnapshotEnd(end) => self.end(revision, &end),
            Kind::Delta(delta) => self.delta(revision, delta, oracle),
            Kind::Progress(v1::Progress {}) => self.frames.push("progress"),
        }
        assert!(self.snapshotting.is_none(), "LAW a snapshot is whole");
        self.revision = Some(revision);
        let mut held = self.rows.clone();
        held.retain(|_, rows| !rows.is_empty());
        let expected = oracle.rows(&self.ask, &self.models, revision);
        assert_eq!(held, expected, "LAW reliable, at revision {revision}");
    }

    fn chunk(&mut self, revision: u64, chunk: v1::SnapshotChunk) {
        self.frames.push("chunk");
        assert!(!self.ask.events_only, "LAW no rows");
        let fresh = || (revision, Rows::new());
        let (since, rows) = self.snapshotting.get_or_insert_with(fresh);
        assert_eq!(*since, revision);
        assert_eq!(
            chunk.first,
            !rows.contains_key(&chunk.board),
            "LAW first chunk"
        );
        let board = rows.entry(chunk.board).or_default();
        for row in chunk.rows {
            let twice = board.insert(row.model.clone(), row);
            assert!(twice.is_none(), "LAW a row once in a snapshot");
        }
    }

    fn end(&mut self, revision: u64, end: &v1::SnapshotEnd) {
        self.frames.push("end");
        let (since, rows) = self.snapshotting.take().unwrap_or((revision, Rows::new()));
        assert_eq!(since, revision);
        // A snapshot covers all boards of the view.
        self.rows = rows;
        let sizes: Vec<_> = end
            .boards
            .iter()
            .map(|size| (size.board.clone(), size.row_count as usize))
            .collect();
        let held: Vec<_> = self
            .rows
            .iter()
            .map(|(board, rows)| (board.clone(), rows.len()))
            .collect();
        let mut sorted = sizes;
        sorted.sort_unstable();
        assert_eq!(sorted, held, "LAW sizes");
    }

    fn delta(&mut self, revision: u64, delta: v1::Delta, oracle: &Oracle) {
        self.frames.push("delta");
        let from = delta.from_revision as u64;
        assert_eq!(Some(from), self.revision, "LAW nothing skipped");
        assert!(revision > from, "LAW unique");
        if self.ask.min_interval.is_zero() && self.is_intrinsic() {
            let board = delta.boards.len();
            assert!(board > 0, "LAW deltas tell something");
        }
        let mut counted = BTreeSet::new();
        for board in delta.boards {
            counted.insert(board.board.clone());
            self.check_events(&board, (from, revision), oracle);
            let rows = self.rows.entry(board.board.clone()).or_default();
            for row in board.rows {
                assert!(!self.ask.events_only, "LAW no rows");
                rows.insert(row.model.clone(), row);
            }
            for model in board.left {
                let held = rows.remove(&model);
                assert!(held.is_some(), "LAW only what was held leaves");
            }
            let events = board.events.into_iter();
            self.events
                .extend(events.map(|event| (board.board.clone(), event)));
        }
    }

    fn is_intrinsic(&self) -> bool {
        self.ask.detail == frontierd::board::query::Detail::Intrinsic
    }

    fn check_events(&self, board: &v1::BoardDelta, (from, to): (u64, u64), oracle: &Oracle) {
        let revisions: Vec<_> = board.events.iter().map(|e| e.revision as u64).collect();
        assert!(revisions.is_sorted(), "LAW events in order");
        let within = |revision: &u64| *revision > from && *revision <= to;
        assert!(
            revisions.iter().all(within),
            "LAW events of these revisions"
        );
        if board.board == "overall" || board.board.starts_with("suite/") {
            return;
        }
        let plain = self.ask.models.is_empty() && self.ask.rows == RowFilter::default();
        if plain {
            let told = board.events.len() + board.events_dropped as usize;
            let expected = oracle.event_count(&board.board, self.ask.basis, from, to);
            assert_eq!(told, expected, "LAW every event is listed or counted");
        }
        if !oracle.has_reset() {
            let kind = v1::EventKind::CheaperAlternative as i32;
            let told: BTreeSet<_> = board
                .events
                .iter()
                .filter(|event| event.kind == kind)
                .map(|e| (e.revision as u64, e.model.clone(), e.other_model.clone()))
                .collect();
            let expected = oracle.cheaper(&self.ask, &self.models, &board.board, (from, to));
            assert_eq!(told, expected, "LAW cheaper alternatives");
        }
    }
}
