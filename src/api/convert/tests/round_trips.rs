//! Facts survive the way in and out.

use proptest::prelude::*;

use super::super::*;
use super::{context, submit};
use crate::model::{
    Benchmark, BenchmarkId, Change, Claim, CountingRule, Curve, CurvePatch, ModelId, Patch, Price,
    Relationship, ResultDraft, ResultFacts, Statement, StatementDraft, Status, Timestamp,
    TrainingCost, TrainingScope,
};
use crate::proto::v1;

fn word() -> impl Strategy<Value = String> {
    "[a-z0-9][a-z0-9._-]{0,12}"
}

fn usd() -> impl Strategy<Value = f64> {
    1e-6..1e9_f64
}

fn cost() -> impl Strategy<Value = v1::CostRange> {
    (usd(), 0.1..1.0_f64, 1.0..10.0_f64, any::<[bool; 2]>(), 0..4).prop_map(
        |(central, less, more, [low, high], kind)| v1::CostRange {
            low_usd: low.then_some(central * less),
            central_usd: Some(central),
            high_usd: high.then_some(central * more),
            kind,
        },
    )
}

prop_compose! {
    fn result()(
        benchmark in word(),
        model in (word(), word()),
        score in -1e6..1e6_f64,
        margins in proptest::option::of((0.0..10.0_f64, 0.0..10.0_f64)),
        standard_error in proptest::option::of(1e-3..9.0_f64),
        counts in (proptest::option::of(1..1_000_000_i64), proptest::option::of(1..99_999_i64), proptest::option::of(1..9_i32)),
        run_cost in proptest::option::of(cost()),
        input_tokens in proptest::option::of(1..1_000_000_i64),
        days in 0..20_000_i32,
        texts in ("[ -~]{0,30}", "[ -~]{1,30}", "[ -~]{0,30}"),
        relationship in 1..5_i32,
        labels in proptest::collection::btree_map("[a-z]{1,9}", "[ -~]{0,9}", 0..4),
    ) -> v1::Result {
        v1::Result {
            benchmark,
            model: format!("{}/{}", model.0, model.1),
            score: Some(score),
            unit: "POINTS".to_owned(),
            interval: margins.map(|(below, above)| v1::ScoreInterval {
                low: score - below,
                high: score + above,
                source: v1::IntervalSource::Reported as i32,
                confidence_level: Some(0.9),
            }),
            standard_error,
            sample_count: counts.0,
            run_cost,
            tokens: input_tokens.map(|input_tokens| v1::TokenUsage {
                input_tokens,
                ..Default::default()
            }),
            task_count: counts.1,
            repeats: counts.2,
            observed_date: crate::model::Date::from_days(days).to_string(),
            evaluator: texts.1,
            relationship,
            harness: texts.0,
            harness_version: String::new(),
            source_url: texts.2,
            labels,
        }
    }
}

fn draft(message: v1::Result) -> ResultDraft {
    match submit(message).expect("well formed").change {
        Change::SubmitResult(draft) => *draft,
        other => panic!("not a result: {other:?}"),
    }
}

/// What the log keeps of a draft whose ids are resolved already.
fn facts(draft: ResultDraft) -> ResultFacts {
    ResultFacts {
        benchmark: BenchmarkId::parse(&draft.benchmark, "benchmark").expect("an id"),
        model: ModelId::parse(&draft.model, "model").expect("an id"),
        score: draft.score,
        uncertainty: draft.uncertainty,
        run_cost: draft.run_cost,
        tokens: draft.tokens,
        task_count: draft.task_count,
        repeats: draft.repeats,
        observed: draft.observed,
        evaluator: draft.evaluator,
        relationship: draft.relationship,
        harness: draft.harness,
        harness_version: draft.harness_version,
        source_url: draft.source_url,
        labels: draft.labels,
    }
}

