//! Where an export goes: standard output, or a file that appears whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::cli::Failure;

/// An open place to write to. Dropped without [`Target::finish`], a file leaves nothing behind.
pub(super) struct Target {
    out: BufWriter<Box<dyn Write + Send>>,
    file: Option<Partial>,
    name: String,
}

/// A file under its temporary name.
struct Partial {
    /// Our handle, locked against other exports to the same file.
    file: File,
    temporary: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Target {
    /// Opens `-` or a file. What is no regular file, such as a pipe, is written to directly.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::Failed(format!("cannot write `{}`: {error}", path.display()))
        };
        let name = path.display().to_string();
        let (out, file): (Box<dyn Write + Send>, _) = if name == "-" {
            (Box::new(io::stdout()), None)
        } else if path.exists() && !path.is_file() {
            if path.is_dir() {
                return Err(Failure::Failed(format!(
                    "`{name}` is a directory: name a file in it"
                )));
            }
            let device = File::options().write(true).open(path).map_err(failed)?;
            (Box::new(device), None)
        } else {
            let partial = Partial::create(path).map_err(failed)?;
            (
                Box::new(partial.file.try_clone().map_err(failed)?),
                Some(partial),
            )
        };
        Ok(Self {
            out: BufWriter::with_capacity(64 * 1024, out),
            file,
            name,
        })
    }

    /// Refuses what is not meant for eyes.
    pub(super) fn refuse_terminal(&self, why: &str) -> Result<(), Failure> {
        if self.name == "-" && io::stdout().is_terminal() {
            return Err(Failure::Usage(format!(
                "{why}: give `--out FILE`, or redirect"
            )));
        }
        Ok(())
    }

    /// Makes what was written durable under its name. Answers the name.
    pub(super) fn finish(&mut self) -> Result<String, Failure> {
        self.out.flush()?;
        if let Some(file) = &mut self.file {
            file.finish().map_err(|error| {
                Failure::Failed(format!("cannot finish `{}`: {error}", self.name))
            })?;
        }
        Ok(self.name.clone())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Partial {
    fn create(path: &Path) -> io::Result<Self> {
        // A link stays one; what it points to is replaced.
        let path = if path.exists() {
            path.canonicalize()?
        } else {
            path.to_owned()
        };
        let mut temporary = OsString::from(&path);
        temporary.push(".partial");
        let temporary = PathBuf::from(temporary);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&temporary)?;
        file.try_lock().map_err(|_| {
            io::Error::other(format!(
                "another export is writing `{}`",
                temporary.display()
            ))
        })?;
        // Left by a kill.
        file.set_len(0)?;
        Ok(Self {
            file,
            temporary,
            path,
            finished: false,
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.temporary, &self.path)?;
        self.finished = true;
        let dir = self.path.parent().filter(|dir| !dir.as_os_str().is_empty());
        File::open(dir.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.finished {
            // There is nobody to tell.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}
