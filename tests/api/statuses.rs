//! Results afterwards: disputed, retracted, restored, listed.

use frontierd::proto::v1::{ListResultsRequest, Standing, Status};

use crate::support::{Server, models, result};

async fn leading(server: &mut Server) -> Vec<Standing> {
    server.board("exam").await.rows
}

#[tokio::test]
async fn disputes_mark_retractions_take_away_and_restoring_brings_back() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let first = server
        .submit(result("exam", "maker/a", 80.0))
        .await
        .revision;
    server.submit(result("exam", "maker/b", 70.0)).await;
    let disputed = server
        .set_status(first, Status::Disputed, "contaminated")
        .await;
    assert_eq!(
        disputed.standing.expect("still ranked").status(),
        Status::Disputed
    );
    assert_eq!(models(&leading(&mut server).await), ["maker/a", "maker/b"]);
    let retracted = server
        .set_status(first, Status::Retracted, "withdrawn by its author")
        .await;
    assert_eq!(retracted.standing, None);
    assert_eq!(models(&leading(&mut server).await), ["maker/b"]);
    let again = server
        .set_status(first, Status::Retracted, "once more")
        .await;
    assert!(again.unchanged);
    assert_eq!(again.revision, retracted.revision);
    let restored = server.set_status(first, Status::Active, "a mistake").await;
    assert_eq!(restored.standing.expect("ranked again").rank, Some(1));
    let records = server.results("exam").await;
    let record = records.iter().find(|record| record.revision == first);
    let record = record.expect("nothing is deleted");
    assert_eq!(record.status(), Status::Active);
    let history: Vec<(Status, &str, i64)> = record
        .history
        .iter()
        .map(|change| (change.status(), change.reason.as_str(), change.revision))
        .collect();
    assert_eq!(
        history,
        [
            (Status::Disputed, "contaminated", disputed.revision),
            (
                Status::Retracted,
                "withdrawn by its author",
                retracted.revision
            ),
            (Status::Active, "a mistake", restored.revision),
        ]
    );
    assert!(
        record
            .history
            .iter()
            .all(|c| c.author == "unknown" && c.received_time.is_some())
    );
    server.stop().await;
}

#[tokio::test]
async fn retracting_the_newest_result_lets_the_one_before_count() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    let older = server
        .submit(result("exam", "maker/a", 60.0))
        .await
        .revision;
    let newer = server
        .submit(result("exam", "maker/a", 80.0))
        .await
        .revision;
    assert_eq!(
        server.standing("exam", "maker/a").await.result_revision,
        newer
    );
    let changed = server
        .set_status(newer, Status::Retracted, "wrong prompt")
        .await;
    let standing = changed.standing.expect("it stands");
    assert_eq!((standing.result_revision, standing.score), (older, 60.0));
    let counting: Vec<bool> = server
        .results("exam")
        .await
        .iter()
        .map(|r| r.counting)
        .collect();
    assert_eq!(counting, [false, true], "newest first");
    server.stop().await;
}

#[tokio::test]
async fn results_are_listed_newest_first_page_by_page_at_one_revision() {
    let mut server = Server::start().await;
    server.benchmark("exam").await;
    server.benchmark("quiz").await;
    for score in 0..7 {
        server
            .submit(result("exam", "maker/a", f64::from(score)))
            .await;
        server
            .submit(result("quiz", "maker/a", f64::from(score)))
            .await;
    }
    let head = server.head().await;
    let mut request = ListResultsRequest {
        model: "maker/a".to_owned(),
        page_size: 4,
        ..ListResultsRequest::default()
    };
    let mut listed = Vec::new();
    loop {
        let page = server
            .client
            .list_results(request.clone())
            .await
            .expect("a page");
        assert_eq!(page.revision, head, "all pages are of one revision");
        listed.extend(page.results.into_iter().map(|record| record.revision));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        server.submit(result("exam", "maker/a", 99.0)).await;
    }
    assert_eq!(listed, (3..=head).rev().collect::<Vec<i64>>());
    server.stop().await;
}
