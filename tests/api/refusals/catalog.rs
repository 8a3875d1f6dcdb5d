//! Upserts of benchmarks and models that are refused.

use frontierd::proto::v1::{
    Benchmark, DeclaredCurve, EvaluatorRelationship, Model, PutBenchmarkRequest, PutModelRequest,
};
use tonic::Code;

use super::{Expected, check, exam, put, server};

const INVALID: Code = Code::InvalidArgument;

async fn benchmark_refused(request: PutBenchmarkRequest, expected: Expected) {
    let server = server().await;
    let head = server.head().await;
    let status = server.catalog().put_benchmark(request).await;
    check(&status.expect_err("refused"), expected);
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

async fn model_refused(request: PutModelRequest, expected: Expected) {
    let mut server = server().await;
    server
        .put_model(Model {
            id: "maker/other".to_owned(),
            aliases: vec!["nick".to_owned()],
            ..Model::default()
        })
        .await;
    let head = server.head().await;
    let status = server.catalog().put_model(request).await;
    check(&status.expect_err("refused"), expected);
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

fn fresh() -> Benchmark {
    Benchmark {
        id: "fresh".to_owned(),
        ..Benchmark::default()
    }
}

fn known() -> Model {
    Model {
        id: "maker/known".to_owned(),
        ..Model::default()
    }
}

fn model(model: Model) -> PutModelRequest {
    PutModelRequest {
        model: Some(model),
        ..PutModelRequest::default()
    }
}

#[tokio::test]
async fn a_direction_does_not_change_under_results() {
    let changed = put(Benchmark {
        higher_is_better: Some(false),
        ..exam()
    });
    let field = "benchmark.higher_is_better";
    let expected = (
        Code::FailedPrecondition,
        "BENCHMARK_FIXED",
        field,
        "`exam@2`",
    );
    benchmark_refused(changed, expected).await;
}

#[tokio::test]
async fn a_unit_does_not_change_under_results() {
    let changed = put(Benchmark {
        unit: Some("SECONDS".to_owned()),
        ..exam()
    });
    let expected = (
        Code::FailedPrecondition,
        "BENCHMARK_FIXED",
        "benchmark.unit",
        "supersedes",
    );
    benchmark_refused(changed, expected).await;
}

#[tokio::test]
async fn clearing_a_fixed_field_is_a_change_of_it() {
    let mut changed = put(exam());
    changed.clear = vec!["perfect".to_owned()];
    let field = "benchmark.perfect";
    let expected = (Code::FailedPrecondition, "BENCHMARK_FIXED", field, "fixed");
    benchmark_refused(changed, expected).await;
}

#[tokio::test]
async fn chance_and_perfect_agree_with_the_direction() {
    let bad = put(Benchmark {
        higher_is_better: Some(false),
        chance: Some(0.0),
        perfect: Some(100.0),
        ..fresh()
    });
    let expected = (
        INVALID,
        "DIRECTION_INCONSISTENT",
        "benchmark.perfect",
        "lower is better",
    );
    benchmark_refused(bad, expected).await;
}

#[tokio::test]
async fn a_minimum_lies_below_the_maximum() {
    let bad = put(Benchmark {
        minimum: Some(5.0),
        maximum: Some(5.0),
        ..fresh()
    });
    let expected = (INVALID, "OUT_OF_RANGE", "benchmark.minimum", "`5`");
    benchmark_refused(bad, expected).await;
}

#[tokio::test]
async fn a_benchmark_is_not_named_like_a_computed_board() {
    let bad = put(Benchmark {
        id: "overall".to_owned(),
        ..Benchmark::default()
    });
    benchmark_refused(bad, (INVALID, "ID_MALFORMED", "benchmark.id", "overall")).await;
}

#[tokio::test]
async fn a_benchmark_id_with_a_slash_is_refused() {
    let bad = put(Benchmark {
        id: "suite/x".to_owned(),
        ..Benchmark::default()
    });
    benchmark_refused(bad, (INVALID, "ID_MALFORMED", "benchmark.id", "`suite/x`")).await;
}

#[tokio::test]
async fn a_unit_that_is_too_long_is_refused() {
    let bad = put(Benchmark {
        unit: Some("u".repeat(33)),
        ..fresh()
    });
    benchmark_refused(bad, (INVALID, "FIELD_TOO_LONG", "benchmark.unit", "`32`")).await;
}

#[tokio::test]
async fn a_tag_with_a_blank_is_refused() {
    let bad = put(Benchmark {
        tags: vec!["two words".to_owned()],
        ..fresh()
    });
    benchmark_refused(
        bad,
        (INVALID, "FIELD_MALFORMED", "benchmark.tags", "`two words`"),
    )
    .await;
}

#[tokio::test]
async fn relationships_are_preferred_once() {
    let first = EvaluatorRelationship::FirstParty.into();
    let bad = put(Benchmark {
        preferred_relationships: vec![first, first],
        ..fresh()
    });
    let field = "benchmark.preferred_relationships";
    benchmark_refused(bad, (INVALID, "FIELD_CONFLICT", field, "more than once")).await;
}

#[tokio::test]
async fn a_curve_that_does_not_decline_is_refused() {
    let bad = put(Benchmark {
        trend: Some(DeclaredCurve {
            annual_factor: Some(1.0),
            ..DeclaredCurve::default()
        }),
        ..fresh()
    });
    let field = "benchmark.trend.annual_factor";
    benchmark_refused(bad, (INVALID, "OUT_OF_RANGE", field, "`1`")).await;
}

#[tokio::test]
async fn what_cannot_be_cleared_is_refused() {
    let mut bad = put(fresh());
    bad.clear = vec!["id".to_owned()];
    benchmark_refused(bad, (INVALID, "FIELD_MALFORMED", "clear", "`id`")).await;
}

#[tokio::test]
async fn a_field_is_not_set_and_cleared() {
    let mut bad = put(Benchmark {
        title: Some("Exam".to_owned()),
        ..fresh()
    });
    bad.clear = vec!["title".to_owned()];
    benchmark_refused(
        bad,
        (INVALID, "FIELD_CONFLICT", "benchmark.title", "`clear`"),
    )
    .await;
}

#[tokio::test]
async fn an_upsert_without_its_message_is_refused() {
    let expected = (INVALID, "FIELD_REQUIRED", "benchmark", "missing");
    benchmark_refused(PutBenchmarkRequest::default(), expected).await;
}

#[tokio::test]
async fn a_stale_expected_revision_is_refused_with_the_current_one() {
    let mut stale = put(exam());
    stale.expected_revision = Some(0);
    let expected = (
        Code::Aborted,
        "REVISION_MISMATCH",
        "expected_revision",
        "at revision `1`",
    );
    benchmark_refused(stale, expected).await;
}

#[tokio::test]
async fn superseding_an_unknown_benchmark_is_refused() {
    let bad = put(Benchmark {
        supersedes: Some("exan".to_owned()),
        ..fresh()
    });
    let field = "benchmark.supersedes";
    benchmark_refused(bad, (Code::NotFound, "UNKNOWN_BENCHMARK", field, "`exam`")).await;
}

#[tokio::test]
async fn an_alias_of_another_model_is_taken() {
    let bad = Model {
        aliases: vec!["nick".to_owned()],
        ..known()
    };
    let expected = (
        Code::AlreadyExists,
        "ALIAS_TAKEN",
        "model.aliases",
        "`maker/other`",
    );
    model_refused(model(bad), expected).await;
}

#[tokio::test]
async fn the_id_of_another_model_is_no_alias() {
    let bad = Model {
        aliases: vec!["maker/other".to_owned()],
        ..known()
    };
    let expected = (
        Code::AlreadyExists,
        "ALIAS_TAKEN",
        "model.aliases",
        "`maker/other`",
    );
    model_refused(model(bad), expected).await;
}

#[tokio::test]
async fn aliases_are_given_once() {
    let bad = Model {
        aliases: vec!["twin".to_owned(), "twin".to_owned()],
        ..known()
    };
    let expected = (
        INVALID,
        "FIELD_CONFLICT",
        "model.aliases",
        "`twin` more than once",
    );
    model_refused(model(bad), expected).await;
}

#[tokio::test]
async fn too_many_tags_are_refused() {
    let bad = Model {
        tags: (0..17).map(|n| format!("t{n}")).collect(),
        ..known()
    };
    model_refused(
        model(bad),
        (INVALID, "FIELD_TOO_LONG", "model.tags", "`17`"),
    )
    .await;
}

#[tokio::test]
async fn a_malformed_id_of_a_new_model_is_refused() {
    let bad = Model {
        id: "no-vendor".to_owned(),
        ..Model::default()
    };
    model_refused(
        model(bad),
        (INVALID, "ID_MALFORMED", "model.id", "`no-vendor`"),
    )
    .await;
}

#[tokio::test]
async fn a_model_that_must_not_exist_but_does_is_refused() {
    let mut stale = model(known());
    stale.expected_revision = Some(0);
    let expected = (
        Code::Aborted,
        "REVISION_MISMATCH",
        "expected_revision",
        "`2`",
    );
    model_refused(stale, expected).await;
}
