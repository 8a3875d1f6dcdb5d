//! All results of one model on one benchmark: which one counts, and what the others say.
//!
//! Most models have a few, which are looked through. A nightly job makes thousands; those are indexed, so that one more
//! costs no more than the first.

mod eligible;

use std::fmt;
use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::NAMED_MAX;
use crate::model::{Benchmark, CountingRule, Relationship, Revision, Status};

use super::fact::Fact;
use super::query::Selection;
use super::real::Real;
use super::voices::Voices;
use eligible::{Counting, Eligible};

/// Results from which on they are indexed.
const INDEXED_FROM: usize = 6;

/// What the eligible results of a model are read with.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) benchmark: &'a Benchmark,
    pub(crate) selection: &'a Selection,
    pub(crate) voices: &'a Voices,
}

impl Reading<'_> {
    fn admits(&self, fact: &Fact) -> bool {
        fact.eligible(self.selection, self.voices)
    }
}

/// See the module documentation. Most models have one result on a benchmark, which needs no allocation.
#[derive(Clone, Debug)]
pub(crate) enum Results {
    One(Fact),
    Many(Arc<Many>),
}

#[derive(Clone, Debug)]
pub(crate) struct Many {
    /// Oldest first, so by revision.
    facts: Vec<Fact>,
    eligible: Option<Eligible>,
}

/// Eligible results that differ from the counting one in evaluator, harness or source.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Others<'a> {
    /// How many there are.
    pub(crate) count: usize,
    /// The newest of them, newest first.
    pub(crate) newest: Vec<&'a Fact>,
    /// Least and greatest score among the counting one and them; none without others.
    pub(crate) spread: Option<(f64, f64)>,
}

impl Many {
    fn push(&mut self, fact: Fact, reading: Reading<'_>) {
        if self.facts.len() < INDEXED_FROM {
            // Few models get so far: no room to spare for the others.
            self.facts.reserve_exact(1);
        }
        self.facts.push(fact);
        match &mut self.eligible {
            Some(eligible) => {
                let at = self.facts.len() - 1;
                if reading.admits(&self.facts[at]) {
                    eligible.insert(&self.facts, at, reading);
                }
            }
            None => self.index(reading),
        }
    }

    fn set_status(&mut self, result: Revision, status: Status, reading: Reading<'_>) {
        let Ok(at) = self.facts.binary_search_by_key(&result, Fact::revision) else {
            return;
        };
        let was_admitted = reading.admits(&self.facts[at]);
        self.facts[at].set_status(status);
        let is_admitted = reading.admits(&self.facts[at]);
        match &mut self.eligible {
            Some(eligible) if was_admitted && !is_admitted => {
                eligible.remove(&self.facts, at, reading);
            }
            Some(eligible) if is_admitted && !was_admitted => {
                eligible.insert(&self.facts, at, reading);
            }
            _ => {}
        }
    }

    fn index(&mut self, reading: Reading<'_>) {
        let indexed = self.facts.len() > INDEXED_FROM;
        self.eligible = indexed.then(|| Eligible::of(&self.facts, reading));
    }
}

impl Serialize for Results {
    /// The facts alone.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.facts().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Results {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Facts;

        impl<'de> Visitor<'de> for Facts {
            type Value = Results;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("at least one result")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut facts: A) -> Result<Results, A::Error> {
                let first = facts.next_element()?;
                let first = first.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let Some(second) = facts.next_element()? else {
                    return Ok(Results::One(first));
                };
                let mut all = vec![first, second];
                while let Some(fact) = facts.next_element()? {
                    all.push(fact);
                }
                all.shrink_to_fit();
                Ok(Results::Many(Arc::new(Many {
                    facts: all,
                    eligible: None,
                })))
            }
        }

        deserializer.deserialize_seq(Facts)
    }
}

impl Results {
    /// The first result.
    pub(crate) fn new(fact: Fact) -> Self {
        Self::One(fact)
    }

    pub(crate) fn facts(&self) -> &[Fact] {
        match self {
            Self::One(fact) => std::slice::from_ref(fact),
            Self::Many(many) => &many.facts,
        }
    }

    fn eligible(&self) -> Option<&Eligible> {
        match self {
            Self::One(_) => None,
            Self::Many(many) => many.eligible.as_ref(),
        }
    }

