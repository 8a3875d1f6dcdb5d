//! Chunks and the entries in them: whatever the bytes, an answer; what decodes encodes to what decodes the same.

#![no_main]

use bytes::Bytes;
use frontierd::log::{Chunk, FORMAT, Log, MemoryLog, ZERO_HASH};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // As it is: framing and checksum.
    let _ = Chunk::parse(1, Bytes::copy_from_slice(data)).map(|chunk| chunk.decode());

    // As the entries of a chunk whose checksum holds: the codec.
    let mut bytes = vec![FORMAT];
    bytes.extend_from_slice(&ZERO_HASH);
    bytes.extend_from_slice(data);
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(&hash.as_bytes()[..8]);
    let Ok(chunk) = Chunk::parse(1, Bytes::from(bytes)) else {
        return;
    };
    let Ok(entries) = chunk.decode() else {
        return;
    };
    for (revision, entry) in (chunk.first..).zip(&entries) {
        let alone = chunk.entry(revision).expect("readable");
        assert_eq!(format!("{alone:?}"), format!("{:?}", Some(entry)));
    }
    let mut log = MemoryLog::new("fuzz");
    // Entries that came through another encoder may be larger here than is allowed.
    if log.append(0, &entries).is_err() {
        return;
    }
    let again: Vec<_> = log
        .reader()
        .chunks(1)
        .flat_map(|chunk| chunk.expect("readable").decode().expect("decodes"))
        .collect();
    // Through text, because a number that is none does not equal itself.
    assert_eq!(format!("{again:?}"), format!("{entries:?}"));
});
