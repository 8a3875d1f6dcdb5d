//! Opening, creating and recovering a store, so that a kill at any moment leaves one that opens again.
//!
//! Beside the store's directory `DIR` stand, each only for its time: `DIR.lock`, held while the store is open; `DIR.new`,
//! a store being created; `DIR.recovering`, a copy being recovered; `DIR.damaged`, what a recovery replaced;
//! `DIR.importing`, a store being filled from a file. `DIR` is always a whole store: it appears by rename. It is missing while `DIR.recovering` exists only between the two
//! renames that end a recovery, so then the copy is complete.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::{Shared, SledLog, SledOptions, Store, held, mark};
use crate::log::files::{self, beside};
use crate::log::{Chunk, FORMAT, Head, LogReader, ReadError, verify};
use crate::measure::Durations;

mod import;
mod outcome;

pub use self::import::ImportError;
pub(super) use self::import::import;
pub use self::outcome::{OpenError, OpenEvent};

/// How long a lock may outlive its handle: sled's own threads hold its file for a moment after the last handle in the
/// process is gone, and a process being started holds copies of every handle until it runs its program.
const LINGER_STEPS: u32 = 100;
const LINGER_STEP: Duration = Duration::from_millis(5);

/// Tries for something that another holder is about to let go of.
fn patiently<T>(mut attempt: impl FnMut() -> io::Result<Option<T>>) -> io::Result<Option<T>> {
    for _ in 0..LINGER_STEPS {
        if let Some(got) = attempt()? {
            return Ok(Some(got));
        }
        thread::sleep(LINGER_STEP);
    }
    Ok(None)
}

pub(super) fn open(
    dir: &Path,
    options: SledOptions,
) -> Result<(SledLog, Vec<OpenEvent>), OpenError> {
    let opening = Opening {
        dir,
        options,
        lock: take_lock(dir, options.create)?,
    };
    if beside(dir, IMPORTING).exists() {
        return Err(OpenError::ImportUnfinished { dir: dir.into() });
    }
    let mut events = Vec::new();
    opening.prepare(&mut events)?;
    let shared = match opening.open_store(dir) {
        Err(Failure::Damaged(problem)) => {
            events.push(opening.recover(problem)?);
            opening.open_store(dir)
        }
        other => other,
    };
    let shared = shared.map_err(|failure| failure.of(dir))?;
    let shared = Arc::new(shared);
    Ok((SledLog { shared }, events))
}

fn take_lock(dir: &Path, create: bool) -> Result<Arc<File>, OpenError> {
    let recovering = beside(dir, ".recovering");
    if create {
        dir.parent()
            .map_or(Ok(()), files::create_dir_durably)
            .map_err(|error| OpenError::io("create the directory above", dir, error))?;
    } else if !holds_files(dir) && !recovering.exists() && !beside(dir, IMPORTING).exists() {
        return Err(OpenError::Missing { dir: dir.into() });
    }
    let lock = beside(dir, ".lock");
    patiently(|| files::lock(&lock))
        .map_err(|error| OpenError::io("lock", dir, error))?
        .map(Arc::new)
        .ok_or_else(|| OpenError::Locked { dir: dir.into() })
}

/// Why a directory could not be opened, before it is known what to do about it.
pub(super) enum Failure {
    Locked,
    NewerFormat(u8),
    Head(ReadError),
    Io(&'static str, io::Error),
    Damaged(String),
}

impl Failure {
    fn of(self, dir: &Path) -> OpenError {
        let dir = dir.to_owned();
        match self {
            Self::Locked => OpenError::Locked { dir },
            Self::NewerFormat(format) => OpenError::NewerFormat { dir, format },
            Self::Head(error) => OpenError::Head { dir, error },
            Self::Io(doing, error) => OpenError::io(doing, &dir, error),
            Self::Damaged(problem) => OpenError::Damaged {
                dir,
                problem,
                retry: "not tried".to_owned(),
            },
        }
    }
}

struct Opening<'a> {
    dir: &'a Path,
    options: SledOptions,
    lock: Arc<File>,
}

