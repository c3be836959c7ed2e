//! What a row of the table sends and reads, by names and JSON: for tools such as the drift report, and for tests.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _, TryStream, TryStreamExt as _};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::page;
use crate::answers::raw::{RawResponse, Streaming};
use crate::calling::call::Text;
use crate::calling::request::Request;
use crate::sending::client::Client;
use crate::sending::send;

/// A JSON through a type and back, for a query or a form also what is sent of it; `None` if the type is not read or written as JSON.
pub type Through = fn(&Value) -> Option<serde_json::Result<Value>>;

/// Reads an answer that is still arriving to its end.
pub type Collect = fn(Streaming) -> BoxFuture<'static, Result<Option<Value>>>;

/// What a row's method takes and gives.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Dispatch {
    /// The method's arguments, each with what its type makes of a JSON.
    pub arguments: &'static [(&'static str, Through)],
    /// Whether the answer is a list in pages.
    pub pages: bool,
    /// What the answer is read as, as the table writes it.
    pub returns: &'static str,
    /// The request that the row's method makes of arguments, by their names: texts for the path, JSON for the rest.
    /// A query or a form can be a text as well, as it is sent. Refuses what is missing, is not of its type, or has
    /// a type that is not made of JSON.
    pub request: fn(&Client, &Map<String, Value>) -> Result<Request>,
    /// Reads an answer as the method does, and writes it as JSON again; `None` if its type can't be written.
    pub read: fn(&RawResponse) -> Result<Option<Value>>,
    /// The same for an answer that is read while it arrives, as a list of what comes; none for all others.
    pub collect: Option<Collect>,
}

impl Dispatch {
    /// For the macro.
    #[doc(hidden)]
    pub const fn new(
        arguments: &'static [(&'static str, Through)],
        pages: bool,
        returns: &'static str,
        request: fn(&Client, &Map<String, Value>) -> Result<Request>,
        read: fn(&RawResponse) -> Result<Option<Value>>,
        collect: Option<Collect>,
    ) -> Self {
        Self {
            arguments,
            pages,
            returns,
            request,
            read,
            collect,
        }
    }

    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<Through> {
        let of_name = |(argument, _): &&(&str, Through)| *argument == name;
        self.arguments
            .iter()
            .find(of_name)
            .map(|(_, through)| *through)
    }
}

impl fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.arguments.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

/// Sends a request that [`Dispatch::request`] made, as awaiting the method's call would.
///
/// # Errors
///
/// As the call.
pub async fn send(client: &Client, request: Request) -> Result<RawResponse> {
    send::send(client.clone(), request).await
}

/// Sends a request that [`Dispatch::request`] made, and gives its value as JSON, as awaiting the method's call would:
/// of a list one page, of a streamed answer all that comes until it ends. `None` if the value has a type that can't be
/// written.
///
/// # Errors
///
/// As the call; if the request is of no row, or a streamed answer is longer than the client's limit for bodies.
pub async fn call(client: &Client, request: Request) -> Result<Option<Value>> {
    let endpoint = request.endpoint;
    let Some(dispatch) = endpoint.dispatch else {
        return Err(Error::invalid_input("request", "is of no row of a table").with_call(endpoint));
    };
    let Some(collect) = dispatch.collect else {
        return (dispatch.read)(&send(client, request).await?);
    };
    let longest = request.limits(client.shared().body).longest;
    let mut answer = send::stream(client.clone(), request).await?;
    let mut left = longest;
    let body = std::mem::replace(&mut answer.body, stream::empty().boxed());
    let bounded = body.map(move |piece| {
        let piece = piece?;
        left = left.checked_sub(piece.len()).ok_or_else(|| {
            let message = format!("the answer is longer than {longest} bytes");
            Error::new(ErrorKind::TooLong, message).with_call(endpoint)
        })?;
        Ok(piece)
    });
    answer.body = bounded.boxed();
    collect(answer).await
}

/// A value that was read, as the JSON it was read from. What is serialized has it; types of answers that are not
/// say it themselves.
pub trait Reread {
    /// The JSON.
    ///
    /// # Errors
    ///
    /// If the value has no JSON.
    fn reread(&self) -> serde_json::Result<Value>;
}

