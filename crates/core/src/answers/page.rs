//! Lists that come in pages: by `Link` header (RFC 8288), by a `pagination` object in the body, or by a cursor.

use std::fmt;
use std::future::IntoFuture;

use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::Endpoint;
use crate::answers::error::Result;
use crate::answers::items::Items;
use crate::answers::json::{self, Beside};
use crate::answers::raw::RawResponse;
use crate::answers::unreadable::{self, Unreadable};
use crate::calling::call::{self, Call, CallFuture};
use crate::calling::payload::Payload;
use crate::calling::request::Request;
use crate::sending::client::Client;
use crate::sending::origin;

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on the page.
    pub items: Vec<T>,
    /// What is on the page and could not be read. A page of which nothing can be read is an error.
    pub unreadable: Vec<Unreadable>,
    /// Its number, from one, where the service tells it.
    pub number: Option<u64>,
    /// The page after it.
    pub next: Option<Position>,
    /// The page before it.
    pub prev: Option<Position>,
    /// The first page.
    pub first: Option<Position>,
    /// The last page.
    pub last: Option<Position>,
    /// How many pages there are.
    pub total_pages: Option<u64>,
    /// How many items there are on all pages.
    pub total_items: Option<u64>,
    /// Why it is not known what follows, if the answer could not be read as to that.
    pub unread: Option<String>,
}

impl<T> Page<T> {
    /// The only page of a list.
    pub fn new(items: Vec<T>) -> Self {
        Self {
            items,
            number: None,
            next: None,
            prev: None,
            first: None,
            last: None,
            total_pages: None,
            total_items: None,
            unread: None,
            unreadable: Vec::new(),
        }
    }

    /// The number of the last page; zero if it is not known.
    pub(crate) fn last(&self) -> u64 {
        let last = self.last.as_ref().and_then(Position::number);
        last.or(self.total_pages).unwrap_or(0)
    }
}

/// A place in a list, to go on from.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Position(pub(crate) Place);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// Where the request itself starts.
    Start,
    Number(u64),
    Cursor(String),
    Address(Url),
}

impl Position {
    /// The page with this number, from one.
    pub fn page(number: u64) -> Self {
        Self(Place::Number(number))
    }

    /// The page at this cursor, as the service gave it.
    pub fn cursor(cursor: impl Into<String>) -> Self {
        Self(Place::Cursor(cursor.into()))
    }

    /// The page's number, where it has one.
    pub fn number(&self) -> Option<u64> {
        match &self.0 {
            Place::Start | Place::Cursor(_) => None,
            Place::Number(number) => Some(*number),
            Place::Address(url) => url
                .query_pairs()
                .find(|(name, _)| name == "page")
                .and_then(|(_, value)| value.parse().ok()),
        }
    }

    /// The same list at another page.
    pub(crate) fn at_page(&self, number: u64) -> Self {
        match &self.0 {
            Place::Start | Place::Number(_) | Place::Cursor(_) => Self::page(number),
            Place::Address(url) => {
                let mut at = url.clone();
                at.query_pairs_mut()
                    .clear()
                    .extend_pairs(url.query_pairs().map(|(name, value)| {
                        let value = if name == "page" {
                            number.to_string().into()
                        } else {
                            value
                        };
                        (name, value)
                    }));
                Self(Place::Address(at))
            }
        }
    }

    fn apply(&self, request: Request) -> Request {
        match &self.0 {
            Place::Start => request,
            Place::Number(number) => request.query_pair("page", number),
            Place::Cursor(cursor) => request.query_pair("cursor", cursor),
            Place::Address(url) => request.at(url.clone()),
        }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.number()) {
            (_, Some(number)) => write!(f, "page {number}"),
            (Place::Address(url), None) => f.write_str(&origin::shown(url, "")),
            _ => f.write_str("start"),
        }
    }
}

