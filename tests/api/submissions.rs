//! Results as they come in: what is answered, previewed, converted, priced.

use frontierd::proto::v1::{
    CostBasis, CostKind, IntervalSource, Result, SubmitResultRequest, TokenUsage,
};

use crate::support::{Server, close, cost, result, usd};

fn preview(result: Result) -> SubmitResultRequest {
    SubmitResultRequest {
        result: Some(result),
        validate_only: true,
        ..SubmitResultRequest::default()
    }
}

fn run(benchmark: &str, model: &str, score: f64, dollars: f64) -> Result {
    Result {
        run_cost: Some(usd(dollars)),
        task_count: Some(225),
        sample_count: Some(225),
        ..result(benchmark, model, score)
    }
}

#[tokio::test]
async fn what_is_previewed_is_what_then_happens() {
    let mut server = Server::demo().await;
    let fraction = Result {
        unit: "FRACTION".to_owned(),
        ..result("gpqa-diamond", "sonnet-1022", 0.5)
    };
    let old = Result {
        observed_date: "2024-01-01".to_owned(),
        ..result("mmlu", "deepseek/v3", 10.0)
    };
    for submission in [
        run("aider-polyglot", "maker/best", 70.0, 0.1),
        run("aider-polyglot", "openai/o1-2024-12-17@high", 1.0, 500.0),
        run("aider-polyglot", "deepseek-v3", 52.0, 3.0),
        result("gpqa-diamond", "maker/unknown", 0.7),
        result("livecodebench-cot", "deepseek/r1", 12.0),
        fraction,
        old,
    ] {
        let head = server.head().await;
        let previewed = server
            .client
            .submit_result(preview(submission.clone()))
            .await;
        assert_eq!(server.head().await, head, "a preview writes nothing");
        let happened = server.submit(submission).await;
        assert_eq!(happened.revision, head + 1);
        assert_eq!(previewed.expect("answered"), happened);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_preview_consumes_no_request_id() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let mut request = SubmitResultRequest {
        request_id: "nightly".to_owned(),
        ..preview(result("exam", "maker/a", 10.0))
    };
    server
        .client
        .submit_result(request.clone())
        .await
        .expect("previewed");
    request.result = Some(result("exam", "maker/a", 20.0));
    request.validate_only = false;
    let accepted = server
        .client
        .submit_result(request.clone())
        .await
        .expect("accepted");
    assert!(!accepted.replayed);
    request.validate_only = true;
    let replay = server
        .client
        .submit_result(request)
        .await
        .expect("previewed");
    assert!(replay.replayed);
    assert_eq!(
        (replay.revision, replay.standing),
        (accepted.revision, accepted.standing)
    );
    server.stop().await;
}

#[tokio::test]
async fn an_answer_tells_who_was_displaced_and_who_is_on_the_frontier() {
    let mut server = Server::demo().await;
    let answer = server
        .submit(run("aider-polyglot", "deepseek/v3", 60.0, 0.2))
        .await;
    let overtaken = [
        "deepseek/r1",
        "openai/o3-mini-2025-01-31@medium",
        "anthropic/claude-3.5-sonnet-20241022",
    ];
    assert_eq!(answer.displaced, overtaken);
    assert_eq!(answer.displaced_count, 3);
    assert!(
        answer.frontier_entered.is_empty(),
        "it was on the frontier before"
    );
    assert_eq!(answer.frontier_left, ["deepseek/r1"]);
    let (before, now) = (
        answer.previous_standing.expect("it stood"),
        answer.standing.expect("it stands"),
    );
    assert_eq!((before.rank, now.rank), (Some(6), Some(3)));
    assert_eq!(
        (now.cost_basis(), now.on_frontier, now.overpay),
        (CostBasis::Task, Some(true), Some(1.0))
    );
    close(now.value, "67500");
    assert!(
        now.trend.is_some() && answer.fitted_trend.is_some() && answer.price_to_reach.is_some()
    );
    server.stop().await;
}

#[tokio::test]
async fn a_fraction_converts_to_percent_with_its_error() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let given = Result {
        unit: "fraction".to_owned(),
        standard_error: Some(0.02),
        ..result("exam", "maker/a", 0.715)
    };
    let answer = server.submit(given).await;
    assert!(
        answer
            .warnings
            .iter()
            .all(|w| w.reason != "LOOKS_LIKE_FRACTION")
    );
    let standing = answer.standing.expect("it stands");
    close(standing.score, "71.5");
    let interval = standing.interval.expect("an uncertainty");
    assert_eq!(interval.source(), IntervalSource::StandardError);
    close(interval.low, "67.58");
    close(interval.high, "75.42");
    let record = &server.results("exam").await[0];
    close(record.result.as_ref().and_then(|r| r.score), "71.5");
    server.stop().await;
}

