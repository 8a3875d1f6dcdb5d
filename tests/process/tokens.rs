//! Tokens from a shell: made, used, refused, revoked, while the daemon serves.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::daemon::{Daemon, frontierd};
use crate::tools::available;

const SUBMIT: &str = "frontier.v1.LeaderboardService/SubmitResult";
const STATUS: &str = "frontier.v1.LeaderboardService/SetResultStatus";
const READ: &str = "frontier.v1.CatalogService/ListBenchmarks";
const PUT: &str = "frontier.v1.CatalogService/PutBenchmark";
const ADMIN: &str = "frontier.v1.AdminService/GetStatus";
const WATCH: &str = "frontier.v1.LeaderboardService/WatchLeaderboard";
const UNAUTHENTICATED: i32 = 64 + 16;
const PERMISSION_DENIED: i32 = 64 + 7;
const RESOURCE_EXHAUSTED: i32 = 64 + 8;

struct Tokens {
    _dir: tempfile::TempDir,
    file: PathBuf,
}

impl Tokens {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("tokens.toml");
        Self { _dir: dir, file }
    }

    fn run(&self, args: &[&str]) -> String {
        let output = frontierd()
            .arg("token")
            .args(args)
            .arg("--tokens")
            .arg(&self.file)
            .output()
            .expect("it runs");
        let problem = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {problem}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn create(&self, name: &str, role: &str, args: &[&str]) -> String {
        let created = self.run(&[&["create", name, "--role", role], args].concat());
        created.trim().to_owned()
    }

    /// Makes a token that expired, which the command refuses to make.
    fn create_expired(&self, name: &str) -> String {
        let token = self.create(name, "admin", &["--expires", "2999-12-31"]);
        let text = std::fs::read_to_string(&self.file).expect("text");
        let text = text.replace("3000-01-01T00:00:00Z", "2020-01-01T00:00:00Z");
        std::fs::write(&self.file, text).expect("written");
        token
    }
}

fn serve(dir: &Path, tokens: &Tokens, args: &[&str]) -> Daemon {
    let file = tokens.file.to_str().expect("UTF-8");
    Daemon::start_with(
        dir,
        &[&["--tokens", file, "--open-reflection"], args].concat(),
    )
}

/// Exit code and both outputs of grpcurl.
fn call(daemon: &Daemon, token: Option<&str>, method: &str, request: &str) -> (i32, String) {
    let mut command = Command::new("grpcurl");
    command.args(["-plaintext", "-max-time", "20", "-d", request]);
    if let Some(token) = token {
        command.args(["-H", &format!("authorization: Bearer {token}")]);
    }
    let output = command
        .args([&daemon.addr, method])
        .output()
        .expect("grpcurl runs");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), text)
}

