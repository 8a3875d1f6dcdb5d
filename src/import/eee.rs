//! Records of Every Eval Ever, schema 0.2 and 0.3: one JSON document for one model, with a list of evaluation results;
//! or such documents, one a line. Of lines one is held at a time, and one that cannot be read is refused by itself.
//!
//! A row is one evaluation result. The format has no field for cost: adapters write it as a result of its own, with
//! `metric_kind` `cost` in US dollars. Such a row becomes the cost of the results of the same evaluation (`COST_ROW`),
//! and nothing by itself. Bounds `"Infinity"` and `"-Infinity"` are none. Times are unix seconds as text.

mod lines;
mod own;

use std::io::BufRead;

use serde_json::Value;

use super::columns::relationship;
use super::json::{self, Look};
use super::names::slug;
use super::{Draft, Found, Options, Row, Sink, Unreadable};
use crate::limits::{
    HARNESS_BYTES_MAX, LABEL_BYTES_MAX, NAME_BYTES_MAX, NOTE_BYTES_MAX, TITLE_BYTES_MAX,
    UNIT_BYTES_MAX, URL_BYTES_MAX,
};
use crate::model::Timestamp;
use crate::proto::v1::{Benchmark, CostKind, CostRange, Result as ResultMessage, ScoreInterval};
use lines::Lines;

/// Reads a record, or records one a line.
///
/// # Errors
/// [`Unreadable`] when the source fails; and of one record when it is too large to hold, is not JSON, or is of no schema
/// that is known.
pub fn read(source: impl BufRead, _options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let mut lines = Lines::new(source);
    let found = lines.step()?;
    // A record over many lines, and one that is alone, are documents: what is wrong with them is wrong with the file.
    if !found || lines.at_end()? || !begins_lines(lines.text()) {
        let record = json::document(lines.all()?)?;
        Record::of(&record)?.rows("", out);
        return Ok(());
    }
    loop {
        let at = format!("line {}", lines.number());
        let record = lines.line().and_then(json::line);
        let known = record.as_ref().map_err(Clone::clone).and_then(Record::of);
        let goes_on = match known {
            Ok(record) => record.rows(&format!("{at}, "), out),
            Err(Unreadable { reason, message }) => out(Row {
                at,
                found: Found::Refused(reason, message),
            }),
        };
        if !goes_on || !lines.step()? {
            return Ok(());
        }
    }
}

/// Whether a first line is a record by itself, damaged perhaps, and not the beginning of one over many lines.
fn begins_lines(line: &[u8]) -> bool {
    match json::line(line) {
        Ok(_) => true,
        Err(why) => why.reason != "TRUNCATED" && line.trim_ascii_end().ends_with(b"}"),
    }
}

struct Record<'a> {
    record: &'a Value,
    results: &'a [Value],
}

/// Dollars of a run, or of one task of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cost {
    Run(f64),
    Task(f64),
}

fn metric<'a>(result: &'a Value, key: &str) -> Option<&'a str> {
    result.text(&["metric_config", key])
}

fn is_cost(result: &Value) -> bool {
    metric(result, "metric_kind") == Some("cost")
}

/// The cost that a row states, where it is one of a run or a task in dollars.
fn cost(result: &Value) -> Option<Cost> {
    let dollars =
        metric(result, "metric_unit").is_some_and(|unit| unit.eq_ignore_ascii_case("usd"));
    let usd = result
        .number(&["score_details", "score"])
        .filter(|usd| dollars && *usd > 0.0)?;
    let names = [metric(result, "metric_id"), metric(result, "metric_name")];
    let names = names
        .into_iter()
        .flatten()
        .map(|name| slug(name).replace('_', "-"))
        .collect::<Vec<_>>()
        .join(" ");
    let of_task = [
        "per-task",
        "per-test",
        "per-problem",
        "per-instance",
        "per-question",
        "avg",
        "average",
        "mean",
    ];
    if of_task.iter().any(|word| names.contains(word)) {
        Some(Cost::Task(usd))
    } else {
        Some(Cost::Run(usd))
    }
}

impl<'a> Record<'a> {
    /// A record of a schema that is known.
    fn of(record: &'a Value) -> Result<Self, Unreadable> {
        let results = record.at(&["evaluation_results"]).and_then(Value::as_array);
        let (Some(version), Some(results)) = (record.text(&["schema_version"]), results) else {
            return Err(Unreadable::format(
                "eee: expected a JSON object with `schema_version` and `evaluation_results`",
            ));
        };
        if !["0.2", "0.3"]
            .iter()
            .any(|known| version == *known || version.starts_with(&format!("{known}.")))
        {
            let message = format!("eee: schema version `{version}`; 0.2 and 0.3 are read");
            return Err(Unreadable::new("SCHEMA_VERSION", message));
        }
        Ok(Self { record, results })
    }

