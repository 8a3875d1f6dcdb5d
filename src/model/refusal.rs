//! Why a request is refused.

use std::fmt;

/// The closed list of reasons. `api::status` maps each to one gRPC code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A required field is missing.
    FieldRequired,
    /// A text or list is longer than its bound.
    FieldTooLong,
    /// A value is not of the form asked for.
    FieldMalformed,
    /// Two fields contradict each other.
    FieldConflict,
    /// NaN or infinite.
    NotFinite,
    /// A number outside its range.
    OutOfRange,
    /// A score outside the benchmark's minimum and maximum.
    ScoreOutOfRange,
    /// A cost of zero or less.
    CostNotPositive,
    /// A date too far ahead.
    DateInFuture,
    /// Not a calendar date.
    DateMalformed,
    /// Not a valid id.
    IdMalformed,
    /// A unit that does not convert to the benchmark's.
    UnitMismatch,
    /// No such benchmark.
    UnknownBenchmark,
    /// No such model.
    UnknownModel,
    /// No such board.
    UnknownBoard,
    /// No such result.
    UnknownResult,
    /// No such claim.
    UnknownClaim,
    /// The model has no standing on the board.
    NoStanding,
    /// An alias belongs to another model.
    AliasTaken,
    /// A fixed field of a benchmark that has results.
    BenchmarkFixed,
    /// Chance, perfect and direction contradict each other.
    DirectionInconsistent,
    /// The expected revision is not the current one.
    RevisionMismatch,
    /// The request id was used for something else.
    RequestIdReused,
    /// A status change that is not possible.
    StatusNotPossible,
    /// An order, basis or field that the board does not have.
    NotOnThisBoard,
    /// A page token that is not ours, or of another query.
    PageTokenInvalid,
    /// A page token older than an hour, or of a revision no longer kept.
    PageTokenExpired,
    /// A revision beyond head.
    RevisionInFuture,
    /// A revision the ring no longer holds.
    RevisionCompacted,
    /// A revision of another store.
    StoreMismatch,
    /// Elapsed time is not positive.
    ElapsedNotPositive,
    /// A figure the assessment needs is not known.
    FigureMissing,
    /// A bound on concurrent work is reached.
    TooMany,
    /// A message larger than its bound.
    MessageTooLarge,
    /// The caller calls more often than its token allows.
    RateLimited,
    /// The daemon has more to do than it takes at once.
    Overloaded,
    /// No token was given where one is needed.
    TokenMissing,
    /// A token that nobody has.
    TokenUnknown,
    /// A token whose time is over.
    TokenExpired,
    /// A token that was taken back.
    TokenRevoked,
    /// The token's role does not have this call.
    RoleMissing,
    /// The token's scope does not have this benchmark or organization.
    OutOfScope,
    /// The status of what another submitted.
    NotYourOwn,
    /// The store no longer accepts writes.
    ReadOnly,
    /// The write failed midway: it may or may not be there after a restart.
    OutcomeUnknown,
    /// The daemon is shutting down.
    ShuttingDown,
}

impl Reason {
    /// The stable `UPPER_SNAKE` name answered in `google.rpc.ErrorInfo`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FieldRequired => "FIELD_REQUIRED",
            Self::FieldTooLong => "FIELD_TOO_LONG",
            Self::FieldMalformed => "FIELD_MALFORMED",
            Self::FieldConflict => "FIELD_CONFLICT",
            Self::NotFinite => "NOT_FINITE",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::ScoreOutOfRange => "SCORE_OUT_OF_RANGE",
            Self::CostNotPositive => "COST_NOT_POSITIVE",
            Self::DateInFuture => "DATE_IN_FUTURE",
            Self::DateMalformed => "DATE_MALFORMED",
            Self::IdMalformed => "ID_MALFORMED",
            Self::UnitMismatch => "UNIT_MISMATCH",
            Self::UnknownBenchmark => "UNKNOWN_BENCHMARK",
            Self::UnknownModel => "UNKNOWN_MODEL",
            Self::UnknownBoard => "UNKNOWN_BOARD",
            Self::UnknownResult => "UNKNOWN_RESULT",
            Self::UnknownClaim => "UNKNOWN_CLAIM",
            Self::NoStanding => "NO_STANDING",
            Self::AliasTaken => "ALIAS_TAKEN",
            Self::BenchmarkFixed => "BENCHMARK_FIXED",
            Self::DirectionInconsistent => "DIRECTION_INCONSISTENT",
            Self::RevisionMismatch => "REVISION_MISMATCH",
            Self::RequestIdReused => "REQUEST_ID_REUSED",
            Self::StatusNotPossible => "STATUS_NOT_POSSIBLE",
            Self::NotOnThisBoard => "NOT_ON_THIS_BOARD",
            Self::PageTokenInvalid => "PAGE_TOKEN_INVALID",
            Self::PageTokenExpired => "PAGE_TOKEN_EXPIRED",
            Self::RevisionInFuture => "REVISION_IN_FUTURE",
            Self::RevisionCompacted => "REVISION_COMPACTED",
            Self::StoreMismatch => "STORE_MISMATCH",
            Self::ElapsedNotPositive => "ELAPSED_NOT_POSITIVE",
            Self::FigureMissing => "FIGURE_MISSING",
            Self::TooMany => "TOO_MANY",
            Self::MessageTooLarge => "MESSAGE_TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::Overloaded => "OVERLOADED",
            Self::TokenMissing => "TOKEN_MISSING",
            Self::TokenUnknown => "TOKEN_UNKNOWN",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::TokenRevoked => "TOKEN_REVOKED",
            Self::RoleMissing => "ROLE_MISSING",
            Self::OutOfScope => "OUT_OF_SCOPE",
            Self::NotYourOwn => "NOT_YOUR_OWN",
            Self::ReadOnly => "READ_ONLY",
            Self::OutcomeUnknown => "OUTCOME_UNKNOWN",
            Self::ShuttingDown => "SHUTTING_DOWN",
        }
    }
}

/// A refused request: what is wrong, in which field, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// Path of the field at fault in the request, such as `result.score`; empty = none in particular.
    pub field: String,
    /// Lower case, values in backticks: what is wrong, what was given, the way out.
    pub message: String,
    /// When asking again may help, milliseconds from now; 0 = not known.
    pub retry_millis: u64,
}

impl Refusal {
    /// A refusal that names a field.
    pub fn new(reason: Reason, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            reason,
            field: field.into(),
            message: message.into(),
            retry_millis: 0,
        }
    }

    /// The same, with the time after which asking again may help.
    #[must_use]
    pub fn retry_after(self, retry_millis: u64) -> Self {
        Self {
            retry_millis,
            ..self
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
