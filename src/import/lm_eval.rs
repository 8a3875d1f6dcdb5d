//! Results of lm-evaluation-harness: one JSON document a run, `results[task]["metric,filter"]` from version 0.4 on,
//! `results[task]["metric"]` before.
//!
//! A row is one metric of one task. One metric is ranked for each task: `--metric`, else the first of the task's
//! `metric_list` that the results have, else the first of [`PREFERRED`], else the first that stands there. All others
//! are skipped, or with `--all-metrics` become benchmarks of their own. The benchmark is `TASK-METRIC`, with the filter
//! after it where it is not `none`.
//!
//! Tasks that are groups repeat their parts: they are skipped, or with `--groups` taken in place of the parts. A run with
//! a `limit`, or with fewer samples than the task has, is partial and skipped unless `--partial`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::json::{self, Look, plain};
use super::names::slug;
use super::{Draft, Found, Options, Row, Sink, Unreadable};
use crate::limits::{HARNESS_BYTES_MAX, LABEL_BYTES_MAX};
use crate::model::Timestamp;
use crate::proto::v1::{Benchmark, Result as ResultMessage};

/// Metrics to rank by where a file does not list a task's metrics, most wanted first.
pub const PREFERRED: [&str; 12] = [
    "acc",
    "exact_match",
    "em",
    "f1",
    "mc2",
    "mc1",
    "pass@1",
    "pass_at_1",
    "bleu",
    "word_perplexity",
    "ppl",
    "perplexity",
];
/// Metrics that the harness defines as proportions, higher is better.
const PROPORTIONS: [&str; 15] = [
    "acc",
    "acc_norm",
    "acc_norm_nospace",
    "acc_all",
    "acc_bytes",
    "acc_mutual_info",
    "exact_match",
    "em",
    "f1",
    "mc1",
    "mc2",
    "pass@1",
    "pass_at_1",
    "recall",
    "prompt_level_strict_acc",
];
/// Metrics of which less is better.
const LOWER: [&str; 13] = [
    "ppl",
    "perplexity",
    "word_perplexity",
    "byte_perplexity",
    "bits_per_byte",
    "ter",
    "wer",
    "brier_score",
    "pct_stereotype",
    "likelihood_diff",
    "likelihood_difference",
    "bpb",
    "squared_error",
];

/// Reads a results file.
///
/// # Errors
/// [`Unreadable`] when the bytes are not JSON, or have no `results` by task.
pub fn read(bytes: &[u8], options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let document = json::document(bytes)?;
    let tasks = document
        .object(&["results"])
        .filter(|tasks| tasks.values().all(Value::is_object));
    let tasks = tasks.ok_or_else(|| {
        Unreadable::format("lm-eval: expected a JSON object with `results` by task")
    })?;
    let run = Run::of(&document);
    for (task, results) in tasks {
        if !run.task(task, results, options, out) {
            break;
        }
    }
    Ok(())
}

struct Run<'a> {
    document: &'a Value,
    groups: BTreeSet<&'a str>,
    /// Tasks that are part of a group whose total stands in the results.
    parts: BTreeSet<&'a str>,
    model: Option<String>,
    variant: Option<String>,
    date: String,
    version: String,
}

/// One metric of a task: its name without the filter, and the filter.
struct Metric<'a> {
    key: &'a str,
    name: &'a str,
    filter: Option<&'a str>,
    value: Option<f64>,
}

