//! What an entry is said to have changed, against the boards before and after it.

use std::collections::BTreeMap;

use frontierd::board::Board;
use frontierd::board::answer::{FitSelection, Intrinsic, Standing, SubmitOutcome};
use frontierd::board::change::{
    BoardChange, Change, EventKind, Offer, Packed, PackedBoard, RowChange,
};
use frontierd::board::query::{AsOf, BoardName, Order, TrendQuery};
use frontierd::board::trend::Verdict;
use frontierd::limits::NAMED_MAX;
use frontierd::model::{BenchmarkId, Body, CostBasis, CurvePatch, Entry, ModelId, Status};

use super::check::query;

/// The rows that a follower of all changes knows, by board.
#[derive(Debug, Default)]
pub(crate) struct Folded(BTreeMap<BenchmarkId, BTreeMap<ModelId, Intrinsic>>);

impl Folded {
    /// Takes in a change, of which `after` is the board; then both must show the same rows.
    pub(crate) fn fold(&mut self, change: &Change, before: &Board, after: &Board) {
        for board in &change.boards {
            let rows = self.0.entry(board.benchmark.clone()).or_default();
            if board.reset {
                *rows = intrinsic(after, &board.benchmark);
            }
            let shown = intrinsic(before, &board.benchmark);
            for row in &board.rows {
                let id = &row.model().expect("a row before or after").id;
                let was = shown.get(id);
                assert_ne!(was, row.after.as_deref(), "a change that changes nothing");
                let before = row.before.as_ref();
                assert_eq!(before.map(|row| &row.model), was.map(|row| &row.model));
                assert_eq!(before.map(|row| row.offer), was.map(Offer::of), "before");
                match &row.after {
                    Some(row) => rows.insert(id.clone(), (**row).clone()),
                    None => rows.remove(id),
                };
            }
        }
        for (id, _) in after.catalog().benchmarks_by_id() {
            let known = self.0.get(id).cloned().unwrap_or_default();
            assert_eq!(known, intrinsic(after, id), "{id}");
        }
        check_packed(change);
    }
}

/// The ring gives back what it was given.
fn check_packed(change: &Change) {
    let packed = Packed::new(change.clone());
    assert_eq!(packed.revision(), change.revision);
    let boards: Vec<BoardChange> = packed.boards().iter().map(PackedBoard::unpack).collect();
    assert_eq!(boards, change.boards);
    for (packed, board) in packed.boards().iter().zip(&boards) {
        assert_eq!(packed.reset(), board.reset);
        assert_eq!(packed.benchmark(), &board.benchmark);
        let told = board.rows.iter().filter_map(RowChange::model);
        let models = packed.models();
        assert!(told.into_iter().all(|model| models.contains(model)));
    }
}

fn intrinsic(board: &Board, id: &BenchmarkId) -> BTreeMap<ModelId, Intrinsic> {
    let Ok(view) = board.view_by_id(id, "board") else {
        return BTreeMap::new();
    };
    let (rows, _) = view.intrinsic_from(0, usize::MAX, |_| true);
    rows.into_iter()
        .map(|row| (row.model.id.clone(), row))
        .collect()
}

/// All standings of a board by one basis, best first; none of a board that does not exist.
fn full(board: &Board, id: &BenchmarkId, basis: CostBasis) -> Vec<Standing> {
    let name = BoardName::Benchmark(id.clone());
    let listing = board.listing(&query(name, Order::Score, Some(basis)));
    listing.map(|listing| listing.rows).unwrap_or_default()
}

fn cost(row: &Intrinsic, basis: CostBasis) -> Option<f64> {
    let cost = row.costs.iter().find(|cost| cost.basis == basis)?;
    Some(cost.cost.central)
}

fn rank(row: &Standing) -> u32 {
    row.relative.as_ref().expect("a full standing").rank
}

fn of<'a>(rows: &'a [Standing], id: &ModelId) -> Option<&'a Standing> {
    rows.iter().find(|row| row.model.id == *id)
}

