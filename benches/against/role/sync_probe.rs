//! How long the disk takes: append and fdatasync, by one thread that does nothing else.

use std::fs::{File, OpenOptions};
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
    let meter = Meter::new()?;
    let warm = Instant::now() + Duration::try_from_secs_f64(args.span.warm_up)?;
    append(&mut file, &block, warm, None)?;
    let begun = Instant::now();
    let end = begun + Duration::try_from_secs_f64(args.span.seconds)?;
    let count = append(&mut file, &block, end, Some(&meter))?;
    meter.tell(count, begun.elapsed().as_secs_f64())
}

/// Appends until a time; answers how often.
fn append(
    file: &mut File,
    block: &[u8],
    until: Instant,
    meter: Option<&Meter>,
) -> Result<u64, Failure> {
    let mut count = 0;
    while Instant::now() < until {
        let begun = Instant::now();
        file.write_all(block)?;
        file.sync_data()?;
        if let Some(meter) = meter {
            meter.record(begun.elapsed());
        }
        count += 1;
    }
    Ok(count)
}
