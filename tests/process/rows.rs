//! Results in files: csv, jsonl, and records that the schema of Every Eval Ever accepts.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::daemon::Daemon;
use crate::export::{ask, ok, text};
use crate::tools::available;

const DAY: &str = "2025-01-20";

/// What makes files awkward: quotes, a variant, tokens, a dispute, a retraction, two benchmarks.
#[rustfmt::skip]
const AWKWARD: [&[&str]; 10] = [
    &["put", "benchmark", "our-bench", "--title", "Ours, \"quoted\"", "--questions", "50"],
    &["put", "benchmark", "seconds", "--unit", "SECONDS", "--higher-is-better=false", "--chance", "100", "--perfect", "0"],
    &["put", "model", "a/b", "--organization", "A, Inc.", "--open-weights", "--release-date", DAY],
    &["submit", "our-bench", "a/b", "70.5", "--cost", "2.5", "--cost-low", "2", "--cost-high", "3",
      "--cost-kind", "measured", "--sample-count", "50", "--date", DAY, "--evaluator", "us, \"them\"",
      "--harness", "h", "--harness-version", "1", "--label", "k=v", "--source-url", "https://example.org/?a,b"],
    &["submit", "our-bench", "a/b@high", "80", "--low", "70", "--high", "90", "--date", "2025-02-01",
      "--input-tokens", "1000", "--output-tokens", "50"],
    &["submit", "our-bench", "c/d", "10", "--standard-error", "1", "--date", DAY],
    &["submit", "our-bench", "c/d", "99", "--date", DAY],
    &["submit", "seconds", "c/d", "12", "--date", DAY],
    &["status", "6", "dispute", "--reason", "a typing error?"],
    &["status", "7", "retract", "--reason", "it was one"],
];

fn awkward(dir: &Path) -> Daemon {
    let daemon = Daemon::start(dir);
    for args in AWKWARD {
        ok(ask(&daemon, args));
    }
    daemon
}

fn rows(csv: &str) -> Vec<Value> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let head = reader.headers().expect("a head").clone();
    let row = |record: csv::StringRecord| {
        let cells = head
            .iter()
            .zip(&record)
            .filter(|(_, cell)| !cell.is_empty());
        Value::Object(
            cells
                .map(|(name, cell)| (name.to_owned(), cell.into()))
                .collect(),
        )
    };
    reader
        .records()
        .map(|record| row(record.expect("a row")))
        .collect()
}

#[test]
fn csv_and_jsonl_hold_every_result_with_its_status_oldest_first() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = awkward(&dir.path().join("data"));
    let csv = rows(&ok(ask(&daemon, &["export", "--format", "csv"])));
    let of = |name: &str| -> Vec<&str> {
        csv.iter()
            .map(|row| row[name].as_str().unwrap_or(""))
            .collect()
    };
    assert_eq!(of("revision"), ["4", "5", "6", "7", "8"]);
    assert_eq!(of("model"), ["a/b", "a/b@high", "c/d", "c/d", "c/d"]);
    assert_eq!(
        of("status"),
        ["ACTIVE", "ACTIVE", "DISPUTED", "RETRACTED", "ACTIVE"]
    );
    assert_eq!(
        of("status_reason"),
        ["", "", "a typing error?", "it was one", ""]
    );
    assert_eq!(
        of("benchmark_higher_is_better"),
        ["true", "true", "true", "true", "false"]
    );
    for (name, cell) in [
        ("score", "70.5"),
        ("unit", "PERCENT"),
        ("cost_usd", "2.5"),
        ("cost_low_usd", "2"),
        ("cost_high_usd", "3"),
        ("cost_kind", "MEASURED"),
        ("sample_count", "50"),
        ("evaluator", "us, \"them\""),
        ("labels", "{\"k\":\"v\"}"),
        ("benchmark_title", "Ours, \"quoted\""),
        ("observed_date", "2025-01-20"),
    ] {
        assert_eq!(csv[0][name], cell, "{name}");
    }
    assert_eq!(
        (&csv[1]["input_tokens"], &csv[1]["interval_high"]),
        (&"1000".into(), &"90".into())
    );
    assert_eq!(csv[1].get("cost_usd"), None, "a missing cost is not zero");
    daemon.stop();
}

#[test]
fn jsonl_says_what_csv_says() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = awkward(&dir.path().join("data"));
    let csv = rows(&ok(ask(
        &daemon,
        &["export", "--format", "csv", "our-bench"],
    )));
    let jsonl = ok(ask(&daemon, &["export", "--format", "jsonl", "our-bench"]));
    let jsonl: Vec<Value> = jsonl
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(jsonl.len(), 4);
    for (line, row) in jsonl.iter().zip(&csv) {
        let as_texts = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let line = line.as_object().expect("an object").iter();
        let line: Value = line
            .map(|(name, value)| {
                let number = value.as_f64().filter(|_| value.is_f64());
                (
                    name.clone(),
                    number
                        .map_or_else(|| as_texts(value), |n| n.to_string())
                        .into(),
                )
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert_eq!(line, *row);
    }
    daemon.stop();
}

/// The rows of a board without what a file of results does not hold: revisions, and facts of models.
fn standings(daemon: &Daemon, board: &str) -> Vec<Value> {
    let json = ok(ask(daemon, &["leaderboard", board, "--output", "json"]));
    let board: Value = serde_json::from_str(&json).expect("JSON");
    let kept = [
        "model",
        "score",
        "rank",
        "interval",
        "observedDate",
        "evaluator",
        "harness",
        "status",
        "attempts",
        "rankBest",
        "rankWorst",
        "value",
        "valueRank",
        "onFrontier",
        "overpay",
    ];
    let rows = board["rows"].as_array().expect("rows").iter();
    let pick = |row: &Value| {
        let field = |name: &&str| ((*name).to_owned(), row[*name].clone());
        let costs = row["costs"].as_array().into_iter().flatten();
        let costs = costs
            .map(|cost| [&cost["centralUsd"], &cost["lowUsd"], &cost["kind"]].map(Clone::clone));
        let costs: Vec<_> = costs.map(|cost| Value::from(cost.to_vec())).collect();
        let mut picked: serde_json::Map<String, Value> = kept.iter().map(field).collect();
        picked.insert("costs".to_owned(), costs.into());
        Value::Object(picked)
    };
    rows.map(pick).collect()
}

#[test]
fn rows_imported_elsewhere_make_equal_boards() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = awkward(&dir.path().join("data"));
    for format in ["csv", "jsonl", "eee"] {
        let file = dir.path().join(format);
        ok(ask(
            &daemon,
            &["export", "--format", format, "--out", text(&file)],
        ));
        let copy = Daemon::start(&dir.path().join(format!("{format}-copy")));
        ok(ask(&copy, &["import", text(&file), "--create-benchmarks"]));
        for board in ["our-bench", "seconds"] {
            let expected = standings(&daemon, board);
            assert!(!expected.is_empty());
            assert_eq!(standings(&copy, board), expected, "{format} {board}");
        }
        copy.stop();
    }
    daemon.stop();
}