/// Every event that the boards before and after call for, as text; overtakings apart.
fn expected_events(before: &Board, after: &Board, id: &BenchmarkId, entry: &Entry) -> Vec<String> {
    let mut events = Vec::new();
    let leader = |board: &Board| {
        full(board, id, CostBasis::Task)
            .first()
            .map(|r| r.model.clone())
    };
    let (was, now) = (leader(before), leader(after));
    if let Some(now) = now
        && was.as_ref().is_none_or(|was| was.id != now.id)
    {
        let was = was.map(|was| was.id.clone());
        events.push(format!("{} leads after {was:?}", now.id));
    }
    for basis in CostBasis::ALL {
        let (old, new) = (full(before, id, basis), full(after, id, basis));
        for model in after.catalog().models_by_id(None).map(|(id, _)| id) {
            let (was, is) = (of(&old, model), of(&new, model));
            match (was.is_some_and(on_frontier), is.is_some_and(on_frontier)) {
                (false, true) => events.push(format!("{model} entered {basis:?}")),
                (true, false) => events.push(format!("{model} left {basis:?}")),
                _ => {}
            }
            let Some(row) = is else {
                continue;
            };
            let of_basis = |row: &Standing| {
                let cost = row.costs.iter().find(|cost| cost.basis == basis).cloned();
                cost.map(|cost| (cost, row.score))
            };
            let changed = was.and_then(of_basis) != of_basis(row) && cost(row, basis).is_some();
            let trend = row.relative.as_ref().and_then(|r| r.trend.as_ref());
            let verdict = trend.expect("a trend").verdict;
            if changed && !matches!(verdict, Verdict::NoCost | Verdict::NoDate) {
                events.push(format!("{model} is {verdict:?} {basis:?}"));
            }
            let price = was.filter(|_| basis == CostBasis::TokenPrice);
            if let Some(was) = price.map(|was| cost(was, basis))
                && was != cost(row, basis)
            {
                events.push(format!(
                    "{model} costs {:?} after {was:?}",
                    cost(row, basis)
                ));
            }
        }
    }
    if let Body::ResultStatus { result, status, .. } = &entry.body {
        let model = after.result_place(*result).expect("a result").model;
        let model = &after.catalog().info(model).id;
        let row = intrinsic(before, id).remove(model);
        let counted = row.and_then(|row| row.counting).map(|c| c.revision) == Some(*result);
        if *status == Status::Retracted {
            events.push(format!("{model} retracted"));
        } else if *status == Status::Disputed && counted {
            events.push(format!("{model} disputed"));
        }
    }
    events.sort();
    events
}

fn on_frontier(row: &Standing) -> bool {
    let economics = row.relative.as_ref().and_then(|r| r.economics.as_ref());
    economics.is_some_and(|economics| economics.on_frontier)
}

fn found_events(board: &BoardChange) -> Vec<String> {
    let text = |model: &ModelId, kind: &EventKind| match kind {
        EventKind::LeaderChanged { before } => {
            let was = before.as_ref().map(|was| was.id.clone());
            format!("{model} leads after {was:?}")
        }
        EventKind::FrontierEntered(basis) => format!("{model} entered {basis:?}"),
        EventKind::FrontierLeft(basis) => format!("{model} left {basis:?}"),
        EventKind::Verdict(basis, verdict) => format!("{model} is {verdict:?} {basis:?}"),
        EventKind::Disputed => format!("{model} disputed"),
        EventKind::Retracted => format!("{model} retracted"),
        EventKind::PriceChanged { before, after } => {
            format!("{model} costs {after:?} after {before:?}")
        }
    };
    let events = board.events.iter();
    let mut events: Vec<String> = events.map(|e| text(&e.model.id, &e.kind)).collect();
    events.sort();
    events
}

/// Who passed whom: (by, passed, rank before, separated), best first.
type Passing = (ModelId, ModelId, u32, Option<bool>);

fn expected_passings(before: &Board, after: &Board, id: &BenchmarkId) -> Vec<Passing> {
    let old = full(before, id, CostBasis::Task);
    let new = full(after, id, CostBasis::Task);
    let view = after.view_by_id(id, "board").unwrap();
    let higher = view.record().benchmark.higher_is_better;
    let mut passings = Vec::new();
    for by in &new {
        let rank_before = of(&old, &by.model.id).map_or(u32::MAX, rank);
        for passed in &old {
            let now = of(&new, &passed.model.id);
            let behind = now.is_some_and(|now| rank(now) > rank(by));
            if passed.model.id == by.model.id || rank(passed) > rank_before || !behind {
                continue;
            }
            // Whoever was ahead and fell on its own account was passed by nobody.
            let itself = now.is_some_and(|now| now.score != passed.score);
            let moved = of(&old, &by.model.id).is_none_or(|was| was.score != by.score);
            if itself || !moved {
                continue;
            }
            let separated = by.interval.zip(passed.interval).map(|(by, passed)| {
                if higher {
                    by.low > passed.high
                } else {
                    by.high < passed.low
                }
            });
            let models = (by.model.id.clone(), passed.model.id.clone());
            passings.push((models.0, models.1, rank(passed), separated));
        }
    }
    passings.sort();
    passings
}

