//! Where to look for a model first: a short way past the search among ids, which on a large board reads memory that no
//! cache holds at each of twenty steps.
//!
//! Nothing depends on it. A model that is not found here is looked for among the ids, and nothing goes through it in
//! order. So it has as many places as are useful, and who makes up ids that fall on one place only wins that search.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::ids::id_of;
use super::{ModelKey, ModelRecord};
use crate::board::paged::Paged;

/// Places that are looked at for a model.
const PROBES: usize = 16;
/// Places of the smallest table.
const PLACES_MIN: usize = 64;
/// A place without a model.
const FREE: ModelKey = ModelKey::MAX;

/// See the module documentation. Clones share the places until a model is added.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    /// None, or a power of two of them, a quarter free at least.
    places: Arc<Vec<ModelKey>>,
}

impl Hints {
    /// Those of all models.
    pub(super) fn of(models: &Paged<ModelRecord>) -> Self {
        let wanted = (models.len() + models.len() / 3).max(PLACES_MIN);
        let mut places = vec![FREE; wanted.next_power_of_two()];
        for key in 0..models.len() as ModelKey {
            put(&mut places, id_of(models, key).as_str(), key);
        }
        Self {
            places: Arc::new(places),
        }
    }

    /// A model that has been added to the others.
    pub(super) fn insert(&mut self, models: &Paged<ModelRecord>, key: ModelKey) {
        if 4 * models.len() > 3 * self.places.len() {
            *self = Self::of(models);
            return;
        }
        put(
            Arc::make_mut(&mut self.places).as_mut_slice(),
            id_of(models, key).as_str(),
            key,
        );
    }

    /// The model of an id; none says nothing.
    pub(super) fn find(&self, models: &Paged<ModelRecord>, id: &str) -> Option<ModelKey> {
        let found = probes(&self.places, id).map(|at| self.places[at]);
        found
            .take_while(|key| *key != FREE)
            .find(|key| id_of(models, *key).as_str() == id)
    }
}

/// The first free place is taken; without one the model has none.
fn put(places: &mut [ModelKey], id: &str, key: ModelKey) {
    let free = probes(places, id).find(|at| places[*at] == FREE);
    if let Some(at) = free {
        places[at] = key;
    }
}

fn probes(places: &[ModelKey], id: &str) -> impl Iterator<Item = usize> + use<> {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    let (first, len) = (hasher.finish() as usize, places.len());
    let count = PROBES.min(len);
    (0..count).map(move |step| first.wrapping_add(step) & (len - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelId;

    #[test]
    fn most_models_are_found_at_once_and_no_other_is_ever_taken_for_one() {
        let mut models = Paged::default();
        let mut hints = Hints::default();
        let id = |number: u32| format!("maker/model-{number}");
        let none = hints.find(&models, &id(0));
        assert_eq!(none, None);
        for key in 0..5_000 {
            let parsed = ModelId::parse(&id(key), "id").expect("an id");
            models.insert(u64::from(key), ModelRecord::new(parsed, 1));
            hints.insert(&models, key);
            assert_eq!(hints.find(&models, &id(key + 1)), None);
        }
        for hints in [hints, Hints::of(&models)] {
            let found = (0..5_000).filter(|key| {
                let found = hints.find(&models, &id(*key));
                assert!(found.is_none_or(|found| found == *key));
                found.is_some()
            });
            assert!(found.count() > 4_900);
        }
    }
}
