//! What the server was asked.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use crate::reply::Reply;
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
    /// The body, or its beginning if only that is [kept](crate::Builder::keep_bodies); empty where it was refused
    /// unread.
    pub body: Bytes,
    /// How long the body was.
    pub body_length: u64,
    /// When it had arrived completely.
    pub at: Timestamp,
    /// The answer's status; none while there is no answer, or if the connection was broken off instead.
    pub status: Option<u16>,
    /// The fault that struck it.
    pub fault: Option<u64>,
    /// Whether the stand-in lacks its route.
    pub lacking: bool,
}

impl Recorded {
    /// The value of a header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// How many bytes of bodies are kept.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The latest requests, up to a number, and as long as their bodies aren't too much.
#[derive(Debug)]
pub(crate) struct Log {
    kept: Mutex<Kept>,
    most: usize,
    most_of_body: usize,
}

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<One>,
    /// How large their bodies are.
    bytes: u64,
    /// How many there ever were.
    count: u64,
}

/// One request that is remembered.
#[derive(Debug, Clone)]
struct One {
    number: u64,
    /// With as much of its body as is kept.
    request: Request,
    body_length: u64,
    at: Timestamp,
    fate: Fate,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fate {
    pub(crate) status: Option<u16>,
    pub(crate) fault: Option<u64>,
    pub(crate) lacking: bool,
}

impl One {
    fn recorded(self) -> Recorded {
        let Self {
            number,
            request,
            body_length,
            at,
            fate,
        } = self;
        Recorded {
            number,
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query: request.queries().to_vec(),
            headers: request.headers().clone(),
            body: request.body().clone(),
            body_length,
            at,
            status: fate.status,
            fault: fate.fault,
            lacking: fate.lacking,
        }
    }
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
        let one = One {
            number,
            request: request.beginning(self.most_of_body),
            body_length: request.content().len(),
            at,
            fate: Fate::default(),
        };
        kept.bytes += one.request.content().len();
        while kept.requests.len() >= self.most || kept.bytes > MOST_BYTES {
            let Some(oldest) = kept.requests.pop_front() else {
                break;
            };
            kept.bytes -= oldest.request.content().len();
        }
        kept.requests.push_back(one);
        number
    }

    /// What became of a request that is remembered.
    pub(crate) fn finish(&self, number: u64, finish: impl FnOnce(&mut Fate)) {
        let mut kept = lock(&self.kept);
        let first = kept.requests.front().map_or(0, |first| first.number);
        let index = number.checked_sub(first).map(usize::try_from);
        if let Some(Ok(index)) = index
            && let Some(one) = kept.requests.get_mut(index)
        {
            finish(&mut one.fate);
        }
    }

    /// How a request that is remembered was answered.
    pub(crate) fn answered(&self, number: u64, reply: &Reply) {
        self.finish(number, |sent| {
            sent.status = Some(reply.status());
            sent.lacking = reply.lacking;
        });
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        let kept = lock(&self.kept).requests.clone();
        kept.into_iter().map(One::recorded).collect()
    }

    /// How many requests there ever were.
    #[cfg(feature = "control")]
    pub(crate) fn count(&self) -> u64 {
        lock(&self.kept).count
    }

    pub(crate) fn clear(&self) {
        let mut kept = lock(&self.kept);
        kept.requests.clear();
        kept.bytes = 0;
    }
}
