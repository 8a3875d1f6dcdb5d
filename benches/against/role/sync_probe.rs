//! How long the disk takes: append and fdatasync, by one thread that does nothing else.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::Span;
use crate::Failure;
use crate::meter::{Measured, Meter};

#[derive(clap::Args, Debug)]
pub struct Args {
    /// The file; it is overwritten
    #[arg(long)]
    file: PathBuf,
    /// Bytes of one append
    #[arg(long, default_value_t = 4_096)]
    bytes: usize,
    #[command(flatten)]
    span: Span,
}

pub fn run(args: &Args) -> Result<Measured, Failure> {
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&args.file)?;
    let block: Vec<u8> = (0..args.bytes).map(|at| (at * 31) as u8).collect();
    let warm = Duration::try_from_secs_f64(args.span.warm_up)?;
    let end = warm + Duration::try_from_secs_f64(args.span.seconds)?;
    let meter = Meter::new()?;
    let begun = Instant::now();
    let (mut count, mut now) = (0, Duration::ZERO);
    while now < end {
        file.write_all(&block)?;
        file.sync_data()?;
        let done = begun.elapsed();
        if now >= warm {
            meter.record(done - now);
            count += 1;
        }
        now = done;
    }
    meter.tell(count, (now - warm).as_secs_f64())
}
