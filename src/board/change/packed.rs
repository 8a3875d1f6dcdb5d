//! A change as the ring keeps it: a few hundred bytes, read again when a watcher asks for it.
//!
//! A ring holds tens of thousands of changes, most of which nobody asks for. So their numbers stand in one piece of
//! memory, in the shortest form, and of a model there is no more than a pointer.

mod kept;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{BenchmarkId, CostBasis, Revision};

use super::{
    Before, BoardChange, Change, Event, EventKind, Offer, Overtaken, Overtaking, RowChange,
};
use crate::board::answer::{Costs, CountingResult, Interval, Intrinsic, ModelInfo};
use crate::board::catalog::ModelKey;
use crate::board::trend::Verdict;

pub use kept::{Keeping, Kept};

/// Numbers of up to this many bytes are written on the stack first, so that they are moved to memory of their size.
const STACK_BYTES: usize = 1024;

/// All that an entry changed, as the ring keeps it.
#[derive(Debug, PartialEq)]
pub struct Packed {
    revision: Revision,
    boards: Boards,
}

/// Most entries change one board, which then stands beside the revision.
#[derive(Debug, PartialEq)]
enum Boards {
    One(PackedBoard),
    Other(Box<[PackedBoard]>),
}

/// What changed on one board, as the ring keeps it.
#[derive(Debug, PartialEq)]
pub struct PackedBoard {
    benchmark: BenchmarkId,
    reset: bool,
    /// Those with changed rows or named events, as they were at this revision; the numbers say which by position.
    models: Box<[Arc<ModelInfo>]>,
    numbers: Box<[u8]>,
}

type Position = u32;

/// What [`PackedBoard::numbers`] holds.
#[derive(Deserialize, Serialize)]
struct Numbers<'a> {
    higher_is_better: bool,
    default_basis: CostBasis,
    rows: Vec<Row<'a>>,
    events: Vec<(Position, Kind)>,
    overtakings: Vec<Passing>,
}

#[derive(Deserialize, Serialize)]
struct Row<'a> {
    before: Option<(Position, Offer)>,
    after: Option<(Position, Own<'a>)>,
}

/// An [`Intrinsic`] without its model.
#[derive(Deserialize, Serialize)]
struct Own<'a> {
    score: f64,
    normalised: Option<f64>,
    interval: Option<Interval>,
    costs: Cow<'a, Costs>,
    counting: Cow<'a, Option<CountingResult>>,
}

/// An [`EventKind`] without its model.
#[derive(Clone, Copy, Deserialize, Serialize)]
enum Kind {
    LeaderChanged(Option<Position>),
    FrontierEntered(CostBasis),
    FrontierLeft(CostBasis),
    Verdict(CostBasis, Verdict),
    Disputed,
    Retracted,
    PriceChanged(Option<f64>, Option<f64>),
}

#[derive(Deserialize, Serialize)]
struct Passing {
    by: Position,
    now: Offer,
    score_before: Option<f64>,
    /// Key; and the rank, less that of the one before, with the separation in its last two bits.
    overtaken: Vec<(ModelKey, u32)>,
    count: u32,
}

impl Packed {
    /// A change without what the submitter is told.
    pub fn new(change: Change) -> Self {
        let Change {
            revision,
            boards,
            outcome: _,
        } = change;
        Self {
            revision,
            boards: Boards::new(boards),
        }
    }

    /// The entry.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Boards with changed rows, by benchmark id.
    pub fn boards(&self) -> &[PackedBoard] {
        match &self.boards {
            Boards::One(board) => std::slice::from_ref(board),
            Boards::Other(boards) => boards,
        }
    }

    /// Size in memory, bytes. Of what is shared with the board only the pointers count.
    pub fn bytes(&self) -> usize {
        let of_board = |board: &PackedBoard| {
            allocated(size_of_val(&*board.models)) + allocated(board.numbers.len())
        };
        // In an `Arc`, and a pointer to that.
        allocated(size_of::<Self>() + 2 * size_of::<usize>())
            + size_of::<usize>()
            + match &self.boards {
                Boards::One(_) => 0,
                Boards::Other(boards) => allocated(size_of_val(&**boards)),
            }
            + self.boards().iter().map(of_board).sum::<usize>()
    }
}

