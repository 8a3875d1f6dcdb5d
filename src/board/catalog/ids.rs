//! Models in order of their ids. The ids stand with the models.

use std::cmp::Ordering;
use std::ops::Bound;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::hints::Hints;
use super::{ModelKey, ModelRecord};
use crate::board::paged::Paged;
use crate::board::sorted::Sorted;
use crate::model::ModelId;

/// See the module documentation.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    keys: Sorted<ModelId, ModelKey>,
    hints: Hints,
    /// Keys as they were loaded, until they are found by id again.
    loaded: Vec<ModelKey>,
}

impl Ids {
    pub(super) fn get(&self, models: &Paged<ModelRecord>, id: &str) -> Option<ModelKey> {
        let hinted = self.hints.find(models, id);
        hinted.or_else(|| self.keys.get(id, |key| order(models, *key, id)).copied())
    }

    /// Adds a model that has no key yet.
    pub(super) fn insert(&mut self, models: &Paged<ModelRecord>, id: &ModelId, key: ModelKey) {
        self.keys.insert(
            key,
            |key| id_of(models, *key).clone(),
            |other| order(models, *other, id.as_str()),
        );
        self.hints.insert(models, key);
    }

    /// From an id on, in order.
    pub(super) fn range<'a>(
        &'a self,
        models: &'a Paged<ModelRecord>,
        from: Bound<&str>,
    ) -> impl Iterator<Item = (&'a ModelId, ModelKey)> + use<'a> {
        let (from, excluded) = match from {
            Bound::Included(id) => (id, false),
            Bound::Excluded(id) => (id, true),
            Bound::Unbounded => ("", false),
        };
        let mut keys = self.keys.range(from, |key| order(models, *key, from));
        if excluded && self.get(models, from).is_some() {
            keys.next();
        }
        keys.map(|key| (id_of(models, *key), *key))
    }

    /// Finds keys by id again after loading. False where the keys are not those of the models. That they are in order
    /// is not looked at: it would take longer than all the rest.
    pub(super) fn rebuild(&mut self, models: &Paged<ModelRecord>) -> bool {
        let loaded = std::mem::take(&mut self.loaded);
        let sound = models.is_dense()
            && loaded.len() == models.len()
            && loaded.iter().all(|key| (*key as usize) < models.len());
        if sound {
            self.keys = Sorted::of_sorted(&loaded, |key| id_of(models, *key).clone());
            self.hints = Hints::of(models);
        }
        sound
    }
}

pub(super) fn id_of(models: &Paged<ModelRecord>, key: ModelKey) -> &ModelId {
    super::model_of(models, key).id()
}

fn order(models: &Paged<ModelRecord>, key: ModelKey, id: &str) -> Ordering {
    id_of(models, key).as_str().cmp(id)
}

impl Serialize for Ids {
    /// The keys in order of the ids.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.keys.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self {
            keys: Sorted::default(),
            hints: Hints::default(),
            loaded: Vec::deserialize(deserializer)?,
        })
    }
}
