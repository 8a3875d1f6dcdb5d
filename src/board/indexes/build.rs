//! The trees over many rows at once.

use super::{
    BasisIndex, ByCost, ByScore, ByValue, Counted, Indexes, Uncosted, by_cost, by_score, by_value,
    ends, uncosted,
};
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
    /// See the module documentation.
    pub(crate) fn build(
        rows: impl Iterator<Item = Row>,
        higher_is_better: bool,
        curve: &Curve,
    ) -> Self {
        let mut items = Items::default();
        for row in rows {
            items.take(&row, higher_is_better, curve);
        }
        let Items {
            by_score,
            by_low,
            by_high,
            bases,
        } = items;
        Self {
            by_score: Tree::build(by_score),
            by_low: Tree::build(by_low),
            by_high: Tree::build(by_high),
            bases: bases.map(|items| BasisIndex {
                by_cost: Tree::build(items.by_cost),
                by_value: Tree::build(items.by_value),
                field: Field::of(items.offers.iter()),
                offers: Tree::build(items.offers),
                uncosted: Tree::build(items.uncosted),
            }),
        }
    }
}

impl Items {
    fn take(&mut self, row: &Row, higher_is_better: bool, curve: &Curve) {
        let (low, high) = ends(row, higher_is_better);
        self.by_score.push(by_score(row, higher_is_better));
        self.by_low.push(low);
        self.by_high.push(high);
        for basis in CostBasis::ALL {
            let items = &mut self.bases[basis.index()];
            items.by_cost.extend(by_cost(row, basis));
            items.by_value.extend(by_value(row, basis));
            items.offers.extend(offers(row, basis, curve));
            items.uncosted.extend(uncosted(row, basis));
        }
    }
}
