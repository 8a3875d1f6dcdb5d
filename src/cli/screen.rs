//! What standard output can show: how wide it is, whether in colour, whether more than ASCII.

use std::env;
use std::io::IsTerminal;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Even into a pipe
    Always,
    /// Not at all
    Never,
}

impl Color {
    /// Decides for everything that is printed from here on.
    pub(super) fn apply(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::AlwaysAnsi,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// What text is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Screen {
    /// Columns of the terminal; none = no terminal, nothing is cut.
    pub(super) width: Option<usize>,
    /// False: only ASCII can be shown.
    pub(super) unicode: bool,
    /// Whether colour is wanted and can be shown.
    pub(super) color: bool,
}

impl Screen {
    /// No terminal: nothing is cut.
    #[cfg(test)]
    pub(super) const UNBOUNDED: Self = Self {
        width: None,
        unicode: true,
        color: false,
    };

    /// Standard output as it is. `COLUMNS` goes before what the terminal says, and makes a width where there is none.
    pub(super) fn of_stdout() -> Self {
        let told = env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let seen = || {
            let terminal = std::io::stdout().is_terminal();
            let (width, _) = terminal.then(terminal_size::terminal_size).flatten()?;
            Some(usize::from(width.0))
        };
        Self {
            width: told.filter(|width| *width > 0).or_else(seen),
            unicode: is_utf8(["LC_ALL", "LC_CTYPE", "LANG"].map(|name| env::var(name).ok())),
            color: anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
        }
    }

    /// A text in a style, where there is colour.
    pub(super) fn paint(self, style: Style, text: &str) -> String {
        if !self.color || style == Style::new() || text.is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

/// What the locale says, by the first of its variables that is set. Windows has none, and shows Unicode.
fn is_utf8(variables: [Option<String>; 3]) -> bool {
    let mut set = variables.into_iter().flatten();
    let locale = set.find(|value| !value.is_empty());
    locale.map_or(cfg!(windows), |locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Heads of columns.
pub(super) const HEAD: Style = Style::new().bold();
/// Good news: on the frontier, ahead of the trend.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Bad news: behind the trend.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// Take care: disputed.
pub(super) const CARE: Style = AnsiColor::Yellow.on_default();
/// Absent.
pub(super) const FAINT: Style = Style::new().dimmed();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let set = |value: &str| Some(value.to_owned());
        assert!(is_utf8([None, None, set("de_DE.UTF-8")]));
        assert!(is_utf8([None, set("C.utf8"), set("C")]));
        assert!(is_utf8([set(""), None, set("en_US.utf8")]));
        assert!(!is_utf8([set("C"), None, set("en_US.UTF-8")]));
        assert!(!is_utf8([set("POSIX"), set("en_US.UTF-8"), None]));
        assert_eq!(is_utf8([None, None, None]), cfg!(windows));
    }
}
