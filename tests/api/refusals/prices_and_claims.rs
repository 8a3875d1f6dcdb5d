//! Prices and claims that are refused.

use frontierd::proto::v1::claim::Statement;
use frontierd::proto::v1::{Claim, Price, PutClaimRequest, PutPriceRequest, TrainingCost};
use tonic::Code;

use super::{Expected, check, server};
use crate::support::usd;

const INVALID: Code = Code::InvalidArgument;

async fn price_refused(price: Price, expected: Expected) {
    let server = server().await;
    let head = server.head().await;
    let request = PutPriceRequest {
        price: Some(price),
        ..PutPriceRequest::default()
    };
    let status = server.catalog().put_price(request).await;
    check(&status.expect_err("refused"), expected);
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

async fn claim_refused(claim: Claim, expected: Expected) {
    let server = server().await;
    let head = server.head().await;
    let request = PutClaimRequest {
        claim: Some(claim),
        ..PutClaimRequest::default()
    };
    let status = server.catalog().put_claim(request).await;
    check(&status.expect_err("refused"), expected);
    assert_eq!(server.head().await, head, "nothing was written");
    server.stop().await;
}

fn price(date: &str) -> Price {
    Price {
        model: "maker/known".to_owned(),
        effective_date: date.to_owned(),
        input_usd_per_mtok: Some(1.0),
        output_usd_per_mtok: Some(2.0),
        ..Price::default()
    }
}

#[tokio::test]
async fn a_price_lies_ahead_by_at_most_a_year() {
    assert_eq!(crate::support::TODAY, "2025-03-01");
    let expected = (
        INVALID,
        "DATE_IN_FUTURE",
        "price.effective_date",
        "up to `2026-03-02`",
    );
    price_refused(price("2026-03-03"), expected).await;
}

#[tokio::test]
async fn a_negative_price_is_refused() {
    let bad = Price {
        output_usd_per_mtok: Some(-2.0),
        ..price("2025-01-01")
    };
    let field = "price.output_usd_per_mtok";
    price_refused(bad, (INVALID, "OUT_OF_RANGE", field, "`-2`")).await;
}

#[tokio::test]
async fn a_price_of_an_unknown_model_is_refused() {
    let bad = Price {
        model: "maker/knwon".to_owned(),
        ..price("2025-01-01")
    };
    price_refused(
        bad,
        (
            Code::NotFound,
            "UNKNOWN_MODEL",
            "price.model",
            "`maker/known`",
        ),
    )
    .await;
}

#[tokio::test]
async fn a_price_that_is_not_known_cannot_be_withdrawn() {
    let bad = Price {
        withdrawn: true,
        ..price("2025-01-01")
    };
    let expected = (
        Code::FailedPrecondition,
        "STATUS_NOT_POSSIBLE",
        "price.withdrawn",
        "not known",
    );
    price_refused(bad, expected).await;
}

fn claim(statement: Option<Statement>) -> Claim {
    Claim {
        model: "maker/known".to_owned(),
        claimant: "Someone".to_owned(),
        statement,
        ..Claim::default()
    }
}

#[tokio::test]
async fn a_claim_that_states_nothing_is_refused() {
    let expected = (INVALID, "FIELD_REQUIRED", "claim", "derived_from");
    claim_refused(claim(None), expected).await;
}

#[tokio::test]
async fn a_training_run_for_free_is_refused() {
    let free = Statement::TrainingCost(TrainingCost {
        cost: Some(usd(0.0)),
        ..TrainingCost::default()
    });
    let field = "claim.training_cost.cost.central_usd";
    claim_refused(claim(Some(free)), (INVALID, "COST_NOT_POSITIVE", field, "")).await;
}

#[tokio::test]
async fn hours_without_their_price_are_no_training_cost() {
    let hours = Statement::TrainingCost(TrainingCost {
        accelerator_hours: Some(5.0),
        ..TrainingCost::default()
    });
    let expected = (
        INVALID,
        "FIELD_REQUIRED",
        "claim.training_cost.cost",
        "`usd_per_hour`",
    );
    claim_refused(claim(Some(hours)), expected).await;
}

#[tokio::test]
async fn a_model_derived_from_an_unknown_one_is_refused() {
    let from = Statement::DerivedFrom("maker/nowhere".to_owned());
    let expected = (
        Code::NotFound,
        "UNKNOWN_MODEL",
        "claim.derived_from",
        "`maker/nowhere`",
    );
    claim_refused(claim(Some(from)), expected).await;
}
