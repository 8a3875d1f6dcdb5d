//! Why a checkpoint is of no use.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::Header;
use crate::log::LogReader;
use crate::model::Revision;

/// A checkpoint that was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// Its file.
    pub path: PathBuf,
    /// Why.
    pub mismatch: Mismatch,
}

impl fmt::Display for Discarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, mismatch } = self;
        write!(f, "discarded checkpoint `{}`: {mismatch}", path.display())
    }
}

/// What does not hold in a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// The file system refused.
    Unreadable(String),
    /// The file is something else.
    NotACheckpoint,
    /// The file has another format.
    Format(u8),
    /// The bytes are not those that were written.
    Checksum,
    /// The state is not one of this version of the board.
    State(String),
    /// The file's name says another revision.
    Name,
    /// It is of another store.
    Store(String),
    /// It was written by another version of the board.
    BoardVersion(u32),
    /// The log has another chunk at its revision, or none that ends there, although it is of this store: the log lost
    /// its end, or was changed.
    Chunk(Revision),
    /// The log cannot be read at its revision.
    Log(String),
}

impl From<io::Error> for Mismatch {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::NotACheckpoint => f.write_str("not a checkpoint"),
            Self::Format(format) => write!(f, "unknown format `{format}`"),
            Self::Checksum => f.write_str("does not match its checksum"),
            Self::State(error) => write!(f, "its state cannot be read: {error}"),
            Self::Name => f.write_str("its name says another revision"),
            Self::Store(id) => write!(f, "of another store, `{id}`"),
            Self::BoardVersion(version) => write!(f, "of another board version, `{version}`"),
            Self::Chunk(revision) => {
                write!(
                    f,
                    "the log has no such chunk ending at revision `{revision}`"
                )
            }
            Self::Log(error) => write!(f, "the log cannot be read there: {error}"),
        }
    }
}

pub(super) fn matches(
    header: &Header,
    name: Revision,
    log: &dyn LogReader,
    board_version: u32,
) -> Result<(), Mismatch> {
    let revision = header.revision;
    if revision != name {
        return Err(Mismatch::Name);
    }
    if header.store_id != log.store_id() {
        return Err(Mismatch::Store(header.store_id.clone()));
    }
    let there = log
        .head_at(revision)
        .map_err(|error| Mismatch::Log(error.to_string()))?;
    if there.is_none_or(|head| head.hash != header.chunk_hash) {
        return Err(Mismatch::Chunk(revision));
    }
    if header.board_version != board_version {
        return Err(Mismatch::BoardVersion(header.board_version));
    }
    Ok(())
}
