//! Traces: single requests, taken apart.

use deploykit_core::{Time, de, endpoints, id, model, open_enum, request};
use serde_json::Value;

use crate::client::HOURLY;
use crate::read::{Answered, Asked, asked, decimal};
use crate::{ApplicationName, Criteria, Minute};

id! {
    /// A trace.
    pub struct TraceId(String);
}

endpoints! {
    /// Single requests, taken apart. The token needs the `traces` scope.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::{TraceOrder, TraceQuery};
    ///
    /// let slowest = TraceQuery::new().min_response_time_ms(500).sort_by(TraceOrder::ResponseTime);
    /// for trace in tideways.traces().search("app1", &slowest).await?.traces {
    ///     println!("{}: {:?} ms", trace.transaction_name, trace.response_time_ms);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Traces(organization);

    /// Finds traces, 30 at most; there are no pages.
    searchTraces: GET "/apps/api/{organization}/{application}/traces"
        => search(application: ApplicationName, query: &TraceQuery) -> TraceList via AskedTraces [quota(&HOURLY)];
}

type AskedTraces = Asked<TraceList>;

asked!(TraceList);

impl Answered for TraceList {
    fn answered(&self) -> Option<(&str, &str)> {
        match (&self.criteria, self.traces.first()) {
            (Some(criteria), _) => Some((&criteria.environment, &criteria.service)),
            (None, Some(trace)) => Some((&trace.environment, &trace.service)),
            (None, None) => None,
        }
    }
}

open_enum! {
    /// In which order traces come: the largest first.
    pub enum TraceOrder {
        /// By response time.
        ResponseTime = "response_time",
        /// By memory.
        Memory = "memory",
    }
}

request! {
    /// Which traces to find.
    pub struct TraceQuery {
        optional {
            /// Environment; `production` unless set.
            #[serde(rename = "env")]
            environment: String,
            /// Service; the project's default unless set.
            #[serde(rename = "s")]
            service: String,
            /// Whole words, any of them.
            search: String,
            /// Not before; only together with `max_date`.
            min_date: Minute,
            /// Not after; only together with `min_date`.
            max_date: Minute,
            /// At least so slow.
            min_response_time_ms: u32,
            /// At most so slow.
            max_response_time_ms: u32,
            /// Only with a call graph.
            has_callgraph: bool,
            /// Order.
            sort_by: TraceOrder,
        }
    }
    check |it| {
        if it.min_date.is_some() != it.max_date.is_some() {
            return Err(deploykit_core::Error::invalid_input("min_date", "goes with `max_date`"));
        }
        Ok(())
    }
}

model! {
    /// The traces that were found.
    pub struct TraceList {
        /// One by one.
        traces: Vec<Trace>,
        /// What they are for.
        criteria: Option<Criteria>,
    }
}

model! {
    /// A request, taken apart.
    pub struct Trace {
        required {
            /// Identifies it.
            id: TraceId,
        }
        /// Name of its transaction.
        transaction_name: String,
        /// Its title.
        title: Option<String>,
        /// When it was, in UTC.
        date: Time,
        /// Environment.
        environment: String,
        /// Service.
        service: String,
        /// Server.
        server: String,
        /// Whether it has a call graph.
        has_callgraph: Option<bool> as de::boolean,
        /// How long it took.
        response_time_ms: Option<f64> as decimal,
        /// How much memory it took.
        memory_kb: Option<f64> as decimal,
        /// What held it up.
        bottlenecks: Vec<Value>,
        /// Which layers took how long.
        layers: Vec<TraceLayer>,
        /// The request.
        http: Option<TraceHttp>,
        /// Where it is in the dashboard.
        links = "_links": Option<TraceLinks>,
    }
}

model! {
    /// What a layer of a trace took.
    pub struct TraceLayer {
        /// Its name.
        name: String,
        /// Its part of the time, in a hundred.
        percent = "perc": Option<f64> as decimal,
        /// How often it was used.
        count: Option<f64> as decimal,
        /// How long in all.
        latency_sum_ms: Option<f64> as decimal,
        /// How long at most.
        latency_max_ms: Option<f64> as decimal,
    }
}

model! {
    /// The request of a trace.
    pub struct TraceHttp {
        /// Method.
        method: String,
        /// Status.
        status_code: Option<u64> as de::count,
        /// Address.
        url: String,
    }
}

model! {
    /// Where a trace is.
    pub struct TraceLinks {
        /// In the dashboard.
        html_url: String,
    }
}
