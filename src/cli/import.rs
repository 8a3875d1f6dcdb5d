//! `frontierd import`: result files of evaluation tools into a daemon, or into a store that none serves.

mod catalog;
mod report;
mod sources;
mod store;
mod submit;

use std::path::PathBuf;

use super::Failure;
use super::args::{Connection, Kind, Relationship};
use super::output::Format as Output;
use super::restore;
use crate::client::{Client, ClientError};
use crate::clock::Clock;
use crate::import::columns::{COLUMNS, Cell};
use crate::import::{Format, Mapping, Options, Said};
use crate::proto::v1::{CostKind, EvaluatorRelationship, Result as ResultMessage};
use report::Report;
use sources::Inputs;
use submit::Submitter;

/// Import result files of evaluation tools; importing them again adds nothing
#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Formats: aider, lm-eval, inspect, helm, eee, prices-litellm, prices-genai, csv, jsonl.\n\nExamples:\n  frontierd import aider polyglot_leaderboard.yml --create-benchmarks\n  frontierd import logs/ --evaluator our-lab --create-benchmarks\n  frontierd import prices-genai prices/providers/deepseek.yml\n  gen-results | frontierd import jsonl - --store /var/lib/frontierd\n\nExit codes: 0 done, 1 something was refused or the import broke off. Run it again after either: what is there already is not added twice."
)]
pub(super) struct Args {
    #[command(subcommand)]
    whole: Option<Whole>,
    /// A format first (recognised by the content when left out), then files, directories, or `-` for standard input
    #[arg(required = true, value_name = "[FORMAT] FILE|DIR|-")]
    inputs: Vec<String>,
    /// Create benchmarks that the files describe and the store does not have
    #[arg(long)]
    create_benchmarks: bool,
    /// Read and name everything, connect to nothing, write nothing
    #[arg(long)]
    dry_run: bool,
    /// List every row that was skipped or refused
    #[arg(long)]
    verbose: bool,
    /// What the files do not say, for many models and benchmarks: a TOML file (docs/import.md)
    #[arg(long, value_name = "FILE.toml")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    saying: Saying,
    /// Data directory to import into when no daemon serves it
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run")]
    store: Option<PathBuf>,
    #[command(flatten)]
    connection: Connection,
}

/// What is not rows of results.
#[derive(clap::Subcommand, Debug)]
enum Whole {
    Store(restore::Args),
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "What to read")]
struct Reading {
    /// The one metric to rank [default: the rule of the format in docs/import.md]
    #[arg(long, value_name = "NAME", conflicts_with = "all_metrics")]
    metric: Option<String>,
    /// Every metric as a benchmark of its own
    #[arg(long)]
    all_metrics: bool,
    /// Runs over a part of the questions too
    #[arg(long)]
    partial: bool,
    /// Totals of groups instead of the tasks in them (lm-eval)
    #[arg(long)]
    groups: bool,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "What the files do not say (for every row)")]
struct Saying {
    /// Model id, in place of the names in the files
    #[arg(long, value_name = "ID")]
    model: Option<String>,
    /// Added to model ids: `vendor/name@VARIANT`
    #[arg(long)]
    variant: Option<String>,
    /// Vendor of model names that no rule matches
    #[arg(long)]
    vendor: Option<String>,
    /// Benchmark id, in place of the ones proposed
    #[arg(long, value_name = "ID")]
    benchmark: Option<String>,
    /// Direction of benchmarks to create, where the files do not say it
    #[arg(long, value_name = "BOOL")]
    higher_is_better: Option<bool>,
    /// Cost of the run in USD
    #[arg(long, value_name = "USD")]
    cost: Option<f64>,
    /// How the cost is known
    #[arg(long, value_name = "KIND", requires = "cost")]
    cost_kind: Option<Kind>,
    /// When it was measured; for undated prices the first day in force
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Who ran it
    #[arg(long, value_name = "NAME")]
    evaluator: Option<String>,
    /// The evaluator's relationship to the maker of the model
    #[arg(long)]
    relationship: Option<Relationship>,
    /// Evaluation harness
    #[arg(long, value_name = "NAME")]
    harness: Option<String>,
    /// Version of the harness
    #[arg(long, value_name = "VERSION")]
    harness_version: Option<String>,
    /// Where it is stated
    #[arg(long, visible_alias = "source-url", value_name = "URL")]
    source: Option<String>,
}

/// All that decides what becomes of a row.
#[derive(Debug)]
struct Rules {
    options: Options,
    mapping: Mapping,
    said: Said,
    create_benchmarks: bool,
}

