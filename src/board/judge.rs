//! Checks that need the state: a draft becomes the body of an entry, or is refused.
//!
//! [`Pending`] overlays what is judged and not yet durable, so that drafts of one commit see each other.

mod catalog;
mod pending;
mod result;
mod suggest;

use crate::model::{Body, Change, Date, Draft, Reason, Refusal, Revision};

use super::Board;
use super::answer::Warning;

pub use pending::Pending;
pub use suggest::{look_alikes, unknown_benchmark, unknown_model};

/// What a draft comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// What to do.
    pub decision: Decision,
    /// What was noticed.
    pub warnings: Vec<Warning>,
    /// The submission creates its model.
    pub creates_model: bool,
}

/// What to do with a draft that is not refused.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Append this.
    Append(Body),
    /// The request id was answered before, at this revision.
    Replayed(Revision),
    /// Nothing would change since this revision.
    Unchanged(Revision),
}

impl Judged {
    fn plain(decision: Decision) -> Self {
        Self {
            decision,
            warnings: Vec::new(),
            creates_model: false,
        }
    }
}

/// Judges a draft against the durable board and what is pending, on the day it was received.
///
/// # Errors
/// The refusal: nothing of the draft enters the log.
pub fn judge(
    board: &Board,
    pending: &Pending,
    draft: &Draft,
    today: Date,
) -> Result<Judged, Refusal> {
    if let Some(request) = draft.request {
        let answered = pending
            .answered(&request.scope)
            .or_else(|| board.answered(&request.scope));
        if let Some(answered) = answered {
            if answered.asked_the_same(&request) {
                return Ok(Judged::plain(Decision::Replayed(answered.revision)));
            }
            return Err(Refusal::new(
                Reason::RequestIdReused,
                "request_id",
                format!(
                    "this request_id was used for something else at revision `{}`: use a fresh one for a new request",
                    answered.revision
                ),
            ));
        }
    }
    let known = Known { board, pending };
    match &draft.change {
        Change::PutBenchmark(patch) => known.put_benchmark(patch),
        Change::PutModel(patch) => known.put_model(patch),
        Change::PutPrice(price) => known.put_price(price),
        Change::PutClaim(claim) => known.put_claim(claim),
        Change::SetClaimStatus {
            claim,
            status,
            pinned,
            reason,
        } => known.set_claim_status(*claim, *status, *pinned, reason),
        Change::SubmitResult(result) => known.submit_result(result, today),
        Change::SetResultStatus {
            result,
            status,
            reason,
        } => known.set_result_status(*result, *status, reason),
        Change::PriceDue {
            model,
            provider,
            effective,
        } => Ok(known.price_due(model, provider, *effective)),
    }
}

/// The state that a draft is judged on: the board, overlaid with what is pending.
#[derive(Clone, Copy)]
struct Known<'a> {
    board: &'a Board,
    pending: &'a Pending,
}

/// Refuses unless the caller knows the current revision.
fn expect(
    expected: Option<Revision>,
    current: Option<Revision>,
    what: &str,
) -> Result<(), Refusal> {
    let current = current.unwrap_or(0);
    match expected {
        Some(expected) if expected != current => Err(Refusal::new(
            Reason::RevisionMismatch,
            "expected_revision",
            format!(
                "{what} is at revision `{current}`, not `{expected}`: read it again and repeat the change on what it is now"
            ),
        )),
        _ => Ok(()),
    }
}