impl<T: Serialize> Reread for T {
    fn reread(&self) -> serde_json::Result<Value> {
        serde_json::to_value(self)
    }
}

impl Reread for Text {
    fn reread(&self) -> serde_json::Result<Value> {
        Ok(self.0.clone().into())
    }
}

/// Picks by what a type can do: `(&Probe(value)).again()` is the first of the two traits that fits.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<T>(pub T);

/// For what can be written.
#[doc(hidden)]
pub trait Written {
    /// The value as JSON again.
    ///
    /// # Errors
    ///
    /// If it has none.
    fn again(&self) -> Result<Option<Value>>;
}

/// For all else.
#[doc(hidden)]
pub trait Opaque {
    /// The value as JSON again.
    ///
    /// # Errors
    ///
    /// If it has none.
    fn again(&self) -> Result<Option<Value>>;
}

impl<T: Reread> Written for Probe<T> {
    fn again(&self) -> Result<Option<Value>> {
        written(&self.0).map(Some)
    }
}

fn written(value: &impl Reread) -> Result<Value> {
    let unwritable = |error| Error::new(ErrorKind::Decode, "can't be written").with_source(error);
    value.reread().map_err(unwritable)
}

impl<T> Opaque for &Probe<T> {
    fn again(&self) -> Result<Option<Value>> {
        Ok(None)
    }
}

/// The same for what is read while it arrives.
#[doc(hidden)]
#[derive(Debug)]
pub struct Arriving<T>(pub PhantomData<T>);

/// For streams of what can be written.
#[doc(hidden)]
pub trait Collected {
    /// All that comes, as JSON.
    fn collect(&self, answer: Streaming) -> BoxFuture<'static, Result<Option<Value>>>;
}

/// For all else.
#[doc(hidden)]
pub trait Uncollected {
    /// Nothing.
    fn collect(&self, answer: Streaming) -> BoxFuture<'static, Result<Option<Value>>>;
}

impl<S> Collected for Arriving<S>
where
    S: From<Streaming> + TryStream<Error = Error> + Send + 'static,
    S::Ok: Reread + Send,
{
    fn collect(&self, answer: Streaming) -> BoxFuture<'static, Result<Option<Value>>> {
        Box::pin(async move {
            let read: Vec<_> = S::from(answer).into_stream().try_collect().await?;
            let read: Vec<_> = read.iter().map(written).collect::<Result<_>>()?;
            Ok(Some(read.into()))
        })
    }
}

impl<S> Uncollected for &Arriving<S> {
    fn collect(&self, _: Streaming) -> BoxFuture<'static, Result<Option<Value>>> {
        Box::pin(async { Ok(None) })
    }
}

/// The same for what is sent.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sent<T>(pub PhantomData<T>);

/// For what can be read and written.
#[doc(hidden)]
pub trait Readable {
    /// What the type makes of a JSON, or of what is sent of it.
    fn through(&self, name: &str, json: &Value) -> Option<serde_json::Result<Value>>;

    /// What is read of it.
    type Given;

    /// The argument, of those that are given.
    ///
    /// # Errors
    ///
    /// If it is not of its type.
    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<Self::Given>;
}

/// For all else.
#[doc(hidden)]
pub trait Unreadable {
    /// What the type makes of a JSON, or of what is sent of it.
    fn through(&self, name: &str, json: &Value) -> Option<serde_json::Result<Value>>;

    /// What is read of it.
    type Given;

    /// The argument, of those that are given.
    ///
    /// # Errors
    ///
    /// Always.
    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<Self::Given>;
}

/// An argument that was read.
#[doc(hidden)]
#[derive(Debug)]
pub struct Given<T>(T);

impl<T> Given<T> {
    #[doc(hidden)]
    pub fn lend(&self) -> &T {
        &self.0
    }
}

/// An argument that can't be.
#[doc(hidden)]
#[derive(Debug)]
pub struct Never<T>(Infallible, PhantomData<T>);

impl<T> Never<T> {
    #[doc(hidden)]
    pub fn lend(&self) -> T {
        match self.0 {}
    }
}

