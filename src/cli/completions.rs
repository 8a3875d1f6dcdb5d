//! `frontierd completions`: a script for a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use super::output::print;
use super::{Cli, Failure};

/// Print a completion script for a shell
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd completions bash > ~/.local/share/bash-completion/completions/frontierd"
)]
pub(super) struct Args {
    /// The shell
    shell: Shell,
}

impl Args {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "frontierd", &mut script);
        Ok(print(&String::from_utf8_lossy(&script))?)
    }
}
