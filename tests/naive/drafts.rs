//! Random drafts: every byte of a step picks one detail.

use std::collections::BTreeMap;

use frontierd::model::{
    BenchmarkId, BenchmarkPatch, Body, Change, ClaimDraft, Cost, CostKind, CountingRule,
    CurvePatch, Date, Draft, GivenInterval, ModelPatch, Patch, PriceDraft, ProviderId,
    Relationship, RequestKey, ResultDraft, Revision, StatementDraft, Status, Text, Tokens,
    TrainingCost, TrainingDate, TrainingScope, Uncertainty,
};

use super::history::{FIRST_DAY, History, Step};

/// Percent, fraction with the best counting, seconds, points without normalisation, preferred evaluators.
pub(crate) const BENCHMARKS: [&str; 5] = ["percent", "fraction", "seconds", "points", "preferring"];

const PERCENTS: [f64; 8] = [0.0, 20.0, 35.0, 50.0, 50.5, 80.0, 99.0, 100.0];
const SECONDS: [f64; 6] = [0.0, 10.0, 50.0, 50.5, 100.0, 120.0];
const POINTS: [f64; 6] = [-3.0, -0.0, 0.0, 1.0, 2.0, 1e6];
const USD: [f64; 6] = [0.5, 1.0, 2.0, 3.0, 10.0, 64.0];
const MTOK_USD: [f64; 7] = [0.0, 0.1, 0.5, 1.0, 2.5, 10.0, 30.0];
const RELATIONSHIPS: [Relationship; 4] = [
    Relationship::FirstParty,
    Relationship::ThirdParty,
    Relationship::Collaborative,
    Relationship::Other,
];

fn pick<T: Copy>(from: &[T], byte: u8) -> T {
    from[byte as usize % from.len()]
}

/// One of few dates, four months apart.
fn day(byte: u8) -> Date {
    FIRST_DAY.plus_days(122 * i32::from(byte % 8))
}

fn text(from: &[&str], byte: u8) -> Text {
    pick(from, byte).into()
}

/// A draft of any kind; `step[0]` is taken by the calendar.
pub(crate) fn draft(history: &History, step: &Step) -> Draft {
    let rest = &step[2..];
    let kind = match step[1] % 20 {
        _ if history.cast.fine && step[12] % 8 < 4 => 0,
        kind if history.cast.trending && !step[12].is_multiple_of(8) => 6 + kind % 8,
        kind => kind,
    };
    let change = match kind {
        0..8 => submit(history, rest),
        8 | 9 => Change::SetResultStatus {
            result: some_revision(history, rest, |body| matches!(body, Body::Result(_))),
            status: pick(
                &[Status::Active, Status::Disputed, Status::Retracted],
                rest[1],
            ),
            reason: "checked".into(),
        },
        10..14 => price(history, rest),
        14 => put_model(history, rest),
        15 | 16 => claim(history, rest),
        17 => Change::SetClaimStatus {
            claim: some_revision(history, rest, |body| matches!(body, Body::Claim(_))),
            status: pick(
                &[
                    None,
                    Some(Status::Active),
                    Some(Status::Disputed),
                    Some(Status::Retracted),
                ],
                rest[1],
            ),
            pinned: pick(&[None, Some(true), Some(true), Some(false)], rest[2]),
            reason: "checked".into(),
        },
        18 => policy(history, rest),
        _ => due(history, rest),
    };
    let request = step[15].is_multiple_of(16).then_some(RequestKey {
        scope: [rest[0] % 3; 16],
        content: [rest[1] % 2; 16],
    });
    Draft {
        author: "tester".into(),
        request,
        change,
    }
}

fn model(history: &History, byte: u8, rest: &[u8]) -> Text {
    let models = &history.cast.models;
    let at = usize::from(byte) + 256 * usize::from(rest[11]);
    models[at % models.len()].as_str().into()
}

/// A revision of a kind, or sometimes one of another kind.
fn some_revision(history: &History, rest: &[u8], kind: fn(&Body) -> bool) -> Revision {
    let of_kind: Vec<Revision> = history
        .entries
        .iter()
        .filter(|entry| kind(&entry.body) || rest[3].is_multiple_of(16))
        .map(|entry| entry.revision)
        .collect();
    of_kind
        .get(rest[0] as usize % of_kind.len().max(1))
        .copied()
        .unwrap_or(7)
}

