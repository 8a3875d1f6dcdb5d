//! Records of the Every Eval Ever schema, one a result.
//!
//! The schema has no place for some of what a result says: status, tokens, labels, the store's revision. They stand in
//! its `additional_details` and `details`, whose values are texts. Retracted results are left out, because no reader of
//! the schema would know that they do not count. The schema has no cost, and its adapters write one as a second
//! evaluation result in USD; so does this.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{Row, status_name};
use crate::model::{Date, FRACTION, PERCENT, Status};
use crate::proto::v1;

/// The version of the schema that records follow.
pub const SCHEMA_VERSION: &str = "0.3.0";

/// The record of a row, and a name for its file that depends on nothing but the record; none for a retracted result.
pub fn record(row: &Row<'_>) -> Option<(String, Value)> {
    if row.status == Status::Retracted {
        return None;
    }
    let result = &row.result;
    let received = row.received.micros() / 1_000_000;
    let model_name = result.model.replace('/', "_");
    let mut results = vec![score(row)];
    results.extend(cost(row));
    let record = json!({
        "schema_version": SCHEMA_VERSION,
        // Results received together differ in their revision alone.
        "evaluation_id": format!("{}/{model_name}/{received}-{}", result.benchmark, row.revision),
        "evaluation_timestamp": observed_seconds(&result.observed_date),
        "retrieved_timestamp": received.to_string(),
        "source_metadata": source(row),
        "eval_library": {
            "name": or_unknown(&result.harness),
            "version": or_unknown(&result.harness_version),
        },
        "model_info": model(row),
        "evaluation_results": results,
    });
    let record = without_nulls(record);
    Some((uuid(&record), record))
}

/// Where a collection of records keeps one: benchmark, vendor, model.
pub fn directory(row: &Row<'_>) -> PathBuf {
    let (vendor, model) = row
        .result
        .model
        .split_once('/')
        .unwrap_or(("unknown", &row.result.model));
    [&row.result.benchmark, vendor, model].iter().collect()
}

/// Midnight UTC in Unix seconds.
fn observed_seconds(date: &str) -> Option<String> {
    let date: Date = date.parse().ok()?;
    Some((i64::from(date.days()) * 86_400).to_string())
}

fn or_unknown(text: &str) -> &str {
    if text.is_empty() { "unknown" } else { text }
}

fn present(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn source(row: &Row<'_>) -> Value {
    let result = &row.result;
    let relationship = match result.relationship() {
        v1::EvaluatorRelationship::FirstParty => "first_party",
        v1::EvaluatorRelationship::ThirdParty => "third_party",
        v1::EvaluatorRelationship::Collaborative => "collaborative",
        v1::EvaluatorRelationship::Other | v1::EvaluatorRelationship::Unspecified => "other",
    };
    // Who names a harness ran it; the rest is somebody's statement.
    let kind = if result.harness.is_empty() {
        "documentation"
    } else {
        "evaluation_run"
    };
    json!({
        "source_name": present(&result.source_url),
        "source_type": kind,
        "source_organization_name": or_unknown(&result.evaluator),
        "source_organization_url": present(&result.source_url),
        "evaluator_relationship": relationship,
        "additional_details": source_details(row),
    })
}

fn source_details(row: &Row<'_>) -> Map<String, Value> {
    let revision = row.revision.to_string();
    let own = [
        ("frontierd_revision", revision.as_str()),
        ("frontierd_submitter", &row.submitter),
        ("frontierd_status", status_name(row.status)),
        ("frontierd_status_reason", row.status_reason),
    ];
    let own = own.map(|(key, value)| (key.to_owned(), value));
    let labels = row.result.labels.iter();
    // A map of labels has no order, and equal results make equal files.
    let mut labels: Vec<_> = labels
        .map(|(key, value)| (format!("label:{key}"), value.as_str()))
        .collect();
    labels.sort();
    own.into_iter()
        .chain(labels)
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key, value.into()))
        .collect()
}

fn model(row: &Row<'_>) -> Value {
    let id = &row.result.model;
    // The more special says first.
    let known = || row.model.into_iter().chain(row.base);
    let title = row.model.and_then(|own| own.title.as_deref());
    let organization = known().find_map(|model| model.organization.as_deref());
    let vendor = id.split_once('/').map_or("unknown", |(vendor, _)| vendor);
    let open = known().find_map(|model| model.open_weights);
    let availability = match open {
        Some(true) => "open_weights",
        Some(false) => "closed_weights",
        None => "unknown",
    };
    json!({
        "name": title.unwrap_or(id),
        "id": id,
        "developer": organization.unwrap_or(vendor),
        "additional_details": {
            "deployment_type": "unknown",
            "model_availability": availability,
            "variant": id.split_once('@').map(|(_, variant)| variant),
        },
    })
}

