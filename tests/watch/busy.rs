//! Watchers on several threads while the writer is busy.

use frontierd::api::convert::WatchAsk;
use frontierd::commit::Asked;

use super::client::Client;
use super::world::{World, ask, plain};

const SUBMISSIONS: u64 = 600;

fn asks() -> Vec<WatchAsk> {
    let folded = |message: &mut frontierd::proto::v1::WatchLeaderboardRequest| {
        message.min_interval = Some(prost_types::Duration {
            seconds: 0,
            nanos: 100_000_000,
        });
    };
    vec![
        ask(|_| {}),
        ask(folded),
        ask(|message| {
            message.detail = 2;
            message.top = Some(3);
        }),
        ask(|message| message.boards = vec!["alpha".to_owned(), "overall".to_owned()]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_skipped_or_torn_while_the_writer_is_busy() {
    let mut world = World::with_benchmarks(100_000).await;
    world.submit_many(0, 50).await;
    let end = world.oracle.head() + SUBMISSIONS;
    let mut reading = Vec::new();
    let commit = world.commit.clone();
    let writing = tokio::spawn(async move {
        let mut tickets = Vec::new();
        for at in 0..SUBMISSIONS {
            let model = format!("many/m{}", at * 7 % 60);
            let draft = plain(0, model, (at * 31 % 101) as f64);
            tickets.push(commit.enqueue(draft, Asked::Nothing).await.expect("open"));
            if at % 50 == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        }
        for ticket in tickets {
            ticket.answer().await.expect("accepted");
        }
    });
    for round in 0..5 {
        for ask in asks() {
            let client = Client::open(&world.watches, ask, &world.oracle).await;
            reading.push(tokio::spawn(client.expect("open").collect(end)));
        }
        tokio::time::sleep(std::time::Duration::from_millis(round)).await;
    }
    writing.await.expect("written");
    world.learn().await;
    assert_eq!(world.oracle.head(), end);
    let mut checked = 0;
    for reading in reading {
        let (mut client, frames) = reading.await.expect("read");
        checked += frames.len();
        for frame in &frames {
            client.take(frame, &world.oracle);
        }
        assert_eq!(client.revision, Some(end));
    }
    assert!(checked > 100, "{checked}");
}
