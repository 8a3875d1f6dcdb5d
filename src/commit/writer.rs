//! The writer's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tracing::{error, info};

use super::appender::Appender;
use super::keeper::Keeper;
use super::reply::{Answer, Answers};
use super::{
    Accepted, Asked, Job, Message, Published, Shared, outcome_unknown, read_only, shutting_down,
};
use crate::board::judge::{Decision, Judged, Pending, judge};
use crate::board::{Board, Want};
use crate::clock::Stopwatch;
use crate::limits::MAX_COMMIT_ENTRIES;
use crate::log::AppendError;
use crate::model::{Body, Entry, Refusal, Revision, Timestamp};

/// Judges, applies and answers; what it judged good goes through the log's thread.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) log: Appender,
    pub(super) answers: Answers,
    /// Time never goes back within a log.
    pub(super) newest: Timestamp,
    pub(super) keeper: Keeper,
    /// When the commit in flight was handed to the log.
    pub(super) begun: Stopwatch,
}

/// What was taken from the queue together.
#[derive(Default)]
struct Gathered {
    jobs: Vec<Job>,
    settling: Vec<oneshot::Sender<()>>,
    /// Nothing comes after it.
    last: bool,
}

/// How to gather.
#[derive(Clone, Copy)]
struct Patience {
    /// Wait for something to come: nothing else is to be done.
    wait: bool,
    /// Let the callers run who are about to come. Those that were answered together come back together, and on a
    /// machine with one core each of them would else make a commit of its own, which costs as much as several
    /// submissions. Returns at once where nobody is about to run.
    company: bool,
}

/// A draft that was judged, with what it is to be answered once the entries before it are applied.
struct Waiting {
    job: Job,
    answer: Answer,
    /// It made an entry of the batch.
    appended: bool,
}

/// Drafts that are answered together.
#[derive(Default)]
struct Batch {
    waiting: Vec<Waiting>,
    settling: Vec<oneshot::Sender<()>>,
}

/// A batch whose entries are on the disk and not yet on the board.
struct Durable {
    entries: Vec<Entry>,
    batch: Batch,
}

/// The log takes no more, and everybody who waited has been told.
struct Poisoned;

