//! Performance: what the service measured.

use std::collections::BTreeMap;

use deploykit_core::{Absent, Time, de, endpoints, id, model, open_enum, request};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::ApplicationName;
use crate::client::HOURLY;
use crate::read::{Answered, Asked, asked, decimal};

id! {
    /// A transaction.
    pub struct TransactionId(String);
}

endpoints! {
    /// What the service measured. The token needs the `metrics` scope, for observations `issues`.
    ///
    /// The service answers for its default where it doesn't know an environment or a service that it is asked for.
    /// Such an answer is an error here, unless it does not say what it is for.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::MetricsQuery;
    ///
    /// let last_hour = MetricsQuery::new().minutes(60);
    /// let performance = tideways.metrics().performance("app1", &last_hour).await?;
    /// for transaction in performance.by_transactions {
    ///     println!("{}: {:?} ms", transaction.name, transaction.response_time);
    /// }
    /// let unknown = tideways.metrics().performance("app1", &last_hour.environment("stagging"));
    /// assert!(unknown.await.unwrap_err().to_string().contains("no environment `stagging`"));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Metrics(organization);

    /// Performance of a time: in all, by minute and by transaction.
    getPerformance: GET "/apps/api/{organization}/{application}/performance"
        => performance(application: ApplicationName, query: &MetricsQuery) -> Performance via AskedPerformance
        [envelope("application"), quota(&HOURLY)];

    /// The last 24 hours, in quarters of an hour.
    getSummary: GET "/apps/api/{organization}/{application}/summary"
        => summary(application: ApplicationName, query: &SummaryQuery) -> Summary via AskedSummary
        [envelope("summary"), quota(&HOURLY)];

    /// One transaction over time. Of more than 60 minutes it gives 60 points at most.
    getTransaction: GET "/apps/api/{organization}/{application}/transaction/{transaction_id}"
        => transaction(application: ApplicationName, transaction_id: TransactionId, query: &MetricsQuery)
            -> TransactionReport via AskedTransaction [envelope("transaction"), quota(&HOURLY)];

    /// The report of a day, a week or a month.
    getHistory: GET "/apps/api/{organization}/{application}/history"
        => history(application: ApplicationName, query: &HistoryQuery) -> History [quota(&HOURLY)];

    /// The report of a day, `2026-09-30`, at its older address.
    getHistoryByDate: GET "/apps/api/{organization}/{application}/history/{date}"
        => history_by_date(application: ApplicationName, date: String) -> History [quota(&HOURLY)];

    /// What the service noticed about the application.
    listObservations: GET "/apps/api/{organization}/{application}/observations"
        => observations(application: ApplicationName, query: &ObservationsQuery)
            -> Observations via AskedObservations [quota(&HOURLY)];
}

type AskedPerformance = Asked<Performance>;
type AskedSummary = Asked<Summary>;
type AskedTransaction = Asked<TransactionReport>;
type AskedObservations = Asked<Observations>;

asked!(Performance, Summary, TransactionReport, Observations);

macro_rules! answered {
    ($($model:ty),+) => {
        $(
            impl Answered for $model {
                fn answered(&self) -> Option<(&str, &str)> {
                    let criteria = self.criteria.as_ref()?;
                    Some((&criteria.environment, &criteria.service))
                }
            }
        )+
    };
}

answered!(Performance, Summary, TransactionReport, Observations);

/// A minute, as the service takes it: `2026-09-30 14:05`, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute(String);

