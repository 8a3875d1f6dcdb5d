//! What can go wrong for a caller.

use std::fmt;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::fold::FoldError;

/// A call that the daemon refused, with the details it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The canonical gRPC code.
    pub code: Code,
    /// Stable `UPPER_SNAKE` reason from `google.rpc.ErrorInfo`; empty = none was given.
    pub reason: String,
    /// Path of the field at fault from `google.rpc.BadRequest`, such as `result.score`; empty = none in particular.
    pub field: String,
    /// What is wrong, what was given and the way out.
    pub message: String,
}

impl From<&Status> for Refused {
    fn from(status: &Status) -> Self {
        let reason = status
            .get_details_error_info()
            .map_or_else(String::new, |info| info.reason);
        let field = status
            .get_details_bad_request()
            .and_then(|bad| bad.field_violations.into_iter().next())
            .map_or_else(String::new, |violation| violation.field);
        Self {
            code: status.code(),
            reason,
            field,
            message: status.message().to_owned(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            write!(f, "refused with {:?}, without a message", self.code)?;
        } else {
            f.write_str(&self.message)?;
        }
        match (self.reason.is_empty(), self.field.is_empty()) {
            (true, true) => Ok(()),
            (false, true) => write!(f, " (reason `{}`)", self.reason),
            (true, false) => write!(f, " (field `{}`)", self.field),
            (false, false) => write!(f, " (reason `{}`, field `{}`)", self.reason, self.field),
        }
    }
}

/// A call that did not succeed.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientError {
    /// The address is not one to connect to.
    Address {
        /// As given.
        addr: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody answers at the address.
    Connect {
        /// As given.
        addr: String,
        /// What the transport said.
        why: String,
    },
    /// The daemon answered with an error.
    Refused(Refused),
    /// The frames of a watch contradict each other or what is held.
    Fold(FoldError),
}

impl ClientError {
    /// The refusal, when the daemon answered with one.
    pub fn refused(&self) -> Option<&Refused> {
        match self {
            Self::Refused(refused) => Some(refused),
            _ => None,
        }
    }
}

impl From<Status> for ClientError {
    fn from(status: Status) -> Self {
        Self::Refused(Refused::from(&status))
    }
}

impl From<FoldError> for ClientError {
    fn from(error: FoldError) -> Self {
        Self::Fold(error)
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address { addr, why } => write!(
                f,
                "address `{addr}` is not usable: {why}; give one such as `http://127.0.0.1:50051`"
            ),
            Self::Connect { addr, why } => write!(
                f,
                "cannot connect to `{addr}`: {why}; is `frontierd serve` running there? (`--addr` or `FRONTIERD_ADDR` names another place)"
            ),
            Self::Refused(refused) => refused.fmt(f),
            Self::Fold(error) => write!(f, "the watch broke its promise: {error}"),
        }
    }
}

impl std::error::Error for ClientError {}

#[cfg(test)]
mod tests {
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn a_refusal_keeps_code_reason_field_and_message() {
        let mut details = ErrorDetails::with_error_info(
            "COST_NOT_POSITIVE",
            "frontierd",
            std::collections::HashMap::new(),
        );
        details.add_bad_request_violation("result.run_cost", "leave cost unset if it is unknown");
        let status =
            Status::with_error_details(Code::InvalidArgument, "cost `0` is not positive", details);
        let error = ClientError::from(status);
        assert_eq!(
            error.refused(),
            Some(&Refused {
                code: Code::InvalidArgument,
                reason: "COST_NOT_POSITIVE".into(),
                field: "result.run_cost".into(),
                message: "cost `0` is not positive".into(),
            })
        );
        assert_eq!(
            error.to_string(),
            "cost `0` is not positive (reason `COST_NOT_POSITIVE`, field `result.run_cost`)"
        );
    }

    #[test]
    fn a_bare_status_still_reads_well() {
        let error = ClientError::from(Status::new(Code::Unimplemented, ""));
        assert_eq!(
            error.to_string(),
            "refused with Unimplemented, without a message"
        );
    }
}
