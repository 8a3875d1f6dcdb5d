//! Checkpoints: whatever does not match is discarded.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use frontierd::log::checkpoint::{self, Checkpoint, Discarded, Header, Kind, Mismatch, Pace};
use frontierd::log::{Head, Log, LogReader, MemoryLog};

use crate::support::{grow, place};

const BOARD: u32 = 3;

fn header(head: Head) -> Header {
    Header {
        store_id: "a-store".to_owned(),
        revision: head.revision,
        chunk_hash: head.hash,
        board_version: BOARD,
    }
}

/// A log of five commits of ten entries, and its heads.
fn log() -> (MemoryLog, Vec<Head>) {
    let mut log = MemoryLog::new("a-store");
    let heads = (0..5).map(|_| grow(&mut log, 10, 0)).collect();
    (log, heads)
}

type Loaded = (Option<Checkpoint<String>>, Vec<Discarded>);

fn load(dir: &Path, log: &dyn LogReader, at_most: u64) -> io::Result<Loaded> {
    checkpoint::load(dir, log, BOARD, at_most)
}

fn write(dir: &Path, head: Head) -> PathBuf {
    let state = format!("state at {}", head.revision);
    let (path, _) = checkpoint::write(dir, Kind::State, &header(head), &state, Pace::AtOnce)
        .expect("a checkpoint");
    path
}

#[test]
fn the_newest_at_or_below_the_bound_is_loaded() {
    let (_guard, dir) = place();
    let (log, heads) = log();
    let reader = log.reader();
    let none = load(&dir, &*reader, 50).expect("a listing");
    assert_eq!(none, (None, vec![]));
    for head in [heads[3], heads[0], heads[4], heads[1]] {
        write(&dir, head);
    }
    for (at_most, expected) in [(50, 50), (49, 40), (40, 40), (39, 20), (10, 10)] {
        let (found, discarded) = load(&dir, &*reader, at_most).expect("a listing");
        let found = found.expect("a checkpoint");
        assert_eq!(found.header.revision, expected);
        assert_eq!(found.state, format!("state at {expected}"));
        assert_eq!(discarded, []);
    }
    let (found, _) = load(&dir, &*reader, 9).expect("a listing");
    assert_eq!(found, None);
}

#[test]
fn what_does_not_match_is_discarded_with_its_reason_and_the_next_is_taken() {
    let (_guard, dir) = place();
    let (log, heads) = log();
    let ahead = Head {
        revision: 60,
        hash: [7; 32],
    };
    let other_chunk = Head {
        revision: 50,
        hash: [7; 32],
    };
    let inside = Head {
        revision: 45,
        ..heads[4]
    };
    let state = &"state";
    write(&dir, ahead);
    write(&dir, other_chunk);
    write(&dir, inside);
    let other_store = Header {
        store_id: "b-store".to_owned(),
        ..header(heads[3])
    };
    checkpoint::write(&dir, Kind::State, &other_store, state, Pace::AtOnce).expect("a checkpoint");
    let older = Header {
        board_version: 2,
        ..header(heads[2])
    };
    checkpoint::write(&dir, Kind::State, &older, state, Pace::AtOnce).expect("a checkpoint");
    let misnamed = write(&dir, heads[1]);
    fs::rename(&misnamed, dir.join("00000000000000000021.checkpoint")).expect("a rename");
    write(&dir, heads[0]);

    let (found, discarded) = load(&dir, &*log.reader(), u64::MAX).expect("a listing");
    assert_eq!(found.expect("a checkpoint").header, header(heads[0]));
    let reasons: Vec<_> = discarded.iter().map(|d| d.mismatch.clone()).collect();
    assert_eq!(
        reasons,
        [
            Mismatch::Chunk(60),
            Mismatch::Chunk(50),
            Mismatch::Chunk(45),
            Mismatch::Store("b-store".to_owned()),
            Mismatch::BoardVersion(2),
            Mismatch::Name,
        ]
    );
    // Those that show that the log was changed stay.
    let kept = checkpoint::list(&dir, Kind::State).expect("a listing");
    let kept: Vec<_> = kept.into_iter().map(|(revision, _)| revision).collect();
    assert_eq!(kept, [60, 50, 45, heads[0].revision]);
}

