//! The writer's thread.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc;
use tracing::{error, info, warn};

use super::{Accepted, Asked, Job, Message, Published, Shared, read_only, shutting_down};
use crate::board::answer::SubmitOutcome;
use crate::board::judge::{Decision, Judged, Pending, judge};
use crate::board::{Board, Want};
use crate::limits::MAX_COMMIT_ENTRIES;
use crate::log::{AppendError, Log};
use crate::model::{Entry, Reason, Refusal, Revision, Timestamp};

/// Owns the log; nobody else appends in this process.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) log: Box<dyn Log>,
    /// Time never goes back within a log.
    pub(super) newest: Timestamp,
    /// Bytes of log replayed at the start, which no checkpoint holds yet.
    pub(super) replayed_bytes: u64,
    /// Bytes of log when the newest checkpoint was written, and its size.
    pub(super) checkpointed_bytes: u64,
    pub(super) checkpoint_size: u64,
    /// Bytes of log that make a checkpoint worth writing.
    pub(super) checkpoint_log_bytes_min: u64,
}

/// A draft that was judged, with what it is to be answered.
struct Waiting {
    job: Job,
    judged: Result<Judged, Refusal>,
    /// Of the appended entry.
    revision: Revision,
}

impl Writer {
    /// Commits until it is told to close or all handles are gone.
    pub(super) fn run(mut self, mut jobs: mpsc::Receiver<Message>) {
        let mut batch = Vec::with_capacity(MAX_COMMIT_ENTRIES);
        let mut closing = false;
        // A long replay is worth a checkpoint at once.
        self.checkpoint_if_due();
        while !closing && jobs.blocking_recv_many(&mut batch, MAX_COMMIT_ENTRIES) > 0 {
            let mut drafts = Vec::with_capacity(batch.len());
            let mut settling = Vec::new();
            for message in batch.drain(..) {
                match message {
                    Message::Job(job) if !closing => drafts.push(job),
                    Message::Job(job) => job.refuse(shutting_down()),
                    Message::Settle(done) => settling.push(done),
                    Message::Close => closing = true,
                }
            }
            self.commit(drafts);
            if self.shared.poisoned.load(Ordering::Acquire) {
                refuse_all(&mut jobs);
                // sled's own drop would write and sync again.
                std::mem::forget(self.log);
                return;
            }
            for done in settling {
                // The caller may have gone.
                let _ = done.send(());
            }
            self.checkpoint_if_due();
        }
        info!(revision = self.log.head().revision, "log closed");
    }

    fn commit(&mut self, jobs: Vec<Job>) {
        let mut jobs = jobs;
        loop {
            let (entries, waiting) = self.judge(jobs);
            if entries.is_empty() {
                return answer_all(waiting, |_| (None, None));
            }
            let expected = entries[0].revision - 1;
            self.shared
                .lag
                .store(entries.len() as u64, Ordering::Relaxed);
            let appended = self.log.append(expected, &entries);
            self.shared.lag.store(0, Ordering::Relaxed);
            match appended {
                Ok(_) => return self.publish(&entries, waiting),
                Err(AppendError::Conflict(head)) => {
                    info!(
                        head = head.revision,
                        "another writer appended; judging again"
                    );
                    if let Err(message) = self.follow() {
                        return self.poison(waiting, &message);
                    }
                    jobs = waiting.into_iter().map(|waiting| waiting.job).collect();
                }
                Err(failed) => return self.poison(waiting, &failed.to_string()),
            }
        }
    }

    /// Judges drafts in order, each seeing those before it.
    fn judge(&mut self, jobs: Vec<Job>) -> (Vec<Entry>, Vec<Waiting>) {
        let board = self
            .shared
            .board
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut pending = Pending::default();
        let mut entries: Vec<Entry> = Vec::with_capacity(jobs.len());
        let mut waiting = Vec::with_capacity(jobs.len());
        self.newest = self.newest.max(self.shared.clock.now());
        for job in jobs {
            let mut judged = judge(&board, &pending, &job.draft, self.newest.date());
            let mut revision = 0;
            if let Ok(Judged {
                decision: Decision::Append(body),
                ..
            }) = &mut judged
            {
                revision = board.revision() + 1 + entries.len() as Revision;
                let entry = Entry {
                    revision,
                    received: self.newest,
                    author: job.draft.author.clone(),
                    request: job.draft.request,
                    body: body.clone(),
                };
                pending.absorb(&board, &entry);
                entries.push(entry);
            }
            waiting.push(Waiting {
                job,
                judged,
                revision,
            });
        }
        (entries, waiting)
    }

