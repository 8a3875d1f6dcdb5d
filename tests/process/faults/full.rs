//! A disk that fills: a file system of a few megabytes in memory.

use std::path::{Path, PathBuf};
use std::process::Command;

use frontierd::client::ClientError;
use tonic::Code;

use super::{define, submission};
use crate::daemon::Daemon;
use crate::kill::verified;

/// A mounted file system, unmounted when dropped.
struct Mount(PathBuf);

impl Mount {
    /// None where nothing can be mounted, which is said loudly.
    fn of_megabytes(at: &Path, megabytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).expect("a directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(at)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(at.to_owned())),
            other => {
                eprintln!("SKIPPED, NOT TESTED: no file system can be mounted here: {other:?}");
                None
            }
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily, because a process that failed to end may still be in it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn refused(error: &ClientError) -> (Code, String) {
    let refused = error.refused().expect("an answer");
    (refused.code, refused.reason.clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_acknowledged_and_is_over_once_there_is_room() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let Some(mount) = Mount::of_megabytes(&dir.path().join("small"), 12) else {
        return;
    };
    let data = mount.0.join("data");
    // Room that somebody else takes, and gives back.
    let ballast = mount.0.join("ballast");
    std::fs::write(&ballast, vec![0; 4 * 1024 * 1024]).expect("there is room");
    let mut daemon = Daemon::start(&data);
    let mut client = daemon.client().await;
    define(&mut client).await;
    let mut acknowledged = Vec::new();
    let failed = loop {
        let number = acknowledged.len();
        assert!(number < 20_000, "the disk does not fill");
        match client.submit_result(submission(number)).await {
            Ok(answer) => acknowledged.push(answer.revision),
            Err(error) => break error,
        }
    };
    assert_eq!(
        refused(&failed),
        (Code::Unavailable, "OUTCOME_UNKNOWN".to_owned()),
        "{failed}"
    );
    let status = daemon.process.wait();
    let said = daemon.process.stderr.so_far();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("No space left on device"), "{said}");
    assert!(!said.contains("stack backtrace"), "{said}");

    // Full as it is, it may refuse to start; it does not lose anything over that.
    let again = super::failure(crate::daemon::serve(&data).args(["--listen", "256.0.0.1:0"]));
    assert_eq!(again.0, Some(2), "{again:?}");
    std::fs::remove_file(&ballast).expect("it is ours");
    let started = std::time::Instant::now();
    let daemon = Daemon::start(&data);
    let took = started.elapsed();
    let mut client = daemon.client().await;
    for (number, revision) in acknowledged.iter().enumerate() {
        let answer = client.submit_result(submission(number)).await;
        let answer = answer.expect("it was accepted");
        assert_eq!((answer.revision, answer.replayed), (*revision, true));
    }
    let open = client.submit_result(submission(acknowledged.len())).await;
    open.expect("a retry is accepted");
    let open = client.submit_result(submission(acknowledged.len())).await;
    assert!(open.expect("there once").replayed);
    daemon.stop();
    verified(&data);
    eprintln!(
        "the disk was full after {} results; nothing of them is lost, the start took {took:?}",
        acknowledged.len()
    );
}
