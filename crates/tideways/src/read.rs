//! Readers for what PHP writes in several ways, and for answers that are not for what was asked.

use deploykit_core::{Error, ErrorKind, FromResponse, RawResponse, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A number with a fraction, or its text; what is neither is none.
pub(crate) fn decimal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_f64(),
    })
}

/// An answer that says what it is for: environment and service, as far as it does.
pub(crate) trait Answered {
    fn answered(&self) -> Option<(&str, &str)>;
}

/// An answer that is for what was asked. The service answers for its default environment or service where it
/// doesn't know the one that was asked for, and says so only in the answer's criteria.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned + Answered> FromResponse for Asked<T> {
    fn from_response(response: &RawResponse) -> Result<Self> {
        let read = T::from_response(response)?;
        if let Some((environment, service)) = read.answered() {
            check(response, "env", "environment", environment)?;
            check(response, "s", "service", service)?;
        }
        Ok(Self(read))
    }
}

fn check(response: &RawResponse, parameter: &str, name: &str, answered: &str) -> Result<(), Error> {
    let Some(asked) = response.asked(parameter) else {
        return Ok(());
    };
    if answered.is_empty() || asked == answered || asked == "__all" {
        return Ok(());
    }
    Err(response.error(
        ErrorKind::InvalidInput,
        format!("there is no {name} `{asked}`: the answer is for `{answered}`"),
    ))
}

/// Answers that are checked to be for what was asked.
macro_rules! asked {
    ($($model:ty),+) => {
        $(
            impl From<crate::read::Asked<$model>> for $model {
                fn from(asked: crate::read::Asked<$model>) -> Self {
                    asked.0
                }
            }
        )+
    };
}

pub(crate) use asked;
