//! Lists in pages, against a server in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::LIST;
use deploykit_core::memory::{Memory, reply};
use deploykit_core::{
    Client, Endpoint, ErrorKind, Method, Outcome, Pages, Position, RetryPolicy, TransportError,
};
use futures::{StreamExt, TryStreamExt};
use tokio::time::Instant;

const NUMBERED: Endpoint =
    Endpoint::new("listNumbered", Method::GET, "/v1/things").envelope("things");

/// Ten pages of two numbers each, linked by header or by numbers; page 6 is empty.
#[derive(Clone, Default)]
struct Pager {
    asked: Arc<Mutex<Vec<u64>>>,
    /// Pages that fail so often.
    failing: Arc<Mutex<Vec<u64>>>,
    next_of_3: Option<&'static str>,
    no_last: bool,
}

const PAGES: u64 = 10;

fn numbers(page: u64) -> Vec<u64> {
    match page {
        6 => Vec::new(),
        page => vec![page * 10, page * 10 + 1],
    }
}

fn all() -> Vec<u64> {
    (1..=PAGES).flat_map(numbers).collect()
}

impl Pager {
    fn client(&self) -> Client {
        let pager = self.clone();
        let transport = Memory::new(move |request| {
            let pager = pager.clone();
            async move {
                let page = request
                    .url
                    .query_pairs()
                    .find(|(name, _)| name == "page")
                    .map_or(1, |(_, page)| page.parse().unwrap());
                pager.asked.lock().unwrap().push(page);
                tokio::time::sleep(Duration::from_millis(20)).await;
                let mut failing = pager.failing.lock().unwrap();
                if let Some(at) = failing.iter().position(|failing| *failing == page) {
                    failing.remove(at);
                    return Err(TransportError::new(Outcome::Interrupted, "reset"));
                }
                drop(failing);
                Ok(pager.answer(page))
            }
        });
        Client::builder("https://api.example.com")
            .retry(RetryPolicy::never())
            .transport(transport)
            .build()
            .unwrap()
    }

    fn answer(&self, page: u64) -> deploykit_core::HttpResponse {
        let list = serde_json::json!(numbers(page)).to_string();
        let mut answer = reply(200, list);
        let mut links = Vec::new();
        let mut link = |rel: &str, target: String| links.push(format!("<{target}>; rel=\"{rel}\""));
        let at = |page: u64| format!("https://api.example.com/v1/things?page={page}");
        if page < PAGES {
            match (page, self.next_of_3) {
                (3, Some(next)) => link("next", next.to_owned()),
                _ => link("next", at(page + 1)),
            }
        }
        if !self.no_last {
            link("last", at(PAGES));
        }
        answer
            .headers
            .insert("link", links.join(", ").parse().unwrap());
        answer
    }

    fn pages(&self) -> Pages<u64> {
        let client = self.client();
        Pages::new(&client, client.request(&LIST))
    }

