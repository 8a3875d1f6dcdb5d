//! `frontierd verify`: walk the hash chain of a store that is not being served.

use std::path::PathBuf;

use super::Failure;
use super::output::{Format, print, print_line};
use super::table::facts;
use crate::config::{DATA_DIR_DEFAULT, store_dir};
use crate::log::{Head, Log, SledLog, SledOptions, Verification, verify};

/// Check every chunk of a store, offline
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd verify --data-dir /var/lib/frontierd --expect 1200:5f0c...  (as `GetStatus` or an earlier `verify` printed it)"
)]
pub(super) struct Args {
    /// Data directory of the daemon
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR", default_value = DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
    /// A head that was noted earlier: it must still be part of the chain
    #[arg(long, value_name = "REVISION:HASH")]
    expect: Option<Head>,
}

impl Args {
    pub(super) fn run(self, format: Format) -> Result<(), Failure> {
        let options = SledOptions {
            create: false,
            ..SledOptions::default()
        };
        let (log, _) = SledLog::open(&store_dir(&self.data_dir), options)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let expect = self.expect.map(|head| (head.revision, head.hash));
        let found = verify(log.reader().as_ref(), expect, &mut |_| {});
        match format {
            Format::Human => print(&text(log.store_id(), &found))?,
            Format::Json => print_line(&json(log.store_id(), &found))?,
        }
        if found.is_sound() {
            Ok(())
        } else {
            Err(Failure::Condition)
        }
    }
}

fn verdict(found: &Verification) -> &'static str {
    if found.is_sound() { "sound" } else { "broken" }
}

fn text(store_id: &str, found: &Verification) -> String {
    facts(
        0,
        &[
            ("store", Some(store_id.to_owned())),
            ("chain", Some(verdict(found).to_owned())),
            ("head", Some(found.head.to_string())),
            ("chunks", Some(found.chunks.to_string())),
            ("entries", Some(found.entries.to_string())),
            ("bytes", Some(found.bytes.to_string())),
            ("breaks", found.fault.as_ref().map(ToString::to_string)),
            (
                "expected",
                found.expectation.map(|outcome| outcome.to_string()),
            ),
        ],
    )
}

fn json(store_id: &str, found: &Verification) -> String {
    let value = serde_json::json!({
        "storeId": store_id,
        "sound": found.is_sound(),
        "head": found.head.to_string(),
        "chunks": found.chunks,
        "entries": found.entries,
        "bytes": found.bytes,
        "fault": found.fault.as_ref().map(ToString::to_string),
        "expectation": found.expectation.map(|outcome| outcome.to_string()),
    });
    format!("{value:#}")
}