    /// After the entries are durable: apply, publish, answer.
    fn publish(&mut self, entries: &[Entry], waiting: Vec<Waiting>) {
        let mut asked = waiting
            .iter()
            .filter(|waiting| waiting.revision > 0)
            .map(|waiting| waiting.job.asked);
        let mut outcomes = Vec::with_capacity(entries.len());
        {
            let mut board = self
                .shared
                .board
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            let mut published = Vec::with_capacity(entries.len());
            for entry in entries {
                let asked = asked.next().unwrap_or(Asked::Nothing);
                let want = match asked {
                    Asked::Outcome(basis) => Want::Outcome(basis),
                    Asked::Nothing | Asked::Rank => Want::Changes,
                };
                let mut change = board.apply(entry, want);
                let rank = match asked {
                    Asked::Rank => board.rank_of_result(entry.revision),
                    _ => None,
                };
                outcomes.push((rank, change.outcome.take()));
                published.push(Published::new(change));
            }
            // Whoever reads the board at a revision finds that revision in the ring.
            self.shared.hub.push(published);
        }
        self.shared.hub.notify();
        let first = entries[0].revision;
        answer_all(waiting, |revision| {
            let index = (revision - first) as usize;
            std::mem::take(&mut outcomes[index])
        });
    }

    /// Applies and publishes what another writer appended.
    fn follow(&mut self) -> Result<(), String> {
        let from = self.read_board(Board::revision) + 1;
        let reader = self.log.reader();
        let mut entries = Vec::new();
        for chunk in reader.chunks(from) {
            let chunk = chunk.map_err(|error| error.to_string())?;
            let chunk = chunk.decode().map_err(|error| error.to_string())?;
            entries.extend(chunk.into_iter().filter(|entry| entry.revision >= from));
        }
        if let Some(last) = entries.last() {
            self.newest = self.newest.max(last.received);
            self.publish(&entries, Vec::new());
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

    fn poison(&mut self, waiting: Vec<Waiting>, message: &str) {
        error!(%message, "the store failed to write; no more submissions are taken");
        self.shared.poisoned.store(true, Ordering::Release);
        self.shared.poison.send_replace(true);
        for waiting in waiting {
            let refusal = Refusal::new(
                Reason::OutcomeUnknown,
                "",
                format!(
                    "the write failed midway and may or may not be there after a restart: retry with the same request_id ({message})"
                ),
            );
            // The caller may have gone.
            let _ = waiting.job.reply.send(Err(refusal));
        }
    }

    fn checkpoint_if_due(&mut self) {
        let bytes = self.replayed_bytes + self.shared.log.bytes_appended();
        let due = self.checkpoint_log_bytes_min.max(self.checkpoint_size / 2);
        if self.shared.checkpoints.is_none() || bytes - self.checkpointed_bytes < due {
            return;
        }
        self.checkpointed_bytes = bytes;
        match self.shared.checkpoint() {
            Ok((revision, size)) => {
                self.checkpoint_size = size;
                info!(revision, bytes = size, "checkpoint written");
            }
            Err(message) => warn!(%message, "no checkpoint written; the next start takes longer"),
        }
    }
}

fn answer_all(
    waiting: Vec<Waiting>,
    mut outcome: impl FnMut(Revision) -> (Option<u32>, Option<Box<SubmitOutcome>>),
) {
    for waiting in waiting {
        let answer = waiting.judged.map(|judged| {
            let (revision, replayed, unchanged) = match judged.decision {
                Decision::Append(_) => (waiting.revision, false, false),
                Decision::Replayed(revision) => (revision, true, false),
                Decision::Unchanged(revision) => (revision, false, true),
            };
            let (rank, outcome) = if waiting.revision > 0 {
                outcome(waiting.revision)
            } else {
                (None, None)
            };
            Accepted {
                revision,
                replayed,
                unchanged,
                warnings: judged.warnings,
                creates_model: judged.creates_model,
                rank,
                outcome,
            }
        });
        // The caller may have gone; what it submitted stays.
        let _ = waiting.job.reply.send(answer);
    }
}

fn refuse_all(jobs: &mut mpsc::Receiver<Message>) {
    jobs.close();
    while let Some(message) = jobs.blocking_recv() {
        if let Message::Job(job) = message {
            job.refuse(read_only());
        }
    }
}
