//! A daemon as a child process.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use frontierd::client::Client;

use crate::lines::{Lines, PATIENCE};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_frontierd");

/// The binary, without settings from the environment of whoever runs the tests.
pub(crate) fn frontierd() -> Command {
    cleared(Command::new(BINARY))
}

/// A command whose children take no settings from the environment.
pub(crate) fn cleared(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("FRONTIERD_") {
            command.env_remove(name);
        }
    }
    command
}

/// A child process with its output read. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    pub(crate) stdout: Lines,
    pub(crate) stderr: Lines,
}

impl Process {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdout = Lines::of(child.stdout.take().expect("piped"));
        let stderr = Lines::of(child.stderr.take().expect("piped"));
        Self {
            child,
            stdout,
            stderr,
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("its end");
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        send_signal(self.pid(), name);
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not come.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        // Its output ends with it; unlike the process, that can be waited for with a bound.
        let deadline = Instant::now() + PATIENCE;
        self.stdout.to_end();
        self.stderr.to_end();
        loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::yield_now();
        }
    }

    /// Sends a signal and waits for the end that it asks for.
    pub(crate) fn end_with(mut self, signal: &str) -> ExitStatus {
        self.signal(signal);
        self.wait()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process of ours.
pub(crate) fn send_signal(pid: u32, name: &str) {
    let sent = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$1\"", name, &pid.to_string()])
        .status()
        .expect("a shell");
    assert!(sent.success(), "SIG{name} for process {pid}");
}

/// A daemon that serves.
pub(crate) struct Daemon {
    pub(crate) process: Process,
    /// `HOST:PORT`.
    pub(crate) addr: String,
    pub(crate) store_id: String,
    /// Head when it began to serve.
    pub(crate) revision: i64,
}

/// `frontierd serve` on a free port.
pub(crate) fn serve(data_dir: &Path) -> Command {
    let mut command = frontierd();
    serve_args(&mut command, data_dir);
    command
}

/// Adds `serve` on a free port to a command.
pub(crate) fn serve_args(command: &mut Command, data_dir: &Path) {
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir);
}

impl Daemon {
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::of(&mut serve(data_dir))
    }

    pub(crate) fn start_with<S: AsRef<OsStr>>(data_dir: &Path, args: &[S]) -> Self {
        Self::of(serve(data_dir).args(args))
    }

    /// Spawns a command that serves, and waits until it does.
    pub(crate) fn of(command: &mut Command) -> Self {
        let process = Process::spawn(command);
        let what = format!("{command:?} to serve");
        let serving = process.stdout.try_wait(&what, |lines| {
            let line = lines.iter().find(|line| line.starts_with("serving on "));
            line.cloned()
        });
        let line = serving.unwrap_or_else(|problem| {
            panic!(
                "{problem}\n--- standard error:\n{}",
                process.stderr.so_far()
            )
        });
        // serving on ADDR (store ID, revision N)
        let words: Vec<&str> = line.split([' ', ',', '(', ')']).collect();
        let after = |word: &str| {
            let at = words.iter().position(|w| *w == word);
            at.map_or("", |at| words[at + 1]).to_owned()
        };
        Self {
            addr: after("on"),
            store_id: after("store"),
            revision: after("revision").parse().unwrap_or(0),
            process,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect(&self.addr).await.expect("connected")
    }

    /// Ends it with SIGTERM, which must succeed.
    pub(crate) fn stop(mut self) {
        self.process.signal("TERM");
        let status = self.process.wait();
        assert!(
            status.success(),
            "{status}\n{}",
            self.process.stderr.so_far()
        );
    }

    pub(crate) fn kill(self) {
        self.process.kill();
    }
}
