//! Redis publish and subscribe: every message of every subscriber is checked, its length and its number.

use std::sync::Arc;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Target;
use super::tally::{Pace, Tally};
use crate::Failure;
use crate::meter::Measured;
use crate::resp::{Redis, Reply, command};

const CHANNEL: &str = "board";
/// Digits of the number that every message begins with.
const DIGITS: usize = 20;

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Subscribers, each on a connection of its own
    #[arg(long, default_value_t = 1_000)]
    watchers: usize,
    /// Bytes of a message
    #[arg(long, default_value_t = 300)]
    bytes: usize,
    /// Messages ahead of the slowest subscriber
    #[arg(long, default_value_t = 64)]
    window: u64,
    /// Messages a second on a fixed schedule instead
    #[arg(long)]
    rate: Option<f64>,
}

pub async fn run(args: Args) -> Result<Measured, Failure> {
    if args.bytes < DIGITS {
        return Err(format!("`{}` bytes do not hold a number", args.bytes).into());
    }
    let tally = Arc::new(Tally::new(args.watchers as u32)?);
    for _ in 0..args.watchers {
        let mut redis = Redis::connect(args.target.addr).await?;
        redis
            .socket
            .write_all(&command(&["SUBSCRIBE", CHANNEL]))
            .await?;
        // An array: `subscribe`, the channel, how many it is subscribed to.
        for _ in 0..4 {
            redis.reply().await?;
        }
        let (tally, bytes) = (Arc::clone(&tally), args.bytes);
        tokio::spawn(async move {
            if let Err(failure) = receive(redis, bytes, &tally).await {
                tally.meter.fail(failure);
            }
        });
    }
    let publishing = Arc::clone(&tally);
    let (target, bytes) = (args.target.clone(), args.bytes as f64);
    tokio::spawn(async move {
        if let Err(failure) = publish(&args, &publishing).await {
            publishing.meter.fail(failure);
        }
    });
    let measured = tally.meter.measure(&target.span, target.pid).await?;
    Ok(Measured { bytes, ..measured })
}

/// What a message looks like to a subscriber: everything but its number is always the same.
fn message(bytes: usize, number: u64) -> Vec<u8> {
    let head = format!("*3\r\n$7\r\nmessage\r\n${}\r\n{CHANNEL}\r\n", CHANNEL.len());
    format!("{head}${bytes}\r\n{}\r\n", payload(bytes, number)).into_bytes()
}

fn payload(bytes: usize, number: u64) -> String {
    format!("{number:0DIGITS$}{}", "x".repeat(bytes - DIGITS))
}

async fn receive(mut redis: Redis, bytes: usize, tally: &Tally) -> Result<(), Failure> {
    let wanted = message(bytes, 0);
    let number_at = wanted.len() - bytes - 2;
    let mut held = BytesMut::new();
    let mut next = 0;
    while !tally.meter.stopped() {
        held.reserve(16 * 1024);
        if redis.socket.read_buf(&mut held).await? == 0 {
            return Err("Redis hung up".into());
        }
        let from = next;
        while held.len() >= wanted.len() {
            let digits = std::str::from_utf8(&held[number_at..number_at + DIGITS])?;
            if held[..number_at] != wanted[..number_at] || digits.parse() != Ok(next) {
                return Err(format!("message {next} did not come as it was sent").into());
            }
            held.advance(wanted.len());
            next += 1;
        }
        tally.delivered(from..next, bytes * (next - from) as usize)?;
    }
    Ok(())
}

async fn publish(args: &Args, tally: &Tally) -> Result<(), Failure> {
    let mut redis = Redis::connect(args.target.addr).await?;
    let mut pace = Pace::new(args.window, args.rate)?;
    let mut sent = 0;
    while !tally.meter.stopped() {
        let allowed = pace.allow(tally, sent);
        let mut commands = Vec::new();
        for number in sent..allowed {
            commands.extend(command(&["PUBLISH", CHANNEL, &payload(args.bytes, number)]));
        }
        redis.socket.write_all(&commands).await?;
        for _ in sent..allowed {
            match redis.reply().await? {
                Reply::Number(receivers) if receivers == args.watchers as i64 => {}
                other => return Err(format!("published to {other:?}").into()),
            }
        }
        sent = allowed;
        pace.wait(tally).await?;
    }
    Ok(())
}
