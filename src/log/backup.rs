//! A log as one file that is written and read from front to back: a backup, or a store on the move.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `frontlog` |
//! | 1 | format, [`BACKUP_FORMAT`] |
//! | 8 | revision of the head, little-endian, like every number here; 0 = an empty log |
//! | 32 | hash of the head: of the last chunk |
//! | n times (2 + length) | length of the chunk, and the chunk as it is in the log, from revision 1 on |
//! | 2 | 0: no further chunk |
//! | 8 | number of chunks |
//! | 8 | their bytes, lengths not counted |
//! | 32 | BLAKE3 over all before |
//!
//! Chunks keep their boundaries, so they keep their hashes, and a head noted from the store can be found in the file. The
//! id of the store is not in it: an imported store draws its own, and equal histories make equal files.

use std::fmt;
use std::io::{self, Read, Write};

use bytes::Bytes;

use super::{Chunk, Fault, Head, ReadError};
use crate::limits::CHUNK_BYTES_MAX;
use crate::model::Revision;

/// The format that this binary writes, and the newest it reads.
pub const BACKUP_FORMAT: u8 = 1;

const MAGIC: &[u8; 8] = b"frontlog";
const HASH_BYTES: usize = 32;
/// Revision and hash of the head.
const HEAD_BYTES: usize = 8 + HASH_BYTES;

// The length of every chunk can be said, and 0 is none.
const _: () = assert!(CHUNK_BYTES_MAX <= u16::MAX as usize);

/// What is wrong with the file around its chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BackupFault {
    /// It does not begin as one.
    NotABackup,
    /// Written by a newer binary.
    NewerFormat(u8),
    /// It ends before its end.
    CutShort {
        /// The revision that had to come; past the head = its closing bytes.
        expected: Revision,
    },
    /// Its chunks end elsewhere than its first bytes say.
    OtherHead {
        /// The head in its first bytes.
        said: Head,
        /// Where its chunks end.
        found: Head,
    },
    /// All chunks are sound, but what is counted at its end differs.
    Totals {
        /// Where its chunks end.
        head: Revision,
    },
    /// All chunks are sound, but the whole does not match its checksum.
    Checksum {
        /// Where its chunks end.
        head: Revision,
    },
    /// It goes on after its end.
    TrailingBytes {
        /// Where its chunks end.
        head: Revision,
    },
    /// It cannot be read.
    Unreadable {
        /// The revision that had to come.
        expected: Revision,
        /// What the system said.
        problem: String,
    },
}

impl BackupFault {
    /// The revision that had to come where the fault is.
    pub fn expected(&self) -> Revision {
        match self {
            Self::NotABackup | Self::NewerFormat(_) => 1,
            Self::CutShort { expected } | Self::Unreadable { expected, .. } => *expected,
            Self::OtherHead { found, .. } => found.revision + 1,
            Self::Totals { head } | Self::Checksum { head } | Self::TrailingBytes { head } => {
                head + 1
            }
        }
    }
}

impl fmt::Display for BackupFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABackup => f.write_str(
                "this is no store file: it does not begin with `frontlog`; `frontierd export --format store` writes one",
            ),
            Self::NewerFormat(format) => write!(
                f,
                "the file has format `{format}`, this binary reads up to `{BACKUP_FORMAT}`: use a newer frontierd"
            ),
            Self::CutShort { expected } => write!(
                f,
                "the file is cut short: it ends where the chunk at revision `{expected}` or its closing bytes had to come"
            ),
            Self::OtherHead { said, found } => write!(
                f,
                "the chunks end at `{found}`, the first bytes of the file say `{said}`"
            ),
            Self::Totals { head } => write!(
                f,
                "the file counts other chunks than it holds; they are sound up to revision `{head}`"
            ),
            Self::Checksum { head } => write!(
                f,
                "the file does not match its checksum, although its chunks are sound up to revision `{head}`"
            ),
            Self::TrailingBytes { head } => write!(
                f,
                "the file goes on after its end, after revision `{head}`: something was appended to it"
            ),
            Self::Unreadable { expected, problem } => write!(
                f,
                "the file cannot be read where revision `{expected}` had to come: {problem}"
            ),
        }
    }
}