impl<'a> Run<'a> {
    fn of(document: &'a Value) -> Self {
        let mut groups: BTreeSet<&str> = BTreeSet::new();
        let mut parts = BTreeSet::new();
        if let Some(totals) = document.object(&["groups"]) {
            groups.extend(totals.keys().map(String::as_str));
        }
        for (group, tasks) in document.object(&["group_subtasks"]).into_iter().flatten() {
            let tasks: Vec<&str> = tasks
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            if !tasks.is_empty() && document.at(&["results", group]).is_some() {
                groups.insert(group);
                parts.extend(tasks);
            }
        }
        let (model, variant) = model(document);
        let seconds = document
            .number(&["date"])
            .filter(|seconds| seconds.abs() < 1e11);
        let date = seconds.map(|seconds| {
            Timestamp::from_micros((seconds * 1e6) as i64)
                .date()
                .to_string()
        });
        let version = document
            .text(&["lm_eval_version"])
            .or_else(|| document.text(&["git_hash"]));
        Self {
            document,
            groups,
            parts,
            model,
            variant,
            date: date.unwrap_or_default(),
            version: version
                .filter(|text| text.len() <= HARNESS_BYTES_MAX)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// Tells every metric of a task; false when nobody listens.
    fn task(&self, task: &str, results: &Value, options: &Options, out: Sink<'_>) -> bool {
        let metrics = metrics(results);
        let ranked = self.ranked(task, &metrics, options);
        if metrics.is_empty() {
            let found = Found::Skipped("NO_METRIC", "the task has no metric".to_owned());
            return out(Row {
                at: format!("results.{task}"),
                found,
            });
        }
        metrics.iter().all(|metric| {
            let skipped = self.skipped(task, options).or_else(|| {
                let other = !options.all_metrics && ranked != Some(metric.key);
                other.then(|| match ranked {
                    Some(ranked) => ("OTHER_METRIC", format!("`{ranked}` is ranked; `--metric` chooses another, `--all-metrics` takes all")),
                    None => ("OTHER_METRIC", format!("the task has no metric `{}`", options.metric.as_deref().unwrap_or_default())),
                })
            });
            let found = match skipped {
                Some((reason, message)) => Found::Skipped(reason, message),
                None => self.result(task, results, metric),
            };
            out(Row { at: format!("results.{task} {}", metric.key), found })
        })
    }

    /// Why a whole task is left out.
    fn skipped(&self, task: &str, options: &Options) -> Option<(&'static str, String)> {
        let is_group = self.groups.contains(task);
        if is_group && !options.groups {
            return Some((
                "GROUP_TOTAL",
                "the total of tasks that stand here too; `--groups` takes it in their place"
                    .to_owned(),
            ));
        }
        if !is_group && options.groups && self.parts.contains(task) {
            return Some((
                "GROUP_PART",
                "part of a group whose total is taken".to_owned(),
            ));
        }
        if options.partial {
            return None;
        }
        if let Some(limit) = self.document.at(&["config", "limit"]) {
            return Some((
                "PARTIAL_RUN",
                format!("run with limit {limit}; `--partial` takes it all the same"),
            ));
        }
        let samples = |what| self.document.count(&["n-samples", task, what]);
        match (samples("effective"), samples("original")) {
            (Some(some), Some(all)) if some < all => Some((
                "PARTIAL_RUN",
                format!("{some} of {all} samples; `--partial` takes it all the same"),
            )),
            _ => None,
        }
    }

    /// The key of the metric that is ranked.
    fn ranked<'m>(&self, task: &str, metrics: &[Metric<'m>], options: &Options) -> Option<&'m str> {
        let key = |name: &str| {
            let found = metrics
                .iter()
                .find(|metric| metric.key == name || metric.name == name);
            found.map(|metric| metric.key)
        };
        if let Some(wanted) = &options.metric {
            return key(wanted);
        }
        let listed = self
            .document
            .at(&["configs", task, "metric_list"])
            .and_then(Value::as_array);
        let listed = listed
            .into_iter()
            .flatten()
            .filter_map(|metric| metric.text(&["metric"]));
        listed
            .chain(PREFERRED)
            .find_map(key)
            .or_else(|| metrics.first().map(|metric| metric.key))
    }

    fn higher_is_better(&self, task: &str, metric: &str) -> Option<bool> {
        if let Some(says) = self.document.flag(&["higher_is_better", task, metric]) {
            return Some(says);
        }
        let listed = self
            .document
            .at(&["configs", task, "metric_list"])
            .and_then(Value::as_array);
        let says = listed
            .into_iter()
            .flatten()
            .find(|entry| entry.text(&["metric"]) == Some(metric));
        says.and_then(|entry| entry.flag(&["higher_is_better"]))
            .or_else(|| {
                let points =
                    ["bleu", "chrf", "mcc", "rouge1", "rouge2", "rougeL"].contains(&metric);
                (PROPORTIONS.contains(&metric) || points)
                    .then_some(true)
                    .or_else(|| LOWER.contains(&metric).then_some(false))
            })
    }

    fn result(&self, task: &str, results: &Value, metric: &Metric<'_>) -> Found {
        let Some(score) = metric.value else {
            return Found::Refused("NO_VALUE", format!("`{}` is not a number", metric.key));
        };
        let model = self.model.clone().unwrap_or_default();
        // SQuAD's own scorer, which the harness calls, answers percents under the names of proportions.
        let unit = match metric.name {
            "f1" | "exact" | "HasAns_f1" | "HasAns_exact" if task.starts_with("squad") => {
                "PERCENT".to_owned()
            }
            name if PROPORTIONS.contains(&name) || name == "pct_stereotype" => {
                "FRACTION".to_owned()
            }
            name => slug(name)
                .chars()
                .take(crate::limits::UNIT_BYTES_MAX)
                .collect(),
        };
        let higher = self.higher_is_better(task, metric.name);
        let shares = matches!(unit.as_str(), "FRACTION" | "PERCENT");
        let top = if unit == "PERCENT" { 100.0 } else { 1.0 };
        let filter = metric
            .filter
            .filter(|filter| *filter != "none")
            .map_or_else(String::new, |filter| format!("-{}", slug(filter)));
        let stderr_key = match metric.filter {
            Some(filter) => format!("{}_stderr,{filter}", metric.name),
            None => format!("{}_stderr", metric.name),
        };
        let samples = self.document.count(&["n-samples", task, "effective"]);
        let benchmark = Benchmark {
            id: format!("{}-{}{filter}", slug(task), slug(metric.name)),
            title: Some(format!("{task} ({})", metric.key))
                .filter(|title| title.len() <= crate::limits::TITLE_BYTES_MAX),
            unit: Some(unit.clone()),
            higher_is_better: higher,
            // For a share of which less is better, the ends change places.
            chance: (shares && higher == Some(false)).then_some(top),
            perfect: (shares && higher == Some(false)).then_some(0.0),
            questions: self
                .document
                .count(&["n-samples", task, "original"])
                .filter(|count| *count > 0),
            ..Benchmark::default()
        };
        let result = ResultMessage {
            score: Some(score),
            unit,
            // `N/A`, and 0 of a task with one outcome, are no error.
            standard_error: results.number(&[&stderr_key]).filter(|error| *error > 0.0),
            sample_count: samples.filter(|count| *count > 0),
            observed_date: self.date.clone(),
            harness: "lm-evaluation-harness".to_owned(),
            harness_version: self.version.clone(),
            labels: self.labels(task),
            ..ResultMessage::default()
        };
        Found::Result(Box::new(Draft {
            model,
            variant: self.variant.clone(),
            result,
            benchmark,
            ..Draft::default()
        }))
    }

    fn labels(&self, task: &str) -> BTreeMap<String, String> {
        let shots = self
            .document
            .at(&["n-shot", task])
            .or_else(|| self.document.at(&["config", "num_fewshot"]));
        let values = [
            ("num_fewshot", shots.and_then(plain)),
            (
                "task_version",
                self.document.at(&["versions", task]).and_then(plain),
            ),
            (
                "task_hash",
                self.document
                    .text(&["task_hashes", task])
                    .map(str::to_owned),
            ),
        ];
        let fits = |text: &String| !text.is_empty() && text.len() <= LABEL_BYTES_MAX;
        values
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text.filter(fits)?)))
            .collect()
    }
}

