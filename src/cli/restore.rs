//! `frontierd import store`: a store from a file that `frontierd export --format store` wrote.

use std::path::PathBuf;

use super::Failure;
use super::output::{Format, print, print_line};
use super::progress::Progress;
use super::table::facts;
use super::verify::open_backup;
use crate::config::{DATA_DIR_DEFAULT, store_dir};
use crate::log::{Head, ImportError, SledLog, SledOptions};

/// Restore a store file into an empty data directory, all of it or nothing
#[derive(clap::Args, Debug)]
#[command(
    after_help = "The daemon that is to serve it must not run yet. The store gets an id of its own, so that watches of the old\none notice; history, revisions and hashes are those of the file.\n\nExample:\n  frontierd import store backup.frontier --data-dir /var/lib/frontierd\n  ssh lab frontierd export --format store | frontierd import store - --data-dir copy"
)]
pub(super) struct Args {
    /// Store file; `-` reads standard input
    file: PathBuf,
    /// Data directory: one that does not exist, or without a store, or with an empty one
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR", default_value = DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
}

impl Args {
    pub(super) fn run(self, format: Format) -> Result<(), Failure> {
        let chunks = open_backup(&self.file)?;
        let end = chunks.end().revision;
        let mut progress = Progress::new("restoring", end);
        let imported = SledLog::import(
            &store_dir(&self.data_dir),
            SledOptions::default(),
            chunks,
            &mut |revision| progress.at(revision),
        );
        progress.end();
        let (store_id, head) = imported.map_err(|error| self.failed(&error))?;
        Ok(match format {
            Format::Human => print(&self.text(&store_id, head)),
            Format::Json => print_line(&json(&store_id, head)),
        }?)
    }

    fn failed(&self, error: &ImportError) -> Failure {
        let (file, dir) = (self.file.display(), self.data_dir.display());
        Failure::Failed(match error {
            ImportError::Source(_) => {
                format!("`{file}`: {error}; nothing was imported into `{dir}`")
            }
            _ => format!("{error}; nothing was imported into `{dir}`"),
        })
    }

    fn text(&self, store_id: &str, head: Head) -> String {
        let dir = self.data_dir.display();
        let body = facts(
            0,
            &[
                ("restored", Some(dir.to_string())),
                ("store", Some(store_id.to_owned())),
                ("head", Some(head.to_string())),
            ],
        );
        format!("{body}serve it with `frontierd serve --data-dir {dir}`\n")
    }
}

fn json(store_id: &str, head: Head) -> String {
    let value = serde_json::json!({
        "storeId": store_id,
        "head": head.to_string(),
        "revision": head.revision,
    });
    format!("{value:#}")
}
