//! The log on sled 0.34, the only file that knows sled.
//!
//! What sled does not promise is done here: its `flush` writes without fsync, so every append ends with an fdatasync of
//! our own handle of its file; a value above 131,020 bytes a page would leave the file, so chunks are bounded; its
//! asynchronous flush can deadlock, so only the blocking calls are used; dropping it writes and syncs, so after a
//! failed write it is leaked.

mod mark;
mod open;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use sled::{Db, IVec, Tree};

use self::open::Failure;
pub use self::open::{ImportError, OpenError, OpenEvent};
use super::{AppendError, Chunk, Chunks, Fault, Head, Log, LogReader, ReadError, continues};
use crate::clock::Stopwatch;
use crate::limits::MARK_LOG_BYTES;
use crate::measure::Durations;
use crate::model::Revision;

/// How a store is opened.
#[derive(Clone, Copy, Debug)]
pub struct SledOptions {
    /// sled's page cache in bytes; resident memory can reach a multiple.
    pub cache_bytes: u64,
    /// Whether a store that does not exist is created.
    pub create: bool,
}

impl Default for SledOptions {
    /// 8 MiB of cache; created where missing.
    fn default() -> Self {
        Self {
            cache_bytes: 8 * 1024 * 1024,
            create: true,
        }
    }
}

/// A log in a sled store. The store stays locked until the last handle and reader are dropped.
pub struct SledLog {
    shared: Arc<Shared>,
}

struct Shared {
    store_id: String,
    /// The durable head; locked only to copy it, so readers never wait for the disk of a writer.
    head: Mutex<Head>,
    /// Held for the whole of an append, so appends of several handles do not interleave. True = poisoned.
    writing: Mutex<bool>,
    bytes: AtomicU64,
    dir: PathBuf,
    /// The head that the mark on the disk names, and the bytes appended by then; none = it is not to be written.
    marked: Mutex<Option<(Head, u64)>>,
    syncs: Durations,
    // Fields drop in this order: sled goes before the lock that guards it.
    store: Store,
    /// Our own handle of sled's file, for fdatasync.
    file: File,
    _lock: Arc<File>,
}

/// sled's side of a store: chunks by their first revision, and one record about the store itself.
struct Store {
    chunks: Tree,
    meta: Tree,
    db: Db,
}

impl SledLog {
    /// Opens the store in `dir`, which is sled's alone; files beside it begin with its name. Answers what was done on
    /// the way, for the operator to know.
    ///
    /// # Errors
    /// [`OpenError`]; the store is left as it was found, at most with sled's unfinished files moved aside.
    pub fn open(dir: &Path, options: SledOptions) -> Result<(Self, Vec<OpenEvent>), OpenError> {
        open::open(dir, options)
    }

    /// Makes the store in `dir` from chunks of another, their boundaries and hashes kept, under a new store id. There
    /// must be no store yet, or an empty one. A kill at any moment leaves no store, or what was there, or all of it.
    /// `progress` gets the revision reached now and then. Answers the store id and where the log ends.
    ///
    /// # Errors
    /// [`ImportError`]; then nothing was imported.
    pub fn import(
        dir: &Path,
        options: SledOptions,
        chunks: impl Iterator<Item = Result<Chunk, Fault>>,
        progress: &mut dyn FnMut(Revision),
    ) -> Result<(String, Head), ImportError> {
        open::import(dir, options, chunks, progress)
    }

