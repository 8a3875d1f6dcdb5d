//! Boards of some rows, and boards of some results.

use frontierd::proto::v1::{
    Benchmark, EvaluatorRelationship, GetLeaderboardRequest, GetLeaderboardResponse, Model, Result,
    ResultFilter, RowFilter, Status,
};

use crate::support::{Server, models, result};

fn of(board: &str) -> GetLeaderboardRequest {
    GetLeaderboardRequest {
        board: board.to_owned(),
        ..GetLeaderboardRequest::default()
    }
}

fn rows(filter: RowFilter) -> GetLeaderboardRequest {
    GetLeaderboardRequest {
        row_filter: Some(filter),
        ..of("gpqa-diamond")
    }
}

fn results(filter: ResultFilter) -> GetLeaderboardRequest {
    GetLeaderboardRequest {
        result_filter: Some(filter),
        ..of("exam")
    }
}

fn ranks(listing: &GetLeaderboardResponse) -> Vec<(&str, i32)> {
    let rank = |row: &frontierd::proto::v1::Standing| row.rank.expect("a rank");
    listing
        .rows
        .iter()
        .map(|row| (row.model.as_str(), rank(row)))
        .collect()
}

#[tokio::test]
async fn row_filters_select_rows_and_leave_ranks() {
    let mut server = Server::demo().await;
    let filtered = rows(RowFilter {
        organizations: vec!["openai".to_owned(), "META".to_owned()],
        ..RowFilter::default()
    });
    let listing = server.listing(filtered).await;
    let expected = [
        ("openai/o1-2024-12-17", 1),
        ("meta/llama-3.1-405b-instruct", 5),
        ("openai/gpt-4o-2024-05-13", 6),
    ];
    assert_eq!(ranks(&listing), expected);
    assert_eq!((listing.row_count, listing.standing_count), (3, 6));
    let filtered = rows(RowFilter {
        open_weights: Some(true),
        released_since: "2024-12-01".to_owned(),
        ..RowFilter::default()
    });
    let listing = server.listing(filtered).await;
    assert_eq!(ranks(&listing), [("deepseek/r1", 2), ("deepseek/v3", 4)]);
    let filtered = rows(RowFilter {
        model_tags: vec!["reasoning".to_owned()],
        open_weights: Some(false),
        ..RowFilter::default()
    });
    let listing = server.listing(filtered).await;
    assert_eq!(ranks(&listing), [("openai/o1-2024-12-17", 1)]);
    server.stop().await;
}

#[tokio::test]
async fn only_the_best_variant_of_a_model_is_listed_when_asked() {
    let mut server = Server::demo().await;
    let listing = server
        .listing(GetLeaderboardRequest {
            row_filter: Some(RowFilter {
                organizations: vec!["OpenAI".to_owned()],
                best_variant_only: true,
                ..RowFilter::default()
            }),
            ..of("aider-polyglot")
        })
        .await;
    let expected = [
        ("openai/o1-2024-12-17@high", 1),
        ("openai/o3-mini-2025-01-31@high", 2),
        ("openai/gpt-4o-2024-08-06", 7),
    ];
    assert_eq!(ranks(&listing), expected);
    server.stop().await;
}

/// Two models, each with a result of its maker and one of somebody else.
async fn two_evaluators() -> Server {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    for (model, score, evaluator, relationship, harness) in [
        (
            "maker/a",
            90.0,
            "maker",
            EvaluatorRelationship::FirstParty,
            "own",
        ),
        (
            "maker/b",
            80.0,
            "maker",
            EvaluatorRelationship::FirstParty,
            "own",
        ),
        (
            "maker/a",
            60.0,
            "lab",
            EvaluatorRelationship::ThirdParty,
            "open",
        ),
        (
            "maker/b",
            70.0,
            "lab",
            EvaluatorRelationship::ThirdParty,
            "open",
        ),
    ] {
        let submitted = Result {
            evaluator: evaluator.to_owned(),
            relationship: relationship.into(),
            harness: harness.to_owned(),
            ..result("exam", model, score)
        };
        server.submit(submitted).await;
    }
    server
}

