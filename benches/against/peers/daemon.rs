//! frontierd with a board.

use std::path::Path;

use bytes::Bytes;
use frontierd::client::Client;
use frontierd::proto::v1::{ExportLogRequest, GetStatusRequest, PutBenchmarkRequest};

use crate::Failure;
use crate::grpc::{Connection, head};
use crate::messages::{Cycle, Mix, benchmark};
use crate::process::{LOAD_CORE, SERVER_CORE, Server, on_core, role};

/// Revisions over which the size of an entry is taken.
const SAMPLED_REVISIONS: i64 = 5_000;

/// A daemon whose board holds one result for each model.
pub struct Daemon {
    pub server: Server,
    /// What its board is made of.
    pub mix: Mix,
}

impl Daemon {
    pub fn start(program: &Path, dir: &Path, mix: Mix) -> Result<Self, Failure> {
        std::fs::create_dir_all(dir)?;
        let mut command = on_core(SERVER_CORE, program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.join("data"));
        let server = Server::start(command, &dir.join("stderr"))?;
        let Mix {
            models, one_date, ..
        } = mix;
        let daemon = Self { server, mix };
        eprintln!("  a board of {models} standings for frontierd …");
        wait(async {
            let mut client = daemon.client().await?;
            let request = PutBenchmarkRequest {
                benchmark: Some(benchmark()),
                ..PutBenchmarkRequest::default()
            };
            client.put_benchmark(request).await?;
            Ok(())
        })?;
        let mut fill = role(LOAD_CORE, &["load", "fill"])?;
        let (addr, models) = (daemon.server.addr.to_string(), models.to_string());
        fill.args(["--addr", &addr, "--models", &models])
            .args(one_date.then_some("--one-date"));
        if !fill.status()?.success() {
            return Err("the board could not be built".into());
        }
        Ok(daemon)
    }

    async fn client(&self) -> Result<Client, Failure> {
        Ok(Client::connect(&format!("http://{}", self.server.addr)).await?)
    }

    /// An answer to a submission, encoded: the one of median size of a few.
    pub fn typical_answer(&self) -> Result<Bytes, Failure> {
        wait(async {
            let addr = self.server.addr;
            let head = head(addr, "LeaderboardService/SubmitResult")?;
            let mut connection = Connection::open(addr).await?;
            let cycle = Cycle::submissions(self.mix);
            let mut answers = Vec::new();
            for number in 0..cycle.len() {
                answers.push(connection.unary(&head, cycle.get(number)).await?);
            }
            answers.sort_by_key(Bytes::len);
            Ok(answers.swap_remove(cycle.len() / 2))
        })
    }

    /// An answer to GetStanding, encoded.
    pub fn standing(&self) -> Result<Bytes, Failure> {
        wait(async {
            let addr = self.server.addr;
            let head = head(addr, "LeaderboardService/GetStanding")?;
            let mut connection = Connection::open(addr).await?;
            connection
                .unary(&head, Cycle::standings(self.mix).get(0))
                .await
        })
    }

    /// Bytes of log for one submission, framing and hashes of its share of a chunk included.
    pub fn entry_bytes(&self) -> Result<usize, Failure> {
        wait(async {
            let mut client = self.client().await?;
            let status = client.get_status(GetStatusRequest {}).await?;
            let from_revision = (status.head_revision - SAMPLED_REVISIONS).max(1);
            let request = ExportLogRequest { from_revision };
            let mut service = client.admin_service();
            let mut chunks = service.export_log(request).await?.into_inner();
            let (mut bytes, mut entries) = (0, 0);
            while let Some(part) = chunks.message().await? {
                bytes += part.chunk.len();
                entries += (part.last_revision - part.first_revision + 1) as usize;
            }
            Ok(bytes.div_ceil(entries.max(1)))
        })
    }
}

/// Runs a few calls.
fn wait<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work)
}
