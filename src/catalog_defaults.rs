//! Built-in definitions of well-known benchmarks: `serve --with-catalog`, and the base of the demo.

use std::fmt;

use toml::{Table, Value};

use crate::client::{Client, ClientError};
use crate::proto::json;
use crate::proto::v1::{Benchmark, PutBenchmarkRequest};

const BENCHMARKS: &str = include_str!("catalog_defaults/benchmarks.toml");

/// Built-in data that does not say what it should: a mistake in the build, not of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError(String);

impl DataError {
    /// A mistake in the file `file`.
    pub(crate) fn new(file: &str, what: impl fmt::Display) -> Self {
        Self(format!("built-in data `{file}`: {what}"))
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DataError {}

/// The tables `[[key]]` of a TOML text.
pub(crate) fn tables(file: &str, text: &str, key: &str) -> Result<Vec<Table>, DataError> {
    let mut all: Table = text.parse().map_err(|error| DataError::new(file, error))?;
    take_tables(file, &mut all, key)
}

/// Removes and returns the tables `[[key]]` of a table; none when the key is absent.
pub(crate) fn take_tables(
    file: &str,
    table: &mut Table,
    key: &str,
) -> Result<Vec<Table>, DataError> {
    let Some(value) = table.remove(key) else {
        return Ok(Vec::new());
    };
    value
        .try_into()
        .map_err(|error| DataError::new(file, format!("`{key}`: {error}")))
}

/// Removes and returns a text of a table.
pub(crate) fn take_text(table: &mut Table, key: &str) -> Option<String> {
    match table.remove(key) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// `base` with the fields of `over` in front.
pub(crate) fn merged(base: &Table, over: &Table) -> Table {
    let mut table = base.clone();
    table.extend(over.iter().map(|(key, value)| (key.clone(), value.clone())));
    table
}

/// The definitions as tables, for whoever changes some fields of them.
pub(crate) fn benchmark_tables() -> Result<Vec<Table>, DataError> {
    tables("benchmarks.toml", BENCHMARKS, "benchmark")
}

/// The built-in definitions.
///
/// # Errors
/// [`DataError`] never in a build whose tests pass.
pub fn benchmarks() -> Result<Vec<Benchmark>, DataError> {
    benchmark_tables()?
        .into_iter()
        .map(|table| {
            json::from_tables("Benchmark", table)
                .map_err(|error| DataError::new("benchmarks.toml", error))
        })
        .collect()
}

/// Creates each built-in benchmark that does not exist yet; what an operator defined stays as it is. Answers how many
/// were created.
///
/// # Errors
/// [`ClientError`] when the daemon refuses for another reason.
pub async fn load(client: &mut Client, benchmarks: Vec<Benchmark>) -> Result<usize, ClientError> {
    let mut created = 0;
    for benchmark in benchmarks {
        let request = PutBenchmarkRequest {
            benchmark: Some(benchmark),
            expected_revision: Some(0),
            ..PutBenchmarkRequest::default()
        };
        match client.put_benchmark(request).await {
            Ok(answer) => created += usize::from(!answer.unchanged),
            Err(error) if exists_already(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(created)
}

fn exists_already(error: &ClientError) -> bool {
    error
        .refused()
        .is_some_and(|refused| refused.code == tonic::Code::Aborted)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::BenchmarkId;

    #[test]
    fn every_definition_is_complete_and_named_once() {
        let benchmarks = benchmarks().expect("valid data");
        let mut ids = BTreeSet::new();
        for benchmark in &benchmarks {
            assert!(
                BenchmarkId::parse(&benchmark.id, "id").is_ok(),
                "{}",
                benchmark.id
            );
            assert!(ids.insert(&benchmark.id), "{} twice", benchmark.id);
            for (field, given) in [
                ("title", benchmark.title.is_some()),
                ("description", benchmark.description.is_some()),
                ("chance", benchmark.chance.is_some()),
                ("tags", !benchmark.tags.is_empty()),
                ("source_url", benchmark.source_url.is_some()),
            ] {
                assert!(given, "{} lacks {field}", benchmark.id);
            }
        }
        assert!(benchmarks.len() >= 15, "{}", benchmarks.len());
    }
}
