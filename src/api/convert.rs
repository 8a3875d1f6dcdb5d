//! The only place where protobuf messages and domain values meet.
//!
//! Requests become drafts, checked by [`crate::intake`], and questions; answers of the board become messages. Every
//! message and every domain value is taken apart in full, so that a new field does not compile until it is handled.
//! There are no rules here, only names, units and defaults.

mod answer;
mod catalog;
mod claims;
mod encode;
mod enums;
mod events;
mod facts;
mod number;
mod parts;
mod query;
mod standing;
mod submit;
#[cfg(test)]
mod tests;
mod trend;
mod trend_answer;
mod watch;

use prost::Message;

use crate::call;
use crate::intake::{self, Context, UNKNOWN_AUTHOR};
use crate::model::{Refusal, RequestKey};

pub use answer::{Accepted, brief_answer, comparison, set_result_status_response, warning};
pub use catalog::{put_benchmark, put_model};
pub use claims::{put_claim, put_price, set_claim_status};
pub use encode::{
    ListingAnswer, accepted_item, encoded_intrinsic, encoded_standing, get_standing_response,
    leaderboard, submit_response,
};
pub use enums::AnswerDetail;
pub use events::{cheaper_alternative, event, overtaken, overtaken_unranked};
pub use facts::{
    BenchmarkState, ClaimState, PriceState, RecordState, StatusEntry, benchmark, claim, model,
    price, result, result_record, status_change,
};
pub use parts::timestamp;
pub use query::{
    CompareAsk, LeaderboardAsk, PageAsk, ResultsAsk, StandingAsk, compare_models, export_log,
    get_benchmark, get_leaderboard, get_model, get_standing, list_benchmarks, list_claims,
    list_models, list_results,
};
pub use standing::standing;
pub use submit::{Submission, set_result_status, submit_result, submit_results};
pub use trend::{assess_trend, get_trend};
pub use trend_answer::{declared_trend, fitted_trend, price_to_reach, trend_point, trend_response};
pub use watch::{WatchAfter, WatchAsk, watch_leaderboard};

/// The key of a request: whose id it is, and what was asked. `content` is the message without its id and without
/// anything that only shapes the answer. None without an id.
fn request_key(
    request_id: &str,
    method: &str,
    content: &impl Message,
    context: &Context,
) -> Result<Option<RequestKey>, Refusal> {
    call::note_request_id(request_id);
    if *context.author != *UNKNOWN_AUTHOR {
        call::note_author(&context.author);
    }
    if request_id.is_empty() {
        return Ok(None);
    }
    intake::request_id(request_id)?;
    let mut bytes = Vec::with_capacity(method.len() + 1 + content.encoded_len());
    bytes.extend_from_slice(method.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(&content.encode_to_vec());
    Ok(Some(RequestKey::new(&context.author, request_id, &bytes)))
}
