//! Windows: the rows of a view that other rows can change, computed whole.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::snapshot::{Snapshot, encoded_full};
use super::spec::Spec;
use crate::board::answer::{Listing, ModelInfo, Standing};
use crate::board::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use crate::board::{Board, Overall};
use crate::clock::Stopwatch;
use crate::commit::Commit;
use crate::limits::{WATCH_ROWS_MAX, WINDOW_INLINE_ROWS};
use crate::model::{Reason, Refusal, Revision};

/// A computation this short is not paced.
const UNPACED: Duration = Duration::from_millis(1);
/// A longer one is followed by a rest of this many times its length: the writer gets the board most of the time.
const REST: u32 = 4;

/// What a view shows at one revision.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) revision: Revision,
    pub(super) boards: Arc<BTreeMap<BoardName, Shown>>,
}

/// One board of a window.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) rows: Vec<Arc<Standing>>,
    /// Computed boards: who leads the whole board.
    pub(super) leader: Option<Arc<ModelInfo>>,
}

/// The newest window of a view, and when the next one may be computed.
#[derive(Default)]
pub(super) struct Pace {
    newest: Option<Arc<Window>>,
    rest: Option<(Stopwatch, Duration)>,
}

impl Pace {
    /// The newest window, if it is of a revision or a later one.
    pub(super) fn ready(&self, revision: Revision) -> Option<Arc<Window>> {
        let newest = self.newest.as_ref();
        newest.filter(|window| window.revision >= revision).cloned()
    }

    /// A window at or after a revision that the board has reached.
    ///
    /// # Errors
    /// An order or basis that a board does not have, or too many rows.
    pub(super) async fn at_least(
        &mut self,
        commit: &Commit,
        spec: &Spec,
        revision: Revision,
    ) -> Result<Arc<Window>, Refusal> {
        if let Some(newest) = self.ready(revision) {
            return Ok(newest);
        }
        if let Some((since, rest)) = self.rest.take() {
            tokio::time::sleep(rest.saturating_sub(since.elapsed())).await;
        }
        let stopwatch = Stopwatch::start();
        let window = Arc::new(Window::live(commit, spec).await?);
        let took = stopwatch.elapsed();
        self.rest = (took > UNPACED).then(|| (Stopwatch::start(), took * REST));
        self.newest = Some(Arc::clone(&window));
        Ok(window)
    }
}

impl Window {
    /// The window of now.
    async fn live(commit: &Commit, spec: &Spec) -> Result<Self, Refusal> {
        if is_small(&commit.board(), spec) {
            return Self::of_live(commit, spec);
        }
        let (commit, spec) = (commit.clone(), spec.clone());
        tokio::task::spawn_blocking(move || Self::of_live(&commit, &spec))
            .await
            .map_err(|_| given_up())?
    }

    fn of_live(commit: &Commit, spec: &Spec) -> Result<Self, Refusal> {
        let board = commit.board();
        let overall = |name: &BoardName| commit.overall(&board, name, spec.basis);
        Self::compute(&board, spec, overall)
    }

    /// The window of a past board.
    ///
    /// # Errors
    /// As for the live one.
    pub(super) async fn of_past(board: Arc<Board>, spec: Spec) -> Result<Self, Refusal> {
        let compute = move || {
            let overall = |name: &BoardName| board.overall(name, spec.basis).map(Arc::new);
            Self::compute(&board, &spec, overall)
        };
        tokio::task::spawn_blocking(compute)
            .await
            .map_err(|_| given_up())?
    }

    /// Boards that do not exist, yet or any more, have no rows.
    fn compute(
        board: &Board,
        spec: &Spec,
        overall: impl Fn(&BoardName) -> Result<Arc<Overall>, Refusal>,
    ) -> Result<Self, Refusal> {
        let mut boards = BTreeMap::new();
        for name in spec.boards_of(board) {
            let shown = match Shown::compute(board, spec, &name, &overall) {
                Err(gone) if is_unknown(gone.reason) => Shown::default(),
                shown => shown?,
            };
            boards.insert(name, shown);
        }
        Ok(Self {
            revision: board.revision(),
            boards: Arc::new(boards),
        })
    }

    /// The same rows at a later revision, up to which nothing concerned the view.
    pub(super) fn unchanged(&self, revision: Revision) -> Self {
        Self {
            revision,
            boards: Arc::clone(&self.boards),
        }
    }

    /// Everything, for whoever holds nothing.
    pub(super) fn snapshot(&self, store_id: &str) -> Snapshot {
        let boards = self.boards.iter().map(|(name, shown)| {
            let rows = shown.rows.iter();
            let rows = rows.map(|row| encoded_full(row));
            (name.to_string(), rows)
        });
        Snapshot::encode(store_id, self.revision, boards)
    }
}

impl Shown {
    fn compute(
        board: &Board,
        spec: &Spec,
        name: &BoardName,
        overall: &impl Fn(&BoardName) -> Result<Arc<Overall>, Refusal>,
    ) -> Result<Self, Refusal> {
        let query = spec.listing(name.clone());
        if !name.is_computed() {
            let listing = board.listing_of(&query, &spec.models)?;
            return Ok(Self {
                rows: bounded(listing, name, spec)?,
                leader: None,
            });
        }
        let overall = overall(name)?;
        let listing = overall.listing_of(board.revision(), &query, &spec.models)?;
        let first = ListingQuery {
            order: Order::Score,
            detail: Detail::Intrinsic,
            rows: RowFilter::default(),
            limit: 1,
            ..query
        };
        let leader = overall.listing(board.revision(), &first)?.rows.into_iter();
        Ok(Self {
            rows: bounded(listing, name, spec)?,
            leader: leader.map(|row| Arc::clone(&row.model)).next(),
        })
    }
}

fn bounded(listing: Listing, name: &BoardName, spec: &Spec) -> Result<Vec<Arc<Standing>>, Refusal> {
    if listing.rows.len() > WATCH_ROWS_MAX && !spec.events_only {
        return Err(Refusal::new(
            Reason::OutOfRange,
            "top",
            format!(
                "top is not set and board `{name}` has more than `{WATCH_ROWS_MAX}` rows, the most of a view whose rows depend on each other: set top, or watch benchmarks alone with `DETAIL_INTRINSIC` and without best_variant_only"
            ),
        ));
    }
    let rows = listing.rows.into_iter();
    Ok(rows.take(WATCH_ROWS_MAX).map(Arc::new).collect())
}

fn is_unknown(reason: Reason) -> bool {
    matches!(reason, Reason::UnknownBoard | Reason::UnknownBenchmark)
}

/// Whether computing takes less than handing the work to another thread.
fn is_small(board: &Board, spec: &Spec) -> bool {
    let views = spec.views(board);
    let rows: usize = views.iter().map(|(_, view)| view.board().len()).sum();
    !spec.has_computed() && rows <= WINDOW_INLINE_ROWS
}

pub(super) fn given_up() -> Refusal {
    Refusal::new(
        Reason::ShuttingDown,
        "",
        "the computation was given up: retry",
    )
}
