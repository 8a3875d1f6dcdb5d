//! A Python program with nothing of ours but the published schema.

use std::path::Path;
use std::process::Command;

use frontierd::proto::v1::{Benchmark, PutBenchmarkRequest};

use crate::daemon::{Daemon, Process};
use crate::tools::available;

const RESULTS: u32 = 1_000;

pub(crate) fn installed() -> bool {
    available("python3", &["-c", "import grpc, grpc_tools"])
}

/// Generates Python from the schema, as any user would.
pub(crate) fn generate(into: &Path) {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    let files = std::fs::read_dir(proto.join("frontier/v1")).expect("the schema");
    let files = files.map(|file| file.expect("a file").path());
    let status = Command::new("python3")
        .args(["-m", "grpc_tools.protoc"])
        .arg(format!("--proto_path={}", proto.display()))
        .arg(format!("--python_out={}", into.display()))
        .arg(format!("--grpc_python_out={}", into.display()))
        .args(files)
        .status()
        .expect("python3 runs");
    assert!(status.success());
}

pub(crate) async fn define(daemon: &Daemon, id: &str) {
    let benchmark = Benchmark {
        id: id.to_owned(),
        ..Benchmark::default()
    };
    let put = PutBenchmarkRequest {
        benchmark: Some(benchmark),
        ..PutBenchmarkRequest::default()
    };
    let put = daemon.client().await.put_benchmark(put).await;
    put.expect("accepted");
}

#[tokio::test]
async fn python_streams_results_and_watches_them_arrive_in_order() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let generated = dir.path().join("generated");
    std::fs::create_dir(&generated).expect("a directory");
    generate(&generated);
    let daemon = Daemon::start(&dir.path().join("data"));
    define(&daemon, "python").await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/submit_and_watch.py");
    let mut python = Process::spawn(
        Command::new("python3")
            .arg(script)
            .args([&daemon.addr, "python", &RESULTS.to_string()])
            .env("PYTHONPATH", &generated),
    );
    let status = python.wait();
    let said = python.stdout.so_far();
    assert!(status.success(), "{said}\n{}", python.stderr.so_far());
    assert!(
        said.contains(&format!("watched {RESULTS} results in order")),
        "{said}"
    );
    daemon.stop();
}
