//! Results as jsonl.

#![no_main]

mod reader;

use frontierd::import::{Format, jsonl};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::Jsonl, data, |data, options, out| jsonl::read(data, options, out));
});
