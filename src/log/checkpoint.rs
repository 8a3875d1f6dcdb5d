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
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::{Buf, Bytes};

use super::{Hash, LogReader, ZERO_HASH, files};
use crate::model::Revision;

mod discard;

pub use self::discard::{Discarded, Mismatch};

const MAGIC: &[u8; 8] = b"frontier";
const FORMAT: u8 = 1;
const SUFFIX: &str = ".checkpoint";
const FIXED_BYTES: usize = 8 + 1 + 4 + 8 + 32 + 2;
const HASH_BYTES: usize = 32;

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
pub struct Checkpoint {
    /// What it is of.
    pub header: Header,
    /// The state, as it was given to [`write()`].
    pub state: Bytes,
}

/// Writes a checkpoint durably: a kill leaves either the whole file or none. Answers its path.
///
/// # Errors
/// What the file system says; earlier checkpoints are untouched.
pub fn write(dir: &Path, header: &Header, state: &[u8]) -> io::Result<PathBuf> {
    files::create_dir_durably(dir)?;
    let path = dir.join(format!("{:020}{SUFFIX}", header.revision));
    // One writer owns the directory, so what an earlier kill left under this name is overwritten.
    let temporary = dir.join("writing");
    let head = encode_header(header)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head).update(state);
    let mut file = File::create(&temporary)?;
    file.write_all(&head)?;
    file.write_all(state)?;
    file.write_all(hasher.finalize().as_bytes())?;
    file.sync_all()?;
    files::rename_durably(&temporary, &path)?;
    Ok(path)
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
pub fn read(path: &Path) -> Result<Checkpoint, Mismatch> {
    let bytes = fs::read(path).map_err(|error| Mismatch::Unreadable(error.to_string()))?;
    decode(bytes.into())
}

fn decode(mut bytes: Bytes) -> Result<Checkpoint, Mismatch> {
    if bytes.len() < FIXED_BYTES + HASH_BYTES {
        return Err(Mismatch::NotACheckpoint);
    }
    let given = bytes.split_off(bytes.len() - HASH_BYTES);
    if !bytes.starts_with(MAGIC) {
        return Err(Mismatch::NotACheckpoint);
    }
    if bytes[MAGIC.len()] != FORMAT {
        let format = bytes[MAGIC.len()];
        return Err(Mismatch::Format(format));
    }
    if blake3::hash(&bytes).as_bytes() != given.as_ref() {
        return Err(Mismatch::Checksum);
    }
    bytes.advance(MAGIC.len() + 1);
    let board_version = bytes.get_u32_le();
    let revision = bytes.get_u64_le();
    let mut chunk_hash = ZERO_HASH;
    bytes.copy_to_slice(&mut chunk_hash);
    let store_id_bytes = usize::from(bytes.get_u16_le());
    if store_id_bytes > bytes.len() {
        return Err(Mismatch::NotACheckpoint);
    }
    let store_id = String::from_utf8(bytes.split_to(store_id_bytes).to_vec())
        .map_err(|_| Mismatch::NotACheckpoint)?;
    Ok(Checkpoint {
        header: Header {
            store_id,
            revision,
            chunk_hash,
            board_version,
        },
        state: bytes,
    })
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
/// were discarded on the way, for the caller to say so. A discarded file is removed, unless it could not be read.
///
/// # Errors
/// What the file system says about the directory.
pub fn load(
    dir: &Path,
    log: &dyn LogReader,
    board_version: u32,
    at_most: Revision,
) -> io::Result<(Option<Checkpoint>, Vec<Discarded>)> {
    let mut discarded = Vec::new();
    for (revision, path) in list(dir)? {
        if revision > at_most && revision <= log.head().revision {
            continue;
        }
        let checked = read(&path).and_then(|checkpoint| {
            discard::matches(&checkpoint.header, revision, log, board_version)?;
            Ok(checkpoint)
        });
        match checked {
            Ok(checkpoint) => return Ok((Some(checkpoint), discarded)),
            Err(mismatch) => {
                if !matches!(mismatch, Mismatch::Unreadable(_)) {
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
