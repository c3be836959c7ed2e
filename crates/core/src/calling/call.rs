//! A call: a value that is sent when it is awaited.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::answers::answer::RateLimit;
use crate::answers::error::{ErrorKind, Result};
use crate::answers::json::{self, DecodeError};
use crate::answers::raw::RawResponse;
use crate::answers::unreadable::{self, Unreadable};
use crate::calling::request::Request;
use crate::sending::client::Client;
use crate::sending::retry::RetryPolicy;
use crate::sending::send;
use crate::sending::transport::HttpRequest;

/// Something that an answer can be read as.
///
/// Every `DeserializeOwned` type is read as JSON, under the endpoint's key if it has one.
pub trait FromResponse: Sized {
    /// Reads the answer.
    ///
    /// # Errors
    ///
    /// If the answer is not what was expected; [`RawResponse::error`] makes such an error.
    fn from_response(response: &RawResponse) -> Result<Self>;
}

impl<T: DeserializeOwned> FromResponse for T {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let body = body(response)?;
        match response.endpoint.envelope {
            Some(key) => json::decode_under(body, key).map(|(value, _)| value),
            None => json::decode(body),
        }
        .map_err(|error| undecodable(response, error))
    }
}

/// A list, read as `W`. If that fails its items are read one by one: an odd one does not lose the others.
pub(crate) fn read_items<W, T>(response: &RawResponse) -> Result<Vec<T>>
where
    W: FromResponse + Into<Vec<T>>,
    T: DeserializeOwned,
{
    let failed = match W::from_response(response) {
        Ok(items) => return Ok(items.into()),
        Err(failed) => failed,
    };
    if failed.kind() != ErrorKind::Decode {
        return Err(failed);
    }
    match unreadable::decode_list(body(response)?, response.endpoint.envelope) {
        Ok((items, odd, _)) if !odd.is_empty() => {
            response.leaves_out(odd);
            Ok(items)
        }
        _ => Err(failed),
    }
}

/// The body, or what an empty one stands for.
pub(crate) fn body(response: &RawResponse) -> Result<&[u8]> {
    if !response.body.trim_ascii().is_empty() {
        return Ok(&response.body);
    }
    match response.endpoint.empty_means {
        Some(json) => Ok(json.as_bytes()),
        None => Err(response.error(
            ErrorKind::Decode,
            format!(
                "the answer ({}) has an empty body",
                response.status.as_u16()
            ),
        )),
    }
}

pub(crate) fn undecodable(response: &RawResponse, error: DecodeError) -> crate::Error {
    let status = response.status.as_u16();
    response
        .error(
            ErrorKind::Decode,
            format!("the answer ({status}) could not be decoded"),
        )
        .with_source(error.clean(&response.redactor()))
}

/// An answer that is plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl FromResponse for Text {
    fn from_response(response: &RawResponse) -> Result<Self> {
        Ok(Self(String::from_utf8_lossy(&response.body).into_owned()))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An answer as the bytes it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raw(pub Bytes);

impl FromResponse for Raw {
    fn from_response(response: &RawResponse) -> Result<Self> {
        Ok(Self(response.body.clone()))
    }
}

/// A value and what came with it. Its `Debug` shows the headers' names only: a value may be a cookie.
#[non_exhaustive]
pub struct Response<T> {
    /// The value.
    pub value: T,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The id that the server gave to the request.
    pub request_id: Option<String>,
    /// State of the service's rate limit.
    pub rate_limit: Option<RateLimit>,
    /// How often the request was sent.
    pub attempts: u32,
    /// How long the call took in all.
    pub elapsed: Duration,
    /// Items of a list that could not be read, and that the value is therefore without. A call that is only awaited
    /// tells of them in a warning. If no item can be read, that is an error.
    pub unreadable: Vec<Unreadable>,
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("request_id", &self.request_id)
            .field("rate_limit", &self.rate_limit)
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .field("unreadable", &self.unreadable)
            .finish()
    }
}