#[tokio::test]
async fn a_score_that_looks_like_a_fraction_is_accepted_with_a_warning() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    let answer = server.submit(result("exam", "maker/a", 0.715)).await;
    let reasons: Vec<&str> = answer.warnings.iter().map(|w| w.reason.as_str()).collect();
    assert_eq!(reasons, ["LOOKS_LIKE_FRACTION"]);
    assert!(answer.warnings[0].message.contains("unit FRACTION"));
    assert_eq!(answer.standing.expect("it stands").score, 0.715);
    server.stop().await;
}

#[tokio::test]
async fn defaults_are_filled_in_and_an_unknown_cost_stays_unknown() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.submit(result("exam", "maker/a", 50.0)).await;
    let record = server.results("exam").await.remove(0);
    let stored = record.result.expect("a result");
    assert_eq!(
        (stored.observed_date.as_str(), stored.evaluator.as_str()),
        ("2025-03-01", "unknown")
    );
    assert_eq!(
        (stored.run_cost, record.task_cost, record.interval),
        (None, None, None)
    );
    assert!(record.counting);
    let standing = server.standing("exam", "maker/a").await;
    assert!(standing.costs.is_empty());
    assert_eq!(
        (standing.on_frontier, standing.overpay, standing.value),
        (None, None, None)
    );
    server.stop().await;
}

#[tokio::test]
async fn a_cost_per_task_is_the_runs_cost_over_tasks_and_repeats() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let mut submitted = run("exam", "maker/a", 50.0, 90.0);
    submitted.repeats = Some(4);
    let standing = server.submit(submitted).await.standing.expect("it stands");
    let per_task = cost(&standing, CostBasis::Task).expect("a cost");
    close(per_task.central_usd, "0.1000");
    assert_eq!(per_task.kind(), CostKind::Reported);
    server.stop().await;
}

#[tokio::test]
async fn tokens_are_priced_on_the_observed_date_and_follow_corrections() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.model("maker/a", "2024-01-01").await;
    server.price("maker/a", "2024-01-01", 1.0, 4.0).await;
    server.price("maker/a", "2024-06-01", 0.5, 2.0).await;
    let submitted = Result {
        tokens: Some(TokenUsage {
            input_tokens: 2_000_000,
            output_tokens: 1_000_000,
            cache_read_tokens: 1_000_000,
            ..TokenUsage::default()
        }),
        task_count: Some(10),
        observed_date: "2024-03-01".to_owned(),
        ..result("exam", "maker/a", 50.0)
    };
    let standing = server.submit(submitted).await.standing.expect("it stands");
    let derived = cost(&standing, CostBasis::Task).expect("a cost");
    assert_eq!(derived.kind(), CostKind::Derived);
    assert!(
        derived.cache_price_missing,
        "cached tokens are priced as input, flagged"
    );
    close(derived.central_usd, "0.7000");
    assert_eq!(
        (derived.provider.as_str(), derived.date.as_str()),
        ("maker", "2024-01-01")
    );
    server.price("maker/a", "2024-01-01", 2.0, 8.0).await;
    let standing = server.standing("exam", "maker/a").await;
    close(
        cost(&standing, CostBasis::Task).map(|c| c.central_usd),
        "1.400",
    );
    let record = &server.results("exam").await[0];
    close(record.task_cost.as_ref().map(|c| c.central_usd), "1.400");
    server.stop().await;
}
