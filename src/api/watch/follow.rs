//! The loop of one watcher: start, follow, say where it is, end.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tonic::Status;

use super::diff;
use super::fold::{Folded, fold};
use super::offers::Offers;
use super::registry::Seat;
use super::snapshot::{self, Snapshot};
use super::stream::Out;
use super::timers::Timers;
use super::window::{Window, given_up};
use super::{compacted, wire};
use crate::api::frame::Frame;
use crate::commit::Published;
use crate::hub::Compacted;
use crate::limits::FOLD_REVISIONS_MAX;
use crate::model::{Reason, Refusal, Revision};

/// How a watch begins.
pub(super) enum Start {
    /// With all rows, at or after the cursor; a view without rows begins there.
    Snapshot,
    /// With all rows instead of what was asked for; a view without rows shows the break.
    Resnapshot,
    /// After the cursor, which the client holds.
    Resume,
}

/// What a watcher was asked to do.
pub(super) struct Orders {
    pub(super) start: Start,
    /// Send all rows when the ring has moved on, instead of ending.
    pub(super) resnapshot: bool,
    pub(super) min_interval: Duration,
    /// Everything up to here has been looked at.
    pub(super) cursor: Revision,
    /// What the client holds, or is about to, in a windowed view; its revision is the cursor.
    pub(super) held: Option<Arc<Window>>,
}

/// One watcher.
pub(super) struct Follower {
    seat: Seat,
    out: Out,
    orders: Orders,
    /// Revision of the last frame.
    sent: Revision,
    /// At the cursor.
    offers: Offers,
    timers: Timers,
}

impl Follower {
    /// Runs until the client can be told no more, and says why.
    pub(super) async fn run(seat: Seat, orders: Orders, out: Out) -> Status {
        let timers = Timers::start(orders.min_interval, seat.shared.epoch).await;
        let follower = Self {
            seat,
            out,
            sent: orders.cursor,
            orders,
            offers: Offers::default(),
            timers,
        };
        match follower.follow().await {
            Ok(never) => match never {},
            Err(status) => status,
        }
    }

    async fn follow(mut self) -> Result<Infallible, Status> {
        match self.orders.start {
            Start::Resnapshot => self.send_snapshot().await?,
            Start::Snapshot if !self.seat.view.spec.events_only => self.send_snapshot().await?,
            Start::Snapshot | Start::Resume => {
                self.take_stock();
                self.send_progress().await;
            }
        }
        loop {
            self.advance().await?;
            self.wait().await?;
        }
    }

    /// Sends what happened since, up to now.
    async fn advance(&mut self) -> Result<(), Status> {
        let head = self.seat.shared.commit.hub().head();
        while self.orders.cursor < head {
            self.end_if_shutting_down()?;
            match self.orders.held.clone() {
                Some(held) => self.advance_window(&held, head).await?,
                None => self.advance_ring(head).await?,
            }
            // A view that little concerns goes on without a pause otherwise.
            tokio::task::consume_budget().await;
        }
        if self.orders.cursor > self.sent {
            self.timers.passed();
        }
        Ok(())
    }

    /// One revision, or with a minimum interval as many as go into one delta.
    async fn advance_ring(&mut self, head: Revision) -> Result<(), Status> {
        let cursor = self.orders.cursor;
        let limit = if self.orders.min_interval.is_zero() {
            1
        } else {
            FOLD_REVISIONS_MAX
        };
        let until = head.min(cursor + limit as Revision);
        // Offers go along with the entries; who watches no models needs only what is encoded.
        let known = match self.seat.view.spec.models.as_slice() {
            [] => self.seat.view.known(cursor, until),
            _ => None,
        };
        let delta = match known {
            Some(delta) => delta,
            None => match self.folded(until) {
                Ok(Some(delta)) => delta,
                Ok(None) => {
                    // A board is defined anew.
                    self.orders.cursor = cursor + 1;
                    return self.send_snapshot().await;
                }
                Err(compacted) => return self.start_over(compacted).await,
            },
        };
        self.orders.cursor = delta.revision;
        self.send_delta(&delta).await;
        Ok(())
    }

    /// The delta up to a revision or an earlier one; none where a board is defined anew. Nothing of the ring is held on
    /// to while the client reads.
    fn folded(&mut self, until: Revision) -> Result<Option<Arc<Folded>>, Compacted> {
        let cursor = self.orders.cursor;
        let items = self.items(until, usize::MAX)?;
        let (view, offers) = (&self.seat.view, &mut self.offers);
        let commit = &self.seat.shared.commit;
        let (store_id, sent) = (commit.log().store_id(), self.sent);
        let encode = || {
            let (until, body) = fold(commit, &view.spec, &items, offers)?;
            Some(Folded::new(store_id, sent, until, &body))
        };
        let Some((delta, found)) = view.delta(cursor, until, encode) else {
            return Ok(None);
        };
        if found {
            let done = items.iter().take((delta.revision - cursor) as usize);
            done.for_each(|item| self.offers.redo_all(&view.spec, item));
        }
        Ok(Some(delta))
    }