impl Minute {
    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Timestamp> for Minute {
    fn from(at: Timestamp) -> Self {
        Self(at.strftime("%Y-%m-%d %H:%M").to_string())
    }
}

request! {
    /// Which time to look at.
    pub struct MetricsQuery {
        optional {
            /// Environment; `production` unless set.
            #[serde(rename = "env")]
            environment: String,
            /// Service; the project's default unless set.
            #[serde(rename = "s")]
            service: String,
            /// The last minute; the current one unless set.
            #[serde(rename = "ts")]
            until: Minute,
            /// How many minutes, 1 to 1440.
            #[serde(rename = "m")]
            minutes: u32,
        }
    }
}

request! {
    /// Which service to look at.
    pub struct SummaryQuery {
        optional {
            /// Service; the project's default unless set.
            #[serde(rename = "s")]
            service: String,
        }
    }
}

request! {
    /// Where to look for observations.
    pub struct ObservationsQuery {
        optional {
            /// Environment; `production` unless set.
            #[serde(rename = "env")]
            environment: String,
            /// Service; the project's default unless set.
            #[serde(rename = "s")]
            service: String,
        }
    }
}

open_enum! {
    /// How long a report is for.
    pub enum Granularity {
        /// A day.
        Day = "day",
        /// A week.
        Week = "week",
        /// A month.
        Month = "month",
    }
}

request! {
    /// Which report to read.
    pub struct HistoryQuery {
        optional {
            /// Day on which it starts: `2026-09-30`.
            date: String,
            /// How long it is for.
            granularity: Granularity,
            /// Environment; `production` unless set.
            #[serde(rename = "env")]
            environment: String,
            /// Service; the project's default unless set.
            #[serde(rename = "s")]
            service: String,
        }
    }
}

model! {
    /// What an answer is for.
    pub struct Criteria {
        /// Start, in UTC.
        start: Option<Time>,
        /// End, in UTC.
        end: Option<Time>,
        /// Environment.
        environment: String,
        /// Service.
        service: String,
    }
}

model! {
    /// Performance of a time. Times are in milliseconds, unless said otherwise.
    pub struct Performance {
        /// By minute (`2026-09-30 14:05`, in UTC).
        by_time: BTreeMap<String, Sample> as de::entries,
        /// By transaction.
        by_transactions: Vec<TransactionShare>,
        /// In all.
        total: Option<Total>,
        /// What it is for.
        criteria: Option<Criteria>,
    }
}

model! {
    /// Figures of a minute, or of a quarter of an hour.
    pub struct Sample {
        /// How many requests there were.
        requests: Option<f64> as decimal,
        /// How many of them failed.
        errors: Option<f64> as decimal,
        /// How many took longer than they should.
        target_exceeded = "responseTimeTargetExceeded": Option<f64> as decimal,
        /// 95 of a hundred were faster.
        percentile_95p: Option<f64> as decimal,
        /// Half of them were faster.
        median: Option<f64> as decimal,
        /// Average.
        average: Option<f64> as decimal,
        /// What other layers took: `sql`, `http`.
        downstream: BTreeMap<String, Layer> as de::entries,
        /// How the page cache did.
        page_cache: Value,
    }
}

model! {
    /// What a layer took.
    pub struct Layer {
        /// Average.
        average: Option<f64> as decimal,
    }
}

model! {
    /// Figures of a time as a whole.
    pub struct Total {
        /// How many of a hundred requests failed.
        error_rate: Option<f64> as decimal,
        /// How many requests there were.
        requests: Option<f64> as decimal,
        /// 95 of a hundred were faster.
        response_time: Option<f64> as decimal,
        /// Average.
        average: Option<f64> as decimal,
        /// Half of them were faster.
        median: Option<f64> as decimal,
        /// What other layers took.
        downstream: BTreeMap<String, Layer> as de::entries,
        /// How the page cache did.
        page_cache: Value,
        /// How many requests took how long; transactions only.
        histogram: Option<Histogram>,
    }
}

model! {
    /// How many requests took how long.
    pub struct Histogram {
        /// In steps.
        buckets: Vec<Bucket>,
        /// Marks such as the median.
        markers: Vec<Marker>,
        /// How many requests there were.
        total: Option<f64> as decimal,
    }
}

model! {
    /// A step of a histogram.
    pub struct Bucket {
        /// From.
        start_from_ms: Option<f64> as decimal,
        /// To.
        end_to_ms: Option<f64> as decimal,
        /// How many requests took that long.
        requests: Option<f64> as decimal,
    }
}

model! {
    /// A mark in a histogram.
    pub struct Marker {
        /// Its name: `p95`.
        name: String,
        /// How it is shown.
        label: String,
        /// Where it is.
        value: Option<f64> as decimal,
    }
}

model! {
    /// A transaction's part in the whole.
    pub struct TransactionShare {
        /// The transaction: what [`Metrics::transaction`] takes.
        id: Option<TransactionId>,
        /// Its name.
        name: String,
        /// How many requests there were.
        requests: Option<f64> as decimal,
        /// 95 of a hundred were faster.
        response_time: Option<f64> as decimal,
        /// Average.
        response_time_average: Option<f64> as decimal,
        /// The worst.
        response_time_worst: Option<f64> as decimal,
        /// The slowest.
        response_time_slowest: Option<f64> as decimal,
        /// Memory, in kilobytes.
        memory: Option<f64> as decimal,
        /// Its part of the time, in a hundred.
        impact: Option<f64> as decimal,
        /// Where it is in the dashboard.
        href: String,
    }
}

model! {
    /// The last 24 hours.
    pub struct Summary {
        /// By quarter of an hour.
        by_time: BTreeMap<String, Sample> as de::entries,
        /// What it is for.
        criteria: Option<Criteria>,
    }
}

model! {
    /// A transaction over time.
    pub struct TransactionReport {
        required {
            /// Identifies it.
            id: TransactionId,
        }
        /// Its name.
        name: String,
        /// By minute, or in at most 60 points.
        by_time: BTreeMap<String, Sample> as de::entries,
        /// In all.
        total: Option<Total>,
        /// What it is for.
        criteria: Option<Criteria>,
    }
}

model! {
    /// The report of a day, a week or a month.
    pub struct History {
        /// Where to go on.
        links = "_links": Option<HistoryLinks>,
        /// What it is for.
        date_range: Option<DateRange>,
        /// The whole.
        report: Option<Report>,
        /// Over time.
        history: Option<Course>,
        /// By transaction.
        transaction_report: Vec<TransactionHistory>,
    }
}

model! {
    /// Where to go on from a report.
    pub struct HistoryLinks {
        /// The report itself.
        this = "self": Link,
        /// The one after it.
        next: Link,
        /// The one before it.
        previous: Link,
        /// Pictures of it.
        chart: Vec<Link>,
    }
}

/// An address; empty where the service gives none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Link {
    /// The address.
    pub href: String,
    /// Type of what is there.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub kind: String,
}

