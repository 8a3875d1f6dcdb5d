//! What should be shown: every revision of the board, replayed, and the naive answer of each.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use frontierd::api::convert::{self, WatchAsk};
use frontierd::board::answer::Standing;
use frontierd::board::change::{Change, EventKind};
use frontierd::board::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use frontierd::board::{Board, Want};
use frontierd::model::{CostBasis, Entry};
use frontierd::proto::v1;

/// Rows by board and model.
pub(crate) type Rows = BTreeMap<String, BTreeMap<String, v1::Standing>>;

/// Boards and changes by revision.
pub(crate) struct Oracle {
    /// Some revisions; those between are replayed from the one before.
    boards: BTreeMap<u64, Board>,
    newest: Board,
    entries: Vec<Entry>,
    /// One for each entry.
    changes: Vec<Change>,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        Self {
            boards: BTreeMap::from([(0, Board::new())]),
            newest: Board::new(),
            entries: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn head(&self) -> u64 {
        self.newest.revision()
    }

    pub(crate) fn apply(&mut self, entry: &Entry) {
        self.changes.push(self.newest.apply(entry, Want::Changes));
        self.entries.push(entry.clone());
    }

    /// Keeps the board of now at hand.
    pub(crate) fn keep(&mut self) {
        self.boards.insert(self.head(), self.newest.clone());
    }

    fn board(&self, revision: u64) -> Cow<'_, Board> {
        let (kept, board) = self
            .boards
            .range(..=revision)
            .next_back()
            .expect("the empty board");
        let mut board = Cow::Borrowed(board);
        for entry in &self.entries[*kept as usize..revision as usize] {
            board.to_mut().apply(entry, Want::State);
        }
        board
    }

    /// Whether any definition of a board with rows changed.
    pub(crate) fn has_reset(&self) -> bool {
        let changes = self.changes.iter();
        changes
            .flat_map(|change| &change.boards)
            .any(|board| board.reset)
    }

    /// Ids that the models of a watch stand for at its start.
    pub(crate) fn models(&self, ask: &WatchAsk, revision: u64) -> BTreeSet<String> {
        let board = self.board(revision);
        let key = |name: &std::sync::Arc<str>| board.catalog().resolve(name);
        let keys = ask.models.iter().filter_map(key);
        keys.map(|key| board.catalog().info(key).id.to_string())
            .collect()
    }

    /// The rows of a watch at a revision: what a listing with the same detail and filters answers.
    pub(crate) fn rows(&self, ask: &WatchAsk, models: &BTreeSet<String>, revision: u64) -> Rows {
        let board = self.board(revision);
        let mut boards = ask.boards.clone();
        if boards.is_empty() {
            let all = board.catalog().benchmarks_by_id();
            boards = all
                .map(|(id, _)| BoardName::Benchmark(id.clone()))
                .collect();
        }
        let named = |row: &Standing| models.is_empty() || models.contains(row.model.id.as_str());
        boards
            .into_iter()
            .map(|name| {
                let query = ListingQuery {
                    board: name.clone(),
                    order: ask.top.map_or(Order::Score, |_| ask.order),
                    basis: ask.basis,
                    detail: ask.detail,
                    rows: ask.rows.clone(),
                    min_score: None,
                    min_coverage: None,
                    offset: 0,
                    limit: usize::MAX / 2,
                };
                let listed = board
                    .listing(&query)
                    .map_or_else(|_| Vec::new(), |l| l.rows);
                let shown = listed
                    .into_iter()
                    .filter(named)
                    .take(ask.top.map_or(usize::MAX, |top| top as usize))
                    .map(|row| (row.model.id.to_string(), convert::standing(row)));
                (name.to_string(), shown.collect())
            })
            .filter(|(_, rows): &(_, BTreeMap<_, _>)| !rows.is_empty() && !ask.events_only)
            .collect()
    }

