//! `frontierd demo`: a ready board from a throw-away store.

mod scratch;

use std::net::SocketAddr;

use super::Failure;
use super::board_table::render;
use super::output::{Format, print, print_json, print_line};
use super::screen::Screen;
use super::serving::{dashboard_url, reachable, serve};
use crate::client::Client;
use crate::config::{Config, Typed, resolve};
use crate::demo::{Step, load, steps};
use crate::proto::v1::GetLeaderboardRequest;
use scratch::Scratch;

/// Boards that are printed once the data is loaded.
const SHOWN: [&str; 2] = ["overall", "gpqa-diamond"];

/// Serve a ready board of real results, prices and claims from a throw-away store
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  frontierd demo --listen 127.0.0.1:0")]
pub(super) struct Args {
    /// Where to listen; port 0 picks a free one [default: 127.0.0.1:50051]
    #[arg(
        long,
        value_name = "ADDR:PORT",
        env = "FRONTIERD_LISTEN",
        value_delimiter = ','
    )]
    listen: Option<Vec<String>>,
    /// What to log [default: warn]
    #[arg(
        long,
        value_name = "FILTER",
        env = "FRONTIERD_LOG_LEVEL",
        default_value = "warn",
        hide_default_value = true
    )]
    log_level: String,
}

impl Args {
    pub(super) fn config(&self) -> Result<Config, Failure> {
        Ok(resolve(Typed {
            listen: self.listen.clone(),
            log_level: Some(self.log_level.clone()),
            ..Typed::default()
        })?)
    }

    pub(super) async fn run(self, config: Config, format: Format) -> Result<(), Failure> {
        let steps = steps()?;
        let scratch = Scratch::create()?;
        let config = Config {
            data_dir: scratch.path().to_owned(),
            ..config
        };
        let served = serve(config, None, async |ready| {
            let addr = reachable(&ready)?;
            match show(addr, steps, format).await {
                // The reader of our tables left; the board stays.
                Err(Failure::Io(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
                other => other,
            }
        })
        .await;
        drop(scratch);
        served
    }
}

async fn show(addr: SocketAddr, steps: Vec<Step>, format: Format) -> Result<(), Failure> {
    let mut client = Client::connect(&addr.to_string()).await?;
    load(&mut client, steps).await?;
    for name in SHOWN {
        let request = GetLeaderboardRequest {
            board: name.to_owned(),
            ..GetLeaderboardRequest::default()
        };
        let board = client.get_leaderboard(request).await?;
        match format {
            Format::Json => print_json("GetLeaderboardResponse", &board)?,
            Format::Human => print(&format!("{}\n", render(&board, Screen::of_stdout())))?,
        }
    }
    match format {
        Format::Human => print(&hints(addr))?,
        Format::Json => {
            print_line(
                &serde_json::json!({
                    "addresses": [addr.to_string()],
                    "dashboard": dashboard_url(addr, false),
                })
                .to_string(),
            )?;
        }
    }
    Ok(())
}

/// What to try, ready to be pasted.
fn hints(addr: SocketAddr) -> String {
    let service = "frontier.v1.LeaderboardService";
    let dashboard = dashboard_url(addr, false).map_or_else(String::new, |url| {
        format!("See it move, in a browser:\n  {url}\n\n")
    });
    format!(
        r#"{dashboard}Try, in another shell:
  grpcurl -plaintext {addr} list
  grpcurl -plaintext -d '{{"board":"aider-polyglot","order":"ORDER_VALUE"}}' {addr} {service}/GetLeaderboard
  grpcurl -plaintext -d '{{"result":{{"benchmark":"gpqa-diamond","model":"deepseek/v3","score":59.1}}}}' {addr} {service}/SubmitResult
  frontierd watch aider-polyglot --events-only --addr http://{addr}
  frontierd trend mmlu-price-history --threshold 86 --addr http://{addr}
  frontierd compare sonnet-1022 deepseek-v3 --addr http://{addr}

serving on {addr}, Ctrl-C to stop
"#
    )
}
