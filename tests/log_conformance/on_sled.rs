//! Opening, creating, locking and recovering a sled store.

use std::fs;
use std::path::{Path, PathBuf};

use frontierd::log::{Log, OpenError, OpenEvent, SledLog, SledOptions};

use crate::support::{chunks, entries, grow, open, place, replay};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .expect("a directory")
        .map(|item| {
            item.expect("a name")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect();
    names.sort();
    names
}

fn snapshots(store: &Path) -> Vec<PathBuf> {
    names(store)
        .iter()
        .filter(|name| name.starts_with("snap."))
        .map(|name| store.join(name))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).expect("a copy");
        }
    }
}

#[test]
fn a_store_opens_again_with_everything_in_it() {
    let (_dir, store) = place();
    let mut store_id = None;
    let mut revision = 0;
    for round in 0..6 {
        let (mut log, events) = SledLog::open(&store, SledOptions::default()).expect("opens");
        let created = matches!(events[..], [OpenEvent::Created { .. }]);
        assert_eq!(created, round == 0, "{events:?}");
        assert_eq!(log.head().revision, revision);
        let id = store_id.get_or_insert_with(|| log.store_id().to_owned());
        assert_eq!(log.store_id(), id);
        revision = grow(&mut log, 150, 60).revision;
        assert_eq!(replay(&log.reader()), entries(1..=revision, 60));
    }
}

#[test]
fn store_ids_are_uuids_and_differ() {
    let (_a, a) = place();
    let (_b, b) = place();
    let (a, b) = (open(&a), open(&b));
    assert_ne!(a.store_id(), b.store_id());
    let parts: Vec<_> = a.store_id().split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert_eq!(a.store_id().as_bytes()[14], b'4');
}

/// A kill leaves the page cache behind, which is what a copy of an open store's files sees.
#[test]
fn what_was_answered_is_in_the_files_while_the_store_is_open() {
    let (dir, store) = place();
    let mut log = open(&store);
    for round in 0..8 {
        let head = grow(&mut log, 1 + round * 40, 90);
        let copied = dir.path().join(format!("copy-{round}"));
        copy(&store, &copied);
        let copied = open(&copied);
        assert_eq!(copied.head(), head);
        assert_eq!(chunks(&copied.reader(), 1), chunks(&log.reader(), 1));
    }
}

#[test]
fn an_unfinished_snapshot_is_moved_aside() {
    let (_dir, store) = place();
    let head = grow(&mut open(&store), 100, 10);
    for name in ["snap.00000.generating", "snap.FFFFFFFFFFFFFFFF.generating"] {
        fs::write(store.join(name), b"cut sh").expect("a file");
        let (log, events) = SledLog::open(&store, SledOptions::default()).expect("opens");
        let to = store.join(format!("quarantined.{name}"));
        assert_eq!(events, [OpenEvent::Quarantined { to: to.clone() }]);
        assert_eq!(log.head(), head);
        assert!(to.exists() && !store.join(name).exists());
    }
    // Those of earlier times do not pile up.
    let kept = names(&store)
        .into_iter()
        .filter(|name| name.starts_with("quarantined."));
    assert_eq!(kept.count(), 1);
}

#[test]
fn a_store_with_a_damaged_snapshot_is_recovered_under_a_new_id() {
    let (dir, store) = place();
    let mut log = open(&store);
    let head = grow(&mut log, 300, 80);
    let before = log.store_id().to_owned();
    drop(log);
    drop(open(&store));
    let found = snapshots(&store);
    assert!(!found.is_empty());
    for snapshot in &found {
        fs::write(snapshot, b"this is no snapshot of anything").expect("a file");
    }

    let (log, events) = SledLog::open(&store, SledOptions::default()).expect("recovers");
    let [
        OpenEvent::Recovered {
            kept,
            head: at,
            store_id,
            ..
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((*at, log.head()), (head, head));
    assert_eq!(log.store_id(), store_id);
    assert_ne!(log.store_id(), before);
    assert_eq!(kept, &dir.path().join("store.damaged"));
    assert_eq!(replay(&log.reader()), entries(1..=300, 80));
    drop(log);
    let (log, events) = SledLog::open(&store, SledOptions::default()).expect("opens");
    assert_eq!((events, log.head()), (vec![], head));
}

#[test]
fn an_interrupted_creation_starts_over_and_an_interrupted_recovery_is_finished() {
    let (dir, store) = place();
    fs::create_dir(dir.path().join("store.new")).expect("a directory");
    fs::write(dir.path().join("store.new/db"), b"cut short").expect("a file");
    let head = grow(&mut open(&store), 10, 0);
    assert_eq!(names(dir.path()), ["store", "store.lock"]);

    // Between the two renames that end a recovery.
    fs::rename(&store, dir.path().join("store.recovering")).expect("a rename");
    let (log, events) = SledLog::open(&store, SledOptions::default()).expect("opens");
    assert_eq!(events, [OpenEvent::RecoveryFinished]);
    assert_eq!(log.head(), head);
    drop(log);

    // Before them.
    copy(&store, &dir.path().join("store.recovering"));
    assert_eq!(open(&store).head(), head);
}

#[test]
fn a_store_that_is_open_is_locked() {
    let (_dir, store) = place();
    let log = open(&store);
    let reader = log.reader();
    let open_again = || SledLog::open(&store, SledOptions::default()).map(|_| ());
    for _ in 0..2 {
        let error = open_again().expect_err("locked");
        assert!(matches!(error, OpenError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("open in another process"));
    }
    drop(log);
    assert!(open_again().is_err(), "a reader still has it open");
    drop(reader);
    open_again().expect("nobody has it open");
}

#[test]
fn a_store_is_only_created_where_asked_and_nothing_foreign_is_touched() {
    let (dir, store) = place();
    let create = false;
    let options = SledOptions {
        create,
        ..SledOptions::default()
    };
    let error = SledLog::open(&store, options)
        .map(|_| ())
        .expect_err("none");
    assert!(matches!(error, OpenError::Missing { .. }), "{error}");
    assert!(names(dir.path()).is_empty());

    fs::create_dir(&store).expect("a directory");
    fs::write(store.join("letters.txt"), b"dear all").expect("a file");
    let foreign = SledLog::open(&store, SledOptions::default()).map(|_| ());
    let error = foreign.expect_err("not a store");
    assert!(matches!(error, OpenError::NotAStore { .. }), "{error}");
    assert_eq!(names(&store), ["letters.txt"]);

    let deep = dir.path().join("not/there/yet/store");
    grow(&mut open(&deep), 1, 0);
    SledLog::open(&deep, options).expect("it is there");
}

/// sled writes pages above 131,020 bytes as files of their own, without fsync.
#[test]
fn chunks_of_the_largest_size_never_leave_the_log_file() {
    let (_dir, store) = place();
    let mut log = open(&store);
    // Two entries to a chunk, nearly 7 KiB each.
    for _ in 0..40 {
        grow(&mut log, 60, 3_500);
    }
    for _ in 0..200 {
        grow(&mut log, 1, 4_000);
    }
    assert!(names(&store.join("blobs")).is_empty());
    drop(log);
    let log = open(&store);
    assert!(names(&store.join("blobs")).is_empty());
    assert_eq!(log.head().revision, 2_600);
    assert_eq!(replay(&log.reader()).len(), 2_600);
}
