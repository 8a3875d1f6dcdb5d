//! Places where a store is that cannot be served, and what is said about each.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{define, failure, names, submission};
use crate::daemon::{BINARY, Daemon, cleared, frontierd, serve, serve_args};
use crate::kill::verified;

/// A store with some results that nobody serves.
async fn some(data: &Path, results: usize) -> String {
    let daemon = Daemon::start(data);
    let mut client = daemon.client().await;
    define(&mut client).await;
    for number in 0..results {
        let answer = client.submit_result(submission(number)).await;
        answer.expect("accepted");
    }
    let store_id = daemon.store_id.clone();
    drop(client);
    daemon.stop();
    store_id
}

/// A command that works on a store which nobody serves.
fn offline(name: &str, data: &Path) -> Command {
    let mut command = frontierd();
    command.args([name, "--data-dir"]).arg(data);
    command
}

#[tokio::test]
async fn a_leftover_of_a_start_that_was_killed_is_moved_aside() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store_id = some(dir.path(), 5).await;
    let log = dir.path().join("log");
    fs::write(log.join("snap.0000000000000ABC.generating"), b"cut sh").expect("a file");
    let daemon = Daemon::start(dir.path());
    assert_eq!((daemon.revision, &daemon.store_id), (6, &store_id));
    let said = daemon.process.stderr.wait_for("cut short");
    assert!(said.contains("nothing is lost"), "{said}");
    daemon.stop();
    let kept = names(&log);
    assert!(
        kept.iter()
            .any(|name| name.starts_with("quarantined.snap."))
    );
    assert!(
        !kept
            .iter()
            .any(|name| name.ends_with("ABC.generating") && name.starts_with("snap"))
    );
    verified(dir.path());
}

#[tokio::test]
async fn a_store_that_is_served_is_locked_for_every_command() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let into = dir.path().join("into");
    let mut recover = offline("recover", dir.path());
    recover.arg("--into").arg(&into);
    for mut command in [serve(dir.path()), offline("verify", dir.path()), recover] {
        let (code, said) = failure(&mut command);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("open in another process"), "{said}");
    }
    assert!(!into.exists());
    daemon.stop();
}

#[tokio::test]
async fn a_store_of_a_newer_format_is_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    some(dir.path(), 5).await;
    {
        let db = sled::Config::new()
            .path(dir.path().join("log"))
            .flush_every_ms(None)
            .open()
            .expect("sled opens");
        let meta = db.open_tree("meta").expect("a tree");
        meta.insert("store", &[9, b'x'][..]).expect("sled writes");
        db.flush().expect("a flush");
    }
    for mut command in [serve(dir.path()), offline("verify", dir.path())] {
        let (code, said) = failure(&mut command);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("has format `9`"), "{said}");
        assert!(said.contains("use a newer frontierd"), "{said}");
    }
}

/// Root may write where nobody may, so the daemon is run as somebody else.
#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let able = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut as_nobody = cleared(Command::new("setpriv"));
    as_nobody.args(able);
    let works = (Command::new("setpriv").args(able).arg("true").status())
        .is_ok_and(|status| status.success());
    if !works {
        eprintln!("SKIPPED, NOT TESTED: `setpriv` cannot run a program as somebody else here");
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    some(&data, 3).await;
    let open = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    };
    open(dir.path(), 0o755);
    // Where others may run it from.
    let binary = dir.path().join("frontierd");
    fs::copy(BINARY, &binary).expect("a copy");
    open(&binary, 0o755);
    as_nobody.arg(&binary);
    serve_args(&mut as_nobody, &data);
    let (code, said) = failure(&mut as_nobody);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Permission denied"), "{said}");
    assert!(said.contains(&*data.to_string_lossy()), "{said}");
    verified(&data);
}