impl Absent for Link {
    fn absent() -> Self {
        Self::default()
    }
}

/// An address comes as an object, or as itself.
impl<'de> Deserialize<'de> for Link {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text =
            |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self {
            href: text(value.get("href").or(Some(&value))),
            kind: text(value.get("type")),
        })
    }
}

model! {
    /// What a report is for.
    pub struct DateRange {
        /// Start.
        start: Option<Time>,
        /// End.
        end: Option<Time>,
        /// How long it is.
        granularity: Granularity,
    }
}

model! {
    /// A report as a whole.
    pub struct Report {
        /// 95 of a hundred were faster.
        response_time_p95: Option<f64> as decimal,
        /// How many requests there were.
        total_requests: Option<f64> as decimal,
        /// How many of a hundred failed.
        error_rate_percent: Option<f64> as decimal,
    }
}

model! {
    /// A report over time.
    pub struct Course {
        /// By time.
        by_time: BTreeMap<String, Sample> as de::entries,
    }
}

model! {
    /// A transaction's part in a report.
    pub struct TransactionHistory {
        /// Its name.
        name: String,
        /// 95 of a hundred were faster.
        response_time_p95: Option<f64> as decimal,
        /// Average.
        response_time_average: Option<f64> as decimal,
        /// The worst.
        response_time_worst: Option<f64> as decimal,
        /// How many requests there were.
        total_requests: Option<f64> as decimal,
        /// Most memory, in kilobytes.
        memory_max: Option<f64> as decimal,
        /// Its part of the time, in a hundred.
        impact_percent: Option<f64> as decimal,
    }
}

model! {
    /// What the service noticed.
    pub struct Observations {
        /// One by one.
        observations: Vec<Observation>,
        /// What it is for.
        criteria: Option<Criteria>,
    }
}

model! {
    /// Something that the service noticed.
    pub struct Observation {
        /// What it is about.
        kind = "type": String,
        /// Where it comes from.
        source: String,
        /// What it says.
        label: String,
        /// How it stands.
        status: String,
        /// Where it is in the dashboard.
        app_link: String,
        /// Where it was seen.
        origins: Vec<Value>,
    }
}
