//! Reading: the live board, boards of the past, previews, checkpoints.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

use super::{Accepted, Asked, Commit, Shared};
use crate::board::judge::{Decision, Pending, judge};
use crate::board::query::{AsOf, BoardName, Selection};
use crate::board::{Board, Overall, Want, in_turn};
use crate::limits::{CHECKPOINTS_KEPT, MAX_PINNED_LISTINGS};
use crate::log::ReadError;
use crate::log::checkpoint::{self, Kind, Pace};
use crate::model::{BenchmarkId, Change, CostBasis, Draft, Entry, Reason, Refusal, Revision};

/// Boards of the past kept for the next question.
const PROJECTIONS_KEPT: usize = 4;

/// A board of the past, with what it was asked for.
pub(super) struct Projection {
    as_of: AsOf,
    only: Option<BenchmarkId>,
    board: Arc<Board>,
}

impl Commit {
    /// Reads a board: the live one, or one of the past, computed on a blocking thread.
    ///
    /// # Errors
    /// What `read` refuses; a revision beyond head; too many computations at once.
    pub async fn read<T>(
        &self,
        as_of: &AsOf,
        only: Option<&BenchmarkId>,
        read: impl FnOnce(&Board) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        {
            let board = self.board();
            let live = as_of
                .revision
                .is_none_or(|revision| revision == board.revision());
            if live && as_of.selection == Selection::default() {
                return read(&board);
            }
        }
        let board = self.project(as_of.clone(), only.cloned()).await?;
        read(&board)
    }

    /// The board as a revision knew it, or with another selection of results.
    ///
    /// # Errors
    /// A revision beyond head; too many computations at once; a log that cannot be read.
    pub async fn project(
        &self,
        as_of: AsOf,
        only: Option<BenchmarkId>,
    ) -> Result<Arc<Board>, Refusal> {
        let head = self.board().revision();
        let revision = as_of.revision.unwrap_or(head);
        if revision > head {
            return Err(Refusal::new(
                Reason::RevisionInFuture,
                "as_of.revision",
                format!("revision `{revision}` is beyond head `{head}`: ask for one up to head"),
            ));
        }
        let pinned = AsOf {
            revision: Some(revision),
            ..as_of
        };
        if let Some(board) = self.shared.kept(&pinned, only.as_ref()) {
            return Ok(board);
        }
        let shared = Arc::clone(&self.shared);
        let permit = Arc::clone(&self.shared.projecting).try_acquire_owned();
        let permit = permit.map_err(|_| {
            Refusal::new(
                Reason::TooMany,
                "",
                "two boards of the past are being computed, the most at once: retry in a second",
            )
        })?;
        compute(permit, move || shared.compute_projection(pinned, only))
            .await?
            .map_err(|error| {
                Refusal::new(
                    Reason::ReadOnly,
                    "",
                    format!("the log cannot be read: {error}"),
                )
            })
    }

    /// What would happen to a draft; nothing is written. Callers take turns, two at once.
    ///
    /// # Errors
    /// The refusal the draft would get.
    pub async fn preview(&self, draft: Draft, asked: Asked) -> Result<Accepted, Refusal> {
        let shared = Arc::clone(&self.shared);
        let permit = Arc::clone(&self.shared.previewing).acquire_owned().await;
        let permit = permit.map_err(|_| super::shutting_down())?;
        compute(permit, move || shared.preview(&draft, asked)).await?
    }

    /// A computed board, kept for as long as the revision lasts.
    ///
    /// # Errors
    /// An unknown suite, or a basis it does not have.
    pub fn overall(
        &self,
        board: &Board,
        name: &BoardName,
        basis: Option<CostBasis>,
    ) -> Result<Arc<Overall>, Refusal> {
        let revision = board.revision();
        let mut kept = self
            .shared
            .overalls
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| *of == revision);
        let found = kept.iter().find(|(_, overall)| overall.is(name, basis));
        if let Some((_, overall)) = found {
            return Ok(Arc::clone(overall));
        }
        let overall = Arc::new(board.overall(name, basis)?);
        if kept.len() < MAX_PINNED_LISTINGS {
            kept.push((revision, Arc::clone(&overall)));
        }
        Ok(overall)
    }

    /// The entries at some revisions, for the texts that the board does not keep.
    ///
    /// # Errors
    /// A log that cannot be read.
    pub async fn entries(&self, revisions: Vec<Revision>) -> Result<Vec<Entry>, Refusal> {
        let log = Arc::clone(&self.shared.log);
        let read = move || -> Result<Vec<Entry>, ReadError> {
            let entries = revisions.into_iter().map(|revision| {
                log.entry(revision)?
                    .ok_or(ReadError::Missing { first: revision })
            });
            entries.collect()
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| Refusal::new(Reason::ShuttingDown, "", "the read was given up: retry"))?
            .map_err(|error| {
                Refusal::new(
                    Reason::ReadOnly,
                    "",
                    format!("the log cannot be read: {error}"),
                )
            })
    }

    /// Writes a checkpoint now. Answers its revision and size in bytes.
    ///
    /// # Errors
    /// Why none could be written.
    pub async fn checkpoint(&self) -> Result<(Revision, u64), String> {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.checkpoint(Pace::AtOnce))
            .await
            .map_err(|error| error.to_string())?
    }

    /// Brings prices into force whose day has come. Answers how many.
    ///
    /// # Errors
    /// When the store takes no more.
    pub async fn bring_prices_into_force(&self) -> Result<usize, Refusal> {
        let today = self.clock().today();
        let due: Vec<Change> = self
            .board()
            .catalog()
            .due_prices(today)
            .into_iter()
            .map(|price| Change::PriceDue {
                model: price.model.clone(),
                provider: price.provider.clone(),
                effective: price.effective,
            })
            .collect();
        let count = due.len();
        for change in due {
            let draft = Draft {
                author: "frontierd".into(),
                request: None,
                change,
            };
            self.submit(draft, Asked::Nothing).await?;
        }
        Ok(count)
    }
}

