//! What a checkpoint keeps of a board: what the log says, from which all else is derived again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bench::BenchBoard;
use super::catalog::{BenchmarkKey, Catalog, ModelKey};
use super::paged::Paged;
use super::requests::Requests;
use super::results::Results;
use super::{Board, Both, ResultPlace, in_turn};
use crate::model::Revision;

/// See the module documentation. Taking it from a board copies next to nothing. Serialized, it is canonical: equal
/// boards give equal bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    revision: Revision,
    catalog: Catalog,
    /// By benchmark, by model.
    results: Vec<Paged<Results>>,
    history: BTreeMap<Revision, Vec<Revision>>,
    requests: Requests,
}

impl Stored {
    /// The newest revision in it.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The board of it; none where its parts do not belong together.
    pub fn build(self) -> Option<Board> {
        let mut board = self.deferred(&in_turn)?;
        board.derive(&in_turn);
        Some(board)
    }

    /// The board of it, whose rows are still to be derived; none where its parts do not belong together.
    pub fn deferred(self, both: Both<'_>) -> Option<Board> {
        let Self {
            revision,
            mut catalog,
            results,
            history,
            requests,
        } = self;
        if results.len() != catalog.benchmarks().len() {
            return None;
        }
        let counts = (catalog.model_count(), catalog.voices().len());
        let (mut rebuilt, mut found) = (false, None);
        both(&mut || rebuilt = catalog.rebuild(), &mut || {
            found = places(counts, &results);
        });
        let places = found.filter(|_| rebuilt)?;
        for (results, benchmark) in results.iter().zip(0 as BenchmarkKey..) {
            for (model, _) in results.iter() {
                // As checked above, it is a key.
                catalog.note_results(model as ModelKey, benchmark);
            }
        }
        let boards = results.into_iter().map(BenchBoard::of);
        Some(Board {
            revision,
            catalog,
            boards: boards.map(Arc::new).collect(),
            results: places,
            history,
            requests,
            deferred: true,
            ..Board::default()
        })
    }
}

/// Where each result stands. None where it is of a model or a voice beyond the counts there are.
fn places(
    (models, voices): (usize, usize),
    results: &[Paged<Results>],
) -> Option<Paged<ResultPlace>> {
    let mut places = Paged::default();
    let mut next = 0;
    // Those that do not come in order of their revisions.
    let mut others = Vec::new();
    for (results, benchmark) in results.iter().zip(0 as BenchmarkKey..) {
        for (model, results) in results.iter() {
            let model = ModelKey::try_from(model).ok()?;
            if model as usize >= models {
                return None;
            }
            for fact in results.facts() {
                if fact.voice() as usize >= voices {
                    return None;
                }
                let (revision, place) = (fact.revision(), ResultPlace { benchmark, model });
                if revision >= next {
                    places.insert(revision, place);
                    next = revision + 1;
                } else {
                    others.push((revision, place));
                }
            }
        }
    }
    others.sort_unstable_by_key(|(revision, _)| *revision);
    for (revision, place) in others {
        places.insert(revision, place);
    }
    Some(places)
}

impl Board {
    /// What a checkpoint keeps of it.
    pub fn stored(&self) -> Stored {
        let results = self.boards.iter().map(|board| board.all_results().clone());
        Stored {
            revision: self.revision,
            catalog: self.catalog.clone(),
            results: results.collect(),
            history: self.history.clone(),
            requests: self.requests.clone(),
        }
    }

    /// What a checkpoint keeps, as bytes: equal boards have equal bytes.
    ///
    /// # Errors
    /// None that a board in memory can cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(&self.stored())
    }

    /// The board of such bytes.
    ///
    /// # Errors
    /// When the bytes are not those of a board of this version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, postcard::Error> {
        let stored: Stored = postcard::from_bytes(bytes)?;
        stored.build().ok_or(postcard::Error::SerdeDeCustom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_whose_models_are_not_numbered_from_zero_is_refused() {
        // One model, with the number 1: found by fuzzing.
        let bytes = [37, 0, 1, 181, 0, 0, 0, 40, 0, 1, 0, 1, 0, 0, 0, 0];
        assert!(Board::from_bytes(&bytes).is_err());
    }
}
