//! Lists in pages, against a server in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Answers, LIST, Server};
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

/// A client whose server answers a page's number with a body and a `Link` header; and what it was asked for.
fn scripted(
    answer: impl Fn(u64) -> (String, Option<String>) + Send + Sync + 'static,
) -> (Client, Arc<Mutex<Vec<u64>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let counted = asked.clone();
    let transport = Memory::new(move |request| {
        let page = request
            .url
            .query_pairs()
            .find(|(name, _)| name == "page")
            .map_or(1, |(_, page)| page.parse().unwrap());
        counted.lock().unwrap().push(page);
        let (body, link) = answer(page);
        let mut answer = reply(200, body);
        if let Some(link) = link {
            let link = http::HeaderValue::from_bytes(link.as_bytes()).unwrap();
            answer.headers.insert("link", link);
        }
        async { Ok(answer) }
    });
    let client = Client::builder("https://api.example.com")
        .transport(transport)
        .build()
        .unwrap();
    (client, asked)
}

#[tokio::test(start_paused = true)]
async fn a_broken_link_header_costs_no_item_and_is_not_the_end() {
    for link in [
        "next page",
        "https://api.example.com/v1/things?page=2; rel=next",
        "<https://api.example.com/v1/things?page=2; rel=next",
        r#"</v1/things?page=2>; rel="next"#,
        r#"</v1/things?page=2>; rel="next" </v1/things?page=9>; rel="last""#,
        "<https://[>; rel=next",
        "\u{e9}",
        "<",
        ";;",
    ] {
        let (client, _) = scripted(move |_| ("[1,2]".to_owned(), Some(link.to_owned())));
        let pages = || -> Pages<u64> { Pages::new(&client, client.request(&LIST)) };
        let page = pages().await.unwrap();
        assert_eq!(page.items, [1, 2], "{link}");
        let unread = page.unread.unwrap();
        assert!(
            unread.starts_with("the Link header could not be read: "),
            "{unread}"
        );

        let mut items = pages().items();
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        assert_eq!(items.next().await.unwrap().unwrap(), 2);
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Paging);
        assert!(error.to_string().contains(&unread), "{error}");
        assert!(items.next().await.is_none());
    }
    for link in [None, Some(""), Some(" , "), Some(r#"</docs>; rel="help""#)] {
        let (client, _) = scripted(move |_| ("[1,2]".to_owned(), link.map(str::to_owned)));
        let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
        let items: Vec<u64> = pages.items().try_collect().await.unwrap();
        assert_eq!(items, [1, 2], "nothing follows: {link:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn endless_empty_pages_end_with_an_error_and_can_be_resumed() {
    for ahead in [1, 4] {
        // Page 150 alone holds something.
        let (client, asked) = scripted(|page| {
            let body = if page == 150 { "[150]" } else { "[]" };
            let links = format!(
                "</v1/things?page={}>; rel=next, </v1/things?page=900>; rel=last",
                page + 1
            );
            (body.to_owned(), Some(links))
        });
        let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
        let mut items = pages.concurrent(ahead).items();
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Paging);
        assert_eq!(
            error.to_string(),
            "listThings: 100 pages in a row were empty"
        );
        assert!(items.next().await.is_none());
        assert!(asked.lock().unwrap().len() < 100 + ahead);
        assert_eq!(items.position().unwrap().number(), Some(101));

        items.resume();
        assert_eq!(items.next().await.unwrap().unwrap(), 150);
        let error = items.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Paging);
        assert_eq!(items.position().unwrap().number(), Some(251));
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_page_there_can_be_is_read() {
    const MAX: u64 = u64::MAX;
    let (client, asked) = scripted(|page| {
        let next = page.checked_add(1);
        let next = next.map_or(String::new(), |next| {
            format!("</v1/things?page={next}>; rel=next, ")
        });
        let links = format!("{next}</v1/things?page={MAX}>; rel=last");
        (format!("[{page}]"), Some(links))
    });
    let pages: Pages<u64> = Pages::new(&client, client.request(&LIST));
    let items = pages.page(MAX - 2).concurrent(8).items();
    let items: Vec<u64> = items.try_collect().await.unwrap();
    assert_eq!(items, [MAX - 2, MAX - 1, MAX]);
    assert_eq!(*asked.lock().unwrap(), items);
}

#[tokio::test(start_paused = true)]
async fn a_number_of_pages_beyond_all_measure_is_only_a_claim() {
    const CLAIMED: u64 = 1_000_000_000_000;
    let list = |items: String, here: u64, next: Option<u64>| {
        serde_json::json!({
            "things": serde_json::from_str::<serde_json::Value>(&items).unwrap(),
            "meta": {"pagination": {"current_page": here, "next_page": next, "total_pages": CLAIMED}},
        })
        .to_string()
    };
    let (client, asked) = scripted(move |page| match page {
        1..=5 => (list(format!("[{page}]"), page, Some(page + 1)), None),
        _ => (list("[]".to_owned(), page, None), None),
    });
    let pages: Pages<u64> = Pages::new(&client, client.request(&NUMBERED));
    let items: Vec<u64> = pages
        .concurrent(usize::MAX)
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(items, [1, 2, 3, 4, 5]);
    assert!(asked.lock().unwrap().len() <= 6 + 100);
}

#[tokio::test(start_paused = true)]
async fn numbers_that_lead_back_are_a_circle() {
    let body = r#"{"things":[1],"meta":{"pagination":{"current_page":1,"next_page":2}}}"#;
    let (client, asked) = scripted(|_| (body.to_owned(), None));
    let pages: Pages<u64> = Pages::new(&client, client.request(&NUMBERED));
    let results: Vec<_> = pages.items().collect().await;
    assert_eq!(results.len(), 3);
    assert_eq!(results[2].as_ref().unwrap_err().kind(), ErrorKind::Paging);
    assert_eq!(*asked.lock().unwrap(), [1, 2]);
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

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_at_its_cursor_until_there_is_none() {
    const BY_CURSOR: Endpoint =
        Endpoint::new("listByCursor", Method::GET, "/v1/things").envelope("things");
    for end in [
        r#"{"things":[3],"next_cursor":"","has_more":false}"#,
        r#"{"things":[3],"next_cursor":null}"#,
        r#"{"things":[3],"next_cursor":"b/2","has_more":false}"#,
        r#"{"things":[3]}"#,
    ] {
        let server = Server::new([
            Answers(200, r#"{"things":[1],"next_cursor":"a+1","has_more":true}"#),
            Answers(200, r#"{"things":[2],"next_cursor":"b/2","has_more":true}"#),
            Answers(200, end),
        ]);
        let client = server.client();
        let pages = Pages::<u64>::new(&client, client.request(&BY_CURSOR)).concurrent(4);
        let items: Vec<u64> = pages.items().try_collect().await.unwrap();
        assert_eq!(items, [1, 2, 3]);
        let urls: Vec<_> = server.sent().into_iter().map(|sent| sent.url).collect();
        assert!(urls[1].ends_with("?cursor=a%2B1") && urls[2].ends_with("?cursor=b%2F2"));
    }
    let circle = r#"{"things":[1],"next_cursor":"same"}"#;
    let server = Server::new([Answers(200, circle)]);
    let client = server.client();
    let pages = Pages::<u64>::new(&client, client.request(&BY_CURSOR));
    let items: Vec<_> = pages.items().collect().await;
    assert_eq!(items.len(), 3);
    assert_eq!(items[2].as_ref().unwrap_err().kind(), ErrorKind::Paging);
}

#[tokio::test(start_paused = true)]
async fn a_list_may_stand_inside_of_its_envelope() {
    const NESTED: Endpoint = Endpoint::new("listNested", Method::GET, "/v1/names")
        .envelope("names")
        .nested("data");
    let server = Server::new([
        Answers(
            200,
            r#"{"names":{"data":[1,2],"meta":{"current_page":1,"next_page":2,"total_pages":2}}}"#,
        ),
        Answers(
            200,
            r#"{"names":{"data":[3],"meta":{"current_page":2,"next_page":null,"total_pages":2}}}"#,
        ),
        Answers(200, r#"{"names":[4]}"#),
    ]);
    let client = server.client();
    let pages = || Pages::<u64>::new(&client, client.request(&NESTED));
    let items: Vec<u64> = pages().items().try_collect().await.unwrap();
    assert_eq!(items, [1, 2, 3]);
    assert_eq!(
        pages().await.unwrap().items,
        [4],
        "the plain shape is read too"
    );
}

#[tokio::test]
async fn an_odd_item_does_not_lose_the_list() {
    let transport = Memory::new(|request| async move {
        Ok(reply(
            200,
            match request.url.query().unwrap_or_default() {
                "page=2" => r#"{"things": [3, null, 4, "five"], "pagination": {"total_pages": 2}}"#,
                _ => {
                    r#"{"things": ["one", 1, 2], "pagination": {"next_page": 2, "total_pages": 2}}"#
                }
            },
        ))
    });
    let client = Client::builder("http://memory").transport(transport);
    let client = client.build().unwrap();
    let list = || Pages::<u64>::new(&client, client.request(&NUMBERED));

    let page = list().await.unwrap();
    assert_eq!(page.items, [1, 2]);
    assert_eq!(page.unreadable[0].index(), 0);
    assert_eq!(page.unreadable[0].json(), r#""one""#);

    let told: Vec<_> = list()
        .items()
        .map(|item| item.map_err(|error| error.to_string()))
        .collect()
        .await;
    let odd = "listNumbered: an item could not be decoded: item";
    assert_eq!(
        told,
        [
            Err(format!(
                "{odd} 0 of the list: invalid type: string, expected u64 (at $.things[0])"
            )),
            Ok(1),
            Ok(2),
            Ok(3),
            Err(format!(
                "{odd} 1 of the list: invalid type: null, expected u64 (at $.things[1])"
            )),
            Ok(4),
            Err(format!(
                "{odd} 3 of the list: invalid type: string, expected u64 (at $.things[3])"
            )),
        ]
    );
    let error = list().items().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

/// A list that tells nothing about its pages; the server has four, and whether it knows of pages at all.
fn untold(knows_pages: bool) -> (Pages<u64>, Arc<Mutex<Vec<u64>>>) {
    const UNTOLD: Endpoint = Endpoint::new("listUntold", Method::GET, "/v1/things")
        .envelope("things")
        .until_empty();

    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = asked.clone();
    let transport = Memory::new(move |request| {
        let mut pairs = request.url.query_pairs();
        let page = pairs
            .find(|(name, _)| name == "page")
            .map_or(1, |(_, page)| page.parse().unwrap());
        seen.lock().unwrap().push(page);
        let things = match page {
            page if !knows_pages => vec![page.min(1), 2],
            page if page <= 4 => vec![page * 2, page * 2 + 1],
            _ => Vec::new(),
        };
        std::future::ready(Ok(reply(
            200,
            serde_json::json!({"things": things}).to_string(),
        )))
    });
    let client = Client::builder("https://api.example.com")
        .transport(transport)
        .build()
        .unwrap();
    let pages =
        Pages::new(&client, client.request(&UNTOLD)).unique_by(|number: &u64| number.to_string());
    (pages, asked)
}

#[tokio::test]
async fn a_list_that_tells_nothing_about_its_pages_ends_where_nothing_new_comes() {
    let (pages, asked) = untold(true);
    let all: Vec<_> = pages.items().try_collect().await.unwrap();
    assert_eq!(all, (2..=9).collect::<Vec<_>>());
    assert_eq!(*asked.lock().unwrap(), [1, 2, 3, 4, 5]);
    let (pages, asked) = untold(false);
    let all: Vec<_> = pages.items().try_collect().await.unwrap();
    assert_eq!(all, [1, 2]);
    assert_eq!(*asked.lock().unwrap(), [1, 2]);
}

#[tokio::test]
async fn a_cursor_may_stand_in_the_pagination() {
    let transport = Memory::new(|request| {
        let mut pairs = request.url.query_pairs();
        let at = pairs
            .find(|(name, _)| name == "cursor")
            .map(|(_, cursor)| cursor.into_owned());
        let (things, next) = match at.as_deref() {
            None => ([1, 2], Some("b")),
            Some("b") => ([3, 4], Some("c")),
            _ => ([5, 6], None),
        };
        let body = serde_json::json!({"things": things, "pagination": {"page_size": 2, "next_cursor": next}});
        std::future::ready(Ok(reply(200, body.to_string())))
    });
    let client = Client::builder("https://api.example.com")
        .transport(transport)
        .build()
        .unwrap();
    let pages = Pages::<u64>::new(&client, client.request(&NUMBERED));
    let all: Vec<_> = pages.items().try_collect().await.unwrap();
    assert_eq!(all, [1, 2, 3, 4, 5, 6]);
}
