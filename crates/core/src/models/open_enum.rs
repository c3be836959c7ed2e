//! Enumerations that survive values this version does not know.

/// A value that an open enumeration does not know.
///
/// It can be printed and sent back, but not matched or built: a program that handled it by name would
/// break silently on the day the name becomes a variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unknown(Box<str>);

#[doc(hidden)]
impl Unknown {
    pub fn __new(text: &str) -> Self {
        Self(text.into())
    }

    pub fn __as_str(&self) -> &str {
        &self.0
    }
}

/// Declares an open enumeration: known values as variants, any other kept as it came.
///
/// `Variant = "text"` gives a value's spelling on the wire; further spellings that are read the same way
/// follow after `|`.
///
/// ```
/// deploykit_core::open_enum! {
///     /// State of a deployment.
///     pub enum Status {
///         /// Waiting.
///         Queued = "queued",
///         /// Done.
///         Success = "success" | "succeeded",
///     }
/// }
/// assert_eq!(Status::from("success"), Status::Success);
/// assert_eq!(Status::from("succeeded"), Status::Success);
/// let new = Status::from("paused");
/// assert!(!new.is_known());
/// assert_eq!(new.to_string(), "paused");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$vmeta:meta])* $variant:ident = $text:literal $(| $alias:literal)* ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$vmeta])* $variant, )+
            #[doc(hidden)]
            __Unknown($crate::Unknown),
        }

        impl Eq for $name {}

        impl $name {
            /// The values known to this version, as the service spells them.
            pub const KNOWN: &'static [&'static str] = &[$($text),+];

            /// The value as the service spells it.
            #[inline]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )+
                    Self::__Unknown(other) => other.__as_str(),
                }
            }

            /// Whether this version knows the value.
            #[inline]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::__Unknown(_))
            }
        }

        impl From<&str> for $name {
            #[inline]
            fn from(text: &str) -> Self {
                match text {
                    $( $text $(| $alias)* => Self::$variant, )+
                    other => Self::__Unknown($crate::Unknown::__new(other)),
                }
            }
        }

        impl From<String> for $name {
            #[inline]
            fn from(text: String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl $crate::Absent for $name {
            #[inline]
            fn absent() -> Self {
                Self::__Unknown($crate::Unknown::__new(""))
            }

            fn read<'de, D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::serde::Deserialize::deserialize(deserializer)
            }
        }

        impl ::std::fmt::Display for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::open_text(deserializer, |text| Self::from(text))
            }
        }
    };
}

/// Reads a text, number or boolean and hands it on as text, without keeping it.
#[inline]
pub fn open_text<'de, D, T>(deserializer: D, make: fn(&str) -> T) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let mut made = None;
    deserializer.deserialize_any(OpenText(&mut |text| made = Some(make(text))))?;
    made.ok_or_else(|| serde::de::Error::custom("a value of an enumeration is missing"))
}

/// One type for all enumerations, so that reading it is compiled once.
struct OpenText<'a>(&'a mut dyn FnMut(&str));

impl serde::de::Visitor<'_> for OpenText<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value of an enumeration")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.visit_str(&number.to_string())
    }

    /// As if it were left out.
    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_str("")
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<(), E> {
        self.visit_str(if flag { "true" } else { "false" })
    }
}

#[cfg(test)]
#[allow(dead_code)]
mod tests {
    crate::open_enum! {
        /// A size.
        pub enum Size {
            /// Small.
            Small = "S" | "small",
            /// Large.
            Large = "L",
        }
    }

    #[test]
    fn unknown_values_survive_a_round_trip() {
        for text in [r#""S""#, r#""XXL""#, r#""""#] {
            let size: Size = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&size).unwrap(), text);
        }
        assert_eq!(
            serde_json::from_str::<Size>(r#""small""#).unwrap(),
            Size::Small
        );
        assert_eq!(serde_json::from_str::<Size>("3").unwrap().as_str(), "3");
        assert_eq!(Size::KNOWN, ["S", "L"]);
    }
}
