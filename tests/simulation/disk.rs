//! A disk that loses what was not synced, tears what it was writing, fails, and fills up.
//!
//! One file of frames: length, checksum, first revision, chunk. What of it is on the platter is known here and to
//! nobody above.

use bytes::Bytes;
use frontierd::log::{Chunk, Head};
use frontierd::model::Revision;

use crate::bugs::Bug;
use crate::random::Random;

const LENGTH: usize = 4;
const CHECKSUM: usize = 8;
const HEADER: usize = LENGTH + CHECKSUM + 8;

pub(crate) struct Disk {
    bytes: Vec<u8>,
    /// Bytes that survive power loss.
    synced: usize,
    /// End of each whole frame, with its chunk.
    frames: Vec<(usize, Chunk)>,
    /// Bytes that fit; none = all.
    pub(crate) capacity: Option<usize>,
    bug: Bug,
}

pub(crate) fn frame(chunk: &Chunk) -> Vec<u8> {
    let mut body = chunk.first.to_le_bytes().to_vec();
    body.extend_from_slice(&chunk.bytes);
    let mut frame = (body.len() as u32).to_le_bytes().to_vec();
    frame.extend_from_slice(&blake3::hash(&body).as_bytes()[..CHECKSUM]);
    frame.extend_from_slice(&body);
    frame
}

/// The chunk of the frame at the beginning, with the frame's length; none = torn.
fn unframe(bytes: &[u8]) -> Option<(usize, Chunk)> {
    let length = u32::from_le_bytes(bytes.get(..LENGTH)?.try_into().ok()?) as usize;
    let end = LENGTH + CHECKSUM + length;
    let body = bytes.get(LENGTH + CHECKSUM..end)?;
    let sound = blake3::hash(body).as_bytes()[..CHECKSUM] == bytes[LENGTH..LENGTH + CHECKSUM];
    let first = Revision::from_le_bytes(body.get(..8)?.try_into().ok()?);
    let chunk = Chunk::parse(first, Bytes::copy_from_slice(&body[8..])).ok();
    chunk.filter(|_| sound).map(|chunk| (end, chunk))
}

impl Disk {
    pub(crate) fn new(bug: Bug) -> Self {
        Self {
            bytes: Vec::new(),
            synced: 0,
            frames: Vec::new(),
            capacity: None,
            bug,
        }
    }

    /// Writes as much as fits, into the page cache.
    pub(crate) fn write(&mut self, frames: &[u8]) -> Result<(), String> {
        let room = self.capacity.map_or(usize::MAX, |capacity| {
            capacity.saturating_sub(self.bytes.len())
        });
        let fits = frames.len().min(room);
        self.bytes.extend_from_slice(&frames[..fits]);
        self.index();
        if fits < frames.len() {
            return Err("no space left on device".to_owned());
        }
        Ok(())
    }

    /// Makes durable what was written.
    pub(crate) fn sync(&mut self) {
        if self.bug != Bug::NoSync {
            self.synced = self.bytes.len();
        }
    }

    /// Loses some of what was not synced; what remains of it may be torn.
    pub(crate) fn power_loss(&mut self, random: &mut Random) {
        let unsynced = self.bytes.len() - self.synced;
        let kept = self.synced + random.below(unsynced + 1);
        self.bytes.truncate(kept);
        if kept > self.synced && random.percent(50) {
            let torn = (kept - self.synced).min(512);
            let at = kept - 1 - random.below(torn);
            self.bytes[at] ^= 1 << random.below(8);
        }
        self.frames.clear();
        self.index();
    }

    /// What a restart finds: whole frames in order; a torn end is cut off, and the rest is synced before it is shown.
    pub(crate) fn open(&mut self) -> Vec<Chunk> {
        self.frames.clear();
        self.index();
        let end = self.end();
        self.bytes.truncate(end);
        self.synced = self.synced.min(end);
        if self.bug != Bug::NoSyncAtOpen {
            self.sync();
        }
        self.chunks()
    }

    fn chunks(&self) -> Vec<Chunk> {
        self.frames.iter().map(|(_, chunk)| chunk.clone()).collect()
    }

    fn end(&self) -> usize {
        self.frames.last().map_or(0, |(end, _)| *end)
    }

    /// Finds the frames behind those known.
    fn index(&mut self) {
        while let Some((length, chunk)) = unframe(&self.bytes[self.end()..]) {
            self.frames.push((self.end() + length, chunk));
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Nothing is waiting for a sync, and nothing is torn.
    pub(crate) fn is_clean(&self) -> bool {
        self.synced == self.bytes.len() && self.end() == self.bytes.len()
    }

    pub(crate) fn head(&self) -> Head {
        self.frames
            .last()
            .map_or(Head::EMPTY, |(_, chunk)| chunk.head())
    }

    /// Chunks that power loss would leave.
    pub(crate) fn durable(&self) -> impl DoubleEndedIterator<Item = &Chunk> {
        let durable = self.frames.iter().filter(|(end, _)| *end <= self.synced);
        durable.map(|(_, chunk)| chunk)
    }

    pub(crate) fn durable_revision(&self) -> Revision {
        self.durable().next_back().map_or(0, |chunk| chunk.last)
    }
}

const _: () = assert!(HEADER == 20);