impl Boards {
    fn new(mut changes: Vec<BoardChange>) -> Self {
        match (changes.pop(), changes.is_empty()) {
            (Some(only), true) => Self::One(PackedBoard::new(only)),
            (last, _) => {
                let changes = changes.into_iter().chain(last);
                Self::Other(changes.map(PackedBoard::new).collect())
            }
        }
    }

    fn of(mut boards: Vec<PackedBoard>) -> Self {
        match (boards.pop(), boards.is_empty()) {
            (Some(only), true) => Self::One(only),
            (last, _) => Self::Other(boards.into_iter().chain(last).collect()),
        }
    }
}

/// What an allocator takes for a request: a word beside it, and steps of two words.
fn allocated(bytes: usize) -> usize {
    match bytes {
        0 => 0,
        bytes => (bytes + 8).next_multiple_of(16).max(32),
    }
}

impl PackedBoard {
    fn new(change: BoardChange) -> Self {
        let mut models = Models::default();
        let numbers = numbers(&change, &mut models);
        let mut stack = [0; STACK_BYTES];
        let numbers = match postcard::to_slice(&numbers, &mut stack) {
            Ok(bytes) => Box::from(&*bytes),
            // Empty ones are read as a board defined anew.
            Err(_) => postcard::to_stdvec(&numbers).unwrap_or_default().into(),
        };
        Self {
            benchmark: change.benchmark,
            reset: change.reset,
            models: models.0.into(),
            numbers,
        }
    }

    /// The benchmark.
    pub fn benchmark(&self) -> &BenchmarkId {
        &self.benchmark
    }

    /// See [`BoardChange::reset`].
    pub fn reset(&self) -> bool {
        self.reset
    }

    /// Models of changed rows, of events and of overtakings, those overtaken apart.
    pub fn models(&self) -> &[Arc<ModelInfo>] {
        &self.models
    }

    /// The change. One that cannot be read has every row changed, which a snapshot makes good.
    pub fn unpack(&self) -> BoardChange {
        self.read().unwrap_or_else(|| BoardChange {
            benchmark: self.benchmark.clone(),
            reset: true,
            higher_is_better: true,
            default_basis: CostBasis::Task,
            rows: Vec::new(),
            events: Vec::new(),
            overtakings: Vec::new(),
        })
    }

    fn read(&self) -> Option<BoardChange> {
        let Numbers {
            higher_is_better,
            default_basis,
            rows,
            events,
            overtakings,
        } = postcard::from_bytes(&self.numbers).ok()?;
        let rows = rows.into_iter().map(|row| self.row(row));
        let events = events.into_iter().map(|(model, kind)| {
            Some(Event {
                model: self.model(model)?,
                kind: self.kind(kind)?,
            })
        });
        let overtakings = overtakings.into_iter().map(|passing| self.passing(passing));
        Some(BoardChange {
            benchmark: self.benchmark.clone(),
            reset: self.reset,
            higher_is_better,
            default_basis,
            rows: rows.collect::<Option<_>>()?,
            events: events.collect::<Option<_>>()?,
            overtakings: overtakings.collect::<Option<_>>()?,
        })
    }

    fn model(&self, position: Position) -> Option<Arc<ModelInfo>> {
        self.models.get(position as usize).cloned()
    }

    fn row(&self, row: Row<'_>) -> Option<RowChange> {
        let before = match row.before {
            None => None,
            Some((model, offer)) => Some(Before {
                model: self.model(model)?,
                offer,
            }),
        };
        let after = match row.after {
            None => None,
            Some((model, own)) => {
                let Own {
                    score,
                    normalised,
                    interval,
                    costs,
                    counting,
                } = own;
                Some(Arc::new(Intrinsic {
                    model: self.model(model)?,
                    score,
                    normalised,
                    interval,
                    costs: costs.into_owned(),
                    counting: counting.into_owned(),
                    coverage: None,
                }))
            }
        };
        Some(RowChange { before, after })
    }

    fn kind(&self, kind: Kind) -> Option<EventKind> {
        Some(match kind {
            Kind::LeaderChanged(before) => EventKind::LeaderChanged {
                before: match before {
                    None => None,
                    Some(before) => Some(self.model(before)?),
                },
            },
            Kind::FrontierEntered(basis) => EventKind::FrontierEntered(basis),
            Kind::FrontierLeft(basis) => EventKind::FrontierLeft(basis),
            Kind::Verdict(basis, verdict) => EventKind::Verdict(basis, verdict),
            Kind::Disputed => EventKind::Disputed,
            Kind::Retracted => EventKind::Retracted,
            Kind::PriceChanged(before, after) => EventKind::PriceChanged { before, after },
        })
    }