/// Metrics of a task, standard errors and names apart, in the order of the file.
fn metrics(results: &Value) -> Vec<Metric<'_>> {
    let entries = results.as_object().into_iter().flatten();
    let metrics = entries.filter_map(|(key, value)| {
        let (name, filter) = match key.split_once(',') {
            Some((name, filter)) => (name, Some(filter)),
            None => (key.as_str(), None),
        };
        let about = matches!(
            name,
            "alias" | "name" | "sample_len" | "sample_count" | "samples" | "task_hash"
        );
        if about || name.ends_with("_stderr") || name == "stderr" {
            return None;
        }
        Some(Metric {
            key,
            name,
            filter,
            value: value.as_f64(),
        })
    });
    metrics.collect()
}

/// The name of the model, and what sets it apart from others of that name.
fn model(document: &Value) -> (Option<String>, Option<String>) {
    let arguments = match document.at(&["config", "model_args"]) {
        Some(Value::String(text)) => text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect(),
        Some(Value::Object(object)) => object
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), plain(value)?)))
            .collect(),
        _ => BTreeMap::new(),
    };
    let argument = |name: &str| {
        arguments
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    };
    let named = ["pretrained", "model", "engine", "path"]
        .into_iter()
        .find_map(argument);
    let stated = document
        .text(&["model_name"])
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let revision = argument("revision").filter(|revision| revision != "main");
    let adapter = ["peft", "delta"]
        .into_iter()
        .find_map(argument)
        .map(|adapter| {
            let last = adapter.rsplit('/').next().unwrap_or_default();
            format!("peft-{last}")
        });
    let parts: Vec<String> = revision.into_iter().chain(adapter).collect();
    (
        named.or(stated),
        (!parts.is_empty()).then(|| parts.join("-")),
    )
}

#[cfg(test)]
mod tests;
