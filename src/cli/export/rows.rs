//! Results as csv, as jsonl, and as records of the Every Eval Ever schema.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::Kind;
use super::source::Source;
use super::target::Target;
use crate::cli::Failure;
use crate::cli::failure::say;
use crate::cli::output::{Format, print_line};
use crate::cli::progress::Progress;
use crate::export::{Catalog, CsvTable, JsonlTable, Row, Scope, Table, eee};
use crate::log::Chunk;
use crate::model::{Date, Entry, Revision};

/// What is wanted of the log.
pub(super) struct Wanted {
    pub(super) kind: Kind,
    pub(super) board: Option<String>,
    pub(super) revision: Option<i64>,
    pub(super) date: Option<String>,
}

/// Reads the log twice and writes the rows of its results, oldest first.
pub(super) async fn export(
    mut source: Source,
    wanted: &Wanted,
    out: &Path,
    format: Format,
) -> Result<(), Failure> {
    let end = source.revision(wanted.revision)?;
    let scope = wanted.scope()?;
    let mut progress = Progress::new("exporting", 2 * end);
    let mut catalog = Catalog::default();
    let learn = |entry: Entry| {
        catalog.learn(entry);
        Ok(())
    };
    each(&mut source, end, learn, |revision| progress.at(revision)).await?;
    known(&catalog, &scope)?;
    let mut file = File::create(wanted.kind, out)?;
    let mut rows = 0_u64;
    let write = |entry: Entry| {
        if let Some(row) = catalog.row(&entry, &scope)
            && file.row(&row)?
        {
            rows += 1;
        }
        Ok(())
    };
    each(&mut source, end, write, |revision| {
        progress.at(end + revision);
    })
    .await?;
    progress.end();
    let to = file.finish()?;
    tell(format, &to, rows, end)
}

impl Wanted {
    fn scope(&self) -> Result<Scope, Failure> {
        let day = |text: &String| -> Result<Date, Failure> {
            text.parse().map_err(|_| {
                Failure::Usage(format!(
                    "`--as-of-date {text}` is not a date: give YYYY-MM-DD"
                ))
            })
        };
        Ok(Scope {
            benchmark: self.board.clone(),
            date: self.date.as_ref().map(day).transpose()?,
        })
    }
}

/// Every entry up to a revision.
async fn each(
    source: &mut Source,
    end: Revision,
    mut take: impl FnMut(Entry) -> Result<(), Failure>,
    mut progress: impl FnMut(Revision),
) -> Result<(), Failure> {
    if end == 0 {
        return Ok(());
    }
    let entries = |chunk: &Chunk| {
        let entries = chunk.decode();
        entries.map_err(|error| Failure::Failed(error.to_string()))
    };
    source
        .walk(1, |chunk| {
            let wanted = entries(&chunk)?.into_iter();
            for entry in wanted.filter(|entry| entry.revision <= end) {
                take(entry)?;
            }
            progress(chunk.last.min(end));
            Ok(chunk.last < end)
        })
        .await
}

/// A board that holds results: computed ones hold none of their own.
fn known(catalog: &Catalog, scope: &Scope) -> Result<(), Failure> {
    let Some(board) = &scope.benchmark else {
        return Ok(());
    };
    if catalog.benchmarks().any(|known| known == board) {
        return Ok(());
    }
    if board == "overall" || board.starts_with("suite/") {
        return Err(Failure::Usage(format!(
            "`{board}` is computed from the results of benchmarks: name one of those, or none for all"
        )));
    }
    let known: Vec<&str> = catalog.benchmarks().take(20).collect();
    Err(Failure::Failed(format!(
        "there is no benchmark `{board}`; there are: {}",
        if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        }
    )))
}

/// Where rows go.
enum File {
    Csv(Box<CsvTable<Target>>),
    Jsonl(JsonlTable<Target>),
    Records(Target),
    /// A directory, a file a record.
    RecordFiles(std::path::PathBuf),
}

impl File {
    fn create(kind: Kind, out: &Path) -> Result<Self, Failure> {
        Ok(match kind {
            Kind::Csv => Self::Csv(Box::new(CsvTable::new(Target::create(out)?)?)),
            Kind::Eee if out.is_dir() => Self::RecordFiles(out.to_owned()),
            Kind::Eee => Self::Records(Target::create(out)?),
            Kind::Jsonl | Kind::Store => Self::Jsonl(JsonlTable::new(Target::create(out)?)),
        })
    }

    /// Writes a row. False: the format has no place for it.
    fn row(&mut self, row: &Row<'_>) -> Result<bool, Failure> {
        match self {
            Self::Csv(table) => table.row(row)?,
            Self::Jsonl(table) => table.row(row)?,
            Self::Records(target) => {
                let Some((_, record)) = eee::record(row) else {
                    return Ok(false);
                };
                writeln!(target, "{record}")?;
            }
            Self::RecordFiles(dir) => {
                let Some((name, record)) = eee::record(row) else {
                    return Ok(false);
                };
                let dir = dir.join(eee::directory(row));
                fs::create_dir_all(&dir)?;
                let mut target = Target::create(&dir.join(format!("{name}.json")))?;
                writeln!(target, "{record:#}")?;
                target.finish()?;
            }
        }
        Ok(true)
    }

    /// Makes all of it durable. Answers where it is.
    fn finish(self) -> Result<String, Failure> {
        match self {
            Self::Csv(table) => table.into_inner()?.finish(),
            Self::Jsonl(table) => table.into_inner().finish(),
            Self::Records(mut target) => target.finish(),
            Self::RecordFiles(dir) => Ok(dir.display().to_string()),
        }
    }
}

fn tell(format: Format, to: &str, rows: u64, revision: Revision) -> Result<(), Failure> {
    if format == Format::Json && to != "-" {
        let value = serde_json::json!({"file": to, "rows": rows, "revision": revision});
        return Ok(print_line(&format!("{value:#}"))?);
    }
    let to = if to == "-" { "standard output" } else { to };
    say(&format!(
        "wrote {rows} results as of revision {revision} to {to}"
    ));
    Ok(())
}
