//! The cases: what is counted, and what has to be there before.

use std::hint::black_box;

use bytes::Bytes;
use frontierd::board::judge::{Pending, judge};
use frontierd::board::{Board, Want};
use frontierd::log::{Log, MemoryLog};
use frontierd::model::Entry;
use prost::Message;

use crate::data::{Shape, Source, TODAY, board_of, log_of};
use crate::watching::{Watcher, fold_in, fold_of};
use crate::work::{
    STORE_ID, chunks_of, encode_answer, first_page, get_standing, log_with, outcomes, replay,
};

/// Operations of one case: enough that a rare dear one is among them.
const OPERATIONS: usize = 256;
/// Entries of the log that is replayed, and models they are about.
const REPLAYED: usize = 10_000;
const REPLAYED_MODELS: u64 = 1_000;

/// Something to count.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// Makes everything that is not counted.
    pub(crate) prepare: fn() -> Work,
}

/// Work that is ready to be done, once.
pub(crate) struct Work {
    /// Operations in it; the count is divided by this.
    pub(crate) operations: u64,
    pub(crate) run: Box<dyn FnMut()>,
}

const fn case(name: &'static str, prepare: fn() -> Work) -> Case {
    Case { name, prepare }
}

/// All cases.
pub(crate) const CASES: [Case; 15] = [
    case("judge_1e3", || judging(1_000)),
    case("apply_state_1e3", || applying(1_000, Want::State)),
    case("apply_changes_1e3", || applying(1_000, Want::Changes)),
    case("apply_changes_1e4", || applying(10_000, Want::Changes)),
    case("apply_outcome_1e3", || applying(1_000, Want::Outcome(None))),
    case("apply_outcome_1e4", || {
        applying(10_000, Want::Outcome(None))
    }),
    case("encode_answer_1e3", encoding_answers),
    case("append_alone", || appending(1)),
    case("append_64_together", || appending(64)),
    case("encode_delta", encoding_deltas),
    case("fold_delta", folding),
    case("replay_10000", replaying),
    case("get_standing_1e3", || standings(1_000)),
    case("first_page_1e3", || pages(1_000)),
    case("first_page_1e4", || pages(10_000)),
];

fn work(operations: usize, run: impl FnMut() + 'static) -> Work {
    Work {
        operations: operations as u64,
        run: Box::new(run),
    }
}

fn judging(standings: u64) -> Work {
    let (board, mut source) = board_of(Shape::Spread, standings);
    let drafts = source.drafts(1, standings, OPERATIONS);
    let pending = Pending::default();
    work(OPERATIONS, move || {
        for draft in &drafts {
            let judged = judge(&board, &pending, black_box(draft), TODAY);
            assert!(black_box(judged).is_ok());
        }
    })
}

/// A board and results of models that stand on it already.
fn resubmissions(standings: u64) -> (Board, Vec<Entry>) {
    let (board, mut source) = board_of(Shape::Spread, standings);
    let entries = source.resubmissions(1, standings, OPERATIONS);
    (board, entries)
}

fn applying(standings: u64, want: Want) -> Work {
    let (mut board, entries) = resubmissions(standings);
    work(OPERATIONS, move || {
        for entry in &entries {
            black_box(board.apply(black_box(entry), want));
        }
    })
}

fn encoding_answers() -> Work {
    let (mut board, entries) = resubmissions(1_000);
    let mut answers = outcomes(&mut board, &entries);
    work(OPERATIONS, move || {
        for (revision, outcome) in answers.drain(..) {
            black_box(encode_answer(revision, &outcome));
        }
    })
}

fn appending(together: usize) -> Work {
    let entries = log_of(&mut Source::new(Shape::Spread), OPERATIONS as u64 - 1);
    let mut log = MemoryLog::new(STORE_ID);
    work(OPERATIONS, move || {
        for entries in entries.chunks(together) {
            let appended = log.append(entries[0].revision - 1, black_box(entries));
            assert!(appended.is_ok());
        }
    })
}

/// A log with as many models on one board, and results that come after.
fn watched() -> (Vec<Entry>, Vec<Entry>) {
    let mut source = Source::new(Shape::Spread);
    let before = log_of(&mut source, 1_000);
    let after = source.resubmissions(1, 1_000, OPERATIONS);
    (before, after)
}

fn watcher() -> (Vec<Entry>, Watcher) {
    let (before, after) = watched();
    let held = before.len() as u64;
    let all: Vec<Entry> = before.iter().cloned().chain(after).collect();
    (before, Watcher::open(&all, Some(held)))
}

fn encoding_deltas() -> Work {
    let (_, mut watcher) = watcher();
    work(OPERATIONS, move || {
        for _ in 0..OPERATIONS {
            black_box(watcher.next());
        }
    })
}

fn folding() -> Work {
    let (before, mut watcher) = watcher();
    let mut fold = fold_of(&before);
    let frames = (0..OPERATIONS).map(|_| Bytes::from(watcher.next().encode_to_vec()));
    let frames: Vec<Bytes> = frames.collect();
    watcher.leak();
    work(OPERATIONS, move || {
        for frame in &frames {
            fold_in(&mut fold, black_box(frame));
        }
    })
}

fn replaying() -> Work {
    let mut source = Source::new(Shape::Spread);
    let mut entries = vec![source.definition(0)];
    entries.extend(source.resubmissions(1, REPLAYED_MODELS, REPLAYED - 1));
    let chunks = chunks_of(&log_with(&entries));
    work(REPLAYED, move || {
        black_box(replay(black_box(&chunks)));
    })
}

fn standings(standings: u64) -> Work {
    let (board, _) = board_of(Shape::Spread, standings);
    let step = standings as usize / OPERATIONS;
    work(OPERATIONS, move || {
        for model in (0..standings).step_by(step).take(OPERATIONS) {
            black_box(get_standing(&board, black_box(model)));
        }
    })
}

fn pages(standings: u64) -> Work {
    let (board, _) = board_of(Shape::Spread, standings);
    work(1, move || {
        black_box(first_page(&board));
    })
}
