//! Queries whose parameters may come several times.

/// Declares a query: each method adds a parameter.
macro_rules! pairs {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $method:ident = $wire:literal : $type:ty, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Default, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(Vec<(String, String)>);

        impl $name {
            /// Says nothing yet.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub fn $method(mut self, value: impl Into<$type>) -> Self {
                    let value: $type = value.into();
                    self.0.push(($wire.to_owned(), value.to_string()));
                    self
                }
            )+
        }

        // Only what it has a method for.
        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut pairs = Vec::<(String, String)>::deserialize(deserializer)?;
                pairs.retain(|(name, _)| [$($wire),+].contains(&name.as_str()));
                Ok(Self(pairs))
            }
        }

        impl ::deploykit_core::Payload for $name {}
    };
}
pub(crate) use pairs;