fn unmade<T>(name: &str) -> Result<T> {
    Err(Error::invalid_input(
        name,
        "has a type that is not made of JSON",
    ))
}

impl<T: Serialize + DeserializeOwned> Readable for Sent<&T> {
    fn through(&self, name: &str, json: &Value) -> Option<serde_json::Result<Value>> {
        Some(read::<T>(name, json).and_then(|value| serde_json::to_value(value)))
    }

    type Given = Given<T>;

    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<Given<T>> {
        let nothing = Value::Object(Map::new());
        read(name, of.get(name).unwrap_or(&nothing))
            .map(Given)
            .map_err(|error| Error::invalid_input(name, error.to_string()))
    }
}

fn read<T: DeserializeOwned>(name: &str, json: &Value) -> serde_json::Result<T> {
    let as_sent = || (name != "body").then(|| as_sent(json)).flatten();
    T::deserialize(json).or_else(|error| as_sent().ok_or(error))
}

/// A query or a form of its text: some types are pairs, and those of others are texts alone there.
fn as_sent<T: DeserializeOwned>(given: &Value) -> Option<T> {
    let pairs = match given {
        Value::String(text) => return serde_urlencoded::from_str(text).ok(),
        Value::Object(fields) => fields.iter().flat_map(|(name, value)| {
            let values = match value {
                Value::Array(values) => values.as_slice(),
                one => std::slice::from_ref(one),
            };
            values.iter().filter_map(move |value| match value {
                Value::Null => None,
                Value::String(text) => Some((name, text.clone())),
                other => Some((name, other.to_string())),
            })
        }),
        _ => return None,
    };
    let text = serde_urlencoded::to_string(pairs.collect::<Vec<_>>()).ok()?;
    serde_urlencoded::from_str(&text).ok()
}

impl<T> Unreadable for &Sent<T> {
    fn through(&self, _: &str, _: &Value) -> Option<serde_json::Result<Value>> {
        None
    }

    type Given = Never<T>;

    fn given(&self, name: &str, _: &Map<String, Value>) -> Result<Never<T>> {
        unmade(name)
    }
}

/// The same for what stands in the path, or is sent as a text.
#[doc(hidden)]
#[derive(Debug)]
pub struct Segment<T>(pub PhantomData<T>);

/// For what can be read.
#[doc(hidden)]
pub trait Texted {
    /// What is read of it.
    type Given;

    /// The argument, of those that are given.
    ///
    /// # Errors
    ///
    /// If it is missing, or not of its type.
    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<Self::Given>;
}

/// For all else.
#[doc(hidden)]
pub trait Untexted {
    /// What is read of it.
    type Given;

    /// The argument, of those that are given.
    ///
    /// # Errors
    ///
    /// Always.
    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<Self::Given>;
}

impl<T: DeserializeOwned> Texted for Segment<T> {
    type Given = T;

    fn given(&self, name: &str, of: &Map<String, Value>) -> Result<T> {
        let given = of.get(name);
        let given = given.ok_or_else(|| Error::invalid_input(name, "is missing"))?;
        // A number may come as a text.
        let scalar = || T::deserialize(given.as_str()?.parse::<Value>().ok()?).ok();
        T::deserialize(given)
            .or_else(|error| scalar().ok_or(error))
            .map_err(|error| Error::invalid_input(name, error.to_string()))
    }
}

impl<T> Untexted for &Segment<T> {
    type Given = T;

    fn given(&self, name: &str, _: &Map<String, Value>) -> Result<T> {
        unmade(name)
    }
}

