//! Environment variables of an app.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use deploykit_core::{Error, Payload, Result, Secret, model};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// What the first servers (up to 0.2) give instead of a private value.
pub const MASKED: &str = "*** (private variable)";

model! {
    /// A variable. Its value is a secret whether public or not: servers give private ones in clear.
    pub struct Variable {
        required {
            /// Its name.
            name: String,
        }
        /// Its value; or [`MASKED`], where the server keeps it back: see [`shown`](Self::shown).
        value: Secret,
        /// Whether a user may set it; services set private ones.
        public: Option<bool>,
        /// The variable that it repeats; only from 1.0 on.
        alias: Option<String>,
        /// The tool that looks after it; only on servers of today.
        managed_by = "managedBy": Option<String>,
    }
}

impl Variable {
    /// The value, unless the server keeps it back: up to 0.2 it masks private ones.
    pub fn shown(&self) -> Option<&Secret> {
        Some(&self.value).filter(|value| value.expose() != MASKED)
    }
}

/// The variables of an app, in the order in which the server gave them, which means nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Variables(Vec<Variable>);

impl Variables {
    /// The value of a variable; none if there is no such variable, or the server keeps its value back.
    pub fn value(&self, name: &str) -> Option<&Secret> {
        self.0
            .iter()
            .find(|variable| variable.name == name)
            .and_then(Variable::shown)
    }
}

impl Deref for Variables {
    type Target = [Variable];

    fn deref(&self) -> &[Variable] {
        &self.0
    }
}

impl IntoIterator for Variables {
    type Item = Variable;
    type IntoIter = std::vec::IntoIter<Variable>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// A list of variables, an object of names and values, or null.
impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VariablesVisitor;

        impl<'de> Visitor<'de> for VariablesVisitor {
            type Value = Variables;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or an object of variables, or null")
            }

            fn visit_unit<E>(self) -> Result<Variables, E> {
                Ok(Variables::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Variables, A::Error> {
                let mut variables = Vec::new();
                while let Some(variable) = seq.next_element()? {
                    variables.push(variable);
                }
                Ok(Variables(variables))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Variables, A::Error> {
                let mut variables = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Option<Secret>>()? {
                    let Some(value) = value else { continue };
                    let public = Some(value.expose() != MASKED);
                    variables.push(Variable {
                        name,
                        value,
                        public,
                        alias: None,
                        managed_by: None,
                    });
                }
                Ok(Variables(variables))
            }
        }

        deserializer.deserialize_any(VariablesVisitor)
    }
}

/// Variables to set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewVariables(BTreeMap<String, Secret>);

impl NewVariables {
    /// Sets these; of a name that comes twice, the last value counts.
    pub fn new<N: Into<String>, V: Into<Secret>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

impl Payload for NewVariables {}

/// Names of variables to delete. None at all is refused, as by the server.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VariableNames(Vec<String>);

impl VariableNames {
    /// Deletes these.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }
}

impl Payload for VariableNames {
    fn check(&self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Err(Error::invalid_input("names", "is empty"));
        }
        Ok(())
    }
}
