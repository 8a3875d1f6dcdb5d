//! Instructions per operation, counted by callgrind: the same on every run, whatever else the machine does.
//!
//! Counts are compared with the committed baseline by `cargo bench --bench instructions -- --check` and recorded by
//! `-- --record`. Without either the counts are shown beside the baseline; cases can be named.

#![expect(clippy::print_stdout, reason = "this is its output")]

mod baseline;
mod cases;
mod counting;
#[path = "../support/data.rs"]
mod data;
#[path = "../support/watching.rs"]
mod watching;
#[path = "../support/work.rs"]
mod work;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use self::baseline::Baseline;
use self::cases::{CASES, Case};

/// Counts instructions per operation under valgrind's callgrind.
#[derive(Parser)]
#[command(name = "instructions")]
#[expect(clippy::struct_excessive_bools, reason = "these are flags")]
struct Args {
    /// Cases to count; none = all.
    cases: Vec<String>,
    /// Fail where a count is above the baseline.
    #[arg(long, conflicts_with_all = ["record", "cases"])]
    check: bool,
    /// Make the counts the baseline.
    #[arg(long, conflicts_with = "cases")]
    record: bool,
    /// Print where the instructions go, by function.
    #[arg(long)]
    profile: bool,
    /// Names of the cases.
    #[arg(long)]
    list: bool,
    /// What a counted process runs.
    #[arg(long, value_name = "CASE", hide = true)]
    run: Option<String>,
    /// Cargo says it to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(case) = &args.run {
        counting::run(case);
    }
    match measure(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            println!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Case>, String> {
    let unknown = |name: &&String| CASES.iter().all(|case| case.name != **name);
    if let Some(name) = names.iter().find(unknown) {
        return Err(format!("`{name}` is no case: see --list"));
    }
    let chosen = |case: &&Case| names.is_empty() || names.iter().any(|name| name == case.name);
    Ok(CASES.iter().filter(chosen).collect())
}

/// Answers whether all is well.
fn measure(args: &Args) -> Result<bool, String> {
    let cases = chosen(&args.cases)?;
    if args.list {
        for case in cases {
            println!("{}", case.name);
        }
        return Ok(true);
    }
    let baseline = Baseline::read();
    let mut counts = Vec::with_capacity(cases.len());
    for case in cases {
        let (count, profile) = counting::count(case, Path::new(env!("CARGO_TARGET_TMPDIR")))?;
        let change = baseline.as_ref().ok();
        let change = change.and_then(|baseline| baseline.change(case.name, count));
        let change = change.map_or_else(String::new, |change| format!("{change:+8.2} %"));
        println!("{:20} {count:>10} {change}", case.name);
        if args.profile {
            counting::annotate(&profile)?;
        }
        counts.push((case.name, count));
    }
    if !args.check && !args.record {
        return Ok(true);
    }
    let now = Baseline::new(&counts)?;
    if args.record {
        now.write()?;
        return Ok(true);
    }
    let (notes, failed) = baseline?.compare(&now);
    for note in notes {
        println!("{note}");
    }
    Ok(!failed)
}
