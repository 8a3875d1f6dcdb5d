//! What `export` writes into the free texts of a record, because the schema has no place for it. Records of others are
//! left alone: only ours name a revision of the store.

use serde_json::Value;

use super::super::Draft;
use super::super::json::Look;
use crate::proto::v1::{CostKind, CostRange, TokenUsage};

const SOURCE: [&str; 2] = ["source_metadata", "additional_details"];
const LABEL: &str = "label:";

/// Adds to a draft what the record, the result in it and the row of its cost say in their free texts.
pub(super) fn add(record: &Value, result: &Value, cost: Option<&Value>, draft: &mut Draft) {
    let Some(source) = record.at(&SOURCE) else {
        return;
    };
    if source.text(&["frontierd_revision"]).is_none() {
        return;
    }
    if source.text(&["frontierd_status"]) == Some("DISPUTED") {
        let reason = source.text(&["frontierd_status_reason"]);
        let reason = reason.unwrap_or("disputed where it was exported");
        draft.disputed = Some(reason.to_owned());
    }
    let texts = source.object(&[]).into_iter().flatten();
    let labels = texts.filter_map(|(key, value)| {
        let name = key.strip_prefix(LABEL)?;
        Some((name.to_owned(), value.as_str()?.to_owned()))
    });
    draft.result.labels.extend(labels);
    let count = |name: &str| -> Option<i64> { detail(result, name)?.parse().ok() };
    draft.result.task_count = count("task_count").or(draft.result.task_count);
    draft.result.repeats = count("repeats").and_then(|count| count.try_into().ok());
    let tokens = TokenUsage {
        input_tokens: count("input_tokens").unwrap_or(0),
        output_tokens: count("output_tokens").unwrap_or(0),
        cache_read_tokens: count("cache_read_tokens").unwrap_or(0),
        cache_write_tokens: count("cache_write_tokens").unwrap_or(0),
    };
    draft.result.tokens = (tokens != TokenUsage::default()).then_some(tokens);
    if let (Some(cost), Some(range)) = (cost, &mut draft.result.run_cost) {
        add_cost(cost, range);
    }
}

fn add_cost(cost: &Value, range: &mut CostRange) {
    let usd = |name: &str| -> Option<f64> { detail(cost, name)?.parse().ok() };
    let kind = detail(cost, "kind").unwrap_or_default().to_uppercase();
    let kind = CostKind::from_str_name(&format!("COST_KIND_{kind}"));
    *range = CostRange {
        central_usd: range.central_usd,
        low_usd: usd("low_usd"),
        high_usd: usd("high_usd"),
        kind: kind.map_or(range.kind, Into::into),
    };
}

fn detail<'a>(result: &'a Value, name: &str) -> Option<&'a str> {
    result.text(&["score_details", "details", name])
}
