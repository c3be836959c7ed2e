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
    /// The method, in capitals.
    pub method: String,
    /// The path as sent, percent-encoded, without the query.
    pub path: String,
    /// The query's decoded pairs, in order.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// When it had arrived completely.
    pub at: Timestamp,
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
    kept: Mutex<VecDeque<Recorded>>,
    most: usize,
}

impl Log {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            kept: Mutex::default(),
            most,
        }
    }

    pub(crate) fn record(&self, request: &Request, at: Timestamp) {
        if self.most == 0 {
            return;
        }
        let mut kept = lock(&self.kept);
        if kept.len() == self.most {
            kept.pop_front();
        }
        kept.push_back(Recorded {
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query: request.queries().to_vec(),
            headers: request.headers().clone(),
            body: request.body().clone(),
            at,
        });
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        lock(&self.kept).iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        lock(&self.kept).clear();
    }
}
