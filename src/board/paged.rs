//! Items by number, in order: compact where numbers are dense, and cheap to clone, since clones share what neither has
//! changed.
//!
//! Numbers fall into pages of 64. A page holds a bit for each number and exactly the items there are, so that a
//! million items cost little more than themselves.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Numbers of a page: as many as a word has bits.
const PAGE: u64 = 64;
/// Items that a page makes room for at once; divides [`PAGE`], so that a full page has no room to spare.
const STEP: usize = 8;

/// See the module documentation.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    /// In order of their numbers; none is empty.
    pages: Vec<Page<T>>,
    len: usize,
}

#[derive(Clone, Debug)]
struct Page<T> {
    number: u64,
    /// Which of its numbers have an item, the least in the lowest bit.
    held: u64,
    items: Arc<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Page<T> {
    /// Where the item of a number stands, or would.
    fn position(&self, bit: u64) -> usize {
        (self.held & (bit - 1)).count_ones() as usize
    }

    /// The numbers that have an item, in order.
    fn numbers(&self) -> impl Iterator<Item = u64> + use<T> {
        let (first, mut held) = (self.number * PAGE, self.held);
        std::iter::from_fn(move || {
            let lowest = held.trailing_zeros();
            // Clears the lowest bit; none is left at zero.
            held &= held.checked_sub(1)?;
            Some(first + u64::from(lowest))
        })
    }
}

fn bit(number: u64) -> u64 {
    1 << (number % PAGE)
}

impl<T> Paged<T> {
    /// Number of items.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, number: u64) -> Option<&T> {
        let page = &self.pages[self.find(number / PAGE).ok()?];
        let bit = bit(number);
        let held = page.held & bit != 0;
        held.then(|| &page.items[page.position(bit)])
    }

    /// All items in order of their numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.range(0)
    }

    /// The items from a number on, in order.
    pub(crate) fn range(&self, from: u64) -> impl Iterator<Item = (u64, &T)> {
        let (Ok(first) | Err(first)) = self.find(from / PAGE);
        let pages = self.pages[first..].iter();
        let items = pages.flat_map(|page| page.numbers().zip(page.items.iter()));
        items.skip_while(move |(number, _)| *number < from)
    }

    /// Whether the numbers are those from 0 on, none missing.
    pub(crate) fn is_dense(&self) -> bool {
        let highest = self.pages.last().map(|page| {
            let above = u64::from(page.held.leading_zeros());
            page.number * PAGE + (PAGE - 1 - above)
        });
        highest.map_or(0, |highest| highest + 1) == self.len as u64
    }

    /// A number with about as many items before it as from it on.
    pub(crate) fn middle(&self) -> u64 {
        let page = self.pages.get(self.pages.len() / 2);
        page.map_or(0, |page| page.number * PAGE)
    }

    /// Position of a page, or where it would be.
    fn find(&self, number: u64) -> Result<usize, usize> {
        // Where no page is missing, each stands at its own number.
        let at = number as usize;
        if self.pages.get(at).is_some_and(|page| page.number == number) {
            return Ok(at);
        }
        match self.pages.last() {
            Some(last) if last.number >= number => {
                self.pages.binary_search_by_key(&number, |page| page.number)
            }
            _ => Err(self.pages.len()),
        }
    }
}

impl<T: Clone> Paged<T> {
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let at = self.find(number / PAGE).ok()?;
        let page = &mut self.pages[at];
        let bit = bit(number);
        let position = page.position(bit);
        let held = page.held & bit != 0;
        held.then(|| &mut Arc::make_mut(&mut page.items)[position])
    }

    /// Sets the item of a number.
    pub(crate) fn insert(&mut self, number: u64, item: T) {
        if let Some(old) = self.get_mut(number) {
            *old = item;
            return;
        }
        let at = self.find(number / PAGE).unwrap_or_else(|at| {
            let page = Page {
                number: number / PAGE,
                held: 0,
                items: Arc::default(),
            };
            self.pages.insert(at, page);
            at
        });
        let page = &mut self.pages[at];
        let bit = bit(number);
        let position = page.position(bit);
        let items = Arc::make_mut(&mut page.items);
        if items.len() == items.capacity() {
            items.reserve_exact(STEP);
        }
        items.insert(position, item);
        page.held |= bit;
        self.len += 1;
    }
}

