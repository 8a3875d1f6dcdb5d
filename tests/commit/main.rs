//! The writer over a log in memory: group commit, overlap of disk and board, other writers, failed writes.

mod checkpoints;
mod failures;
#[allow(dead_code, clippy::unwrap_used, reason = "other tests use the rest")]
#[path = "../naive/mod.rs"]
mod naive;
mod pipeline;
mod ring;
mod support;

use frontierd::commit::Asked;
use frontierd::log::Log;
use frontierd::model::Reason;

use support::{draft, entry, gated, log, open, queue, reason_of, revision_of, unanswered};

#[tokio::test]
async fn everything_that_waits_becomes_one_append() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let mut waiting = Vec::new();
    for number in 0..300 {
        let model = format!("lab/m{number}");
        waiting.push(queue(&commit, draft("", &model, 40.0)).await);
    }
    keeper.let_through();
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(keeper.arrived(), 300);
    keeper.let_through();
    for (ticket, revision) in waiting.into_iter().zip(3..) {
        assert_eq!(revision_of(ticket.answer().await), revision);
    }
    assert_eq!(commit.log().head().revision, 302);
    assert!(keeper.arrived.try_recv().is_err(), "no third append");
}

#[tokio::test]
async fn concurrent_callers_share_appends() {
    const CALLERS: u64 = 64;
    const EACH: u64 = 20;
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..CALLERS {
        let commit = commit.clone();
        callers.spawn(async move {
            for number in 0..EACH {
                let model = format!("lab/c{caller}");
                let draft = draft(&format!("{caller}-{number}"), &model, number as f64);
                commit.submit(draft, Asked::Rank).await.expect("accepted");
            }
        });
    }
    let appends = std::thread::spawn(move || {
        keeper.let_through();
        let sizes = std::iter::from_fn(|| keeper.arrived.recv().ok());
        let sizes = sizes.inspect(|_| keeper.let_through());
        let mut appended = 0;
        let mut count = 0;
        for size in sizes {
            appended += size;
            count += 1;
            if appended == CALLERS * EACH {
                break;
            }
        }
        count
    });
    while let Some(done) = callers.join_next().await {
        done.expect("no panic");
    }
    assert_eq!(revision_of(first.answer().await), 2);
    let appends = appends.join().expect("no panic");
    assert_eq!(commit.board().revision(), 2 + CALLERS * EACH);
    // Every caller waits for its answer before it goes on, so at best they share each of 20.
    assert!((EACH..CALLERS * EACH / 4).contains(&appends), "{appends}");
}

#[tokio::test]
async fn another_writers_entries_are_applied_and_drafts_judged_again() {
    let log = log();
    let mut other = log.second_writer();
    let (commit, keeper, first) = gated(&log).await;
    let same = queue(&commit, draft("once", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("taken", "lab/b", 61.0)).await;
    let plain = queue(&commit, draft("", "lab/c", 62.0)).await;
    keeper.let_through();
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(keeper.arrived(), 3);
    // All three are judged and on their way when somebody else is faster.
    let foreign = [
        entry(3, "once", "lab/a", 60.0),
        entry(4, "taken", "lab/z", 99.0),
    ];
    other.append(2, &foreign).expect("an append");
    let mut told = commit.hub().listen();
    told.mark_unchanged();
    keeper.let_through();
    // What is left of the batch comes again, behind the foreign entries.
    assert_eq!(keeper.arrived(), 1);
    told.changed().await.expect("watchers are told");
    assert_eq!(*told.borrow(), 4);
    assert_eq!(commit.board().revision(), 4);
    keeper.let_through();

    let same = same.answer().await.expect("accepted");
    assert_eq!((same.revision, same.replayed), (3, true));
    assert_eq!(reason_of(reused.answer().await), Reason::RequestIdReused);
    let plain = plain.answer().await.expect("accepted");
    assert_eq!((plain.revision, plain.rank), (5, Some(2)));
    let published = commit.hub().after(1, 5, 10).expect("all of them");
    let revisions: Vec<_> = published.iter().map(|item| item.revision()).collect();
    assert_eq!(revisions, [2, 3, 4, 5]);
    assert_eq!(commit.log().head(), Log::head(&other));
}

#[tokio::test]
async fn a_conflict_before_anything_is_written_is_answered_too() {
    let log = log();
    let mut other = log.second_writer();
    let commit = open(Box::new(log.second_writer()));
    for round in 0..10 {
        let revision = 2 + 2 * round;
        let foreign = entry(revision, "", "lab/foreign", 1.0);
        other.append(revision - 1, &[foreign]).expect("an append");
        let answer = commit.submit(draft("", "lab/own", 2.0), Asked::Rank).await;
        assert_eq!(revision_of(answer), revision + 1);
    }
    assert_eq!(commit.board().revision(), 21);
}

#[tokio::test]
async fn refusals_and_replays_wait_for_what_they_were_judged_on() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let original = queue(&commit, draft("id", "lab/a", 60.0)).await;
    let reused = queue(&commit, draft("id", "lab/a", 61.0)).await;
    let repeated = queue(&commit, draft("id", "lab/a", 60.0)).await;
    keeper.let_through();
    first.answer().await.expect("accepted");
    assert_eq!(keeper.arrived(), 1, "only the original needs the log");
    let original = unanswered(original).await;
    let reused = unanswered(reused).await;
    let repeated = unanswered(repeated).await;
    assert_eq!(
        commit.board().revision(),
        2,
        "nothing shows before it is durable"
    );
    keeper.let_through();
    assert_eq!(revision_of(original.await), 3);
    assert_eq!(reason_of(reused.await), Reason::RequestIdReused);
    let repeated = repeated.await.expect("accepted");
    assert_eq!((repeated.revision, repeated.replayed), (3, true));
}

#[tokio::test]
async fn closing_answers_what_is_queued_and_refuses_what_comes() {
    let log = log();
    let (commit, keeper, first) = gated(&log).await;
    let queued = queue(&commit, draft("", "lab/a", 60.0)).await;
    commit.close().await;
    let late = queue(&commit, draft("", "lab/a", 61.0)).await;
    drop(keeper);
    assert_eq!(revision_of(first.answer().await), 2);
    assert_eq!(revision_of(queued.answer().await), 3);
    assert_eq!(reason_of(late.answer().await), Reason::ShuttingDown);
    assert_eq!(commit.log().head().revision, 3);
}
