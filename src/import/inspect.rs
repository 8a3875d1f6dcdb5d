//! Logs of Inspect AI: `.json`, or `.eval`, a zip archive of which `header.json` is read. Samples are passed over without
//! being held.
//!
//! Only logs with status `success` that are not invalidated count. A row is one metric of one scorer; `stderr` and its
//! kin belong to the metric beside them. One metric is ranked: `--metric NAME` or `SCORER/NAME`, else `accuracy`, else
//! `mean`, else the first. The benchmark is `TASK-METRIC`.
//!
//! Tokens are those of the evaluated model. Where the scorer is a model and no other model was used, the grading is in
//! them and cannot be told apart: they are left out and noted (`GRADER_TOKENS`). Epochs are repeats.

use std::io::{self, BufRead, BufReader, Read, Seek};

use flate2::Crc;
use ruzstd::decoding::StreamingDecoder;
use serde::Deserialize;
use serde_json::Value;
use zip::{CompressionMethod, ZipArchive};

use super::json::{Look, PythonJson, broken, plain};
use super::names::slug;
use super::{DOCUMENT_BYTES_MAX, Draft, Found, Options, Row, Sink, Unreadable};
use crate::limits::{HARNESS_BYTES_MAX, LABEL_BYTES_MAX, UNIT_BYTES_MAX};
use crate::model::Timestamp;
use crate::proto::v1::{Benchmark, Result as ResultMessage, TokenUsage};

/// The entry of an archive that has everything but the samples.
const HEADER: &str = "header.json";
/// Metrics that say how sure another one is.
const UNCERTAINTY: [&str; 6] = [
    "stderr",
    "std",
    "var",
    "bootstrap_stderr",
    "ci_lower",
    "ci_upper",
];

/// What is read of a log: everything else, the samples above all, is passed over.
#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    status: String,
    #[serde(default)]
    invalidated: bool,
    eval: Value,
    #[serde(default)]
    results: Value,
    #[serde(default)]
    stats: Value,
}

/// Reads a log in either form.
///
/// # Errors
/// As [`read_archive`] and [`read_json`].
pub fn read(bytes: &[u8], options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    if bytes.starts_with(b"PK") {
        read_archive(std::io::Cursor::new(bytes), options, out)
    } else {
        read_json(bytes, options, out)
    }
}

/// Reads a log in JSON. Memory does not grow with its samples.
///
/// # Errors
/// [`Unreadable`] when the source is no JSON, or no log.
pub fn read_json(source: impl BufRead, options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let log: Log =
        serde_json::from_reader(BufReader::new(PythonJson::new(source))).map_err(|error| {
            if error.is_data() {
                return Unreadable::format(&format!(
                    "inspect: expected a log with `eval`: {error}"
                ));
            }
            broken(&error)
        })?;
    log.rows(options, out);
    Ok(())
}

/// Reads the header of an archive, deflated or compressed with Zstandard as newer versions do.
///
/// # Errors
/// [`Unreadable`] when the source is no zip archive, has no header, or the header is damaged or too large.
pub fn read_archive(
    source: impl Read + Seek,
    options: &Options,
    out: Sink<'_>,
) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(source).map_err(|error| damaged(&error))?;
    let index = archive.index_for_name(HEADER).ok_or_else(|| {
        Unreadable::new("NOT_FINISHED", format!("the archive has no `{HEADER}`: no log of Inspect, or one of a run that has not ended"))
    })?;
    let raw = archive
        .by_index_raw(index)
        .map_err(|error| damaged(&error))?;
    if raw.compression() == CompressionMethod::ZSTD {
        let expected = raw.crc32();
        let whole = StreamingDecoder::new(raw).map_err(|error| damaged(&error))?;
        return read_header(Checked::new(whole, expected), options, out);
    }
    drop(raw);
    let entry = archive.by_index(index).map_err(|error| damaged(&error))?;
    read_header(entry, options, out)
}

fn read_header(entry: impl Read, options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let mut entry = entry.take(DOCUMENT_BYTES_MAX + 1);
    read_json(BufReader::new(&mut entry), options, out).map_err(|why| match why.reason {
        _ if entry.limit() == 0 => Unreadable::new(
            "TOO_LARGE",
            format!("`{HEADER}` is larger than {} MiB", DOCUMENT_BYTES_MAX >> 20),
        ),
        "NOT_READ" => damaged(&why),
        _ => why,
    })
}

fn damaged(error: &dyn std::fmt::Display) -> Unreadable {
    Unreadable::new(
        "ZIP_DAMAGED",
        format!("not a whole zip archive: {error}; is the file cut short?"),
    )
}

/// What is read of an entry, held against its checksum at the end, as `zip` does for what it decompresses itself.
struct Checked<R> {
    inner: R,
    read: Crc,
    expected: u32,
}

