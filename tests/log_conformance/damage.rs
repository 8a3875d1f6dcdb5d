//! What is found when bytes on the disk are not those that were written. These tests change the store through sled.

use std::fs::File;
use std::path::Path;

use frontierd::log::{Fault, Log, MemoryLog, OpenError, ReadError, SledLog, SledOptions, verify};

use crate::support::{chunks, grow, open, place};

/// Changes a closed store behind the log's back.
fn behind_its_back(store: &Path, change: impl FnOnce(&sled::Tree, &sled::Tree)) {
    let wait = || {
        // sled's threads may still hold the file for a moment.
        let file = File::open(store.join("db")).expect("a store");
        file.lock().expect("a lock");
    };
    wait();
    let db = sled::Config::new().path(store).flush_every_ms(None).open();
    let db = db.expect("sled opens");
    let trees = ["chunks", "meta"].map(|name| db.open_tree(name).expect("a tree"));
    change(&trees[0], &trees[1]);
    db.flush().expect("a flush");
    drop((trees, db));
    wait();
}

/// A closed store of 40 entries in chunks of 10.
fn forty(store: &Path) {
    let mut log = open(store);
    for _ in 0..4 {
        grow(&mut log, 10, 20);
    }
}

fn fault_after(change: impl FnOnce(&sled::Tree)) -> (Fault, u64) {
    let (_dir, store) = place();
    forty(&store);
    behind_its_back(&store, |chunks, _| change(chunks));
    let found = verify(&*open(&store).reader(), None, &mut |_| {});
    assert!(!found.is_sound());
    (found.fault.expect("a fault"), found.head.revision)
}

fn edit(tree: &sled::Tree, first: u64, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = tree
        .get(first.to_be_bytes())
        .expect("sled reads")
        .expect("a chunk")
        .to_vec();
    change(&mut bytes);
    tree.insert(first.to_be_bytes(), bytes)
        .expect("sled writes");
}

#[test]
fn any_flipped_bit_of_a_chunk_is_found_and_the_chunk_named() {
    for at in [0, 1, 20, 33, 34, 60, 200, 300] {
        let (fault, head) = fault_after(|tree| edit(tree, 11, |bytes| bytes[at] ^= 0x40));
        assert!(matches!(fault, Fault::Unreadable(_)), "{at}: {fault}");
        assert_eq!((fault.first(), head), (11, 10), "{at}: {fault}");
        assert!(fault.to_string().contains("`11`"), "{fault}");
    }
}

#[test]
fn a_truncated_chunk_is_found_and_named() {
    for length in [0, 1, 33, 41, 100] {
        let (fault, head) = fault_after(|tree| edit(tree, 21, |bytes| bytes.truncate(length)));
        assert!(matches!(fault, Fault::Unreadable(_)), "{length}: {fault}");
        assert_eq!((fault.first(), head), (21, 20), "{length}: {fault}");
    }
}

#[test]
fn a_removed_chunk_is_a_gap() {
    let (fault, head) = fault_after(|tree| {
        tree.remove(21_u64.to_be_bytes()).expect("sled writes");
    });
    let (first, expected) = (31, 21);
    assert_eq!((fault, head), (Fault::Gap { first, expected }, 20));

    let (_dir, store) = place();
    forty(&store);
    behind_its_back(&store, |tree, _| {
        tree.remove(21_u64.to_be_bytes()).expect("sled writes");
    });
    let reader = open(&store).reader();
    assert_eq!(reader.entry(25), Err(ReadError::Missing { first: 25 }));
    assert!(reader.entry(20).is_ok_and(|entry| entry.is_some()));
    assert!(reader.entry(31).is_ok_and(|entry| entry.is_some()));
}

/// Whoever rewrites a chunk with a valid checksum breaks the link of the next one.
#[test]
fn a_replaced_chunk_breaks_the_link_of_the_next() {
    let mut forger = MemoryLog::new("forger");
    for _ in 0..4 {
        grow(&mut forger, 10, 21);
    }
    let forged = chunks(&forger.reader(), 1).remove(0);
    let (fault, head) = fault_after(|tree| {
        tree.insert(1_u64.to_be_bytes(), &*forged.bytes)
            .expect("sled writes");
    });
    assert_eq!((fault, head), (Fault::BrokenLink { first: 11 }, 10));
}

#[test]
fn an_unreadable_last_chunk_is_said_when_the_store_is_opened() {
    let (_dir, store) = place();
    forty(&store);
    behind_its_back(&store, |tree, _| edit(tree, 31, |bytes| bytes[100] ^= 1));
    let error = SledLog::open(&store, SledOptions::default()).map(|_| ());
    let error = error.expect_err("no head");
    assert!(
        matches!(
            &error,
            OpenError::Head {
                error: ReadError::Checksum { first: 31 },
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_newer_format_is_refused_and_named() {
    let refused = |change: fn(&sled::Tree, &sled::Tree)| {
        let (_dir, store) = place();
        forty(&store);
        behind_its_back(&store, change);
        let answer = SledLog::open(&store, SledOptions::default()).map(|_| ());
        let error = answer.expect_err("a newer format");
        assert!(
            matches!(error, OpenError::NewerFormat { format: 2, .. }),
            "{error}"
        );
        assert!(
            error.to_string().contains("use a newer frontierd"),
            "{error}"
        );
    };
    refused(|chunks, _| edit(chunks, 31, |bytes| bytes[0] = 2));
    refused(|_, meta| {
        meta.insert("store", &[2, b'?'][..]).expect("sled writes");
    });

    // One in the middle is found on the way.
    let (fault, _) = fault_after(|tree| edit(tree, 21, |bytes| bytes[0] = 2));
    let (first, format) = (21, 2);
    assert_eq!(
        fault,
        Fault::Unreadable(ReadError::NewerFormat { first, format })
    );
}
