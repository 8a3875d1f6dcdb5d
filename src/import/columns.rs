//! The columns of our own csv and jsonl files: one definition, read by `import` and written by `export`.
//!
//! A csv file has them in its head line, in any order; a jsonl file has one object a line with them as keys. All but
//! `benchmark`, `model` and `score` may be absent or empty. [`COLUMNS`] are the fields of [`Result`], flat;
//! [`BENCHMARK_COLUMNS`] say what the benchmark is, so that `--create-benchmarks` can create it; [`OTHER_COLUMNS`] are
//! what a store knows of a result beyond itself.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::proto::v1::{
    Benchmark, CostKind, CostRange, EvaluatorRelationship, Result as ResultMessage, ScoreInterval,
    TokenUsage,
};

/// A column: its name, what it holds, and how to read it from a message and write it into one.
#[derive(Clone, Copy, Debug)]
pub struct Column<M> {
    /// Name in the head line of csv and key in jsonl.
    pub name: &'static str,
    /// What it holds, with units, for the documentation.
    pub about: &'static str,
    /// The cell of a message; none = absent: an empty cell in csv, no key in jsonl.
    pub get: fn(&M) -> Option<Cell>,
    /// Puts a cell into a message, or says what was expected.
    pub set: fn(&mut M, Cell) -> Result<(), &'static str>,
}

/// A value of one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Text, and every cell of a csv file until its column reads it.
    Text(String),
    /// A number with a fraction.
    Number(f64),
    /// A whole number.
    Count(i64),
    /// Yes or no.
    Flag(bool),
    /// Names with values; a JSON object within a csv cell.
    Labels(BTreeMap<String, String>),
}

impl Cell {
    /// As jsonl has it.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Count(count) => Value::from(*count),
            Self::Flag(flag) => Value::from(*flag),
            Self::Labels(labels) => labels
                .iter()
                .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// As csv has it, before quoting. Numbers are the shortest text that reads back as the same number.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Count(count) => count.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Labels(_) => self.to_json().to_string(),
        }
    }

    /// A cell from JSON; none for null.
    ///
    /// # Errors
    /// What was expected, for a list or an object whose values are not text.
    pub fn from_json(value: Value) -> Result<Option<Self>, &'static str> {
        Ok(Some(match value {
            Value::Null => return Ok(None),
            Value::Bool(flag) => Self::Flag(flag),
            Value::Number(number) => match number.as_i64() {
                Some(count) => Self::Count(count),
                None => Self::Number(number.as_f64().ok_or("expected a number")?),
            },
            Value::String(text) => Self::Text(text),
            Value::Object(object) => Self::Labels(labels(object)?),
            Value::Array(_) => return Err("expected one value, not a list"),
        }))
    }

    fn text(self) -> Result<String, &'static str> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(_) | Self::Count(_) | Self::Flag(_) => Ok(self.to_text()),
            Self::Labels(_) => Err("expected a text"),
        }
    }

    fn number(self) -> Result<f64, &'static str> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Count(count) => Ok(count as f64),
            Self::Text(text) => text.trim().parse().map_err(|_| "expected a number"),
            Self::Flag(_) | Self::Labels(_) => Err("expected a number"),
        }
    }

    fn count(self) -> Result<i64, &'static str> {
        match self {
            Self::Count(count) => Ok(count),
            Self::Text(text) => text.trim().parse().map_err(|_| "expected a whole number"),
            _ => Err("expected a whole number"),
        }
    }

    fn flag(self) -> Result<bool, &'static str> {
        match self {
            Self::Flag(flag) => Ok(flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err("expected `true` or `false`"),
        }
    }

    fn labels(self) -> Result<BTreeMap<String, String>, &'static str> {
        const EXPECTED: &str = "expected a JSON object of texts, such as {\"team\":\"eval\"}";
        match self {
            Self::Labels(labels) => Ok(labels),
            Self::Text(text) => match serde_json::from_str(&text) {
                Ok(Value::Object(object)) => labels(object),
                _ => Err(EXPECTED),
            },
            _ => Err(EXPECTED),
        }
    }
}

fn labels(
    object: serde_json::Map<String, Value>,
) -> Result<BTreeMap<String, String>, &'static str> {
    object
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text) => Ok((key, text)),
            _ => Err("expected an object whose values are texts"),
        })
        .collect()
}

