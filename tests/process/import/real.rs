//! Files that real tools wrote, counted and computed again by another program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{dry, import};
use crate::daemon::{Daemon, frontierd};
use crate::tools::available;

/// The folder of real files; says so where it is missing.
fn data() -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    eprintln!(
        "SKIPPED, NOT TESTED: there are no files in `{}`",
        data.display()
    );
    None
}

fn path(data: &Path, name: &str) -> String {
    data.join(name).to_str().expect("UTF-8").to_owned()
}

/// A file, the rows read, submitted, skipped and refused, and the reasons.
type File = (&'static str, [u64; 4], &'static [(&'static str, u64)]);

/// What becomes of each real file: rows read, submitted, skipped, refused, and the reasons. The numbers read are counted
/// again without any of our code by `import/oracle.py`; by hand, for example: `grep -c '^- dirname' polyglot_leaderboard.yml`
/// is 69, `grep -c '"perturbation"' stats.json` of mmlu is 100.
const FILES: [File; 16] = [
    // Quasar Alpha and Optimus Alpha: nobody says whose they are.
    (
        "aider/polyglot_leaderboard.yml",
        [69, 67, 0, 2],
        &[("MODEL_UNMATCHED", 2)],
    ),
    // 33 and 36 of 133 tests; Reflection-70B, Dracarys2-72B.
    (
        "aider/edit_leaderboard.yml",
        [98, 94, 2, 2],
        &[("PARTIAL_RUN", 2), ("MODEL_UNMATCHED", 2)],
    ),
    (
        "lm-eval/latxa_Mixtral-8x7B_belebele_5-shot.v0.4-format.json",
        [2, 1, 1, 0],
        &[("OTHER_METRIC", 1)],
    ),
    (
        "lm-eval/pythia-12b-zero-shot-step143000.v0.3-format.json",
        [172, 87, 85, 0],
        &[("OTHER_METRIC", 85)],
    ),
    (
        "lm-eval/results_2026-01-21T03-44-18.458309.json",
        [2, 2, 0, 0],
        &[],
    ),
    (
        "inspect-ai/2024-11-05T13-31-45-05-00_input-task_8zXjbRzCWrL9GXiXo2vus9.json",
        [1, 1, 0, 0],
        &[],
    ),
    (
        "inspect-ai/2025-02-11T15-17-00-05-00_popularity_dPiJifoWeEQBrfWsAopzWr.eval",
        [1, 0, 1, 0],
        &[("PARTIAL_RUN", 1)],
    ),
    (
        "inspect-ai/2025-05-12T20-28-13-04-00_no-samples.json",
        [1, 0, 1, 0],
        &[("NOT_FINISHED", 1)],
    ),
    (
        "inspect-ai/data_arc_sonnet.json",
        [1, 0, 1, 0],
        &[("PARTIAL_RUN", 1)],
    ),
    (
        "inspect-ai/data_pubmedqa_gpt4o_mini.json",
        [1, 0, 1, 0],
        &[("PARTIAL_RUN", 1)],
    ),
    (
        "inspect-ai/log_formats.eval",
        [1, 0, 1, 0],
        &[("PARTIAL_RUN", 1)],
    ),
    (
        "helm/mmlu-subject=philosophy,method=multiple_choice_joint,model=openai_gpt2",
        [162, 1, 161, 0],
        &[
            ("OTHER_METRIC", 30),
            ("OTHER_SPLIT", 31),
            ("PERTURBATION", 100),
        ],
    ),
    (
        "helm/narrative_qa-model=openai_gpt2",
        [150, 1, 149, 0],
        &[
            ("OTHER_METRIC", 28),
            ("OTHER_SPLIT", 29),
            ("PERTURBATION", 92),
        ],
    ),
    (
        "every-eval-ever/98ea850e-7019-4728-a558-8b1819ec47c2.json",
        [6, 6, 0, 0],
        &[],
    ),
    ("every-eval-ever/demo.json", [1, 1, 0, 0], &[]),
    ("prices/deepseek.yml", [9, 7, 2, 0], &[("OFF_HOURS", 2)]),
];

#[test]
fn every_real_file_imports_as_counted_and_importing_it_again_adds_nothing() {
    let Some(data) = data() else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(dir.path());
    for (name, [read, submitted, skipped, refused], reasons) in FILES {
        let file = path(&data, name);
        let first = import(&daemon, &["--create-benchmarks", &file]);
        let expected = [read, submitted, 0, skipped, refused];
        assert_eq!(
            first.counts(),
            expected,
            "{name}: {}\n{}",
            first.summary,
            first.stderr
        );
        let mut found = first.reasons("skipped");
        found.extend(first.reasons("refused"));
        let reasons: BTreeMap<String, u64> = reasons
            .iter()
            .map(|(reason, count)| ((*reason).to_owned(), *count))
            .collect();
        assert_eq!(found, reasons, "{name}");
        assert_eq!(
            first.listed.len() as u64,
            skipped + refused,
            "{name}: each is listed"
        );
        assert_eq!(first.code, Some(i32::from(refused > 0)), "{name}");
        assert!(
            first.stderr.contains("recognised as") || name.starts_with("helm"),
            "{name}: {}",
            first.stderr
        );
        let again = import(&daemon, &["--create-benchmarks", &file]);
        assert_eq!(
            again.counts(),
            [read, 0, submitted, skipped, refused],
            "{name}: {}",
            again.summary
        );
    }
    daemon.stop();
}

/// Files that are no results: refused when named, skipped when met in a directory.
#[test]
fn files_that_are_no_results_are_refused_when_named_and_skipped_in_a_directory() {
    let Some(data) = data() else { return };
    for name in [
        "aider/LICENSE",
        "inspect-ai/LICENSE",
        "every-eval-ever/eval.schema.json",
        "every-eval-ever/instance_level_eval.schema.json",
        "every-eval-ever/vals_ai_finance_agent_payload.json",
        "helm/narrative_qa-model=openai_gpt2/scenario.json",
    ] {
        let refused = dry(&[&path(&data, name)]);
        assert_eq!(refused.code, Some(1), "{name}");
        assert_eq!(
            refused.listed[0]["reason"], "NOT_RECOGNISED",
            "{name}: {:?}",
            refused.listed
        );
    }
    let all = dry(&[&path(&data, "every-eval-ever")]);
    assert_eq!(all.code, Some(0), "{}", all.summary);
    assert_eq!(all.counts(), [7, 7, 0, 0, 0]);
    assert_eq!(all.summary["files"]["skipped"]["NOT_RECOGNISED"], 3);
}

/// Rows of price lists and of everything else, counted by another program in another language.
#[test]
fn rows_read_are_those_that_another_program_counts() {
    let Some(data) = data() else { return };
    if !available("python3", &["-c", "import yaml"]) {
        return;
    }
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/import/oracle.py");
    let output = Command::new("python3")
        .arg(oracle)
        .arg("counts")
        .arg(&data)
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let counted: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(counted.len() >= 13, "{counted:?}");
    for (name, row) in counted {
        let imported = dry(&[&path(&data, &name)]);
        let has = |key: &str| row.get(key).and_then(Value::as_u64);
        assert_eq!(
            Some(imported.count("read")),
            has("read"),
            "{name}: {}",
            imported.summary
        );
        if let Some(submitted) = has("submitted") {
            assert_eq!(
                imported.count("submitted"),
                submitted,
                "{name}: {}",
                imported.summary
            );
        }
        let skipped = imported.reasons("skipped");
        if let Some(count) = has("not_text") {
            assert_eq!(skipped["NOT_TEXT"], count, "{name}");
        }
        if let Some(partial) = has("partial") {
            assert_eq!(
                skipped.get("PARTIAL_RUN").copied().unwrap_or(0),
                partial,
                "{name}"
            );
            let unknown = imported.summary["notes"]["COST_UNKNOWN"]
                .as_u64()
                .unwrap_or(0);
            let refused = imported.count("refused");
            assert_eq!(
                Some(imported.count("submitted") - unknown),
                has("costed"),
                "{name}: {refused} refused"
            );
        }
    }
}

/// The board that follows from an import, against a program that sorts and scans the same file.
#[test]
fn the_frontier_of_an_imported_board_is_that_of_the_file() {
    let Some(data) = data() else { return };
    if !available("python3", &["-c", "import yaml"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    let daemon = Daemon::start(&dir.path().join("data"));
    let file = path(&data, "aider/polyglot_leaderboard.yml");
    let imported = import(&daemon, &["aider", &file, "--create-benchmarks"]);
    assert_eq!(imported.count("submitted"), 67, "{}", imported.stderr);
    let board = frontierd()
        .env("FRONTIERD_ADDR", daemon.url())
        .args([
            "--output",
            "json",
            "leaderboard",
            "aider-polyglot",
            "--basis",
            "task",
        ])
        .output()
        .expect("it runs");
    let saved = dir.path().join("board.json");
    std::fs::write(&saved, board.stdout).expect("a file");
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/process/import/oracle.py");
    let compared = Command::new("python3")
        .arg(oracle)
        .args(["frontier", &file])
        .arg(&saved)
        .output()
        .expect("python3 runs");
    let said = String::from_utf8_lossy(&compared.stdout);
    assert!(
        compared.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&compared.stderr)
    );
    assert!(said.contains("51 rows with a cost agree"), "{said}");
    // The same model twice, kept apart by edit format.
    let rows: Value =
        serde_json::from_slice(&std::fs::read(&saved).expect("the board")).expect("JSON");
    let models: Vec<&str> = rows["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .filter_map(|row| row["model"].as_str())
        .collect();
    for variant in ["diff", "whole"] {
        let id = format!("qwen/qwen2.5-coder-32b-instruct@{variant}");
        assert!(models.contains(&id.as_str()), "{id} is not in {models:?}");
    }
    daemon.stop();
}
