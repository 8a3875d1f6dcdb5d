//! `frontierd recover`: what is sound of a damaged store becomes a new store.

use std::path::PathBuf;

use super::Failure;
use super::output::{Format, print, print_line};
use super::table::facts;
use crate::config::{DATA_DIR_DEFAULT, store_dir};
use crate::log::{Beyond, Recovered, recover};

/// Keep what is sound of a damaged store, in a new one
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd recover --data-dir /var/lib/frontierd --into /var/lib/frontierd-recovered\n\nThe damaged store is only read, chunk by chunk, whether it opens or not. The longest prefix of its log whose hash chain is whole becomes a new store with a new id; nothing after the first damaged chunk is kept. A backup that is newer than the damage holds more: restore that first, if there is one."
)]
pub(super) struct Args {
    /// Data directory with the damaged store
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR", default_value = DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
    /// Data directory to make; it must not exist
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
}

impl Args {
    pub(super) fn run(self, format: Format) -> Result<(), Failure> {
        let from = store_dir(&self.data_dir);
        let inside = store_dir(std::path::Path::new(""));
        let found = recover(&from, &self.into, &inside, &mut |_, _| {})
            .map_err(|error| Failure::Failed(error.to_string()))?;
        match format {
            Format::Human => print(&self.text(&found))?,
            Format::Json => print_line(&json(&found))?,
        }
        Ok(())
    }

    fn text(&self, found: &Recovered) -> String {
        let lost = found.beyond.map_or_else(
            || {
                "nothing was found after that; compare with a head that was noted earlier"
                    .to_owned()
            },
            |beyond| lost(found.head.revision, beyond),
        );
        let kept = format!(
            "revisions 1 to {} ({} chunks, {} bytes), in `{}`",
            found.head.revision,
            found.chunks,
            found.bytes,
            self.into.display()
        );
        let old = format!("`{}`, as it was", self.data_dir.display());
        facts(
            0,
            &[
                ("kept", Some(kept)),
                ("lost", Some(lost)),
                ("store", Some(format!("{} (new id)", found.store_id))),
                ("head", Some(found.head.to_string())),
                ("damaged", Some(old)),
            ],
        )
    }
}

fn lost(kept: u64, beyond: Beyond) -> String {
    let Beyond { first, last } = beyond;
    if first > kept + 1 {
        return format!(
            "revisions {} to {} are damaged; {first} to {last} were found, do not continue the chain and are not kept",
            kept + 1,
            first - 1
        );
    }
    format!("revisions {first} to {last} were found, do not continue the chain and are not kept")
}

fn json(found: &Recovered) -> String {
    let value = serde_json::json!({
        "storeId": found.store_id,
        "head": found.head.to_string(),
        "headRevision": found.head.revision.to_string(),
        "chunks": found.chunks,
        "bytes": found.bytes,
        "beyond": found.beyond.map(|Beyond { first, last }| serde_json::json!({
            "firstRevision": first.to_string(),
            "lastRevision": last.to_string(),
        })),
    });
    format!("{value:#}")
}
