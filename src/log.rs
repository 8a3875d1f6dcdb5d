//! The ordered, durable log: the truth of which every board is a function.
//!
//! Entries are kept in chunks; each chunk names the hash of the one before it, so a log is a chain that can be
//! verified. Whatever sled or another backend promises, a [`Log`] promises this: what an append answered is on the disk;
//! what a reader shows is on the disk; after a crash any prefix of the chunks of an unanswered append may be there.
//! Nothing here reads a clock, and nothing here knows what an entry means.

mod backup;
pub mod checkpoint;
mod chunk;
mod entry;
mod files;
mod memory;
mod recover;
mod salvage;
mod scrub;
mod sled;
mod verify;

use std::fmt;
use std::sync::Arc;

use crate::measure::Durations;
use crate::model::{Entry, Revision};

pub use self::backup::{
    BACKUP_FORMAT, BackupError, BackupFault, BackupReader, BackupWriter, Written,
};
pub use self::chunk::{Chunk, FORMAT, Hash, ReadError, ZERO_HASH};
pub use self::entry::EntryError;
pub use self::memory::MemoryLog;
pub use self::recover::{RecoverError, Recovered, recover};
pub use self::salvage::Beyond;
pub use self::scrub::{Scrubber, Step};
pub use self::sled::{ImportError, OpenError, OpenEvent, SledLog, SledOptions};
pub use self::verify::{Expectation, Fault, Verification, verify, verify_chunks};

/// Where a log ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Revision of the last entry; 0 = empty.
    pub revision: Revision,
    /// Hash of the last chunk; zeros = empty.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self {
        revision: 0,
        hash: ZERO_HASH,
    };
}

impl fmt::Display for Head {
    /// `REVISION:HASH`, the form that `verify --expect` takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}",
            self.revision,
            blake3::Hash::from_bytes(self.hash).to_hex()
        )
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({self})")
    }
}

impl std::str::FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let (revision, hash) = text.split_once(':').ok_or(HeadError)?;
        Ok(Self {
            revision: revision.parse().map_err(|_| HeadError)?,
            hash: *blake3::Hash::from_hex(hash)
                .map_err(|_| HeadError)?
                .as_bytes(),
        })
    }
}

/// A text that is not a head of the form `REVISION:HASH`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadError;

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a head of the form `REVISION:HASH`, a number and 64 hexadecimal digits")
    }
}

impl std::error::Error for HeadError {}

/// Why an append was not answered with a new head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody else appended: the log ends here now, and nothing was written.
    Conflict(Head),
    /// An entry does not fit; nothing was written.
    TooLarge {
        /// Its position in the append, from 0.
        index: usize,
        /// Its encoded size.
        bytes: usize,
    },
    /// Revisions do not count up from the expected head, or chunks do not continue its chain; nothing was written.
    Misnumbered {
        /// The revision that had to come.
        expected: Revision,
        /// The revision given.
        given: Revision,
    },
    /// The write failed midway: it may or may not be there after a restart. The log takes no further appends.
    Failed {
        /// What the backend said.
        message: String,
    },
    /// An earlier append failed; nothing was written. Restart to find out what is on the disk.
    Poisoned,
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(head) => write!(
                f,
                "somebody else appended: the log ends at revision `{}`; read on and try again",
                head.revision
            ),
            Self::TooLarge { index, bytes } => write!(
                f,
                "entry `{index}` of the append takes `{bytes}` bytes, at most `{}` fit: shorten its texts",
                crate::limits::ENTRY_BYTES_MAX
            ),
            Self::Misnumbered { expected, given } => write!(
                f,
                "the append goes on with revision `{given}` where `{expected}` or its chain was expected"
            ),
            Self::Failed { message } => write!(
                f,
                "the write failed and may or may not be there after a restart: {message}"
            ),
            Self::Poisoned => f.write_str(
                "an earlier write failed, so the log takes no more: restart to find out what is on the disk",
            ),
        }
    }
}

impl std::error::Error for AppendError {}

/// The appending side of a log. Calls block; one thread owns it.
pub trait Log: Send {
    /// Id of the store, drawn when it was created.
    fn store_id(&self) -> &str;

    /// Where the log ends, other writers' appends included.
    fn head(&self) -> Head;

    /// A reader that sees what is durable.
    fn reader(&self) -> Arc<dyn LogReader>;

    /// Appends ready-made chunks as they are, so that a moved store keeps its chunk boundaries and hashes.
    /// Durable when it returns.
    ///
    /// # Errors
    /// [`AppendError`]; nothing is written except after [`AppendError::Failed`].
    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError>;

    /// Appends entries numbered from `expected` + 1 when the log still ends at `expected`. Durable when it returns.
    /// No entries: nothing is written.
    ///
    /// # Errors
    /// [`AppendError`]; nothing is written except after [`AppendError::Failed`].
    fn append(&mut self, expected: Revision, entries: &[Entry]) -> Result<Head, AppendError> {
        let head = self.head();
        if head.revision != expected {
            return Err(AppendError::Conflict(head));
        }
        let chunks = chunk::pack(head, entries)?;
        self.append_chunks(expected, &chunks)
    }
}

/// Chunks in order, each durable; ends after the first error.
pub type Chunks<'a> = Box<dyn Iterator<Item = Result<Chunk, ReadError>> + Send + 'a>;

/// The reading side of a log, shared between threads. Calls may block on the disk, never on a writer.
pub trait LogReader: Send + Sync {
    /// Id of the store, drawn when it was created.
    fn store_id(&self) -> &str;

    /// Where the durable log ends.
    fn head(&self) -> Head;

    /// Bytes of chunks appended through this process since the log was opened.
    fn bytes_appended(&self) -> u64;

    /// How long each sync of the disk took since the log was opened; none where there is no disk.
    fn syncs(&self) -> Option<&Durations> {
        None
    }

    /// Chunks in order from the one that holds `from`, up to the head at the time of the call. A chunk may begin below
    /// `from`. Past the head: none.
    fn chunks(&self, from: Revision) -> Chunks<'_>;

    /// The entry at a revision; none at 0 and past the head.
    ///
    /// # Errors
    /// [`ReadError`] when its chunk cannot be read.
    fn entry(&self, revision: Revision) -> Result<Option<Entry>, ReadError> {
        if revision == 0 || revision > self.head().revision {
            return Ok(None);
        }
        let entry = match self.chunks(revision).next() {
            Some(chunk) => chunk?.entry(revision)?,
            None => None,
        };
        entry
            .map(Some)
            .ok_or(ReadError::Missing { first: revision })
    }

    /// The head as it was when the log ended at `revision`; none where no chunk ends there, because the revision is
    /// inside a chunk or past the head.
    ///
    /// # Errors
    /// [`ReadError`] when the chunk there cannot be read.
    fn head_at(&self, revision: Revision) -> Result<Option<Head>, ReadError> {
        if revision == 0 {
            return Ok(Some(Head::EMPTY));
        }
        match self.chunks(revision).next() {
            Some(chunk) => Ok(Some(chunk?.head()).filter(|head| head.revision == revision)),
            None => Ok(None),
        }
    }
}

/// The chain conditions of an append, the same for every backend: `chunks` continue `head` without a gap.
fn continues(head: Head, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
    if head.revision != expected {
        return Err(AppendError::Conflict(head));
    }
    chunks.iter().try_fold(head, |head, chunk| {
        if chunk.first == head.revision + 1 && chunk.previous_hash() == head.hash {
            return Ok(chunk.head());
        }
        Err(AppendError::Misnumbered {
            expected: head.revision + 1,
            given: chunk.first,
        })
    })
}
