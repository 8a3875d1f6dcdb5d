//! Why a subcommand ends with another exit code than 0.

use std::io;
use std::process::ExitCode;

use crate::client::ClientError;

/// A subcommand that did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The command line or a setting is wrong: exit code 2.
    Usage(String),
    /// The daemon refused (64 + gRPC code), or could not be reached (1).
    Client(ClientError),
    /// Anything else that is to be told: exit code 1.
    Failed(String),
    /// What was asked for does not hold, and the answer that says so is printed: exit code 1.
    Condition,
    /// Reading or writing failed: exit code 1, or 0 when the reader of our output left.
    Io(io::Error),
}

impl Failure {
    /// Says on standard error what went wrong, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        match self {
            Self::Usage(message) | Self::Failed(message) => say(message),
            Self::Io(error) if error.kind() != io::ErrorKind::BrokenPipe => say(&error.to_string()),
            Self::Client(error) => say(&error.to_string()),
            Self::Condition | Self::Io(_) => {}
        }
        ExitCode::from(self.code())
    }

    fn code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Client(error) => error
                .refused()
                .and_then(|refused| u8::try_from(i32::from(refused.code)).ok())
                .map_or(1, |code| 64 + code),
            Self::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => 0,
            Self::Failed(_) | Self::Condition | Self::Io(_) => 1,
        }
    }
}

/// Writes a line to standard error; there is nobody to tell when that fails.
pub(super) fn say(message: &str) {
    use io::Write;
    let _ = writeln!(io::stderr().lock(), "frontierd: {message}");
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

#[cfg(feature = "cli")]
impl From<crate::proto::json::JsonError> for Failure {
    fn from(error: crate::proto::json::JsonError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(feature = "cli")]
impl From<crate::catalog_defaults::DataError> for Failure {
    fn from(error: crate::catalog_defaults::DataError) -> Self {
        Self::Failed(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use tonic::Status;

    use super::*;

    #[test]
    fn exit_codes_are_as_documented() {
        let refused = Failure::Client(Status::not_found("no such board").into());
        assert_eq!(refused.code(), 64 + 5);
        let unreachable = ClientError::Connect {
            addr: "x".into(),
            why: "y".into(),
        };
        assert_eq!(Failure::Client(unreachable).code(), 1);
        assert_eq!(Failure::Usage(String::new()).code(), 2);
        assert_eq!(Failure::Io(io::ErrorKind::BrokenPipe.into()).code(), 0);
        assert_eq!(Failure::Io(io::ErrorKind::StorageFull.into()).code(), 1);
        assert_eq!(Failure::Condition.code(), 1);
    }
}
