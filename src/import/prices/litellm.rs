//! Prices of LiteLLM (`model_prices_and_context_window.json`): an object of models, USD per token, undated.
//!
//! A row is one model. Keys with a suffix (`_above_200k_tokens`, `_batches`, `_priority`, `_flex`, …) are other tiers and
//! are not read. Skipped are models that do not answer in text, and those without a price above zero for input and output.

use serde_json::Value;

use super::provider;
use crate::import::json::{self, Look};
use crate::import::{Found, Options, Priced, Row, Sink, Unreadable};
use crate::limits::URL_BYTES_MAX;
use crate::proto::v1::Price;

/// Kinds of models that are priced by tokens in and out.
const MODES: [&str; 3] = ["chat", "completion", "responses"];

/// Reads a price list.
///
/// # Errors
/// [`Unreadable`] when the bytes are not JSON, or no object of models.
pub fn read(bytes: &[u8], options: &Options, out: Sink<'_>) -> Result<(), Unreadable> {
    let document = json::document(bytes)?;
    let models = document.as_object().filter(|models| {
        models.values().all(Value::is_object)
            && models
                .values()
                .any(|model| model.get("litellm_provider").is_some())
    });
    let models = models.ok_or_else(|| {
        Unreadable::format("prices-litellm: expected an object of models with `litellm_provider`")
    })?;
    for (name, model) in models {
        let found = price(name, model, options);
        if !out(Row {
            at: name.clone(),
            found,
        }) {
            break;
        }
    }
    Ok(())
}

/// Per token to per million tokens. Prices have far fewer than twelve decimals; what is beyond comes from the division.
fn per_mtok(model: &Value, key: &str) -> Option<f64> {
    let per_token = model.number(&[key]).filter(|usd| *usd > 0.0)?;
    Some((per_token * 1e12).round() / 1e6).filter(|usd| *usd > 0.0)
}

fn price(name: &str, model: &Value, options: &Options) -> Found {
    let mode = model.text(&["mode"]).unwrap_or("chat");
    if name == "sample_spec" || !MODES.contains(&mode) {
        return Found::Skipped("NOT_TEXT", format!("a model of mode `{mode}`"));
    }
    let (Some(input), Some(output)) = (
        per_mtok(model, "input_cost_per_token"),
        per_mtok(model, "output_cost_per_token"),
    ) else {
        return Found::Skipped(
            "NO_PRICE",
            "no price above zero for input and output".to_owned(),
        );
    };
    let date = if options.date.is_empty() {
        &options.today
    } else {
        &options.date
    };
    let source = model
        .text(&["source"])
        .filter(|url| url.starts_with("http") && url.len() <= URL_BYTES_MAX);
    Found::Price(Box::new(Priced {
        model: name.to_owned(),
        price: Price {
            provider: provider(model.text(&["litellm_provider"]).unwrap_or_default()),
            effective_date: date.clone(),
            input_usd_per_mtok: Some(input),
            cache_read_usd_per_mtok: per_mtok(model, "cache_read_input_token_cost"),
            cache_write_usd_per_mtok: per_mtok(model, "cache_creation_input_token_cost"),
            output_usd_per_mtok: Some(output),
            source_url: source.unwrap_or_default().to_owned(),
            ..Price::default()
        },
        dated: !options.date.is_empty(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_of_the_lowest_tier_and_zero_is_none() {
        let text = r#"{"sample_spec": {"mode": "chat"},
          "deepseek-chat": {"litellm_provider": "deepseek", "mode": "chat", "input_cost_per_token": 2.8e-07,
            "input_cost_per_token_above_200k_tokens": 9e-07, "output_cost_per_token": 4.2e-07, "cache_read_input_token_cost": 2.8e-08},
          "free": {"litellm_provider": "x", "mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0},
          "speech": {"litellm_provider": "openai", "mode": "audio_speech", "input_cost_per_token": 1e-06}}"#;
        let options = Options {
            today: "2026-01-01".into(),
            ..Options::default()
        };
        let mut rows = Vec::new();
        let put = &mut |row: Row| {
            rows.push(row.found);
            true
        };
        read(text.as_bytes(), &options, put).expect("a list");
        let Found::Price(priced) = &rows[1] else {
            panic!("{rows:?}")
        };
        let price = &priced.price;
        assert_eq!(
            (price.input_usd_per_mtok, price.output_usd_per_mtok),
            (Some(0.28), Some(0.42))
        );
        assert_eq!(
            (
                price.cache_read_usd_per_mtok,
                price.cache_write_usd_per_mtok
            ),
            (Some(0.028), None)
        );
        assert_eq!(
            (price.effective_date.as_str(), priced.dated),
            ("2026-01-01", false)
        );
        let reasons: Vec<_> = rows
            .iter()
            .map(|row| match row {
                Found::Skipped(reason, _) => *reason,
                _ => "",
            })
            .collect();
        assert_eq!(reasons, ["NOT_TEXT", "", "NO_PRICE", "NOT_TEXT"]);
    }
}
