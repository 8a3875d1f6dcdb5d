//! Names beside points: each where it covers no mark and no other name, or nowhere.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Name;

/// Writes names into the field in order. Answers how many found no place.
pub(super) fn place(
    buffer: &mut Buffer,
    field: Rect,
    names: &[Name],
    cell: impl Fn((f64, f64)) -> (u16, u16),
) -> usize {
    let mut unplaced = 0;
    for name in names {
        let mark = cell(name.at);
        // A name over nothing reads better than one over a line, and that better than none.
        let found = place_of(buffer, field, mark, name, false)
            .or_else(|| place_of(buffer, field, mark, name, true));
        match found {
            Some((column, row)) => {
                buffer.set_string(column, row, &name.text, name.color);
            }
            None => unplaced += 1,
        }
    }
    unplaced
}

/// The first place around a mark where a name is free, with a free cell before and after.
fn place_of(
    buffer: &Buffer,
    field: Rect,
    (x, y): (u16, u16),
    name: &Name,
    over_lines: bool,
) -> Option<(u16, u16)> {
    let wide = name.text.chars().count() as i32;
    let (x, y) = (i32::from(x), i32::from(y));
    let beside = [
        (x + 2, y),
        (x - 1 - wide, y),
        (x + 1, y - 1),
        (x + 1, y + 1),
    ];
    // Above and below anywhere over the mark, the middle first.
    let sliding = (0..=wide).flat_map(|step| {
        let aside = if step % 2 == 0 { step } else { -step - 1 } / 2;
        let column = x - wide / 2 + aside;
        [(column, y - 1), (column, y + 1)]
    });
    let mut around = beside.into_iter().chain(sliding);
    let columns = i32::from(field.x)..i32::from(field.right());
    let rows = i32::from(field.y)..i32::from(field.bottom());
    let is_free = |column: i32, row: i32| {
        let symbol = buffer[(column as u16, row as u16)].symbol();
        symbol == " " || over_lines && is_line(symbol)
    };
    let fits = |(column, row): &(i32, i32)| {
        let (first, after) = (*column, column + wide);
        if !rows.contains(row) || first < columns.start || after > columns.end {
            return false;
        }
        // Beside its own mark a name keeps its distance already.
        let apart = |column: i32| {
            !columns.contains(&column) || (column, *row) == (x, y) || is_free(column, *row)
        };
        (first..after).all(|column| is_free(column, *row)) && apart(first - 1) && apart(after)
    };
    let found = around.find(fits)?;
    Some((found.0 as u16, found.1 as u16))
}

/// Whether a cell holds a piece of a line: dots of a braille letter, or what stands for a line in ASCII.
fn is_line(symbol: &str) -> bool {
    let braille = |letter| ('\u{2800}'..='\u{28ff}').contains(&letter);
    symbol.chars().all(braille) || ["-", "|", ".", ":"].contains(&symbol)
}