fn submit(history: &History, rest: &[u8]) -> Change {
    let at = rest[0] as usize % history.cast.benchmarks;
    let (score, unit) = match at {
        0 | 4 => (pick(&PERCENTS, rest[1]), None),
        // Percent or fraction: the same scores either way.
        1 if rest[2].is_multiple_of(2) => (pick(&PERCENTS, rest[1]), Some("percent".into())),
        1 => (pick(&PERCENTS, rest[1]) / 100.0, None),
        2 => (pick(&SECONDS, rest[1]), None),
        _ => (pick(&POINTS, rest[1]), None),
    };
    let score = if history.cast.fine {
        f64::from(rest[1] % 200) / 2.0
    } else {
        score
    };
    let fine = history.cast.fine;
    Change::SubmitResult(Box::new(ResultDraft {
        benchmark: BENCHMARKS[at].into(),
        model: if rest[8] == 255 {
            "No Body".into()
        } else {
            model(history, rest[8], rest)
        },
        score,
        unit,
        uncertainty: uncertainty(score, rest),
        run_cost: (rest[7].is_multiple_of(3) || fine).then(|| run_cost(fine, rest)),
        tokens: (rest[7] % 3 == 1).then(|| tokens(rest)),
        task_count: match rest[9] % 4 {
            _ if history.cast.fine && rest[9] > 10 => Some(1),
            0 | 1 => Some(u64::from(1 + rest[9] % 2)),
            _ => None,
        },
        repeats: (rest[9].is_multiple_of(8) && !history.cast.fine).then_some(2),
        observed: if history.cast.fine {
            history.today.plus_days(-i32::from(rest[10]))
        } else {
            day(rest[10]).min(history.today)
        },
        evaluator: text(&["us", "them"], rest[9] / 8),
        relationship: pick(&RELATIONSHIPS, rest[9] / 16),
        harness: text(&["", "", "simple"], rest[3] / 8),
        harness_version: "".into(),
        source_url: text(&["", "", "https://example.org/card"], rest[4] / 8),
        labels: BTreeMap::new(),
        require_known_model: rest[10] % 32 == 31,
    }))
}

fn uncertainty(score: f64, rest: &[u8]) -> Uncertainty {
    let low = score - f64::from(rest[2] % 5);
    let given = GivenInterval {
        low,
        high: score + f64::from(rest[3] % 7),
        level: pick(&[0.95, 0.90, 0.99], rest[4]),
    };
    Uncertainty {
        interval: rest[5].is_multiple_of(4).then_some(given),
        standard_error: (rest[5] % 4 == 1).then_some(f64::from(1 + rest[2] % 3)),
        sample_count: rest[5]
            .is_multiple_of(3)
            .then_some(pick(&[10, 50, 400], rest[4])),
    }
}

fn run_cost(fine: bool, rest: &[u8]) -> Cost {
    let central = if fine {
        // Each half point costs 3 % more, or a little more than that.
        1.03f64.powi(i32::from(rest[1] % 200)) * pick(&[1.0, 1.0, 1.0, 1.25], rest[6])
    } else {
        pick(&USD, rest[6])
    };
    Cost {
        low: rest[7].is_multiple_of(5).then_some(central / 2.0),
        central,
        high: (rest[7] % 5 < 2).then_some(central * 3.0),
        kind: CostKind::Measured,
    }
}

fn tokens(rest: &[u8]) -> Tokens {
    Tokens {
        input: u64::from(rest[2] % 3) * 1_000_000,
        output: u64::from(rest[3] % 3) * 1_000_000,
        cache_read: u64::from(rest[4] % 2) * 500_000,
        cache_write: u64::from(rest[5] % 2) * 500_000,
    }
}

fn price(history: &History, rest: &[u8]) -> Change {
    let some = |byte: u8, effective: Date| {
        let periods = effective.days_since(FIRST_DAY).div_euclid(122);
        let scale = if history.cast.trending {
            0.5f64.powi(periods)
        } else {
            1.0
        };
        (!byte.is_multiple_of(9)).then(|| scale * pick(&MTOK_USD, byte))
    };
    let provider =
        pick(&[None, None, Some("a"), Some("z")], rest[1]).filter(|_| !history.cast.trending);
    let effective = match rest[2] % 4 {
        0 => history.today.plus_days(i32::from(rest[3] % 100)),
        _ => day(rest[3]).min(history.today),
    };
    Change::PutPrice(Box::new(PriceDraft {
        model: model(history, rest[0], rest),
        provider: provider.map(|name| ProviderId::parse(name, "provider").unwrap()),
        effective,
        input: some(rest[4], effective),
        cache_read: some(rest[5], effective),
        cache_write: None,
        output: some(rest[6], effective),
        source_url: "".into(),
        withdrawn: rest[7].is_multiple_of(6),
        expected_revision: rest[8].is_multiple_of(16).then_some(0),
    }))
}

