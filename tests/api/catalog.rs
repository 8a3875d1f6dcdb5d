//! Benchmarks, models, prices and claims as they are put and read.

use frontierd::proto::v1::claim::Statement;
use frontierd::proto::v1::{
    Benchmark, Claim, CostBasis, GetBenchmarkRequest, GetModelRequest, GetModelResponse,
    ListBenchmarksRequest, ListModelsRequest, Model, Price, PutBenchmarkRequest, PutClaimRequest,
    PutModelRequest, PutPriceRequest, RowFilter, Status, TrainingDate,
};

use crate::support::{Server, cost, result};

fn named(id: &str) -> Model {
    Model {
        id: id.to_owned(),
        ..Model::default()
    }
}

async fn model_of(server: &mut Server, id: &str) -> GetModelResponse {
    let request = GetModelRequest { id: id.to_owned() };
    server.client.get_model(request).await.expect("a model")
}

#[tokio::test]
async fn a_benchmark_has_defaults_by_unit_and_direction() {
    let mut server = Server::start().await;
    let exam = server.benchmark("exam").await;
    assert_eq!((exam.unit(), exam.higher_is_better()), ("PERCENT", true));
    assert_eq!((exam.minimum, exam.maximum), (Some(0.0), Some(100.0)));
    assert_eq!((exam.chance, exam.perfect), (Some(0.0), Some(100.0)));
    let error = Benchmark {
        id: "error-rate".to_owned(),
        unit: Some("fraction".to_owned()),
        higher_is_better: Some(false),
        ..Benchmark::default()
    };
    let error = server.put_benchmark(error).await;
    assert_eq!(error.unit(), "FRACTION");
    assert_eq!((error.chance, error.perfect), (Some(1.0), Some(0.0)));
    let time = Benchmark {
        id: "time".to_owned(),
        unit: Some("SECONDS".to_owned()),
        higher_is_better: Some(false),
        ..Benchmark::default()
    };
    let time = server.put_benchmark(time).await;
    assert_eq!(
        (time.minimum, time.maximum, time.chance, time.perfect),
        (None, None, None, None)
    );
    server.stop().await;
}

#[tokio::test]
async fn identical_upserts_take_no_revision() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    let price = server.price("maker/a", "2024-01-01", 1.0, 2.0).await;
    let head = server.head().await;
    assert_eq!((price, head), (3, 3));
    let again = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "exam".to_owned(),
            unit: Some("percent".to_owned()),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    let again = server.client.put_benchmark(again).await.expect("answered");
    assert!(again.unchanged);
    assert_eq!(again.revision, 1);
    let again = PutModelRequest {
        model: Some(named("maker/a")),
        ..PutModelRequest::default()
    };
    let again = server.client.put_model(again).await.expect("answered");
    assert!(again.unchanged, "an absent field stays as it is");
    assert_eq!(again.revision, 2);
    assert_eq!(server.price("maker/a", "2024-01-01", 1.0, 2.0).await, 3);
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test]
async fn the_same_claim_twice_is_one_claim() {
    let mut server = Server::start().await;
    server.model("maker/a", "2024-01-01").await;
    let request = PutClaimRequest {
        claim: Some(Claim {
            model: "maker/a".to_owned(),
            claimant: "Someone".to_owned(),
            date: "2024-02-01".to_owned(),
            statement: Some(Statement::TrainingDate(TrainingDate {
                earliest: "2023-10-01".to_owned(),
                latest: "2023-10-31".to_owned(),
                ..TrainingDate::default()
            })),
            ..Claim::default()
        }),
        ..PutClaimRequest::default()
    };
    let first = server
        .client
        .put_claim(request.clone())
        .await
        .expect("accepted");
    let again = server.client.put_claim(request).await.expect("answered");
    assert!(again.unchanged && !first.unchanged);
    assert_eq!(again.revision, first.revision);
    let claim = again.claim.expect("the claim");
    let Some(Statement::TrainingDate(date)) = &claim.statement else {
        panic!("not a date");
    };
    assert_eq!(date.central, "2023-10-16");
    assert_eq!(claim.status(), Status::Active);
    server.stop().await;
}

