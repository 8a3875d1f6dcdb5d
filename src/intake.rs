//! Is it well formed? Checks that need no state, no clock and no protobuf.
//!
//! Each check takes values as a caller typed them and the field they stand in, and answers the value of the model or a
//! [`Refusal`](crate::model::Refusal) that names field and value. What depends on the catalog or on other entries
//! (does the benchmark exist, is the score in its range, do merged fields agree) is judged by the board.

mod catalog;
mod cost;
mod date;
mod field;
mod number;
mod result;
mod text;

use crate::model::{Date, Text};

pub use catalog::{
    Clearing, aliases, blend_weights, curve, distinct, labels, request_id, tag, tags,
};
pub use cost::{CostFigures, TrainingFigures, cost, price_figure, training_cost};
pub use date::{date, date_range, earlier_date, optional_date, training_date};
pub use field::Field;
pub use number::{
    above, at_least, count, finite, non_negative, page_size, revision, share, within,
};
pub use result::{GivenUncertainty, tokens, uncertainty};
pub use text::{name, note, required_note, text, unit};

/// Submitter and evaluator where nobody authenticated.
pub const UNKNOWN_AUTHOR: &str = "unknown";

/// What a request is read against: assigned once, when it arrives.
#[derive(Clone, Debug)]
pub struct Context {
    /// The UTC day of arrival: the default of dates, and the bound for dates ahead.
    pub today: Date,
    /// Authenticated submitter, else [`UNKNOWN_AUTHOR`].
    pub author: Text,
}

impl Context {
    /// A request that arrived on a day, from a submitter.
    pub fn new(today: Date, author: impl Into<Text>) -> Self {
        Self {
            today,
            author: author.into(),
        }
    }
}
