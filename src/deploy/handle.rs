//! What a rollout is found again by.

use serde::{Deserialize, Serialize};

/// What a rollout is found again by, after the program restarted. It holds no secret, and is small.
///
/// ```
/// use deploykit::deploy::Handle;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let saved = r#"{"service":"tsuru","kind":"app","name":"shop","id":"5f1e0c2b9a"}"#;
/// let handle: Handle = serde_json::from_str(saved)?;
/// assert_eq!((handle.service(), handle.id()), ("tsuru", Some("5f1e0c2b9a")));
/// assert_eq!(serde_json::to_string(&handle)?, saved);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Handle {
    /// `scalingo`, `devopness`, `tsuru`, `edgegap`.
    pub(super) service: String,
    /// What it is about: `app`, `application`, `pipeline`, `version`, `stop`.
    pub(super) kind: String,
    /// Which one.
    pub(super) name: String,
    /// The deployment; none until the service has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// The newest deployment before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<String>,
    /// What tells this deployment from others: a label, a tag, a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label: Option<String>,
    /// What ran before, where the service goes back by that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) back_to: Option<String>,
}

impl Handle {
    pub(super) fn new(service: &str, kind: &str, name: impl ToString) -> Self {
        Self {
            service: service.to_owned(),
            kind: kind.to_owned(),
            name: name.to_string(),
            id: None,
            before: None,
            label: None,
            back_to: None,
        }
    }

    /// The service: `scalingo`, `devopness`, `tsuru`, `edgegap`.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// What is deployed: name or id, with the version for Edgegap.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The service's own id: of a deployment (Scalingo), an action (Devopness), an event (tsuru), a request
    /// (Edgegap). None until the service has answered.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }
}
