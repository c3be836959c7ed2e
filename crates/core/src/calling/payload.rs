//! What a call sends: JSON bodies, forms and queries.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

impl<K: Serialize, V: Serialize> Payload for std::collections::BTreeMap<K, V> {}
impl Payload for serde_json::Value {}

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

        impl $name {
            /// Takes what is required; the rest is set by the methods below, and not sent unless set.
            #[must_use]
            #[allow(clippy::new_without_default, clippy::too_many_arguments)]
            pub fn new($($( $rname: $crate::__field!($rtype $(<$($rarg),+>)?) ),*)?) -> Self {
                Self {
                    $($( $rname: $rname.into(), )*)?
                    $($( $oname: None, )*)?
                }
            }

            $($(
                $(#[doc = $odoc])*
                #[must_use]
                pub fn $oname(mut self, $oname: $crate::__field!($otype $(<$($oarg),+>)?)) -> Self {
                    self.$oname = Some($oname.into());
                    self
                }
            )*)?
        }

        impl $crate::Payload for $name {
            $(
                fn check(&self) -> Result<(), $crate::Error> {
                    let $it = self;
                    $check
                }
            )?
        }
    };
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
}
