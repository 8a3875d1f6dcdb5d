//! Standard output: JSON or text, never both.

use std::io::{self, Write};

#[cfg(feature = "cli")]
use crate::proto::json;
use clap::ValueEnum;
#[cfg(feature = "cli")]
use prost::Message;

#[cfg(feature = "cli")]
use super::Failure;

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables and sentences.
    #[default]
    Human,
    /// Canonical proto3 JSON, as grpcurl prints it.
    Json,
}

/// Writes text to standard output.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes a line to standard output.
pub(super) fn print_line(text: &str) -> io::Result<()> {
    print(&format!("{text}\n"))
}

/// Writes a message as JSON over several lines.
#[cfg(feature = "cli")]
pub(super) fn print_json<M: Message>(name: &str, message: &M) -> Result<(), Failure> {
    let value = json::to_value(name, message)?;
    Ok(print_line(&format!("{value:#}"))?)
}

/// Writes a message as JSON, or as the text that `human` makes of it.
#[cfg(feature = "cli")]
pub(super) fn answer<M: Message>(
    format: Format,
    name: &str,
    message: &M,
    human: impl FnOnce(&M) -> String,
) -> Result<(), Failure> {
    match format {
        Format::Json => print_json(name, message),
        Format::Human => Ok(print(&human(message))?),
    }
}
