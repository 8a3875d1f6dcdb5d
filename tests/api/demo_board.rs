//! What the demo's board says: rank intervals, win rates, and the argument that started it all.

use frontierd::proto::v1::claim::Statement;
use frontierd::proto::v1::{
    AssessTrendRequest, Claim, CompareModelsRequest, CompareModelsResponse, CostBasis, DateRule,
    DeclaredTrend, GetLeaderboardRequest, ListClaimsRequest, SetClaimStatusRequest, Status,
    TrendSide, Verdict, YearsRange,
};

use crate::support::{Server, close};

const V3: &str = "deepseek/v3";
const R1: &str = "deepseek/r1";
const SONNET: &str = "anthropic/claude-3.5-sonnet-20241022";
const GPT_4O: &str = "openai/gpt-4o-2024-05-13";
const LLAMA: &str = "meta/llama-3.1-405b-instruct";
const O1: &str = "openai/o1-2024-12-17";

/// The demo without o1: its results on the model cards are retracted.
async fn five_models() -> Server {
    let mut server = Server::demo().await;
    let request = frontierd::proto::v1::ListResultsRequest {
        model: O1.to_owned(),
        ..Default::default()
    };
    let results = server.client.list_results(request).await.expect("results");
    assert_eq!(results.results.len(), 7);
    for result in results.results {
        let changed = server
            .set_status(
                result.revision,
                Status::Retracted,
                "five models are compared",
            )
            .await;
        assert_eq!(changed.standing, None);
    }
    server
}

async fn rank_intervals(server: &mut Server) -> Vec<(String, i32, i32)> {
    let board = server.board("gpqa-diamond").await;
    let interval = |row: &frontierd::proto::v1::Standing| {
        let best = row.rank_best.expect("an uncertainty");
        (
            row.model.clone(),
            best,
            row.rank_worst.expect("an uncertainty"),
        )
    };
    board.rows.iter().map(interval).collect()
}

fn named(rows: &[(&str, i32, i32)]) -> Vec<(String, i32, i32)> {
    let owned = |(model, best, worst): &(&str, i32, i32)| ((*model).to_owned(), *best, *worst);
    rows.iter().map(owned).collect()
}

#[tokio::test]
async fn six_models_on_gpqa_have_the_documented_rank_intervals() {
    let mut server = Server::demo().await;
    let expected = [
        (O1, 1, 3),
        (R1, 1, 4),
        (SONNET, 1, 4),
        (V3, 2, 6),
        (LLAMA, 4, 6),
        (GPT_4O, 4, 6),
    ];
    assert_eq!(rank_intervals(&mut server).await, named(&expected));
    server.stop().await;
}

#[tokio::test]
async fn five_models_on_gpqa_have_the_documented_rank_intervals() {
    let mut server = five_models().await;
    let expected = [
        (R1, 1, 3),
        (SONNET, 1, 3),
        (V3, 1, 5),
        (LLAMA, 3, 5),
        (GPT_4O, 3, 5),
    ];
    assert_eq!(rank_intervals(&mut server).await, named(&expected));
    server.stop().await;
}

/// `overall` and the suite have the same benchmarks here.
async fn check_win_rates(server: &mut Server, expected: &[(&str, &str, i32)]) {
    for board in ["overall", "suite/model-cards"] {
        let listing = server.board(board).await;
        assert_eq!(listing.unit, "WIN_RATE");
        let rows = listing.rows.iter();
        let models: Vec<&str> = rows.clone().map(|row| row.model.as_str()).collect();
        let wanted: Vec<&str> = expected.iter().map(|(model, _, _)| *model).collect();
        assert_eq!(models, wanted, "{board}");
        for (rank, (row, (_, rate, benchmarks))) in rows.zip(expected).enumerate() {
            close(row.score, rate);
            assert_eq!(row.benchmark_count, *benchmarks);
            close(
                row.coverage.map(|share| share * 8.0),
                &benchmarks.to_string(),
            );
            assert_eq!(row.rank, Some(rank as i32 + 1));
            assert_eq!((row.rank_best, row.rank_worst), (None, None));
        }
    }
}

#[tokio::test]
async fn six_models_have_the_documented_win_rates() {
    let mut server = Server::demo().await;
    let expected = [
        (R1, "0.9000", 8),
        (O1, "0.85714", 7),
        (V3, "0.5125", 8),
        (SONNET, "0.41875", 8),
        (LLAMA, "0.23125", 8),
        (GPT_4O, "0.1250", 8),
    ];
    check_win_rates(&mut server, &expected).await;
    server.stop().await;
}

