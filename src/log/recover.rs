//! Recovery: the longest verified prefix of a damaged store becomes a new store. The damaged one is only read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::files::{self, beside};
use super::salvage::{Beyond, Salvage};
use super::{Head, Log, SledLog, SledOptions};

/// Chunks made durable together.
const CHUNKS_TOGETHER: usize = 512;

/// What was kept, and what was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Id of the new store.
    pub store_id: String,
    /// Where the new log ends.
    pub head: Head,
    /// Its chunks.
    pub chunks: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What was found after a gap in the chain, and is not kept; none = nothing.
    pub beyond: Option<Beyond>,
}

/// Why nothing was recovered. The damaged store is as it was, and there is no new one.
#[derive(Debug)]
pub enum RecoverError {
    /// There is no store.
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// A daemon serves it.
    Locked {
        /// The store.
        dir: PathBuf,
    },
    /// The place for the new one is taken.
    Taken {
        /// The place.
        dir: PathBuf,
    },
    /// Not one chunk of this format continues the beginning of the log.
    Nothing {
        /// The store.
        dir: PathBuf,
        /// What was found further on.
        beyond: Option<Beyond>,
    },
    /// The file system refused.
    Io {
        /// What was being done.
        doing: &'static str,
        /// To what.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
    /// The new store could not be written.
    Write {
        /// The new store.
        dir: PathBuf,
        /// Why.
        problem: String,
    },
}

impl fmt::Display for RecoverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { dir } => write!(
                f,
                "there is no store in `{}`: check the data directory",
                dir.display()
            ),
            Self::Locked { dir } => write!(
                f,
                "the store in `{}` is open in another process: stop that one first",
                dir.display()
            ),
            Self::Taken { dir } => write!(
                f,
                "`{}` exists already: give a directory that does not",
                dir.display()
            ),
            Self::Nothing { dir, beyond } => {
                write!(
                    f,
                    "the beginning of the log in `{}` is gone, so no prefix can be kept",
                    dir.display()
                )?;
                if let Some(Beyond { first, last }) = beyond {
                    write!(f, " (revisions `{first}` to `{last}` are there in part)")?;
                }
                f.write_str(": restore a backup")
            }
            Self::Io { doing, path, error } => {
                write!(f, "cannot {doing} `{}`: {error}", path.display())
            }
            Self::Write { dir, problem } => {
                write!(f, "cannot write `{}`: {problem}", dir.display())
            }
        }
    }
}

impl std::error::Error for RecoverError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Makes a new store, in a directory `into` that does not exist, of the longest sound prefix of the damaged store `from`.
/// `inside` is where in the new directory the store is. A new store id is drawn, because revisions that were shown may
/// be missing. `progress` is told (bytes looked at, bytes).
///
/// # Errors
/// [`RecoverError`]; the new directory appears whole or not at all.
pub fn recover(
    from: &Path,
    into: &Path,
    inside: &Path,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Recovered, RecoverError> {
    let file = from.join("db");
    if !file.is_file() {
        let dir = from.to_owned();
        return Err(RecoverError::Missing { dir });
    }
    if into.exists() {
        let dir = into.to_owned();
        return Err(RecoverError::Taken { dir });
    }
    // Held to the end. A copy of a store comes without the file that stands for its lock; sled locks its own.
    let lock = beside(from, ".lock");
    let lock = if lock.exists() { &lock } else { &file };
    let _lock = match files::lock_shared(lock) {
        Ok(Some(lock)) => lock,
        Ok(None) => {
            let dir = from.to_owned();
            return Err(RecoverError::Locked { dir });
        }
        Err(error) => return Err(io_error("lock", from, error)),
    };
    let mut salvage =
        Salvage::of(&file, progress).map_err(|error| io_error("read", &file, error))?;
    let (path, head, beyond) = salvage.chain();
    if path.is_empty() {
        let dir = from.to_owned();
        return Err(RecoverError::Nothing { dir, beyond });
    }
    let unfinished = beside(into, ".recovering");
    files::remove_tree(&unfinished).map_err(|error| io_error("remove", &unfinished, error))?;
    let written = write(&mut salvage, &path, &unfinished.join(inside));
    let (store_id, bytes) = written.map_err(|problem| RecoverError::Write {
        dir: unfinished.clone(),
        problem,
    })?;
    files::rename_durably(&unfinished, into).map_err(|error| io_error("rename", into, error))?;
    Ok(Recovered {
        store_id,
        head,
        chunks: path.len() as u64,
        bytes,
        beyond,
    })
}

fn io_error(doing: &'static str, path: &Path, error: io::Error) -> RecoverError {
    let path = path.to_owned();
    RecoverError::Io { doing, path, error }
}

/// Writes a chain into a new store. Answers its id and the bytes of its chunks.
fn write(
    salvage: &mut Salvage,
    path: &[super::Hash],
    store: &Path,
) -> Result<(String, u64), String> {
    let (mut log, _) =
        SledLog::open(store, SledOptions::default()).map_err(|error| error.to_string())?;
    let mut bytes = 0;
    let mut done = 0;
    while done < path.len() {
        let until = path.len().min(done + CHUNKS_TOGETHER);
        let chunks = salvage.read(path, done..until);
        let chunks = chunks.map_err(|error| error.to_string())?;
        bytes += chunks.iter().map(|c| c.bytes.len() as u64).sum::<u64>();
        let expected = log.head().revision;
        log.append_chunks(expected, &chunks)
            .map_err(|error| error.to_string())?;
        done = until;
    }
    let store_id = log.store_id().to_owned();
    drop(log);
    // sled writes once more as it ends.
    files::sync_tree(store).map_err(|error| error.to_string())?;
    Ok((store_id, bytes))
}