impl Opening<'_> {
    /// Brings the directory to where sled can open it.
    fn prepare(&self, events: &mut Vec<OpenEvent>) -> Result<(), OpenError> {
        let dir = self.dir;
        let recovering = beside(dir, ".recovering");
        if holds_files(dir) {
            if !dir.join("db").is_file() {
                return Err(OpenError::NotAStore { dir: dir.into() });
            }
            let moved = quarantine(dir)
                .map_err(|error| OpenError::io("move an unfinished snapshot of", dir, error))?;
            events.extend(moved);
        } else if recovering.exists() {
            files::rename_durably(&recovering, dir)
                .map_err(|error| OpenError::io("finish the recovery of", dir, error))?;
            events.push(OpenEvent::RecoveryFinished);
        } else {
            events.push(self.create()?);
        }
        Ok(())
    }

    /// The whole store is made under another name first: what a kill leaves of it is removed the next time.
    fn create(&self) -> Result<OpenEvent, OpenError> {
        let fail = |error| OpenError::io("create", self.dir, error);
        let new = beside(self.dir, ".new");
        files::remove_tree(&new).map_err(fail)?;
        let store_id = draw_store_id().map_err(fail)?;
        Store::open(&new, self.options.cache_bytes)
            .map_err(|failure| failure.of(&new))?
            .set_meta(&meta_record(&store_id))
            .map_err(|problem| fail(io::Error::other(problem)))?;
        files::sync_tree(&new).map_err(fail)?;
        files::rename_durably(&new, self.dir).map_err(fail)?;
        Ok(OpenEvent::Created { store_id })
    }

    fn open_store(&self, dir: &Path) -> Result<Shared, Failure> {
        let file = File::options()
            .read(true)
            .write(true)
            .open(dir.join("db"))
            .map_err(|error| Failure::Io("open", error))?;
        wait_for_sled(&file)?;
        let store = Store::open(dir, self.options.cache_bytes)?;
        let store_id = read_meta(&store)?;
        let head = match store.last() {
            Ok(last) => last.as_ref().map_or(Head::EMPTY, Chunk::head),
            Err(ReadError::NewerFormat { format, .. }) => return Err(Failure::NewerFormat(format)),
            Err(ReadError::Backend { message, .. }) => return Err(Failure::Damaged(message)),
            Err(error) => return Err(Failure::Head(error)),
        };
        // A process that was killed before its fdatasync leaves chunks in the page cache only; nothing replayed from
        // them may be shown before they are on the disk.
        file.sync_data()
            .map_err(|error| Failure::Io("fdatasync", error))?;
        let shared = Shared {
            store_id,
            dir: dir.to_owned(),
            marked: Mutex::new(None),
            head: Mutex::new(head),
            writing: Mutex::new(false),
            bytes: 0.into(),
            syncs: Durations::default(),
            store,
            file,
            _lock: self.lock.clone(),
        };
        let marked = mark::read(dir, &shared.store_id);
        if let Some(marked) = marked.filter(|marked| !goes_through(&shared, *marked)) {
            return Err(Failure::Damaged(format!(
                "its log ends at revision `{}` and had come to `{marked}` before",
                head.revision
            )));
        }
        *held(&shared.marked) = Some((marked.unwrap_or(Head::EMPTY), 0));
        shared.mark(0);
        Ok(shared)
    }

    /// Opens a copy without sled's snapshots, which sled can rebuild from its log; if every chunk is there and in its
    /// place, the copy takes the store's place under a new store id, because revisions that were shown may be missing
    /// from its end.
    fn recover(&self, problem: String) -> Result<OpenEvent, OpenError> {
        let copy = beside(self.dir, ".recovering");
        let fail = |error| OpenError::io("recover", self.dir, error);
        files::remove_tree(&copy).map_err(fail)?;
        files::copy_tree(self.dir, &copy, |name| {
            !name.starts_with("snap.") && !name.starts_with(QUARANTINED)
        })
        .map_err(fail)?;
        let (head, store_id) = match self.renew(&copy) {
            Ok(renewed) => renewed,
            Err(retry) => {
                files::remove_tree(&copy).map_err(fail)?;
                let dir = self.dir.to_owned();
                return Err(OpenError::Damaged {
                    dir,
                    problem,
                    retry,
                });
            }
        };
        let kept = self.free_name();
        files::rename_durably(self.dir, &kept).map_err(fail)?;
        files::rename_durably(&copy, self.dir).map_err(fail)?;
        Ok(OpenEvent::Recovered {
            problem,
            kept,
            head,
            store_id,
        })
    }

    /// Checks a copy and gives it a new store id, durably.
    fn renew(&self, copy: &Path) -> Result<(Head, String), String> {
        let shared = self
            .open_store(copy)
            .map_err(|failure| failure.of(copy).to_string())?;
        let verification = verify(&shared, None, &mut |_| {});
        if let Some(fault) = verification.fault {
            return Err(fault.to_string());
        }
        let store_id = draw_store_id().map_err(|error| error.to_string())?;
        shared.store.set_meta(&meta_record(&store_id))?;
        drop(shared);
        files::sync_tree(copy).map_err(|error| error.to_string())?;
        Ok((verification.head, store_id))
    }

    fn free_name(&self) -> PathBuf {
        let numbered = (2..).map(|n: u32| beside(self.dir, &format!(".damaged-{n}")));
        std::iter::once(beside(self.dir, ".damaged"))
            .chain(numbered)
            .find(|path| !path.exists())
            .unwrap_or_else(|| beside(self.dir, ".damaged"))
    }
}

