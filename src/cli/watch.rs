//! `frontierd watch`: every change of boards, as JSON lines or handed to a command.

pub(super) mod event;

use std::process::Stdio;
use std::time::Duration;

use clap::ValueEnum;
use tokio::io::AsyncWriteExt;

use super::Failure;
use super::args::{Basis, Connection, OrderBy, Rows};
use super::failure::say;
use super::output::{Format, print_line};
use crate::client::{Update, Watch};
use crate::proto::json;
use crate::proto::v1::{Detail, WatchAfter, WatchLeaderboardRequest, WatchLeaderboardResponse};

/// Follow boards: a snapshot, then every change, over broken connections and restarts
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  frontierd watch gpqa-diamond overall\n  frontierd watch aider-polyglot --model sonnet-1022 --exec 'jq -r .otherModel | mail -s \"a cheaper model\" team@example.org'\n\nPrints a frame a line as JSON; with `--output human` a sentence for each event. `--exec` runs a shell command for each event, one after the other, with the event as JSON on standard input."
)]
pub(super) struct Args {
    /// Boards: benchmark ids, `overall`, `suite/TAG` [default: all benchmarks]
    boards: Vec<String>,
    /// Only rows and events of this model; repeat for several
    #[arg(long = "model", value_name = "MODEL")]
    models: Vec<String>,
    /// Shell command to run for each event
    #[arg(long, value_name = "CMD")]
    exec: Option<String>,
    /// Events only, no rows; implied by `--exec` and `--output human`
    #[arg(long)]
    events_only: bool,
    /// Only the first rows
    #[arg(long, value_name = "N")]
    top: Option<i32>,
    /// Order of the first rows [default: score]
    #[arg(long)]
    order: Option<OrderBy>,
    /// Cost basis [default: each board's]
    #[arg(long)]
    basis: Option<Basis>,
    /// How much of each row; full needs `--top` [default: intrinsic]
    #[arg(long)]
    detail: Option<RowDetail>,
    /// Fold changes: 100 ms, 1 s or 10 s, rounded up
    #[arg(long, value_name = "MILLISECONDS")]
    min_interval: Option<u64>,
    /// Go on after this revision instead of starting with a snapshot
    #[arg(long, value_name = "REVISION")]
    after: Option<i64>,
    /// The store that `--after` is of; another one is refused
    #[arg(
        long,
        value_name = "ID",
        requires = "after",
        default_value = "",
        hide_default_value = true
    )]
    store_id: String,
    /// Start with a snapshot where `--after` is too old, instead of failing
    #[arg(long, requires = "after")]
    resnapshot: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    rows: Rows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RowDetail {
    /// What no other row can change
    Intrinsic,
    /// Every field
    Full,
}

impl Args {
    fn request(&self, events_only: bool) -> WatchLeaderboardRequest {
        let detail = match self.detail {
            None => Detail::Unspecified,
            Some(RowDetail::Intrinsic) => Detail::Intrinsic,
            Some(RowDetail::Full) => Detail::Full,
        };
        let interval = self.min_interval.map(Duration::from_millis);
        WatchLeaderboardRequest {
            boards: self.boards.clone(),
            models: self.models.clone(),
            order: OrderBy::wire(self.order),
            cost_basis: Basis::wire(self.basis),
            top: self.top,
            row_filter: self.rows.message(),
            detail: detail.into(),
            after: self.after.map(|revision| WatchAfter {
                revision,
                store_id: self.store_id.clone(),
                resnapshot: self.resnapshot,
            }),
            min_interval: interval.and_then(|interval| interval.try_into().ok()),
            events_only,
        }
    }

    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let events_only = self.events_only || self.exec.is_some() || format == Format::Human;
        let client = self.connection.client().await?;
        let mut watch = Watch::new(client, self.request(events_only));
        loop {
            match watch.next().await? {
                Update::Frame { frame, .. } => self.tell(&frame, format).await?,
                Update::Disconnected { why, pause } => say(&format!(
                    "connection lost ({why}); trying again in {} ms",
                    pause.as_millis()
                )),
                Update::Restarted { why } => {
                    say(&format!("cannot go on where it was ({why}); starting over"));
                }
            }
        }
    }

    async fn tell(&self, frame: &WatchLeaderboardResponse, format: Format) -> Result<(), Failure> {
        if let Some(command) = &self.exec {
            for event in event::json_of(frame)? {
                execute(command, &event).await?;
            }
            return Ok(());
        }
        match format {
            Format::Json => {
                let value = json::to_value("WatchLeaderboardResponse", frame)?;
                print_line(&value.to_string())?;
            }
            Format::Human => {
                for sentence in event::sentences(frame) {
                    print_line(&sentence)?;
                }
            }
        }
        Ok(())
    }
}

/// Runs the command to its end, so that events are handled in order. What the command makes of it is its own affair.
async fn execute(command: &str, event: &str) -> Result<(), Failure> {
    let mut child = tokio::process::Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        let line = format!("{event}\n");
        match stdin.write_all(line.as_bytes()).await {
            // It may end without reading.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                return Err(error.into());
            }
            _ => {}
        }
    }
    let status = child.wait().await?;
    if !status.success() {
        say(&format!("`{command}` ended with {status}"));
    }
    Ok(())
}
