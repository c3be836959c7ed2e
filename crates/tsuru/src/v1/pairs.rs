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
        #[derive(Debug, Clone, PartialEq, Default, ::serde::Serialize, ::serde::Deserialize)]
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

        impl ::deploykit_core::Payload for $name {}
    };
}
pub(crate) use pairs;
