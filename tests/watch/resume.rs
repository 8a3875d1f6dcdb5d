//! Going on after a broken connection, a restart, or too long a pause.

use frontierd::api::convert::{WatchAfter, WatchAsk};
use tonic::Code;

use super::cases::reason;
use super::client::Client;
use super::world::{World, ask};

fn after(revision: u64, store_id: &str, resnapshot: bool) -> WatchAsk {
    WatchAsk {
        after: Some(WatchAfter {
            revision,
            store_id: store_id.to_owned(),
            resnapshot,
        }),
        ..ask(|_| {})
    }
}

async fn refused(world: &World, ask: WatchAsk) -> (String, Code) {
    let refused = world.watches.watch(ask).await.err().expect("refused");
    (reason(&refused), refused.code())
}

#[tokio::test(start_paused = true)]
async fn a_resumed_watch_says_it_is_live_and_goes_on_with_the_next_revision() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 1).await;
    let mut client = Client::open(&world.watches, ask(|_| {}), &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    world.submit(0, 1, 6, 1).await;
    let mut client = client.reopen(&world.watches, false).await.expect("resumed");
    client.frames.clear();
    client.catch_up(&world.oracle).await.expect("a delta");
    assert_eq!(client.frames, ["progress", "delta"]);
}

#[tokio::test(start_paused = true)]
async fn revisions_that_cannot_be_resumed_after_are_refused_by_name() {
    let mut world = World::with_benchmarks(3).await;
    for score in 0..5 {
        world.submit(0, 0, score, 1).await;
    }
    let out = Code::OutOfRange;
    let head = world.oracle.head();
    assert_eq!(
        refused(&world, after(head + 1, "", true)).await,
        ("REVISION_IN_FUTURE".to_owned(), out)
    );
    assert_eq!(
        refused(&world, after(head - 4, "test", false)).await,
        ("REVISION_COMPACTED".to_owned(), out)
    );
    assert_eq!(
        refused(&world, after(head, "another", true)).await,
        ("STORE_MISMATCH".to_owned(), Code::FailedPrecondition)
    );
    assert_eq!(world.watches.watchers(), 0);
    let old = after(head - 4, "test", true);
    let mut client = Client::open(&world.watches, old, &world.oracle)
        .await
        .expect("a snapshot instead");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    assert_eq!(client.frames, ["chunk", "end"]);
    let newest = after(head - 3, "test", false);
    world
        .watches
        .watch(newest)
        .await
        .expect("still in the ring");
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_when_the_ring_has_moved_on() {
    let mut world = World::with_benchmarks(4).await;
    let windowed = ask(|message| message.top = Some(1));
    for plain in [ask(|_| {}), windowed] {
        let mut client = Client::open(&world.watches, plain.clone(), &world.oracle)
            .await
            .expect("open");
        client.catch_up(&world.oracle).await.expect("a snapshot");
        let mut tolerant = client.reopen(&world.watches, true).await.expect("resumed");
        tolerant.read(&world.oracle).await.expect("progress");
        let mut strict = Client::open(&world.watches, plain, &world.oracle)
            .await
            .expect("open");
        strict.catch_up(&world.oracle).await.expect("a snapshot");
        for score in 0..6 {
            world.submit(0, 0, score, 1).await;
        }
        let end = strict
            .catch_up(&world.oracle)
            .await
            .expect_err("too far behind");
        assert_eq!(
            (reason(&end).as_str(), end.code()),
            ("REVISION_COMPACTED", Code::OutOfRange)
        );
        tolerant.frames.clear();
        tolerant
            .catch_up(&world.oracle)
            .await
            .expect("a snapshot in band");
        assert_eq!(tolerant.frames, ["chunk", "end"]);
    }
    assert_eq!(world.watches.watchers(), 0);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_ends_a_watch_with_the_revision_to_resume_after() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 1).await;
    let mut client = Client::open(&world.watches, ask(|_| {}), &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    world.restart();
    let end = client.read(&world.oracle).await.expect_err("the end");
    assert_eq!(
        (reason(&end).as_str(), end.code()),
        ("SHUTTING_DOWN", Code::Unavailable)
    );
    assert!(
        end.message().contains("after revision `3` of store `test`"),
        "{end}"
    );
    world.submit(0, 0, 6, 1).await;
    let mut client = client.reopen(&world.watches, false).await.expect("resumed");
    client.catch_up(&world.oracle).await.expect("a delta");
    assert_eq!(client.revision, Some(4));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_holds_nobody_up() {
    // Windows and snapshots are shared: one whose reader stopped while it was made kept all others waiting.
    let mut world = World::with_benchmarks(1_000).await;
    world.submit_many(0, 600).await;
    for windowed in [false, true] {
        let view = || ask(|message| message.top = windowed.then_some(3));
        let mut stuck = Client::open(&world.watches, view(), &world.oracle)
            .await
            .expect("open");
        stuck.glance(1, &world.oracle).await.expect("open");
        world.submit_many(0, 10).await;
        stuck.glance(1, &world.oracle).await.expect("open");
        let mut other = Client::open(&world.watches, view(), &world.oracle)
            .await
            .expect("open");
        other.catch_up(&world.oracle).await.expect("not held up");
        drop(stuck);
    }
}
