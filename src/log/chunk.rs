//! The framing of entries into chunks.
//!
//! A chunk is stored under the big-endian revision of its first entry, and is:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | format, [`FORMAT`] |
//! | 32 | hash of the previous chunk; zeros in the first |
//! | n times (2 + length) | length of the entry, little-endian, and the entry: `store.v1.Entry` |
//! | 8 | checksum: the first bytes of the chunk's hash |
//!
//! The hash of a chunk is BLAKE3 over all before the checksum, so one pass gives both.

use std::fmt;

use bytes::Bytes;

use super::entry::{self, EntryError};
use super::{AppendError, Head};
use crate::limits::{CHUNK_BYTES_MAX, ENTRY_BYTES_MAX};
use crate::model::{Entry, Revision};

/// BLAKE3.
pub type Hash = [u8; 32];

/// The format that this binary writes, and the newest it reads.
pub const FORMAT: u8 = 1;
/// Stands where there is no previous chunk.
pub const ZERO_HASH: Hash = [0; 32];

pub(super) const HEADER_BYTES: usize = 1 + 32;
const LENGTH_BYTES: usize = 2;
const CHECKSUM_BYTES: usize = 8;

// The length prefix can say every length, and the largest entry makes a chunk of its own.
const _: () = assert!(ENTRY_BYTES_MAX <= u16::MAX as usize);
const _: () =
    assert!(HEADER_BYTES + LENGTH_BYTES + ENTRY_BYTES_MAX + CHECKSUM_BYTES <= CHUNK_BYTES_MAX);

/// Why a chunk cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// Written by a newer binary.
    NewerFormat {
        /// Revision of the chunk's first entry.
        first: Revision,
        /// Its format byte.
        format: u8,
    },
    /// Not a chunk, or cut short, or with a wrong length.
    Framing {
        /// Revision of the chunk's first entry.
        first: Revision,
        /// What does not fit.
        problem: &'static str,
    },
    /// The bytes are not those that were written.
    Checksum {
        /// Revision of the chunk's first entry.
        first: Revision,
    },
    /// The checksum holds, but an entry is not one of this format.
    Entry {
        /// Revision of the chunk's first entry.
        first: Revision,
        /// Revision that the entry should have.
        revision: Revision,
        /// What is wrong.
        error: EntryError,
    },
    /// The log goes further, but no chunk holds this revision.
    Missing {
        /// The revision.
        first: Revision,
    },
    /// The backend failed.
    Backend {
        /// Revision asked for, or of the last chunk that could be read.
        first: Revision,
        /// What it said.
        message: String,
    },
}

