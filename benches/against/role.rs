//! The processes of a measurement, and what a load client is told.

mod echo;
mod fill;
mod rank;
mod schedule;
mod stream;
mod subscribe;
mod sync_probe;
mod tally;
mod unary;
mod watch;

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use crate::Failure;
use crate::meter::Measured;

#[derive(Subcommand, Debug)]
pub enum Role {
    /// A tonic server that decodes a submission and answers at once, always the same
    Echo(echo::Args),
    /// The same, after the submission's bytes are on the disk: one fdatasync for all that wait
    CommitEcho(echo::CommitArgs),
    /// Appends and syncs a file by one thread, and tells how long that takes
    SyncProbe(sync_probe::Args),
    /// A load client
    #[command(subcommand)]
    Load(Load),
}

#[derive(Subcommand, Debug)]
pub enum Load {
    /// SubmitResult, by callers that wait for their answers, or at a rate
    Submit(unary::Args),
    /// GetStanding
    Standing(unary::Args),
    /// SubmitResults
    Stream(stream::Args),
    /// Submits one result for each model of a board
    Fill(fill::Args),
    /// WatchLeaderboard by many, every delta checked, while results are submitted
    Watch(watch::Args),
    /// Redis: publish and subscribe, every message checked
    Subscribe(subscribe::Args),
    /// Redis: rank and score of a member, asked for in one write
    Rank(rank::Args),
}

/// Who is measured, and how long.
#[derive(Args, Clone, Debug)]
pub struct Target {
    /// Where it listens
    #[arg(long)]
    pub addr: SocketAddr,
    /// Its process, to tell its CPU time
    #[arg(long)]
    pub pid: Option<u32>,
    #[command(flatten)]
    pub span: Span,
}

/// How long a measurement takes.
#[derive(Args, Clone, Copy, Debug)]
pub struct Span {
    /// Seconds that are measured
    #[arg(long, default_value_t = 5.0)]
    pub seconds: f64,
    /// Seconds of load before that
    #[arg(long, default_value_t = 2.0)]
    pub warm_up: f64,
}

/// Runs one role. A load client prints what it measured as one line of JSON.
pub fn run(role: Role) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let measured = match role {
        Role::Echo(args) => return runtime.block_on(echo::run(args)),
        Role::CommitEcho(args) => return runtime.block_on(echo::run_commit(args)),
        Role::Load(Load::Fill(args)) => return runtime.block_on(fill::run(args)),
        Role::SyncProbe(args) => sync_probe::run(&args)?,
        Role::Load(load) => runtime.block_on(measure(load))?,
    };
    println!("{}", serde_json::to_string(&measured)?);
    Ok(())
}

async fn measure(load: Load) -> Result<Measured, Failure> {
    match load {
        Load::Submit(args) => unary::submit(args).await,
        Load::Standing(args) => unary::standing(args).await,
        Load::Stream(args) => stream::run(args).await,
        Load::Watch(args) => watch::run(args).await,
        Load::Subscribe(args) => subscribe::run(args).await,
        Load::Rank(args) => rank::run(args).await,
        Load::Fill(_) => Err("fill measures nothing".into()),
    }
}
