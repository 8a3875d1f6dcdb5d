//! A daemon, and commands that talk to it.

use std::process::Command;
use std::time::Instant;

use tempfile::TempDir;

use crate::daemon::{Daemon, Process, frontierd};
use crate::lines::PATIENCE;

pub(super) struct Outcome {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Runs a command to its end, within bounds.
pub(super) fn run(command: &mut Command) -> Outcome {
    let mut command = assert_cmd::Command::from_std(std::mem::replace(command, Command::new("")));
    let output = command.timeout(PATIENCE).output().expect("it runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

pub(super) struct Shell {
    pub(super) daemon: Daemon,
    pub(super) dir: TempDir,
}

impl Shell {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let daemon = Daemon::start(dir.path());
        Self { daemon, dir }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = frontierd();
        command.args(args).env("FRONTIERD_ADDR", self.daemon.url());
        command
    }

    pub(super) fn run(&self, args: &[&str]) -> Outcome {
        run(&mut self.command(args))
    }

    /// What a command prints, which must succeed.
    pub(super) fn ok(&self, args: &[&str]) -> String {
        let outcome = self.run(args);
        assert_eq!(outcome.code, Some(0), "{args:?}: {}", outcome.stderr);
        outcome.stdout
    }

    pub(super) fn spawn(&self, args: &[&str]) -> Process {
        Process::spawn(&mut self.command(args))
    }

    pub(super) fn until_watched(&self) {
        until_watched(&self.daemon);
    }
}

/// Waits until the daemon counts a watcher.
pub(super) fn until_watched(daemon: &Daemon) {
    use frontierd::proto::v1::GetStatusRequest;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let mut client = daemon.client().await;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let status = client.get_status(GetStatusRequest {}).await;
            if status.expect("a status").watchers > 0 {
                return;
            }
            assert!(Instant::now() < deadline, "nobody watches");
        }
    });
}
