//! The command line: one file a subcommand. Parsing makes plain values, [`Cli::check`] checks them before anything
//! is bound or connected, [`Job::run`] does the work.

mod args;
mod board_table;
mod cheapest;
mod compare;
mod completions;
mod demo;
mod failure;
mod format;
mod healthcheck;
mod leaderboard;
mod output;
mod put;
mod results;
mod serve;
mod serving;
mod status;
mod submit;
mod table;
mod trend;
mod trend_text;
mod verify;
mod watch;

pub use failure::Failure;

use clap::{Parser, Subcommand};

use crate::config::Config;
use output::Format;

/// Benchmark leaderboard daemon: AI-model results with what they cost.
#[derive(Parser, Debug)]
#[command(
    name = "frontierd",
    version,
    arg_required_else_help = true,
    after_help = "Examples:\n  frontierd demo\n  frontierd serve --data-dir /var/lib/frontierd --with-catalog\n  frontierd submit gpqa-diamond deepseek/v3 59.1 --cost 0.42\n  frontierd leaderboard gpqa-diamond --order value\n\nExit codes: 0 done, 1 failed, 2 usage, 64 + gRPC code for a refused call."
)]
pub struct Cli {
    /// How to print: tables for people, or canonical proto3 JSON [default: human; `watch`: json]
    #[arg(long, global = true, value_name = "FORMAT")]
    output: Option<Format>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    #[command(subcommand)]
    Put(put::Command),
    Submit(submit::Args),
    Status(status::Args),
    Results(results::Args),
    Leaderboard(leaderboard::Args),
    Cheapest(cheapest::Args),
    Compare(compare::Args),
    Trend(trend::Args),
    Watch(watch::Args),
    Verify(verify::Args),
    Healthcheck(healthcheck::Args),
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
            Command::Demo(args) => args.config()?,
            _ => Config {
                worker_threads: 1,
                ..Config::default()
            },
        };
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
            Command::Demo(args) => args.run(self.config, format).await,
            Command::Serve(args) => args.run(self.config, format).await,
            Command::Put(command) => command.run(format).await,
            Command::Submit(args) => args.run(format).await,
            Command::Status(args) => args.run(format).await,
            Command::Results(args) => args.run(format).await,
            Command::Leaderboard(args) => args.run(format).await,
            Command::Cheapest(args) => args.run(format).await,
            Command::Compare(args) => args.run(format).await,
            Command::Trend(args) => args.run(format).await,
            Command::Watch(args) => args.run(self.output.unwrap_or(Format::Json)).await,
            Command::Verify(args) => args.run(format),
            Command::Healthcheck(args) => args.run(format).await,
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