fn due(history: &History, rest: &[u8]) -> Change {
    let catalog = history.ahead.catalog();
    let pending: Vec<_> = catalog.pending_prices().collect();
    let known: Vec<_> = history
        .entries
        .iter()
        .filter_map(|entry| match &entry.body {
            Body::Price(price) => Some(&**price),
            _ => None,
        })
        .collect();
    let from = if rest[0].is_multiple_of(8) {
        &known
    } else {
        &pending
    };
    match from.get(rest[1] as usize % from.len().max(1)) {
        Some(price) => Change::PriceDue {
            model: price.model.clone(),
            provider: price.provider.clone(),
            effective: price.effective,
        },
        None => put_model(history, rest),
    }
}

fn optional<T>(byte: u8, value: T) -> Patch<T> {
    match byte % 8 {
        0..4 => Patch::Set(value),
        4 => Patch::Clear,
        _ => Patch::Keep,
    }
}

fn put_model(history: &History, rest: &[u8]) -> Change {
    let vendor = pick(&["a", "b", "z"], rest[6]);
    Change::PutModel(Box::new(ModelPatch {
        name: model(history, rest[0], rest),
        expected_revision: rest[8].is_multiple_of(16).then_some(0),
        title: optional(rest[1], text(&["One", "Two"], rest[2])),
        organization: optional(rest[3], text(&["Acme", "acme", "Beta"], rest[2])),
        release_date: optional(rest[4], day(rest[5])),
        open_weights: optional(rest[7], rest[6].is_multiple_of(2)),
        license: Patch::Keep,
        tags: optional(
            rest[2],
            text(&["reasoning", "small"], rest[3])
                .split(' ')
                .map(Text::from)
                .collect(),
        ),
        preferred_provider: optional(rest[6], ProviderId::parse(vendor, "provider").unwrap()),
        aliases: match rest[9] % 6 {
            0 => Patch::Set(vec!["uno".into()]),
            1 => Patch::Set(vec!["dos".into(), "c/three".into()]),
            2 => Patch::Clear,
            _ => Patch::Keep,
        },
        source_url: Patch::Keep,
    }))
}

/// A result without uncertainty or cost.
pub(crate) fn result(history: &History, benchmark: &str, model: &str, score: f64) -> ResultDraft {
    ResultDraft {
        benchmark: benchmark.into(),
        model: model.into(),
        score,
        unit: None,
        uncertainty: Uncertainty::default(),
        run_cost: None,
        tokens: None,
        task_count: None,
        repeats: None,
        observed: history.today,
        evaluator: "us".into(),
        relationship: Relationship::Other,
        harness: "".into(),
        harness_version: "".into(),
        source_url: "".into(),
        labels: BTreeMap::new(),
        require_known_model: false,
    }
}

/// A price of input and output alike, at the vendor.
pub(crate) fn list_price(model: &str, effective: Date, usd: f64) -> PriceDraft {
    PriceDraft {
        model: model.into(),
        provider: None,
        effective,
        input: Some(usd),
        cache_read: None,
        cache_write: None,
        output: Some(usd),
        source_url: "".into(),
        withdrawn: false,
        expected_revision: None,
    }
}

/// A change as a draft without a request id.
pub(crate) fn plain(change: Change) -> Draft {
    Draft {
        author: "tester".into(),
        request: None,
        change,
    }
}

/// A model of which nothing is known yet.
pub(crate) fn new_model(name: &str) -> Draft {
    let change = Change::PutModel(Box::new(ModelPatch {
        name: name.into(),
        expected_revision: Some(0),
        title: Patch::Set(name.into()),
        organization: Patch::Keep,
        release_date: Patch::Keep,
        open_weights: Patch::Keep,
        license: Patch::Keep,
        tags: Patch::Keep,
        preferred_provider: Patch::Keep,
        aliases: Patch::Keep,
        source_url: Patch::Keep,
    }));
    plain(change)
}

fn claim(history: &History, rest: &[u8]) -> Change {
    let central = 1e6 * pick(&USD, rest[1]);
    let statement = match rest[2] % 5 {
        0 | 1 => StatementDraft::TrainingCost(TrainingCost {
            cost: Cost {
                low: rest[3].is_multiple_of(2).then_some(central / 2.0),
                central,
                high: rest[3].is_multiple_of(3).then_some(central * 2.0),
                kind: CostKind::Reported,
            },
            accelerator: "".into(),
            accelerator_count: None,
            accelerator_hours: None,
            usd_per_hour: None,
            scope: TrainingScope::FinalRun,
        }),
        2 | 3 => {
            let central = day(rest[4]);
            StatementDraft::TrainingDate(TrainingDate {
                earliest: central.plus_days(-i32::from(rest[5] % 3) * 40),
                central,
                latest: central.plus_days(i32::from(rest[6] % 2) * 30),
            })
        }
        _ => StatementDraft::DerivedFrom(model(history, rest[7], rest)),
    };
    Change::PutClaim(Box::new(ClaimDraft {
        model: model(history, rest[0], rest),
        statement,
        claimant: "somebody".into(),
        date: day(rest[8]).min(history.today),
        source_url: "".into(),
        note: "".into(),
        status: pick(&[Status::Active, Status::Active, Status::Disputed], rest[9]),
    }))
}

