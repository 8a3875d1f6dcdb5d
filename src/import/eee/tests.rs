//! Records of Every Eval Ever.

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

fn rows(text: &str) -> Result<Vec<Found>, Unreadable> {
    let mut rows = Vec::new();
    read(text.as_bytes(), &Options::default(), &mut |row| {
        rows.push(row.found);
        true
    })?;
    Ok(rows)
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
