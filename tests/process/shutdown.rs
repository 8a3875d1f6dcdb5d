//! How a daemon ends when calls do not.

use std::io::Write;
use std::net::TcpStream;

use crate::daemon::Daemon;

/// A call that announces a message and never sends it.
fn unfinished(daemon: &Daemon) -> TcpStream {
    let mut stream = TcpStream::connect(&daemon.addr).expect("it listens");
    let head = format!(
        "POST /frontier.v1.LeaderboardService/GetLeaderboard HTTP/1.1\r\nHost: {}\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: 64\r\n\r\n",
        daemon.addr
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    stream
}

/// A daemon that was told of the call.
fn busy(dir: &std::path::Path) -> (Daemon, TcpStream) {
    let daemon = Daemon::start_with(dir, &["--metrics-listen", "127.0.0.1:0"]);
    let line = daemon.process.stdout.wait_for("metrics on http://");
    let addr = line.trim_start_matches("metrics on http://");
    let addr = addr.trim_end_matches("/metrics");
    let stream = unfinished(&daemon);
    while !crate::http::get(addr, "/metrics")
        .body
        .contains("frontierd_grpc_calls_open 1")
    {
        std::thread::yield_now();
    }
    (daemon, stream)
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (mut daemon, _stream) = busy(dir.path());
    daemon.process.signal("TERM");
    let line = daemon.process.stderr.wait_for("shutting down");
    assert!(line.contains("open_calls=1"), "{line}");
    daemon.process.signal("TERM");
    let status = daemon.process.wait();
    let said = daemon.process.stderr.so_far();
    assert_eq!(status.code(), Some(128 + 15), "{said}");
    assert!(said.contains("a second signal"), "{said}");
    assert!(!said.contains("store closed"), "{said}");
    // It left nothing behind that a start minds.
    Daemon::start(dir.path()).stop();
}

#[test]
fn a_call_that_does_not_end_is_left_after_the_deadline() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (mut daemon, _stream) = busy(dir.path());
    daemon.process.signal("TERM");
    let status = daemon.process.wait();
    let said = daemon.process.stderr.so_far();
    assert_eq!(status.code(), Some(0), "{said}");
    for part in [
        "calls still open after the drain",
        "store closed",
        "stopped",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
