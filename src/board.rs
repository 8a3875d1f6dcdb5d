//! The deterministic state machine.

pub mod trend;
