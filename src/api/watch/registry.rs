//! Who watches what: bounded numbers of watchers and of distinct views.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};

use super::snapshot::Snapshot;
use super::spec::Spec;
use super::view::View;
use super::window::{Window, given_up};
use crate::clock::Stopwatch;
use crate::commit::Commit;
use crate::limits::{MAX_SNAPSHOTTING, MAX_WATCH_VIEWS, MAX_WATCHERS};
use crate::measure::Counter;
use crate::model::{Reason, Refusal, Revision};

/// What all watchers share.
pub(super) struct Shared {
    pub(super) commit: Commit,
    shutdown: watch::Receiver<bool>,
    seats: Mutex<Seats>,
    /// Snapshots take turns.
    snapshotting: Semaphore,
    pub(super) frames: Frames,
    /// All paces count from the start of the daemon.
    pub(super) epoch: Stopwatch,
}

/// Frames made, since the start.
#[derive(Debug, Default)]
pub struct Frames {
    /// Parts of snapshots.
    pub snapshots: Counter,
    /// Deltas.
    pub deltas: Counter,
    /// Signs that all is well.
    pub progress: Counter,
}

#[derive(Default)]
struct Seats {
    watchers: usize,
    /// Live views with the number of their watchers.
    views: BTreeMap<Spec, (Arc<View>, usize)>,
}

impl Shared {
    pub(super) fn new(commit: Commit, shutdown: watch::Receiver<bool>) -> Self {
        Self {
            commit,
            shutdown,
            seats: Mutex::default(),
            snapshotting: Semaphore::new(MAX_SNAPSHOTTING),
            frames: Frames::default(),
            epoch: Stopwatch::start(),
        }
    }

    /// Watches open now.
    pub(super) fn watchers(&self) -> usize {
        self.seats().watchers
    }

    /// Distinct views of them.
    pub(super) fn views(&self) -> usize {
        self.seats().views.len()
    }

    /// Takes a seat before a view. It is given back when it is dropped.
    ///
    /// # Errors
    /// [`Reason::TooMany`] watchers or views.
    pub(super) fn seat(self: &Arc<Self>, spec: Spec) -> Result<Seat, Refusal> {
        let mut seats = self.seats();
        if seats.watchers >= MAX_WATCHERS {
            return Err(too_many(format!(
                "`{MAX_WATCHERS}` watches are open, the most at once: close one, or watch several boards with one"
            )));
        }
        let count = seats.views.len();
        let view = match seats.views.get_mut(&spec) {
            Some((view, watchers)) => {
                *watchers += 1;
                Arc::clone(view)
            }
            None if count >= MAX_WATCH_VIEWS => {
                return Err(too_many(format!(
                    "`{MAX_WATCH_VIEWS}` different views are watched, the most at once: use the boards, filters and detail of an open one"
                )));
            }
            None => {
                let view = Arc::new(View::new(spec.clone()));
                seats.views.insert(spec, (Arc::clone(&view), 1));
                view
            }
        };
        seats.watchers += 1;
        drop(seats);
        Ok(Seat {
            head: Head(self.commit.hub().listen()),
            shutdown: Shutdown(self.shutdown.clone()),
            shared: Arc::clone(self),
            view,
        })
    }

    fn leave(&self, view: &View) {
        let mut seats = self.seats();
        seats.watchers -= 1;
        if let Some((_, watchers)) = seats.views.get_mut(&view.spec) {
            *watchers -= 1;
            if *watchers == 0 {
                seats.views.remove(&view.spec);
            }
        }
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        // Counts change together, without anything between them that can panic.
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many(message: String) -> Refusal {
    Refusal::new(Reason::TooMany, "", message)
}

/// A watcher's place before its view.
pub(super) struct Seat {
    pub(super) shared: Arc<Shared>,
    pub(super) view: Arc<View>,
    pub(super) head: Head,
    pub(super) shutdown: Shutdown,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.leave(&self.view);
    }
}

impl Seat {
    /// The view's window at or after a revision that the board has reached.
    ///
    /// # Errors
    /// An order or basis that a board does not have, or too many rows.
    pub(super) async fn window(&self, revision: Revision) -> Result<Arc<Window>, Refusal> {
        let ready = self.view.window.try_lock().ok();
        if let Some(window) = ready.and_then(|pace| pace.ready(revision)) {
            return Ok(window);
        }
        let (shared, view) = (Arc::clone(&self.shared), Arc::clone(&self.view));
        on_its_own(async move {
            let mut pace = view.window.lock().await;
            pace.at_least(&shared.commit, &view.spec, revision).await
        })
        .await
    }

    /// The rows of the view at or after a revision, encoded.
    ///
    /// # Errors
    /// When the daemon gives the work up.
    pub(super) async fn snapshot(&self, revision: Revision) -> Result<Arc<Snapshot>, Refusal> {
        let (shared, view) = (Arc::clone(&self.shared), Arc::clone(&self.view));
        on_its_own(async move {
            let (commit, spec) = (shared.commit.clone(), view.spec.clone());
            let make = async {
                let _turn = shared.snapshotting.acquire().await;
                tokio::task::spawn_blocking(move || Snapshot::gather(&commit, &spec))
                    .await
                    .map_err(|_| given_up())
            };
            let oldest = shared.commit.hub().oldest();
            view.snapshot(revision, oldest, make).await
        })
        .await
    }
}

/// Runs work that others wait for. A watcher's own loop stands still while its client does not read, and must hold
/// nothing then that another watcher needs.
async fn on_its_own<T: Send + 'static>(
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::spawn(work).await.map_err(|_| given_up())?
}

/// The newest revision, to wait for.
pub(super) struct Head(watch::Receiver<Revision>);

impl Head {
    /// Waits until there is a later revision.
    pub(super) async fn past(&mut self, revision: Revision) {
        // The hub lives as long as the handle that every watcher holds.
        let _ = self.0.wait_for(|head| *head > revision).await;
    }
}

/// The signal that the daemon ends.
pub(super) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// Whether it was given. Whoever drops the sender can give no other.
    pub(super) fn has_begun(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Waits until it is.
    pub(super) async fn wait(&mut self) {
        let _ = self.0.wait_for(|begun| *begun).await;
    }
}
