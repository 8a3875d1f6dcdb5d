//! `frontierd put price`.

use super::outcome;
use crate::cli::Failure;
use crate::cli::args::{Connection, RequestId};
use crate::cli::output::{Format, answer};
use crate::proto::v1::{Price, PutPriceRequest};

/// Set or withdraw the list price of a model from a day on, in USD per million tokens
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd put price deepseek/v3 --from 2025-02-08 --input 0.27 --cache-read 0.07 --output-price 1.10"
)]
pub(in crate::cli) struct Args {
    /// Model id or alias
    model: String,
    /// First day in force, at most 366 days ahead
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: String,
    /// Who sells it [default: the vendor of the model]
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    provider: String,
    /// Uncached input
    #[arg(long, value_name = "USD", required_unless_present = "withdraw")]
    input: Option<f64>,
    /// Input read from a cache
    #[arg(long, value_name = "USD")]
    cache_read: Option<f64>,
    /// Input written to a cache
    #[arg(long, value_name = "USD")]
    cache_write: Option<f64>,
    /// Output, reasoning included
    #[arg(long, value_name = "USD", required_unless_present = "withdraw")]
    output_price: Option<f64>,
    /// Where the price is stated
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true
    )]
    source_url: String,
    /// Withdraw the price of that provider and day: it stops counting, its history stays
    #[arg(long)]
    withdraw: bool,
    /// Refuse unless the revision of the price of that provider and day is this; 0 = it must not exist yet
    #[arg(long, value_name = "REVISION")]
    expected_revision: Option<i64>,
    #[command(flatten)]
    request_id: RequestId,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let what = format!("price of `{}` from {}", self.model, self.from);
        let price = Price {
            model: self.model,
            provider: self.provider,
            effective_date: self.from,
            input_usd_per_mtok: self.input,
            cache_read_usd_per_mtok: self.cache_read,
            cache_write_usd_per_mtok: self.cache_write,
            output_usd_per_mtok: self.output_price,
            source_url: self.source_url,
            withdrawn: self.withdraw,
            ..Price::default()
        };
        let request = PutPriceRequest {
            price: Some(price),
            request_id: self.request_id.request_id,
            expected_revision: self.expected_revision,
        };
        let done = self.connection.client().await?.put_price(request).await?;
        answer(format, "PutPriceResponse", &done, |done| {
            outcome(
                &what,
                done.revision,
                done.replayed,
                done.unchanged,
                &done.warnings,
            )
        })
    }
}
