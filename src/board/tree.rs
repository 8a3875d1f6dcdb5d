//! A counted B+ tree with summaries: order statistics and pruned walks in O(log n).
//!
//! Items are small and copied. Leaves hold up to 64 of them side by side; every inner node knows first key, number
//! of items and a summary of each child, so that counting, prefix sums and searches skip whole subtrees.
//! Equality of two trees is equality of their items in order, whatever the history of splits.

/// Items of a leaf at most.
const LEAF_MAX: usize = 64;
/// Children of an inner node at most.
const FANOUT_MAX: usize = 32;

/// Something a tree can hold.
pub(crate) trait Item: Copy + std::fmt::Debug {
    /// What items are ordered by; unique within a tree.
    type Key: Ord + Copy + std::fmt::Debug;
    /// What an inner node knows about a subtree.
    type Summary: Copy + std::fmt::Debug;

    /// The item's key.
    fn key(&self) -> Self::Key;
    /// The summary of no items.
    fn empty() -> Self::Summary;
    /// Adds one item to a summary.
    fn add(summary: &mut Self::Summary, item: &Self);
    /// Joins two summaries.
    fn join(summary: &mut Self::Summary, other: &Self::Summary);
}

/// A walk over items in order of keys.
pub(crate) trait Visitor<T: Item> {
    /// Whether a subtree, starting at `first`, can hold anything of interest.
    fn enter(&mut self, first: &T::Key, summary: &T::Summary) -> bool;
    /// Looks at an item; false ends the walk.
    fn item(&mut self, item: &T) -> bool;
}

#[derive(Clone, Debug)]
struct Child<T: Item> {
    first: T::Key,
    len: usize,
    summary: T::Summary,
    node: Node<T>,
}

#[derive(Clone, Debug)]
enum Node<T: Item> {
    Leaf(Vec<T>),
    Inner(Vec<Child<T>>),
}

/// See the module documentation.
#[derive(Clone, Debug)]
pub(crate) struct Tree<T: Item> {
    root: Node<T>,
    len: usize,
}

impl<T: Item> Default for Tree<T> {
    fn default() -> Self {
        Self {
            root: Node::Leaf(Vec::new()),
            len: 0,
        }
    }
}

impl<T: Item> Child<T> {
    /// `node` is not empty.
    fn of(node: Node<T>) -> Self {
        let mut summary = T::empty();
        let (first, len) = match &node {
            Node::Leaf(items) => {
                for item in items {
                    T::add(&mut summary, item);
                }
                (items[0].key(), items.len())
            }
            Node::Inner(children) => {
                for child in children {
                    T::join(&mut summary, &child.summary);
                }
                (children[0].first, children.iter().map(|c| c.len).sum())
            }
        };
        Self {
            first,
            len,
            summary,
            node,
        }
    }

    fn refresh(&mut self) {
        let node = std::mem::replace(&mut self.node, Node::Leaf(Vec::new()));
        *self = Self::of(node);
    }
}

/// Index of the child whose range holds `key`.
fn child_index<T: Item>(children: &[Child<T>], key: &T::Key) -> usize {
    children
        .partition_point(|child| child.first <= *key)
        .saturating_sub(1)
}

impl<T: Item> Node<T> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Leaf(items) => items.is_empty(),
            Self::Inner(children) => children.is_empty(),
        }
    }

    /// Inserts and answers the right half where the node had to split.
    fn insert(&mut self, item: T) -> Option<Self> {
        match self {
            Self::Leaf(items) => {
                let at = items.partition_point(|other| other.key() < item.key());
                debug_assert!(items.get(at).is_none_or(|other| other.key() != item.key()));
                items.insert(at, item);
                (items.len() > LEAF_MAX).then(|| Self::Leaf(items.split_off(LEAF_MAX / 2)))
            }
            Self::Inner(children) => {
                let at = child_index(children, &item.key());
                let split = children[at].node.insert(item);
                if let Some(right) = split {
                    children[at].refresh();
                    children.insert(at + 1, Child::of(right));
                } else {
                    let child = &mut children[at];
                    child.first = child.first.min(item.key());
                    child.len += 1;
                    T::add(&mut child.summary, &item);
                }
                (children.len() > FANOUT_MAX)
                    .then(|| Self::Inner(children.split_off(FANOUT_MAX / 2)))
            }
        }
    }

    fn remove(&mut self, key: &T::Key) -> Option<T> {
        match self {
            Self::Leaf(items) => {
                let at = items.binary_search_by(|item| item.key().cmp(key)).ok()?;
                Some(items.remove(at))
            }
            Self::Inner(children) => {
                let at = child_index(children, key);
                let removed = children.get_mut(at)?.node.remove(key)?;
                if children[at].node.is_empty() {
                    children.remove(at);
                } else {
                    children[at].refresh();
                    merge_with_neighbour(children, at);
                }
                Some(removed)
            }
        }
    }
}

