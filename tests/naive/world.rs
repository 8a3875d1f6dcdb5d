//! What a list of entries says: the newest facts, the prices and claims that count.

use std::sync::Arc;

use frontierd::board::answer::{ModelFacts, ModelInfo};
use frontierd::board::query::Selection;
use frontierd::model::{
    Benchmark, BenchmarkId, Body, Claim, Date, Entry, Model, ModelId, Price, ProviderId,
    ResultFacts, Revision, Statement, Status,
};

/// A result with its status.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    pub(crate) revision: Revision,
    pub(crate) facts: ResultFacts,
    pub(crate) status: Status,
}

/// A price with its state.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) revision: Revision,
    pub(crate) price: Price,
    pub(crate) pending: bool,
}

/// A claim with its state.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) revision: Revision,
    pub(crate) claim: Claim,
    pub(crate) status: Status,
    pub(crate) pinned: bool,
}

/// Everything some entries say, under a selection.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) revision: Revision,
    pub(crate) selection: Selection,
    /// By id.
    pub(crate) benchmarks: Vec<Benchmark>,
    /// In order of first appearance.
    pub(crate) models: Vec<Model>,
    pub(crate) results: Vec<Scored>,
    pub(crate) prices: Vec<Listed>,
    pub(crate) claims: Vec<Said>,
}

impl World {
    pub(crate) fn of(entries: &[Entry], selection: Selection) -> Self {
        let mut world = Self {
            selection,
            ..Self::default()
        };
        for entry in entries {
            world.read(entry);
        }
        world.benchmarks.sort_by(|a, b| a.id.cmp(&b.id));
        world
    }

    fn read(&mut self, entry: &Entry) {
        let revision = entry.revision;
        self.revision = revision;
        match &entry.body {
            Body::Benchmark(benchmark) => {
                self.benchmarks.retain(|other| other.id != benchmark.id);
                self.benchmarks.push((**benchmark).clone());
            }
            Body::Model(model) => {
                self.mention(&model.id);
                for other in &mut self.models {
                    if other.id == model.id {
                        *other = (**model).clone();
                    }
                }
            }
            Body::Price(price) => {
                self.mention(&price.model);
                self.prices
                    .retain(|other| is_other_slot(&other.price, price));
                self.prices.push(Listed {
                    revision,
                    price: (**price).clone(),
                    pending: price.effective > entry.received.date(),
                });
            }
            Body::PriceInForce {
                model,
                provider,
                effective,
            } => self.bring_into_force(model, provider, *effective),
            Body::Claim(claim) => {
                self.mention(&claim.model);
                self.claims.push(Said {
                    revision,
                    claim: (**claim).clone(),
                    status: claim.status,
                    pinned: false,
                });
            }
            Body::ClaimStatus {
                claim,
                status,
                pinned,
                ..
            } => self.change_claim(*claim, *status, *pinned),
            Body::Result(facts) => {
                self.mention(&facts.model);
                self.results.push(Scored {
                    revision,
                    facts: (**facts).clone(),
                    status: Status::Active,
                });
            }
            Body::ResultStatus { result, status, .. } => {
                for scored in &mut self.results {
                    if scored.revision == *result {
                        scored.status = *status;
                    }
                }
            }
        }
    }

    fn bring_into_force(&mut self, model: &ModelId, provider: &ProviderId, effective: Date) {
        for listed in &mut self.prices {
            let price = &listed.price;
            if (&price.model, &price.provider, price.effective) == (model, provider, effective) {
                listed.pending = false;
            }
        }
    }

    fn change_claim(&mut self, claim: Revision, status: Option<Status>, pinned: Option<bool>) {
        let changed = self.claims.iter().find(|said| said.revision == claim);
        let changed = changed.expect("a claim that was made").claim.clone();
        for said in &mut self.claims {
            let other = &said.claim;
            let rival =
                other.model == changed.model && other.statement.same_kind(&changed.statement);
            if said.revision == claim {
                said.status = status.unwrap_or(said.status);
                said.pinned = pinned.unwrap_or(said.pinned);
            } else if rival && pinned == Some(true) {
                said.pinned = false;
            }
        }
    }

    fn mention(&mut self, id: &ModelId) {
        if !self.models.iter().any(|model| model.id == *id) {
            self.models.push(Model::new(id.clone()));
        }
    }

    pub(crate) fn benchmark(&self, id: &BenchmarkId) -> &Benchmark {
        let found = self.benchmarks.iter().find(|b| b.id == *id);
        found.expect("a known benchmark")
    }

    pub(crate) fn model(&self, id: &ModelId) -> Option<&Model> {
        self.models.iter().find(|model| model.id == *id)
    }

    /// Position in order of first appearance.
    pub(crate) fn order(&self, id: &ModelId) -> usize {
        let found = self.models.iter().position(|model| model.id == *id);
        found.expect("a known model")
    }

