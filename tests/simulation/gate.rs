//! A log on the simulated disk, each step of which waits until the driver says how it ends.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use frontierd::log::{AppendError, Chunk, Chunks, Head, Log, LogReader};
use frontierd::model::Revision;

use crate::bugs::Bug;
use crate::disk::{Disk, frame};

pub(crate) const STORE_ID: &str = "test";

/// Where an append is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing is written.
    Arrived,
    /// In the page cache.
    Written,
    /// On the platter, unanswered.
    Synced,
}

/// What the log tells the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    At(Stage),
    Answered,
    Conflict,
    Failed,
}

/// What the driver tells the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The step succeeds.
    Go,
    /// The step fails; when it is a write, after so many bytes in a thousand.
    Fail(usize),
    /// The process dies during the step; when it is a write, after so many bytes in a thousand.
    Die(usize),
}

/// The driver's side.
pub(crate) struct Keeper {
    pub(crate) events: Receiver<Event>,
    pub(crate) orders: Sender<Order>,
}

pub(crate) struct SimulatedLog {
    shown: Arc<Shown>,
    disk: Arc<Mutex<Disk>>,
    events: Sender<Event>,
    orders: Receiver<Order>,
    driver: Thread,
    bug: Bug,
    failed: bool,
}

/// What this process knows to be durable.
struct Shown(Mutex<Vec<Chunk>>);

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shown {
    fn head(&self) -> Head {
        held(&self.0).last().map_or(Head::EMPTY, Chunk::head)
    }
}

/// Opens the log as a process does that starts. Must be called by the driver.
pub(crate) fn open(disk: &Arc<Mutex<Disk>>, bug: Bug) -> (SimulatedLog, Keeper) {
    let (events, events_in) = std::sync::mpsc::channel();
    let (orders_out, orders) = std::sync::mpsc::channel();
    let shown = Arc::new(Shown(Mutex::new(held(disk).open())));
    let log = SimulatedLog {
        shown,
        disk: Arc::clone(disk),
        events,
        orders,
        driver: std::thread::current(),
        bug,
        failed: false,
    };
    let keeper = Keeper {
        events: events_in,
        orders: orders_out,
    };
    (log, keeper)
}

impl SimulatedLog {
    /// A driver that is gone has no wishes: the process dies.
    fn ask(&self, stage: Stage) -> Order {
        self.tell(Event::At(stage));
        self.orders.recv().unwrap_or(Order::Die(0))
    }

    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
        self.driver.unpark();
    }

    /// The steps of an append. None = the process died.
    fn steps(&self, expected: Revision, frames: &[u8]) -> Option<Result<(), AppendError>> {
        let part = |thousandths: usize| &frames[..frames.len() * thousandths / 1000];
        let failed = |message: &str| {
            let message = message.to_owned();
            Some(Err(AppendError::Failed { message }))
        };
        let order = self.ask(Stage::Arrived);
        let head = held(&self.disk).head();
        // What the last process left unsynced was synced or cut off when this one opened the log.
        if head.revision != expected && order == Order::Go && self.bug != Bug::NoConflict {
            return Some(Err(AppendError::Conflict(head)));
        }
        match order {
            Order::Go => {
                if let Err(message) = held(&self.disk).write(frames) {
                    return failed(&message);
                }
            }
            Order::Fail(thousandths) => {
                let _ = held(&self.disk).write(part(thousandths));
                return failed("input/output error");
            }
            Order::Die(thousandths) => {
                let _ = held(&self.disk).write(part(thousandths));
                return None;
            }
        }
        if self.bug == Bug::ShownBeforeDurable {
            return Some(Ok(()));
        }
        match self.ask(Stage::Written) {
            Order::Go => held(&self.disk).sync(),
            Order::Fail(_) => return failed("fsync: input/output error"),
            Order::Die(_) => return None,
        }
        match self.ask(Stage::Synced) {
            Order::Die(_) => None,
            Order::Go | Order::Fail(_) => Some(Ok(())),
        }
    }
}

impl Log for SimulatedLog {
    fn store_id(&self) -> &str {
        STORE_ID
    }

    fn head(&self) -> Head {
        self.shown.head()
    }

    fn reader(&self) -> Arc<dyn LogReader> {
        self.shown.clone()
    }

    fn append_chunks(&mut self, expected: Revision, chunks: &[Chunk]) -> Result<Head, AppendError> {
        if self.failed {
            return Err(AppendError::Poisoned);
        }
        let frames: Vec<u8> = chunks.iter().flat_map(frame).collect();
        let outcome = match self.steps(expected, &frames) {
            Some(Err(AppendError::Failed { .. })) if self.bug == Bug::FailureIsSuccess => Ok(()),
            Some(outcome) => outcome,
            None => Err(AppendError::Failed {
                message: "the process died".to_owned(),
            }),
        };
        match outcome {
            Ok(()) => {
                held(&self.shown.0).extend_from_slice(chunks);
                self.tell(Event::Answered);
                Ok(self.shown.head())
            }
            Err(AppendError::Conflict(_)) => {
                *held(&self.shown.0) = held(&self.disk).durable().cloned().collect();
                self.tell(Event::Conflict);
                Err(AppendError::Conflict(self.shown.head()))
            }
            Err(error) => {
                self.failed = true;
                self.tell(Event::Failed);
                Err(error)
            }
        }
    }
}

impl LogReader for Shown {
    fn store_id(&self) -> &str {
        STORE_ID
    }

    fn head(&self) -> Head {
        self.head()
    }

    fn bytes_appended(&self) -> u64 {
        0
    }

    fn chunks(&self, from: Revision) -> Chunks<'_> {
        let chunks = held(&self.0);
        let start = chunks.partition_point(|chunk| chunk.last < from);
        let chunks: Vec<Chunk> = chunks[start..].to_vec();
        Box::new(chunks.into_iter().map(Ok))
    }
}
