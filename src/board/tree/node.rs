//! Nodes: descent, and how entries move between siblings so that nodes stay well filled.
//!
//! A full node first gives to a sibling; two full siblings become three. A node that has become thin gives to both
//! siblings, or merges with one, or takes from one. Sums follow the entries that moved; nothing is added up anew.

use arrayvec::ArrayVec;

use super::{Bound, Item, Sum, Summary};

/// Children of an inner node at most: as many as a set of them has bits.
const FANOUT: usize = u32::BITS as usize;

/// Entries that must be free, of a capacity, for a sibling to take some or for two nodes to become one: at least two,
/// for of one free place a full node gets none.
const fn slack(capacity: usize) -> usize {
    if capacity < 32 { 2 } else { capacity / 16 }
}

/// Entries below which a node is thin.
const fn least(capacity: usize) -> usize {
    capacity * 9 / 16
}

pub(super) type Leaf<T, const LEAF: usize> = ArrayVec<T, LEAF>;

#[derive(Clone, Debug)]
pub(super) enum Node<T: Item, const LEAF: usize> {
    Leaf(Box<Leaf<T, LEAF>>),
    Inner(Box<Inner<T, LEAF>>),
}

/// Entry i of each array is about child i. All children are of one level.
#[derive(Clone, Debug)]
pub(super) struct Inner<T: Item, const LEAF: usize> {
    /// The least key.
    firsts: ArrayVec<T::Key, FANOUT>,
    /// Number of items.
    lens: ArrayVec<u32, FANOUT>,
    bounds: ArrayVec<T::Bound, FANOUT>,
    nodes: ArrayVec<Node<T, LEAF>, FANOUT>,
    sums: ArrayVec<T::Sum, FANOUT>,
}

/// Which way entries move between neighbours.
#[derive(Clone, Copy)]
enum Way {
    Left,
    Right,
}

impl<T: Item, const LEAF: usize> Default for Node<T, LEAF> {
    fn default() -> Self {
        Self::Leaf(Box::default())
    }
}

impl<T: Item, const LEAF: usize> Default for Inner<T, LEAF> {
    fn default() -> Self {
        Self {
            firsts: ArrayVec::new(),
            lens: ArrayVec::new(),
            bounds: ArrayVec::new(),
            nodes: ArrayVec::new(),
            sums: ArrayVec::new(),
        }
    }
}

/// Index of the first item that is not less than a key.
pub(super) fn position<T: Item>(items: &[T], key: &T::Key) -> usize {
    items.partition_point(|item| item.key() < *key)
}

/// The leaf is not full.
pub(super) fn insert_in_leaf<T: Item, const LEAF: usize>(leaf: &mut Leaf<T, LEAF>, item: T) {
    leaf.insert(position(leaf, &item.key()), item);
}

pub(super) fn remove_from_leaf<T: Item, const LEAF: usize>(
    leaf: &mut Leaf<T, LEAF>,
    key: &T::Key,
) -> Option<T> {
    let at = position(leaf, key);
    leaf.get(at)
        .is_some_and(|item| item.key() == *key)
        .then(|| leaf.remove(at))
}

impl<T: Item, const LEAF: usize> Node<T, LEAF> {
    /// The root over sorted items, all nodes of a level filled alike.
    pub(super) fn of_sorted(items: &[T]) -> Self {
        let mut level: Vec<Self> = even_parts(items.len(), LEAF)
            .map(|part| Self::Leaf(Box::new(items[part].iter().copied().collect())))
            .collect();
        while level.len() > 1 {
            let parts = even_parts(level.len(), FANOUT);
            let mut nodes = level.into_iter();
            level = parts
                .map(|part| {
                    let mut inner = Inner::default();
                    nodes
                        .by_ref()
                        .take(part.len())
                        .for_each(|node| inner.push(node));
                    Self::Inner(Box::new(inner))
                })
                .collect();
        }
        level.pop().unwrap_or_default()
    }

