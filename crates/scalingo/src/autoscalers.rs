//! Autoscalers: the number of containers follows a metric.

use deploykit_core::de::count;
use deploykit_core::{Error, Result, Time};

use crate::alerts::number;
use crate::{API, AlertId, AppRef, MetricId};

deploykit_core::id! {
    /// An autoscaler: `au-…`, older ones `sc-…`.
    pub struct AutoscalerId(String);
}

deploykit_core::endpoints! {
    /// Autoscalers of applications: they change the number of containers so that a metric stays near a target.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{AutoscalerChange, NewAutoscaler};
    ///
    /// let autoscaler = NewAutoscaler::new("web", "rpm_per_container", 150.0, 2, 7);
    /// let made = client.autoscalers().create("example-app", &autoscaler).await?;
    ///
    /// // Off during a deployment.
    /// let off = AutoscalerChange::new().disabled(true);
    /// client.autoscalers().update("example-app", made.id, &off).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Autoscalers;

    /// Lists the autoscalers of an application.
    listAutoscalers: GET "/v1/apps/{app}/autoscalers" => list(app: AppRef) -> Vec<Autoscaler>
        [envelope("autoscalers"), quota(&API)];

    /// Makes an autoscaler. A call that may have been carried out is not repeated.
    createAutoscaler: POST "/v1/apps/{app}/autoscalers" => create(app: AppRef, body: &NewAutoscaler) -> Autoscaler
        [enveloped("autoscaler"), quota(&API)];

    /// Fetches one autoscaler.
    getAutoscaler: GET "/v1/apps/{app}/autoscalers/{autoscaler_id}"
        => get(app: AppRef, autoscaler_id: AutoscalerId) -> Autoscaler [envelope("autoscaler"), quota(&API)];

    /// Changes an autoscaler.
    updateAutoscaler: PATCH "/v1/apps/{app}/autoscalers/{autoscaler_id}"
        => update(app: AppRef, autoscaler_id: AutoscalerId, body: &AutoscalerChange) -> Autoscaler
        [enveloped("autoscaler"), idempotent, quota(&API)];

    /// Deletes an autoscaler; the containers stay as many as they are.
    deleteAutoscaler: DELETE "/v1/apps/{app}/autoscalers/{autoscaler_id}"
        => delete(app: AppRef, autoscaler_id: AutoscalerId) [quota(&API)];
}

deploykit_core::model! {
    /// An autoscaler.
    pub struct Autoscaler {
        required {
            /// Id.
            id: AutoscalerId,
        }
        /// Application it belongs to.
        app_id: Option<String>,
        /// Type of containers that is scaled.
        container_type: String,
        /// What is measured.
        metric: Option<MetricId>,
        /// Value that is aimed at, in the metric's unit.
        target: Option<f64>,
        /// Fewest containers.
        min_containers: Option<u64> as count,
        /// Most containers.
        max_containers: Option<u64> as count,
        /// Whether it is switched off.
        disabled: Option<bool>,
        /// Alert at which containers are added.
        alert_id_scale_up: Option<AlertId>,
        /// Alert at which containers are removed.
        alert_id_scale_down: Option<AlertId>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// When it scaled last; the year 1 if it never did.
        last_scale: Option<Time>,
    }
}

deploykit_core::request! {
    /// An autoscaler to make.
    pub struct NewAutoscaler {
        required {
            /// Type of containers to scale.
            container_type: String,
            /// What to measure.
            metric: MetricId,
            /// Value to aim at, in the metric's unit.
            target: f64,
            /// Fewest containers.
            min_containers: u32,
            /// Most containers.
            max_containers: u32,
        }
    }
    check |it| {
        if it.container_type.trim().is_empty() {
            return Err(Error::invalid_input("container_type", "is empty"));
        }
        number("target", Some(it.target))?;
        range(Some(it.min_containers), Some(it.max_containers))
    }
}

deploykit_core::request! {
    /// A change of an autoscaler; what is not set stays as it is.
    pub struct AutoscalerChange {
        optional {
            /// What to measure.
            metric: MetricId,
            /// Value to aim at, in the metric's unit.
            target: f64,
            /// Fewest containers.
            min_containers: u32,
            /// Most containers.
            max_containers: u32,
            /// Whether it is switched off.
            disabled: bool,
        }
    }
    check |it| {
        number("target", it.target)?;
        range(it.min_containers, it.max_containers)
    }
}

fn range(min: Option<u32>, max: Option<u32>) -> Result<()> {
    match (min, max) {
        (Some(min), Some(max)) if min > max => Err(Error::invalid_input(
            "min_containers",
            "is more than `max_containers`",
        )),
        _ => Ok(()),
    }
}
