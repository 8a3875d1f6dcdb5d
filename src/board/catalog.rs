//! Benchmarks, models, prices and claims as the log left them.

mod hints;
mod ids;
mod inherit;
mod prices;
mod record;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    Benchmark, BenchmarkId, Claim, Date, Model, ModelId, Price, ProviderId, Revision, Status, Text,
};

use super::answer::{ModelFacts, ModelInfo};
use super::paged::Paged;
use super::voices::{VoiceKey, Voices};
use ids::Ids;
use inherit::inherit;

pub(crate) use inherit::INHERITABLE;
pub use prices::{PriceRecord, Prices};
pub use record::{BenchmarkRecord, ClaimRecord, ModelRecord};

/// Position of a model in order of first appearance in the log.
pub type ModelKey = u32;
/// Position of a benchmark in order of first appearance in the log.
pub type BenchmarkKey = u32;

/// The catalog.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Catalog {
    benchmarks: Vec<BenchmarkRecord>,
    models: Paged<ModelRecord>,
    ids: Ids,
    voices: Voices,
    /// Derived.
    #[serde(skip)]
    benchmark_keys: BTreeMap<BenchmarkId, BenchmarkKey>,
    /// Derived.
    #[serde(skip)]
    aliases: BTreeMap<Text, ModelKey>,
    /// Derived: which model a claim is about, by the claim's revision.
    #[serde(skip)]
    claim_models: BTreeMap<Revision, ModelKey>,
    /// Facts of all models of which nothing is known.
    #[serde(skip)]
    nothing: Arc<ModelFacts>,
}

fn model_of(models: &Paged<ModelRecord>, key: ModelKey) -> &ModelRecord {
    models
        .get(u64::from(key))
        .expect("keys are given out with their models and never taken back")
}

impl Catalog {
    /// What is derived, after loading. False where what was loaded does not belong together.
    pub(crate) fn rebuild(&mut self) -> bool {
        let benchmarks = self.benchmarks.iter().zip(0..);
        self.benchmark_keys = benchmarks
            .map(|(record, key)| (record.benchmark.id.clone(), key))
            .collect();
        self.voices.rebuild();
        if !self.ids.rebuild(&self.models) {
            return false;
        }
        for key in 0..self.models.len() as ModelKey {
            if self.model(key).id().is_variant() {
                let base = self.find(self.model(key).id().base_str());
                self.model_mut(key).base = base.into();
            }
            if self.model(key).details().is_some() {
                self.rebuild_details(key);
            }
        }
        // Only now the base of each has its facts.
        for key in 0..self.models.len() as ModelKey {
            self.refresh_info(key);
        }
        true
    }

    fn rebuild_details(&mut self, key: ModelKey) {
        self.model_mut(key).share_texts();
        let record = model_of(&self.models, key);
        let aliases = record.put_model().map_or(&[][..], |model| &model.aliases);
        let aliases = aliases.iter().map(|alias| (alias.clone(), key));
        self.aliases.extend(aliases);
        let claims = record.claims().iter();
        self.claim_models
            .extend(claims.map(|claim| (claim.revision, key)));
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
        let from = after.map_or(Bound::Unbounded, |id| Bound::Excluded(id.as_str()));
        self.ids.range(&self.models, from)
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
        self.find(name)
    }

    fn find(&self, id: &str) -> Option<ModelKey> {
        self.ids.get(&self.models, id)
    }

    /// The key of a model, by id.
    pub fn model_key(&self, id: &ModelId) -> Option<ModelKey> {
        self.find(id.as_str())
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
        let ids = self.ids.range(&self.models, Bound::Included(&prefix));
        let ids = ids.map(|(id, _)| id);
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
        model_of(&self.models, key)
    }

    fn model_mut(&mut self, key: ModelKey) -> &mut ModelRecord {
        self.models
            .get_mut(u64::from(key))
            .expect("keys are given out with their models and never taken back")
    }

    /// The id of a model that exists.
    pub fn id(&self, key: ModelKey) -> &ModelId {
        self.model(key).id()
    }

    /// A model's id, and its facts with inherited ones filled in.
    pub fn info(&self, key: ModelKey) -> Arc<ModelInfo> {
        match self.known_info(key) {
            Some(info) => Arc::clone(info),
            None => Arc::new(ModelInfo {
                id: self.id(key).clone(),
                facts: Arc::clone(&self.nothing),
            }),
        }
    }

    /// The same, and `was` itself, which was this model's, where it still holds: what is one stays one.
    pub(crate) fn info_after(&self, key: ModelKey, was: &Arc<ModelInfo>) -> Arc<ModelInfo> {
        let known = self.known_info(key).is_some();
        if !known && Arc::ptr_eq(&was.facts, &self.nothing) {
            return Arc::clone(was);
        }
        self.info(key)
    }

