//! What upserts, prices and claims are refused for.

use super::super::*;
use super::{at, context, refused};
use crate::model::{Change, Draft, Patch, Reason};
use crate::proto::v1;

fn put(
    change: impl FnOnce(&mut v1::PutBenchmarkRequest, &mut v1::Benchmark),
) -> Result<Draft, Refusal> {
    let mut message = v1::PutBenchmarkRequest::default();
    let mut benchmark = v1::Benchmark {
        id: "gpqa-diamond".to_owned(),
        ..Default::default()
    };
    change(&mut message, &mut benchmark);
    message.benchmark = Some(benchmark);
    put_benchmark(message, &context())
}

#[test]
fn benchmarks_are_checked() {
    assert!(put(|_, _| ()).is_ok());
    assert_eq!(
        refused(put(|_, b| b.id = "overall".into())),
        at(Reason::IdMalformed, "benchmark.id")
    );
    assert_eq!(
        refused(put(|_, b| b.minimum = Some(f64::INFINITY))),
        at(Reason::NotFinite, "benchmark.minimum")
    );
    assert_eq!(
        refused(put(|_, b| b.questions = Some(0))),
        at(Reason::OutOfRange, "benchmark.questions")
    );
    assert_eq!(
        refused(put(|_, b| b.preferred_relationships = vec![1, 1])),
        at(Reason::FieldConflict, "benchmark.preferred_relationships")
    );
    let flat = v1::DeclaredCurve {
        annual_factor: Some(1.0),
        ..Default::default()
    };
    assert_eq!(
        refused(put(|_, b| b.trend = Some(flat))),
        at(Reason::OutOfRange, "benchmark.trend.annual_factor")
    );
    assert_eq!(
        refused(put(|m, b| {
            m.clear = vec!["minimum".into()];
            b.minimum = Some(0.0);
        })),
        at(Reason::FieldConflict, "benchmark.minimum")
    );
    assert_eq!(
        refused(put(|m, _| m.clear = vec!["id".into()])),
        at(Reason::FieldMalformed, "clear")
    );
    assert_eq!(
        refused(put(|m, _| m.expected_revision = Some(-1))),
        at(Reason::OutOfRange, "expected_revision")
    );
    let missing = put_benchmark(v1::PutBenchmarkRequest::default(), &context());
    assert_eq!(refused(missing), at(Reason::FieldRequired, "benchmark"));
}

#[test]
fn absent_fields_of_an_upsert_stay_as_they_are() {
    let draft = put(|m, b| {
        m.clear = vec!["tags".into()];
        b.title = Some("GPQA".into());
        b.description = Some(String::new());
    });
    let Change::PutBenchmark(patch) = draft.expect("well formed").change else {
        panic!("not a benchmark");
    };
    assert_eq!(patch.title, Patch::Set("GPQA".into()));
    assert_eq!(
        (patch.description, patch.tags),
        (Patch::Clear, Patch::Clear)
    );
    assert_eq!((patch.unit, patch.curve), (Patch::Keep, Patch::Keep));
}

#[test]
fn models_are_checked() {
    let put = |model| {
        put_model(
            v1::PutModelRequest {
                model: Some(model),
                ..Default::default()
            },
            &context(),
        )
    };
    let model = || v1::Model {
        id: "a/b".into(),
        ..Default::default()
    };
    assert!(put(model()).is_ok());
    let ahead = |date: &str| v1::Model {
        release_date: Some(date.into()),
        ..model()
    };
    assert!(put(ahead("2026-02-01")).is_ok());
    assert_eq!(
        refused(put(ahead("2026-02-02"))),
        at(Reason::DateInFuture, "model.release_date")
    );
    let aliases = v1::Model {
        aliases: vec!["a/b".into()],
        ..model()
    };
    assert_eq!(
        refused(put(aliases)),
        at(Reason::FieldConflict, "model.aliases")
    );
    let provider = v1::Model {
        preferred_provider: Some("A B".into()),
        ..model()
    };
    assert_eq!(
        refused(put(provider)),
        at(Reason::IdMalformed, "model.preferred_provider")
    );
    assert_eq!(
        refused(put(v1::Model::default())),
        at(Reason::FieldRequired, "model.id")
    );
}

#[test]
fn prices_are_checked() {
    let put = |price| {
        put_price(
            v1::PutPriceRequest {
                price: Some(price),
                ..Default::default()
            },
            &context(),
        )
    };
    let price = || v1::Price {
        model: "deepseek/v3".into(),
        effective_date: "2025-02-08".into(),
        input_usd_per_mtok: Some(0.27),
        output_usd_per_mtok: Some(1.1),
        ..Default::default()
    };
    assert!(put(price()).is_ok());
    let free = v1::Price {
        input_usd_per_mtok: Some(0.0),
        ..price()
    };
    assert!(put(free).is_ok());
    let below = v1::Price {
        output_usd_per_mtok: Some(-1.0),
        ..price()
    };
    assert_eq!(
        refused(put(below)),
        at(Reason::OutOfRange, "price.output_usd_per_mtok")
    );
    let undated = v1::Price {
        effective_date: String::new(),
        ..price()
    };
    assert_eq!(
        refused(put(undated)),
        at(Reason::FieldRequired, "price.effective_date")
    );
    let far = v1::Price {
        effective_date: "2026-02-02".into(),
        ..price()
    };
    assert_eq!(
        refused(put(far)),
        at(Reason::DateInFuture, "price.effective_date")
    );
    let blank = v1::Price {
        input_usd_per_mtok: None,
        output_usd_per_mtok: None,
        ..price()
    };
    assert_eq!(
        refused(put(blank.clone())),
        at(Reason::FieldRequired, "price.input_usd_per_mtok")
    );
    assert!(
        put(v1::Price {
            withdrawn: true,
            ..blank
        })
        .is_ok()
    );
}

#[test]
fn claims_are_checked() {
    use v1::claim::Statement;
    let put = |statement, change: &dyn Fn(&mut v1::Claim)| {
        let mut claim = v1::Claim {
            model: "deepseek/v3".into(),
            statement,
            ..Default::default()
        };
        change(&mut claim);
        put_claim(
            v1::PutClaimRequest {
                claim: Some(claim),
                request_id: String::new(),
            },
            &context(),
        )
    };
    let derived = || Some(Statement::DerivedFrom("openai/o1".into()));
    assert!(put(derived(), &|_| ()).is_ok());
    assert_eq!(
        refused(put(None, &|_| ())),
        at(Reason::FieldRequired, "claim")
    );
    assert_eq!(
        refused(put(derived(), &|c| c.date = "2025-02-02".into())),
        at(Reason::DateInFuture, "claim.date")
    );
    assert_eq!(
        refused(put(derived(), &|c| c.status = 3)),
        at(Reason::FieldMalformed, "claim.status")
    );
    assert_eq!(
        refused(put(derived(), &|c| c.note = "n".repeat(1_001))),
        at(Reason::FieldTooLong, "claim.note")
    );
    let nothing = Some(Statement::TrainingCost(v1::TrainingCost::default()));
    assert_eq!(
        refused(put(nothing, &|_| ())),
        at(Reason::FieldRequired, "claim.training_cost.cost")
    );
    let backwards = Some(Statement::TrainingDate(v1::TrainingDate {
        earliest: "2024-12-31".into(),
        central: String::new(),
        latest: "2024-11-01".into(),
    }));
    assert_eq!(
        refused(put(backwards, &|_| ())),
        at(Reason::FieldConflict, "claim.training_date.central")
    );
}