fn scores(listing: &GetLeaderboardResponse) -> Vec<(&str, f64, i32)> {
    let row = |row: &frontierd::proto::v1::Standing| (row.score, row.rank.expect("a rank"));
    let all = listing.rows.iter();
    all.map(|r| (r.model.as_str(), row(r).0, row(r).1))
        .collect()
}

#[tokio::test]
async fn result_filters_make_another_board() {
    let mut server = two_evaluators().await;
    assert_eq!(
        scores(&server.board("exam").await),
        [("maker/b", 70.0, 1), ("maker/a", 60.0, 2)]
    );
    let makers = [("maker/a", 90.0, 1), ("maker/b", 80.0, 2)];
    for filter in [
        ResultFilter {
            evaluators: vec!["maker".to_owned()],
            ..ResultFilter::default()
        },
        ResultFilter {
            relationships: vec![EvaluatorRelationship::FirstParty.into()],
            ..ResultFilter::default()
        },
        ResultFilter {
            harnesses: vec!["own".to_owned(), "other".to_owned()],
            ..ResultFilter::default()
        },
    ] {
        assert_eq!(scores(&server.listing(results(filter)).await), makers);
    }
    let nobody = ResultFilter {
        evaluators: vec!["nobody".to_owned()],
        ..ResultFilter::default()
    };
    assert!(server.listing(results(nobody)).await.rows.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn disputed_results_can_be_left_out() {
    let mut server = two_evaluators().await;
    let disputed = server.standing("exam", "maker/b").await.result_revision;
    server
        .set_status(disputed, Status::Disputed, "contaminated")
        .await;
    assert_eq!(scores(&server.board("exam").await)[0], ("maker/b", 70.0, 1));
    let filter = ResultFilter {
        undisputed_only: true,
        ..ResultFilter::default()
    };
    let listing = server.listing(results(filter)).await;
    assert_eq!(
        scores(&listing),
        [("maker/b", 80.0, 1), ("maker/a", 60.0, 2)]
    );
    server.stop().await;
}

#[tokio::test]
async fn other_results_stand_beside_the_counting_one() {
    let mut server = two_evaluators().await;
    let standing = server.standing("exam", "maker/a").await;
    assert_eq!((standing.other_results_count, standing.attempts), (1, 2));
    let other = &standing.other_results[0];
    assert_eq!((other.evaluator.as_str(), other.score), ("maker", 90.0));
    assert_eq!(
        (standing.spread_low, standing.spread_high),
        (Some(60.0), Some(90.0))
    );
    server.stop().await;
}

#[tokio::test]
async fn the_preferred_relationship_counts_once_the_benchmark_says_so() {
    let mut server = two_evaluators().await;
    let exam = Benchmark {
        id: "exam".to_owned(),
        preferred_relationships: vec![EvaluatorRelationship::FirstParty.into()],
        ..Default::default()
    };
    server.put_benchmark(exam).await;
    let listing = server.board("exam").await;
    assert_eq!(
        scores(&listing),
        [("maker/a", 90.0, 1), ("maker/b", 80.0, 2)]
    );
    server.stop().await;
}

#[tokio::test]
async fn a_model_may_be_put_after_its_results_and_then_matches_filters() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/a", 50.0)).await;
    let filter = RowFilter {
        organizations: vec!["Maker".to_owned()],
        ..RowFilter::default()
    };
    let request = GetLeaderboardRequest {
        row_filter: Some(filter),
        ..of("exam")
    };
    assert!(server.listing(request.clone()).await.rows.is_empty());
    let model = Model {
        id: "maker/a".to_owned(),
        organization: Some("Maker".to_owned()),
        ..Model::default()
    };
    server.put_model(model).await;
    assert_eq!(models(&server.listing(request).await.rows), ["maker/a"]);
    server.stop().await;
}
