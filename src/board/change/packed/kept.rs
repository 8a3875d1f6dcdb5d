//! Changes of the ring on their way to a file and back.
//!
//! In a file, models and benchmarks are keys of the catalog, and what was known of a model then stands once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, Visitor};
use serde::ser::{Error, SerializeStruct};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Boards, Packed, PackedBoard};
use crate::board::answer::{ModelFacts, ModelInfo};
use crate::board::catalog::{BenchmarkKey, Catalog, INHERITABLE, ModelKey};
use crate::model::{Date, ProviderId, Revision, Text};

/// The changes of consecutive revisions, as a file keeps them. Any catalog that has seen these revisions reads them.
#[derive(Debug, Deserialize)]
pub struct Kept {
    changes: Vec<Vec<Board>>,
    facts: Vec<Facts>,
}

/// Changes on their way to a file, which reads back as [`Kept`].
pub struct Keeping<'a> {
    changes: &'a [Arc<Packed>],
    catalog: &'a Catalog,
    met: RefCell<Met>,
}

/// Why changes cannot be written.
const OTHER_CATALOG: &str = "the ring is not of this catalog";

/// Position in [`Kept::facts`], from 1 on; 0 = nothing is known.
type FactsKey = u32;

#[derive(Debug, Deserialize)]
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

/// Facts of models met so far.
#[derive(Default)]
struct Met {
    /// By address, which is theirs for as long as the changes are held.
    keys: BTreeMap<*const ModelFacts, FactsKey>,
    facts: Vec<Facts>,
}

/// A part of the changes, with all that is needed to write it.
struct Part<'a, T: ?Sized>(&'a Keeping<'a>, &'a T);

impl<'a> Keeping<'a> {
    /// Changes with the catalog as it was after the last of them, or later. Writing fails where they are not of that
    /// catalog.
    pub fn new(changes: &'a [Arc<Packed>], catalog: &'a Catalog) -> Self {
        Self {
            changes,
            catalog,
            met: RefCell::default(),
        }
    }
}

impl Met {
    fn key(&mut self, facts: &Arc<ModelFacts>) -> Option<FactsKey> {
        let address = Arc::as_ptr(facts);
        if let Some(key) = self.keys.get(&address) {
            return Some(*key);
        }
        let key = if **facts == ModelFacts::default() {
            0
        } else {
            self.facts.push(Facts::of(facts)?);
            self.facts.len() as FactsKey
        };
        self.keys.insert(address, key);
        Some(key)
    }
}

impl Serialize for Keeping<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut kept = serializer.serialize_struct("Kept", 2)?;
        kept.serialize_field("changes", &Part(self, self.changes))?;
        // All of them have been met now.
        kept.serialize_field("facts", &self.met.borrow().facts)?;
        kept.end()
    }
}

impl Serialize for Part<'_, [Arc<Packed>]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(keeping, changes) = self;
        serializer.collect_seq(changes.iter().map(|change| Part(keeping, change.boards())))
    }
}

impl Serialize for Part<'_, [PackedBoard]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(keeping, boards) = self;
        serializer.collect_seq(boards.iter().map(|board| Part(keeping, board)))
    }
}

impl Serialize for Part<'_, PackedBoard> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(keeping, board) = self;
        let PackedBoard {
            benchmark,
            reset,
            models,
            numbers,
        } = board;
        let benchmark = keeping.catalog.benchmark_key(benchmark);
        let benchmark = benchmark.ok_or_else(|| S::Error::custom(OTHER_CATALOG))?;
        let mut board = serializer.serialize_struct("Board", 4)?;
        board.serialize_field("benchmark", &benchmark)?;
        board.serialize_field("reset", reset)?;
        board.serialize_field("models", &Part(keeping, &**models))?;
        board.serialize_field("numbers", &Part(keeping, &**numbers))?;
        board.end()
    }
}

impl Serialize for Part<'_, [Arc<ModelInfo>]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(keeping, models) = self;
        serializer.collect_seq(models.iter().map(|info| Part(keeping, &**info)))
    }
}

impl Serialize for Part<'_, ModelInfo> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(keeping, info) = self;
        let key = keeping.catalog.model_key(&info.id);
        let facts = || keeping.met.borrow_mut().key(&info.facts);
        let of: Option<(ModelKey, FactsKey)> = key.and_then(|key| Some((key, facts()?)));
        let of = of.ok_or_else(|| S::Error::custom(OTHER_CATALOG))?;
        of.serialize(serializer)
    }
}

impl Serialize for Part<'_, [u8]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.1)
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

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Numbers, E> {
                Ok(Numbers(bytes.into()))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}
