//! The demo data set: facts with sources about a few models of 2024 and 2025, as plain data files.

mod data;

pub use data::{Step, steps};

use crate::client::{Client, ClientError};
use crate::proto::v1::SetClaimStatusRequest;

/// Loads the steps in order through the API, as any client would. Repeating it changes nothing. Answers the newest
/// revision.
///
/// # Errors
/// [`ClientError`] when the daemon refuses a step.
pub async fn load(client: &mut Client, steps: Vec<Step>) -> Result<i64, ClientError> {
    let mut newest = 0;
    for step in steps {
        let revision = match step {
            Step::Benchmark(request) => client.put_benchmark(request).await?.revision,
            Step::Model(request) => client.put_model(request).await?.revision,
            Step::Price(request) => client.put_price(request).await?.revision,
            Step::Claim { request, pin } => {
                let request_id = format!("{}/pin", request.request_id);
                let claim = client.put_claim(request).await?.revision;
                match pin {
                    None => claim,
                    Some(reason) => pin_claim(client, claim, reason, request_id).await?,
                }
            }
            Step::Result(request) => client.submit_result(request).await?.revision,
        };
        newest = newest.max(revision);
    }
    Ok(newest)
}

async fn pin_claim(
    client: &mut Client,
    revision: i64,
    reason: String,
    request_id: String,
) -> Result<i64, ClientError> {
    let request = SetClaimStatusRequest {
        revision,
        pinned: Some(true),
        reason,
        request_id,
        ..SetClaimStatusRequest::default()
    };
    Ok(client.set_claim_status(request).await?.revision)
}

#[cfg(test)]
mod tests;
