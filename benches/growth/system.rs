//! What the operating system knows about this process and its files.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// CPU time of all threads of this process so far.
fn cpu() -> Duration {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(spent.tv_sec as u64, spent.tv_nsec as u32)
}

/// Measures a stretch of work.
pub(crate) struct Span {
    cpu: Duration,
    wall: Instant,
}

impl Span {
    pub(crate) fn start() -> Self {
        Self {
            cpu: cpu(),
            wall: Instant::now(),
        }
    }

    /// CPU time since the start, seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        cpu().saturating_sub(self.cpu).as_secs_f64()
    }

    /// Time since the start, seconds.
    pub(crate) fn wall_seconds(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }
}

/// A number of a file of /proc/self, by the name before it.
fn field(file: &str, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(Path::new("/proc/self").join(file))?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let number = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("no `{name}` in /proc/self/{file}")))
}

/// Resident memory of this process in bytes.
pub(crate) fn resident_bytes() -> io::Result<u64> {
    Ok(field("status", "VmRSS:")? * 1024)
}

/// Bytes that this process sent to the disk, whole pages as the page cache counts them.
pub(crate) fn written_bytes() -> io::Result<u64> {
    field("io", "write_bytes:")
}

/// Bytes that a directory takes on the disk.
pub(crate) fn disk_bytes(dir: &Path) -> io::Result<u64> {
    const BLOCK_BYTES: u64 = 512;
    let mut bytes = 0;
    for item in fs::read_dir(dir)? {
        let item = item?;
        bytes += if item.file_type()?.is_dir() {
            disk_bytes(&item.path())?
        } else {
            item.metadata()?.blocks() * BLOCK_BYTES
        };
    }
    Ok(bytes)
}
