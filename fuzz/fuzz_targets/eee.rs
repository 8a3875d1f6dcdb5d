//! Every Eval Ever records.

#![no_main]

mod reader;

use frontierd::import::{Format, eee};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::Eee, data, |data, options, out| eee::read(data, options, out));
});