/// Why a log could not be written into a file.
#[derive(Debug)]
pub enum BackupError {
    /// The log is not sound, and a broken backup helps nobody.
    Log(Fault),
    /// The file cannot be written.
    Io(io::Error),
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(fault) => write!(f, "the log is not whole: {fault}"),
            Self::Io(error) => write!(f, "the file cannot be written: {error}"),
        }
    }
}

impl std::error::Error for BackupError {}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Fault> for BackupError {
    fn from(fault: Fault) -> Self {
        Self::Log(fault)
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where the log in the file ends.
    pub head: Head,
    /// Its chunks.
    pub chunks: u64,
    /// Bytes of the chunks.
    pub bytes: u64,
    /// BLAKE3 over the file up to this hash, which ends it.
    pub hash: [u8; 32],
}

/// Writes a log into a file, chunk by chunk; every chunk is checked to continue the chain.
pub struct BackupWriter<W: Write> {
    out: Hashed<W>,
    /// Where it must end.
    end: Head,
    head: Head,
    chunks: u64,
    bytes: u64,
}

impl<W: Write> BackupWriter<W> {
    /// Begins the file of a log that ends at `end`.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, end: Head) -> io::Result<Self> {
        let mut out = Hashed {
            inner: out,
            hasher: blake3::Hasher::new(),
        };
        out.write_all(MAGIC)?;
        out.write_all(&[BACKUP_FORMAT])?;
        out.write_all(&end.revision.to_le_bytes())?;
        out.write_all(&end.hash)?;
        Ok(Self {
            out,
            end,
            head: Head::EMPTY,
            chunks: 0,
            bytes: 0,
        })
    }

    /// Writes the next chunk.
    ///
    /// # Errors
    /// [`BackupError::Log`] when it does not continue the chain.
    pub fn push(&mut self, chunk: &Chunk) -> Result<(), BackupError> {
        self.head = chunk.follow(self.head)?;
        self.out
            .write_all(&(chunk.bytes.len() as u16).to_le_bytes())?;
        self.out.write_all(&chunk.bytes)?;
        self.chunks += 1;
        self.bytes += chunk.bytes.len() as u64;
        Ok(())
    }

    /// Ends the file. Nothing is flushed or synced.
    ///
    /// # Errors
    /// [`BackupError::Log`] when the chunks end elsewhere than the log was said to.
    pub fn finish(mut self) -> Result<(W, Written), BackupError> {
        if self.head != self.end {
            let (said, found) = (self.end, self.head);
            return Err(Fault::File(BackupFault::OtherHead { said, found }).into());
        }
        self.out.write_all(&[0; 2])?;
        self.out.write_all(&self.chunks.to_le_bytes())?;
        self.out.write_all(&self.bytes.to_le_bytes())?;
        let hash = *self.out.hasher.finalize().as_bytes();
        let mut out = self.out.inner;
        out.write_all(&hash)?;
        let written = Written {
            head: self.head,
            chunks: self.chunks,
            bytes: self.bytes,
            hash,
        };
        Ok((out, written))
    }
}

/// A stream, with the hash of what went through.
struct Hashed<T> {
    inner: T,
    hasher: blake3::Hasher,
}

impl<W: Write> Hashed<W> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<R: Read> Hashed<R> {
    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }
}

/// Reads a log from a file: its chunks in order, then nothing when the file is whole, or one fault. Chunks are parsed;
/// that they are one chain is for [`super::verify_chunks`] to say.
pub struct BackupReader<R: Read> {
    from: Hashed<R>,
    end: Head,
    /// Where the chunks read so far end.
    head: Head,
    chunks: u64,
    bytes: u64,
    done: bool,
}