/// Joins a child that has become small with the one after it, so that the tree stays dense.
fn merge_with_neighbour<T: Item>(children: &mut Vec<Child<T>>, at: usize) {
    let left = if at + 1 < children.len() {
        at
    } else if at > 0 {
        at - 1
    } else {
        return;
    };
    let fits = match (&children[left].node, &children[left + 1].node) {
        (Node::Leaf(a), Node::Leaf(b)) => a.len() + b.len() <= LEAF_MAX / 2,
        (Node::Inner(a), Node::Inner(b)) => a.len() + b.len() <= FANOUT_MAX / 2,
        _ => false,
    };
    if !fits {
        return;
    }
    let right = children.remove(left + 1);
    match (&mut children[left].node, right.node) {
        (Node::Leaf(a), Node::Leaf(b)) => a.extend(b),
        (Node::Inner(a), Node::Inner(b)) => a.extend(b),
        // Siblings are of one level.
        _ => unreachable!("siblings of different levels"),
    }
    children[left].refresh();
}

impl<T: Item> Tree<T> {
    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The tree of some items with different keys, in any order: sorted once, built from the leaves up.
    pub(crate) fn build(mut items: Vec<T>) -> Self {
        items.sort_unstable_by_key(Item::key);
        let len = items.len();
        let mut level: Vec<Node<T>> = items
            .chunks(LEAF_MAX * 3 / 4)
            .map(|leaf| Node::Leaf(leaf.to_vec()))
            .collect();
        while level.len() > 1 {
            let mut children = level.into_iter().map(Child::of).peekable();
            level = Vec::new();
            while children.peek().is_some() {
                let some = children.by_ref().take(FANOUT_MAX * 3 / 4);
                level.push(Node::Inner(some.collect()));
            }
        }
        let root = level.pop().unwrap_or_else(|| Node::Leaf(Vec::new()));
        Self { root, len }
    }

    /// Inserts an item whose key is not present.
    pub(crate) fn insert(&mut self, item: T) {
        if let Some(right) = self.root.insert(item) {
            let left = std::mem::replace(&mut self.root, Node::Leaf(Vec::new()));
            self.root = Node::Inner(vec![Child::of(left), Child::of(right)]);
        }
        self.len += 1;
    }

    /// Removes the item with a key.
    pub(crate) fn remove(&mut self, key: &T::Key) -> Option<T> {
        let removed = self.root.remove(key)?;
        self.len -= 1;
        while let Node::Inner(children) = &mut self.root {
            match children.len() {
                0 => self.root = Node::Leaf(Vec::new()),
                1 => {
                    if let Some(only) = children.pop() {
                        self.root = only.node;
                    }
                }
                _ => break,
            }
        }
        Some(removed)
    }

    /// Number of items with a key less than `key`.
    pub(crate) fn rank(&self, key: &T::Key) -> usize {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(items) => {
                    return before + items.partition_point(|item| item.key() < *key);
                }
                Node::Inner(children) => {
                    let at = child_index(children, key);
                    before += children[..at].iter().map(|child| child.len).sum::<usize>();
                    node = &children[at].node;
                }
            }
        }
    }

    /// The summary of all items with a key less than `key`.
    pub(crate) fn summary_before(&self, key: &T::Key) -> T::Summary {
        let mut summary = T::empty();
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(items) => {
                    for item in items.iter().take_while(|item| item.key() < *key) {
                        T::add(&mut summary, item);
                    }
                    return summary;
                }
                Node::Inner(children) => {
                    let at = child_index(children, key);
                    for child in &children[..at] {
                        T::join(&mut summary, &child.summary);
                    }
                    node = &children[at].node;
                }
            }
        }
    }

    /// The summary of all items.
    pub(crate) fn summary(&self) -> T::Summary {
        let mut summary = T::empty();
        match &self.root {
            Node::Leaf(items) => items.iter().for_each(|item| T::add(&mut summary, item)),
            Node::Inner(children) => children
                .iter()
                .for_each(|child| T::join(&mut summary, &child.summary)),
        }
        summary
    }

    /// Walks the items with `from <= key` and `key < to` in order, skipping subtrees the visitor does not enter.
    pub(crate) fn walk(
        &self,
        from: Option<&T::Key>,
        to: Option<&T::Key>,
        visitor: &mut impl Visitor<T>,
    ) {
        walk(&self.root, from, to, visitor);
    }

    /// All items in order.
    pub(crate) fn items(&self) -> Vec<T> {
        let mut all = Vec::with_capacity(self.len);
        self.each(None, None, |item| {
            all.push(*item);
            true
        });
        all
    }

    /// Calls `visit` for each item with `from <= key < to`, until it answers false.
    pub(crate) fn each(
        &self,
        from: Option<&T::Key>,
        to: Option<&T::Key>,
        visit: impl FnMut(&T) -> bool,
    ) {
        struct Each<F>(F);
        impl<T: Item, F: FnMut(&T) -> bool> Visitor<T> for Each<F> {
            fn enter(&mut self, _: &T::Key, _: &T::Summary) -> bool {
                true
            }
            fn item(&mut self, item: &T) -> bool {
                (self.0)(item)
            }
        }
        walk(&self.root, from, to, &mut Each(visit));
    }
}

