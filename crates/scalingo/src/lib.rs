//! Typed client for Scalingo's deployments API: trigger a deployment, follow it live to its end.
//!
//! ```
//! use deploykit_scalingo::{Client, FollowEvent, NewDeployment};
//! use futures::StreamExt;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(50.0).start().await?;
//! # let (base_url, token) = (sandbox.base_url(), sandbox.token());
//! let client = Client::builder().token(token).base_url(base_url).build()?;
//!
//! let source = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";
//! let deployment = client
//!     .deployments()
//!     .trigger("example-app", &NewDeployment::new(source).git_ref("master"))
//!     .await?;
//!
//! let mut events = client.follow("example-app", deployment.id);
//! while let Some(event) = events.next().await {
//!     match event? {
//!         FollowEvent::Log(line) => println!("{line}"),
//!         FollowEvent::Status(status) => println!("== {status}"),
//!         FollowEvent::Finished(deployment) => assert!(deployment.succeeded()),
//!         _ => {}
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is covered
//!
//! Applications, deployments, environment, containers, one-offs, operations, links to repositories, add-ons, domains,
//! collaborators, projects, stacks, regions, logs with their archives and drains, [events](Events) with all that they
//! tell, notifiers, alerts, autoscalers, metrics and cron tasks; databases with backups, users, metrics, logs and
//! firewall, dedicated ones with their networks; the account, from signing up to its deletion, with its SSH keys, API
//! tokens and SCM integrations; consents to look into an application, and what was typed into its one-offs.
//!
//! Of the service's 228 operations, 203 are rows of [`ENDPOINTS`] and 4 methods beside them, at addresses that the
//! server gives. Left out are the 18 of billing, invoices and usage, contracts and two-factor authentication, and the
//! 3 of a terminal, which is a raw connection and no call: commands are [run](OneOffs::run) detached. A row of your own
//! calls the former on the same way, [`Client::core`] at the regional API and [`Client::auth_core`] at that of accounts:
//!
//! ```
//! use deploykit_scalingo::API;
//! use deploykit_scalingo::core::{Call, Endpoint, Method, Pages};
//! use futures::TryStreamExt;
//! use serde_json::Value;
//!
//! const INVOICES: Endpoint =
//!     Endpoint::new("listInvoices", Method::GET, "/v1/account/invoices").envelope("invoices").quota(&API);
//! const TFA: Endpoint = Endpoint::new("getTfa", Method::GET, "/v1/client/tfa").envelope("tfa");
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
//! # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
//! # let client = builder.base_url(sandbox.base_url()).build()?;
//! let invoices = Pages::new(client.core(), client.core().request(&INVOICES));
//! let invoices: Vec<Value> = invoices.items().try_collect().await?;
//! let tfa: Call<Value> = client.auth_core().call(client.auth_core().request(&TFA));
//! println!("{} invoices; two factors: {}", invoices.len(), tfa.await?["enabled"]);
//! # Ok(())
//! # }
//! ```
//!
//! # Authentication
//!
//! An API token (`tk-us-…`) is exchanged for a bearer token that lasts an hour; the client does so by itself,
//! once for all its calls, again before the hour is over, and once more after a 401. A bearer token that you
//! have already can be used as it is. Several programs share one exchange if they have a
//! [store](ClientBuilder::token_in) for it.
//!
//! # Limits
//!
//! The service documents 60 calls a minute. All clients in the program with the same token share that limit and
//! wait for their turn, unless one [counts apart](ClientBuilder::own_limits); see [`API`].
//!
//! What is asked while deployments are [followed](Client::follow) lets other calls go first.
//!
//! # The live stream
//!
//! [`Client::follow`] tells one deployment to its end, and each line once or [says](Gap::Possible) that this is not
//! certain: see [`Follow`] for what is promised, what it costs and what it bounds. [`Client::live`] shows all of an
//! application as it comes.
//!
//! A connection that breaks is made anew, after delays that grow to 30 s; one that is silent for 90 s counts as
//! broken. Only a server that says so refuses the token: by 401 or 403 to the handshake, an error frame about it,
//! or a close with 1008, 4001 or 4003. Then a fresh one is tried once. One that closes at once and says nothing
//! may mean the same, so a fresh token is fetched once as well, but it counts as broken. The bearer is written to
//! no log, at no level.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod accounts;
mod addons;
mod alerts;
mod apps;
mod archive;
mod attach;
mod autoscalers;
mod backups;
mod bare;
mod client;
mod collaborators;
mod connection;
mod containers;
mod cron_tasks;
mod data_access;
mod database;
mod database_catalog;
mod database_logs;
mod database_metrics;
mod database_users;
mod dedicated_databases;
mod deployments;
mod dial;
mod domains;
mod driver;
mod ending;
mod environment;
mod events;
mod firewall;
mod follow;
mod follower;
mod frame;
mod hds_contact;
mod hub;
mod keys;
mod live;
mod log_drains;
mod logs;
mod member;
mod metrics;
mod notifiers;
mod one_offs;
mod operations;
mod progress;
mod projects;
mod reading;
mod region;
mod regions;
mod repetition;
mod replay;
mod scm_integrations;
mod scm_repo_links;
mod seen;
#[cfg(test)]
mod shuffles;
mod sources;
mod stacks;
mod tokens;
mod wakers;

