//! What keys do.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::app::{App, Mode};
use crate::proto::v1::{CostBasis, Order};

/// Rows of a page, roughly.
const PAGE: isize = 10;

/// What is to be done outside of the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Nothing,
    Leave,
    /// The view is another one.
    Watch,
    /// The list of boards is looked at.
    List,
}

/// A key was pressed.
pub(super) fn press(app: &mut App, key: KeyEvent) -> Act {
    if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
        return Act::Leave;
    }
    match app.mode.clone() {
        Mode::Table => table(app, key.code),
        Mode::Search => search(app, key.code),
        Mode::Pick { text, at } => pick(app, key.code, text, at),
        Mode::Help => {
            app.mode = Mode::Table;
            Act::Nothing
        }
    }
}

fn table(app: &mut App, code: KeyCode) -> Act {
    app.notice.clear();
    match code {
        KeyCode::Char('q') => return Act::Leave,
        KeyCode::Char('?' | 'h') => app.mode = Mode::Help,
        KeyCode::Char('/') => app.mode = Mode::Search,
        KeyCode::Char('b') => {
            app.mode = Mode::Pick {
                text: String::new(),
                at: 0,
            };
            return Act::List;
        }
        KeyCode::Esc if app.search.is_empty() => app.detail = false,
        KeyCode::Esc => app.search.clear(),
        KeyCode::Enter | KeyCode::Char('d') => app.detail = !app.detail,
        KeyCode::Char('p') => app.plot = !app.plot,
        KeyCode::Up | KeyCode::Char('k') => app.move_by(-1),
        KeyCode::Down | KeyCode::Char('j') => app.move_by(1),
        KeyCode::PageUp => app.move_by(-PAGE),
        KeyCode::PageDown => app.move_by(PAGE),
        KeyCode::Home | KeyCode::Char('g') => app.move_by(isize::MIN),
        KeyCode::End | KeyCode::Char('G') => app.move_by(isize::MAX),
        KeyCode::Char('o') => return next_order(app),
        KeyCode::Char('c') => return next_basis(app),
        KeyCode::Right | KeyCode::Tab => return next_board(app, 1),
        KeyCode::Left | KeyCode::BackTab => return next_board(app, -1),
        _ => {}
    }
    Act::Nothing
}

fn search(app: &mut App, code: KeyCode) -> Act {
    match code {
        KeyCode::Char(c) => app.search.push(c),
        KeyCode::Backspace => {
            app.search.pop();
        }
        KeyCode::Enter => app.mode = Mode::Table,
        KeyCode::Esc => {
            app.search.clear();
            app.mode = Mode::Table;
        }
        KeyCode::Up => app.move_by(-1),
        KeyCode::Down => app.move_by(1),
        _ => {}
    }
    Act::Nothing
}

/// Boards whose name holds what was typed.
pub(super) fn fitting(app: &App, text: &str) -> Vec<String> {
    let wanted = text.to_lowercase();
    let mut names = app.board_names();
    names.retain(|name| name.contains(&wanted));
    names
}

fn pick(app: &mut App, code: KeyCode, mut text: String, mut at: usize) -> Act {
    let names = fitting(app, &text);
    match code {
        KeyCode::Esc => {
            app.mode = Mode::Table;
            return Act::Nothing;
        }
        KeyCode::Enter => {
            app.mode = Mode::Table;
            return names
                .get(at)
                .map_or(Act::Nothing, |name| go_to(app, name.clone()));
        }
        KeyCode::Up => at = at.saturating_sub(1),
        KeyCode::Down => at = (at + 1).min(names.len().saturating_sub(1)),
        KeyCode::Backspace => {
            text.pop();
            at = 0;
        }
        KeyCode::Char(c) => {
            text.push(c);
            at = 0;
        }
        _ => {}
    }
    app.mode = Mode::Pick { text, at };
    Act::Nothing
}

fn go_to(app: &mut App, board: String) -> Act {
    if board == app.view.board {
        return Act::Nothing;
    }
    app.view.board = board;
    if app.view.is_mean() {
        if !orders(true).contains(&app.view.order) {
            app.view.order = Order::Unspecified;
        }
        if app.view.basis == CostBasis::Task {
            app.view.basis = CostBasis::Unspecified;
        }
    }
    app.rows.clear();
    app.selected = None;
    Act::Watch
}

fn next_board(app: &mut App, step: isize) -> Act {
    let names = app.board_names();
    let at = names.iter().position(|name| *name == app.view.board);
    let to = (at.unwrap_or(0) as isize + step).rem_euclid(names.len() as isize);
    go_to(app, names[to as usize].clone())
}

/// Orders of a board, the default one first.
fn orders(mean: bool) -> &'static [Order] {
    if mean {
        &[Order::Unspecified, Order::Overpay]
    } else {
        &[
            Order::Unspecified,
            Order::Value,
            Order::Overpay,
            Order::Conformance,
        ]
    }
}

fn bases(mean: bool) -> &'static [CostBasis] {
    if mean {
        &[
            CostBasis::Unspecified,
            CostBasis::TokenPrice,
            CostBasis::Training,
        ]
    } else {
        &[
            CostBasis::Unspecified,
            CostBasis::Task,
            CostBasis::TokenPrice,
            CostBasis::Training,
        ]
    }
}

fn next_of<T: Copy + PartialEq>(all: &[T], now: T) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    all[(at + 1) % all.len()]
}

fn next_order(app: &mut App) -> Act {
    app.view.order = next_of(orders(app.view.is_mean()), app.view.order);
    Act::Watch
}

/// The next basis, but not the one that is shown already because it is the board's own.
fn next_basis(app: &mut App) -> Act {
    let shown = app.basis();
    let all = bases(app.view.is_mean());
    let mut next = next_of(all, app.view.basis);
    if app.view.basis == CostBasis::Unspecified && next == shown {
        next = next_of(all, next);
    }
    app.view.basis = next;
    Act::Watch
}
