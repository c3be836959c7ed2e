//! What answers are read as: structs that bend where an answer does.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

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
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $model {
            $( $(#[$rmeta])* pub $rname: $rtype, )*
            $( $(#[$meta_])* pub $name: $type, )*
        }

        $crate::__shown! { $model { $($rname,)* $($name,)* } }

        #[allow(deprecated)]
        impl $crate::__private::serde::Serialize for $model {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                let mut to = $crate::__private::Written::of::<Self>(serializer);
                $( to.field(&self.$rname); )*
                $( to.field(&self.$name); )*
                to.end()
            }
        }

        #[allow(deprecated, missing_debug_implementations, unreachable_patterns)]
        const _: () = {
            // What was read so far. It stays in one place, and serde hands on nothing but `()`: moving models of many
            // fields is what reading them would cost most.
            pub struct Parts {
                $( $rname: ::std::option::Option<$rtype>, )*
                $( $name: $type, )*
            }

            impl $crate::__private::Model for $model {
                type Parts = Parts;

                const SHAPE: $crate::__private::Shape = $crate::__private::Shape {
                    name: stringify!($model),
                    required: &[$($crate::__wire!($rname $($rwire)?)),*],
                    keys: &[
                        $($crate::__wire!($rname $($rwire)?),)*
                        $($crate::__wire!($name $($wire)?),)*
                    ],
                };

                #[inline]
                fn find(key: &str) -> usize {
                    #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
                    enum At { $($rname,)* $($name,)* }

                    match key {
                        $( $crate::__wire!($rname $($rwire)?) $($(| $ralias)*)? => At::$rname as usize, )*
                        $( $crate::__wire!($name $($wire)?) $($(| $alias)*)? => At::$name as usize, )*
                        _ => usize::MAX,
                    }
                }

                #[inline(always)]
                fn read<'de, A>(parts: &mut Parts, from: &mut $crate::__private::Field<'_, 'de, A>)
                where
                    A: $crate::__private::serde::de::MapAccess<'de>,
                {
                    $( $crate::__read_required!(from, parts.$rname, $rtype $(, $rread)?); )*
                    $( $crate::__read_field!(from, parts.$name, $type $(, $read)?); )*
                }
            }

            impl<'de> $crate::__private::serde::Deserialize<'de> for $model {
                fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
                where
                    D: $crate::__private::serde::Deserializer<'de>,
                {
                    let mut parts = Parts {
                        $( $rname: None, )*
                        $( $name: <$type as $crate::Absent>::absent(), )*
                    };
                    $crate::__private::read_model::<Self, D>(deserializer, &mut parts)?;
                    match parts {
                        Parts { $($rname: Some($rname),)* $($name,)* } => Ok(Self { $($rname,)* $($name,)* }),
                        _ => Err($crate::__private::lacking::<Self, D::Error>()),
                    }
                }
            }
        };
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
    ($from:ident, $to:expr, $type:ty) => {
        $from.required(&mut $to)
    };
    ($from:ident, $to:expr, $type:ty, $read:path) => {
        $from.required_by(&mut $to, $crate::__read_by!($type, $read))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read_field {
    ($from:ident, $to:expr, $type:ty) => {
        $from.field(&mut $to)
    };
    ($from:ident, $to:expr, $type:ty, $read:path) => {
        $from.field_by(&mut $to, $crate::__read_by!($type, $read))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __read_by {
    ($type:ty, $read:path) => {{
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

        Read
    }};
}

/// What [`model!`] declares of a model: all else is done here, once for all of them. What it makes is little, and
/// without branches: that is what a crate of a hundred models costs to build.
pub trait Model: Sized {
    /// The fields, while they are read; those that are required as an `Option`.
    type Parts;

    /// What it is called, and its fields.
    const SHAPE: Shape;

    /// The number of the field of this name, or of one that is read the same way; none has [`usize::MAX`].
    fn find(key: &str) -> usize;

    /// Tells of each field where it goes, in the order of its keys: the one that comes next is read.
    fn read<'de, A: MapAccess<'de>>(parts: &mut Self::Parts, from: &mut Field<'_, 'de, A>);
}

/// What a model is called, and its fields by their names on the wire.
#[derive(Debug)]
pub struct Shape {
    /// The model.
    pub name: &'static str,
    /// The fields that are required: the first of `keys`.
    pub required: &'static [&'static str],
    /// All fields.
    pub keys: &'static [&'static str],
}

/// The value of an object that comes next.
#[allow(missing_debug_implementations)]
pub struct Field<'a, 'de, A: MapAccess<'de>> {
    map: &'a mut A,
    /// How many fields are to be told before its own.
    before: usize,
    result: Result<(), A::Error>,
}

impl<'de, A: MapAccess<'de>> Field<'_, 'de, A> {
    #[inline(always)]
    fn is_told(&mut self) -> bool {
        let told = self.before == 0;
        self.before = self.before.wrapping_sub(1);
        told
    }

    /// A field.
    #[inline(always)]
    pub fn field<T: Absent + Deserialize<'de>>(&mut self, to: &mut T) {
        if self.is_told() {
            self.result = read(self.map, to);
        }
    }

    /// A field that is read in its own way.
    #[inline(always)]
    pub fn field_by<S: DeserializeSeed<'de>>(&mut self, to: &mut S::Value, seed: S) {
        if self.is_told() {
            self.result = self.map.next_value_seed(seed).map(|value| *to = value);
        }
    }

    /// A field that is required.
    #[inline(always)]
    pub fn required<T: Deserialize<'de>>(&mut self, to: &mut Option<T>) {
        if self.is_told() {
            self.result = read_required(self.map, to);
        }
    }

    /// One that is read in its own way.
    #[inline(always)]
    pub fn required_by<S: DeserializeSeed<'de>>(&mut self, to: &mut Option<S::Value>, seed: S) {
        if self.is_told() {
            let read = self.map.next_value_seed(seed);
            self.result = read.map(|value| *to = Some(value));
        }
    }
}