#[test]
fn an_export_of_the_past_is_what_was_known_then() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let data = dir.path().join("data");
    let daemon = awkward(&data);
    let statuses = |args: &[&str]| -> Vec<String> {
        let csv = rows(&ok(ask(
            &daemon,
            &[&["export", "--format", "csv"], args].concat(),
        )));
        let status = |row: &Value| format!("{} {}", row["revision"], row["status"]);
        csv.iter().map(|row| status(row).replace('"', "")).collect()
    };
    assert_eq!(
        statuses(&["--as-of-revision", "9", "our-bench"]),
        ["4 ACTIVE", "5 ACTIVE", "6 DISPUTED", "7 ACTIVE"]
    );
    assert_eq!(statuses(&["--as-of-revision", "4"]), ["4 ACTIVE"]);
    assert_eq!(
        statuses(&["--as-of-date", "2025-01-31"]),
        ["4 ACTIVE", "6 DISPUTED", "7 RETRACTED", "8 ACTIVE"]
    );
    assert_eq!(statuses(&["--as-of-date", "2025-01-19"]), [""; 0]);
    for (args, code, said) in [
        (&["--as-of-revision", "11"][..], 2, "1 to 10"),
        (&["--as-of-date", "soon"], 2, "YYYY-MM-DD"),
        (&["overall"], 2, "is computed"),
        (&["other"], 1, "our-bench, seconds"),
    ] {
        let refused = ask(&daemon, &[&["export", "--format", "csv"], args].concat());
        assert_eq!(refused.code, Some(code), "{args:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains(said),
            "{args:?}: {}",
            refused.stderr
        );
    }
    daemon.stop();
}

const VALIDATE: &str = r#"
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
checker = jsonschema.validators.validator_for(schema)
checker.check_schema(schema)
checker = checker(schema)
records = [json.loads(line) for line in sys.stdin]
for record in records:
    checker.validate(record)
print(len(records), len({record["evaluation_id"] for record in records}))
"#;

/// Runs the records through the schema of the project itself. None when it cannot be done here.
fn validated(records: &Path) -> Option<String> {
    let schema = Path::new("../shared/data/every-eval-ever/eval.schema.json");
    if !schema.exists() {
        eprintln!("SKIPPED, NOT TESTED: `{}` is not here", schema.display());
        return None;
    }
    if !available("python3", &["-c", "import jsonschema"]) {
        return None;
    }
    let output = Command::new("python3")
        .args(["-c", VALIDATE, text(schema)])
        .stdin(std::fs::File::open(records).expect("records"))
        .output()
        .expect("Python runs");
    let (out, error) = (output.stdout, output.stderr);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&error)
    );
    Some(String::from_utf8(out).expect("UTF-8").trim().to_owned())
}

#[test]
fn records_are_valid_by_the_schema_of_every_eval_ever_as_lines_and_as_files() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = awkward(&dir.path().join("data"));
    let lines = dir.path().join("records.jsonl");
    ok(ask(
        &daemon,
        &["export", "--format", "eee", "--out", text(&lines)],
    ));
    let written = std::fs::read_to_string(&lines).expect("records");
    assert_eq!(written.lines().count(), 4, "the retracted one is left out");
    let first: Value = serde_json::from_str(written.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        first["evaluation_results"][0]["score_details"]["score"],
        70.5
    );
    assert_eq!(
        first["evaluation_results"][1]["score_details"]["score"], 2.5,
        "the cost"
    );
    assert_eq!(first["model_info"]["developer"], "A, Inc.");
    assert_eq!(
        first["evaluation_timestamp"], "1737331200",
        "2025-01-20T00:00:00Z"
    );
    if let Some(counted) = validated(&lines) {
        assert_eq!(counted, "4 4", "records and distinct ids");
    }

    let records = dir.path().join("records");
    std::fs::create_dir(&records).expect("a directory");
    for _ in 0..2 {
        ok(ask(
            &daemon,
            &["export", "--format", "eee", "--out", text(&records)],
        ));
    }
    let of_one = records.join("our-bench/a/b");
    let files: Vec<_> = std::fs::read_dir(&of_one).expect("a directory").collect();
    assert_eq!(files.len(), 1, "written twice under one name");
    let file = files[0].as_ref().expect("a file").path();
    let file = std::fs::read_to_string(file).expect("a record");
    assert_eq!(serde_json::from_str::<Value>(&file).expect("JSON"), first);
    daemon.stop();
}
