//! Boards over several benchmarks: mean win rate, as HELM defines it.
//!
//! Per benchmark with at least two standings a model's rate is (number worse + (number equal - 1)/2)/(n - 1), "equal"
//! counting itself; the mean is over the model's benchmarks. Source: Liang et al., Holistic Evaluation of Language
//! Models (2022), section "mean win rate".

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::limits::NAMED_MAX;
use crate::model::{CostBasis, ModelId, Reason, Refusal, Revision};

use super::Board;
use super::answer::{
    BasisCost, BasisDate, Costs, Coverage, Economics, Intrinsic, Listing, ModelInfo, Relative,
    Standing,
};
use super::catalog::{BenchmarkKey, ModelKey};
use super::query::{BoardName, Detail, ListingQuery, Order};
use super::real::Real;
use super::row::{Context, RowCost};

/// Least share of the board's benchmarks by default.
pub(super) const MIN_COVERAGE_DEFAULT: f64 = 0.5;
/// Name of the unit of win rates.
pub(super) const WIN_RATE: &str = "WIN_RATE";
/// Weights of input and output in token prices of computed boards.
const BLEND: (f64, f64) = (3.0, 1.0);

/// A computed board.
#[derive(Clone, Debug)]
pub struct Overall {
    name: BoardName,
    /// As asked for.
    asked_basis: Option<CostBasis>,
    basis: CostBasis,
    /// Best first, equal ones by id.
    rows: Vec<OverallRow>,
    /// Position of a model's row.
    positions: BTreeMap<ModelId, usize>,
}

#[derive(Clone, Debug)]
struct OverallRow {
    info: Arc<ModelInfo>,
    win_rate: f64,
    coverage: Coverage,
    costs: Costs,
}

impl OverallRow {
    fn cost(&self, basis: CostBasis) -> Option<f64> {
        let cost = self.costs.on(basis)?;
        Some(cost.cost.central)
    }
}

impl Board {
    /// The computed board of a name, with costs on `TOKEN_PRICE` (default where any row has it) or TRAINING.
    ///
    /// # Errors
    /// A suite without benchmarks, or the basis TASK.
    pub fn overall(&self, name: &BoardName, basis: Option<CostBasis>) -> Result<Overall, Refusal> {
        if basis == Some(CostBasis::Task) {
            return Err(not_here(
                name,
                "cost_basis",
                "a cost per task compares within one benchmark only; use COST_BASIS_TOKEN_PRICE or COST_BASIS_TRAINING",
            ));
        }
        let members = self.members(name)?;
        let mut rates: BTreeMap<ModelKey, Vec<f64>> = BTreeMap::new();
        let mut counted = 0;
        for benchmark in members {
            let view = self.view(benchmark);
            let n = view.board.len();
            if n < 2 {
                continue;
            }
            counted += 1;
            let by_score = &view.board.indexes.by_score;
            for row in view.rows() {
                let key = Real::new(row.good).reversed();
                let better = by_score.rank(&(key, 0));
                let worse = n - by_score.rank(&(key.next(), 0));
                let equal = n - better - worse;
                let wins = worse as f64 + (equal - 1) as f64 / 2.0;
                rates
                    .entry(row.model)
                    .or_default()
                    .push(wins / (n - 1) as f64);
            }
        }
        let mut rows: Vec<OverallRow> = rates
            .into_iter()
            .map(|(model, rates)| OverallRow {
                info: self.catalog().info(model),
                win_rate: mean(&rates),
                coverage: Coverage {
                    benchmarks: rates.len() as u32,
                    share: rates.len() as f64 / f64::from(counted),
                },
                costs: self.model_costs(model),
            })
            .collect();
        rows.sort_by(|a, b| {
            b.win_rate
                .total_cmp(&a.win_rate)
                .then_with(|| a.info.id.cmp(&b.info.id))
        });
        let priced = rows
            .iter()
            .any(|row| row.cost(CostBasis::TokenPrice).is_some());
        let default = if priced {
            CostBasis::TokenPrice
        } else {
            CostBasis::Training
        };
        let positions = rows
            .iter()
            .enumerate()
            .map(|(at, row)| (row.info.id.clone(), at))
            .collect();
        Ok(Overall {
            name: name.clone(),
            asked_basis: basis,
            basis: basis.unwrap_or(default),
            rows,
            positions,
        })
    }

    /// Whether a board exists.
    ///
    /// # Errors
    /// An unknown benchmark or suite, naming `field`.
    pub fn check_name(&self, name: &BoardName, field: &str) -> Result<(), Refusal> {
        let found = match name {
            BoardName::Benchmark(id) => self.view_by_id(id, field).map(drop),
            BoardName::Overall | BoardName::Suite(_) => self.members(name).map(drop),
        };
        found.map_err(|refusal| Refusal {
            field: field.to_owned(),
            ..refusal
        })
    }