impl ReadError {
    /// Revision of the first entry of the chunk at fault.
    pub fn first(&self) -> Revision {
        match self {
            Self::NewerFormat { first, .. }
            | Self::Framing { first, .. }
            | Self::Checksum { first }
            | Self::Missing { first }
            | Self::Entry { first, .. }
            | Self::Backend { first, .. } => *first,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the chunk at revision `{}` ", self.first())?;
        match self {
            Self::NewerFormat { format, .. } => write!(
                f,
                "has format `{format}`, this binary reads up to `{FORMAT}`: use a newer frontierd"
            ),
            Self::Framing { problem, .. } => write!(f, "is malformed: {problem}"),
            Self::Missing { .. } => f.write_str("is missing"),
            Self::Checksum { .. } => f.write_str("does not match its checksum"),
            Self::Entry {
                revision, error, ..
            } => write!(f, "holds no valid entry `{revision}`: {error}"),
            Self::Backend { message, .. } => write!(f, "cannot be read: {message}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// Consecutive entries as they are on the disk. Its format, framing and checksum have been checked; the entries
/// themselves are checked when they are decoded.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Revision of its first entry.
    pub first: Revision,
    /// Revision of its last entry, at least `first`.
    pub last: Revision,
    /// The bytes on the disk, at most [`CHUNK_BYTES_MAX`].
    pub bytes: Bytes,
    hash: Hash,
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk")
            .field("first", &self.first)
            .field("last", &self.last)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Chunk {
    /// The chunk stored at revision `first`.
    ///
    /// # Errors
    /// [`ReadError`] when the format is newer, the framing is broken or the checksum does not hold.
    pub fn parse(first: Revision, bytes: Bytes) -> Result<Self, ReadError> {
        let framing = |problem| ReadError::Framing { first, problem };
        match bytes.first() {
            Some(&FORMAT) => {}
            Some(&format) if format > FORMAT => {
                return Err(ReadError::NewerFormat { first, format });
            }
            _ => return Err(framing("no format byte")),
        }
        if bytes.len() > CHUNK_BYTES_MAX {
            return Err(framing("larger than any chunk"));
        }
        let end = bytes
            .len()
            .checked_sub(CHECKSUM_BYTES)
            .filter(|end| *end >= HEADER_BYTES)
            .ok_or_else(|| framing("too short"))?;
        let hash = *blake3::hash(&bytes[..end]).as_bytes();
        if bytes[end..] != hash[..CHECKSUM_BYTES] {
            return Err(ReadError::Checksum { first });
        }
        let mut count = 0;
        for frame in frames(&bytes[HEADER_BYTES..end]) {
            frame.map_err(framing)?;
            count += 1;
        }
        let last = (first.checked_add(count).filter(|_| first > 0 && count > 0))
            .ok_or_else(|| framing("no entries, or no revision"))?
            - 1;
        Ok(Self {
            first,
            last,
            bytes,
            hash,
        })
    }

    /// Its hash, which the next chunk names.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The hash of the chunk before it; zeros in the first.
    pub fn previous_hash(&self) -> Hash {
        let mut hash = ZERO_HASH;
        hash.copy_from_slice(&self.bytes[1..HEADER_BYTES]);
        hash
    }

    /// The head of a log that ends with this chunk.
    pub fn head(&self) -> Head {
        Head {
            revision: self.last,
            hash: self.hash,
        }
    }

    /// Its entries.
    ///
    /// # Errors
    /// [`ReadError::Entry`] when one is not an entry of this format, or has another revision than its place.
    pub fn decode(&self) -> Result<Vec<Entry>, ReadError> {
        let frames = frames(self.entry_bytes());
        (self.first..=self.last)
            .zip(frames)
            .map(|(revision, frame)| self.decode_frame(revision, frame))
            .collect()
    }

    /// One of its entries; none when the revision is not in this chunk.
    ///
    /// # Errors
    /// [`ReadError::Entry`] when it is not an entry of this format, or has another revision than its place.
    pub fn entry(&self, revision: Revision) -> Result<Option<Entry>, ReadError> {
        let Some(index) = revision.checked_sub(self.first) else {
            return Ok(None);
        };
        frames(self.entry_bytes())
            .nth(index as usize)
            .map(|frame| self.decode_frame(revision, frame))
            .transpose()
    }

    fn entry_bytes(&self) -> &[u8] {
        &self.bytes[HEADER_BYTES..self.bytes.len() - CHECKSUM_BYTES]
    }

    fn decode_frame(&self, revision: Revision, frame: Frame<'_>) -> Result<Entry, ReadError> {
        let first = self.first;
        let bytes = frame.map_err(|problem| ReadError::Framing { first, problem })?;
        let fail = |error| ReadError::Entry {
            first,
            revision,
            error,
        };
        let entry = entry::decode(bytes).map_err(fail)?;
        if entry.revision == revision {
            return Ok(entry);
        }
        Err(fail(EntryError::Malformed {
            field: "revision",
            problem: format!("`{}` in the place of `{revision}`", entry.revision),
        }))
    }
}

type Frame<'a> = Result<&'a [u8], &'static str>;

/// The entries' bytes in order; ends after the first error.
fn frames(mut rest: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let frame = rest
            .split_first_chunk::<LENGTH_BYTES>()
            .and_then(|(length, tail)| {
                tail.split_at_checked(usize::from(u16::from_le_bytes(*length)))
            });
        let Some((entry, tail)) = frame else {
            rest = &[];
            return Some(Err("an entry reaches past the end"));
        };
        rest = tail;
        Some(Ok(entry))
    })
}

/// How long the chunk is that begins these bytes, which go on after it; none = there is no sound one.
pub(super) fn length_of(bytes: &[u8]) -> Option<usize> {
    let bytes = &bytes[..bytes.len().min(CHUNK_BYTES_MAX)];
    let (header, mut rest) = bytes.split_at_checked(HEADER_BYTES)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(header);
    loop {
        let (length, tail) = rest.split_first_chunk::<LENGTH_BYTES>()?;
        let length = usize::from(u16::from_le_bytes(*length));
        let (entry, tail) = tail.split_at_checked(length)?;
        // No entry is empty: it has a revision.
        if length == 0 || length > ENTRY_BYTES_MAX {
            return None;
        }
        hasher.update(&rest[..LENGTH_BYTES]).update(entry);
        rest = tail;
        let checksum = rest.get(..CHECKSUM_BYTES)?;
        if *checksum == hasher.finalize().as_bytes()[..CHECKSUM_BYTES] {
            return Some(bytes.len() - rest.len() + CHECKSUM_BYTES);
        }
    }
}

/// The revision that the first of some framed entries has.
pub(super) fn first_revision(framed: &[u8]) -> Option<Revision> {
    let bytes = frames(framed).next()?.ok()?;
    entry::decode(bytes).ok().map(|entry| entry.revision)
}

/// Packs entries into the chunks that continue `head`: each as full as it can be.
///
/// # Errors
/// [`AppendError::TooLarge`], [`AppendError::Misnumbered`].
pub(super) fn pack(head: Head, entries: &[Entry]) -> Result<Vec<Chunk>, AppendError> {
    let mut chunks = Vec::new();
    let mut builder = Builder::after(head);
    for (index, entry) in entries.iter().enumerate() {
        let expected = head.revision + 1 + index as Revision;
        if entry.revision != expected {
            let given = entry.revision;
            return Err(AppendError::Misnumbered { expected, given });
        }
        let bytes = builder.push(entry);
        if bytes > ENTRY_BYTES_MAX {
            return Err(AppendError::TooLarge { index, bytes });
        }
        if !builder.fits() {
            let last = builder.take_last(bytes);
            let full = builder.finish();
            builder = Builder::after(full.head());
            builder.push_framed(&last);
            chunks.push(full);
        }
    }
    if builder.count > 0 {
        chunks.push(builder.finish());
    }
    Ok(chunks)
}

struct Builder {
    first: Revision,
    count: u64,
    bytes: Vec<u8>,
}

impl Builder {
    fn after(head: Head) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&head.hash);
        Self {
            first: head.revision + 1,
            count: 0,
            bytes,
        }
    }

    /// Whether the chunk is within its bound; always true of a single entry, by the assertion on the bounds above.
    fn fits(&self) -> bool {
        self.bytes.len() + CHECKSUM_BYTES <= CHUNK_BYTES_MAX
    }

    /// Encodes an entry in its place. Answers its length, which may be more than is allowed.
    fn push(&mut self, entry: &Entry) -> usize {
        let frame = self.bytes.len();
        let start = frame + LENGTH_BYTES;
        self.bytes.resize(start, 0);
        entry::encode(entry, &mut self.bytes);
        let length = self.bytes.len() - start;
        self.bytes[frame..start].copy_from_slice(&(length as u16).to_le_bytes());
        self.count += 1;
        length
    }

    /// Takes the last entry out again, with its frame; it has `length` bytes.
    fn take_last(&mut self, length: usize) -> Vec<u8> {
        self.count -= 1;
        let frame = self.bytes.len() - length - LENGTH_BYTES;
        self.bytes.split_off(frame)
    }

    fn push_framed(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(entry);
        self.count += 1;
    }

    /// At least one entry has been pushed.
    fn finish(mut self) -> Chunk {
        let hash = *blake3::hash(&self.bytes).as_bytes();
        self.bytes.extend_from_slice(&hash[..CHECKSUM_BYTES]);
        Chunk {
            first: self.first,
            last: self.first + self.count - 1,
            bytes: self.bytes.into(),
            hash,
        }
    }
}
