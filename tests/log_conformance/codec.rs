//! The disk record: round trips, the bytes of every released format, and bytes that are none.

use frontierd::log::{Chunk, Head, Log, MemoryLog, ReadError, ZERO_HASH};
use frontierd::model::{Body, Entry, RequestKey, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::samples;
use crate::support::chunks;

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/format-1.chunk");

/// The chunk of a log's first commit.
fn chunk_of(entries: &[Entry]) -> Chunk {
    let mut log = MemoryLog::new("a-store");
    log.append(0, entries).expect("an append");
    chunks(&log.reader(), 1).remove(0)
}

fn entry_of(body: Body, micros: i64, request: Option<([u8; 16], [u8; 16])>) -> Entry {
    Entry {
        revision: 1,
        received: Timestamp::from_micros(micros),
        author: "anyone".into(),
        request: request.map(|(scope, content)| RequestKey { scope, content }),
        body,
    }
}

/// The bytes of a chunk with one entry, framed and summed as they should be.
fn framed(format: u8, entry: &[u8]) -> Vec<u8> {
    let mut bytes = vec![format];
    bytes.extend_from_slice(&ZERO_HASH);
    let length = u16::try_from(entry.len()).expect("a small entry");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(entry);
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(&hash.as_bytes()[..8]);
    bytes
}

proptest! {
    #[test]
    fn every_body_comes_back_as_it_was(
        body in samples::body(),
        micros: i64,
        request: Option<([u8; 16], [u8; 16])>,
    ) {
        let entry = entry_of(body, micros, request);
        let chunk = chunk_of(std::slice::from_ref(&entry));
        let again = Chunk::parse(1, chunk.bytes.clone());
        prop_assert_eq!(again.as_ref(), Ok(&chunk));
        let decoded = chunk.decode();
        prop_assert_eq!(&decoded, &Ok(vec![entry.clone()]));
        // Minus zero equals zero everywhere but in its text.
        prop_assert_eq!(format!("{decoded:?}"), format!("Ok([{entry:?}])"));
        prop_assert_eq!(chunk.entry(1), Ok(Some(entry)));
    }

    #[test]
    fn bytes_that_are_no_chunk_are_refused(bytes in vec(any::<u8>(), 0..300), first: u64) {
        prop_assert!(Chunk::parse(first, bytes.into()).is_err());
    }

    #[test]
    fn bytes_that_are_no_entry_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let chunk = Chunk::parse(1, framed(1, &bytes).into()).expect("a chunk");
        if let Ok(entries) = chunk.decode() {
            prop_assert_eq!(entries.len(), 1);
        }
    }

    /// Near misses reach deeper than noise: a valid entry with some bytes changed.
    #[test]
    fn a_damaged_entry_under_a_valid_checksum_never_panics(
        body in samples::body(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let whole = chunk_of(&[entry_of(body, 0, None)]);
        let mut entry = whole.bytes[1 + 32 + 2..whole.bytes.len() - 8].to_vec();
        for (at, byte) in damage {
            let at = at.index(entry.len());
            entry[at] = byte;
        }
        let chunk = Chunk::parse(1, framed(1, &entry).into()).expect("a chunk");
        drop(chunk.decode());
    }

    #[test]
    fn broken_frames_under_a_valid_checksum_are_refused(length in 1_u16.., entry in vec(any::<u8>(), 0..40)) {
        prop_assume!(usize::from(length) > entry.len());
        let mut bytes = framed(1, &entry);
        bytes.truncate(bytes.len() - 8);
        bytes[33..35].copy_from_slice(&length.to_le_bytes());
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(&hash.as_bytes()[..8]);
        let refused = matches!(Chunk::parse(1, bytes.into()), Err(ReadError::Framing { first: 1, .. }));
        prop_assert!(refused);
    }
}

/// Only the first run with a new format finds no fixture; those of released formats never change.
fn write_the_fixture() -> ! {
    std::fs::write(FIXTURE, &chunk_of(&samples::one_of_each()).bytes).expect("a write");
    panic!(
        "there was no fixture of this format: it is written to {FIXTURE}, to be looked at and committed"
    );
}

#[test]
fn the_committed_bytes_of_format_1_are_still_read_and_written() {
    let bytes = std::fs::read(FIXTURE).unwrap_or_else(|_| write_the_fixture());
    let chunk = Chunk::parse(1, bytes.into()).expect("a chunk");
    assert_eq!((chunk.first, chunk.last), (1, 9));
    assert_eq!(chunk.previous_hash(), ZERO_HASH);
    assert_eq!(chunk.decode(), Ok(samples::one_of_each()));
    assert_eq!(chunk_of(&samples::one_of_each()).bytes, chunk.bytes);
}

#[test]
fn unknown_numbers_and_missing_parts_are_refused_by_name() {
    // Protobuf by hand: `revision` 1, then a body of which only one field is set.
    let said = |body: &[u8]| {
        let mut entry = vec![0x08, 1];
        entry.extend_from_slice(body);
        let chunk = Chunk::parse(1, framed(1, &entry).into()).expect("a chunk");
        chunk.decode().expect_err("no entry").to_string()
    };
    assert!(said(&[]).contains("field `body` is missing"));
    // Field 23, ResultStatus, with status 9.
    let status = said(&[0xba, 1, 2, 0x10, 9]);
    assert!(
        status.contains("`result_status.status` has the undefined value `9`"),
        "{status}"
    );
    // Field 17, Model, without an id.
    let model = said(&[0x8a, 1, 0]);
    assert!(model.contains("field `model.id`"), "{model}");
    // A request scope of one byte.
    let scope = said(&[0x22, 1, 7, 0xba, 1, 2, 0x10, 1]);
    assert!(scope.contains("`1` bytes where 16"), "{scope}");
}

#[test]
fn an_entry_in_the_place_of_another_is_refused() {
    let chunk = chunk_of(&samples::one_of_each());
    let moved = Chunk::parse(2, chunk.bytes.clone()).expect("framing knows no revisions");
    let error = moved.decode().expect_err("misplaced");
    assert!(
        error.to_string().contains("`1` in the place of `2`"),
        "{error}"
    );
    assert_eq!(
        Chunk::parse(0, chunk.bytes.clone()).map(|c| c.first).ok(),
        None
    );
    assert_eq!(
        Chunk::parse(u64::MAX, chunk.bytes).map(|c| c.first).ok(),
        None
    );
    assert_eq!(Head::EMPTY.hash, ZERO_HASH);
}

/// A score of minus zero came back as zero, because protobuf does not write a default and counts minus zero as one;
/// a replayed board then differed from the live one in a bit. Every double now has presence.
#[test]
fn minus_zero_keeps_its_sign() {
    let entries: Vec<_> = (samples::one_of_each().into_iter())
        .filter_map(|entry| match entry.body {
            Body::Result(mut result) => {
                result.score = -0.0;
                Some(entry_of(Body::Result(result), 0, None))
            }
            _ => None,
        })
        .collect();
    let decoded = chunk_of(&entries).decode().expect("an entry");
    let Body::Result(result) = &decoded[0].body else {
        panic!("{decoded:?}");
    };
    assert_eq!(result.score.to_bits(), (-0.0_f64).to_bits());
}
