//! Which result counts, its interval, and the costs and dates of each basis.

use frontierd::board::answer::{BasisCost, BasisDate, DateRule, Interval, IntervalSource};
use frontierd::model::{
    Benchmark, BenchmarkId, Cost, CostBasis, CostKind, CountingRule, Date, ModelId, ResultFacts,
    Statement, Status, TrainingDate,
};

use super::world::{Listed, Scored, World};

/// A dated list price, blended.
#[derive(Clone, Debug)]
pub(crate) struct PricePoint {
    pub(crate) date: Date,
    pub(crate) effective: Date,
    pub(crate) cost: f64,
    pub(crate) current: bool,
}

/// A standing before any other is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) model: ModelId,
    /// Position of the model in order of first appearance.
    pub(crate) order: usize,
    pub(crate) result: Scored,
    pub(crate) attempts: u32,
    /// The score, mirrored where less is better.
    pub(crate) good: f64,
    pub(crate) normalised: Option<f64>,
    pub(crate) interval: Option<Interval>,
    pub(crate) costs: Vec<BasisCost>,
    /// By basis, also where there is no cost.
    pub(crate) dates: [Option<BasisDate>; 3],
    pub(crate) prices: Vec<PricePoint>,
}

impl Row {
    pub(crate) fn cost(&self, basis: CostBasis) -> Option<f64> {
        self.basis_cost(basis).map(|cost| cost.cost.central)
    }

    pub(crate) fn basis_cost(&self, basis: CostBasis) -> Option<&BasisCost> {
        self.costs.iter().find(|cost| cost.basis == basis)
    }

    pub(crate) fn date(&self, basis: CostBasis) -> Option<Date> {
        self.dates[basis as usize].map(|date| date.date)
    }

    /// 100 x normalised score / cost.
    pub(crate) fn value(&self, basis: CostBasis) -> Option<f64> {
        Some(100.0 * self.normalised? / self.cost(basis)?)
    }

    /// Ends of the interval, mirrored where less is better; the point itself without uncertainty.
    pub(crate) fn ends(&self, higher_is_better: bool) -> (f64, f64) {
        match self.interval {
            None => (self.good, self.good),
            Some(interval) if higher_is_better => (interval.low, interval.high),
            Some(interval) => (-interval.high, -interval.low),
        }
    }
}

impl World {
    /// All standings of a benchmark, in order of first appearance of the models.
    pub(crate) fn rows(&self, benchmark: &BenchmarkId) -> Vec<Row> {
        let benchmark = self.benchmark(benchmark);
        let ids = self.models.iter().map(|model| &model.id);
        ids.filter_map(|id| self.row(benchmark, id)).collect()
    }

    /// Results of a model that may count, oldest first.
    pub(crate) fn eligible(&self, benchmark: &Benchmark, model: &ModelId) -> Vec<&Scored> {
        let filter = &self.selection.results;
        self.results
            .iter()
            .filter(|r| r.facts.benchmark == benchmark.id && r.facts.model == *model)
            .filter(|r| r.status != Status::Retracted)
            .filter(|r| {
                let until = self.selection.date;
                until.is_none_or(|until| r.facts.observed <= until)
            })
            .filter(|r| {
                filter.evaluators.is_empty() || filter.evaluators.contains(&r.facts.evaluator)
            })
            .filter(|r| {
                filter.relationships.is_empty()
                    || filter.relationships.contains(&r.facts.relationship)
            })
            .filter(|r| filter.harnesses.is_empty() || filter.harnesses.contains(&r.facts.harness))
            .filter(|r| !filter.undisputed_only || r.status == Status::Active)
            .collect()
    }

    fn row(&self, benchmark: &Benchmark, model: &ModelId) -> Option<Row> {
        let released = self.info(model).release_date;
        if let (Some(released), Some(until)) = (released, self.selection.date)
            && released > until
        {
            return None;
        }
        let eligible = self.eligible(benchmark, model);
        let (result, attempts) = counting(benchmark, &eligible)?;
        let sign = if benchmark.higher_is_better {
            1.0
        } else {
            -1.0
        };
        let facts = &result.facts;
        let prices = self.price_points(benchmark, model);
        let costs = [
            self.task_cost(facts),
            self.token_cost(model, &prices),
            self.training_cost(model),
        ];
        let dates = [
            Some(self.task_date(facts)),
            self.token_date(model, &prices),
            self.training_date(model),
        ];
        let costs = costs.into_iter().flatten().map(|cost| BasisCost {
            date: dates[cost.basis as usize],
            ..cost
        });
        Some(Row {
            model: model.clone(),
            order: self.order(model),
            result: result.clone(),
            attempts,
            good: sign * facts.score,
            normalised: normalised(benchmark, facts.score),
            interval: interval(benchmark, facts),
            costs: costs.collect(),
            dates,
            prices,
        })
    }