    /// How many events of the entries in (from, to] a watch of everything on a board counts.
    pub(crate) fn event_count(
        &self,
        board: &str,
        basis: Option<CostBasis>,
        from: u64,
        to: u64,
    ) -> usize {
        let mut count = 0;
        for change in &self.changes[from as usize..to as usize] {
            for change in change
                .boards
                .iter()
                .filter(|b| b.benchmark.as_str() == board)
            {
                let basis = basis.unwrap_or(change.default_basis);
                let ours = |kind: &EventKind| match kind {
                    EventKind::FrontierEntered(of)
                    | EventKind::FrontierLeft(of)
                    | EventKind::Verdict(of, _) => *of == basis,
                    _ => true,
                };
                count += change
                    .events
                    .iter()
                    .filter(|event| ours(&event.kind))
                    .count();
                let overtakings = change.overtakings.iter();
                count += overtakings.map(|o| o.count as usize).sum::<usize>();
            }
        }
        count
    }

    /// Who became a cheaper alternative to a watched model in (from, to]: (revision, model, other).
    pub(crate) fn cheaper(
        &self,
        ask: &WatchAsk,
        models: &BTreeSet<String>,
        board: &str,
        (from, to): (u64, u64),
    ) -> BTreeSet<(u64, String, String)> {
        let mut found = BTreeSet::new();
        if models.is_empty() {
            return found;
        }
        for revision in from + 1..=to {
            let change = &self.changes[revision as usize - 1];
            for change in change
                .boards
                .iter()
                .filter(|b| b.benchmark.as_str() == board)
            {
                let basis = ask.basis.unwrap_or(change.default_basis);
                let higher = change.higher_is_better;
                let before = self.intrinsic(board, revision - 1);
                let after = self.intrinsic(board, revision);
                let changed: BTreeSet<&str> = change
                    .rows
                    .iter()
                    .filter_map(|row| row.model())
                    .map(|info| info.id.as_str())
                    .collect();
                for model in models {
                    for other in changed.iter().filter(|other| **other != model.as_str()) {
                        let buys = |rows: &BTreeMap<String, Standing>| {
                            let pair = rows.get(*other).zip(rows.get(model));
                            pair.is_some_and(|(a, b)| better_buy(a, b, basis, higher))
                        };
                        let selected = |id: &str| {
                            after
                                .get(id)
                                .is_some_and(|row| ask.rows.matches(&row.model))
                        };
                        if buys(&after) && !buys(&before) && (selected(model) || selected(other)) {
                            found.insert((revision, model.clone(), (*other).to_owned()));
                        }
                    }
                }
            }
        }
        found
    }

    fn intrinsic(&self, board: &str, revision: u64) -> BTreeMap<String, Standing> {
        let query = ListingQuery {
            board: BoardName::parse(board, "board").expect("a name"),
            order: Order::Score,
            basis: None,
            detail: Detail::Intrinsic,
            rows: RowFilter::default(),
            min_score: None,
            min_coverage: None,
            offset: 0,
            limit: usize::MAX / 2,
        };
        let listing = self.board(revision).listing(&query);
        let rows = listing.map_or_else(|_| Vec::new(), |listing| listing.rows);
        rows.into_iter()
            .map(|row| (row.model.id.to_string(), row))
            .collect()
    }
}

/// Costs less at a score that is as good or not separated.
fn better_buy(a: &Standing, b: &Standing, basis: CostBasis, higher: bool) -> bool {
    let cost = |row: &Standing| {
        let cost = row.costs.iter().find(|cost| cost.basis == basis)?;
        Some(cost.cost.central)
    };
    let as_good = if higher {
        a.score >= b.score
    } else {
        a.score <= b.score
    };
    let overlap = a
        .interval
        .zip(b.interval)
        .is_some_and(|(a, b)| a.low <= b.high && b.low <= a.high);
    cost(a).zip(cost(b)).is_some_and(|(a, b)| a < b) && (as_good || overlap)
}
