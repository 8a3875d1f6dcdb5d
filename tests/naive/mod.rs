//! A naive model of the boards, written for clarity: every answer is recomputed from the whole list of entries by
//! sorting and scanning plain lists. Slow, and independent of the code under test.

mod cases;
pub(crate) mod changes;
pub(crate) mod check;
pub(crate) mod curves;
pub(crate) mod drafts;
pub(crate) mod history;
pub(crate) mod overall;
pub(crate) mod richness;
pub(crate) mod rows;
pub(crate) mod same;
pub(crate) mod standings;
pub(crate) mod world;
