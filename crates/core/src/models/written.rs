//! Writing structs, and showing them.

use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::models::model::Model;

/// A struct that is being written, field by field. Its first error ends it.
///
/// What serde derives does the same with a branch after each field, which is most of what it costs to build.
#[allow(missing_debug_implementations)]
pub struct Written<S: Serializer> {
    to: Result<S::SerializeStruct, S::Error>,
    /// What the fields that are to come are called.
    keys: &'static [&'static str],
}

impl<S: Serializer> Written<S> {
    /// Begins a struct that has so many of these fields.
    #[inline]
    pub fn new(
        serializer: S,
        name: &'static str,
        keys: &'static [&'static str],
        fields: usize,
    ) -> Self {
        let to = serializer.serialize_struct(name, fields);
        Self { to, keys }
    }

    /// Begins a model.
    #[inline]
    pub fn of<M: Model>(serializer: S) -> Self {
        let shape = M::SHAPE;
        Self::new(serializer, shape.name, shape.keys, shape.keys.len())
    }

    /// Writes the next field.
    #[inline]
    pub fn field<T: Serialize>(&mut self, value: &T) {
        self.next(|to, key| to.serialize_field(key, value));
    }

    /// Writes the next field, or leaves it out.
    #[inline]
    pub fn optional<T: Serialize>(&mut self, value: &Option<T>) {
        self.next(|to, key| match value {
            Some(_) => to.serialize_field(key, value),
            None => to.skip_field(key),
        });
    }

    #[inline]
    fn next(
        &mut self,
        write: impl FnOnce(&mut S::SerializeStruct, &'static str) -> Result<(), S::Error>,
    ) {
        if let Some((key, others)) = self.keys.split_first()
            && let Ok(to) = &mut self.to
        {
            self.keys = others;
            if let Err(error) = write(to, key) {
                self.to = Err(error);
            }
        }
    }

    /// Ends the struct.
    ///
    /// # Errors
    ///
    /// The first there was.
    #[inline]
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.to?.end()
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

/// How many fields are left, without those.
#[inline]
pub fn count(keys: &[&str], left_out: &[bool]) -> usize {
    keys.len() - left_out.iter().filter(|left_out| **left_out).count()
}
