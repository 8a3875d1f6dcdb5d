//! `frontierd put`: definitions. What is not given stays as it is.

mod benchmark;
mod claim;
mod model;
mod price;

use clap::Subcommand;

use super::Failure;
use super::args::RequestId;
use super::output::Format;
use super::table::printable;
use crate::proto::v1::Warning;

/// Define a benchmark, a model, a price or a claim
#[derive(Subcommand, Debug)]
#[command(
    after_help = "Example:\n  frontierd put model deepseek/v3 --organization DeepSeek --release-date 2024-12-26 --open-weights"
)]
pub(super) enum Command {
    Benchmark(Box<benchmark::Args>),
    Model(Box<model::Args>),
    Price(Box<price::Args>),
    Claim(Box<claim::Args>),
}

impl Command {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        match self {
            Self::Benchmark(args) => args.run(format).await,
            Self::Model(args) => args.run(format).await,
            Self::Price(args) => args.run(format).await,
            Self::Claim(args) => args.run(format).await,
        }
    }
}

/// How an upsert changes what is there.
#[derive(clap::Args, Debug)]
struct Upsert {
    /// Field to unset, by its name in the API, such as `source_url`; repeat for several
    #[arg(long, value_name = "FIELD")]
    clear: Vec<String>,
    /// Refuse unless the current revision is this; 0 = it must not exist yet
    #[arg(long, value_name = "REVISION")]
    expected_revision: Option<i64>,
    #[command(flatten)]
    request_id: RequestId,
}

/// The outcome of a put in a line, and its warnings.
fn outcome(
    what: &str,
    revision: i64,
    replayed: bool,
    unchanged: bool,
    warnings: &[Warning],
) -> String {
    let mut text = match (replayed, unchanged) {
        (true, _) => format!("{what} was recorded before, at revision {revision}\n"),
        (_, true) => format!("{what} is like that already, at revision {revision}\n"),
        _ => format!("{what} is recorded at revision {revision}\n"),
    };
    for warning in warnings {
        text.push_str(&printable(&format!(
            "warning: {} ({})",
            warning.message, warning.reason
        )));
        text.push('\n');
    }
    text
}
