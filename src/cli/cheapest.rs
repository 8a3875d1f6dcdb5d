//! `frontierd cheapest`: who offers at least a score for the least.

use super::Failure;
use super::args::{Basis, Connection, Past, Rows};
use super::board_table::render;
use super::leaderboard::fetch;
use super::output::{Format, answer};
use super::screen::Screen;
use crate::proto::v1::GetLeaderboardRequest;

/// Show the cheapest models with at least a score
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd cheapest gpqa-diamond --min-score 60 --basis token-price"
)]
pub(super) struct Args {
    /// Benchmark id, `overall`, or `suite/TAG`
    board: String,
    /// Least good score that will do, in the benchmark's unit
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    min_score: f64,
    /// Cost basis [default: task if any row has it, else token-price, else training]
    #[arg(long)]
    basis: Option<Basis>,
    /// At most this many rows
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    #[command(flatten)]
    past: Past,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    rows: Rows,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let request = GetLeaderboardRequest {
            board: self.board,
            cost_basis: Basis::wire(self.basis),
            row_filter: self.rows.message(),
            as_of: self.past.message(),
            min_score: Some(self.min_score),
            cheapest: true,
            ..GetLeaderboardRequest::default()
        };
        let mut client = self.connection.client().await?;
        let board = fetch(&mut client, request, self.limit as usize).await?;
        answer(format, "GetLeaderboardResponse", &board, |board| {
            render(board, Screen::of_stdout())
        })
    }
}
