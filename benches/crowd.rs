//! Memory under crowds: thousands of idle connections, watchers that never read, a flood of bad requests.
//!
//! cargo bench --bench crowd
//!
//! Prints resident memory before, at its peak and after. Needs `ulimit -n` above 25,000
//! for all of it, and takes what it can get.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "it prints figures"
)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use frontierd::client::Client;
use frontierd::proto::v1::leaderboard_service_client::LeaderboardServiceClient;
use frontierd::proto::v1::{
    GetStatusRequest, PutBenchmarkRequest, SubmitResultRequest, WatchLeaderboardRequest,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

/// How a client of HTTP/2 begins: the preface and empty SETTINGS.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
const MIB: f64 = 1024.0 * 1024.0;

struct Memory(u32);

impl Memory {
    fn of(daemon: &Daemon) -> Self {
        Self(daemon.process.id())
    }

    fn kib(&self, field: &str) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0)).expect("Linux");
        let line = status.lines().find(|line| line.starts_with(field));
        let digits = line.and_then(|line| line.split_whitespace().nth(1));
        digits.expect("a number").parse().expect("a number")
    }

    fn resident(&self) -> f64 {
        self.kib("VmRSS:") * 1024.0 / MIB
    }

    fn peak(&self) -> f64 {
        self.kib("VmHWM:") * 1024.0 / MIB
    }

    fn say(&self, what: &str) {
        println!(
            "{what}: resident {:.1} MiB, peak so far {:.1} MiB",
            self.resident(),
            self.peak()
        );
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        idle_connections().await;
        watchers_half_of_which_never_read().await;
        bad_requests_of_the_largest_size().await;
    });
}

fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("Linux");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3));
    soft.and_then(|soft| soft.parse().ok()).unwrap_or(1_024)
}

/// The daemon answers whoever has a right to ask, quickly, whatever the crowd does.
async fn assert_answers(client: &mut Client) {
    let asked = client.get_status(GetStatusRequest {});
    let answered = tokio::time::timeout(Duration::from_secs(5), asked).await;
    answered.expect("in time").expect("answered");
}

/// A daemon as a process of its own; killed when dropped.
struct Daemon {
    process: Child,
    addr: String,
}