fn found_passings(board: &BoardChange, after: &Board) -> Vec<Passing> {
    let mut passings = Vec::new();
    for overtaking in &board.overtakings {
        let ranks: Vec<u32> = overtaking.overtaken.iter().map(|o| o.rank_before).collect();
        assert!(ranks.is_sorted(), "best first");
        passings.extend(overtaking.overtaken.iter().map(|o| {
            let by = overtaking.by.id.clone();
            let passed = after.catalog().info(o.model).id.clone();
            (by, passed, o.rank_before, o.separated)
        }));
    }
    passings.sort();
    passings
}

/// The events of an entry, on every board.
pub(crate) fn check_events(change: &Change, before: &Board, after: &Board, entry: &Entry) {
    for (id, _) in after.catalog().benchmarks_by_id() {
        let board = change.boards.iter().find(|board| board.benchmark == *id);
        if board.is_some_and(|board| board.reset) {
            continue;
        }
        let subject = match &entry.body {
            Body::ResultStatus { result, .. } => {
                let place = after.result_place(*result).expect("a result");
                after.catalog().benchmark(place.benchmark).benchmark.id == *id
            }
            _ => true,
        };
        let mut expected = (Vec::new(), Vec::new());
        if subject {
            expected = (
                expected_events(before, after, id, entry),
                expected_passings(before, after, id),
            );
        }
        let found = board.map_or((Vec::new(), Vec::new()), |board| {
            (found_events(board), found_passings(board, after))
        });
        assert_eq!(expected, found, "{id} at {}", entry.revision);
    }
    let mut boards: Vec<_> = change.boards.iter().map(|board| &board.benchmark).collect();
    boards.dedup();
    assert_eq!(boards.len(), change.boards.len(), "one change a board");
}

/// The outcome that the submitter of a result is told.
pub(crate) fn check_outcome(change: &Change, before: &Board, after: &Board, entry: &Entry) {
    let Body::Result(facts) = &entry.body else {
        return assert_eq!(change.outcome, None);
    };
    let name = BoardName::Benchmark(facts.benchmark.clone());
    let standing = |board: &Board| board.standing(&name, facts.model.as_str(), None).ok();
    let now = standing(after);
    let trend = now.as_ref().map(|_| {
        let query = TrendQuery {
            board: BoardName::Benchmark(facts.benchmark.clone()),
            as_of: AsOf::default(),
            model: Some(facts.model.as_str().into()),
            basis: None,
            reference: None,
            gap: 1.0,
            selection: FitSelection::All,
            threshold: None,
            curve: CurvePatch::default(),
        };
        after.trend(&query).unwrap()
    });
    let basis = now.as_ref().and_then(|now| now.relative.as_ref());
    let basis = basis.map_or(CostBasis::Task, |relative| relative.basis);
    let members = |board: &Board| -> Vec<ModelId> {
        let rows = full(board, &facts.benchmark, basis);
        let mut members: Vec<ModelId> = rows
            .iter()
            .filter(|row| on_frontier(row))
            .map(|row| row.model.id.clone())
            .collect();
        members.sort();
        members
    };
    let (was, is) = (members(before), members(after));
    let without = |from: &[ModelId], other: &[ModelId]| -> Vec<ModelId> {
        let gone = from.iter().filter(|id| !other.contains(id));
        gone.cloned().collect()
    };
    let passed = expected_passings(before, after, &facts.benchmark);
    let counting = now.as_ref().and_then(|now| now.counting.as_ref());
    let found = change.outcome.clone().expect("an outcome");
    let sorted = |mut ids: Vec<ModelId>| {
        ids.sort();
        ids
    };
    let expected = SubmitOutcome {
        counting: counting.is_some_and(|c| c.revision == entry.revision),
        standing: now,
        previous: standing(before),
        displaced: found.displaced.clone(),
        displaced_count: passed.len() as u32,
        frontier_entered: without(&is, &was),
        frontier_left: without(&was, &is),
        fitted: trend.clone().map(|trend| trend.fitted),
        price_to_reach: trend.and_then(|trend| trend.price_to_reach),
    };
    assert_eq!(found.displaced.len(), passed.len().min(NAMED_MAX));
    let displaced: Vec<ModelId> = passed.into_iter().map(|(_, passed, ..)| passed).collect();
    assert!(found.displaced.iter().all(|id| displaced.contains(id)));
    let found = SubmitOutcome {
        frontier_entered: sorted(found.frontier_entered.clone()),
        frontier_left: sorted(found.frontier_left.clone()),
        ..(*found).clone()
    };
    assert_eq!(expected, found);
}
