//! `frontierd serve`: the daemon.

use super::Failure;
use super::output::{Format, print_line};
use super::serving::{dashboard_url, reachable, serve};
#[cfg(feature = "cli")]
use crate::catalog_defaults;
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
    #[cfg(feature = "cli")]
    #[arg(long)]
    with_catalog: bool,
}

impl Args {
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Ok(resolve(self.typed.clone())?)
    }

    pub(super) async fn run(self, config: Config, format: Format) -> Result<(), Failure> {
        #[cfg(feature = "cli")]
        let catalog = Catalog::wanted(self.with_catalog)?;
        let typed = self.typed;
        let reread = Box::new(move || resolve(typed.clone()));
        let is_tls = config.tls.is_some();
        serve(config, Some(reread), async |ready| {
            #[cfg(feature = "cli")]
            catalog.define(&ready).await?;
            announce(&ready, is_tls, format)
        })
        .await
    }
}

/// Well-known benchmarks that are to be defined.
#[cfg(feature = "cli")]
struct Catalog(Vec<crate::proto::v1::Benchmark>);

#[cfg(feature = "cli")]
impl Catalog {
    fn wanted(wanted: bool) -> Result<Self, Failure> {
        Ok(Self(if wanted {
            catalog_defaults::benchmarks()?
        } else {
            Vec::new()
        }))
    }

    async fn define(self, ready: &Ready) -> Result<(), Failure> {
        if self.0.is_empty() {
            return Ok(());
        }
        let channel = ready.inside.channel().await;
        let channel = channel.map_err(|error| Failure::Failed(error.to_string()))?;
        let mut client = crate::client::Client::over(channel);
        let created = catalog_defaults::load(&mut client, self.0).await?;
        tracing::info!(created, "defined well-known benchmarks");
        Ok(())
    }
}

fn announce(ready: &Ready, is_tls: bool, format: Format) -> Result<(), Failure> {
    let addrs: Vec<String> = ready.addrs.iter().map(ToString::to_string).collect();
    let metrics = ready
        .metrics_addr
        .map(|addr| format!("http://{addr}/metrics"));
    let dashboard = reachable(ready).ok();
    let dashboard = dashboard.and_then(|addr| dashboard_url(addr, is_tls));
    let line = match format {
        Format::Human => {
            let serving = format!(
                "serving on {} (store {}, revision {})",
                addrs.join(", "),
                ready.store_id,
                ready.head_revision
            );
            let metrics = metrics.map(|url| format!("metrics on {url}"));
            let dashboard = dashboard.map(|url| format!("dashboard at {url}"));
            let lines = [Some(serving), metrics, dashboard];
            lines.into_iter().flatten().collect::<Vec<_>>().join("\n")
        }
        Format::Json => serde_json::json!({
            "addresses": addrs,
            "storeId": ready.store_id,
            "headRevision": ready.head_revision.to_string(),
            "metrics": metrics,
            "dashboard": dashboard,
        })
        .to_string(),
    };
    match print_line(&line) {
        // A daemon outlives whoever read its first line.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
