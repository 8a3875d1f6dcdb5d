//! `frontierd import`: real files of real tools, damaged ones, large ones, and many.

#[path = "import/bounds.rs"]
mod bounds;
#[path = "import/real.rs"]
mod real;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::daemon::{Daemon, frontierd};

/// What an import printed.
struct Imported {
    code: Option<i32>,
    /// Rows and files that were skipped or refused.
    listed: Vec<Value>,
    summary: Value,
    stderr: String,
}

impl Imported {
    fn of(output: Output) -> Self {
        let stdout = String::from_utf8(output.stdout).expect("UTF-8");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        let mut listed: Vec<Value> = stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .collect();
        let summary = listed
            .pop()
            .map_or(Value::Null, |mut last| last["summary"].take());
        Self {
            code: output.status.code(),
            listed,
            summary,
            stderr,
        }
    }

    fn count(&self, name: &str) -> u64 {
        match &self.summary[name] {
            Value::Object(reasons) => reasons.values().filter_map(Value::as_u64).sum(),
            count => count
                .as_u64()
                .unwrap_or_else(|| panic!("no {name} in {}", self.summary)),
        }
    }

    fn counts(&self) -> [u64; 5] {
        ["read", "submitted", "alreadyThere", "skipped", "refused"].map(|name| self.count(name))
    }

    fn reasons(&self, name: &str) -> BTreeMap<String, u64> {
        serde_json::from_value(self.summary[name].clone()).expect("reasons")
    }
}

/// An import into a daemon.
fn import(daemon: &Daemon, args: &[&str]) -> Imported {
    let mut command = frontierd();
    command
        .env("FRONTIERD_ADDR", daemon.url())
        .args(["--output", "json", "import"])
        .args(args);
    Imported::of(command.output().expect("it runs"))
}

/// An import that connects to nothing.
fn dry(args: &[&str]) -> Imported {
    let mut command = frontierd();
    command
        .args(["--output", "json", "import", "--dry-run"])
        .args(args);
    Imported::of(command.output().expect("it runs"))
}

#[test]
fn prices_and_token_usage_give_a_cost() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let prices = dir.path().join("prices.yml");
    let text = "id: openai\nmodels:\n  - id: gpt-4o-mini\n    prices_checked: 2025-01-01\n    prices: {input_mtok: 0.15, output_mtok: 0.6}\n";
    std::fs::write(&prices, text).expect("a file");
    let prices = prices.to_str().expect("UTF-8");
    assert_eq!(import(&daemon, &[prices]).counts(), [1, 1, 0, 0, 0]);
    // A price without a first day that is in force already is the same statement on any later day.
    let later = std::fs::read_to_string(prices)
        .expect("a file")
        .replace("2025-01-01", "2025-02-01");
    std::fs::write(prices, later).expect("a file");
    assert_eq!(import(&daemon, &[prices]).counts(), [1, 0, 1, 0, 0]);
    let log = dir.path().join("log.json");
    let text = r#"{"version": 2, "status": "success", "eval": {"task": "t", "model": "openai/gpt-4o-mini", "dataset": {"samples": 10}, "config": {"epochs": 2}},
      "results": {"total_samples": 20, "scores": [{"name": "m", "scorer": "match", "metrics": {"accuracy": {"value": 0.5}, "stderr": {"value": 0.1}}}]},
      "stats": {"completed_at": "2025-03-01T10:00:00+00:00", "model_usage": {"openai/gpt-4o-mini": {"input_tokens": 2000000, "output_tokens": 500000}}}, "samples": []}"#;
    std::fs::write(&log, text).expect("a file");
    let imported = import(
        &daemon,
        &[
            "inspect",
            log.to_str().expect("UTF-8"),
            "--create-benchmarks",
        ],
    );
    assert_eq!(imported.counts(), [1, 1, 0, 0, 0], "{}", imported.stderr);
    let board = frontierd()
        .env("FRONTIERD_ADDR", daemon.url())
        .args([
            "--output",
            "json",
            "leaderboard",
            "t-accuracy",
            "--basis",
            "task",
        ])
        .output()
        .expect("it runs");
    let board: Value = serde_json::from_slice(&board.stdout).expect("JSON");
    let cost = board["rows"][0]["costs"][0]["centralUsd"]
        .as_f64()
        .expect("a cost");
    // (2 x 0.15 + 0.5 x 0.6) USD over 10 tasks x 2 epochs.
    assert!((cost - 0.03).abs() < 1e-12, "{cost}");
    daemon.stop();
}