    fn count(&self) -> usize {
        match self {
            Self::Leaf(leaf) => leaf.len(),
            Self::Inner(inner) => inner.count(),
        }
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Leaf(_) => LEAF,
            Self::Inner(_) => FANOUT,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.count() == self.capacity()
    }

    fn first(&self) -> Option<T::Key> {
        match self {
            Self::Leaf(leaf) => leaf.first().map(Item::key),
            Self::Inner(inner) => inner.firsts.first().copied(),
        }
    }

    fn len(&self) -> u32 {
        match self {
            Self::Leaf(leaf) => leaf.len() as u32,
            Self::Inner(inner) => inner.lens.iter().sum(),
        }
    }

    pub(super) fn sum(&self) -> T::Sum {
        let mut sum = T::Sum::default();
        match self {
            Self::Leaf(leaf) => leaf.iter().for_each(|item| sum.add(&item.sum())),
            Self::Inner(inner) => inner.sums.iter().for_each(|child| sum.add(child)),
        }
        sum
    }

    pub(super) fn bound(&self) -> T::Bound {
        let mut bound = T::Bound::default();
        match self {
            Self::Leaf(leaf) => leaf.iter().for_each(|item| bound.join(&item.bound())),
            Self::Inner(inner) => inner.bounds.iter().for_each(|child| bound.join(child)),
        }
        bound
    }

    /// An empty node of the same level.
    fn empty_sibling(&self) -> Self {
        match self {
            Self::Leaf(_) => Self::default(),
            Self::Inner(_) => Self::Inner(Box::default()),
        }
    }

    /// Takes out some entries at one end, as a node.
    fn take(&mut self, count: usize, end: Way) -> Self {
        match self {
            Self::Leaf(leaf) => Self::Leaf(Box::new(take(leaf, count, end))),
            Self::Inner(inner) => Self::Inner(Box::new(Inner {
                firsts: take(&mut inner.firsts, count, end),
                lens: take(&mut inner.lens, count, end),
                bounds: take(&mut inner.bounds, count, end),
                nodes: take(&mut inner.nodes, count, end),
                sums: take(&mut inner.sums, count, end),
            })),
        }
    }

    /// Puts entries of a node of the same level at one end.
    fn put(&mut self, entries: Self, end: Way) {
        match (self, entries) {
            (Self::Leaf(leaf), Self::Leaf(more)) => put(leaf, *more, end),
            (Self::Inner(inner), Self::Inner(more)) => {
                put(&mut inner.firsts, more.firsts, end);
                put(&mut inner.lens, more.lens, end);
                put(&mut inner.bounds, more.bounds, end);
                put(&mut inner.nodes, more.nodes, end);
                put(&mut inner.sums, more.sums, end);
            }
            _ => unreachable!("siblings of different levels"),
        }
    }
}

fn take<E, const N: usize>(from: &mut ArrayVec<E, N>, count: usize, end: Way) -> ArrayVec<E, N> {
    match end {
        Way::Left => from.drain(..count).collect(),
        Way::Right => from.drain(from.len() - count..).collect(),
    }
}

fn put<E, const N: usize>(to: &mut ArrayVec<E, N>, mut more: ArrayVec<E, N>, end: Way) {
    match end {
        Way::Left => {
            more.extend(to.drain(..));
            *to = more;
        }
        Way::Right => to.extend(more),
    }
}

/// Ranges of nearly equal length that cover `0..len`, each at most nine tenths of a capacity.
fn even_parts(
    len: usize,
    capacity: usize,
) -> impl ExactSizeIterator<Item = std::ops::Range<usize>> {
    let parts = len.div_ceil(capacity * 9 / 10);
    (0..parts).map(move |part| len * part / parts..len * (part + 1) / parts)
}

impl<T: Item, const LEAF: usize> Inner<T, LEAF> {
    pub(super) fn count(&self) -> usize {
        self.nodes.len()
    }

    pub(super) fn child(&self, at: usize) -> &Node<T, LEAF> {
        &self.nodes[at]
    }

    /// First key and bound of a child.
    pub(super) fn outline(&self, at: usize) -> (&T::Key, &T::Bound) {
        (&self.firsts[at], &self.bounds[at])
    }