/// A list that has not been fetched: awaiting it fetches one page, [`items`](Pages::items) goes through all.
///
/// Which page is next is read from what the answer has:
///
/// - a `Link` header (RFC 8288) with `next`, `prev`, `first` and `last`;
/// - an object with numbers of pages in the body: `pagination`, alone or under `meta`;
/// - a cursor in the body (`next_cursor`, alone or with the numbers), sent back as `cursor`;
/// - nothing, where the endpoint says so ([`until_empty`](Endpoint::until_empty)): numbers are counted up to a page
///   that is empty or brings nothing new.
///
/// Where the last page is known, several can be fetched at once.
///
/// ```
/// # use deploykit_core::memory::Recorder;
/// use deploykit_core::{Client, Endpoint, Method, Pages};
/// use futures::TryStreamExt as _;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> deploykit_core::Result<()> {
/// # let service = Recorder::new();
/// # service.answers("GET", "/things", 200, serde_json::json!([1, 2, 3]));
/// # let client = Client::builder("https://api.example.com").transport(service).build()?;
/// const LIST: Endpoint = Endpoint::new("listThings", Method::GET, "/things");
/// let list = || Pages::<u64>::new(&client, client.request(&LIST));
///
/// let page = list().per_page(50).await?;
/// assert_eq!(page.items, [1, 2, 3]);
/// let all: Vec<u64> = list().concurrent(8).items().try_collect().await?;
/// assert_eq!(all, [1, 2, 3]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a list is fetched when it is awaited or streamed"]
pub struct Pages<T> {
    client: Client,
    request: Request,
    read: fn(&RawResponse) -> Result<Page<T>>,
    pub(crate) key: Option<fn(&T) -> String>,
    pub(crate) start: Position,
    pub(crate) ahead: usize,
}

impl<T: DeserializeOwned> Pages<T> {
    /// The list that this request fetches.
    pub fn new(client: &Client, request: Request) -> Self {
        Self {
            client: client.clone(),
            request,
            read: read_page,
            key: None,
            start: Position(Place::Start),
            ahead: 1,
        }
    }
}

impl<T> Pages<T> {
    /// Starts at this page, counted from one.
    pub fn page(self, number: u64) -> Self {
        self.start_at(Position::page(number))
    }

    /// Starts at a place that an earlier page or [`Items::position`] gave.
    pub fn start_at(mut self, position: Position) -> Self {
        self.start = position;
        self
    }

    /// Asks for this many items on a page; services have a maximum of their own.
    pub fn per_page(self, items: u32) -> Self {
        let name = self.request.endpoint().per_page;
        self.map_request(|request| request.query_pair(name, &items))
    }

    /// Adds to the query.
    pub fn query<Q: Payload>(self, query: &Q) -> Self {
        self.map_request(|request| request.query(query))
    }

    /// Refuses a page with a longer body, in bytes, instead of the client's limit.
    pub fn max_body(self, bytes: usize) -> Self {
        self.map_request(|request| request.max_body(bytes))
    }

    /// Changes the request in any other way.
    pub fn map_request(mut self, change: impl FnOnce(Request) -> Request) -> Self {
        self.request = change(self.request);
        self
    }

    /// Fetches up to this many pages at once (at most 100), once the number of pages is known; the order stays.
    pub fn concurrent(mut self, pages: usize) -> Self {
        self.ahead = pages.clamp(1, 100);
        self
    }

    /// Leaves out an item whose key was already seen: lists shift while they are read. The last 100,000 keys are
    /// remembered.
    pub fn unique_by(mut self, key: fn(&T) -> String) -> Self {
        self.key = Some(key);
        self
    }

    /// The request that would be sent first.
    pub fn request(&self) -> Request {
        self.start.apply(self.request.clone())
    }

    pub(crate) fn endpoint(&self) -> &'static Endpoint {
        self.request.endpoint()
    }

    pub(crate) fn call(&self, position: &Position) -> Call<Page<T>> {
        Call::new(
            &self.client,
            position.apply(self.request.clone()),
            self.read,
        )
    }
}

impl<T: Send + 'static> Pages<T> {
    /// All items, page after page.
    pub fn items(self) -> Items<T> {
        Items::new(self)
    }
}

impl<T> IntoFuture for Pages<T> {
    type Output = Result<Page<T>>;
    type IntoFuture = CallFuture<Page<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let start = self.start.clone();
        self.call(&start).into_future()
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("request", &self.request)
            .field("start", &self.start)
            .finish_non_exhaustive()
    }
}

