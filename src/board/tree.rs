//! A counted B+ tree with summaries: order statistics and pruned walks in O(log n).
//!
//! Items are small and copied. Leaves hold them side by side, filled to about four fifths; an inner node keeps what
//! it knows of its children in arrays, one a kind, so that a search touches keys alone and a count touches counts.
//! What it knows comes in two kinds: a [`Sum`] can be taken back exactly when an item goes, a [`Bound`] is found anew
//! only when the item that goes stood at it.
//! Equality of two trees is equality of their items in order, whatever the history of splits.

mod node;
#[cfg(test)]
mod tests;

use node::{Inner, Node};

/// Something a tree can hold.
pub(crate) trait Item: Copy + std::fmt::Debug {
    /// What items are ordered by. Items of equal keys must be equal, for any of them may be removed.
    type Key: Ord + Copy + std::fmt::Debug;
    /// What adds up over a subtree.
    type Sum: Sum;
    /// Within which ends a subtree lies.
    type Bound: Bound;

    /// The item's key.
    fn key(&self) -> Self::Key;
    /// What the item adds.
    fn sum(&self) -> Self::Sum;
    /// The ends of one item.
    fn bound(&self) -> Self::Bound;
}

/// An exact sum; the default is that of no items.
pub(crate) trait Sum: Copy + Default + std::fmt::Debug {
    /// Takes in.
    fn add(&mut self, other: &Self);
    /// Takes out what was taken in before.
    fn subtract(&mut self, other: &Self);
}

/// Ends that items lie within; the default is that of no items.
pub(crate) trait Bound: Copy + Default + std::fmt::Debug {
    /// Widens to hold both.
    fn join(&mut self, other: &Self);
    /// Whether this might be narrower without `part`, which it holds.
    fn rests_on(&self, part: &Self) -> bool;
}

impl Sum for () {
    fn add(&mut self, (): &Self) {}
    fn subtract(&mut self, (): &Self) {}
}

impl Bound for () {
    fn join(&mut self, (): &Self) {}
    fn rests_on(&self, (): &Self) -> bool {
        false
    }
}

/// What a tree knows of some of its items.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Summary<B, S> {
    pub(crate) bound: B,
    pub(crate) sum: S,
}

/// A walk over items in order of keys.
pub(crate) trait Visitor<T: Item> {
    /// Whether a subtree, no key of which is less than `first`, can hold anything of interest.
    fn enter(&mut self, first: &T::Key, bound: &T::Bound) -> bool;
    /// Looks at an item; false ends the walk.
    fn item(&mut self, item: &T) -> bool;
    /// Looks at items side by side; false ends the walk.
    fn items(&mut self, items: &[T]) -> bool {
        items.iter().all(|item| self.item(item))
    }
}

/// A search for the one best item, most promising subtrees first.
pub(crate) trait Search<T: Item> {
    /// What a subtree promises, less is better; none where it can hold nothing of interest.
    fn promise(&self, bound: &T::Bound) -> Option<f64>;
    /// Looks at items side by side.
    fn items(&mut self, items: &[T]);
}

/// See the module documentation. Leaves hold `LEAF` items at most.
#[derive(Clone, Debug)]
pub(crate) struct Tree<T: Item, const LEAF: usize = 64> {
    root: Node<T, LEAF>,
    len: usize,
}

impl<T: Item, const LEAF: usize> Default for Tree<T, LEAF> {
    fn default() -> Self {
        Self {
            root: Node::default(),
            len: 0,
        }
    }
}

impl<T: Item, const LEAF: usize> Tree<T, LEAF> {
    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The tree of some items in any order: sorted once, built from the leaves up.
    pub(crate) fn build(mut items: Vec<T>) -> Self {
        items.sort_unstable_by_key(Item::key);
        Self {
            root: Node::of_sorted(&items),
            len: items.len(),
        }
    }

    /// Inserts an item.
    pub(crate) fn insert(&mut self, item: T) {
        if self.root.is_full() {
            let full = std::mem::take(&mut self.root);
            let mut root = Inner::default();
            root.push(full);
            root.make_room(0);
            self.root = Node::Inner(Box::new(root));
        }
        match &mut self.root {
            Node::Leaf(leaf) => node::insert_in_leaf(leaf, item),
            Node::Inner(root) => root.insert(item),
        }
        self.len += 1;
    }