/// Runs a computation that takes a core for a while. It keeps its permit to the end, whoever stops waiting for it.
async fn compute<T: Send + 'static>(
    permit: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    let work = move || {
        let done = work();
        drop(permit);
        done
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        Refusal::new(
            Reason::ShuttingDown,
            "",
            "the computation was given up: retry",
        )
    })
}

impl Shared {
    fn kept(&self, as_of: &AsOf, only: Option<&BenchmarkId>) -> Option<Arc<Board>> {
        let kept = self
            .projections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|kept| {
                kept.as_of == *as_of && (kept.only.is_none() || kept.only.as_ref() == only)
            })
            .map(|kept| Arc::clone(&kept.board))
    }

    fn compute_projection(
        &self,
        as_of: AsOf,
        only: Option<BenchmarkId>,
    ) -> Result<Arc<Board>, ReadError> {
        let revision = as_of.revision.unwrap_or_default();
        let live = self.board.read().unwrap_or_else(PoisonError::into_inner);
        let board = if live.revision() == revision {
            let facts = live.clone();
            drop(live);
            facts.project(as_of.selection.clone(), only.clone())
        } else {
            drop(live);
            let selecting = Board::selecting(as_of.selection.clone(), only.clone());
            let mut board = selecting.deferred();
            for chunk in self.log.chunks(1) {
                let chunk = chunk?;
                if chunk.first > revision {
                    break;
                }
                for entry in chunk.decode()?.iter().filter(|e| e.revision <= revision) {
                    board.apply(entry, Want::State);
                }
            }
            board.derive(&in_turn);
            board
        };
        let board = Arc::new(board);
        let mut kept = self
            .projections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.truncate(PROJECTIONS_KEPT - 1);
        kept.insert(
            0,
            Projection {
                as_of,
                only,
                board: Arc::clone(&board),
            },
        );
        Ok(board)
    }

    fn preview(&self, draft: &Draft, asked: Asked) -> Result<Accepted, Refusal> {
        let mut board = self
            .board
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let now = self.clock.now();
        let judged = judge(&board, &Pending::default(), draft, now.date())?;
        let mut accepted = Accepted {
            revision: board.revision() + 1,
            replayed: false,
            unchanged: false,
            warnings: judged.warnings,
            creates_model: judged.creates_model,
            rank: None,
            outcome: None,
        };
        match judged.decision {
            Decision::Replayed(revision) => {
                accepted.revision = revision;
                accepted.replayed = true;
            }
            Decision::Unchanged(revision) => {
                accepted.revision = revision;
                accepted.unchanged = true;
            }
            Decision::Append(body) => {
                let entry = Entry {
                    revision: accepted.revision,
                    received: now,
                    author: draft.author.clone(),
                    request: None,
                    body,
                };
                let want = match asked {
                    Asked::Outcome(basis) => Want::Outcome(basis),
                    Asked::Nothing | Asked::Rank => Want::State,
                };
                let change = board.apply(&entry, want);
                accepted.outcome = change.outcome;
                accepted.rank = board.rank_of_result(entry.revision);
            }
        }
        Ok(accepted)
    }

    /// Writes a checkpoint of the board as it is, unless there is one of this revision.
    pub(super) fn checkpoint(&self, pace: Pace<'_>) -> Result<(Revision, u64), String> {
        let Some(dir) = &self.checkpoints else {
            return Err("this daemon keeps no checkpoints".to_owned());
        };
        let _one_at_a_time = self
            .checkpointing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let log_bytes = self.checkpoint_due.bytes(self.log.bytes_appended());
        let ring_bytes = self.ring_due.bytes(self.log.bytes_appended());
        // Both are taken at once and written without holding the board. The ring is written first, since a start needs
        // it up to the state's revision at least.
        let (unwritten, state) = self.ring_taken(Board::stored)?;
        let header = self.header(unwritten.head());
        self.write_ring(dir, unwritten, pace)?;
        self.ring_due.written(ring_bytes, 0);
        let revision = state.revision();
        let written = checkpoint::write(dir, Kind::State, &header, &state, pace);
        let (_, bytes) = written.map_err(|error| error.to_string())?;
        self.checkpoint_revision.store(revision, Ordering::Relaxed);
        self.checkpoint_due.written(log_bytes, bytes);
        self.counts.checkpoint_written(self.clock.now());
        checkpoint::prune(dir, Kind::State, |place, _| place < CHECKPOINTS_KEPT)
            .map_err(|error| error.to_string())?;
        Ok((revision, bytes))
    }

    /// Writes what was published since the last file of the ring.
    pub(super) fn keep_ring(&self, pace: Pace<'_>) -> Result<(), String> {
        let Some(dir) = &self.checkpoints else {
            return Ok(());
        };
        let _one_at_a_time = self
            .checkpointing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bytes = self.ring_due.bytes(self.log.bytes_appended());
        let (unwritten, ()) = self.ring_taken(|_| ())?;
        self.write_ring(dir, unwritten, pace)?;
        self.ring_due.written(bytes, 0);
        Ok(())
    }
}
