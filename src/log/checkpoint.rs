//! Checkpoints: durable state for a fast start, in files of their own beside the log.
//!
//! A checkpoint is a cache of what replay would compute. Whatever does not match in it, it is discarded and the log is
//! replayed, so it can never show what the log does not say. Two kinds of files have this form: `REVISION.checkpoint`
//! holds a state, `REVISION.ring` what was published up to that revision. Either is:
//!
//! | bytes | what |
//! |---|---|
//! | 8 | `frontier` |
//! | 1 | format, 1 |
//! | 4 | version of the board that wrote it, little-endian, like every number here |
//! | 8 | revision |
//! | 32 | hash of the chunk that ends at that revision |
//! | 2 + n | length of the store id, store id |
//! | m | state |
//! | 32 | BLAKE3 over all before |

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Buf;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Hash, LogReader, ZERO_HASH, files};
use crate::clock::Stopwatch;
use crate::model::Revision;

mod discard;

pub use self::discard::{Discarded, Mismatch};

const MAGIC: &[u8; 8] = b"frontier";
const FORMAT: u8 = 1;
const FIXED_BYTES: usize = 8 + 1 + 4 + 8 + 32 + 2;
const HASH_BYTES: usize = 32;
/// Bytes written at once.
const BUFFER_BYTES: usize = 64 * 1024;
/// Bytes of a file that is written beside commits that are not yet on the disk: about what a disk takes in a millisecond.
const UNSYNCED_BYTES_MAX: usize = 256 * 1024;
/// Rests as many times as long as it worked.
const RESTS: u32 = 3;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A state.
    State,
    /// What was published up to a revision.
    Ring,
}

impl Kind {
    fn suffix(self) -> &'static str {
        match self {
            Self::State => ".checkpoint",
            Self::Ring => ".ring",
        }
    }
}

/// What a checkpoint is a checkpoint of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Id of the store; at most 65,535 bytes.
    pub store_id: String,
    /// The last revision in the state.
    pub revision: Revision,
    /// Hash of the chunk that ends at that revision.
    pub chunk_hash: Hash,
    /// Version of the board's state and rules; a state of another version is of no use.
    pub board_version: u32,
}

/// A checkpoint whose checksum holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint<S> {
    /// What it is of.
    pub header: Header,
    /// The state, as it was given to [`write()`].
    pub state: S,
    /// Bytes of the state in the file.
    pub state_bytes: u64,
}

/// Writes a checkpoint durably, at a pace: a kill leaves either the whole file or none. The state is never in memory as
/// bytes.
/// Answers the file's path, and the bytes of the state.
///
/// # Errors
/// What the file system says; earlier checkpoints are untouched.
pub fn write<S: Serialize>(
    dir: &Path,
    kind: Kind,
    header: &Header,
    state: &S,
    pace: Pace<'_>,
) -> io::Result<(PathBuf, u64)> {
    files::create_dir_durably(dir)?;
    let path = dir.join(format!("{:020}{}", header.revision, kind.suffix()));
    // One writer owns the directory, so what an earlier kill left under this name is overwritten.
    let temporary = dir.join("writing");
    let head = encode_header(header)?;
    let mut hashed = Hashed {
        file: File::create(&temporary)?,
        hasher: blake3::Hasher::new(),
        bytes: 0,
        unsynced: 0,
        rests: Rests::at(pace),
    };
    hashed.write_all(&head)?;
    let buffered = BufWriter::with_capacity(BUFFER_BYTES, hashed);
    let buffered = postcard::to_io(state, buffered).map_err(io::Error::other)?;
    let hashed = buffered.into_inner().map_err(io::Error::from)?;
    let mut file = hashed.file;
    file.write_all(hashed.hasher.finalize().as_bytes())?;
    file.sync_all()?;
    files::rename_durably(&temporary, &path)?;
    Ok((path, hashed.bytes - head.len() as u64))
}

/// How much of the machine writing takes.
#[derive(Clone, Copy, Debug)]
pub enum Pace<'a> {
    /// All it can get: somebody waits for it.
    AtOnce,
    /// A quarter, in turns of a block, while commits go on beside it; all once `hurry` is set. A lower priority would not
    /// do: a thread that is kept from running inside the file system keeps the log's sync waiting.
    Beside {
        /// The daemon is about to end.
        hurry: &'a AtomicBool,
    },
}