/// The items of a page. One that can't be read is an error here.
#[doc(hidden)]
pub fn items<T: DeserializeOwned>(response: &RawResponse) -> Result<Vec<T>> {
    let page = page::read_page(response)?;
    match page.unreadable.into_iter().next() {
        Some(unreadable) => Err(response
            .error(ErrorKind::Decode, "an item can't be read")
            .with_source(unreadable)),
        None => Ok(page.items),
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! __dispatched {
    ($endpoint:expr, $name:ident::$function:ident($($arg:ident : $type:ty),*), $($out:tt)*) => {
        $endpoint.dispatched(&$crate::dispatch::Dispatch::new(
            &[$((stringify!($arg), $crate::__through!($arg, $type))),*],
            $crate::__in_pages!($($out)*),
            stringify!($($out)*),
            |client, _given| {
                $( let $arg = $crate::__given!(_given, $arg, $type)?; )*
                #[allow(deprecated)]
                let call = $name::new(client).$function($($crate::__lent!($arg, $arg)),*);
                Ok($crate::Request::clone(&call.request()))
            },
            |_response| $crate::__read!(_response, $($out)*),
            $crate::__collect!($($out)*),
        ))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __through {
    (body, $type:ty) => { $crate::__through!(@ "body", $type) };
    (form, $type:ty) => { $crate::__through!(@ "form", $type) };
    (query, $type:ty) => { $crate::__through!(@ "query", $type) };
    (@ $name:literal, $type:ty) => {
        |json| {
            #[allow(unused_imports)]
            use $crate::dispatch::{Readable as _, Unreadable as _};
            (&$crate::dispatch::Sent::<$type>(::std::marker::PhantomData)).through($name, json)
        }
    };
    ($other:ident, $type:ty) => {
        |_| None
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __given {
    ($given:ident, body, $type:ty) => { $crate::__given!(@ $given, "body", $type) };
    ($given:ident, form, $type:ty) => { $crate::__given!(@ $given, "form", $type) };
    ($given:ident, query, $type:ty) => { $crate::__given!(@ $given, "query", $type) };
    (@ $given:ident, $name:literal, $type:ty) => {{
        #[allow(unused_imports)]
        use $crate::dispatch::{Readable as _, Unreadable as _};
        (&$crate::dispatch::Sent::<$type>(::std::marker::PhantomData)).given($name, $given)
    }};
    // Written as `impl Into<String>` in some rows.
    ($given:ident, text, $type:ty) => { $crate::__given!($given, text_of, String, "text") };
    ($given:ident, yaml, $type:ty) => { $crate::__given!($given, text_of, String, "yaml") };
    ($given:ident, $arg:ident, $type:ty) => {
        $crate::__given!($given, text_of, $type, stringify!($arg))
    };
    ($given:ident, text_of, $type:ty, $name:expr) => {{
        #[allow(unused_imports)]
        use $crate::dispatch::{Texted as _, Untexted as _};
        (&$crate::dispatch::Segment::<$type>(::std::marker::PhantomData)).given($name, $given)
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __lent {
    (body, $arg:ident) => {
        $arg.lend()
    };
    (form, $arg:ident) => {
        $arg.lend()
    };
    (query, $arg:ident) => {
        $arg.lend()
    };
    ($other:ident, $arg:ident) => {
        $arg
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __in_pages {
    (Pages $($rest:tt)*) => {
        true
    };
    ($($rest:tt)*) => {
        false
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($response:ident, ) => {
        Ok(Some($crate::__private::Null))
    };
    ($response:ident, Pages<$item:ty> $($rest:tt)*) => {
        $crate::dispatch::items::<$item>($response).and_then(|value| $crate::__again!(value))
    };
    ($response:ident, Streamed<$read:ty>) => {
        Ok(None)
    };
    ($response:ident, $out:ident $(<$arg:ty>)? via $wire:ident) => {
        <$wire as $crate::FromResponse>::from_response($response).and_then(|wire| {
            let value: $out $(<$arg>)? = wire.into();
            $crate::__again!(value)
        })
    };
    ($response:ident, $($value:tt)+) => {
        <$($value)+ as $crate::FromResponse>::from_response($response)
            .and_then(|value| $crate::__again!(value))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __collect {
    (Streamed<$read:ty>) => {
        Some(|answer| {
            #[allow(unused_imports)]
            use $crate::dispatch::{Collected as _, Uncollected as _};
            (&$crate::dispatch::Arriving::<$read>(::std::marker::PhantomData)).collect(answer)
        })
    };
    ($($rest:tt)*) => {
        None
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __again {
    ($value:ident) => {{
        #[allow(unused_imports)]
        use $crate::dispatch::{Opaque as _, Written as _};
        (&$crate::dispatch::Probe($value)).again()
    }};
}
