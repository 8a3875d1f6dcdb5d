//! A running writer in memory, and small acts on it.

use frontierd::api::convert::{self, WatchAsk};
use frontierd::api::watch::Watches;
use frontierd::clock::Clock;
use frontierd::commit::{Asked, Commit, Settings};
use frontierd::intake::Context;
use frontierd::log::MemoryLog;
use frontierd::model::{Date, Draft, Refusal, Timestamp};
use frontierd::proto::v1;
use tokio::sync::watch;

use super::oracle::Oracle;

pub(crate) const BENCHMARKS: [&str; 3] = ["alpha", "beta", "gamma"];
pub(crate) const MODELS: [&str; 6] = ["a/x", "a/y", "b/z", "b/z@high", "c/w", "c/w@low"];
const DAY_MICROS: i64 = 86_400_000_000;

/// One change asked for. Some are refused, which is fine.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Submit {
        benchmark: usize,
        model: usize,
        score: u8,
        cost: Option<u8>,
        samples: Option<u8>,
        first_party: bool,
        evaluator: u8,
        day: u8,
    },
    Status {
        result: usize,
        status: u8,
    },
    Price {
        model: usize,
        day: u8,
        usd: u8,
    },
    Model {
        model: usize,
        organization: u8,
        tagged: bool,
        open: bool,
    },
    Training {
        model: usize,
        usd: u8,
    },
    Benchmark {
        benchmark: usize,
        tagged: bool,
        prefers_third_party: bool,
        best: bool,
    },
}

/// The writer with its watches and the oracle beside it.
pub(crate) struct World {
    log: MemoryLog,
    settings: Settings,
    pub(crate) commit: Commit,
    pub(crate) watches: Watches,
    pub(crate) shutdown: watch::Sender<bool>,
    pub(crate) oracle: Oracle,
    results: Vec<i64>,
}

fn date(day: u8) -> String {
    format!("2025-01-{:02}", 1 + day)
}

fn usd(amount: u8) -> v1::CostRange {
    v1::CostRange {
        central_usd: Some(f64::from(amount)),
        ..Default::default()
    }
}

fn draft(act: &Act, results: &[i64]) -> Result<Draft, Refusal> {
    let context = Context::new(Date::from_days(20_200), "tester");
    match act {
        Act::Submit { .. } => submission(act, &context),
        Act::Status { result, status } => {
            let message = v1::SetResultStatusRequest {
                revision: results
                    .get(result % results.len().max(1))
                    .copied()
                    .unwrap_or(1),
                status: 1 + i32::from(*status % 3),
                reason: "checked".to_owned(),
                ..Default::default()
            };
            convert::set_result_status(message, &context)
        }
        Act::Price { model, day, usd } => {
            let price = v1::Price {
                model: MODELS[*model].to_owned(),
                effective_date: date(*day),
                input_usd_per_mtok: Some(f64::from(*usd)),
                output_usd_per_mtok: Some(f64::from(*usd) * 4.0),
                ..Default::default()
            };
            let message = v1::PutPriceRequest {
                price: Some(price),
                ..Default::default()
            };
            convert::put_price(message, &context)
        }
        Act::Model { .. } => facts(act, &context),
        Act::Training { model, usd } => training(MODELS[*model], *usd, &context),
        Act::Benchmark { .. } => definition(act, &context),
    }
}

fn facts(act: &Act, context: &Context) -> Result<Draft, Refusal> {
    let Act::Model {
        model,
        organization,
        tagged,
        open,
    } = act
    else {
        unreachable!("only facts come here");
    };
    let one = |text: &str| vec![text.to_owned()];
    let (tags, clear) = if *tagged {
        (one("reasoning"), Vec::new())
    } else {
        (Vec::new(), one("tags"))
    };
    let model = v1::Model {
        id: MODELS[*model].to_owned(),
        organization: Some(["Acme", "Bolt"][usize::from(*organization % 2)].to_owned()),
        tags,
        open_weights: Some(*open),
        ..Default::default()
    };
    let message = v1::PutModelRequest {
        model: Some(model),
        clear,
        ..Default::default()
    };
    convert::put_model(message, context)
}