#[test]
fn a_changed_row_adds_itself_only_and_unknown_benchmarks_are_not_made_up() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let file = dir.path().join("r.csv");
    let name = file.to_str().expect("UTF-8").to_owned();
    let write = |third: &str| {
        let text = format!(
            "benchmark,model,score,benchmark_unit,status\nx,openai/a,1,PERCENT,\nx,openai/b,2,PERCENT,DISPUTED\nx,openai/c,{third},PERCENT,\n"
        );
        std::fs::write(&file, text).expect("a file");
    };
    write("3");
    let unknown = import(&daemon, &[&name]);
    assert_eq!(unknown.counts(), [3, 0, 0, 0, 3]);
    assert!(
        unknown.listed[0]["message"]
            .as_str()
            .is_some_and(|text| text.contains("--create-benchmarks"))
    );
    assert_eq!(
        import(&daemon, &[&name, "--create-benchmarks"]).counts(),
        [3, 3, 0, 0, 0]
    );
    write("4");
    assert_eq!(import(&daemon, &[&name]).counts(), [3, 1, 2, 0, 0]);
    let results = frontierd()
        .env("FRONTIERD_ADDR", daemon.url())
        .args(["--output", "json", "results", "--benchmark", "x"])
        .output()
        .expect("it runs");
    let results: Value = serde_json::from_slice(&results.stdout).expect("JSON");
    let results = results["results"].as_array().expect("results");
    assert_eq!(results.len(), 4);
    assert_eq!(
        results
            .iter()
            .filter(|result| result["status"] == "STATUS_DISPUTED")
            .count(),
        1
    );
    daemon.stop();
}

#[test]
fn a_store_is_imported_into_when_no_daemon_holds_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = dir.path().join("data").to_str().expect("UTF-8").to_owned();
    let line = "{\"benchmark\":\"x\",\"model\":\"openai/a\",\"score\":1}\n";
    let piped = |args: &[&str]| {
        let mut child = frontierd()
            .args([
                "--output",
                "json",
                "import",
                "jsonl",
                "-",
                "--create-benchmarks",
                "--store",
                &store,
            ])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        std::io::Write::write_all(&mut child.stdin.take().expect("piped"), line.as_bytes())
            .expect("a pipe");
        Imported::of(child.wait_with_output().expect("it ends"))
    };
    assert_eq!(piped(&[]).counts(), [1, 1, 0, 0, 0]);
    let daemon = Daemon::start(Path::new(&store));
    assert!(
        daemon.revision >= 2,
        "the benchmark and the result are there"
    );
    let locked = piped(&[]);
    assert_eq!(locked.code, Some(1));
    assert!(locked.stderr.contains("holds it"), "{}", locked.stderr);
    daemon.stop();
    assert_eq!(piped(&[]).counts(), [1, 0, 1, 0, 0]);
}

#[test]
fn mapping_files_and_flags_say_what_files_do_not() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mapping = dir.path().join("m.toml");
    std::fs::write(
        &mapping,
        "[models]\n\"quasar alpha\" = \"openai/gpt-4.1@preview\"\n",
    )
    .expect("a file");
    let runs = dir.path().join("r.yml");
    std::fs::write(&runs, "- {dirname: a, model: Quasar Alpha, test_cases: 225, edit_format: diff, pass_rate_2: 50.0}\n").expect("a file");
    let (mapping, runs) = (
        mapping.to_str().expect("UTF-8"),
        runs.to_str().expect("UTF-8"),
    );
    let unmatched = dry(&["aider", runs]);
    assert_eq!(unmatched.code, Some(1));
    assert_eq!(
        unmatched.summary["modelsUnmatched"]["Quasar Alpha"],
        "VENDOR/quasar-alpha"
    );
    assert_eq!(
        dry(&["aider", runs, "--mapping", mapping]).counts(),
        [1, 1, 0, 0, 0]
    );
    assert_eq!(
        dry(&["aider", runs, "--vendor", "openrouter"]).counts(),
        [1, 1, 0, 0, 0]
    );
    assert_eq!(
        dry(&["aider", runs, "--model", "a/b"]).counts(),
        [1, 1, 0, 0, 0]
    );
    for (args, part) in [
        (vec!["aider"], "of what"),
        (vec!["/no/such/file"], "/no/such/file"),
        (vec![runs, "--mapping", runs], "r.yml"),
    ] {
        let usage = dry(&args);
        assert_eq!(usage.code, Some(2), "{args:?}");
        assert!(usage.stderr.contains(part), "{args:?}: {}", usage.stderr);
    }
}
