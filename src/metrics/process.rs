//! What the system knows about this process. Where there is no `/proc`, nothing is told.

use std::path::Path;

/// Units of CPU time a second in `/proc/self/stat`: a constant of Linux towards programs, whatever the kernel's own.
const TICKS_A_SECOND: f64 = 100.0;

/// This process, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Process {
    /// CPU time used, seconds.
    pub cpu_seconds: Option<f64>,
    /// Memory in RAM, bytes.
    pub resident_bytes: Option<u64>,
    /// Address space, bytes.
    pub virtual_bytes: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files and sockets.
    pub open_fds: Option<u64>,
    /// Most files and sockets that may be open.
    pub max_fds: Option<u64>,
}

impl Process {
    /// Asks the system.
    pub fn read() -> Self {
        let text = |name: &str| std::fs::read_to_string(Path::new("/proc/self").join(name));
        let status = text("status").unwrap_or_default();
        let limits = text("limits").unwrap_or_default();
        Self {
            cpu_seconds: text("stat").ok().as_deref().and_then(cpu_seconds),
            resident_bytes: after(&status, "VmRSS:").map(|kib| kib * 1024),
            virtual_bytes: after(&status, "VmSize:").map(|kib| kib * 1024),
            threads: after(&status, "Threads:"),
            // The directory that is read is open too.
            open_fds: std::fs::read_dir("/proc/self/fd")
                .ok()
                .map(|items| (items.count() as u64).saturating_sub(1)),
            max_fds: after(&limits, "Max open files"),
        }
    }
}

/// The first number after a word.
fn after(text: &str, word: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time: fields 14 and 15, counted after the name, which may hold spaces and brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_A_SECOND)
}

/// Bytes of the files below a directory; what vanishes meanwhile does not count.
pub fn bytes_below(dir: &Path) -> u64 {
    let Ok(items) = std::fs::read_dir(dir) else {
        return 0;
    };
    items
        .flatten()
        .map(|item| match item.metadata() {
            Ok(data) if data.is_dir() => bytes_below(&item.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_after_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 3 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(3.0));
        assert_eq!(cpu_seconds("nothing"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_threads_and_files() {
        let process = Process::read();
        assert!(process.resident_bytes > Some(100_000), "{process:?}");
        assert!(process.virtual_bytes >= process.resident_bytes);
        assert!(process.threads >= Some(1), "{process:?}");
        assert!(process.open_fds >= Some(3), "{process:?}");
        assert!(process.max_fds >= process.open_fds, "{process:?}");
        assert!(process.cpu_seconds.is_some());
    }

    #[test]
    fn files_count_at_any_depth() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("a")).expect("a directory");
        std::fs::write(dir.path().join("a/b"), [0; 10]).expect("a file");
        std::fs::write(dir.path().join("c"), [0; 5]).expect("a file");
        assert_eq!(bytes_below(dir.path()), 15);
        assert_eq!(bytes_below(&dir.path().join("none")), 0);
    }
}
