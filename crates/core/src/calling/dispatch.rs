//! What a row of the table sends and reads, without a client: for tools such as the drift report.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::answers::error::{Error, ErrorKind, Result};
use crate::answers::page;
use crate::calling::call::Text;
use crate::sending::send::RawResponse;

/// A JSON through a type and back; `None` if the type is not read or written as JSON.
pub type Through = fn(&Value) -> Option<serde_json::Result<Value>>;

/// What a row's method takes and gives.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Dispatch {
    /// The method's arguments, each with what its type makes of a JSON.
    pub arguments: &'static [(&'static str, Through)],
    /// Whether the answer is a list in pages.
    pub pages: bool,
    /// Reads an answer as the method does, and writes it as JSON again; `None` if its type can't be written.
    pub read: fn(&RawResponse) -> Result<Option<Value>>,
}

impl Dispatch {
    /// For the macro.
    #[doc(hidden)]
    pub const fn new(
        arguments: &'static [(&'static str, Through)],
        pages: bool,
        read: fn(&RawResponse) -> Result<Option<Value>>,
    ) -> Self {
        Self {
            arguments,
            pages,
            read,
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
        let unwritable =
            |error| Error::new(ErrorKind::Decode, "can't be written").with_source(error);
        self.0.reread().map(Some).map_err(unwritable)
    }
}

impl<T> Opaque for &Probe<T> {
    fn again(&self) -> Result<Option<Value>> {
        Ok(None)
    }
}

/// The same for what is sent.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sent<T>(pub PhantomData<T>);

/// For what can be read and written.
#[doc(hidden)]
pub trait Readable {
    /// What the type makes of a JSON.
    fn through(&self, json: &Value) -> Option<serde_json::Result<Value>>;
}

/// For all else.
#[doc(hidden)]
pub trait Unreadable {
    /// What the type makes of a JSON.
    fn through(&self, json: &Value) -> Option<serde_json::Result<Value>>;
}

impl<T: Serialize + DeserializeOwned> Readable for Sent<&T> {
    fn through(&self, json: &Value) -> Option<serde_json::Result<Value>> {
        Some(T::deserialize(json).and_then(|value| serde_json::to_value(value)))
    }
}

impl<T> Unreadable for &Sent<T> {
    fn through(&self, _: &Value) -> Option<serde_json::Result<Value>> {
        None
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
    ($endpoint:expr, [$($arg:ident : $type:ty),*], $($out:tt)*) => {
        $endpoint.dispatched(&$crate::dispatch::Dispatch::new(
            &[$((stringify!($arg), $crate::__through!($arg, $type))),*],
            $crate::__in_pages!($($out)*),
            |_response| $crate::__read!(_response, $($out)*),
        ))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __through {
    (body, $type:ty) => { $crate::__through!(@ $type) };
    (form, $type:ty) => { $crate::__through!(@ $type) };
    (query, $type:ty) => { $crate::__through!(@ $type) };
    (@ $type:ty) => {
        |json| {
            #[allow(unused_imports)]
            use $crate::dispatch::{Readable as _, Unreadable as _};
            (&$crate::dispatch::Sent::<$type>(::std::marker::PhantomData)).through(json)
        }
    };
    ($other:ident, $type:ty) => {
        |_| None
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
macro_rules! __again {
    ($value:ident) => {{
        #[allow(unused_imports)]
        use $crate::dispatch::{Opaque as _, Written as _};
        (&$crate::dispatch::Probe($value)).again()
    }};
}