fn training(model: &str, amount: u8, context: &Context) -> Result<Draft, Refusal> {
    let cost = v1::TrainingCost {
        cost: Some(usd(amount)),
        ..Default::default()
    };
    let claim = v1::Claim {
        model: model.to_owned(),
        statement: Some(v1::claim::Statement::TrainingCost(cost)),
        claimant: "somebody".to_owned(),
        date: date(1),
        ..Default::default()
    };
    let message = v1::PutClaimRequest {
        claim: Some(claim),
        ..Default::default()
    };
    convert::put_claim(message, context)
}

fn submission(act: &Act, context: &Context) -> Result<Draft, Refusal> {
    let Act::Submit {
        benchmark,
        model,
        score,
        cost,
        samples,
        first_party,
        evaluator,
        day,
    } = act
    else {
        unreachable!("only submissions come here");
    };
    let relationship = if *first_party {
        v1::EvaluatorRelationship::FirstParty
    } else {
        v1::EvaluatorRelationship::ThirdParty
    };
    let result = v1::Result {
        benchmark: BENCHMARKS[*benchmark].to_owned(),
        model: MODELS[*model].to_owned(),
        score: Some(f64::from(*score) * 10.0),
        sample_count: samples.map(|samples| i64::from(samples) * 50),
        run_cost: cost.map(usd),
        task_count: Some(2),
        observed_date: date(*day),
        evaluator: format!("lab-{evaluator}"),
        relationship: relationship as i32,
        ..Default::default()
    };
    let message = v1::SubmitResultRequest {
        result: Some(result),
        ..Default::default()
    };
    Ok(convert::submit_result(message, context)?.draft)
}

fn definition(act: &Act, context: &Context) -> Result<Draft, Refusal> {
    let Act::Benchmark {
        benchmark,
        tagged,
        prefers_third_party,
        best,
    } = act
    else {
        unreachable!("only definitions come here");
    };
    let higher = *benchmark != 1;
    let mut clear = Vec::new();
    let mut definition = v1::Benchmark {
        id: BENCHMARKS[*benchmark].to_owned(),
        higher_is_better: Some(higher),
        chance: Some(if higher { 0.0 } else { 100.0 }),
        perfect: Some(if higher { 100.0 } else { 0.0 }),
        counting_rule: 1 + i32::from(*best),
        ..Default::default()
    };
    match tagged {
        true => definition.tags = vec!["core".to_owned()],
        false => clear.push("tags".to_owned()),
    }
    match prefers_third_party {
        true => {
            let third_party = v1::EvaluatorRelationship::ThirdParty as i32;
            definition.preferred_relationships = vec![third_party];
        }
        false => clear.push("preferred_relationships".to_owned()),
    }
    let message = v1::PutBenchmarkRequest {
        benchmark: Some(definition),
        clear,
        ..Default::default()
    };
    convert::put_benchmark(message, context)
}

impl World {
    /// An empty store with a ring of some revisions.
    pub(crate) fn new(ring_revisions_max: usize) -> Self {
        let log = MemoryLog::new("test");
        let settings = Settings {
            ring_revisions_max,
            clock: Clock::fixed(Timestamp::from_micros(20_200 * DAY_MICROS)),
            ..Settings::default()
        };
        let (commit, watches, shutdown) = open(&log, &settings);
        Self {
            log,
            settings,
            commit,
            watches,
            shutdown,
            oracle: Oracle::new(),
            results: Vec::new(),
        }
    }

    /// Two benchmarks, one of which is better lower.
    pub(crate) async fn with_benchmarks(ring_revisions_max: usize) -> Self {
        let mut world = Self::new(ring_revisions_max);
        let define = |benchmark, tagged| Act::Benchmark {
            benchmark,
            tagged,
            prefers_third_party: false,
            best: false,
        };
        world.act(&[define(0, true), define(1, false)]).await;
        assert_eq!(world.oracle.head(), 2);
        world
    }

