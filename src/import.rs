//! Result files of evaluation tools, one reader a format.

pub mod columns;
