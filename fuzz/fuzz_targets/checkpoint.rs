//! Checkpoints: whatever the bytes, an answer, and a state that decodes builds a board or is refused.

#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use frontierd::board::Stored;
use frontierd::log::checkpoint;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    read(data);
    // With a checksum that holds, so that the state behind it is decoded.
    let mut file = b"frontier\x01".to_vec();
    // Version of the board, revision, hash of the chunk, length of the store id.
    file.extend_from_slice(&[0; 4 + 8 + 32 + 2]);
    file.extend_from_slice(data);
    let hash = blake3::hash(&file);
    file.extend_from_slice(hash.as_bytes());
    read(&file);
});

fn read(bytes: &[u8]) {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    let path = PLACE.get_or_init(|| {
        let name = format!("frontierd-fuzz-{}.checkpoint", std::process::id());
        std::env::temp_dir().join(name)
    });
    std::fs::write(path, bytes).expect("a temporary file");
    if let Ok(found) = checkpoint::read::<Stored>(path) {
        let _ = found.state.build();
    }
}