/// Reads a model's fields to their places.
#[inline]
pub fn read_model<'de, M: Model, D: Deserializer<'de>>(
    deserializer: D,
    parts: &mut M::Parts,
) -> Result<(), D::Error> {
    deserializer.deserialize_struct(M::SHAPE.name, &[], Fields::<M>(parts))
}

/// For the compiler: what is required is looked for before.
pub fn lacking<M: Model, E: serde::de::Error>() -> E {
    E::missing_field(M::SHAPE.required.first().copied().unwrap_or_default())
}

struct Fields<'a, M: Model>(&'a mut M::Parts);

impl<M: Model> Fields<'_, M> {
    /// An error, if one of the fields that are required is not among those that were there.
    fn are_whole<E: serde::de::Error>(there: u64) -> Result<(), E> {
        let mut required = (0..u64::BITS).zip(M::SHAPE.required);
        match required.find(|(at, _)| there & (1 << at) == 0) {
            None => Ok(()),
            Some((_, name)) => Err(E::missing_field(name)),
        }
    }
}

impl<'de, M: Model> Visitor<'de> for Fields<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "struct {}", M::SHAPE.name)
    }

    /// PHP writes an object without fields as a list without items.
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        no_items(list, &self)?;
        Self::are_whole(0)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let key = Key(M::find);
        let mut there = 0_u64;
        while let Some(at) = map.next_key_seed(key)? {
            if at == UNKNOWN {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let mut field = Field {
                map: &mut map,
                before: at,
                result: Ok(()),
            };
            M::read(self.0, &mut field);
            field.result?;
            there |= u64::from(at < 64) << (at % 64);
        }
        Self::are_whole(there)
    }
}

/// Reads a field's value to its place. Compiled once for all fields of a type.
#[inline(never)]
fn read<'de, A, T>(map: &mut A, to: &mut T) -> Result<(), A::Error>
where
    A: MapAccess<'de>,
    T: Absent + Deserialize<'de>,
{
    *to = map.next_value::<Bent<T>>()?.0;
    Ok(())
}

/// The same for what identifies a thing.
#[inline(never)]
fn read_required<'de, A, T>(map: &mut A, to: &mut Option<T>) -> Result<(), A::Error>
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

/// Where an unknown key leads.
const UNKNOWN: usize = usize::MAX;

/// Reads a key as the number of its field. One type for all models, so that it is compiled once.
#[derive(Clone, Copy)]
struct Key(fn(&str) -> usize);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = usize;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_str<E>(self, key: &str) -> Result<usize, E> {
        Ok((self.0)(key))
    }
}

/// Refuses a list with items where an object is expected.
fn no_items<'de, A: SeqAccess<'de>>(
    mut list: A,
    expected: &dyn serde::de::Expected,
) -> Result<(), A::Error> {
    match list.next_element::<IgnoredAny>()? {
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
