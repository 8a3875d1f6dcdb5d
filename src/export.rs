//! What leaves a store as rows and records: results with what the log says about them, as csv, jsonl, or records of the
//! Every Eval Ever schema.
//!
//! A log is read twice. The first reading, into a [`Catalog`], learns what a row needs and a result does not hold: its
//! status, its benchmark, its model. The second makes a [`Row`] of each result, oldest first, so that importing the rows
//! in their order repeats the history. Nothing but the catalog is kept in memory.

pub mod eee;
mod table;

use std::collections::BTreeMap;

use crate::api::convert;
use crate::model::{
    Benchmark, BenchmarkId, Body, Date, Entry, Model, ModelId, Revision, Status, Text, Timestamp,
};
use crate::proto::v1;

pub use table::{CsvTable, JsonlTable, Table};

/// Which results are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Results on this benchmark; none = on every one.
    pub benchmark: Option<String>,
    /// Results observed and models released by this day; none = no limit.
    pub date: Option<Date>,
}

/// What rows need besides the result: read from the whole log first.
#[derive(Debug, Default)]
pub struct Catalog {
    benchmarks: BTreeMap<BenchmarkId, Benchmark>,
    models: BTreeMap<ModelId, Model>,
    statuses: BTreeMap<Revision, (Status, Text)>,
}

/// A result with what is known about it.
#[derive(Debug)]
pub struct Row<'a> {
    /// Its id.
    pub revision: Revision,
    /// When the store received it.
    pub received: Timestamp,
    /// Who submitted it.
    pub submitter: Text,
    /// Its status.
    pub status: Status,
    /// Why it has that status; empty = it never had another.
    pub status_reason: &'a str,
    /// The result, numbers in the benchmark's unit.
    pub result: v1::Result,
    /// What the benchmark is.
    pub benchmark: &'a Benchmark,
    /// What was said of the model; inherited facts are not filled in. None = nothing was.
    pub model: Option<&'a Model>,
    /// The model without `@variant`, where there is one.
    pub base: Option<&'a Model>,
}

impl Catalog {
    /// Learns from the next entry of the log.
    pub fn learn(&mut self, entry: Entry) {
        match entry.body {
            Body::Benchmark(benchmark) => {
                self.benchmarks.insert(benchmark.id.clone(), *benchmark);
            }
            Body::Model(model) => {
                self.models.insert(model.id.clone(), *model);
            }
            Body::ResultStatus {
                result,
                status,
                reason,
            } => {
                self.statuses.insert(result, (status, reason));
            }
            Body::Result(_)
            | Body::Price(_)
            | Body::PriceInForce { .. }
            | Body::Claim(_)
            | Body::ClaimStatus { .. } => {}
        }
    }

    /// Ids of the benchmarks, in order.
    pub fn benchmarks(&self) -> impl Iterator<Item = &str> {
        self.benchmarks.keys().map(BenchmarkId::as_str)
    }

    /// The row of an entry; none when it is no result, or not one that is wanted.
    pub fn row(&self, entry: &Entry, scope: &Scope) -> Option<Row<'_>> {
        let Body::Result(facts) = &entry.body else {
            return None;
        };
        let benchmark = self.benchmarks.get(&facts.benchmark)?;
        // A model that nobody described has no entry of its own.
        let model = self.models.get(&facts.model);
        let base = self.base(&facts.model);
        let wanted = scope.benchmark.as_deref();
        if wanted.is_some_and(|wanted| wanted != facts.benchmark.as_str()) {
            return None;
        }
        if let Some(until) = scope.date {
            let of_base = base.and_then(|base| base.release_date);
            let own = model.and_then(|model| model.release_date);
            let released = own.or(of_base);
            if facts.observed > until || released.is_some_and(|released| released > until) {
                return None;
            }
        }
        let (status, status_reason) = match self.statuses.get(&entry.revision) {
            Some((status, reason)) => (*status, &**reason),
            None => (Status::Active, ""),
        };
        Some(Row {
            revision: entry.revision,
            received: entry.received,
            submitter: entry.author.clone(),
            status,
            status_reason,
            result: convert::result(facts, &benchmark.unit),
            benchmark,
            model,
            base,
        })
    }

    fn base(&self, id: &ModelId) -> Option<&Model> {
        self.models.get(id.base_str()).filter(|_| id.is_variant())
    }
}

/// A status as it is written.
fn status_name(status: Status) -> &'static str {
    match status {
        Status::Active => "ACTIVE",
        Status::Disputed => "DISPUTED",
        Status::Retracted => "RETRACTED",
    }
}