    fn asked(&self) -> Vec<u64> {
        self.asked.lock().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_once_in_order_and_an_empty_one_is_followed() {
    let pager = Pager::default();
    let items: Vec<u64> = pager.pages().items().try_collect().await.unwrap();
    assert_eq!(items, all());
    assert_eq!(pager.asked(), (1..=PAGES).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn pages_are_fetched_ahead_in_order() {
    let pager = Pager::default();
    let start = Instant::now();
    let items: Vec<u64> = pager
        .pages()
        .concurrent(3)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(items, all());
    // One page to learn how many there are, then nine, three at once.
    let took = start.elapsed();
    assert!(took < Duration::from_millis(4 * 20 + 10), "{took:?}");
    assert_eq!(pager.asked().len(), 10);

    let pager = Pager {
        no_last: true,
        ..Pager::default()
    };
    let items: Vec<u64> = pager
        .pages()
        .concurrent(3)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(items, all(), "without a last page it goes one by one");
}

#[tokio::test(start_paused = true)]
async fn a_failed_page_keeps_what_came_before_and_can_be_resumed() {
    for ahead in [1, 4] {
        let pager = Pager::default();
        pager.failing.lock().unwrap().extend([4, 4, 8]);
        let mut items = pager.pages().concurrent(ahead).items();
        let mut seen = Vec::new();
        let mut failures = 0;
        loop {
            match items.next().await {
                Some(Ok(item)) => seen.push(item),
                Some(Err(error)) => {
                    failures += 1;
                    assert_eq!(error.kind(), ErrorKind::Interrupted);
                    assert!(items.next().await.is_none(), "it ends after the error");
                    let failed_at = items.position().unwrap();
                    assert!(
                        [Some(4), Some(8)].contains(&failed_at.number()),
                        "{failed_at:?}"
                    );
                    items.resume();
                }
                None => break,
            }
        }
        assert_eq!((failures, seen), (3, all()), "{ahead} ahead");
    }
}

#[tokio::test(start_paused = true)]
async fn a_position_can_be_taken_up_later() {
    let pager = Pager::default();
    let items: Vec<u64> = pager
        .pages()
        .start_at(Position::page(9))
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(items, [90, 91, 100, 101]);
    let page = pager.pages().page(2).await.unwrap();
    assert_eq!((page.number, page.total_pages), (Some(2), Some(PAGES)));
    let items: Vec<u64> = pager
        .pages()
        .start_at(page.next.unwrap())
        .items()
        .take(2)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(items, [30, 31]);
}

#[tokio::test(start_paused = true)]
async fn a_circle_ends_with_an_error() {
    let pager = Pager {
        next_of_3: Some("https://api.example.com/v1/things?page=2"),
        ..Pager::default()
    };
    let results: Vec<_> = pager.pages().items().collect().await;
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), 6, "the page that leads back was read, too");
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].as_ref().unwrap_err().kind(), ErrorKind::Paging);
    assert_eq!(pager.asked(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn the_highest_page_number_is_no_overflow() {
    let client = Client::builder("https://api.example.com")
        .transport(Memory::new(|_| async {
            let mut answer = reply(200, "[1]");
            let links = "</v1/things?page=1>; rel=\"next\", </v1/things?page=9>; rel=\"last\"";
            answer.headers.insert("link", links.parse().unwrap());
            Ok(answer)
        }))
        .build()
        .unwrap();
    let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
    let items: Vec<_> = pages.page(u64::MAX).concurrent(2).items().collect().await;
    assert!(items[0].is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_foreign_next_link_is_not_followed() {
    let pager = Pager {
        next_of_3: Some("https://evil.example/v1/things?page=4"),
        ..Pager::default()
    };
    let token = deploykit_core::Token::bearer("t").unwrap();
    let client = pager.client().with_credential(token);
    let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
    let results: Vec<_> = pages.items().collect().await;
    let error = results.last().unwrap().as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Origin);
    assert_eq!(results.len(), 7, "what came before is kept");
    assert_eq!(pager.asked(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_broken_link_header_is_an_error_not_the_end() {
    let client = Client::builder("https://api.example.com")
        .transport(Memory::new(|_| async {
            let mut answer = reply(200, "[1]");
            answer.headers.insert("link", "next page".parse().unwrap());
            Ok(answer)
        }))
        .build()
        .unwrap();
    let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
    assert_eq!(pages.await.unwrap_err().kind(), ErrorKind::Paging);
}

#[tokio::test(start_paused = true)]
async fn a_shifting_list_gives_no_item_twice() {
    // Between the pages an item was put in front: the last of page one is the first of page two.
    let client = Client::builder("https://api.example.com")
        .transport(Memory::new(|request| async move {
            let second = request.url.query().is_some_and(|query| query.contains("page=2"));
            Ok(reply(
                200,
                if second {
                    r#"{"things":[2,3],"meta":{"pagination":{"current_page":2,"previous_page":1,"next_page":null,"total_pages":2}}}"#
                } else {
                    r#"{"things":[1,2],"meta":{"pagination":{"current_page":1,"prev_page":null,"next_page":2,"total_pages":2}}}"#
                },
            ))
        }))
        .build()
        .unwrap();
    let pages = || -> Pages<u64> { Pages::new(&client, client.request(&NUMBERED)) };
    let unique: Vec<u64> = pages()
        .unique_by(u64::to_string)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(unique, [1, 2, 3]);
    let plain: Vec<u64> = pages().items().try_collect().await.unwrap();
    assert_eq!(plain, [1, 2, 2, 3]);
}