    /// A second writer of the same open store.
    #[must_use]
    pub fn second_writer(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Both mutexes guard one plain value: a panic elsewhere cannot have left it half changed.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log for SledLog {
    fn store_id(&self) -> &str {
        &self.shared.store_id
    }

    fn head(&self) -> Head {
        *held(&self.shared.head)
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.shared.clone()
    }

    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
        let shared = &*self.shared;
        let mut poisoned = held(&shared.writing);
        if *poisoned {
            return Err(AppendError::Poisoned);
        }
        let before = *held(&shared.head);
        let head = continues(before, expected, chunks)?;
        if head == before {
            return Ok(head);
        }
        // sled asserts its own invariants; a panic in it is a failed write like any other.
        let written = catch_unwind(AssertUnwindSafe(|| shared.write(chunks)))
            .unwrap_or_else(|_| Err("sled panicked".to_owned()));
        if let Err(message) = written {
            *poisoned = true;
            shared.leak();
            return Err(AppendError::Failed { message });
        }
        let bytes: usize = chunks.iter().map(|chunk| chunk.bytes.len()).sum();
        shared.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        *held(&shared.head) = head;
        shared.mark(MARK_LOG_BYTES);
        Ok(head)
    }
}

impl Shared {
    fn write(&self, chunks: &[Chunk]) -> Result<(), String> {
        for chunk in chunks {
            self.store.insert(chunk)?;
        }
        self.store.flush()?;
        let started = Stopwatch::start();
        self.file
            .sync_data()
            .map_err(|error| format!("fdatasync: {error}"))?;
        self.syncs.took(started.elapsed());
        Ok(())
    }

    /// Moves the mark to the head once at least so many bytes came after it; durably where any number will do.
    fn mark(&self, bytes_min: u64) {
        let mut marked = held(&self.marked);
        let Some((at, bytes)) = *marked else {
            return;
        };
        let (head, now) = (*held(&self.head), self.bytes.load(Ordering::Relaxed));
        if head == at || now - bytes < bytes_min {
            return;
        }
        let write = if bytes_min == 0 {
            mark::write
        } else {
            mark::advance
        };
        // A mark that cannot be written stays behind, which costs nothing but what it would have noticed.
        let _ = write(&self.dir, &self.store_id, head);
        *marked = Some((head, now));
    }

    /// Keeps sled alive for ever: its drop would write and fsync what has already failed, and could make durable what
    /// was answered as unknown long after the answer.
    fn leak(&self) {
        let Store { chunks, meta, db } = &self.store;
        std::mem::forget((chunks.clone(), meta.clone(), db.clone()));
    }
}

impl Drop for SledLog {
    /// Readers may outlive the process's last steps, so the mark does not wait for them.
    fn drop(&mut self) {
        if !*held(&self.shared.writing) {
            self.shared.mark(0);
        }
    }
}

impl LogReader for Shared {
    fn store_id(&self) -> &str {
        &self.store_id
    }

    fn head(&self) -> Head {
        *held(&self.head)
    }

    fn bytes_appended(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    fn syncs(&self) -> Option<&Durations> {
        Some(&self.syncs)
    }

    fn chunks(&self, from: Revision) -> Chunks<'_> {
        // Chunks past the durable head are being written by an append that has not been answered.
        let head = self.head().revision;
        if from > head {
            return Box::new(std::iter::empty());
        }
        let first = self.store.find(from).transpose();
        let rest = match &first {
            Some(Ok(chunk)) => Some(self.store.after(chunk.last, head)),
            Some(Err(_)) => None,
            None => Some(self.store.after(0, head)),
        };
        let mut failed = false;
        let rest = rest.into_iter().flatten().take_while(move |chunk| {
            let shown = !failed;
            failed |= chunk.is_err();
            shown
        });
        Box::new(first.into_iter().chain(rest))
    }
}

impl Store {
    /// sled's store in `dir`, created where missing. sled asserts much about what it reads; a panic means damage.
    fn open(dir: &Path, cache_bytes: u64) -> Result<Self, Failure> {
        let open = || -> sled::Result<Self> {
            let db = sled::Config::new()
                .path(dir)
                .cache_capacity(cache_bytes)
                // An idle daemon writes nothing, and every write is flushed by the append it belongs to.
                .flush_every_ms(None)
                .open()?;
            Ok(Self {
                chunks: db.open_tree(CHUNKS)?,
                meta: db.open_tree(META)?,
                db,
            })
        };
        match catch_unwind(AssertUnwindSafe(open)) {
            Ok(opened) => opened.map_err(open_failure),
            Err(_) => Err(Failure::Damaged("sled panicked".to_owned())),
        }
    }