/// Answers false when the walk has ended.
fn walk<T: Item>(
    node: &Node<T>,
    from: Option<&T::Key>,
    to: Option<&T::Key>,
    visitor: &mut impl Visitor<T>,
) -> bool {
    match node {
        Node::Leaf(items) => {
            let start = from.map_or(0, |key| items.partition_point(|item| item.key() < *key));
            for item in &items[start..] {
                if to.is_some_and(|key| item.key() >= *key) || !visitor.item(item) {
                    return false;
                }
            }
            true
        }
        Node::Inner(children) => {
            let start = from.map_or(0, |key| child_index(children, key));
            for (at, child) in children.iter().enumerate().skip(start) {
                if to.is_some_and(|key| child.first >= *key) {
                    return false;
                }
                if !visitor.enter(&child.first, &child.summary) {
                    continue;
                }
                // Only the first child can hold items before `from`.
                let from = if at == start { from } else { None };
                if !walk(&child.node, from, to, visitor) {
                    return false;
                }
            }
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Pair(u32, i64);

    impl Item for Pair {
        type Key = u32;
        type Summary = (i64, i64);
        fn key(&self) -> u32 {
            self.0
        }
        fn empty() -> (i64, i64) {
            (0, i64::MIN)
        }
        fn add(summary: &mut (i64, i64), item: &Self) {
            summary.0 += item.1;
            summary.1 = summary.1.max(item.1);
        }
        fn join(summary: &mut (i64, i64), other: &(i64, i64)) {
            summary.0 += other.0;
            summary.1 = summary.1.max(other.1);
        }
    }

    struct FirstAbove(i64, Option<Pair>);

    impl Visitor<Pair> for FirstAbove {
        fn enter(&mut self, _: &u32, summary: &(i64, i64)) -> bool {
            summary.1 > self.0
        }
        fn item(&mut self, item: &Pair) -> bool {
            if item.1 > self.0 {
                self.1 = Some(*item);
            }
            self.1.is_none()
        }
    }

    proptest! {
        #[test]
        fn a_tree_agrees_with_a_sorted_map(
            steps in prop::collection::vec((0u32..3000, -50i64..50, any::<bool>()), 0..4000),
            probes in prop::collection::vec((0u32..3100, 0u32..3100, -60i64..60), 20),
        ) {
            let mut tree = Tree::default();
            let mut map = BTreeMap::new();
            for (key, value, insert) in steps {
                if insert && !map.contains_key(&key) {
                    tree.insert(Pair(key, value));
                    map.insert(key, value);
                } else {
                    prop_assert_eq!(tree.remove(&key).map(|p| p.1), map.remove(&key));
                }
            }
            prop_assert_eq!(tree.len(), map.len());
            let expected: Vec<_> = map.iter().map(|(k, v)| Pair(*k, *v)).collect();
            prop_assert_eq!(tree.items(), expected.clone());
            let mut built = Tree::build(expected.iter().rev().copied().collect());
            prop_assert_eq!(built.items(), expected);
            prop_assert_eq!(built.summary_before(&u32::MAX), tree.summary_before(&u32::MAX));
            for key in map.keys().step_by(3) {
                prop_assert_eq!(built.remove(key).map(|p| p.1), map.get(key).copied());
                prop_assert_eq!(built.rank(key), map.range(..key).count() - map.keys().step_by(3).take_while(|other| *other < key).count());
            }
            for (a, b, above) in probes {
                prop_assert_eq!(tree.rank(&a), map.range(..a).count());
                prop_assert_eq!(tree.summary_before(&a).0, map.range(..a).map(|(_, v)| v).sum::<i64>());
                let mut visitor = FirstAbove(above, None);
                tree.walk(Some(&a), Some(&b), &mut visitor);
                let naive = map.iter().find(|(k, v)| **k >= a && **k < b && **v > above);
                prop_assert_eq!(visitor.1, naive.map(|(k, v)| Pair(*k, *v)));
            }
        }
    }

    #[test]
    fn a_tree_that_is_emptied_can_be_filled_again() {
        let mut tree = Tree::default();
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
}