fn dataset(row: &Row<'_>) -> Value {
    let benchmark = row.benchmark;
    let name = present(&benchmark.title).unwrap_or(benchmark.id.as_str());
    match present(&benchmark.source_url) {
        Some(url) => json!({"dataset_name": name, "source_type": "url", "url": [url]}),
        None => json!({"dataset_name": name, "source_type": "other"}),
    }
}

fn score(row: &Row<'_>) -> Value {
    let (result, benchmark) = (&row.result, row.benchmark);
    let unit = match &*benchmark.unit {
        PERCENT => "percent",
        FRACTION => "proportion",
        other => other,
    };
    let limit = |limit: Option<f64>, none: &str| limit.map_or_else(|| none.into(), Value::from);
    json!({
        "evaluation_result_id": benchmark.id.as_str(),
        "evaluation_name": benchmark.id.as_str(),
        "source_data": dataset(row),
        "metric_config": {
            "evaluation_description": present(&benchmark.description),
            "metric_unit": present(unit),
            "lower_is_better": !benchmark.higher_is_better,
            "score_type": "continuous",
            "min_score": limit(benchmark.minimum, "-Infinity"),
            "max_score": limit(benchmark.maximum, "Infinity"),
        },
        "score_details": {
            "score": result.score,
            "details": details(result),
            "uncertainty": uncertainty(result),
        },
    })
}

fn uncertainty(result: &v1::Result) -> Value {
    let interval = result.interval.as_ref().map(|interval| {
        json!({
            "lower": interval.low,
            "upper": interval.high,
            "confidence_level": interval.confidence_level.unwrap_or(0.95),
        })
    });
    let error = result.standard_error.map(|value| json!({"value": value}));
    if interval.is_none() && error.is_none() && result.sample_count.is_none() {
        return Value::Null;
    }
    json!({
        "standard_error": error,
        "confidence_interval": interval,
        "num_samples": result.sample_count,
    })
}

fn details(result: &v1::Result) -> Value {
    let tokens = result.tokens.unwrap_or_default();
    let counted = |count: i64| (count != 0).then(|| count.to_string());
    let details = [
        (
            "task_count",
            result.task_count.map(|count| count.to_string()),
        ),
        ("repeats", result.repeats.map(|count| count.to_string())),
        ("input_tokens", counted(tokens.input_tokens)),
        ("output_tokens", counted(tokens.output_tokens)),
        ("cache_read_tokens", counted(tokens.cache_read_tokens)),
        ("cache_write_tokens", counted(tokens.cache_write_tokens)),
    ];
    let details: Map<String, Value> = details
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
        .collect();
    if details.is_empty() {
        Value::Null
    } else {
        details.into()
    }
}

/// What the run cost, as the adapters of the schema write it.
fn cost(row: &Row<'_>) -> Option<Value> {
    let cost = row.result.run_cost.as_ref()?;
    let usd = |value: Option<f64>| value.map(|usd| usd.to_string());
    let kind = cost.kind().as_str_name();
    let name = format!("{}.cost", row.benchmark.id);
    Some(json!({
        "evaluation_result_id": name,
        "evaluation_name": name,
        "source_data": dataset(row),
        "metric_config": {
            "evaluation_description": "Cost of the whole run in USD",
            "metric_id": "cost",
            "metric_name": "cost",
            "metric_kind": "cost",
            "metric_unit": "usd",
            "lower_is_better": true,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": "Infinity",
        },
        "score_details": {
            "score": cost.central_usd,
            "details": {
                "kind": kind.trim_start_matches("COST_KIND_").to_lowercase(),
                "low_usd": usd(cost.low_usd),
                "high_usd": usd(cost.high_usd),
            },
        },
    }))
}

/// The record's hash in the form of a UUID of version 8: what is written twice has one name.
fn uuid(record: &Value) -> String {
    let hash = blake3::hash(record.to_string().as_bytes());
    let bits = hash.as_bytes()[..16]
        .iter()
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let bits = bits & !(0xf << 76) | (8 << 76);
    let hex = format!("{:032x}", bits & !(0b11 << 62) | (0b10 << 62));
    let [a, b, c, d] = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20]];
    format!("{a}-{b}-{c}-{d}-{}", &hex[20..])
}

/// The schema takes no null where something is absent.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| (key, without_nulls(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
