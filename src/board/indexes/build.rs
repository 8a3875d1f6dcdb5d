//! The trees over many rows at once.

use super::{
    ByCost, ByScore, ByValue, Counted, Indexes, Uncosted, by_cost, by_score, by_value, ends,
    uncosted,
};
use crate::board::Both;
use crate::board::field::Field;
use crate::board::offers::{Offer, offers};
use crate::board::row::Row;
use crate::board::tree::Tree;
use crate::model::{CostBasis, Curve};

/// Items on their way into the trees. They are taken from one row after the other, so that rows need not be kept.
#[derive(Default)]
struct Items {
    by_score: Vec<ByScore>,
    by_low: Vec<Counted>,
    by_high: Vec<Counted>,
    bases: [BasisItems; 3],
}

#[derive(Default)]
struct BasisItems {
    by_cost: Vec<ByCost>,
    by_value: Vec<ByValue>,
    offers: Vec<Offer>,
    uncosted: Vec<Uncosted>,
}

impl Indexes {
    /// See the module documentation. The rows come in two parts of about `rows_each` rows.
    pub(crate) fn build(
        parts: [impl Iterator<Item = Row> + Send; 2],
        rows_each: usize,
        (higher_is_better, curve): (bool, &Curve),
        both: Both<'_>,
    ) -> Self {
        let taken = |rows: &mut dyn Iterator<Item = Row>| {
            let mut items = Items::default();
            for row in rows {
                items.take(&row, rows_each, higher_is_better, curve);
            }
            items
        };
        let [mut first, mut second] = parts;
        let (mut items, mut more) = (Items::default(), Items::default());
        both(&mut || items = taken(&mut first), &mut || {
            more = taken(&mut second);
        });
        items.append(more);
        let mut indexes = Self::default();
        let Self {
            by_score,
            leader: _,
            by_low,
            by_high,
            bases,
        } = &mut indexes;
        // By cost in one half, all else of a basis in the other, which takes about as long.
        let mut by_cost = bases.each_mut().map(|_| Tree::default());
        let mut costs = items
            .bases
            .each_mut()
            .map(|basis| std::mem::take(&mut basis.by_cost));
        both(
            &mut || {
                *by_score = Tree::build(std::mem::take(&mut items.by_score));
                *by_low = Tree::build(std::mem::take(&mut items.by_low));
                *by_high = Tree::build(std::mem::take(&mut items.by_high));
                for (tree, costs) in by_cost.iter_mut().zip(&mut costs) {
                    *tree = Tree::build(std::mem::take(costs));
                }
            },
            &mut || {
                for (index, items) in bases.iter_mut().zip(&mut items.bases) {
                    index.by_value = Tree::build(std::mem::take(&mut items.by_value));
                    index.field = Field::of(items.offers.iter());
                    index.offers = Tree::build(std::mem::take(&mut items.offers));
                    index.uncosted = Tree::build(std::mem::take(&mut items.uncosted));
                }
            },
        );
        for (index, by_cost) in bases.iter_mut().zip(by_cost) {
            index.by_cost = by_cost;
        }
        indexes
    }
}

impl Items {
    fn append(&mut self, mut more: Self) {
        self.by_score.append(&mut more.by_score);
        self.by_low.append(&mut more.by_low);
        self.by_high.append(&mut more.by_high);
        for (basis, more) in self.bases.iter_mut().zip(&mut more.bases) {
            basis.by_cost.append(&mut more.by_cost);
            basis.by_value.append(&mut more.by_value);
            basis.offers.append(&mut more.offers);
            basis.uncosted.append(&mut more.uncosted);
        }
    }

    /// Takes one of about `rows` rows.
    fn take(&mut self, row: &Row, rows: usize, higher_is_better: bool, curve: &Curve) {
        let (low, high) = ends(row, higher_is_better);
        put(&mut self.by_score, rows, [by_score(row, higher_is_better)]);
        put(&mut self.by_low, rows, [low]);
        put(&mut self.by_high, rows, [high]);
        for basis in CostBasis::ALL {
            let items = &mut self.bases[basis.index()];
            put(&mut items.by_cost, rows, by_cost(row, basis));
            put(&mut items.by_value, rows, by_value(row, basis));
            put(&mut items.offers, rows, offers(row, basis, curve));
            put(&mut items.uncosted, rows, uncosted(row, basis));
        }
    }
}

/// Adds items where there are about `rows`. Of a large board, all of them get a stretch of memory of their own, which
/// goes back to the system as a whole; what grows step by step would leave holes among the trees.
fn put<T>(items: &mut Vec<T>, rows: usize, more: impl IntoIterator<Item = T>) {
    for item in more {
        if items.capacity() == 0 {
            items.reserve_exact(rows);
        }
        items.push(item);
    }
}
