//! The eligible results of one model in the orders that are asked for, so that one more costs no more than the first.
//!
//! Two things are rare and cost a look through all: that one is eligible no longer which counted, or which was the newest,
//! the least or the greatest of its origin; and that the first one of a second origin comes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::limits::NAMED_MAX;
use crate::model::{Benchmark, Date, Revision};

use super::super::fact::Fact;
use super::super::real::Real;
use super::super::voices::VoiceKey;
use super::{Others, Reading, counts_before, preference, scan_counting};

/// Evaluator with harness, and source.
type Origin = (VoiceKey, u64);

/// Position of an origin in order of first appearance.
type OriginKey = u32;

/// See the module documentation.
#[derive(Clone, Debug, Default)]
pub(super) struct Eligible {
    counting: Option<Counting>,
    origins: Origins,
}

/// The eligible results by origin.
#[derive(Clone, Debug, Default)]
enum Origins {
    /// None was eligible yet.
    #[default]
    None,
    /// All have this one: then no result differs from another.
    One(Origin),
    Several(Several),
}

/// Results of more than one origin.
#[derive(Clone, Debug, Default)]
struct Several {
    /// How many there are.
    count: usize,
    keys: BTreeMap<Origin, OriginKey>,
    /// By key.
    origins: Vec<FromOrigin>,
    by_date: BTreeSet<(OriginKey, Date, Revision)>,
    /// The newest result of each origin.
    newest: BTreeSet<(Date, Revision, OriginKey)>,
    /// The least score of each origin.
    least: BTreeSet<(Real, OriginKey)>,
    /// The greatest score of each origin.
    greatest: BTreeSet<(Real, OriginKey)>,
}

/// The result that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counting {
    /// Its position among all results.
    pub(super) at: usize,
    /// Eligible results of relationships that are preferred as much.
    pub(super) attempts: u32,
}

/// Eligible results of one origin.
#[derive(Clone, Debug, Default)]
struct FromOrigin {
    count: usize,
    /// None without results.
    ends: Option<Ends>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Ends {
    newest: (Date, Revision),
    least: Real,
    greatest: Real,
}

impl Ends {
    fn of(fact: &Fact) -> Self {
        let score = Real::new(fact.score());
        Self {
            newest: (fact.observed(), fact.revision()),
            least: score,
            greatest: score,
        }
    }

    fn join(self, other: Self) -> Self {
        Self {
            newest: self.newest.max(other.newest),
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
        }
    }
}

impl Eligible {
    /// Of all results, oldest first.
    pub(super) fn of(facts: &[Fact], reading: Reading<'_>) -> Self {
        let mut eligible = Self::default();
        for (at, fact) in facts.iter().enumerate() {
            if reading.admits(fact) {
                eligible.insert(&facts[..=at], at, reading);
            }
        }
        eligible
    }

    pub(super) fn counting(&self) -> Option<Counting> {
        self.counting
    }

    /// A result that is eligible now.
    pub(super) fn insert(&mut self, facts: &[Fact], at: usize, reading: Reading<'_>) {
        let fact = &facts[at];
        match &mut self.origins {
            Origins::Several(several) => several.insert(fact),
            Origins::One(origin) if *origin == fact.origin() => {}
            Origins::One(_) => {
                let mut several = Several::default();
                let admitted = facts.iter().filter(|fact| reading.admits(fact));
                admitted.for_each(|fact| several.insert(fact));
                self.origins = Origins::Several(several);
            }
            none @ Origins::None => *none = Origins::One(fact.origin()),
        }
        self.counting = Some(Counting::with(self.counting, facts, at, reading.benchmark));
    }

    /// A result that is eligible no longer, as its status says already.
    pub(super) fn remove(&mut self, facts: &[Fact], at: usize, reading: Reading<'_>) {
        if let Origins::Several(several) = &mut self.origins {
            several.remove(&facts[at], facts, reading);
        }
        let rank = |at: usize| preference(reading.benchmark, facts[at].relationship());
        if let Some(counting) = &mut self.counting {
            if counting.at == at {
                self.counting = scan_counting(facts, reading);
            } else if rank(counting.at) == rank(at) {
                counting.attempts -= 1;
            }
        }
    }

    /// What differs from a result, which is one of `facts`.
    pub(super) fn others<'a>(&self, facts: &'a [Fact], counting: &Fact) -> Others<'a> {
        match &self.origins {
            Origins::Several(several) => several.others(facts, counting),
            Origins::None | Origins::One(_) => Others::default(),
        }
    }
}

