//! What the watchers of one view share: encoded deltas, snapshots, the newest window.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::fold::Folded;
use super::snapshot::Snapshot;
use super::spec::Spec;
use super::window::Pace;
use crate::limits::{VIEW_CACHE_BYTES_MAX, VIEW_CACHE_FRAMES_MAX, VIEW_SNAPSHOTS_MAX};
use crate::model::Revision;

/// See the module documentation.
pub(super) struct View {
    pub(super) spec: Spec,
    deltas: Mutex<Deltas>,
    /// One watcher at a time makes a snapshot; the others wait and share it.
    snapshots: tokio::sync::Mutex<Vec<Weak<Snapshot>>>,
    /// One watcher at a time computes a window; the others wait and share it.
    pub(super) window: tokio::sync::Mutex<Pace>,
}

/// Deltas by the revisions they lead from and up to, oldest first.
#[derive(Default)]
struct Deltas {
    by_range: BTreeMap<(Revision, Revision), Arc<Folded>>,
    bytes: usize,
}

impl View {
    pub(super) fn new(spec: Spec) -> Self {
        Self {
            spec,
            deltas: Mutex::default(),
            snapshots: tokio::sync::Mutex::default(),
            window: tokio::sync::Mutex::default(),
        }
    }

    /// The delta of a range of revisions, encoded unless another watcher of the view has had it encoded. None where
    /// `encode` makes none. The flag says that it was found.
    pub(super) fn delta(
        &self,
        from: Revision,
        until: Revision,
        encode: impl FnOnce() -> Option<Folded>,
    ) -> Option<(Arc<Folded>, bool)> {
        let mut deltas = self.deltas();
        if let Some(found) = deltas.by_range.get(&(from, until)) {
            return Some((Arc::clone(found), true));
        }
        let made = Arc::new(encode()?);
        deltas.keep((from, until), Arc::clone(&made));
        Some((made, false))
    }

    /// The delta of a range of revisions, if it is encoded.
    pub(super) fn known(&self, from: Revision, until: Revision) -> Option<Arc<Folded>> {
        self.deltas().by_range.get(&(from, until)).cloned()
    }

    fn deltas(&self) -> MutexGuard<'_, Deltas> {
        self.deltas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A snapshot at or after a revision, from `make` unless somebody still reads one. When slow readers keep many
    /// alive, an older one does that can be followed on from: what they cost stays bounded.
    ///
    /// # Errors
    /// What `make` answers.
    pub(super) async fn snapshot<E>(
        &self,
        at_least: Revision,
        oldest: Revision,
        make: impl Future<Output = Result<Snapshot, E>>,
    ) -> Result<Arc<Snapshot>, E> {
        let mut kept = self.snapshots.lock().await;
        kept.retain(|snapshot| snapshot.strong_count() > 0);
        let least = match kept.len() {
            0..VIEW_SNAPSHOTS_MAX => at_least,
            _ => oldest,
        };
        let newest = kept.last().and_then(Weak::upgrade);
        if let Some(newest) = newest.filter(|newest| newest.revision >= least) {
            return Ok(newest);
        }
        let made = Arc::new(make.await?);
        kept.push(Arc::downgrade(&made));
        Ok(made)
    }
}

impl Deltas {
    fn keep(&mut self, range: (Revision, Revision), delta: Arc<Folded>) {
        self.bytes += delta.len();
        self.by_range.insert(range, delta);
        while self.by_range.len() > 1
            && (self.by_range.len() > VIEW_CACHE_FRAMES_MAX || self.bytes > VIEW_CACHE_BYTES_MAX)
        {
            // Whoever is furthest behind reads alone anyway.
            if let Some((_, old)) = self.by_range.pop_first() {
                self.bytes -= old.len();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(revision: Revision, bytes: usize) -> Arc<Folded> {
        let delta = Folded::new("store", revision - 1, revision, &vec![0; bytes]);
        assert!(delta.len() > bytes);
        Arc::new(delta)
    }

    #[test]
    fn the_cache_is_bounded_and_keeps_the_newest() {
        let mut deltas = Deltas::default();
        let newest = 3 * VIEW_CACHE_FRAMES_MAX as Revision;
        for revision in 1..=newest {
            deltas.keep((revision - 1, revision), folded(revision, 1));
        }
        assert_eq!(deltas.by_range.len(), VIEW_CACHE_FRAMES_MAX);
        let kept: usize = deltas.by_range.values().map(|delta| delta.len()).sum();
        assert_eq!(deltas.bytes, kept);
        assert!(deltas.by_range.contains_key(&(newest - 1, newest)));
        deltas.keep(
            (newest, newest + 1),
            folded(newest + 1, VIEW_CACHE_BYTES_MAX + 1),
        );
        assert_eq!(deltas.by_range.len(), 1);
    }
}
