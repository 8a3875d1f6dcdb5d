//! Reading a board in parts while it changes.

use super::*;
use crate::api::convert::watch_leaderboard;
use crate::board::Want;
use crate::model::{
    Benchmark, Body, Date, Entry, Relationship, ResultFacts, Timestamp, Uncertainty,
};

fn append(board: &mut Board, body: Body) -> Published {
    let entry = Entry {
        revision: board.revision() + 1,
        received: Timestamp::from_micros(0),
        author: "tester".into(),
        request: None,
        body,
    };
    Published::new(board.apply(&entry, Want::Changes))
}

fn submit(board: &mut Board, model: &str, score: f64) -> Published {
    let facts = ResultFacts {
        benchmark: BenchmarkId::parse("b", "benchmark").expect("an id"),
        model: ModelId::parse(model, "model").expect("an id"),
        score,
        uncertainty: Uncertainty::default(),
        run_cost: None,
        tokens: None,
        task_count: None,
        repeats: None,
        observed: Date::from_days(20_000),
        evaluator: "tester".into(),
        relationship: Relationship::Other,
        harness: "".into(),
        harness_version: "".into(),
        source_url: "".into(),
        labels: BTreeMap::new(),
    };
    append(board, Body::Result(Box::new(facts)))
}

#[test]
fn rows_read_in_parts_are_those_of_the_end() {
    let mut board = Board::new();
    let id = BenchmarkId::parse("b", "id").expect("an id");
    append(&mut board, Body::Benchmark(Box::new(Benchmark::new(id))));
    for model in ["a/a", "a/c", "a/e"] {
        submit(&mut board, model, 50.0);
    }
    let ask = watch_leaderboard(v1::WatchLeaderboardRequest::default());
    let spec = Spec::resolve(&ask.expect("well formed"), &board).expect("known");

    let mut rows = Rows::default();
    let place = rows.absorb(Part::read(&board, &spec, None, 2));
    // One that was read, one that was not, one that is new where reading has gone by.
    let changes = [("a/a", 60.0), ("a/e", 70.0), ("a/b", 80.0)]
        .map(|(model, score)| submit(&mut board, model, score));
    let place = place.expect("more to read");
    assert!(
        rows.absorb(Part::read(&board, &spec, Some(&place), 2))
            .is_none()
    );
    for change in &changes {
        rows.redo(&spec, change);
    }

    let (whole, revision) = Rows::gather_at_once(&board, &spec);
    assert_eq!(revision, board.revision());
    assert_eq!(rows.boards, whole.boards);
    assert_eq!(whole.boards.values().map(BTreeMap::len).sum::<usize>(), 4);
}
