//! What is shown: the state behind the screen.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use crate::cli::table::printable;
use crate::cli::watch::event::sentences;
use crate::client::{ClientError, Fold, Update};
use crate::proto::v1::{Benchmark, CostBasis, Order, Standing};

/// The board of all benchmarks.
pub(super) const OVERALL: &str = "overall";
/// Lines of the feed that are kept.
const FEED_LINES: usize = 200;
/// Ticks for which a changed row is marked.
const MARKED_TICKS: u8 = 8;

/// What is watched.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct View {
    /// Empty = there is no benchmark yet.
    pub(super) board: String,
    pub(super) order: Order,
    pub(super) basis: CostBasis,
}

impl View {
    /// A mean over benchmarks, which has no value, no trend and no cost of a task.
    pub(super) fn is_mean(&self) -> bool {
        self.board == OVERALL || self.board.starts_with("suite/")
    }
}

/// What is known of a benchmark.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct BoardInfo {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) higher_is_better: bool,
    pub(super) tags: Vec<String>,
}

impl BoardInfo {
    pub(super) fn of(benchmark: &Benchmark) -> Self {
        Self {
            id: benchmark.id.clone(),
            title: printable(benchmark.title()),
            unit: printable(benchmark.unit()),
            higher_is_better: benchmark.higher_is_better.unwrap_or(true),
            tags: benchmark.tags.clone(),
        }
    }
}

/// Whether the daemon is heard.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Link {
    Connecting,
    Live,
    /// Why it broke.
    Lost(String),
}

/// What the keys go to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Mode {
    #[default]
    Table,
    Search,
    /// Choosing a board: what was typed, and which of those that fit.
    Pick {
        text: String,
        at: usize,
    },
    Help,
}

/// How a row changed a moment ago.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    Up,
    Down,
    New,
    Other,
}

/// The state.
#[derive(Debug)]
pub(super) struct App {
    pub(super) view: View,
    /// The view that was last accepted, to go back to.
    accepted: Option<View>,
    pub(super) boards: Vec<BoardInfo>,
    /// In the order of the view.
    pub(super) rows: Vec<Standing>,
    pub(super) revision: Option<i64>,
    pub(super) link: Link,
    /// The newest first.
    pub(super) feed: VecDeque<String>,
    /// Model id.
    pub(super) selected: Option<String>,
    pub(super) search: String,
    pub(super) mode: Mode,
    pub(super) detail: bool,
    pub(super) plot: bool,
    pub(super) notice: String,
    marks: BTreeMap<String, (Change, u8)>,
    /// Rows are of this view.
    rows_of: Option<View>,
}

impl App {
    pub(super) fn new(view: View, boards: Vec<BoardInfo>) -> Self {
        Self {
            view,
            accepted: None,
            boards,
            rows: Vec::new(),
            revision: None,
            link: Link::Connecting,
            feed: VecDeque::new(),
            selected: None,
            search: String::new(),
            mode: Mode::Table,
            detail: false,
            plot: false,
            notice: String::new(),
            marks: BTreeMap::new(),
            rows_of: None,
        }
    }

    /// Takes what the watch holds.
    pub(super) fn take_rows(&mut self, fold: &Fold) {
        let Some(held) = fold.board(&self.view.board) else {
            return;
        };
        self.revision = fold.revision();
        let fresh = self.rows_of.as_ref() != Some(&self.view);
        let before: BTreeMap<&str, &Standing> = if fresh {
            BTreeMap::new()
        } else {
            self.rows
                .iter()
                .map(|row| (row.model.as_str(), row))
                .collect()
        };
        let mut marks = Vec::new();
        for row in held.values().filter(|_| !fresh) {
            let change = match before.get(row.model.as_str()) {
                None => Change::New,
                Some(old) if *old == row => continue,
                Some(old) => match row.rank.cmp(&old.rank) {
                    Ordering::Less => Change::Up,
                    Ordering::Greater => Change::Down,
                    Ordering::Equal => Change::Other,
                },
            };
            marks.push((row.model.clone(), (change, MARKED_TICKS)));
        }
        if fresh {
            self.marks.clear();
        }
        self.marks.extend(marks);
        self.rows = ordered(held.values().cloned().collect(), self.view.order);
        self.rows_of = Some(self.view.clone());
        self.accepted = Some(self.view.clone());
    }

