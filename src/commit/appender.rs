//! The thread that owns the log: it makes one commit durable while the writer applies the one before and the next
//! one gathers.
//!
//! A thread of the system, because the calls block: sled's asynchronous flush can deadlock.

use std::io;
use std::mem::ManuallyDrop;
use std::thread::JoinHandle;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tracing::error;

use crate::log::{AppendError, Head, Log};
use crate::model::Entry;

/// What became of a commit, with its entries.
pub(super) struct Appended {
    pub(super) entries: Vec<Entry>,
    pub(super) outcome: Result<Head, AppendError>,
}

/// The writer's side of the thread. At most one commit is with it at any time, so the channels hold one item each.
pub(super) struct Appender {
    commits: Sender<Vec<Entry>>,
    appended: Receiver<Appended>,
    thread: JoinHandle<()>,
}

impl Appender {
    /// Hands the log to a thread of its own.
    ///
    /// # Errors
    /// When the system has no more threads.
    pub(super) fn start(log: Box<dyn Log>) -> io::Result<Self> {
        let (commits, to_append) = channel(1);
        let (answers, appended) = channel(1);
        let thread = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || run(log, to_append, &answers))?;
        Ok(Self {
            commits,
            appended,
            thread,
        })
    }

    /// Begins a commit, of at least one entry; [`Appender::wait`] says what became of it.
    pub(super) fn begin(&self, entries: Vec<Entry>) {
        // There is room. A thread that has ended says so when it is waited for.
        let _ = self.commits.try_send(entries);
    }

    /// Waits for the commit that was begun; none = the thread ended over it.
    pub(super) fn wait(&mut self) -> Option<Appended> {
        self.appended.blocking_recv()
    }

    /// Lets go of the log. Nothing is in flight.
    pub(super) fn close(self) {
        drop(self.commits);
        if self.thread.join().is_err() {
            error!("the log's thread panicked");
        }
    }
}

fn run(log: Box<dyn Log>, mut commits: Receiver<Vec<Entry>>, answers: &Sender<Appended>) {
    // After a failed write or a panic it is leaked: sled's own drop would write and sync again.
    let mut log = ManuallyDrop::new(log);
    while let Some(entries) = commits.blocking_recv() {
        let expected = entries.first().map_or(0, |entry| entry.revision - 1);
        let outcome = log.append(expected, &entries);
        let sound = matches!(outcome, Ok(_) | Err(AppendError::Conflict(_)));
        // There is room, and a writer that is gone has nobody to tell.
        let _ = answers.try_send(Appended { entries, outcome });
        if !sound {
            return;
        }
    }
    drop(ManuallyDrop::into_inner(log));
}
