//! What was typed.

use std::path::PathBuf;

use clap::{Args as Flags, Parser, Subcommand};

use crate::role::Role;

/// Measure frontierd and its peers on this machine, in turns, and tell the ratios
#[derive(Parser, Debug)]
#[command(
    name = "against",
    args_conflicts_with_subcommands = true,
    after_help = "A row is a ratio of two rates, latencies or CPU times taken one after the other in the same turn; its\nspread is that over the turns. Servers are held to core 0, load clients to core 1.\n\nA delivery is one message received by one subscriber, its length and its place in the sequence checked.\n\nExample: cargo bench --bench against -- --rows durable,redis --seconds 3"
)]
pub struct Args {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// One process of a measurement: a server, a probe or a load client
    #[command(subcommand)]
    Role(Role),
}

/// How a run is made.
#[derive(Flags, Clone, Debug)]
pub struct Settings {
    /// Rows to measure, by name; all but the curve if not given
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    pub rows: Vec<String>,
    /// List the rows and end
    #[arg(long)]
    pub list: bool,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// Seconds of load before one measurement
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
    /// Turns; every turn measures each side of each row once
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub repetitions: usize,
    /// Connections that the callers share; on one, servers and callers that answer all at once wait for each other
    #[arg(long, default_value_t = 4, value_name = "N")]
    pub connections: usize,
    /// Standings of the large board
    #[arg(long, default_value_t = 1_000_000, value_name = "STANDINGS")]
    pub million: u64,
    /// One observed date for all results: without earlier ones there is no trend to compute
    #[arg(long)]
    pub one_date: bool,
    /// Where the stores of the servers lie: a real disk [default: beside the benchmark program]
    #[arg(long, value_name = "DIR")]
    pub disk: Option<PathBuf>,
    /// Where the report and the chart are written [default: target/bench-against]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Another daemon to measure, such as one built from another commit
    #[arg(long, value_name = "PROGRAM")]
    pub frontierd: Option<PathBuf>,
}

impl Settings {
    /// How long a measurement takes, as every role is told.
    pub fn span(&self) -> Vec<String> {
        vec![
            format!("--seconds={}", self.seconds),
            format!("--warm-up={}", self.warm_up),
        ]
    }

    /// What a load client of the daemon submits, beyond what it does by itself.
    pub fn dates(&self) -> Option<&'static str> {
        self.one_date.then_some("--one-date")
    }
}