    /// Takes what the watch tells.
    pub(super) fn take(&mut self, update: Update) {
        match update {
            Update::Frame { frame, .. } => {
                if let Link::Lost(_) = self.link {
                    self.say(format!("reconnected, at revision {}", frame.revision));
                }
                self.link = Link::Live;
                if self.rows_of.as_ref() == Some(&self.view) {
                    self.revision = Some(frame.revision);
                }
                // The weightiest of a change comes first, and is to stay in sight.
                for sentence in sentences(&frame).into_iter().rev() {
                    self.say(sentence);
                }
            }
            Update::Disconnected { why, .. } => {
                let why = printable(&why);
                if !matches!(self.link, Link::Lost(_)) {
                    let held = self.revision.map_or_else(String::new, |revision| {
                        format!(", revision {revision} is shown")
                    });
                    self.say(format!("connection lost{held} ({why})"));
                }
                self.link = Link::Lost(why);
            }
            Update::Restarted { why } => self.say(format!("starting over: {}", printable(&why))),
        }
    }

    /// The daemon refused the view: goes back to the last one, if that is another.
    pub(super) fn refuse(&mut self, error: &ClientError) -> bool {
        self.notice = printable(&error.to_string());
        match self.accepted.clone() {
            Some(view) if view != self.view => {
                self.view = view;
                true
            }
            _ => {
                self.link = Link::Lost(self.notice.clone());
                false
            }
        }
    }

    fn say(&mut self, line: String) {
        self.feed.truncate(FEED_LINES - 1);
        self.feed.push_front(line);
    }

    /// A second has passed.
    pub(super) fn tick(&mut self) {
        self.marks.retain(|_, (_, ticks)| {
            *ticks -= 1;
            *ticks > 0
        });
    }

    /// How a row changed a moment ago.
    pub(super) fn change(&self, model: &str) -> Option<Change> {
        self.marks.get(model).map(|(change, _)| *change)
    }

    /// Rows that fit the search.
    pub(super) fn shown(&self) -> Vec<&Standing> {
        let wanted = self.search.to_lowercase();
        let fits = |row: &&Standing| {
            let texts = [&row.model, &row.title, &row.organization];
            texts
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        };
        self.rows.iter().filter(fits).collect()
    }

    /// The position of the selected row among those shown; the first one where none is.
    pub(super) fn position(&self, shown: &[&Standing]) -> usize {
        let selected = self.selected.as_deref();
        let found = shown
            .iter()
            .position(|row| Some(row.model.as_str()) == selected);
        found.unwrap_or(0)
    }

    /// Moves the selection by rows, as far as there are any.
    pub(super) fn move_by(&mut self, rows: isize) {
        let shown = self.shown();
        let at = self.position(&shown);
        let last = shown.len().saturating_sub(1);
        let to = at.saturating_add_signed(rows).min(last);
        self.selected = shown.get(to).map(|row| row.model.clone());
    }

    /// The basis of what is shown: the one asked for, or the board's own.
    pub(super) fn basis(&self) -> CostBasis {
        match self.view.basis {
            CostBasis::Unspecified => self
                .rows
                .first()
                .map_or(CostBasis::Unspecified, Standing::cost_basis),
            asked => asked,
        }
    }

    /// Names of all boards: overall, suites, benchmarks.
    pub(super) fn board_names(&self) -> Vec<String> {
        let mut suites: Vec<String> = self
            .boards
            .iter()
            .flat_map(|board| board.tags.clone())
            .collect();
        suites.sort();
        suites.dedup();
        let suites = suites.into_iter().map(|tag| format!("suite/{tag}"));
        let benchmarks = self.boards.iter().map(|board| board.id.clone());
        std::iter::once(OVERALL.to_owned())
            .chain(benchmarks)
            .chain(suites)
            .collect()
    }

    /// What is known of the benchmark shown.
    pub(super) fn info(&self) -> Option<&BoardInfo> {
        self.boards.iter().find(|board| board.id == self.view.board)
    }
}

/// Rows in an order, as GetLeaderboard lists them.
fn ordered(mut rows: Vec<Standing>, order: Order) -> Vec<Standing> {
    let ratio = |row: &Standing| row.trend.as_ref().and_then(|trend| trend.q);
    rows.sort_by(|a, b| {
        let first = match order {
            Order::Unspecified | Order::Score => last(a.rank).cmp(&last(b.rank)),
            Order::Value => last(a.value_rank).cmp(&last(b.value_rank)),
            Order::Overpay => rising(a.overpay, b.overpay),
            // What has no ratio is as if it were the worst.
            Order::Conformance => rising(ratio(a).map(|q| -q), ratio(b).map(|q| -q)),
        };
        first.then_with(|| a.model.cmp(&b.model))
    });
    rows
}

fn last(rank: Option<i32>) -> i32 {
    rank.unwrap_or(i32::MAX)
}

/// Least first, absent last.
fn rising(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(f64::INFINITY)
        .total_cmp(&b.unwrap_or(f64::INFINITY))
}
