//! What can still be read of a store that does not open: its chunks, found in sled's file byte by byte, without sled.
//!
//! sled writes a value as it is, somewhere in its file, perhaps several times. A chunk says with its checksum that it
//! is one, and with the hash of its predecessor where it belongs. So the chain can be followed from its beginning
//! whatever has become of the rest of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;

use super::chunk::{self, HEADER_BYTES};
use super::{Chunk, FORMAT, Hash, Head, ZERO_HASH};
use crate::limits::CHUNK_BYTES_MAX;
use crate::model::Revision;

/// Bytes of the file looked at together.
const WINDOW_BYTES: usize = 4 * 1024 * 1024;

/// Where a chunk was found.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    length: usize,
    hash: Hash,
    first: Revision,
    last: Revision,
}

/// All chunks that a file holds, connected or not.
pub(super) struct Salvage {
    file: File,
    /// By the hash of the predecessor; more than one where a commit was lost and made again.
    successors: BTreeMap<Hash, Vec<Place>>,
}

/// Revisions found beyond the end of the chain: from the lowest to the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// Lowest revision.
    pub first: Revision,
    /// Highest revision.
    pub last: Revision,
}

impl Salvage {
    /// Looks through a file. `progress` is told (bytes done, bytes).
    pub(super) fn of(path: &Path, progress: &mut dyn FnMut(u64, u64)) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut successors: BTreeMap<Hash, Vec<Place>> = BTreeMap::new();
        let mut known = BTreeSet::new();
        let mut window = Vec::with_capacity(WINDOW_BYTES + CHUNK_BYTES_MAX);
        let mut offset = 0;
        while offset < size {
            file.seek(SeekFrom::Start(offset))?;
            window.clear();
            let wanted = (WINDOW_BYTES + CHUNK_BYTES_MAX) as u64;
            (&mut file).take(wanted).read_to_end(&mut window)?;
            // What begins in the overlap is found in the next window.
            let starts = window.len().min(WINDOW_BYTES);
            for at in memchr_all(&window[..starts]) {
                let Some((place, previous)) = look(&window[at..], offset + at as u64) else {
                    continue;
                };
                if known.insert(place.hash) {
                    successors.entry(previous).or_default().push(place);
                }
            }
            offset += starts as u64;
            progress(offset, size);
        }
        Ok(Self { file, successors })
    }

    /// The longest chain from the beginning, and what was found beyond its end.
    pub(super) fn chain(&self) -> (Vec<Hash>, Head, Option<Beyond>) {
        let mut best = (Vec::new(), Head::EMPTY);
        // Forks are rare and short: each branch is followed to its end.
        let mut open = vec![(Vec::new(), Head::EMPTY)];
        while let Some((mut path, mut head)) = open.pop() {
            loop {
                let next = self.next(head);
                let Some((first, others)) = next.split_first() else {
                    break;
                };
                for other in others {
                    let mut branch = path.clone();
                    branch.push(other.hash);
                    open.push((branch, other.head()));
                }
                path.push(first.hash);
                head = first.head();
            }
            if head.revision > best.1.revision {
                best = (path, head);
            }
        }
        let (path, head) = best;
        let all = self.successors.values().flatten();
        let beyond = all.filter(|place| place.last > head.revision);
        let beyond = beyond.fold(None, |beyond: Option<Beyond>, place| {
            let (first, last) = (place.first, place.last);
            Some(beyond.map_or(Beyond { first, last }, |beyond| Beyond {
                first: beyond.first.min(first),
                last: beyond.last.max(last),
            }))
        });
        (path, head, beyond)
    }

    fn next(&self, head: Head) -> Vec<Place> {
        let places = self.successors.get(&head.hash).into_iter().flatten();
        let fits = places.filter(|place| place.first == head.revision + 1);
        fits.copied().collect()
    }

    /// Some chunks of a chain, read again.
    pub(super) fn read(&mut self, path: &[Hash], part: Range<usize>) -> io::Result<Vec<Chunk>> {
        let mut previous = match part.start {
            0 => ZERO_HASH,
            start => path[start - 1],
        };
        let mut chunks = Vec::with_capacity(part.len());
        for hash in &path[part] {
            let places = self.successors.get(&previous).into_iter().flatten();
            let place = places.copied().find(|place| place.hash == *hash);
            let place = place.ok_or_else(|| io::Error::other("the file changed meanwhile"))?;
            let mut bytes = vec![0; place.length];
            self.file.seek(SeekFrom::Start(place.offset))?;
            self.file.read_exact(&mut bytes)?;
            let chunk = Chunk::parse(place.first, bytes.into());
            chunks.push(chunk.map_err(|error| io::Error::other(error.to_string()))?);
            previous = *hash;
        }
        Ok(chunks)
    }
}

impl Place {
    fn head(&self) -> Head {
        Head {
            revision: self.last,
            hash: self.hash,
        }
    }
}

/// Positions at which a chunk can begin.
fn memchr_all(window: &[u8]) -> impl Iterator<Item = usize> {
    let bytes = window.iter().enumerate();
    bytes.filter(|(_, byte)| **byte == FORMAT).map(|(at, _)| at)
}

/// The chunk at the beginning of some bytes, with the hash of its predecessor.
fn look(bytes: &[u8], offset: u64) -> Option<(Place, Hash)> {
    let length = chunk::length_of(bytes)?;
    let first = chunk::first_revision(&bytes[HEADER_BYTES..length])?;
    let found = Chunk::parse(first, Bytes::copy_from_slice(&bytes[..length])).ok()?;
    // An entry that does not decode is no part of a sound chain.
    found.decode().ok()?;
    let place = Place {
        offset,
        length,
        hash: found.hash(),
        first,
        last: found.last,
    };
    Some((place, found.previous_hash()))
}