use std::time::Duration;

pub use deploykit_core as core;
pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};

pub use account::{
    Account, AccountChange, AccountDeletion, DeletionId, GithubAccount, Organization, Preferences,
    TrialAnswer, User,
};
pub use accounts::{Accounts, SignUp};
pub use addons::{
    Addon, AddonAnswer, AddonCategory, AddonId, AddonPlan, AddonPlanChange, AddonProvider,
    AddonProviderId, AddonProviders, AddonStatus, Addons, NewAddon, PlanId,
};
pub use alerts::{Alert, AlertChange, AlertId, Alerts, NewAlert};
pub use apps::{
    App, AppLinks, AppProject, AppRef, AppSettings, AppStatus, Apps, ChildName, CurrentName,
    NewApp, NewName, NewOwner, Owner,
};
pub use archive::Archive;
pub use autoscalers::{Autoscaler, AutoscalerChange, AutoscalerId, Autoscalers, NewAutoscaler};
pub use backups::{Backup, BackupId, BackupStatus, Backups, Restoration, RestorationId};
pub use client::{Client, ClientBuilder};
pub use collaborators::{
    Collaborator, CollaboratorChange, CollaboratorId, CollaboratorStatus, Collaborators,
    Invitation, InvitationToken,
};
pub use containers::{
    Container, ContainerId, ContainerLabel, ContainerSize, ContainerType, Containers, Kill, Price,
    Restart, Scale, ScaleTo, Scaled, Signal,
};
pub use cron_tasks::{CronTable, CronTask, CronTasks};
pub use data_access::{DataAccess, DataAccessConsent, DataAccessUntil};
pub use database::{
    ActionAnswer, Database, DatabaseAction, DatabaseFeature, DatabaseInfo, DatabaseInstance,
    DatabaseOperation, DatabaseOperationStatus, DatabaseSettings, DatabaseStatus, Feature,
    FeatureAnswer, FeatureName, MaintenanceWindow, NewMaintenanceWindow, PostgresqlConfig,
    RecoveryWindow, RestoreTo, Upgrade,
};
pub use database_catalog::{
    DatabaseCatalog, DatabasePlan, DatabasePlugin, DatabaseType, DatabaseVersion, PlanSoftware,
};
pub use database_logs::DatabaseLogs;
pub use database_metrics::{
    DatabaseMetricQuery, DatabaseMetrics, DatabaseUse, InstanceStatus, MemoryUse,
};
pub use database_users::{
    AnyDatabaseUser, DatabasePassword, DatabaseUser, DatabaseUsers, DbmsAttributes, Maintenance,
    Maintenances, NewDatabaseUser,
};
pub use dedicated_databases::{
    DatabaseEndpoint, DedicatedDatabase, DedicatedDatabaseId, DedicatedDatabases, NetPeering,
    NetPeeringId, NetworkConfiguration, NewDedicatedDatabase, NewNetPeering,
};
pub use deployments::{
    Deployment, DeploymentId, DeploymentKind, DeploymentLinks, DeploymentStatus, Deployments,
    NewDeployment, Pusher,
};
pub use domains::{
    Domain, DomainChange, DomainId, Domains, LetsEncryptStatus, NewDomain, SslStatus,
};
pub use environment::{
    Environment, NewVariable, NewVariables, Variable, VariableId, VariableIds, VariableValue,
};
pub use events::{
    Event, EventCategory, EventData, EventDetails, EventId, EventKind, EventType, EventTypeId,
    Events, details,
};
pub use firewall::{
    Firewall, FirewallRule, FirewallRuleId, FirewallRuleKind, FirewallRuleLabel, ManagedRange,
    NewFirewallRule,
};
pub use follow::{Follow, FollowEvent, Gap};
pub use frame::Frame;
pub use hds_contact::{HdsContact, HdsContactChange, OrganizationKind};
pub use keys::{NewSshKey, SshKey, SshKeyId, SshKeys};
pub use live::{Live, LiveEvent};
pub use log_drains::{DrainType, LogDrain, LogDrainUrl, LogDrains, NewLogDrain};
pub use logs::{Logs, LogsArchive, LogsQuery};
pub use metrics::{ContainerStat, MeasuredType, Metric, MetricId, MetricQuery, Metrics, Point};
pub use notifiers::{
    NewNotifier, NotificationPlatform, NotificationPlatformId, NotificationPlatforms, Notifier,
    NotifierChange, NotifierData, NotifierId, Notifiers, PlatformName,
};
pub use one_offs::{
    AuditEntry, AuditEntryKind, AuditLogId, EndedOneOff, NewOneOff, OneOffs, StartedOneOff,
};
pub use operations::{
    Accepted, OneOff, Operation, OperationId, OperationKind, OperationStatus, Operations,
};
pub use projects::{
    EligibleOwner, NewProject, NewTransfer, PrivateNetwork, Project, ProjectChange, ProjectId,
    Projects, Transfer, TransferId, TransferStatus,
};
pub use region::Region;
pub use regions::{RegionInfo, Regions};
pub use scm_integrations::{
    NewScmIntegration, ScmIntegration, ScmIntegrations, ScmOrganization, ScmRepoName,
    ScmRepository, ScmSearch,
};
pub use scm_repo_links::{
    Branch, ManualDeploy, ManualReviewApp, NewScmRepoLink, RepoPull, ReviewApp, ReviewDeployment,
    ReviewedPull, ScmIntegrationId, ScmRepoId, ScmRepoLink, ScmRepoLinkChange, ScmRepoLinkId,
    ScmRepoLinks, ScmType,
};
pub use sources::{Source, Sources};
pub use stacks::{Stack, Stacks};
pub use tokens::{ApiToken, NewToken, NoFields, TokenId, Tokens};

/// The documented limit: 60 calls a minute, over all endpoints.
pub const API: Quota = Quota::new("api", 60, Duration::from_secs(60));

deploykit_core::endpoint_table!(
    Account,
    Accounts,
    AddonProviders,
    Addons,
    Alerts,
    Apps,
    Autoscalers,
    Backups,
    Collaborators,
    Containers,
    CronTasks,
    DataAccess,
    Database,
    DatabaseCatalog,
    DatabaseLogs,
    DatabaseMetrics,
    DatabaseUsers,
    DedicatedDatabases,
    Deployments,
    Domains,
    Environment,
    Events,
    Firewall,
    LogDrains,
    Logs,
    Maintenances,
    Metrics,
    NotificationPlatforms,
    Notifiers,
    OneOffs,
    Operations,
    Projects,
    Regions,
    ScmIntegrations,
    ScmRepoLinks,
    Sources,
    SshKeys,
    Stacks,
    Tokens,
);
