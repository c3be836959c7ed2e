//! One call's request: a value that can be looked at before it is sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use url::Url;

use crate::Endpoint;
use crate::answers::error::{Error, Result};
use crate::calling::multipart::Multipart;
use crate::calling::payload::Payload;
use crate::models::secret::{self, Secret};
use crate::sending::body::BodyLimits;
use crate::sending::retry::RetryPolicy;
use crate::sending::transport::Body;
use crate::sending::{origin, redact};

/// What a path segment may hold as it is (RFC 3986, unreserved, and what is harmless inside a segment).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b':')
    .remove(b'!')
    .remove(b'$')
    .remove(b',');

/// A request that has not been sent.
///
/// Bad input is kept inside and comes out when the call is awaited, so that a chain of setters is never broken.
#[derive(Clone)]
pub struct Request {
    pub(crate) endpoint: &'static Endpoint,
    /// The template with the segments filled in so far.
    path: String,
    query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) timeout: Option<Duration>,
    pub(crate) total_timeout: Option<Duration>,
    pub(crate) background: bool,
    pub(crate) retry: Option<RetryPolicy>,
    max_body: Option<usize>,
    idle: Option<Option<Duration>>,
    /// An address that the server gave, instead of base and path.
    pub(crate) address: Option<Url>,
    slash_refused: bool,
    refused: Option<(String, String)>,
    /// What the body and the query hold that no error may show.
    pub(crate) secrets: Vec<Secret>,
}

impl Request {
    pub(crate) fn new(endpoint: &'static Endpoint, slash_refused: bool) -> Self {
        Self {
            endpoint,
            path: endpoint.template.to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Body::Empty,
            timeout: endpoint.patience,
            total_timeout: None,
            background: false,
            retry: None,
            max_body: None,
            idle: None,
            address: None,
            slash_refused,
            refused: None,
            secrets: Vec::new(),
        }
    }

