//! Prices of genai-prices.

#![no_main]

mod reader;

use frontierd::import::{Format, prices::genai};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    reader::check_bytes(Format::PricesGenai, data, |data, options, out| genai::read(data, options, out));
});
