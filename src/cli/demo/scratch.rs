//! A directory that is gone when the demo is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names tried before giving up: all of them taken means that something else is wrong.
const ATTEMPTS: u32 = 100;

/// A directory of our own among the temporary ones, removed when dropped.
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Creates it, readable by nobody else.
    pub(super) fn create() -> io::Result<Self> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        let parent = std::env::temp_dir();
        for attempt in 0..ATTEMPTS {
            let path = parent.join(format!("frontierd-demo-{}-{attempt}", std::process::id()));
            // Creation fails where the name is taken, so nobody can prepare it for us.
            match builder.create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("no free name for a directory in `{}`", parent.display()),
        ))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind at worst: the system clears temporary directories.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_demos_do_not_meet_and_leave_nothing() {
        let (first, second) = (
            Scratch::create().expect("created"),
            Scratch::create().expect("created"),
        );
        let (a, b) = (first.path().to_owned(), second.path().to_owned());
        assert_ne!(a, b);
        fs::write(a.join("file"), "x").expect("written");
        drop((first, second));
        assert!(!a.exists() && !b.exists());
    }
}
