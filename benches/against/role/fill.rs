//! Builds a board: one result for each model, through the stream.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::stream::Items;
use crate::Failure;
use crate::grpc::{Connection, head};
use crate::messages::Cycle;

/// Items in flight: the most that one stream may have.
const WINDOW: usize = frontierd::limits::MAX_STREAM_IN_FLIGHT;
/// Models whose requests are encoded at a time.
const PART: u64 = 65_536;
/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(2);

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where the daemon listens
    #[arg(long)]
    addr: SocketAddr,
    /// Models to submit a result for
    #[arg(long, default_value_t = 1_000)]
    models: u64,
    /// One observed date for all results
    #[arg(long)]
    one_date: bool,
}

pub async fn run(args: Args) -> Result<(), Failure> {
    let head = head(args.addr, "LeaderboardService/SubmitResults")?;
    let mut connection = Connection::open(args.addr).await?;
    let mut told = Instant::now();
    let begun = Instant::now();
    for first in (0..args.models).step_by(PART as usize) {
        let last = (first + PART).min(args.models);
        let cycle = Cycle::one_each(first..last, args.one_date);
        let mut items = Items::start(&mut connection, &head).await?;
        while items.answered < cycle.len() {
            items.send(&cycle, cycle.len().min(items.answered + WINDOW))?;
            items.answers().await?;
            if told.elapsed() > TOLD_EVERY {
                told = Instant::now();
                tell(first + items.answered as u64, args.models, begun);
            }
        }
    }
    Ok(())
}

fn tell(done: u64, of: u64, begun: Instant) {
    let rate = done as f64 / begun.elapsed().as_secs_f64();
    let end = if std::io::stderr().is_terminal() {
        '\r'
    } else {
        '\n'
    };
    eprint!("    {done} of {of} models submitted, {rate:.0}/s{end}");
}
