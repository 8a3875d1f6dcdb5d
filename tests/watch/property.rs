//! Random histories, random watches: at every frame the client holds what the board said.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use tonic::Code;

use super::client::Client;
use super::world::{Act, MODELS, World, ask};
use frontierd::api::convert::WatchAsk;
use frontierd::proto::v1;

/// What happens, in order.
#[derive(Clone, Debug)]
enum Step {
    /// Changes that are committed together.
    Acts(Vec<Act>),
    /// Two begin to watch, and may be sent a snapshot later on or not.
    Watch(Box<WatchAsk>, bool),
    /// A watcher reads some frames.
    Read(usize, usize),
    /// A watcher's connection breaks and it comes back.
    Reconnect(usize),
    /// The daemon restarts.
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let model = 0..MODELS.len();
    let submit = (
        (0..3usize, model.clone(), 0..6u8, option::of(1..5u8)),
        (option::of(1..3u8), any::<bool>(), 0..2u8, 0..4u8),
    )
        .prop_map(
            |((benchmark, model, score, cost), (samples, first_party, evaluator, day))| {
                Act::Submit {
                    benchmark,
                    model,
                    score,
                    cost,
                    samples,
                    first_party,
                    evaluator,
                    day,
                }
            },
        );
    let status = (0..8usize, 0..3u8).prop_map(|(result, status)| Act::Status { result, status });
    let price = (model.clone(), 0..4u8, 1..5u8).prop_map(|(model, day, usd)| Act::Price {
        model,
        day,
        usd,
    });
    let facts = (model.clone(), 0..2u8, any::<bool>(), any::<bool>()).prop_map(
        |(model, organization, tagged, open)| Act::Model {
            model,
            organization,
            tagged,
            open,
        },
    );
    let training = (model, 1..5u8).prop_map(|(model, usd)| Act::Training { model, usd });
    let define = (0..3usize, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(benchmark, tagged, prefers_third_party, best)| Act::Benchmark {
            benchmark,
            tagged,
            prefers_third_party,
            best,
        },
    );
    prop_oneof![10 => submit, 3 => status, 2 => price, 2 => facts, 1 => training, 1 => define]
}

/// A watch drawn, field by field; what does not go together is put right in [`Drawn::ask`].
#[derive(Clone, Debug)]
struct Drawn {
    boards: Vec<&'static str>,
    models: Vec<&'static str>,
    top: Option<i32>,
    full: bool,
    order: usize,
    basis: usize,
    filter: v1::RowFilter,
    pace_ms: i64,
    events_only: bool,
}

impl Drawn {
    fn ask(self) -> WatchAsk {
        let texts = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let computed = |board: &&str| *board == "overall" || board.starts_with("suite");
        // VALUE, CONFORMANCE and TASK are not of computed boards.
        let (orders, bases) = if self.boards.iter().any(computed) {
            ([0, 1, 3, 0, 1], [0, 2, 3, 0])
        } else {
            ([0, 1, 2, 3, 4], [0, 1, 2, 3])
        };
        let named = !self.boards.is_empty();
        let full = self.full && named;
        ask(|message| {
            message.boards = texts(self.boards);
            message.models = texts(self.models);
            message.top = self.top.or(full.then_some(2)).filter(|_| named);
            message.detail = if full { 2 } else { 1 };
            assert_eq!(message.detail() == v1::Detail::Full, full);
            message.order = orders[self.order];
            message.cost_basis = bases[self.basis];
            message.row_filter = Some(self.filter);
            message.min_interval = Some(prost_types::Duration {
                seconds: self.pace_ms / 1_000,
                nanos: (self.pace_ms % 1_000) as i32 * 1_000_000,
            });
            message.events_only = self.events_only;
        })
    }
}

fn filter() -> impl Strategy<Value = v1::RowFilter> {
    (
        option::weighted(0.3, any::<bool>()),
        option::weighted(0.2, prop_oneof![Just("acme"), Just("bolt")]),
        option::weighted(0.15, Just("reasoning")),
        proptest::bool::weighted(0.15),
    )
        .prop_map(
            |(open_weights, organization, tag, best_variant_only)| v1::RowFilter {
                open_weights,
                organizations: organization.map(str::to_owned).into_iter().collect(),
                model_tags: tag.map(str::to_owned).into_iter().collect(),
                best_variant_only,
                ..Default::default()
            },
        )
}

