//! What this program was built from.

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Short hash of the commit; `unknown` where it was built without one, as development builds are.
pub const COMMIT: &str = env!("FRONTIERD_BUILD_COMMIT");
/// Cargo's profile.
pub const PROFILE: &str = env!("FRONTIERD_BUILD_PROFILE");
/// Optional parts that are built in, separated by commas.
pub const FEATURES: &str = env!("FRONTIERD_BUILD_FEATURES");
