//! SIGHUP: settings that change while the daemon serves, and those that do not.

use std::path::{Path, PathBuf};

use crate::daemon::Daemon;
use crate::http::ask;

struct Settings(PathBuf);

impl Settings {
    fn write(&self, text: &str) {
        std::fs::write(&self.0, text).expect("a file");
    }
}

/// A daemon with these settings in its file.
fn start(dir: &Path, text: &str) -> (Daemon, Settings) {
    let settings = Settings(dir.join("frontierd.toml"));
    settings.write(text);
    let file = settings.0.to_str().expect("text");
    let daemon = Daemon::start_with(&dir.join("data"), &["--config", file]);
    (daemon, settings)
}

/// The status of a plain request that gives this host.
fn status(daemon: &Daemon, host: &str) -> u16 {
    ask(&daemon.addr, "GET", "/", host).status
}

#[tokio::test]
async fn sighup_takes_what_can_change_and_names_what_waits_for_a_restart() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, settings) = start(dir.path(), "log_level = \"info\"\n");
    let said = &daemon.process.stderr;
    assert_eq!(status(&daemon, "boards.example"), 403);
    settings.write(
        "log_level = \"debug\"\nallowed_hosts = [\"boards.example\"]\nslow_call_ms = 5\nstrict_models = true\n",
    );
    daemon.process.signal("HUP");
    let line = said.wait_for("settings read again");
    for part in [
        "log_level: \\\"info\\\" -> \\\"debug\\\"",
        "allowed_hosts",
        "slow_call",
        "strict_models",
    ] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert_ne!(status(&daemon, "boards.example"), 403);
    // Calls that succeed are logged at debug.
    let mut client = daemon.client().await;
    let asked = frontierd::proto::v1::GetStatusRequest {};
    client.get_status(asked).await.expect("a status");
    said.wait_for("AdminService/GetStatus");
    daemon.stop();
}

#[test]
fn settings_that_are_wrong_leave_all_as_it_was() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (daemon, settings) = start(dir.path(), "allowed_hosts = \"boards.example\"\n");
    let said = &daemon.process.stderr;
    for (before, (wrong, why)) in [
        ("allowed_hosts = []\nlog_level = \"a=b=c\"\n", "log level"),
        ("allowed_hosts = []\nno_such = 1\n", "no_such"),
        ("allowed_hosts = [", "frontierd.toml"),
    ]
    .into_iter()
    .enumerate()
    {
        settings.write(wrong);
        daemon.process.signal("HUP");
        said.wait("the refusal", |lines| {
            // What is wrong in a file is shown on lines of its own.
            let refusals = lines.iter().filter(|line| line.contains("not taken"));
            let named = lines.iter().find(|line| line.contains(why));
            named.filter(|_| refusals.count() > before).cloned()
        });
        assert_ne!(status(&daemon, "boards.example"), 403);
    }
    settings.write("allowed_hosts = []\n");
    daemon.process.signal("HUP");
    said.wait_for("settings read again");
    assert_eq!(status(&daemon, "boards.example"), 403);
    daemon.stop();
}

#[test]
fn sighup_without_anything_new_says_so() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    daemon.process.signal("HUP");
    daemon.process.stderr.wait_for("nothing is new");
    daemon.stop();
}
