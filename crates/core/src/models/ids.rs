//! Typed ids.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// Declares ids: newtypes over `String` or `u64` that convert from the plain type.
///
/// ```
/// deploykit_core::id! {
///     /// A project.
///     pub struct ProjectId(u64);
///
///     /// An application, by name.
///     pub struct AppName(String);
/// }
/// assert_eq!(ProjectId::from(7).to_string(), "7");
/// assert_eq!(AppName::from("web").as_str(), "web");
/// ```
#[macro_export]
macro_rules! id {
    ($( $(#[$meta:meta])* pub struct $name:ident($inner:ident); )+) => {
        $( $crate::__id!($inner, $(#[$meta])* $name); )+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __id {
    (String, $(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl Eq for $name {}

        impl $name {
            /// The id as text.
            #[inline]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl AsRef<str> for $name {
            #[inline]
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            #[inline]
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            #[inline]
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::text_id(deserializer).map(Self)
            }
        }
    };
    (u64, $(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Hash, PartialOrd, Ord)]
        pub struct $name(u64);

        impl Eq for $name {}

        impl $name {
            /// The id as a number.
            #[inline]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl From<u64> for $name {
            #[inline]
            fn from(id: u64) -> Self {
                Self(id)
            }
        }

        impl From<&$name> for $name {
            #[inline]
            fn from(id: &$name) -> Self {
                *id
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::num::ParseIntError;

            #[inline]
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_u64(self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::number_id(deserializer).map(Self)
            }
        }
    };
}

/// Reads a text id; a number is taken as its digits.
pub fn text_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct TextId;

    impl Visitor<'_> for TextId {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an id (text or number)")
        }

        fn visit_str<E>(self, id: &str) -> Result<String, E> {
            Ok(id.to_owned())
        }

        fn visit_string<E>(self, id: String) -> Result<String, E> {
            Ok(id)
        }

        fn visit_u64<E>(self, id: u64) -> Result<String, E> {
            Ok(id.to_string())
        }

        fn visit_i64<E>(self, id: i64) -> Result<String, E> {
            Ok(id.to_string())
        }
    }

    deserializer.deserialize_any(TextId)
}

/// Reads a numeric id; its digits as text are accepted too.
pub fn number_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct NumberId;

    impl Visitor<'_> for NumberId {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a numeric id")
        }

        fn visit_u64<E>(self, id: u64) -> Result<u64, E> {
            Ok(id)
        }

        fn visit_i64<E: Error>(self, id: i64) -> Result<u64, E> {
            u64::try_from(id).map_err(|_| E::custom("a negative id"))
        }

        fn visit_str<E: Error>(self, id: &str) -> Result<u64, E> {
            id.trim().parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_any(NumberId)
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    crate::id! {
        /// A number.
        pub struct Number(u64);
        /// A text.
        pub struct Text(String);
    }

    #[test]
    fn ids_read_numbers_and_texts() {
        assert_eq!(
            serde_json::from_str::<Number>("18446744073709551615")
                .unwrap()
                .get(),
            u64::MAX
        );
        assert_eq!(serde_json::from_str::<Number>(r#""12""#).unwrap().get(), 12);
        assert_eq!(serde_json::from_str::<Text>("12").unwrap(), "12");
        assert!(serde_json::from_str::<Number>("-1").is_err());
        assert_eq!(serde_json::to_string(&Number::from(5)).unwrap(), "5");
    }
}
