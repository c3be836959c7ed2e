//! Templates that applications are made from.

use std::collections::BTreeMap;
use std::fmt;

use deploykit_core::{FromResponse, RawResponse, Result, Secret};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Application;
use crate::check::required;
use crate::static_data::TemplateId;

deploykit_core::request! {
    /// A template to make an application from: one that the service knows, or one of one's own.
    pub struct TemplateToApply {
        required {
            /// Values for the template's placeholders.
            template_inputs: TemplateInputs,
        }
        optional {
            /// A template that the service knows.
            template_id: TemplateId,
            /// A template of one's own, in YAML. At most 21504 characters.
            template: String,
            /// Whether nothing is made, and the template only checked.
            dry_run: bool,
        }
    }
    check |it| {
        if it.template_id.is_none() {
            required("template", it.template.as_ref(), "without `template_id`")?;
        }
        Ok(())
    }
}

/// Values for a template's placeholders, by name. They may be passwords, and are not shown in `Debug`.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TemplateInputs(BTreeMap<String, Input>);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Input {
    Text(Secret),
    Other(Value),
}

impl TemplateInputs {
    /// No values yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value: a text, number or boolean.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let input = match value.into() {
            Value::String(text) => Input::Text(text.into()),
            other => Input::Other(other),
        };
        self.0.insert(name.into(), input);
        self
    }
}

impl fmt::Debug for TemplateInputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What applying a template led to.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AppliedTemplate {
    /// The application was made.
    Created(Box<Application>),
    /// Nothing was made: the template is valid.
    Valid,
}

impl FromResponse for AppliedTemplate {
    fn from_response(response: &RawResponse) -> Result<Self> {
        if response.status == http::StatusCode::NO_CONTENT {
            return Ok(Self::Valid);
        }
        Ok(Self::Created(FromResponse::from_response(response)?))
    }
}

deploykit_core::__with_dispatch! {
    impl deploykit_core::dispatch::Reread for AppliedTemplate {
        fn reread(&self) -> serde_json::Result<Value> {
            match self {
                Self::Created(application) => application.reread(),
                Self::Valid => Ok(Value::Null),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_secrets_and_a_template_is_named() {
        let inputs = TemplateInputs::new()
            .set("password", "canary")
            .set("workers", 2);
        let known = TemplateToApply::new(inputs.clone()).template_id("n8n");
        assert!(!format!("{known:?}").contains("canary"));
        assert_eq!(Secret::all_in(&known), [Secret::from("canary")]);
        let json = serde_json::json!({"password": "canary", "workers": 2});
        assert_eq!(serde_json::to_value(&inputs).unwrap(), json);
        let none = deploykit_core::Payload::check(&TemplateToApply::new(inputs)).unwrap_err();
        assert!(none.to_string().contains("`template`"), "{none}");
    }
}
