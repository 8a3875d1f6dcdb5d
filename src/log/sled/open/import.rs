//! A store made from the chunks of another one.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{IMPORTING, OpenError, Opening, SledLog, SledOptions, holds_files, take_lock};
use super::{beside, files, wait_for_sled};
use crate::log::{AppendError, Chunk, Fault, Head, Log};
use crate::model::Revision;

/// Chunks made durable together: 2 MiB at most, an fsync for each.
const BATCH_CHUNKS: usize = 256;

/// Why a store could not be imported.
#[derive(Debug)]
pub enum ImportError {
    /// The directory cannot be used.
    Open(OpenError),
    /// It holds a store with history, which an import would have to throw away.
    Occupied {
        /// Where that log ends.
        head: Head,
    },
    /// What is imported is not sound.
    Source(Fault),
    /// The store could not be written.
    Append(AppendError),
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(error) => error.fmt(f),
            Self::Occupied { head } => write!(
                f,
                "the data directory holds a store already, up to revision `{}`: give an empty one",
                head.revision
            ),
            Self::Source(fault) => fault.fmt(f),
            Self::Append(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<OpenError> for ImportError {
    fn from(error: OpenError) -> Self {
        Self::Open(error)
    }
}

/// Fills `DIR.importing`, which keeps every other open from making a store meanwhile, and then lets it become `DIR`.
pub(in crate::log::sled) fn import(
    dir: &Path,
    options: SledOptions,
    chunks: impl Iterator<Item = Result<Chunk, Fault>>,
    progress: &mut dyn FnMut(Revision),
) -> Result<(String, Head), ImportError> {
    let lock = take_lock(dir, true)?;
    let opening = |dir| Opening {
        dir,
        options,
        lock: lock.clone(),
    };
    must_be_empty(&opening(dir))?;
    let importing = beside(dir, IMPORTING);
    let fail = |error| OpenError::io("import", dir, error);
    files::remove_tree(&importing).map_err(fail)?;
    let target = opening(&importing);
    target.create()?;
    let filled = fill(&target, chunks, progress);
    let finished = filled.and_then(|outcome| {
        settle(&importing).map_err(fail)?;
        // An empty store may stand in the way.
        files::remove_tree(dir).map_err(fail)?;
        files::rename_durably(&importing, dir).map_err(fail)?;
        Ok(outcome)
    });
    if finished.is_err() {
        // What cannot be removed is removed by the next import; until then it keeps the directory from being opened.
        let _ = settle(&importing).and_then(|()| files::remove_tree(&importing));
    }
    finished
}

/// No store, or one without entries.
fn must_be_empty(opening: &Opening<'_>) -> Result<(), ImportError> {
    let dir = opening.dir;
    let recovering = beside(dir, ".recovering").exists();
    if !holds_files(dir) && !recovering {
        return Ok(());
    }
    opening.prepare(&mut Vec::new())?;
    let store = opening.open_store(dir).map_err(|failure| failure.of(dir))?;
    let log = SledLog {
        shared: Arc::new(store),
    };
    match log.head() {
        Head::EMPTY => Ok(()),
        head => Err(ImportError::Occupied { head }),
    }
}

fn fill(
    target: &Opening<'_>,
    chunks: impl Iterator<Item = Result<Chunk, Fault>>,
    progress: &mut dyn FnMut(Revision),
) -> Result<(String, Head), ImportError> {
    let store = target
        .open_store(target.dir)
        .map_err(|failure| failure.of(target.dir))?;
    let mut log = SledLog {
        shared: Arc::new(store),
    };
    let mut chunks = chunks.fuse();
    let mut batch = Vec::with_capacity(BATCH_CHUNKS);
    let mut head = Head::EMPTY;
    loop {
        for chunk in chunks.by_ref().take(BATCH_CHUNKS) {
            let chunk = chunk.map_err(ImportError::Source)?;
            head = chunk.follow(head).map_err(ImportError::Source)?;
            // What cannot be replayed must not be found out by the daemon.
            chunk
                .decode()
                .map_err(|error| ImportError::Source(Fault::Unreadable(error)))?;
            batch.push(chunk);
        }
        if batch.is_empty() {
            return Ok((log.store_id().to_owned(), head));
        }
        let before = log.head().revision;
        log.append_chunks(before, &batch)
            .map_err(ImportError::Append)?;
        progress(head.revision);
        batch.clear();
    }
}

/// Waits until sled has let go of a store, and makes every file of it durable.
fn settle(dir: &Path) -> io::Result<()> {
    let file = File::options()
        .read(true)
        .write(true)
        .open(dir.join("db"))?;
    wait_for_sled(&file).map_err(|_| io::Error::other("sled does not let go of it"))?;
    drop(file);
    files::sync_tree(dir)
}