impl Saying {
    /// What holds for every row, through the columns that say it.
    fn said(&self) -> Result<Said, Failure> {
        let text = |text: &Option<String>| text.clone().map(Cell::Text);
        let kind = self
            .cost_kind
            .map(|kind| CostKind::from(kind).as_str_name());
        let relationship = self
            .relationship
            .map(|it| EvaluatorRelationship::from(it).as_str_name());
        let cells = [
            ("cost_usd", self.cost.map(Cell::Number)),
            ("cost_kind", kind.map(|name| Cell::Text(name.to_owned()))),
            ("observed_date", text(&self.date)),
            ("evaluator", text(&self.evaluator)),
            (
                "relationship",
                relationship.map(|name| Cell::Text(name.to_owned())),
            ),
            ("harness", text(&self.harness)),
            ("harness_version", text(&self.harness_version)),
            ("source_url", text(&self.source)),
        ];
        let set: Vec<(&'static str, Cell)> = cells
            .into_iter()
            .filter_map(|(name, cell)| Some((name, cell?)))
            .collect();
        for (name, cell) in &set {
            let column = COLUMNS.iter().find(|column| column.name == *name);
            let put = column.map_or(Ok(()), |column| {
                (column.set)(&mut ResultMessage::default(), cell.clone())
            });
            put.map_err(|what| Failure::Usage(format!("`--{}`: {what}", name.replace('_', "-"))))?;
        }
        Ok(Said {
            model: self.model.clone(),
            variant: self.variant.clone(),
            benchmark: self.benchmark.clone(),
            higher_is_better: self.higher_is_better,
            set,
        })
    }
}

impl Args {
    fn rules(&self) -> Result<Rules, Failure> {
        let mut mapping = match &self.mapping {
            None => Mapping::default(),
            Some(path) => {
                let wrong = |error: &dyn std::fmt::Display| {
                    Failure::Usage(format!("`{}`: {error}", path.display()))
                };
                let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
                Mapping::parse(&text).map_err(|error| wrong(&error))?
            }
        };
        mapping.names.vendor.clone_from(&self.saying.vendor);
        Ok(Rules {
            options: Options {
                metric: self.reading.metric.clone(),
                all_metrics: self.reading.all_metrics,
                partial: self.reading.partial,
                groups: self.reading.groups,
                date: self.saying.date.clone().unwrap_or_default(),
                today: Clock::system().today().to_string(),
            },
            mapping,
            said: self.saying.said()?,
            create_benchmarks: self.create_benchmarks,
        })
    }

    /// The format, where the first word names one, and what to read.
    fn inputs(&self) -> Result<(Option<Format>, &[String]), Failure> {
        match self.inputs.split_first() {
            Some((first, rest)) => match Format::named(first) {
                Some(_) if rest.is_empty() => Err(Failure::Usage(format!(
                    "`import {first}` of what? name files, directories, or `-` for standard input"
                ))),
                Some(format) => Ok((Some(format), rest)),
                None => Ok((None, &self.inputs)),
            },
            None => Ok((None, &[])),
        }
    }

    pub(super) async fn run(self, output: Output) -> Result<(), Failure> {
        if let Some(Whole::Store(restore)) = self.whole {
            return restore.run(output);
        }
        let rules = self.rules()?;
        let (format, named) = self.inputs()?;
        let inputs = Inputs::find(format, named)?;
        let report = Report::new(output, self.verbose, inputs.bytes());
        if self.dry_run {
            return Box::pin(Submitter::dry(rules, report).run(inputs))
                .await?
                .end();
        }
        let report = if let Some(dir) = &self.store {
            let work = async |client| {
                let submitter = Submitter::over(client, rules, report).await?;
                Box::pin(submitter.run(inputs)).await
            };
            Box::pin(store::beside(dir, work)).await?
        } else {
            let client = self.connection.client().await.map_err(or_store)?;
            let submitter = Submitter::over(client, rules, report).await?;
            Box::pin(submitter.run(inputs)).await?
        };
        report.end()
    }
}

/// A daemon that is not there, with the way to do without it.
fn or_store(failure: Failure) -> Failure {
    match failure {
        Failure::Client(error @ ClientError::Connect { .. }) => Failure::Failed(format!(
            "{error}; where no daemon runs, `--store DIR` imports into its data directory"
        )),
        other => other,
    }
}

/// A client of the address of a store's own server.
async fn connect(addr: std::net::SocketAddr) -> Result<Client, Failure> {
    Ok(Client::connect(&addr.to_string()).await?)
}
