//! Entries of every kind: one fixed of each for the fixture, and arbitrary ones.

use frontierd::model::{
    Benchmark, BenchmarkId, Body, Claim, Cost, CostKind, CountingRule, Curve, Date, Entry,
    GivenInterval, Model, ModelId, Price, ProviderId, Relationship, RequestKey, ResultFacts,
    Statement, Status, Text, Timestamp, Tokens, TrainingCost, TrainingDate, TrainingScope,
    Uncertainty,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn model(text: &str) -> ModelId {
    ModelId::parse(text, "model").expect("a model id")
}

fn benchmark(text: &str) -> BenchmarkId {
    BenchmarkId::parse(text, "benchmark").expect("a benchmark id")
}

fn provider(text: &str) -> ProviderId {
    ProviderId::parse(text, "provider").expect("a provider")
}

fn date(text: &str) -> Date {
    text.parse().expect("a date")
}

/// Nine entries with every field set to something that is not its default. They never change: the fixtures of
/// released formats decode to them.
pub(crate) fn one_of_each() -> Vec<Entry> {
    let bodies = [
        Body::Benchmark(Box::new(a_benchmark())),
        Body::Model(Box::new(a_model())),
        Body::Price(Box::new(a_price())),
        Body::PriceInForce {
            model: model("deepseek/v3"),
            provider: provider("deepseek"),
            effective: date("2025-02-08"),
        },
        Body::Claim(Box::new(a_claim())),
        Body::Claim(Box::new(Claim {
            statement: Statement::TrainingDate(TrainingDate {
                earliest: date("2024-11-01"),
                central: date("2024-12-01"),
                latest: date("2024-12-31"),
            }),
            ..a_claim()
        })),
        Body::ClaimStatus {
            claim: 5,
            status: Some(Status::Retracted),
            pinned: Some(false),
            reason: "a better source".into(),
        },
        Body::Result(Box::new(a_result())),
        Body::ResultStatus {
            result: 8,
            status: Status::Disputed,
            reason: "contaminated".into(),
        },
    ];
    (1..)
        .zip(bodies)
        .map(|(revision, body)| Entry {
            revision,
            received: Timestamp::from_micros(1_737_500_000_123_456 + revision as i64),
            author: "nightly".into(),
            request: Some(RequestKey::new(
                "nightly",
                &format!("run-{revision}"),
                b"content",
            )),
            body,
        })
        .collect()
}

fn a_benchmark() -> Benchmark {
    Benchmark {
        id: benchmark("gpqa-diamond@2"),
        title: "GPQA Diamond".into(),
        description: "graduate questions".into(),
        unit: "points".into(),
        higher_is_better: true,
        minimum: Some(-1.5),
        maximum: Some(250.0),
        chance: Some(25.0),
        perfect: Some(100.0),
        questions: Some(198),
        counting_rule: CountingRule::Best,
        preferred_relationships: vec![Relationship::ThirdParty, Relationship::Other],
        tags: vec!["reasoning".into(), "science".into()],
        curve: Curve {
            annual_factor: 4.5,
            annual_factor_low: Some(3.0),
            annual_factor_high: Some(6.0),
            tolerance: 1.5,
        },
        blend_input_weight: 2.0,
        blend_output_weight: 1.25,
        supersedes: Some(benchmark("gpqa-diamond")),
        exclude_from_overall: true,
        source_url: "https://example.org/gpqa".into(),
    }
}

fn a_model() -> Model {
    Model {
        id: model("deepseek/v3@high"),
        title: Some("DeepSeek-V3".into()),
        organization: Some("DeepSeek".into()),
        release_date: Some(date("2024-12-26")),
        open_weights: Some(true),
        license: Some("MIT".into()),
        tags: vec!["moe".into()],
        preferred_provider: Some(provider("deepseek")),
        aliases: vec!["deepseek-chat".into(), "v3".into()],
        source_url: Some("https://example.org/v3".into()),
    }
}

fn a_price() -> Price {
    Price {
        model: model("deepseek/v3"),
        provider: provider("deepseek"),
        effective: date("2025-02-08"),
        input: Some(0.27),
        cache_read: Some(0.07),
        cache_write: Some(0.5),
        output: Some(1.1),
        source_url: "https://example.org/pricing".into(),
        withdrawn: true,
    }
}

fn a_claim() -> Claim {
    Claim {
        model: model("deepseek/v3"),
        statement: Statement::TrainingCost(TrainingCost {
            cost: a_cost(),
            accelerator: "H800".into(),
            accelerator_count: Some(2048),
            accelerator_hours: Some(2_788_000.0),
            usd_per_hour: Some(2.0),
            scope: TrainingScope::FinalRun,
        }),
        claimant: "DeepSeek".into(),
        date: date("2024-12-27"),
        source_url: "https://example.org/report".into(),
        note: "excludes research".into(),
        status: Status::Disputed,
    }
}

fn a_cost() -> Cost {
    Cost {
        low: Some(5.0e6),
        central: 5.576e6,
        high: Some(6.25e6),
        kind: CostKind::Reported,
    }
}

fn a_result() -> ResultFacts {
    ResultFacts {
        benchmark: benchmark("gpqa-diamond"),
        model: model("deepseek/v3"),
        score: 59.1,
        uncertainty: Uncertainty {
            interval: Some(GivenInterval {
                low: 52.0,
                high: 66.0,
                level: 0.9,
            }),
            standard_error: Some(3.5),
            sample_count: Some(198),
        },
        run_cost: Some(a_cost()),
        tokens: Some(Tokens {
            input: 1_000_001,
            output: 2_000_002,
            cache_read: 3_003,
            cache_write: 4_004,
        }),
        task_count: Some(198),
        repeats: Some(4),
        observed: date("2025-01-20"),
        evaluator: "our lab".into(),
        relationship: Relationship::Collaborative,
        harness: "inspect".into(),
        harness_version: "0.3".into(),
        source_url: "https://example.org/run".into(),
        labels: [("gpu".into(), "h100".into()), ("run".into(), "7".into())].into(),
    }
}

fn text() -> impl Strategy<Value = Text> {
    ".{0,12}".prop_map(Text::from)
}

fn number() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE
}