proptest! {
    #[test]
    fn a_listed_result_can_be_submitted_again(message in result()) {
        let first = draft(message);
        let unit = first.unit.clone().expect("given");
        let shown = super::super::facts::result(&facts(first.clone()), &unit);
        prop_assert_eq!(draft(shown), first);
    }

    #[test]
    fn nothing_that_can_be_sent_panics(
        score in any::<f64>(),
        figures in any::<[Option<f64>; 5]>(),
        counts in any::<[i64; 6]>(),
        repeats in any::<i32>(),
        text in any::<String>(),
    ) {
        let [low, central, high, standard_error, confidence_level] = figures;
        let _ = submit(v1::Result {
            benchmark: text.clone(),
            model: text.clone(),
            score: Some(score),
            unit: text.clone(),
            interval: low.zip(high).map(|(low, high)| v1::ScoreInterval {
                low, high, source: repeats, confidence_level,
            }),
            standard_error,
            sample_count: Some(counts[0]),
            run_cost: Some(v1::CostRange { low_usd: low, central_usd: central, high_usd: high, kind: repeats }),
            tokens: Some(v1::TokenUsage {
                input_tokens: counts[1], output_tokens: counts[2], cache_read_tokens: counts[3], cache_write_tokens: counts[4],
            }),
            task_count: Some(counts[5]),
            repeats: Some(repeats),
            observed_date: text.clone(),
            evaluator: text.clone(),
            relationship: repeats,
            harness: text.clone(),
            harness_version: text.clone(),
            source_url: text.clone(),
            labels: std::collections::BTreeMap::from([(text.clone(), text)]),
        });
    }

    #[test]
    fn instants_keep_their_microseconds(micros in any::<i64>()) {
        let shown = timestamp(Timestamp::from_micros(micros));
        prop_assert!((0..1_000_000_000).contains(&shown.nanos));
        let back = i128::from(shown.seconds) * 1_000_000 + i128::from(shown.nanos / 1_000);
        prop_assert_eq!(back, i128::from(micros));
    }
}

fn benchmark_facts() -> Benchmark {
    Benchmark {
        title: "GPQA Diamond".into(),
        description: "science\nquestions".into(),
        chance: Some(25.0),
        questions: Some(198),
        counting_rule: CountingRule::Best,
        preferred_relationships: vec![Relationship::ThirdParty, Relationship::FirstParty],
        tags: vec!["science".into()],
        curve: Curve {
            annual_factor: 5.0,
            annual_factor_low: Some(3.0),
            annual_factor_high: Some(9.0),
            tolerance: 1.5,
        },
        supersedes: Some(BenchmarkId::parse("gpqa", "x").expect("an id")),
        exclude_from_overall: true,
        source_url: "https://example.org".into(),
        ..Benchmark::new(BenchmarkId::parse("gpqa-diamond", "x").expect("an id"))
    }
}