    /// The endpoint it calls.
    pub fn endpoint(&self) -> &'static Endpoint {
        self.endpoint
    }

    /// Fills a placeholder. The value is percent-encoded; an empty one, `.` and `..` are refused.
    #[must_use]
    pub fn segment(mut self, name: &str, value: &dyn fmt::Display) -> Self {
        let value = value.to_string();
        let parts: Vec<_> = if self.endpoint.slashes == Some(name) {
            value.split('/').collect()
        } else {
            vec![value.as_str()]
        };
        let problem = parts.iter().find_map(|part| match part.trim() {
            "" => Some("is empty"),
            "." | ".." => Some("is `.` or `..`, which would change the path"),
            _ if self.slash_refused && part.contains('/') => {
                Some("has a `/`, which would change the path")
            }
            _ if part.chars().any(char::is_control) => Some("has a control character"),
            _ => None,
        });
        if let Some(problem) = problem {
            return self.refuse(name, problem);
        }
        let placeholder = format!("{{{name}}}");
        let Some(at) = self.path.find(&placeholder) else {
            return self.refuse(name, "is no placeholder of the path");
        };
        let encoded = parts
            .iter()
            .map(|part| utf8_percent_encode(part, SEGMENT).to_string())
            .collect::<Vec<_>>()
            .join("/");
        self.path
            .replace_range(at..at + placeholder.len(), &encoded);
        self
    }

    /// Sends a JSON body, under the endpoint's key if it has one.
    #[must_use]
    pub fn json<T: Payload + ?Sized>(mut self, body: &T) -> Self {
        if let Err(error) = body.check() {
            return self.refuse_with(error);
        }
        let (encoded, secrets) = secret::noting(|| match self.endpoint.body_envelope {
            Some(key) => serde_json::to_vec(&Enveloped { key, body }),
            None => serde_json::to_vec(body),
        });
        self.secrets.extend(secrets);
        match encoded {
            Ok(bytes) => self.content("application/json", bytes.into()),
            Err(error) => self.refuse("body", &error.to_string()),
        }
    }

    /// Sends an urlencoded form.
    #[must_use]
    pub fn form<T: Payload + ?Sized>(mut self, form: &T) -> Self {
        if let Err(error) = form.check() {
            return self.refuse_with(error);
        }
        let (encoded, secrets) = secret::noting(|| serde_urlencoded::to_string(form));
        self.secrets.extend(secrets);
        match encoded {
            Ok(form) => self.content("application/x-www-form-urlencoded", form.into()),
            Err(error) => self.refuse("form", &error.to_string()),
        }
    }

    /// Adds to the query.
    #[must_use]
    pub fn query<T: Payload + ?Sized>(mut self, query: &T) -> Self {
        if let Err(error) = query.check() {
            return self.refuse_with(error);
        }
        let (encoded, secrets) = secret::noting(|| serde_urlencoded::to_string(query));
        self.secrets.extend(secrets);
        match encoded {
            Ok(pairs) if pairs.is_empty() => self,
            Ok(pairs) => {
                if !self.query.is_empty() {
                    self.query.push('&');
                }
                // `+` means a space in forms only; `%20` means it everywhere.
                self.query.push_str(&pairs.replace('+', "%20"));
                self
            }
            Err(error) => self.refuse("query", &error.to_string()),
        }
    }

    /// Sets one value of the query, in place of an earlier one.
    #[must_use]
    pub fn query_pair(mut self, name: &str, value: &dyn fmt::Display) -> Self {
        let prefix = format!("{name}=");
        let kept: Vec<_> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with(&prefix))
            .collect();
        self.query = kept.join("&");
        self.query(&Pairs([(name, value.to_string())]))
    }

    /// Sends a plain text.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.content("text/plain; charset=utf-8", text.into().into())
    }

    /// Sends a text as YAML.
    #[must_use]
    pub fn yaml(self, text: impl Into<String>) -> Self {
        self.content("application/x-yaml", text.into().into())
    }

    /// Sends any bytes.
    #[must_use]
    pub fn content(mut self, media_type: &'static str, bytes: Bytes) -> Self {
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = Body::Bytes(bytes);
        self
    }

    /// Sends a source that is opened anew for each attempt.
    #[must_use]
    pub fn source(mut self, media_type: &'static str, body: Body) -> Self {
        self.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = body;
        self
    }

    /// Sends a form with files.
    #[must_use]
    pub fn multipart(mut self, form: Multipart) -> Self {
        match form.finish() {
            Ok((media_type, body)) => {
                self.headers.insert(header::CONTENT_TYPE, media_type);
                self.body = body;
                self
            }
            Err(error) => self.refuse_with(error),
        }
    }

    /// Adds a header. The headers that carry the credential or frame the message are refused.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        const OWN: [HeaderName; 6] = [
            header::AUTHORIZATION,
            header::PROXY_AUTHORIZATION,
            header::HOST,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::CONNECTION,
        ];
        let Ok(name) = HeaderName::try_from(name) else {
            return self.refuse("header", "has a name that is no header name");
        };
        if OWN.contains(&name) {
            return self.refuse(name.as_str(), "is a header that the client sets itself");
        }
        let Ok(mut value) = HeaderValue::try_from(value) else {
            return self.refuse(name.as_str(), "has characters no header can carry");
        };
        value.set_sensitive(redact::may_be_secret(&name));
        self.headers.insert(name, value);
        self
    }

    /// Calls an address that the server gave, instead of base and path. The credential is sent only if the
    /// address has the base's origin.
    #[must_use]
    pub fn at(mut self, address: Url) -> Self {
        self.address = Some(address);
        self
    }

    /// Cuts each attempt after this time, and the wait for the credential as well.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Cuts the call as a whole after this time: credential, waiting for limits, attempts and back-off.
    #[must_use]
    pub fn total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = Some(timeout);
        self
    }

    /// Lets other calls go first where a documented limit makes them wait.
    #[must_use]
    pub fn background(mut self) -> Self {
        self.background = true;
        self
    }

    /// Uses this policy instead of the client's.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Refuses an answer with a longer body, in bytes, instead of the client's limit. Streams have none.
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Cuts a streamed body if nothing comes for so long, instead of the client's limit; `None` waits for ever.
    #[must_use]
    pub fn idle_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.idle = Some(limit.into());
        self
    }

    /// The client's limits, or those of this request.
    pub(crate) fn limits(&self, clients: BodyLimits) -> BodyLimits {
        BodyLimits {
            longest: self.max_body.unwrap_or(clients.longest),
            idle: self.idle.unwrap_or(clients.idle),
        }
    }

    /// No error shows these, even if the server quotes them: for secrets inside of a text that is sent.
    #[must_use]
    pub fn hide(mut self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Keeps a refusal of this argument; the first one comes out when the call is awaited.
    #[must_use]
    pub fn refuse(mut self, argument: &str, problem: &str) -> Self {
        self.refused
            .get_or_insert_with(|| (argument.to_owned(), problem.to_owned()));
        self
    }

    /// As [`refuse`](Self::refuse), with an error at hand.
    #[must_use]
    pub fn refuse_with(mut self, error: Error) -> Self {
        self.refused
            .get_or_insert_with(|| (String::new(), error.to_string()));
        self
    }

    /// What was refused, if anything was: the error that awaiting the call would give.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn check(&self) -> Result<()> {
        match &self.refused {
            None => Ok(()),
            Some((argument, problem)) if argument.is_empty() => {
                Err(Error::new(crate::ErrorKind::InvalidInput, problem.clone()))
            }
            Some((argument, problem)) => Err(Error::invalid_input(argument, problem)),
        }
    }

    /// The address, or what was refused.
    pub(crate) fn url(&self, base: &Url) -> Result<Url> {
        self.check()?;
        if let Some(address) = &self.address {
            return Ok(address.clone());
        }
        if let Some(start) = self.path.find('{') {
            let missing = self.path[start..].trim_start_matches('{');
            let missing = missing.split('}').next().unwrap_or_default();
            return Err(Error::invalid_input(missing, "is missing"));
        }
        // Not `join`: it would let a path change the host or climb.
        let mut url = base.clone();
        let prefix = base.path().trim_end_matches('/');
        url.set_path(&format!("{prefix}{}", self.path));
        url.set_query(Some(self.query.as_str()).filter(|query| !query.is_empty()));
        Ok(url)
    }

    /// What of its address may be secret: the base's own path, what fills a secret path, and what an address that
    /// the server gave holds.
    pub(crate) fn unspoken(&self, base: &Url) -> Vec<Secret> {
        let mut unspoken: Vec<_> = base.path().split('/').map(redact::decoded).collect();
        if self.endpoint.secret_path {
            let template = self.endpoint.template.split('/');
            let path = match &self.address {
                Some(address) => address.path(),
                None => &self.path,
            };
            let filled = path.rsplit('/').zip(template.rev());
            let filled = filled.filter(|(_, name)| name.starts_with('{'));
            unspoken.extend(filled.map(|(segment, _)| redact::decoded(segment)));
        }
        if let Some(address) = &self.address {
            unspoken.extend(
                address
                    .query_pairs()
                    .map(|(_, value)| Secret::from(&*value)),
            );
            if !self.endpoint.authorized || self.endpoint.leaves {
                unspoken.extend(redact::parts(address));
            }
        }
        unspoken
    }

    /// The query as it will be sent.
    pub(crate) fn query_text(&self) -> &str {
        match &self.address {
            Some(address) => address.query().unwrap_or_default(),
            None => &self.query,
        }
    }
}