    /// Acts that wait for the writer together.
    pub(crate) async fn act(&mut self, acts: &[Act]) {
        let mut tickets = Vec::new();
        for act in acts {
            if let Ok(draft) = draft(act, &self.results) {
                let ticket = self.commit.enqueue(draft, Asked::Nothing).await;
                tickets.push((act, ticket.expect("open")));
            }
        }
        for (act, ticket) in tickets {
            let Ok(accepted) = ticket.answer().await else {
                continue;
            };
            if matches!(act, Act::Submit { .. }) {
                self.results.push(accepted.revision as i64);
            }
        }
        self.learn().await;
    }

    /// Tells the oracle what the log has.
    pub(crate) async fn learn(&mut self) {
        let head = self.commit.board().revision();
        let revisions = (self.oracle.head() + 1..=head).collect();
        for entry in self.commit.entries(revisions).await.expect("the log") {
            self.oracle.apply(&entry);
            if entry.revision % 64 == 0 {
                self.oracle.keep();
            }
        }
        self.oracle.keep();
    }

    /// A plain submission.
    pub(crate) async fn submit(&mut self, benchmark: usize, model: usize, score: u8, cost: u8) {
        self.act(&[Act::Submit {
            benchmark,
            model,
            score,
            cost: Some(cost),
            samples: None,
            first_party: false,
            evaluator: 0,
            day: 1,
        }])
        .await;
    }

    /// A submission for each of many models.
    pub(crate) async fn submit_many(&mut self, benchmark: usize, models: usize) {
        let mut tickets = Vec::with_capacity(models);
        for model in 0..models {
            let name = format!("many/m{model}");
            let draft = plain(benchmark, name, (model % 100) as f64);
            let ticket = self.commit.enqueue(draft, Asked::Nothing).await;
            tickets.push(ticket.expect("open"));
        }
        for ticket in tickets {
            ticket.answer().await.expect("accepted");
        }
        self.learn().await;
    }

    /// Ends the daemon and starts it anew on the same log.
    pub(crate) fn restart(&mut self) {
        self.shutdown.send_replace(true);
        let reopened = self.log.reopen();
        let (commit, watches, shutdown) = open(&reopened, &self.settings);
        self.log = reopened;
        self.commit = commit;
        self.watches = watches;
        self.shutdown = shutdown;
    }
}

/// A submission of a score alone.
pub(crate) fn plain(benchmark: usize, model: String, score: f64) -> Draft {
    let result = v1::Result {
        benchmark: BENCHMARKS[benchmark].to_owned(),
        model,
        score: Some(score),
        observed_date: date(1),
        ..Default::default()
    };
    let message = v1::SubmitResultRequest {
        result: Some(result),
        ..Default::default()
    };
    let context = Context::new(Date::from_days(20_200), "tester");
    let submission = convert::submit_result(message, &context);
    submission.expect("well formed").draft
}

fn open(log: &MemoryLog, settings: &Settings) -> (Commit, Watches, watch::Sender<bool>) {
    let opened = Commit::open(Box::new(log.clone()), settings.clone(), |_, _| {});
    let commit = opened.expect("a log in memory").commit;
    let (shutdown, closing) = watch::channel(false);
    let watches = Watches::new(commit.clone(), closing);
    (commit, watches, shutdown)
}

/// A watch as a client asks for it.
pub(crate) fn ask(change: impl FnOnce(&mut v1::WatchLeaderboardRequest)) -> WatchAsk {
    let mut message = v1::WatchLeaderboardRequest {
        boards: vec![BENCHMARKS[0].to_owned()],
        ..Default::default()
    };
    change(&mut message);
    convert::watch_leaderboard(message).expect("well formed")
}
