//! Ending deployments: one, or many by filter.

use std::fmt;

use deploykit_core::{FromResponse, Payload, RawResponse, Result};
use serde::{Deserialize, Serialize};

use super::{DeploymentStatus, RequestId, refuse};

/// Name of the query parameter that [`ContainerLogStorage`] goes into.
pub(crate) const LOG_STORAGE: &str = "container_log_storage";

/// What came of a stop.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stop {
    /// Whether the deployment is going, will go, or was gone.
    #[serde(skip)]
    pub outcome: StopOutcome,
    /// What the service said.
    pub message: Option<String>,
    /// The deployment's state, where the service sums it up.
    pub deployment_summary: Option<DeploymentStatus>,
}

/// Whether a deployment is going, will go, or was gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopOutcome {
    /// It is ending.
    Stopping,
    /// It has not started yet; it will be ended once it has.
    Queued,
    /// It had ended before.
    AlreadyGone,
}

deploykit_core::model! {
    /// What a stop answers with.
    #[derive(Default)]
    pub struct StopBody {
        /// What the service said.
        message: Option<String>,
        /// A summary that cannot be read does not cost the message.
        deployment_summary: Option<DeploymentStatus> as crate::read::if_possible,
    }
}

impl FromResponse for Stop {
    /// The status says what came of it; a body that cannot be read does not turn that into a failure.
    fn from_response(response: &RawResponse) -> Result<Self> {
        let body = StopBody::from_response(response).unwrap_or_default();
        Ok(Self {
            outcome: match response.status.as_u16() {
                202 => StopOutcome::Queued,
                410 => StopOutcome::AlreadyGone,
                _ => StopOutcome::Stopping,
            },
            message: body.message,
            deployment_summary: body.deployment_summary,
        })
    }
}

/// What becomes of the container's log when its deployment ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContainerLogStorage {
    /// It goes to the endpoint storage of the application's version.
    Store,
    /// It is dropped, even if the version has an endpoint storage.
    Drop,
    /// It goes to the endpoint storage of this name.
    StoreAt(String),
}

impl From<&str> for ContainerLogStorage {
    fn from(endpoint: &str) -> Self {
        Self::StoreAt(endpoint.to_owned())
    }
}

impl fmt::Display for ContainerLogStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Store => "true",
            Self::Drop => "false",
            Self::StoreAt(endpoint) => endpoint,
        })
    }
}

/// Which deployments to stop at once. With several filters, those that match all of them.
///
/// ```
/// use deploykit_edgegap::{BulkStop, BulkStopFilter, FilterType};
///
/// let event = BulkStop::tags(FilterType::Any, ["tournament-7"])
///     .and(BulkStopFilter::request_ids(FilterType::Not, ["93924761ccde"]));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkStop {
    filters: Vec<BulkStopFilter>,
    /// No filters, on purpose.
    #[serde(skip)]
    everything: bool,
}

impl BulkStop {
    /// Those that match this filter.
    pub fn new(filter: BulkStopFilter) -> Self {
        Self {
            filters: vec![filter],
            everything: false,
        }
    }

    /// Those with these ids.
    pub fn request_ids<I>(request_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(BulkStopFilter::request_ids(FilterType::Any, request_ids))
    }

    /// Those with any, all or none of these tags.
    pub fn tags<I>(filter_type: FilterType, tags: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(BulkStopFilter::tags(filter_type, tags))
    }

    /// Only those that match this filter too.
    #[must_use]
    pub fn and(mut self, filter: BulkStopFilter) -> Self {
        self.filters.push(filter);
        self
    }

    pub(super) fn everything() -> Self {
        Self {
            filters: Vec::new(),
            everything: true,
        }
    }
}

impl Payload for BulkStop {
    fn check(&self) -> Result<()> {
        if self.filters.is_empty() && !self.everything {
            return refuse("filters", "is empty, which would stop everything");
        }
        for filter in &self.filters {
            if filter.values.is_empty() {
                return refuse("filters", "has a filter without values");
            }
            if filter.values.iter().any(|value| value.trim().is_empty()) {
                return refuse("filters", "has an empty value");
            }
        }
        Ok(())
    }
}

/// One condition of a [`BulkStop`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkStopFilter {
    /// What is compared.
    pub field: FilterField,
    /// With what.
    pub values: Vec<String>,
    /// How.
    pub filter_type: FilterType,
}

impl BulkStopFilter {
    /// By deployment id.
    pub fn request_ids<I>(filter_type: FilterType, request_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::of(FilterField::RequestId, filter_type, request_ids)
    }

    /// By tag.
    pub fn tags<I>(filter_type: FilterType, tags: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::of(FilterField::DeploymentTags, filter_type, tags)
    }

    fn of<I>(field: FilterField, filter_type: FilterType, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values = values.into_iter().map(Into::into).collect();
        Self {
            field,
            values,
            filter_type,
        }
    }
}

deploykit_core::open_enum! {
    /// What a filter compares.
    pub enum FilterField {
        /// The deployment's id.
        RequestId = "request_id",
        /// Its tags.
        DeploymentTags = "deployment_tags",
    }
}

deploykit_core::open_enum! {
    /// How a filter compares.
    pub enum FilterType {
        /// At least one value matches.
        Any = "any",
        /// All values match.
        All = "all",
        /// No value matches.
        Not = "not",
    }
}

deploykit_core::model! {
    /// The deployments that a bulk stop ends.
    pub struct BulkStopped {
        /// Those that will end.
        processable: Vec<Processable>,
    }
}

deploykit_core::model! {
    /// A deployment that will end.
    pub struct Processable {
        required {
            /// Its id.
            request_id: RequestId,
        }
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.as_str().to_owned()
    }
}

impl From<&RequestId> for String {
    fn from(id: &RequestId) -> Self {
        id.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_that_cannot_be_read_does_not_cost_the_message() {
        for summary in [r#""gone""#, r#"{"current_status":5}"#, "[]", "null"] {
            let json = format!(r#"{{"message":"bye","deployment_summary":{summary}}}"#);
            let body: StopBody = serde_json::from_str(&json).unwrap();
            assert_eq!(body.message.as_deref(), Some("bye"), "{summary}");
            assert_eq!(body.deployment_summary, None);
        }
    }
}
