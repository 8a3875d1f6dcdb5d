//! Charts in the terminal: points, lines and names in a frame with two axes. What is drawn comes from `board` and
//! `trend`; the grid of dots is ratatui's, axes and names are placed here so that nothing overlaps.

mod axis;
mod board;
mod names;
mod trend;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::symbols::Marker;
use ratatui::widgets::Widget;
use ratatui::widgets::canvas::{Canvas, Context, Line};

use super::Failure;
use super::output::Format;
use super::screen::Screen;
use axis::Axis;
pub(super) use board::leaderboard;
pub(super) use trend::trend;

/// Most rows that a chart takes in: past this it is one cloud.
pub(super) const ROWS_MAX: usize = 10_000;
/// Width where there is no terminal to ask.
const WIDTH_DEFAULT: usize = 80;
/// A chart this narrow still has room for its axes.
const WIDTH_MIN: usize = 40;
/// Wider ones scatter what belongs together.
const WIDTH_MAX: usize = 160;
/// Lines of the field, axes not counted.
const FIELD_HEIGHT: u16 = 18;

/// Refuses to draw where messages are wanted.
pub(super) fn must_be_human(format: Format) -> Result<(), Failure> {
    match format {
        Format::Human => Ok(()),
        Format::Json => Err(Failure::Usage(
            "`--plot` draws for people: leave it out, or `--output json`".to_owned(),
        )),
    }
}

/// A chart, in numbers of its axes.
struct Chart {
    x: Axis,
    y: Axis,
    /// Later layers cover earlier ones.
    layers: Vec<Layer>,
    /// The most wanted first.
    names: Vec<Name>,
}

/// Points or a line in one colour.
struct Layer {
    points: Vec<(f64, f64)>,
    shape: Shape,
    color: Color,
    /// What the legend says; empty = nothing.
    what: String,
}

/// How a layer is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// A mark at each point, in Unicode and in ASCII.
    Marks(char, char),
    /// A line from point to point; in ASCII of this letter where it is neither level nor upright.
    Line(char),
}

/// A name beside a point, placed if there is room.
struct Name {
    at: (f64, f64),
    text: String,
    color: Color,
}