#[test]
fn a_checkpoint_with_any_byte_changed_or_cut_off_is_discarded() {
    let (_guard, dir) = place();
    let (_, heads) = log();
    let path = write(&dir, heads[4]);
    let whole = fs::read(&path).expect("a file");
    assert!(checkpoint::read::<String>(&path).is_ok());
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).expect("a write");
        assert!(checkpoint::read::<String>(&path).is_err(), "byte {at}");
        fs::write(&path, &whole[..at]).expect("a write");
        assert!(checkpoint::read::<String>(&path).is_err(), "cut at {at}");
    }
}

#[test]
fn a_state_of_another_kind_is_discarded() {
    let (_guard, dir) = place();
    let (log, heads) = log();
    let number = 7_u8;
    checkpoint::write(&dir, Kind::State, &header(heads[4]), &number, Pace::AtOnce)
        .expect("a checkpoint");
    let more = ("state", number);
    checkpoint::write(&dir, Kind::State, &header(heads[3]), &more, Pace::AtOnce)
        .expect("a checkpoint");
    write(&dir, heads[2]);
    let (found, discarded) = load(&dir, &*log.reader(), u64::MAX).expect("a listing");
    assert_eq!(found.expect("a checkpoint").header, header(heads[2]));
    let reasons: Vec<_> = discarded.into_iter().map(|d| d.mismatch).collect();
    assert!(
        matches!(reasons[..], [Mismatch::State(_), Mismatch::State(_)]),
        "{reasons:?}"
    );
}

#[test]
fn pruning_keeps_what_is_needed_and_files_of_another_kind() {
    let (_guard, dir) = place();
    let (_, heads) = log();
    for head in &heads {
        write(&dir, *head);
    }
    let ring = checkpoint::write(&dir, Kind::Ring, &header(heads[0]), &7_u8, Pace::AtOnce)
        .expect("a file");
    fs::write(dir.join("notes.txt"), b"mine").expect("a file");
    fs::write(dir.join("writing"), b"cut sh").expect("a file");
    let revisions = |kind| -> Vec<u64> {
        let found = checkpoint::list(&dir, kind).expect("a listing");
        found.into_iter().map(|(revision, _)| revision).collect()
    };
    assert_eq!(revisions(Kind::State), [50, 40, 30, 20, 10]);
    let newest_two = checkpoint::prune(&dir, Kind::State, |place, _| place < 2);
    assert_eq!(newest_two.expect("pruned"), 3);
    assert_eq!(revisions(Kind::State), [50, 40]);
    let after = checkpoint::prune(&dir, Kind::State, |_, revision| revision > 40);
    assert_eq!(after.expect("pruned"), 1);
    assert_eq!(revisions(Kind::State), [50]);
    assert_eq!(revisions(Kind::Ring), [10]);
    assert!(dir.join("notes.txt").exists() && ring.0.exists());
}

#[test]
fn the_beginning_of_a_state_is_read_alone() {
    let (_guard, dir) = place();
    let (log, heads) = log();
    let state = (7_u32, "the rest");
    let (path, _) = checkpoint::write(&dir, Kind::Ring, &header(heads[2]), &state, Pace::AtOnce)
        .expect("a file");
    let whole = checkpoint::matching(&path, 30, &*log.reader(), BOARD).expect("it matches");
    let (begin, rest) = whole.begin::<u32>().expect("a number");
    assert_eq!((begin, rest.len()), (7, 9));
    let all = whole.decode::<(u32, String)>().expect("a state");
    assert_eq!(all.state, (7, "the rest".to_owned()));
    let other = checkpoint::matching(&path, 31, &*log.reader(), BOARD);
    assert_eq!(other.expect_err("another name"), Mismatch::Name);
}
