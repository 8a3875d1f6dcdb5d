//! The row of a model: what its counting result, prices and claims say, before any other row is looked at.

use crate::model::{Cost, CostBasis, CostKind, Date, ProviderId, Revision};

use super::answer::{BasisDate, DateRule, Interval, ModelFacts};
use super::catalog::{BenchmarkRecord, Catalog, ModelKey, PriceRecord};
use super::fact::Fact;
use super::pricing::TokenCost;
use super::query::Selection;

/// Tag of models whose token price is not a cost proxy.
pub(crate) const REASONING_TAG: &str = "reasoning";

/// A cost of a row on one basis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RowCost {
    pub(crate) cost: Cost,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) cache_price_missing: bool,
    pub(crate) not_a_cost_proxy: bool,
}

/// A dated list price of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PricePoint {
    /// The day the price took effect, not before the release.
    pub(crate) date: Date,
    /// The effective date itself: tells two prices before the release apart.
    pub(crate) effective: Date,
    /// Blended, USD per million tokens.
    pub(crate) cost: f64,
    /// In force now.
    pub(crate) current: bool,
}

/// See the module documentation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) model: ModelKey,
    /// Revision of the counting result.
    pub(crate) result: Revision,
    pub(crate) attempts: u32,
    pub(crate) score: f64,
    /// Score with its sign turned where less is better.
    pub(crate) good: f64,
    pub(crate) normalised: Option<f64>,
    pub(crate) interval: Option<Interval>,
    /// By [`CostBasis::index`].
    pub(crate) costs: [Option<RowCost>; 3],
    /// By [`CostBasis::index`]; may be known where the cost is not.
    pub(crate) dates: [Option<BasisDate>; 3],
    /// Every dated list price, oldest first.
    pub(crate) prices: Vec<PricePoint>,
}

impl Row {
    /// Ends of the interval as goodness; the point itself without uncertainty.
    pub(crate) fn good_ends(&self, higher_is_better: bool) -> (f64, f64) {
        match self.interval {
            None => (self.good, self.good),
            Some(interval) if higher_is_better => (interval.low, interval.high),
            Some(interval) => (-interval.high, -interval.low),
        }
    }

    /// Central cost on a basis.
    pub(crate) fn cost(&self, basis: CostBasis) -> Option<f64> {
        self.costs[basis.index()].as_ref().map(|c| c.cost.central)
    }

    /// Points per dollar on a basis.
    pub(crate) fn value(&self, basis: CostBasis) -> Option<f64> {
        Some(100.0 * self.normalised? / self.cost(basis)?)
    }

    /// Derives the row of a model from the result that counts, one of `attempts`; none before the model's release.
    pub(crate) fn derive(
        catalog: &Catalog,
        record: &BenchmarkRecord,
        selection: &Selection,
        model: ModelKey,
        (fact, attempts): (&Fact, u32),
    ) -> Option<Self> {
        let benchmark = &record.benchmark;
        let economics = if catalog.is_bare(model) {
            Economics::of_result_alone(fact)
        } else {
            let context = Context::new(catalog, selection, model);
            if let (Some(until), Some(release)) = (selection.date, context.facts.release_date)
                && release > until
            {
                return None;
            }
            context.economics(
                fact,
                (benchmark.blend_input_weight, benchmark.blend_output_weight),
            )
        };
        let Economics {
            costs,
            dates,
            prices,
        } = economics;
        Some(Self {
            model,
            result: fact.revision(),
            attempts,
            score: fact.score(),
            good: benchmark.goodness(fact.score()),
            normalised: benchmark.normalised(fact.score()),
            interval: fact.interval(benchmark),
            costs,
            dates,
            prices,
        })
    }
}

/// What a row costs, and when.
struct Economics {
    costs: [Option<RowCost>; 3],
    dates: [Option<BasisDate>; 3],
    prices: Vec<PricePoint>,
}

impl Economics {
    /// Those of a model of which there are no facts, prices or claims: what [`Context`] comes to then.
    fn of_result_alone(fact: &Fact) -> Self {
        Self {
            costs: [run_cost_of_task(fact), None, None],
            dates: [
                Some(on(fact.observed(), DateRule::ObservedDate)),
                None,
                None,
            ],
            prices: Vec::new(),
        }
    }
}

/// USD of the run per task.
fn run_cost_of_task(fact: &Fact) -> Option<RowCost> {
    Some(RowCost {
        cost: fact.run_cost()?.per(fact.tasks()?),
        provider: None,
        cache_price_missing: false,
        not_a_cost_proxy: false,
    })
}

