//! One commit is applied while the next one is on its way to the disk.
//!
//! A test that holds the board keeps the writer from applying what is durable, so that it sees the moment between.

use frontierd::log::{Log, MemoryLog};
use frontierd::model::{Reason, Revision};

use crate::support::{
    Answer, Keeper, ask, draft, entry, gated, is_open, log, queue, reason_of, revision_of,
};
use frontierd::commit::Commit;

/// What the daemon shows: the board, the ring, the log.
fn shown(commit: &Commit) -> (Revision, Revision, Revision) {
    let board = commit.board().revision();
    (board, commit.hub().head(), commit.log().head().revision)
}

/// A writer of which revision 2 is in flight.
async fn in_flight(log: &MemoryLog) -> (Commit, Keeper, Answer) {
    let (commit, keeper, first) = gated(log).await;
    (commit, keeper, Box::pin(first.answer()))
}

#[tokio::test]
async fn the_next_commit_is_on_its_way_before_the_durable_one_is_applied() {
    let (commit, keeper, mut first) = in_flight(&log()).await;
    let mut second = ask(&commit, draft("", "lab/b", 40.0)).await;
    {
        let board = commit.board();
        keeper.let_through();
        assert_eq!(keeper.arrived(), 1, "nobody waits for the board");
        assert_eq!(commit.log().head().revision, 2);
        assert_eq!((board.revision(), commit.hub().head()), (1, 1));
        assert_eq!(commit.durable_lag(), 1);
        assert!(is_open(&mut first) && is_open(&mut second));
    }
    assert_eq!(revision_of(first.await), 2);
    assert_eq!(shown(&commit), (2, 2, 2));
    assert!(is_open(&mut second), "answered before it is durable");
    keeper.let_through();
    assert_eq!(revision_of(second.await), 3);
    assert_eq!(shown(&commit), (3, 3, 3));
}

#[tokio::test]
async fn nothing_shows_and_nobody_is_answered_before_the_disk_has_it() {
    let (commit, keeper, mut first) = in_flight(&log()).await;
    let mut behind = ask(&commit, draft("", "lab/b", 40.0)).await;
    let mut settled: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(commit.settled());
    assert!(is_open(&mut first) && is_open(&mut behind) && is_open(&mut settled));
    assert_eq!(shown(&commit), (1, 1, 1));
    assert_eq!(commit.durable_lag(), 1);
    keeper.let_through();
    assert_eq!(revision_of(first.await), 2);
    assert_eq!(keeper.arrived(), 1);
    assert!(is_open(&mut behind) && is_open(&mut settled));
    assert_eq!(shown(&commit), (2, 2, 2));
    keeper.let_through();
    assert_eq!(revision_of(behind.await), 3);
    settled.await.expect("the writer is at work");
    assert_eq!((shown(&commit), commit.durable_lag()), ((3, 3, 3), 0));
}

#[tokio::test]
async fn drafts_are_judged_on_what_is_durable_and_not_yet_applied() {
    let log = log();
    let (commit, keeper, first) = in_flight(&log).await;
    let mut original = ask(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    first.await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    // All of these depend on the original, which is on its way.
    let mut reused = ask(&commit, draft("id", "lab/a", 61.0)).await;
    let mut repeated = ask(&commit, draft("id", "lab/a", 60.0)).await;
    let mut other = ask(&commit, draft("", "lab/a", 62.0)).await;
    {
        let _board = commit.board();
        assert!(is_open(&mut reused) && is_open(&mut repeated));
        keeper.let_through();
        assert_eq!(keeper.arrived(), 1, "only the other one needs the log");
        let all = [&mut original, &mut reused, &mut repeated, &mut other];
        for answer in all {
            assert!(is_open(answer), "answered before the original shows");
        }
    }
    assert_eq!(revision_of(original.await), 3);
    keeper.let_through();
    assert_eq!(reason_of(reused.await), Reason::RequestIdReused);
    let repeated = repeated.await.expect("accepted");
    assert_eq!((repeated.revision, repeated.replayed), (3, true));
    let other = other.await.expect("accepted");
    assert_eq!((other.revision, other.creates_model), (4, false));
    assert_eq!(shown(&commit), (4, 4, 4));
}

#[tokio::test]
async fn refusals_alone_make_no_commit_and_wait_for_the_one_in_flight() {
    let (commit, keeper, mut first) = in_flight(&log()).await;
    let mut original = ask(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    (&mut first).await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    let mut reused = ask(&commit, draft("id", "lab/a", 61.0)).await;
    assert!(is_open(&mut original) && is_open(&mut reused));
    keeper.let_through();
    assert_eq!(reason_of(reused.await), Reason::RequestIdReused);
    assert_eq!(
        commit.board().revision(),
        3,
        "what it was refused for shows"
    );
    assert_eq!(revision_of(original.await), 3);
    assert!(keeper.arrived.try_recv().is_err(), "no third append");
}

#[tokio::test]
async fn a_conflict_of_the_commit_behind_an_unapplied_one_is_judged_again() {
    let log = log();
    let mut other = log.second_writer();
    let (commit, keeper, first) = in_flight(&log).await;
    let original = ask(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    first.await.expect("accepted");
    assert_eq!(keeper.arrived(), 1);
    let repeated = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let taken = queue(&commit, draft("taken", "lab/b", 61.0)).await;
    let plain = queue(&commit, draft("", "lab/c", 62.0)).await;
    {
        let _board = commit.board();
        keeper.let_through();
        assert_eq!(keeper.arrived(), 2);
        // Judged on the original, which is durable and not yet applied, when somebody else is faster.
        let foreign = [entry(4, "taken", "lab/z", 99.0)];
        other.append(3, &foreign).expect("an append");
        keeper.let_through();
    }
    assert_eq!(revision_of(original.await), 3);
    assert_eq!(keeper.arrived(), 1);
    keeper.let_through();
    let repeated = repeated.answer().await.expect("accepted");
    assert_eq!((repeated.revision, repeated.replayed), (3, true));
    assert_eq!(reason_of(taken.answer().await), Reason::RequestIdReused);
    assert_eq!(revision_of(plain.answer().await), 5);
    assert_eq!(commit.log().head(), Log::head(&other));
    let published = commit.hub().after(1, 5, 10).expect("all of them");
    let revisions: Vec<_> = published.iter().map(|item| item.revision()).collect();
    assert_eq!(revisions, [2, 3, 4, 5]);
}

#[tokio::test]
async fn closing_ends_what_is_in_flight_and_what_has_gathered_behind_it() {
    let (commit, keeper, first) = in_flight(&log()).await;
    let second = ask(&commit, draft("", "lab/a", 60.0)).await;
    {
        let _board = commit.board();
        keeper.let_through();
        assert_eq!(keeper.arrived(), 1);
    }
    let third = ask(&commit, draft("", "lab/a", 61.0)).await;
    commit.close().await;
    let late = ask(&commit, draft("", "lab/a", 62.0)).await;
    drop(keeper);
    for (answer, revision) in [first, second, third].into_iter().zip(2..) {
        assert_eq!(revision_of(answer.await), revision);
    }
    assert_eq!(reason_of(late.await), Reason::ShuttingDown);
    assert_eq!(shown(&commit), (4, 4, 4));
}