fn model_id() -> impl Strategy<Value = ModelId> {
    "[a-z0-9][a-z0-9._-]{0,8}/[a-z0-9][a-z0-9._-]{0,8}(@[a-z0-9])?".prop_map(|text| model(&text))
}

fn benchmark_id() -> impl Strategy<Value = BenchmarkId> {
    "x[a-z0-9._-]{0,8}(@[a-z0-9])?".prop_map(|text| benchmark(&text))
}

fn provider_id() -> impl Strategy<Value = ProviderId> {
    "[a-z0-9][a-z0-9._-]{0,8}".prop_map(|text| provider(&text))
}

fn day() -> impl Strategy<Value = Date> {
    any::<i32>().prop_map(Date::from_days)
}

fn status() -> impl Strategy<Value = Status> {
    select(vec![Status::Active, Status::Disputed, Status::Retracted])
}

fn relationship() -> impl Strategy<Value = Relationship> {
    use Relationship::{Collaborative, FirstParty, Other, ThirdParty};
    select(vec![FirstParty, ThirdParty, Collaborative, Other])
}

fn cost() -> impl Strategy<Value = Cost> {
    use CostKind::{Derived, Estimated, Measured, Reported};
    let kind = select(vec![Measured, Reported, Estimated, Derived]);
    (option::of(number()), number(), option::of(number()), kind).prop_map(
        |(low, central, high, kind)| Cost {
            low,
            central,
            high,
            kind,
        },
    )
}

fn any_benchmark() -> impl Strategy<Value = Benchmark> {
    let bounds = (
        option::of(number()),
        option::of(number()),
        option::of(number()),
        option::of(number()),
        any::<Option<u64>>(),
    );
    let rules = (
        select(vec![CountingRule::Latest, CountingRule::Best]),
        vec(relationship(), 0..4),
        vec(text(), 0..4),
        option::of(benchmark_id()),
    );
    let curve = (
        number(),
        option::of(number()),
        option::of(number()),
        number(),
    );
    (
        benchmark_id(),
        [text(), text(), text(), text()],
        bounds,
        rules,
        curve,
        [number(), number()],
        any::<(bool, bool)>(),
    )
        .prop_map(|(id, texts, bounds, rules, curve, weights, flags)| {
            let [title, description, unit, source_url] = texts;
            Benchmark {
                id,
                title,
                description,
                unit,
                higher_is_better: flags.0,
                minimum: bounds.0,
                maximum: bounds.1,
                chance: bounds.2,
                perfect: bounds.3,
                questions: bounds.4,
                counting_rule: rules.0,
                preferred_relationships: rules.1,
                tags: rules.2,
                curve: Curve {
                    annual_factor: curve.0,
                    annual_factor_low: curve.1,
                    annual_factor_high: curve.2,
                    tolerance: curve.3,
                },
                blend_input_weight: weights[0],
                blend_output_weight: weights[1],
                supersedes: rules.3,
                exclude_from_overall: flags.1,
                source_url,
            }
        })
}