    /// Adds the newest result.
    pub(crate) fn push(&mut self, fact: Fact, reading: Reading<'_>) {
        match self {
            Self::One(first) => {
                *self = Self::Many(Arc::new(Many {
                    facts: vec![first.clone(), fact],
                    eligible: None,
                }));
            }
            Self::Many(many) => Arc::make_mut(many).push(fact, reading),
        }
    }

    pub(crate) fn set_status(&mut self, result: Revision, status: Status, reading: Reading<'_>) {
        match self {
            Self::One(fact) if fact.revision() == result => fact.set_status(status),
            Self::One(_) => {}
            Self::Many(many) => Arc::make_mut(many).set_status(result, status, reading),
        }
    }

    /// True where an index is kept.
    pub(crate) fn is_indexed(&self) -> bool {
        self.facts().len() > INDEXED_FROM
    }

    /// Indexes anew, after the benchmark or the selection changed.
    pub(crate) fn index(&mut self, reading: Reading<'_>) {
        if let Self::Many(many) = self {
            Arc::make_mut(many).index(reading);
        }
    }

    pub(crate) fn fact(&self, result: Revision) -> Option<&Fact> {
        let facts = self.facts();
        // Mostly it is the one that counts, which is known.
        let counting = self.eligible().and_then(Eligible::counting);
        let counting = counting.map(|counting| &facts[counting.at]);
        counting
            .filter(|fact| fact.revision() == result)
            .or_else(|| {
                let at = facts.binary_search_by_key(&result, Fact::revision);
                at.ok().map(|at| &facts[at])
            })
    }

    /// The result that counts, with the number that were eligible in its class of relationships.
    pub(crate) fn counting(&self, reading: Reading<'_>) -> Option<(&Fact, u32)> {
        let counting = match self.eligible() {
            None => scan_counting(self.facts(), reading),
            Some(eligible) => eligible.counting(),
        };
        let Counting { at, attempts } = counting?;
        Some((&self.facts()[at], attempts))
    }

    /// What differs from the counting result.
    pub(crate) fn others(&self, counting: &Fact, reading: Reading<'_>) -> Others<'_> {
        let facts = self.facts();
        if let Some(eligible) = self.eligible() {
            return eligible.others(facts, counting);
        }
        let admitted = facts.iter().filter(|fact| reading.admits(fact));
        let mut newest: Vec<&Fact> = admitted.filter(|fact| fact.differs(counting)).collect();
        newest.sort_by_key(|fact| std::cmp::Reverse((fact.observed(), fact.revision())));
        let scores = newest.iter().map(|fact| fact.score());
        let ends = (counting.score(), counting.score());
        let spread = scores.fold(ends, |(low, high), s| (low.min(s), high.max(s)));
        let count = newest.len();
        newest.truncate(NAMED_MAX);
        Others {
            count,
            newest,
            spread: (count > 0).then_some(spread),
        }
    }
}

/// Position of a relationship in a benchmark's preference; those not named come last, all alike.
fn preference(benchmark: &Benchmark, relationship: Relationship) -> usize {
    let preferred = &benchmark.preferred_relationships;
    let named = preferred.iter().position(|other| *other == relationship);
    named.unwrap_or(preferred.len())
}

/// The eligible result that counts, found by looking through all.
fn scan_counting(facts: &[Fact], reading: Reading<'_>) -> Option<Counting> {
    let mut counting: Option<Counting> = None;
    for (at, fact) in facts.iter().enumerate() {
        if reading.admits(fact) {
            counting = Some(Counting::with(counting, facts, at, reading.benchmark));
        }
    }
    counting
}

/// Whether one result counts and not another of the same class.
fn counts_before(one: &Fact, other: &Fact, benchmark: &Benchmark) -> bool {
    match benchmark.counting_rule {
        CountingRule::Latest => {
            (one.observed(), one.revision()) > (other.observed(), other.revision())
        }
        CountingRule::Best => {
            let key = |fact| (goodness(fact, benchmark), fact.revision());
            key(one) > key(other)
        }
    }
}

fn goodness(fact: &Fact, benchmark: &Benchmark) -> Real {
    Real::new(benchmark.goodness(fact.score()))
}

#[cfg(test)]
mod tests;
