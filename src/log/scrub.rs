//! A walk of the hash chain in small steps, for a daemon that serves meanwhile.

use super::{Fault, Head, LogReader, Verification};

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sound as far as the walk came; it goes on.
    On,
    /// Sound to the end.
    Done,
    /// The chain breaks here.
    Broken(Fault),
}

/// Where a walk is.
#[derive(Clone, Debug)]
pub struct Scrubber {
    found: Verification,
}

impl Default for Scrubber {
    fn default() -> Self {
        Self::new()
    }
}

impl Scrubber {
    /// A walk that begins at the beginning.
    pub fn new() -> Self {
        Self {
            found: Verification::begun(),
        }
    }

    /// The sound part walked so far.
    pub fn head(&self) -> Head {
        self.found.head
    }

    /// Reads on for about `bytes_max`. Answers how many bytes were read, and what was found.
    pub fn step(&mut self, reader: &dyn LogReader, bytes_max: u64) -> (u64, Step) {
        let before = self.found.bytes;
        let end = reader.head().revision;
        for chunk in reader.chunks(self.found.head.revision + 1) {
            let followed = chunk
                .map_err(Fault::Unreadable)
                .and_then(|chunk| self.found.follow(chunk));
            if let Err(fault) = followed {
                return (self.found.bytes - before, Step::Broken(fault));
            }
            if self.found.bytes - before >= bytes_max {
                break;
            }
        }
        let read = self.found.bytes - before;
        let reached = self.found.head.revision;
        if reached >= end {
            return (read, Step::Done);
        }
        if read == 0 {
            let expected = reached + 1;
            return (read, Step::Broken(Fault::EndsEarly { expected }));
        }
        (read, Step::On)
    }
}
