//! What the server was asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use crate::request::Request;
use crate::sync::lock;

/// One request as it arrived, whether it was answered, refused or struck by a fault.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Recorded {
    /// Counts the requests of a server, from 1.
    pub number: u64,
    /// The method, in capitals.
    pub method: String,
    /// The path as sent, percent-encoded, without the query.
    pub path: String,
    /// The query's decoded pairs, in order.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: HeaderMap,
    /// The body, or its beginning if only that is [kept](crate::Builder::keep_bodies).
    pub body: Bytes,
    /// How long the body was.
    pub body_length: usize,
    /// When it had arrived completely.
    pub at: Timestamp,
    /// The answer's status; none while there is no answer, or if the connection was broken off instead.
    pub status: Option<u16>,
    /// The fault that struck it.
    pub fault: Option<u64>,
}

impl Recorded {
    /// The value of a header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// The latest requests, up to a number.
#[derive(Debug)]
pub(crate) struct Log {
    kept: Mutex<Kept>,
    most: usize,
    most_of_body: usize,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<Recorded>,
    /// How many there ever were.
    count: u64,
}

impl Log {
    pub(crate) fn new(most: usize, most_of_body: usize) -> Self {
        Self {
            kept: Mutex::default(),
            most,
            most_of_body,
        }
    }

    /// Remembers a request, and gives its number.
    pub(crate) fn record(&self, request: &Request, at: Timestamp) -> u64 {
        let mut kept = lock(&self.kept);
        kept.count += 1;
        let number = kept.count;
        if self.most == 0 {
            return number;
        }
        if kept.requests.len() == self.most {
            kept.requests.pop_front();
        }
        let body = request.body();
        kept.requests.push_back(Recorded {
            number,
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query: request.queries().to_vec(),
            headers: request.headers().clone(),
            body: match body.get(..self.most_of_body) {
                // A copy, as a slice would keep the whole.
                Some(beginning) => Bytes::copy_from_slice(beginning),
                None => body.clone(),
            },
            body_length: body.len(),
            at,
            status: None,
            fault: None,
        });
        number
    }

    /// What became of a request that is remembered.
    pub(crate) fn finish(&self, number: u64, finish: impl FnOnce(&mut Recorded)) {
        let mut kept = lock(&self.kept);
        let first = kept.requests.front().map_or(0, |first| first.number);
        let index = number.checked_sub(first).map(usize::try_from);
        if let Some(Ok(index)) = index
            && let Some(request) = kept.requests.get_mut(index)
        {
            finish(request);
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        lock(&self.kept).requests.iter().cloned().collect()
    }

    /// How many requests there ever were.
    #[cfg(feature = "control")]
    pub(crate) fn count(&self) -> u64 {
        lock(&self.kept).count
    }

    pub(crate) fn clear(&self) {
        lock(&self.kept).requests.clear();
    }
}
