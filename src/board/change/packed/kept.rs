//! Changes of the ring on their way to a file and back.
//!
//! In a file, models and benchmarks are keys of the catalog, and what was known of a model then stands once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Boards, Packed, PackedBoard};
use crate::board::answer::{ModelFacts, ModelInfo};
use crate::board::catalog::{BenchmarkKey, Catalog, INHERITABLE, ModelKey};
use crate::model::{Date, ProviderId, Revision, Text};

/// The changes of consecutive revisions, as a file keeps them. Any catalog that has seen these revisions reads them.
#[derive(Debug, Deserialize, Serialize)]
pub struct Kept {
    facts: Vec<Facts>,
    changes: Vec<Vec<Board>>,
}

/// Position in [`Kept::facts`], from 1 on; 0 = nothing is known.
type FactsKey = u32;

#[derive(Debug, Deserialize, Serialize)]
struct Board {
    benchmark: BenchmarkKey,
    reset: bool,
    models: Vec<(ModelKey, FactsKey)>,
    numbers: Numbers,
}

#[derive(Debug)]
struct Numbers(Box<[u8]>);

/// [`ModelFacts`], the names of inherited ones as positions in [`INHERITABLE`].
#[derive(Debug, Deserialize, Serialize)]
struct Facts {
    title: Text,
    organization: Text,
    release_date: Option<Date>,
    open_weights: Option<bool>,
    license: Text,
    tags: Vec<Text>,
    preferred_provider: Option<ProviderId>,
    source_url: Text,
    inherited: Vec<u8>,
}

impl Kept {
    /// Changes with the catalog as it was after the last of them, or later. None where they are not of that catalog.
    /// `between` is called every now and then: whoever is in no hurry can rest there.
    pub fn of(
        changes: &[Arc<Packed>],
        catalog: &Catalog,
        between: &mut dyn FnMut(),
    ) -> Option<Self> {
        let mut keeping = Keeping {
            catalog,
            known: BTreeMap::new(),
            facts: Vec::new(),
        };
        let changes = changes.iter().enumerate().map(|(done, change)| {
            if done % 64 == 63 {
                between();
            }
            let boards = change.boards().iter().map(|board| keeping.board(board));
            boards.collect::<Option<Vec<_>>>()
        });
        let changes = changes.collect::<Option<_>>()?;
        let facts = keeping.facts;
        Some(Self { facts, changes })
    }

    /// The changes, of which the first is of the revision after `from`. None where they are not of that catalog.
    pub fn packed(self, from: Revision, catalog: &Catalog) -> Option<Vec<Packed>> {
        let facts = self.facts.into_iter().map(Facts::known);
        let mut shared = Shared {
            catalog,
            facts: facts.collect::<Option<_>>()?,
            infos: BTreeMap::new(),
        };
        let changes = self.changes.into_iter().zip(from + 1..);
        let changes = changes.map(|(boards, revision)| {
            let boards = boards.into_iter().map(|board| shared.board(board));
            let boards = Boards::of(boards.collect::<Option<_>>()?);
            Some(Packed { revision, boards })
        });
        changes.collect()
    }
}

/// What is needed to write.
struct Keeping<'a> {
    catalog: &'a Catalog,
    /// By address, which is theirs for as long as the changes are held.
    known: BTreeMap<*const ModelFacts, FactsKey>,
    facts: Vec<Facts>,
}

impl Keeping<'_> {
    fn board(&mut self, board: &PackedBoard) -> Option<Board> {
        let models = board.models.iter().map(|info| {
            let key = self.catalog.model_key(&info.id)?;
            Some((key, self.facts(&info.facts)?))
        });
        Some(Board {
            models: models.collect::<Option<_>>()?,
            benchmark: self.catalog.benchmark_key(&board.benchmark)?,
            reset: board.reset,
            numbers: Numbers(board.numbers.clone()),
        })
    }

    fn facts(&mut self, facts: &Arc<ModelFacts>) -> Option<FactsKey> {
        let address = Arc::as_ptr(facts);
        if let Some(key) = self.known.get(&address) {
            return Some(*key);
        }
        let key = if **facts == ModelFacts::default() {
            0
        } else {
            self.facts.push(Facts::of(facts)?);
            self.facts.len() as FactsKey
        };
        self.known.insert(address, key);
        Some(key)
    }
}

/// What is needed to read.
struct Shared<'a> {
    catalog: &'a Catalog,
    facts: Vec<Arc<ModelFacts>>,
    /// Models of which something is known, each held once.
    infos: BTreeMap<(ModelKey, FactsKey), Arc<ModelInfo>>,
}

impl Shared<'_> {
    fn board(&mut self, board: Board) -> Option<PackedBoard> {
        let definition = self.catalog.benchmarks().get(board.benchmark as usize)?;
        let models = board.models.into_iter();
        Some(PackedBoard {
            benchmark: definition.benchmark.id.clone(),
            reset: board.reset,
            models: models.map(|of| self.info(of)).collect::<Option<_>>()?,
            numbers: board.numbers.0,
        })
    }

    fn info(&mut self, of: (ModelKey, FactsKey)) -> Option<Arc<ModelInfo>> {
        let (model, facts) = of;
        if model as usize >= self.catalog.model_count() {
            return None;
        }
        let id = self.catalog.id(model).clone();
        if facts == 0 {
            let facts = Arc::clone(self.catalog.nothing());
            return Some(Arc::new(ModelInfo { id, facts }));
        }
        let facts = Arc::clone(self.facts.get(facts as usize - 1)?);
        let info = self.infos.entry(of);
        let info = info.or_insert_with(|| Arc::new(ModelInfo { id, facts }));
        Some(Arc::clone(info))
    }
}

impl Facts {
    fn of(facts: &ModelFacts) -> Option<Self> {
        let ModelFacts {
            title,
            organization,
            release_date,
            open_weights,
            license,
            tags,
            preferred_provider,
            source_url,
            inherited,
        } = facts.clone();
        let position = |name| INHERITABLE.iter().position(|other| *other == name);
        let inherited = inherited
            .into_iter()
            .map(|name| Some(position(name)? as u8));
        Some(Self {
            title,
            organization,
            release_date,
            open_weights,
            license,
            tags,
            preferred_provider,
            source_url,
            inherited: inherited.collect::<Option<_>>()?,
        })
    }

    fn known(self) -> Option<Arc<ModelFacts>> {
        let Self {
            title,
            organization,
            release_date,
            open_weights,
            license,
            tags,
            preferred_provider,
            source_url,
            inherited,
        } = self;
        let name = |at: u8| INHERITABLE.get(usize::from(at)).copied();
        Some(Arc::new(ModelFacts {
            title,
            organization,
            release_date,
            open_weights,
            license,
            tags,
            preferred_provider,
            source_url,
            inherited: inherited.into_iter().map(name).collect::<Option<_>>()?,
        }))
    }
}

impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
                Ok(Numbers(bytes.into()))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}