/// What the costs of one model rest on.
pub(crate) struct Context<'a> {
    catalog: &'a Catalog,
    selection: &'a Selection,
    model: ModelKey,
    facts: &'a ModelFacts,
    provider: Option<ProviderId>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(catalog: &'a Catalog, selection: &'a Selection, model: ModelKey) -> Self {
        Self {
            catalog,
            selection,
            model,
            facts: catalog.facts(model),
            provider: catalog.provider(model, selection.date),
        }
    }

    fn economics(&self, fact: &Fact, weights: (f64, f64)) -> Economics {
        let prices = self.price_points(weights);
        let (task, task_date) = self.task(fact);
        let (token, token_date) = self.token_price(&prices);
        let (training, training_date) = self.training();
        Economics {
            costs: [task, token, training],
            dates: [task_date, token_date, training_date],
            prices,
        }
    }

    fn release(&self) -> Option<BasisDate> {
        self.facts
            .release_date
            .map(|date| on(date, DateRule::ReleaseDate))
    }

    fn price_history(&self) -> impl DoubleEndedIterator<Item = &PriceRecord> {
        let (model, until) = (self.model, self.selection.date);
        let provider = self.provider.iter();
        provider.flat_map(move |provider| self.catalog.price_history(model, provider, until))
    }

    /// USD per task, and the later of release and effective date of the price in force on the observed date; without
    /// a dated price the observed date.
    fn task(&self, fact: &Fact) -> (Option<RowCost>, Option<BasisDate>) {
        // The newest effective on or before a day, among those in force by the selected date.
        let price_on = |day: Date| {
            self.price_history()
                .rfind(|record| record.price.effective <= day)
        };
        let price = price_on(fact.observed());
        let date = match price {
            Some(price) => self.not_before_release(price.price.effective),
            None => on(fact.observed(), DateRule::ObservedDate),
        };
        let derived = || {
            let tokens = fact.tokens()?;
            let day = self.selection.reprice_at.unwrap_or(fact.observed());
            price_on(day)?.cost_of(tokens)
        };
        let cost = run_cost_of_task(fact).or_else(|| {
            let (tasks, None) = (fact.tasks()?, fact.run_cost()) else {
                return None;
            };
            let cost: TokenCost = derived()?;
            Some(RowCost {
                cost: cost.cost().per(tasks),
                provider: self.provider.clone(),
                cache_price_missing: cost.cache_price_missing,
                not_a_cost_proxy: false,
            })
        });
        (cost, Some(date))
    }

    /// Every dated price with a blend, oldest first; the newest is in force.
    pub(crate) fn price_points(&self, (input, output): (f64, f64)) -> Vec<PricePoint> {
        let newest = self.price_history().next_back();
        let newest = newest.map(|record| record.revision);
        self.price_history()
            .filter_map(|record| {
                let effective = record.price.effective;
                Some(PricePoint {
                    date: self.not_before_release(effective).date,
                    effective,
                    cost: record.blend(input, output)?,
                    current: Some(record.revision) == newest,
                })
            })
            .collect()
    }

    /// The blended list price in force, and the day it took effect.
    pub(crate) fn token_price(
        &self,
        prices: &[PricePoint],
    ) -> (Option<RowCost>, Option<BasisDate>) {
        let Some(point) = prices.last().filter(|point| point.current) else {
            return (None, self.release());
        };
        let cost = RowCost {
            cost: Cost::exact(point.cost, CostKind::Reported),
            provider: self.provider.clone(),
            cache_price_missing: false,
            not_a_cost_proxy: self.facts.tags.iter().any(|tag| &**tag == REASONING_TAG),
        };
        (Some(cost), Some(self.not_before_release(point.effective)))
    }

    /// The training cost that counts, and the training date, else the release date.
    pub(crate) fn training(&self) -> (Option<RowCost>, Option<BasisDate>) {
        let until = self.selection.date;
        let cost = self
            .catalog
            .training_cost(self.model, until)
            .map(|(_, training)| RowCost {
                cost: training.cost,
                provider: None,
                cache_price_missing: false,
                not_a_cost_proxy: false,
            });
        let date = self.catalog.training_date(self.model, until).map(|date| {
            let ranged = date.earliest != date.latest;
            BasisDate {
                date: date.central,
                rule: DateRule::TrainingDate,
                range: ranged.then_some((date.earliest, date.latest)),
            }
        });
        (cost, date.or_else(|| self.release()))
    }

    fn not_before_release(&self, effective: Date) -> BasisDate {
        match self.facts.release_date {
            Some(release) if release >= effective => on(release, DateRule::ReleaseDate),
            _ => on(effective, DateRule::PriceEffective),
        }
    }
}

fn on(date: Date, rule: DateRule) -> BasisDate {
    BasisDate {
        date,
        rule,
        range: None,
    }
}
