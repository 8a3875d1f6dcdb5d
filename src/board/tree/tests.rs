//! A tree answers as a sorted map does, whatever came and went, and knows nothing wrong of its parts.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair(u32, i64);

impl Sum for i64 {
    fn add(&mut self, other: &Self) {
        *self += other;
    }
    fn subtract(&mut self, other: &Self) {
        *self -= other;
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Greatest(i64);

impl Default for Greatest {
    fn default() -> Self {
        Self(i64::MIN)
    }
}

impl Bound for Greatest {
    fn join(&mut self, other: &Self) {
        self.0 = self.0.max(other.0);
    }
    fn rests_on(&self, part: &Self) -> bool {
        part.0 >= self.0
    }
}

impl Item for Pair {
    type Key = u32;
    type Sum = i64;
    type Bound = Greatest;
    fn key(&self) -> u32 {
        self.0
    }
    fn sum(&self) -> i64 {
        self.1
    }
    fn bound(&self) -> Greatest {
        Greatest(self.1)
    }
}

/// An item that may be there more than once.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Same(u32);

impl Item for Same {
    type Key = u32;
    type Sum = ();
    type Bound = ();
    fn key(&self) -> u32 {
        self.0
    }
    fn sum(&self) {}
    fn bound(&self) {}
}

struct FirstAbove(i64, Option<Pair>);

impl Visitor<Pair> for FirstAbove {
    fn enter(&mut self, _: &u32, greatest: &Greatest) -> bool {
        greatest.0 > self.0
    }
    fn item(&mut self, item: &Pair) -> bool {
        if item.1 > self.0 {
            self.1 = Some(*item);
        }
        self.1.is_none()
    }
}

/// Leaves of eight, so that a few thousand items make a tree of several levels.
type Small<T> = Tree<T, 8>;

fn pairs(map: &BTreeMap<u32, i64>) -> Vec<Pair> {
    map.iter().map(|(key, value)| Pair(*key, *value)).collect()
}

fn agree(tree: &Small<Pair>, map: &BTreeMap<u32, i64>, probes: &[(u32, u32, i64)]) {
    tree.root.check();
    assert_eq!(tree.len(), map.len());
    assert_eq!(tree.items(), pairs(map));
    for (a, b, above) in probes {
        assert_eq!(tree.rank(a), map.range(..a).count());
        let summary = tree.summary_before(a);
        assert_eq!(summary.sum, map.range(..a).map(|(_, v)| v).sum::<i64>());
        let greatest = map.range(..a).map(|(_, v)| *v).max();
        assert_eq!(summary.bound.0, greatest.unwrap_or(i64::MIN));
        let mut visitor = FirstAbove(*above, None);
        tree.walk(Some(a), Some(b), &mut visitor);
        let naive = map.iter().find(|(k, v)| *k >= a && *k < b && *v > above);
        assert_eq!(visitor.1, naive.map(|(k, v)| Pair(*k, *v)));
        let mut between = 0;
        tree.each(Some(a), Some(b), |_| {
            between += 1;
            true
        });
        assert_eq!(between, map.keys().filter(|k| *k >= a && *k < b).count());
    }
    assert_eq!(tree.summary(), tree.summary_before(&u32::MAX));
}

/// Keys that rise, fall or leap about: each fills nodes from another side.
fn any_keys() -> impl Strategy<Value = Vec<u32>> {
    let keys = prop::collection::vec(0u32..3000, 0..4000);
    (keys, 0..3).prop_map(|(mut keys, order)| {
        match order {
            0 => keys.sort_unstable(),
            1 => keys.sort_unstable_by(|a, b| b.cmp(a)),
            _ => {}
        }
        keys
    })
}

proptest! {
    #[test]
    fn a_tree_agrees_with_a_sorted_map(
        keys in any_keys(),
        steps in prop::collection::vec((0u32..3000, -50i64..50, 0..3), 0..4000),
        probes in prop::collection::vec((0u32..3100, 0u32..3100, -60i64..60), 20),
    ) {
        let mut tree = Small::default();
        let mut map = BTreeMap::new();
        for key in keys {
            if map.insert(key, 0).is_none() {
                tree.insert(Pair(key, 0));
            }
        }
        agree(&tree, &map, &probes);
        for (key, value, kind) in steps {
            if kind == 0 && !map.contains_key(&key) {
                tree.insert(Pair(key, value));
                map.insert(key, value);
            } else {
                prop_assert_eq!(tree.remove(&key).map(|p| p.1), map.remove(&key));
            }
        }
        agree(&tree, &map, &probes);
        let mut built = Small::build(pairs(&map).into_iter().rev().collect());
        agree(&built, &map, &probes);
        for key in pairs(&map).iter().step_by(3).map(|pair| pair.0) {
            prop_assert_eq!(built.remove(&key).map(|p| p.1), map.remove(&key));
        }
        agree(&built, &map, &probes);
    }

    #[test]
    fn a_tree_counts_equal_keys(
        steps in prop::collection::vec((0u32..12, any::<bool>()), 0..2000),
        many in prop::collection::vec(0u32..12, 0..300),
    ) {
        let mut tree = Small::build(many.iter().copied().map(Same).collect());
        let mut counts = [0; 12];
        for key in many {
            counts[key as usize] += 1;
        }
        for (key, insert) in steps {
            let count = &mut counts[key as usize];
            if insert {
                tree.insert(Same(key));
                *count += 1;
            } else {
                prop_assert_eq!(tree.remove(&key).is_some(), *count > 0);
                *count -= (*count).min(1);
            }
            for key in 0..12 {
                prop_assert_eq!(tree.rank(&key), counts[..key as usize].iter().sum::<usize>());
            }
        }
        tree.root.check();
    }
}

#[test]
fn a_tree_that_is_emptied_can_be_filled_again() {
    let mut tree: Tree<Pair> = Tree::default();
    for round in 0..3 {
        for key in 0..5000 {
            tree.insert(Pair((key * 7919) % 5000, round));
        }
        assert_eq!(tree.len(), 5000);
        for key in 0..5000 {
            assert!(tree.remove(&key).is_some());
        }
        assert_eq!(tree.len(), 0);
        assert_eq!(tree.rank(&1), 0);
    }
}

#[test]
fn leaves_stay_well_filled() {
    let fill = |tree: &Tree<Pair>| tree.len() as f64 / (64 * tree.root.check()) as f64;
    let mut state = 1u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    let mut tree: Tree<Pair> = Tree::default();
    let mut keys = Vec::new();
    while keys.len() < 30_000 {
        keys.push(random());
        tree.insert(Pair(keys[keys.len() - 1], 0));
    }
    assert!(fill(&tree) > 0.8, "{}", fill(&tree));
    for _ in 0..100_000 {
        let key = &mut keys[random() as usize % 30_000];
        tree.remove(key);
        *key = random();
        tree.insert(Pair(*key, 0));
    }
    assert!(fill(&tree) > 0.78, "{}", fill(&tree));
    let built = Tree::<Pair>::build(tree.items());
    assert!(fill(&built) > 0.87, "{}", fill(&built));
}
