//! Typed client for the Tideways API: provision projects, list applications and servers, remove servers that are
//! gone, mark releases and compare what was measured before and after, read performance, issues and traces.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit_tideways::{Client, Provision};
//!
//! let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
//! let tideways = Client::builder().token(sandbox.token()).organization("acme").base_url(sandbox.base_url()).build()?;
//!
//! let provisioned = tideways.provisioning().provision(&Provision::new("shop")).await?;
//! let php_ini = format!("tideways.api_key={}", provisioned.api_key.expose());
//!
//! let projects = tideways.applications().list().await?;
//! assert!(projects.iter().any(|project| project.name == "shop"));
//! # Ok(())
//! # }
//! ```
//!
//! Statuses that every call may fail with: 401 (the token is wrong or has expired), 403 (it lacks the call's scope:
//! `deployment`, if nothing else is said; or it belongs to another organization), 404 (no such organization or application), 429
//! (the hour's requests are used up).
//!
//! What the service calls an application here is a project in its newer pages.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use deploykit_core as core;
pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};

mod applications;
mod client;
mod events;
mod issues;
mod list;
mod metrics;
mod provisioning;
mod read;
mod release;
mod servers;
mod token;
mod traces;
mod users;

pub use applications::{Application, ApplicationName, Applications};
pub use client::{Client, ClientBuilder, Plan};
pub use events::{
    Event, EventId, EventOptions, EventRelease, EventType, Events, ExternalId, NewEvent,
};
pub use issues::{
    Distribution, Issue, IssueId, IssueQuery, IssueStatus, IssueTransaction, IssueType,
    IssueTypeQuery, Issues, Level, Occurrence, OccurrenceBucket, StackFrame,
};
pub use metrics::{
    Bucket, Course, Criteria, DateRange, Granularity, Histogram, History, HistoryLinks,
    HistoryQuery, Layer, Link, Marker, Metrics, MetricsQuery, Minute, Observation, Observations,
    ObservationsQuery, Performance, Report, Sample, Summary, SummaryQuery, Total,
    TransactionHistory, TransactionId, TransactionReport, TransactionShare,
};
pub use provisioning::{
    Configuration, PhpIni, ProjectName, Provision, Provisioned, ProvisionedProject, Provisioning,
};
pub use release::{Comparison, Figures, MarkedRelease, Release};
pub use servers::{Decommission, Removed, Server, ServerName, Servers, stale_servers};
pub use token::{Scope, Token, TokenInfo, TokenProject};
pub use traces::{
    Trace, TraceHttp, TraceId, TraceLayer, TraceLinks, TraceList, TraceOrder, TraceQuery, Traces,
};
pub use users::{Emails, Users};

deploykit_core::endpoint_table!(
    Provisioning,
    Applications,
    Servers,
    Events,
    Users,
    Token,
    Metrics,
    Issues,
    Traces,
);
