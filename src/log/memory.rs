//! A log in memory: for tests, and the model that every durable backend is compared with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AppendError, Chunk, Chunks, Head, Log, LogReader, continues};
use crate::model::Revision;

/// A log that dies with the process. Clones share it and are writers in their own right.
#[derive(Clone)]
pub struct MemoryLog {
    shared: Arc<Shared>,
}

struct Shared {
    store_id: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    chunks: Vec<Chunk>,
    bytes: u64,
    /// How many chunks of the next append reach the disk before it fails.
    fail_after: Option<usize>,
    /// Set by a failed append: what it left behind, unseen until the log is opened again.
    left_behind: Option<Vec<Chunk>>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new(store_id: &str) -> Self {
        Self {
            shared: Arc::new(Shared {
                store_id: store_id.to_owned(),
                state: Mutex::default(),
            }),
        }
    }

    /// A second writer of the same log.
    #[must_use]
    pub fn second_writer(&self) -> Self {
        self.clone()
    }

    /// Makes the next append fail after the first `chunks_kept` of its chunks were stored, as a crash may leave them.
    /// They are shown after [`MemoryLog::reopen`], as they would be after a restart.
    pub fn fail_next_append(&self, chunks_kept: usize) {
        self.shared.state().fail_after = Some(chunks_kept);
    }

    /// What a restart would find: the same log, no longer poisoned. Other handles keep what they had.
    #[must_use]
    pub fn reopen(&self) -> Self {
        let reopened = Self::new(&self.shared.store_id);
        let state = self.shared.state();
        let left_behind = state.left_behind.iter().flatten();
        reopened.shared.state().chunks = state.chunks.iter().chain(left_behind).cloned().collect();
        reopened
    }
}

impl Shared {
    /// A panic while the lock was held leaves a usable state: every change is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn head(&self) -> Head {
        self.chunks.last().map_or(Head::EMPTY, Chunk::head)
    }
}

impl Log for MemoryLog {
    fn store_id(&self) -> &str {
        &self.shared.store_id
    }

    fn head(&self) -> Head {
        self.shared.state().head()
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.shared.clone()
    }

    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
        let mut state = self.shared.state();
        if state.left_behind.is_some() {
            return Err(AppendError::Poisoned);
        }
        let head = continues(state.head(), expected, chunks)?;
        if let Some(kept) = state.fail_after.take() {
            state.left_behind = Some(chunks.iter().take(kept).cloned().collect());
            return Err(AppendError::Failed {
                message: "injected failure".to_owned(),
            });
        }
        state.bytes += chunks
            .iter()
            .map(|chunk| chunk.bytes.len() as u64)
            .sum::<u64>();
        state.chunks.extend_from_slice(chunks);
        Ok(head)
    }
}

impl LogReader for Shared {
    fn store_id(&self) -> &str {
        &self.store_id
    }

    fn head(&self) -> Head {
        self.state().head()
    }

    fn bytes_appended(&self) -> u64 {
        self.state().bytes
    }

    fn chunks(&self, from: Revision) -> Chunks<'_> {
        let state = self.state();
        let start = state.chunks.partition_point(|chunk| chunk.last < from);
        let chunks = state.chunks[start..].to_vec();
        Box::new(chunks.into_iter().map(Ok))
    }
}