impl<T> Response<T> {
    /// A value that came with a 200 after one attempt, and nothing else.
    pub fn new(value: T) -> Self {
        Self {
            value,
            status: 200,
            headers: HeaderMap::new(),
            request_id: None,
            rate_limit: None,
            attempts: 1,
            elapsed: Duration::ZERO,
            unreadable: Vec::new(),
        }
    }
}

/// A call that has not been sent: awaiting it sends it.
///
/// It is owned and `Send + 'static`. `tokio::spawn`, `join_all` and the like take futures, not values that
/// become one: give them [`send`](Call::send) or `into_future()`.
///
/// ```
/// # use deploykit_core::memory::Recorder;
/// use std::time::Duration;
///
/// use deploykit_core::{Call, Client, Endpoint, Method};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> deploykit_core::Result<()> {
/// # let service = Recorder::new();
/// # service.answers("GET", "/things/7", 200, serde_json::json!({ "id": 7 }));
/// # let client = Client::builder("https://api.example.com").transport(service).build()?;
/// const GET: Endpoint = Endpoint::new("getThing", Method::GET, "/things/{id}");
///
/// let call: Call<serde_json::Value> = client.call(client.request(&GET).segment("id", &7));
/// let call = call.timeout(Duration::from_secs(5)).header("x-reason", "nightly");
/// assert_eq!(call.preview()?.url.path(), "/things/7"); // nothing is sent yet
///
/// let response = call.send().await?;
/// assert_eq!((response.status, response.attempts, &response.value["id"]), (200, 1, &7.into()));
/// # Ok(())
/// # }
/// ```
#[must_use = "a call is sent when it is awaited"]
pub struct Call<T> {
    client: Client,
    request: Request,
    read: fn(&RawResponse) -> Result<T>,
}

impl<T> Call<T> {
    pub(crate) fn new(
        client: &Client,
        request: Request,
        read: fn(&RawResponse) -> Result<T>,
    ) -> Self {
        Self {
            client: client.clone(),
            request,
            read,
        }
    }

    /// The request, before base URL and common headers. Its `Debug` shows no secret.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Exactly what would be sent — address, headers, body — but for the credential, without sending it.
    ///
    /// # Errors
    ///
    /// What awaiting the call would refuse before any request.
    pub fn preview(&self) -> Result<HttpRequest> {
        send::preview(&self.client, &self.request)
    }

    /// Cuts each attempt after this time, and the wait for the credential as well. The call as a whole may take
    /// longer, as it is sent again: see [`total_timeout`](Self::total_timeout).
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map_request(|request| request.timeout(timeout))
    }

    /// Refuses an answer with a longer body, in bytes, instead of the client's limit.
    pub fn max_body(self, bytes: usize) -> Self {
        self.map_request(|request| request.max_body(bytes))
    }

    /// Cuts the call as a whole after this time: credential, waiting for limits, attempts and back-off.
    pub fn total_timeout(self, timeout: Duration) -> Self {
        self.map_request(|request| request.total_timeout(timeout))
    }

    /// Lets other calls go first where a documented limit makes them wait.
    pub fn background(self) -> Self {
        self.map_request(Request::background)
    }

    /// Repeats by this policy instead of the client's.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.map_request(|request| request.retry(policy))
    }

    /// Adds a header. Those that carry the credential or frame the message are refused when it is awaited.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.map_request(|request| request.header(name, value))
    }

    /// Changes the request in any other way.
    pub fn map_request(mut self, change: impl FnOnce(Request) -> Request) -> Self {
        self.request = change(self.request);
        self
    }

    /// Sends the call; the answer comes with its status, headers and what it took.
    ///
    /// # Errors
    ///
    /// As the call itself.
    pub async fn send(self) -> Result<Response<T>> {
        let raw = send::send(self.client, self.request).await?;
        let value = (self.read)(&raw)?;
        Ok(Response {
            value,
            status: raw.status.as_u16(),
            request_id: raw.request_id(),
            rate_limit: raw.rate_limit(),
            attempts: raw.attempts,
            elapsed: raw.elapsed,
            headers: raw.headers,
            unreadable: raw.unreadable.into_inner().unwrap_or_default(),
        })
    }
}

impl Client {
    /// A call that has not been sent yet, with an answer type of your own.
    pub fn call<T: FromResponse>(&self, request: Request) -> Call<T> {
        Call::new(self, request, T::from_response)
    }

