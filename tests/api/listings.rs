//! Boards: orders, pages, filters.

use frontierd::proto::v1::{
    CostBasis, Detail, EvaluatorRelationship, GetLeaderboardRequest, GetLeaderboardResponse, Model,
    Order, Result, ResultFilter, RowFilter, Status,
};

use crate::support::{Server, close, models, result, usd};

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

/// Reads all pages of two rows, with `between` done after each.
async fn pages(
    server: &mut Server,
    request: GetLeaderboardRequest,
    mut disturb: impl FnMut(usize) -> Result,
) -> (i64, Vec<frontierd::proto::v1::Standing>) {
    let mut request = GetLeaderboardRequest {
        page_size: 2,
        ..request
    };
    let first = server.listing(request.clone()).await;
    let (revision, row_count) = (first.revision, first.row_count as usize);
    let mut rows = first.rows;
    request.page_token = first.next_page_token;
    while !request.page_token.is_empty() {
        server.submit(disturb(rows.len())).await;
        let page = server.listing(request.clone()).await;
        assert_eq!(
            (page.revision, page.row_count as usize),
            (revision, row_count)
        );
        rows.extend(page.rows);
        request.page_token = page.next_page_token;
    }
    assert_eq!(rows.len(), row_count);
    (revision, rows)
}

#[tokio::test]
async fn all_pages_are_of_one_revision_while_results_arrive() {
    let mut server = Server::demo().await;
    for order in [
        Order::Score,
        Order::Value,
        Order::Overpay,
        Order::Conformance,
    ] {
        let request = GetLeaderboardRequest {
            order: order.into(),
            ..of("aider-polyglot")
        };
        let whole = server.listing(request.clone()).await;
        let (revision, paged) = pages(&mut server, request, |seen| Result {
            run_cost: Some(usd(0.01)),
            task_count: Some(100),
            ..result("aider-polyglot", &format!("maker/m{seen}"), 99.0)
        })
        .await;
        assert_eq!(revision, whole.revision);
        assert_eq!(paged, whole.rows, "{order:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pages_of_the_overall_board_are_of_one_revision_too() {
    let mut server = Server::demo().await;
    let whole = server.board("overall").await;
    let (revision, paged) = pages(&mut server, of("overall"), |seen| {
        result("mmlu", "deepseek/r1", seen as f64)
    })
    .await;
    assert_eq!(revision, whole.revision);
    assert_eq!(paged, whole.rows);
    assert!(server.board("overall").await.revision > revision);
    server.stop().await;
}

#[tokio::test]
async fn a_board_says_what_it_is() {
    let mut server = Server::demo().await;
    let board = server.board("gpqa-diamond").await;
    assert_eq!(
        (board.board.as_str(), board.unit.as_str()),
        ("gpqa-diamond", "PERCENT")
    );
    assert!(board.higher_is_better);
    assert_eq!(
        (board.order(), board.cost_basis()),
        (Order::Score, CostBasis::TokenPrice)
    );
    let status = server.status().await;
    assert_eq!(
        (board.store_id, board.revision),
        (status.store_id, status.head_revision)
    );
    assert_eq!(
        (board.row_count, board.standing_count, board.unranked_count),
        (6, 6, 0)
    );
    let aider = server.board("aider-polyglot").await;
    assert_eq!(aider.cost_basis(), CostBasis::Task);
    server.stop().await;
}

#[tokio::test]
async fn equal_scores_share_a_rank_and_are_listed_by_id() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    for (model, score) in [
        ("maker/d", 1.5),
        ("maker/c", 2.5),
        ("maker/b", 2.5),
        ("maker/a", 3.5),
    ] {
        server.submit(result("exam", model, score)).await;
    }
    let listing = server.board("exam").await;
    let expected = [
        ("maker/a", 1),
        ("maker/b", 2),
        ("maker/c", 2),
        ("maker/d", 4),
    ];
    assert_eq!(ranks(&listing), expected);
    server.stop().await;
}

#[tokio::test]
async fn lower_is_better_turns_the_board_around() {
    let mut server = Server::start().await;
    let time = frontierd::proto::v1::Benchmark {
        id: "time".to_owned(),
        unit: Some("SECONDS".to_owned()),
        higher_is_better: Some(false),
        ..Default::default()
    };
    server.put_benchmark(time).await;
    for (model, score) in [("maker/slow", 30.0), ("maker/fast", 2.0)] {
        server.submit(result("time", model, score)).await;
    }
    let listing = server.board("time").await;
    assert!(!listing.higher_is_better);
    assert_eq!(ranks(&listing), [("maker/fast", 1), ("maker/slow", 2)]);
    server.stop().await;
}

#[tokio::test]
async fn orders_by_cost_omit_and_count_what_has_none() {
    let mut server = Server::demo().await;
    server
        .submit(result("aider-polyglot", "maker/uncosted", 99.0))
        .await;
    for order in [Order::Value, Order::Overpay, Order::Conformance] {
        let listing = server
            .listing(GetLeaderboardRequest {
                order: order.into(),
                ..of("aider-polyglot")
            })
            .await;
        assert!(!models(&listing.rows).contains(&"maker/uncosted"));
        assert!(listing.unranked_count >= 1);
        assert_eq!(
            listing.row_count + listing.unranked_count,
            listing.standing_count,
            "{order:?}"
        );
    }
    assert_eq!(
        server.board("aider-polyglot").await.rows[0].model,
        "maker/uncosted"
    );
    server.stop().await;
}

#[tokio::test]
async fn the_cheapest_with_at_least_a_score_comes_first() {
    let mut server = Server::demo().await;
    let listing = server
        .listing(GetLeaderboardRequest {
            cheapest: true,
            min_score: Some(50.0),
            ..of("aider-polyglot")
        })
        .await;
    let expected = [
        "deepseek/r1",
        "openai/o3-mini-2025-01-31@medium",
        "anthropic/claude-3.5-sonnet-20241022",
        "openai/o3-mini-2025-01-31@high",
        "openai/o1-2024-12-17@high",
    ];
    assert_eq!(models(&listing.rows), expected);
    assert_eq!(
        listing.rows[0].rank,
        Some(3),
        "ranks stay the whole board's"
    );
    server.stop().await;
}

#[tokio::test]
async fn intrinsic_rows_carry_nothing_another_row_can_change() {
    let mut server = Server::demo().await;
    let listing = server
        .listing(GetLeaderboardRequest {
            detail: Detail::Intrinsic.into(),
            ..of("gpqa-diamond")
        })
        .await;
    for row in &listing.rows {
        assert!(row.score > 0.0 && row.interval.is_some() && !row.costs.is_empty());
        assert_eq!(
            (row.rank, row.rank_best, row.overpay, row.on_frontier),
            (None, None, None, None)
        );
        assert!(row.value.is_none() && row.trend.is_none());
    }
    server.stop().await;
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
    let exam = frontierd::proto::v1::Benchmark {
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
async fn by_value_a_row_shows_points_per_dollar() {
    let mut server = Server::demo().await;
    let listing = server
        .listing(GetLeaderboardRequest {
            order: Order::Value.into(),
            min_score: Some(50.0),
            ..of("aider-polyglot")
        })
        .await;
    assert_eq!(listing.rows[0].model, "deepseek/r1");
    close(listing.rows[0].value, "2362");
    assert_eq!(
        listing.rows[0].value_rank,
        Some(2),
        "deepseek/v3 has more value below 50"
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