impl<T: Clone> FromIterator<(u64, T)> for Paged<T> {
    fn from_iter<I: IntoIterator<Item = (u64, T)>>(items: I) -> Self {
        let mut paged = Self::default();
        for (number, item) in items {
            paged.insert(number, item);
        }
        paged
    }
}

impl<T: Serialize> Serialize for Paged<T> {
    /// Each item after its distance from the one before.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(Some(self.len))?;
        let mut next = 0;
        for (number, item) in self.iter() {
            sequence.serialize_element(&(number - next, item))?;
            next = number + 1;
        }
        sequence.end()
    }
}

impl<'de, T: Clone + Deserialize<'de>> Deserialize<'de> for Paged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Clone + Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Paged<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("items after their distances")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Paged<T>, A::Error> {
                let mut paged = Paged::default();
                let mut next = 0_u64;
                while let Some((distance, item)) = items.next_element::<(u64, T)>()? {
                    let number = next.checked_add(distance).filter(|n| *n < u64::MAX);
                    let number = number.ok_or_else(|| A::Error::custom("a number too great"))?;
                    paged.insert(number, item);
                    next = number + 1;
                }
                Ok(paged)
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn items(paged: &Paged<u32>) -> Vec<(u64, u32)> {
        paged.iter().map(|(number, item)| (number, *item)).collect()
    }

    proptest! {
        #[test]
        fn it_holds_what_a_map_holds(
            steps in prop::collection::vec((0_u64..700, any::<u32>()), 0..300),
            far in prop::collection::vec((any::<u64>(), any::<u32>()), 0..20),
            from in 0_u64..800,
        ) {
            let mut map = BTreeMap::new();
            let mut paged = Paged::default();
            for (number, item) in steps.into_iter().chain(far) {
                let number = number.min(u64::MAX - 1);
                map.insert(number, item);
                paged.insert(number, item);
                prop_assert_eq!(paged.len(), map.len());
            }
            let expected: Vec<(u64, u32)> = map.iter().map(|(n, i)| (*n, *i)).collect();
            prop_assert_eq!(items(&paged), expected);
            let dense = (0..map.len() as u64).all(|number| map.contains_key(&number));
            prop_assert_eq!(paged.is_dense(), dense);
            let rest: Vec<u64> = paged.range(from).map(|(number, _)| number).collect();
            prop_assert_eq!(rest, map.range(from..).map(|(n, _)| *n).collect::<Vec<_>>());
            for number in 0..800 {
                prop_assert_eq!(paged.get(number), map.get(&number));
                prop_assert_eq!(paged.get_mut(number).is_some(), map.contains_key(&number));
            }
            let bytes = postcard::to_stdvec(&paged).expect("bytes");
            let again: Paged<u32> = postcard::from_bytes(&bytes).expect("items");
            prop_assert_eq!(items(&again), items(&paged));
            prop_assert_eq!(again.len(), paged.len());
        }
    }

    #[test]
    fn a_clone_keeps_what_it_had() {
        let mut paged: Paged<u32> = (0..200).map(|number| (number, 0)).collect();
        let clone = paged.clone();
        *paged.get_mut(7).expect("an item") = 1;
        paged.insert(300, 1);
        assert_eq!(clone.get(7), Some(&0));
        assert_eq!((clone.get(300), clone.len()), (None, 200));
        let shared = |page: usize| Arc::ptr_eq(&clone.pages[page].items, &paged.pages[page].items);
        assert!(!shared(0));
        assert!(shared(1) && shared(2) && shared(3));
    }

    #[test]
    fn a_full_page_has_no_room_to_spare() {
        let paged: Paged<u32> = (0..128).rev().map(|number| (number, 0)).collect();
        assert!(paged.is_dense());
        let room = paged.pages.iter().map(|page| page.items.capacity());
        assert_eq!(room.collect::<Vec<_>>(), [64, 64]);
    }
}
