//! Typed client for the Devopness API: all 232 operations, and every action followed to its end.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit_devopness::Client;
//! use deploykit_devopness::applications::{DeploymentType, NewDeployment};
//!
//! let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
//! // For real: `Client::from_env()`, with the token in DEVOPNESS_API_TOKEN.
//! let client = Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
//!
//! let environment = 1u64;
//! let applications = client.applications().list_by_environment(environment).await?;
//! let application = &applications.items[0];
//!
//! let deployment = NewDeployment::new(DeploymentType::Deploy);
//! let dispatched = client.applications().deploy(application.id, &deployment).await?;
//! let action = dispatched.wait(&client).await?;
//! println!("{}: {}", application.name, action.status_human_readable);
//! # Ok(())
//! # }
//! ```
//!
//! It follows the service's description of August 2026, and answers of 2025 are read too. What the service
//! took away since 2025-11 stays, marked as deprecated with the date: older installations answer to it.
//!
//! Each module is a chapter of the service's page, in its order and words: the operations first, then what
//! they send and answer. `…Relation` is how an object appears in lists and inside other objects.
//!
//! - A call returns a [`Call`] or [`Pages`]; nothing is sent before it is awaited.
//! - Work on servers is done by actions. A call that starts one returns [`Dispatched`], which can be
//!   [awaited](Dispatched::wait) to the action's end. Such a call is never repeated by itself: after an error
//!   that [may have been sent](Error::may_have_been_sent), look first.
//! - What the service adds to an enumeration is read and kept, although this version has no name for it.
//! - What it takes away does not break an answer: only a thing's own `id` must be there. A text or list that is
//!   missing reads as empty, an enumeration as unknown, a time as unreadable; the rest is an `Option`.
//!
//! Statuses that every call may fail with: 401 (the token is wrong, expired or revoked), 402 (the
//! subscription's limits are reached, see [`Error::is_payment_required`]), 429 (too many requests). With 422
//! the server names what is wrong with each field: `error.api()` has them in `fields()`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod check;
mod client;
mod dispatched;

pub mod actions;
pub mod api_tokens;
pub mod applications;
pub mod credentials;
pub mod cron_jobs;
pub mod daemons;
pub mod environments;
pub mod hooks;
pub mod network_rules;
pub mod networks;
pub mod organizations;
pub mod pipelines;
pub mod projects;
pub mod resource_events;
pub mod resource_links;
pub mod resources;
pub mod roles;
pub mod servers;
pub mod services;
pub mod social_accounts;
pub mod ssh_keys;
pub mod ssl_certificates;
pub mod static_data;
pub mod subnets;
pub mod teams;
pub mod users;
pub mod variables;
pub mod virtual_hosts;

pub use client::{Client, ClientBuilder, PRODUCTION, STAGING};
pub use deploykit_core as core;
pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};
pub use dispatched::{Dispatched, NoContent};

deploykit_core::endpoint_table!(
    api_tokens::ApiTokens,
    api_tokens::PersonalAccessTokens,
    static_data::StaticData,
    actions::Actions,
    applications::Applications,
    credentials::Credentials,
    cron_jobs::CronJobs,
    daemons::Daemons,
    environments::Environments,
    hooks::Hooks,
    networks::Networks,
    network_rules::NetworkRules,
    organizations::Organizations,
    pipelines::Pipelines,
    projects::Projects,
    resource_events::ResourceEvents,
    resource_links::ResourceLinks,
    roles::Roles,
    servers::Servers,
    services::Services,
    social_accounts::SocialAccounts,
    ssh_keys::SshKeys,
    ssl_certificates::SslCertificates,
    subnets::Subnets,
    teams::Teams,
    users::Users,
    variables::Variables,
    virtual_hosts::VirtualHosts,
);
