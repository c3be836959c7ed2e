//! A call whose answer is read while it arrives.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::answers::error::Result;
use crate::answers::raw::Streaming;
use crate::calling::request::Request;
use crate::sending::client::Client;

/// A call that has not been sent; awaiting it sends it and gives the answer as soon as it begins.
///
/// What it gives reads the rest. Nothing is repeated once the answer began, and its reading has no time limit.
#[must_use = "a call is sent when it is awaited"]
pub struct Streamed<T> {
    client: Client,
    request: Request,
    read: fn(Streaming) -> T,
}

impl<T: From<Streaming>> Streamed<T> {
    /// A call that has not been sent yet.
    pub fn new(client: &Client, request: Request) -> Self {
        Self {
            client: client.clone(),
            request,
            read: T::from,
        }
    }
}

impl<T> Streamed<T> {
    /// The request, before base URL and common headers. Its `Debug` shows no secret.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Waits no longer than this for the beginning of the answer.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map_request(|request| request.timeout(timeout))
    }

    /// Changes the request in any other way.
    pub fn map_request(mut self, change: impl FnOnce(Request) -> Request) -> Self {
        self.request = change(self.request);
        self
    }
}

impl<T> fmt::Debug for Streamed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Streamed").field(&self.request).finish()
    }
}

impl<T: 'static> IntoFuture for Streamed<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.client.stream(self.request).await.map(self.read) })
    }
}
