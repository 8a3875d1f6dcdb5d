//! A watch of one benchmark over a log in memory: the daemon's own path from the ring to frames.

use frontierd::api::convert;
use frontierd::api::frame::Frame;
use frontierd::api::watch::{WatchStream, Watches};
use frontierd::client::Fold;
use frontierd::commit::{Commit, Settings};
use frontierd::model::{Entry, Revision};
use frontierd::proto::v1;
use prost::Message;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;
use tokio_stream::StreamExt;

use crate::data::benchmark_id;
use crate::work::{STORE_ID, log_with};

/// One watcher, read by hand.
pub(crate) struct Watcher {
    runtime: Runtime,
    stream: WatchStream,
    /// The watch ends when this is dropped.
    _shutdown: watch::Sender<bool>,
}

impl Watcher {
    /// Watches the rows of benchmark 0 on a log that was just opened, after a revision or from a snapshot on.
    pub(crate) fn open(entries: &[Entry], after: Option<Revision>) -> Self {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.expect("a runtime");
        let log = Box::new(log_with(entries));
        let opened = Commit::open(log, Settings::default(), |_, _| {}).expect("a log in memory");
        let (shutdown, closing) = watch::channel(false);
        let watches = Watches::new(opened.commit, closing);
        let ask = convert::watch_leaderboard(v1::WatchLeaderboardRequest {
            boards: vec![benchmark_id(0).to_string()],
            after: after.map(|revision| v1::WatchAfter {
                revision: revision as i64,
                store_id: STORE_ID.to_owned(),
                ..v1::WatchAfter::default()
            }),
            ..v1::WatchLeaderboardRequest::default()
        });
        let stream = runtime.block_on(watches.watch(ask.expect("well formed")));
        Self {
            stream: stream.expect("a watch"),
            runtime,
            _shutdown: shutdown,
        }
    }

    /// The next frame.
    pub(crate) fn next(&mut self) -> Frame {
        let next = self.runtime.block_on(self.stream.next());
        next.expect("no end without a status").expect("a frame")
    }

    /// Leaves it as it is: the writer's thread would take it down beside what is measured next.
    pub(crate) fn leak(self) {
        std::mem::forget(self);
    }
}

/// A client that holds the snapshot of a board.
pub(crate) fn fold_of(entries: &[Entry]) -> Fold {
    let revision = entries.len() as i64;
    let mut watcher = Watcher::open(entries, None);
    let mut fold = Fold::new();
    while fold.revision() != Some(revision) {
        fold_in(&mut fold, &watcher.next().encode_to_vec());
    }
    watcher.leak();
    fold
}

/// Decodes a frame and folds it in, as a client does.
pub(crate) fn fold_in(fold: &mut Fold, bytes: &[u8]) {
    let frame = v1::WatchLeaderboardResponse::decode(bytes).expect("a frame");
    fold.apply(&frame).expect("a frame that continues");
}
