//! Lists: whole, in order, nothing twice, in every style of the service.

use deploykit::scalingo::{Client, Deployment};
use deploykit::{Error, Pages};
use deploykit_sandbox::scalingo::Scalingo;
use deploykit_sandbox::{MetaStyle, Running};
use futures::{StreamExt, TryStreamExt};

use crate::support::*;

fn list(client: &Client) -> Pages<Deployment> {
    client.deployments().list(APP).per_page(10)
}

/// The ids that there are, newest first.
fn all(sandbox: &Running<Scalingo>) -> Vec<String> {
    let deployments = sandbox.deployments(APP);
    let ids = deployments
        .iter()
        .rev()
        .map(|one| one["id"].as_str().unwrap().to_owned());
    ids.collect()
}

async fn ids(pages: Pages<Deployment>) -> Result<Vec<String>, Error> {
    let ids = pages.items().map_ok(|deployment| deployment.id.to_string());
    bounded(ids.try_collect()).await
}

#[tokio::test]
async fn lists_end_in_every_style() {
    for style in [MetaStyle::Null, MetaStyle::PreviousPage, MetaStyle::Echo] {
        for (history, pages) in [(0, 1), (10, 1), (11, 2), (47, 5)] {
            let sandbox = start(sandbox().history(history).meta(style)).await;
            let client = client(&sandbox);
            let found = ids(list(&client)).await.unwrap();
            assert_eq!(found, all(&sandbox), "{style:?} with {history}");
            let sent = count(&sandbox, "GET", "/deployments");
            assert_eq!(sent, pages, "{style:?} with {history}");
        }
    }
}

#[tokio::test]
async fn a_list_without_meta_is_one_page() {
    let sandbox = start(sandbox().history(7).without_meta()).await;
    let client = client(&sandbox);
    assert_eq!(ids(list(&client)).await.unwrap(), all(&sandbox));
    let page = list(&client).await.unwrap();
    assert!(page.next.is_none() && page.total_items.is_none());
}

#[tokio::test]
async fn one_page_tells_where_it_stands() {
    for style in [MetaStyle::Null, MetaStyle::PreviousPage, MetaStyle::Echo] {
        let sandbox = start(sandbox().history(47).meta(style)).await;
        let page = list(&client(&sandbox)).page(2).await.unwrap();
        let number = |place: &Option<deploykit::core::Position>| {
            place.as_ref().and_then(|place| place.number())
        };
        assert_eq!((page.number, page.items.len()), (Some(2), 10));
        assert_eq!((number(&page.prev), number(&page.next)), (Some(1), Some(3)));
        assert_eq!((page.total_pages, page.total_items), (Some(5), Some(47)));
        let last = list(&client(&sandbox)).page(5).await.unwrap();
        assert_eq!(
            (last.items.len(), number(&last.next)),
            (7, None),
            "{style:?}"
        );
    }
}

#[tokio::test]
async fn a_deployment_that_begins_meanwhile_gives_nothing_twice() {
    for ahead in [1, 3] {
        let sandbox = start(sandbox().history(35)).await;
        let client = client(&sandbox);
        let before = all(&sandbox);
        let mut items = list(&client).concurrent(ahead).items();
        let mut found = Vec::new();
        while let Some(deployment) = bounded(items.next()).await {
            found.push(deployment.unwrap().id.to_string());
            if found.len() % 9 == 1 {
                sandbox.trigger(APP, "meanwhile").unwrap();
            }
        }
        assert_eq!(found, before, "{ahead} at once");
    }
}

#[tokio::test]
async fn pages_fetched_at_once_come_in_order() {
    let sandbox = start(sandbox().history(95)).await;
    let client = client(&sandbox);
    // The second page comes last.
    let second = sandbox
        .faults()
        .on("GET", "/v1/apps/*/deployments")
        .after(1);
    second.delay(std::time::Duration::from_millis(100));
    let found = ids(list(&client).concurrent(4)).await.unwrap();
    assert_eq!(found, all(&sandbox));
    let pages: Vec<_> = sandbox
        .requests()
        .iter()
        .filter(|sent| sent.path.ends_with("/deployments"))
        .map(|sent| {
            sent.query
                .iter()
                .find(|(name, _)| name == "page")
                .map(|(_, n)| n.clone())
        })
        .collect();
    assert_eq!(pages.len(), 10, "each page once: {pages:?}");
}

#[tokio::test]
async fn a_page_that_fails_keeps_what_came_before_and_is_resumed() {
    for ahead in [1, 4] {
        let sandbox = start(sandbox().history(45)).await;
        let client = client(&sandbox);
        let third = sandbox
            .faults()
            .on("GET", "/v1/apps/*/deployments")
            .after(2);
        let third = third.body(r#"{"error":"Cannot now"}"#).status(409);
        let mut items = list(&client).concurrent(ahead).items();
        let mut found = Vec::new();
        let error = loop {
            match bounded(items.next()).await.unwrap() {
                Ok(deployment) => found.push(deployment.id.to_string()),
                Err(error) => break error,
            }
        };
        assert!(error.is_conflict());
        assert_eq!(third.hits(), 1);
        assert_eq!(found.len() % 10, 0, "whole pages");
        assert!(found.len() >= 10);
        assert!(bounded(items.next()).await.is_none(), "it stops there");
        let position = items.position().unwrap();
        items.resume();
        while let Some(deployment) = bounded(items.next()).await {
            found.push(deployment.unwrap().id.to_string());
        }
        assert_eq!(found, all(&sandbox), "{ahead} at once");

        // The same in another run of the program.
        let rest = ids(list(&client).start_at(position.clone())).await.unwrap();
        let passed = (position.number().unwrap() as usize - 1) * 10;
        assert_eq!(rest, found[passed..]);
    }
}
