//! Any bytes on a connection: HTTP/2, HTTP/1.1, gRPC-Web, or nothing of the kind. It must be answered or ended, at once.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use served::served;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How a client of HTTP/2 begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

fuzz_target!(|data: &[u8]| {
    let served = served();
    served.runtime.block_on(async {
        let mut stream = served.inside.stream();
        // Few inputs would find the preface; the first bit says whether it is given.
        let preface = data.first().is_some_and(|first| first & 1 == 0);
        let talk = async {
            if preface {
                stream.write_all(PREFACE).await?;
            }
            stream.write_all(data.get(1..).unwrap_or_default()).await?;
            stream.shutdown().await?;
            let mut answer = [0; 4_096];
            while stream.read(&mut answer).await? > 0 {}
            Ok::<_, std::io::Error>(())
        };
        // The daemon may end the connection first.
        let ended = tokio::time::timeout(Duration::from_secs(5), talk).await;
        assert!(ended.is_ok(), "a connection whose client has gone stays open");
    });
});