#[track_caller]
fn expect(outcome: (i32, String), code: i32, parts: &[&str]) -> String {
    let (found, text) = outcome;
    assert_eq!(found, code, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    text
}

fn result(benchmark: &str, model: &str) -> String {
    format!(r#"{{"result":{{"benchmark":"{benchmark}","model":"{model}","score":59.1}}}}"#)
}

const PUT_OURS: &str = r#"{"benchmark":{"id":"our-evals","title":"Ours"},"requestId":"1"}"#;
const PUT_THEIRS: &str = r#"{"benchmark":{"id":"theirs","title":"Theirs"},"requestId":"2"}"#;

#[test]
fn without_a_good_token_every_call_is_unauthenticated() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let (tokens, data) = (Tokens::new(), tempfile::tempdir().expect("a directory"));
    let expired = tokens.create_expired("old");
    let revoked = tokens.create("gone", "admin", &[]);
    tokens.run(&["revoke", "gone"]);
    let daemon = serve(data.path(), &tokens, &[]);
    for (token, reason) in [
        (None, "TOKEN_MISSING"),
        (Some(expired.as_str()), "TOKEN_EXPIRED"),
        (Some(revoked.as_str()), "TOKEN_REVOKED"),
        (Some("frontierd_0"), "TOKEN_UNKNOWN"),
    ] {
        for method in [READ, SUBMIT, PUT, ADMIN, WATCH] {
            let parts = ["Unauthenticated", reason, "frontierd token create"];
            let text = expect(call(&daemon, token, method, "{}"), UNAUTHENTICATED, &parts);
            assert!(!text.contains("frontierd_"), "{text}");
        }
        daemon.process.stderr.wait_for(reason);
    }
    let log = daemon.process.stderr.so_far();
    assert!(log.contains("audit") && log.contains(SUBMIT), "{log}");
    for secret in [&expired, &revoked] {
        assert!(!log.contains(&secret[10..]), "a secret is in the log");
    }
    daemon.stop();
}

#[test]
fn a_token_may_do_what_its_role_and_scope_say_and_the_rest_is_denied() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let (tokens, data) = (Tokens::new(), tempfile::tempdir().expect("a directory"));
    let admin = tokens.create("root", "admin", &[]);
    let reader = tokens.create("dash", "read", &[]);
    let scope = ["--benchmark", "our-*", "--organization", "acme"];
    let ours = tokens.create("ci", "submit", &scope);
    let other = tokens.create("lab", "submit", &[]);
    let daemon = serve(data.path(), &tokens, &[]);

    let missing = ["PermissionDenied", "ROLE_MISSING"];
    for (token, method) in [
        (&reader, SUBMIT),
        (&reader, PUT),
        (&other, PUT),
        (&other, ADMIN),
    ] {
        expect(
            call(&daemon, Some(token), method, "{}"),
            PERMISSION_DENIED,
            &missing,
        );
    }
    for request in [PUT_OURS, PUT_THEIRS] {
        expect(call(&daemon, Some(&admin), PUT, request), 0, &[]);
    }
    expect(call(&daemon, Some(&admin), ADMIN, "{}"), 0, &["storeId"]);
    for token in [&reader, &ours, &admin] {
        expect(call(&daemon, Some(token), READ, "{}"), 0, &["our-evals"]);
    }

    let outside = ["PermissionDenied", "OUT_OF_SCOPE"];
    let submitted = |request: &str| call(&daemon, Some(&ours), SUBMIT, request);
    expect(
        submitted(&result("theirs", "acme/one")),
        PERMISSION_DENIED,
        &outside,
    );
    expect(
        submitted(&result("our-evals", "openai/two")),
        PERMISSION_DENIED,
        &outside,
    );
    let answer = expect(submitted(&result("our-evals", "acme/one")), 0, &[]);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(answer["standing"]["evaluator"], "ci", "{answer:#}");
    check_statuses(&daemon, &answer["revision"], [&ours, &other, &admin]);
    daemon.stop();
}

