//! Records of Every Eval Ever.

use std::io::Read as _;

use super::super::DOCUMENT_BYTES_MAX;
use super::*;

const RECORD: &str = r#"{"schema_version": "0.3.0", "evaluation_timestamp": "1750000000", "retrieved_timestamp": "1760000000",
  "source_metadata": {"source_organization_name": "Lab", "evaluator_relationship": "third_party"},
  "eval_library": {"name": "unknown", "version": "unknown"}, "model_info": {"id": "Org/Model-1"},
  "evaluation_results": [
   {"evaluation_name": "arc", "source_data": {"dataset_name": "arc", "url": ["https://example.org"]},
    "metric_config": {"metric_unit": "proportion", "lower_is_better": false, "min_score": 0.0, "max_score": 1.0},
    "score_details": {"score": 0.5, "uncertainty": {"num_samples": 400, "standard_error": {"value": 0.02},
      "confidence_interval": {"lower": 0.4, "upper": 0.6, "confidence_level": 0.9}}}},
   {"evaluation_name": "arc", "source_data": {"dataset_name": "arc"},
    "metric_config": {"metric_id": "cost_per_task", "metric_kind": "cost", "metric_unit": "usd", "lower_is_better": true},
    "score_details": {"score": 0.25}},
   {"evaluation_name": "elo", "metric_config": {"lower_is_better": false, "min_score": "-Infinity", "max_score": "Infinity"},
    "score_details": {"score": 1200}}]}"#;

fn read_all(source: impl BufRead) -> Result<Vec<Row>, Unreadable> {
    let mut rows = Vec::new();
    read(source, &Options::default(), &mut |row| {
        rows.push(row);
        true
    })?;
    Ok(rows)
}

fn rows(text: &str) -> Result<Vec<Found>, Unreadable> {
    let rows = read_all(text.as_bytes())?;
    Ok(rows.into_iter().map(|row| row.found).collect())
}

/// Where rows stand, and why they are refused.
fn refusals(rows: &[Row]) -> Vec<(&str, &str)> {
    let refusal = |row: &Row| match row.found {
        Found::Refused(reason, _) => reason,
        _ => "",
    };
    rows.iter()
        .map(|row| (row.at.as_str(), refusal(row)))
        .collect()
}

#[test]
fn a_cost_row_becomes_the_cost_of_its_evaluation() {
    let rows = rows(RECORD).expect("a record");
    let Found::Result(arc) = &rows[0] else {
        panic!("{rows:?}")
    };
    assert_eq!(
        arc.result
            .run_cost
            .as_ref()
            .and_then(|cost| cost.central_usd),
        Some(100.0)
    );
    assert_eq!(
        (arc.result.task_count, arc.result.sample_count),
        (Some(400), Some(400))
    );
    assert_eq!(
        arc.result
            .interval
            .as_ref()
            .and_then(|interval| interval.confidence_level),
        Some(0.9)
    );
    assert_eq!(
        (
            arc.result.observed_date.as_str(),
            arc.result.evaluator.as_str()
        ),
        ("2025-06-15", "Lab")
    );
    assert_eq!(
        (arc.result.harness.as_str(), arc.result.unit.as_str()),
        ("", "FRACTION")
    );
    assert!(matches!(rows[1], Found::Skipped("COST_ROW", _)));
    let Found::Result(elo) = &rows[2] else {
        panic!("{rows:?}")
    };
    assert_eq!(
        (
            elo.benchmark.minimum,
            elo.benchmark.maximum,
            elo.result.run_cost
        ),
        (None, None, None)
    );
}

#[test]
fn other_schemas_are_refused() {
    assert_eq!(
        rows(&RECORD.replace("0.3.0", "1.0.0"))
            .expect_err("refused")
            .reason,
        "SCHEMA_VERSION"
    );
    assert_eq!(rows("{}").expect_err("refused").reason, "WRONG_FORMAT");
    assert_eq!(
        rows(&RECORD[..500]).expect_err("refused").reason,
        "TRUNCATED"
    );
}

