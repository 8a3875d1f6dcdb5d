//! Answers that are the same: numbers within 1e-9, everything else to the letter.

use std::fmt::Debug;

/// Relative.
const TOLERANCE: f64 = 1e-9;
/// Absolute, for what should be zero.
const TINY: f64 = 1e-11;

/// Two numbers within the tolerance.
pub(crate) fn is_close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()) + TINY
}

/// Compares two answers by their text: floats within the tolerance, all else exactly.
pub(crate) fn difference(expected: &impl Debug, found: &impl Debug) -> Option<String> {
    let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
    if expected == found {
        return None;
    }
    let (mut left, mut right) = (pieces(&expected), pieces(&found));
    let mut read = (0, 0);
    loop {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (Some(a), Some(b)) if a == b || both_close(a, b) => {
                read = (read.0 + a.len(), read.1 + b.len());
            }
            (a, b) => {
                let before: String = expected[..read.0].chars().rev().take(200).collect();
                let before: String = before.chars().rev().collect();
                let after: String = found[read.1..].chars().take(200).collect();
                return Some(format!(
                    "expected `{a:?}`, found `{b:?}` after\n{before}\nand then\n{after}"
                ));
            }
        }
    }
}

fn both_close(a: &str, b: &str) -> bool {
    let number = |text: &str| text.contains(['.', 'e']).then(|| text.parse::<f64>().ok());
    match (number(a).flatten(), number(b).flatten()) {
        (Some(a), Some(b)) => is_close(a, b),
        _ => false,
    }
}

/// Splits a text into numbers and what stands between them.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let in_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | 'e' | '+');
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let number = in_number(first);
        let end = rest.find(|c| in_number(c) != number).unwrap_or(rest.len());
        let (piece, tail) = rest.split_at(end);
        rest = tail;
        Some(piece)
    })
}

/// Panics with the difference, where there is one.
#[track_caller]
pub(crate) fn assert_same(what: &str, expected: &impl Debug, found: &impl Debug) {
    if let Some(difference) = difference(expected, found) {
        panic!("{what}: {difference}");
    }
}