fn given(text: &str) -> Option<Cell> {
    (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
}

fn counted(count: i64) -> Option<Cell> {
    (count != 0).then_some(Cell::Count(count))
}

fn interval(result: &mut ResultMessage) -> &mut ScoreInterval {
    // An end that never comes is refused by the daemon: a number that is not one.
    result.interval.get_or_insert(ScoreInterval {
        low: f64::NAN,
        high: f64::NAN,
        ..ScoreInterval::default()
    })
}

fn cost(result: &mut ResultMessage) -> &mut CostRange {
    result.run_cost.get_or_insert_default()
}

fn tokens(result: &mut ResultMessage) -> &mut TokenUsage {
    result.tokens.get_or_insert_default()
}

/// The name of an enum's value without the enum's name before it, and back.
fn short(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_owned()
}

fn long(text: &str, prefix: &str) -> String {
    let text = text.trim().to_ascii_uppercase().replace('-', "_");
    if text.starts_with(prefix) {
        text
    } else {
        format!("{prefix}{text}")
    }
}

const COST_KIND: &str = "COST_KIND_";
const RELATIONSHIP: &str = "EVALUATOR_RELATIONSHIP_";

fn kind(text: &str) -> Result<i32, &'static str> {
    match CostKind::from_str_name(&long(text, COST_KIND)) {
        // A derived cost is the daemon's own; what it was derived from stands beside it.
        Some(CostKind::Derived | CostKind::Unspecified) | None => {
            Err("expected MEASURED, REPORTED or ESTIMATED")
        }
        Some(kind) => Ok(kind.into()),
    }
}

/// The relationship that a text names, such as `THIRD_PARTY` or `third-party`.
pub(super) fn relationship(text: &str) -> Result<i32, &'static str> {
    match EvaluatorRelationship::from_str_name(&long(text, RELATIONSHIP)) {
        Some(EvaluatorRelationship::Unspecified) | None => {
            Err("expected FIRST_PARTY, THIRD_PARTY, COLLABORATIVE or OTHER")
        }
        Some(relationship) => Ok(relationship.into()),
    }
}

macro_rules! columns {
    ($message:ty: $($name:literal, $about:literal, $get:expr, $set:expr;)*) => {
        &[$(Column::<$message> { name: $name, about: $about, get: $get, set: $set },)*]
    };
}

