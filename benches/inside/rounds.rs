//! Timing of steps that change what they work on.

use std::time::{Duration, Instant};

use criterion::Bencher;

/// Times steps 0, 1, … up to `round`, then starts over on something prepared afresh, which is not timed.
pub(crate) fn in_rounds<S>(
    bencher: &mut Bencher<'_>,
    round: usize,
    mut prepare: impl FnMut() -> S,
    mut step: impl FnMut(&mut S, usize),
) {
    let mut state = prepare();
    let mut at = 0;
    bencher.iter_custom(|iterations| {
        let mut took = Duration::ZERO;
        let mut left = iterations as usize;
        while left > 0 {
            if at == round {
                state = prepare();
                at = 0;
            }
            let end = round.min(at + left);
            let start = Instant::now();
            for at in at..end {
                step(&mut state, at);
            }
            took += start.elapsed();
            left -= end - at;
            at = end;
        }
        took
    });
}
