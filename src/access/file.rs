//! The file of tokens: TOML, hashes only, replaced whole.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::rate::RateSetting;
use super::record::{TokenRecord, rate};
use super::table::Table;
use crate::limits::{MAX_TOKENS, TOKEN_FILE_BYTES_MAX};

const HEAD: &str = "# Tokens of frontierd: their hashes, never the tokens. Written by `frontierd token`; a daemon reads it again when it\n# changes.\n";

/// The file of tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFile {
    /// Reads a second of all callers without a token together; none = no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_reads_per_second: Option<f64>,
    /// Reads at once of callers without a token; none = what two seconds bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anonymous_reads_burst: Option<u32>,
    /// The tokens, oldest first.
    #[serde(default, rename = "token", skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<TokenRecord>,
}

/// What is wrong with a file of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError(String);

impl FileError {
    pub(super) fn token(index: usize, name: &str, why: &str) -> Self {
        Self(format!(
            "token {} (`{}`): {why}",
            index + 1,
            name.escape_debug()
        ))
    }

    pub(super) fn anonymous(why: String) -> Self {
        Self(why)
    }

    fn of(path: &Path, why: impl fmt::Display) -> Self {
        Self(format!("tokens file `{}`: {why}", path.display()))
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FileError {}

impl TokenFile {
    pub(super) fn anonymous_reads(&self) -> Result<Option<RateSetting>, String> {
        rate(
            "anonymous_reads",
            self.anonymous_reads_per_second,
            self.anonymous_reads_burst,
        )
    }

    /// Reads a file and checks every token in it.
    ///
    /// # Errors
    /// [`FileError`] naming the file, the token and the field at fault.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let bad = |why: String| FileError::of(path, why);
        let size = std::fs::metadata(path)
            .map_err(|error| {
                bad(format!(
                    "{error}; make it with `frontierd token create NAME --role admin --tokens {}`",
                    path.display()
                ))
            })?
            .len();
        if size > TOKEN_FILE_BYTES_MAX {
            return Err(bad(format!(
                "`{size}` bytes are too many: at most {TOKEN_FILE_BYTES_MAX}"
            )));
        }
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        Self::parse(&text).map_err(|error| FileError::of(path, error))
    }

    /// Reads the text of a file and checks every token in it.
    ///
    /// # Errors
    /// [`FileError`] naming the token and the field at fault.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let file: Self = toml::from_str(text).map_err(|error| FileError(error.to_string()))?;
        if file.tokens.len() > MAX_TOKENS {
            return Err(FileError(format!(
                "`{}` tokens are too many: at most {MAX_TOKENS}; remove old ones",
                file.tokens.len()
            )));
        }
        Table::new(&file, &Table::default())?;
        Ok(file)
    }

    /// Changes a file, which need not exist, as nobody else does at the same time. It is replaced whole, readable by its
    /// owner only.
    ///
    /// # Errors
    /// [`FileError`], also the one that `change` answers; then the file is as it was.
    pub fn update<T>(
        path: &Path,
        change: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, FileError> {
        let failed = |error: std::io::Error| FileError::of(path, error);
        let lock = beside(path, "lock");
        let lock = private(&lock).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let mut file = if path.exists() {
            Self::read(path)?
        } else {
            Self::default()
        };
        let changed = change(&mut file).map_err(FileError)?;
        let text = file.to_text().map_err(|why| FileError::of(path, why))?;
        // What would not be read again is not written.
        Self::parse(&text)?;
        replace(path, &text).map_err(failed)?;
        Ok(changed)
    }

    fn to_text(&self) -> Result<String, String> {
        let body = toml::to_string(self).map_err(|error| error.to_string())?;
        Ok(format!("{HEAD}{body}"))
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// Opens or creates a file that only its owner may read.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Old or new, never half: a temporary file, fsync, rename, fsync of the directory.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let temporary = beside(path, "tmp");
    // One left by a crash may be readable by others.
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)?;
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests;
