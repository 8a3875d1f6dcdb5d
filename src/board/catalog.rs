//! Benchmarks, models, prices and claims as the log left them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    Benchmark, BenchmarkId, Claim, Date, Model, ModelId, Price, ProviderId, Revision, Status, Text,
};

use super::answer::ModelInfo;

/// Position of a model in order of first appearance in the log.
pub type ModelKey = u32;
/// Position of a benchmark in order of first appearance in the log.
pub type BenchmarkKey = u32;

/// A benchmark with the revision of its newest change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BenchmarkRecord {
    /// The definition.
    pub benchmark: Arc<Benchmark>,
    /// Revision of the newest change.
    pub revision: Revision,
}

/// A price with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceRecord {
    /// The price.
    pub price: Price,
    /// Revision of the newest statement for its provider and date.
    pub revision: Revision,
    /// The effective date lies ahead; an entry of the log brings it into force.
    pub pending: bool,
}

/// A claim with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimRecord {
    /// The claim.
    pub claim: Claim,
    /// Its id.
    pub revision: Revision,
    /// Its status now.
    pub status: Status,
    /// Counts before any other of its kind.
    pub pinned: bool,
}

/// A model with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelRecord {
    /// The model's own facts.
    pub model: Model,
    /// Revision of the newest change to them; of the result that created the model where it was never put.
    pub revision: Revision,
    /// Its own prices.
    pub prices: BTreeMap<(ProviderId, Date), PriceRecord>,
    /// Claims, oldest first.
    pub claims: Vec<ClaimRecord>,
    /// Benchmarks with results of it.
    pub benchmarks: BTreeSet<BenchmarkKey>,
}

/// The catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    benchmarks: Vec<BenchmarkRecord>,
    benchmark_keys: BTreeMap<BenchmarkId, BenchmarkKey>,
    models: Vec<ModelRecord>,
    model_keys: BTreeMap<ModelId, ModelKey>,
    aliases: BTreeMap<Text, ModelKey>,
    /// Which model a claim is about, by the claim's revision.
    claim_models: BTreeMap<Revision, ModelKey>,
    /// Derived: facts with inheritance applied, by model.
    #[serde(skip)]
    infos: Vec<Arc<ModelInfo>>,
}

impl Catalog {
    /// Derived facts after loading.
    pub(crate) fn rebuild(&mut self) {
        self.infos = (0..self.models.len() as ModelKey)
            .map(|key| Arc::new(self.inherit(key)))
            .collect();
    }

    /// All benchmarks by key.
    pub fn benchmarks(&self) -> &[BenchmarkRecord] {
        &self.benchmarks
    }

    /// All benchmarks by id.
    pub fn benchmarks_by_id(&self) -> impl Iterator<Item = (&BenchmarkId, BenchmarkKey)> {
        self.benchmark_keys.iter().map(|(id, key)| (id, *key))
    }

    /// The key of a benchmark.
    pub fn benchmark_key(&self, id: &BenchmarkId) -> Option<BenchmarkKey> {
        self.benchmark_keys.get(id).copied()
    }

    /// A benchmark that exists.
    pub fn benchmark(&self, key: BenchmarkKey) -> &BenchmarkRecord {
        &self.benchmarks[key as usize]
    }

