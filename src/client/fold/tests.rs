//! The law of folding, and every frame that breaks it.

use super::*;
use crate::proto::v1::{BoardDelta, BoardSize, Progress};

fn frame(revision: i64, content: Frame) -> WatchLeaderboardResponse {
    WatchLeaderboardResponse {
        store_id: "s1".into(),
        revision,
        frame: Some(content),
    }
}

fn row(model: &str, score: f64) -> Standing {
    Standing {
        model: model.into(),
        score,
        ..Standing::default()
    }
}

fn chunk(
    revision: i64,
    board: &str,
    first: bool,
    rows: &[(&str, f64)],
) -> WatchLeaderboardResponse {
    frame(
        revision,
        Frame::Snapshot(SnapshotChunk {
            board: board.into(),
            first,
            rows: rows
                .iter()
                .map(|(model, score)| row(model, *score))
                .collect(),
        }),
    )
}

fn end(revision: i64, boards: &[(&str, i32)]) -> WatchLeaderboardResponse {
    let boards = boards
        .iter()
        .map(|(board, row_count)| BoardSize {
            board: (*board).into(),
            row_count: *row_count,
        })
        .collect();
    frame(revision, Frame::SnapshotEnd(SnapshotEnd { boards }))
}

fn delta(
    from: i64,
    to: i64,
    board: &str,
    rows: &[(&str, f64)],
    left: &[&str],
) -> WatchLeaderboardResponse {
    let change = BoardDelta {
        board: board.into(),
        rows: rows
            .iter()
            .map(|(model, score)| row(model, *score))
            .collect(),
        left: left.iter().map(ToString::to_string).collect(),
        ..BoardDelta::default()
    };
    frame(
        to,
        Frame::Delta(Delta {
            from_revision: from,
            boards: vec![change],
        }),
    )
}

fn progress(revision: i64) -> WatchLeaderboardResponse {
    frame(revision, Frame::Progress(Progress {}))
}

fn held() -> Fold {
    let mut fold = Fold::new();
    for frame in [
        chunk(5, "mmlu", true, &[("a/x", 1.0)]),
        chunk(5, "mmlu", false, &[("a/y", 2.0)]),
        end(5, &[("mmlu", 2), ("gpqa", 0)]),
    ] {
        fold.apply(&frame).expect("a valid frame");
    }
    fold
}

#[test]
fn a_snapshot_shows_when_it_is_complete_and_not_before() {
    let mut fold = Fold::new();
    assert_eq!(
        fold.apply(&chunk(5, "mmlu", true, &[("a/x", 1.0)])),
        Ok(Applied::Collecting)
    );
    assert_eq!((fold.revision(), fold.boards().len()), (None, 0));
    assert_eq!(fold.apply(&end(5, &[("mmlu", 1)])), Ok(Applied::Snapshot));
    assert_eq!((fold.revision(), fold.store_id()), (Some(5), "s1"));
    assert_eq!(fold.board("mmlu").map(Rows::len), Some(1));
}

#[test]
fn a_board_without_rows_is_held_as_empty() {
    assert_eq!(held().board("gpqa").map(Rows::len), Some(0));
    assert_eq!(held().board("other"), None);
}

#[test]
fn deltas_change_add_and_remove_rows() {
    let mut fold = held();
    let change = delta(5, 6, "mmlu", &[("a/y", 3.0), ("a/z", 4.0)], &["a/x"]);
    assert_eq!(fold.apply(&change), Ok(Applied::Delta));
    let rows: Vec<_> = fold.boards()["mmlu"]
        .values()
        .map(|r| (r.model.as_str(), r.score))
        .collect();
    assert_eq!(rows, [("a/y", 3.0), ("a/z", 4.0)]);
    assert_eq!(fold.revision(), Some(6));
}

#[test]
fn progress_moves_the_revision_that_the_next_delta_continues() {
    let mut fold = held();
    assert_eq!(fold.apply(&progress(9)), Ok(Applied::Progress));
    assert_eq!(
        fold.apply(&delta(9, 11, "mmlu", &[], &["a/x"])),
        Ok(Applied::Delta)
    );
    assert_eq!(fold.apply(&progress(11)), Ok(Applied::Progress));
}

