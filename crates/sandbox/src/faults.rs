//! Faults on demand.
//!
//! A fault is a matcher (method and path), a count, and what goes wrong:
//!
//! ```
//! # use std::time::Duration;
//! # fn main() {
//! # let faults = deploykit_sandbox::Faults::default();
//! // The next deployment is started, but the answer never arrives.
//! let lost = faults.on("POST", "/v1/apps/*/deployments").reset_after();
//! // The gateway fails twice.
//! faults.on("GET", "/v1/**").times(2).html_error(502);
//! // Every 20th request, whichever it is, has to wait.
//! faults.on("*", "/**").every(20).always().delay(Duration::from_millis(300));
//! assert_eq!(lost.hits(), 0);
//! # }
//! ```
//!
//! Nothing is random: the same requests meet the same faults.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::reply::Reply;
use crate::sync::lock;

/// The faults of one server. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    rules: Arc<Mutex<Rules>>,
}

#[derive(Debug, Default)]
struct Rules {
    set: Vec<Rule>,
    count: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: u64,
    pub(crate) method: String,
    path: Vec<String>,
    pub(crate) skip: u64,
    pub(crate) every: u64,
    pub(crate) left: Option<u64>,
    matched: u64,
    hits: Arc<AtomicU64>,
    pub(crate) strike: Strike,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Strike {
    Reply {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    Delay(Duration),
    ResetBefore,
    ResetAfter,
    TruncatedBody,
    DropAfter(u64),
}

/// A fault that has been set.
#[derive(Debug, Clone)]
pub struct Fault {
    id: u64,
    hits: Arc<AtomicU64>,
}

impl Fault {
    /// Identifies it among those of its server.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How often it has struck.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }
}

/// A fault being described. Nothing is set until one of the methods that say what goes wrong.
#[derive(Debug, Clone)]
#[must_use = "say what goes wrong: status, delay, reset_before, …"]
pub struct Plan {
    faults: Faults,
    method: String,
    path: String,
    skip: u64,
    every: u64,
    left: Option<u64>,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Faults {
    /// Requests of `method` (or `"*"`) to `path`. In the path, `*` is any one segment and `**`,
    /// at the end, any number of them; both patterns see the path percent-encoded, as sent.
    ///
    /// The fault strikes the next such request, unless [`times`](Plan::times),
    /// [`always`](Plan::always), [`after`](Plan::after) or [`every`](Plan::every) say otherwise.
    /// Of several faults that are due, the one that was set first strikes.
    pub fn on(&self, method: &str, path: &str) -> Plan {
        Plan {
            faults: self.clone(),
            method: method.to_owned(),
            path: path.to_owned(),
            skip: 0,
            every: 1,
            left: Some(1),
            headers: Vec::new(),
            body: None,
        }
    }

    /// Takes all faults back.
    pub fn clear(&self) {
        lock(&self.rules).set.clear();
    }

    /// Takes one fault back. Says whether it was still there.
    pub fn remove(&self, id: u64) -> bool {
        let set = &mut lock(&self.rules).set;
        let before = set.len();
        set.retain(|rule| rule.id != id);
        set.len() < before
    }

    /// Another collection, with the same faults as if they had just been set.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::default();
        copy.set_to(self);
        copy
    }

    /// Sets the faults of another collection, instead of those that are set. Ids go on.
    pub(crate) fn set_to(&self, other: &Self) {
        let rules = lock(&other.rules).set.clone();
        let mut own = lock(&self.rules);
        own.count = own.count.max(rules.last().map_or(0, |last| last.id));
        own.set = rules;
        for rule in &mut own.set {
            rule.matched = 0;
            rule.hits = Arc::default();
        }
    }

    /// All that are set, also those that have struck for the last time.
    #[cfg(feature = "control")]
    pub(crate) fn all(&self) -> Vec<Rule> {
        lock(&self.rules).set.clone()
    }

    /// The fault that strikes this request, and what it does.
    pub(crate) fn strikes(&self, method: &str, path: &str) -> Option<(u64, Strike)> {
        let mut struck = None;
        for rule in &mut lock(&self.rules).set {
            if rule.matches(method, path) && rule.is_due() && struck.is_none() {
                rule.left = rule.left.map(|left| left - 1);
                rule.hits.fetch_add(1, Ordering::Relaxed);
                struck = Some((rule.id, rule.strike.clone()));
            }
        }
        struck
    }
}

impl Rule {
    #[cfg(feature = "control")]
    pub(crate) fn pattern(&self) -> String {
        format!("/{}", self.path.join("/"))
    }

    #[cfg(feature = "control")]
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        let wanted = self.path.iter().map(String::as_str);
        fits(&self.method, method) && is_path(wanted, path)
    }

    /// Counts a matching request and says whether the fault should strike it.
    fn is_due(&mut self) -> bool {
        self.matched += 1;
        let turn = self.matched.saturating_sub(self.skip);
        turn > 0 && turn.is_multiple_of(self.every) && self.left != Some(0)
    }
}

/// Whether a request of this method to this path is meant by patterns such as those of faults.
#[cfg(feature = "control")]
pub(crate) fn matches(wanted: &str, pattern: &str, method: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches('/').split('/');
    fits(wanted, method) && is_path(pattern, path)
}

fn fits(wanted: &str, method: &str) -> bool {
    wanted == "*" || wanted.eq_ignore_ascii_case(method)
}

fn is_path<'a>(pattern: impl Iterator<Item = &'a str>, path: &str) -> bool {
    let mut sent = path.trim_start_matches('/').split('/');
    for wanted in pattern {
        match (wanted, sent.next()) {
            ("**", _) => return true,
            (_, None) => return false,
            (wanted, Some(segment)) if wanted != "*" && wanted != segment => return false,
            _ => {}
        }
    }
    sent.next().is_none()
}

