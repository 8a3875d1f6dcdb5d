//! The one map from refusals to gRPC status.

use std::collections::HashMap;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::limits::{MESSAGE_BYTES_MAX, NOTE_BYTES_MAX};
use crate::measure::Tally;
use crate::model::{Reason, Refusal};
use crate::proto::v1;

/// `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "frontierd";

/// When to come back after a bound on concurrent work was hit: a computation of a past board takes about as long.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Refusals of this process by reason, calls and items of streams alike.
static REFUSALS: Tally = Tally::new();

/// How many were refused since the process began, by reason.
pub fn refusals() -> Vec<(&'static str, u64)> {
    REFUSALS.read()
}

/// The canonical code of a reason.
///
/// An expired page token is `OUT_OF_RANGE`, like a revision that a watch can no longer resume after: what it points at
/// has gone by, and the way out is to start again from the first page. `FAILED_PRECONDITION` would ask the caller to
/// bring the daemon into another state, which cannot help.
pub fn code(reason: Reason) -> Code {
    match reason {
        Reason::FieldRequired
        | Reason::FieldTooLong
        | Reason::FieldMalformed
        | Reason::FieldConflict
        | Reason::NotFinite
        | Reason::OutOfRange
        | Reason::ScoreOutOfRange
        | Reason::CostNotPositive
        | Reason::DateInFuture
        | Reason::DateMalformed
        | Reason::IdMalformed
        | Reason::UnitMismatch
        | Reason::DirectionInconsistent
        | Reason::NotOnThisBoard
        | Reason::PageTokenInvalid
        | Reason::ElapsedNotPositive => Code::InvalidArgument,
        Reason::UnknownBenchmark
        | Reason::UnknownModel
        | Reason::UnknownBoard
        | Reason::UnknownResult
        | Reason::UnknownClaim
        | Reason::NoStanding => Code::NotFound,
        Reason::AliasTaken | Reason::RequestIdReused => Code::AlreadyExists,
        Reason::BenchmarkFixed
        | Reason::StatusNotPossible
        | Reason::StoreMismatch
        | Reason::FigureMissing => Code::FailedPrecondition,
        Reason::RevisionMismatch => Code::Aborted,
        Reason::PageTokenExpired | Reason::RevisionInFuture | Reason::RevisionCompacted => {
            Code::OutOfRange
        }
        Reason::TooMany | Reason::MessageTooLarge | Reason::RateLimited | Reason::Overloaded => {
            Code::ResourceExhausted
        }
        Reason::TokenMissing
        | Reason::TokenUnknown
        | Reason::TokenExpired
        | Reason::TokenRevoked => Code::Unauthenticated,
        Reason::RoleMissing | Reason::OutOfScope | Reason::NotYourOwn => Code::PermissionDenied,
        Reason::ReadOnly | Reason::OutcomeUnknown | Reason::ShuttingDown => Code::Unavailable,
    }
}

/// A refusal as the status of a call, with `ErrorInfo`, a field violation where a field is named, and `RetryInfo` where
/// waiting helps.
pub fn status(refusal: &Refusal) -> Status {
    let Refusal {
        reason,
        field,
        message,
        retry_millis,
    } = refusal;
    REFUSALS.add(reason.as_str());
    let message = bounded(message);
    let mut details = ErrorDetails::new();
    let mut metadata = HashMap::new();
    if !field.is_empty() {
        metadata.insert("field".to_owned(), field.clone());
        details.add_bad_request_violation(field.as_str(), message);
    }
    details.set_error_info(reason.as_str(), DOMAIN, metadata);
    if *retry_millis > 0 {
        details.set_retry_info(Some(Duration::from_millis(*retry_millis)));
    } else if matches!(reason, Reason::TooMany | Reason::Overloaded) {
        details.set_retry_info(Some(RETRY_AFTER));
    }
    Status::with_error_details(code(*reason), message, details)
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        status(&refusal)
    }
}

