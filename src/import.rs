//! Result files of evaluation tools: one reader a format, each a function of bytes. A reader tells what it found row
//! by row; [`finish`] adds what flags and a mapping file say and makes a submission of it. Nothing here waits, connects
//! or writes; `cli/import` does.
//!
//! Every row of a file ends as one of: a submission, a price, skipped for a [`Reason`], or refused for one. Nothing is
//! dropped in silence, and nothing that a file does not say is made up.

pub mod aider;
pub mod columns;
pub mod csv;
pub mod detect;
pub mod eee;
pub mod helm;
pub mod inspect;
mod json;
pub mod jsonl;
pub mod lm_eval;
pub mod mapping;
pub mod names;
pub mod prices;
mod submission;
mod yaml;

pub use detect::Format;
pub use mapping::Mapping;
pub use submission::{Said, Submission, finish, price_id};

use std::fmt;

use crate::proto::v1::{Benchmark, Price, Result as ResultMessage};

/// Largest document that a format without rows of its own may be: the whole of it is held while it is read. csv, jsonl
/// and the samples of an Inspect log are not held and have no such bound; of Every Eval Ever records that stand one a
/// line, a line has it.
pub const DOCUMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a row or a file was skipped or refused: `UPPER_SNAKE`, stable.
pub type Reason = &'static str;

/// What a reader is to do where a format leaves a choice.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The one metric to rank, by the name that the file gives it; none = the documented rule of the format.
    pub metric: Option<String>,
    /// Every metric as a benchmark of its own.
    pub all_metrics: bool,
    /// Runs over a part of the questions too.
    pub partial: bool,
    /// Totals of groups instead of their parts.
    pub groups: bool,
    /// Day that an undated price is in force from, `YYYY-MM-DD`; empty = what the file says of when it was checked.
    pub date: String,
    /// The day of the import, for undated prices of which the file says nothing at all.
    pub today: String,
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it stands in the file: `line 7`, `results.mmlu acc,none`.
    pub at: String,
    /// What it is.
    pub found: Found,
}

/// What a row holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A result.
    Result(Box<Draft>),
    /// A price of a model that is still named as the file names it.
    Price(Box<Priced>),
    /// Not to be submitted, by the rules of the format.
    Skipped(Reason, String),
    /// Cannot be submitted as it is; the text says what is wrong and the way out.
    Refused(Reason, String),
}

impl Found {
    /// A row refused for what is wrong with one of its fields.
    pub(crate) fn field(name: &str, what: impl fmt::Display) -> Self {
        Self::Refused("FIELD_INVALID", format!("`{name}`: {what}"))
    }
}

/// A result as a file tells it: its model is a name yet, not an id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// The model's name in the file.
    pub model: String,
    /// What sets this run of the model apart from others, where the name does not say it: an edit format, a revision.
    pub variant: Option<String>,
    /// The result; `model` is empty and `benchmark` is [`Benchmark::id`] of the definition.
    pub result: ResultMessage,
    /// What the file says the benchmark is. `higher_is_better` is absent where the format does not say.
    pub benchmark: Benchmark,
    /// `DISPUTED` and why, where the row comes from a store that had it disputed.
    pub disputed: Option<String>,
    /// What was left out, counted in the summary.
    pub notes: Vec<Reason>,
}

/// A price as a file tells it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priced {
    /// The model's name in the file.
    pub model: String,
    /// The price; `model` is empty.
    pub price: Price,
    /// False where the file gives no first day: an equal price in force already is then the same statement.
    pub dated: bool,
}

/// A file that cannot be read as its format, or no further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// Why, stable.
    pub reason: Reason,
    /// What is wrong, where, and the way out.
    pub message: String,
}

impl Unreadable {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }

    /// Not the format it was read as.
    pub(crate) fn format(expected: &str) -> Self {
        Self::new(
            "WRONG_FORMAT",
            format!("{expected}; leave the format out to have it recognised"),
        )
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unreadable {}

/// Where a reader puts what it finds. Answering false ends the reading.
pub type Sink<'a> = &'a mut dyn FnMut(Row) -> bool;
