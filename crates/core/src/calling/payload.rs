//! What a call sends: JSON bodies, forms and queries.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::Error;

/// Something that can be sent as a body, a form or a query.
///
/// `request!` implements it for the types it declares; for a type of your own an empty `impl` is enough. What no
/// error may show, even if the server quotes it, is a [`Secret`](crate::Secret), wherever it stands in it.
pub trait Payload: Serialize {
    /// Refuses what the service documents as wrong, before anything is sent.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: Payload + ?Sized> Payload for &T {
    fn check(&self) -> Result<(), Error> {
        (**self).check()
    }
}

impl<T: Serialize> Payload for [T] {}
impl<T: Serialize> Payload for Vec<T> {}

impl<K: Serialize, V: Serialize> Payload for BTreeMap<K, V> {}
impl Payload for Value {}

/// A field that can be cleared: `null` is sent for [`Null`](Nullable::Null), and a field that was never
/// set is not sent at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nullable<T> {
    /// Clear the field.
    Null,
    /// Set the field.
    Value(T),
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl From<&str> for Nullable<String> {
    fn from(value: &str) -> Self {
        Self::Value(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Nullable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Value(value) => value.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

/// Declares what a call sends: required fields become arguments of `new`, optional ones chained setters,
/// and what is not set is not sent.
///
/// Texts, ids, enumerations and nested types are taken as `impl Into<…>`, numbers and booleans as they are. An
/// optional `check` closure refuses bad input before any request. The type needs `serde` as a dependency of
/// the crate that declares it.
///
/// ```
/// deploykit_core::request! {
///     /// What to deploy.
///     pub struct NewDeployment {
///         required {
///             /// Where the archive is.
///             source_url: String,
///         }
///         optional {
///             /// Label of the version.
///             git_ref: String,
///             /// How many containers to start.
///             amount: u32,
///         }
///     }
///     check |it| {
///         if it.source_url.is_empty() {
///             return Err(deploykit_core::Error::invalid_input("source_url", "is empty"));
///         }
///         Ok(())
///     }
/// }
/// let body = NewDeployment::new("https://example.com/a.tar.gz").amount(2);
/// assert_eq!(
///     serde_json::to_string(&body).unwrap(),
///     r#"{"source_url":"https://example.com/a.tar.gz","amount":2}"#,
/// );
/// ```
#[macro_export]
macro_rules! request {
    // Reading is rare, and serde's derive of it takes most of what a request costs to build. So only what bends
    // serde's rules has it; the others are read field by field.
    (
        $(#[doc = $doc:literal])* $(#[derive $derive:tt])?
        pub struct $name:ident {
            $( required { $(
                $(#[doc = $rdoc:literal])* $(#[serde(rename = $rwire:literal)])?
                $rname:ident : $rtype:ident $(< $($rarg:ty),+ >)?
            ),* $(,)? } )?
            $( optional { $(
                $(#[doc = $odoc:literal])* $(#[serde(rename = $owire:literal)])?
                $oname:ident : $otype:ident $(< $($oarg:ty),+ >)?
            ),* $(,)? } )?
        }
        $( check |$it:ident| $check:block )?
    ) => {
        $(#[doc = $doc])* $(#[derive $derive])?
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($( $(#[doc = $rdoc])* pub $rname: $rtype $(<$($rarg),+>)?, )*)?
            $($( $(#[doc = $odoc])* pub $oname: Option<$otype $(<$($oarg),+>)?>, )*)?
        }

        $crate::__shown! { $name { $($($rname,)*)? $($($oname,)*)? } }

        const _: () = {
            const KEYS: &[&str] = &[
                $($( $crate::__wire!($rname $($rwire)?), )*)?
                $($( $crate::__wire!($oname $($owire)?), )*)?
            ];

            impl $crate::__private::serde::Serialize for $name {
                fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
                where
                    S: $crate::__private::serde::Serializer,
                {
                    let count = $crate::__private::count(KEYS, &[$($( self.$oname.is_none(), )*)?]);
                    let mut to =
                        $crate::__private::Written::new(serializer, stringify!($name), KEYS, count);
                    $($( to.field(&self.$rname); )*)?
                    $($( to.optional(&self.$oname); )*)?
                    to.end()
                }
            }

            impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
                fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
                where
                    D: $crate::__private::serde::Deserializer<'de>,
                {
                    #[allow(unused_mut)]
                    let mut fields = $crate::__private::Fields::read(deserializer, KEYS)?;
                    $($( let $rname = fields.take()?; )*)?
                    #[allow(unused_mut)]
                    let mut read = Self { $($( $rname, )*)? $($( $oname: None, )*)? };
                    $($( fields.optional(&mut read.$oname); )*)?
                    fields.end(read)
                }
            }
        };

        $crate::__request! {
            $name
            { $($( $rname: $rtype $(<$($rarg),+>)?, )*)? }
            { $($( $(#[doc = $odoc])* $oname: $otype $(<$($oarg),+>)?, )*)? }
            $( |$it| $check )?
        }
    };
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( required { $(
                $(#[doc = $rdoc:literal])* $(#[serde $rserde:tt])?
                $rname:ident : $rtype:ident $(< $($rarg:ty),+ >)?
            ),* $(,)? } )?
            $( optional { $(
                $(#[doc = $odoc:literal])* $(#[serde $oserde:tt])?
                $oname:ident : $otype:ident $(< $($oarg:ty),+ >)?
            ),* $(,)? } )?
        }
        $( check |$it:ident| $check:block )?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(
                $(#[doc = $rdoc])* $(#[serde $rserde])?
                pub $rname: $rtype $(<$($rarg),+>)?,
            )*)?
            $($(
                $(#[doc = $odoc])* $(#[serde $oserde])?
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $oname: Option<$otype $(<$($oarg),+>)?>,
            )*)?
        }

        $crate::__request! {
            $name
            { $($( $rname: $rtype $(<$($rarg),+>)?, )*)? }
            { $($( $(#[doc = $odoc])* $oname: $otype $(<$($oarg),+>)?, )*)? }
            $( |$it| $check )?
        }
    };
}

/// How a request is made.
#[doc(hidden)]
#[macro_export]
macro_rules! __request {
    (
        $name:ident
        { $( $rname:ident : $rtype:ident $(< $($rarg:ty),+ >)?, )* }
        { $( $(#[doc = $odoc:literal])* $oname:ident : $otype:ident $(< $($oarg:ty),+ >)?, )* }
        $( |$it:ident| $check:block )?
    ) => {
        impl $name {
            /// Takes what is required; the rest is set by the methods below, and not sent unless set.
            #[inline]
            #[must_use]
            #[allow(clippy::new_without_default, clippy::too_many_arguments)]
            pub fn new($( $rname: $crate::__field!($rtype $(<$($rarg),+>)?) ),*) -> Self {
                Self {
                    $( $rname: ::std::convert::Into::into($rname), )*
                    $( $oname: None, )*
                }
            }

            $(
                $(#[doc = $odoc])*
                #[inline]
                #[must_use]
                pub fn $oname(mut self, $oname: $crate::__field!($otype $(<$($oarg),+>)?)) -> Self {
                    $crate::__private::set(&mut self.$oname, $oname);
                    self
                }
            )*
        }

        impl $crate::Payload for $name {
            $(
                #[inline]
                fn check(&self) -> Result<(), $crate::Error> {
                    let $it = self;
                    $check
                }
            )?
        }
    };
}

/// Sets a field.
#[inline]
pub fn set<T>(field: &mut Option<T>, value: impl Into<T>) {
    *field = Some(value.into());
}

/// A request's fields, by their names on the wire.
#[derive(Debug)]
pub struct Fields<E> {
    values: BTreeMap<String, Value>,
    /// What the fields that are to come are called.
    keys: &'static [&'static str],
    /// The first of an optional field.
    error: Option<E>,
}

impl<E: serde::de::Error> Fields<E> {
    /// Reads them all.
    ///
    /// # Errors
    ///
    /// If it is no object.
    pub fn read<'de, D: Deserializer<'de, Error = E>>(
        deserializer: D,
        keys: &'static [&'static str],
    ) -> Result<Self, E> {
        Ok(Self {
            values: BTreeMap::deserialize(deserializer)?,
            keys,
            error: None,
        })
    }

    fn next(&mut self) -> &'static str {
        let (key, others) = self.keys.split_first().unwrap_or((&"", &[]));
        self.keys = others;
        key
    }

    /// The value of the next field; what is missing is read as `null`.
    ///
    /// # Errors
    ///
    /// If the value is of another type.
    pub fn take<T: DeserializeOwned>(&mut self) -> Result<T, E> {
        let name = self.next();
        self.value(name)
    }

    fn value<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, E> {
        let Some(value) = self.values.remove(name) else {
            return T::deserialize(Value::Null).map_err(|_| E::missing_field(name));
        };
        let error = match T::deserialize(&value) {
            Ok(read) => return Ok(read),
            Err(error) => error,
        };
        // In a query or a form, numbers and flags are texts.
        let scalar = value.as_str().and_then(|text| text.parse().ok());
        scalar
            .and_then(|scalar: Value| T::deserialize(scalar).ok())
            .ok_or_else(|| E::custom(format_args!("{name}: {error}")))
    }

    /// Reads the next field, which need not be set, to its place. One that can be cleared reads `null` as that.
    pub fn optional<T: DeserializeOwned>(&mut self, to: &mut Option<T>) {
        let name = self.next();
        match self.values.get(name) {
            None => {}
            Some(Value::Null) => *to = T::deserialize(Value::Null).ok(),
            Some(_) => match self.value(name) {
                Ok(value) => *to = Some(value),
                Err(error) => self.error = self.error.take().or(Some(error)),
            },
        }
    }

    /// What was read.
    ///
    /// # Errors
    ///
    /// If the value of an optional field is of another type.
    pub fn end<T>(self, read: T) -> Result<T, E> {
        match self.error {
            None => Ok(read),
            Some(error) => Err(error),
        }
    }
}

/// How a field's value is taken: literals must not need a suffix, so numbers are taken as they are.
#[doc(hidden)]
#[macro_export]
macro_rules! __field {
    (bool) => { bool };
    (u8) => { u8 };
    (u16) => { u16 };
    (u32) => { u32 };
    (u64) => { u64 };
    (i32) => { i32 };
    (i64) => { i64 };
    (f64) => { f64 };
    ($($type:tt)+) => { impl Into<$($type)+> };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::request! {
        /// A change.
        pub struct Change {
            required {
                /// Name.
                name: String,
                /// Ids.
                ids: Vec<u64>,
            }
            optional {
                /// Note.
                note: Nullable<String>,
                /// On.
                #[serde(rename = "isOn")]
                on: bool,
            }
        }
        check |it| {
            if it.ids.is_empty() {
                return Err(Error::invalid_input("ids", "is empty"));
            }
            Ok(())
        }
    }

    crate::request! {
        /// What a form can hold.
        pub struct Flags {
            optional {
                /// A flag.
                on: bool,
                /// A number.
                count: u32,
                /// A text.
                text: String,
            }
        }
    }

    #[test]
    fn unset_is_not_sent_and_null_is() {
        let sent = |change: Change| serde_json::to_string(&change).unwrap();
        assert_eq!(
            sent(Change::new("a", [1, 2])),
            r#"{"name":"a","ids":[1,2]}"#
        );
        assert_eq!(
            sent(Change::new("a", [1]).note(Nullable::Null).on(true)),
            r#"{"name":"a","ids":[1],"note":null,"isOn":true}"#
        );
        assert_eq!(
            sent(Change::new("a", [1]).note("x")),
            r#"{"name":"a","ids":[1],"note":"x"}"#
        );
        assert!(Change::new("a", []).check().is_err());
    }

    #[test]
    fn what_was_written_is_read_again() {
        let read = |json: &str| serde_json::from_str::<Change>(json);
        let change = Change::new("a", [1]).note("x").on(true);
        assert_eq!(
            read(&serde_json::to_string(&change).unwrap()).unwrap(),
            change
        );
        let cleared = Change::new("a", [1]).note(Nullable::Null);
        assert_eq!(
            read(&serde_json::to_string(&cleared).unwrap()).unwrap(),
            cleared
        );
        let bare = read(r#"{"name": "a", "ids": [1], "isOn": null, "more": {}}"#).unwrap();
        assert_eq!(bare, Change::new("a", [1]));
        let form = serde_urlencoded::from_str::<Flags>("on=true&count=5&text=6").unwrap();
        assert_eq!(form, Flags::new().on(true).count(5).text("6"));
        for (json, problem) in [
            (r#"{"name": "a"}"#, "missing field `ids`"),
            (r#"{"name": "a", "ids": "b"}"#, "ids: invalid type: string"),
            (
                r#"{"name": "a", "ids": [], "isOn": 1}"#,
                "isOn: invalid type: integer",
            ),
            ("5", "invalid type: integer"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(problem), "{json}: {error}");
        }
    }
}
