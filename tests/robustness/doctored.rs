//! Histories that were sound until somebody changed them: each validator sees what it is there for.

use frontierd::api::convert;
use frontierd::board::judge::{Decision, Pending, judge};
use frontierd::board::{Board, Want};
use frontierd::intake::Context;
use frontierd::log::Head;
use frontierd::model::{Date, Draft, Entry, Timestamp};
use frontierd::proto::v1::watch_leaderboard_response::Frame;
use frontierd::proto::v1::{
    Benchmark, BoardDelta, BoardSize, Delta, Progress, PutBenchmarkRequest,
    Result as ResultMessage, SnapshotChunk, SnapshotEnd, SubmitResultRequest, WatchAfter,
    WatchLeaderboardRequest, WatchLeaderboardResponse,
};

use crate::history::{History, Refused, Watch};
use crate::oracle::{Oracle, Rows};
use crate::validate::{Broken, validate};

const STORE: &str = "a-store";
const BOARD: &str = "alpha";
const HEAD: i64 = 10;

fn drafts() -> Vec<Draft> {
    let context = Context::new(Date::from_days(20_200), "tester");
    let put = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: BOARD.to_owned(),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    let mut drafts = vec![convert::put_benchmark(put, &context).expect("well formed")];
    for number in 1..HEAD {
        let message = SubmitResultRequest {
            result: Some(ResultMessage {
                benchmark: BOARD.to_owned(),
                model: format!("lab/m{}", number % 3),
                score: Some(number as f64),
                observed_date: "2025-01-01".to_owned(),
                ..ResultMessage::default()
            }),
            ..SubmitResultRequest::default()
        };
        let submission = convert::submit_result(message, &context);
        drafts.push(submission.expect("well formed").draft);
    }
    drafts
}

fn entries() -> Vec<Entry> {
    let mut board = Board::new();
    let received = Timestamp::from_micros(20_200 * 86_400_000_000);
    let mut entries = Vec::new();
    for draft in drafts() {
        let judged = judge(&board, &Pending::default(), &draft, received.date());
        let Decision::Append(body) = judged.expect("accepted").decision else {
            panic!("each is new");
        };
        let entry = Entry {
            revision: board.revision() + 1,
            received,
            author: draft.author,
            request: draft.request,
            body,
        };
        board.apply(&entry, Want::State);
        entries.push(entry);
    }
    entries
}

fn frame(revision: i64, frame: Frame) -> WatchLeaderboardResponse {
    WatchLeaderboardResponse {
        store_id: STORE.to_owned(),
        revision,
        frame: Some(frame),
    }
}

fn request(after: Option<i64>) -> WatchLeaderboardRequest {
    WatchLeaderboardRequest {
        boards: vec![BOARD.to_owned()],
        after: after.map(|revision| WatchAfter {
            revision,
            store_id: STORE.to_owned(),
            resnapshot: false,
        }),
        ..WatchLeaderboardRequest::default()
    }
}

fn snapshot(history: &History, revision: i64) -> [WatchLeaderboardResponse; 2] {
    let rows: Rows = history.rows(&request(None), revision);
    let rows: Vec<_> = rows[BOARD].values().cloned().collect();
    let size = BoardSize {
        board: BOARD.to_owned(),
        row_count: rows.len() as i32,
    };
    let chunk = SnapshotChunk {
        board: BOARD.to_owned(),
        first: true,
        rows,
    };
    let end = SnapshotEnd { boards: vec![size] };
    [
        frame(revision, Frame::Snapshot(chunk)),
        frame(revision, Frame::SnapshotEnd(end)),
    ]
}

fn delta(history: &History, from: i64, to: i64) -> WatchLeaderboardResponse {
    let before = history.rows(&request(None), from);
    let after = history.rows(&request(None), to);
    let changed = after[BOARD].iter();
    let changed = changed.filter(|(model, row)| before[BOARD].get(*model) != Some(row));
    let board = BoardDelta {
        board: BOARD.to_owned(),
        rows: changed.map(|(_, row)| row.clone()).collect(),
        ..BoardDelta::default()
    };
    let delta = Delta {
        from_revision: from,
        boards: vec![board],
    };
    frame(to, Frame::Delta(delta))
}

fn progress(revision: i64) -> WatchLeaderboardResponse {
    frame(revision, Frame::Progress(Progress {}))
}

