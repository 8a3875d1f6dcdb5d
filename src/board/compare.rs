//! Two models side by side.

use crate::model::{CostBasis, Refusal, Text};

use super::Board;
use super::answer::{BenchmarkComparison, Comparison};
use super::events::difference_margin;

impl Board {
    /// Two models on every benchmark that both stand on, or those with a tag.
    ///
    /// # Errors
    /// An unknown model.
    pub fn compare(
        &self,
        a: &str,
        b: &str,
        basis: Option<CostBasis>,
        tag: Option<&Text>,
    ) -> Result<Comparison, Refusal> {
        let (a, b) = (self.resolve(a, "a")?, self.resolve(b, "b")?);
        let (id_a, id_b) = (self.catalog().id(a), self.catalog().id(b));
        let mut comparison = Comparison {
            a: id_a.clone(),
            b: id_b.clone(),
            benchmarks: Vec::new(),
            a_better: 0,
            b_better: 0,
            tied: 0,
        };
        for (id, key) in self.catalog().benchmarks_by_id() {
            let view = self.view(key);
            let benchmark = &view.record.benchmark;
            if tag.is_some_and(|tag| !benchmark.tags.contains(tag)) {
                continue;
            }
            let (Some(row_a), Some(row_b)) = (view.row(a), view.row(b)) else {
                continue;
            };
            let better = if row_a.good > row_b.good {
                comparison.a_better += 1;
                Some(id_a.clone())
            } else if row_b.good > row_a.good {
                comparison.b_better += 1;
                Some(id_b.clone())
            } else {
                comparison.tied += 1;
                None
            };
            let basis = basis.unwrap_or_else(|| view.board.default_basis());
            let difference = row_a.score - row_b.score;
            let margin = difference_margin(&row_a, &row_b);
            comparison.benchmarks.push(BenchmarkComparison {
                benchmark: id.clone(),
                score_a: row_a.score,
                score_b: row_b.score,
                better,
                difference,
                margin,
                separated: margin.map(|margin| difference.abs() > margin),
                basis,
                cost_a: row_a.cost(basis),
                cost_b: row_b.cost(basis),
                higher_is_better: benchmark.higher_is_better,
                unit: benchmark.unit.clone(),
            });
        }
        Ok(comparison)
    }
}
