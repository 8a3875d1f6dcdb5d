//! `frontierd verify`: walk the hash chain of a store that is not being served, or of a store file.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Failure;
use super::output::{Format, print, print_line};
use super::progress::Progress;
use super::table::facts;
use crate::config::{DATA_DIR_DEFAULT, store_dir};
use crate::log::{
    BackupReader, Head, Log, SledLog, SledOptions, Verification, verify, verify_chunks,
};

/// Check every chunk of a stopped daemon's store, or of a store file
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd verify --data-dir /var/lib/frontierd --expect 1200:5f0c...  (as `GetStatus` or an earlier `verify` printed it)\n  frontierd verify backup.frontier"
)]
pub(super) struct Args {
    /// A file that `export --format store` wrote, instead of a data directory; `-` reads standard input
    file: Option<PathBuf>,
    /// Data directory of the daemon
    #[arg(long, value_name = "DIR", env = "FRONTIERD_DATA_DIR", default_value = DATA_DIR_DEFAULT)]
    data_dir: PathBuf,
    /// A head that was noted earlier: it must still be part of the chain
    #[arg(long, value_name = "REVISION:HASH")]
    expect: Option<Head>,
}

impl Args {
    pub(super) fn run(self, format: Format) -> Result<(), Failure> {
        let (store_id, found) = match &self.file {
            Some(file) => (None, self.verify_file(file)?),
            None => self.verify_store()?,
        };
        let store_id = store_id.as_deref();
        match format {
            Format::Human => print(&text(store_id, self.file.as_deref(), &found))?,
            Format::Json => print_line(&json(store_id, &found))?,
        }
        if found.is_sound() {
            Ok(())
        } else {
            Err(Failure::Condition)
        }
    }

    fn expected(&self) -> Option<(u64, [u8; 32])> {
        self.expect.map(|head| (head.revision, head.hash))
    }

    fn verify_store(&self) -> Result<(Option<String>, Verification), Failure> {
        let options = SledOptions {
            create: false,
            ..SledOptions::default()
        };
        let (log, _) = SledLog::open(&store_dir(&self.data_dir), options)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let mut progress = Progress::new("verifying", log.head().revision);
        let reader = log.reader();
        let found = verify(&*reader, self.expected(), &mut |revision| {
            progress.at(revision);
        });
        progress.end();
        Ok((Some(log.store_id().to_owned()), found))
    }

    fn verify_file(&self, file: &Path) -> Result<Verification, Failure> {
        let chunks = open_backup(file)?;
        let end = chunks.end().revision;
        let mut progress = Progress::new("verifying", end);
        let found = verify_chunks(chunks, end, self.expected(), &mut |revision| {
            progress.at(revision);
        });
        progress.end();
        Ok(found)
    }
}

/// Opens a store file; `-` is standard input.
pub(super) fn open_backup(file: &Path) -> Result<BackupReader<Box<dyn Read>>, Failure> {
    let name = file.display();
    let from: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let opened = File::open(file)
            .map_err(|error| Failure::Failed(format!("cannot read `{name}`: {error}")))?;
        Box::new(opened)
    };
    let from: Box<dyn Read> = Box::new(BufReader::with_capacity(64 * 1024, from));
    BackupReader::new(from).map_err(|fault| Failure::Failed(format!("`{name}`: {fault}")))
}

fn verdict(found: &Verification) -> &'static str {
    if found.is_sound() { "sound" } else { "broken" }
}

fn text(store_id: Option<&str>, file: Option<&Path>, found: &Verification) -> String {
    facts(
        0,
        &[
            ("store", store_id.map(str::to_owned)),
            ("file", file.map(|file| file.display().to_string())),
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

fn json(store_id: Option<&str>, found: &Verification) -> String {
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