    /// Removes one item with a key.
    pub(crate) fn remove(&mut self, key: &T::Key) -> Option<T> {
        let removed = match &mut self.root {
            Node::Leaf(leaf) => node::remove_from_leaf(leaf, key)?,
            Node::Inner(root) => root.remove(key)?.0,
        };
        self.len -= 1;
        while let Node::Inner(root) = &mut self.root
            && let Some(only) = root.take_only()
        {
            self.root = only;
        }
        Some(removed)
    }

    /// Number of items with a key less than `key`.
    pub(crate) fn rank(&self, key: &T::Key) -> usize {
        let mut before = 0;
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(leaf) => return before + node::position(leaf, key),
                Node::Inner(inner) => {
                    let at = inner.child_before(key);
                    before += inner.len_of(at);
                    node = inner.child(at);
                }
            }
        }
    }

    /// The summary of all items with a key less than `key`.
    pub(crate) fn summary_before(&self, key: &T::Key) -> Summary<T::Bound, T::Sum> {
        let mut summary = Summary::<T::Bound, T::Sum>::default();
        let mut node = &self.root;
        loop {
            match node {
                Node::Leaf(leaf) => {
                    for item in &leaf[..node::position(leaf, key)] {
                        summary.bound.join(&item.bound());
                        summary.sum.add(&item.sum());
                    }
                    return summary;
                }
                Node::Inner(inner) => {
                    let at = inner.child_before(key);
                    inner.summarise(at, &mut summary);
                    node = inner.child(at);
                }
            }
        }
    }

    /// The summary of all items.
    pub(crate) fn summary(&self) -> Summary<T::Bound, T::Sum> {
        Summary {
            bound: self.root.bound(),
            sum: self.root.sum(),
        }
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

    /// Searches the items with `key < to`.
    pub(crate) fn search(&self, to: &T::Key, search: &mut impl Search<T>) {
        search_in(&self.root, Some(to), search);
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
            fn enter(&mut self, _: &T::Key, _: &T::Bound) -> bool {
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
fn walk<T: Item, const LEAF: usize>(
    node: &Node<T, LEAF>,
    from: Option<&T::Key>,
    to: Option<&T::Key>,
    visitor: &mut impl Visitor<T>,
) -> bool {
    match node {
        Node::Leaf(leaf) => {
            let start = from.map_or(0, |key| node::position(leaf, key));
            match to {
                Some(to) if leaf.last().is_some_and(|last| last.key() >= *to) => {
                    let end = node::position(leaf, to).max(start);
                    visitor.items(&leaf[start..end]);
                    false
                }
                _ => visitor.items(&leaf[start..]),
            }
        }
        Node::Inner(inner) => {
            let start = from.map_or(0, |key| inner.child_before(key));
            for at in start..inner.count() {
                let (first, bound) = inner.outline(at);
                if to.is_some_and(|to| first >= to) {
                    return false;
                }
                if !visitor.enter(first, bound) {
                    continue;
                }
                // Only the first child can hold items before `from`.
                let from = if at == start { from } else { None };
                if !walk(inner.child(at), from, to, visitor) {
                    return false;
                }
            }
            true
        }
    }
}

fn search_in<T: Item, const LEAF: usize>(
    node: &Node<T, LEAF>,
    to: Option<&T::Key>,
    search: &mut impl Search<T>,
) {
    match node {
        Node::Leaf(leaf) => {
            let end = to.map_or(leaf.len(), |to| node::position(leaf, to));
            search.items(&leaf[..end]);
        }
        Node::Inner(inner) => {
            let last = to.map_or(inner.count() - 1, |to| inner.child_before(to));
            let mut entered = 0u32;
            while let Some(at) = most_promising(inner, last, entered, search) {
                entered |= 1 << at;
                // Only the last child can hold items from `to` on.
                search_in(inner.child(at), to.filter(|_| at == last), search);
            }
        }
    }
}

/// Of the children up to `last` that were not entered.
fn most_promising<T: Item, const LEAF: usize>(
    inner: &Inner<T, LEAF>,
    last: usize,
    entered: u32,
    search: &impl Search<T>,
) -> Option<usize> {
    let mut most = None;
    for (at, bound) in inner.bounds_to(last).iter().enumerate() {
        if entered & (1 << at) == 0
            && let Some(promise) = search.promise(bound)
            && most.is_none_or(|(_, least)| promise < least)
        {
            most = Some((at, promise));
        }
    }
    most.map(|(at, _)| at)
}
