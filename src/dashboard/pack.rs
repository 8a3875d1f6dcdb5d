//! Part of the build script: turns `web/dist` into the table of files that the daemon carries, each compressed once.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};

/// Below this a header for the compression costs more than it saves.
const WORTH_COMPRESSING_BYTES: usize = 512;

/// Writes `dashboard.rs`, an expression of `[File; N]`, and the compressed files into `out`.
pub(crate) fn pack(dist: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", dist.display());
    let mut table = String::from("[\n");
    for (index, file) in files(dist)?.iter().enumerate() {
        let path = file
            .strip_prefix(dist)?
            .to_string_lossy()
            .replace('\\', "/");
        let bytes = fs::read(file)?;
        let packed = bytes.len() >= WORTH_COMPRESSING_BYTES;
        // All of it lies beside the build's other products, so a build goes on when its sources move.
        let carried = out.join(format!("dashboard-{index}"));
        fs::write(&carried, if packed { compress(&bytes)? } else { bytes })?;
        writeln!(
            table,
            "File {{ path: {:?}, kind: {:?}, bytes: include_bytes!({}), packed: {packed} }},",
            format!("/{path}"),
            kind(file)?,
            literal(&carried),
        )?;
    }
    table.push(']');
    fs::write(out.join("dashboard.rs"), table)?;
    Ok(())
}

/// A path as a string of Rust.
fn literal(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}

/// All files below a directory, in order of name: equal trees give equal tables.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let entries = fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    // No name and no time: the bytes follow from the content.
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn kind(file: &Path) -> Result<&'static str, String> {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => Ok("text/html; charset=utf-8"),
        Some("js") => Ok("text/javascript; charset=utf-8"),
        Some("css") => Ok("text/css; charset=utf-8"),
        Some("svg") => Ok("image/svg+xml"),
        other => Err(format!(
            "{}: no content type is known for {other:?}",
            file.display()
        )),
    }
}
