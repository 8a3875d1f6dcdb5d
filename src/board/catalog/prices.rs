//! The prices of one model.

use serde::{Deserialize, Serialize};

use crate::model::{Date, ModelId, Price, ProviderId, Revision};

/// A price with its state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceRecord {
    /// The price.
    pub price: Price,
    /// Revision of the newest statement for its provider and date.
    pub revision: Revision,
    /// The effective date lies ahead; an entry of the log brings it into force.
    pub pending: bool,
}

/// Prices in order of provider and date, one for each. Most models have few, so they stand in a list without room to
/// spare.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prices(Vec<PriceRecord>);

impl Prices {
    pub(super) const NONE: &Self = &Self(Vec::new());

    /// Number of prices, withdrawn ones included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without prices.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All prices in order of provider and date.
    pub fn iter(&self) -> impl Iterator<Item = &PriceRecord> {
        self.0.iter()
    }

    /// The price of a provider from a date on.
    pub fn get(&self, provider: &ProviderId, effective: Date) -> Option<&PriceRecord> {
        let at = self.find(provider, effective).ok()?;
        Some(&self.0[at])
    }

    /// The prices of a provider up to a date, oldest first; none = all.
    pub(crate) fn at(&self, provider: &ProviderId, until: Option<Date>) -> &[PriceRecord] {
        let first = self.0.partition_point(|r| r.price.provider < *provider);
        let own = &self.0[first..];
        let own = &own[..own.partition_point(|r| r.price.provider == *provider)];
        let Some(until) = until else {
            return own;
        };
        &own[..own.partition_point(|r| r.price.effective <= until)]
    }

    pub(super) fn get_mut(
        &mut self,
        provider: &ProviderId,
        effective: Date,
    ) -> Option<&mut PriceRecord> {
        let at = self.find(provider, effective).ok()?;
        Some(&mut self.0[at])
    }

    /// Sets the price of a provider and date.
    pub(super) fn insert(&mut self, mut record: PriceRecord) {
        let Price {
            provider,
            effective,
            ..
        } = &record.price;
        match self.find(provider, *effective) {
            Ok(at) => self.0[at] = record,
            Err(at) => {
                // One text for all prices of a provider.
                if let [known, ..] = self.at(provider, None) {
                    record.price.provider = known.price.provider.clone();
                }
                if self.0.len() == self.0.capacity() {
                    self.0.reserve_exact(1 + self.0.len() / 4);
                }
                self.0.insert(at, record);
            }
        }
    }

    /// After loading: one text for all who name the model, and for each provider.
    pub(super) fn share_texts(&mut self, model: &ModelId) {
        let mut last: Option<ProviderId> = None;
        for record in &mut self.0 {
            record.price.model = model.clone();
            match &last {
                Some(last) if *last == record.price.provider => {
                    record.price.provider = last.clone();
                }
                _ => last = Some(record.price.provider.clone()),
            }
        }
    }

    fn find(&self, provider: &ProviderId, effective: Date) -> Result<usize, usize> {
        let key = |record: &PriceRecord| {
            let Price {
                provider: other,
                effective: day,
                ..
            } = &record.price;
            other.cmp(provider).then(day.cmp(&effective))
        };
        self.0.binary_search_by(key)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn record(provider: &ProviderId, day: i32, revision: Revision) -> PriceRecord {
        let price = Price {
            model: ModelId::parse("maker/model", "id").expect("an id"),
            provider: provider.clone(),
            effective: Date::from_days(day),
            input: None,
            cache_read: None,
            cache_write: None,
            output: None,
            source_url: "".into(),
            withdrawn: false,
        };
        PriceRecord {
            price,
            revision,
            pending: false,
        }
    }

    proptest! {
        #[test]
        fn they_are_those_that_a_map_holds(
            puts in prop::collection::vec((0usize..3, 0i32..9), 0..60),
            until in prop::option::of(-1i32..10),
        ) {
            let providers = ["a", "b", "bb"].map(|p| ProviderId::parse(p, "provider").expect("a provider"));
            let (mut prices, mut map) = (Prices::default(), BTreeMap::new());
            for ((provider, day), revision) in puts.into_iter().zip(1..) {
                prices.insert(record(&providers[provider], day, revision));
                map.insert((provider, day), revision);
            }
            let revisions: Vec<Revision> = prices.iter().map(|record| record.revision).collect();
            prop_assert_eq!(revisions, map.values().copied().collect::<Vec<_>>());
            for (at, provider) in providers.iter().enumerate() {
                let own = prices.at(provider, until.map(Date::from_days));
                let own: Vec<Revision> = own.iter().map(|record| record.revision).collect();
                let expected = map.range((at, i32::MIN)..=(at, until.unwrap_or(i32::MAX)));
                prop_assert_eq!(own, expected.map(|(_, revision)| *revision).collect::<Vec<_>>());
                for day in 0..9 {
                    let found = prices.get(provider, Date::from_days(day));
                    prop_assert_eq!(found.map(|record| record.revision), map.get(&(at, day)).copied());
                }
            }
        }
    }
}
