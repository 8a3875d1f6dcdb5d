//! Parse, make a runtime, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use frontierd::cli::{Cli, Failure};
// Named, so that it is linked: it takes the place of malloc.
#[cfg(all(feature = "mimalloc", target_os = "linux"))]
use mimalloc as _;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let job = cli.check()?;
    let mut builder = match job.worker_threads() {
        1 => tokio::runtime::Builder::new_current_thread(),
        threads => {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
    };
    let runtime = builder.enable_all().build()?;
    #[cfg(all(feature = "mimalloc", target_os = "linux"))]
    runtime.spawn(give_back());
    let done = runtime.block_on(job.run());
    // A log that is still being replayed is not waited for.
    runtime.shutdown_background();
    done
}

/// Lets the allocator give back what was freed. It does so a second later, but only when another large piece is freed: in
/// a daemon with nothing to do that is never, and what a start took would stay.
#[cfg(all(feature = "mimalloc", target_os = "linux"))]
async fn give_back() {
    const EVERY: std::time::Duration = std::time::Duration::from_secs(5);
    const LARGE_BYTES: usize = 1 << 20;
    loop {
        tokio::time::sleep(EVERY).await;
        // Nothing is written to it, so no memory is behind it.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE_BYTES)));
    }
}
