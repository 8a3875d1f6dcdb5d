//! What each step of the daemon costs inside, in time: `cargo bench --bench inside`, or with part of a name as filter.

#[path = "../support/data.rs"]
mod data;
mod rounds;
#[path = "../support/watching.rs"]
mod watching;
#[path = "../support/work.rs"]
mod work;

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use frontierd::board::judge::{Pending, judge};
use frontierd::board::{Board, Want};
use frontierd::log::{Log, MemoryLog};
use prost::Message;

use self::data::{Shape, Source, TODAY, board_of, log_of};
use self::rounds::in_rounds;
use self::watching::{Watcher, fold_in, fold_of};
use self::work::{
    STORE_ID, chunks_of, encode_answer, first_page, get_standing, log_with, outcomes, replay,
};

const STANDINGS: [u64; 3] = [1_000, 10_000, 100_000];
/// Submissions to a board before it is put back to what it was: few beside those it holds, so its size stays.
const ROUND: usize = 512;
/// Deltas of a watch before it is opened anew.
const WATCH_ROUND: usize = 4_096;
const REPLAYED: u64 = 10_000;

fn judging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("judge");
    for standings in STANDINGS {
        let (board, mut source) = board_of(Shape::Spread, standings);
        let drafts = source.drafts(1, standings, ROUND);
        let pending = Pending::default();
        let mut drafts = drafts.iter().cycle();
        group.bench_function(standings.to_string(), |bencher| {
            bencher.iter(|| judge(&board, &pending, drafts.next().expect("a cycle"), TODAY));
        });
    }
}

fn applying(criterion: &mut Criterion) {
    let mut boards: Vec<(String, Shape, u64)> = Vec::new();
    boards.extend(STANDINGS.map(|n| (n.to_string(), Shape::Spread, n)));
    boards.push(("10000-all-on-frontier".to_owned(), Shape::Frontier, 10_000));
    boards.push(("10000-heavy-ties".to_owned(), Shape::Ties, 10_000));
    let mut group = criterion.benchmark_group("apply");
    for (name, shape, standings) in boards {
        let (board, mut source) = board_of(shape, standings);
        let first = source.resubmissions(1, standings, 1);
        let entries = source.resubmissions(1, standings, ROUND);
        let prepare = || {
            let mut board = board.clone();
            // A clone shares its rows until the first change.
            board.apply(&first[0], Want::State);
            board
        };
        let wants = [
            ("state", Want::State),
            ("changes", Want::Changes),
            ("outcome", Want::Outcome(None)),
        ];
        for (want_name, want) in wants {
            group.bench_function(BenchmarkId::new(want_name, &name), |bencher| {
                in_rounds(bencher, ROUND, prepare, |board: &mut Board, at| {
                    black_box(board.apply(&entries[at], want));
                });
            });
        }
    }
}

fn answering(criterion: &mut Criterion) {
    let (mut board, mut source) = board_of(Shape::Spread, 1_000);
    let entries = source.resubmissions(1, 1_000, ROUND);
    let answers = outcomes(&mut board, &entries);
    criterion.bench_function("encode-answer", |bencher| {
        let prepare = || answers.iter().cloned().map(Some).collect::<Vec<_>>();
        in_rounds(bencher, ROUND, prepare, |answers, at| {
            let (revision, outcome) = answers[at].take().expect("one of each");
            black_box(encode_answer(revision, &outcome));
        });
    });
}

fn logging(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("append");
    let entries = log_of(&mut Source::new(Shape::Spread), 16_384 - 1);
    for together in [1, 64] {
        group.throughput(Throughput::Elements(together as u64));
        let rounds = entries.len() / together;
        group.bench_function(together.to_string(), |bencher| {
            let prepare = || MemoryLog::new(STORE_ID);
            in_rounds(bencher, rounds, prepare, |log, at| {
                let entries = &entries[at * together..(at + 1) * together];
                black_box(log.append(entries[0].revision - 1, entries)).expect("it continues");
            });
        });
    }
}

fn watching(criterion: &mut Criterion) {
    let mut source = Source::new(Shape::Spread);
    let mut entries = log_of(&mut source, 1_000);
    let held = entries.len();
    entries.extend(source.resubmissions(1, 1_000, WATCH_ROUND));
    let open = || Watcher::open(&entries, Some(held as u64));
    let mut group = criterion.benchmark_group("delta");
    group.bench_function("encode", |bencher| {
        in_rounds(bencher, WATCH_ROUND, open, |watcher, _| {
            black_box(watcher.next());
        });
    });
    let mut watcher = open();
    let frames = (0..WATCH_ROUND).map(|_| Bytes::from(watcher.next().encode_to_vec()));
    let frames: Vec<Bytes> = frames.collect();
    let fold = fold_of(&entries[..held]);
    group.bench_function("fold", |bencher| {
        let prepare = || fold.clone();
        in_rounds(bencher, WATCH_ROUND, prepare, |fold, at| {
            fold_in(fold, black_box(&frames[at]));
        });
    });
    watcher.leak();
}

fn starting(criterion: &mut Criterion) {
    let mut source = Source::new(Shape::Spread);
    let mut entries = vec![source.definition(0)];
    entries.extend(source.resubmissions(1, 1_000, REPLAYED as usize - 1));
    let chunks = chunks_of(&log_with(&entries));
    let mut group = criterion.benchmark_group("replay");
    group.throughput(Throughput::Elements(REPLAYED));
    group.bench_function(REPLAYED.to_string(), |bencher| {
        bencher.iter(|| replay(&chunks));
    });
    group.finish();
    let mut group = criterion.benchmark_group("checkpoint");
    for standings in STANDINGS {
        let (board, _) = board_of(Shape::Spread, standings);
        group.throughput(Throughput::Elements(standings));
        group.bench_function(BenchmarkId::new("encode", standings), |bencher| {
            bencher.iter(|| board.to_bytes());
        });
        let bytes = board.to_bytes().expect("a board in memory");
        group.bench_function(BenchmarkId::new("load", standings), |bencher| {
            bencher.iter(|| Board::from_bytes(&bytes));
        });
    }
}

fn reading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read");
    for standings in STANDINGS {
        let (board, _) = board_of(Shape::Spread, standings);
        let mut models = (0..standings).cycle();
        group.bench_function(BenchmarkId::new("get-standing", standings), |bencher| {
            bencher.iter(|| get_standing(&board, models.next().expect("a cycle")));
        });
        group.bench_function(BenchmarkId::new("first-page", standings), |bencher| {
            bencher.iter(|| first_page(&board));
        });
    }
}

criterion_group! {
    name = inside;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = judging, applying, answering, logging, watching, starting, reading
}
criterion_main!(inside);
