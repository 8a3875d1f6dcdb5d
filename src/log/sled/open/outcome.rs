//! What opening a store did, and why it could not.

use std::path::{Path, PathBuf};
use std::{fmt, io};

use crate::log::{FORMAT, Head, ReadError};

/// Something that was done while a store was opened, for the operator to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenEvent {
    /// There was no store.
    Created {
        /// The id drawn for it.
        store_id: String,
    },
    /// sled was killed during an earlier start; its unfinished file was moved aside. Nothing is lost.
    Quarantined {
        /// Where it is now.
        to: PathBuf,
    },
    /// A recovery had been interrupted between its last two steps.
    RecoveryFinished,
    /// The store did not open; a copy without sled's snapshots did, was verified and took its place.
    Recovered {
        /// Why the store did not open.
        problem: String,
        /// Where the store that did not open is kept.
        kept: PathBuf,
        /// Where the recovered log ends. Compare with a head noted earlier.
        head: Head,
        /// The new store id: watches resumed from the old one are told so.
        store_id: String,
    },
}

impl fmt::Display for OpenEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Created { store_id } => write!(f, "created store `{store_id}`"),
            Self::Quarantined { to } => write!(
                f,
                "an earlier start was cut short; moved its unfinished snapshot to `{}`, nothing is lost",
                to.display()
            ),
            Self::RecoveryFinished => f.write_str("finished an interrupted recovery"),
            Self::Recovered {
                problem,
                kept,
                head,
                store_id,
            } => write!(
                f,
                "the store did not open ({problem}); recovered it from its log up to `{head}` as store `{store_id}`, \
                 the damaged one is kept in `{}`",
                kept.display()
            ),
        }
    }
}

/// Why a store cannot be opened.
#[derive(Debug)]
pub enum OpenError {
    /// There is none, and none was to be created.
    Missing {
        /// Where it was looked for.
        dir: PathBuf,
    },
    /// Another handle or process has it open.
    Locked {
        /// The store.
        dir: PathBuf,
    },
    /// The directory holds something else.
    NotAStore {
        /// The directory.
        dir: PathBuf,
    },
    /// An import of a store file into it was cut short; what it left is not to be taken for the store.
    ImportUnfinished {
        /// The store.
        dir: PathBuf,
    },
    /// Written by a newer binary.
    NewerFormat {
        /// The store.
        dir: PathBuf,
        /// Its format.
        format: u8,
    },
    /// Its last chunk cannot be read, so it is not known where the log ends.
    Head {
        /// The store.
        dir: PathBuf,
        /// What is wrong with the chunk.
        error: ReadError,
    },
    /// It does not open, nor does a copy without sled's snapshots.
    Damaged {
        /// The store, left as it is.
        dir: PathBuf,
        /// Why it does not open.
        problem: String,
        /// Why the copy does not.
        retry: String,
    },
    /// The file system refused.
    Io {
        /// What was being done.
        doing: &'static str,
        /// The store.
        dir: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl OpenError {
    pub(super) fn io(doing: &'static str, dir: &Path, error: io::Error) -> Self {
        Self::Io {
            doing,
            dir: dir.to_owned(),
            error,
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { dir } => write!(
                f,
                "there is no store in `{}`: check the data directory",
                dir.display()
            ),
            Self::Locked { dir } => write!(
                f,
                "the store in `{}` is open in another process: stop that one, or give another data directory",
                dir.display()
            ),
            Self::NotAStore { dir } => write!(
                f,
                "`{}` holds files that are no store: give another data directory",
                dir.display()
            ),
            Self::ImportUnfinished { dir } => write!(
                f,
                "an import into `{0}` did not finish, and nothing of it counts: run it again, or give it up by removing `{0}.importing`",
                dir.display()
            ),
            Self::NewerFormat { dir, format } => write!(
                f,
                "the store in `{}` has format `{format}`, this binary reads up to `{FORMAT}`: use a newer frontierd",
                dir.display()
            ),
            Self::Head { dir, error } => write!(
                f,
                "the end of the log in `{}` cannot be read: {error}; restore a backup, or keep what is sound with `frontierd recover`",
                dir.display()
            ),
            Self::Damaged {
                dir,
                problem,
                retry,
            } => write!(
                f,
                "the store in `{}` does not open: {problem}; nor does a copy without snapshots: {retry}; restore a backup, or keep what \
                 is sound with `frontierd recover`",
                dir.display()
            ),
            Self::Io { doing, dir, error } => {
                write!(
                    f,
                    "cannot {doing} the store in `{}`: {error}",
                    dir.display()
                )
            }
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Head { error, .. } => Some(error),
            Self::Io { error, .. } => Some(error),
            Self::Missing { .. }
            | Self::Locked { .. }
            | Self::NotAStore { .. }
            | Self::ImportUnfinished { .. }
            | Self::NewerFormat { .. }
            | Self::Damaged { .. } => None,
        }
    }
}
