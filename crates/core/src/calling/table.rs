//! The endpoint table: one line an endpoint.

use std::fmt;

use crate::Endpoint;
use crate::calling::request::Request;

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
///   for values that come in several shapes. An item of a `Vec<T>` that can't be read does not lose the others
///   ([`Response::unreadable`](crate::Response::unreadable)).
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
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum __Row { $($operation),+ }

            const __BOUND: &[&str] = &[$($(stringify!($bound)),+)?];

            // No constant: each generic method would make it anew.
            static __ROWS: [$crate::Endpoint; [$(__Row::$operation),+].len()] = [$(
                $crate::__private::checked($crate::__dispatched!(
                    $crate::Endpoint::new(stringify!($operation), $crate::Method::$method, $template)
                        .summary($crate::__summary!($([$($attr)*])*))
                        $($(.$option($($($value),*)?))+)?,
                    $name::$function($($arg: $type),*),
                    $($out $(<$($outarg),+>)? $(by $key)? $(via $wire)?)?
                ), &[$(stringify!($arg)),*], __BOUND),
            )+];

            impl $name {
                /// The operations of this resource.
                pub const ENDPOINTS: &'static [&'static $crate::Endpoint] =
                    &[$(&__ROWS[__Row::$operation as usize]),+];

                /// The resource, called through this client.
                #[inline]
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
                        let request = self.client.request(&__ROWS[__Row::$operation as usize]);
                        $( let request = $crate::__place!(request, $arg, $arg, $type); )*
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

/// Items that are there with the feature only, which crates of services need not know.
#[cfg(not(feature = "dispatch"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_dispatch {
    ($($item:item)*) => {};
}

#[cfg(feature = "dispatch")]
#[doc(hidden)]
#[macro_export]
macro_rules! __with_dispatch {
    ($($item:item)*) => {
        $($item)*
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
        $request.json(&$value)
    };
    ($request:ident, form, $value:ident, $type:ty) => {
        $request.form(&$value)
    };
    ($request:ident, query, $value:ident, $type:ty) => {
        $request.query(&$value)
    };
    ($request:ident, text, $value:ident, $type:ty) => {
        $request.text($value)
    };
    ($request:ident, yaml, $value:ident, $type:ty) => {
        $request.yaml($value)
    };
    ($request:ident, $name:ident, $value:ident, $type:ty) => {
        $crate::__private::placed::<$type>($request, stringify!($name), $value)
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
    ($client:expr, $request:ident, Vec<$item:ty>) => {
        $client.call_items::<Vec<$item>, $item>($request)
    };
    ($client:expr, $request:ident, Vec<$item:ty> via $wire:ident) => {
        $client.call_items::<$wire, $item>($request)
    };
    ($client:expr, $request:ident, $out:ident $(<$arg:ty>)? via $wire:ident) => {
        $client.call_via::<$wire, $out $(<$arg>)?>($request)
    };
    ($client:expr, $request:ident, $($value:tt)+) => {
        $client.call($request)
    };
}

/// A segment, of what its type is made from.
pub fn placed<T: fmt::Display>(request: Request, name: &str, value: impl Into<T>) -> Request {
    request.segment(name, &value.into())
}

/// A row whose template's placeholders are exactly the arguments (but for the reserved ones) and the names that the
/// client fills. Others do not compile.
pub const fn checked(row: Endpoint, args: &[&str], bound: &[&str]) -> Endpoint {
    assert!(
        placeholders_match(row.template, args, bound),
        "a row's placeholders and arguments differ"
    );
    row
}

const RESERVED: [&str; 5] = ["body", "form", "query", "text", "yaml"];

/// Runs in the compiler for each row, where a step takes a thousand times as long: each byte is looked at once.
const fn placeholders_match(template: &str, args: &[&str], bound: &[&str]) -> bool {
    let mut filled = 0;
    let mut text = template.as_bytes();
    while let [byte, rest @ ..] = text {
        text = rest;
        if *byte == b'{' {
            let by_argument = is_one_of(args, text, b"}");
            if by_argument == is_one_of(bound, text, b"}") {
                return false;
            }
            filled += by_argument as usize;
        }
    }
    let mut rest = args;
    while let [arg, others @ ..] = rest {
        rest = others;
        if !is_one_of(&RESERVED, arg.as_bytes(), b"") {
            if filled == 0 {
                return false;
            }
            filled -= 1;
        }
    }
    filled == 0
}

/// Whether the text begins with one of the names and this end; without an end, whether it is one of them.
const fn is_one_of(mut names: &[&str], text: &[u8], end: &[u8]) -> bool {
    while let [name, others @ ..] = names {
        names = others;
        let (mut name, mut text) = (name.as_bytes(), text);
        while let ([expected, more @ ..], [byte, rest @ ..]) = (name, text) {
            if *expected != *byte {
                break;
            }
            (name, text) = (more, rest);
        }
        match (name, text, end) {
            ([], [], []) => return true,
            ([], [byte, ..], [end]) if *byte == *end => return true,
            _ => {}
        }
    }
    false
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
        assert!(ok("/{id}/{app}", &["app", "id"], &[]));
        assert!(!ok("/a/{app}/{app}", &["app"], &[]));
        assert!(!ok("/{org}/{app}", &["org", "app"], &["org"]));
        assert!(!ok("/a/{body}", &["body"], &[]));
        assert!(!ok("/a/{app", &["app"], &[]));
    }
}
