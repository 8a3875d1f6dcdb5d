//! The client's watch over real connections, against a server that plays a script.

mod script;

use frontierd::client::{Applied, Client, ClientError, FoldError, Rows, Update, Watch};
use frontierd::proto::v1::{WatchAfter, WatchLeaderboardRequest};
use script::{Turn, delta, end, progress, refusal, row_chunk, serve};
use tonic::Code;

async fn watch(turns: Vec<Turn>, request: WatchLeaderboardRequest) -> (Watch, script::Seen) {
    let (addr, seen) = serve(turns).await;
    let client = Client::connect(&addr).await.expect("connected");
    (Watch::new(client, request), seen)
}

/// Frames applied until the revision is held; what else was told is answered.
async fn until(watch: &mut Watch, revision: i64) -> Vec<Update> {
    let mut told = Vec::new();
    while watch.fold().revision() != Some(revision) {
        match watch.next().await.expect("an update") {
            Update::Frame { .. } => {}
            other => told.push(other),
        }
    }
    told
}

#[tokio::test]
async fn it_goes_on_after_a_broken_connection_where_it_was() {
    let (mut watch, seen) = watch(
        vec![
            Turn::Frames(vec![
                row_chunk(5, &["a/x", "a/y"]),
                end(5, 2),
                delta(5, 6, &["a/z"], &["a/x"]),
            ]),
            Turn::Refuse(refusal(Code::Unavailable, "SHUTTING_DOWN")),
            Turn::Frames(vec![delta(6, 9, &["a/w"], &[])]),
        ],
        WatchLeaderboardRequest::default(),
    )
    .await;
    let told = until(&mut watch, 9).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.iter()
            .all(|update| matches!(update, Update::Disconnected { .. }))
    );
    let models: Vec<_> = watch
        .fold()
        .board("mmlu")
        .into_iter()
        .flat_map(Rows::keys)
        .collect();
    assert_eq!(models, ["a/w", "a/y", "a/z"]);
    let after = WatchAfter {
        revision: 6,
        store_id: "s1".into(),
        resnapshot: true,
    };
    assert_eq!(seen.after(), [None, Some(after.clone()), Some(after)]);
}

#[tokio::test]
async fn a_snapshot_cut_in_the_middle_leaves_no_trace() {
    let (mut watch, seen) = watch(
        vec![
            Turn::Frames(vec![row_chunk(5, &["a/x"])]),
            Turn::Frames(vec![row_chunk(7, &["a/y"]), end(7, 1)]),
        ],
        WatchLeaderboardRequest::default(),
    )
    .await;
    until(&mut watch, 7).await;
    assert_eq!(watch.fold().board("mmlu").map(Rows::len), Some(1));
    assert_eq!(seen.after(), [None, None]);
}

#[tokio::test]
async fn another_store_starts_over_unless_that_is_refused() {
    let turns = || {
        vec![
            Turn::Refuse(refusal(Code::FailedPrecondition, "STORE_MISMATCH")),
            Turn::Frames(vec![row_chunk(3, &["b/x"]), end(3, 1)]),
        ]
    };
    let after = |resnapshot| WatchLeaderboardRequest {
        after: Some(WatchAfter {
            revision: 80,
            store_id: "gone".into(),
            resnapshot,
        }),
        ..WatchLeaderboardRequest::default()
    };
    let (mut lenient, seen) = watch(turns(), after(true)).await;
    let told = until(&mut lenient, 3).await;
    assert!(
        matches!(&told[..], [Update::Restarted { why }] if why.contains("STORE_MISMATCH")),
        "{told:?}"
    );
    assert_eq!(seen.after()[1], None);

    let (mut strict, _) = watch(turns(), after(false)).await;
    let error = strict.next().await.expect_err("refused");
    assert_eq!(
        error.refused().map(|refused| refused.reason.as_str()),
        Some("STORE_MISMATCH")
    );
}

#[tokio::test]
async fn a_skipped_revision_is_an_error_and_not_a_wrong_board() {
    let frames = vec![
        row_chunk(5, &["a/x"]),
        end(5, 1),
        progress(6),
        delta(7, 8, &["a/y"], &[]),
    ];
    let (mut watch, _) = watch(
        vec![Turn::Frames(frames)],
        WatchLeaderboardRequest::default(),
    )
    .await;
    until(&mut watch, 6).await;
    let error = watch.next().await.expect_err("a gap");
    assert_eq!(
        error,
        ClientError::Fold(FoldError::Gap { held: 6, from: 7 })
    );
    assert_eq!(watch.fold().revision(), None, "the next call starts over");
}

#[tokio::test]
async fn a_refusal_for_good_ends_the_watch() {
    let (mut watch, _) = watch(
        vec![Turn::Refuse(refusal(Code::NotFound, "UNKNOWN_BOARD"))],
        WatchLeaderboardRequest::default(),
    )
    .await;
    let error = watch.next().await.expect_err("refused");
    assert_eq!(
        error.refused().map(|refused| refused.code),
        Some(Code::NotFound)
    );
}

#[tokio::test]
async fn each_frame_is_told_with_what_it_did() {
    let frames = vec![row_chunk(5, &["a/x"]), end(5, 1), progress(6)];
    let (mut watch, _) = watch(
        vec![Turn::Frames(frames)],
        WatchLeaderboardRequest::default(),
    )
    .await;
    let mut done = Vec::new();
    for _ in 0..3 {
        if let Update::Frame { applied, .. } = watch.next().await.expect("a frame") {
            done.push(applied);
        }
    }
    assert_eq!(
        done,
        [Applied::Collecting, Applied::Snapshot, Applied::Progress]
    );
}
