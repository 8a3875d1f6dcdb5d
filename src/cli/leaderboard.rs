//! `frontierd leaderboard`: a board as a table.

use super::Failure;
use super::args::{Basis, Connection, OrderBy, Past, Results, Rows};
use super::board_table::render;
#[cfg(feature = "plot")]
use super::output::print;
use super::output::{Format, answer};
use super::screen::Screen;
use crate::client::Client;
use crate::limits::PAGE_SIZE_MAX;
use crate::proto::v1::{GetLeaderboardRequest, GetLeaderboardResponse};

/// Show a board: a benchmark, `overall`, or `suite/TAG`
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  frontierd leaderboard gpqa-diamond --order value --basis token-price --min-score 60\n  frontierd leaderboard overall --as-of-date 2025-01-01\n  frontierd leaderboard aider-polyglot --basis task --plot"
)]
pub(super) struct Args {
    /// Benchmark id, `overall`, or `suite/TAG`
    board: String,
    /// Order of rows [default: score]
    #[arg(long)]
    order: Option<OrderBy>,
    /// Cost basis [default: task if any row has it, else token-price, else training]
    #[arg(long)]
    basis: Option<Basis>,
    /// With `--order value`: only rows with at least this good a score
    #[arg(long, value_name = "SCORE", allow_negative_numbers = true)]
    min_score: Option<f64>,
    /// `overall` and suites: least share of the benchmarks a model must stand on, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "SHARE")]
    min_coverage: Option<f64>,
    /// Price token usage at the prices of this day
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        default_value = "",
        hide_default_value = true
    )]
    reprice_at: String,
    /// At most this many rows
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Draw cost against score, with the frontier, instead of the table
    #[cfg(feature = "plot")]
    #[arg(long)]
    plot: bool,
    #[command(flatten)]
    past: Past,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    rows: Rows,
    #[command(flatten)]
    results: Results,
}

impl Args {
    pub(super) async fn run(self, format: Format) -> Result<(), Failure> {
        let request = GetLeaderboardRequest {
            board: self.board,
            order: OrderBy::wire(self.order),
            cost_basis: Basis::wire(self.basis),
            row_filter: self.rows.message(),
            result_filter: self.results.message(),
            as_of: self.past.message(),
            reprice_at: self.reprice_at,
            min_score: self.min_score,
            min_coverage: self.min_coverage,
            ..GetLeaderboardRequest::default()
        };
        let mut client = self.connection.client().await?;
        #[cfg(feature = "plot")]
        if self.plot {
            super::plot::must_be_human(format)?;
            // A frontier without its cheap end would be none.
            let board = fetch(&mut client, request, super::plot::ROWS_MAX).await?;
            return Ok(print(&super::plot::leaderboard(
                &board,
                Screen::of_stdout(),
            ))?);
        }
        let board = fetch(&mut client, request, self.limit as usize).await?;
        answer(format, "GetLeaderboardResponse", &board, |board| {
            render(board, Screen::of_stdout())
        })
    }
}

/// The first `limit` rows of a listing, all of one revision however many pages they take.
pub(super) async fn fetch(
    client: &mut Client,
    mut request: GetLeaderboardRequest,
    limit: usize,
) -> Result<GetLeaderboardResponse, Failure> {
    request.page_size = limit.min(PAGE_SIZE_MAX) as i32;
    let mut board = client.get_leaderboard(request.clone()).await?;
    while board.rows.len() < limit && !board.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut board.next_page_token);
        let page = client.get_leaderboard(request.clone()).await?;
        board.rows.extend(page.rows);
        board.next_page_token = page.next_page_token;
    }
    board.rows.truncate(limit);
    Ok(board)
}
