//! What the writer, the store, the boards and the watches have to tell.

use std::fmt;

use super::page::{BYTES, Page, SECONDS, about};
use crate::api::status::refusals;
use crate::api::watch::Watches;
use crate::board::Board;
use crate::clock::Clock;
use crate::commit::Commit;
use crate::limits::MAX_METRIC_BOARDS;

/// The label of boards past the most that are told by themselves.
const OTHER_BOARDS: &str = "other";

pub(super) fn submissions(page: &mut Page<'_>, commit: &Commit) -> fmt::Result {
    let counts = commit.counts();
    page.counters(
        about("frontierd_entries", "Entries made durable, by kind"),
        counts
            .entries()
            .map(|(kind, count)| (vec![("kind", kind)], count)),
    )?;
    page.counters(
        about(
            "frontierd_drafts_not_appended",
            "Well-formed writes that made no entry, and why",
        ),
        [
            ("replayed", &counts.replayed),
            ("unchanged", &counts.unchanged),
            ("refused", &counts.refused),
        ]
        .map(|(why, count)| (vec![("why", why)], count.get())),
    )?;
    page.counters(
        about(
            "frontierd_refusals",
            "Refused calls and refused items of streams, by reason",
        ),
        refusals()
            .into_iter()
            .map(|(reason, count)| (vec![("reason", reason)], count)),
    )?;
    page.histogram(
        about("frontierd_commit_entries", "Entries made durable together"),
        &counts.commit_entries.read(1.0),
    )?;
    page.histogram(
        about(
            "frontierd_commit_duration",
            "From handing a commit to the log until it was durable",
        )
        .in_unit(SECONDS),
        &counts.commit_durations.seconds(),
    )?;
    if let Some(syncs) = commit.log().syncs() {
        page.histogram(
            about(
                "frontierd_log_sync_duration",
                "How long the disk took to sync",
            )
            .in_unit(SECONDS),
            &syncs.seconds(),
        )?;
    }
    page.gauge(
        about("frontierd_queued_drafts", "Writes that wait for the writer"),
        commit.queued() as f64,
    )?;
    page.gauge(
        about(
            "frontierd_durable_lag_entries",
            "Entries judged and not yet durable",
        ),
        commit.durable_lag() as f64,
    )
}

pub(super) fn store(page: &mut Page<'_>, commit: &Commit, clock: &Clock) -> fmt::Result {
    let counts = commit.counts();
    page.gauge(
        about("frontierd_head_revision", "Newest durable revision"),
        commit.log().head().revision as f64,
    )?;
    page.gauge(
        about("frontierd_read_only", "1 after the store failed to write"),
        f64::from(u8::from(commit.is_poisoned())),
    )?;
    page.counter(
        about(
            "frontierd_log_appended",
            "Bytes of log appended since the start",
        )
        .in_unit(BYTES),
        &commit.log().bytes_appended(),
    )?;
    page.gauge(
        about(
            "frontierd_checkpoint_revision",
            "Revision of the newest checkpoint; 0 = none",
        ),
        commit.checkpoint_revision() as f64,
    )?;
    page.known(
        about(
            "frontierd_checkpoint_age",
            "Time since the newest checkpoint was written",
        )
        .in_unit(SECONDS),
        counts.checkpoint_time().map(|time| {
            let micros = clock.now().micros().saturating_sub(time.micros());
            micros.max(0) as f64 / 1e6
        }),
    )?;
    page.gauge(
        about(
            "frontierd_replay",
            "What the replay of the log took at the start",
        )
        .in_unit(SECONDS),
        counts.replay.took.as_secs_f64(),
    )?;
    page.gauge(
        about(
            "frontierd_replay_entries",
            "Entries replayed at the start, after the checkpoint",
        ),
        counts.replay.entries as f64,
    )
}

/// What the walk of the log in the background has come to.
pub(super) fn scrub(page: &mut Page<'_>, commit: &Commit) -> fmt::Result {
    let scrubbed = commit.scrubbed();
    page.gauge(
        about(
            "frontierd_scrubbed_revision",
            "The log on the disk was found sound up to here",
        ),
        scrubbed.revision as f64,
    )?;
    page.gauge(
        about(
            "frontierd_scrub_finished_time",
            "When a walk of the log last reached the head, seconds since 1970; 0 = not yet",
        )
        .in_unit(SECONDS),
        scrubbed
            .finished
            .map_or(0.0, |time| time.micros() as f64 / 1e6),
    )?;
    page.gauge(
        about(
            "frontierd_log_fault",
            "1 after the log on the disk was found damaged",
        ),
        f64::from(u8::from(scrubbed.fault.is_some())),
    )
}

pub(super) fn boards(page: &mut Page<'_>, board: &Board) -> fmt::Result {
    let catalog = board.catalog();
    page.gauge(
        about("frontierd_benchmarks", "Benchmarks"),
        catalog.benchmarks().len() as f64,
    )?;
    page.gauge(
        about("frontierd_models", "Models"),
        catalog.model_count() as f64,
    )?;
    page.gauge(
        about("frontierd_results", "Results of any status"),
        board.result_count() as f64,
    )?;
    let sizes: Vec<(&str, f64)> = catalog
        .benchmarks_by_id()
        .map(|(id, key)| (id.as_str(), board.standing_count(key) as f64))
        .collect();
    let (named, rest) = sizes.split_at(sizes.len().min(MAX_METRIC_BOARDS));
    let others =
        (!rest.is_empty()).then(|| (OTHER_BOARDS, rest.iter().map(|(_, size)| size).sum()));
    page.gauges(
        about("frontierd_board_standings", "Standings of each board"),
        named
            .iter()
            .copied()
            .chain(others)
            .map(|(id, size)| (vec![("board", id)], size)),
    )
}

pub(super) fn watches(page: &mut Page<'_>, commit: &Commit, watches: &Watches) -> fmt::Result {
    page.gauge(
        about("frontierd_watchers", "Open watches"),
        watches.watchers() as f64,
    )?;
    page.gauge(
        about("frontierd_watch_views", "Distinct views of them"),
        watches.views() as f64,
    )?;
    let frames = watches.frames();
    page.counters(
        about("frontierd_watch_frames", "Frames sent to watchers, by kind"),
        [
            ("snapshot", &frames.snapshots),
            ("delta", &frames.deltas),
            ("progress", &frames.progress),
        ]
        .map(|(kind, count)| (vec![("kind", kind)], count.get())),
    )?;
    let (revisions, bytes) = commit.hub().size();
    page.gauge(
        about(
            "frontierd_ring_revisions",
            "Revisions that watches can go back without a snapshot",
        ),
        revisions as f64,
    )?;
    page.gauge(
        about("frontierd_ring", "Memory of those revisions").in_unit(BYTES),
        bytes as f64,
    )
}
