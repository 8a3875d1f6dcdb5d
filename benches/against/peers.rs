//! The servers of a run: started when first wanted, all idle but the one that is measured.

mod daemon;
mod redis;

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub use self::daemon::Daemon;
pub use self::redis::Redis;
use crate::Failure;
use crate::args::Settings;
use crate::messages::Mix;
use crate::process::{SERVER_CORE, Server, is_installed, role};

/// Standings of the small board, and members of Redis's sorted set.
pub const SMALL: u64 = 1_000;

/// Submissions that a typical answer is taken of.
const SAMPLED_REQUESTS: u64 = 201;

/// Everything that can be measured.
pub struct Lab {
    dir: TempDir,
    settings: Settings,
    small: OnceCell<Daemon>,
    large: OnceCell<Daemon>,
    echo: OnceCell<Server>,
    commit_echo: OnceCell<Server>,
    redis: OnceCell<Redis>,
}

impl Lab {
    pub fn new(settings: &Settings) -> Result<Self, Failure> {
        let disk = disk(settings);
        std::fs::create_dir_all(&disk)?;
        Ok(Self {
            dir: tempfile::Builder::new()
                .prefix("against-")
                .tempdir_in(disk)?,
            settings: settings.clone(),
            small: OnceCell::new(),
            large: OnceCell::new(),
            echo: OnceCell::new(),
            commit_echo: OnceCell::new(),
            redis: OnceCell::new(),
        })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A path on the disk that is measured.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The daemon with a small board.
    pub fn small(&self) -> Result<&Daemon, Failure> {
        once(&self.small, || self.daemon("small", SMALL))
    }

    /// The daemon with a large board.
    pub fn large(&self) -> Result<&Daemon, Failure> {
        once(&self.large, || self.daemon("large", self.settings.million))
    }

    fn daemon(&self, name: &str, models: u64) -> Result<Daemon, Failure> {
        let built = Path::new(env!("CARGO_BIN_EXE_frontierd"));
        let program = self.settings.frontierd.as_deref().unwrap_or(built);
        let mix = Mix {
            models,
            requests: SAMPLED_REQUESTS,
            one_date: self.settings.one_date,
        };
        Daemon::start(program, &self.path(name), mix)
    }

    /// tonic without a disk.
    pub fn echo(&self) -> Result<&Server, Failure> {
        once(&self.echo, || self.echoing("echo", &[]))
    }

    /// tonic with a disk.
    pub fn commit_echo(&self) -> Result<&Server, Failure> {
        once(&self.commit_echo, || {
            let bytes = self.small()?.entry_bytes()?.to_string();
            let file = self.path("commit-echo.log");
            self.echoing(
                "commit-echo",
                &["--bytes", &bytes, "--file", &file.to_string_lossy()],
            )
        })
    }

    fn echoing(&self, name: &str, more: &[&str]) -> Result<Server, Failure> {
        let answer = self.path("answer");
        if !answer.exists() {
            std::fs::write(&answer, self.small()?.typical_answer()?)?;
        }
        let standing = self.path("standing");
        if !standing.exists() {
            std::fs::write(&standing, self.small()?.standing()?)?;
        }
        let mut command = role(SERVER_CORE, &[name])?;
        command.arg("--answer").arg(answer);
        command.arg("--standing").arg(standing).args(more);
        Server::start(command, &self.path(&format!("{name}.stderr")))
    }

    /// Redis, every write on the disk before it is answered.
    pub fn redis(&self) -> Result<&Redis, Failure> {
        once(&self.redis, || Redis::start(&self.path("redis"), SMALL))
    }
}

/// Why rows are left out.
pub const NO_REDIS: &str = "Redis is not installed: apt-get install redis-server";

/// Whether the peer of most rows is there.
pub fn redis_is_installed() -> bool {
    is_installed("redis-server") && is_installed("redis-benchmark")
}

/// Where the stores lie.
pub fn disk(settings: &Settings) -> PathBuf {
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR"));
    settings.disk.clone().unwrap_or_else(|| beside.to_owned())
}

fn once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> Result<T, Failure>) -> Result<&T, Failure> {
    if let Some(made) = cell.get() {
        return Ok(made);
    }
    let made = make()?;
    Ok(cell.get_or_init(|| made))
}
