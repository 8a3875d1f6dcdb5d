//! The field of current offers of a small board, in order of trend-adjusted cost: counts and the median of those that
//! reach a score before a date.
//!
//! Kept in arrays, one a kind, for both answers are a pass over all of them: two comparisons each, and nothing else.

use crate::limits::MEDIAN_STANDINGS_MAX;
use crate::model::Date;

use super::offers::Offer;

/// Offers beyond which the arrays are given up. Twice what is asked for, so that a board at the limit does not build
/// them again and again.
const KEPT_MAX: usize = 2 * MEDIAN_STANDINGS_MAX;
/// Offers that are counted together.
const BLOCK: usize = 64;
const BLOCKS: usize = KEPT_MAX / BLOCK;

/// Entry i of each array is about offer i.
#[derive(Clone, Debug, Default)]
pub(crate) struct Field {
    /// Rises.
    adjusted: Vec<f64>,
    good: Vec<f64>,
    /// Days, as numbers of the width of the others: what is compared together is compared at once.
    days: Vec<f64>,
    /// Number of current offers, kept or not.
    len: usize,
}

impl Field {
    /// The field of some offers in any order.
    pub(crate) fn of<'a>(offers: impl Iterator<Item = &'a Offer>) -> Self {
        let mut current: Vec<&Offer> = Vec::new();
        let mut len = 0;
        for offer in offers.filter(|offer| offer.current) {
            len += 1;
            if len <= KEPT_MAX {
                current.push(offer);
            }
        }
        if len > KEPT_MAX {
            current.clear();
        }
        current.sort_unstable_by(|a, b| a.adjusted.total_cmp(&b.adjusted));
        Self {
            adjusted: current.iter().map(|offer| offer.adjusted).collect(),
            good: current.iter().map(|offer| offer.good()).collect(),
            days: current.iter().map(|offer| days(offer.date())).collect(),
            len,
        }
    }

    /// Whether every current offer is in the arrays.
    fn is_kept(&self) -> bool {
        self.adjusted.len() == self.len
    }

    /// Whether the arrays are missing on a board that is small again.
    pub(crate) fn is_due(&self) -> bool {
        !self.is_kept() && self.len <= MEDIAN_STANDINGS_MAX
    }

    /// Takes an offer in.
    pub(crate) fn insert(&mut self, offer: &Offer) {
        if !offer.current {
            return;
        }
        if self.is_kept() && self.len < KEPT_MAX {
            let at = self
                .adjusted
                .partition_point(|other| *other < offer.adjusted);
            self.adjusted.insert(at, offer.adjusted);
            self.good.insert(at, offer.good());
            self.days.insert(at, days(offer.date()));
            self.len += 1;
        } else {
            *self = Self {
                len: self.len + 1,
                ..Self::default()
            };
        }
    }

    /// Takes out an offer that was taken in.
    pub(crate) fn remove(&mut self, offer: &Offer) {
        if !offer.current {
            return;
        }
        if self.is_kept() {
            let first = self
                .adjusted
                .partition_point(|other| *other < offer.adjusted);
            // Offers that are equal in all three are as good as one another.
            let same =
                |at: &usize| self.good[*at] == offer.good() && self.days[*at] == days(offer.date());
            if let Some(at) = (first..self.adjusted.len()).find(same) {
                self.adjusted.remove(at);
                self.good.remove(at);
                self.days.remove(at);
            }
        }
        self.len -= 1;
    }

    /// How many are at least this good and strictly before a date, and the two in the middle of them by adjusted cost:
    /// of an odd number the same one twice.
    pub(crate) fn middle(&self, good: f64, before: Date) -> (usize, Option<(f64, f64)>) {
        let day = days(before);
        let mut counts = [0; BLOCKS];
        let blocks = self.good.chunks(BLOCK).zip(self.days.chunks(BLOCK));
        for (count, (goods, days)) in counts.iter_mut().zip(blocks) {
            *count = matches(goods, days, good, day).map(usize::from).sum();
        }
        let count = counts.iter().sum();
        if count == 0 {
            return (0, None);
        }
        let upper = self.nth(count / 2, &counts, good, day);
        let lower = if count % 2 == 1 {
            upper
        } else {
            self.nth(count / 2 - 1, &counts, good, day)
        };
        (count, lower.zip(upper))
    }

    /// Adjusted cost of the n-th that matches, from 0.
    fn nth(&self, mut n: usize, counts: &[usize], good: f64, day: f64) -> Option<f64> {
        let block = counts.iter().position(|count| {
            let here = n < *count;
            if !here {
                n -= count;
            }
            here
        })?;
        let first = block * BLOCK;
        let matching = matches(&self.good[first..], &self.days[first..], good, day);
        let at = matching
            .enumerate()
            .filter(|(_, matches)| *matches)
            .nth(n)?
            .0;
        Some(self.adjusted[first + at])
    }
}

fn matches(goods: &[f64], days: &[f64], good: f64, day: f64) -> impl Iterator<Item = bool> {
    goods
        .iter()
        .zip(days)
        .map(move |(other, date)| *other >= good && *date < day)
}

fn days(date: Date) -> f64 {
    f64::from(date.days())
}

#[cfg(test)]
mod tests;
