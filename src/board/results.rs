//! All results of one model on one benchmark: which one counts, and what the others say.
//!
//! Most models have a few, which are looked through. A nightly job makes thousands; those are indexed, so that one more
//! costs no more than the first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits::NAMED_MAX;
use crate::model::{Benchmark, CountingRule, Date, Relationship, Revision, Status};

use super::fact::Fact;
use super::query::Selection;
use super::real::Real;
use super::voices::{VoiceKey, Voices};

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
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Others<'a> {
    /// How many there are.
    pub(crate) count: usize,
    /// The newest of them, newest first.
    pub(crate) newest: Vec<&'a Fact>,
    /// Least and greatest score among the counting one and them; none without others.
    pub(crate) spread: Option<(f64, f64)>,
}

/// The eligible results of one relationship.
#[derive(Clone, Debug, Default)]
struct Class {
    by_date: BTreeSet<(Date, Revision)>,
    by_goodness: BTreeSet<(Real, Revision)>,
}

/// Scores with how often they occur.
type Scores = BTreeMap<Real, usize>;
/// Evaluator with harness, and source.
type Origin = (VoiceKey, u64);

/// The eligible results in the orders that are asked for.
#[derive(Clone, Debug, Default)]
struct Eligible {
    classes: BTreeMap<Relationship, Class>,
    by_date: BTreeSet<(Date, Revision)>,
    scores: Scores,
    origins: BTreeMap<Origin, Scores>,
    /// Position of the one that counts, and the number of its class: asked for again and again between two changes.
    counting: Option<(usize, u32)>,
}

impl Many {
    fn push(&mut self, fact: Fact, reading: Reading<'_>) {
        if let Some(eligible) = &mut self.eligible
            && reading.admits(&fact)
        {
            eligible.insert(&fact, reading.benchmark);
        }
        if self.facts.len() < INDEXED_FROM {
            // Few models get so far: no room to spare for the others.
            self.facts.reserve_exact(1);
        }
        self.facts.push(fact);
        if self.eligible.is_none() && self.facts.len() > INDEXED_FROM {
            self.index(reading);
        }
        self.settle(reading);
    }

    /// Finds the one that counts after the eligible ones changed.
    fn settle(&mut self, reading: Reading<'_>) {
        if let Some(eligible) = &mut self.eligible {
            let found = eligible.find_counting(reading.benchmark);
            eligible.counting = found.and_then(|(revision, attempts)| {
                let at = self.facts.binary_search_by_key(&revision, Fact::revision);
                Some((at.ok()?, attempts as u32))
            });
        }
    }

    fn set_status(&mut self, result: Revision, status: Status, reading: Reading<'_>) {
        let Ok(at) = self.facts.binary_search_by_key(&result, Fact::revision) else {
            return;
        };
        let fact = &mut self.facts[at];
        if let Some(eligible) = &mut self.eligible
            && reading.admits(fact)
        {
            eligible.remove(fact, reading.benchmark);
        }
        fact.set_status(status);
        if let Some(eligible) = &mut self.eligible
            && reading.admits(fact)
        {
            eligible.insert(fact, reading.benchmark);
        }
        self.settle(reading);
    }

    fn index(&mut self, reading: Reading<'_>) {
        self.eligible = None;
        if self.facts.len() <= INDEXED_FROM {
            return;
        }
        let mut eligible = Eligible::default();
        for fact in self.facts.iter().filter(|fact| reading.admits(fact)) {
            eligible.insert(fact, reading.benchmark);
        }
        self.eligible = Some(eligible);
        self.settle(reading);
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
        let at = facts.binary_search_by_key(&result, Fact::revision);
        at.ok().map(|at| &facts[at])
    }

    /// The result that counts, with the number that were eligible in its class of relationships.
    pub(crate) fn counting(&self, reading: Reading<'_>) -> Option<(&Fact, u32)> {
        match self.eligible() {
            None => scan_counting(self.facts(), reading),
            Some(eligible) => {
                let (at, attempts) = eligible.counting?;
                Some((self.facts().get(at)?, attempts))
            }
        }
    }

