//! Which events are told, and to whom.

use frontierd::api::convert::WatchAsk;
use frontierd::limits::EVENTS_PER_REVISION_MAX;
use frontierd::proto::v1;

use super::client::Client;
use super::world::{Act, World, ask};

async fn open(world: &World, ask: &WatchAsk) -> Client {
    let mut client = Client::open(&world.watches, ask.clone(), &world.oracle)
        .await
        .expect("open");
    client.catch_up(&world.oracle).await.expect("a start");
    client
}

fn of_kind(client: &Client, kind: v1::EventKind) -> Vec<&v1::Event> {
    let events = client.events.iter().map(|(_, event)| event);
    events.filter(|event| event.kind() == kind).collect()
}

#[tokio::test(start_paused = true)]
async fn at_most_64_are_listed_and_a_named_model_is_always_among_them() {
    let mut world = World::with_benchmarks(1_000).await;
    let rows = 2 * EVENTS_PER_REVISION_MAX;
    world.submit_many(0, rows).await;
    let last = ask(|message| message.models = vec!["many/m0".to_owned()]);
    let by = ask(|message| message.models = vec!["a/x".to_owned()]);
    world.submit(0, 0, 0, 1).await;
    for top in [None, Some(3)] {
        let shaped = |ask: &WatchAsk| WatchAsk { top, ..ask.clone() };
        let mut all = open(&world, &shaped(&ask(|_| {}))).await;
        let mut overtaken = open(&world, &shaped(&last)).await;
        let mut overtaker = open(&world, &shaped(&by)).await;
        world.submit(0, 0, 10, 1).await;
        for client in [&mut all, &mut overtaken, &mut overtaker] {
            client.catch_up(&world.oracle).await.expect("a delta");
        }
        assert_eq!(all.events.len(), EVENTS_PER_REVISION_MAX);
        let news = of_kind(&overtaken, v1::EventKind::Overtaken);
        assert_eq!(news.len(), 1);
        assert_eq!(
            (news[0].model.as_str(), news[0].other_model.as_str()),
            ("many/m0", "a/x")
        );
        let passed = of_kind(&overtaker, v1::EventKind::Overtaken).len();
        assert!(passed < EVENTS_PER_REVISION_MAX && passed > 32, "{passed}");
        // Back to the end for the next round.
        world.submit(0, 0, 0, 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_computed_board_tells_who_leads_it() {
    let mut world = World::with_benchmarks(1_000).await;
    let overall = ask(|message| message.boards = vec!["overall".to_owned()]);
    let mut client = open(&world, &overall).await;
    for (model, score) in [(0, 5), (1, 4), (1, 6), (0, 7)] {
        world.submit(0, model, score, 1).await;
        client.catch_up(&world.oracle).await.expect("a delta");
    }
    let leaders: Vec<_> = of_kind(&client, v1::EventKind::LeaderChanged)
        .into_iter()
        .map(|event| (event.other_model.as_str(), event.model.as_str()))
        .collect();
    assert_eq!(leaders, [("", "a/x"), ("a/x", "a/y"), ("a/y", "a/x")]);
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_what_another_had_encoded_goes_on_from_there() {
    for top in [None, Some(5)] {
        let mut world = World::with_benchmarks(1_000).await;
        world.submit(0, 0, 5, 2).await;
        let watched = WatchAsk {
            top,
            ..ask(|message| message.models = vec!["a/x".to_owned()])
        };
        let mut first = open(&world, &watched).await;
        let mut second = open(&world, &watched).await;
        // The named model becomes dearer; the second watcher takes the delta that the first had encoded.
        world.submit(0, 0, 5, 4).await;
        first.catch_up(&world.oracle).await.expect("a delta");
        second.catch_up(&world.oracle).await.expect("a delta");
        // Cheaper than it is now, dearer than it was; the second watcher encodes.
        world.submit(0, 1, 5, 3).await;
        second.catch_up(&world.oracle).await.expect("a delta");
        first.catch_up(&world.oracle).await.expect("a delta");
        for client in [&first, &second] {
            let cheaper = of_kind(client, v1::EventKind::CheaperAlternative);
            assert_eq!(cheaper.len(), 1, "{:?}", client.events);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_too_is_sent_anew_when_a_benchmark_is_defined_anew() {
    let mut world = World::with_benchmarks(1_000).await;
    world.submit(0, 0, 5, 2).await;
    let mut client = open(&world, &ask(|message| message.top = Some(3))).await;
    let best = Act::Benchmark {
        benchmark: 0,
        tagged: true,
        prefers_third_party: false,
        best: true,
    };
    world.act(&[best]).await;
    client.catch_up(&world.oracle).await.expect("a snapshot");
    assert_eq!(client.frames, ["chunk", "end", "chunk", "end"]);
}
