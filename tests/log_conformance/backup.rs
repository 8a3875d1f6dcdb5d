//! A log as one file: what it keeps, what is found when it is damaged, and what an import leaves.

use std::fs;
use std::path::Path;

use frontierd::log::{
    BackupFault, BackupReader, BackupWriter, Chunk, Fault, Head, ImportError, Log, LogReader,
    MemoryLog, OpenError, SledLog, SledOptions, Verification, verify_chunks,
};

use crate::support::{chunks, grow, open, place, replay};

/// A log of 60 entries in chunks of 20, and its file.
fn sixty() -> (MemoryLog, Vec<u8>) {
    let mut log = MemoryLog::new("origin");
    for _ in 0..3 {
        grow(&mut log, 20, 20);
    }
    let file = file_of(&log.reader());
    (log, file)
}

fn file_of(reader: &std::sync::Arc<dyn LogReader>) -> Vec<u8> {
    let mut writer = BackupWriter::new(Vec::new(), reader.head()).expect("memory");
    for chunk in chunks(reader, 1) {
        writer.push(&chunk).expect("a chunk");
    }
    let (file, written) = writer.finish().expect("an end");
    assert_eq!(written.head, reader.head());
    file
}

fn check(file: &[u8]) -> Verification {
    match BackupReader::new(file) {
        Err(fault) => Verification {
            head: Head::EMPTY,
            chunks: 0,
            entries: 0,
            bytes: 0,
            fault: Some(Fault::File(fault)),
            expectation: None,
        },
        Ok(reader) => {
            let end = reader.end().revision;
            verify_chunks(reader, end, None, &mut |_| {})
        }
    }
}

fn import(store: &Path, file: &[u8]) -> Result<(String, Head), ImportError> {
    let chunks = BackupReader::new(file).expect("a store file");
    SledLog::import(store, SledOptions::default(), chunks, &mut |_| {})
}

fn beside(store: &Path, suffix: &str) -> std::path::PathBuf {
    store.with_file_name(format!("store{suffix}"))
}

#[test]
fn a_log_survives_its_file_and_an_imported_store_makes_the_same_one() {
    let (log, file) = sixty();
    let found = check(&file);
    assert!(found.is_sound(), "{found:?}");
    assert_eq!((found.head, found.entries), (log.head(), 60));

    let (_dir, store) = place();
    let (store_id, head) = import(&store, &file).expect("an import");
    assert_eq!(head, log.head());
    let imported = open(&store);
    assert_eq!(imported.store_id(), store_id);
    assert_ne!(store_id, log.store_id(), "an id of its own");
    assert_eq!(replay(&imported.reader()), replay(&log.reader()));
    assert_eq!(file_of(&imported.reader()), file);
    assert!(!beside(&store, ".importing").exists());
}

#[test]
fn an_empty_log_has_a_file_too() {
    let log = MemoryLog::new("origin");
    let file = file_of(&log.reader());
    assert!(check(&file).is_sound());
    let (_dir, store) = place();
    assert_eq!(import(&store, &file).expect("an import").1, Head::EMPTY);
    assert_eq!(open(&store).head(), Head::EMPTY);
}

/// The chunk in which a byte of the file stands, by its first revision; none = in no chunk.
fn chunk_at(log: &MemoryLog, at: usize) -> Option<u64> {
    let mut start = 49;
    for Chunk { first, bytes, .. } in chunks(&log.reader(), 1) {
        if (start + 2..start + 2 + bytes.len()).contains(&at) {
            return Some(first);
        }
        start += 2 + bytes.len();
    }
    None
}

