//! Metrics of containers: what they use, and what comes in.

use deploykit_core::{Time, de::count};

use crate::{API, AppRef, ContainerLabel};

deploykit_core::id! {
    /// What is measured: `cpu`, `memory`, `swap`, `router`; for alerts and autoscalers, `5XX`, `all`,
    /// `rpm_per_container` and `p95_response_time`, too. [`Metrics::list`] has them all.
    pub struct MetricId(String);
}

deploykit_core::endpoints! {
    /// Metrics of applications and their containers, now and over the last hours.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().duration(Default::default()).start().await?;
    /// # sandbox.trigger("example-app", "main");
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::MetricQuery;
    ///
    /// let last_day = MetricQuery::new().since(24);
    /// let points = client.metrics().of_type("example-app", "cpu", "web", &last_day).await?;
    /// let most = points.iter().filter_map(|point| point.value).fold(0.0, f64::max);
    /// println!("at most {most}");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Metrics;

    /// Lists what can be measured.
    listMetrics: GET "/v1/features/metrics" => list() -> Vec<Metric> [envelope("metrics"), quota(&API)];

    /// Fetches what each container uses now.
    getStats: GET "/v1/apps/{app}/stats" => now(app: AppRef) -> Vec<ContainerStat> [envelope("stats"), quota(&API)];

    /// Fetches a metric of an application, oldest value first: `router`, by status. Fails with 400 for one that is
    /// measured for a type of containers only, with 404 if nothing was measured.
    getMetric: GET "/v1/apps/{app}/stats/{metric}"
        => of_app(app: AppRef, metric: MetricId, query: &MetricQuery) -> Vec<Point> [quota(&API)];

    /// Fetches a metric of a type of containers, oldest value first: the mean of all of them.
    getContainerMetric: GET "/v1/apps/{app}/stats/{metric}/{container_type}"
        => of_type(app: AppRef, metric: MetricId, container_type: String, query: &MetricQuery) -> Vec<Point>
        [quota(&API)];

    /// Fetches a metric of one container, by its type and its number within it, oldest value first.
    getContainerIndexMetric: GET "/v1/apps/{app}/stats/{metric}/{container_type}/{index}"
        => of_container(app: AppRef, metric: MetricId, container_type: String, index: u32, query: &MetricQuery)
        -> Vec<Point> [quota(&API)];

    /// Fetches what an autoscaler should aim at, as the service sees it.
    getRecommendedValue: GET "/v1/apps/{app}/stats/{metric}/recommended_value"
        => recommended(app: AppRef, metric: MetricId, query: &MeasuredType) -> Point [quota(&API)];
}

deploykit_core::model! {
    /// What can be measured.
    pub struct Metric {
        required {
            /// Id.
            id: MetricId,
        }
        /// Name to show.
        label: Option<String>,
        /// Unit to show.
        suffix: Option<String>,
        /// Whether it is of containers, `global`, or of what comes in, `router`.
        kind = "type": Option<String>,
    }
}

deploykit_core::model! {
    /// What was measured at one time.
    pub struct Point {
        /// When.
        time: Option<Time>,
        /// What, in the metric's unit; bytes for memory. None if nothing was measured then.
        value: Option<f64>,
    }
}

deploykit_core::model! {
    /// What a container uses now.
    pub struct ContainerStat {
        required {
            /// The container, by name.
            container = "id": ContainerLabel,
        }
        /// Use of the processor, in percent.
        cpu_usage: Option<f64>,
        /// Memory in use, in bytes.
        memory_usage: Option<u64> as count,
        /// Memory that it may use, in bytes.
        memory_limit: Option<u64> as count,
        /// Most memory that was in use, in bytes.
        highest_memory_usage: Option<u64> as count,
        /// Swap in use, in bytes.
        swap_usage: Option<u64> as count,
        /// Swap that it may use, in bytes.
        swap_limit: Option<u64> as count,
        /// Most swap that was in use, in bytes.
        highest_swap_usage: Option<u64> as count,
    }
}

deploykit_core::request! {
    /// Which values of a metric.
    pub struct MetricQuery {
        optional {
            /// Of the last so many hours.
            since: u32,
            /// Only the last value.
            last: bool,
            /// For `router`: of answers with this status: `2XX`, `5XX`, `all`.
            status_code: String,
            /// For `requests`: which statistic of their times: `median`, `p95`, `p99`.
            statistics_type: String,
        }
    }
}

deploykit_core::request! {
    /// For which containers.
    pub struct MeasuredType {
        optional {
            /// Their type; needed for `cpu`, `memory` and `swap`.
            container_type: String,
        }
    }
}
