//! Snapshots, deltas, events and bounds, one by one.

use std::time::Duration;

use frontierd::limits::{MAX_WATCH_VIEWS, SNAPSHOT_LOCK_ROWS};
use frontierd::proto::v1;
use tonic::Code;
use tonic_types::StatusExt;

use super::client::Client;
use super::world::{Act, World, ask};

fn kinds(client: &Client) -> Vec<v1::EventKind> {
    let kinds = client.events.iter().map(|(_, event)| event.kind());
    kinds.collect()
}

#[tokio::test(start_paused = true)]
async fn a_watch_starts_with_a_snapshot_and_goes_on_with_a_delta_each_revision() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 2).await;
    let mut client = Client::open(&world.watches, ask(|_| {}), &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    assert_eq!(client.frames, ["chunk", "end"]);
    for score in [6, 7] {
        world.submit(0, 1, score, 1).await;
    }
    client.catch_up(&world.oracle).await.expect("deltas");
    assert_eq!(client.frames, ["chunk", "end", "delta", "delta"]);
    let leaders = kinds(&client);
    assert!(leaders.contains(&v1::EventKind::LeaderChanged));
    assert!(leaders.contains(&v1::EventKind::Overtaken));
}

#[tokio::test(start_paused = true)]
async fn an_interval_nets_rows_and_concatenates_events() {
    let mut world = World::with_benchmarks(1_000).await;
    let slow = ask(|message| {
        message.min_interval = Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        });
    });
    let mut client = Client::open(&world.watches, slow, &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    for (model, score) in [(0, 5), (1, 6), (0, 7)] {
        world.submit(0, model, score, 1).await;
    }
    client.catch_up(&world.oracle).await.expect("one delta");
    assert_eq!(client.frames, ["chunk", "end", "delta"]);
    let leaders = kinds(&client)
        .into_iter()
        .filter(|kind| *kind == v1::EventKind::LeaderChanged);
    assert_eq!(leaders.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_concerns_nobody_is_covered_by_progress_within_a_second() {
    let mut world = World::with_benchmarks(1_000).await;
    let mut client = Client::open(&world.watches, ask(|_| {}), &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    let start = tokio::time::Instant::now();
    client.read(&world.oracle).await.expect("a heartbeat");
    let idle = start.elapsed();
    assert!(
        idle > Duration::from_secs(9) && idle < Duration::from_secs(11),
        "{idle:?}"
    );
    world.submit(1, 0, 5, 1).await;
    let start = tokio::time::Instant::now();
    client.read(&world.oracle).await.expect("progress");
    assert!(
        start.elapsed() <= Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(client.revision, Some(world.oracle.head()));
    assert_eq!(client.frames, ["chunk", "end", "progress", "progress"]);
}

#[tokio::test(start_paused = true)]
async fn a_cheaper_alternative_to_a_watched_model_is_told_once() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 4).await;
    let watched = ask(|message| message.models = vec!["a/x".to_owned()]);
    let mut client = Client::open(&world.watches, watched, &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    // Dearer; then cheaper and as good; then cheaper still, which is no news.
    for cost in [5, 2, 1] {
        world.submit(0, 1, 5, cost).await;
    }
    client.catch_up(&world.oracle).await.expect("deltas");
    client
        .events
        .retain(|(_, event)| event.kind() == v1::EventKind::CheaperAlternative);
    assert_eq!(client.events.len(), 1, "{:?}", client.events);
    let (board, event) = &client.events[0];
    assert_eq!(board, "alpha");
    assert_eq!(
        (event.model.as_str(), event.other_model.as_str()),
        ("a/x", "a/y")
    );
    assert_eq!(event.cost_basis(), v1::CostBasis::Task);
    assert_eq!(event.saving_usd, Some(1.0));
    assert_eq!(event.separated, None);
}

#[tokio::test(start_paused = true)]
async fn a_changed_definition_is_a_snapshot_in_band() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 4).await;
    let both = ask(|message| message.boards.clear());
    let mut client = Client::open(&world.watches, both, &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a snapshot");
    let define = |benchmark, best| Act::Benchmark {
        benchmark,
        tagged: true,
        prefers_third_party: false,
        best,
    };
    // A new benchmark has no rows that anybody could hold.
    world.act(&[define(2, false)]).await;
    client.catch_up(&world.oracle).await.expect("progress");
    assert_eq!(client.frames.last(), Some(&"progress"));
    world.act(&[define(0, true)]).await;
    client.catch_up(&world.oracle).await.expect("a snapshot");
    assert_eq!(client.frames.last(), Some(&"end"));
}

#[tokio::test(start_paused = true)]
async fn events_alone_come_without_rows() {
    let mut world = World::with_benchmarks(1_000).await;
    let quiet = ask(|message| {
        message.boards = vec!["alpha".to_owned(), "overall".to_owned()];
        message.events_only = true;
    });
    let mut client = Client::open(&world.watches, quiet, &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("progress");
    for model in [0, 1] {
        world.submit(0, model, 5 + model as u8, 1).await;
    }
    client.catch_up(&world.oracle).await.expect("events");
    assert!(
        client
            .rows
            .values()
            .all(std::collections::BTreeMap::is_empty)
    );
    assert!(!client.frames.contains(&"end"));
    let leaders = client
        .events
        .iter()
        .filter(|(_, event)| event.kind() == v1::EventKind::LeaderChanged);
    let boards: Vec<_> = leaders.map(|(board, _)| board.as_str()).collect();
    assert!(boards.contains(&"overall"), "{boards:?}");
    assert!(boards.contains(&"alpha"), "{boards:?}");
}

#[tokio::test(start_paused = true)]
async fn distinct_views_are_bounded_and_equal_ones_are_shared() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 1).await;
    let top = |rows: usize| ask(move |message| message.top = Some(rows as i32));
    let mut open = Vec::new();
    for rows in 1..=MAX_WATCH_VIEWS {
        open.push(world.watches.watch(top(rows)).await.expect("room"));
    }
    let one_more = top(MAX_WATCH_VIEWS + 1);
    let refused = world
        .watches
        .watch(one_more.clone())
        .await
        .err()
        .expect("no room");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert_eq!(reason(&refused), "TOO_MANY");
    open.push(world.watches.watch(top(1)).await.expect("a shared view"));
    assert_eq!(world.watches.views(), MAX_WATCH_VIEWS);
    assert_eq!(world.watches.watchers(), MAX_WATCH_VIEWS + 1);
    open.clear();
    assert_eq!((world.watches.views(), world.watches.watchers()), (0, 0));
    world.watches.watch(one_more).await.expect("room again");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_exist_is_refused() {
    let world = World::with_benchmarks(1_000).await;
    for (change, reason_expected, code) in [
        (
            v1::WatchLeaderboardRequest {
                boards: vec!["no-such".to_owned()],
                ..Default::default()
            },
            "UNKNOWN_BENCHMARK",
            Code::NotFound,
        ),
        (
            v1::WatchLeaderboardRequest {
                boards: vec!["suite/none".to_owned()],
                ..Default::default()
            },
            "UNKNOWN_BOARD",
            Code::NotFound,
        ),
        (
            v1::WatchLeaderboardRequest {
                models: vec!["no/such".to_owned()],
                ..Default::default()
            },
            "UNKNOWN_MODEL",
            Code::NotFound,
        ),
        (
            v1::WatchLeaderboardRequest {
                boards: vec!["overall".to_owned()],
                cost_basis: v1::CostBasis::Task as i32,
                ..Default::default()
            },
            "NOT_ON_THIS_BOARD",
            Code::InvalidArgument,
        ),
    ] {
        let refused = world.watches.watch(ask(|message| *message = change)).await;
        let refused = refused.err().expect("refused");
        assert_eq!(
            (reason(&refused), refused.code()),
            (reason_expected.to_owned(), code)
        );
    }
    assert_eq!(world.watches.watchers(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_large_board_is_read_in_parts_while_it_changes() {
    let mut world = World::with_benchmarks(100_000).await;
    world.submit_many(0, SNAPSHOT_LOCK_ROWS + 500).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let client = Client::open(&world.watches, ask(|_| {}), &world.oracle).await;
        clients.push(client.expect("open"));
    }
    for client in &mut clients {
        client.glance(1, &world.oracle).await.expect("a chunk");
    }
    world.submit_many(0, 8).await;
    for client in &mut clients {
        client.catch_up(&world.oracle).await.expect("all rows");
        assert!(client.frames.contains(&"delta") || client.frames.contains(&"end"));
    }
}

/// The reason in the details of a status.
pub(crate) fn reason(status: &tonic::Status) -> String {
    let details = status.get_error_details();
    let info = details.error_info().expect("ErrorInfo");
    info.reason.clone()
}