impl Plan {
    /// Strikes at most `n` times; 1 unless said otherwise.
    pub fn times(mut self, n: u64) -> Self {
        self.left = Some(n);
        self
    }

    /// Strikes without end.
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    /// Lets the first `n` matching requests pass.
    pub fn after(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    /// Strikes only each `n`th matching request, without end unless [`times`](Self::times)
    /// follows.
    pub fn every(mut self, n: u64) -> Self {
        self.every = n.max(1);
        self.left = None;
        self
    }

    /// A header of the reply that [`status`](Self::status) sends, for example `retry-after`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body of the reply that [`status`](Self::status) sends. It is announced as JSON if it
    /// begins like it, else as text, unless a `content-type` header is given.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The request is answered with this status; the service doesn't see it.
    pub fn status(self, status: u16) -> Fault {
        let body = self.body.clone().unwrap_or_default();
        let headers = self.headers.clone();
        self.set(Strike::Reply {
            status,
            headers,
            body,
        })
    }

    /// The request is answered with a proxy's HTML page; the service doesn't see it.
    pub fn html_error(self, status: u16) -> Fault {
        let reason = http::StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason())
            .unwrap_or("Error");
        let page = format!(
            "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n\
             <center><h1>{status} {reason}</h1></center>\r\n<hr><center>nginx</center>\r\n\
             </body>\r\n</html>\r\n"
        );
        self.header("content-type", "text/html")
            .body(page)
            .status(status)
    }

    /// The request is served, but only after this much real time, whatever the clock's speed.
    pub fn delay(self, delay: Duration) -> Fault {
        self.set(Strike::Delay(delay))
    }

    /// The connection is reset before the service sees the request: nothing was done.
    pub fn reset_before(self) -> Fault {
        self.set(Strike::ResetBefore)
    }

    /// The service does its work, then the connection is reset without an answer.
    pub fn reset_after(self) -> Fault {
        self.set(Strike::ResetAfter)
    }

    /// The work is done and the whole length is announced, but the connection is closed after
    /// half of the body. Of a stream, the first piece is sent and the end is missing.
    pub fn truncated_body(self) -> Fault {
        self.set(Strike::TruncatedBody)
    }

    /// The WebSocket opened by this request ends after `frames` frames of the server, without a
    /// closing handshake.
    pub fn drop_after(self, frames: u64) -> Fault {
        self.set(Strike::DropAfter(frames))
    }

    fn set(self, strike: Strike) -> Fault {
        let hits = Arc::new(AtomicU64::new(0));
        let path = self
            .path
            .trim_start_matches('/')
            .split('/')
            .map(str::to_owned);
        let mut rules = lock(&self.faults.rules);
        rules.count += 1;
        let id = rules.count;
        rules.set.push(Rule {
            id,
            method: self.method,
            path: path.collect(),
            skip: self.skip,
            every: self.every,
            left: self.left,
            matched: 0,
            hits: Arc::clone(&hits),
            strike,
        });
        Fault { id, hits }
    }
}

/// The answer that a fault gives in place of the service.
pub(crate) fn reply(status: u16, headers: &[(String, String)], body: String) -> Reply {
    let content_type = match body.trim_start().chars().next() {
        Some('{' | '[') => "application/json",
        _ => "text/plain; charset=utf-8",
    };
    let reply = if body.is_empty() {
        Reply::empty(status)
    } else {
        Reply::bytes(status, content_type, body)
    };
    headers
        .iter()
        .fold(reply, |reply, (name, value)| reply.header(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(faults: &Faults, requests: usize) -> Vec<bool> {
        let one = |_| faults.strikes("GET", "/v1/apps/x").is_some();
        (0..requests).map(one).collect()
    }

    #[test]
    fn a_fault_strikes_once_unless_told_otherwise() {
        let faults = Faults::default();
        let fault = faults.on("GET", "/v1/apps/*").reset_before();
        assert_eq!(strikes(&faults, 3), [true, false, false]);
        assert_eq!(fault.hits(), 1);
    }

    #[test]
    fn counts_combine() {
        let faults = Faults::default();
        faults.on("*", "/**").after(1).every(2).times(2).status(500);
        let expected = [false, false, true, false, true, false, false];
        assert_eq!(strikes(&faults, 7), expected);
        faults.clear();
        faults.on("*", "/**").always().status(500);
        assert_eq!(strikes(&faults, 2), [true, true]);
    }

    #[test]
    fn patterns_match_whole_paths() {
        let matched = |method: &str, pattern: &str| {
            let faults = Faults::default();
            faults.on(method, pattern).status(500);
            faults.strikes("GET", "/v1/apps/x").is_some()
        };
        assert!(matched("get", "/v1/apps/x"));
        assert!(matched("*", "/v1/*/*"));
        assert!(matched("GET", "/v1/**"));
        assert!(matched("GET", "/v1/apps/x/**"));
        assert!(!matched("POST", "/v1/apps/x"));
        assert!(!matched("GET", "/v1/apps"));
        assert!(!matched("GET", "/v1/apps/x/*"));
        assert!(!matched("GET", "/v1/apps/y"));
    }

    #[test]
    fn of_two_due_faults_the_first_strikes_and_the_other_waits() {
        let faults = Faults::default();
        faults.on("*", "/**").status(500);
        faults.on("*", "/**").status(501);
        let status = || match faults.strikes("GET", "/").map(|(_, strike)| strike) {
            Some(Strike::Reply { status, .. }) => Some(status),
            _ => None,
        };
        assert_eq!([status(), status(), status()], [Some(500), Some(501), None]);
    }
}
