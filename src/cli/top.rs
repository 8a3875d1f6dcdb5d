//! `frontierd top`: a board, live, in a terminal.
//!
//! The screen is a function of [`app::App`]; keys and frames of the watch change the app, nothing else does.

mod app;
mod columns;
mod detail;
mod keys;
mod overlay;
mod plot;
mod screen;
mod terminal;

use std::io::IsTerminal;
use std::time::Duration;

use super::Failure;
use super::args::{Basis, Connection, OrderBy};
use crate::client::{Client, ClientError, Watch};
use crate::proto::v1::{
    Detail, GetLeaderboardRequest, ListBenchmarksRequest, WatchLeaderboardRequest,
};
use app::{App, BoardInfo, OVERALL, View};
use keys::Act;
use terminal::{Said, Screen};

/// Rows that are watched: the most that a window may have.
const ROWS: usize = crate::limits::WATCH_TOP_MAX;
/// Changes of a single benchmark are shown this often at most.
const PACE: Duration = Duration::from_millis(100);

/// Watch a board live in the terminal: ranks, costs, frontier, trend, and what happens
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  frontierd top\n  frontierd top gpqa-diamond --order value --basis token-price\n  ssh -t lab frontierd top overall\n\nPress `?` for the keys. Colour is left out with NO_COLOR=1. In a pipe use `frontierd watch` or `frontierd leaderboard`."
)]
pub(super) struct Args {
    /// Benchmark id, `overall`, or `suite/TAG` [default: overall, or the only benchmark]
    board: Option<String>,
    /// Order of rows [default: score]
    #[arg(long)]
    order: Option<OrderBy>,
    /// Cost basis [default: task if any row has it, else token-price, else training]
    #[arg(long)]
    basis: Option<Basis>,
    #[command(flatten)]
    connection: Connection,
}

impl Args {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
            return Err(Failure::Usage(
                "`top` needs a terminal: in a pipe or a script use `frontierd watch` for changes or `frontierd leaderboard` for a table".to_owned(),
            ));
        }
        let mut client = self.connection.client().await?;
        let boards = boards(&mut client).await?;
        let name = self.board.unwrap_or_else(|| first_board(&boards));
        let mut view = View {
            board: name,
            order: OrderBy::wire(self.order).try_into().unwrap_or_default(),
            basis: Basis::wire(self.basis).try_into().unwrap_or_default(),
        };
        if !view.board.is_empty() {
            // A name that does not exist is told before the screen is taken.
            view.board = known(&mut client, &view).await?;
        }
        let mut app = App::new(view, boards);
        let mut screen = Screen::open()?;
        let done = follow(&mut app, &mut screen, &client).await;
        drop(screen);
        done
    }
}

/// The board's id, after a call that is refused as the watch would be.
async fn known(client: &mut Client, view: &View) -> Result<String, Failure> {
    let request = GetLeaderboardRequest {
        board: view.board.clone(),
        order: view.order.into(),
        cost_basis: view.basis.into(),
        page_size: 1,
        ..GetLeaderboardRequest::default()
    };
    Ok(client.get_leaderboard(request).await?.board)
}

fn first_board(boards: &[BoardInfo]) -> String {
    match boards {
        [] => String::new(),
        [only] => only.id.clone(),
        _ => OVERALL.to_owned(),
    }
}

/// All benchmarks.
async fn boards(client: &mut Client) -> Result<Vec<BoardInfo>, ClientError> {
    let mut request = ListBenchmarksRequest {
        page_size: crate::limits::PAGE_SIZE_MAX as i32,
        ..ListBenchmarksRequest::default()
    };
    let mut boards = Vec::new();
    loop {
        let page = client.list_benchmarks(request.clone()).await?;
        boards.extend(page.benchmarks.iter().map(BoardInfo::of));
        if page.next_page_token.is_empty() {
            return Ok(boards);
        }
        request.page_token = page.next_page_token;
    }
}

fn watch(client: &Client, view: &View) -> Option<Watch> {
    let request = WatchLeaderboardRequest {
        boards: vec![view.board.clone()],
        order: view.order.into(),
        cost_basis: view.basis.into(),
        top: Some(ROWS as i32),
        detail: Detail::Full.into(),
        min_interval: PACE.try_into().ok(),
        ..WatchLeaderboardRequest::default()
    };
    (!view.board.is_empty()).then(|| Watch::new(client.clone(), request))
}

/// Where there was no benchmark, there may be one by now.
async fn look_for_boards(app: &mut App, client: &mut Client) {
    if app.view.board.is_empty()
        && let Ok(found) = boards(client).await
    {
        app.view.board = first_board(&found);
        app.boards = found;
    }
}

/// Draws, waits for something to happen, and so on until the user leaves.
async fn follow(app: &mut App, screen: &mut Screen, client: &Client) -> Result<(), Failure> {
    let mut watching = watch(client, &app.view);
    let mut client = client.clone();
    loop {
        screen.draw(app)?;
        let update = async {
            match &mut watching {
                Some(watch) => watch.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            update = update => {
                if let (Some(watch), true) = (&watching, update.is_ok()) {
                    app.take_rows(watch.fold());
                }
                match update {
                    Ok(update) => app.take(update),
                    Err(error) => {
                        // What is refused as it was is tried again at the next tick.
                        watching = app.refuse(&error).then(|| watch(&client, &app.view)).flatten();
                    }
                }
            }
            said = screen.said() => match said {
                Said::Key(key) => match keys::press(app, key) {
                    Act::Nothing => {}
                    Act::Leave => return Ok(()),
                    Act::Watch => watching = watch(&client, &app.view),
                    Act::List => {
                        if let Ok(boards) = boards(&mut client).await {
                            app.boards = boards;
                        }
                    }
                },
                Said::Resized => {}
                Said::Tick => {
                    app.tick();
                    if watching.is_none() {
                        look_for_boards(app, &mut client).await;
                        watching = watch(&client, &app.view);
                    }
                }
                Said::End => return Ok(()),
            },
        }
    }
}