/// Columns of a result, in the order in which they are written.
pub const COLUMNS: &[Column<ResultMessage>] = columns! { ResultMessage:
    "benchmark", "Benchmark id. Required.",
        |r| given(&r.benchmark), |r, c| { r.benchmark = c.text()?; Ok(()) };
    "model", "Model id `vendor/name` or `vendor/name@variant`. Required.",
        |r| given(&r.model), |r, c| { r.model = c.text()?; Ok(()) };
    "score", "The score, in `unit`. Required.",
        |r| r.score.map(Cell::Number), |r, c| { r.score = Some(c.number()?); Ok(()) };
    "unit", "Unit of score and uncertainty, such as PERCENT or FRACTION; empty = the benchmark's.",
        |r| given(&r.unit), |r, c| { r.unit = c.text()?; Ok(()) };
    "interval_low", "Lower end of an interval around the score, in `unit`.",
        |r| r.interval.as_ref().map(|i| Cell::Number(i.low)), |r, c| { interval(r).low = c.number()?; Ok(()) };
    "interval_high", "Upper end of the interval, in `unit`.",
        |r| r.interval.as_ref().map(|i| Cell::Number(i.high)), |r, c| { interval(r).high = c.number()?; Ok(()) };
    "confidence_level", "Level of the interval, in (0, 1); empty = 0.95.",
        |r| r.interval.as_ref()?.confidence_level.map(Cell::Number),
        |r, c| { interval(r).confidence_level = Some(c.number()?); Ok(()) };
    "standard_error", "Standard error of the score, in `unit`.",
        |r| r.standard_error.map(Cell::Number), |r, c| { r.standard_error = Some(c.number()?); Ok(()) };
    "sample_count", "Questions answered.",
        |r| r.sample_count.map(Cell::Count), |r, c| { r.sample_count = Some(c.count()?); Ok(()) };
    "cost_usd", "Cost of the whole run in USD. Empty = unknown, which is not zero.",
        |r| r.run_cost.as_ref()?.central_usd.map(Cell::Number),
        |r, c| { cost(r).central_usd = Some(c.number()?); Ok(()) };
    "cost_low_usd", "Lower end of the cost in USD.",
        |r| r.run_cost.as_ref()?.low_usd.map(Cell::Number), |r, c| { cost(r).low_usd = Some(c.number()?); Ok(()) };
    "cost_high_usd", "Upper end of the cost in USD.",
        |r| r.run_cost.as_ref()?.high_usd.map(Cell::Number), |r, c| { cost(r).high_usd = Some(c.number()?); Ok(()) };
    "cost_kind", "MEASURED, REPORTED or ESTIMATED; empty = REPORTED.",
        |r| match r.run_cost.as_ref()?.kind() {
            CostKind::Unspecified | CostKind::Derived => None,
            kind => Some(Cell::Text(short(kind.as_str_name(), COST_KIND))),
        },
        |r, c| { cost(r).kind = kind(&c.text()?)?; Ok(()) };
    "input_tokens", "Input tokens of the whole run, cached ones excluded.",
        |r| counted(r.tokens.as_ref()?.input_tokens), |r, c| { tokens(r).input_tokens = c.count()?; Ok(()) };
    "output_tokens", "Output tokens of the whole run, reasoning included.",
        |r| counted(r.tokens.as_ref()?.output_tokens), |r, c| { tokens(r).output_tokens = c.count()?; Ok(()) };
    "cache_read_tokens", "Input tokens read from a cache.",
        |r| counted(r.tokens.as_ref()?.cache_read_tokens),
        |r, c| { tokens(r).cache_read_tokens = c.count()?; Ok(()) };
    "cache_write_tokens", "Input tokens written to a cache.",
        |r| counted(r.tokens.as_ref()?.cache_write_tokens),
        |r, c| { tokens(r).cache_write_tokens = c.count()?; Ok(()) };
    "task_count", "Tasks in the run; empty = sample_count.",
        |r| r.task_count.map(Cell::Count), |r, c| { r.task_count = Some(c.count()?); Ok(()) };
    "repeats", "Attempts per task; empty = 1.",
        |r| r.repeats.map(|n| Cell::Count(n.into())),
        |r, c| { r.repeats = Some(c.count()?.try_into().map_err(|_| "expected at most 2147483647")?); Ok(()) };
    "observed_date", "When it was measured, YYYY-MM-DD; empty = the day of the import, UTC.",
        |r| given(&r.observed_date), |r, c| { r.observed_date = c.text()?; Ok(()) };
    "evaluator", "Who ran it, at most 128 bytes.",
        |r| given(&r.evaluator), |r, c| { r.evaluator = c.text()?; Ok(()) };
    "relationship", "FIRST_PARTY, THIRD_PARTY, COLLABORATIVE or OTHER; empty = OTHER.",
        |r| match r.relationship() {
            EvaluatorRelationship::Unspecified => None,
            value => Some(Cell::Text(short(value.as_str_name(), RELATIONSHIP))),
        },
        |r, c| { r.relationship = relationship(&c.text()?)?; Ok(()) };
    "harness", "Evaluation harness, at most 64 bytes.",
        |r| given(&r.harness), |r, c| { r.harness = c.text()?; Ok(()) };
    "harness_version", "Version of the harness, at most 64 bytes.",
        |r| given(&r.harness_version), |r, c| { r.harness_version = c.text()?; Ok(()) };
    "source_url", "Where it is stated, at most 500 bytes.",
        |r| given(&r.source_url), |r, c| { r.source_url = c.text()?; Ok(()) };
    "labels", "Free labels: a JSON object of texts.",
        |r| (!r.labels.is_empty()).then(|| Cell::Labels(r.labels.clone())),
        |r, c| { r.labels = c.labels()?; Ok(()) };
};

