//! Mean win rates in exact fractions, and two models side by side.

use std::sync::Arc;

use frontierd::board::answer::{
    BenchmarkComparison, Comparison, Coverage, Intrinsic, Relative, Standing,
};
use frontierd::board::query::BoardName;
use frontierd::model::{CostBasis, ModelId};

use super::standings::{Point, default_basis, economics};
use super::world::World;

/// A mean of win rates: `wins / games` exactly.
#[derive(Clone, Debug)]
pub(crate) struct WinRate {
    pub(crate) model: ModelId,
    wins: i128,
    games: i128,
    pub(crate) benchmarks: u32,
}

impl WinRate {
    fn beats(&self, other: &Self) -> bool {
        self.wins * other.games > other.wins * self.games
    }

    pub(crate) fn rate(&self) -> f64 {
        self.wins as f64 / self.games as f64
    }
}

impl World {
    /// Win rates of all models with any, best first, equal ones by id; and the number of benchmarks that count.
    pub(crate) fn win_rates(&self, board: &BoardName) -> (Vec<WinRate>, u32) {
        let mut counted = 0;
        // A model's rates as fractions.
        let mut rates: Vec<(ModelId, Vec<(i128, i128)>)> = Vec::new();
        for benchmark in &self.benchmarks {
            let belongs = match board {
                BoardName::Suite(tag) => benchmark.tags.contains(tag),
                _ => !benchmark.exclude_from_overall,
            };
            let rows = self.rows(&benchmark.id);
            if !belongs || rows.len() < 2 {
                continue;
            }
            counted += 1;
            for row in &rows {
                let worse = rows.iter().filter(|other| other.good < row.good).count();
                let equal = rows.iter().filter(|other| other.good == row.good).count();
                let twice = (2 * worse + equal - 1) as i128;
                let rate = (twice, 2 * (rows.len() as i128 - 1));
                match rates.iter_mut().find(|(model, _)| *model == row.model) {
                    Some((_, known)) => known.push(rate),
                    None => rates.push((row.model.clone(), vec![rate])),
                }
            }
        }
        let mut means: Vec<WinRate> = rates
            .into_iter()
            .map(|(model, rates)| {
                let games: i128 = rates.iter().map(|(_, of)| of).product();
                WinRate {
                    model,
                    wins: rates.iter().map(|(wins, of)| wins * (games / of)).sum(),
                    games: games * rates.len() as i128,
                    benchmarks: rates.len() as u32,
                }
            })
            .collect();
        means.sort_by(|a, b| {
            let by_rate = (b.wins * a.games).cmp(&(a.wins * b.games));
            by_rate.then_with(|| a.model.cmp(&b.model))
        });
        (means, counted)
    }

    /// `TOKEN_PRICE` if any model has it, else TRAINING.
    pub(crate) fn overall_basis(&self, board: &BoardName) -> CostBasis {
        let (all, _) = self.win_rates(board);
        let priced = all.iter().any(|rate| {
            let costs = self.model_costs(&rate.model);
            costs.iter().any(|cost| cost.basis == CostBasis::TokenPrice)
        });
        if priced {
            CostBasis::TokenPrice
        } else {
            CostBasis::Training
        }
    }

    /// All standings of a computed board with at least a coverage, best first; and also that of one more model.
    pub(crate) fn overall(
        &self,
        board: &BoardName,
        basis: CostBasis,
        least: f64,
        also: Option<&ModelId>,
    ) -> Vec<Standing> {
        let (all, counted) = self.win_rates(board);
        let share = |rate: &WinRate| f64::from(rate.benchmarks) / f64::from(counted);
        let listed: Vec<&WinRate> = all
            .iter()
            .filter(|rate| share(rate) >= least || Some(&rate.model) == also)
            .collect();
        let cost = |model: &ModelId| {
            let costs = self.model_costs(model);
            let found = costs.iter().find(|cost| cost.basis == basis);
            found.map(|cost| cost.cost.central)
        };
        // Goodness as position among distinct rates, so that equal rates are exactly equal.
        let good =
            |rate: &WinRate| -(listed.iter().filter(|other| other.beats(rate)).count() as f64);
        let mut by_id = listed.clone();
        by_id.sort_by(|a, b| a.model.cmp(&b.model));
        let point = |rate: &WinRate| {
            Some(Point {
                model: rate.model.clone(),
                good: good(rate),
                cost: cost(&rate.model)?,
            })
        };
        let points: Vec<Point> = by_id.iter().filter_map(|rate| point(rate)).collect();
        listed
            .iter()
            .map(|rate| Standing {
                own: Arc::new(Intrinsic {
                    model: Arc::new(self.info(&rate.model)),
                    score: rate.rate(),
                    normalised: None,
                    interval: None,
                    costs: self.model_costs(&rate.model).into_iter().collect(),
                    counting: None,
                    coverage: Some(Coverage {
                        benchmarks: rate.benchmarks,
                        share: share(rate),
                    }),
                }),
                relative: Some(Box::new(Relative {
                    rank: (1.0 - good(rate)) as u32,
                    rank_interval: None,
                    basis,
                    economics: point(rate).map(|own| economics(&points, &own)),
                    trend: None,
                })),
            })
            .collect()
    }

    /// Two models on every benchmark that both stand on.
    pub(crate) fn compare(&self, a: &ModelId, b: &ModelId) -> Comparison {
        let mut answer = Comparison {
            a: a.clone(),
            b: b.clone(),
            benchmarks: Vec::new(),
            a_better: 0,
            b_better: 0,
            tied: 0,
        };
        for benchmark in &self.benchmarks {
            let rows = self.rows(&benchmark.id);
            let of = |model: &ModelId| rows.iter().find(|row| row.model == *model);
            let (Some(left), Some(right)) = (of(a), of(b)) else {
                continue;
            };
            let better = if left.good == right.good {
                answer.tied += 1;
                None
            } else if left.good > right.good {
                answer.a_better += 1;
                Some(a.clone())
            } else {
                answer.b_better += 1;
                Some(b.clone())
            };
            let half = |row: &super::rows::Row| row.interval.map(|i| (i.high - i.low) / 2.0);
            let margin = half(left)
                .zip(half(right))
                .map(|(a, b)| (a.powi(2) + b.powi(2)).sqrt());
            let basis = default_basis(&rows);
            let (score_a, score_b) = (left.result.facts.score, right.result.facts.score);
            let difference = score_a - score_b;
            answer.benchmarks.push(BenchmarkComparison {
                benchmark: benchmark.id.clone(),
                score_a,
                score_b,
                better,
                difference,
                margin,
                separated: margin.map(|margin| difference.abs() > margin),
                basis,
                cost_a: left.cost(basis),
                cost_b: right.cost(basis),
                higher_is_better: benchmark.higher_is_better,
                unit: benchmark.unit.clone(),
            });
        }
        answer
    }
}