#[tokio::test]
async fn clear_unsets_fields_and_leaves_others() {
    let mut server = Server::start().await;
    let full = Model {
        title: Some("A".to_owned()),
        license: Some("MIT".to_owned()),
        open_weights: Some(true),
        tags: vec!["reasoning".to_owned()],
        aliases: vec!["nick".to_owned()],
        ..named("maker/a")
    };
    server.put_model(full).await;
    let request = PutModelRequest {
        model: Some(named("nick")),
        clear: ["license", "open_weights", "tags", "aliases"]
            .map(str::to_owned)
            .to_vec(),
        ..PutModelRequest::default()
    };
    let answer = server.client.put_model(request).await.expect("accepted");
    let model = answer.model.expect("the model, though its alias has gone");
    assert_eq!(model.id, "maker/a");
    assert_eq!(model.title(), "A");
    assert_eq!((model.license, model.open_weights), (None, None));
    assert!(model.tags.is_empty() && model.aliases.is_empty());
    let request = GetModelRequest {
        id: "nick".to_owned(),
    };
    assert!(server.client.get_model(request).await.is_err());
    server.stop().await;
}

#[tokio::test]
async fn clearing_what_a_unit_gives_leaves_no_normalised_score() {
    let mut server = Server::start().await;
    let request = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: "exam".to_owned(),
            ..Benchmark::default()
        }),
        clear: vec!["chance".to_owned(), "perfect".to_owned()],
        ..PutBenchmarkRequest::default()
    };
    server
        .client
        .put_benchmark(request)
        .await
        .expect("accepted");
    let standing = server
        .submit(result("exam", "maker/a", 50.0))
        .await
        .standing;
    let standing = standing.expect("it stands");
    assert_eq!((standing.normalised_score, standing.value), (None, None));
    server.stop().await;
}

#[tokio::test]
async fn an_alias_resolves_on_every_call() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let model = Model {
        aliases: vec!["Nick Name".to_owned(), "other/nick".to_owned()],
        ..named("maker/a")
    };
    server.put_model(model).await;
    let submitted = server.submit(result("exam", "other/nick", 50.0)).await;
    assert!(
        submitted
            .warnings
            .iter()
            .all(|w| w.reason != "MODEL_CREATED")
    );
    assert_eq!(server.standing("exam", "Nick Name").await.model, "maker/a");
    assert_eq!(
        server.results("exam").await[0]
            .result
            .as_ref()
            .expect("one")
            .model,
        "maker/a"
    );
    server.price("Nick Name", "2024-01-01", 1.0, 2.0).await;
    let known = model_of(&mut server, "other/nick").await;
    assert_eq!(known.model.expect("a model").id, "maker/a");
    assert_eq!(known.boards, ["exam"]);
    assert_eq!(known.prices.len(), 1);
    assert_eq!(
        known.prices[0].provider, "maker",
        "the vendor sells it by default"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_variant_inherits_what_it_lacks() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let base = Model {
        organization: Some("Maker".to_owned()),
        release_date: Some("2024-01-01".to_owned()),
        open_weights: Some(true),
        ..named("maker/a")
    };
    server.put_model(base).await;
    server.price("maker/a", "2024-01-01", 1.0, 5.0).await;
    let variant = Model {
        title: Some("A, much effort".to_owned()),
        open_weights: Some(false),
        ..named("maker/a@high")
    };
    server.put_model(variant).await;
    let known = model_of(&mut server, "maker/a@high").await;
    let model = known.model.expect("a model");
    assert_eq!(
        (model.organization(), model.release_date()),
        ("Maker", "2024-01-01")
    );
    assert!(!model.open_weights(), "its own fact goes first");
    assert_eq!(model.inherited, ["organization", "release_date"]);
    assert!(known.prices[0].inherited && known.prices[0].in_force);
    server.submit(result("exam", "maker/a@high", 50.0)).await;
    let standing = server.standing("exam", "maker/a@high").await;
    let price = cost(&standing, CostBasis::TokenPrice).expect("the price of the base");
    assert_eq!(
        (price.central_usd, price.date.as_str()),
        (2.0, "2024-01-01")
    );
    // What the base learns later, the variant knows.
    server.price("maker/a", "2024-06-01", 2.0, 10.0).await;
    let standing = server.standing("exam", "maker/a@high").await;
    let price = cost(&standing, CostBasis::TokenPrice).expect("the price of the base");
    assert_eq!(
        (price.central_usd, price.date.as_str()),
        (4.0, "2024-06-01")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_model_that_a_result_created_exists_from_that_revision_on() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let created = server.submit(result("exam", "maker/a", 50.0)).await;
    let warning = &created.warnings[0];
    assert_eq!(warning.reason, "MODEL_CREATED");
    let known = model_of(&mut server, "maker/a").await;
    assert_eq!(known.model.expect("a model").revision, created.revision);
    let near = server.submit(result("exam", "maker/aa", 50.0)).await;
    assert!(near.warnings[0].message.contains("did you mean `maker/a`"));
    server.stop().await;
}

#[tokio::test]
async fn a_withdrawn_price_stops_counting_and_stays_listed() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    server.submit(result("exam", "maker/a", 50.0)).await;
    server.price("maker/a", "2024-01-01", 1.0, 1.0).await;
    server.price("maker/a", "2024-06-01", 9.0, 9.0).await;
    let withdrawal = PutPriceRequest {
        price: Some(Price {
            model: "maker/a".to_owned(),
            effective_date: "2024-06-01".to_owned(),
            withdrawn: true,
            ..Price::default()
        }),
        ..PutPriceRequest::default()
    };
    let withdrawn = server.client.put_price(withdrawal).await.expect("accepted");
    let price = withdrawn.price.expect("the price");
    assert!(price.withdrawn && !price.in_force);
    assert_eq!(
        price.input_usd_per_mtok,
        Some(9.0),
        "it keeps what it withdraws"
    );
    let standing = server.standing("exam", "maker/a").await;
    let price = cost(&standing, CostBasis::TokenPrice).expect("the older price");
    assert_eq!(price.central_usd, 1.0);
    assert_eq!(model_of(&mut server, "maker/a").await.prices.len(), 2);
    server.stop().await;
}

