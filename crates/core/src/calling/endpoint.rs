//! The endpoint table: one line an endpoint.

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

/// Turns a table of routes into methods.
///
/// Each line reads like the documentation it comes from: name of the operation, method, path, then the Rust
/// method with its arguments and result. Every placeholder of the path must be an argument and every argument
/// a placeholder; the compiler checks it. Reserved argument names say where a value goes: `body` (JSON),
/// `form` (urlencoded body), `query`, `text` (plain text body), `yaml` (text sent as YAML); all others are
/// path segments, taken as `impl Into<…>`.
///
/// - `-> T` returns a [`Call<T>`](crate::Call); no arrow, a `Call<()>`; `-> Pages<T>`, a
///   [`Pages<T>`](crate::Pages); `-> Streamed<T>`, a [`Streamed<T>`](crate::Streamed). `by id` after it leaves out an item whose `id` was already seen, for lists
///   that shift while they are read. `via W` after a type reads the answer as `W` and hands it on by `Into`,
///   for values that come in several shapes.
/// - What differs from the default stands in brackets, named as the methods of [`Endpoint`].
/// - Placeholders that the client itself fills ([`ClientBuilder::bind`](crate::ClientBuilder::bind)) are
///   named after the struct: `pub struct Servers(organization);`.
///
/// The struct it declares is a handle made from a client; `ENDPOINTS` lists its rows.
///
/// ```
/// use deploykit_core::Client;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// pub struct Pipeline { pub id: u64, pub name: String }
///
/// deploykit_core::endpoints! {
///     /// Pipelines.
///     pub struct Pipelines;
///
///     /// Lists the pipelines of a project.
///     listPipelines: GET "/projects/{project_id}/pipelines" => list(project_id: u64) -> Pages<Pipeline>;
///
///     /// Runs a pipeline.
///     runPipeline: POST "/pipelines/{pipeline_id}/actions" => run(pipeline_id: u64) -> Pipeline
///         [envelope("pipeline")];
/// }
///
/// assert_eq!(Pipelines::ENDPOINTS[1].operation, "runPipeline");
/// # fn call(client: &Client) {
/// let call = Pipelines::new(client).run(7u64);
/// # }
/// ```
///
/// A line whose placeholders and arguments differ does not compile:
///
/// ```compile_fail,E0080
/// deploykit_core::endpoints! {
///     /// Pipelines.
///     pub struct Pipelines;
///
///     /// Runs a pipeline.
///     runPipeline: POST "/pipelines/{pipeline_id}/actions" => run(id: u64);
/// }
/// ```
#[macro_export]
macro_rules! endpoints {
    (
        $(#[$meta:meta])*
        pub struct $name:ident $(($($bound:ident),+))?;

        $(
            $(#[$($attr:tt)*])*
            $operation:ident : $method:ident $template:literal
                => $function:ident ( $($arg:ident : $type:ty),* $(,)? )
                $(-> $out:ident $(< $($outarg:ty),+ >)? $(by $key:ident)? $(via $wire:ident)?)?
                $([ $($option:ident $(($($value:expr),*))?),+ $(,)? ])?;
        )+
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name {
            client: $crate::Client,
        }

        const _: () = {
            // Apart from the handle's own names: an operation may be called like its method.
            struct __Rows;

            #[allow(non_upper_case_globals)]
            impl __Rows {
                const __BOUND: &'static [&'static str] = &[$($(stringify!($bound)),+)?];
                $(
                    const $operation: &'static $crate::Endpoint = &$crate::__dispatched!(
                        $crate::Endpoint::new(stringify!($operation), $crate::Method::$method, $template)
                            .summary($crate::__summary!($([$($attr)*])*))
                            $($(.$option($($($value),*)?))+)?,
                        [$($arg: $type),*],
                        $($out $(<$($outarg),+>)? $(by $key)? $(via $wire)?)?
                    );
                )+
            }

            impl $name {
                /// The operations of this resource.
                pub const ENDPOINTS: &'static [&'static $crate::Endpoint] = &[$(__Rows::$operation),+];

                /// The resource, called through this client.
                pub fn new(client: &$crate::Client) -> Self {
                    Self { client: client.clone() }
                }

                $(
                    $(#[$($attr)*])*
                    #[doc = ""]
                    #[doc = concat!("`", stringify!($method), " ", $template, "` (", stringify!($operation), ")")]
                    // Compiled by who calls it: a crate of two hundred endpoints need not decode all their types.
                    #[inline]
                    pub fn $function(
                        &self,
                        $($arg: $crate::__argument!($arg, $type)),*
                    ) -> $crate::__returned!($($out $(<$($outarg),+>)?)?) {
                        const _: () = assert!(
                            $crate::__private::placeholders_match(
                                $template,
                                &[$(stringify!($arg)),*],
                                __Rows::__BOUND,
                            ),
                            "{}",
                            concat!("placeholders and arguments differ: ", $template),
                        );
                        #[allow(unused_mut)]
                        let mut request = self.client.request(__Rows::$operation);
                        $( $crate::__place!(request, $arg, $arg, $type); )*
                        $crate::__finish!(
                            self.client, request,
                            $($out $(<$($outarg),+>)? $(by $key)? $(via $wire)?)?
                        )
                    }
                )+
            }
        };
    };
}