    /// The benchmarks of a computed board, by id.
    fn members(&self, name: &BoardName) -> Result<Vec<BenchmarkKey>, Refusal> {
        let catalog = self.catalog();
        let belongs = |key: BenchmarkKey| {
            let benchmark = &catalog.benchmark(key).benchmark;
            match name {
                BoardName::Suite(tag) => benchmark.tags.contains(tag),
                _ => !benchmark.exclude_from_overall,
            }
        };
        let members: Vec<BenchmarkKey> = catalog
            .benchmarks_by_id()
            .map(|(_, key)| key)
            .filter(|key| belongs(*key))
            .collect();
        if let (BoardName::Suite(tag), true) = (name, members.is_empty()) {
            return Err(Refusal::new(
                Reason::UnknownBoard,
                "board",
                format!(
                    "board `{name}` has no benchmark: none is tagged `{tag}`; see ListBenchmarks"
                ),
            ));
        }
        Ok(members)
    }

    /// Costs of a model that do not depend on a benchmark.
    pub(crate) fn model_costs(&self, model: ModelKey) -> Costs {
        [CostBasis::TokenPrice, CostBasis::Training]
            .into_iter()
            .filter_map(|basis| {
                let (cost, date) = self.model_cost(model, basis);
                cost.map(|cost| BasisCost {
                    basis,
                    cost: cost.cost,
                    date,
                    provider: cost.provider,
                    cache_price_missing: cost.cache_price_missing,
                    not_a_cost_proxy: cost.not_a_cost_proxy,
                })
            })
            .collect()
    }

    /// Cost and date of a model on a basis other than TASK; the date may be known where the cost is not.
    pub(crate) fn model_cost(
        &self,
        model: ModelKey,
        basis: CostBasis,
    ) -> (Option<RowCost>, Option<BasisDate>) {
        let context = Context::new(self.catalog(), &self.selection, model);
        match basis {
            CostBasis::Task => (None, None),
            CostBasis::TokenPrice => context.token_price(&context.price_points(BLEND)),
            CostBasis::Training => context.training(),
        }
    }
}

/// The mean, in steps of 2^-40: means of equal worth are equal, whatever their terms were rounded to.
fn mean(rates: &[f64]) -> f64 {
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    (mean * MEAN_STEPS).round_ties_even() / MEAN_STEPS
}

/// Steps a unit of a win rate.
const MEAN_STEPS: f64 = (1u64 << 40) as f64;

fn not_here(name: &BoardName, field: &str, way_out: &str) -> Refusal {
    Refusal::new(
        Reason::NotOnThisBoard,
        field,
        format!("board `{name}` is ordered by win rate over several benchmarks: {way_out}"),
    )
}

impl Overall {
    /// Whether this answers the same question.
    pub fn is(&self, name: &BoardName, basis: Option<CostBasis>) -> bool {
        self.name == *name && self.asked_basis == basis
    }

    /// One page.
    ///
    /// # Errors
    /// The orders VALUE and CONFORMANCE.
    pub fn listing(&self, revision: Revision, query: &ListingQuery) -> Result<Listing, Refusal> {
        self.listing_of(revision, query, &[])
    }

    /// As [`Overall::listing`], of some models only (sorted ids; empty = all).
    ///
    /// # Errors
    /// As [`Overall::listing`].
    pub fn listing_of(
        &self,
        revision: Revision,
        query: &ListingQuery,
        models: &[ModelId],
    ) -> Result<Listing, Refusal> {
        if matches!(query.order, Order::Value | Order::Conformance) {
            return Err(not_here(
                &self.name,
                "order",
                "points per dollar and trend exist per benchmark only; use ORDER_SCORE or ORDER_OVERPAY",
            ));
        }
        let least = query.min_coverage.unwrap_or(MIN_COVERAGE_DEFAULT);
        let covered = |row: &&OverallRow| row.coverage.share >= least;
        let board: Vec<&OverallRow> = self.rows.iter().filter(covered).collect();
        let mut selected: Vec<&OverallRow> = Vec::new();
        let mut variants: BTreeSet<&str> = BTreeSet::new();
        for row in &board {
            let first_variant = variants.insert(row.info.id.base_str());
            let scored = query.min_score.is_none_or(|least| row.win_rate >= least);
            let named = models.is_empty() || models.binary_search(&row.info.id).is_ok();
            if query.rows.matches(&row.info)
                && scored
                && named
                && (!query.rows.best_variant_only || first_variant)
            {
                selected.push(row);
            }
        }
        let before = selected.len();
        let frontier = Frontier::of(&board, self.basis);
        match query.order {
            Order::Cost => sort_by_key(&mut selected, |row| row.cost(self.basis)),
            Order::Overpay => sort_by_key(&mut selected, |row| frontier.overpay(row)),
            _ => {}
        }
        let last = (query.offset + query.limit).min(selected.len());
        let page = selected.get(query.offset..last).unwrap_or_default();
        Ok(Listing {
            revision,
            basis: self.basis,
            rows: page
                .iter()
                .map(|row| self.answer(&board, &frontier, row, query.detail))
                .collect(),
            next: (last < selected.len()).then_some(last),
            row_count: selected.len() as u32,
            unranked_count: (before - selected.len()) as u32,
            standing_count: board.len() as u32,
            unit: WIN_RATE.into(),
            higher_is_better: true,
        })
    }

