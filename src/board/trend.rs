//! Trend conformance: is this cost, for this capability, at this date, on the historical cost-decline curve?
//!
//! Three estimators, each a pure function of plain numbers:
//!
//! - [`declared`]: an assumed decline by a factor r a year, against one earlier offer;
//! - [`fit`]: least squares of ln cost on years and logit(normalised score), with a prediction interval;
//! - [`price_to_reach`]: the record-low prices of a score, log10 cost on days; descriptive, no verdict.
//!
//! Nothing here knows a board, a model or a clock. Sums are exact and every logarithm, exponential and power comes from
//! `libm`, so that daemons on different platforms answer alike. Year = 365.25 days, except in [`price_to_reach`].

pub mod declared;
pub mod estimate;
pub mod fit;
pub mod price_to_reach;
mod sums;
mod wide;

pub use declared::{
    Assessment, Inputs, Range, Verdict, adjusted_cost, adjusted_cost_key, assess, assess_reduction,
};
pub use estimate::Insufficient;
pub use fit::{Extent, Fit, Judgement, Prediction};
pub use price_to_reach::{Offer, PriceToReach, RecordLow, RecordLows};
pub(crate) use sums::is_clipped;
pub use sums::{FitPoint, FitSums, NORMALISED_MAX, NORMALISED_MIN, logit};