#[test]
fn a_line_is_a_record_and_one_that_cannot_be_read_is_refused_by_itself() {
    let line = RECORD.replace('\n', " ");
    let short = r#"{"schema_version": "0.2.1", "evaluation_results": [{"evaluation_name": "a", "score_details": {"score": 1}}]}"#;
    let other = short.replace("0.2.1", "9");
    let text = format!(
        "\u{feff}{short}\r\n\n{line}\n[1]\n{other}\n{{\"a\": x}}\n{short}\n{}",
        &line[..300]
    );
    // A small buffer: lines reach over many of it.
    let source = std::io::BufReader::with_capacity(7, text.as_bytes());
    let rows = read_all(source).expect("lines");
    assert_eq!(
        refusals(&rows),
        [
            ("line 1, evaluation_results[0] a", ""),
            ("line 3, evaluation_results[0] arc", ""),
            ("line 3, evaluation_results[1] arc", ""),
            ("line 3, evaluation_results[2] elo", ""),
            ("line 4", "WRONG_FORMAT"),
            ("line 5", "SCHEMA_VERSION"),
            ("line 6", "NOT_JSON"),
            ("line 7, evaluation_results[0] a", ""),
            ("line 8", "TRUNCATED"),
        ]
    );
    let Found::Refused(_, said) = &rows[6].found else {
        panic!("{rows:?}")
    };
    assert!(said.contains("at column 7"), "{said}");
    assert_eq!(rows[1].found, self::rows(RECORD).expect("a record")[0]);
}

#[test]
fn a_damaged_first_line_does_not_hide_the_others() {
    let good = RECORD.replace('\n', " ");
    let rows = read_all(format!("{{\"a\": x}}\n{good}\n").as_bytes()).expect("lines");
    assert_eq!(refusals(&rows)[0], ("line 1", "NOT_JSON"));
    assert_eq!(rows.len(), 4);
    let alone = read_all(&b"{\"a\": x}\n \n"[..]).expect_err("a document");
    assert_eq!(alone.reason, "NOT_JSON");
    let many = read_all(&b"{\"a\": 1,\n\"b\": x}\n"[..]).expect_err("a document");
    assert!(many.message.contains("line 2"), "{many}");
}

#[test]
fn a_line_too_long_to_hold_is_passed_over() {
    let good = RECORD.replace('\n', " ") + "\n";
    let long = std::io::repeat(b'x').take(DOCUMENT_BYTES_MAX + 9);
    let long = std::io::BufReader::new(long);
    let end = ["\n", good.as_str()].concat();
    let rows = read_all(good.as_bytes().chain(long).chain(end.as_bytes())).expect("lines");
    assert_eq!(refusals(&rows)[3], ("line 2", "LINE_TOO_LONG"));
    assert_eq!(
        refusals(&rows)[4],
        ("line 3, evaluation_results[0] arc", "")
    );
    let long = std::io::repeat(b' ').take(DOCUMENT_BYTES_MAX + 9);
    let large = read_all(
        RECORD
            .as_bytes()
            .chain(std::io::BufReader::new(long))
            .chain(&b"x"[..]),
    );
    assert_eq!(large.expect_err("too large").reason, "TOO_LARGE");
}

#[test]
fn free_texts_of_an_export_are_read_and_those_of_others_left_alone() {
    let text = r#"{"schema_version": "0.3.0", "model_info": {"id": "a/b"},
      "source_metadata": {"additional_details": {"frontierd_revision": "4", "frontierd_status": "DISPUTED",
        "frontierd_status_reason": "why", "label:k": "v"}},
      "evaluation_results": [
       {"evaluation_name": "x", "score_details": {"score": 1, "details": {"input_tokens": "7", "task_count": "3", "repeats": "2"}}},
       {"evaluation_name": "x.cost", "metric_config": {"metric_id": "cost", "metric_kind": "cost", "metric_unit": "usd"},
        "score_details": {"score": 2, "details": {"kind": "measured", "low_usd": "1.5", "high_usd": "3"}}}]}"#;
    let draft = |text: &str| match rows(text).expect("a record").swap_remove(0) {
        Found::Result(draft) => *draft,
        other => panic!("{other:?}"),
    };
    let ours = draft(text);
    assert_eq!(ours.disputed.as_deref(), Some("why"));
    assert_eq!(ours.result.labels["k"], "v");
    assert_eq!(
        (ours.result.task_count, ours.result.repeats),
        (Some(3), Some(2))
    );
    assert_eq!(
        ours.result.tokens.map(|tokens| tokens.input_tokens),
        Some(7)
    );
    let cost = ours.result.run_cost.expect("a cost");
    assert_eq!(cost.kind(), CostKind::Measured);
    assert_eq!(
        (cost.central_usd, cost.low_usd, cost.high_usd),
        (Some(2.0), Some(1.5), Some(3.0))
    );
    let theirs = draft(&text.replace("frontierd_revision", "revision"));
    assert_eq!((theirs.disputed, theirs.result.tokens), (None, None));
    assert_eq!(theirs.result.run_cost.map(|cost| cost.low_usd), Some(None));
}
