//! Processes held to a core.

use std::env;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use crate::Failure;
use crate::args::Settings;
use crate::meter::Measured;

/// Where servers run.
pub const SERVER_CORE: usize = 0;
/// Where load clients run.
pub const LOAD_CORE: usize = 1;

/// Whether there is a core for each side, and a program to hold a process to it.
pub fn can_pin() -> bool {
    thread::available_parallelism().is_ok_and(|cores| cores.get() > LOAD_CORE)
        && is_installed("taskset")
}

/// Whether a program can be started.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null());
    command.output().is_ok()
}

/// A program held to a core, where that can be done.
pub fn on_core(core: usize, program: impl AsRef<OsStr>) -> Command {
    let mut command = if can_pin() {
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string()]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.stdin(Stdio::null());
    command
}

/// One of this program's own roles on a core.
pub fn role(core: usize, words: &[&str]) -> Result<Command, Failure> {
    let mut command = on_core(core, env::current_exe()?);
    command.arg("role").args(words);
    Ok(command)
}

/// A server; it ends with this value.
pub struct Server {
    child: Child,
    pub addr: SocketAddr,
}

impl Server {
    /// Starts a server that prints `serving on ADDR` once it is ready. What it says otherwise goes to `log`.
    pub fn start(mut command: Command, log: &Path) -> Result<Self, Failure> {
        command.stdout(Stdio::piped()).stderr(File::create(log)?);
        let mut child = command.spawn()?;
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let addr = line.strip_prefix("serving on ").and_then(|rest| {
            let end = rest.find([' ', ',', '\n'])?;
            rest[..end].parse().ok()
        });
        let Some(addr) = addr else {
            // The handle is dropped below, and the process with it.
            drop(Self {
                child,
                addr: SocketAddr::from(([127, 0, 0, 1], 0)),
            });
            let said = std::fs::read_to_string(log)?;
            return Err(format!("{command:?} did not come up: {line}{said}").into());
        };
        Ok(Self { child, addr })
    }

    /// A server that has been started and told where to listen.
    pub fn of(child: Child, addr: SocketAddr) -> Self {
        Self { child, addr }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Runs a load client of frontierd's API against it. `words` follow `role load`.
    pub fn load(&self, settings: &Settings, words: &[&str]) -> Result<Measured, Failure> {
        self.load_with(settings, words, settings.dates())
    }

    /// Runs any load client against it.
    pub fn load_with(
        &self,
        settings: &Settings,
        words: &[&str],
        more: Option<&str>,
    ) -> Result<Measured, Failure> {
        let mut command = role(LOAD_CORE, &["load"])?;
        let (addr, pid) = (self.addr.to_string(), self.pid().to_string());
        command
            .args(words)
            .args(["--addr", &addr, "--pid", &pid])
            .args(settings.span())
            .args(more);
        measured(command)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing it holds is wanted any more; one that has ended already is none the worse.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs one of our roles that prints what it measured.
pub fn measured(mut command: Command) -> Result<Measured, Failure> {
    let Output { status, stdout, .. } = command.stderr(Stdio::inherit()).output()?;
    if !status.success() {
        return Err(format!("{command:?} failed: {status}").into());
    }
    Ok(serde_json::from_slice(&stdout)?)
}
