//! Alerts: told when a metric goes too far.

use std::time::Duration;

use deploykit_core::de::count;
use deploykit_core::{Error, Result, Time};
use serde_json::{Map, Value};

use crate::{API, AppRef, MetricId, NotifierId};

deploykit_core::id! {
    /// An alert: `al-…`.
    pub struct AlertId(String);
}

deploykit_core::endpoints! {
    /// Alerts of applications: notifiers send them when a metric goes beyond a limit.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use std::time::Duration;
    ///
    /// use deploykit_scalingo::NewAlert;
    ///
    /// let notifiers = client.notifiers().list("example-app").await?;
    /// let alert = NewAlert::new("web", "cpu", 80.0)
    ///     .lasting(Duration::from_secs(120))
    ///     .notifiers(notifiers.into_iter().map(|notifier| notifier.id).collect::<Vec<_>>());
    /// let made = client.alerts().create("example-app", &alert).await?;
    /// client.alerts().delete("example-app", made.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Alerts;

    /// Lists the alerts of an application.
    listAlerts: GET "/v1/apps/{app}/alerts" => list(app: AppRef) -> Vec<Alert> [envelope("alerts"), quota(&API)];

    /// Makes an alert. A call that may have been carried out is not repeated.
    createAlert: POST "/v1/apps/{app}/alerts" => create(app: AppRef, body: &NewAlert) -> Alert
        [enveloped("alert"), quota(&API)];

    /// Fetches one alert.
    getAlert: GET "/v1/apps/{app}/alerts/{alert_id}" => get(app: AppRef, alert_id: AlertId) -> Alert
        [envelope("alert"), quota(&API)];

    /// Changes an alert.
    updateAlert: PATCH "/v1/apps/{app}/alerts/{alert_id}"
        => update(app: AppRef, alert_id: AlertId, body: &AlertChange) -> Alert
        [enveloped("alert"), idempotent, quota(&API)];

    /// Deletes an alert.
    deleteAlert: DELETE "/v1/apps/{app}/alerts/{alert_id}" => delete(app: AppRef, alert_id: AlertId) [quota(&API)];
}

deploykit_core::model! {
    /// An alert.
    pub struct Alert {
        required {
            /// Id.
            id: AlertId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// Type of containers that is watched.
        container_type: String,
        /// What is measured.
        metric: Option<MetricId>,
        /// Limit, in the metric's unit.
        limit: Option<f64>,
        /// Whether it is switched off.
        disabled: Option<bool>,
        /// Whether it goes off below the limit, and not above it.
        send_when_below: Option<bool>,
        /// For how long the limit has to be passed, in nanoseconds; see [`lasting`](Alert::lasting).
        duration_before_trigger: Option<u64> as count,
        /// How often it is sent while it lasts: `5m30s`.
        remind_every: Option<String>,
        /// Notifiers that send it.
        notifiers: Vec<NotifierId>,
        /// What else the service notes.
        metadata: Map<String, Value>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// When it was deleted; the year 1 if it was not.
        deleted_at: Option<Time>,
    }
}

impl Alert {
    /// For how long the limit has to be passed.
    pub fn lasting(&self) -> Option<Duration> {
        self.duration_before_trigger.map(Duration::from_nanos)
    }
}

deploykit_core::request! {
    /// An alert to make.
    pub struct NewAlert {
        required {
            /// Type of containers to watch.
            container_type: String,
            /// What to measure.
            metric: MetricId,
            /// Limit, in the metric's unit.
            limit: f64,
        }
        optional {
            /// Whether it is switched off.
            disabled: bool,
            /// Whether it goes off below the limit, and not above it.
            send_when_below: bool,
            /// For how long the limit has to be passed, in nanoseconds; see [`lasting`](NewAlert::lasting).
            duration_before_trigger: u64,
            /// How often to send it while it lasts: `5m30s`.
            remind_every: String,
            /// Notifiers that send it.
            notifiers: Vec<NotifierId>,
        }
    }
    check |it| {
        if it.container_type.trim().is_empty() {
            return Err(Error::invalid_input("container_type", "is empty"));
        }
        number("limit", Some(it.limit))
    }
}

deploykit_core::request! {
    /// A change of an alert; what is not set stays as it is.
    pub struct AlertChange {
        optional {
            /// Type of containers to watch.
            container_type: String,
            /// What to measure.
            metric: MetricId,
            /// Limit, in the metric's unit.
            limit: f64,
            /// Whether it is switched off.
            disabled: bool,
            /// Whether it goes off below the limit, and not above it.
            send_when_below: bool,
            /// For how long the limit has to be passed, in nanoseconds; see [`lasting`](AlertChange::lasting).
            duration_before_trigger: u64,
            /// How often to send it while it lasts: `5m30s`.
            remind_every: String,
            /// Notifiers that send it.
            notifiers: Vec<NotifierId>,
        }
    }
    check |it| { number("limit", it.limit) }
}

impl NewAlert {
    /// For how long the limit has to be passed.
    #[must_use]
    pub fn lasting(self, time: Duration) -> Self {
        self.duration_before_trigger(nanoseconds(time))
    }
}

impl AlertChange {
    /// For how long the limit has to be passed.
    #[must_use]
    pub fn lasting(self, time: Duration) -> Self {
        self.duration_before_trigger(nanoseconds(time))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// JSON has no infinity, and would send nothing in its place.
pub(crate) fn number(name: &str, value: Option<f64>) -> Result<()> {
    match value {
        Some(value) if !value.is_finite() => Err(Error::invalid_input(name, "is no number")),
        _ => Ok(()),
    }
}