    /// All models by id, from an id on.
    pub fn models_by_id(
        &self,
        after: Option<&ModelId>,
    ) -> impl Iterator<Item = (&ModelId, ModelKey)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.model_keys
            .range::<ModelId, _>((from, Bound::Unbounded))
            .map(|(id, key)| (id, *key))
    }

    /// Number of models.
    pub fn model_count(&self) -> usize {
        self.models.len()
    }

    /// The key of a model, by id or alias.
    pub fn resolve(&self, name: &str) -> Option<ModelKey> {
        if let Some(key) = self.aliases.get(name) {
            return Some(*key);
        }
        self.model_keys.get(name).copied()
    }

    /// The key of a model, by id.
    pub fn model_key(&self, id: &ModelId) -> Option<ModelKey> {
        self.model_keys.get(id).copied()
    }

    /// The key of a model, by alias.
    pub fn alias(&self, alias: &str) -> Option<ModelKey> {
        self.aliases.get(alias).copied()
    }

    /// Ids of a vendor but for one, in order.
    pub fn ids_of_vendor<'a>(
        &'a self,
        vendor: &'a str,
        but: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        let prefix = format!("{vendor}/");
        let from = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let ids = self.model_keys.range::<str, _>(from).map(|(id, _)| id);
        ids.take_while(move |id| id.vendor() == vendor)
            .map(ModelId::as_str)
            .filter(move |id| *id != but)
    }

    /// All aliases.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.keys().map(|alias| &**alias)
    }

    /// A model that exists.
    pub fn model(&self, key: ModelKey) -> &ModelRecord {
        &self.models[key as usize]
    }

    /// A model's facts with inherited ones filled in.
    pub fn info(&self, key: ModelKey) -> &Arc<ModelInfo> {
        &self.infos[key as usize]
    }

    /// The model without `@variant`, where it exists.
    pub fn base(&self, key: ModelKey) -> Option<ModelKey> {
        let base = self.model(key).model.id.base()?;
        self.model_keys.get(&base).copied()
    }

    /// A model, where it exists, and its variants: everything that a change of it can change.
    pub fn family(&self, id: &ModelId) -> Vec<ModelKey> {
        let mut family: Vec<ModelKey> = self.model_key(id).into_iter().collect();
        if id.base().is_none() {
            let prefix = format!("{id}@");
            let from = (Bound::Excluded(prefix.as_str()), Bound::Unbounded);
            family.extend(
                self.model_keys
                    .range::<str, _>(from)
                    .take_while(|(other, _)| other.as_str().starts_with(&prefix))
                    .map(|(_, key)| *key),
            );
        }
        family
    }

    /// Sets a benchmark.
    pub(crate) fn put_benchmark(
        &mut self,
        benchmark: Benchmark,
        revision: Revision,
    ) -> BenchmarkKey {
        let id = benchmark.id.clone();
        let record = BenchmarkRecord {
            benchmark: Arc::new(benchmark),
            revision,
        };
        if let Some(key) = self.benchmark_keys.get(&id) {
            self.benchmarks[*key as usize] = record;
            return *key;
        }
        let key = self.benchmarks.len() as BenchmarkKey;
        self.benchmarks.push(record);
        self.benchmark_keys.insert(id, key);
        key
    }

    /// Finds a model by id, or creates it at `revision` with the id alone.
    pub(crate) fn ensure_model(&mut self, id: &ModelId, revision: Revision) -> ModelKey {
        if let Some(key) = self.model_keys.get(id) {
            return *key;
        }
        let key = self.models.len() as ModelKey;
        self.models.push(ModelRecord {
            model: Model::new(id.clone()),
            revision,
            prices: BTreeMap::new(),
            claims: Vec::new(),
            benchmarks: BTreeSet::new(),
        });
        self.model_keys.insert(id.clone(), key);
        let info = self.inherit(key);
        self.infos.push(Arc::new(info));
        // A base model may come after its variants.
        self.refresh_infos(key);
        key
    }

    /// Sets a model's facts.
    pub(crate) fn put_model(&mut self, model: Model, revision: Revision) -> ModelKey {
        let key = self.ensure_model(&model.id, revision);
        let record = &mut self.models[key as usize];
        for alias in &record.model.aliases {
            self.aliases.remove(alias);
        }
        for alias in &model.aliases {
            self.aliases.insert(alias.clone(), key);
        }
        record.model = model;
        record.revision = revision;
        self.refresh_infos(key);
        key
    }

    /// Sets the price of a provider and date.
    pub(crate) fn put_price(
        &mut self,
        price: Price,
        revision: Revision,
        pending: bool,
    ) -> ModelKey {
        let key = self.ensure_model(&price.model, revision);
        self.models[key as usize].prices.insert(
            (price.provider.clone(), price.effective),
            PriceRecord {
                price,
                revision,
                pending,
            },
        );
        key
    }

    /// Brings a pending price into force.
    pub(crate) fn price_in_force(
        &mut self,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) -> Option<ModelKey> {
        let key = *self.model_keys.get(model)?;
        let record = self.models[key as usize]
            .prices
            .get_mut(&(provider.clone(), effective))?;
        record.pending = false;
        Some(key)
    }

    /// Pending prices that are due on a day, by model and provider.
    pub fn due_prices(&self, today: Date) -> Vec<&Price> {
        self.pending_prices()
            .filter(|price| price.effective <= today)
            .collect()
    }

    /// All pending prices.
    pub fn pending_prices(&self) -> impl Iterator<Item = &Price> {
        self.models
            .iter()
            .flat_map(|record| record.prices.values())
            .filter(|record| record.pending && !record.price.withdrawn)
            .map(|record| &record.price)
    }

    /// Records a claim.
    pub(crate) fn put_claim(&mut self, claim: Claim, revision: Revision) -> ModelKey {
        let key = self.ensure_model(&claim.model, revision);
        let status = claim.status;
        self.models[key as usize].claims.push(ClaimRecord {
            claim,
            revision,
            status,
            pinned: false,
        });
        self.claim_models.insert(revision, key);
        key
    }

    /// The model a claim is about, and the claim.
    pub fn claim(&self, revision: Revision) -> Option<(ModelKey, &ClaimRecord)> {
        let key = *self.claim_models.get(&revision)?;
        let claims = &self.models[key as usize].claims;
        let record = claims.iter().find(|record| record.revision == revision)?;
        Some((key, record))
    }

    /// Changes a claim's status or pin; at most one claim of a kind is pinned.
    pub(crate) fn set_claim(
        &mut self,
        revision: Revision,
        status: Option<Status>,
        pinned: Option<bool>,
    ) -> Option<ModelKey> {
        let key = *self.claim_models.get(&revision)?;
        let claims = &mut self.models[key as usize].claims;
        let at = claims
            .iter()
            .position(|record| record.revision == revision)?;
        if pinned == Some(true) {
            let kind = claims[at].claim.statement.clone();
            for record in claims.iter_mut() {
                if record.claim.statement.same_kind(&kind) {
                    record.pinned = false;
                }
            }
        }
        claims[at].status = status.unwrap_or(claims[at].status);
        claims[at].pinned = pinned.unwrap_or(claims[at].pinned);
        Some(key)
    }

    /// Notes that a model has results on a benchmark.
    pub(crate) fn note_results(&mut self, model: ModelKey, benchmark: BenchmarkKey) {
        self.models[model as usize].benchmarks.insert(benchmark);
    }

    fn refresh_infos(&mut self, key: ModelKey) {
        for member in self.family(&self.model(key).model.id) {
            self.infos[member as usize] = Arc::new(self.inherit(member));
        }
    }

    fn inherit(&self, key: ModelKey) -> ModelInfo {
        let own = &self.model(key).model;
        let base = self.base(key).map(|base| &self.model(base).model);
        let mut inherited = Vec::new();
        let mut pick = |name: &'static str, has: bool, base_has: bool| {
            if !has && base_has {
                inherited.push(name);
            }
            has
        };
        macro_rules! field {
            ($name:ident) => {
                if pick(
                    stringify!($name),
                    own.$name.is_some(),
                    base.is_some_and(|b| b.$name.is_some()),
                ) {
                    own.$name.clone()
                } else {
                    base.and_then(|b| b.$name.clone())
                }
            };
        }
        let title = field!(title);
        let organization = field!(organization);
        let release_date = field!(release_date);
        let open_weights = field!(open_weights);
        let license = field!(license);
        let preferred_provider = field!(preferred_provider);
        let source_url = field!(source_url);
        let tags = if pick(
            "tags",
            !own.tags.is_empty(),
            base.is_some_and(|b| !b.tags.is_empty()),
        ) {
            own.tags.clone()
        } else {
            base.map(|b| b.tags.clone()).unwrap_or_default()
        };
        ModelInfo {
            id: own.id.clone(),
            title: title.unwrap_or_default(),
            organization: organization.unwrap_or_default(),
            release_date,
            open_weights,
            license: license.unwrap_or_default(),
            tags,
            preferred_provider,
            source_url: source_url.unwrap_or_default(),
            inherited,
        }
    }
}