#[tokio::test]
async fn five_models_have_the_documented_win_rates() {
    let mut server = five_models().await;
    let expected = [
        (R1, "0.96875", 8),
        (V3, "0.6250", 8),
        (SONNET, "0.46875", 8),
        (LLAMA, "0.28125", 8),
        (GPT_4O, "0.15625", 8),
    ];
    check_win_rates(&mut server, &expected).await;
    server.stop().await;
}

#[tokio::test]
async fn a_model_below_the_coverage_asked_for_is_left_out_after_the_rates() {
    let mut server = Server::demo().await;
    let request = GetLeaderboardRequest {
        board: "overall".to_owned(),
        min_coverage: Some(1.0),
        ..GetLeaderboardRequest::default()
    };
    let listing = server.listing(request).await;
    assert!(listing.rows.iter().all(|row| row.model != O1));
    close(listing.rows[0].score, "0.9000");
    server.stop().await;
}

/// V3 against Sonnet, each by its model id, with a gap of two.
async fn v3_against_sonnet(server: &mut Server, years: Option<f64>) -> DeclaredTrend {
    let side = |model: &str| {
        Some(TrendSide {
            model: model.to_owned(),
            ..TrendSide::default()
        })
    };
    let request = AssessTrendRequest {
        subject: side("deepseek-v3"),
        reference: side("sonnet-1022"),
        cost_basis: CostBasis::Training.into(),
        gap: Some(2.0),
        elapsed_years: years.map(|central| YearsRange {
            central,
            ..YearsRange::default()
        }),
        ..AssessTrendRequest::default()
    };
    let answer = server.client.assess_trend(request).await;
    answer.expect("an assessment").trend.expect("a trend")
}

#[tokio::test]
async fn by_its_makers_claim_v3_is_on_trend_and_the_ranges_leave_everything_open() {
    let mut server = Server::demo().await;
    let trend = v3_against_sonnet(&mut server, None).await;
    close(trend.q, "1.003");
    assert_eq!(trend.verdict(), Verdict::OnTrend);
    close(trend.q_low, "0.6685");
    close(trend.q_high, "1.671");
    close(trend.q_low_with_dates, "0.5029");
    assert_eq!(trend.verdict_at_worst(), Verdict::Behind);
    close(trend.q_high_with_dates, "2.222");
    assert_eq!(trend.verdict_at_best(), Verdict::Ahead);
    let subject = trend.subject.expect("echoed");
    assert_eq!(
        (subject.model.as_str(), subject.date_rule()),
        (V3, DateRule::TrainingDate)
    );
    assert_eq!(subject.cost.expect("echoed").central_usd, Some(5.576e6));
    assert_eq!(
        (subject.date_earliest.as_str(), subject.date_latest.as_str()),
        ("2024-11-01", "2024-12-31")
    );
    let reference = trend.reference.expect("echoed");
    assert_eq!(reference.model, SONNET);
    let cost = reference.cost.expect("echoed");
    assert_eq!(
        (cost.low_usd, cost.central_usd, cost.high_usd),
        (Some(2e7), Some(3e7), Some(5e7))
    );
    server.stop().await;
}

#[tokio::test]
async fn elapsed_time_that_is_given_overrides_the_dates() {
    let mut server = Server::demo().await;
    for (years, q, low, high) in [
        (0.75, "0.9511", "0.6341", "1.585"),
        (1.0, "0.6725", "0.4484", "1.121"),
    ] {
        let trend = v3_against_sonnet(&mut server, Some(years)).await;
        close(trend.q, q);
        close(trend.q_low, low);
        close(trend.q_high, high);
        assert_eq!(
            (trend.q_low_with_dates, trend.q_high_with_dates),
            (None, None)
        );
    }
    server.stop().await;
}

async fn training_costs(server: &mut Server) -> Vec<Claim> {
    let request = ListClaimsRequest {
        model: SONNET.to_owned(),
    };
    let claims = server.client.list_claims(request).await.expect("claims");
    let mut claims = claims.claims;
    claims.retain(|claim| matches!(claim.statement, Some(Statement::TrainingCost(_))));
    claims
}

