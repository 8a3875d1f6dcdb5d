//! Redis, which keeps a sorted set in memory and its commands in a file.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::args::Settings;
use crate::meter::{Measured, cpu_seconds, ended_children_seconds};
use crate::process::{LOAD_CORE, SERVER_CORE, Server, on_core};
use crate::resp::{KEY, command, member};

/// How long it may take to come up.
const UP_WITHIN: Duration = Duration::from_secs(10);
/// Commands of the run that warms up and tells how many a measurement needs.
const FIRST_COMMANDS: u64 = 20_000;

/// Redis, with every write on the disk before it is answered.
pub struct Redis {
    pub server: Server,
    members: u64,
}

impl Redis {
    pub fn start(dir: &Path, members: u64) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir)?;
        // Free a moment ago; Redis cannot choose one itself.
        let addr = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = on_core(SERVER_CORE, "redis-server");
        // Rewriting the file would take the core that is measured.
        let settings = "--bind 127.0.0.1 --appendonly yes --appendfsync always --auto-aof-rewrite-percentage 0";
        command
            .args(settings.split(' '))
            .args(["--save", "", "--port", &addr.port().to_string(), "--dir"])
            .arg(dir)
            .stdout(Stdio::null());
        let server = Server::of(command.spawn()?, addr);
        let begun = Instant::now();
        while TcpStream::connect(addr).is_err() {
            if begun.elapsed() > UP_WITHIN {
                return Err("redis-server did not come up".into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        let redis = Self { server, members };
        redis.fill()?;
        Ok(redis)
    }

    /// Every member that a random command may name.
    fn fill(&self) -> Result<(), Failure> {
        let mut words = vec!["ZADD".to_owned(), KEY.to_owned()];
        for number in 0..self.members {
            words.push((number * 7_919 % 1_000).to_string());
            words.push(member(number));
        }
        let mut socket = TcpStream::connect(self.server.addr)?;
        socket.write_all(&command(&words))?;
        let mut answer = [0; 1];
        socket.read_exact(&mut answer)?;
        match answer {
            [b':'] => Ok(()),
            _ => Err("Redis refused the members".into()),
        }
    }

    /// Writes random scores of random members, by 64 callers; `pipelined` commands of each at a time.
    pub fn zadd(&self, settings: &Settings, pipelined: u32) -> Result<Measured, Failure> {
        let command = ["ZADD", KEY, "__rand_int__", "member:__rand_int__"];
        self.benchmark(settings, pipelined, &command)
    }

    /// Any one command by Redis's own load client, as long as a measurement takes.
    pub fn benchmark(
        &self,
        settings: &Settings,
        pipelined: u32,
        command: &[&str],
    ) -> Result<Measured, Failure> {
        let first = self.run(FIRST_COMMANDS * u64::from(pipelined), pipelined, command)?;
        if settings.warm_up > first.seconds {
            let count = first.rate() * (settings.warm_up - first.seconds);
            self.run(count as u64 + 1, pipelined, command)?;
        }
        self.run(
            (first.rate() * settings.seconds) as u64 + 1,
            pipelined,
            command,
        )
    }

    fn run(&self, count: u64, pipelined: u32, words: &[&str]) -> Result<Measured, Failure> {
        let mut command = on_core(LOAD_CORE, "redis-benchmark");
        let port = self.server.addr.port();
        let settings = format!(
            "-p {port} -c 64 -n {count} -P {pipelined} -r {} --csv",
            self.members
        );
        command.args(settings.split(' ')).args(words);
        let (server, children) = (cpu_seconds(self.server.pid())?, ended_children_seconds()?);
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("redis-benchmark failed: {}", output.status).into());
        }
        let text = String::from_utf8(output.stdout)?;
        // The last line: name, commands a second, then milliseconds: average, least, median, 95 %, 99 %, greatest.
        let line = text.trim_end().lines().last().unwrap_or_default();
        let fields: Vec<f64> = line
            .rsplit(',')
            .take(7)
            .filter_map(|field| field.trim_matches('"').parse().ok())
            .collect();
        let [max, p99, _, p50, _, _, rate] = fields[..] else {
            return Err(format!("redis-benchmark answered `{text}`").into());
        };
        let seconds = count as f64 / rate;
        Ok(Measured {
            count,
            seconds,
            p50_us: p50 * 1e3,
            p99_us: p99 * 1e3,
            max_us: max * 1e3,
            server_cpu: (cpu_seconds(self.server.pid())? - server) / seconds,
            client_cpu: (ended_children_seconds()? - children) / seconds,
            ..Measured::default()
        })
    }
}
