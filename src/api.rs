//! gRPC handlers.
pub mod frame;