/// Columns that say what the benchmark of the row is. Read with `--create-benchmarks` only.
pub const BENCHMARK_COLUMNS: &[Column<Benchmark>] = columns! { Benchmark:
    "benchmark_title", "Human name of the benchmark.",
        |b| b.title.clone().map(Cell::Text), |b, c| { b.title = Some(c.text()?); Ok(()) };
    "benchmark_unit", "PERCENT, FRACTION, USD, SECONDS or free text; empty = PERCENT.",
        |b| b.unit.clone().map(Cell::Text), |b, c| { b.unit = Some(c.text()?); Ok(()) };
    "benchmark_higher_is_better", "`false` where less is better; empty = true.",
        |b| b.higher_is_better.map(Cell::Flag), |b, c| { b.higher_is_better = Some(c.flag()?); Ok(()) };
    "benchmark_minimum", "Least valid score, in the benchmark's unit.",
        |b| b.minimum.map(Cell::Number), |b, c| { b.minimum = Some(c.number()?); Ok(()) };
    "benchmark_maximum", "Greatest valid score.",
        |b| b.maximum.map(Cell::Number), |b, c| { b.maximum = Some(c.number()?); Ok(()) };
    "benchmark_chance", "Score of guessing.",
        |b| b.chance.map(Cell::Number), |b, c| { b.chance = Some(c.number()?); Ok(()) };
    "benchmark_perfect", "Score of a flawless answer.",
        |b| b.perfect.map(Cell::Number), |b, c| { b.perfect = Some(c.number()?); Ok(()) };
    "benchmark_questions", "Number of questions.",
        |b| b.questions.map(Cell::Count), |b, c| { b.questions = Some(c.count()?); Ok(()) };
};

/// Columns about a result that are not part of it. `status` is read: a RETRACTED row is skipped, a DISPUTED one is
/// submitted and then disputed with `status_reason`. `revision`, `received_time` and `submitter` are the old store's
/// own and are left unread.
pub const OTHER_COLUMNS: &[(&str, &str)] = &[
    ("status", "ACTIVE, DISPUTED or RETRACTED; empty = ACTIVE."),
    ("status_reason", "Why it was disputed or retracted."),
    ("revision", "Revision in the store it comes from. Not read."),
    ("received_time", "When that store received it. Not read."),
    ("submitter", "Who submitted it there. Not read."),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ResultMessage {
        ResultMessage {
            benchmark: "mmlu".into(),
            model: "a/b@c".into(),
            score: Some(0.1 + 0.2),
            unit: "FRACTION".into(),
            interval: Some(ScoreInterval {
                low: 0.25,
                high: 1e-7 + 0.4,
                confidence_level: Some(0.9),
                ..ScoreInterval::default()
            }),
            standard_error: Some(1.0 / 3.0),
            sample_count: Some(14_042),
            run_cost: Some(CostRange {
                low_usd: Some(1.0),
                central_usd: Some(2.5),
                high_usd: Some(1e9),
                kind: CostKind::Measured.into(),
            }),
            tokens: Some(TokenUsage {
                input_tokens: 1,
                output_tokens: 2,
                cache_read_tokens: 3,
                cache_write_tokens: 4,
            }),
            task_count: Some(7),
            repeats: Some(2),
            observed_date: "2025-01-02".into(),
            evaluator: "us, \"them\"\nand \u{e9}".into(),
            relationship: EvaluatorRelationship::ThirdParty.into(),
            harness: "h".into(),
            harness_version: "1".into(),
            source_url: "https://example.org/?a,b".into(),
            labels: BTreeMap::from([("k".into(), "v;=".into()), ("l".into(), String::new())]),
        }
    }

    #[test]
    fn every_field_of_a_result_survives_both_forms() {
        let (mut from_text, mut from_json) = (ResultMessage::default(), ResultMessage::default());
        for column in COLUMNS {
            let cell = (column.get)(&full()).expect(column.name);
            (column.set)(&mut from_text, Cell::Text(cell.to_text())).expect(column.name);
            let json = serde_json::from_str(&cell.to_json().to_string()).expect("JSON");
            let read = Cell::from_json(json).expect("a cell").expect("not null");
            (column.set)(&mut from_json, read).expect(column.name);
        }
        assert_eq!((&from_text, &from_json), (&full(), &full()));
        let nothing = ResultMessage::default();
        let none = COLUMNS
            .iter()
            .all(|column| (column.get)(&nothing).is_none());
        assert!(none, "an absent field has no cell");
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
        names.extend(BENCHMARK_COLUMNS.iter().map(|column| column.name));
        names.extend(OTHER_COLUMNS.iter().map(|(name, _)| *name));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn the_documentation_has_every_column() {
        let docs = include_str!("../../docs/import.md");
        let columns = COLUMNS.iter().map(|column| (column.name, column.about));
        let benchmark = BENCHMARK_COLUMNS
            .iter()
            .map(|column| (column.name, column.about));
        for (name, about) in columns
            .chain(benchmark)
            .chain(OTHER_COLUMNS.iter().copied())
        {
            let line = format!("| `{name}` | {about} |");
            assert!(docs.contains(&line), "docs/import.md lacks: {line}");
        }
    }
}