impl Several {
    fn insert(&mut self, fact: &Fact) {
        let next = self.origins.len() as OriginKey;
        let key = *self.keys.entry(fact.origin()).or_insert(next);
        if key == next {
            self.origins.push(FromOrigin::default());
        }
        self.by_date.insert((key, fact.observed(), fact.revision()));
        self.count += 1;
        let own = &mut self.origins[key as usize];
        own.count += 1;
        let ends = Ends::of(fact);
        let ends = own.ends.map_or(ends, |own| own.join(ends));
        self.set_ends(key, Some(ends));
    }

    fn remove(&mut self, fact: &Fact, facts: &[Fact], reading: Reading<'_>) {
        let Some(&key) = self.keys.get(&fact.origin()) else {
            return;
        };
        self.by_date
            .remove(&(key, fact.observed(), fact.revision()));
        self.count -= 1;
        let own = &mut self.origins[key as usize];
        own.count -= 1;
        let (was, gone) = (own.ends, Ends::of(fact));
        let is_end = was.is_some_and(|was| {
            was.newest == gone.newest || was.least == gone.least || was.greatest == gone.greatest
        });
        if is_end {
            let left = facts.iter().filter(|left| !left.differs(fact));
            let left = left.filter(|left| reading.admits(left)).map(Ends::of);
            self.set_ends(key, left.reduce(Ends::join));
        }
    }

    fn set_ends(&mut self, key: OriginKey, now: Option<Ends>) {
        let was = std::mem::replace(&mut self.origins[key as usize].ends, now);
        if was == now {
            return;
        }
        if let Some(Ends {
            newest,
            least,
            greatest,
        }) = was
        {
            self.newest.remove(&(newest.0, newest.1, key));
            self.least.remove(&(least, key));
            self.greatest.remove(&(greatest, key));
        }
        if let Some(Ends {
            newest,
            least,
            greatest,
        }) = now
        {
            self.newest.insert((newest.0, newest.1, key));
            self.least.insert((least, key));
            self.greatest.insert((greatest, key));
        }
    }

    fn others<'a>(&self, facts: &'a [Fact], counting: &Fact) -> Others<'a> {
        let own = self.keys.get(&counting.origin()).copied();
        let of_own = own.map_or(0, |own| self.origins[own as usize].count);
        let foreign = |key: OriginKey| Some(key) != own;
        // The newest ones in all are among the newest ones of the origins with the newest ones.
        let origins = self.newest.iter().rev().map(|(.., key)| *key);
        let origins = origins.filter(|key| foreign(*key)).take(NAMED_MAX);
        let mut newest: Vec<(Date, Revision)> = origins
            .flat_map(|key| {
                let [first, last] = [i32::MIN, i32::MAX].map(Date::from_days);
                let own = (key, first, Revision::MIN)..=(key, last, Revision::MAX);
                let dated = self.by_date.range(own).rev().take(NAMED_MAX);
                dated.map(|(_, date, revision)| (*date, *revision))
            })
            .collect();
        newest.sort_unstable_by(|a, b| b.cmp(a));
        newest.truncate(NAMED_MAX);
        let fact = |(_, revision): &(Date, Revision)| {
            let at = facts.binary_search_by_key(revision, Fact::revision);
            at.ok().map(|at| &facts[at])
        };
        let least = self.least.iter().find(|(_, key)| foreign(*key));
        let greatest = self.greatest.iter().rev().find(|(_, key)| foreign(*key));
        let (score, number) = (counting.score(), |(end, _): &(Real, OriginKey)| end.get());
        let spread = least.map(number).zip(greatest.map(number));
        Others {
            count: self.count - of_own,
            newest: newest.iter().filter_map(fact).collect(),
            spread: spread.map(|(low, high)| (low.min(score), high.max(score))),
        }
    }
}

impl Counting {
    /// What counts once one more is eligible, beside what counted before it.
    pub(super) fn with(
        before: Option<Self>,
        facts: &[Fact],
        at: usize,
        benchmark: &Benchmark,
    ) -> Self {
        let Some(Self { at: was, attempts }) = before else {
            return Self { at, attempts: 1 };
        };
        let [now, more] = [&facts[was], &facts[at]];
        let rank = |fact: &Fact| preference(benchmark, fact.relationship());
        match rank(more).cmp(&rank(now)) {
            Ordering::Less => Self { at, attempts: 1 },
            Ordering::Greater => Self { at: was, attempts },
            Ordering::Equal => Self {
                at: if counts_before(now, more, benchmark) {
                    was
                } else {
                    at
                },
                attempts: attempts + 1,
            },
        }
    }
}