    /// Run cost, else tokens at the price in force on the observed date, over tasks times repeats.
    fn task_cost(&self, facts: &ResultFacts) -> Option<BasisCost> {
        let tasks = facts.task_count.or(facts.uncertainty.sample_count)? as f64;
        let tasks = tasks * f64::from(facts.repeats.unwrap_or(1));
        let mut answer = plain(CostBasis::Task, Cost::exact(1.0, CostKind::Derived));
        if let Some(cost) = facts.run_cost {
            answer.cost = Cost {
                low: cost.low.map(|usd| usd / tasks),
                central: cost.central / tasks,
                high: cost.high.map(|usd| usd / tasks),
                kind: cost.kind,
            };
            return Some(answer);
        }
        let tokens = facts.tokens?;
        let day = self.selection.reprice_at.unwrap_or(facts.observed);
        let price = &self.price_on(&facts.model, Some(day))?.price;
        let (input, output) = (price.input?, price.output?);
        let usd = (tokens.input as f64 * input
            + tokens.output as f64 * output
            + tokens.cache_read as f64 * price.cache_read.unwrap_or(input)
            + tokens.cache_write as f64 * price.cache_write.unwrap_or(input))
            / 1e6;
        if usd == 0.0 {
            return None;
        }
        answer.cost.central = usd / tasks;
        answer.provider = Some(price.provider.clone());
        answer.cache_price_missing = (tokens.cache_read > 0 && price.cache_read.is_none())
            || (tokens.cache_write > 0 && price.cache_write.is_none());
        Some(answer)
    }

    fn task_date(&self, facts: &ResultFacts) -> BasisDate {
        match self.price_on(&facts.model, Some(facts.observed)) {
            Some(listed) => self.not_before_release(&facts.model, listed),
            None => on(facts.observed, DateRule::ObservedDate),
        }
    }

    /// The later of release and effective date.
    fn not_before_release(&self, model: &ModelId, listed: &Listed) -> BasisDate {
        match self.info(model).release_date {
            Some(release) if release >= listed.price.effective => {
                on(release, DateRule::ReleaseDate)
            }
            _ => on(listed.price.effective, DateRule::PriceEffective),
        }
    }

    /// Every dated price that blends to more than nothing.
    pub(crate) fn price_points(&self, benchmark: &Benchmark, model: &ModelId) -> Vec<PricePoint> {
        let Some(provider) = self.provider(model) else {
            return Vec::new();
        };
        let weights = (benchmark.blend_input_weight, benchmark.blend_output_weight);
        let current = self
            .price_on(model, None)
            .map_or(0, |listed| listed.revision);
        let prices = self.prices_at(model, &provider);
        let points = prices.into_iter().filter_map(|listed| {
            Some(PricePoint {
                date: self.not_before_release(model, listed).date,
                effective: listed.price.effective,
                cost: blend(weights, listed.price.input, listed.price.output)?,
                current: listed.revision == current,
            })
        });
        points.collect()
    }

    fn token_cost(&self, model: &ModelId, prices: &[PricePoint]) -> Option<BasisCost> {
        let current = prices.iter().find(|point| point.current)?;
        let cost = Cost::exact(current.cost, CostKind::Reported);
        Some(BasisCost {
            provider: self.provider(model),
            not_a_cost_proxy: self.info(model).tags.contains(&"reasoning".into()),
            ..plain(CostBasis::TokenPrice, cost)
        })
    }

    fn token_date(&self, model: &ModelId, prices: &[PricePoint]) -> Option<BasisDate> {
        if prices.iter().any(|point| point.current) {
            return Some(self.not_before_release(model, self.price_on(model, None)?));
        }
        self.release(model)
    }

    fn training_cost(&self, model: &ModelId) -> Option<BasisCost> {
        let said = self.claim(model, |s| matches!(s, Statement::TrainingCost(_)))?;
        let Statement::TrainingCost(training) = &said.claim.statement else {
            return None;
        };
        Some(plain(CostBasis::Training, training.cost))
    }

    fn training_date(&self, model: &ModelId) -> Option<BasisDate> {
        let said = self.claim(model, |s| matches!(s, Statement::TrainingDate(_)));
        match said.map(|said| &said.claim.statement) {
            Some(Statement::TrainingDate(TrainingDate {
                earliest,
                central,
                latest,
            })) => Some(BasisDate {
                date: *central,
                rule: DateRule::TrainingDate,
                range: (earliest != latest).then_some((*earliest, *latest)),
            }),
            _ => self.release(model),
        }
    }

