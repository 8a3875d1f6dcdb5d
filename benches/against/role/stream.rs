//! SubmitResults: as many items in flight as the window allows, every answer checked in its order.

use std::sync::Arc;

use bytes::Bytes;
use frontierd::proto::v1::AnswerDetail;
use h2::SendStream;
use http::Request;

use super::Target;
use crate::Failure;
use crate::grpc::{Answers, Connection, head, nested, number};
use crate::messages::{Cycle, Mix};
use crate::meter::{Measured, Meter};

#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// Streams, each on a connection of its own
    #[arg(long, default_value_t = 4)]
    streams: usize,
    /// Items in flight on each stream
    #[arg(long, default_value_t = 256)]
    window: usize,
    #[command(flatten)]
    mix: Mix,
    /// Ask for full answers instead of brief ones
    #[arg(long)]
    full: bool,
}

pub async fn run(args: Args) -> Result<Measured, Failure> {
    let detail = if args.full {
        AnswerDetail::Full
    } else {
        AnswerDetail::Brief
    };
    let cycle = Arc::new(Cycle::items(args.mix, detail));
    let head = head(args.target.addr, "LeaderboardService/SubmitResults")?;
    let meter = Arc::new(Meter::new()?);
    for _ in 0..args.streams {
        let connection = Connection::open(args.target.addr).await?;
        let (head, cycle, shared) = (head.clone(), Arc::clone(&cycle), Arc::clone(&meter));
        tokio::spawn(async move {
            if let Err(failure) = stream(connection, &head, &cycle, args.window, &shared).await {
                shared.fail(failure);
            }
        });
    }
    meter.measure(&args.target.span, args.target.pid).await
}

async fn stream(
    mut connection: Connection,
    head: &Request<()>,
    cycle: &Cycle,
    window: usize,
    meter: &Meter,
) -> Result<(), Failure> {
    let mut items = Items::start(&mut connection, head).await?;
    while !meter.stopped() {
        items.send(cycle, items.answered + window)?;
        meter.add(items.answers().await?);
    }
    Ok(())
}

/// A stream of items and their answers.
pub struct Items {
    body: SendStream<Bytes>,
    incoming: Incoming,
    /// Items sent.
    pub sent: usize,
    /// Items answered.
    pub answered: usize,
}

/// Answers begin with the first item at the earliest.
enum Incoming {
    Awaited(h2::client::ResponseFuture),
    Begun(Answers),
}

impl Items {
    pub async fn start(connection: &mut Connection, head: &Request<()>) -> Result<Self, Failure> {
        let (answer, body) = connection.start(head).await?;
        Ok(Self {
            body,
            incoming: Incoming::Awaited(answer),
            sent: 0,
            answered: 0,
        })
    }

    /// Sends items until this many have been sent in all.
    pub fn send(&mut self, cycle: &Cycle, total: usize) -> Result<(), Failure> {
        while self.sent < total {
            let (piece, count) = cycle.run(self.sent, total - self.sent);
            self.body.send_data(piece, false)?;
            self.sent += count;
        }
        Ok(())
    }

    /// Waits for one answer and takes all that came with it. Nothing is lost where the wait is given up.
    pub async fn answers(&mut self) -> Result<u64, Failure> {
        if let Incoming::Awaited(answer) = &mut self.incoming {
            self.incoming = Incoming::Begun(Answers::of(answer).await?);
        }
        let Incoming::Begun(answers) = &mut self.incoming else {
            return Err("the stream did not begin".into());
        };
        let mut count = 0;
        let mut next = answers.next().await?;
        if next.is_none() {
            answers.end().await?;
            return Err("the stream ended".into());
        }
        while let Some(answer) = next {
            check(&answer, self.answered)?;
            self.answered += 1;
            count += 1;
            next = answers.ready();
        }
        Ok(count)
    }
}

/// The answer must be to the next item, and accept it.
fn check(answer: &[u8], index: usize) -> Result<(), Failure> {
    if number(answer, 1) != index as u64 {
        return Err(format!("answer {} came as number {index}", number(answer, 1)).into());
    }
    match nested(answer, 2).or_else(|| nested(answer, 3)) {
        Some(accepted) if number(accepted, 1) > 0 => Ok(()),
        _ => {
            let refused = nested(answer, 4).map(String::from_utf8_lossy);
            Err(format!("item {index} was refused: {refused:?}").into())
        }
    }
}
