//! Watches: snapshot and deltas of boards, without a gap between them.
//!
//! Watchers that ask for the same boards, rows and detail share a *view*, and each delta is encoded once for all of
//! them. There are two kinds of view. Where a row depends on nothing but itself (detail INTRINSIC, all rows, benchmarks
//! only), its watchers follow the ring: every entry that concerns the view is a delta of its own. Where rows depend on
//! each other (a window, detail FULL, best variants, computed boards), its watchers compare whole windows: what was
//! committed together may come as one delta, and several commits too, while the board is busy.
//!
//! A watcher remembers its place in the ring and what it last sent. It holds no lock and no entry of the ring while its
//! client reads, has no queue and no task, and makes a frame when one is asked for.

mod diff;
mod events;
mod fold;
mod follow;
mod offers;
mod registry;
mod snapshot;
mod spec;
mod stream;
mod timers;
mod view;
mod window;
mod wire;

use std::sync::Arc;

use tokio::sync::watch;
use tonic::Status;

use self::follow::{Follower, Orders, Start};
use self::registry::{Seat, Shared};
use self::spec::Spec;
use self::window::Window;
use crate::api::convert::{WatchAfter, WatchAsk};
use crate::board::query::{AsOf, BoardName};
use crate::commit::Commit;
use crate::hub::Compacted;
use crate::model::{BenchmarkId, Reason, Refusal, Revision};

pub use registry::Frames;
pub use stream::WatchStream;

/// All watches of a daemon.
#[derive(Clone)]
pub struct Watches {
    shared: Arc<Shared>,
}

impl Watches {
    /// No watches yet. They end when `shutdown` turns true or its sender is gone.
    pub fn new(commit: Commit, shutdown: watch::Receiver<bool>) -> Self {
        Self {
            shared: Arc::new(Shared::new(commit, shutdown)),
        }
    }

    /// Watches open now.
    pub fn watchers(&self) -> usize {
        self.shared.watchers()
    }

    /// Distinct views watched now.
    pub fn views(&self) -> usize {
        self.shared.views()
    }

    /// Frames made since the start.
    pub fn frames(&self) -> &Frames {
        &self.shared.frames
    }

    /// Opens a watch. It is closed when the stream is dropped.
    ///
    /// # Errors
    /// An unknown board or model; an order or basis that a board does not have; too many watchers, views or rows; a
    /// revision to resume after that is of another store, ahead, or no longer in the ring.
    pub async fn watch(&self, ask: WatchAsk) -> Result<WatchStream, Status> {
        let (seat, orders) = self.admit(&ask).await?;
        Ok(WatchStream::new(|out| Follower::run(seat, orders, out)))
    }

    async fn admit(&self, ask: &WatchAsk) -> Result<(Seat, Orders), Refusal> {
        let (spec, head) = {
            let board = self.shared.commit.board();
            (Spec::resolve(ask, &board)?, board.revision())
        };
        if let Some(after) = &ask.after {
            self.check(after, head)?;
        }
        let windowed = spec.is_windowed();
        let seat = self.shared.seat(spec)?;
        let mut orders = Orders {
            start: Start::Snapshot,
            resnapshot: ask.after.as_ref().is_some_and(|after| after.resnapshot),
            min_interval: ask.min_interval,
            cursor: head,
            held: None,
        };
        if windowed {
            let window = seat.window(head).await?;
            orders.cursor = window.revision;
            orders.held = Some(window);
        }
        let Some(after) = &ask.after else {
            return Ok((seat, orders));
        };
        match resume(&seat, after.revision, orders.held.as_ref()).await {
            Ok(held) => {
                orders.start = Start::Resume;
                orders.cursor = after.revision;
                orders.held = held;
            }
            // With all rows, then; for a view without rows the break is shown by an end of snapshot.
            Err(refusal) if !after.resnapshot || refusal.reason == Reason::ShuttingDown => {
                return Err(refusal);
            }
            Err(_) => orders.start = Start::Resnapshot,
        }
        Ok((seat, orders))
    }

    fn check(&self, after: &WatchAfter, head: Revision) -> Result<(), Refusal> {
        let store_id = self.shared.commit.log().store_id();
        if !after.store_id.is_empty() && after.store_id != store_id {
            return Err(Refusal::new(
                Reason::StoreMismatch,
                "after.store_id",
                format!(
                    "after.store_id is `{}` and this is store `{store_id}`: revisions of one say nothing about the other; start with a snapshot",
                    after.store_id
                ),
            ));
        }
        if after.revision > head {
            return Err(Refusal::new(
                Reason::RevisionInFuture,
                "after.revision",
                format!(
                    "after.revision is `{}`, beyond head `{head}`: resume after a revision that was received from this store",
                    after.revision
                ),
            ));
        }
        Ok(())
    }
}

/// What a client that resumes holds: in a windowed view the window at its revision, given the one of now.
async fn resume(
    seat: &Seat,
    revision: Revision,
    now: Option<&Arc<Window>>,
) -> Result<Option<Arc<Window>>, Refusal> {
    let (commit, spec) = (&seat.shared.commit, &seat.view.spec);
    let since = |until| {
        let items = commit.hub().after(revision, until, usize::MAX);
        items.map_err(|gone| compacted(revision, gone))
    };
    let Some(now) = now else {
        return since(revision).map(|_| None);
    };
    let items = since(now.revision)?;
    if !items.iter().any(|item| spec.concerns(item)) {
        return Ok(Some(Arc::new(now.unchanged(revision))));
    }
    drop(items);
    let as_of = AsOf {
        revision: Some(revision),
        ..AsOf::default()
    };
    let board = commit.project(as_of, only_board(spec)).await?;
    let held = Window::of_past(board, spec.clone()).await?;
    Ok(Some(Arc::new(held)))
}

/// The benchmark of a view of one.
fn only_board(spec: &Spec) -> Option<BenchmarkId> {
    match spec.boards.as_slice() {
        [BoardName::Benchmark(id)] => Some(id.clone()),
        _ => None,
    }
}

fn compacted(revision: Revision, gone: Compacted) -> Refusal {
    Refusal::new(
        Reason::RevisionCompacted,
        "after.revision",
        format!(
            "revision `{revision}` can no longer be resumed after, the oldest is `{}`: start with a snapshot, or set after.resnapshot",
            gone.oldest
        ),
    )
}