/// The rests of a thread that works at a pace.
struct Rests<'a> {
    pace: Pace<'a>,
    /// Since the last one.
    worked: Stopwatch,
}

impl<'a> Rests<'a> {
    /// Begins to work.
    fn at(pace: Pace<'a>) -> Self {
        Self {
            pace,
            worked: Stopwatch::start(),
        }
    }

    /// Rests for what was worked since the last time.
    fn take(&mut self) {
        let Pace::Beside { hurry } = self.pace else {
            return;
        };
        if !hurry.load(Ordering::Relaxed) {
            std::thread::sleep(self.worked.elapsed() * RESTS);
        }
        self.worked = Stopwatch::start();
    }
}

/// A file, with the hash and number of the bytes that were written to it.
struct Hashed<'a> {
    file: File,
    hasher: blake3::Hasher,
    bytes: u64,
    /// Bytes that may be on their way to the disk.
    unsynced: usize,
    rests: Rests<'a>,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        self.unsynced += written;
        // The log's sync waits for what others have given to the same file system, so that must never be much.
        if self.unsynced >= UNSYNCED_BYTES_MAX && matches!(self.rests.pace, Pace::Beside { .. }) {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        self.rests.take();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn encode_header(header: &Header) -> io::Result<Vec<u8>> {
    let Header {
        store_id,
        revision,
        chunk_hash,
        board_version,
    } = header;
    let store_id_bytes = u16::try_from(store_id.len())
        .map_err(|_| io::Error::other("the store id is longer than 65,535 bytes"))?;
    let mut bytes = Vec::with_capacity(FIXED_BYTES + store_id.len());
    bytes.extend_from_slice(MAGIC);
    bytes.push(FORMAT);
    bytes.extend_from_slice(&board_version.to_le_bytes());
    bytes.extend_from_slice(&revision.to_le_bytes());
    bytes.extend_from_slice(chunk_hash);
    bytes.extend_from_slice(&store_id_bytes.to_le_bytes());
    bytes.extend_from_slice(store_id.as_bytes());
    Ok(bytes)
}

/// Reads a checkpoint and checks that it is whole.
///
/// # Errors
/// [`Mismatch`] naming what does not hold.
pub fn read<S: DeserializeOwned>(path: &Path) -> Result<Checkpoint<S>, Mismatch> {
    open(path)?.decode()
}

/// A file that is whole: nothing of its state is decoded before that is known.
#[derive(Debug)]
pub struct Whole {
    header: Header,
    bytes: Vec<u8>,
    /// Where the state is.
    state: std::ops::Range<usize>,
}

fn open(path: &Path) -> Result<Whole, Mismatch> {
    let bytes = fs::read(path)?;
    let Some((hashed, given)) = bytes.split_last_chunk::<HASH_BYTES>() else {
        return Err(Mismatch::NotACheckpoint);
    };
    let header = decode_header(hashed, || blake3::hash(hashed).as_bytes() == given)?;
    let state = FIXED_BYTES + header.store_id.len()..hashed.len();
    Ok(Whole {
        header,
        bytes,
        state,
    })
}

/// `is_whole` is asked once it is clear that this is a checkpoint of this format.
fn decode_header(mut from: &[u8], is_whole: impl Fn() -> bool) -> Result<Header, Mismatch> {
    let mut fixed = [0; FIXED_BYTES];
    // A file cut off inside the header is none.
    from.read_exact(&mut fixed)
        .map_err(|_| Mismatch::NotACheckpoint)?;
    let (magic, fixed) = fixed.split_at(MAGIC.len());
    let (format, mut fixed) = fixed.split_at(1);
    if magic != MAGIC {
        return Err(Mismatch::NotACheckpoint);
    }
    if format != [FORMAT] {
        return Err(Mismatch::Format(format[0]));
    }
    if !is_whole() {
        return Err(Mismatch::Checksum);
    }
    let board_version = fixed.get_u32_le();
    let revision = fixed.get_u64_le();
    let mut chunk_hash = ZERO_HASH;
    fixed.copy_to_slice(&mut chunk_hash);
    let mut store_id = vec![0; usize::from(fixed.get_u16_le())];
    from.read_exact(&mut store_id)
        .map_err(|_| Mismatch::NotACheckpoint)?;
    let store_id = String::from_utf8(store_id).map_err(|_| Mismatch::NotACheckpoint)?;
    Ok(Header {
        store_id,
        revision,
        chunk_hash,
        board_version,
    })
}

impl Whole {
    /// What it is of.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Its state.
    ///
    /// # Errors
    /// [`Mismatch::State`] where it is not one of that kind.
    pub fn decode<S: DeserializeOwned>(self) -> Result<Checkpoint<S>, Mismatch> {
        let (state, rest) = self.begin()?;
        if !rest.is_empty() {
            return Err(Mismatch::State("it goes on after its end".to_owned()));
        }
        Ok(Checkpoint {
            state,
            state_bytes: self.state.len() as u64,
            header: self.header,
        })
    }

    /// The first part of its state, and the bytes of the rest.
    ///
    /// # Errors
    /// [`Mismatch::State`] where it does not begin so.
    pub fn begin<S: DeserializeOwned>(&self) -> Result<(S, &[u8]), Mismatch> {
        postcard::take_from_bytes(&self.bytes[self.state.clone()])
            .map_err(|error| Mismatch::State(error.to_string()))
    }
}

/// The files of a kind in a directory by name, newest first; none when there is no directory.
///
/// # Errors
/// What the file system says.
pub fn list(dir: &Path, kind: Kind) -> io::Result<Vec<(Revision, PathBuf)>> {
    let items = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for item in items {
        let path = item?.path();
        let name = path.file_name().and_then(OsStr::to_str);
        let revision = name.and_then(|name| name.strip_suffix(kind.suffix())?.parse().ok());
        found.extend(revision.map(|revision| (revision, path)));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found)
}

/// The newest checkpoint at or below `at_most` that is of this log and of this version of the board, and those that
/// were discarded on the way, for the caller to say so. A discarded file is removed, unless it could not be read, or shows
/// that the log is not what it was.
///
/// # Errors
/// What the file system says about the directory.
pub fn load<S: DeserializeOwned>(
    dir: &Path,
    log: &dyn LogReader,
    board_version: u32,
    at_most: Revision,
) -> io::Result<(Option<Checkpoint<S>>, Vec<Discarded>)> {
    let mut discarded = Vec::new();
    for (revision, path) in list(dir, Kind::State)? {
        if revision > at_most && revision <= log.head().revision {
            continue;
        }
        let whole = matching(&path, revision, log, board_version);
        match whole.and_then(Whole::decode) {
            Ok(checkpoint) => return Ok((Some(checkpoint), discarded)),
            Err(mismatch) => discarded.push(discard(path, mismatch)?),
        }
    }
    Ok((None, discarded))
}

/// A file that is of this log and of this version of the board. A state of another version is not even decoded.
///
/// # Errors
/// [`Mismatch`] naming what does not hold.
pub fn matching(
    path: &Path,
    revision: Revision,
    log: &dyn LogReader,
    board_version: u32,
) -> Result<Whole, Mismatch> {
    let whole = open(path)?;
    discard::matches(&whole.header, revision, log, board_version)?;
    Ok(whole)
}

/// Removes a file that does not match, unless it could not be read, or shows that the log is not what it was.
///
/// # Errors
/// What the file system says.
pub fn discard(path: PathBuf, mismatch: Mismatch) -> io::Result<Discarded> {
    if !matches!(mismatch, Mismatch::Unreadable(_) | Mismatch::Chunk(_)) {
        fs::remove_file(&path)?;
    }
    Ok(Discarded { path, mismatch })
}

/// Removes files of a kind that no start will need, as `is_needed` says of their place from the newest on and their
/// revision. Answers how many.
///
/// # Errors
/// What the file system says.
pub fn prune(
    dir: &Path,
    kind: Kind,
    is_needed: impl Fn(usize, Revision) -> bool,
) -> io::Result<usize> {
    let mut removed = 0;
    for (place, (revision, path)) in list(dir, kind)?.into_iter().enumerate() {
        if !is_needed(place, revision) {
            fs::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}
