//! What a watch promises, checked frame by frame against boards replayed from the log.

mod busy;
mod cases;
mod client;
mod events;
mod oracle;
mod property;
mod resume;
mod world;
