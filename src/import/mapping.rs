//! The mapping file: what the user says that result files do not.
//!
//! ```toml
//! [models]                      # names in files = ids, ignoring case
//! "Quasar Alpha" = "openrouter/quasar-alpha"
//! [vendors]                     # beginnings of names = whose they are
//! "acme-" = "acme"
//! [benchmarks]                  # ids as the import proposes them = ids to use
//! "belebele_eus_latn-acc" = "belebele-eus"
//! [defaults]                    # columns of csv for every row that does not have them
//! evaluator = "our-lab"
//! [[row]]                       # columns for the rows of one model, one benchmark, or both
//! when = { model = "o3 (high)", benchmark = "aider-polyglot" }
//! set = { cost_usd = 21.23, cost_kind = "MEASURED" }
//! ```

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use super::columns::{COLUMNS, Cell};
use super::names::Table;
use crate::model::{BenchmarkId, ModelId};
use crate::proto::v1::Result as ResultMessage;

/// What a mapping file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// Names of models.
    pub names: Table,
    /// Proposed benchmark ids to ids.
    pub benchmarks: BTreeMap<String, String>,
    /// Columns for rows that lack them.
    pub defaults: Vec<(&'static str, Cell)>,
    /// Columns for some rows.
    pub rows: Vec<Rule>,
}

/// Columns for the rows that a model's name, a benchmark, or both single out.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The name of the model in the file, ignoring case; none = any.
    pub model: Option<String>,
    /// The benchmark id, after `[benchmarks]`; none = any.
    pub benchmark: Option<String>,
    /// What holds for them, whatever the file says.
    pub set: Vec<(&'static str, Cell)>,
}

/// A mapping file that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingError(String);

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MappingError {}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    models: BTreeMap<String, String>,
    vendors: BTreeMap<String, String>,
    benchmarks: BTreeMap<String, String>,
    defaults: toml::Table,
    row: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    when: FileWhen,
    set: toml::Table,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FileWhen {
    model: Option<String>,
    benchmark: Option<String>,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// [`MappingError`] naming the entry that is no id, no column or no value of its column.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let file: File = toml::from_str(text).map_err(|error| MappingError(error.to_string()))?;
        for id in file.models.values() {
            ModelId::parse(id, "models").map_err(|refusal| MappingError(refusal.message))?;
        }
        for id in file.benchmarks.values() {
            BenchmarkId::parse(id, "benchmarks")
                .map_err(|refusal| MappingError(refusal.message))?;
        }
        let rule = |rule: FileRule| {
            if rule.when.model.is_none() && rule.when.benchmark.is_none() {
                let message = "`[[row]]`: `when` names neither `model` nor `benchmark`; what holds for all rows stands in `[defaults]`";
                return Err(MappingError(message.to_owned()));
            }
            Ok(Rule {
                model: rule.when.model.map(|name| name.to_lowercase()),
                benchmark: rule.when.benchmark,
                set: cells(rule.set, "row.set")?,
            })
        };
        Ok(Self {
            names: Table {
                models: file
                    .models
                    .into_iter()
                    .map(|(name, id)| (name.trim().to_lowercase(), id))
                    .collect(),
                vendors: file
                    .vendors
                    .into_iter()
                    .map(|(start, vendor)| (start.to_lowercase(), vendor))
                    .collect(),
                vendor: None,
            },
            benchmarks: file.benchmarks,
            defaults: cells(file.defaults, "defaults")?,
            rows: file.row.into_iter().map(rule).collect::<Result<_, _>>()?,
        })
    }
}

fn cells(table: toml::Table, place: &str) -> Result<Vec<(&'static str, Cell)>, MappingError> {
    let cell = |(name, value): (String, toml::Value)| {
        let wrong = |what: &str| MappingError(format!("`{place}.{name}`: {what}"));
        let column = COLUMNS
            .iter()
            .find(|column| column.name == name)
            .ok_or_else(|| wrong("there is no such column"))?;
        let value = serde_json::to_value(value).map_err(|error| wrong(&error.to_string()))?;
        let cell = Cell::from_json(value)
            .map_err(wrong)?
            .ok_or_else(|| wrong("expected a value"))?;
        (column.set)(&mut ResultMessage::default(), cell.clone()).map_err(wrong)?;
        Ok((column.name, cell))
    };
    table.into_iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_file_is_read_and_checked() {
        let text = "[models]\n\"O3 (High)\" = \"openai/o3@high\"\n[vendors]\n\"Acme-\" = \"acme\"\n[defaults]\nevaluator = \"lab\"\n[[row]]\nwhen = { model = \"A\" }\nset = { cost_usd = 2, labels = { k = \"v\" } }\n";
        let mapping = Mapping::parse(text).expect("a mapping");
        assert_eq!(mapping.names.models["o3 (high)"], "openai/o3@high");
        assert_eq!(mapping.names.vendors["acme-"], "acme");
        assert_eq!(mapping.defaults, [("evaluator", Cell::Text("lab".into()))]);
        assert_eq!(mapping.rows[0].set[0], ("cost_usd", Cell::Count(2)));
    }

    #[test]
    fn what_does_not_hold_is_named() {
        for (text, part) in [
            ("[models]\n\"a\" = \"GPT 4\"", "GPT 4"),
            ("[benchmarks]\n\"a\" = \"overall\"", "overall"),
            ("[defaults]\ncosts = 1", "defaults.costs"),
            (
                "[defaults]\nsample_count = \"many\"",
                "defaults.sample_count",
            ),
            ("[[row]]\nwhen = {}\nset = {}", "neither"),
            ("[model]\n", "model"),
        ] {
            let error = Mapping::parse(text).expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