    /// Its results, each a row that stands at `at`. False = nobody wants more.
    fn rows(&self, at: &str, out: Sink<'_>) -> bool {
        self.results.iter().enumerate().all(|(index, result)| {
            let name = result.text(&["evaluation_name"]).unwrap_or_default();
            out(Row {
                at: format!("{at}evaluation_results[{index}] {name}"),
                found: self.found(result),
            })
        })
    }
}

impl Record<'_> {
    /// The cost row of the same evaluation: of the same name, else of the same data set, else the only one there is.
    fn cost_of(&self, result: &Value) -> Option<&Value> {
        let costs: Vec<&Value> = self
            .results
            .iter()
            .filter(|row| is_cost(row) && cost(row).is_some())
            .collect();
        let only = |path: &[&str]| {
            let mut same = costs
                .iter()
                .filter(|row| row.text(path).is_some() && row.text(path) == result.text(path));
            let first = same.next()?;
            same.next().is_none().then_some(*first)
        };
        let scored = self.results.iter().filter(|row| !is_cost(row)).count();
        only(&["evaluation_name"])
            .or_else(|| only(&["source_data", "dataset_name"]))
            .or_else(|| (costs.len() == 1 && scored == 1).then(|| costs[0]))
    }

    fn found(&self, result: &Value) -> Found {
        if is_cost(result) {
            return match (cost(result), metric(result, "metric_unit")) {
                (Some(_), _) => Found::Skipped(
                    "COST_ROW",
                    "the cost of the results of the same evaluation".to_owned(),
                ),
                (None, unit) => Found::Skipped(
                    "COST_UNUSABLE",
                    format!(
                        "a cost in `{}` that is no cost of a run",
                        unit.unwrap_or("no unit")
                    ),
                ),
            };
        }
        let Some(score) = result.number(&["score_details", "score"]) else {
            return Found::Refused(
                "NO_VALUE",
                "`score_details.score` is not a number".to_owned(),
            );
        };
        if score == -1.0 && result.flag(&["metric_config", "has_unknown_level"]) == Some(true) {
            return Found::Skipped(
                "UNKNOWN_LEVEL",
                "a score of -1 stands for unknown here".to_owned(),
            );
        }
        let name = result.text(&["evaluation_name"]).unwrap_or_default();
        let benchmark = self.benchmark(result, name);
        let (observed_date, notes) = self.date(result);
        let cost_row = self.cost_of(result);
        let (run_cost, task_count) = priced(cost_row.and_then(cost), samples(result));
        let scored = ResultMessage {
            score: Some(score),
            unit: benchmark.unit.clone().unwrap_or_default(),
            run_cost,
            task_count,
            observed_date,
            source_url: source(result).unwrap_or_default(),
            ..uncertain(result)
        };
        let model = self.record.text(&["model_info", "id"]);
        let model = model.or_else(|| self.record.text(&["model_info", "name"]));
        let mut draft = Draft {
            model: model.unwrap_or_default().to_owned(),
            result: self.provenance(scored),
            benchmark,
            notes,
            ..Draft::default()
        };
        own::add(self.record, result, cost_row, &mut draft);
        Found::Result(Box::new(draft))
    }

    /// A result with who says it.
    fn provenance(&self, result: ResultMessage) -> ResultMessage {
        let organization = ["source_metadata", "source_organization_name"];
        let related = self
            .record
            .text(&["source_metadata", "evaluator_relationship"]);
        let id = self.known(&["evaluation_id"], LABEL_BYTES_MAX);
        let label = (!id.is_empty()).then(|| ("evaluation_id".to_owned(), id));
        ResultMessage {
            evaluator: self.known(&organization, NAME_BYTES_MAX),
            relationship: related
                .and_then(|text| relationship(text).ok())
                .unwrap_or(0),
            harness: self.known(&["eval_library", "name"], HARNESS_BYTES_MAX),
            harness_version: self.known(&["eval_library", "version"], HARNESS_BYTES_MAX),
            labels: label.into_iter().collect(),
            ..result
        }
    }

    /// A text of the record; empty where it is `unknown` or too long to keep.
    fn known(&self, path: &[&str], bytes_max: usize) -> String {
        let text = self.record.text(path).unwrap_or_default();
        if text == "unknown" || text.len() > bytes_max {
            String::new()
        } else {
            text.to_owned()
        }
    }

    fn benchmark(&self, result: &Value, name: &str) -> Benchmark {
        let same_name =
            |row: &&Value| !is_cost(row) && row.text(&["evaluation_name"]) == Some(name);
        let several = self.results.iter().filter(same_name).count() > 1;
        let which = metric(result, "metric_id")
            .or_else(|| metric(result, "metric_name"))
            .filter(|_| several);
        let id = which.map_or_else(
            || slug(name),
            |metric| format!("{}-{}", slug(name), slug(metric)),
        );
        let bound = |key: &str| result.number(&["metric_config", key]);
        let (minimum, maximum) = (bound("min_score"), bound("max_score"));
        let unit = match metric(result, "metric_unit") {
            Some("proportion" | "fraction") => "FRACTION".to_owned(),
            Some("percent" | "percentage" | "%") => "PERCENT".to_owned(),
            Some("usd" | "USD") => "USD".to_owned(),
            Some("seconds" | "s") => "SECONDS".to_owned(),
            Some(unit) => unit
                .chars()
                .filter(|c| !c.is_control())
                .take(UNIT_BYTES_MAX / 4)
                .collect(),
            // The schema before 0.3 has no units; a score that the record bounds by 0 and 1 is a share.
            None if (minimum, maximum) == (Some(0.0), Some(1.0)) => "FRACTION".to_owned(),
            None => "points".to_owned(),
        };
        let lower = result.flag(&["metric_config", "lower_is_better"]);
        let top = if unit == "PERCENT" { 100.0 } else { 1.0 };
        let falling_share = lower == Some(true) && matches!(unit.as_str(), "FRACTION" | "PERCENT");
        let about = result.text(&["metric_config", "evaluation_description"]);
        Benchmark {
            id,
            title: Some(name.to_owned())
                .filter(|title| !title.is_empty() && title.len() <= TITLE_BYTES_MAX),
            description: about
                .filter(|text| !text.is_empty() && text.len() <= NOTE_BYTES_MAX)
                .map(str::to_owned),
            unit: Some(unit),
            higher_is_better: lower.map(|lower| !lower),
            minimum,
            maximum,
            chance: falling_share.then_some(top),
            perfect: falling_share.then_some(0.0),
            ..Benchmark::default()
        }
    }

    /// When it was measured; where that is not said, when the record was made, which is noted.
    fn date(&self, result: &Value) -> (String, Vec<&'static str>) {
        let measured = result
            .at(&["evaluation_timestamp"])
            .or_else(|| self.record.at(&["evaluation_timestamp"]))
            .and_then(day);
        let retrieved = || self.record.at(&["retrieved_timestamp"]).and_then(day);
        match measured {
            Some(day) => (day, Vec::new()),
            None => (retrieved().unwrap_or_default(), vec!["DATE_OF_RECORD"]),
        }
    }
}

