//! Store files: whatever the bytes, an answer; a file that is found whole is written again as the same bytes.

#![no_main]

use frontierd::log::{BackupReader, BackupWriter, FORMAT, Head, ZERO_HASH, verify_chunks};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    check(data);
    // As the chunks of a file whose hashes hold: lengths are taken from the data, so that cuts fall anywhere.
    check(&whole(data));
});

fn check(file: &[u8]) {
    let Ok(reader) = BackupReader::new(file) else {
        return;
    };
    let end = reader.end();
    let found = verify_chunks(reader, end.revision, None, &mut |_| {});
    if !found.is_sound() {
        return;
    }
    assert_eq!(found.head, end);
    let mut writer = BackupWriter::new(Vec::new(), end).expect("memory");
    for chunk in BackupReader::new(file).expect("as before") {
        writer.push(&chunk.expect("as before")).expect("sound");
    }
    let (again, written) = writer.finish().expect("sound");
    assert_eq!(again, file);
    assert_eq!(written.chunks, found.chunks);
}

/// A file in which every hash is right and everything else comes from `data`.
fn whole(mut data: &[u8]) -> Vec<u8> {
    let (mut body, mut chunks, mut bytes) = (Vec::new(), 0_u64, 0_u64);
    let mut head = Head {
        revision: 0,
        hash: ZERO_HASH,
    };
    while let Some((count, rest)) = data.split_first() {
        let (entries, rest) = rest.split_at(usize::from(*count).min(rest.len()));
        data = rest;
        let mut chunk = vec![FORMAT];
        chunk.extend_from_slice(&head.hash);
        // One entry a chunk, with a length that is right.
        chunk.extend_from_slice(&(entries.len() as u16).to_le_bytes());
        chunk.extend_from_slice(entries);
        head.hash = *blake3::hash(&chunk).as_bytes();
        head.revision += 1;
        chunk.extend_from_slice(&head.hash[..8]);
        body.extend_from_slice(&(chunk.len() as u16).to_le_bytes());
        body.extend_from_slice(&chunk);
        chunks += 1;
        bytes += chunk.len() as u64;
    }
    let mut file = b"frontlog\x01".to_vec();
    file.extend_from_slice(&head.revision.to_le_bytes());
    file.extend_from_slice(&head.hash);
    file.extend_from_slice(&body);
    file.extend_from_slice(&[0; 2]);
    file.extend_from_slice(&chunks.to_le_bytes());
    file.extend_from_slice(&bytes.to_le_bytes());
    let hash = blake3::hash(&file);
    file.extend_from_slice(hash.as_bytes());
    file
}
