//! Lists of deployments: filters, order, and what is listed.

use std::collections::{BTreeMap, HashSet};

use deploykit_core::{Error, Payload, Result, Time, de};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{DeploymentStatus, Phase, Port, RequestId, refuse};

/// Which deployments to list, and how. Each field can be filtered by once.
///
/// ```
/// use deploykit_edgegap::{DeploymentQuery, Match, Phase};
///
/// let query = DeploymentQuery::new()
///     .phase(Phase::Ready)
///     .tag(Match::one_of(["eu", "us"]))
///     .application("my-app")
///     .newest_first();
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DeploymentQuery {
    filters: Vec<Filter>,
    order: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Filter {
    field: &'static str,
    operator: &'static str,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Value {
    One(String),
    Many(Vec<String>),
}

const CREATED_AT: &str = "created_at";

/// What a field of a deployment must be. A text stands for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    operator: &'static str,
    value: Value,
}

impl Match {
    /// This.
    pub fn is(text: impl Into<String>) -> Self {
        Self {
            operator: "eq",
            value: Value::One(text.into()),
        }
    }

    /// Anything but this.
    pub fn is_not(text: impl Into<String>) -> Self {
        Self {
            operator: "neq",
            value: Value::One(text.into()),
        }
    }

    /// One of these.
    pub fn one_of<I>(texts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            operator: "in",
            value: Value::Many(texts.into_iter().map(Into::into).collect()),
        }
    }

    /// None of these.
    pub fn none_of<I>(texts: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self {
            operator: "nin",
            value: Value::Many(texts.into_iter().map(Into::into).collect()),
        }
    }

    /// Like this pattern, in which `%` stands for anything; case does not matter. For fleet and host names.
    pub fn like(pattern: impl Into<String>) -> Self {
        Self {
            operator: "ilike",
            value: Value::One(pattern.into()),
        }
    }
}

impl From<&str> for Match {
    fn from(text: &str) -> Self {
        Self::is(text)
    }
}

impl From<String> for Match {
    fn from(text: String) -> Self {
        Self::is(text)
    }
}

impl From<&RequestId> for Match {
    fn from(id: &RequestId) -> Self {
        Self::is(id.as_str())
    }
}

impl DeploymentQuery {
    /// All deployments, in the service's order.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Those in this phase.
    #[must_use]
    pub fn phase(self, phase: Phase) -> Self {
        self.filter("status", Match::is(phase.as_str().to_ascii_lowercase()))
    }

    /// Those in any other phase.
    #[must_use]
    pub fn not_phase(self, phase: Phase) -> Self {
        self.filter("status", Match::is_not(phase.as_str().to_ascii_lowercase()))
    }

    /// By id.
    #[must_use]
    pub fn request_id(self, request_id: impl Into<Match>) -> Self {
        self.filter("request_id", request_id)
    }

    /// By tag.
    #[must_use]
    pub fn tag(self, tag: impl Into<Match>) -> Self {
        self.filter("tags", tag)
    }

    /// By name of the application.
    #[must_use]
    pub fn application(self, application: impl Into<Match>) -> Self {
        self.filter("application", application)
    }

    /// By name of the application's version.
    #[must_use]
    pub fn version(self, version: impl Into<Match>) -> Self {
        self.filter("version", version)
    }

    /// By name of the private fleet.
    #[must_use]
    pub fn fleet_name(self, fleet_name: impl Into<Match>) -> Self {
        self.filter("fleet_name", fleet_name)
    }

    /// By name of the host in a private fleet.
    #[must_use]
    pub fn host_name(self, host_name: impl Into<Match>) -> Self {
        self.filter("host_name", host_name)
    }

    /// Those created at this time or later.
    #[must_use]
    pub fn created_from(self, time: impl Into<Time>) -> Self {
        self.created("gte", time.into())
    }

    /// Those created at this time or before.
    #[must_use]
    pub fn created_until(self, time: impl Into<Time>) -> Self {
        self.created("lte", time.into())
    }

    /// The oldest deployments first.
    #[must_use]
    pub fn oldest_first(mut self) -> Self {
        self.order = Some("asc");
        self
    }

    /// The newest deployments first.
    #[must_use]
    pub fn newest_first(mut self) -> Self {
        self.order = Some("desc");
        self
    }

    fn created(self, operator: &'static str, time: Time) -> Self {
        let utc = time.timestamp().map(|at| at.to_string());
        let value = Value::One(utc.unwrap_or_else(|| time.to_string()));
        self.filter(CREATED_AT, Match { operator, value })
    }

    fn filter(mut self, field: &'static str, wanted: impl Into<Match>) -> Self {
        let Match { operator, value } = wanted.into();
        self.filters.push(Filter {
            field,
            operator,
            value,
        });
        self
    }