fn samples(result: &Value) -> Option<i64> {
    let count = result.count(&["score_details", "uncertainty", "num_samples"]);
    count.filter(|count| *count > 0)
}

/// The uncertainty of a result, and nothing else.
fn uncertain(result: &Value) -> ResultMessage {
    let given =
        |path: [&str; 2]| result.number(&["score_details", "uncertainty", path[0], path[1]]);
    let ends = given(["confidence_interval", "lower"]).zip(given(["confidence_interval", "upper"]));
    ResultMessage {
        interval: ends.map(|(low, high)| ScoreInterval {
            low,
            high,
            confidence_level: given(["confidence_interval", "confidence_level"]),
            ..ScoreInterval::default()
        }),
        standard_error: given(["standard_error", "value"]).filter(|error| *error > 0.0),
        sample_count: samples(result),
        ..ResultMessage::default()
    }
}

/// The run cost and the number of tasks that it is of. A cost per task without a number of tasks is that of one.
fn priced(cost: Option<Cost>, samples: Option<i64>) -> (Option<CostRange>, Option<i64>) {
    let usd = |usd: f64| CostRange {
        central_usd: Some(usd),
        kind: CostKind::Reported.into(),
        ..CostRange::default()
    };
    match cost {
        None => (None, None),
        Some(Cost::Run(total)) => (Some(usd(total)), None),
        Some(Cost::Task(each)) => {
            let tasks = samples.unwrap_or(1);
            (Some(usd(each * tasks as f64)), Some(tasks))
        }
    }
}

/// The day of unix seconds, as text or number, or of an ISO time.
fn day(value: &Value) -> Option<String> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    if let Some(seconds) = seconds.filter(|seconds: &f64| (0.0..1e11).contains(seconds)) {
        return Some(
            Timestamp::from_micros((seconds * 1e6) as i64)
                .date()
                .to_string(),
        );
    }
    let text = value.as_str()?.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(
            Timestamp::from_micros(instant.as_microsecond())
                .date()
                .to_string(),
        );
    }
    text.get(..10)?
        .parse::<crate::model::Date>()
        .ok()
        .map(|date| date.to_string())
}

fn source(result: &Value) -> Option<String> {
    let url = match result.at(&["source_data", "url"])? {
        Value::String(url) => Some(url.clone()),
        Value::Array(urls) => urls.first()?.as_str().map(str::to_owned),
        _ => None,
    };
    url.filter(|url| url.starts_with("http") && url.len() <= URL_BYTES_MAX)
}

#[cfg(test)]
mod tests;