pub(crate) fn read_page<T: DeserializeOwned>(response: &RawResponse) -> Result<Page<T>> {
    let endpoint = response.endpoint;
    let mut body = call::body(response)?;
    let flat = match (endpoint.envelope, endpoint.nested) {
        (Some(key), Some(list)) => json::unnested(body, key, list),
        _ => None,
    };
    if let Some(flat) = &flat {
        body = flat;
    }
    let (items, unreadable, beside) = unreadable::decode_list(body, endpoint.envelope)
        .map_err(|error| call::undecodable(response, error))?;
    let mut places = Places::read(response, &beside, items.is_empty());
    let is_empty = items.is_empty() && unreadable.is_empty();
    if endpoint.until_empty && places.next.is_none() && !is_empty {
        let next = places.number.unwrap_or(1).checked_add(1);
        places.next = next.map(Position::page);
    }
    Ok(Page {
        items,
        unreadable,
        number: places.number,
        next: places.next,
        prev: places.prev,
        first: places.first,
        last: places.last,
        total_pages: places.total_pages,
        total_items: places.total_items,
        unread: places.unread,
    })
}

/// What an answer tells about the pages around it.
#[derive(Default)]
struct Places {
    number: Option<u64>,
    next: Option<Position>,
    prev: Option<Position>,
    first: Option<Position>,
    last: Option<Position>,
    total_pages: Option<u64>,
    total_items: Option<u64>,
    unread: Option<String>,
}

impl Places {
    fn read(response: &RawResponse, beside: &Beside, empty: bool) -> Self {
        let here = Position(Place::Address(response.url.clone()));
        let mut places = match beside.pagination.as_ref().filter(|value| value.is_object()) {
            Some(pagination) => Self::from_body(pagination, here.number().unwrap_or(1), empty),
            None => Self::from_links(&response.headers, &response.url),
        };
        places.number = places.number.or(here.number());
        places.total_items = places.total_items.or(beside.total);
        if let Some(cursor) = beside.cursor.as_ref().filter(|text| !text.is_empty()) {
            // Some services repeat the last cursor at the end, and say so.
            places.next = (beside.more != Some(false)).then(|| Position::cursor(cursor));
        }
        places
    }

    fn from_body(pagination: &Value, asked: u64, empty: bool) -> Self {
        let number = |names: &[&str]| {
            names.iter().find_map(|name| {
                let value = pagination.get(name)?;
                value.as_u64().or_else(|| value.as_str()?.parse().ok())
            })
        };
        let here =
            number(&["current_page", "number", "current_page_number", "page"]).unwrap_or(asked);
        let pages = number(&["total_pages", "totalPages"])
            .or_else(|| pagination.get("paginator")?.get("num_pages")?.as_u64());
        let more = pagination.get("has_next").and_then(Value::as_bool);
        // Some services send null at the ends, others clamp: the last page then names itself as the next.
        let named = ["next_page", "next_page_number"];
        // Others tell only how many pages there are.
        let counted = || pages.filter(|pages| here < *pages).and(here.checked_add(1));
        let next = match named.iter().any(|name| pagination.get(name).is_some()) {
            true => number(&named),
            false => counted(),
        };
        let next = next.filter(|next| {
            *next > here && more != Some(false) && pages.map_or(!empty, |pages| here < pages)
        });
        let prev = number(&["prev_page", "previous_page", "previous_page_number"])
            .filter(|prev| *prev > 0 && *prev < here);
        let cursor = pagination.get("next_cursor");
        let next_cursor = cursor
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        Self {
            number: cursor.is_none().then_some(here),
            next: next
                .map(Position::page)
                .or(next_cursor.map(Position::cursor)),
            prev: prev.map(Position::page),
            first: pages.map(|_| Position::page(1)),
            last: pages.filter(|pages| *pages > 0).map(Position::page),
            total_pages: pages,
            total_items: number(&["total_count", "total_entries", "total", "totalItems"]),
            unread: None,
        }
    }

    /// A header that can't be read costs no item: it only leaves open what follows.
    fn from_links(headers: &HeaderMap, base: &Url) -> Self {
        let mut places = Self::default();
        for header in headers.get_all(http::header::LINK) {
            let found = header
                .to_str()
                .map_err(|_| "it is not text".to_owned())
                .and_then(|header| links(header, base));
            let found = found.unwrap_or_else(|problem| {
                places.unread = Some(format!("the Link header could not be read: {problem}"));
                Vec::new()
            });
            for (rel, target) in found {
                let place = Some(Position(Place::Address(target)));
                match rel.to_ascii_lowercase().as_str() {
                    "next" => places.next = place,
                    "prev" | "previous" => places.prev = place,
                    "first" => places.first = place,
                    "last" => places.last = place,
                    _ => {}
                }
            }
        }
        if places.next.is_some() {
            places.unread = None;
        }
        places.total_pages = places.last.as_ref().and_then(Position::number);
        places
    }
}

