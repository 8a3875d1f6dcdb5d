//! The command line as a user meets it, without a server.

use assert_cmd::Command;

const SUBCOMMANDS: [&[&str]; 21] = [
    &["demo"],
    &["serve"],
    &["put", "benchmark"],
    &["put", "model"],
    &["put", "price"],
    &["put", "claim"],
    &["submit"],
    &["status"],
    &["results"],
    &["leaderboard"],
    &["cheapest"],
    &["compare"],
    &["trend"],
    &["trend", "assess"],
    &["watch"],
    &["import"],
    &["import", "store"],
    &["export"],
    &["verify"],
    &["healthcheck"],
    &["completions"],
];

/// Nobody listens on this port: it is reserved.
const NOBODY: &str = "http://127.0.0.1:1";

fn frontierd(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("frontierd").expect("the binary");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("FRONTIERD_")) {
        command.env_remove(name);
    }
    command.args(args);
    command
}

struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(mut command: Command) -> Outcome {
    let output = command.output().expect("it runs");
    Outcome {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

#[test]
fn every_help_has_an_example_that_begins_with_its_own_name() {
    for path in SUBCOMMANDS {
        let help = run(frontierd(&[path, &["--help"]].concat()));
        assert_eq!(help.code, Some(0), "{path:?}");
        let example = format!("\n  frontierd {} ", path.join(" "));
        assert!(help.stdout.contains("Example"), "{path:?}: {}", help.stdout);
        assert!(help.stdout.contains(&example), "{path:?}: {}", help.stdout);
    }
}

#[test]
fn the_help_lists_every_subcommand() {
    let help = run(frontierd(&["--help"]));
    for path in SUBCOMMANDS {
        assert!(
            help.stdout.contains(&format!("\n  {} ", path[0])),
            "{path:?}: {}",
            help.stdout
        );
    }
}

#[test]
fn usage_errors_exit_with_2_and_say_what_is_wrong() {
    for (args, part) in [
        (&[][..], "Usage"),
        (&["serv"], "serve"),
        (&["submit", "mmlu", "a/b", "much"], "much"),
        (
            &["leaderboard", "mmlu", "--order", "best"],
            "possible values",
        ),
        (&["results"], "--benchmark"),
        (&["cheapest", "mmlu"], "--min-score"),
        (&["trend"], "BOARD"),
        (
            &["put", "claim", "a/b", "--claimant", "x"],
            "--derived-from",
        ),
        (
            &[
                "put",
                "claim",
                "a/b",
                "--claimant",
                "x",
                "--cost",
                "1",
                "--derived-from",
                "c/d",
            ],
            "cannot be used",
        ),
        (&["put", "price", "a/b", "--from", "2025-01-01"], "--input"),
        (
            &["status", "7", "pin", "--reason", "x", "--addr", NOBODY],
            "--claim",
        ),
        (&["verify", "--expect", "7"], "REVISION:HASH"),
        (&["serve", "--cache-bytes", "8MB"], "8MiB"),
        (&["serve", "--listen", "0.0.0.0:0"], "--insecure-public"),
        (&["serve", "--listen", "here"], "`here`"),
        (&["serve", "--config", "/nowhere.toml"], "/nowhere.toml"),
        (&["demo", "--listen", "0.0.0.0:0"], "--insecure-public"),
    ] {
        let outcome = run(frontierd(args));
        assert_eq!(outcome.code, Some(2), "{args:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(part),
            "{args:?}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn the_environment_goes_before_the_file_and_flags_before_both() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("frontierd.toml");
    std::fs::write(&path, "listen = \"file\"\nno_such_setting = 1\n").expect("written");
    let mut command = frontierd(&["serve"]);
    command.env("FRONTIERD_CONFIG", &path);
    let outcome = run(command);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("no_such_setting"),
        "{}",
        outcome.stderr
    );

    std::fs::write(&path, "listen = \"file\"\n").expect("written");
    for (environment, flags, wins) in [
        (None, &[][..], "`file`"),
        (Some("environment"), &[], "`environment`"),
        (Some("environment"), &["--listen", "flag"], "`flag`"),
    ] {
        let mut command = frontierd(&[&["serve"], flags].concat());
        command.env("FRONTIERD_CONFIG", &path);
        if let Some(environment) = environment {
            command.env("FRONTIERD_LISTEN", environment);
        }
        let outcome = run(command);
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains(wins), "{wins}: {}", outcome.stderr);
    }
}

#[test]
fn nobody_at_the_address_is_a_failure_that_names_it() {
    for args in [
        &["leaderboard", "mmlu"][..],
        &["submit", "mmlu", "a/b", "1"],
        &["watch", "mmlu"],
        &["healthcheck"],
    ] {
        let outcome = run(frontierd(&[args, &["--addr", NOBODY]].concat()));
        assert_eq!(outcome.code, Some(1), "{args:?}: {}", outcome.stderr);
        assert!(
            outcome.stderr.contains(NOBODY),
            "{args:?}: {}",
            outcome.stderr
        );
        assert!(outcome.stdout.is_empty());
    }
}

#[test]
fn completions_are_made_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let outcome = run(frontierd(&["completions", shell]));
        assert_eq!(outcome.code, Some(0), "{shell}: {}", outcome.stderr);
        assert!(outcome.stdout.contains("leaderboard"), "{shell}");
    }
    assert_eq!(run(frontierd(&["completions", "tcsh"])).code, Some(2));
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let binary = assert_cmd::cargo::cargo_bin("frontierd");
    let mut child = std::process::Command::new(binary)
        .args(["completions", "zsh"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn verify_says_where_a_store_was_looked_for() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("UTF-8");
    let outcome = run(frontierd(&["verify", "--data-dir", path]));
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains(path), "{}", outcome.stderr);
}