impl<R: Read> BackupReader<R> {
    /// Reads the first bytes of a file.
    ///
    /// # Errors
    /// [`BackupFault`] when it is no backup, or one of a newer binary.
    pub fn new(from: R) -> Result<Self, BackupFault> {
        let mut from = Hashed {
            inner: from,
            hasher: blake3::Hasher::new(),
        };
        let mut read = |bytes: &mut [u8], short| {
            from.read_exact(bytes).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => short,
                _ => unreadable(1, &error),
            })
        };
        // A file of another format may be shorter than these first bytes, and is none by what it begins with.
        let mut start = [0; MAGIC.len() + 1];
        read(&mut start, BackupFault::NotABackup)?;
        if start[..MAGIC.len()] != *MAGIC {
            return Err(BackupFault::NotABackup);
        }
        match start[MAGIC.len()] {
            BACKUP_FORMAT => {}
            newer if newer > BACKUP_FORMAT => return Err(BackupFault::NewerFormat(newer)),
            _ => return Err(BackupFault::NotABackup),
        }
        let mut rest = [0; HEAD_BYTES];
        read(&mut rest, BackupFault::CutShort { expected: 1 })?;
        let (revision, hash) = rest.split_at(8);
        let mut end = Head::EMPTY;
        end.revision = revision
            .iter()
            .rfold(0, |sum, byte| sum << 8 | u64::from(*byte));
        end.hash.copy_from_slice(hash);
        Ok(Self {
            from,
            end,
            head: Head::EMPTY,
            chunks: 0,
            bytes: 0,
            done: false,
        })
    }

    /// Where the log in the file ends, as its first bytes say; that it does is checked at the end.
    pub fn end(&self) -> Head {
        self.end
    }

    fn expected(&self) -> Revision {
        self.head.revision.saturating_add(1)
    }

    fn read<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Fault> {
        let expected = self.expected();
        self.from.read_exact(bytes).map_err(|error| {
            Fault::File(match error.kind() {
                io::ErrorKind::UnexpectedEof => BackupFault::CutShort { expected },
                _ => unreadable(expected, &error),
            })
        })
    }

    fn advance(&mut self) -> Result<Option<Chunk>, Fault> {
        let length = usize::from(u16::from_le_bytes(self.read()?));
        if length == 0 {
            return self.close().map(|()| None);
        }
        let first = self.expected();
        if length > CHUNK_BYTES_MAX {
            let problem = "larger than any chunk";
            return Err(Fault::Unreadable(ReadError::Framing { first, problem }));
        }
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        let chunk = Chunk::parse(first, Bytes::from(bytes)).map_err(Fault::Unreadable)?;
        self.head = chunk.head();
        self.chunks += 1;
        self.bytes += length as u64;
        Ok(Some(chunk))
    }

    /// The checks at the end, after the last chunk.
    fn close(&mut self) -> Result<(), Fault> {
        let head = self.head.revision;
        let chunks = u64::from_le_bytes(self.read()?);
        let bytes = u64::from_le_bytes(self.read()?);
        let hash = *self.from.hasher.finalize().as_bytes();
        let given: [u8; HASH_BYTES] = self.read()?;
        let problem = if self.head != self.end {
            BackupFault::OtherHead {
                said: self.end,
                found: self.head,
            }
        } else if (chunks, bytes) != (self.chunks, self.bytes) {
            BackupFault::Totals { head }
        } else if hash != given {
            BackupFault::Checksum { head }
        } else if self.from.read_exact(&mut [0]).is_ok() {
            BackupFault::TrailingBytes { head }
        } else {
            return Ok(());
        };
        Err(Fault::File(problem))
    }
}

impl<R: Read> Iterator for BackupReader<R> {
    type Item = Result<Chunk, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let next = self.advance().transpose();
        self.done = !matches!(next, Some(Ok(_)));
        next
    }
}

fn unreadable(expected: Revision, error: &io::Error) -> BackupFault {
    BackupFault::Unreadable {
        expected,
        problem: error.to_string(),
    }
}
