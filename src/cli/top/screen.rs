//! The screen: a head, the table, what else is wanted and fits, the feed, a line of hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::app::{App, Link, Mode};
use super::{columns, detail, overlay, plot};
use crate::cli::format::{basis_head, short};
use crate::proto::v1::{CostBasis, Order};

/// From this width on details and plot stand beside the table.
const WIDE: u16 = 130;
/// Width of what stands beside the table.
const BESIDE: u16 = 54;
/// Least lines of the table when something else is shown below it.
const TABLE_LINES_MIN: u16 = 6;
/// Least screen that anything is drawn on.
const LEAST: (u16, u16) = (40, 8);

/// How something is to look. Without colours the meaning is in the text, never in the tone alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Faint,
    Strong,
    Head,
    Good,
    Bad,
    Selected,
    Bar,
}

/// What styles are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paint {
    colours: bool,
}

impl Paint {
    pub(super) fn new(colours: bool) -> Self {
        Self { colours }
    }

    /// Colours, where they are wanted and the terminal has any.
    pub(super) fn of_stdout() -> Self {
        let plain = std::env::var("TERM").is_ok_and(|term| term == "dumb" || term == "vt100");
        Self::new(crate::cli::screen::Screen::of_stdout().color && !plain)
    }

    pub(super) fn style(self, tone: Tone) -> Style {
        let style = Style::new();
        let (colour, modifier) = match tone {
            Tone::Plain => return style,
            Tone::Faint => (Some(Color::DarkGray), Modifier::empty()),
            Tone::Strong | Tone::Head => (None, Modifier::BOLD),
            Tone::Good => (Some(Color::Green), Modifier::empty()),
            Tone::Bad => (Some(Color::Red), Modifier::empty()),
            Tone::Selected | Tone::Bar => (None, Modifier::REVERSED),
        };
        let style = style.add_modifier(modifier);
        match colour {
            Some(colour) if self.colours => style.fg(colour),
            _ => style,
        }
    }
}

/// Writes a text into a width, cut with an ellipsis where it is too long.
pub(super) fn put(buffer: &mut Buffer, x: u16, y: u16, width: usize, text: &str, style: Style) {
    if y >= buffer.area.bottom() || x >= buffer.area.right() || width == 0 {
        return;
    }
    let width = width.min(usize::from(buffer.area.right() - x));
    let long = text.chars().count() > width;
    let cut: String;
    let text = if long {
        cut = text.chars().take(width - 1).chain(['…']).collect();
        &cut
    } else {
        text
    };
    buffer.set_stringn(x, y, text, width, style);
}

/// As [`put`], even on the right.
pub(super) fn put_right(
    buffer: &mut Buffer,
    x: u16,
    y: u16,
    width: usize,
    text: &str,
    style: Style,
) {
    let pad = width.saturating_sub(text.chars().count());
    put(buffer, x + pad as u16, y, width - pad, text, style);
}

/// A line with a title in it.
pub(super) fn rule(buffer: &mut Buffer, area: Rect, title: &str, paint: Paint) {
    if area.height == 0 {
        return;
    }
    let faint = paint.style(Tone::Faint);
    let line = "─".repeat(usize::from(area.width));
    put(buffer, area.x, area.y, line.len(), &line, faint);
    let title = format!(" {title} ");
    let room = usize::from(area.width.saturating_sub(4));
    put(
        buffer,
        area.x + 2,
        area.y,
        room,
        &title,
        paint.style(Tone::Head),
    );
}

/// Draws everything.
pub(super) fn draw(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!("make the window larger: {} x {} at least", LEAST.0, LEAST.1);
        put(
            buffer,
            area.x,
            area.y,
            usize::from(area.width),
            &text,
            paint.style(Tone::Plain),
        );
        return;
    }
    head(app, paint, area, buffer);
    hints(app, paint, area, buffer);
    let body = Rect::new(area.x, area.y + 2, area.width, area.height - 3);
    let feed_lines = if body.height >= 30 {
        9
    } else {
        body.height.div_ceil(4).min(5)
    };
    let (body, feed_area) = split_bottom(body, feed_lines);
    feed(app, paint, feed_area, buffer);
    let table = if area.width >= WIDE {
        let (table, beside) = split_right(body, BESIDE);
        let (above, below) = split_bottom(beside, beside.height / 2);
        plot::draw(app, paint, above, buffer);
        detail::draw(app, paint, below, buffer);
        table
    } else {
        below(app, paint, body, buffer)
    };
    match (table.height, app.rows.is_empty()) {
        (0 | 1, _) => {}
        (_, true) => empty(app, paint, table, buffer),
        (_, false) => columns::draw(app, paint, table, buffer),
    }
    match &app.mode {
        Mode::Help => overlay::help(paint, area, buffer),
        Mode::Pick { text, at } => overlay::pick(app, paint, area, (text, *at), buffer),
        Mode::Table | Mode::Search => {}
    }
}

/// On a narrow screen details or plot take the lower part of the table, when asked for.
fn below(app: &App, paint: Paint, body: Rect, buffer: &mut Buffer) -> Rect {
    if !app.detail && !app.plot {
        return body;
    }
    let lines = (body.height / 2 + 2).min(body.height.saturating_sub(TABLE_LINES_MIN));
    let (table, below) = split_bottom(body, lines);
    if app.detail {
        detail::draw(app, paint, below, buffer);
    } else {
        plot::draw(app, paint, below, buffer);
    }
    table
}

