//! Bounded fan-out: one shared ring of what happened, a cursor per listener.
//!
//! A slow listener holds nothing back and costs nothing: what it has not read stays in the ring, and once the ring has
//! moved on it is told so.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::watch;

use crate::model::Revision;

/// Something that is published once for every revision.
pub trait Item: Send + Sync + 'static {
    /// A rough size in memory, in bytes.
    fn bytes(&self) -> usize;
}

/// See the module documentation.
#[derive(Debug)]
pub struct Hub<T> {
    ring: RwLock<Ring<T>>,
    head: watch::Sender<Revision>,
    items_max: usize,
    bytes_max: usize,
}

#[derive(Debug)]
struct Ring<T> {
    items: VecDeque<Arc<T>>,
    /// Revision of the newest item, or of the state before any.
    head: Revision,
    bytes: usize,
}

/// A revision that the ring does not reach back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// The oldest revision that can be resumed after.
    pub oldest: Revision,
}

impl<T: Item> Hub<T> {
    /// An empty ring that goes on after `head`.
    pub fn new(head: Revision, items_max: usize, bytes_max: usize) -> Self {
        Self {
            ring: RwLock::new(Ring {
                items: VecDeque::new(),
                head,
                bytes: 0,
            }),
            head: watch::Sender::new(head),
            items_max,
            bytes_max,
        }
    }

    /// Adds the next revisions, in order, without waking anybody. The newest item stays, however large.
    pub fn push(&self, items: impl IntoIterator<Item = T>) {
        let mut ring = self.write();
        for item in items {
            ring.bytes += item.bytes();
            ring.head += 1;
            ring.items.push_back(Arc::new(item));
            while ring.items.len() > 1
                && (ring.items.len() > self.items_max || ring.bytes > self.bytes_max)
            {
                if let Some(old) = ring.items.pop_front() {
                    ring.bytes -= old.bytes();
                }
            }
        }
    }

    /// Wakes the listeners.
    pub fn notify(&self) {
        let head = self.read().head;
        self.head.send_replace(head);
    }

    /// A receiver of the newest revision.
    pub fn listen(&self) -> watch::Receiver<Revision> {
        self.head.subscribe()
    }

    /// The newest revision.
    pub fn head(&self) -> Revision {
        self.read().head
    }

    /// Revisions and bytes that the ring holds.
    pub fn size(&self) -> (usize, usize) {
        let ring = self.read();
        (ring.items.len(), ring.bytes)
    }

    /// The oldest revision that can be resumed after.
    pub fn oldest(&self) -> Revision {
        let ring = self.read();
        ring.head - ring.items.len() as Revision
    }

    /// At most `limit` items after a revision, in order, up to and including `until`.
    ///
    /// # Errors
    /// [`Compacted`] when the ring does not reach back that far.
    pub fn after(
        &self,
        revision: Revision,
        until: Revision,
        limit: usize,
    ) -> Result<Vec<Arc<T>>, Compacted> {
        let ring = self.read();
        let oldest = ring.head - ring.items.len() as Revision;
        if revision < oldest {
            return Err(Compacted { oldest });
        }
        let skip = (revision - oldest) as usize;
        let wanted = until.saturating_sub(revision).min(limit as Revision) as usize;
        Ok(ring.items.iter().skip(skip).take(wanted).cloned().collect())
    }

    fn read(&self) -> RwLockReadGuard<'_, Ring<T>> {
        // Pushes cannot leave the ring half changed.
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Ring<T>> {
        self.ring.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sized(usize);

    impl Item for Sized {
        fn bytes(&self) -> usize {
            self.0
        }
    }

    #[test]
    fn a_ring_keeps_the_newest_and_says_what_it_has_lost() {
        let hub = Hub::new(10, 3, 100);
        assert_eq!((hub.head(), hub.oldest()), (10, 10));
        hub.push([Sized(1), Sized(2), Sized(3), Sized(4)]);
        assert_eq!((hub.head(), hub.oldest()), (14, 11));
        assert_eq!(hub.after(10, 14, 9).err(), Some(Compacted { oldest: 11 }));
        let sizes = |after, until, limit| -> Vec<usize> {
            let items = hub.after(after, until, limit).expect("in the ring");
            items.iter().map(|item| item.0).collect()
        };
        assert_eq!(sizes(11, 14, 9), [2, 3, 4]);
        assert_eq!(sizes(12, 13, 9), [3]);
        assert_eq!(sizes(11, 14, 1), [2]);
        assert_eq!(sizes(14, 14, 9), Vec::<usize>::new());
        hub.push([Sized(1000)]);
        assert_eq!((hub.head(), hub.oldest()), (15, 14));
    }

    #[test]
    fn listeners_are_woken_once_the_push_is_announced() {
        let hub = Hub::new(0, 8, 100);
        let mut listener = hub.listen();
        hub.push([Sized(1)]);
        assert!(!listener.has_changed().expect("the hub lives"));
        hub.notify();
        assert_eq!(*listener.borrow_and_update(), 1);
    }
}
