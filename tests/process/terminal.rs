//! `frontierd top` in a real terminal: tmux is one, and says what is on it.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use frontierd::client::Client;
use frontierd::proto::v1::{
    Benchmark, CostRange, PutBenchmarkRequest, Result as ResultMessage, SubmitResultRequest,
};

use crate::daemon::{BINARY, Daemon, cleared, frontierd};
use crate::lines::PATIENCE;
use crate::tools::available;

const BOARD: &str = "terminal";
/// Between two looks at a screen.
const LOOK: Duration = Duration::from_millis(50);

/// A tmux server of our own with one window.
struct Tmux {
    socket: String,
}

impl Tmux {
    fn run(&self, args: &[&str]) -> Output {
        let mut tmux = cleared(Command::new("tmux"));
        tmux.args(["-L", &self.socket, "-f", "/dev/null"])
            .args(args);
        tmux.output().expect("tmux runs")
    }

    /// Opens a window with a command in it, and a shell line that tells how it ended.
    fn open(name: &str, (width, height): (u16, u16), command: &str) -> Self {
        let tmux = Self {
            socket: format!("frontierd-{name}-{}", std::process::id()),
        };
        let (width, height) = (width.to_string(), height.to_string());
        let line = format!("{command}; echo \"ended with $?\"; exec cat");
        let started = tmux.run(&[
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            "sh",
            "-c",
            &line,
        ]);
        assert!(started.status.success(), "{started:?}");
        tmux
    }

    fn screen(&self) -> String {
        let screen = self.run(&["capture-pane", "-p"]);
        String::from_utf8_lossy(&screen.stdout).into_owned()
    }

    /// Waits until all of these are on the screen.
    fn wait(&self, parts: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.screen();
            if parts.iter().all(|part| screen.contains(part)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "waited for {parts:?}:\n{screen}");
            std::thread::sleep(LOOK);
        }
    }

    /// The process that the shell waits for.
    fn child(&self) -> u32 {
        let shell = self.run(&["list-panes", "-F", "#{pane_pid}"]).stdout;
        let shell = String::from_utf8_lossy(&shell).trim().to_owned();
        let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
        children.expect("its children").trim().parse().expect("one")
    }

    fn keys(&self, keys: &[&str]) {
        self.run(&[&["send-keys"], keys].concat());
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

async fn submit(client: &mut Client, model: &str, score: f64, cost: f64) -> i64 {
    let request = SubmitResultRequest {
        result: Some(ResultMessage {
            benchmark: BOARD.to_owned(),
            model: model.to_owned(),
            score: Some(score),
            run_cost: Some(CostRange {
                central_usd: Some(cost),
                ..CostRange::default()
            }),
            task_count: Some(10),
            ..ResultMessage::default()
        }),
        ..SubmitResultRequest::default()
    };
    let answer = client.submit_result(request).await;
    answer.expect("accepted").revision
}

async fn define(client: &mut Client) {
    let put = PutBenchmarkRequest {
        benchmark: Some(Benchmark {
            id: BOARD.to_owned(),
            title: Some("A board in a terminal".to_owned()),
            ..Benchmark::default()
        }),
        ..PutBenchmarkRequest::default()
    };
    client.put_benchmark(put).await.expect("accepted");
}

/// A board is shown, moves, survives the daemon, and gives the terminal back.
async fn watched(name: &str, size: (u16, u16)) {
    if !available("tmux", &["-V"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    let mut client = daemon.client().await;
    define(&mut client).await;
    submit(&mut client, "lab/first", 50.0, 2.0).await;
    submit(&mut client, "lab/second", 40.0, 1.0).await;
    let addr = daemon.addr.clone();
    let command = format!("NO_COLOR=1 '{BINARY}' top --addr http://{addr}");
    let tmux = Tmux::open(name, size, &command);
    tmux.wait(&[
        "A board in a terminal",
        "lab/first",
        "lab/second",
        "live revision 3",
    ]);
    submit(&mut client, "lab/third", 60.0, 4.0).await;
    let screen = tmux.wait(&[
        "+>",
        "lab/third leads, before it was lab/first",
        "live revision 4",
    ]);
    let row = |model: &str| {
        screen
            .lines()
            .position(|line| line.contains(model) && line.contains('$'))
    };
    assert!(row("lab/third") < row("lab/first"), "{screen}");
    tmux.keys(&["o"]);
    tmux.wait(&["by value"]);
    tmux.keys(&["Down", "Enter", "?"]);
    tmux.wait(&["any key closes this"]);
    tmux.keys(&["x"]);
    drop(client);
    daemon.kill();
    tmux.wait(&["RECONNECTING", "connection lost", "lab/third"]);
    let mut again = frontierd();
    again.args(["serve", "--listen", &addr, "--data-dir"]);
    let daemon = Daemon::of(again.arg(dir.path()));
    tmux.wait(&["live revision 4", "reconnected, at revision 4"]);
    let mut client = daemon.client().await;
    submit(&mut client, "lab/fourth", 70.0, 0.5).await;
    tmux.wait(&["lab/fourth", "live revision 5"]);
    // Another size is drawn anew.
    tmux.run(&["resize-window", "-x", "100", "-y", "30"]);
    tmux.wait(&["lab/fourth", "live revision 5", "q quit"]);
    tmux.keys(&["q"]);
    let screen = tmux.wait(&["ended with 0"]);
    assert!(
        !screen.contains("lab/fourth"),
        "the terminal is as it was:\n{screen}"
    );
    drop(client);
    daemon.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn top_lives_in_80_by_24() {
    watched("small", (80, 24)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn top_lives_in_160_by_50() {
    watched("large", (160, 50)).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_signal_gives_the_terminal_back() {
    if !available("tmux", &["-V"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    define(&mut daemon.client().await).await;
    let command = format!("'{BINARY}' top {BOARD} --addr {}", daemon.addr);
    let tmux = Tmux::open("signal", (80, 24), &command);
    tmux.wait(&["No model stands here yet", "live"]);
    crate::daemon::send_signal(tmux.child(), "TERM");
    let screen = tmux.wait(&["ended with 0"]);
    assert!(!screen.contains("No model stands"), "{screen}");
    daemon.stop();
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let mut top = crate::daemon::Process::spawn(frontierd().arg("top"));
    assert_eq!(top.wait().code(), Some(2));
    let said = top.stderr.so_far();
    assert!(
        said.contains("frontierd watch") && said.contains("frontierd leaderboard"),
        "{said}"
    );
}