/// Shows what would be sent. Query values and bodies may hold secrets: their names and sizes are shown.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match &self.address {
            _ if self.endpoint.secret_path => self.endpoint.template.to_owned(),
            Some(address) => origin::shown(address, self.endpoint.template),
            None => self.path.clone(),
        };
        let query: Vec<_> = self
            .query_text()
            .split('&')
            .filter_map(|pair| pair.split('=').next())
            .filter(|name| !name.is_empty())
            .collect();
        f.debug_struct("Request")
            .field("operation", &self.endpoint.operation)
            .field("method", &self.endpoint.method)
            .field("path", &path)
            .field("query", &query)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

struct Pairs<'a>([(&'a str, String); 1]);

impl Serialize for Pairs<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Payload for Pairs<'_> {}

struct Enveloped<'a, T: ?Sized> {
    key: &'static str,
    body: &'a T,
}

impl<T: Serialize + ?Sized> Serialize for Enveloped<'_, T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.key, self.body)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Method;

    const GET: Endpoint = Endpoint::new("get", Method::GET, "/v1/apps/{app}/deployments");

    fn url(app: &str) -> Result<Url> {
        Request::new(&GET, false)
            .segment("app", &app)
            .url(&Url::parse("https://api.example.com/prefix/").unwrap())
    }

    #[test]
    fn segments_cannot_change_the_path() {
        for (app, path) in [
            ("my-app", "/prefix/v1/apps/my-app/deployments"),
            ("a/b", "/prefix/v1/apps/a%2Fb/deployments"),
            ("a?b#c", "/prefix/v1/apps/a%3Fb%23c/deployments"),
            ("%2e%2e", "/prefix/v1/apps/%252e%252e/deployments"),
            ("//evil.com", "/prefix/v1/apps/%2F%2Fevil.com/deployments"),
            (r"\\evil", "/prefix/v1/apps/%5C%5Cevil/deployments"),
            ("é x", "/prefix/v1/apps/%C3%A9%20x/deployments"),
            ("{id}", "/prefix/v1/apps/%7Bid%7D/deployments"),
        ] {
            let url = url(app).unwrap();
            assert_eq!(url.path(), path);
            assert_eq!(url.host_str(), Some("api.example.com"));
        }
        for app in ["", " ", ".", "..", "a\nb"] {
            let error = url(app).unwrap_err();
            assert!(error.to_string().contains("`app`"), "{error}");
        }
    }

    #[test]
    fn servers_that_decode_slashes_get_none() {
        let request = Request::new(&GET, true).segment("app", &"a/b");
        let base = Url::parse("https://api.example.com").unwrap();
        assert!(request.url(&base).is_err());
    }

    #[test]
    fn a_missing_segment_is_named() {
        let base = Url::parse("https://api.example.com").unwrap();
        let error = Request::new(&GET, false).url(&base).unwrap_err();
        assert_eq!(error.to_string(), "invalid input: `app` is missing");
    }

    #[test]
    fn queries_use_percent_twenty_and_replace() {
        let request = Request::new(&GET, false)
            .segment("app", &"x")
            .query_pair("start", &"2021-07-10 00:00+1")
            .query_pair("page", &1)
            .query_pair("page", &2);
        assert_eq!(
            request.query_text(),
            "start=2021-07-10%2000%3A00%2B1&page=2"
        );
    }

    #[test]
    fn framing_and_credentials_cannot_be_set() {
        let base = Url::parse("https://api.example.com").unwrap();
        for name in ["authorization", "Host", "content-length", "bad name"] {
            let request = Request::new(&GET, false)
                .segment("app", &"x")
                .header(name, "x");
            assert!(request.url(&base).is_err(), "{name}");
        }
    }

    #[test]
    fn debug_shows_no_query_value_and_no_body() {
        let request = Request::new(&GET, false)
            .segment("app", &"x")
            .query_pair("token", &"canary")
            .text("canary");
        let shown = format!("{request:?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(shown.contains("token"));
    }

    #[test]
    fn several_segments_keep_their_slashes_and_are_checked_each() {
        const TAGS: Endpoint =
            Endpoint::new("tags", Method::GET, "/images/{image}/tags").slashes("image");
        let base = Url::parse("https://api.example.com").unwrap();
        let url = |image: &str| {
            Request::new(&TAGS, true)
                .segment("image", &image)
                .url(&base)
        };
        assert_eq!(
            url("my org/game").unwrap().path(),
            "/images/my%20org/game/tags"
        );
        for bad in ["", "/game", "org/", "org//game", "org/../game", "org/."] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_path_is_not_shown() {
        const CONNECT: Endpoint =
            Endpoint::new("connect", Method::POST, "/x/{token}").secret_path();
        let request = Request::new(&CONNECT, false).segment("token", &"canary");
        assert!(!format!("{request:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn any_accepted_segment_is_one_segment_and_survives(app in "\\PC{1,40}") {
            if let Ok(url) = url(&app) {
                let segments: Vec<_> = url.path_segments().unwrap().collect();
                prop_assert_eq!(segments.len(), 5);
                let decoded = percent_encoding::percent_decode_str(segments[3]);
                prop_assert_eq!(decoded.decode_utf8().unwrap(), app);
                prop_assert_eq!(url.query(), None);
            }
        }
    }
}