#[test]
fn a_gap_or_a_repetition_is_refused_and_changes_nothing() {
    let mut fold = held();
    let before = fold.clone();
    assert_eq!(
        fold.apply(&delta(6, 7, "mmlu", &[], &["a/x"])),
        Err(FoldError::Gap { held: 5, from: 6 })
    );
    assert_eq!(
        fold.apply(&delta(4, 5, "mmlu", &[], &["a/x"])),
        Err(FoldError::Gap { held: 5, from: 4 })
    );
    assert_eq!(
        fold.apply(&delta(5, 5, "mmlu", &[], &["a/x"])),
        Err(FoldError::RevisionWentBack { held: 5, given: 5 })
    );
    assert_eq!(
        fold.apply(&progress(4)),
        Err(FoldError::RevisionWentBack { held: 5, given: 4 })
    );
    assert_eq!(fold, before);
}

#[test]
fn a_fresh_snapshot_in_band_replaces_its_boards_only() {
    let mut fold = held();
    fold.apply(&delta(5, 6, "gpqa", &[("a/q", 7.0)], &[]))
        .expect("a delta");
    fold.apply(&chunk(8, "mmlu", true, &[("a/new", 9.0)]))
        .expect("a chunk");
    assert_eq!(
        fold.boards()["mmlu"].len(),
        2,
        "the old rows stay visible meanwhile"
    );
    fold.apply(&end(8, &[("mmlu", 1)])).expect("the end");
    let models: Vec<_> = fold.boards()["mmlu"].keys().collect();
    assert_eq!(models, ["a/new"]);
    assert_eq!(fold.boards()["gpqa"].len(), 1);
    assert_eq!(fold.revision(), Some(8));
}

#[test]
fn a_snapshot_of_another_size_than_announced_is_refused() {
    let mut fold = Fold::new();
    fold.apply(&chunk(5, "mmlu", true, &[("a/x", 1.0)]))
        .expect("a chunk");
    assert_eq!(
        fold.apply(&end(5, &[("mmlu", 2)])),
        Err(FoldError::RowsMissing {
            board: "mmlu".into(),
            announced: 2,
            received: 1
        })
    );
}

#[test]
fn a_torn_snapshot_is_refused_and_forgotten_on_disconnection() {
    let mut fold = held();
    fold.apply(&chunk(8, "mmlu", true, &[("a/new", 9.0)]))
        .expect("a chunk");
    let torn = FoldError::SnapshotTorn {
        snapshot: 8,
        given: 9,
    };
    assert_eq!(
        fold.apply(&delta(5, 9, "mmlu", &[], &[])),
        Err(torn.clone())
    );
    assert_eq!(fold.apply(&chunk(9, "mmlu", true, &[])), Err(torn));
    fold.disconnected();
    assert_eq!(fold, held());
    assert_eq!(
        fold.apply(&delta(5, 6, "mmlu", &[], &[])),
        Ok(Applied::Delta)
    );
}

#[test]
fn another_store_and_an_empty_frame_are_refused() {
    let mut fold = held();
    let mut other = progress(9);
    other.store_id = "s2".into();
    assert!(matches!(
        fold.apply(&other),
        Err(FoldError::StoreChanged { .. })
    ));
    assert_eq!(
        fold.apply(&WatchLeaderboardResponse::default()),
        Err(FoldError::EmptyFrame)
    );
}

#[test]
fn a_fold_that_resumes_expects_the_next_revision() {
    let mut fold = Fold::after("s1", 5);
    assert_eq!(
        fold.apply(&delta(6, 7, "mmlu", &[], &[])),
        Err(FoldError::Gap { held: 5, from: 6 })
    );
    assert_eq!(
        fold.apply(&delta(5, 7, "mmlu", &[], &[])),
        Ok(Applied::Delta)
    );
}
