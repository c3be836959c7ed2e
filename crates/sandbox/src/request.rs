//! A request, taken apart the way routes want it.

use std::io::BufReader;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method, Uri, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::content::Content;

/// One request, completely received. Clones share it.
#[derive(Debug, Clone)]
pub struct Request {
    head: Arc<Head>,
    content: Content,
    /// What was read back of a body in a file.
    read: OnceLock<Bytes>,
}

#[derive(Debug)]
struct Head {
    method: Method,
    uri: Uri,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Request {
    pub(crate) fn new(parts: http::request::Parts, content: Content, slash: Slash) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let head = Head {
            segments: segments_of(parts.uri.path(), slash),
            query: serde_urlencoded::from_str(query).unwrap_or_default(),
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
        };
        Self {
            head: Arc::new(head),
            read: match content.is_in_memory() {
                true => OnceLock::from(content.bytes().unwrap_or_default()),
                false => OnceLock::new(),
            },
            content,
        }
    }

    /// The same request with the beginning of its body only.
    pub(crate) fn beginning(&self, most: usize) -> Self {
        Self {
            head: Arc::clone(&self.head),
            content: self.content.beginning(most),
            read: OnceLock::new(),
        }
    }

    /// The method, in capitals.
    pub fn method(&self) -> &str {
        self.head.method.as_str()
    }

    /// The path as sent: percent-encoded, without the query.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// Path and query as sent.
    pub fn target(&self) -> &str {
        let both = self.head.uri.path_and_query();
        both.map_or_else(|| self.path(), PathAndQuery::as_str)
    }

    /// The path's segments, percent-decoded. A trailing slash leaves an empty last segment.
    pub fn segments(&self) -> Vec<&str> {
        self.head.segments.iter().map(String::as_str).collect()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.head
            .query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All query parameters, decoded, in order.
    pub fn queries(&self) -> &[(String, String)] {
        &self.head.query
    }

    /// The value of a header, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name)?.to_str().ok()
    }

    /// All headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// The body as it came. More than a MiB waits in a temporary file and is read back for this;
    /// [`content`](Self::content) does without.
    pub fn body(&self) -> &Bytes {
        // Empty if the system takes its own temporary file away: there is nobody to tell.
        self.read
            .get_or_init(|| self.content.bytes().unwrap_or_default())
    }

    /// The body where it is: in memory, or in a temporary file.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The body as text; bytes that aren't UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(self.body()).into_owned()
    }

    /// The body as JSON, whatever its content type claims.
    ///
    /// # Errors
    /// What serde_json has to say about a body that isn't JSON; an empty body isn't.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        match self.content.is_in_memory() {
            true => serde_json::from_slice(self.body()),
            // What is no JSON is seldom read to its end.
            false => serde_json::from_reader(BufReader::new(self.content.reader())),
        }
    }

    /// The body as the pairs of an HTML form, decoded, in order; empty if it isn't one.
    pub fn form(&self) -> Vec<(String, String)> {
        serde_urlencoded::from_bytes(self.body()).unwrap_or_default()
    }

    /// The value after `scheme` in the `Authorization` header; the scheme's case doesn't matter.
    pub fn authorization(&self, scheme: &str) -> Option<&str> {
        let (sent, value) = self
            .header(header::AUTHORIZATION.as_str())?
            .split_once(' ')?;
        sent.eq_ignore_ascii_case(scheme).then(|| value.trim())
    }

    /// The bearer token.
    pub fn bearer(&self) -> Option<&str> {
        self.authorization("Bearer")
    }

    /// User name and password of Basic authentication.
    pub fn basic(&self) -> Option<(String, String)> {
        let decoded = STANDARD.decode(self.authorization("Basic")?).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (user, password) = decoded.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }

    /// Host and port that the client believes to talk to: what absolute links should carry.
    pub fn host(&self) -> &str {
        self.header(header::HOST.as_str()).unwrap_or("localhost")
    }

    /// Whether this asks for a WebSocket.
    pub fn wants_websocket(&self) -> bool {
        self.header(header::UPGRADE.as_str())
            .is_some_and(|protocol| protocol.eq_ignore_ascii_case("websocket"))
            && self.head.headers.contains_key(header::SEC_WEBSOCKET_KEY)
    }
}

/// What a server makes of `%2F` in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slash {
    /// It is a character of its segment: the path is cut first, then decoded.
    InSegment,
    /// It separates segments: the path is decoded first, then cut.
    Separates,
}

fn segments_of(path: &str, slash: Slash) -> Vec<String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let cut = |path: &str, each: &dyn Fn(&str) -> String| {
        path.strip_prefix('/')
            .unwrap_or(path)
            .split('/')
            .map(each)
            .collect()
    };
    match slash {
        Slash::InSegment => cut(path, &decoded),
        Slash::Separates => cut(&decoded(path), &str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_slash_belongs_to_the_segment_or_cuts_it() {
        let path = "/apps/a%2Fb%20c/";
        assert_eq!(segments_of(path, Slash::InSegment), ["apps", "a/b c", ""]);
        assert_eq!(
            segments_of(path, Slash::Separates),
            ["apps", "a", "b c", ""]
        );
    }

    #[test]
    fn credentials_are_read_from_the_authorization_header() {
        let with = |value: &str| {
            let request = http::Request::get("/?a=1&b=x%20y&a=2").header("authorization", value);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            Request::new(parts, Bytes::new().into(), Slash::InSegment)
        };
        assert_eq!(with("bearer abc").bearer(), Some("abc"));
        assert_eq!(with("token abc").bearer(), None);
        let basic = with("Basic OnRrLXVz").basic();
        assert_eq!(basic, Some((String::new(), "tk-us".to_owned())));
        assert_eq!(with("Basic !").basic(), None);
        assert_eq!(with("").query("b"), Some("x y"));
        assert_eq!(with("").query("a"), Some("1"));
    }
}
