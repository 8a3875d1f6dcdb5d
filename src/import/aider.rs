//! Leaderboard data of Aider: a YAML list, one entry a run.
//!
//! The score is `pass_rate_2`, a percent; `test_cases` is the sample count; `total_cost` is USD of the whole run, where
//! 0 or anything that is not a number means that it is unknown. `prompt_tokens` are not passed on: they include cached
//! ones, which a price would count in full. A file does not name its benchmark; the number of tests that most of its
//! runs have does ([`BOARDS`]).
//!
//! A model that stands in a file more than once with the same name is kept apart by the first of edit format,
//! reasoning effort, thinking tokens and editor in which the runs differ, as its variant. Runs that differ in none of
//! them are results of one model: the newest date counts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Look, plain};
use super::{Draft, Found, Options, Row, Sink, Unreadable, yaml};
use crate::limits::LABEL_BYTES_MAX;
use crate::proto::v1::{Benchmark, CostKind, CostRange, Result as ResultMessage};

/// Benchmarks of Aider: id, title, number of tests.
pub const BOARDS: [(&str, &str, i64); 3] = [
    ("aider-polyglot", "Aider polyglot", 225),
    ("aider-edit", "Aider code editing", 133),
    ("aider-refactor", "Aider refactoring", 89),
];

const SOURCE: &str = "https://aider.chat/docs/leaderboards/";
/// Settings that tell two runs of one model apart, in the order in which they are tried.
const SETTINGS: [&str; 4] = [
    "edit_format",
    "reasoning_effort",
    "thinking_tokens",
    "editor_model",
];
/// Kept as labels.
const LABELS: [&str; 6] = [
    "edit_format",
    "reasoning_effort",
    "thinking_tokens",
    "editor_model",
    "commit_hash",
    "dirname",
];

/// Reads a leaderboard file.
///
/// # Errors
/// [`Unreadable`] when the bytes are not YAML, or not a list of runs.
pub fn read(bytes: &[u8], options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let document = yaml::document(bytes)?;
    let runs = document
        .as_array()
        .filter(|runs| runs.iter().all(Value::is_object));
    let runs = runs.ok_or_else(|| Unreadable::format("aider: expected a YAML list of runs"))?;
    if !runs
        .iter()
        .any(|run| run.get("pass_rate_2").is_some() && run.get("model").is_some())
    {
        return Err(Unreadable::format(
            "aider: no entry has `model` and `pass_rate_2`",
        ));
    }
    let board = board(runs);
    let variants = variants(runs);
    for (index, run) in runs.iter().enumerate() {
        let found = match run_of(run, board, options) {
            Found::Result(mut draft) => {
                draft.variant = variants.get(&index).cloned();
                Found::Result(draft)
            }
            other => other,
        };
        let name = run.text(&["dirname"]).unwrap_or_default();
        if !out(Row {
            at: format!("run {} {name}", index + 1),
            found,
        }) {
            break;
        }
    }
    Ok(())
}

/// The benchmark whose number of tests most runs of the file have.
fn board(runs: &[Value]) -> Option<(&'static str, &'static str, i64)> {
    let tests = |run: &Value| {
        run.count(&["total_tests"])
            .or_else(|| run.count(&["test_cases"]))
    };
    let with = |count: i64| runs.iter().filter(|run| tests(run) == Some(count)).count();
    let best = BOARDS
        .into_iter()
        .max_by_key(|(_, _, count)| with(*count))?;
    (with(best.2) > 0).then_some(best)
}

/// The variant of each run whose model stands in the file under the same name with other settings.
fn variants(runs: &[Value]) -> BTreeMap<usize, String> {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        let name = run.text(&["model"]).unwrap_or_default().to_lowercase();
        by_name.entry(name).or_default().push(index);
    }
    let mut variants = BTreeMap::new();
    for same in by_name.into_values().filter(|same| same.len() > 1) {
        let setting =
            |index: usize, name: &str| runs[index].get(name).and_then(plain).unwrap_or_default();
        let differs = |name: &&str| {
            same.iter()
                .any(|index| setting(*index, name) != setting(same[0], name))
        };
        if let Some(name) = SETTINGS.into_iter().find(|name| differs(name)) {
            variants.extend(same.iter().map(|index| (*index, setting(*index, name))));
        }
    }
    variants
}

