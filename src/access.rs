//! Who may do what: bearer tokens with a role, a scope, an expiry and rates, kept in a file that holds their hashes only.
//!
//! Nothing here knows of gRPC, of the board or of time: a table is read from a file, a caller is looked up in it, and
//! the answer is who that is, or why not.

mod caller;
mod file;
mod rate;
mod record;
mod role;
mod scope;
mod secret;
mod table;

pub use caller::{Caller, Principal};
pub use file::{FileError, TokenFile};
pub use rate::{Rate, RateSetting};
pub use record::{TokenRecord, TokenState, parse_expiry, show_time};
pub use role::Role;
pub use scope::{Scope, ScopeError};
pub use secret::{Digest, Secret};
pub use table::{Denied, Table};
