//! From what a file tells to what is submitted: ids, what the user adds, and an id of the request that follows from the
//! content alone, so that repeating an import adds nothing.

use super::columns::{COLUMNS, Cell};
use super::names::{Named, VENDORS, resolve, slug};
use super::{Draft, Format, Found, Mapping, Priced};
use crate::limits::REQUEST_ID_BYTES_MAX;
use crate::model::{BenchmarkId, ModelId};
use crate::proto::v1::{Benchmark, Price, Result as ResultMessage};

/// What flags say of every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Model id of every row, in place of the file's names.
    pub model: Option<String>,
    /// Added to every model id as its variant.
    pub variant: Option<String>,
    /// Benchmark id of every row.
    pub benchmark: Option<String>,
    /// Direction of benchmarks of which the file does not say it.
    pub higher_is_better: Option<bool>,
    /// Columns that hold whatever the file says.
    pub set: Vec<(&'static str, Cell)>,
}

/// What is to be submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The result, all ids in place.
    pub result: ResultMessage,
    /// Derived from the result, at most 64 bytes.
    pub request_id: String,
    /// What the benchmark is, where it must be created.
    pub benchmark: Benchmark,
    /// Why the result is to be disputed once it is submitted.
    pub disputed: Option<String>,
}

/// Puts ids and what the user says into a draft.
///
/// # Errors
/// [`Found::Refused`] when the name of the model is matched by no rule, or a cell does not fit its column.
pub fn finish(
    draft: Draft,
    format: Format,
    mapping: &Mapping,
    said: &Said,
) -> Result<Submission, Found> {
    let Draft {
        model,
        variant,
        mut result,
        mut benchmark,
        disputed,
        notes: _,
    } = draft;
    if let Some(id) = mapping.benchmarks.get(&benchmark.id) {
        benchmark.id.clone_from(id);
    }
    if let Some(id) = &said.benchmark {
        benchmark.id.clone_from(id);
    }
    if benchmark.higher_is_better.is_none() {
        benchmark.higher_is_better = said.higher_is_better;
    }
    result.benchmark.clone_from(&benchmark.id);
    for (name, cell) in &mapping.defaults {
        let column = COLUMNS.iter().find(|column| column.name == *name);
        if column.is_some_and(|column| (column.get)(&result).is_none()) {
            put(&mut result, name, cell)?;
        }
    }
    let lower = model.to_lowercase();
    let rules = mapping.rows.iter().filter(|rule| {
        rule.model.as_ref().is_none_or(|name| *name == lower)
            && rule.benchmark.as_ref().is_none_or(|id| *id == benchmark.id)
    });
    for (name, cell) in rules.flat_map(|rule| &rule.set).chain(&said.set) {
        put(&mut result, name, cell)?;
    }
    // A rule or a default may have named both.
    if result.model.is_empty() {
        result.model = identify(&model, variant.as_deref(), mapping, said)?;
    }
    benchmark.id.clone_from(&result.benchmark);
    if let Err(refusal) = BenchmarkId::parse(&benchmark.id, "benchmark") {
        return Err(Found::Refused(
            "BENCHMARK_UNNAMED",
            format!("{}; `--benchmark` names one", refusal.message),
        ));
    }
    let request_id = request_id(format, &result, disputed.as_deref());
    Ok(Submission {
        result,
        request_id,
        benchmark,
        disputed,
    })
}

fn put(result: &mut ResultMessage, name: &str, cell: &Cell) -> Result<(), Found> {
    match COLUMNS.iter().find(|column| column.name == name) {
        Some(column) => (column.set)(result, cell.clone()).map_err(|what| Found::field(name, what)),
        None => Err(Found::field(name, "there is no such column")),
    }
}

fn identify(
    name: &str,
    variant: Option<&str>,
    mapping: &Mapping,
    said: &Said,
) -> Result<String, Found> {
    let variants: Vec<&str> = variant.into_iter().chain(said.variant.as_deref()).collect();
    let variant = (!variants.is_empty()).then(|| variants.join("-"));
    let variant = variant.as_deref();
    if let Some(id) = &said.model {
        let id = match variant.map(slug) {
            Some(variant) if !variant.is_empty() && !id.contains('@') => format!("{id}@{variant}"),
            _ => id.clone(),
        };
        return ModelId::parse(&id, "model")
            .map(|id| id.to_string())
            .map_err(|refusal| Found::Refused("MODEL_UNMATCHED", refusal.message));
    }
    if name.trim().is_empty() {
        return Err(Found::Refused(
            "MODEL_UNNAMED",
            "the file does not name a model: `--model` does".to_owned(),
        ));
    }
    match resolve(name, variant, &mapping.names) {
        Named::Id(id) => Ok(id),
        Named::Unmatched(proposal) => Err(Found::Refused(
            "MODEL_UNMATCHED",
            format!(
                "model `{name}`: no rule says whose it is; `--vendor`, or in a `--mapping` file under [models]: \"{}\" = \"{proposal}\"",
                name.replace('\\', "\\\\").replace('"', "\\\"")
            ),
        )),
    }
}