/// An upsert that changes nothing yet.
pub(crate) fn patch(name: &str) -> BenchmarkPatch {
    BenchmarkPatch {
        id: BenchmarkId::parse(name, "benchmark").unwrap(),
        expected_revision: None,
        title: Patch::Keep,
        description: Patch::Keep,
        unit: Patch::Keep,
        higher_is_better: Patch::Keep,
        minimum: Patch::Keep,
        maximum: Patch::Keep,
        chance: Patch::Keep,
        perfect: Patch::Keep,
        questions: Patch::Keep,
        counting_rule: Patch::Keep,
        preferred_relationships: Patch::Keep,
        tags: Patch::Keep,
        curve: Patch::Keep,
        blend_input_weight: Patch::Keep,
        blend_output_weight: Patch::Keep,
        supersedes: Patch::Keep,
        exclude_from_overall: Patch::Keep,
        source_url: Patch::Keep,
    }
}

fn policy(history: &History, rest: &[u8]) -> Change {
    let at = rest[0] as usize % history.cast.benchmarks;
    let low = pick(&[None, Some(2.0), Some(3.0)], rest[4]);
    let curve = CurvePatch {
        annual_factor: Some(pick(&[4.0, 10.0, 3.0], rest[1])),
        annual_factor_low: low,
        annual_factor_high: low.map(|low| 10.0 * low),
        tolerance: pick(&[None, Some(1.0), Some(2.0)], rest[2]),
    };
    let relationships = vec![pick(&RELATIONSHIPS, rest[3]), Relationship::Other];
    Change::PutBenchmark(Box::new(BenchmarkPatch {
        title: optional(rest[5], text(&["Test", "Exam"], rest[5] / 8)),
        counting_rule: optional(
            rest[6],
            pick(&[CountingRule::Best, CountingRule::Latest], rest[3]),
        ),
        preferred_relationships: optional(rest[7], relationships),
        tags: optional(rest[8], vec!["maths".into()]),
        curve: optional(rest[9], curve),
        questions: optional(rest[1], 50),
        blend_output_weight: optional(rest[2], pick(&[1.0, 0.0], rest[4])),
        exclude_from_overall: optional(rest[4], rest[3].is_multiple_of(2)),
        // Refused, once there are results.
        chance: if rest[10].is_multiple_of(8) {
            Patch::Set(5.0)
        } else {
            Patch::Keep
        },
        ..patch(BENCHMARKS[at])
    }))
}

/// Definitions of the first few benchmarks.
pub(crate) fn benchmarks(count: usize) -> Vec<Draft> {
    let percent = BenchmarkPatch {
        questions: Patch::Set(100),
        tags: Patch::Set(vec!["maths".into()]),
        ..patch(BENCHMARKS[0])
    };
    let fraction = BenchmarkPatch {
        unit: Patch::Set("fraction".into()),
        counting_rule: Patch::Set(CountingRule::Best),
        tags: Patch::Set(vec!["code".into(), "maths".into()]),
        ..patch(BENCHMARKS[1])
    };
    let seconds = BenchmarkPatch {
        unit: Patch::Set("SECONDS".into()),
        higher_is_better: Patch::Set(false),
        minimum: Patch::Set(0.0),
        chance: Patch::Set(100.0),
        perfect: Patch::Set(0.0),
        ..patch(BENCHMARKS[2])
    };
    let points = BenchmarkPatch {
        unit: Patch::Set("points".into()),
        counting_rule: Patch::Set(CountingRule::Best),
        higher_is_better: Patch::Set(false),
        tags: Patch::Set(vec!["code".into()]),
        ..patch(BENCHMARKS[3])
    };
    let preferring = BenchmarkPatch {
        preferred_relationships: Patch::Set(RELATIONSHIPS[..2].to_vec()),
        exclude_from_overall: Patch::Set(true),
        ..patch(BENCHMARKS[4])
    };
    let all = [percent, fraction, seconds, points, preferring];
    all.into_iter()
        .take(count)
        .map(|patch| plain(Change::PutBenchmark(Box::new(patch))))
        .collect()
}
