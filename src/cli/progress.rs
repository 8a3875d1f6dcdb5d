//! How far a long piece of work is, on standard error.

#[cfg(feature = "cli")]
use {
    crate::clock::Stopwatch,
    indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle},
    std::time::Duration,
};

/// Work that takes less is not talked about.
#[cfg(feature = "cli")]
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar with rate and time left, once the work has taken a second; none where standard error is no terminal.
#[cfg(feature = "cli")]
pub(super) struct Progress {
    bar: ProgressBar,
    since: Stopwatch,
    shown: bool,
}

#[cfg(feature = "cli")]
impl Progress {
    /// Work of `total` steps.
    pub(super) fn new(what: &'static str, total: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template(
            "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta} left",
        );
        // The template is ours and sound; with another one there is a bar all the same.
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(what);
        Self {
            bar,
            since: Stopwatch::start(),
            shown: false,
        }
    }

    /// `done` steps are done.
    pub(super) fn at(&mut self, done: u64) {
        if !self.shown && self.since.elapsed() >= PATIENCE {
            self.shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position(done);
    }

    /// Takes the bar away.
    pub(super) fn end(self) {
        self.bar.finish_and_clear();
    }
}

/// A build that serves only draws nothing.
#[cfg(not(feature = "cli"))]
pub(super) struct Progress;

#[cfg(not(feature = "cli"))]
impl Progress {
    pub(super) fn new(_what: &'static str, _total: u64) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as the bar")]
    pub(super) fn at(&mut self, _done: u64) {}

    #[allow(clippy::unused_self, reason = "as the bar")]
    pub(super) fn end(self) {}
}
