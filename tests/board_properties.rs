//! Random histories: the board answers as the naive model does, however it came to be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use frontierd::board::query::{ResultFilter, RowFilter, Selection};
use frontierd::board::{Board, Want};
use frontierd::model::{Date, Entry, Relationship};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;

mod naive;

use naive::changes::{self, Folded};
use naive::check;
use naive::history::{Cast, FIRST_DAY, History, Step, benchmark_ids};
use naive::richness::Met;
use naive::world::World;

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(any::<Step>(), 0..most)
}

fn any_day() -> impl Strategy<Value = Date> {
    (0..8).prop_map(|at| FIRST_DAY.plus_days(122 * at + at % 2))
}

prop_compose! {
    fn any_selection()(
        date in prop::option::of(any_day()),
        reprice_at in prop::option::of(any_day()),
        evaluators in select(vec![vec![], vec![], vec!["us".into()]]),
        relationships in select(vec![vec![], vec![], vec![Relationship::Other, Relationship::FirstParty]]),
        harnesses in select(vec![vec![], vec![], vec!["simple".into()]]),
        undisputed_only in any::<bool>(),
    ) -> Selection {
        let results = ResultFilter { evaluators, relationships, harnesses, undisputed_only };
        Selection { date, results, reprice_at }
    }
}

prop_compose! {
    fn any_filter()(
        organizations in select(vec![vec![], vec![], vec!["ACME".to_owned()]]),
        open_weights in select(vec![None, None, Some(true), Some(false)]),
        tags in select(vec![vec![], vec![], vec!["reasoning".into()]]),
        released_since in prop::option::of(any_day()),
        best_variant_only in any::<bool>(),
    ) -> RowFilter {
        RowFilter { organizations, open_weights, tags, released_since, best_variant_only }
    }
}

/// The board of some entries under a selection, from the first entry on.
fn replayed(entries: &[Entry], selection: &Selection) -> Board {
    let mut board = Board::selecting(selection.clone(), None);
    for entry in entries {
        board.apply(entry, Want::State);
    }
    board
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn every_standing_equals_the_naive_one(
        steps in steps(60), batch in 1usize..6, filter in any_filter(),
        min_score in select(vec![None, Some(0.5), Some(50.0)]),
    ) {
        let history = History::of(&Cast::mixed(), &steps, batch);
        let world = World::of(&history.entries, Selection::default());
        check::check_standings(&world, &history.board);
        check::check_listings(&world, &history.board, &filter, min_score);
        check::check_overall(&world, &history.board);
        check::check_other_declared(&world, &history.board);
    }

    #[test]
    fn every_curve_equals_the_naive_one(steps in steps(160)) {
        let history = History::of(&Cast::crowd(), &steps, 1);
        let world = World::of(&history.entries, Selection::default());
        check::check_curves(&world, &history.board, 1);
        check::check_standings(&world, &history.board);
    }

    #[test]
    fn a_board_of_the_past_equals_the_naive_one(
        steps in steps(60), at in any::<Index>(), selection in any_selection(), only in any::<Index>(),
    ) {
        let history = History::of(&Cast::mixed(), &steps, 1);
        let known = &history.entries[..at.index(history.entries.len() + 1)];
        let mut world = World::of(known, selection.clone());
        let board = replayed(known, &selection);
        check::check_standings(&world, &board);
        check::check_overall(&world, &board);
        let projected = Board::replay(known).project(selection.clone(), None);
        check::check_standings(&world, &projected);

        let only = only.get(&benchmark_ids(&Cast::mixed())).clone();
        let projected = Board::replay(known).project(selection, Some(only.clone()));
        world.benchmarks.retain(|benchmark| benchmark.id == only);
        check::check_standings(&world, &projected);
        check::check_curves(&world, &projected, 1);
    }

    #[test]
    fn live_replayed_and_restored_boards_are_one(steps in steps(60), at in any::<Index>()) {
        let history = History::of(&Cast::mixed(), &steps, 3);
        let live = &history.board;
        let bytes = live.to_bytes().unwrap();
        prop_assert_eq!(&Board::replay(&history.entries).to_bytes().unwrap(), &bytes);
        let (known, tail) = history.entries.split_at(at.index(history.entries.len() + 1));
        let mut unbroken = Board::replay(known);
        let mut restored = Board::from_bytes(&unbroken.to_bytes().unwrap()).unwrap();
        for entry in tail {
            let want = Want::Outcome(None);
            prop_assert_eq!(unbroken.apply(entry, want), restored.apply(entry, want));
        }
        prop_assert_eq!(&restored.to_bytes().unwrap(), &bytes);
        check::check_equal(live, &restored);
        check::check_equal(live, &Board::from_bytes(&bytes).unwrap());
    }

    #[test]
    fn changes_say_what_changed(steps in steps(60)) {
        let history = History::of(&Cast::mixed(), &steps, 1);
        let mut live = Board::new();
        let mut folded = Folded::default();
        for entry in &history.entries {
            let before = live.clone();
            let mut preview = live.clone();
            let previewed = preview.apply(entry, Want::Outcome(None));
            let change = live.apply(entry, Want::Outcome(None));
            prop_assert_eq!(&previewed, &change);
            folded.fold(&change, &before, &live);
            changes::check_events(&change, &before, &live, entry);
            changes::check_outcome(&change, &before, &live, entry);
        }
        prop_assert_eq!(live.to_bytes().unwrap(), history.board.to_bytes().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Trees of several levels: subtrees are counted and passed over without being read.
    #[test]
    fn a_large_board_equals_the_naive_one(steps in prop::collection::vec(any::<Step>(), 600..900)) {
        let history = History::of(&Cast::multitude(), &steps, 50);
        let world = World::of(&history.entries, Selection::default());
        check::check_standings(&world, &history.board);
        check::check_curves(&world, &history.board, 40);
        check::check_equal(&history.board, &Board::replay(&history.entries));
        let rows = world.rows(&benchmark_ids(&Cast::multitude())[0]);
        prop_assert!(rows.len() > 128, "more than two leaves of a tree");
    }
}

#[test]
fn random_histories_come_across_everything() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut met = Met::default();
    for cast in [Cast::mixed(), Cast::crowd()] {
        for _ in 0..100 {
            let steps = steps(160).new_tree(&mut runner).unwrap().current();
            met.look_at(&History::of(&cast, &steps, 3));
        }
    }
    for what in [
        "ALIAS_TAKEN",
        "BENCHMARK_FIXED",
        "DIRECTION_INCONSISTENT",
        "ID_MALFORMED",
        "REQUEST_ID_REUSED",
        "REVISION_MISMATCH",
        "STATUS_NOT_POSSIBLE",
        "UNKNOWN_CLAIM",
        "UNKNOWN_MODEL",
        "UNKNOWN_RESULT",
        "All Ahead",
        "All Behind",
        "All WithinInterval",
        "FrontierAtRelease Ahead",
        "FrontierAtRelease Behind",
        "FrontierAtRelease NotOnFrontier",
        "FrontierAtRelease WithinInterval",
        "declared Ahead",
        "declared Behind",
        "declared FirstToReach",
        "declared NoCostedReference",
        "declared NoDate",
        "declared OnTrend",
        "decline",
        "several dominators",
    ] {
        assert!(met.times(what) > 0, "no {what} in {met:#?}");
    }
}
