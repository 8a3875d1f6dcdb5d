//! `frontierd import`: files in.

use super::Failure;
use super::output::Format;
use super::restore;

/// Bring in files
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd import store backup.frontier --data-dir /var/lib/frontierd"
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    Store(restore::Args),
}

impl Args {
    #[allow(clippy::unused_async, reason = "other formats talk to a daemon")]
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        match self.command {
            Command::Store(args) => args.run(format),
        }
    }
}
