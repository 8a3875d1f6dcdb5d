//! Small items in the order of a key that they do not hold themselves: compact, and cheap to clone, since clones share
//! what neither has changed.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::iter::{Chain, FlatMap};
use std::ops::Bound;
use std::slice;
use std::sync::Arc;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

/// Most items of a block; a full one is split in two.
const BLOCK: usize = 128;
/// Items that a block makes room for at once.
const STEP: usize = 8;

type BlockItems<'a, K, V> = fn((&'a K, &'a Arc<Vec<V>>)) -> slice::Iter<'a, V>;
/// Items in order, from one of a block on.
pub(crate) type Items<'a, K, V> = Chain<
    slice::Iter<'a, V>,
    FlatMap<btree_map::Range<'a, K, Arc<Vec<V>>>, slice::Iter<'a, V>, BlockItems<'a, K, V>>,
>;

/// Items in blocks, each found by the key of its first item.
#[derive(Clone, Debug)]
pub(crate) struct Sorted<K, V> {
    blocks: BTreeMap<K, Arc<Vec<V>>>,
    len: usize,
}

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self {
            blocks: BTreeMap::new(),
            len: 0,
        }
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// The item of a key; `order` says how the key of an item compares with it.
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q, order: impl Fn(&V) -> Ordering) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        let up_to = (Bound::Unbounded, Bound::Included(key));
        let (_, block) = self.blocks.range::<Q, _>(up_to).next_back()?;
        let at = block.binary_search_by(order).ok()?;
        Some(&block[at])
    }

    /// All items in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &V> {
        self.blocks.values().flat_map(|block| block.iter())
    }

    /// As a sequence of all items in order.
    pub(crate) fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>
    where
        V: Serialize,
    {
        let mut sequence = serializer.serialize_seq(Some(self.len))?;
        for item in self.iter() {
            sequence.serialize_element(item)?;
        }
        sequence.end()
    }

    /// The items from a key on, in order; `order` says how the key of an item compares with it.
    pub(crate) fn range<Q: Ord + ?Sized>(
        &self,
        from: &Q,
        order: impl Fn(&V) -> Ordering,
    ) -> Items<'_, K, V>
    where
        K: std::borrow::Borrow<Q>,
    {
        let up_to = (Bound::Unbounded, Bound::Included(from));
        let after = (Bound::Excluded(from), Bound::Unbounded);
        let first = self.blocks.range::<Q, _>(up_to).next_back();
        let first = first.map_or(&[][..], |(_, block)| {
            &block[block.partition_point(|item| order(item) == Ordering::Less)..]
        });
        let items: BlockItems<'_, K, V> = |(_, block)| block.iter();
        first
            .iter()
            .chain(self.blocks.range::<Q, _>(after).flat_map(items))
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    /// Adds an item of a key that has none, or replaces the one it has. `key` answers the key of an item, and `order` how
    /// it compares with that of the new one.
    pub(crate) fn insert(
        &mut self,
        item: V,
        key: impl Fn(&V) -> K,
        order: impl Fn(&V) -> Ordering,
    ) {
        let new = key(&item);
        let up_to = (Bound::Unbounded, Bound::Included(&new));
        let Some((_, block)) = self.blocks.range_mut(up_to).next_back() else {
            // Before all others: in the first block, which is known by it from now on.
            let block = self.blocks.pop_first().map(|(_, block)| block);
            let mut block = block.unwrap_or_default();
            let rest = put(&mut block, 0, item);
            self.len += 1;
            self.blocks.insert(new, block);
            self.keep(rest, key);
            return;
        };
        match block.binary_search_by(order) {
            Ok(at) => Arc::make_mut(block)[at] = item,
            Err(at) => {
                let rest = put(block, at, item);
                self.len += 1;
                self.keep(rest, key);
            }
        }
    }

    /// All items of a collection, which are in order.
    pub(crate) fn of_sorted(items: &[V], key: impl Fn(&V) -> K) -> Self {
        let blocks = items.chunks(BLOCK);
        let blocks = blocks.map(|block| (key(&block[0]), Arc::new(block.to_vec())));
        Self {
            len: items.len(),
            blocks: blocks.collect(),
        }
    }

    fn keep(&mut self, split_off: Option<Vec<V>>, key: impl Fn(&V) -> K) {
        if let Some(block) = split_off {
            self.blocks.insert(key(&block[0]), Arc::new(block));
        }
    }
}

/// Puts an item at a position of a block. Answers what no longer has room.
fn put<V: Clone>(block: &mut Arc<Vec<V>>, at: usize, item: V) -> Option<Vec<V>> {
    let block = Arc::make_mut(block);
    if block.len() < BLOCK {
        if block.len() == block.capacity() {
            block.reserve_exact(STEP);
        }
        block.insert(at, item);
        return None;
    }
    // Items that come in order leave full blocks behind.
    let middle = if at == BLOCK { BLOCK } else { BLOCK / 2 };
    let mut rest = Vec::with_capacity(BLOCK - middle + STEP);
    rest.extend(block.drain(middle..));
    block.shrink_to_fit();
    if at > middle || at == BLOCK {
        rest.insert(at - middle, item);
    } else {
        block.reserve_exact(STEP);
        block.insert(at, item);
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys are the items tenfold.
    fn key(item: &u128) -> u64 {
        *item as u64 * 10
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_holds(
            items in prop::collection::vec(0_u128..2_000, 0..1_000),
            ascending in any::<bool>(),
            from in 0_u64..20_100,
        ) {
            let mut items = items;
            if ascending {
                items.sort_unstable();
            }
            let mut map = BTreeMap::new();
            let mut sorted = Sorted::default();
            for item in items {
                map.insert(key(&item), item);
                sorted.insert(item, key, |other| other.cmp(&item));
                prop_assert_eq!(sorted.len, map.len());
            }
            let all: Vec<u128> = sorted.iter().copied().collect();
            prop_assert_eq!(&all, &map.values().copied().collect::<Vec<_>>());
            let rest = sorted.range(&from, |item| key(item).cmp(&from));
            let expected = map.range(from..).map(|(_, item)| *item);
            prop_assert_eq!(rest.copied().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
            for wanted in 0..20_100 {
                let found = sorted.get(&wanted, |item| key(item).cmp(&wanted));
                prop_assert_eq!(found, map.get(&wanted));
            }
            let mut again = Sorted::of_sorted(&all, key);
            prop_assert_eq!(again.iter().copied().collect::<Vec<_>>(), all.clone());
            again.insert(5_000, key, |other| other.cmp(&5_000));
            let last = again.get(&50_000, |item| key(item).cmp(&50_000));
            prop_assert_eq!((last, again.len), (Some(&5_000), all.len() + 1));
        }
    }

    #[test]
    fn a_clone_keeps_what_it_had() {
        let mut sorted = Sorted::of_sorted(&(0_u128..1_000).collect::<Vec<_>>(), key);
        let clone = sorted.clone();
        sorted.insert(1_000, key, |other| other.cmp(&1_000));
        assert_eq!(clone.get(&10_000, |item| key(item).cmp(&10_000)), None);
        let mut blocks = clone.blocks.values().zip(sorted.blocks.values());
        assert!(blocks.any(|(old, new)| Arc::ptr_eq(old, new)));
    }
}