    fn passing(&self, passing: Passing) -> Option<Overtaking> {
        let Passing {
            by,
            now,
            score_before,
            overtaken,
            count,
        } = passing;
        let mut rank = 0;
        let overtaken = overtaken.into_iter().map(|(model, step)| {
            rank += step >> 2;
            Overtaken {
                model,
                separated: [None, Some(false), Some(true)][(step & 3).min(2) as usize],
                rank_before: rank,
            }
        });
        Some(Overtaking {
            by: self.model(by)?,
            now,
            score_before,
            overtaken: overtaken.collect(),
            count,
        })
    }
}

/// Models by position, each once.
#[derive(Default)]
struct Models(Vec<Arc<ModelInfo>>);

impl Models {
    fn position(&mut self, model: &Arc<ModelInfo>) -> Position {
        let known = self.0.iter().position(|other| Arc::ptr_eq(other, model));
        let position = known.unwrap_or_else(|| {
            self.0.push(Arc::clone(model));
            self.0.len() - 1
        });
        position as Position
    }
}

fn numbers<'a>(change: &'a BoardChange, models: &mut Models) -> Numbers<'a> {
    let BoardChange {
        benchmark: _,
        reset: _,
        higher_is_better,
        default_basis,
        rows,
        events,
        overtakings,
    } = change;
    let rows = rows.iter().map(|row| packed_row(row, models)).collect();
    let events = events.iter().map(|event| {
        let Event { model, kind } = event;
        (models.position(model), packed_kind(kind, models))
    });
    Numbers {
        higher_is_better: *higher_is_better,
        default_basis: *default_basis,
        rows,
        events: events.collect(),
        overtakings: overtakings
            .iter()
            .map(|overtaking| packed_passing(overtaking, models))
            .collect(),
    }
}

fn packed_row<'a>(change: &'a RowChange, models: &mut Models) -> Row<'a> {
    let RowChange { before, after } = change;
    let before = before.as_ref().map(|before| {
        let Before { model, offer } = before;
        (models.position(model), *offer)
    });
    let after = after.as_ref().map(|after| {
        let Intrinsic {
            model,
            score,
            normalised,
            interval,
            costs,
            counting,
            // Changes are those of benchmarks.
            coverage: _,
        } = &**after;
        let own = Own {
            score: *score,
            normalised: *normalised,
            interval: *interval,
            costs: Cow::Borrowed(costs),
            counting: Cow::Borrowed(counting),
        };
        (models.position(model), own)
    });
    Row { before, after }
}

fn packed_kind(kind: &EventKind, models: &mut Models) -> Kind {
    match kind {
        EventKind::LeaderChanged { before } => {
            Kind::LeaderChanged(before.as_ref().map(|before| models.position(before)))
        }
        EventKind::FrontierEntered(basis) => Kind::FrontierEntered(*basis),
        EventKind::FrontierLeft(basis) => Kind::FrontierLeft(*basis),
        EventKind::Verdict(basis, verdict) => Kind::Verdict(*basis, *verdict),
        EventKind::Disputed => Kind::Disputed,
        EventKind::Retracted => Kind::Retracted,
        EventKind::PriceChanged { before, after } => Kind::PriceChanged(*before, *after),
    }
}

fn packed_passing(overtaking: &Overtaking, models: &mut Models) -> Passing {
    let Overtaking {
        by,
        now,
        score_before,
        overtaken,
        count,
    } = overtaking;
    let mut rank = 0;
    let overtaken = overtaken.iter().map(|row| {
        let Overtaken {
            model,
            separated,
            rank_before,
        } = *row;
        // Best first, so ranks do not fall.
        let step = rank_before - rank;
        rank = rank_before;
        let separated = separated.map_or(0, |separated| 1 + u32::from(separated));
        (model, step << 2 | separated)
    });
    Passing {
        by: models.position(by),
        now: *now,
        score_before: *score_before,
        overtaken: overtaken.collect(),
        count: *count,
    }
}