fn split_bottom(area: Rect, lines: u16) -> (Rect, Rect) {
    let lines = lines.min(area.height);
    let above = area.height - lines;
    (
        Rect::new(area.x, area.y, area.width, above),
        Rect::new(area.x, area.y + above, area.width, lines),
    )
}

fn split_right(area: Rect, width: u16) -> (Rect, Rect) {
    let left = area.width - width;
    (
        Rect::new(area.x, area.y, left - 2, area.height),
        Rect::new(area.x + left, area.y, width, area.height),
    )
}

fn head(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    let bar = Rect::new(area.x, area.y, area.width, 1);
    let width = usize::from(area.width);
    let revision = app
        .revision
        .map_or_else(String::new, |revision| format!(" revision {revision} "));
    let link = match &app.link {
        Link::Connecting => " connecting … ".to_owned(),
        Link::Live => format!(" ● live{revision}"),
        Link::Lost(_) => format!(" ○ RECONNECTING, shown:{revision}"),
    };
    let name = match app.info() {
        Some(info) if !info.title.is_empty() => format!(" {}  {}", app.view.board, info.title),
        _ => format!(" {}", app.view.board),
    };
    buffer.set_style(bar, paint.style(Tone::Bar));
    let room = width.saturating_sub(link.chars().count() + 1);
    put(
        buffer,
        area.x,
        area.y,
        room,
        &name,
        paint.style(Tone::Strong),
    );
    put_right(
        buffer,
        area.x,
        area.y,
        width,
        &link,
        paint.style(Tone::Strong),
    );
    put(
        buffer,
        area.x,
        area.y + 1,
        width,
        &about(app),
        paint.style(Tone::Plain),
    );
}

/// What is shown and how, in words.
fn about(app: &App) -> String {
    let order = match app.view.order {
        Order::Unspecified => "score".to_owned(),
        order => short(order.as_str_name(), "ORDER_").to_lowercase(),
    };
    let basis = match app.basis() {
        CostBasis::Unspecified => "no costs".to_owned(),
        basis => basis_head(basis).to_owned(),
    };
    let auto = if app.view.basis == CostBasis::Unspecified {
        ""
    } else {
        " (chosen)"
    };
    let unit = match (app.info(), app.view.is_mean()) {
        (Some(info), _) => format!(
            ", {}, {} is better",
            info.unit,
            if info.higher_is_better {
                "higher"
            } else {
                "lower"
            }
        ),
        (None, true) => ", mean win rate over benchmarks".to_owned(),
        (None, false) => String::new(),
    };
    let shown = app.shown().len();
    let rows = if app.search.is_empty() {
        format!("{shown} model{}", if shown == 1 { "" } else { "s" })
    } else {
        format!("{shown} of {} models with `{}`", app.rows.len(), app.search)
    };
    format!(" {rows}, by {order}, {basis}{auto}{unit}")
}

fn hints(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    let y = area.bottom() - 1;
    let width = usize::from(area.width);
    let (text, tone) = match &app.mode {
        Mode::Search => (
            format!("/{}_   Enter keeps it, Esc clears it", app.search),
            Tone::Strong,
        ),
        _ if !app.notice.is_empty() => (app.notice.clone(), Tone::Bad),
        _ => (
            "? help  b board  o order  c cost  / search  Enter details  p plot  q quit".to_owned(),
            Tone::Faint,
        ),
    };
    put(buffer, area.x, y, width, &text, paint.style(tone));
}

fn feed(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    rule(buffer, area, "what happens, newest first", paint);
    let lines = usize::from(area.height.saturating_sub(1));
    let width = usize::from(area.width);
    if app.feed.is_empty() && lines > 0 {
        let text = "Nothing has happened since this screen was opened.";
        put(
            buffer,
            area.x + 1,
            area.y + 1,
            width - 1,
            text,
            paint.style(Tone::Faint),
        );
    }
    for (line, text) in app.feed.iter().take(lines).enumerate() {
        let y = area.y + 1 + line as u16;
        put(
            buffer,
            area.x + 1,
            y,
            width - 1,
            text,
            paint.style(Tone::Plain),
        );
    }
}

fn empty(app: &App, paint: Paint, area: Rect, buffer: &mut Buffer) {
    let text = match (&app.link, app.view.board.as_str()) {
        (Link::Lost(why), _) => format!("The daemon is not there: {why}"),
        (_, "") => "There is no benchmark yet. Make one:\n  frontierd put benchmark ID".to_owned(),
        (Link::Connecting, _) => "Waiting for the board …".to_owned(),
        (Link::Live, board) if app.view.order == Order::Unspecified => {
            format!(
                "No model stands here yet. Submit a result:\n  frontierd submit {board} VENDOR/MODEL SCORE"
            )
        }
        (Link::Live, _) => "No model has what this order needs: `o` takes another one.".to_owned(),
    };
    let width = usize::from(area.width.saturating_sub(4));
    for (y, line) in (area.y + 1..area.bottom()).zip(text.lines()) {
        put(buffer, area.x + 2, y, width, line, paint.style(Tone::Plain));
    }
}

#[cfg(test)]
mod tests;