impl<R> Checked<R> {
    fn new(inner: R, expected: u32) -> Self {
        Self {
            inner,
            read: Crc::new(),
            expected,
        }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && self.read.sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "another checksum than the archive says",
            ));
        }
        Ok(count)
    }
}

/// One metric of one scorer.
struct Metric<'a> {
    scorer: &'a Value,
    scorer_name: &'a str,
    name: &'a str,
    value: &'a Value,
}

impl Log {
    fn rows(&self, options: &Options, out: Sink<'_>) {
        let metrics = self.metrics();
        if metrics.is_empty() || self.status != "success" || self.invalidated {
            let found = self
                .whole(options)
                .unwrap_or_else(|| Found::Skipped("NO_SCORES", "the log has no scores".to_owned()));
            out(Row {
                at: "log".to_owned(),
                found,
            });
            return;
        }
        let ranked = ranked(&metrics, options);
        for (index, metric) in metrics.iter().enumerate() {
            let found = if options.all_metrics || ranked == Some(index) {
                self.whole(options).unwrap_or_else(|| self.result(metric))
            } else {
                let message = match ranked.map(|index| &metrics[index]) {
                    Some(other) => format!(
                        "`{}/{}` is ranked; `--metric` chooses another, `--all-metrics` takes all",
                        other.scorer_name, other.name
                    ),
                    None => format!(
                        "the log has no metric `{}`",
                        options.metric.as_deref().unwrap_or_default()
                    ),
                };
                Found::Skipped("OTHER_METRIC", message)
            };
            let at = format!("results.scores {}/{}", metric.scorer_name, metric.name);
            if !out(Row { at, found }) {
                return;
            }
        }
    }