/// The status of a result is its submitter's to change, and an admin's.
fn check_statuses(daemon: &Daemon, revision: &Value, [ours, other, admin]: [&str; 3]) {
    let dispute = format!(r#"{{"revision":{revision},"status":"STATUS_DISPUTED","reason":"odd"}}"#);
    let status = |token| call(daemon, Some(token), STATUS, &dispute);
    expect(status(other), PERMISSION_DENIED, &["NOT_YOUR_OWN", "`ci`"]);
    expect(status(ours), 0, &[]);
    let restore = dispute.replace("DISPUTED", "ACTIVE");
    expect(call(daemon, Some(admin), STATUS, &restore), 0, &[]);
    let list = "frontier.v1.LeaderboardService/ListResults";
    let listed = call(daemon, Some(other), list, r#"{"benchmark":"our-evals"}"#);
    let parts = [r#""submitter": "ci""#, r#""author": "root""#];
    expect(listed, 0, &parts);
}

#[test]
fn anonymous_callers_may_read_and_no_more_and_reflection_and_health_are_as_the_flags_say() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let (tokens, data) = (Tokens::new(), tempfile::tempdir().expect("a directory"));
    let reader = tokens.create("dash", "read", &[]);
    let health = "grpc.health.v1.Health/Check";
    let daemon = serve(data.path(), &tokens, &["--anonymous", "read"]);
    expect(call(&daemon, None, READ, "{}"), 0, &[]);
    expect(call(&daemon, None, health, "{}"), 0, &["SERVING"]);
    for method in [SUBMIT, PUT, ADMIN] {
        expect(
            call(&daemon, None, method, "{}"),
            UNAUTHENTICATED,
            &["TOKEN_MISSING"],
        );
    }
    expect(
        call(&daemon, Some("wrong"), READ, "{}"),
        UNAUTHENTICATED,
        &["TOKEN_UNKNOWN"],
    );
    daemon.stop();

    let closed = ["--open-health=false"];
    let daemon = serve(data.path(), &tokens, &closed);
    expect(
        call(&daemon, None, health, "{}"),
        UNAUTHENTICATED,
        &["TOKEN_MISSING"],
    );
    expect(call(&daemon, Some(&reader), health, "{}"), 0, &["SERVING"]);
    daemon.stop();

    let file = tokens.file.to_str().expect("UTF-8");
    let daemon = Daemon::start_with(data.path(), &["--tokens", file]);
    let (code, text) = call(&daemon, None, READ, "{}");
    assert!(code != 0 && text.contains("token"), "{text}");
    expect(call(&daemon, Some(&reader), READ, "{}"), 0, &[]);
    daemon.stop();
}

#[test]
fn a_token_made_or_revoked_while_the_daemon_serves_counts_within_seconds() {
    if !available("grpcurl", &["-version"]) {
        return;
    }
    let (tokens, data) = (Tokens::new(), tempfile::tempdir().expect("a directory"));
    let admin = tokens.create("root", "admin", &[]);
    let daemon = serve(data.path(), &tokens, &[]);
    let late = tokens.create(
        "late",
        "submit",
        &[
            "--submissions-per-second",
            "0.01",
            "--submissions-burst",
            "2",
        ],
    );
    daemon.process.stderr.wait_for("files read again");
    expect(call(&daemon, Some(&late), READ, "{}"), 0, &[]);
    for _ in 0..2 {
        expect(call(&daemon, Some(&late), SUBMIT, "{}"), 64 + 3, &[]);
    }
    expect(
        call(&daemon, Some(&late), SUBMIT, "{}"),
        RESOURCE_EXHAUSTED,
        &["RATE_LIMITED", "retryDelay"],
    );
    expect(call(&daemon, Some(&admin), ADMIN, "{}"), 0, &[]);

    let mut watch = crate::daemon::Process::spawn(
        frontierd()
            .args(["watch", "overall", "--addr", &daemon.url()])
            .env("FRONTIERD_TOKEN", &late),
    );
    watch.stdout.wait_for("snapshotEnd");
    let listed = tokens.run(&["list"]);
    let line = listed.lines().find(|line| line.contains("late"));
    let id = line.and_then(|line| line.split(' ').next()).expect("an id");
    tokens.run(&["revoke", id]);
    let status = watch.wait();
    assert_eq!(status.code(), Some(UNAUTHENTICATED));
    assert!(watch.stderr.so_far().contains("TOKEN_REVOKED"));
    expect(
        call(&daemon, Some(&late), READ, "{}"),
        UNAUTHENTICATED,
        &["TOKEN_REVOKED"],
    );

    // A broken file changes nothing.
    std::fs::write(&tokens.file, "token = 1").expect("written");
    daemon.process.stderr.wait_for("cannot be used");
    expect(call(&daemon, Some(&admin), READ, "{}"), 0, &[]);
    daemon.stop();
}

#[test]
fn no_output_of_a_command_shows_the_token_that_it_was_given() {
    let secret = "frontierd_0123456789abcdef";
    for args in [
        &["leaderboard", "--help"][..],
        &["submit", "-h"],
        &["healthcheck", "--addr", "127.0.0.1:1"],
        &["results", "mmlu", "--addr", "http://192.0.2.1:1"],
    ] {
        let output = frontierd()
            .args(args)
            .env("FRONTIERD_TOKEN", secret)
            .output()
            .expect("it runs");
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        assert!(!text.is_empty() && !text.contains("0123456789"), "{text}");
    }
}