#[test]
fn a_shown_benchmark_can_be_put_again() {
    let facts = benchmark_facts();
    let state = BenchmarkState {
        revision: 7,
        result_count: 3,
        standing_count: 2,
    };
    let shown = benchmark(&facts, state);
    assert_eq!(
        (shown.revision, shown.result_count, shown.standing_count),
        (7, 3, 2)
    );
    let message = v1::PutBenchmarkRequest {
        benchmark: Some(shown),
        ..Default::default()
    };
    let Change::PutBenchmark(patch) = put_benchmark(message, &context())
        .expect("well formed")
        .change
    else {
        panic!("not a benchmark");
    };
    assert_eq!(patch.id, facts.id);
    assert_eq!(patch.title, Patch::Set(facts.title));
    assert_eq!(patch.description, Patch::Set(facts.description));
    assert_eq!(patch.unit, Patch::Set(facts.unit));
    assert_eq!(patch.higher_is_better, Patch::Set(true));
    assert_eq!(patch.minimum, Patch::Set(0.0));
    assert_eq!(patch.maximum, Patch::Set(100.0));
    assert_eq!(patch.chance, Patch::Set(25.0));
    assert_eq!(patch.perfect, Patch::Set(100.0));
    assert_eq!(patch.questions, Patch::Set(198));
    assert_eq!(patch.counting_rule, Patch::Set(CountingRule::Best));
    assert_eq!(
        patch.preferred_relationships,
        Patch::Set(facts.preferred_relationships)
    );
    assert_eq!(patch.tags, Patch::Set(facts.tags));
    let curve = CurvePatch {
        annual_factor: Some(5.0),
        annual_factor_low: Some(3.0),
        annual_factor_high: Some(9.0),
        tolerance: Some(1.5),
    };
    assert_eq!(patch.curve, Patch::Set(curve));
    assert_eq!(patch.blend_input_weight, Patch::Set(3.0));
    assert_eq!(patch.blend_output_weight, Patch::Set(1.0));
    assert_eq!(patch.supersedes.apply(None), facts.supersedes);
    assert_eq!(patch.exclude_from_overall, Patch::Set(true));
    assert_eq!(patch.source_url, Patch::Set(facts.source_url));
}

#[test]
fn a_shown_price_can_be_put_again() {
    let facts = Price {
        model: ModelId::parse("deepseek/v3", "x").expect("an id"),
        provider: crate::model::ProviderId::parse("deepseek", "x").expect("an id"),
        effective: "2025-02-08".parse().expect("a date"),
        input: Some(0.27),
        cache_read: Some(0.07),
        cache_write: None,
        output: Some(1.1),
        source_url: "https://example.org".into(),
        withdrawn: false,
    };
    let message = v1::PutPriceRequest {
        price: Some(price(&facts, PriceState::default())),
        ..Default::default()
    };
    let Change::PutPrice(draft) = put_price(message, &context()).expect("well formed").change
    else {
        panic!("not a price");
    };
    assert_eq!(&*draft.model, facts.model.as_str());
    assert_eq!(draft.provider, Some(facts.provider));
    assert_eq!(draft.effective, facts.effective);
    assert_eq!(
        (draft.input, draft.cache_read),
        (facts.input, facts.cache_read)
    );
    assert_eq!(
        (draft.cache_write, draft.output),
        (facts.cache_write, facts.output)
    );
    assert_eq!(
        (draft.source_url, draft.withdrawn),
        (facts.source_url, facts.withdrawn)
    );
}

#[test]
fn a_shown_claim_can_be_put_again() {
    let cost = TrainingCost {
        cost: crate::model::Cost::exact(5.576e6, crate::model::CostKind::Reported),
        accelerator: "H800".into(),
        accelerator_count: Some(2_000),
        accelerator_hours: Some(2.788e6),
        usd_per_hour: Some(2.0),
        scope: TrainingScope::FinalRun,
    };
    let facts = Claim {
        model: ModelId::parse("deepseek/v3", "x").expect("an id"),
        statement: Statement::TrainingCost(cost.clone()),
        claimant: "DeepSeek".into(),
        date: "2024-12-27".parse().expect("a date"),
        source_url: "https://example.org".into(),
        note: "the final run\nonly".into(),
        status: Status::Disputed,
    };
    let state = ClaimState {
        status: Status::Disputed,
        ..ClaimState::default()
    };
    let message = v1::PutClaimRequest {
        claim: Some(claim(&facts, &state)),
        request_id: String::new(),
    };
    let Change::PutClaim(draft) = put_claim(message, &context()).expect("well formed").change
    else {
        panic!("not a claim");
    };
    assert_eq!(draft.statement, StatementDraft::TrainingCost(cost));
    assert_eq!((draft.claimant, draft.date), (facts.claimant, facts.date));
    assert_eq!(
        (draft.source_url, draft.note),
        (facts.source_url, facts.note)
    );
    assert_eq!(draft.status, Status::Disputed);
}
