//! `frontierd verify`: walk the hash chain of a store that is not being served.

use std::path::PathBuf;

use super::output::Format;
use super::Failure;
use crate::config::DATA_DIR_DEFAULT;

/// Check every chunk of a store, offline
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  frontierd verify --data-dir /var/lib/frontierd --expect 1200:5f0c...")]
pub(super) struct Args {
    /// Directory of the store
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR", default_value = DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
    /// A head that was noted earlier (`GetStatus` answers it): it must still be part of the chain
    #[arg(long, value_name = "REVISION:HASH", value_parser = expected)]
    expect: Option<Expected>,
}

/// A head that was noted earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Expected {
    revision: u64,
    hash: [u8; 32],
}

fn expected(text: &str) -> Result<Expected, String> {
    text.split_once(':')
        .and_then(|(revision, hash)| {
            Some(Expected {
                revision: revision.parse().ok().filter(|revision| *revision > 0)?,
                hash: *blake3::Hash::from_hex(hash).ok()?.as_bytes(),
            })
        })
        .ok_or_else(|| format!("`{text}` is not REVISION:HASH with 64 hexadecimal digits"))
}

impl Args {
    pub(super) fn run(self, _format: Format) -> Result<(), Failure> {
        let at = self.expect.map_or_else(String::new, |expect| {
            format!(" up to revision {} with {:?}", expect.revision, expect.hash)
        });
        Err(Failure::Failed(format!(
            "the store `{}` cannot be read by this build{at}",
            self.data_dir.display()
        )))
    }
}
