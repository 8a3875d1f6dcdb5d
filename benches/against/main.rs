//! Measures the release daemon and its peers on this machine in one run, in turns: `cargo bench --bench against`.
//!
//! Every server and every load client is a process of its own, started from this one program by the subcommand `role`
//! and held to a core. See `docs/benchmarks.md`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a report is what it is for"
)]
#![allow(
    unreachable_pub,
    missing_docs,
    reason = "nobody imports a benchmark; the words of its modules stand in their heads"
)]

mod args;
mod chart;
mod curve;
mod grpc;
mod messages;
mod meter;
mod peers;
mod process;
mod report;
mod resp;
mod role;
mod rows;
mod subjects;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
// The peers that are programs of ours have the daemon's allocator.
#[cfg(all(feature = "mimalloc", target_os = "linux"))]
use mimalloc as _;

/// Whatever went wrong, in words.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    // Cargo adds `--bench` to the arguments of every benchmark.
    let args = args::Args::parse_from(std::env::args().filter(|arg| arg != "--bench"));
    let done = match args.command {
        Some(args::Command::Role(role)) => role::run(role),
        None => rows::run(&args.settings),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}
