//! Redis, by its own protocol: rank and score of a member, both asked for in one write.

use std::sync::Arc;
use std::time::Instant;

use tokio::io::AsyncWriteExt;

use super::Target;
use crate::Failure;
use crate::meter::{Measured, Meter};
use crate::resp::{KEY, Redis, Reply, command, member};

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Callers, each on a connection of its own
    #[arg(long, default_value_t = 64)]
    callers: u64,
    /// Members of the set
    #[arg(long, default_value_t = 1_000)]
    members: u64,
}

pub async fn run(args: Args) -> Result<Measured, Failure> {
    let meter = Arc::new(Meter::new()?);
    let questions: Arc<Vec<Vec<u8>>> = Arc::new((0..args.members).map(question).collect());
    for caller in 0..args.callers {
        let mut redis = Redis::connect(args.target.addr).await?;
        let (shared, questions) = (Arc::clone(&meter), Arc::clone(&questions));
        tokio::spawn(async move {
            if let Err(failure) = ask(&mut redis, &questions, caller, &shared).await {
                shared.fail(failure);
            }
        });
    }
    meter.measure(&args.target.span, args.target.pid).await
}

fn question(number: u64) -> Vec<u8> {
    let member = member(number);
    let mut both = command(&["ZREVRANK", KEY, &member]);
    both.extend(command(&["ZSCORE", KEY, &member]));
    both
}

async fn ask(
    redis: &mut Redis,
    questions: &[Vec<u8>],
    caller: u64,
    meter: &Meter,
) -> Result<(), Failure> {
    // Apart, so that callers do not ask for the same member together.
    let mut at = caller as usize * 97;
    while !meter.stopped() {
        at += 1;
        let begun = Instant::now();
        redis
            .socket
            .write_all(&questions[at % questions.len()])
            .await?;
        if !matches!(redis.reply().await?, Reply::Number(_)) {
            return Err("a member without a rank".into());
        }
        if !matches!(redis.reply().await?, Reply::Bytes) {
            return Err("a member without a score".into());
        }
        meter.record(begun.elapsed());
        meter.add(1);
    }
    Ok(())
}