    /// A model's facts; a variant has those of its base where it lacks them.
    pub(crate) fn info(&self, id: &ModelId) -> ModelInfo {
        let own = self.model(id).expect("a known model").clone();
        let nothing = Model::new(id.clone());
        let base = id.base().and_then(|base| self.model(&base).cloned());
        let base = base.unwrap_or(nothing);
        let lacks = [
            ("title", own.title.is_none() && base.title.is_some()),
            (
                "organization",
                own.organization.is_none() && base.organization.is_some(),
            ),
            (
                "release_date",
                own.release_date.is_none() && base.release_date.is_some(),
            ),
            (
                "open_weights",
                own.open_weights.is_none() && base.open_weights.is_some(),
            ),
            ("license", own.license.is_none() && base.license.is_some()),
            (
                "preferred_provider",
                own.preferred_provider.is_none() && base.preferred_provider.is_some(),
            ),
            (
                "source_url",
                own.source_url.is_none() && base.source_url.is_some(),
            ),
            ("tags", own.tags.is_empty() && !base.tags.is_empty()),
        ];
        ModelInfo {
            id: id.clone(),
            facts: Arc::new(ModelFacts {
                title: own.title.or(base.title).unwrap_or_default(),
                organization: own.organization.or(base.organization).unwrap_or_default(),
                release_date: own.release_date.or(base.release_date),
                open_weights: own.open_weights.or(base.open_weights),
                license: own.license.or(base.license).unwrap_or_default(),
                tags: if own.tags.is_empty() {
                    base.tags
                } else {
                    own.tags
                },
                preferred_provider: own.preferred_provider.or(base.preferred_provider),
                source_url: own.source_url.or(base.source_url).unwrap_or_default(),
                inherited: lacks
                    .iter()
                    .filter(|(_, lack)| *lack)
                    .map(|(name, _)| *name)
                    .collect(),
            }),
        }
    }

    /// Prices of exactly this model that have been in force by the selected date.
    fn own_prices(&self, id: &ModelId) -> Vec<&Listed> {
        let until = self.selection.date;
        self.prices
            .iter()
            .filter(|listed| listed.price.model == *id)
            .filter(|listed| !listed.pending && !listed.price.withdrawn)
            .filter(|listed| until.is_none_or(|until| listed.price.effective <= until))
            .collect()
    }

    /// Prices that apply to a model at a provider, oldest first: its own, or its base's where it has none there.
    pub(crate) fn prices_at(&self, id: &ModelId, provider: &ProviderId) -> Vec<&Listed> {
        let at = |id: &ModelId| {
            let mut found = self.own_prices(id);
            found.retain(|listed| listed.price.provider == *provider);
            found.sort_by_key(|listed| listed.price.effective);
            found
        };
        let own = at(id);
        match id.base() {
            Some(base) if own.is_empty() => at(&base),
            _ => own,
        }
    }

    /// The preferred provider if it has a price, else the vendor, else the first by name.
    pub(crate) fn provider(&self, id: &ModelId) -> Option<ProviderId> {
        let mut sellers: Vec<ProviderId> = Vec::new();
        for owner in [Some(id.clone()), id.base()].into_iter().flatten() {
            let prices = self.own_prices(&owner);
            sellers.extend(prices.iter().map(|listed| listed.price.provider.clone()));
        }
        sellers.sort();
        let preferred = self.info(id).preferred_provider.clone();
        let vendor = ProviderId::parse(id.vendor(), "provider").ok();
        [preferred, vendor]
            .into_iter()
            .flatten()
            .find(|wanted| sellers.contains(wanted))
            .or_else(|| sellers.first().cloned())
    }

    /// The price in force on a day: the newest effective on or before it.
    pub(crate) fn price_on(&self, id: &ModelId, day: Option<Date>) -> Option<&Listed> {
        let mut prices = self.prices_at(id, &self.provider(id)?);
        prices.retain(|listed| day.is_none_or(|day| listed.price.effective <= day));
        prices.pop()
    }

    /// The claim of a kind that counts: the pinned one, else the newest undisputed one, else that of the base.
    pub(crate) fn claim(&self, id: &ModelId, kind: fn(&Statement) -> bool) -> Option<&Said> {
        let of = |id: &ModelId| {
            let until = self.selection.date;
            let mut known: Vec<&Said> = self
                .claims
                .iter()
                .filter(|said| said.claim.model == *id && kind(&said.claim.statement))
                .filter(|said| until.is_none_or(|until| said.claim.date <= until))
                .collect();
            known.sort_by_key(|said| (said.claim.date, said.revision));
            let pinned = |said: &&&Said| said.pinned && said.status != Status::Retracted;
            let undisputed = |said: &&&Said| said.status == Status::Active;
            let found = known.iter().find(pinned);
            found
                .or_else(|| known.iter().rev().find(undisputed))
                .copied()
        };
        of(id).or_else(|| of(&id.base()?))
    }
}

/// Whether a price stays when another one is listed: it is of another model, provider or day.
fn is_other_slot(old: &Price, new: &Price) -> bool {
    (&old.model, &old.provider, old.effective) != (&new.model, &new.provider, new.effective)
}
