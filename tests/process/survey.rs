//! What a daemon's log holds, read through `ExportLog` as a backup would.

use frontierd::client::Client;
use frontierd::log::{Chunk, Head};
use frontierd::model::Entry;
use frontierd::proto::v1::ExportLogRequest;

/// Every entry after `known`, whose chunks must continue the chain there.
pub(crate) async fn entries_after(client: &Client, known: Head) -> (Head, Vec<Entry>) {
    let request = ExportLogRequest {
        from_revision: known.revision as i64 + 1,
    };
    let answered = client.admin_service().export_log(request).await;
    let mut chunks = answered.expect("an export").into_inner();
    let mut head = known;
    let mut entries = Vec::new();
    while let Some(answer) = chunks.message().await.expect("a chunk") {
        let first = answer.first_revision as u64;
        let chunk = Chunk::parse(first, answer.chunk.into()).expect("a sound chunk");
        assert_eq!(chunk.first, head.revision + 1, "a gap in the log");
        assert_eq!(chunk.previous_hash(), head.hash, "the chain breaks");
        assert_eq!(chunk.last, answer.last_revision as u64);
        head = chunk.head();
        entries.extend(chunk.decode().expect("entries decode"));
    }
    (head, entries)
}