impl Daemon {
    fn start(dir: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_frontierd"))
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--log-level",
                "error",
                "--data-dir",
            ])
            .arg(dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let addr = line
            .split_whitespace()
            .nth(2)
            .expect("an address")
            .to_owned();
        Self { process, addr }
    }

    async fn client(&self) -> Client {
        Client::connect(&self.addr).await.expect("connected")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn daemon(dir: &Path) -> (Daemon, Client, Memory) {
    let daemon = Daemon::start(dir);
    let mut client = daemon.client().await;
    let request = PutBenchmarkRequest {
        benchmark: Some(frontierd::proto::v1::Benchmark {
            id: "crowd".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    client.put_benchmark(request).await.expect("defined");
    let memory = Memory::of(&daemon);
    (daemon, client, memory)
}

fn result(number: usize) -> SubmitResultRequest {
    SubmitResultRequest {
        result: Some(frontierd::proto::v1::Result {
            benchmark: "crowd".into(),
            model: format!("acme/m{}", number % 500),
            score: Some((number % 997) as f64 / 10.0),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn idle_connections() {
    let dir = tempfile::tempdir().expect("a directory");
    let (daemon, mut client, memory) = daemon(dir.path()).await;
    let count = 10_000.min(descriptors() - 200);
    memory.say("before");
    let before = memory.resident();
    let mut idle = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(&daemon.addr).await.expect("connected");
        stream.write_all(HELLO).await.expect("said");
        let mut settings = [0; 9];
        stream.read_exact(&mut settings).await.expect("answered");
        idle.push(stream);
    }
    memory.say(&format!("with {count} idle connections"));
    let each = (memory.resident() - before) * MIB / count as f64;
    println!("{each:.0} bytes a connection");
    assert_answers(&mut client).await;
    assert!(each < 32.0 * 1024.0, "{each} bytes a connection");
    drop(idle);
    tokio::time::sleep(Duration::from_secs(2)).await;
    memory.say("after they left");
    drop(daemon);
}

async fn watchers_half_of_which_never_read() {
    const CONNECTIONS: usize = 40;
    const WATCHERS: usize = 2_000;
    const SUBMISSIONS: usize = 5_000;
    let dir = tempfile::tempdir().expect("a directory");
    let (daemon, mut client, memory) = daemon(dir.path()).await;
    memory.say("before");
    let before = memory.resident();
    let (mut reading, mut silent) = (Vec::new(), Vec::new());
    for connection in 0..CONNECTIONS {
        let mut service: LeaderboardServiceClient<_> = daemon.client().await.leaderboard_service();
        for _ in 0..WATCHERS / CONNECTIONS {
            let request = WatchLeaderboardRequest {
                boards: vec!["crowd".into()],
                ..Default::default()
            };
            let stream = service
                .watch_leaderboard(request)
                .await
                .expect("watching")
                .into_inner();
            if connection % 2 == 0 {
                silent.push(stream);
            } else {
                reading.push(tokio::spawn(async move {
                    let mut stream = stream;
                    let mut newest = 0;
                    while newest < (SUBMISSIONS + 1) as i64 {
                        newest = stream
                            .message()
                            .await
                            .expect("a frame")
                            .expect("more")
                            .revision;
                    }
                }));
            }
        }
    }
    memory.say(&format!("with {WATCHERS} watchers"));
    for number in 0..SUBMISSIONS {
        client
            .submit_result(result(number))
            .await
            .expect("accepted");
    }
    for reader in reading {
        reader.await.expect("it has everything");
    }
    memory.say(&format!(
        "after {SUBMISSIONS} submissions, half of them never read"
    ));
    println!(
        "{:.0} bytes a watcher",
        (memory.peak() - before) * MIB / WATCHERS as f64
    );
    assert_answers(&mut client).await;
    assert!(memory.peak() - before < 400.0, "{} MiB", memory.peak());
    drop(silent);
    tokio::time::sleep(Duration::from_secs(2)).await;
    memory.say("after they left");
    drop(daemon);
}

async fn bad_requests_of_the_largest_size() {
    const CALLERS: usize = 128;
    const EACH: usize = 200;
    let dir = tempfile::tempdir().expect("a directory");
    let (daemon, mut client, memory) = daemon(dir.path()).await;
    memory.say("before");
    let before = memory.resident();
    let mut callers = Vec::new();
    for caller in 0..CALLERS {
        let mut service = daemon.client().await.leaderboard_service();
        callers.push(tokio::spawn(async move {
            // Just within the bound, and far past it.
            let bytes = if caller % 2 == 0 {
                60 * 1024
            } else {
                3 * 1024 * 1024
            };
            let mut request = result(0);
            if let Some(result) = &mut request.result {
                result.model = "x".repeat(bytes);
            }
            let mut codes = [0_usize; 2];
            for _ in 0..EACH {
                let refused = service
                    .submit_result(request.clone())
                    .await
                    .expect_err("bad");
                match refused.code() {
                    Code::InvalidArgument => codes[0] += 1,
                    Code::ResourceExhausted => codes[1] += 1,
                    code => panic!("{code:?}: {refused}"),
                }
            }
            codes
        }));
    }
    let mut codes = [0, 0];
    for caller in callers {
        let more = caller.await.expect("refused each time");
        codes = [codes[0] + more[0], codes[1] + more[1]];
    }
    println!("{} refused as bad, {} as too large", codes[0], codes[1]);
    memory.say(&format!("after {} bad requests", CALLERS * EACH));
    assert_answers(&mut client).await;
    assert!(memory.peak() - before < 200.0, "{} MiB", memory.peak());
    drop(daemon);
}
