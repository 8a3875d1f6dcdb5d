//! What stands over the screen: help, and the list of boards.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::keys::fitting;
use super::screen::{Paint, Tone, put};

const HELP: [(&str, &str); 18] = [
    ("↑ ↓  j k", "select a model"),
    ("PgUp PgDn  g G", "by pages, to the first, to the last"),
    ("Enter  d", "details of the selected model"),
    ("p", "plot of score against cost"),
    ("b", "choose a board from the list"),
    ("← →  Tab", "previous and next board"),
    ("o", "order: score, value, overpay, conformance"),
    ("c", "cost: the board's own, task, list price, training"),
    ("/", "only models with a text in their name"),
    ("Esc", "clear the search, close the details"),
    ("q  Ctrl-C", "quit"),
    ("", ""),
    (
        "* ·",
        "on the frontier (nothing that costs less is as good), or not",
    ),
    ("!", "somebody disputes the result"),
    ("95 %", "ranks that the uncertainty allows"),
    ("overpay", "cost / lowest cost that buys this score"),
    (
        "verdict",
        "is the cost on the historical cost-decline curve?",
    ),
    (
        "▲ ▼ + •",
        "moved up, down, new, changed in the last seconds",
    ),
];

/// Clears a box in the middle and draws its frame; its inside.
fn open(
    paint: Paint,
    area: Rect,
    (width, height): (u16, u16),
    title: &str,
    buffer: &mut Buffer,
) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    let place = Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    );
    for y in place.top()..place.bottom() {
        for x in place.left()..place.right() {
            buffer[(x, y)].reset();
        }
    }
    let across = "─".repeat(usize::from(width) - 2);
    let plain = paint.style(Tone::Plain);
    let wide = usize::from(width);
    put(
        buffer,
        place.x,
        place.y,
        wide,
        &format!("┌{across}┐"),
        plain,
    );
    for y in place.top() + 1..place.bottom() - 1 {
        put(buffer, place.x, y, 1, "│", plain);
        put(buffer, place.right() - 1, y, 1, "│", plain);
    }
    put(
        buffer,
        place.x,
        place.bottom() - 1,
        wide,
        &format!("└{across}┘"),
        plain,
    );
    put(
        buffer,
        place.x + 2,
        place.y,
        wide - 4,
        &format!(" {title} "),
        paint.style(Tone::Head),
    );
    Rect::new(place.x + 2, place.y + 1, width - 4, height - 2)
}

pub(super) fn help(paint: Paint, area: Rect, buffer: &mut Buffer) {
    let size = (80, HELP.len() as u16 + 2);
    let inside = open(
        paint,
        area,
        size,
        "keys and marks (any key closes this)",
        buffer,
    );
    let width = usize::from(inside.width);
    for (y, (key, meaning)) in (inside.top()..inside.bottom()).zip(HELP) {
        put(buffer, inside.x, y, 15, key, paint.style(Tone::Strong));
        put(
            buffer,
            inside.x + 16,
            y,
            width - 16,
            meaning,
            paint.style(Tone::Plain),
        );
    }
}

pub(super) fn pick(
    app: &App,
    paint: Paint,
    area: Rect,
    (text, at): (&str, usize),
    buffer: &mut Buffer,
) {
    let names = fitting(app, text);
    let size = (60, area.height.saturating_sub(4).max(6));
    let title = "boards (type to search, Enter takes one, Esc closes)";
    let inside = open(paint, area, size, title, buffer);
    let width = usize::from(inside.width);
    put(
        buffer,
        inside.x,
        inside.y,
        width,
        &format!("search: {text}_"),
        paint.style(Tone::Strong),
    );
    let lines = usize::from(inside.height) - 1;
    let first = at
        .saturating_sub(lines / 2)
        .min(names.len().saturating_sub(lines));
    for (line, name) in names.iter().enumerate().skip(first).take(lines) {
        let y = inside.y + 1 + (line - first) as u16;
        let title = app.boards.iter().find(|board| board.id == *name);
        let title = title.map_or("", |board| board.title.as_str());
        let sign = if line == at { ">" } else { " " };
        put(
            buffer,
            inside.x,
            y,
            width,
            &format!("{sign} {name:<28} {title}"),
            paint.style(Tone::Plain),
        );
        if line == at {
            let whole = Rect::new(inside.x, y, inside.width, 1);
            buffer.set_style(whole, paint.style(Tone::Selected));
        }
    }
    if names.is_empty() {
        put(
            buffer,
            inside.x + 2,
            inside.y + 1,
            width - 2,
            "no board has that in its name",
            paint.style(Tone::Faint),
        );
    }
}
