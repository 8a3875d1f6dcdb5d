//! A mark that says how far the log once came, in a file of its own beside sled's.
//!
//! sled takes a damaged page for the end of its log: what is left is a shorter log, sound from its beginning to its end.
//! Nothing in it says that there was more, so that is noted elsewhere: at each start, at the end, and each time some log
//! was appended. The mark is never ahead of the disk, and may be behind it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::log::{Head, files};

const NAME: &str = "mark";

/// The last mark of a store; none where there is none, or it is of another store, or not as it was written.
pub(super) fn read(dir: &Path, store_id: &str) -> Option<Head> {
    let text = fs::read_to_string(dir.join(NAME)).ok()?;
    let (line, checksum) = text.trim_end().rsplit_once(' ')?;
    if checksum != blake3::hash(line.as_bytes()).to_hex().as_str() {
        return None;
    }
    let (id, head) = line.split_once(' ')?;
    head.parse().ok().filter(|_| id == store_id)
}

/// Notes durably that the log of a store came to `head`.
pub(super) fn write(dir: &Path, store_id: &str, head: Head) -> io::Result<()> {
    let new = dir.join(format!("{NAME}.new"));
    let mut file = File::create(&new)?;
    file.write_all(line(store_id, head).as_bytes())?;
    file.sync_all()?;
    files::rename_durably(&new, &dir.join(NAME))
}

/// Notes the same over the mark that is there, and leaves it to the system when that reaches the disk: a log that is
/// appended to must not wait some milliseconds for it. Power that fails leaves the earlier mark or this one, or one that
/// does not read, which is none.
pub(super) fn advance(dir: &Path, store_id: &str, head: Head) -> io::Result<()> {
    let mut file = File::options().write(true).open(dir.join(NAME))?;
    // Revisions have more digits as they grow, so nothing of the earlier mark is left behind it.
    file.write_all(line(store_id, head).as_bytes())
}

fn line(store_id: &str, head: Head) -> String {
    let line = format!("{store_id} {head}");
    let checksum = blake3::hash(line.as_bytes()).to_hex();
    format!("{line} {checksum}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_a_damaged_or_foreign_one_is_none() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert_eq!(read(dir.path(), "a"), None);
        let head = Head {
            revision: 7,
            hash: [9; 32],
        };
        write(dir.path(), "a", head).expect("a mark");
        assert_eq!(read(dir.path(), "a"), Some(head));
        assert_eq!(read(dir.path(), "b"), None);
        let later = Head {
            revision: 10,
            hash: [8; 32],
        };
        advance(dir.path(), "a", later).expect("a mark");
        assert_eq!(read(dir.path(), "a"), Some(later));
        let path = dir.path().join(NAME);
        let whole = fs::read(&path).expect("a file");
        for at in 0..whole.len() - 1 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).expect("a write");
            assert_eq!(read(dir.path(), "a"), None, "byte {at}");
        }
    }
}
