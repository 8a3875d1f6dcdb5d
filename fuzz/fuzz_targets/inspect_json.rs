//! Logs of Inspect AI as JSON.

#![no_main]

mod reader;

use frontierd::import::{Format, inspect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::Inspect, data, |data, options, out| inspect::read_json(data, options, out));
});