fn any_model() -> impl Strategy<Value = Model> {
    let texts = vec(option::of(text()), 4);
    let lists = (vec(text(), 0..4), vec(text(), 0..4));
    let facts = (
        option::of(day()),
        any::<Option<bool>>(),
        option::of(provider_id()),
    );
    (model_id(), texts, lists, facts).prop_map(|(id, mut texts, (tags, aliases), facts)| Model {
        id,
        title: texts.remove(0),
        organization: texts.remove(0),
        license: texts.remove(0),
        source_url: texts.remove(0),
        release_date: facts.0,
        open_weights: facts.1,
        preferred_provider: facts.2,
        tags,
        aliases,
    })
}

fn any_price() -> impl Strategy<Value = Price> {
    let figures = vec(option::of(number()), 4);
    let whose = (model_id(), provider_id(), day());
    (whose, figures, text(), any::<bool>()).prop_map(
        |((model, provider, effective), figures, source_url, withdrawn)| Price {
            model,
            provider,
            effective,
            input: figures[0],
            cache_read: figures[1],
            cache_write: figures[2],
            output: figures[3],
            source_url,
            withdrawn,
        },
    )
}

fn statement() -> impl Strategy<Value = Statement> {
    use TrainingScope::{FinalRun, Unknown, WholeProgram};
    let training = (
        cost(),
        text(),
        any::<Option<u64>>(),
        option::of(number()),
        option::of(number()),
        select(vec![Unknown, FinalRun, WholeProgram]),
    );
    prop_oneof![
        training.prop_map(|fields| Statement::TrainingCost(TrainingCost {
            cost: fields.0,
            accelerator: fields.1,
            accelerator_count: fields.2,
            accelerator_hours: fields.3,
            usd_per_hour: fields.4,
            scope: fields.5,
        })),
        [day(), day(), day()].prop_map(|[earliest, central, latest]| {
            Statement::TrainingDate(TrainingDate {
                earliest,
                central,
                latest,
            })
        }),
        model_id().prop_map(Statement::DerivedFrom),
    ]
}

fn any_claim() -> impl Strategy<Value = Claim> {
    let texts = [text(), text(), text()];
    (model_id(), statement(), texts, day(), status()).prop_map(
        |(model, statement, [claimant, source_url, note], date, status)| Claim {
            model,
            statement,
            claimant,
            date,
            source_url,
            note,
            status,
        },
    )
}

fn uncertainty() -> impl Strategy<Value = Uncertainty> {
    let interval = [number(), number(), number()].prop_map(|[low, high, level]| GivenInterval {
        low,
        high,
        level,
    });
    let fields = (
        option::of(interval),
        option::of(number()),
        any::<Option<u64>>(),
    );
    fields.prop_map(|(interval, standard_error, sample_count)| Uncertainty {
        interval,
        standard_error,
        sample_count,
    })
}

fn any_result() -> impl Strategy<Value = ResultFacts> {
    let tokens = any::<[u64; 4]>().prop_map(|[input, output, cache_read, cache_write]| Tokens {
        input,
        output,
        cache_read,
        cache_write,
    });
    let run = (
        option::of(cost()),
        option::of(tokens),
        any::<Option<u64>>(),
        any::<Option<u32>>(),
    );
    (
        (benchmark_id(), model_id(), number(), day()),
        uncertainty(),
        run,
        [text(), text(), text(), text()],
        relationship(),
        btree_map(text(), text(), 0..4),
    )
        .prop_map(|(what, uncertainty, run, texts, relationship, labels)| {
            let [evaluator, harness, harness_version, source_url] = texts;
            ResultFacts {
                benchmark: what.0,
                model: what.1,
                score: what.2,
                uncertainty,
                run_cost: run.0,
                tokens: run.1,
                task_count: run.2,
                repeats: run.3,
                observed: what.3,
                evaluator,
                relationship,
                harness,
                harness_version,
                source_url,
                labels,
            }
        })
}

/// A body of any kind.
pub(crate) fn body() -> impl Strategy<Value = Body> {
    let in_force = (model_id(), provider_id(), day());
    let claim_status = (
        any::<u64>(),
        option::of(status()),
        any::<Option<bool>>(),
        text(),
    );
    prop_oneof![
        any_benchmark().prop_map(|benchmark| Body::Benchmark(Box::new(benchmark))),
        any_model().prop_map(|model| Body::Model(Box::new(model))),
        any_price().prop_map(|price| Body::Price(Box::new(price))),
        in_force.prop_map(|(model, provider, effective)| Body::PriceInForce {
            model,
            provider,
            effective
        }),
        any_claim().prop_map(|claim| Body::Claim(Box::new(claim))),
        claim_status.prop_map(|(claim, status, pinned, reason)| Body::ClaimStatus {
            claim,
            status,
            pinned,
            reason
        }),
        any_result().prop_map(|result| Body::Result(Box::new(result))),
        (any::<u64>(), status(), text()).prop_map(|(result, status, reason)| Body::ResultStatus {
            result,
            status,
            reason
        }),
    ]
}
