//! Values that must not be seen: tokens, keys, passwords, signed URLs.

use std::cell::RefCell;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A secret text: redacted in `Debug`, without `Display`, wiped on drop.
///
/// It is decoded from and encoded to JSON as its plain text, because requests and responses carry it;
/// to read it in code, call [`expose`](Secret::expose).
///
/// ```
/// let key = deploykit_core::Secret::from("tk-us-1");
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "tk-us-1");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The text itself. Every call of this is a place to look at in a review.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Every secret that is serialized with this value, wherever it stands in it.
    ///
    /// ```
    /// use deploykit_core::Secret;
    ///
    /// let found = Secret::all_in(&serde_json::json!({ "user": "john" }));
    /// assert!(found.is_empty());
    /// let nested = [("key", vec![Some(Secret::from("tk-us-1"))])];
    /// assert_eq!(Secret::all_in(&nested), [Secret::from("tk-us-1")]);
    /// ```
    pub fn all_in<T: Serialize + ?Sized>(value: &T) -> Vec<Self> {
        // What cannot be serialized is not sent either.
        noting(|| serde_json::to_writer(std::io::sink(), value)).1
    }

    /// Whether there is nothing, or only white space, inside.
    pub fn is_blank(&self) -> bool {
        self.expose().trim().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        NOTED.with_borrow_mut(|noted| {
            if let Some(noted) = noted {
                noted.push(self.clone());
            }
        });
        serializer.serialize_str(self.expose())
    }
}

thread_local! {
    /// The secrets that were serialized on this thread, while somebody asks for them.
    static NOTED: RefCell<Option<Vec<Secret>>> = const { RefCell::new(None) };
}

/// Serializes something, and tells which secrets were in it: whatever their types and the format, none can be
/// written without being noted.
pub(crate) fn noting<T>(serialize: impl FnOnce() -> T) -> (T, Vec<Secret>) {
    /// Gives those who ask further out what they asked for, in a panic too.
    struct Outer(Option<Vec<Secret>>);

    impl Drop for Outer {
        fn drop(&mut self) {
            NOTED.set(self.0.take());
        }
    }

    let mut outer = Outer(NOTED.replace(Some(Vec::new())));
    let result = serialize();
    let noted = NOTED.take().unwrap_or_default();
    if let Some(outer) = &mut outer.0 {
        outer.extend(noted.iter().cloned());
    }
    (result, noted)
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
