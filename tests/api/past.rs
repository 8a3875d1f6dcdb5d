//! Boards of the past, and prices whose day comes.

use frontierd::proto::v1::{
    AsOf, CostBasis, GetLeaderboardRequest, GetLeaderboardResponse, GetModelRequest,
    GetStandingRequest, GetTrendRequest, Result, Standing, Status, TokenUsage,
};

use crate::support::{Server, close, cost, models, result};

fn at_revision(revision: i64) -> AsOf {
    AsOf {
        revision: Some(revision),
        ..AsOf::default()
    }
}

fn by_date(date: &str) -> AsOf {
    AsOf {
        date: date.to_owned(),
        ..AsOf::default()
    }
}

async fn board_as_of(server: &mut Server, board: &str, as_of: AsOf) -> GetLeaderboardResponse {
    let request = GetLeaderboardRequest {
        board: board.to_owned(),
        as_of: Some(as_of),
        ..GetLeaderboardRequest::default()
    };
    server.listing(request).await
}

async fn standing_as_of(server: &mut Server, as_of: AsOf) -> Standing {
    let request = GetStandingRequest {
        board: "exam".to_owned(),
        model: "maker/a".to_owned(),
        as_of: Some(as_of),
        ..GetStandingRequest::default()
    };
    let answer = server.client.get_standing(request).await;
    answer.expect("a standing").standing.expect("a standing")
}

fn token_price(standing: &Standing) -> Option<(f64, &str)> {
    cost(standing, CostBasis::TokenPrice).map(|cost| (cost.central_usd, cost.date.as_str()))
}

fn per_task(standing: &Standing) -> Option<f64> {
    cost(standing, CostBasis::Task).map(|cost| cost.central_usd)
}

#[tokio::test]
async fn a_past_revision_is_answered_as_it_was_answered_then() {
    let mut server = Server::demo().await;
    let boards = [
        "gpqa-diamond",
        "aider-polyglot",
        "overall",
        "suite/model-cards",
    ];
    let mut then = Vec::new();
    for board in boards {
        then.push(server.board(board).await);
    }
    let revision = then[0].revision;
    let leader = then[0].rows[0].result_revision;
    server
        .set_status(leader, Status::Retracted, "to see the past")
        .await;
    server.submit(result("mmlu", "deepseek/v3", 1.5)).await;
    server.price("deepseek/v3", "2025-02-01", 9.0, 9.0).await;
    server
        .submit(result("aider-polyglot", "maker/new", 99.0))
        .await;
    for (board, then) in boards.into_iter().zip(then) {
        assert_ne!(server.board(board).await.rows, then.rows, "{board}");
        let now = board_as_of(&mut server, board, at_revision(revision)).await;
        assert_eq!(now, then, "{board}");
    }
    server.stop().await;
}