/// Lists the rows of several resources as a crate's `ENDPOINTS`.
#[macro_export]
macro_rules! endpoint_table {
    ($( $resource:ty ),+ $(,)?) => {
        /// Every operation of this crate.
        pub static ENDPOINTS: [&$crate::Endpoint; {
            let parts: &[&[&$crate::Endpoint]] = &[$(<$resource>::ENDPOINTS),+];
            $crate::__private::rows(parts)
        }] = $crate::__private::concat(&[$(<$resource>::ENDPOINTS),+]);
    };
}

// With the feature, `dispatch` has the other one.
#[cfg(not(feature = "dispatch"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __dispatched {
    ($endpoint:expr, $($rest:tt)*) => {
        $endpoint
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __summary {
    ([doc = $text:literal] $($rest:tt)*) => { $text.trim_ascii() };
    ([$($other:tt)*] $($rest:tt)*) => { $crate::__summary!($($rest)*) };
    () => { "" };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __argument {
    (body, $type:ty) => { $type };
    (form, $type:ty) => { $type };
    (query, $type:ty) => { $type };
    (text, $type:ty) => { $type };
    (yaml, $type:ty) => { $type };
    ($segment:ident, $type:ty) => { impl Into<$type> };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __returned {
    () => { $crate::Call<()> };
    (Pages<$item:ty>) => { $crate::Pages<$item> };
    (Streamed<$read:ty>) => { $crate::Streamed<$read> };
    ($($value:tt)+) => { $crate::Call<$($value)+> };
}

// A reserved name is passed twice: once to match on, once to use; hygiene loses it otherwise.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    ($request:ident, body, $value:ident, $type:ty) => {
        $request = $request.json(&$value)
    };
    ($request:ident, form, $value:ident, $type:ty) => {
        $request = $request.form(&$value)
    };
    ($request:ident, query, $value:ident, $type:ty) => {
        $request = $request.query(&$value)
    };
    ($request:ident, text, $value:ident, $type:ty) => {
        $request = $request.text($value)
    };
    ($request:ident, yaml, $value:ident, $type:ty) => {
        $request = $request.yaml($value)
    };
    ($request:ident, $name:ident, $value:ident, $type:ty) => {
        let $value: $type = $value.into();
        $request = $request.segment(stringify!($name), &$value);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __finish {
    ($client:expr, $request:ident, ) => {
        $crate::Call::without_content(&$client, $request)
    };
    ($client:expr, $request:ident, Pages<$item:ty> by $key:ident) => {
        $crate::Pages::new(&$client, $request).unique_by(|item: &$item| item.$key.to_string())
    };
    ($client:expr, $request:ident, Pages<$item:ty>) => {
        $crate::Pages::new(&$client, $request)
    };
    ($client:expr, $request:ident, Streamed<$read:ty>) => {
        $crate::Streamed::new(&$client, $request)
    };
    ($client:expr, $request:ident, $out:ident $(<$arg:ty>)? via $wire:ident) => {
        $client.call_via::<$wire, $out $(<$arg>)?>($request)
    };
    ($client:expr, $request:ident, $($value:tt)+) => {
        $client.call($request)
    };
}

const RESERVED: [&str; 5] = ["body", "form", "query", "text", "yaml"];

/// Whether the template's placeholders are exactly the arguments (but for the reserved ones) and the names
/// that the client fills.
pub const fn placeholders_match(template: &str, args: &[&str], bound: &[&str]) -> bool {
    let mut wanted = 0;
    let mut i = 0;
    while i < args.len() {
        if !contains(&RESERVED, args[i]) {
            if !has_placeholder(template, args[i]) {
                return false;
            }
            wanted += 1;
        }
        i += 1;
    }
    let mut i = 0;
    while i < bound.len() {
        if has_placeholder(template, bound[i]) {
            wanted += 1;
        }
        i += 1;
    }
    count(template) == wanted
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut i = 0;
    while i < names.len() {
        if equal(names[i].as_bytes(), name.as_bytes(), 0) && names[i].len() == name.len() {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether `text` has `part` at `from`.
const fn equal(text: &[u8], part: &[u8], from: usize) -> bool {
    if from + part.len() > text.len() {
        return false;
    }
    let mut i = 0;
    while i < part.len() {
        if text[from + i] != part[i] {
            return false;
        }
        i += 1;
    }
    true
}

const fn has_placeholder(template: &str, name: &str) -> bool {
    let text = template.as_bytes();
    let mut i = 0;
    while i < text.len() {
        let end = i + 1 + name.len();
        if text[i] == b'{'
            && equal(text, name.as_bytes(), i + 1)
            && end < text.len()
            && text[end] == b'}'
        {
            return true;
        }
        i += 1;
    }
    false
}

const fn count(template: &str) -> usize {
    let text = template.as_bytes();
    let mut found = 0;
    let mut i = 0;
    while i < text.len() {
        if text[i] == b'{' {
            found += 1;
        }
        i += 1;
    }
    found
}

/// How many rows the parts have together.
pub const fn rows(parts: &[&[&Endpoint]]) -> usize {
    let mut n = 0;
    let mut i = 0;
    while i < parts.len() {
        n += parts[i].len();
        i += 1;
    }
    n
}

/// The rows of all parts, in order.
pub const fn concat<const N: usize>(parts: &[&[&'static Endpoint]]) -> [&'static Endpoint; N] {
    let mut all = [parts[0][0]; N];
    let (mut n, mut i) = (0, 0);
    while i < parts.len() {
        let mut j = 0;
        while j < parts[i].len() {
            all[n] = parts[i][j];
            n += 1;
            j += 1;
        }
        i += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_must_be_the_arguments() {
        let ok = placeholders_match;
        assert!(ok("/a/{app}/b/{id}", &["app", "id", "body"], &[]));
        assert!(ok("/{org}/x/{app}", &["app"], &["org"]));
        assert!(ok("/x", &["query"], &["org"]));
        assert!(!ok("/a/{app}", &[], &[]));
        assert!(!ok("/a/{app}", &["app", "id"], &[]));
        assert!(!ok("/a/{application}", &["app"], &[]));
        assert!(!ok("/a/{app}/{app_id}", &["app"], &[]));
    }

    #[test]
    fn methods_tell_what_may_be_repeated() {
        assert!(Endpoint::new("a", Method::GET, "/").idempotent);
        assert!(Endpoint::new("a", Method::DELETE, "/").idempotent);
        assert!(!Endpoint::new("a", Method::POST, "/").idempotent);
        assert!(!Endpoint::new("a", Method::PATCH, "/").idempotent);
        assert!(!Endpoint::new("a", Method::GET, "/").acts().idempotent);
    }
}
