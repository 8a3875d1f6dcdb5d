//! WatchLeaderboard by many: every delta of every watcher is checked, while results are submitted on a stream.

mod frames;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use frontierd::client::Client;
use frontierd::proto::v1;
use prost::Message;
use tokio::sync::mpsc;

use self::frames::{Event, Frames};
use super::Target;
use super::stream::Items;
use super::tally::{Pace, Tally};
use crate::Failure;
use crate::grpc::{Connection, head, nested, number};
use crate::messages::{BENCHMARK, Cycle, Mix};
use crate::meter::Measured;

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Watchers
    #[arg(long, default_value_t = 1_000)]
    watchers: usize,
    /// Connections they share; one more submits
    #[arg(long, default_value_t = 20)]
    connections: usize,
    /// Submissions ahead of the slowest watcher
    #[arg(long, default_value_t = 64)]
    window: u64,
    /// Submissions a second on a fixed schedule instead; a delay counts from when one was due
    #[arg(long)]
    rate: Option<f64>,
    #[command(flatten)]
    mix: Mix,
}

/// How long watches of a client that has ended may last.
const LEFT_OVER: Duration = Duration::from_secs(10);

pub async fn run(args: Args) -> Result<Measured, Failure> {
    alone(args.target.addr).await?;
    let tally = Arc::new(Tally::new(args.watchers as u32)?);
    let connections = args.connections.min(args.watchers);
    let (begun, mut all_begun) = mpsc::channel::<()>(1);
    for number in 0..connections {
        let share = (number..args.watchers).step_by(connections).count();
        let watchers = Watchers::open(args.target.addr, share).await?;
        let (tally, begun) = (Arc::clone(&tally), begun.clone());
        tokio::spawn(async move {
            if let Err(failure) = watchers.run(&tally, begun).await {
                tally.meter.fail(failure);
            }
        });
    }
    drop(begun);
    // Nobody submits before every watcher holds a snapshot. One that fails hangs up instead, and is told below.
    while all_begun.recv().await.is_some() {}
    let submitting = Arc::clone(&tally);
    let target = args.target.clone();
    tokio::spawn(async move {
        if let Err(failure) = submit(&args, &submitting).await {
            submitting.meter.fail(failure);
        }
    });
    let measured = tally.meter.measure(&target.span, target.pid).await?;
    Ok(Measured {
        bytes: tally.bytes(),
        ..measured
    })
}

/// Waits until nobody watches any more: with those of the measurement before, there could be more watches than a daemon
/// takes.
async fn alone(addr: SocketAddr) -> Result<(), Failure> {
    let mut client = Client::connect(&format!("http://{addr}")).await?;
    let asked = Instant::now();
    while client.get_status(v1::GetStatusRequest {}).await?.watchers > 0 {
        if asked.elapsed() > LEFT_OVER {
            return Err("somebody else watches".into());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn submit(args: &Args, tally: &Tally) -> Result<(), Failure> {
    let cycle = Cycle::items(args.mix, v1::AnswerDetail::Brief);
    let head = head(args.target.addr, "LeaderboardService/SubmitResults")?;
    let mut connection = Connection::open(args.target.addr).await?;
    let mut items = Items::start(&mut connection, &head).await?;
    let mut pace = Pace::new(args.window, args.rate)?;
    while !tally.meter.stopped() {
        let allowed = pace.allow(tally, items.sent as u64);
        items.send(&cycle, allowed as usize)?;
        tokio::select! {
            answered = items.answers() => drop(answered?),
            waited = pace.wait(tally) => waited?,
        }
    }
    Ok(())
}

/// The watchers of one connection.
struct Watchers {
    frames: Frames,
    /// The revision each holds, by stream; 0 = not a whole snapshot yet.
    held: Vec<u64>,
    /// Watchers whose snapshot is whole.
    begun: usize,
    /// The revision all snapshots are true at.
    base: u64,
}

impl Watchers {
    async fn open(addr: SocketAddr, count: usize) -> Result<Self, Failure> {
        let request = v1::WatchLeaderboardRequest {
            boards: vec![BENCHMARK.to_owned()],
            ..v1::WatchLeaderboardRequest::default()
        };
        let mut frames = Frames::open(addr).await?;
        for _ in 0..count {
            let method = "/frontier.v1.LeaderboardService/WatchLeaderboard";
            frames.call(method, &request.encode_to_vec());
        }
        frames.flush().await?;
        Ok(Self {
            frames,
            held: vec![0; count],
            begun: 0,
            base: 0,
        })
    }

    async fn run(mut self, tally: &Tally, begun: mpsc::Sender<()>) -> Result<(), Failure> {
        while self.begun < self.held.len() {
            self.frames.read().await?;
            self.take(tally)?;
        }
        drop(begun);
        while !tally.meter.stopped() {
            self.frames.read().await?;
            self.take(tally)?;
        }
        Ok(())
    }

    /// Everything that has arrived.
    fn take(&mut self, tally: &Tally) -> Result<(), Failure> {
        // Messages of one watcher that follow each other are counted together.
        let mut run = Run::default();
        while let Some(event) = self.frames.next()? {
            let Event { stream, message } = event;
            if self.held[stream] == 0 {
                if nested(&message, 4).is_some() {
                    self.held[stream] = number(&message, 2);
                    self.begun += 1;
                    self.base = self.base.max(self.held[stream]);
                }
                continue;
            }
            let held = self.held[stream];
            let Some(delta) = nested(&message, 5) else {
                // Progress says nothing new here: every revision concerns the board.
                if number(&message, 2) == held {
                    continue;
                }
                return Err("a frame that is neither delta nor progress".into());
            };
            if number(delta, 1) != held || number(&message, 2) != held + 1 {
                let to = number(&message, 2);
                let from = number(delta, 1);
                return Err(format!("holds {held}, got a delta from {from} to {to}").into());
            }
            self.held[stream] = held + 1;
            run.add(stream, held - self.base, message.len(), tally)?;
        }
        run.end(tally)
    }
}

/// Messages of one watcher in a row.
#[derive(Default)]
struct Run {
    stream: usize,
    from: u64,
    to: u64,
    bytes: usize,
}

impl Run {
    fn add(&mut self, stream: usize, at: u64, bytes: usize, to: &Tally) -> Result<(), Failure> {
        if stream != self.stream || self.to != at {
            self.end(to)?;
            *self = Self {
                stream,
                from: at,
                to: at,
                bytes: 0,
            };
        }
        self.to += 1;
        self.bytes += bytes;
        Ok(())
    }

    fn end(&self, tally: &Tally) -> Result<(), Failure> {
        if self.from == self.to {
            return Ok(());
        }
        tally.delivered(self.from..self.to, self.bytes)
    }
}