/// The id of the request for a result: the same content always has the same, any other another.
fn request_id(format: Format, result: &ResultMessage, disputed: Option<&str>) -> String {
    let cells = COLUMNS
        .iter()
        .filter_map(|column| Some((column.name, (column.get)(result)?.to_text())));
    let cells = cells.chain(disputed.map(|why| ("disputed", why.to_owned())));
    digest(format, cells)
}

/// The price of a draft with the id of its model, and the id of the request.
///
/// # Errors
/// [`Found::Skipped`] when the name of the model is matched by no rule.
pub fn price_id(
    priced: Priced,
    format: Format,
    mapping: &Mapping,
    said: &Said,
) -> Result<(Price, String), Found> {
    let Priced {
        model,
        mut price,
        dated: _,
    } = priced;
    // What a vendor sells under a name of its own is the vendor's.
    let owned = || {
        let vendor =
            !model.contains('/') && VENDORS.iter().any(|(_, vendor)| *vendor == price.provider);
        vendor.then(|| format!("{}/{model}", price.provider))
    };
    let named = identify(&model, None, mapping, said);
    let named = named
        .or_else(|found| owned().map_or(Err(found), |name| identify(&name, None, mapping, said)));
    price.model = named.map_err(|found| match found {
        Found::Refused(reason, message) => Found::Skipped(reason, message),
        other => other,
    })?;
    let usd = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let cells = [
        ("model", price.model.clone()),
        ("provider", price.provider.clone()),
        ("date", price.effective_date.clone()),
        ("input", usd(price.input_usd_per_mtok)),
        ("read", usd(price.cache_read_usd_per_mtok)),
        ("write", usd(price.cache_write_usd_per_mtok)),
        ("output", usd(price.output_usd_per_mtok)),
        ("source", price.source_url.clone()),
    ];
    let id = digest(format, cells.into_iter());
    Ok((price, id))
}

fn digest(format: Format, cells: impl Iterator<Item = (&'static str, String)>) -> String {
    let mut hash = blake3::Hasher::new();
    for (name, text) in cells {
        // Lengths first, so that no two lists of cells run together to the same bytes.
        for part in [name, &text] {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    let hex = hash.finalize().to_hex();
    let id = format!("import/{}/{}", format.name(), &hex[..40]);
    // Two more bytes: the id of a request that disputes the result.
    debug_assert!(id.len() + 2 <= REQUEST_ID_BYTES_MAX);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(score: f64) -> Draft {
        Draft {
            model: "o3 (high)".into(),
            result: ResultMessage {
                score: Some(score),
                ..ResultMessage::default()
            },
            benchmark: Benchmark {
                id: "x".into(),
                ..Benchmark::default()
            },
            ..Draft::default()
        }
    }

    #[test]
    fn request_ids_follow_the_content() {
        let of = |score, format| {
            let (mapping, said) = (Mapping::default(), Said::default());
            finish(draft(score), format, &mapping, &said)
                .expect("a submission")
                .request_id
        };
        assert_eq!(of(1.0, Format::Aider), of(1.0, Format::Aider));
        assert_ne!(of(1.0, Format::Aider), of(1.5, Format::Aider));
        for format in Format::ALL {
            assert!(of(1.0, format).len() + 2 <= REQUEST_ID_BYTES_MAX);
        }
    }

    #[test]
    fn flags_go_before_rules_before_the_file_before_defaults() {
        let text = "[defaults]\nevaluator = \"lab\"\nscore = 9\n[[row]]\nwhen = { model = \"O3 (high)\" }\nset = { cost_usd = 2, harness = \"h\" }\n[benchmarks]\nx = \"y\"\n";
        let mapping = Mapping::parse(text).expect("a mapping");
        let said = Said {
            set: vec![("harness", Cell::Text("flag".into()))],
            variant: Some("Tools".into()),
            ..Said::default()
        };
        let result = finish(draft(1.0), Format::Csv, &mapping, &said)
            .expect("a submission")
            .result;
        assert_eq!(
            (
                result.score,
                result.evaluator.as_str(),
                result.harness.as_str()
            ),
            (Some(1.0), "lab", "flag")
        );
        assert_eq!(result.run_cost.and_then(|cost| cost.central_usd), Some(2.0));
        assert_eq!(
            (result.model.as_str(), result.benchmark.as_str()),
            ("openai/o3@high-tools", "y")
        );
    }
}