    /// The standing of a model, whatever its coverage; ranks are among those with the default coverage and itself.
    pub fn standing(&self, model: &ModelId) -> Option<Standing> {
        let position = *self.positions.get(model)?;
        let board: Vec<&OverallRow> = self
            .rows
            .iter()
            .enumerate()
            .filter(|(at, row)| *at == position || row.coverage.share >= MIN_COVERAGE_DEFAULT)
            .map(|(_, row)| row)
            .collect();
        let frontier = Frontier::of(&board, self.basis);
        Some(self.answer(&board, &frontier, &self.rows[position], Detail::Full))
    }

    fn answer(
        &self,
        board: &[&OverallRow],
        frontier: &Frontier<'_>,
        row: &OverallRow,
        detail: Detail,
    ) -> Standing {
        let relative = Relative {
            rank: 1 + board.partition_point(|other| other.win_rate > row.win_rate) as u32,
            rank_interval: None,
            basis: self.basis,
            economics: frontier.economics(row),
            trend: None,
        };
        let own = Intrinsic {
            model: Arc::clone(&row.info),
            score: row.win_rate,
            normalised: None,
            interval: None,
            costs: row.costs.clone(),
            counting: None,
            coverage: Some(row.coverage),
        };
        Standing {
            own: Arc::new(own),
            relative: (detail == Detail::Full).then(|| Box::new(relative)),
        }
    }
}

/// The Pareto frontier of a computed board: dearer members have higher win rates.
struct Frontier<'a> {
    basis: CostBasis,
    /// Cost with row, cheapest first, equal ones by id.
    members: Vec<(f64, &'a OverallRow)>,
}

impl<'a> Frontier<'a> {
    fn of(board: &[&'a OverallRow], basis: CostBasis) -> Self {
        let mut members: Vec<(f64, &OverallRow)> = board
            .iter()
            .filter_map(|row| Some((row.cost(basis)?, *row)))
            .collect();
        members.sort_by(|a, b| {
            a.0.total_cmp(&b.0)
                .then_with(|| b.1.win_rate.total_cmp(&a.1.win_rate))
                .then_with(|| a.1.info.id.cmp(&b.1.info.id))
        });
        // Cost and win rate of the last member; only its equals may stand beside it.
        let mut last = (f64::NAN, f64::NEG_INFINITY);
        members.retain(|(cost, row)| {
            let member = row.win_rate > last.1 || (*cost, row.win_rate) == last;
            if member {
                last = (*cost, row.win_rate);
            }
            member
        });
        Self { basis, members }
    }

    fn overpay(&self, row: &OverallRow) -> Option<f64> {
        self.economics(row).map(|economics| economics.overpay)
    }

    /// None without a cost; `row` is one of the board.
    fn economics(&self, row: &OverallRow) -> Option<Economics> {
        let cost = row.cost(self.basis)?;
        let as_good = self
            .members
            .partition_point(|(_, member)| member.win_rate < row.win_rate);
        let dearer = self.members.partition_point(|(other, _)| *other <= cost);
        let dominators: Vec<_> = self.members[as_good..dearer.max(as_good)]
            .iter()
            .filter(|(other, member)| *other < cost || member.win_rate > row.win_rate)
            .collect();
        let cost_to_match = self.members.get(as_good).map_or(cost, |(least, _)| *least);
        Some(Economics {
            value: None,
            value_rank: None,
            on_frontier: dominators.is_empty(),
            dominated_by_count: dominators.len() as u32,
            dominated_by: dominators
                .into_iter()
                .take(NAMED_MAX)
                .map(|(_, member)| member.info.id.clone())
                .collect(),
            cost_to_match,
            overpay: cost / cost_to_match,
        })
    }
}

/// Least first, equal ones by id; rows without the number are dropped.
fn sort_by_key(rows: &mut Vec<&OverallRow>, key: impl Fn(&OverallRow) -> Option<f64>) {
    rows.retain(|row| key(row).is_some());
    rows.sort_by(|a, b| {
        let (left, right) = (key(a).map(Real::new), key(b).map(Real::new));
        left.cmp(&right).then_with(|| a.info.id.cmp(&b.info.id))
    });
}
