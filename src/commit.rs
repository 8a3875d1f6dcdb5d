//! The single writer: drafts in, one commit with one fsync for everything that waits, answers out.
//!
//! Only this module sees log, board and hub together. The order is: judge, append, durable, apply, publish, answer.
//! Nothing is visible before it is durable, and a refusal waits for the entries it was judged on.
//!
//! Two threads take turns at that. The *log's thread* makes one commit durable; meanwhile the *writer* applies the
//! commit before it and answers, and what arrives gathers in the queue. Once the commit is durable, the writer judges
//! all that has gathered and hands it to the log's thread as the next commit, before it applies the durable one: the
//! disk never waits for a board. So drafts are judged on the board overlaid with one commit that is durable and not
//! yet applied, and there is never more than one commit in flight. When nothing is in flight, a draft is a commit at
//! once: nobody waits for company.

mod appender;
mod counts;
mod keeper;
mod open;
mod read;
mod replay;
mod reply;
mod ring;
mod scrub;
mod writer;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::board::answer::{SubmitOutcome, Warning};
use crate::board::change::Packed;
use crate::board::{Board, Overall};
use crate::clock::Clock;
use crate::hub::{self, Hub};
use crate::limits::MAX_PROJECTIONS;
use crate::log::LogReader;
use crate::model::{CostBasis, Draft, Reason, Refusal, Revision};

pub use counts::{Counts, KINDS, ReplayCounts};
pub use open::{OpenError, Opened, Settings};
use reply::{Answer, Reply};
pub use scrub::{Scrub, Scrubbed};

/// What a submitter wants to know beyond the revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing.
    Nothing,
    /// The rank.
    Rank,
    /// The whole outcome, on a basis (none = the board's default).
    Outcome(Option<CostBasis>),
}

/// An accepted draft. It is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// Its revision; of the earlier one when replayed or unchanged.
    pub revision: Revision,
    /// The request id was answered before.
    pub replayed: bool,
    /// It would have changed nothing and took no revision.
    pub unchanged: bool,
    /// What was noticed.
    pub warnings: Vec<Warning>,
    /// The submission created its model.
    pub creates_model: bool,
    /// The model's rank, when asked for.
    pub rank: Option<u32>,
    /// What a submission did, when asked for.
    pub outcome: Option<Box<SubmitOutcome>>,
}

/// One published revision.
pub type Published = Packed;

impl hub::Item for Published {
    fn bytes(&self) -> usize {
        Packed::bytes(self)
    }
}

/// A draft on its way to the writer.
struct Job {
    draft: Draft,
    asked: Asked,
    reply: Reply,
}

/// What the writer is sent.
enum Message {
    /// Work.
    Job(Job),
    /// Answer once everything queued before this is durable and applied, or refused.
    Settle(oneshot::Sender<()>),
    /// Finish what is queued before this, and end.
    Close,
}

/// The handle that the API holds.
#[derive(Clone)]
pub struct Commit {
    shared: Arc<Shared>,
    jobs: mpsc::Sender<Message>,
}

struct Shared {
    board: RwLock<Board>,
    hub: Hub<Published>,
    log: Arc<dyn LogReader>,
    clock: Clock,
    /// Judged and not yet durable.
    lag: AtomicU64,
    poisoned: AtomicBool,
    /// Changes to true once when the writer is poisoned.
    poison: watch::Sender<bool>,
    /// Boards of the past being computed; more are refused.
    projecting: Arc<Semaphore>,
    /// Previews being computed; more wait.
    previewing: Arc<Semaphore>,
    projections: Mutex<Vec<read::Projection>>,
    overalls: Mutex<Vec<(Revision, Arc<Overall>)>>,
    checkpoints: Option<PathBuf>,
    checkpoint_revision: AtomicU64,
    checkpointing: Mutex<()>,
    /// The process is about to end: files are written as fast as they can be.
    hurry: AtomicBool,
    checkpoint_due: keeper::Due,
    scrubbed: scrub::Shown,
    counts: Counts,
    ring: ring::Written,
    ring_due: keeper::Due,
}

impl Commit {
    fn new(shared: Arc<Shared>, jobs: mpsc::Sender<Message>) -> Self {
        Self { shared, jobs }
    }

    /// Submits a draft; it is durable when this answers.
    ///
    /// # Errors
    /// The refusal. After [`Reason::OutcomeUnknown`] the draft may or may not be in the log: retry with the same
    /// request id.
    pub async fn submit(&self, draft: Draft, asked: Asked) -> Result<Accepted, Refusal> {
        self.enqueue(draft, asked).await?.answer().await
    }