    /// What differs from the counting result.
    pub(crate) fn others(&self, counting: &Fact, reading: Reading<'_>) -> Others<'_> {
        let differing = |fact: &&Fact| fact.differs(counting);
        let Some(eligible) = self.eligible() else {
            let eligible = self.facts().iter().filter(|fact| reading.admits(fact));
            let mut newest: Vec<&Fact> = eligible.filter(differing).collect();
            newest.sort_by_key(|fact| std::cmp::Reverse((fact.observed(), fact.revision())));
            let scores = newest.iter().map(|fact| fact.score());
            let ends = (counting.score(), counting.score());
            let spread = scores.fold(ends, |(low, high), s| (low.min(s), high.max(s)));
            let count = newest.len();
            newest.truncate(NAMED_MAX);
            return Others {
                count,
                newest,
                spread: (count > 0).then_some(spread),
            };
        };
        let none = Scores::new();
        let own = eligible.origins.get(&counting.origin()).unwrap_or(&none);
        let count = eligible.by_date.len() - own.values().sum::<usize>();
        let newest = eligible.by_date.iter().rev();
        let newest = newest.filter_map(|(_, revision)| self.fact(*revision));
        Others {
            count,
            newest: newest
                .filter(differing)
                .take(count.min(NAMED_MAX))
                .collect(),
            spread: spread(&eligible.scores, own, counting.score()).filter(|_| count > 0),
        }
    }
}

/// Least and greatest of `score` and what is in `all` and not in `own`.
fn spread(all: &Scores, own: &Scores, score: f64) -> Option<(f64, f64)> {
    let foreign = |(score, count): &(&Real, &usize)| own.get(score).is_none_or(|own| own < *count);
    let low = all.iter().find(foreign)?.0.get();
    let high = all.iter().rev().find(foreign)?.0.get();
    Some((low.min(score), high.max(score)))
}

/// Position of a relationship in a benchmark's preference; those not named come last, all alike.
fn preference(benchmark: &Benchmark, relationship: Relationship) -> usize {
    let preferred = &benchmark.preferred_relationships;
    let named = preferred.iter().position(|other| *other == relationship);
    named.unwrap_or(preferred.len())
}

fn scan_counting<'a>(facts: &'a [Fact], reading: Reading<'_>) -> Option<(&'a Fact, u32)> {
    let benchmark = reading.benchmark;
    let mut counting: Option<&Fact> = None;
    let (mut most_preferred, mut attempts) = (usize::MAX, 0);
    for fact in facts.iter().filter(|fact| reading.admits(fact)) {
        let rank = preference(benchmark, fact.relationship());
        if rank < most_preferred {
            (counting, most_preferred, attempts) = (Some(fact), rank, 1);
        } else if rank == most_preferred {
            attempts += 1;
            let before = counting.filter(|before| counts_before(before, fact, benchmark));
            counting = before.or(Some(fact));
        }
    }
    Some((counting?, attempts))
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

impl Eligible {
    fn insert(&mut self, fact: &Fact, benchmark: &Benchmark) {
        let class = self.classes.entry(fact.relationship()).or_default();
        class.by_date.insert((fact.observed(), fact.revision()));
        class
            .by_goodness
            .insert((goodness(fact, benchmark), fact.revision()));
        self.by_date.insert((fact.observed(), fact.revision()));
        let score = Real::new(fact.score());
        *self.scores.entry(score).or_default() += 1;
        let own = self.origins.entry(fact.origin()).or_default();
        *own.entry(score).or_default() += 1;
    }

    fn remove(&mut self, fact: &Fact, benchmark: &Benchmark) {
        if let Some(class) = self.classes.get_mut(&fact.relationship()) {
            class.by_date.remove(&(fact.observed(), fact.revision()));
            class
                .by_goodness
                .remove(&(goodness(fact, benchmark), fact.revision()));
        }
        self.by_date.remove(&(fact.observed(), fact.revision()));
        let score = Real::new(fact.score());
        take_one(&mut self.scores, score);
        if let Some(own) = self.origins.get_mut(&fact.origin()) {
            take_one(own, score);
        }
    }

    fn find_counting(&self, benchmark: &Benchmark) -> Option<(Revision, usize)> {
        let held = || {
            self.classes
                .iter()
                .filter(|(_, class)| !class.by_date.is_empty())
        };
        let rank = |relationship: &Relationship| preference(benchmark, *relationship);
        let most_preferred = held().map(|(relationship, _)| rank(relationship)).min()?;
        let classes = || {
            let classes = held().filter(|(relationship, _)| rank(relationship) == most_preferred);
            classes.map(|(_, class)| class)
        };
        let counting = match benchmark.counting_rule {
            CountingRule::Latest => classes().filter_map(|c| c.by_date.last()).max()?.1,
            CountingRule::Best => classes().filter_map(|c| c.by_goodness.last()).max()?.1,
        };
        Some((counting, classes().map(|class| class.by_date.len()).sum()))
    }
}

fn take_one(scores: &mut Scores, score: Real) {
    if let Some(count) = scores.get_mut(&score) {
        *count -= 1;
        if *count == 0 {
            scores.remove(&score);
        }
    }
}

#[cfg(test)]
mod tests;
