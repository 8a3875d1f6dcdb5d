//! A shell with grpcurl: the API explains itself and works as the documentation prints it.

use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, Process, frontierd};
use crate::tools::available;

const SERVICES: [&str; 4] = [
    "frontier.v1.AdminService",
    "frontier.v1.CatalogService",
    "frontier.v1.LeaderboardService",
    "frontier.v1.TrendService",
];
const STANDARD: [&str; 3] = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];
/// As the documentation prints it.
const SUBMISSION: &str =
    r#"{"result":{"benchmark":"gpqa-diamond","model":"deepseek/v3","score":59.1}}"#;

fn installed() -> bool {
    available("grpcurl", &["-version"])
}

fn demo() -> Daemon {
    Daemon::of(frontierd().args(["demo", "--listen", "127.0.0.1:0"]))
}

/// What grpcurl prints when it succeeds.
fn grpcurl(args: &[&str]) -> String {
    let output = Command::new("grpcurl")
        .arg("-plaintext")
        .args(args)
        .output()
        .expect("grpcurl runs");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {problem}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn call(addr: &str, method: &str, request: &str) -> Value {
    let answer = grpcurl(&["-d", request, addr, method]);
    serde_json::from_str(&answer).expect("JSON")
}

#[test]
fn every_service_lists_and_describes_itself() {
    if !installed() {
        return;
    }
    let daemon = demo();
    let listed = grpcurl(&[&daemon.addr, "list"]);
    let mut expected: Vec<&str> = SERVICES.iter().chain(&STANDARD).copied().collect();
    expected.sort_unstable();
    let mut listed: Vec<&str> = listed.lines().collect();
    listed.sort_unstable();
    assert_eq!(listed, expected);
    for service in SERVICES {
        let described = grpcurl(&[&daemon.addr, "describe", service]);
        assert!(
            described.starts_with(&format!("{service} is a service")),
            "{described}"
        );
        let methods = grpcurl(&[&daemon.addr, "list", service]);
        for method in methods.lines() {
            let described = grpcurl(&[&daemon.addr, "describe", method]);
            assert!(described.contains("is a method"), "{described}");
            // The messages of a method are described too.
            let request = described.split("( ").nth(1).expect("a request");
            let name = request.split(" )").next().expect("its end");
            let name = name.trim_start_matches("stream ").trim_start_matches('.');
            let described = grpcurl(&[&daemon.addr, "describe", name]);
            assert!(described.contains("is a message"), "{described}");
        }
    }
    for service in &STANDARD[..2] {
        let described = grpcurl(&[&daemon.addr, "describe", service]);
        assert!(described.contains("is a service"), "{described}");
    }
}

#[test]
fn the_printed_submission_works_on_the_demo() {
    if !installed() {
        return;
    }
    let daemon = demo();
    let submit = "frontier.v1.LeaderboardService/SubmitResult";
    let answer = call(&daemon.addr, submit, SUBMISSION);
    let revision = answer["revision"].as_str().expect("a revision").to_owned();
    assert_eq!(answer["counting"], true, "{answer:#}");
    assert_eq!(answer["standing"]["score"], 59.1, "{answer:#}");
    assert_eq!(answer["standing"]["model"], "deepseek/v3", "{answer:#}");

    let get = "frontier.v1.LeaderboardService/GetLeaderboard";
    let board = call(&daemon.addr, get, r#"{"board":"gpqa-diamond"}"#);
    assert_eq!(board["revision"], *revision);
    let rows = board["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 6);
    let row = rows.iter().find(|row| row["model"] == "deepseek/v3");
    assert_eq!(row.expect("it stands")["resultRevision"], *revision);

    let health = call(&daemon.addr, "grpc.health.v1.Health/Check", "{}");
    assert_eq!(health["status"], "SERVING");
    for service in SERVICES {
        let request = format!(r#"{{"service":"{service}"}}"#);
        let health = call(&daemon.addr, "grpc.health.v1.Health/Check", &request);
        assert_eq!(health["status"], "SERVING", "{service}");
    }
}

#[test]
fn a_refusal_is_legible_from_a_shell() {
    if !installed() {
        return;
    }
    let daemon = demo();
    let request = SUBMISSION.replace("gpqa-diamond", "gpqa-diamont");
    let output = Command::new("grpcurl")
        .args(["-plaintext", "-d", &request, &daemon.addr])
        .arg("frontier.v1.LeaderboardService/SubmitResult")
        .output()
        .expect("grpcurl runs");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(64 + 5), "{problem}");
    for part in ["NotFound", "UNKNOWN_BENCHMARK", "gpqa-diamond", "frontierd"] {
        assert!(problem.contains(part), "{part}: {problem}");
    }
}

#[test]
fn a_watch_in_one_shell_prints_what_another_submits() {
    if !installed() {
        return;
    }
    let daemon = demo();
    let watch = Process::spawn(
        Command::new("grpcurl")
            .args(["-plaintext", "-d", r#"{"boards":["gpqa-diamond"]}"#])
            .arg(&daemon.addr)
            .arg("frontier.v1.LeaderboardService/WatchLeaderboard"),
    );
    watch.stdout.wait_for("\"snapshotEnd\"");
    let submit = "frontier.v1.LeaderboardService/SubmitResult";
    let answer = call(&daemon.addr, submit, SUBMISSION);
    let revision = answer["revision"].as_str().expect("a revision");
    watch.stdout.wait_for("\"delta\"");
    watch
        .stdout
        .wait_for(&format!("\"resultRevision\": \"{revision}\""));
    watch.kill();
}
