//! `frontierd healthcheck`: is the daemon serving?

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::Failure;
use super::args::Connection;
use super::output::{Format, print_line};
use crate::client::ClientError;

/// Ask whether the daemon is serving: exit code 0 if it is
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd healthcheck --addr http://127.0.0.1:50051 || systemctl restart frontierd"
)]
pub(super) struct Args {
    /// A service to ask about [default: the daemon as a whole]
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    service: String,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let client = self.connection.client().await?;
        let request = HealthCheckRequest {
            service: self.service,
        };
        let answer = HealthClient::new(client.channel())
            .check(request)
            .await
            .map_err(ClientError::from)?
            .into_inner();
        let status = answer.status();
        let name = status.as_str_name();
        print_line(&match format {
            Format::Human => name.to_lowercase().replace('_', " "),
            Format::Json => serde_json::json!({ "status": name }).to_string(),
        })?;
        match status {
            ServingStatus::Serving => Ok(()),
            _ => Err(Failure::Condition),
        }
    }
}