/// The links of one header, each with its relation.
fn links(header: &str, base: &Url) -> Result<Vec<(String, Url)>, String> {
    let header = header.trim().trim_matches(|c| c == ',' || c == ' ');
    if header.is_empty() {
        return Ok(Vec::new());
    }
    let links = http_link::parse_link_header(header, base).map_err(|error| error.to_string())?;
    Ok(links
        .into_iter()
        .map(|link| (link.rel, link.target))
        .collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://api.example.com/v1/things?per_page=2").unwrap()
    }

    fn from_links(values: &[&str]) -> Places {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(http::header::LINK, value.parse().unwrap());
        }
        Places::from_links(&headers, &base())
    }

    #[test]
    fn several_links_in_one_header_and_several_headers_are_read() {
        let one = from_links(&[
            r#"<https://api.example.com/v1/things?page=3>; rel="next", <https://api.example.com/v1/things?page=9>; rel="last""#,
            r#"</v1/things?page=1>; title="a, b; c"; rel=first"#,
            r#"<?page=1>; REL="prev start""#,
        ]);
        assert_eq!(one.next.unwrap().number(), Some(3));
        assert_eq!(one.last.unwrap().number(), Some(9));
        assert_eq!(one.first.unwrap().number(), Some(1));
        assert_eq!(one.prev.unwrap().number(), Some(1));
        assert_eq!(one.total_pages, Some(9));
    }

    #[test]
    fn a_list_ends_in_both_styles() {
        let read =
            |json: &str, empty| Places::from_body(&serde_json::from_str(json).unwrap(), 1, empty);
        let nulls = read(
            r#"{"current_page":2,"prev_page":1,"next_page":null,"total_pages":2,"total_count":21}"#,
            false,
        );
        assert_eq!((nulls.next, nulls.prev), (None, Some(Position::page(1))));
        assert_eq!(nulls.total_items, Some(21));
        let echo = read(
            r#"{"prev_page":1,"current_page":1,"next_page":1,"total_pages":1,"total_count":0}"#,
            true,
        );
        assert_eq!((echo.next, echo.prev), (None, None));
        let both = read(
            r#"{"current_page":2,"prev_page":1,"previous_page":1,"next_page":3,"total_pages":3}"#,
            true,
        );
        assert_eq!(
            both.next,
            Some(Position::page(3)),
            "an empty page may be followed"
        );
        let other = read(
            r#"{"number":1,"next_page_number":2,"previous_page_number":null,"paginator":{"num_pages":10},"has_next":true}"#,
            false,
        );
        assert_eq!(other.next, Some(Position::page(2)));
        assert_eq!(other.total_pages, Some(10));
        let counted = read(r#"{"page":1,"totalPages":2,"totalItems":12}"#, false);
        assert_eq!(counted.next, Some(Position::page(2)));
        assert_eq!(
            (counted.total_pages, counted.total_items),
            (Some(2), Some(12))
        );
        let last = read(r#"{"page":2,"totalPages":2,"totalItems":12}"#, false);
        assert_eq!((last.number, last.next), (Some(2), None));
        let endless = read(r#"{"number":5,"next_page_number":6}"#, true);
        assert_eq!(
            endless.next, None,
            "an empty page of an unknown number of pages ends it"
        );
    }

    #[test]
    fn a_page_is_addressed_like_its_neighbour() {
        let like = Position(Place::Address(
            Url::parse("https://x/y?token=canary&page=2&per_page=5").unwrap(),
        ));
        let Place::Address(url) = like.at_page(7).0 else {
            panic!("an address")
        };
        assert_eq!(url.query(), Some("token=canary&page=7&per_page=5"));
        assert!(!format!("{like:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn no_link_header_panics(header in r#"[<>;,="a-z/?* %'\\]{0,60}"#) {
            let _ = links(&header, &base());
        }

        #[test]
        fn well_formed_links_are_found(pages in proptest::collection::vec(1u64..1000, 1..5)) {
            let header: Vec<_> = pages
                .iter()
                .map(|page| format!("<https://api.example.com/t?page={page}>; rel=\"p{page}\""))
                .collect();
            let found = links(&header.join(" , "), &base()).unwrap();
            let numbers: Vec<_> = found
                .iter()
                .map(|(_, url)| Position(Place::Address(url.clone())).number().unwrap())
                .collect();
            prop_assert_eq!(numbers, pages);
        }
    }
}
