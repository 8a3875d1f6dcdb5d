//! Checkpoints: durable state for a fast start, in files of their own beside the log.
//!
//! A checkpoint is a cache of what replay would compute. Whatever does not match in it, it is discarded and the log is
//! replayed, so it can never show what the log does not say. A file `REVISION.checkpoint` is:
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
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Buf;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Hash, LogReader, ZERO_HASH, files};
use crate::limits::ENTRY_BYTES_MAX;
use crate::model::Revision;

mod discard;

pub use self::discard::{Discarded, Mismatch};

const MAGIC: &[u8; 8] = b"frontier";
const FORMAT: u8 = 1;
const SUFFIX: &str = ".checkpoint";
const FIXED_BYTES: usize = 8 + 1 + 4 + 8 + 32 + 2;
const HASH_BYTES: usize = 32;
/// Bytes read or written at once.
const BUFFER_BYTES: usize = 64 * 1024;

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

/// Writes a checkpoint durably: a kill leaves either the whole file or none. The state is never in memory as bytes.
/// Answers the file's path, and the bytes of the state.
///
/// # Errors
/// What the file system says; earlier checkpoints are untouched.
pub fn write<S: Serialize>(dir: &Path, header: &Header, state: &S) -> io::Result<(PathBuf, u64)> {
    files::create_dir_durably(dir)?;
    let path = dir.join(format!("{:020}{SUFFIX}", header.revision));
    // One writer owns the directory, so what an earlier kill left under this name is overwritten.
    let temporary = dir.join("writing");
    let head = encode_header(header)?;
    let mut hashed = Hashed {
        file: File::create(&temporary)?,
        hasher: blake3::Hasher::new(),
        bytes: 0,
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

/// A file, with the hash and number of the bytes that were written to it.
struct Hashed {
    file: File,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
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
struct Whole {
    header: Header,
    file: File,
    /// Where the state is in the file.
    state: std::ops::Range<u64>,
}

fn open(path: &Path) -> Result<Whole, Mismatch> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let Some(hashed) = bytes.checked_sub(HASH_BYTES as u64) else {
        return Err(Mismatch::NotACheckpoint);
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader((&mut file).take(hashed))?;
    let mut given = [0; HASH_BYTES];
    file.read_exact(&mut given)?;
    file.rewind()?;
    let mut start = BufReader::new((&mut file).take(hashed));
    let header = decode_header(&mut start, || hasher.finalize().as_bytes() == &given)?;
    let header_bytes = (FIXED_BYTES + header.store_id.len()) as u64;
    Ok(Whole {
        header,
        file,
        state: header_bytes..hashed,
    })
}

/// `is_whole` is asked once it is clear that this is a checkpoint of this format.
fn decode_header(from: &mut impl Read, is_whole: impl Fn() -> bool) -> Result<Header, Mismatch> {
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
    fn decode<S: DeserializeOwned>(mut self) -> Result<Checkpoint<S>, Mismatch> {
        let state_bytes = self.state.end - self.state.start;
        self.file.seek(SeekFrom::Start(self.state.start))?;
        let state = BufReader::with_capacity(BUFFER_BYTES, self.file.take(state_bytes));
        // No text in an entry is longer, so none in a state is.
        let mut text = [0; ENTRY_BYTES_MAX];
        let decoded = postcard::from_io((state, &mut text[..]));
        let (state, (mut rest, _)) = decoded.map_err(|error| Mismatch::State(error.to_string()))?;
        if rest.read(&mut [0])? > 0 {
            return Err(Mismatch::State("it goes on after its end".to_owned()));
        }
        Ok(Checkpoint {
            header: self.header,
            state,
            state_bytes,
        })
    }
}

/// The checkpoints of a directory by name, newest first; none when there is no directory.
///
/// # Errors
/// What the file system says.
pub fn list(dir: &Path) -> io::Result<Vec<(Revision, PathBuf)>> {
    let items = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut found = Vec::new();
    for item in items {
        let path = item?.path();
        let name = path.file_name().and_then(OsStr::to_str);
        let revision = name.and_then(|name| name.strip_suffix(SUFFIX)?.parse().ok());
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
    for (revision, path) in list(dir)? {
        if revision > at_most && revision <= log.head().revision {
            continue;
        }
        let checked = open(&path).and_then(|whole| {
            // A state of another version is not even decoded.
            discard::matches(&whole.header, revision, log, board_version)?;
            whole.decode()
        });
        match checked {
            Ok(checkpoint) => return Ok((Some(checkpoint), discarded)),
            Err(mismatch) => {
                if !matches!(mismatch, Mismatch::Unreadable(_) | Mismatch::Chunk(_)) {
                    fs::remove_file(&path)?;
                }
                discarded.push(Discarded { path, mismatch });
            }
        }
    }
    Ok((None, discarded))
}

/// Removes checkpoints that no start will need. Three stay: the newest; the newest at least `behind` revisions below
/// `head`, from which a start refills the watch ring; and the oldest of those above it, which takes its place once the
/// head has moved on, so that checkpoints closer together than `behind` do not leave a start without any. Answers how
/// many were removed.
///
/// # Errors
/// What the file system says.
pub fn prune(dir: &Path, head: Revision, behind: u64) -> io::Result<usize> {
    let checkpoints = list(dir)?;
    let far_enough = |revision: Revision| revision.saturating_add(behind) <= head;
    let far = (checkpoints.iter()).position(|(revision, _)| far_enough(*revision));
    let next = far.unwrap_or(checkpoints.len()).saturating_sub(1);
    let mut removed = 0;
    for (index, (_, path)) in checkpoints.iter().enumerate().skip(1) {
        if Some(index) != far && index != next {
            fs::remove_file(path)?;
            removed += 1;
        }
    }
    Ok(removed)
}