    /// From the window held to the newest one.
    async fn advance_window(&mut self, held: &Window, head: Revision) -> Result<(), Status> {
        let view = Arc::clone(&self.seat.view);
        let concerns = |items: &[Arc<Published>]| {
            let mut items = items.iter();
            items.any(|item| view.spec.concerns(item))
        };
        let concerned = self.items(head, usize::MAX).map(|items| concerns(&items));
        let window = match concerned {
            Ok(true) => self.seat.window(head).await?,
            Ok(false) => Arc::new(held.unchanged(head)),
            Err(compacted) => return self.start_over(compacted).await,
        };
        let items = match self.items(window.revision, usize::MAX) {
            Ok(items) => items,
            Err(compacted) => return self.start_over(compacted).await,
        };
        let revision = window.revision;
        if items.iter().any(|item| view.spec.resets(item)) {
            drop(items);
            self.orders.held = Some(window);
            return self.send_snapshot().await;
        }
        let offers = &mut self.offers;
        let (commit, windows) = (&self.seat.shared.commit, (held, &*window));
        let (store_id, sent) = (commit.log().store_id(), self.sent);
        let encode = || {
            let body = diff::delta(commit, &view.spec, windows, &items, offers);
            Some(Folded::new(store_id, sent, revision, &body))
        };
        let delta = view.delta(self.orders.cursor, revision, encode);
        if let Some((_, true)) = delta {
            let redo = |item: &Arc<Published>| self.offers.redo_all(&view.spec, item);
            items.iter().for_each(redo);
        }
        drop(items);
        self.orders.cursor = revision;
        self.orders.held = Some(window);
        if let Some((delta, _)) = delta {
            self.send_delta(&delta).await;
        }
        Ok(())
    }

    fn items(&self, until: Revision, limit: usize) -> Result<Vec<Arc<Published>>, Compacted> {
        let hub = self.seat.shared.commit.hub();
        hub.after(self.orders.cursor, until, limit)
    }

    /// The ring has moved past the cursor.
    async fn start_over(&mut self, gone: Compacted) -> Result<(), Status> {
        if !self.orders.resnapshot {
            return Err(compacted(self.sent, gone).into());
        }
        self.orders.cursor = self.seat.shared.commit.hub().head();
        if self.orders.held.is_some() {
            let window = self.seat.window(self.orders.cursor).await?;
            self.orders.cursor = window.revision;
            self.orders.held = Some(window);
        }
        self.send_snapshot().await
    }

    /// Sends all rows: of the window held, or at or after the cursor. Goes on from there.
    async fn send_snapshot(&mut self) -> Result<(), Status> {
        let store_id = self.store_id().to_owned();
        let snapshot = match self.orders.held.clone() {
            _ if self.seat.view.spec.events_only => {
                Arc::new(snapshot::without_boards(&store_id, self.orders.cursor))
            }
            None => self.seat.snapshot(self.orders.cursor).await?,
            Some(held) => tokio::task::spawn_blocking(move || Arc::new(held.snapshot(&store_id)))
                .await
                .map_err(|_| Status::from(given_up()))?,
        };
        self.send_frames(&snapshot).await?;
        self.take_stock();
        Ok(())
    }

    async fn send_frames(&mut self, snapshot: &Snapshot) -> Result<(), Status> {
        let counter = &self.seat.shared.frames.snapshots;
        counter.add(snapshot.frames.len() as u64);
        for frame in &snapshot.frames {
            self.end_if_shutting_down()?;
            let frame = Frame {
                head: frame.clone(),
                body: Bytes::new(),
            };
            self.out.send(frame).await;
        }
        self.orders.cursor = snapshot.revision;
        self.sent = snapshot.revision;
        self.timers.sent();
        Ok(())
    }

    async fn send_delta(&mut self, delta: &Folded) {
        if !delta.is_empty() {
            let frame = delta.frame(self.store_id(), self.sent);
            self.seat.shared.frames.deltas.add(1);
            self.send(frame, delta.revision).await;
        }
    }

    async fn send_progress(&mut self) {
        let frame = wire::progress(self.store_id(), self.orders.cursor);
        self.seat.shared.frames.progress.add(1);
        self.send(frame, self.orders.cursor).await;
    }

    async fn send(&mut self, frame: Frame, revision: Revision) {
        self.sent = revision;
        self.out.send(frame).await;
        self.timers.sent();
    }

    /// Looks up the offers at the cursor. Where the ring has moved on, following fails next and tells the client.
    fn take_stock(&mut self) {
        let (commit, spec) = (&self.seat.shared.commit, &self.seat.view.spec);
        self.offers = Offers::at(commit, spec, self.orders.cursor).unwrap_or_default();
    }

    /// Waits until there is something to send, saying meanwhile that all is well.
    async fn wait(&mut self) -> Result<(), Status> {
        loop {
            self.end_if_shutting_down()?;
            let moved = tokio::select! {
                () = self.seat.head.past(self.orders.cursor) => true,
                () = self.timers.progress() => false,
                () = self.seat.shutdown.wait() => continue,
            };
            if moved {
                break;
            }
            self.send_progress().await;
        }
        tokio::select! {
            () = self.timers.pace() => Ok(()),
            () = self.seat.shutdown.wait() => self.end_if_shutting_down(),
        }
    }

    fn end_if_shutting_down(&self) -> Result<(), Status> {
        if !self.seat.shutdown.has_begun() {
            return Ok(());
        }
        let refusal = Refusal::new(
            Reason::ShuttingDown,
            "",
            format!(
                "the daemon is shutting down: resume after revision `{}` of store `{}` once it is back",
                self.sent,
                self.store_id()
            ),
        );
        Err(refusal.into())
    }

    fn store_id(&self) -> &str {
        self.seat.shared.commit.log().store_id()
    }
}
