//! Calls with one answer: by callers that wait (closed loop: peak rate), or on a schedule (open loop: latency).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use http::Request;

use super::Target;
use super::schedule::Schedule;
use crate::Failure;
use crate::grpc::{Connection, head, number};
use crate::messages::{Cycle, Mix};
use crate::meter::{Measured, Meter};

/// Calls on a schedule that may wait for their answers: more means that the server cannot keep up.
const WAITING_MAX: usize = 20_000;

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Callers, each with one call at a time
    #[arg(long, default_value_t = 64)]
    callers: usize,
    /// Connections they share
    #[arg(long, default_value_t = 1)]
    connections: usize,
    #[command(flatten)]
    mix: Mix,
    /// Calls a second on a fixed schedule instead; latency counts from when a call was due
    #[arg(long)]
    rate: Option<f64>,
}

pub async fn submit(args: Args) -> Result<Measured, Failure> {
    let cycle = Cycle::submissions(args.mix);
    run(args, "LeaderboardService/SubmitResult", cycle).await
}

pub async fn standing(args: Args) -> Result<Measured, Failure> {
    let cycle = Cycle::standings(args.mix);
    run(args, "LeaderboardService/GetStanding", cycle).await
}

/// What all callers share.
struct Shared {
    head: Request<()>,
    cycle: Cycle,
    next: AtomicUsize,
    waiting: AtomicUsize,
    meter: Meter,
}

impl Shared {
    /// One call. The answer must be good and hold a revision.
    async fn call(&self, connection: &mut Connection) -> Result<(), Failure> {
        let request = self.cycle.get(self.next.fetch_add(1, Ordering::Relaxed));
        let answer = connection.unary(&self.head, request).await?;
        if number(&answer, 1) == 0 {
            return Err("an answer without a revision".into());
        }
        self.meter.add(1);
        Ok(())
    }
}

async fn run(args: Args, method: &str, cycle: Cycle) -> Result<Measured, Failure> {
    let shared = Arc::new(Shared {
        head: head(args.target.addr, method)?,
        cycle,
        next: AtomicUsize::new(0),
        waiting: AtomicUsize::new(0),
        meter: Meter::new()?,
    });
    let mut connections = Vec::new();
    for _ in 0..args.connections {
        connections.push(Connection::open(args.target.addr).await?);
    }
    match args.rate {
        Some(rate) => {
            let schedule = Schedule::new(rate)?;
            tokio::spawn(on_schedule(connections, schedule, Arc::clone(&shared)));
        }
        None => {
            for caller in 0..args.callers {
                let connection = connections[caller % connections.len()].clone();
                tokio::spawn(in_turn(connection, Arc::clone(&shared)));
            }
        }
    }
    let measured = shared
        .meter
        .measure(&args.target.span, args.target.pid)
        .await?;
    if let Some(rate) = args.rate.filter(|rate| measured.rate() < 0.98 * rate) {
        eprintln!(
            "warning: {:.0} of {rate:.0} calls a second were answered",
            measured.rate()
        );
    }
    Ok(measured)
}

/// A caller that waits for each answer.
async fn in_turn(mut connection: Connection, shared: Arc<Shared>) {
    while !shared.meter.stopped() {
        let begun = Instant::now();
        match shared.call(&mut connection).await {
            Ok(()) => shared.meter.record(begun.elapsed()),
            Err(failure) => return shared.meter.fail(failure),
        }
    }
}

/// Begins calls when they are due, whether or not earlier ones have been answered.
async fn on_schedule(connections: Vec<Connection>, mut schedule: Schedule, shared: Arc<Shared>) {
    while !shared.meter.stopped() {
        let due = match schedule.due().await {
            Ok(due) => due,
            Err(failure) => return shared.meter.fail(failure),
        };
        for number in due {
            let intended = schedule.at(number);
            shared.meter.late(intended.elapsed());
            let mut connection = connections[number as usize % connections.len()].clone();
            if shared.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
                return shared
                    .meter
                    .fail("the server cannot keep up with the rate".into());
            }
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                match shared.call(&mut connection).await {
                    Ok(()) => shared.meter.record(intended.elapsed()),
                    Err(failure) => shared.meter.fail(failure),
                }
                shared.waiting.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }
}
