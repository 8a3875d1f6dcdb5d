//! Reads the data files into requests.

use toml::Table;

use crate::catalog_defaults::{
    DataError, benchmark_tables, merged, tables, take_tables, take_text,
};
use crate::proto::json;
use crate::proto::v1::{
    EvaluatorRelationship, PutBenchmarkRequest, PutClaimRequest, PutModelRequest, PutPriceRequest,
    Result as ResultMessage, SubmitResultRequest,
};

const BENCHMARKS: &str = include_str!("benchmarks.toml");
const MODELS: &str = include_str!("models.toml");
const CLAIMS: &str = include_str!("claims.toml");
const RESULTS: &str = include_str!("results.toml");

/// Prefix of every request id; another number once the content of a file changes.
const REQUEST_PREFIX: &str = "demo-1";

/// One call of the load. Each has a `request_id`, so that the load can be repeated.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Defines a benchmark.
    Benchmark(PutBenchmarkRequest),
    /// Defines a model.
    Model(PutModelRequest),
    /// Sets a list price.
    Price(PutPriceRequest),
    /// Records a claim.
    Claim {
        /// The claim.
        request: PutClaimRequest,
        /// Why it counts before newer ones; `None` = it is not pinned.
        pin: Option<String>,
    },
    /// Submits a result.
    Result(SubmitResultRequest),
}

/// The whole data set, in an order in which everything refers to what came before.
///
/// # Errors
/// [`DataError`] never in a build whose tests pass.
pub fn steps() -> Result<Vec<Step>, DataError> {
    let mut steps = benchmarks()?;
    steps.extend(models_and_prices()?);
    steps.extend(claims()?);
    steps.extend(results()?);
    Ok(steps)
}

fn request_id(kind: &str, parts: &[&str]) -> String {
    format!("{REQUEST_PREFIX}/{kind}/{}", parts.join("/"))
}

fn message<M: prost::Message + Default>(
    file: &str,
    name: &str,
    table: Table,
) -> Result<M, DataError> {
    let shown = table.to_string();
    json::from_tables(name, table)
        .map_err(|error| DataError::new(file, format!("{error}, in\n{shown}")))
}

fn benchmarks() -> Result<Vec<Step>, DataError> {
    const FILE: &str = "demo/benchmarks.toml";
    let bases = benchmark_tables()?;
    let mut steps = Vec::new();
    for table in tables(FILE, BENCHMARKS, "benchmark")? {
        let base = bases.iter().find(|base| base.get("id") == table.get("id"));
        let table = base.map_or_else(|| table.clone(), |base| merged(base, &table));
        let benchmark: crate::proto::v1::Benchmark = message(FILE, "Benchmark", table)?;
        steps.push(Step::Benchmark(PutBenchmarkRequest {
            request_id: request_id("benchmark", &[&benchmark.id]),
            benchmark: Some(benchmark),
            ..PutBenchmarkRequest::default()
        }));
    }
    Ok(steps)
}

fn models_and_prices() -> Result<Vec<Step>, DataError> {
    const FILE: &str = "demo/models.toml";
    let mut models = Vec::new();
    let mut prices = Vec::new();
    for mut table in tables(FILE, MODELS, "model")? {
        let of_model = take_tables(FILE, &mut table, "price")?;
        let model: crate::proto::v1::Model = message(FILE, "Model", table)?;
        for price in of_model {
            let mut price: crate::proto::v1::Price = message(FILE, "Price", price)?;
            price.model.clone_from(&model.id);
            prices.push(Step::Price(PutPriceRequest {
                request_id: request_id("price", &[&prices.len().to_string()]),
                price: Some(price),
                ..PutPriceRequest::default()
            }));
        }
        models.push(Step::Model(PutModelRequest {
            request_id: request_id("model", &[&model.id]),
            model: Some(model),
            ..PutModelRequest::default()
        }));
    }
    models.append(&mut prices);
    Ok(models)
}

fn claims() -> Result<Vec<Step>, DataError> {
    const FILE: &str = "demo/claims.toml";
    let mut steps = Vec::new();
    for mut table in tables(FILE, CLAIMS, "claim")? {
        let pin = take_text(&mut table, "pin");
        let request = PutClaimRequest {
            claim: Some(message(FILE, "Claim", table)?),
            request_id: request_id("claim", &[&steps.len().to_string()]),
        };
        steps.push(Step::Claim { request, pin });
    }
    Ok(steps)
}

fn results() -> Result<Vec<Step>, DataError> {
    const FILE: &str = "demo/results.toml";
    let mut steps = Vec::new();
    for mut sheet in tables(FILE, RESULTS, "sheet")? {
        let name = take_text(&mut sheet, "name")
            .ok_or_else(|| DataError::new(FILE, "a sheet has no `name`"))?;
        let vendor = take_text(&mut sheet, "vendor");
        for (index, row) in rows(FILE, &mut sheet)?.into_iter().enumerate() {
            let mut result: ResultMessage = message(FILE, "Result", row)?;
            let own = vendor.is_some() && result.model.split('/').next() == vendor.as_deref();
            let relationship = if own {
                EvaluatorRelationship::FirstParty
            } else {
                EvaluatorRelationship::ThirdParty
            };
            result.set_relationship(relationship);
            steps.push(Step::Result(SubmitResultRequest {
                result: Some(result),
                request_id: request_id("result", &[&name, &index.to_string()]),
                require_known_model: true,
                ..SubmitResultRequest::default()
            }));
        }
    }
    Ok(steps)
}

/// The results of a sheet, long and short form, with the sheet's defaults filled in.
fn rows(file: &str, sheet: &mut Table) -> Result<Vec<Table>, DataError> {
    let table = |sheet: &mut Table, key: &str| -> Result<Table, DataError> {
        sheet.remove(key).map_or_else(
            || Ok(Table::new()),
            |value| {
                value
                    .try_into()
                    .map_err(|error| DataError::new(file, format!("`{key}`: {error}")))
            },
        )
    };
    let defaults = table(sheet, "defaults")?;
    let mut rows: Vec<Table> = take_tables(file, sheet, "result")?
        .iter()
        .map(|row| merged(&defaults, row))
        .collect();
    for (benchmark, scores) in table(sheet, "scores")? {
        let scores: Table = scores
            .try_into()
            .map_err(|error| DataError::new(file, format!("`scores.{benchmark}`: {error}")))?;
        for (model, score) in scores {
            let mut row = defaults.clone();
            row.insert("benchmark".to_owned(), benchmark.clone().into());
            row.insert("model".to_owned(), model.into());
            row.insert("score".to_owned(), score);
            rows.push(row);
        }
    }
    match sheet.keys().next() {
        Some(key) => Err(DataError::new(file, format!("a sheet has no `{key}`"))),
        None => Ok(rows),
    }
}
