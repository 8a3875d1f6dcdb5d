//! Leaderboards of Aider.

#![no_main]

mod reader;

use frontierd::import::{Format, aider};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::Aider, data, |data, options, out| aider::read(data, options, out));
});