impl Chart {
    /// The chart as text, its legend below.
    fn draw(&self, screen: Screen) -> String {
        let width = screen.width.unwrap_or(WIDTH_DEFAULT);
        let width = width.clamp(WIDTH_MIN, WIDTH_MAX) as u16;
        let ticks = self.y.ticks(usize::from(FIELD_HEIGHT), 1);
        let widest = ticks.iter().map(|(_, label)| label.chars().count()).max();
        // Beside the label of a tick stand a space and the frame.
        let margin = widest.unwrap_or(0) as u16 + 2;
        let field = Rect::new(margin, 1, width - margin, FIELD_HEIGHT);
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, FIELD_HEIGHT + 4));
        self.upright_axis(&mut buffer, field, &ticks, screen.unicode);
        self.level_axis(&mut buffer, field, screen.unicode);
        for layer in &self.layers {
            self.paint(&mut buffer, field, layer, screen.unicode);
        }
        let unplaced = names::place(&mut buffer, field, &self.names, |at| {
            self.cell(field, at, screen.unicode)
        });
        let mut text = text_of(&buffer, screen.color);
        text.push_str(&self.legend(screen.unicode, usize::from(width)));
        if unplaced > 0 {
            let note = format!("{unplaced} names did not fit; a wider terminal shows more\n");
            text.push_str(&note);
        }
        text
    }

    /// The cell of a point: the one in which the canvas puts the end of a line.
    fn cell(&self, field: Rect, (x, y): (f64, f64), unicode: bool) -> (u16, u16) {
        // A braille letter is two dots wide and four high.
        let (wide, high) = if unicode { (2, 4) } else { (1, 1) };
        let dot = |share: f64, cells: u16, dots: u16| {
            let last = f64::from(cells * dots - 1);
            (share.clamp(0.0, 1.0) * last).round() as u16 / dots
        };
        let across = dot(self.x.share(x), field.width, wide);
        let down = dot(1.0 - self.y.share(y), field.height, high);
        (field.x + across, field.y + down)
    }

    fn upright_axis(
        &self,
        buffer: &mut Buffer,
        field: Rect,
        ticks: &[(f64, String)],
        unicode: bool,
    ) {
        let (line, tick) = if unicode { ("│", "┤") } else { ("|", "+") };
        let axis = field.x - 1;
        buffer.set_string(0, 0, &self.y.title, Color::Reset);
        for row in field.y..field.bottom() {
            buffer.set_string(axis, row, line, Color::DarkGray);
        }
        for (value, label) in ticks {
            let (_, row) = self.cell(field, (self.x.low, *value), unicode);
            let start = axis.saturating_sub(label.chars().count() as u16 + 1);
            buffer.set_string(start, row, label, Color::Reset);
            buffer.set_string(axis, row, tick, Color::DarkGray);
        }
    }

    fn level_axis(&self, buffer: &mut Buffer, field: Rect, unicode: bool) {
        let (line, tick, corner) = if unicode {
            ("─", "┬", "└")
        } else {
            ("-", "+", "+")
        };
        let bottom = field.bottom();
        buffer.set_string(field.x - 1, bottom, corner, Color::DarkGray);
        for column in field.x..field.right() {
            buffer.set_string(column, bottom, line, Color::DarkGray);
        }
        let mut free = 0;
        for (value, label) in self.x.ticks(usize::from(field.width), 10) {
            let (column, _) = self.cell(field, (value, self.y.low), unicode);
            let wide = label.chars().count() as u16;
            let last = buffer.area.width.saturating_sub(wide);
            let start = column.saturating_sub(wide / 2).min(last);
            if start >= free {
                buffer.set_string(column, bottom, tick, Color::DarkGray);
                buffer.set_string(start, bottom + 1, &label, Color::Reset);
                free = start + wide + 1;
            }
        }
        let wide = self.x.title.chars().count() as u16;
        let start = field.right().saturating_sub(wide);
        buffer.set_string(start, bottom + 2, &self.x.title, Color::Reset);
    }

    fn paint(&self, buffer: &mut Buffer, field: Rect, layer: &Layer, unicode: bool) {
        let share = |at: &(f64, f64)| (self.x.share(at.0), self.y.share(at.1));
        let points = || layer.points.iter().map(share).collect::<Vec<_>>();
        match layer.shape {
            Shape::Marks(..) => {
                let mark = layer.shape.sample(unicode).to_string();
                for at in &layer.points {
                    let (column, row) = self.cell(field, *at, unicode);
                    buffer.set_string(column, row, &mark, layer.color);
                }
            }
            Shape::Line(_) if unicode => {
                let lines = points();
                on(buffer, field, Marker::Braille, |canvas| {
                    for ends in lines.windows(2) {
                        canvas.draw(&line(ends, layer.color));
                    }
                });
            }
            Shape::Line(letter) => {
                for ends in points().windows(2) {
                    let letter = match ends {
                        [(x1, _), (x2, _)] if x1 == x2 => '|',
                        [(_, y1), (_, y2)] if y1 == y2 => '-',
                        _ => letter,
                    };
                    on(buffer, field, Marker::Custom(letter), |canvas| {
                        canvas.draw(&line(ends, layer.color));
                    });
                }
            }
        }
    }

    /// What marks and lines mean, in lines of at most `width`.
    fn legend(&self, unicode: bool, width: usize) -> String {
        let (mut text, mut used) = (String::new(), 0);
        for layer in self.layers.iter().filter(|layer| !layer.what.is_empty()) {
            let part = format!("{} {}", layer.shape.sample(unicode), layer.what);
            let wide = part.chars().count();
            let gap = match used {
                0 => "",
                used if used + 3 + wide <= width => "   ",
                _ => {
                    used = 0;
                    "\n"
                }
            };
            used += wide + if gap == "   " { 3 } else { 0 };
            text.extend([gap, &part]);
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

impl Shape {
    fn sample(self, unicode: bool) -> char {
        match (self, unicode) {
            (Self::Marks(mark, _), true) | (Self::Marks(_, mark), false) => mark,
            (Self::Line(_), true) => '⠒',
            (Self::Line(letter), false) => letter,
        }
    }
}

/// A line between the two `ends`.
fn line(ends: &[(f64, f64)], color: Color) -> Line {
    let ((x1, y1), (x2, y2)) = (ends[0], ends[1]);
    Line::new(x1, y1, x2, y2, color)
}

/// Draws on the field, whose ends are 0 and 1 in both directions.
fn on(buffer: &mut Buffer, field: Rect, marker: Marker, draw: impl Fn(&mut Context<'_>)) {
    Canvas::default()
        .marker(marker)
        .x_bounds([0.0, 1.0])
        .y_bounds([0.0, 1.0])
        .paint(draw)
        .render(field, buffer);
}

/// The text as the screen can show it: in ASCII a look-alike stands for what is not in it.
fn spelled(text: String, screen: Screen) -> String {
    if screen.unicode {
        return text;
    }
    text.chars()
        .map(|letter| match letter {
            '×' => 'x',
            '†' | '‡' => '+',
            letter if letter.is_ascii() => letter,
            _ => '?',
        })
        .collect()
}

/// The cells as lines; colour changes only where it has to.
fn text_of(buffer: &Buffer, color: bool) -> String {
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let mut now = Color::Reset;
        let used = |column: &u16| buffer[(*column, row)].symbol() != " ";
        let end = (0..buffer.area.width)
            .rev()
            .find(used)
            .map_or(0, |last| last + 1);
        for column in 0..end {
            let cell = &buffer[(column, row)];
            if color && cell.fg != now && cell.symbol() != " " {
                now = cell.fg;
                text.push_str(escape(now));
            }
            text.push_str(cell.symbol());
        }
        if now != Color::Reset {
            text.push_str(escape(Color::Reset));
        }
        text.push('\n');
    }
    text
}

fn escape(color: Color) -> &'static str {
    match color {
        Color::Green => "\u{1b}[32m",
        Color::Yellow => "\u{1b}[33m",
        Color::Cyan => "\u{1b}[36m",
        Color::Magenta => "\u{1b}[35m",
        Color::DarkGray => "\u{1b}[90m",
        _ => "\u{1b}[0m",
    }
}