#[test]
fn every_flipped_bit_is_found_and_in_a_chunk_the_chunk_is_named() {
    let (log, file) = sixty();
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 0x10;
        let found = check(&damaged);
        let fault = found
            .fault
            .unwrap_or_else(|| panic!("byte {at} goes unnoticed"));
        if let Some(first) = chunk_at(&log, at) {
            assert_eq!(
                (fault.first(), found.head.revision),
                (first, first - 1),
                "{at}: {fault}"
            );
            assert!(
                fault.to_string().contains(&format!("`{first}`")),
                "{at}: {fault}"
            );
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_found_and_one_that_goes_on_too() {
    let (_, file) = sixty();
    for length in 0..file.len() {
        let fault = check(&file[..length]).fault.expect("a fault");
        let expected = match length {
            0..9 => matches!(fault, Fault::File(BackupFault::NotABackup)),
            _ => matches!(fault, Fault::File(BackupFault::CutShort { .. })),
        };
        assert!(expected, "{length}: {fault}");
    }
    let fault = check(&[&file[..], b"x"].concat()).fault;
    assert_eq!(
        fault,
        Some(Fault::File(BackupFault::TrailingBytes { head: 60 }))
    );
}

#[test]
fn other_files_and_newer_formats_are_refused_by_name() {
    let (_, mut file) = sixty();
    for other in [
        &b""[..],
        b"PK\x03\x04",
        b"frontier\x01",
        b"{\"a\":1}\n{\"a\":2}\n",
    ] {
        assert_eq!(
            check(other).fault,
            Some(Fault::File(BackupFault::NotABackup))
        );
    }
    file[8] = 2;
    assert_eq!(
        check(&file).fault,
        Some(Fault::File(BackupFault::NewerFormat(2)))
    );
    file[8] = 0;
    assert_eq!(
        check(&file).fault,
        Some(Fault::File(BackupFault::NotABackup))
    );
}

#[test]
fn chunks_of_another_log_are_not_written() {
    let (log, _) = sixty();
    let all = chunks(&log.reader(), 1);
    let mut writer = BackupWriter::new(Vec::new(), log.head()).expect("memory");
    assert!(writer.push(&all[1]).is_err(), "a gap");
    writer.push(&all[0]).expect("the first");
    let mut other = MemoryLog::new("other");
    grow(&mut other, 20, 21);
    grow(&mut other, 20, 21);
    assert!(
        writer.push(&chunks(&other.reader(), 21)[0]).is_err(),
        "another chain"
    );
    assert!(writer.finish().is_err(), "it ends before its head");
}

#[test]
fn a_damaged_file_imports_nothing_and_leaves_nothing() {
    let (_, file) = sixty();
    for cut in [60, file.len() / 2, file.len() - 1] {
        let (dir, store) = place();
        let error = import(&store, &file[..cut]).expect_err("a cut file");
        assert!(matches!(error, ImportError::Source(_)), "{cut}: {error}");
        let left: Vec<_> = fs::read_dir(dir.path())
            .expect("a directory")
            .map(|item| item.expect("a name").file_name())
            .collect();
        assert_eq!(left, ["store.lock"], "{cut}");
        drop(open(&store));
    }
}

#[test]
fn a_store_with_history_is_kept_and_an_empty_one_gives_way() {
    let (log, file) = sixty();
    let (_dir, store) = place();
    let empty = open(&store);
    let locked = import(&store, &file).expect_err("it is open");
    assert!(
        matches!(locked, ImportError::Open(OpenError::Locked { .. })),
        "{locked}"
    );
    drop(empty);
    import(&store, &file).expect("an import");
    let mut imported = open(&store);
    assert_eq!(imported.head(), log.head());
    grow(&mut imported, 1, 20);
    drop(imported);
    let error = import(&store, &file).expect_err("it has history");
    assert!(
        matches!(error, ImportError::Occupied { head } if head.revision == 61),
        "{error}"
    );
    assert_eq!(open(&store).head().revision, 61);
}

#[test]
fn what_a_killed_import_leaves_is_no_store_until_it_runs_again() {
    let (log, file) = sixty();
    let (_dir, store) = place();
    // A kill while the copy was being filled: a whole store under the other name, with a part of the log.
    let mut part = open(&store);
    part.append_chunks(0, &chunks(&log.reader(), 1)[..1])
        .expect("an append");
    drop(part);
    fs::rename(&store, beside(&store, ".importing")).expect("a rename");
    for create in [true, false] {
        let options = SledOptions {
            create,
            ..SledOptions::default()
        };
        let error = SledLog::open(&store, options)
            .map(|_| ())
            .expect_err("no store");
        assert!(
            matches!(error, OpenError::ImportUnfinished { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("store.importing"), "{error}");
    }
    import(&store, &file).expect("an import");
    assert_eq!(open(&store).head(), log.head());
}

const FIXTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/fixtures/store-format-1.frontier"
);

#[test]
fn files_of_every_released_format_still_read_and_this_one_is_written_the_same() {
    let mut log = MemoryLog::new("origin");
    log.append(0, &crate::samples::one_of_each())
        .expect("an append");
    grow(&mut log, 5, 2_000);
    let written = file_of(&log.reader());
    let Ok(fixture) = fs::read(FIXTURE) else {
        // Only the first run with a new format finds no fixture; those of released formats never change.
        fs::write(FIXTURE, &written).expect("written");
        panic!("there was no fixture of this format: it is written to {FIXTURE}, to be committed");
    };
    let found = check(&fixture);
    assert!(found.is_sound(), "{found:?}");
    assert_eq!((found.chunks, found.entries), (3, 14));
    assert_eq!(written, fixture);
}