impl Writer {
    /// Commits until it is told to close or all handles are gone.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Message>) {
        let worked = catch_unwind(AssertUnwindSafe(|| self.work(&mut jobs)));
        let failed = match worked {
            Ok(Ok(())) => {
                refuse_all(&mut jobs, shutting_down);
                self.log.close();
                info!(revision = self.shared.log.head().revision, "log closed");
                self.keeper.finish(&self.shared);
                return;
            }
            Ok(Err(Poisoned)) => return refuse_all(&mut jobs, read_only),
            Err(_) => "the writer panicked",
        };
        // The board may be half changed; what is in flight is the log's thread's to end.
        self.shared.poison(failed);
        refuse_all(&mut jobs, read_only);
    }

    fn work(&mut self, jobs: &mut mpsc::Receiver<Message>) -> Result<(), Poisoned> {
        let mut in_flight = None;
        let mut gathered = Gathered::default();
        let mut company = false;
        // A long replay is worth a checkpoint at once.
        self.keeper.look(&self.shared);
        loop {
            let durable = match in_flight.take() {
                Some(batch) => self.wait(batch)?,
                None => None,
            };
            if !gathered.last {
                let wait = durable.is_none();
                gathered.more(jobs, Patience { wait, company });
                company = gathered.jobs.len() > 1 || (company && !wait);
            }
            let settling = std::mem::take(&mut gathered.settling);
            let before = durable.as_ref().map_or(&[][..], |durable| &durable.entries);
            let (entries, waiting) = self.judge(gathered.jobs.drain(..), before);
            let next = Batch { waiting, settling };
            let answered_now = if entries.is_empty() {
                Some(next)
            } else {
                self.begin(entries);
                in_flight = Some(next);
                None
            };
            if let Some(Durable { entries, batch }) = durable {
                self.publish(&entries, batch);
            }
            if let Some(batch) = answered_now {
                self.answer(batch);
            }
            if gathered.last && in_flight.is_none() {
                return Ok(());
            }
            self.keeper.look(&self.shared);
        }
    }

    fn begin(&mut self, entries: Vec<Entry>) {
        self.shared
            .lag
            .store(entries.len() as u64, Ordering::Relaxed);
        self.begun = Stopwatch::start();
        self.log.begin(entries);
    }

    /// Waits until the batch in flight is durable; none when nothing is left of it to apply.
    fn wait(&mut self, mut batch: Batch) -> Result<Option<Durable>, Poisoned> {
        loop {
            let appended = self.log.wait();
            self.shared.lag.store(0, Ordering::Relaxed);
            let Some(appended) = appended else {
                return Err(self.fail(batch, "the log's thread panicked"));
            };
            match appended.outcome {
                Ok(_) => {
                    let entries = appended.entries;
                    let took = self.begun.elapsed();
                    self.shared.counts.committed(&entries, took);
                    return Ok(Some(Durable { entries, batch }));
                }
                Err(AppendError::Conflict(head)) => {
                    info!(
                        head = head.revision,
                        "another writer appended; judging again"
                    );
                    if let Err(message) = self.follow() {
                        return Err(self.fail(batch, &message));
                    }
                    let jobs = batch.waiting.into_iter().map(|waiting| waiting.job);
                    let (entries, waiting) = self.judge(jobs, &[]);
                    batch.waiting = waiting;
                    if entries.is_empty() {
                        self.answer(batch);
                        return Ok(None);
                    }
                    self.begin(entries);
                }
                Err(failed) => return Err(self.fail(batch, &failed.to_string())),
            }
        }
    }

    /// Judges drafts in order, each seeing those before it and the entries `before` that are not yet on the board.
    fn judge(
        &mut self,
        jobs: impl ExactSizeIterator<Item = Job>,
        before: &[Entry],
    ) -> (Vec<Entry>, Vec<Waiting>) {
        let mut entries: Vec<Entry> = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::with_capacity(jobs.len());
        if jobs.len() == 0 {
            return (entries, waiting);
        }
        self.newest = self.newest.max(self.shared.clock.now());
        let board = self
            .shared
            .board
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut pending = Pending::default();
        for entry in before {
            pending.absorb(&board, entry);
        }
        let first = board.revision() + 1 + before.len() as Revision;
        for job in jobs {
            let judged = judge(&board, &pending, &job.draft, self.newest.date());
            let mut appended = false;
            let answer = judged.map(|judged| {
                let next = first + entries.len() as Revision;
                let (accepted, body) = accept(judged, next);
                if let Some(body) = body {
                    let entry = Entry {
                        revision: next,
                        received: self.newest,
                        author: job.draft.author.clone(),
                        request: job.draft.request,
                        body,
                    };
                    pending.absorb(&board, &entry);
                    entries.push(entry);
                    appended = true;
                }
                accepted
            });
            self.shared.counts.judged(&answer);
            waiting.push(Waiting {
                job,
                answer,
                appended,
            });
        }
        (entries, waiting)
    }

    /// After entries are durable: apply, publish, answer those whose they are.
    fn publish(&self, entries: &[Entry], mut batch: Batch) {
        let mut asked = batch.waiting.iter_mut().filter(|waiting| waiting.appended);
        {
            let mut board = self
                .shared
                .board
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let mut published = Vec::with_capacity(entries.len());
            for entry in entries {
                let waiting = asked.next();
                let asked = waiting.as_ref().map_or(Asked::Nothing, |it| it.job.asked);
                let want = match asked {
                    Asked::Outcome(basis) => Want::Outcome(basis),
                    Asked::Nothing | Asked::Rank => Want::Changes,
                };
                let mut change = board.apply(entry, want);
                if let Some(Waiting {
                    answer: Ok(accepted),
                    ..
                }) = waiting
                {
                    accepted.outcome = change.outcome.take();
                    if asked == Asked::Rank {
                        accepted.rank = board.rank_of_result(entry.revision);
                    }
                }
                published.push(Published::new(change));
            }
            // Whoever reads the board at a revision finds that revision in the ring.
            self.shared.hub.push(published);
        }
        self.shared.hub.notify();
        self.answer(batch);
    }

    /// Answers a batch: all that it waits for is on the board.
    fn answer(&self, batch: Batch) {
        let answers = batch.waiting.into_iter();
        let answers = answers.map(|waiting| (waiting.job.reply, waiting.answer));
        self.answers.give(answers.collect());
        for done in batch.settling {
            // The caller may have gone.
            let _ = done.send(());
        }
    }

    /// Applies and publishes what another writer appended.
    fn follow(&mut self) -> Result<(), String> {
        let from = self.read_board(Board::revision) + 1;
        let mut entries = Vec::new();
        for chunk in self.shared.log.chunks(from) {
            let chunk = chunk.map_err(|error| error.to_string())?;
            let chunk = chunk.decode().map_err(|error| error.to_string())?;
            entries.extend(chunk.into_iter().filter(|entry| entry.revision >= from));
        }
        if let Some(last) = entries.last() {
            self.newest = self.newest.max(last.received);
            self.publish(&entries, Batch::default());
        }
        Ok(())
    }

    fn read_board<R>(&self, read: impl FnOnce(&Board) -> R) -> R {
        read(
            &self
                .shared
                .board
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// After a failed write nothing more is taken, and whoever waited for it is told. Whoever made no entry and would
    /// have been answered the same without the entries in flight did not wait for it.
    fn fail(&self, batch: Batch, message: &str) -> Poisoned {
        self.shared.poison(message);
        let today = self.newest.date();
        self.read_board(|board| {
            for Waiting {
                job,
                answer,
                appended,
            } in batch.waiting
            {
                let alone = judge(board, &Pending::default(), &job.draft, today);
                let alone = alone.map(|judged| accept(judged, 0).0);
                let answer = if !appended && alone == answer {
                    answer
                } else {
                    Err(outcome_unknown(message))
                };
                job.reply.send(answer);
            }
        });
        Poisoned
    }
}

impl Shared {
    fn poison(&self, message: &str) {
        error!(%message, "the store failed to write; no more submissions are taken");
        self.poisoned.store(true, Ordering::Release);
        self.poison.send_replace(true);
    }
}

impl Gathered {
    /// Takes what waits in the queue, up to a commit's worth. What was gathered before is gone by now; the room for it
    /// stays, because it is large.
    fn more(&mut self, jobs: &mut mpsc::Receiver<Message>, patience: Patience) {
        let mut message = None;
        if patience.wait {
            message = jobs.blocking_recv();
            // All handles are gone.
            self.last = message.is_none();
        }
        if patience.company {
            std::thread::yield_now();
        }
        message = message.or_else(|| jobs.try_recv().ok());
        let mut taken = 0;
        while let Some(taken_now) = message {
            match taken_now {
                Message::Job(job) if !self.last => self.jobs.push(job),
                Message::Job(job) => job.reply.send(Err(shutting_down())),
                Message::Settle(done) => self.settling.push(done),
                Message::Close => self.last = true,
            }
            taken += 1;
            message = if taken < MAX_COMMIT_ENTRIES {
                jobs.try_recv().ok()
            } else {
                None
            };
        }
    }
}

/// What a judged draft is answered, and the body of the entry that it becomes at revision `next`.
fn accept(judged: Judged, next: Revision) -> (Accepted, Option<Body>) {
    let Judged {
        decision,
        warnings,
        creates_model,
    } = judged;
    let mut accepted = Accepted {
        revision: next,
        replayed: false,
        unchanged: false,
        warnings,
        creates_model,
        rank: None,
        outcome: None,
    };
    match decision {
        Decision::Append(body) => return (accepted, Some(body)),
        Decision::Replayed(earlier) => {
            accepted.revision = earlier;
            accepted.replayed = true;
        }
        Decision::Unchanged(since) => {
            accepted.revision = since;
            accepted.unchanged = true;
        }
    }
    (accepted, None)
}

/// Answers whoever still comes. A receiver that is merely dropped can miss a message that is being sent at that moment,
/// whose sender would then wait for ever; receiving to the end waits for it.
fn refuse_all(jobs: &mut mpsc::Receiver<Message>, refusal: fn() -> Refusal) {
    jobs.close();
    while let Some(message) = jobs.blocking_recv() {
        if let Message::Job(job) = message {
            job.reply.send(Err(refusal()));
        }
    }
}
