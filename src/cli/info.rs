//! `frontierd info`: what a daemon is, and how it is doing.

use jiff::{SignedDuration, Timestamp};

use super::Failure;
use super::args::Connection;
use super::output::{Format, print, print_json};
use super::table::facts;
use crate::proto::v1::{GetStatusRequest, GetStatusResponse};

/// Show what a daemon is and how it is doing: store, revision, watchers, checkpoint, build
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd info --addr http://127.0.0.1:50051\n  frontierd info --output json | jq -r '\"\\(.headRevision):\\(.headHash)\"'   # to keep, for `verify --expect`"
)]
pub(super) struct Args {
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let mut client = self.connection.client().await?;
        let status = client.get_status(GetStatusRequest {}).await?;
        match format {
            Format::Json => print_json("GetStatusResponse", &status)?,
            Format::Human => print(&text(&status))?,
        }
        Ok(())
    }
}

/// A fact a line.
fn text(status: &GetStatusResponse) -> String {
    let up = SignedDuration::from_secs(status.uptime_seconds as i64);
    let features = match status.build_features.as_slice() {
        [] => "no optional parts".to_owned(),
        features => features.join(", "),
    };
    let known = [
        ("store", status.store_id.clone()),
        (
            "head",
            format!(
                "revision {}, hash {}",
                status.head_revision, status.head_hash
            ),
        ),
        (
            "holds",
            format!(
                "{} results of {} models on {} benchmarks",
                status.results, status.models, status.benchmarks
            ),
        ),
        (
            "writes",
            match (status.read_only, status.durable_lag + status.queued_drafts) {
                (true, _) => "refused: the store failed to write".to_owned(),
                (false, 0) => "none waits".to_owned(),
                (false, waiting) => format!("{waiting} on their way to the disk"),
            },
        ),
        (
            "watches",
            format!("{} of {} views", status.watchers, status.watch_views),
        ),
        (
            "resumable",
            format!(
                "after revision {} or later ({} revisions, {} kB)",
                status.oldest_resumable_revision,
                status.ring_revisions,
                status.ring_bytes / 1_000
            ),
        ),
        ("checkpoint", checkpoint(status)),
        ("disk", disk(status)),
        (
            "start",
            format!(
                "{up:#} ago, replayed {} entries in {:.3} s",
                status.replayed_entries, status.replay_seconds
            ),
        ),
        (
            "build",
            format!(
                "{} ({}, {}; {features}), board rules {}",
                status.version, status.build_commit, status.build_profile, status.board_version
            ),
        ),
    ];
    let known = known.map(|(name, value)| (name, Some(value)));
    facts(0, &known)
}

fn checkpoint(status: &GetStatusResponse) -> String {
    if status.checkpoint_revision == 0 {
        return "none yet".to_owned();
    }
    let behind = status.head_revision - status.checkpoint_revision;
    let written = status.checkpoint_time.as_ref().and_then(instant);
    let written = written.map_or_else(String::new, |time| format!(", written {time}"));
    format!(
        "revision {}, {behind} behind the head{written}",
        status.checkpoint_revision
    )
}

/// What the walk of the log in the background has come to.
fn disk(status: &GetStatusResponse) -> String {
    let sound = format!("sound up to revision {}", status.scrubbed_revision);
    if !status.log_fault.is_empty() {
        return format!("damaged, {sound}: {}", status.log_fault);
    }
    match status.scrubbed_time.as_ref().and_then(instant) {
        Some(time) => format!("{sound}, all of it read {time}"),
        None => format!("{sound}, not all of it read yet"),
    }
}

fn instant(time: &prost_types::Timestamp) -> Option<Timestamp> {
    Timestamp::new(time.seconds, 0).ok()
}
