//! gRPC handlers.
pub mod convert;
pub mod frame;
pub mod status;