#[tokio::test]
async fn benchmarks_and_models_are_listed_page_by_page_at_one_revision() {
    let mut server = Server::start().await;
    for index in 0..5 {
        server.benchmark(&format!("b{index}")).await;
        let maker = if index % 2 == 0 { "Even" } else { "Odd" };
        let model = Model {
            organization: Some(maker.to_owned()),
            ..named(&format!("maker/m{index}"))
        };
        server.put_model(model).await;
    }
    let head = server.head().await;
    let mut request = ListBenchmarksRequest {
        page_size: 3,
        ..ListBenchmarksRequest::default()
    };
    let first = server
        .client
        .list_benchmarks(request.clone())
        .await
        .expect("a page");
    server.benchmark("a-new-one").await;
    server.model("maker/a-new-one", "2024-01-01").await;
    request.page_token = first.next_page_token;
    let second = server
        .client
        .list_benchmarks(request)
        .await
        .expect("a page");
    let pages = first.benchmarks.iter().chain(&second.benchmarks);
    let ids: Vec<&str> = pages.map(|benchmark| benchmark.id.as_str()).collect();
    assert_eq!(ids, ["b0", "b1", "b2", "b3", "b4"]);
    assert_eq!(
        (second.revision, second.next_page_token.as_str()),
        (head, "")
    );
    let request = ListModelsRequest {
        filter: Some(RowFilter {
            organizations: vec!["even".to_owned()],
            ..RowFilter::default()
        }),
        ..ListModelsRequest::default()
    };
    let even = server.client.list_models(request).await.expect("models");
    let ids: Vec<&str> = even.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["maker/m0", "maker/m2", "maker/m4"]);
    server.stop().await;
}

#[tokio::test]
async fn a_benchmark_counts_its_results_and_standings() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/a", 1.5)).await;
    server.submit(result("exam", "maker/a", 2.5)).await;
    let request = GetBenchmarkRequest {
        id: "exam".to_owned(),
    };
    let exam = server.client.get_benchmark(request).await.expect("known");
    let exam = exam.benchmark.expect("a benchmark");
    assert_eq!(
        (exam.result_count, exam.standing_count, exam.revision),
        (2, 1, 1)
    );
    server.stop().await;
}
