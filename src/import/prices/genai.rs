//! Prices of genai-prices: YAML, one file a provider, USD per million tokens.
//!
//! A row is one price of one model. Of tiers by context the base is taken. Of prices by the time of the day the one that
//! holds for the most hours is the standard one; the others are skipped (`OFF_HOURS`). A `start_date` is the first day of
//! its price; a price without one, that later ones have replaced already on the day it would count from, is skipped
//! (`SUPERSEDED`).

use serde_json::Value;

use super::provider;
use crate::import::json::Look;
use crate::import::{Found, Options, Priced, Row, Sink, Unreadable, yaml};
use crate::limits::URL_BYTES_MAX;
use crate::proto::v1::Price;

const MINUTES_PER_DAY: i64 = 24 * 60;

/// Reads the prices of a provider.
///
/// # Errors
/// [`Unreadable`] when the bytes are not YAML, or not a provider with models.
pub fn read(bytes: &[u8], options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let document = yaml::document(bytes)?;
    let models = document.at(&["models"]).and_then(Value::as_array);
    let (Some(id), Some(models)) = (document.text(&["id"]), models) else {
        return Err(Unreadable::format(
            "prices-genai: expected a YAML mapping with `id` and `models`",
        ));
    };
    let source = document
        .at(&["pricing_urls"])
        .and_then(Value::as_array)
        .and_then(|urls| urls.first()?.as_str());
    let source = source
        .filter(|url| url.len() <= URL_BYTES_MAX)
        .unwrap_or_default();
    for model in models {
        let name = model.text(&["id"]).unwrap_or_default();
        let terms = Terms {
            provider: provider(id),
            source,
            name,
            model,
            options,
        };
        for (index, found) in terms.prices().into_iter().enumerate() {
            if !out(Row {
                at: format!("models.{name} prices[{index}]"),
                found,
            }) {
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Terms<'a> {
    provider: String,
    source: &'a str,
    name: &'a str,
    model: &'a Value,
    options: &'a Options,
}

/// Minutes of the day that a price by time holds for.
fn minutes(constraint: &Value) -> Option<i64> {
    let minute = |key: &str| {
        let text = constraint.text(&[key])?;
        let mut parts = text.split(':');
        let (hours, minutes): (i64, i64) =
            (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        ((0..=24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
    };
    Some((minute("end_time")? - minute("start_time")?).rem_euclid(MINUTES_PER_DAY))
}

impl Terms<'_> {
    fn prices(&self) -> Vec<Found> {
        let listed = match self.model.at(&["prices"]) {
            Some(Value::Array(listed)) => listed.as_slice(),
            Some(prices @ Value::Object(_)) => return vec![self.undated(prices, None)],
            _ => return vec![Found::Skipped("NO_PRICE", "no prices".to_owned())],
        };
        let date = |entry: &Value| entry.text(&["constraint", "start_date"]).map(str::to_owned);
        let first = listed.iter().filter_map(date).min();
        let timed: Vec<Option<i64>> = listed
            .iter()
            .map(|entry| entry.at(&["constraint"]).and_then(minutes))
            .collect();
        let rest = MINUTES_PER_DAY - timed.iter().flatten().sum::<i64>();
        let longest = timed.iter().flatten().copied().max().unwrap_or(0);
        let by_time = timed.iter().any(Option::is_some);
        let entry = |(entry, minutes): (&Value, &Option<i64>)| {
            let Some(prices) = entry.at(&["prices"]) else {
                return Found::Skipped("NO_PRICE", "no prices".to_owned());
            };
            if let Some(date) = date(entry) {
                return self.price(prices, date, true);
            }
            let standard = match minutes {
                Some(minutes) => *minutes == longest && longest >= rest,
                None => !by_time || rest > longest,
            };
            if !standard {
                return Found::Skipped(
                    "OFF_HOURS",
                    "another price holds for more hours of the day".to_owned(),
                );
            }
            if minutes.is_none() && entry.at(&["constraint"]).is_some() {
                return Found::Skipped(
                    "CONSTRAINT_UNKNOWN",
                    "a condition that is neither a first day nor a time of the day".to_owned(),
                );
            }
            self.undated(prices, first.as_deref())
        };
        listed.iter().zip(&timed).map(entry).collect()
    }

    /// A price without a first day, replaced on the day `until`.
    fn undated(&self, prices: &Value, until: Option<&str>) -> Found {
        let checked = self.model.text(&["prices_checked"]).unwrap_or_default();
        let days = [
            self.options.date.as_str(),
            checked,
            self.options.today.as_str(),
        ];
        let day = days
            .into_iter()
            .find(|day| !day.is_empty())
            .unwrap_or_default();
        // Dates of this form are in the order of their texts.
        match until {
            Some(until) if until <= day => Found::Skipped(
                "SUPERSEDED",
                format!("its first day is not said, and it ended before {until}"),
            ),
            _ => self.price(prices, day.to_owned(), !self.options.date.is_empty()),
        }
    }

    fn price(&self, prices: &Value, effective_date: String, dated: bool) -> Found {
        let usd = |key: &str| {
            prices
                .number(&[key, "base"])
                .or_else(|| prices.number(&[key]))
                .filter(|usd| *usd > 0.0)
        };
        let (Some(input), Some(output)) = (usd("input_mtok"), usd("output_mtok")) else {
            return Found::Skipped(
                "NO_PRICE",
                "no price above zero for input and output".to_owned(),
            );
        };
        Found::Price(Box::new(Priced {
            model: self.name.to_owned(),
            price: Price {
                provider: self.provider.clone(),
                effective_date,
                input_usd_per_mtok: Some(input),
                cache_read_usd_per_mtok: usd("cache_read_mtok"),
                cache_write_usd_per_mtok: usd("cache_write_mtok"),
                output_usd_per_mtok: Some(output),
                source_url: self.source.to_owned(),
                ..Price::default()
            },
            dated,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "
id: deepseek
pricing_urls: ['https://example.org/prices']
models:
  - id: deepseek-chat
    prices_checked: 2025-07-12
    prices:
      - prices: {input_mtok: 0.135, output_mtok: 0.55}
      - constraint: {start_time: 00:30:00Z, end_time: 16:30:00Z}
        prices: {input_mtok: 0.27, cache_read_mtok: 0.07, output_mtok: 1.1}
  - id: tiered
    prices:
      - prices: {input_mtok: {base: 5, tiers: [{start: 200000, price: 10}]}, output_mtok: 25}
      - constraint: {start_date: 2026-03-13}
        prices: {input_mtok: 4, output_mtok: 25}
  - id: embedding
    prices: {input_mtok: 1}
";

    fn rows(today: &str) -> Vec<Found> {
        let options = Options {
            today: today.into(),
            ..Options::default()
        };
        let mut rows = Vec::new();
        let put = &mut |row: Row| {
            rows.push(row.found);
            true
        };
        read(LIST.as_bytes(), &options, put).expect("a list");
        rows
    }

    fn told(found: &Found) -> String {
        match found {
            Found::Price(priced) => format!(
                "{} {:?} {}",
                priced.price.effective_date,
                priced.price.input_usd_per_mtok.unwrap_or(0.0),
                priced.dated
            ),
            Found::Skipped(reason, _) | Found::Refused(reason, _) => (*reason).to_owned(),
            Found::Result(_) => "result".to_owned(),
        }
    }

    #[test]
    fn prices_are_standard_dated_and_of_the_least_context() {
        let told: Vec<_> = rows("2026-06-01").iter().map(told).collect();
        assert_eq!(
            told,
            [
                "OFF_HOURS",
                "2025-07-12 0.27 false",
                "SUPERSEDED",
                "2026-03-13 4.0 true",
                "NO_PRICE"
            ]
        );
    }

    #[test]
    fn a_price_that_is_not_replaced_yet_counts() {
        assert_eq!(told(&rows("2026-01-01")[2]), "2026-01-01 5.0 false");
    }
}