    /// The filters and the order, as the JSON text that the service wants.
    fn json(&self) -> Option<Result<String, serde_json::Error>> {
        #[derive(Serialize)]
        struct Query<'a> {
            #[serde(skip_serializing_if = "<[Filter]>::is_empty")]
            filters: &'a [Filter],
            #[serde(skip_serializing_if = "Option::is_none")]
            order_by: Option<[Order; 1]>,
        }
        #[derive(Serialize)]
        struct Order {
            field: &'static str,
            order: &'static str,
        }

        if self.filters.is_empty() && self.order.is_none() {
            return None;
        }
        Some(serde_json::to_string(&Query {
            filters: &self.filters,
            order_by: self.order.map(|order| {
                [Order {
                    field: CREATED_AT,
                    order,
                }]
            }),
        }))
    }
}

impl Serialize for DeploymentQuery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pairs = serializer.serialize_map(None)?;
        if let Some(json) = self.json() {
            pairs.serialize_entry("query", &json.map_err(serde::ser::Error::custom)?)?;
        }
        pairs.end()
    }
}

impl Payload for DeploymentQuery {
    fn check(&self) -> Result<()> {
        let mut fields = HashSet::new();
        for filter in &self.filters {
            if !fields.insert(filter.field) {
                return Err(Error::invalid_input(filter.field, "is filtered by twice"));
            }
            if matches!(&filter.value, Value::Many(values) if values.is_empty()) {
                return Err(Error::invalid_input(
                    filter.field,
                    "is compared with nothing",
                ));
            }
            if filter.field == CREATED_AT
                && matches!(&filter.value, Value::One(text) if Time::parse(text).timestamp().is_none())
            {
                return refuse(CREATED_AT, "is compared with what is no time");
            }
            if filter.operator == "ilike" && !matches!(filter.field, "fleet_name" | "host_name") {
                return Err(Error::invalid_input(
                    filter.field,
                    "can't be compared with a pattern",
                ));
            }
        }
        Ok(())
    }
}

deploykit_core::model! {
    /// A deployment in a list.
    pub struct ListedDeployment {
        required {
            /// Its id.
            request_id: RequestId,
        }
        /// Host name of the server.
        fqdn: Option<String>,
        /// When the server was started, in UTC.
        start_time: Option<Time>,
        /// Whether players can connect.
        ready: Option<bool>,
        /// Where it is in its life, as the service spells it; not always sent.
        status: Option<String>,
        /// Address of the server.
        public_ip: Option<String>,
        /// Its ports, by name; a port without a name goes by its internal number.
        ports: BTreeMap<String, Port> as deploykit_core::de::entries,
        /// Its labels.
        tags: Vec<String>,
        /// How many sessions it has room for.
        sockets: Option<i64> as de::number,
        /// How many of them are taken.
        sockets_usage: Option<i64> as de::number,
        /// Whether sessions may still join.
        is_joinable_by_session: Option<bool>,
    }
}

impl ListedDeployment {
    /// Where the deployment is in its life, as far as the list tells it.
    pub fn phase(&self) -> Option<Phase> {
        match &self.status {
            Some(status) => Some(Phase::read(status)),
            None => (self.ready == Some(true)).then_some(Phase::Ready),
        }
    }
}

/// What the list tells of a deployment's state; the application, place and times of the full state are absent.
impl From<ListedDeployment> for DeploymentStatus {
    fn from(listed: ListedDeployment) -> Self {
        let phase = listed.phase();
        Self {
            request_id: listed.request_id,
            fqdn: listed.fqdn,
            app_name: None,
            app_version: None,
            current_status: phase.map(|phase| phase.to_string()).unwrap_or_default(),
            current_status_label: None,
            last_status: None,
            last_status_label: None,
            running: listed.ready,
            whitelisting_active: None,
            start_time: listed.start_time,
            removal_time: None,
            elapsed_time: None,
            max_duration: None,
            error: None,
            error_detail: None,
            public_ip: listed.public_ip,
            ports: listed.ports,
            location: None,
            tags: listed.tags,
            sockets: listed.sockets,
            sockets_usage: listed.sockets_usage,
            sessions: Vec::new(),
            command: None,
            arguments: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_can_be_filtered_by_once_and_patterns_are_for_names() {
        let query = DeploymentQuery::new();
        assert!(query.clone().tag("a").application("b").check().is_ok());
        assert!(
            query
                .clone()
                .fleet_name(Match::like("eu-%"))
                .check()
                .is_ok()
        );
        for bad in [
            query.clone().tag("a").tag("b"),
            query
                .clone()
                .created_from(Time::parse("2026-01-01"))
                .created_until(Time::parse("2026-02-01")),
            query.clone().created_from(Time::parse("soon")),
            query.clone().tag(Match::like("a%")),
            query
                .clone()
                .request_id(Match::one_of(Vec::<String>::new())),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
