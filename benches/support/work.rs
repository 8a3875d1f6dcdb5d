//! What the daemon does with bytes: answers, log, replay, pages.

use bytes::Bytes;
use frontierd::api::convert::{self, ListingAnswer};
use frontierd::board::answer::SubmitOutcome;
use frontierd::board::query::{BoardName, Detail, ListingQuery, Order, RowFilter};
use frontierd::board::{Board, Want};
use frontierd::limits::PAGE_SIZE_DEFAULT;
use frontierd::log::{Chunk, Log, MemoryLog};
use frontierd::model::{Entry, Revision};

use crate::data::{benchmark_id, model_id};

pub(crate) const STORE_ID: &str = "7f0c9f5e-2d0f-4d68-a1a5-6a6f3f7e5b11";

/// A log in memory with these entries, packed as one commit packs them.
pub(crate) fn log_with(entries: &[Entry]) -> MemoryLog {
    let mut log = MemoryLog::new(STORE_ID);
    log.append(0, entries).expect("entries that fit");
    log
}

/// The bytes of a log's chunks, by their first revision.
pub(crate) fn chunks_of(log: &MemoryLog) -> Vec<(Revision, Bytes)> {
    let reader = log.reader();
    let chunks = reader.chunks(1).map(|chunk| chunk.expect("a chunk"));
    chunks.map(|chunk| (chunk.first, chunk.bytes)).collect()
}

/// Checks, decodes and applies chunks, as a start without a checkpoint does.
pub(crate) fn replay(chunks: &[(Revision, Bytes)]) -> Board {
    let mut board = Board::new();
    for (first, bytes) in chunks {
        let chunk = Chunk::parse(*first, bytes.clone()).expect("a chunk");
        for entry in chunk.decode().expect("entries") {
            board.apply(&entry, Want::State);
        }
    }
    board
}

/// What submissions are answered with.
pub(crate) fn outcomes(board: &mut Board, entries: &[Entry]) -> Vec<(Revision, SubmitOutcome)> {
    let apply = |entry: &Entry| {
        let change = board.apply(entry, Want::Outcome(None));
        let outcome = change.outcome.expect("an outcome was asked for");
        (entry.revision, *outcome)
    };
    entries.iter().map(apply).collect()
}

/// `SubmitResultResponse` in bytes.
pub(crate) fn encode_answer(revision: Revision, outcome: &SubmitOutcome) -> Bytes {
    let accepted = convert::Accepted {
        revision,
        ..convert::Accepted::default()
    };
    convert::submit_response(&accepted, outcome).into_bytes()
}

/// `GetStanding`, from the board to bytes.
pub(crate) fn get_standing(board: &Board, model: u64) -> Bytes {
    let name = BoardName::Benchmark(benchmark_id(0));
    let standing = board.standing(&name, model_id(model).as_str(), None);
    let standing = standing.expect("a standing");
    convert::get_standing_response(board.revision(), &standing).into_bytes()
}

/// The first page of `GetLeaderboard` with every field, from the board to bytes.
pub(crate) fn first_page(board: &Board) -> Bytes {
    let query = ListingQuery {
        board: BoardName::Benchmark(benchmark_id(0)),
        order: Order::Score,
        basis: None,
        detail: Detail::Full,
        rows: RowFilter::default(),
        min_score: None,
        min_coverage: None,
        offset: 0,
        limit: PAGE_SIZE_DEFAULT,
    };
    let listing = board.listing(&query).expect("a listing");
    let answer = ListingAnswer {
        board: query.board,
        order: query.order,
        store_id: STORE_ID.to_owned(),
        next_page_token: String::new(),
    };
    convert::leaderboard(&listing, &answer).into_bytes()
}
