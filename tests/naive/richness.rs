//! Counts what random histories come across: a property that is never put to the test says nothing.

use std::collections::BTreeMap;

use frontierd::board::answer::FitSelection;
use frontierd::board::query::{AsOf, BoardName, Order, TrendQuery};
use frontierd::model::{BenchmarkId, CostBasis, CurvePatch};

use super::check::query;
use super::history::History;

/// How often each thing was met.
#[derive(Debug, Default)]
pub(crate) struct Met(BTreeMap<String, u32>);

impl Met {
    fn note(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn times(&self, what: &str) -> u32 {
        self.0.get(what).copied().unwrap_or(0)
    }

    pub(crate) fn look_at(&mut self, history: &History) {
        for (_, refusal) in &history.refused {
            self.note(refusal.reason.as_str());
        }
        for (id, _) in history.board.catalog().benchmarks_by_id() {
            for basis in CostBasis::ALL {
                let name = BoardName::Benchmark(id.clone());
                let ask = query(name, Order::Score, Some(basis));
                for row in history.board.listing(&ask).unwrap().rows {
                    let relative = row.relative.clone().expect("a full standing");
                    let verdict = relative.trend.expect("a trend").verdict;
                    self.note(format!("declared {verdict:?}"));
                    if relative.economics.is_some_and(|e| e.dominated_by_count > 1) {
                        self.note("several dominators");
                    }
                    self.look_at_trend(history, id, row.model.id.as_str(), basis);
                }
            }
        }
    }

    fn look_at_trend(
        &mut self,
        history: &History,
        id: &BenchmarkId,
        model: &str,
        basis: CostBasis,
    ) {
        for selection in [FitSelection::All, FitSelection::FrontierAtRelease] {
            let answer = history.board.trend(&TrendQuery {
                board: BoardName::Benchmark(id.clone()),
                as_of: AsOf::default(),
                model: Some((*model).into()),
                basis: Some(basis),
                reference: None,
                gap: 1.0,
                selection,
                threshold: None,
                curve: CurvePatch::default(),
            });
            let answer = answer.unwrap();
            let verdict = answer.fitted.verdict.expect("a verdict");
            self.note(format!("{selection:?} {verdict:?}"));
            if answer.price_to_reach.is_some_and(|p| p.decline.is_some()) {
                self.note("decline");
            }
        }
    }
}