    pub(super) fn bounds_to(&self, last: usize) -> &[T::Bound] {
        &self.bounds[..=last]
    }

    /// The first child that can hold items not less than a key.
    pub(super) fn child_before(&self, key: &T::Key) -> usize {
        self.firsts[1..].partition_point(|first| *first < *key)
    }

    /// The child that a key belongs to.
    fn child_of(&self, key: &T::Key) -> usize {
        self.firsts[1..].partition_point(|first| *first <= *key)
    }

    /// Number of items of the children before one.
    pub(super) fn len_of(&self, before: usize) -> usize {
        self.lens[..before].iter().sum::<u32>() as usize
    }

    /// Takes the children before one into a summary.
    pub(super) fn summarise(&self, before: usize, summary: &mut Summary<T::Bound, T::Sum>) {
        for bound in &self.bounds[..before] {
            summary.bound.join(bound);
        }
        for sum in &self.sums[..before] {
            summary.sum.add(sum);
        }
    }

    /// Puts a child behind the others; it is not empty.
    pub(super) fn push(&mut self, node: Node<T, LEAF>) {
        self.firsts.extend(node.first());
        self.lens.push(node.len());
        self.bounds.push(node.bound());
        self.sums.push(node.sum());
        self.nodes.push(node);
    }

    /// The only child, where there is but one.
    pub(super) fn take_only(&mut self) -> Option<Node<T, LEAF>> {
        (self.count() == 1).then(|| self.nodes.pop()).flatten()
    }

    /// Inserts below this node, which is not full.
    pub(super) fn insert(&mut self, item: T) {
        let (key, sum, bound) = (item.key(), item.sum(), item.bound());
        let mut inner = self;
        loop {
            let mut at = inner.child_of(&key);
            if inner.nodes[at].is_full() {
                inner.make_room(at);
                at = inner.child_of(&key);
            }
            inner.firsts[at] = inner.firsts[at].min(key);
            inner.lens[at] += 1;
            inner.bounds[at].join(&bound);
            inner.sums[at].add(&sum);
            match &mut inner.nodes[at] {
                Node::Leaf(leaf) => return insert_in_leaf(leaf, item),
                Node::Inner(next) => inner = next,
            }
        }
    }

    /// Removes one item with a key; answers it with what it added.
    pub(super) fn remove(&mut self, key: &T::Key) -> Option<(T, T::Sum)> {
        let at = self.child_of(key);
        let node = &mut self.nodes[at];
        let (item, sum) = match node {
            Node::Leaf(leaf) => {
                let item = remove_from_leaf(leaf, key)?;
                (item, item.sum())
            }
            Node::Inner(inner) => inner.remove(key)?,
        };
        self.lens[at] -= 1;
        self.sums[at].subtract(&sum);
        if self.bounds[at].rests_on(&item.bound()) {
            self.bounds[at] = node.bound();
        }
        if self.firsts[at] == *key
            && let Some(first) = node.first()
        {
            self.firsts[at] = first;
        }
        if node.count() < least(node.capacity()) {
            self.thin_out(at);
        }
        Some((item, sum))
    }

    /// Makes room in a full child; this node is not full itself.
    pub(super) fn make_room(&mut self, at: usize) {
        let capacity = self.nodes[at].capacity();
        match self.emptier_sibling(at) {
            None => {
                self.insert_empty(at + 1);
                self.shift(at, Way::Right, capacity / 2);
            }
            Some(sibling) => {
                let left = at.min(sibling);
                if self.nodes[sibling].count() + slack(capacity) <= capacity {
                    return self.level(left);
                }
                let thirds = [left, left + 1].map(|at| self.nodes[at].count() / 3);
                self.insert_empty(left + 1);
                self.shift(left, Way::Right, thirds[0]);
                self.shift(left + 1, Way::Left, thirds[1]);
            }
        }
    }

