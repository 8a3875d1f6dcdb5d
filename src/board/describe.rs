//! What a board knows of one result, whatever its status.

use crate::model::{CostBasis, Revision, Status, Text};

use super::answer::{BasisCost, Interval};
use super::row::Row;
use super::standing::basis_cost;
use super::{Board, Fact};

/// A result's state.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultState {
    /// Its id.
    pub revision: Revision,
    /// Its status.
    pub status: Status,
    /// It counts for its model.
    pub counting: bool,
    /// The 95 % interval used.
    pub interval: Option<Interval>,
    /// Its cost per task.
    pub task_cost: Option<BasisCost>,
    /// Unit of its benchmark.
    pub unit: Text,
    /// Revisions that changed its status, oldest first.
    pub history: Vec<Revision>,
}

impl Board {
    /// The state of a result; none when there is no such result.
    pub fn describe(&self, result: Revision) -> Option<ResultState> {
        let place = self.result_place(result)?;
        let view = self.view(place.benchmark);
        let fact = self.fact(result)?;
        // The row that the result would make if it were the only one.
        let mut alone = fact.clone();
        alone.set_status(Status::Active);
        let row = Row::derive(
            view.catalog,
            view.record,
            &super::query::Selection::default(),
            place.model,
            (&alone, 1),
        );
        Some(ResultState {
            revision: result,
            status: fact.status(),
            counting: view
                .row(place.model)
                .is_some_and(|row| row.result == result),
            interval: fact.interval(&view.record.benchmark),
            task_cost: row.and_then(|row| basis_cost(&row, CostBasis::Task)),
            unit: view.record.benchmark.unit.clone(),
            history: self.history(result).to_vec(),
        })
    }

    /// Results of a benchmark, a model, or both, newest first, older than `before`.
    pub fn results_before(
        &self,
        benchmark: Option<u32>,
        model: Option<u32>,
        before: Revision,
        limit: usize,
    ) -> Vec<Revision> {
        let mut found: Vec<Revision> = match (benchmark, model) {
            (Some(benchmark), Some(model)) => self.facts_of(benchmark, model),
            (Some(benchmark), None) => {
                let board = self.view(benchmark).board;
                let facts = board.all_facts().flat_map(|(_, facts)| facts);
                facts.map(Fact::revision).collect()
            }
            (None, Some(model)) => {
                let benchmarks = self.catalog().model(model).benchmarks();
                let all = benchmarks.map(|b| self.facts_of(b, model));
                all.flatten().collect()
            }
            (None, None) => Vec::new(),
        };
        found.retain(|revision| *revision < before);
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(limit);
        found
    }

    fn facts_of(&self, benchmark: u32, model: u32) -> Vec<Revision> {
        let facts = self.view(benchmark).board.facts(model);
        facts.iter().map(Fact::revision).collect()
    }
}
