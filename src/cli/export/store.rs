//! The whole store as one file.

use super::source::Source;
use super::target::Target;
use crate::cli::Failure;
use crate::cli::args::Past;
use crate::cli::failure::say;
use crate::cli::output::{Format, print_line};
use crate::cli::progress::Progress;
use crate::log::{BackupWriter, Fault, Head, Written};

/// Writes the log up to its head, or up to the revision asked for.
pub(super) async fn export(
    mut source: Source,
    past: &Past,
    target: &mut Target,
    format: Format,
) -> Result<(), Failure> {
    target.refuse_terminal("a store file is binary")?;
    let end = end(&mut source, past).await?;
    let mut progress = Progress::new("exporting", end.revision);
    let mut writer = BackupWriter::new(&mut *target, end)?;
    if end != Head::EMPTY {
        source
            .walk(1, |chunk| {
                writer
                    .push(&chunk)
                    .map_err(|error| Failure::Failed(error.to_string()))?;
                progress.at(chunk.last);
                Ok(chunk.last < end.revision)
            })
            .await?;
    }
    progress.end();
    let (_, written) = writer
        .finish()
        .map_err(|error| Failure::Failed(error.to_string()))?;
    let to = target.finish()?;
    tell(format, &to, &written)
}

/// Where the log in the file is to end: a file holds whole chunks.
async fn end(source: &mut Source, past: &Past) -> Result<Head, Failure> {
    if past.date().is_some() {
        return Err(Failure::Usage(
            "a store has revisions, not dates: give `--as-of-revision`, or another `--format`"
                .to_owned(),
        ));
    }
    let head = source.head();
    let wanted = source.revision(past.revision())?;
    if wanted == head.revision {
        return Ok(head);
    }
    let chunk = source.chunk_with(wanted).await?;
    if chunk.last == wanted {
        return Ok(chunk.head());
    }
    let before = chunk.first - 1;
    let ends = match before {
        0 => format!("`{}`", chunk.last),
        _ => format!("`{before}` or `{}`", chunk.last),
    };
    Err(Failure::Usage(format!(
        "`--as-of-revision {wanted}` is inside a chunk, which a store file keeps whole: give {ends}"
    )))
}

fn tell(format: Format, to: &str, written: &Written) -> Result<(), Failure> {
    let Written {
        head,
        chunks,
        bytes,
        hash,
    } = written;
    let hash = blake3::Hash::from_bytes(*hash).to_hex();
    if format == Format::Json && to != "-" {
        let value = serde_json::json!({
            "file": to,
            "head": head.to_string(),
            "revision": head.revision,
            "chunks": chunks,
            "bytes": bytes,
            "hash": hash.as_str(),
        });
        return Ok(print_line(&format!("{value:#}"))?);
    }
    let to = if to == "-" { "standard output" } else { to };
    say(&format!(
        "wrote {} revisions in {chunks} chunks ({bytes} bytes) to {to}; head {head}",
        head.revision
    ));
    Ok(())
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.to_string())
    }
}