fn watch() -> impl Strategy<Value = WatchAsk> {
    let boards = prop_oneof![
        3 => Just(vec!["alpha"]),
        2 => Just(vec!["alpha", "beta"]),
        2 => Just(Vec::new()),
        1 => Just(vec!["overall"]),
        1 => Just(vec!["beta", "overall"]),
        1 => Just(vec!["suite/core"]),
    ];
    let models = prop_oneof![
        3 => Just(Vec::new()),
        2 => Just(vec!["a/x"]),
        1 => Just(vec!["b/z", "b/z@high", "c/w"]),
    ];
    let shape = (option::of(1..4i32), any::<bool>(), 0..5usize, 0..4usize);
    let pace_ms = prop_oneof![3 => Just(0), 1 => Just(100), 1 => Just(1_000)];
    let rest = (pace_ms, proptest::bool::weighted(0.15));
    (boards, models, shape, filter(), rest).prop_map(
        |(boards, models, (top, full, order, basis), filter, (pace_ms, events_only))| {
            let drawn = Drawn {
                boards,
                models,
                top,
                full,
                order,
                basis,
                filter,
                pace_ms,
                events_only,
            };
            drawn.ask()
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => vec(act(), 1..5).prop_map(Step::Acts),
        3 => (watch(), any::<bool>()).prop_map(|(ask, again)| Step::Watch(Box::new(ask), again)),
        5 => (0..8usize, 1..6usize).prop_map(|(who, frames)| Step::Read(who, frames)),
        2 => (0..8usize).prop_map(Step::Reconnect),
        1 => Just(Step::Restart),
    ]
}

/// A watcher that ended comes back as a client does: after what it holds, else from the start.
async fn come_back(client: Client, world: &World) -> Option<Client> {
    let ask = client.ask.clone();
    let resnapshot = ask.after.as_ref().is_some_and(|after| after.resnapshot);
    let again = match client.reopen(&world.watches, resnapshot).await {
        Ok(client) => return Some(client),
        Err(status) => status,
    };
    // Compacted, or a suite that has lost its last benchmark.
    let expected = [Code::OutOfRange, Code::NotFound];
    assert!(expected.contains(&again.code()), "{again:?}");
    let fresh = WatchAsk { after: None, ..ask };
    Client::open(&world.watches, fresh, &world.oracle)
        .await
        .ok()
}

async fn run(ring: usize, steps: Vec<Step>) {
    let mut world = World::with_benchmarks(ring).await;
    let mut clients: Vec<Client> = Vec::new();
    for step in steps {
        match step {
            Step::Acts(acts) => world.act(&acts).await,
            Step::Watch(mut ask, resnapshot) => {
                if resnapshot {
                    // A fresh watch that may be sent a snapshot later on: it holds the empty board.
                    ask.after = Some(frontierd::api::convert::WatchAfter {
                        revision: 0,
                        store_id: String::new(),
                        resnapshot: true,
                    });
                }
                // Two of them, to share what is encoded.
                for ask in [(*ask).clone(), *ask] {
                    match Client::open(&world.watches, ask, &world.oracle).await {
                        Ok(client) => clients.push(client),
                        // No such suite or model yet.
                        Err(status) => assert_eq!(status.code(), Code::NotFound, "{status:?}"),
                    }
                }
            }
            Step::Read(who, frames) if !clients.is_empty() => {
                let at = who % clients.len();
                let mut client = clients.swap_remove(at);
                if client.glance(frames, &world.oracle).await.is_err() {
                    clients.extend(come_back(client, &world).await);
                } else {
                    clients.push(client);
                }
            }
            Step::Reconnect(who) if !clients.is_empty() => {
                let client = clients.swap_remove(who % clients.len());
                clients.extend(come_back(client, &world).await);
            }
            Step::Read(..) | Step::Reconnect(_) => {}
            Step::Restart => {
                world.restart();
                let mut back = Vec::new();
                for mut client in std::mem::take(&mut clients) {
                    let end = loop {
                        if let Err(status) = client.read(&world.oracle).await {
                            break status;
                        }
                    };
                    // Where a second passed meanwhile, a watch with an interval may have found the ring moved on.
                    let ends = [Code::Unavailable, Code::OutOfRange];
                    assert!(ends.contains(&end.code()), "{end:?}");
                    back.extend(come_back(client, &world).await);
                }
                clients = back;
            }
        }
    }
    for mut client in clients {
        while client.catch_up(&world.oracle).await.is_err() {
            match come_back(client, &world).await {
                Some(back) => client = back,
                None => break,
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(
        std::env::var("WATCH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2_000)
    ))]

    #[test]
    fn at_every_frame_a_client_holds_what_the_board_said(
        ring in prop_oneof![1 => 2..12usize, 2 => Just(1_000usize)],
        steps in vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(run(ring, steps));
    }
}
