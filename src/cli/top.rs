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

use std::future::Future;
use std::io::IsTerminal;
use std::pin::Pin;
use std::time::Duration;

use super::Failure;
use super::args::{Basis, Connection, OrderBy};
use crate::client::{Client, ClientError, Update, Watch};
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
/// Nobody waits longer than this for a list of boards: the keys do nothing meanwhile.
const LIST_PATIENCE: Duration = Duration::from_secs(1);

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

/// The watch on its way to the next update. It is kept while keys are pressed: a pause before a new attempt that begins
/// anew with every key would never end.
type Next = Pin<Box<dyn Future<Output = (Watch, Result<Update, ClientError>)> + Send>>;

fn next(mut watch: Watch) -> Next {
    Box::pin(async move {
        let update = watch.next().await;
        (watch, update)
    })
}

fn watch(client: &Client, view: &View) -> Option<Next> {
    let request = WatchLeaderboardRequest {
        boards: vec![view.board.clone()],
        order: view.order.into(),
        cost_basis: view.basis.into(),
        top: Some(ROWS as i32),
        detail: Detail::Full.into(),
        min_interval: PACE.try_into().ok(),
        ..WatchLeaderboardRequest::default()
    };
    (!view.board.is_empty()).then(|| next(Watch::new(client.clone(), request)))
}

/// Looks at the boards again, as there may be others by now.
async fn list_boards(app: &mut App, client: &mut Client) {
    if let Ok(Ok(found)) = tokio::time::timeout(LIST_PATIENCE, boards(client)).await {
        app.boards = found;
    }
}

/// Where there was no benchmark, there may be one by now.
async fn look_for_boards(app: &mut App, client: &mut Client) {
    if app.view.board.is_empty() {
        list_boards(app, client).await;
        app.view.board = first_board(&app.boards);
    }
}

/// Takes an update; the watch that goes on, where one does.
fn take(
    app: &mut App,
    client: &Client,
    (held, update): (Watch, Result<Update, ClientError>),
) -> Option<Next> {
    match update {
        Ok(update) => {
            app.take_rows(held.fold());
            app.take(update);
            Some(next(held))
        }
        // What is refused as it was is tried again at the next tick.
        Err(error) => app
            .refuse(&error)
            .then(|| watch(client, &app.view))
            .flatten(),
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
                Some(next) => next.await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            update = update => watching = take(app, &client, update),
            said = screen.said() => match said {
                Said::Key(key) => match keys::press(app, key) {
                    Act::Nothing => {}
                    Act::Leave => return Ok(()),
                    Act::Watch => watching = watch(&client, &app.view),
                    Act::List => list_boards(app, &mut client).await,
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