#[tokio::test]
async fn by_the_newspapers_claim_v3_is_behind() {
    let mut server = Server::demo().await;
    let claims = training_costs(&mut server).await;
    let newspaper = claims.iter().find(|claim| claim.claimant == "Hankyoreh");
    let newspaper = newspaper.expect("its claim").clone();
    assert!(!newspaper.counting && !newspaper.pinned);
    let request = SetClaimStatusRequest {
        revision: newspaper.revision,
        pinned: Some(true),
        reason: "what if the newspaper is right".to_owned(),
        ..SetClaimStatusRequest::default()
    };
    let pinned = server
        .client
        .set_claim_status(request)
        .await
        .expect("pinned");
    let pinned = pinned.claim.expect("the claim");
    assert!(pinned.counting && pinned.pinned);
    let pins: Vec<bool> = training_costs(&mut server)
        .await
        .iter()
        .map(|c| c.pinned)
        .collect();
    assert_eq!(
        pins.iter().filter(|pinned| **pinned).count(),
        1,
        "one at most is pinned"
    );
    let trend = v3_against_sonnet(&mut server, None).await;
    close(trend.q, "0.3343");
    assert_eq!(trend.verdict(), Verdict::Behind);
    server.stop().await;
}

#[tokio::test]
async fn a_retracted_claim_does_not_count_even_if_it_was_pinned() {
    let mut server = Server::demo().await;
    let claims = training_costs(&mut server).await;
    let pinned = claims
        .iter()
        .find(|claim| claim.pinned)
        .expect("the maker's");
    let request = SetClaimStatusRequest {
        revision: pinned.revision,
        status: Status::Retracted.into(),
        reason: "its maker takes it back".to_owned(),
        ..SetClaimStatusRequest::default()
    };
    let retracted = server.client.set_claim_status(request).await;
    let retracted = retracted.expect("accepted").claim.expect("the claim");
    assert!(!retracted.counting);
    assert_eq!(retracted.history.len(), 1);
    let trend = v3_against_sonnet(&mut server, None).await;
    close(trend.q, "0.3343");
    server.stop().await;
}

#[tokio::test]
async fn a_claim_can_be_named_instead_of_the_one_that_counts() {
    let mut server = Server::demo().await;
    let claims = training_costs(&mut server).await;
    let newspaper = claims.iter().find(|claim| claim.claimant == "Hankyoreh");
    let request = AssessTrendRequest {
        subject: Some(TrendSide {
            model: V3.to_owned(),
            ..TrendSide::default()
        }),
        reference: Some(TrendSide {
            model: SONNET.to_owned(),
            training_cost_claim: newspaper.map(|claim| claim.revision),
            ..TrendSide::default()
        }),
        gap: Some(2.0),
        ..AssessTrendRequest::default()
    };
    let answer = server.client.assess_trend(request).await.expect("assessed");
    close(answer.trend.expect("a trend").q, "0.3343");
    server.stop().await;
}

async fn compare(server: &mut Server, a: &str, b: &str) -> CompareModelsResponse {
    let request = CompareModelsRequest {
        a: a.to_owned(),
        b: b.to_owned(),
        tag: "model-cards".to_owned(),
        ..CompareModelsRequest::default()
    };
    server
        .client
        .compare_models(request)
        .await
        .expect("compared")
}

#[tokio::test]
async fn models_are_compared_on_the_benchmarks_they_share() {
    let mut server = Server::demo().await;
    for (a, b, wins, shared) in [
        (V3, "gpt-4o-0513", 8, 8),
        (V3, "sonnet-1022", 5, 8),
        (R1, "o1-1217", 4, 7),
    ] {
        let comparison = compare(&mut server, a, b).await;
        assert_eq!(comparison.a, a);
        assert_ne!(comparison.b, b, "the alias is resolved");
        assert_eq!(comparison.benchmarks.len(), shared);
        assert_eq!(comparison.a_better, wins, "{}", comparison.summary);
        assert_eq!(comparison.b_better, shared as i32 - wins);
        let words = format!("beats `{}` on {wins} of {shared}", comparison.b);
        let plain = words.replace('`', "");
        let said = comparison.summary.replace('`', "");
        assert!(said.contains(&plain), "{said}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_difference_is_separated_when_it_exceeds_its_margin() {
    let mut server = Server::demo().await;
    let comparison = compare(&mut server, R1, GPT_4O).await;
    let rows = &comparison.benchmarks;
    let gpqa = rows.iter().find(|row| row.benchmark == "gpqa-diamond");
    let gpqa = gpqa.expect("shared");
    close(gpqa.difference, "21.6");
    let margin = gpqa.difference_margin.expect("both have an uncertainty");
    assert!((9.0..10.0).contains(&margin), "{margin}");
    assert_eq!(gpqa.separated, Some(true));
    assert_eq!(gpqa.better, R1);
    assert_eq!(gpqa.cost_basis(), CostBasis::TokenPrice);
    close(gpqa.cost_ratio, "0.128");
    let codeforces = rows
        .iter()
        .find(|row| row.benchmark == "codeforces-percentile");
    let codeforces = codeforces.expect("shared");
    assert_eq!(
        (codeforces.difference_margin, codeforces.separated),
        (None, None)
    );
    server.stop().await;
}
