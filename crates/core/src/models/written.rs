//! Writing structs, and showing them.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::models::model::Model;

/// A struct that is being written, field by field. Its first error ends it.
///
/// What serde derives does the same with a branch after each field, which is most of what it costs to build.
#[allow(missing_debug_implementations)]
pub struct Written<S: Serializer>(Result<S::SerializeStruct, S::Error>);

impl<S: Serializer> Written<S> {
    /// Begins a struct of so many fields.
    #[inline]
    pub fn new(serializer: S, name: &'static str, fields: usize) -> Self {
        Self(serializer.serialize_struct(name, fields))
    }

    /// Begins a model.
    #[inline]
    pub fn of<M: Model>(serializer: S) -> Self {
        Self::new(serializer, M::SHAPE.name, M::SHAPE.keys.len())
    }

    /// Writes a field.
    #[inline]
    pub fn field<T: Serialize>(&mut self, key: &'static str, value: &T) {
        self.then(|to| to.serialize_field(key, value));
    }

    /// Writes a field, or leaves it out.
    #[inline]
    pub fn optional<T: Serialize>(&mut self, key: &'static str, value: &Option<T>) {
        self.then(|to| match value {
            Some(_) => to.serialize_field(key, value),
            None => to.skip_field(key),
        });
    }

    #[inline]
    fn then(&mut self, write: impl FnOnce(&mut S::SerializeStruct) -> Result<(), S::Error>) {
        if let Ok(to) = &mut self.0
            && let Err(error) = write(to)
        {
            self.0 = Err(error);
        }
    }

    /// Ends the struct.
    ///
    /// # Errors
    ///
    /// The first there was.
    #[inline]
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.0?.end()
    }
}

/// What `derive(Debug)` shows, in a third of what that costs to build.
#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    ($name:ident { $($field:ident),* $(,)? }) => {
        #[allow(deprecated)]
        impl ::std::fmt::Debug for $name {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut to = f.debug_struct(stringify!($name));
                $( $crate::__private::show(&mut to, stringify!($field), &self.$field); )*
                to.finish()
            }
        }
    };
}

/// Shows a field.
#[inline]
pub fn show<T: fmt::Debug>(to: &mut fmt::DebugStruct<'_, '_>, name: &str, value: &T) {
    to.field(name, value);
}

/// How many of them are there.
#[inline]
pub fn count(there: &[bool]) -> usize {
    there.iter().filter(|there| **there).count()
}
