//! A row of the table: one documented operation.

use std::fmt;
use std::time::Duration;

use crate::Quota;

/// HTTP method of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    GET,
    /// Creates or acts.
    POST,
    /// Replaces.
    PUT,
    /// Changes.
    PATCH,
    /// Removes.
    DELETE,
}

impl Method {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GET => "GET",
            Self::POST => "POST",
            Self::PUT => "PUT",
            Self::PATCH => "PATCH",
            Self::DELETE => "DELETE",
        }
    }

    const fn is_idempotent(self) -> bool {
        matches!(self, Self::GET | Self::PUT | Self::DELETE)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::GET => Self::GET,
            Method::POST => Self::POST,
            Method::PUT => Self::PUT,
            Method::PATCH => Self::PATCH,
            Method::DELETE => Self::DELETE,
        }
    }
}

/// One documented operation: the single source for its URL, span name, error text, quota and retries.
///
/// A service crate lists its own in `ENDPOINTS`. For an operation that no crate covers yet, write one and
/// send it with [`Client::call`](crate::Client::call):
///
/// ```no_run
/// # async fn run(client: deploykit_core::Client) -> Result<(), deploykit_core::Error> {
/// use deploykit_core::{Call, Endpoint, Method};
///
/// const GET_STACKS: Endpoint = Endpoint::new("getStacks", Method::GET, "/v1/features/stacks").envelope("stacks");
///
/// let stacks: Call<Vec<serde_json::Value>> = client.call(client.request(&GET_STACKS));
/// println!("{} stacks", stacks.await?.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Endpoint {
    /// Name of the operation, as the service calls it.
    pub operation: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path below the base URL, with placeholders in braces.
    pub template: &'static str,
    /// First line of its documentation.
    pub summary: &'static str,
    /// Key under which a JSON answer holds the value.
    pub envelope: Option<&'static str>,
    /// Key under which a JSON body is sent.
    pub body_envelope: Option<&'static str>,
    /// Whether the call may be repeated when it is unknown if the server carried it out.
    pub idempotent: bool,
    /// Documented limit that the call counts against.
    pub quota: Option<&'static Quota>,
    /// `Accept` header; none is sent where it is empty.
    pub accept: &'static str,
    /// Whether the client's credential is sent.
    pub authorized: bool,
    /// JSON that an empty answer stands for.
    pub empty_means: Option<&'static str>,
    /// Statuses beyond 2xx that are an outcome, not an error.
    pub outcomes: &'static [u16],
    /// Error statuses beyond 4xx that are a refusal, not a trouble that may pass.
    pub refusals: &'static [u16],
    /// Longest time of one attempt, if the operation takes longer than others.
    pub patience: Option<Duration>,
    /// Query parameter that sets how many items are on a page.
    pub per_page: &'static str,
    /// Whether the path holds a secret: it is then shown nowhere.
    pub secret_path: bool,
    /// Key of the list inside of the envelope, where that holds the list and its pages.
    pub nested: Option<&'static str>,
    /// Whether a redirect to another host is followed, without the credential.
    pub leaves: bool,
    /// The placeholder whose value is several segments: its `/` stay.
    pub slashes: Option<&'static str>,
    /// Whether a list tells nothing about its pages, and ends where one is empty or brings nothing new.
    pub until_empty: bool,
    /// What its method takes and gives.
    #[cfg(feature = "dispatch")]
    pub dispatch: Option<&'static crate::dispatch::Dispatch>,
}

impl Endpoint {
    /// An endpoint with the defaults: JSON answer, credential sent, GET, PUT and DELETE idempotent.
    pub const fn new(operation: &'static str, method: Method, template: &'static str) -> Self {
        Self {
            operation,
            method,
            template,
            summary: "",
            envelope: None,
            body_envelope: None,
            idempotent: method.is_idempotent(),
            quota: None,
            accept: "application/json",
            authorized: true,
            empty_means: None,
            outcomes: &[],
            refusals: &[],
            patience: None,
            per_page: "per_page",
            secret_path: false,
            nested: None,
            leaves: false,
            slashes: None,
            until_empty: false,
            #[cfg(feature = "dispatch")]
            dispatch: None,
        }
    }

    /// For the macro: what its method takes and gives.
    #[cfg(feature = "dispatch")]
    #[doc(hidden)]
    #[must_use]
    pub const fn dispatched(mut self, dispatch: &'static crate::dispatch::Dispatch) -> Self {
        self.dispatch = Some(dispatch);
        self
    }

