//! The command line: one file a subcommand. Parsing makes plain values, [`Cli::check`] checks them before anything
//! is bound or connected, [`Job::run`] does the work.

#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "most of it is for the commands that are left out")
)]
mod args;
#[cfg(feature = "cli")]
mod board_table;
#[cfg(feature = "cli")]
mod cheapest;
#[cfg(feature = "cli")]
mod compare;
#[cfg(feature = "cli")]
mod completions;
#[cfg(feature = "cli")]
mod demo;
#[cfg(feature = "import")]
mod export;
mod failure;
#[cfg(feature = "cli")]
mod format;
mod healthcheck;
#[cfg(feature = "import")]
mod import;
#[cfg(feature = "cli")]
mod info;
#[cfg(feature = "cli")]
mod leaderboard;
mod output;
#[cfg(feature = "plot")]
mod plot;
mod progress;
#[cfg(feature = "cli")]
mod put;
mod recover;
#[cfg(feature = "import")]
mod restore;
#[cfg(feature = "cli")]
mod results;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "most of it is for the commands that are left out")
)]
mod screen;
mod serve;
mod serving;
mod signals;
#[cfg(feature = "cli")]
mod status;
#[cfg(feature = "cli")]
mod submit;
#[cfg_attr(
    not(feature = "cli"),
    allow(dead_code, reason = "most of it is for the commands that are left out")
)]
mod table;
mod token;
#[cfg(feature = "top")]
mod top;
#[cfg(feature = "cli")]
mod trend;
#[cfg(feature = "cli")]
mod trend_text;
mod verify;
#[cfg(feature = "cli")]
mod watch;

pub use failure::Failure;

use clap::{Parser, Subcommand};

use crate::config::Config;
use output::Format;

#[cfg(feature = "cli")]
const HELP: &str = "Examples:\n  frontierd demo\n  frontierd serve --data-dir /var/lib/frontierd --with-catalog\n  frontierd submit gpqa-diamond deepseek/v3 59.1 --cost 0.42\n  frontierd leaderboard gpqa-diamond --order value\n\nExit codes: 0 done, 1 failed, 2 usage, 64 + gRPC code for a refused call.";
#[cfg(not(feature = "cli"))]
const HELP: &str = "Examples:\n  frontierd serve --data-dir /var/lib/frontierd\n  frontierd healthcheck\n\nThis build serves only: another one has the commands that talk to a daemon.\n\nExit codes: 0 done, 1 failed, 2 usage, 64 + gRPC code for a refused call.";

/// Benchmark leaderboard daemon: AI-model results with what they cost.
#[derive(Parser, Debug)]
#[command(
    name = "frontierd",
    version,
    arg_required_else_help = true,
    after_help = HELP
)]
pub struct Cli {
    /// How to print: tables for people, or canonical proto3 JSON [default: human; `watch`: json]
    #[arg(long, global = true, value_name = "FORMAT")]
    output: Option<Format>,
    /// When to use colour [default: auto, which heeds NO_COLOR]
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<screen::Color>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    #[cfg(feature = "cli")]
    Demo(demo::Args),
    Serve(serve::Args),
    #[cfg(feature = "cli")]
    #[command(subcommand)]
    Put(put::Command),
    #[cfg(feature = "cli")]
    Submit(submit::Args),
    #[cfg(feature = "cli")]
    Status(status::Args),
    #[cfg(feature = "cli")]
    Results(results::Args),
    #[cfg(feature = "cli")]
    Leaderboard(leaderboard::Args),
    #[cfg(feature = "cli")]
    Cheapest(cheapest::Args),
    #[cfg(feature = "cli")]
    Compare(compare::Args),
    #[cfg(feature = "cli")]
    Trend(trend::Args),
    #[cfg(feature = "cli")]
    Watch(watch::Args),
    #[cfg(feature = "import")]
    Import(Box<import::Args>),
    #[cfg(feature = "import")]
    Export(export::Args),
    #[cfg(feature = "top")]
    Top(top::Args),
    Verify(verify::Args),
    Recover(recover::Args),
    Healthcheck(healthcheck::Args),
    #[command(subcommand)]
    Token(token::Command),
    #[cfg(feature = "cli")]
    Info(info::Args),
    #[cfg(feature = "cli")]
    Completions(completions::Args),
}

/// A command line that passed its checks.
#[derive(Debug)]
pub struct Job {
    output: Option<Format>,
    command: Command,
    config: Config,
}

impl Cli {
    /// Checks the settings of commands that serve.
    ///
    /// # Errors
    /// [`Failure::Usage`] naming the setting, what was given and the way out.
    pub fn check(self) -> Result<Job, Failure> {
        let config = match &self.command {
            Command::Serve(args) => args.config()?,
            #[cfg(feature = "cli")]
            Command::Demo(args) => args.config()?,
            _ => Config {
                worker_threads: 1,
                ..Config::default()
            },
        };
        self.color.unwrap_or_default().apply();
        Ok(Job {
            output: self.output,
            command: self.command,
            config,
        })
    }
}

impl Job {
    /// Threads that the work needs; 1 = a current-thread runtime.
    pub fn worker_threads(&self) -> usize {
        self.config.worker_threads
    }

    /// Does the work.
    ///
    /// # Errors
    /// [`Failure`] with the exit code it stands for.
    pub async fn run(self) -> Result<(), Failure> {
        let format = self.output.unwrap_or_default();
        match self.command {
            #[cfg(feature = "cli")]
            Command::Demo(args) => args.run(self.config, format).await,
            Command::Serve(args) => args.run(self.config, format).await,
            #[cfg(feature = "cli")]
            Command::Put(command) => command.run(format).await,
            #[cfg(feature = "cli")]
            Command::Submit(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Status(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Results(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Leaderboard(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Cheapest(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Compare(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Trend(args) => args.run(format).await,
            #[cfg(feature = "top")]
            Command::Top(args) => args.run().await,
            #[cfg(feature = "cli")]
            Command::Watch(args) => args.run(self.output.unwrap_or(Format::Json)).await,
            #[cfg(feature = "import")]
            Command::Import(args) => Box::pin(args.run(format)).await,
            #[cfg(feature = "import")]
            Command::Export(args) => args.run(format).await,
            Command::Verify(args) => args.run(format),
            Command::Recover(args) => args.run(format),
            Command::Healthcheck(args) => args.run(format).await,
            Command::Token(command) => command.run(format),
            #[cfg(feature = "cli")]
            Command::Info(args) => args.run(format).await,
            #[cfg(feature = "cli")]
            Command::Completions(args) => args.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
