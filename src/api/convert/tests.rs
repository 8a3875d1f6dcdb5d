//! Refusals by message, and round trips.

mod answers;
mod catalog_refusals;
mod draw;
mod encoded;
mod refusals;
mod round_trips;

use crate::intake::Context;
use crate::model::{Draft, Reason, Refusal};
use crate::proto::v1;

fn context() -> Context {
    Context::new("2025-01-31".parse().expect("a date"), "alice")
}

/// The reason and field of a refusal.
fn refused<T: std::fmt::Debug>(outcome: Result<T, Refusal>) -> (Reason, String) {
    let Refusal { reason, field, .. } = outcome.expect_err("refused");
    (reason, field)
}

/// What [`refused`] answers.
fn at(reason: Reason, field: &str) -> (Reason, String) {
    (reason, field.to_owned())
}

fn result() -> v1::Result {
    v1::Result {
        benchmark: "gpqa-diamond".to_owned(),
        model: "deepseek/v3".to_owned(),
        score: Some(59.1),
        ..Default::default()
    }
}

fn submit(result: v1::Result) -> Result<Draft, Refusal> {
    let message = v1::SubmitResultRequest {
        result: Some(result),
        ..Default::default()
    };
    super::submit_result(message, &context()).map(|submission| submission.draft)
}
