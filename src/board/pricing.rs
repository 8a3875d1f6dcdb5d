//! Which price and which claim counts.

use crate::model::{
    Cost, CostKind, Date, ProviderId, Revision, Statement, Status, Tokens, TrainingCost,
    TrainingDate,
};

use super::catalog::{Catalog, ClaimRecord, ModelKey, PriceRecord};

/// Tokens of a list price.
const MTOK: f64 = 1e6;

/// A run's cost from its tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TokenCost {
    /// USD.
    pub(crate) usd: f64,
    /// Cached tokens were priced as input.
    pub(crate) cache_price_missing: bool,
}

impl Catalog {
    /// Prices of exactly this model that have been in force up to a day, by provider and date.
    fn own_prices(&self, key: ModelKey, until: Option<Date>) -> impl Iterator<Item = &PriceRecord> {
        self.model(key).prices().iter().filter(move |record| {
            !record.pending
                && !record.price.withdrawn
                && until.is_none_or(|until| record.price.effective <= until)
        })
    }

    fn prices_at(
        &self,
        key: ModelKey,
        provider: &ProviderId,
        until: Option<Date>,
    ) -> impl DoubleEndedIterator<Item = &PriceRecord> {
        let prices = self.model(key).prices().at(provider, until);
        prices
            .iter()
            .filter(|record| !record.pending && !record.price.withdrawn)
    }

    /// Whose prices apply at a provider: the model's own where any has been in force, else those of the model without
    /// `@variant`. A price that lies ahead changes nothing before it is in force.
    fn price_owner(
        &self,
        key: ModelKey,
        provider: &ProviderId,
        until: Option<Date>,
    ) -> Option<ModelKey> {
        let has = |key: &ModelKey| self.prices_at(*key, provider, until).next().is_some();
        Some(key).filter(has).or_else(|| self.base(key).filter(has))
    }

    /// The provider whose prices count: the preferred one where it has had a price in force up to a day, else the
    /// vendor of the id, else the first by name.
    pub fn provider(&self, key: ModelKey, until: Option<Date>) -> Option<ProviderId> {
        let none = |key: ModelKey| self.model(key).prices().is_empty();
        if none(key) && self.base(key).is_none_or(none) {
            return None;
        }
        let has = |provider: &ProviderId| self.price_owner(key, provider, until).is_some();
        let facts = self.facts(key);
        if let Some(preferred) = facts.preferred_provider.clone().filter(has) {
            return Some(preferred);
        }
        let vendor = ProviderId::parse(self.id(key).vendor(), "provider").ok();
        if let Some(vendor) = vendor.filter(has) {
            return Some(vendor);
        }
        let inherited = self.base(key).into_iter();
        self.own_prices(key, until)
            .chain(inherited.flat_map(|base| self.own_prices(base, until)))
            .map(|record| record.price.provider.clone())
            .min()
    }

    /// The prices that have been in force at a provider up to a day, oldest first.
    pub(crate) fn price_history(
        &self,
        key: ModelKey,
        provider: &ProviderId,
        until: Option<Date>,
    ) -> impl DoubleEndedIterator<Item = &PriceRecord> {
        self.price_owner(key, provider, until)
            .into_iter()
            .flat_map(move |owner| self.prices_at(owner, provider, until))
    }

    /// All prices that apply to a model, own and inherited, by provider and date; inherited ones are marked.
    pub fn all_prices(&self, key: ModelKey) -> Vec<(&PriceRecord, bool)> {
        let mut all: Vec<(&PriceRecord, bool)> = Vec::new();
        let own = self.model(key).prices();
        all.extend(own.iter().map(|record| (record, false)));
        if let Some(base) = self.base(key) {
            let inherited =
                self.model(base).prices().iter().filter(|record| {
                    self.price_owner(key, &record.price.provider, None) != Some(key)
                });
            all.extend(inherited.map(|record| (record, true)));
        }
        all.sort_by_key(|(record, _)| (record.price.provider.clone(), record.price.effective));
        all
    }

    /// Whether a price is the one in force at its provider.
    pub fn is_in_force(&self, key: ModelKey, record: &PriceRecord) -> bool {
        self.price_history(key, &record.price.provider, None)
            .next_back()
            .is_some_and(|now| now.revision == record.revision)
    }

    /// The claim of a kind that counts: the pinned one, else the newest undisputed one. A variant inherits.
    pub fn counting_claim(
        &self,
        key: ModelKey,
        kind: impl Fn(&Statement) -> bool + Copy,
        until: Option<Date>,
    ) -> Option<&ClaimRecord> {
        let newest = |key: ModelKey| {
            self.model(key)
                .claims()
                .iter()
                .filter(|record| kind(&record.claim.statement))
                .filter(|record| until.is_none_or(|until| record.claim.date <= until))
                .filter(|record| {
                    (record.pinned && record.status != Status::Retracted)
                        || record.status == Status::Active
                })
                .max_by_key(|record| (record.pinned, record.claim.date, record.revision))
        };
        newest(key).or_else(|| self.base(key).and_then(newest))
    }

    /// The training cost that counts, with its claim.
    pub fn training_cost(
        &self,
        key: ModelKey,
        until: Option<Date>,
    ) -> Option<(Revision, &TrainingCost)> {
        let is_cost = |s: &Statement| matches!(s, Statement::TrainingCost(_));
        let record = self.counting_claim(key, is_cost, until)?;
        match &record.claim.statement {
            Statement::TrainingCost(cost) => Some((record.revision, cost)),
            _ => None,
        }
    }

    /// The training date that counts.
    pub fn training_date(&self, key: ModelKey, until: Option<Date>) -> Option<TrainingDate> {
        let is_date = |s: &Statement| matches!(s, Statement::TrainingDate(_));
        let record = self.counting_claim(key, is_date, until)?;
        match record.claim.statement {
            Statement::TrainingDate(date) => Some(date),
            _ => None,
        }
    }
}

impl PriceRecord {
    /// (input weight x input + output weight x output) / sum of weights; none where a price is missing or the blend
    /// is zero: a missing cost is not zero.
    pub(crate) fn blend(&self, input_weight: f64, output_weight: f64) -> Option<f64> {
        let part = |weight: f64, price: Option<f64>| {
            if weight == 0.0 {
                Some(0.0)
            } else {
                price.map(|price| weight * price)
            }
        };
        let sum = part(input_weight, self.price.input)? + part(output_weight, self.price.output)?;
        let blend = sum / (input_weight + output_weight);
        (blend > 0.0).then_some(blend)
    }

    /// What a run cost at this price; none where a price is missing or the cost is zero.
    pub(crate) fn cost_of(&self, tokens: &Tokens) -> Option<TokenCost> {
        let (input, output) = (self.price.input?, self.price.output?);
        let missing = |count: u64, price: Option<f64>| count > 0 && price.is_none();
        let cache_price_missing = missing(tokens.cache_read, self.price.cache_read)
            || missing(tokens.cache_write, self.price.cache_write);
        let usd = (tokens.input as f64 * input
            + tokens.output as f64 * output
            + tokens.cache_read as f64 * self.price.cache_read.unwrap_or(input)
            + tokens.cache_write as f64 * self.price.cache_write.unwrap_or(input))
            / MTOK;
        (usd > 0.0).then_some(TokenCost {
            usd,
            cache_price_missing,
        })
    }
}

impl TokenCost {
    /// As a cost.
    pub(crate) fn cost(self) -> Cost {
        Cost::exact(self.usd, CostKind::Derived)
    }
}
