//! How cost grows with the number of results: CPU, memory, disk and start-up, from a thousand results to a million.
//!
//! `cargo bench --bench growth`, or `-- --max 100000` for a shorter run. Every figure comes from a process of its own.

#![expect(clippy::print_stdout, reason = "this is its output")]

mod chart;
#[path = "../support/data.rs"]
mod data;
mod phases;
mod report;
mod system;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use serde_json::{Map, Value};

use self::phases::{Phase, Size};
use self::report::Row;

/// Sizes of one board, in standings.
const ONE_BOARD: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// Standings of each of many boards.
const MANY_BOARDS: [u64; 2] = [100, 1_000];
const BOARDS: u64 = 1_000;

/// Measures CPU, memory, disk and start-up by the number of results.
#[derive(Parser)]
#[command(name = "growth")]
struct Args {
    /// Most results of a store.
    #[arg(long, value_name = "RESULTS", default_value_t = 1_000_000)]
    max: u64,
    /// Where growth.json and growth.svg go.
    #[arg(long, value_name = "DIR", default_value = env!("CARGO_TARGET_TMPDIR"))]
    out: PathBuf,
    /// What a measured process does.
    #[arg(long, hide = true, requires_all = ["boards", "standings", "store"])]
    phase: Option<Phase>,
    #[arg(long, hide = true)]
    boards: Option<u64>,
    #[arg(long, hide = true)]
    standings: Option<u64>,
    #[arg(long, hide = true)]
    store: Option<PathBuf>,
    /// Cargo says it to every bench.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    if let (Some(phase), Some(boards), Some(standings), Some(store)) =
        (args.phase, args.boards, args.standings, &args.store)
    {
        let measured = phases::run(phase, Size { boards, standings }, store)?;
        println!("{}", serde_json::to_string(&measured)?);
        return Ok(());
    }
    let (json, svg) = (args.out.join("growth.json"), args.out.join("growth.svg"));
    let mut rows = Vec::new();
    let one = ONE_BOARD.map(|standings| Size {
        boards: 1,
        standings,
    });
    let many = MANY_BOARDS.map(|standings| Size {
        boards: BOARDS,
        standings,
    });
    for size in one.into_iter().chain(many) {
        if size.results() <= args.max {
            rows.push(measure(size)?);
            // A long run that is ended early leaves what it has measured.
            fs::write(&json, serde_json::to_string_pretty(&report::json(&rows))?)?;
        }
    }
    print!("{}", report::table(&rows));
    chart::draw(&svg, &rows)?;
    println!("\nwritten: {}, {}", json.display(), svg.display());
    Ok(())
}

fn measure(size: Size) -> Result<Row, Box<dyn Error>> {
    // On the disk, not in a file system of memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut fields = Map::new();
    for phase in Phase::ALL {
        fields.extend(in_child(phase, size, dir.path())?);
    }
    println!("measured: {} x {} standings", size.boards, size.standings);
    Ok(Row { size, fields })
}

fn in_child(phase: Phase, size: Size, dir: &Path) -> Result<Map<String, Value>, Box<dyn Error>> {
    let output = Command::new(env::current_exe()?)
        .arg("--phase")
        .arg(phase.name())
        .args(["--boards", &size.boards.to_string()])
        .args(["--standings", &size.standings.to_string()])
        .arg("--store")
        .arg(dir)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        let (name, status) = (phase.name(), output.status);
        return Err(format!("phase `{name}` ended with {status}").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