/// Two watches: one from a snapshot of 3 to 7, one that resumes after 5 and reaches the head in the next life.
fn sound() -> History {
    let mut history = History {
        store_id: STORE.to_owned(),
        watches: Vec::new(),
        answers: Vec::new(),
        heads: vec![0, 8],
        entries: Vec::new(),
        read: Head::EMPTY,
        oracle: Oracle::new(),
    };
    history.learn((Head::EMPTY, entries()));
    let mut first = snapshot(&history, 3).to_vec();
    first.push(delta(&history, 3, 4));
    first.push(delta(&history, 4, 6));
    first.push(progress(6));
    first.push(delta(&history, 6, 7));
    let second = vec![
        delta(&history, 5, 6),
        delta(&history, 6, 7),
        delta(&history, 7, 8),
        delta(&history, 8, HEAD),
    ];
    for (life, after, frames) in [(0, None, first), (1, Some(5), second)] {
        history.watches.push(Watch {
            life,
            request: request(after),
            frames,
            refused: None,
        });
    }
    history
}

/// What the validators say after a change.
fn after(change: impl FnOnce(&mut History)) -> Vec<Broken> {
    let mut history = sound();
    change(&mut history);
    validate(&history)
}

#[test]
fn a_sound_history_is_sound() {
    assert_eq!(after(|_| {}), []);
}

#[test]
fn a_revision_that_goes_back_is_not_ordered() {
    let broken = after(|history| history.watches[0].frames.push(progress(5)));
    assert!(
        matches!(broken[..], [Broken::NotOrdered(0, _), ..]),
        "{broken:?}"
    );
}

#[test]
fn a_revision_told_twice_is_not_unique() {
    let broken = after(|history| {
        let again = delta(history, 6, 8);
        history.watches[1].frames.splice(2..3, [again]);
    });
    let found = broken
        .iter()
        .any(|it| matches!(it, Broken::NotUnique(1, _)));
    assert!(found, "{broken:?}");
}

#[test]
fn a_revision_in_two_parts_is_not_atomic() {
    let broken = after(|history| {
        let mut part = delta(history, 4, 6);
        let Some(Frame::Delta(delta)) = &mut part.frame else {
            panic!("a delta");
        };
        let rest = delta.boards[0].rows.split_off(1);
        let mut second = part.clone();
        let Some(Frame::Delta(delta)) = &mut second.frame else {
            panic!("a delta");
        };
        delta.boards[0].rows = rest;
        history.watches[0].frames.splice(3..4, [part, second]);
    });
    let found = broken
        .iter()
        .any(|it| matches!(it, Broken::NotAtomic(0, _)));
    assert!(found, "{broken:?}");

    let torn = after(|history| history.watches[0].frames.swap(1, 2));
    let found = torn.iter().any(|it| matches!(it, Broken::NotAtomic(0, _)));
    assert!(found, "{torn:?}");
}

#[test]
fn a_skipped_delta_and_a_skipped_row_are_not_reliable() {
    let gap = after(|history| drop(history.watches[1].frames.remove(1)));
    assert!(matches!(gap[..], [Broken::NotReliable(1, _)]), "{gap:?}");
    let row = after(|history| {
        let Some(Frame::Delta(delta)) = &mut history.watches[1].frames[3].frame else {
            panic!("a delta");
        };
        delta.boards[0].rows.pop();
    });
    assert!(matches!(row[..], [Broken::NotReliable(1, _)]), "{row:?}");
}

#[test]
fn a_resumed_watch_that_begins_elsewhere_or_is_refused_for_nothing_is_not_resumable() {
    let skipped = after(|history| drop(history.watches[1].frames.remove(0)));
    assert!(
        matches!(skipped[..], [Broken::NotResumable(1, _)]),
        "{skipped:?}"
    );
    let refused = |reason: &str, oldest| {
        after(|history| {
            history.watches[1].frames.clear();
            history.watches[1].refused = Some(Refused {
                reason: reason.to_owned(),
                oldest,
            });
        })
    };
    let in_ring = refused("REVISION_COMPACTED", 5);
    assert!(
        matches!(in_ring[..], [Broken::NotResumable(1, _)]),
        "{in_ring:?}"
    );
    let future = refused("REVISION_IN_FUTURE", 6);
    assert!(
        matches!(future[..], [Broken::NotResumable(1, _)]),
        "{future:?}"
    );
    assert_eq!(refused("REVISION_COMPACTED", 6), []);
}

#[test]
fn progress_that_says_too_much_is_not_bookmarkable() {
    let broken = after(|history| {
        // The changes of 5 and 6 are still to come.
        history.watches[0].frames.swap(3, 4);
    });
    let found = broken
        .iter()
        .any(|it| matches!(it, Broken::NotBookmarkable(0, _)));
    assert!(found, "{broken:?}");
}

#[test]
fn what_a_crash_takes_back_is_not_durable() {
    let broken = after(|history| history.heads[1] = 6);
    assert!(
        matches!(broken[..], [Broken::NotDurable(0, _)]),
        "{broken:?}"
    );
    let beyond = after(|history| {
        let last = history.watches[1].frames.last_mut().expect("a frame");
        last.revision = HEAD + 1;
    });
    assert!(
        matches!(beyond[..], [Broken::NotDurable(1, _)]),
        "{beyond:?}"
    );
}
