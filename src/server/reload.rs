//! Files that may change while the daemon serves: tokens, certificates.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::{info, warn};

use super::auth::Tokens;
use super::tls::Tls;
use crate::clock::Clock;
use crate::limits::RELOAD_CHECK_SECONDS;
use crate::model::Timestamp;

/// Reads files again. What cannot be used is refused, and what was in use stays in use. Clones are one.
#[derive(Clone, Debug)]
pub struct Reload {
    tokens: Option<Tokens>,
    tls: Option<Tls>,
    clock: Clock,
}

/// What a reload read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reloaded {
    /// Number of tokens; none = no tokens are in use.
    pub tokens: Option<usize>,
    /// Whether there are certificates.
    pub certificates: bool,
}

impl Reload {
    pub(super) fn new(tokens: Option<Tokens>, tls: Option<Tls>, clock: Clock) -> Self {
        Self { tokens, tls, clock }
    }

    /// Reads every file again: for SIGHUP.
    ///
    /// # Errors
    /// A text naming each file that cannot be used, and why. The others are in use.
    pub fn reload(&self) -> Result<Reloaded, String> {
        let mut reloaded = Reloaded::default();
        let mut problems = Vec::new();
        if let Some(tokens) = &self.tokens {
            match tokens.reload() {
                Ok(count) => reloaded.tokens = Some(count),
                Err(problem) => problems.push(problem),
            }
        }
        if let Some(tls) = &self.tls {
            match tls.reload() {
                Ok(()) => reloaded.certificates = true,
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok(reloaded);
        }
        Err(problems.join("; "))
    }

    fn files(&self) -> Vec<PathBuf> {
        let tokens = self.tokens.iter().map(|tokens| tokens.path().to_owned());
        let certificates = self.tls.iter().flat_map(Tls::files);
        tokens.chain(certificates).collect()
    }

    /// Looks every other second whether a file changed, and whether a token expired.
    pub(super) async fn follow_files(self) {
        let files = self.files();
        if files.is_empty() {
            return;
        }
        let mut known = marks(&files);
        let mut looked = self.clock.now();
        loop {
            tokio::time::sleep(Duration::from_secs(RELOAD_CHECK_SECONDS)).await;
            let found = marks(&files);
            if found != known {
                known = found;
                match self.reload() {
                    Ok(reloaded) => info!(
                        tokens = reloaded.tokens,
                        certificates = reloaded.certificates,
                        "files read again"
                    ),
                    Err(problem) => {
                        warn!(%problem, "a changed file cannot be used; going on with what was read before");
                    }
                }
            }
            looked = self.expire(looked);
        }
    }

    /// Ends the streams of tokens that expired since `before`.
    fn expire(&self, before: Timestamp) -> Timestamp {
        let now = self.clock.now();
        if let Some(tokens) = &self.tokens
            && tokens.current().expires_within(before, now)
        {
            tokens.look_again();
        }
        now
    }
}

/// What tells one content of a file from the next without reading it; none = not there.
type Mark = Option<(String, u64, u64)>;

fn marks(files: &[PathBuf]) -> Vec<Mark> {
    files.iter().map(|file| mark(file)).collect()
}

fn mark(file: &Path) -> Mark {
    let found = std::fs::metadata(file).ok()?;
    let modified = format!("{:?}", found.modified().ok()?);
    Some((modified, found.len(), inode(&found)))
}

#[cfg(unix)]
fn inode(found: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn inode(_: &std::fs::Metadata) -> u64 {
    0
}