/// Whether the log is still the one that came to a head. Where that cannot be read, whoever reads it will say so.
fn goes_through(log: &Shared, marked: Head) -> bool {
    marked.revision <= LogReader::head(log).revision
        && !matches!(log.head_at(marked.revision), Ok(there) if there != Some(marked))
}

fn holds_files(dir: &Path) -> bool {
    fs::read_dir(dir).is_ok_and(|mut items| items.next().is_some())
}

/// Beside the store while it is filled from a file; what an unfinished import leaves.
const IMPORTING: &str = ".importing";
const QUARANTINED: &str = "quarantined.";

/// A kill while sled starts leaves `snap.*.generating`, which it would take for a whole snapshot at the next start.
/// Moved to names that sled does not look at; those of earlier times are removed, so they do not pile up.
fn quarantine(dir: &Path) -> io::Result<Vec<OpenEvent>> {
    let mut unfinished = Vec::new();
    let mut earlier = Vec::new();
    for item in fs::read_dir(dir)? {
        let item = item?;
        let name = item.file_name().to_string_lossy().into_owned();
        if name.starts_with("snap.") && name.ends_with(".generating") {
            unfinished.push(name);
        } else if name.starts_with(QUARANTINED) {
            earlier.push(item.path());
        }
    }
    if unfinished.is_empty() {
        return Ok(Vec::new());
    }
    earlier.iter().try_for_each(fs::remove_file)?;
    let mut events = Vec::new();
    for name in unfinished {
        let to = dir.join(format!("{QUARANTINED}{name}"));
        fs::rename(dir.join(&name), &to)?;
        events.push(OpenEvent::Quarantined { to });
    }
    files::sync_dir(dir)?;
    Ok(events)
}

/// Waits until sled can take the lock that it takes itself.
fn wait_for_sled(file: &File) -> Result<(), Failure> {
    let free = patiently(|| {
        let free = files::try_lock(file)?;
        if free {
            file.unlock()?;
        }
        Ok(free.then_some(()))
    });
    free.map_err(|error| Failure::Io("lock", error))?
        .ok_or(Failure::Locked)
}

fn meta_record(store_id: &str) -> Vec<u8> {
    let mut record = vec![FORMAT];
    record.extend_from_slice(store_id.as_bytes());
    record
}

fn read_meta(store: &Store) -> Result<String, Failure> {
    let record = store.meta().map_err(Failure::Damaged)?;
    let record = record.ok_or_else(|| Failure::Damaged("it has no store id".to_owned()))?;
    match record.split_first() {
        Some((&FORMAT, id)) => String::from_utf8(id.to_vec())
            .map_err(|_| Failure::Damaged("its store id is not text".to_owned())),
        Some((&format, _)) if format > FORMAT => Err(Failure::NewerFormat(format)),
        _ => Err(Failure::Damaged("its store record is malformed".to_owned())),
    }
}

/// 128 random bits as a version 4 UUID.
fn draw_store_id() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let random = u128::from_be_bytes(bytes);
    let version = random & !(0xf << 76) | (4 << 76);
    let uuid = format!("{:032x}", version & !(0b11 << 62) | (0b10 << 62));
    Ok(format!(
        "{}-{}-{}-{}-{}",
        &uuid[..8],
        &uuid[8..12],
        &uuid[12..16],
        &uuid[16..20],
        &uuid[20..]
    ))
}