/// A refusal as the answer to one item of a stream: what a call of its own would have failed with.
pub fn refusal(refusal: Refusal) -> v1::Refusal {
    let Refusal {
        reason,
        field,
        message,
        retry_millis: _,
    } = refusal;
    REFUSALS.add(reason.as_str());
    v1::Refusal {
        code: code(reason) as i32,
        reason: reason.as_str().to_owned(),
        message,
        field,
    }
}

/// How the transport begins the message of a request that is too large.
const TOO_LARGE: &str = "Error, decoded message length too large";

/// A refusal by the transport in our words; none for any other status. Where it comes out depends on the call: before
/// the handler of a single message, inside that of a stream.
pub fn transport(status: &Status) -> Option<Status> {
    let too_large = status.code() == Code::OutOfRange && status.message().starts_with(TOO_LARGE);
    too_large.then(|| {
        Status::from(Refusal::new(
            Reason::MessageTooLarge,
            "",
            format!(
                "the request is larger than `{MESSAGE_BYTES_MAX}` bytes: a result with its texts takes less than 4 KiB; send many results as a stream with SubmitResults"
            ),
        ))
    })
}

/// Trailers have a size limit that differs between clients; a message past it would lose the whole status.
fn bounded(message: &str) -> &str {
    let mut end = message.len().min(NOTE_BYTES_MAX);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    &message[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_why_where_and_what() {
        let refused = Refusal::new(
            Reason::CostNotPositive,
            "result.run_cost.central_usd",
            "result.run_cost.central_usd is `0`: leave cost unset if it is unknown",
        );
        let status = Status::from(refused.clone());
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), refused.message);
        let details = status.get_error_details();
        let info = details.error_info().expect("ErrorInfo");
        assert_eq!(info.reason, "COST_NOT_POSITIVE");
        assert_eq!(info.domain, DOMAIN);
        assert_eq!(info.metadata["field"], refused.field);
        let violations = &details.bad_request().expect("BadRequest").field_violations;
        assert_eq!(violations[0].field, refused.field);
        assert!(details.retry_info().is_none());
    }

    #[test]
    fn without_a_field_there_is_no_violation() {
        let status = status(&Refusal::new(
            Reason::TooMany,
            "",
            "two are running: try again",
        ));
        assert_eq!(status.code(), Code::ResourceExhausted);
        let details = status.get_error_details();
        assert!(details.bad_request().is_none());
        let retry = details.retry_info().expect("RetryInfo");
        assert_eq!(retry.retry_delay, Some(RETRY_AFTER));
    }

    #[test]
    fn codes_are_those_documented() {
        for (reason, expected) in [
            (Reason::UnknownBenchmark, Code::NotFound),
            (Reason::NoStanding, Code::NotFound),
            (Reason::BenchmarkFixed, Code::FailedPrecondition),
            (Reason::StoreMismatch, Code::FailedPrecondition),
            (Reason::RequestIdReused, Code::AlreadyExists),
            (Reason::RevisionMismatch, Code::Aborted),
            (Reason::RevisionCompacted, Code::OutOfRange),
            (Reason::RevisionInFuture, Code::OutOfRange),
            (Reason::PageTokenExpired, Code::OutOfRange),
            (Reason::PageTokenInvalid, Code::InvalidArgument),
            (Reason::NotOnThisBoard, Code::InvalidArgument),
            (Reason::OutcomeUnknown, Code::Unavailable),
            (Reason::MessageTooLarge, Code::ResourceExhausted),
        ] {
            assert_eq!(code(reason), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let status = status(&Refusal::new(Reason::FieldMalformed, "", "é".repeat(5_000)));
        assert!(status.message().len() <= NOTE_BYTES_MAX);
    }

    #[test]
    fn an_item_of_a_stream_carries_the_same() {
        let item = refusal(Refusal::new(
            Reason::UnknownModel,
            "result.model",
            "no such",
        ));
        assert_eq!((item.code, item.reason.as_str()), (5, "UNKNOWN_MODEL"));
        assert_eq!(
            (item.field.as_str(), item.message.as_str()),
            ("result.model", "no such")
        );
    }
}
