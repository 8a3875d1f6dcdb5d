//! A watcher that outlives the daemon and believes nothing.

use std::collections::BTreeMap;

use frontierd::client::{Applied, Client, Fold, Rows};
use frontierd::model::{Body, Entry};
use frontierd::proto::v1::watch_leaderboard_response::Frame;
use frontierd::proto::v1::{
    Detail, GetLeaderboardRequest, WatchAfter, WatchLeaderboardRequest, WatchLeaderboardResponse,
};
use tonic::Streaming;

use super::BOARD;

/// A delta: what it covers, and the results that its rows stand for.
struct Told {
    from: i64,
    to: i64,
    results: Vec<i64>,
}

pub(super) struct Watcher {
    /// Refuses gaps, duplicates and steps back.
    fold: Fold,
    stream: Option<Streaming<WatchLeaderboardResponse>>,
    told: Vec<Told>,
    snapshots: usize,
    resumed: usize,
}

impl Watcher {
    pub(super) fn new() -> Self {
        Self {
            fold: Fold::new(),
            stream: None,
            told: Vec::new(),
            snapshots: 0,
            resumed: 0,
        }
    }

    /// Goes on after what is held; the first time with a snapshot.
    pub(super) async fn resume(&mut self, client: &mut Client) {
        self.fold.disconnected();
        let after = self.fold.revision().map(|revision| WatchAfter {
            revision,
            store_id: self.fold.store_id().to_owned(),
            resnapshot: false,
        });
        self.resumed += usize::from(after.is_some());
        let request = WatchLeaderboardRequest {
            boards: vec![BOARD.to_owned()],
            detail: Detail::Intrinsic.into(),
            after,
            ..WatchLeaderboardRequest::default()
        };
        self.stream = Some(client.watch_leaderboard(request).await.expect("a watch"));
    }

    /// Applies the next frame; false when the stream broke.
    async fn step(&mut self) -> bool {
        let stream = self.stream.as_mut().expect("resumed before");
        let Ok(Some(frame)) = stream.message().await else {
            self.stream = None;
            return false;
        };
        let applied = self.fold.apply(&frame).expect("a frame that continues");
        self.snapshots += usize::from(applied == Applied::Snapshot);
        if let Some(Frame::Delta(delta)) = &frame.frame {
            let rows = delta.boards.iter().flat_map(|board| &board.rows);
            self.told.push(Told {
                from: delta.from_revision,
                to: frame.revision,
                results: rows.map(|row| row.result_revision).collect(),
            });
        }
        true
    }

    /// Watches until the daemon is gone.
    pub(super) async fn until_broken(mut self) -> Self {
        while self.step().await {}
        self
    }

    /// Watches up to the head: what is held is then what the daemon answers when asked.
    pub(super) async fn catch_up(&mut self, client: &mut Client) {
        let request = GetLeaderboardRequest {
            board: BOARD.to_owned(),
            detail: Detail::Intrinsic.into(),
            page_size: 1_000,
            ..GetLeaderboardRequest::default()
        };
        let board = client.get_leaderboard(request).await.expect("a board");
        while self.fold.revision() != Some(board.revision) {
            assert!(self.step().await, "the daemon ended the watch");
        }
        let asked: Rows = (board.rows.into_iter())
            .map(|row| (row.model.clone(), row))
            .collect();
        assert_eq!(self.fold.board(BOARD), Some(&asked));
    }

    /// Every delta of a single revision that recorded a result has told exactly that result.
    pub(super) fn told_every_result(&self, entries: &BTreeMap<u64, Entry>) {
        for told in &self.told {
            let is_result = |revision: i64| {
                let entry = entries.get(&(revision as u64));
                entry.is_some_and(|entry| matches!(entry.body, Body::Result(_)))
            };
            if told.to == told.from + 1 && is_result(told.to) {
                assert_eq!(told.results, [told.to]);
            }
            let within = |result: &i64| *result > told.from && *result <= told.to;
            assert!(told.results.iter().all(within));
        }
        assert_eq!(self.snapshots, 1, "only the first connection needs one");
    }

    pub(super) fn summary(&self) -> String {
        format!(
            "the watcher resumed {} times and applied {} deltas",
            self.resumed,
            self.told.len()
        )
    }
}
