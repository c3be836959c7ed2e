//! What answers are read as: structs that bend where an answer does.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::models::secret::Secret;
use crate::models::time::Time;

/// Declares what an answer is read as.
///
/// Services leave out fields that their documentation promises, send `null` where it names a text, and drop
/// fields for good. So only what identifies a thing stands under `required`; any other field that an answer
/// leaves out, or sends as `null`, reads as its type's [`Absent`] value: a text, list or map as empty, an
/// enumeration as unknown, a time as unreadable, an `Option` as `None`. Numbers, flags and other models have no
/// such value, because their absence means something: there, the compiler asks for an `Option`. A value of the
/// wrong type is still an error, and unknown fields are skipped.
///
/// `name = "wire"` gives a field's spelling, and `| "other"` further ones that are read the same way;
/// `as path` reads it with a function such as those of [`de`](crate::de).
///
/// ```
/// deploykit_core::id! {
///     /// A server.
///     pub struct ServerId(u64);
/// }
/// deploykit_core::model! {
///     /// A server.
///     pub struct Server {
///         required {
///             /// Identifies the server.
///             id: ServerId,
///         }
///         /// Its name.
///         name: String,
///         /// What it is for.
///         kind = "type" | "server_type": String,
///         /// Port of the SSH daemon.
///         ssh_port: Option<i64> as deploykit_core::de::number,
///     }
/// }
/// let read = serde_json::from_str::<Server>;
/// let server = read(r#"{"id": 7, "name": null, "server_type": "web", "ssh_port": "22"}"#).unwrap();
/// assert_eq!((server.name.as_str(), server.kind.as_str(), server.ssh_port), ("", "web", Some(22)));
/// assert!(read(r#"{"name": "no id"}"#).is_err());
/// assert!(read(r#"{"id": 7, "name": 5}"#).is_err());
/// ```
#[macro_export]
macro_rules! model {
    ($(#[$meta:meta])* pub struct $model:ident { required { $($key:tt)* } $($rest:tt)* }) => {
        $crate::__model! { $(#[$meta])* pub struct $model { { $($key)* } $($rest)* } }
    };
    ($(#[$meta:meta])* pub struct $model:ident { $($rest:tt)* }) => {
        $crate::__model! { $(#[$meta])* pub struct $model { {} $($rest)* } }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __model {
    (
        $(#[$meta:meta])*
        pub struct $model:ident {
            { $(
                $(#[$rmeta:meta])*
                $rname:ident $(= $rwire:literal $(| $ralias:literal)*)? : $rtype:ty $(as $rread:path)?
            ),* $(,)? }
            $(
                $(#[$meta_:meta])*
                $name:ident $(= $wire:literal $(| $alias:literal)*)? : $type:ty $(as $read:path)?
            ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, $crate::__private::serde::Serialize)]
        #[non_exhaustive]
        pub struct $model {
            $( $(#[$rmeta])* $(#[serde(rename = $rwire)])? pub $rname: $rtype, )*
            $( $(#[$meta_])* $(#[serde(rename = $wire)])? pub $name: $type, )*
        }

        #[allow(deprecated)]
        impl<'de> $crate::__private::serde::Deserialize<'de> for $model {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
                enum At { $($rname,)* $($name,)* __Unknown }

                // What was read so far. It stays in one place, and serde hands on nothing but `()`: moving models of
                // many fields is what reading them would cost most.
                struct Parts {
                    $( $rname: ::std::option::Option<$rtype>, )*
                    $( $name: $type, )*
                }

                impl Parts {
                    fn is_whole<E>(&self) -> ::std::result::Result<(), E>
                    where
                        E: $crate::__private::serde::de::Error,
                    {
                        $( $crate::__private::present(
                            self.$rname.as_ref(),
                            $crate::__wire!($rname $($rwire)?),
                        )?; )*
                        Ok(())
                    }
                }

                struct Model<'a>(&'a mut Parts);

                impl<'de> $crate::__private::serde::de::Visitor<'de> for Model<'_> {
                    type Value = ();

                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str(concat!("struct ", stringify!($model)))
                    }

                    // PHP writes an object without fields as a list without items.
                    fn visit_seq<A>(self, list: A) -> ::std::result::Result<(), A::Error>
                    where
                        A: $crate::__private::serde::de::SeqAccess<'de>,
                    {
                        $crate::__private::no_items(list, &self)?;
                        self.0.is_whole()
                    }

                    fn visit_map<A>(self, mut map: A) -> ::std::result::Result<(), A::Error>
                    where
                        A: $crate::__private::serde::de::MapAccess<'de>,
                    {
                        let key = $crate::__private::Key(|key| match key {
                            $( $crate::__wire!($rname $($rwire)?) $($(| $ralias)*)? => At::$rname as u16, )*
                            $( $crate::__wire!($name $($wire)?) $($(| $alias)*)? => At::$name as u16, )*
                            _ => At::__Unknown as u16,
                        });
                        while let Some(at) = map.next_key_seed(key)? {
                            match at {
                                $( at if at == At::$rname as u16 => {
                                    $crate::__read_required!(map, self.0.$rname, $rtype $(, $rread)?)
                                } )*
                                $( at if at == At::$name as u16 => {
                                    $crate::__read_field!(map, self.0.$name, $type $(, $read)?)
                                } )*
                                _ => {
                                    map.next_value::<$crate::__private::serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        self.0.is_whole()
                    }
                }

                let mut parts = Parts {
                    $( $rname: None, )*
                    $( $name: <$type as $crate::Absent>::absent(), )*
                };
                deserializer.deserialize_struct(stringify!($model), &[], Model(&mut parts))?;
                Ok($model {
                    $( $rname: $crate::__private::present(
                        parts.$rname,
                        $crate::__wire!($rname $($rwire)?),
                    )?, )*
                    $( $name: parts.$name, )*
                })
            }
        }
    };
}

/// A field's name on the wire.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire {
    ($name:ident) => {
        stringify!($name)
    };
    ($name:ident $wire:literal) => {
        $wire
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read_required {
    ($map:ident, $to:expr, $type:ty) => {
        $crate::__private::read_required(&mut $map, &mut $to)?
    };
    ($map:ident, $to:expr, $type:ty, $read:path) => {
        $to = Some($crate::__read_by!($map, $type, $read))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read_field {
    ($map:ident, $to:expr, $type:ty) => {
        $crate::__private::read(&mut $map, &mut $to)?
    };
    ($map:ident, $to:expr, $type:ty, $read:path) => {
        $to = $crate::__read_by!($map, $type, $read)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read_by {
    ($map:ident, $type:ty, $read:path) => {{
        struct Read;

        impl<'de> $crate::__private::serde::de::DeserializeSeed<'de> for Read {
            type Value = $type;

            fn deserialize<D>(self, deserializer: D) -> ::std::result::Result<$type, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $read(deserializer)
            }
        }

        $map.next_value_seed(Read)?
    }};
}

/// Reads a field's value to its place. Compiled once for all fields of a type.
#[inline(never)]
pub fn read<'de, A, T>(map: &mut A, to: &mut T) -> Result<(), A::Error>
where
    A: MapAccess<'de>,
    T: Absent + Deserialize<'de>,
{
    *to = map.next_value::<Bent<T>>()?.0;
    Ok(())
}

/// The same for what identifies a thing.
#[inline(never)]
pub fn read_required<'de, A, T>(map: &mut A, to: &mut Option<T>) -> Result<(), A::Error>
where
    A: MapAccess<'de>,
    T: Deserialize<'de>,
{
    *to = Some(map.next_value()?);
    Ok(())
}

/// What a field reads as that an answer leaves out or sends as `null`.
///
/// Implemented for what has a value that cannot be taken for another one: empty texts, lists and maps, open
/// enumerations, times, secrets and `Option`. Not for numbers, flags and models.
#[diagnostic::on_unimplemented(
    message = "an answer may leave out this field, and `{Self}` has no value for that",
    note = "make it an `Option<{Self}>`, or put it under `required` if it identifies the thing"
)]
pub trait Absent: Sized {
    /// The value of a field that is not there.
    fn absent() -> Self;

    /// Reads the value, `null` as absent.
    ///
    /// # Errors
    ///
    /// If the value is of another type.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>
    where
        Self: Deserialize<'de>,
    {
        Ok(Option::deserialize(deserializer)?.unwrap_or_else(Self::absent))
    }
}

impl<T> Absent for Option<T> {
    fn absent() -> Self {
        None
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>
    where
        Self: Deserialize<'de>,
    {
        Self::deserialize(deserializer)
    }
}

macro_rules! empty {
    ($([$($param:ident),*] $type:ty;)+) => {
        $(
            impl<$($param),*> Absent for $type {
                fn absent() -> Self {
                    <$type>::default()
                }
            }
        )+
    };
}

empty! {
    [] serde_json::Value;
    [] serde_json::Map<String, serde_json::Value>;
    [T] Vec<T>;
    [K, V] BTreeMap<K, V>;
    [K, V] HashMap<K, V>;
}

impl Absent for String {
    fn absent() -> Self {
        Self::new()
    }

    /// In one step: texts are what answers are full of.
    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = String;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }

            fn visit_string<E>(self, text: String) -> Result<String, E> {
                Ok(text)
            }

            fn visit_unit<E>(self) -> Result<String, E> {
                Ok(String::new())
            }
        }

        deserializer.deserialize_any(Text)
    }
}

impl Absent for Time {
    fn absent() -> Self {
        Self::unread_text("")
    }

    #[inline]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

impl Absent for Secret {
    fn absent() -> Self {
        Self::new("")
    }
}

/// Reads a field, `null` as absent.
#[derive(Debug)]
pub struct Bent<T>(pub T);

impl<'de, T: Absent + Deserialize<'de>> Deserialize<'de> for Bent<T> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

/// Reads a key as the number of its field. One type for all models, so that it is compiled once.
#[derive(Debug, Clone, Copy)]
pub struct Key(pub fn(&str) -> u16);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = u16;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u16, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = u16;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_str<E>(self, key: &str) -> Result<u16, E> {
        Ok((self.0)(key))
    }
}

/// The value of a required field.
pub fn present<T, E: serde::de::Error>(value: Option<T>, name: &'static str) -> Result<T, E> {
    value.ok_or_else(|| E::missing_field(name))
}

/// Refuses a list with items where an object is expected.
pub fn no_items<'de, A: serde::de::SeqAccess<'de>>(
    mut list: A,
    expected: &dyn serde::de::Expected,
) -> Result<(), A::Error> {
    match list.next_element::<serde::de::IgnoredAny>()? {
        None => Ok(()),
        Some(_) => Err(serde::de::Error::invalid_type(
            serde::de::Unexpected::Seq,
            expected,
        )),
    }
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    use super::*;

    crate::open_enum! {
        /// A state.
        pub enum State {
            /// On.
            On = "on",
        }
    }

    crate::model! {
        /// A part.
        #[derive(Eq)]
        pub struct Part {
            /// Name.
            name: String,
        }
    }

    crate::model! {
        /// A whole.
        pub struct Whole {
            required {
                /// Id.
                id = "ID" | "id": String as crate::__private::text_id,
            }
            /// State.
            state: State,
            /// Parts.
            parts: Vec<Part>,
            /// Main part.
            main: Option<Part>,
            /// By name.
            by_name: BTreeMap<String, u64>,
            /// When.
            at = "created_at": Time,
            /// Token.
            token: Secret,
            /// Count.
            count: Option<u64>,
        }
    }

    fn read(json: &str) -> Result<Whole, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn what_is_missing_or_null_reads_as_absent() {
        let bare = read(r#"{"id": 5}"#).unwrap();
        assert_eq!(bare.id, "5");
        assert!(!bare.state.is_known());
        assert_eq!(bare.at.unread(), Some(""));
        assert!(bare.token.is_blank() && bare.parts.is_empty() && bare.by_name.is_empty());
        assert_eq!((&bare.main, bare.count), (&None, None));
        let nulls = r#"{"ID": "5", "state": null, "parts": null, "main": null, "by_name": null,
            "created_at": null, "token": null, "count": null, "new": {"a": [1]}}"#;
        assert_eq!(read(nulls).unwrap(), bare);
    }

    #[test]
    fn what_identifies_it_and_the_types_are_still_checked() {
        for (json, problem) in [
            ("{}", "missing field `ID`"),
            (r#"{"ID": "1", "count": "many"}"#, "invalid type: string"),
            (r#"{"ID": "1", "parts": {}}"#, "invalid type: map"),
            (r#"{"ID": "1", "main": [5]}"#, "invalid type: sequence"),
            ("[]", "missing field `ID`"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(problem), "{json}: {error}");
        }
    }

    #[test]
    fn an_empty_list_is_an_object_without_fields() {
        let whole = read(r#"{"ID": "1", "main": []}"#).unwrap();
        assert_eq!(whole.main.unwrap().name, "");
    }

    #[test]
    fn it_is_written_as_it_is_spelled() {
        let json = serde_json::to_value(read(r#"{"id": "1", "created_at": "soon"}"#).unwrap());
        let json = json.unwrap();
        assert_eq!(json["ID"], "1");
        assert_eq!(json["created_at"], "soon");
    }
}
