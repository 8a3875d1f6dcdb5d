//! Walking the chain of a log: is every chunk what was written, and is it the chain that somebody noted earlier?

use std::fmt;

use super::{BackupFault, Chunk, Hash, Head, LogReader, ReadError};
use crate::model::Revision;

/// What a walk found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Where the sound part of the log ends.
    pub head: Head,
    /// Sound chunks from the beginning.
    pub chunks: u64,
    /// Their entries.
    pub entries: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Where and how the chain breaks; none = it is whole.
    pub fault: Option<Fault>,
    /// How the chain compares with the head that was expected; none = none was.
    pub expectation: Option<Expectation>,
}

impl Verification {
    /// True when the chain is whole and as expected.
    pub fn is_sound(&self) -> bool {
        let expected = matches!(self.expectation, None | Some(Expectation::Met));
        self.fault.is_none() && expected
    }
}

/// Where and how a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A chunk or one of its entries cannot be read.
    Unreadable(ReadError),
    /// A chunk does not begin where the one before it ended.
    Gap {
        /// Revision of the chunk's first entry.
        first: Revision,
        /// The revision that had to come.
        expected: Revision,
    },
    /// A chunk names another predecessor: it, or what is before it, was replaced.
    BrokenLink {
        /// Revision of the chunk's first entry.
        first: Revision,
    },
    /// The chunks end before the log does.
    EndsEarly {
        /// The revision that had to come.
        expected: Revision,
    },
    /// The log is in a file, and what is around its chunks is not whole.
    File(BackupFault),
}

impl Fault {
    /// Revision of the first entry of the chunk at fault.
    pub fn first(&self) -> Revision {
        match self {
            Self::Unreadable(error) => error.first(),
            Self::Gap { first, .. } | Self::BrokenLink { first } => *first,
            Self::EndsEarly { expected } => *expected,
            Self::File(fault) => fault.expected(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::Gap { first, expected } => write!(
                f,
                "the chunk at revision `{first}` stands where `{expected}` had to come"
            ),
            Self::BrokenLink { first } => write!(
                f,
                "the chunk at revision `{first}` names another predecessor: it, or what is before it, was replaced"
            ),
            Self::EndsEarly { expected } => {
                write!(f, "the chunk at revision `{expected}` is missing")
            }
            Self::File(fault) => fault.fmt(f),
        }
    }
}

/// How a chain compares with the head that somebody noted earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It went through that head.
    Met,
    /// At that revision it has another hash: the log was changed.
    Differs {
        /// Its head at that revision.
        found: Head,
    },
    /// No chunk ends at that revision, so it never was a head of this log.
    InsideChunk {
        /// First revision of the chunk that holds it.
        first: Revision,
        /// Last revision of that chunk.
        last: Revision,
    },
    /// The sound part of the log does not reach it.
    BeyondHead,
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Met => f.write_str("the log goes through the expected head"),
            Self::Differs { found } => write!(
                f,
                "the log has `{found}` there: it was changed since that head was noted"
            ),
            Self::InsideChunk { first, last } => write!(
                f,
                "that revision is inside the chunk `{first}` to `{last}`, so it never was a head of this log"
            ),
            Self::BeyondHead => f.write_str("the log does not reach that revision"),
        }
    }
}

/// Walks a log from its beginning to its head. `progress` gets the revision reached after each chunk.
pub fn verify(
    reader: &dyn LogReader,
    expect: Option<(Revision, Hash)>,
    progress: &mut dyn FnMut(Revision),
) -> Verification {
    let end = reader.head().revision;
    let chunks = reader
        .chunks(1)
        .map(|chunk| chunk.map_err(Fault::Unreadable));
    verify_chunks(chunks, end, expect, progress)
}

/// Walks chunks that are to end at revision `end`. `progress` gets the revision reached after each of them.
pub fn verify_chunks(
    chunks: impl Iterator<Item = Result<Chunk, Fault>>,
    end: Revision,
    expect: Option<(Revision, Hash)>,
    progress: &mut dyn FnMut(Revision),
) -> Verification {
    let expect = expect.map(|(revision, hash)| Head { revision, hash });
    let mut found = Verification {
        expectation: expect.map(|expect| match expect {
            Head::EMPTY => Expectation::Met,
            Head { revision: 0, .. } => Expectation::Differs { found: Head::EMPTY },
            _ => Expectation::BeyondHead,
        }),
        ..Verification::begun()
    };
    for chunk in chunks {
        match chunk.and_then(|chunk| found.follow(chunk)) {
            Ok(chunk) => {
                if let Some(outcome) = expect.and_then(|expect| compare(expect, &chunk)) {
                    found.expectation = Some(outcome);
                }
                progress(chunk.last);
            }
            Err(fault) => {
                found.fault = Some(fault);
                return found;
            }
        }
    }
    if found.head.revision < end {
        let expected = found.head.revision + 1;
        found.fault = Some(Fault::EndsEarly { expected });
    }
    found
}

impl Verification {
    /// Nothing walked yet.
    pub(super) fn begun() -> Self {
        Self {
            head: Head::EMPTY,
            chunks: 0,
            entries: 0,
            bytes: 0,
            fault: None,
            expectation: None,
        }
    }

    /// Counts a chunk that continues the sound part.
    pub(super) fn follow(&mut self, chunk: Chunk) -> Result<Chunk, Fault> {
        let head = chunk.follow(self.head)?;
        let entries = chunk.decode().map_err(Fault::Unreadable)?;
        self.head = head;
        self.chunks += 1;
        self.entries += entries.len() as u64;
        self.bytes += chunk.bytes.len() as u64;
        Ok(chunk)
    }
}

impl Chunk {
    /// The head after this chunk, which must continue a chain that ends at `head`.
    ///
    /// # Errors
    /// [`Fault::Gap`], [`Fault::BrokenLink`].
    pub fn follow(&self, head: Head) -> Result<Head, Fault> {
        let first = self.first;
        let expected = head.revision.saturating_add(1);
        if first != expected {
            return Err(Fault::Gap { first, expected });
        }
        if self.previous_hash() != head.hash {
            return Err(Fault::BrokenLink { first });
        }
        Ok(self.head())
    }
}

/// What a chunk says about an expected head; none = it is not the one that holds that revision.
fn compare(expect: Head, chunk: &Chunk) -> Option<Expectation> {
    let &Chunk { first, last, .. } = chunk;
    if !(first..=last).contains(&expect.revision) {
        return None;
    }
    Some(if expect == chunk.head() {
        Expectation::Met
    } else if expect.revision == last {
        let found = chunk.head();
        Expectation::Differs { found }
    } else {
        Expectation::InsideChunk { first, last }
    })
}
