//! Lists: what follows a page, as a header or the body tells it.

use std::future::IntoFuture as _;

use deploykit_core::{Client, Endpoint, ErrorKind, Method, Page, Pages, Position};
use futures::StreamExt as _;
use serde_json::Value;

use crate::server::{HOST, Server, run};

const LINKED: Endpoint = Endpoint::new("listThings", Method::GET, "/things");
const COUNTED: Endpoint = LINKED.envelope("things");

/// More requests than a list may cost of which a hundred items are taken.
const MOST_REQUESTS: usize = 101;

fn list(client: &Client, endpoint: &'static Endpoint) -> Pages<Value> {
    Pages::new(client, client.request(endpoint))
}

/// Goes wherever the page points to, and through the whole list: nothing may leave the host or go on for ever.
async fn follow(server: &Server, endpoint: &'static Endpoint, page: &Page<Value>) {
    let client = server.client();
    let places = [&page.first, &page.prev, &page.next, &page.last];
    for place in places.into_iter().flatten() {
        let shown = format!("{place:?}");
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        let again = list(&client, endpoint).start_at(place.clone());
        if let Err(error) = again.into_future().await {
            let refused = matches!(error.kind(), ErrorKind::Origin | ErrorKind::InvalidInput);
            assert!(refused, "{error}");
        }
    }
    let before = server.hosts().len();
    let items = list(&client, endpoint).items().take(100);
    let _: Vec<_> = items.collect().await;
    let requests = server.hosts().len() - before;
    assert!(requests <= MOST_REQUESTS, "{requests} requests");
    assert!(server.hosts().iter().all(|host| host == HOST));
}

/// `Link` headers, one a line.
pub fn link(data: &[u8]) {
    let lines = data.split(|byte| *byte == b'\n').take(8);
    let server = lines.fold(Server::new(200, "[7]"), |server, line| {
        server.header("link", line)
    });
    run(async {
        let page = list(&server.client(), &LINKED).await;
        let page = page.expect("no header can cost an item");
        assert_eq!(page.items, [7]);
        if page.next.is_some() {
            assert_eq!(page.unread, None, "what follows is known");
        }
        follow(&server, &LINKED, &page).await;
    });
}

/// An object that tells about pages, as JSON; or a whole body.
pub fn pagination(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let beside = format!(r#"{{"things": [7], "meta": {{"pagination": {text}}}}}"#);
    for body in [beside, text.into_owned()] {
        let server = Server::new(200, body);
        run(async {
            let Ok(page) = list(&server.client(), &COUNTED).await else {
                return;
            };
            let numbers = [&page.prev, &page.next].map(|place| {
                let place = place.as_ref();
                place.and_then(Position::number)
            });
            if let (Some(prev), Some(here)) = (numbers[0], page.number) {
                assert!(0 < prev && prev < here, "{page:?}");
            }
            if let (Some(here), Some(next)) = (page.number, numbers[1]) {
                assert!(here < next, "{page:?}");
            }
            follow(&server, &COUNTED, &page).await;
        });
    }
}