fn run_of(run: &Value, board: Option<(&str, &str, i64)>, options: &Options) -> Found {
    let Some(model) = run
        .get("model")
        .and_then(plain)
        .filter(|name| !name.is_empty())
    else {
        return Found::field("model", "missing");
    };
    let Some(score) = run.number(&["pass_rate_2"]) else {
        return Found::field("pass_rate_2", "expected a percent");
    };
    let Some(count) = run.count(&["test_cases"]).filter(|count| *count > 0) else {
        return Found::field("test_cases", "expected the number of tests that were run");
    };
    let benchmark = board.map_or_else(Benchmark::default, |(id, title, questions)| Benchmark {
        id: id.to_owned(),
        title: Some(title.to_owned()),
        unit: Some("PERCENT".to_owned()),
        higher_is_better: Some(true),
        questions: Some(questions),
        source_url: Some(SOURCE.to_owned()),
        ..Benchmark::default()
    });
    if let Some((_, _, total)) = board
        && !options.partial
        && 10 * count < 9 * total
    {
        return Found::Skipped(
            "PARTIAL_RUN",
            format!("{count} of {total} tests were run; `--partial` takes it all the same"),
        );
    }
    let cost = run.number(&["total_cost"]).filter(|cost| *cost > 0.0);
    let result = ResultMessage {
        score: Some(score),
        unit: "PERCENT".to_owned(),
        sample_count: Some(count),
        run_cost: cost.map(|cost| CostRange {
            central_usd: Some(cost),
            kind: CostKind::Measured.into(),
            ..CostRange::default()
        }),
        observed_date: run.text(&["date"]).unwrap_or_default().to_owned(),
        evaluator: "aider".to_owned(),
        harness: "aider".to_owned(),
        harness_version: run.get("versions").and_then(plain).unwrap_or_default(),
        source_url: SOURCE.to_owned(),
        labels: labels(run),
        ..ResultMessage::default()
    };
    let notes = if cost.is_none() {
        vec!["COST_UNKNOWN"]
    } else {
        Vec::new()
    };
    Found::Result(Box::new(Draft {
        model,
        result,
        benchmark,
        notes,
        ..Draft::default()
    }))
}

fn labels(run: &Value) -> BTreeMap<String, String> {
    let label = |name: &str| {
        let text = run.get(name).and_then(plain)?;
        (!text.is_empty() && text.len() <= LABEL_BYTES_MAX).then(|| (name.to_owned(), text))
    };
    LABELS.into_iter().filter_map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, options: &Options) -> Vec<Found> {
        let mut rows = Vec::new();
        let put = &mut |row: Row| {
            rows.push(row.found);
            true
        };
        read(text.as_bytes(), options, put).expect("read");
        rows
    }

    const RUNS: &str = "
- {dirname: a, test_cases: 225, model: M, edit_format: diff, pass_rate_2: 8.0, date: 2024-12-22, versions: 0.69, total_cost: 0.0000}
- {dirname: b, test_cases: 224, model: m, edit_format: whole, pass_rate_2: 16.4, date: 2024-12-26, total_cost: 1.25}
- dirname: c
  test_cases: 33
  model: N
  edit_format: diff
  pass_rate_2: 57.6
  total_cost: # 9.1
- {dirname: d, test_cases: 225, total_tests: 225, model: O, edit_format: diff, pass_rate_2: NA}
";

    #[test]
    fn a_cost_of_zero_is_unknown_and_equal_names_are_kept_apart() {
        let rows = rows(RUNS, &Options::default());
        let drafts: Vec<&Draft> = rows
            .iter()
            .filter_map(|row| match row {
                Found::Result(draft) => Some(&**draft),
                _ => None,
            })
            .collect();
        assert_eq!(drafts.len(), 2);
        assert_eq!(drafts[0].result.run_cost, None);
        assert_eq!(
            drafts[1]
                .result
                .run_cost
                .as_ref()
                .and_then(|cost| cost.central_usd),
            Some(1.25)
        );
        let variants: Vec<_> = drafts
            .iter()
            .map(|draft| draft.variant.as_deref())
            .collect();
        assert_eq!(variants, [Some("diff"), Some("whole")]);
        assert_eq!(drafts[0].benchmark.id, "aider-polyglot");
        assert!(
            matches!(rows[2], Found::Skipped("PARTIAL_RUN", _)),
            "{:?}",
            rows[2]
        );
        assert!(
            matches!(rows[3], Found::Refused("FIELD_INVALID", _)),
            "{:?}",
            rows[3]
        );
    }

    #[test]
    fn partial_runs_are_taken_when_asked_for() {
        let options = Options {
            partial: true,
            ..Options::default()
        };
        assert!(
            matches!(&rows(RUNS, &options)[2], Found::Result(draft) if draft.result.run_cost.is_none())
        );
    }

    #[test]
    fn other_files_are_refused_whole() {
        for text in ["a: 1", "- 1", "- {a: 1}", ""] {
            let error = read(text.as_bytes(), &Options::default(), &mut |_| true).expect_err(text);
            assert_eq!(error.reason, "WRONG_FORMAT", "{text}");
        }
    }
}