    fn metrics(&self) -> Vec<Metric<'_>> {
        let scores = self.results.at(&["scores"]).and_then(Value::as_array);
        let mut metrics = Vec::new();
        for scorer in scores.into_iter().flatten() {
            let scorer_name = scorer.text(&["name"]).unwrap_or_default();
            for (name, value) in scorer.object(&["metrics"]).into_iter().flatten() {
                if !UNCERTAINTY.contains(&base(name)) {
                    metrics.push(Metric {
                        scorer,
                        scorer_name,
                        name,
                        value,
                    });
                }
            }
        }
        metrics
    }

    /// Why nothing of the log counts.
    fn whole(&self, options: &Options) -> Option<Found> {
        if self.status != "success" {
            return Some(Found::Skipped(
                "NOT_FINISHED",
                format!("the status of the log is `{}`", self.status),
            ));
        }
        if self.invalidated {
            return Some(Found::Skipped(
                "INVALIDATED",
                "samples of the log were invalidated".to_owned(),
            ));
        }
        if options.partial {
            return None;
        }
        let (some, all) = (self.samples()?, self.eval.count(&["dataset", "samples"])?);
        (some < all).then(|| {
            Found::Skipped(
                "PARTIAL_RUN",
                format!("{some} of {all} samples; `--partial` takes it all the same"),
            )
        })
    }

    fn epochs(&self) -> i64 {
        self.eval
            .count(&["config", "epochs"])
            .filter(|epochs| *epochs > 0)
            .unwrap_or(1)
    }

    /// Samples of the run, each counted once.
    fn samples(&self) -> Option<i64> {
        let total = self
            .results
            .count(&["total_samples"])
            .filter(|count| *count > 0)?;
        Some((total / self.epochs()).max(1))
    }

    /// Samples of the data set.
    fn questions(&self) -> Option<i64> {
        let samples = self.eval.count(&["dataset", "samples"]);
        samples.filter(|count| *count > 0)
    }

    fn result(&self, metric: &Metric<'_>) -> Found {
        let Some(score) = metric.value.number(&["value"]) else {
            return Found::Refused("NO_VALUE", format!("`{}` is not a number", metric.name));
        };
        let model = self.eval.text(&["model"]).unwrap_or_default();
        let Some(task) = self
            .eval
            .text(&["task"])
            .map(|task| task.rsplit('/').next().unwrap_or(task))
        else {
            return Found::field("eval.task", "missing");
        };
        let accuracy = base(metric.name) == "accuracy";
        let unit = if accuracy {
            "FRACTION".to_owned()
        } else {
            slug(base(metric.name))
                .chars()
                .take(UNIT_BYTES_MAX)
                .collect()
        };
        let scored = metric.scorer.count(&["scored_samples"]);
        let samples = scored
            .filter(|count| *count > 0)
            .map(|count| (count / self.epochs()).max(1))
            .or_else(|| self.samples());
        let (tokens, notes) = self.tokens(model, metric.scorer);
        let benchmark = Benchmark {
            id: format!("{}-{}", slug(task), slug(metric.name)),
            unit: Some(unit.clone()),
            higher_is_better: accuracy.then_some(true),
            questions: self.questions(),
            ..Benchmark::default()
        };
        let result = ResultMessage {
            score: Some(score),
            unit,
            standard_error: stderr(metric),
            sample_count: samples,
            tokens,
            repeats: i32::try_from(self.epochs())
                .ok()
                .filter(|epochs| *epochs > 1),
            observed_date: self.date(),
            harness: "inspect_ai".to_owned(),
            harness_version: self
                .eval
                .text(&["packages", "inspect_ai"])
                .filter(|text| text.len() <= HARNESS_BYTES_MAX)
                .unwrap_or_default()
                .to_owned(),
            labels: self.labels(metric),
            ..ResultMessage::default()
        };
        Found::Result(Box::new(Draft {
            model: model.to_owned(),
            result,
            benchmark,
            notes,
            ..Draft::default()
        }))
    }

    /// Tokens of the evaluated model, where they are its own.
    fn tokens(&self, model: &str, scorer: &Value) -> (Option<TokenUsage>, Vec<&'static str>) {
        let Some(usage) = self.stats.at(&["model_usage", model]) else {
            return (None, vec!["TOKENS_UNKNOWN"]);
        };
        let others = self
            .stats
            .object(&["model_usage"])
            .is_some_and(|usage| usage.len() > 1);
        let graded = scorer
            .text(&["scorer"])
            .is_some_and(|name| name.contains("model_graded"));
        if graded && !others {
            return (None, vec!["GRADER_TOKENS"]);
        }
        let count = |name: &str| usage.count(&[name]).unwrap_or(0).max(0);
        let tokens = TokenUsage {
            input_tokens: count("input_tokens"),
            output_tokens: count("output_tokens"),
            cache_read_tokens: count("input_tokens_cache_read"),
            cache_write_tokens: count("input_tokens_cache_write"),
        };
        if tokens == TokenUsage::default() {
            return (None, vec!["TOKENS_UNKNOWN"]);
        }
        (Some(tokens), Vec::new())
    }

    /// The day on which the run ended, UTC; empty = not said.
    fn date(&self) -> String {
        let times = [
            self.stats.text(&["completed_at"]),
            self.stats.text(&["started_at"]),
            self.eval.text(&["created"]),
        ];
        let utc = |text: &str| {
            let instant: jiff::Timestamp = text.parse().ok()?;
            Some(
                Timestamp::from_micros(instant.as_microsecond())
                    .date()
                    .to_string(),
            )
        };
        times
            .into_iter()
            .flatten()
            .find_map(utc)
            .unwrap_or_default()
    }

    fn labels(&self, metric: &Metric<'_>) -> std::collections::BTreeMap<String, String> {
        let values = [
            ("run_id", self.eval.at(&["run_id"]).and_then(plain)),
            (
                "task_version",
                self.eval.at(&["task_version"]).and_then(plain),
            ),
            ("scorer", Some(metric.scorer_name.to_owned())),
            ("limit", self.eval.at(&["config", "limit"]).and_then(plain)),
        ];
        let fits = |text: &String| !text.is_empty() && text.len() <= LABEL_BYTES_MAX;
        values
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text.filter(fits)?)))
            .collect()
    }
}

/// A metric's name without the package that it comes from.
fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Which metric is ranked.
fn ranked(metrics: &[Metric<'_>], options: &Options) -> Option<usize> {
    if let Some(wanted) = &options.metric {
        let is = |metric: &Metric<'_>| {
            metric.name == wanted || format!("{}/{}", metric.scorer_name, metric.name) == *wanted
        };
        return metrics.iter().position(is);
    }
    let named = |name: &str| metrics.iter().position(|metric| base(metric.name) == name);
    named("accuracy")
        .or_else(|| named("mean"))
        .or((!metrics.is_empty()).then_some(0))
}

/// The standard error that stands beside a metric; none where the scorer has several metrics it may belong to.
fn stderr(metric: &Metric<'_>) -> Option<f64> {
    let metrics = metric.scorer.object(&["metrics"])?;
    let others = metrics
        .keys()
        .filter(|name| !UNCERTAINTY.contains(&base(name)))
        .count();
    let error = |name: &str| {
        metrics
            .iter()
            .find(|(key, _)| base(key) == name)
            .and_then(|(_, value)| value.number(&["value"]))
    };
    let mean = matches!(base(metric.name), "accuracy" | "mean");
    if others > 1 && !mean {
        return None;
    }
    error("stderr")
        .or_else(|| error("bootstrap_stderr"))
        .filter(|error| *error > 0.0)
}

#[cfg(test)]
mod tests;