    fn meta(&self) -> Result<Option<IVec>, String> {
        self.meta.get(STORE).map_err(|error| error.to_string())
    }

    /// Written and flushed, not yet fsynced.
    fn set_meta(&self, record: &[u8]) -> Result<(), String> {
        self.meta
            .insert(STORE, record)
            .map_err(|error| error.to_string())?;
        self.flush()
    }

    fn insert(&self, chunk: &Chunk) -> Result<(), String> {
        let key = key(chunk.first);
        let replaced = self
            .chunks
            .insert(key, &*chunk.bytes)
            .map_err(|error| error.to_string())?;
        touch(&self.chunks, key);
        match replaced {
            None => Ok(()),
            Some(_) => Err(format!("revision `{}` was there already", chunk.first)),
        }
    }

    fn flush(&self) -> Result<(), String> {
        self.db.flush().map(drop).map_err(|error| error.to_string())
    }

    /// The last chunk that begins at or below `revision`. Only forward walks are used, from further and further below:
    /// sled's walks backwards bring a mebibyte of constant bytes into the program.
    fn at_or_below(&self, revision: Revision) -> Result<Option<Chunk>, ReadError> {
        let mut below: Revision = 0;
        loop {
            let from = revision.saturating_sub(below);
            let mut last = None;
            for item in self.chunks.range(key(from)..=key(revision)) {
                last = Some(item.map_err(|error| backend(revision, &error))?);
            }
            match last {
                Some((key, value)) => {
                    touch(&self.chunks, &key);
                    return parse(&key, &value).map(Some);
                }
                None if from == 0 => return Ok(None),
                None => below = below.saturating_mul(2).saturating_add(1),
            }
        }
    }

    /// The last chunk, and a panic of sled over what it reads is an error.
    fn last(&self) -> Result<Option<Chunk>, ReadError> {
        caught(Revision::MAX, || self.highest())
    }

    fn highest(&self) -> Result<Option<Chunk>, ReadError> {
        let mut last: Option<(IVec, IVec)> = None;
        // The highest bit first: a chunk at or above `from` means that the last one is, too.
        let mut from: Revision = 0;
        for bit in (0..Revision::BITS).rev() {
            let further = from | 1 << bit;
            if let Some(item) = self.chunks.range(key(further)..).next() {
                last = Some(item.map_err(|error| backend(further, &error))?);
                from = further;
            }
        }
        if last.is_none() {
            let first = self.chunks.range(key(0)..).next().transpose();
            last = first.map_err(|error| backend(0, &error))?;
        }
        last.map(|(key, value)| parse(&key, &value)).transpose()
    }

    /// As [`Self::at_or_below`], and a panic of sled over what it reads is an error.
    fn find(&self, revision: Revision) -> Result<Option<Chunk>, ReadError> {
        caught(revision, || self.at_or_below(revision))
    }

    /// The chunks that begin above `last`, up to `head`.
    fn after(
        &self,
        last: Revision,
        head: Revision,
    ) -> impl Iterator<Item = Result<Chunk, ReadError>> + Send + use<> {
        // An empty range given backwards would be no range at all.
        let start = last.saturating_add(1);
        let chunks = self.chunks.clone();
        let range = (start <= head).then(|| chunks.range(key(start)..=key(head)));
        let mut range = range.into_iter().flatten();
        let mut last = last;
        let mut next = move || {
            let Some(item) = range.next() else {
                return Ok(None);
            };
            let (key, value) = item.map_err(|error| backend(last + 1, &error))?;
            touch(&chunks, &key);
            let chunk = parse(&key, &value)?;
            last = chunk.last;
            Ok(Some(chunk))
        };
        let mut asked = last + 1;
        std::iter::from_fn(move || {
            let found = caught(asked, &mut next).transpose();
            if let Some(Ok(chunk)) = &found {
                asked = chunk.last + 1;
            }
            found
        })
    }
}

/// Makes sled notice that its cache is full. sled spreads pages over 256 shards and compares a shard with its share of
/// the cache only at every 64th access to it, so pages that are read or written once pile up far past the bound. Of
/// 1,000,000 results (300 MB), a replay kept 188 MB, with these accesses 23 MB; appending them kept 153 MB, with these
/// accesses 83 MB, most of that in holes of the allocator. Neither takes longer for it.
fn touch(chunks: &Tree, key: impl AsRef<[u8]>) {
    for _ in 0..8 {
        // Only the access counts; whoever reads next is told of an error.
        let _ = chunks.contains_key(&key);
    }
}

/// sled asserts much about what it reads: damage shows as a panic, which is an error of the chunk asked for.
fn caught<T>(
    first: Revision,
    read: impl FnOnce() -> Result<Option<T>, ReadError>,
) -> Result<Option<T>, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(ReadError::Backend {
            first,
            message: "sled panicked over what it read".to_owned(),
        })
    })
}