    /// Queues a draft; drafts queued by one caller are committed in their order.
    ///
    /// # Errors
    /// [`Reason::ReadOnly`] or [`Reason::ShuttingDown`].
    pub async fn enqueue(&self, draft: Draft, asked: Asked) -> Result<Ticket, Refusal> {
        if self.is_poisoned() {
            return Err(read_only());
        }
        let (reply, answer) = Reply::new();
        let job = Job {
            draft,
            asked,
            reply,
        };
        let sent = self.jobs.send(Message::Job(job)).await;
        match sent {
            Ok(()) => Ok(Ticket { answer }),
            // A write may have failed since the question above.
            Err(_) if self.is_poisoned() => Err(read_only()),
            Err(_) => Err(shutting_down()),
        }
    }

    /// Waits until everything that was queued before is durable and applied, or refused.
    ///
    /// # Errors
    /// [`Reason::ShuttingDown`], also when the store failed meanwhile.
    pub async fn settled(&self) -> Result<(), Refusal> {
        let (done, settled) = oneshot::channel();
        let sent = self.jobs.send(Message::Settle(done)).await;
        sent.map_err(|_| shutting_down())?;
        settled.await.map_err(|_| shutting_down())
    }

    /// Lets the writer finish what is queued and end. Later drafts are refused.
    pub async fn close(&self) {
        // A writer that has ended is closed.
        let _ = self.jobs.send(Message::Close).await;
    }

    /// The board as it is now: everything in it is durable. Hold it briefly; the writer waits for it.
    pub fn board(&self) -> RwLockReadGuard<'_, Board> {
        self.shared
            .board
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The ring of published revisions.
    pub fn hub(&self) -> &Hub<Published> {
        &self.shared.hub
    }

    /// The durable log.
    pub fn log(&self) -> &Arc<dyn LogReader> {
        &self.shared.log
    }

    /// The clock that the writer stamps entries with.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Submissions judged and not yet durable.
    pub fn durable_lag(&self) -> u64 {
        self.shared.lag.load(Ordering::Relaxed)
    }

    /// Revision of the newest checkpoint; 0 = none.
    pub fn checkpoint_revision(&self) -> Revision {
        self.shared.checkpoint_revision.load(Ordering::Relaxed)
    }

    /// Begins to walk the log on the disk, again and again, slowly. The answer ends it when dropped.
    pub fn scrub(&self) -> Scrub {
        let shared = &self.shared;
        let log = Arc::clone(&shared.log);
        Scrub::start(log, shared.clock.clone(), shared.scrubbed.clone())
    }

    /// What walking the log has found.
    pub fn scrubbed(&self) -> Scrubbed {
        self.shared.scrubbed.get()
    }

    /// Drafts that wait for the writer.
    pub fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// What the writer has done since the start.
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// True after a write failed: nothing is accepted any more.
    pub fn is_poisoned(&self) -> bool {
        self.shared.poisoned.load(Ordering::Acquire)
    }

    /// Waits until a write fails.
    pub async fn poisoned(&self) {
        let mut poison = self.shared.poison.subscribe();
        // The sender lives as long as the shared state that this handle holds.
        let _ = poison.wait_for(|poisoned| *poisoned).await;
    }
}

/// An answer to come.
pub struct Ticket {
    answer: oneshot::Receiver<Answer>,
}

impl Ticket {
    /// Waits for the answer.
    ///
    /// # Errors
    /// As [`Commit::submit`].
    pub async fn answer(self) -> Result<Accepted, Refusal> {
        self.answer.await.unwrap_or_else(|_| Err(shutting_down()))
    }
}

fn read_only() -> Refusal {
    Refusal::new(
        Reason::ReadOnly,
        "",
        "the store failed to write and takes no more: retry with the same request_id once the daemon is back",
    )
}

fn outcome_unknown(problem: &str) -> Refusal {
    Refusal::new(
        Reason::OutcomeUnknown,
        "",
        format!(
            "the write failed midway and may or may not be there after a restart: retry with the same request_id ({problem})"
        ),
    )
}

/// What is told to whoever comes when the daemon ends.
pub(crate) fn shutting_down() -> Refusal {
    Refusal::new(
        Reason::ShuttingDown,
        "",
        "the daemon is shutting down: retry with the same request_id once it is back",
    )
}

fn projections() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(MAX_PROJECTIONS))
}