    /// First line of its documentation.
    #[must_use]
    pub const fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// The answer's value is under this key.
    #[must_use]
    pub const fn envelope(mut self, key: &'static str) -> Self {
        self.envelope = Some(key);
        self
    }

    /// The JSON body is sent under this key.
    #[must_use]
    pub const fn body_envelope(mut self, key: &'static str) -> Self {
        self.body_envelope = Some(key);
        self
    }

    /// Body and answer are both under this key.
    #[must_use]
    pub const fn enveloped(self, key: &'static str) -> Self {
        self.envelope(key).body_envelope(key)
    }

    /// Repeating the call has no further effect, although its method does not say so.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Each call acts, although its method does not say so.
    #[must_use]
    pub const fn acts(mut self) -> Self {
        self.idempotent = false;
        self
    }

    /// The call counts against this documented limit.
    #[must_use]
    pub const fn quota(mut self, quota: &'static Quota) -> Self {
        self.quota = Some(quota);
        self
    }

    /// Sends this `Accept` header; an empty one sends none.
    #[must_use]
    pub const fn accept(mut self, media_type: &'static str) -> Self {
        self.accept = media_type;
        self
    }

    /// The client's credential is not sent.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.authorized = false;
        self
    }

    /// An empty answer is read as this JSON.
    #[must_use]
    pub const fn empty_means(mut self, json: &'static str) -> Self {
        self.empty_means = Some(json);
        self
    }

    /// These statuses are an outcome, not an error.
    #[must_use]
    pub const fn outcomes(mut self, statuses: &'static [u16]) -> Self {
        self.outcomes = statuses;
        self
    }

    /// These error statuses are a refusal, although they read as a server's trouble that may pass.
    #[must_use]
    pub const fn refusals(mut self, statuses: &'static [u16]) -> Self {
        self.refusals = statuses;
        self
    }

    /// An attempt may take this long, whatever the client's default.
    #[must_use]
    pub const fn patience(mut self, longest: Duration) -> Self {
        self.patience = Some(longest);
        self
    }

    /// The answer, of this media type, is written while the server works: it may be five minutes in beginning,
    /// and each call acts.
    #[must_use]
    pub const fn streams(self, media_type: &'static str) -> Self {
        self.accept(media_type)
            .patience(Duration::from_secs(300))
            .acts()
    }

    /// How the query parameter for the number of items on a page is called, if not `per_page`.
    #[must_use]
    pub const fn per_page(mut self, name: &'static str) -> Self {
        self.per_page = name;
        self
    }

    /// The path holds a secret: spans and `Debug` show the template instead.
    #[must_use]
    pub const fn secret_path(mut self) -> Self {
        self.secret_path = true;
        self
    }

    /// The envelope holds an object: the list under this key, and what tells about its pages under `meta`.
    #[must_use]
    pub const fn nested(mut self, key: &'static str) -> Self {
        self.nested = Some(key);
        self
    }

    /// Answers with the address of a file at another host: a redirect there is followed, and the credential
    /// stays behind.
    #[must_use]
    pub const fn leaves(mut self) -> Self {
        self.leaves = true;
        self
    }

    /// The value of this placeholder is several segments: its `/` stay, and each part is checked.
    #[must_use]
    pub const fn slashes(mut self, placeholder: &'static str) -> Self {
        self.slashes = Some(placeholder);
        self
    }

    /// The list tells nothing about its pages: the next one is asked for until one is empty, or brings nothing new.
    #[must_use]
    pub const fn until_empty(mut self) -> Self {
        self.until_empty = true;
        self
    }

    /// Whether an answer with this status is handed on as a success.
    pub fn succeeds_with(&self, status: u16) -> bool {
        (200..300).contains(&status) || self.outcomes.contains(&status)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.operation, self.method, self.template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_tell_what_may_be_repeated() {
        assert!(Endpoint::new("a", Method::GET, "/").idempotent);
        assert!(Endpoint::new("a", Method::DELETE, "/").idempotent);
        assert!(!Endpoint::new("a", Method::POST, "/").idempotent);
        assert!(!Endpoint::new("a", Method::PATCH, "/").idempotent);
        assert!(!Endpoint::new("a", Method::GET, "/").acts().idempotent);
    }
}
