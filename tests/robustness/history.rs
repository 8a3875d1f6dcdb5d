//! What clients recorded, and what the log says in the end.

use std::collections::BTreeSet;

use frontierd::api::convert::{self, WatchAsk};
use frontierd::log::Head;
use frontierd::model::Entry;
use frontierd::proto::v1::watch_leaderboard_response::Frame;
use frontierd::proto::v1::{WatchLeaderboardRequest, WatchLeaderboardResponse};

use crate::oracle::{Oracle, Rows};

/// One call of `WatchLeaderboard`, from its request to its end.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    /// Which life of the daemon answered.
    pub(crate) life: usize,
    pub(crate) request: WatchLeaderboardRequest,
    pub(crate) frames: Vec<WatchLeaderboardResponse>,
    pub(crate) refused: Option<Refused>,
}

/// A watch that the daemon did not begin.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) reason: String,
    /// What could be resumed after, as the daemon said right afterwards.
    pub(crate) oldest: i64,
}

/// What `GetLeaderboard` answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) request: WatchLeaderboardRequest,
    pub(crate) revision: i64,
    pub(crate) rows: Rows,
}

pub(crate) struct History {
    pub(crate) store_id: String,
    pub(crate) watches: Vec<Watch>,
    pub(crate) answers: Vec<Answer>,
    /// Head with which each life began; the first is the state that was prepared.
    pub(crate) heads: Vec<i64>,
    /// The log in the end, and its boards.
    pub(crate) entries: Vec<Entry>,
    /// Where the log was read up to.
    pub(crate) read: Head,
    pub(crate) oracle: Oracle,
}

impl History {
    pub(crate) fn head(&self) -> i64 {
        self.entries.len() as i64
    }

    /// Goes on with what the log gained.
    pub(crate) fn learn(&mut self, (head, entries): (Head, Vec<Entry>)) {
        self.read = head;
        for entry in &entries {
            self.oracle.apply(entry);
            self.oracle.keep();
        }
        self.entries.extend(entries);
    }

    /// What `GetLeaderboard` answers to what a watch asks, at a revision.
    pub(crate) fn rows(&self, request: &WatchLeaderboardRequest, revision: i64) -> Rows {
        let ask: WatchAsk = convert::watch_leaderboard(request.clone()).expect("well formed");
        self.oracle.rows(&ask, &BTreeSet::new(), revision as u64)
    }
}

impl Watch {
    /// The revision that it was to go on after.
    pub(crate) fn after(&self) -> Option<i64> {
        self.request.after.as_ref().map(|after| after.revision)
    }

    /// The frames with their contents.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (i64, &Frame)> {
        let frames = self.frames.iter();
        frames.filter_map(|frame| Some((frame.revision, frame.frame.as_ref()?)))
    }
}