    fn release(&self, model: &ModelId) -> Option<BasisDate> {
        let release = self.info(model).release_date?;
        Some(on(release, DateRule::ReleaseDate))
    }

    /// Costs of a model on a board over several benchmarks.
    pub(crate) fn model_costs(&self, model: &ModelId) -> Vec<BasisCost> {
        let blend_3_to_1 = Benchmark::new(BenchmarkId::parse("any", "id").unwrap());
        let prices = self.price_points(&blend_3_to_1, model);
        let token = self.token_cost(model, &prices).map(|cost| BasisCost {
            date: self.token_date(model, &prices),
            ..cost
        });
        let training = self.training_cost(model).map(|cost| BasisCost {
            date: self.training_date(model),
            ..cost
        });
        token.into_iter().chain(training).collect()
    }
}

/// The counting result among the eligible ones, and how many are of its class.
fn counting<'a>(benchmark: &Benchmark, eligible: &[&'a Scored]) -> Option<(&'a Scored, u32)> {
    let classes = benchmark
        .preferred_relationships
        .iter()
        .map(|wanted| -> Vec<&Scored> {
            let of = eligible.iter().copied();
            of.filter(|r| r.facts.relationship == *wanted).collect()
        });
    let preferred = classes.into_iter().find(|class| !class.is_empty());
    let mut class = preferred.unwrap_or_else(|| eligible.to_vec());
    let good = |r: &Scored| {
        if benchmark.higher_is_better {
            r.facts.score
        } else {
            -r.facts.score
        }
    };
    match benchmark.counting_rule {
        CountingRule::Latest => class.sort_by_key(|r| (r.facts.observed, r.revision)),
        CountingRule::Best => class.sort_by(|a, b| {
            let by_score = good(a).partial_cmp(&good(b)).unwrap();
            by_score.then(a.revision.cmp(&b.revision))
        }),
    }
    Some((class.last()?, class.len() as u32))
}

fn normalised(benchmark: &Benchmark, score: f64) -> Option<f64> {
    let (chance, perfect) = (benchmark.chance?, benchmark.perfect?);
    Some(((score - chance) / (perfect - chance)).clamp(0.0, 1.0))
}

/// Given, else from the standard error, else Wilson, else none.
fn interval(benchmark: &Benchmark, facts: &ResultFacts) -> Option<Interval> {
    let score = facts.score;
    if let Some(given) = facts.uncertainty.interval {
        // Quantiles of the standard normal distribution at (1 + level) / 2, from tables.
        let quantile = match given.level {
            0.95 => 1.959_963_984_540_054,
            0.90 => 1.644_853_626_951_472_2,
            0.99 => 2.575_829_303_548_900_4,
            level => panic!("no quantile for {level}"),
        };
        let scale = 1.959_963_984_540_054 / quantile;
        return Some(Interval {
            low: score + (given.low - score) * scale,
            high: score + (given.high - score) * scale,
            source: IntervalSource::Reported,
        });
    }
    if let Some(error) = facts.uncertainty.standard_error {
        return Some(Interval {
            low: score - 1.96 * error,
            high: score + 1.96 * error,
            source: IntervalSource::StandardError,
        });
    }
    let scale = match &*benchmark.unit {
        "PERCENT" => 100.0,
        "FRACTION" => 1.0,
        _ => return None,
    };
    let n = facts.uncertainty.sample_count.or(benchmark.questions)? as f64;
    // The two proportions whose score test just fails at 95 %: roots of (p - x)^2 = z^2 x (1 - x) / n.
    let (p, z) = (score / scale, 1.96);
    let centre = 2.0 * n * p + z * z;
    let half = z * (z * z + 4.0 * n * p * (1.0 - p)).sqrt();
    let end = |twice: f64| (twice / (2.0 * (n + z * z))).clamp(0.0, 1.0) * scale;
    Some(Interval {
        low: if p == 0.0 { 0.0 } else { end(centre - half) },
        high: if p == 1.0 { scale } else { end(centre + half) },
        source: IntervalSource::Derived,
    })
}

fn blend(weights: (f64, f64), input: Option<f64>, output: Option<f64>) -> Option<f64> {
    let mut sum = 0.0;
    for (weight, price) in [(weights.0, input), (weights.1, output)] {
        if weight > 0.0 {
            sum += weight * price?;
        }
    }
    (sum > 0.0).then(|| sum / (weights.0 + weights.1))
}

fn plain(basis: CostBasis, cost: Cost) -> BasisCost {
    BasisCost {
        basis,
        cost,
        date: None,
        provider: None,
        cache_price_missing: false,
        not_a_cost_proxy: false,
    }
}

fn on(date: Date, rule: DateRule) -> BasisDate {
    BasisDate {
        date,
        rule,
        range: None,
    }
}
