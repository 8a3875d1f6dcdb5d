//! `frontierd serve`: the daemon.

use super::Failure;
use super::output::{Format, print_line};
use super::serving::{reachable, serve};
use crate::catalog_defaults;
use crate::client::Client;
use crate::config::{Config, Typed, resolve};
use crate::server::Ready;

/// Serve a leaderboard
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd serve --data-dir /var/lib/frontierd --listen 127.0.0.1:50051 --with-catalog\n\nEach setting can also stand in a TOML file (`--config`), such as: listen = \"127.0.0.1:50051\""
)]
pub(super) struct Args {
    #[command(flatten)]
    typed: Typed,
    /// Define well-known benchmarks that the store does not have yet
    #[arg(long)]
    with_catalog: bool,
}

impl Args {
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Ok(resolve(self.typed.clone())?)
    }

    pub(super) async fn run(self, config: Config, format: Format) -> Result<(), Failure> {
        let catalog = if self.with_catalog {
            catalog_defaults::benchmarks()?
        } else {
            Vec::new()
        };
        serve(config, async |ready| {
            if !catalog.is_empty() {
                let mut client = Client::connect(&reachable(&ready)?.to_string()).await?;
                let created = catalog_defaults::load(&mut client, catalog).await?;
                tracing::info!(created, "defined well-known benchmarks");
            }
            announce(&ready, format)
        })
        .await
    }
}

fn announce(ready: &Ready, format: Format) -> Result<(), Failure> {
    let addrs: Vec<String> = ready.addrs.iter().map(ToString::to_string).collect();
    let line = match format {
        Format::Human => format!(
            "serving on {} (store {}, revision {})",
            addrs.join(", "),
            ready.store_id,
            ready.head_revision
        ),
        Format::Json => serde_json::json!({
            "addresses": addrs,
            "storeId": ready.store_id,
            "headRevision": ready.head_revision.to_string(),
        })
        .to_string(),
    };
    match print_line(&line) {
        // A daemon outlives whoever read its first line.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
