//! Boards: orders and pages.

use frontierd::proto::v1::{
    CostBasis, Detail, GetLeaderboardRequest, GetLeaderboardResponse, Order, Result,
};

use crate::support::{Server, close, models, result, usd};

fn of(board: &str) -> GetLeaderboardRequest {
    GetLeaderboardRequest {
        board: board.to_owned(),
        ..GetLeaderboardRequest::default()
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