const CHUNKS: &str = "chunks";
const META: &str = "meta";
const STORE: &str = "store";

fn key(revision: Revision) -> [u8; 8] {
    revision.to_be_bytes()
}

fn parse(key: &IVec, value: &IVec) -> Result<Chunk, ReadError> {
    let first = <[u8; 8]>::try_from(&**key).map_or(0, Revision::from_be_bytes);
    Chunk::parse(first, Bytes::copy_from_slice(value))
}

/// What the operating system refuses says nothing about the store, so only the rest counts as damage.
fn open_failure(error: sled::Error) -> Failure {
    match error {
        sled::Error::Io(error) if error.to_string().contains("could not acquire lock") => {
            Failure::Locked
        }
        sled::Error::Io(error) if refused_by_system(&error) => Failure::Io("open", error),
        other => Failure::Damaged(other.to_string()),
    }
}

/// sled passes some errors on as their kind alone.
fn refused_by_system(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let kinds = [
        PermissionDenied,
        QuotaExceeded,
        ReadOnlyFilesystem,
        StorageFull,
    ];
    error.raw_os_error().is_some() || kinds.contains(&error.kind())
}

fn backend(first: Revision, error: &sled::Error) -> ReadError {
    ReadError::Backend {
        first,
        message: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Entry, Status, Timestamp};

    fn entry(revision: Revision) -> Entry {
        Entry {
            revision,
            received: Timestamp::from_micros(0),
            author: "tester".into(),
            request: None,
            body: Body::ResultStatus {
                result: 1,
                status: Status::Active,
                reason: "".into(),
            },
        }
    }

    #[test]
    fn a_failed_fdatasync_poisons_every_handle_and_shows_nothing_unsynced() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let store = dir.path().join("store");
        let (mut log, _) = SledLog::open(&store, SledOptions::default()).expect("opens");
        let head = log.append(0, &[entry(1)]).expect("an append");

        // A device that cannot be synced stands for a disk that fails.
        let shared = Arc::get_mut(&mut log.shared).expect("the only handle");
        shared.file = File::open("/dev/null").expect("a device");
        let mut second = log.second_writer();
        let failed = log.append(1, &[entry(2)]);
        assert!(
            matches!(&failed, Err(AppendError::Failed { message }) if message.contains("fdatasync")),
            "{failed:?}"
        );
        assert_eq!(log.append(1, &[entry(2)]), Err(AppendError::Poisoned));
        assert_eq!(second.append(1, &[entry(2)]), Err(AppendError::Poisoned));

        let reader = second.reader();
        assert_eq!((log.head(), reader.head()), (head, head));
        assert_eq!(reader.entry(1), Ok(Some(entry(1))));
        assert_eq!(reader.entry(2), Ok(None));
        assert_eq!(reader.chunks(1).count(), 1);

        // Leaked, so sled neither writes nor lets go of its file before the process ends.
        drop((log, second, reader));
        let again = SledLog::open(&store, SledOptions::default()).map(|_| ());
        assert!(matches!(again, Err(OpenError::Locked { .. })), "{again:?}");
    }
}