#[tokio::test]
async fn by_a_date_only_what_was_observed_released_and_in_force_counts() {
    let mut server = Server::demo().await;
    let board = board_as_of(&mut server, "gpqa-diamond", by_date("2024-12-31")).await;
    let expected = [
        "anthropic/claude-3.5-sonnet-20241022",
        "deepseek/v3",
        "meta/llama-3.1-405b-instruct",
        "openai/gpt-4o-2024-05-13",
    ];
    assert_eq!(models(&board.rows), expected);
    let (price, date) = token_price(&board.rows[1]).expect("a price");
    close(price, "0.1750");
    assert_eq!(date, "2024-12-26");
    let now = server.standing("gpqa-diamond", "deepseek/v3").await;
    let (price, date) = token_price(&now).expect("a price");
    close(price, "0.4775");
    assert_eq!(date, "2025-02-08");
    let early = board_as_of(&mut server, "gpqa-diamond", by_date("2024-01-01")).await;
    assert!(early.rows.is_empty());
    let codeforces = board_as_of(&mut server, "codeforces-percentile", by_date("2025-01-19")).await;
    assert_eq!(
        codeforces.rows[0].score, 51.6,
        "the newer card is not out yet"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_date_is_seen_with_what_a_revision_knew() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    let on = |date: &str, score| Result {
        observed_date: date.to_owned(),
        ..result("exam", "maker/a", score)
    };
    let first = server.submit(on("2024-06-01", 50.0)).await.revision;
    server.submit(on("2024-03-01", 40.0)).await;
    let both = AsOf {
        revision: Some(first),
        date: "2024-06-01".to_owned(),
    };
    assert_eq!(standing_as_of(&mut server, both).await.score, 50.0);
    assert_eq!(
        standing_as_of(&mut server, by_date("2024-04-01"))
            .await
            .score,
        40.0
    );
    server.stop().await;
}

/// `maker/a` on `exam` with a million tokens each way over ten tasks, priced 1 + 4 then 0.5 + 2 dollars.
async fn priced() -> Server {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    server.price("maker/a", "2024-01-01", 1.0, 4.0).await;
    server.price("maker/a", "2024-06-01", 0.5, 2.0).await;
    let submitted = Result {
        tokens: Some(TokenUsage {
            input_tokens: 1_000_000,
            output_tokens: 1_000_000,
            ..TokenUsage::default()
        }),
        task_count: Some(10),
        observed_date: "2024-03-01".to_owned(),
        ..result("exam", "maker/a", 50.0)
    };
    server.submit(submitted).await;
    server
}

#[tokio::test]
async fn token_costs_are_priced_as_of_another_day_on_request() {
    let mut server = priced().await;
    assert_eq!(
        per_task(&server.standing("exam", "maker/a").await),
        Some(0.5)
    );
    for (day, expected) in [
        ("2024-02-01", 0.5),
        ("2024-06-01", 0.25),
        ("2025-01-01", 0.25),
    ] {
        let request = GetLeaderboardRequest {
            board: "exam".to_owned(),
            reprice_at: day.to_owned(),
            ..GetLeaderboardRequest::default()
        };
        let listing = server.listing(request).await;
        assert_eq!(per_task(&listing.rows[0]), Some(expected), "{day}");
    }
    let request = GetLeaderboardRequest {
        board: "exam".to_owned(),
        reprice_at: "2023-01-01".to_owned(),
        ..GetLeaderboardRequest::default()
    };
    assert_eq!(
        per_task(&server.listing(request).await.rows[0]),
        None,
        "no price was in force"
    );
    server.stop().await;
}

#[tokio::test]
async fn a_price_correction_leaves_past_revisions_as_they_were() {
    let mut server = priced().await;
    let before = server.head().await;
    server.price("maker/a", "2024-01-01", 2.0, 8.0).await;
    assert_eq!(
        per_task(&server.standing("exam", "maker/a").await),
        Some(1.0)
    );
    let then = standing_as_of(&mut server, at_revision(before)).await;
    assert_eq!(per_task(&then), Some(0.5));
    server.stop().await;
}

#[tokio::test]
async fn a_future_price_changes_boards_only_by_an_entry_of_its_own() {
    let mut server = priced().await;
    let announced = server.price("maker/a", "2025-03-10", 0.1, 0.1).await;
    let listed = Some((0.875, "2024-06-01"));
    assert_eq!(
        token_price(&server.standing("exam", "maker/a").await),
        listed
    );
    // The day has come, and nobody has said so in the log.
    server.pass_days(9);
    assert_eq!(
        token_price(&server.standing("exam", "maker/a").await),
        listed
    );
    assert_eq!(server.head().await, announced);
    let mut server = server.restart().await;
    assert_eq!(
        server.head().await,
        announced + 1,
        "the price has come into force"
    );
    let standing = server.standing("exam", "maker/a").await;
    assert_eq!(token_price(&standing), Some((0.1, "2025-03-10")));
    let then = standing_as_of(&mut server, at_revision(announced)).await;
    assert_eq!(token_price(&then), listed);
    let request = GetModelRequest {
        id: "maker/a".to_owned(),
    };
    let known = server.client.get_model(request).await.expect("known");
    let in_force: Vec<bool> = known.prices.iter().map(|price| price.in_force).collect();
    assert_eq!(in_force, [false, false, true]);
    let server = server.restart().await;
    assert_eq!(server.head().await, announced + 1, "once");
    server.stop().await;
}

#[tokio::test]
async fn a_price_before_its_day_comes_into_force_on_it_and_not_before() {
    let mut server = priced().await;
    let announced = server.price("maker/a", "2025-03-10", 0.1, 0.1).await;
    server.pass_days(8);
    let server = server.restart().await;
    assert_eq!(server.head().await, announced);
    server.pass_days(1);
    let server = server.restart().await;
    assert_eq!(server.head().await, announced + 1);
    server.stop().await;
}

#[tokio::test]
async fn trends_are_answered_as_of_the_past() {
    let mut server = Server::demo().await;
    let mut request = GetTrendRequest {
        board: "mmlu-price-history".to_owned(),
        cost_basis: CostBasis::TokenPrice.into(),
        threshold: Some(86.0),
        ..GetTrendRequest::default()
    };
    let now = server
        .client
        .get_trend(request.clone())
        .await
        .expect("a trend");
    assert!(now.price_to_reach.expect("asked for").sufficient);
    request.as_of = Some(by_date("2024-12-31"));
    let then = server
        .client
        .get_trend(request.clone())
        .await
        .expect("a trend");
    let lows = then.price_to_reach.expect("asked for");
    assert_eq!(lows.points, 4);
    assert!(lows.sufficient && lows.annual_factor.expect("fitted") < 15.0);
    request.as_of = Some(by_date("2024-01-01"));
    let early = server.client.get_trend(request).await.expect("a trend");
    let lows = early.price_to_reach.expect("asked for");
    assert!(!lows.sufficient && !lows.missing.is_empty());
    assert_eq!(lows.annual_factor, None);
    server.stop().await;
}

#[tokio::test]
async fn the_training_claim_that_a_revision_knew_counts_for_it() {
    let mut server = Server::demo().await;
    let standing = server.standing("gpqa-diamond", "deepseek/v3").await;
    let training = cost(&standing, CostBasis::Training).expect("claimed");
    close(training.central_usd, "5576000");
    let board = board_as_of(&mut server, "gpqa-diamond", by_date("2024-12-26")).await;
    let row = board.rows.iter().find(|row| row.model == "deepseek/v3");
    let training = cost(row.expect("it stands"), CostBasis::Training);
    assert_eq!(training, None, "its report came a day later");
    server.stop().await;
}
