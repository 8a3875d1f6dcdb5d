//! `frontierd export`: results and whole stores into files.

mod rows;
mod source;
mod store;
mod target;

use std::path::PathBuf;

use clap::ValueEnum;

use super::Failure;
use super::args::{Connection, Past};
use super::output::Format;
use source::Source;
use target::Target;

/// Write results, or the whole store, into a file
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A store can be exported while the daemon serves; `frontierd verify FILE` checks it, `frontierd import store FILE`\nrestores it. csv and jsonl hold results; `frontierd import csv FILE --create-benchmarks` reads them elsewhere.\n\nExamples:\n  frontierd export --format store --out backup.frontier\n  frontierd export --format store --data-dir /var/lib/frontierd --out backup.frontier  (no daemon needs to run)\n  frontierd export --format csv gpqa-diamond --as-of-date 2025-01-20 --out gpqa.csv\n  frontierd export --format eee --out records/"
)]
pub(super) struct Args {
    /// What to write
    #[arg(long = "format", value_name = "FORMAT")]
    kind: Kind,
    /// Results on this benchmark only [default: all]
    board: Option<String>,
    /// Where to; `-` is standard output. A file appears whole or not at all
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Read the store of a stopped daemon instead of asking a running one
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(flatten)]
    past: Past,
    #[command(flatten)]
    connection: Connection,
}

/// What an export writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A JSON object a line, a line a result, with the columns of `import jsonl`
    Jsonl,
    /// A line a result, with the columns of `import csv`
    Csv,
    /// Records of the Every Eval Ever schema 0.3.0: a line each, or into a directory a file each
    Eee,
    /// The whole store with its hash chain: a backup
    Store,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let source = match &self.data_dir {
            Some(dir) => Source::stopped(dir)?,
            None => Source::running(&self.connection).await?,
        };
        let work = async {
            if self.kind == Kind::Store {
                if let Some(board) = &self.board {
                    return Err(Failure::Usage(format!(
                        "a store is exported whole: leave `{board}` out, or give another `--format`"
                    )));
                }
                let mut target = Target::create(&self.out)?;
                return store::export(source, &self.past, &mut target, format).await;
            }
            let wanted = rows::Wanted {
                kind: self.kind,
                board: self.board.clone(),
                revision: self.past.revision(),
                date: self.past.date().map(str::to_owned),
            };
            rows::export(source, &wanted, &self.out, format).await
        };
        tokio::select! {
            done = work => done,
            // Dropping the target removes what was written so far.
            _ = tokio::signal::ctrl_c() => Err(Failure::Failed(format!(
                "interrupted; nothing was written to `{}`",
                self.out.display()
            ))),
        }
    }
}
