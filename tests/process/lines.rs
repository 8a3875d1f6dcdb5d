//! Lines that a child process prints, to wait for.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// Generous: a loaded machine is no failure, a hang is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Everything a stream has said so far, and whether it has ended.
#[derive(Clone)]
pub(crate) struct Lines {
    shared: Arc<(Mutex<Said>, Condvar)>,
}

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// Reads a stream to its end on a thread of its own, so that its writer never waits.
    pub(crate) fn of(stream: impl Read + Send + 'static) -> Self {
        let lines = Self {
            shared: Arc::default(),
        };
        let reading = lines.clone();
        thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                reading.change(|said| said.lines.push(text));
                line.clear();
            }
            reading.change(|said| said.ended = true);
        });
        lines
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.shared.0.lock().expect("no panic while it is held")
    }

    fn change(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said());
        self.shared.1.notify_all();
    }

    /// Waits until `enough` finds in the lines so far what it looks for.
    ///
    /// # Errors
    /// What was said, when the stream ends, or patience does, before that.
    pub(crate) fn try_wait<T>(
        &self,
        what: &str,
        enough: impl Fn(&[String]) -> Option<T>,
    ) -> Result<T, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut said = self.said();
        loop {
            if let Some(found) = enough(&said.lines) {
                return Ok(found);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if said.ended || left.is_zero() {
                let how = if said.ended { "ended" } else { "hangs" };
                let lines = said.lines.join("\n");
                return Err(format!(
                    "waited for {what}; the stream {how} after:\n{lines}"
                ));
            }
            let waited = self.shared.1.wait_timeout(said, left);
            said = waited.expect("no panic while it is held").0;
        }
    }

    /// Waits until `enough` finds in the lines so far what it looks for.
    ///
    /// # Panics
    /// When the stream ends, or patience does, before that.
    pub(crate) fn wait<T>(&self, what: &str, enough: impl Fn(&[String]) -> Option<T>) -> T {
        self.try_wait(what, enough)
            .unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Waits for the first line with `part` in it.
    pub(crate) fn wait_for(&self, part: &str) -> String {
        self.wait(part, |lines| {
            lines.iter().find(|line| line.contains(part)).cloned()
        })
    }

    /// Waits for the end of the stream; everything it said.
    pub(crate) fn to_end(&self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut said = self.said();
        while !said.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the stream does not end");
            let waited = self.shared.1.wait_timeout(said, left);
            said = waited.expect("no panic while it is held").0;
        }
        said.lines.join("\n")
    }

    /// What was said so far.
    pub(crate) fn so_far(&self) -> String {
        self.said().lines.join("\n")
    }
}
