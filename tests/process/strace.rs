//! What the operating system saw: no answer leaves before the disk has confirmed.

use std::fs;
use std::path::Path;
use std::process::Command;

use frontierd::proto::v1::{
    Benchmark, PutBenchmarkRequest, Result as ResultMessage, SubmitResultRequest,
};

use crate::daemon::{BINARY, Daemon, cleared, send_signal, serve_args};
use crate::tools::available;

/// Neither sled nor HTTP/2 compresses a body, so the name is legible in what is written to file and socket.
const WITNESS: &str = "lab/witness-of-the-commit";
const CALLS: &str = "trace=fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg";

/// A system call, by the lines of the trace on which it began and ended: its arguments stand on the first, its result
/// on the last.
#[derive(Debug)]
struct Call {
    began: usize,
    ended: usize,
    text: String,
    result: String,
}

impl Call {
    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| {
            let rest = self.text.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with('('))
        })
    }

    /// What its first argument, a file descriptor, stands for.
    fn file(&self) -> &str {
        let after = self.text.split_once('<').map_or("", |(_, after)| after);
        after.split_once('>').map_or("", |(file, _)| file)
    }
}

/// Puts together what `strace -f` splits where threads overtake each other.
fn calls(trace: &str) -> Vec<Call> {
    let mut open: Vec<(String, Call)> = Vec::new();
    let mut done = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else {
            continue;
        };
        let rest = rest.trim_start();
        let result_of = |text: &str| {
            let (_, result) = text.rsplit_once(" = ").unwrap_or(("", ""));
            result.to_owned()
        };
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            let call = Call {
                began: at,
                ended: usize::MAX,
                text: begun.to_owned(),
                result: String::new(),
            };
            open.push((thread.to_owned(), call));
        } else if rest.starts_with("<... ") {
            let found = open.iter().position(|(other, _)| other == thread);
            let (_, call) = open.swap_remove(found.expect("it began before"));
            done.push(Call {
                ended: at,
                result: result_of(rest),
                ..call
            });
        } else if !rest.starts_with("+++") && !rest.starts_with("---") {
            done.push(Call {
                began: at,
                ended: at,
                text: rest.to_owned(),
                result: result_of(rest),
            });
        }
    }
    done.extend(open.into_iter().map(|(_, call)| call));
    done
}

async fn submit_witness(daemon: &Daemon) {
    let mut client = daemon.client().await;
    let benchmark = Benchmark {
        id: "traced".to_owned(),
        ..Benchmark::default()
    };
    let put = PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..PutBenchmarkRequest::default()
    };
    client.put_benchmark(put).await.expect("accepted");
    let result = ResultMessage {
        benchmark: "traced".to_owned(),
        model: WITNESS.to_owned(),
        score: Some(50.0),
        ..ResultMessage::default()
    };
    let submit = SubmitResultRequest {
        result: Some(result),
        ..SubmitResultRequest::default()
    };
    let answer = client.submit_result(submit).await.expect("accepted");
    assert_eq!(answer.revision, 2);
}

/// Runs a daemon under strace, submits one result, and answers the trace.
async fn traced(dir: &Path) -> String {
    let (data, output) = (dir.join("data"), dir.join("trace"));
    let mut command = cleared(Command::new("strace"));
    command
        .args(["-f", "-y", "-s", "1000000", "-e", CALLS, "-o"])
        .arg(&output)
        .arg(BINARY);
    serve_args(&mut command, &data);
    let mut daemon = Daemon::of(&mut command);
    submit_witness(&daemon).await;
    // strace passes no signal on to what it runs.
    let children = format!("/proc/{0}/task/{0}/children", daemon.process.pid());
    let children = fs::read_to_string(children).expect("the kernel tells children");
    let traced = children.trim().parse().expect("one child");
    send_signal(traced, "TERM");
    assert!(daemon.process.wait().success());
    let trace = fs::read(&output).expect("a trace");
    String::from_utf8_lossy(&trace).into_owned()
}

#[tokio::test]
async fn the_disk_confirms_before_the_answer_leaves() {
    if !available("strace", &["-o", "/dev/null", "true"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let trace = traced(dir.path()).await;
    let calls = calls(&trace);
    let store_file = |call: &&Call| call.file().ends_with("/db");
    let witnesses = |call: &&Call| call.text.contains(WITNESS);

    let sends = calls
        .iter()
        .filter(|call| call.is(&["write", "writev", "sendto", "sendmsg"]));
    let to_socket =
        |call: &&Call| call.file().starts_with("socket:") || call.file().starts_with("TCP");
    let answer = sends
        .filter(to_socket)
        .find(witnesses)
        .expect("the answer names the model");
    let commit = calls
        .iter()
        .filter(|call| call.is(&["pwrite64", "write"]))
        .filter(store_file)
        .find(witnesses)
        .expect("the commit names the model");
    assert!(commit.ended < answer.began, "{commit:?}\n{answer:?}");
    // sled may write a commit in several pieces, the last of which counts.
    let last_piece = calls
        .iter()
        .filter(|call| call.is(&["pwrite64", "write"]))
        .filter(store_file)
        .filter(|call| call.began >= commit.began && call.began < answer.began)
        .map(|call| call.ended)
        .max()
        .expect("at least one piece");
    let confirmed = calls.iter().any(|call| {
        call.is(&["fdatasync", "fsync"])
            && store_file(&call)
            && call.began > last_piece
            && call.ended < answer.began
            && call.result == "0"
    });
    assert!(
        confirmed,
        "no fdatasync between lines {last_piece} and {} of:\n{trace}",
        answer.began
    );
}

#[test]
fn split_lines_are_put_together() {
    let trace = "7  pwrite64(5</s/db>, \"x\", 1, 0) = 1\n\
                 7  fdatasync(5</s/db> <unfinished ...>\n\
                 8  write(9<socket:[1]>, \"y\", 1) = 1\n\
                 7  <... fdatasync resumed>)             = 0\n\
                 7  +++ exited with 0 +++\n";
    let calls = calls(trace);
    assert_eq!(calls.len(), 3);
    let sync = calls.iter().find(|call| call.is(&["fdatasync"]));
    let sync = sync.expect("it is there");
    assert_eq!((sync.began, sync.ended, &*sync.result), (1, 3, "0"));
    assert_eq!(sync.file(), "/s/db");
}