    /// A model's facts with inherited ones filled in.
    pub fn facts(&self, key: ModelKey) -> &ModelFacts {
        self.known_info(key)
            .map_or(&self.nothing, |info| &info.facts)
    }

    /// Facts of a model of which nothing is known.
    pub(crate) fn nothing(&self) -> &Arc<ModelFacts> {
        &self.nothing
    }

    fn known_info(&self, key: ModelKey) -> Option<&Arc<ModelInfo>> {
        self.model(key).details()?.info.as_ref()
    }

    /// Whether there are no facts, prices or claims, neither of the model nor of the one that it is a variant of.
    pub(crate) fn is_bare(&self, key: ModelKey) -> bool {
        let record = self.model(key);
        let base = record.base.get().map(|base| self.model(base));
        record.is_bare() && base.is_none_or(ModelRecord::is_bare)
    }

    /// Who speaks in results.
    pub(crate) fn voices(&self) -> &Voices {
        &self.voices
    }

    /// The key of an evaluator with a harness, new or known.
    pub(crate) fn voice(&mut self, evaluator: &Text, harness: &Text) -> VoiceKey {
        self.voices.intern(evaluator, harness)
    }

    /// The model without `@variant`, where it exists.
    pub fn base(&self, key: ModelKey) -> Option<ModelKey> {
        self.model(key).base.get()
    }

    /// A model, where it exists, and its variants: everything that a change of it can change.
    pub fn family(&self, id: &ModelId) -> Vec<ModelKey> {
        let mut family: Vec<ModelKey> = self.model_key(id).into_iter().collect();
        family.extend(self.variants(id));
        family
    }

    /// The variants of a model; a variant has none.
    fn variants(&self, id: &ModelId) -> Vec<ModelKey> {
        if id.is_variant() {
            return Vec::new();
        }
        let prefix = format!("{id}@");
        let from = self.ids.range(&self.models, Bound::Included(&prefix));
        from.take_while(|(other, _)| other.as_str().starts_with(&prefix))
            .map(|(_, key)| key)
            .collect()
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
        if let Some(key) = self.model_key(id) {
            return key;
        }
        let key = self.models.len() as ModelKey;
        let mut record = ModelRecord::new(id.clone(), revision);
        if id.is_variant() {
            record.base = self.find(id.base_str()).into();
        }
        self.models.insert(u64::from(key), record);
        self.ids.insert(&self.models, id, key);
        self.refresh_info(key);
        // A base model may come after its variants, and has nothing to pass on yet.
        for variant in self.variants(id) {
            self.model_mut(variant).base = Some(key).into();
        }
        key
    }

    /// Sets a model's facts.
    pub(crate) fn put_model(&mut self, model: Model, revision: Revision) -> ModelKey {
        let key = self.ensure_model(&model.id, revision);
        let record = model_of(&self.models, key);
        for alias in record.put_model().iter().flat_map(|model| &model.aliases) {
            self.aliases.remove(alias);
        }
        for alias in &model.aliases {
            self.aliases.insert(alias.clone(), key);
        }
        let variants = self.variants(&model.id);
        self.model_mut(key).set_model(model, revision);
        for member in std::iter::once(key).chain(variants) {
            self.refresh_info(member);
        }
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
        self.model_mut(key).set_price(PriceRecord {
            price,
            revision,
            pending,
        });
        key
    }

    /// Brings a pending price into force.
    pub(crate) fn price_in_force(
        &mut self,
        model: &ModelId,
        provider: &ProviderId,
        effective: Date,
    ) -> Option<ModelKey> {
        let key = self.model_key(model)?;
        self.model(key).prices().get(provider, effective)?;
        let prices = &mut self.model_mut(key).details_mut().prices;
        prices.get_mut(provider, effective)?.pending = false;
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
            .flat_map(|(_, record)| record.prices().iter())
            .filter(|record| record.pending && !record.price.withdrawn)
            .map(|record| &record.price)
    }

    /// Records a claim.
    pub(crate) fn put_claim(&mut self, claim: Claim, revision: Revision) -> ModelKey {
        let key = self.ensure_model(&claim.model, revision);
        let status = claim.status;
        self.model_mut(key).push_claim(ClaimRecord {
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
        let claims = self.model(key).claims();
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
        let claims = &mut self.model_mut(key).details_mut().claims;
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
        // A page shared with a clone is copied when it is changed, so it is not touched for nothing.
        if !self.model(model).has_results_on(benchmark) {
            self.model_mut(model).note_results(benchmark);
        }
    }

    fn refresh_info(&mut self, key: ModelKey) {
        let record = self.model(key);
        let base = record
            .base
            .get()
            .and_then(|base| self.model(base).put_model());
        let info = inherit(record.id(), record.put_model(), base);
        if info.is_some() || record.details().is_some() {
            self.model_mut(key).set_info(info);
        }
    }
}