    /// Does away with a thin child where its siblings have room, else takes from one.
    fn thin_out(&mut self, at: usize) {
        let Some(emptier) = self.emptier_sibling(at) else {
            return;
        };
        let capacity = self.nodes[at].capacity();
        let count = self.nodes[at].count();
        let left = at.min(emptier);
        if self.nodes[emptier].count() + count + slack(capacity) <= capacity {
            let way = if emptier < at { Way::Left } else { Way::Right };
            self.shift(left, way, count);
            return self.remove_empty(at);
        }
        if at > 0 && at + 1 < self.count() {
            let before = self.nodes[at - 1].count();
            let together = before + count + self.nodes[at + 1].count();
            if together + slack(capacity) <= 2 * capacity {
                let to_left = (together / 2).saturating_sub(before).min(count);
                self.shift(at - 1, Way::Left, to_left);
                self.shift(at, Way::Right, count - to_left);
                return self.remove_empty(at);
            }
            // The fuller of the two.
            return self.level(if left == at { at - 1 } else { at });
        }
        self.level(left);
    }

    fn emptier_sibling(&self, at: usize) -> Option<usize> {
        let siblings = [
            at.checked_sub(1),
            Some(at + 1).filter(|at| *at < self.count()),
        ];
        siblings
            .into_iter()
            .flatten()
            .min_by_key(|at| self.nodes[*at].count())
    }

    /// Makes two neighbours equally full.
    fn level(&mut self, left: usize) {
        let [a, b] = [left, left + 1].map(|at| self.nodes[at].count());
        let way = if a > b { Way::Right } else { Way::Left };
        self.shift(left, way, a.abs_diff(b) / 2);
    }

    /// Moves entries between child `left` and the one after it.
    fn shift(&mut self, left: usize, way: Way, count: usize) {
        if count == 0 {
            return;
        }
        let right = left + 1;
        let (from, to, end) = match way {
            Way::Left => (right, left, Way::Right),
            Way::Right => (left, right, Way::Left),
        };
        let moved = self.nodes[from].take(count, way);
        let (len, sum) = (moved.len(), moved.sum());
        self.lens[from] -= len;
        self.lens[to] += len;
        self.sums[from].subtract(&sum);
        self.sums[to].add(&sum);
        self.bounds[to].join(&moved.bound());
        self.nodes[to].put(moved, end);
        self.bounds[from] = self.nodes[from].bound();
        if let Some(first) = self.nodes[right].first() {
            self.firsts[right] = first;
        }
        if let Some(first) = self.nodes[left].first() {
            self.firsts[left] = first;
        }
    }

    /// Inserts an empty child, to be filled at once: its first key is not one.
    fn insert_empty(&mut self, at: usize) {
        self.firsts.insert(at, self.firsts[at - 1]);
        self.lens.insert(at, 0);
        self.bounds.insert(at, T::Bound::default());
        self.sums.insert(at, T::Sum::default());
        self.nodes.insert(at, self.nodes[at - 1].empty_sibling());
    }

    fn remove_empty(&mut self, at: usize) {
        self.firsts.remove(at);
        self.lens.remove(at);
        self.bounds.remove(at);
        self.sums.remove(at);
        self.nodes.remove(at);
    }
}

#[cfg(test)]
impl<T: Item, const LEAF: usize> Node<T, LEAF>
where
    T::Bound: PartialEq,
    T::Sum: PartialEq,
{
    /// Panics where a node knows something wrong of a child, or one that is not the root is nearly empty. Answers the
    /// number of leaves.
    pub(super) fn check(&self) -> usize {
        let Self::Inner(inner) = self else {
            return 1;
        };
        let mut leaves = 0;
        assert!(inner.count() > 1);
        for (at, node) in inner.nodes.iter().enumerate() {
            assert_eq!(Some(inner.firsts[at]), node.first());
            assert_eq!(inner.lens[at], node.len());
            assert_eq!(inner.bounds[at], node.bound());
            assert_eq!(inner.sums[at], node.sum());
            assert!(
                node.count() >= node.capacity() / 3,
                "{} of {}",
                node.count(),
                node.capacity()
            );
            leaves += node.check();
        }
        leaves
    }
}
