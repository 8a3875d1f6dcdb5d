//! The least a gRPC server in Rust can do with the same messages: tonic, with and without a disk.
//!
//! The submission is decoded. The answer is one that the daemon gave, encoded anew for every call from one message
//! that nobody copies.

mod codec;
mod items;
mod service;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;

use frontierd::proto::v1::{GetStandingResponse, SubmitResultResponse};
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tonic::transport::server::TcpIncoming;

use self::service::Echo;
use crate::Failure;

#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// File with the answer, an encoded SubmitResultResponse
    #[arg(long)]
    answer: PathBuf,
    /// File with an encoded GetStandingResponse
    #[arg(long)]
    standing: PathBuf,
}

#[derive(clap::Args, Debug)]
pub struct CommitArgs {
    #[command(flatten)]
    echo: Args,
    /// File that submissions are appended to; it is overwritten
    #[arg(long)]
    file: PathBuf,
    /// Bytes appended for each
    #[arg(long)]
    bytes: usize,
}

pub async fn run(args: Args) -> Result<(), Failure> {
    serve(args, None).await
}

pub async fn run_commit(args: CommitArgs) -> Result<(), Failure> {
    let writer = Writer::start(&args.file, args.bytes)?;
    serve(args.echo, Some(writer)).await
}

async fn serve(args: Args, writer: Option<Writer>) -> Result<(), Failure> {
    let answer = SubmitResultResponse::decode(fs::read(&args.answer)?.as_slice())?;
    let standing = GetStandingResponse::decode(fs::read(&args.standing)?.as_slice())?;
    let echo = Echo {
        answer: Arc::new(answer),
        standing: Arc::new(standing),
        writer,
    };
    let listener = TcpListener::bind(args.listen).await?;
    println!("serving on {}", listener.local_addr()?);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    tonic::transport::Server::builder()
        .add_service(echo)
        .serve_with_incoming(incoming)
        .await?;
    Ok(())
}

/// The thread that owns the file.
#[derive(Clone)]
struct Writer {
    queue: mpsc::Sender<oneshot::Sender<()>>,
}

impl Writer {
    fn start(file: &Path, bytes: usize) -> io::Result<Self> {
        let file = OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .open(file)?;
        let (queue, waiting) = mpsc::channel();
        thread::spawn(move || write(file, bytes, &waiting));
        Ok(Self { queue })
    }

    /// Waits until the bytes of one submission are durable.
    async fn commit(&self) -> Result<(), Failure> {
        Ok(self.begin()?.await?)
    }

    /// Has the bytes of one submission made durable.
    fn begin(&self) -> Result<oneshot::Receiver<()>, Failure> {
        let (done, durable) = oneshot::channel();
        self.queue.send(done)?;
        Ok(durable)
    }
}

/// Everything that waits becomes one write and one sync. A failed one drops the callers, who hear of an error.
fn write(mut file: File, bytes: usize, waiting: &mpsc::Receiver<oneshot::Sender<()>>) {
    let mut block = Vec::new();
    let mut callers = Vec::new();
    while let Ok(first) = waiting.recv() {
        callers.push(first);
        callers.extend(waiting.try_iter());
        block.resize(bytes * callers.len(), 0x5a);
        if file
            .write_all(&block)
            .and_then(|()| file.sync_data())
            .is_err()
        {
            return;
        }
        for caller in callers.drain(..) {
            let _ = caller.send(());
        }
    }
}