    /// As [`call`](Self::call), for a value that comes in several shapes: read as `W`, handed on as `T`.
    pub fn call_via<W: FromResponse + Into<T>, T>(&self, request: Request) -> Call<T> {
        Call::new(self, request, |response| {
            W::from_response(response).map(Into::into)
        })
    }

    /// A call for a list, read as `W`. An item that can't be read does not lose the others: it is in
    /// [`Response::unreadable`](crate::Response::unreadable).
    pub fn call_items<W, T>(&self, request: Request) -> Call<Vec<T>>
    where
        W: FromResponse + Into<Vec<T>>,
        T: DeserializeOwned,
    {
        Call::new(self, request, read_items::<W, T>)
    }
}

impl Call<()> {
    /// A call whose answer has nothing to read: any body is accepted.
    pub fn without_content(client: &Client, request: Request) -> Self {
        Self::new(client, request, |_| Ok(()))
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.request).finish()
    }
}

impl<T> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = CallFuture<T>;

    fn into_future(self) -> CallFuture<T> {
        CallFuture {
            sent: send::send(self.client, self.request),
            read: self.read,
        }
    }
}

/// A call under way. Dropping it cancels it, as far as the server has not acted yet.
#[must_use = "futures do nothing unless awaited"]
pub struct CallFuture<T> {
    sent: BoxFuture<'static, Result<RawResponse>>,
    read: fn(&RawResponse) -> Result<T>,
}

impl<T> Future for CallFuture<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        let response = ready!(self.sent.as_mut().poll(cx));
        Poll::Ready(response.and_then(|response| (self.read)(&response)))
    }
}

impl<T> fmt::Debug for CallFuture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CallFuture")
    }
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::memory::Recorder;

    crate::model! {
        /// A thing.
        pub struct Thing {
            required {
                /// Id.
                id: u64,
            }
        }
    }

    /// What some services write instead of a list.
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Many(Vec<Thing>),
        One(Thing),
    }

    impl From<Either> for Vec<Thing> {
        fn from(either: Either) -> Self {
            match either {
                Either::Many(things) => things,
                Either::One(thing) => vec![thing],
            }
        }
    }

    crate::endpoints! {
        /// Things.
        pub struct Things;

        /// Lists them.
        listThings: GET "/things" => list() -> Vec<Thing> [envelope("things")];

        /// Lists them, or the only one.
        listOthers: GET "/others" => others() -> Vec<Thing> via Either;
    }

    fn answering(path: &str, body: Value) -> Things {
        let service = Recorder::new();
        service.answers("GET", path, 200, body);
        let client = Client::builder("https://api.example.com").transport(service);
        Things::new(&client.build().unwrap())
    }

    #[tokio::test]
    async fn an_odd_item_is_told_and_the_others_are_given() {
        let odd = json!([{"id": 1}, {"name": "canary"}, {"id": 3}]);
        let things = answering("/things", json!({"things": odd}));
        let ids = |things: &[Thing]| things.iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(&things.list().await.unwrap()), [1, 3]);
        let response = things.list().send().await.unwrap();
        assert_eq!(ids(&response.value), [1, 3]);
        let told: Vec<_> = response
            .unreadable
            .iter()
            .map(ToString::to_string)
            .collect();
        let missing = "item 1 of the list: missing field `id` (at $.things[1])";
        assert_eq!(told, [missing]);
        assert!(!format!("{response:?}").contains("canary"));

        let others = answering("/others", odd);
        let response = others.others().send().await.unwrap();
        assert_eq!(
            (ids(&response.value), response.unreadable.len()),
            (vec![1, 3], 1)
        );
    }

    #[tokio::test]
    async fn what_has_no_item_that_can_be_read_is_an_error() {
        for body in [json!([{}]), json!(5), json!({"a": []})] {
            let things = answering("/things", json!({"things": body}));
            let error = things.list().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        }
        let others = answering("/others", json!({"id": 7})).others().send().await;
        let others = others.unwrap();
        assert_eq!((others.value[0].id, others.unreadable.len()), (7, 0));
    }
}
