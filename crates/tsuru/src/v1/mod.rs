//! Client for today's tsuru: servers of 1.0 and later, up to API version 1.31.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().speed(100.0).start().await?;
//! use deploykit_tsuru::core::Body;
//! use deploykit_tsuru::v1::{Client, NewApp, NewDeploy};
//! use futures::TryStreamExt;
//!
//! let tsuru = Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
//! tsuru.apps().create(&NewApp::new("myapp").platform("python")).await?;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("app.tar.gz");
//! # std::fs::write(&path, [0x1f, 0x8b])?;
//! let archive = Body::file(&path).await?;
//! let mut deploying = tsuru.deploy("myapp", &NewDeploy::archive(archive)).await?;
//! while let Some(line) = deploying.try_next().await? {
//!     println!("{}", line.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Each path carries the API version that it came with (`/1.13/jobs`); an older server answers 404 to it:
//! see [`route_is_missing`](crate::route_is_missing). For the servers of 2014, see the [crate] itself;
//! [`detect`](crate::Client::detect) tells which it is.
//!
//! Long operations give an [`Output`]: their status is 200 even if they fail, and what the server writes
//! last tells. They go on if the connection breaks. While one works on an app, another one on the same app is
//! [refused](is_locked); [`when_unlocked`] waits for it.
//!
//! A time that never was (Go's zero) is `None`, an empty list an empty `Vec`, whichever way the server says it.
//!
//! Left out: the shell (a WebSocket), the proxies to services' own addresses, the ingestion of logs by nodes,
//! what the servers themselves call deprecated (swap, diff, Git pushes), and debugging.

mod apps;
mod autoscale;
mod certificates;
mod client;
mod clusters;
mod deploy;
mod deploys;
mod env;
mod events;
mod following;
mod instances;
mod jobs;
mod locked;
mod login;
mod logs;
mod metadata;
mod pairs;
mod plans;
mod platforms;
mod pools;
mod quotas;
mod roles;
mod routers;
mod services;
mod teams;
mod tokens;
mod units;
mod users;
mod volumes;
mod webhooks;

pub use apps::{
    App, AppChange, AppFilter, Apps, Cnames, CreatedApp, InstanceBind, InternalAddress, NewApp,
    Part, Rebuilding, Routable, Run, UnitMetrics, UnitStatus,
};
pub use autoscale::{
    Autoscale, AutoscaleRules, Behavior, Measured, OfProcess, ScaleDown, Schedule, SwapAutoscale,
};
pub use certificates::{
    AppCertificates, Certificate, Certificates, NewCertificate, NewIssuer, OfName,
    RouterCertificates,
};
pub use client::{Client, ClientBuilder};
pub use clusters::{
    Cluster, ClusterHelp, ClusterName, Clusters, KubeConfig, NewCluster, Provisioner,
};
pub use deploy::{NewDeploy, Rebuild, Rollback, Starts};
pub use deploys::{Deploy, DeployFilter, DeployId, Deploys, RollbackRule};
pub use env::{Env, NewVariable, SetEnv, UnsetEnv, VariableFilter};
pub use events::{
    Allowed, Block, BlockFilter, BlockId, Cancel, CancelInfo, Event, EventFilter, EventId,
    EventKind, EventLine, EventOwner, EventTarget, Events, ExtraTarget, NewBlock, Scope, Target,
};
pub use following::Deploying;
pub use instances::{
    Bind, InstanceChange, InstanceFilter, InstanceInfo, Instances, NewInstance, Removal,
    ServiceInstance, Unbind,
};
pub use jobs::{
    Concurrency, CreatedJob, DeployOptions, Job, JobContainer, JobFilter, JobInfo, JobName,
    JobSpec, Jobs, NewJob, ServiceVariable,
};
pub use locked::{is_locked, when_unlocked};
pub use login::{Auth, Scheme, SchemeData, ServerInfo, Session};
pub use logs::{LogEntries, LogEntry, LogFilter, LogOf, Logs, NewLogEntry};
pub use metadata::{Healthcheck, Label, Metadata, NewLabel, NewMetadata, Process};
pub use plans::{CpuBurst, NewPlan, Plan, PlanName, PlanOverride, Plans};
pub use platforms::{OfImage, PlatformInfo, PlatformName, Platforms};
pub use pools::{
    Constraint, NewConstraint, NewPool, OfTeam, Pool, PoolChange, PoolName, PoolTeams, Pools,
};
pub use quotas::{NewLimit, Quota, Quotas};
pub use roles::{
    Context, GroupName, NewRole, NotDefault, Permission, PermissionName, Permissions, Role,
    RoleChange, RoleName, Roles, ToGroup, ToToken, ToUser,
};
pub use routers::{AppRouter, NewAppRouter, NewRouter, Router, RouterName, Routers};
pub use services::{
    InPool, ManifestOperation, NewDoc, NewService, Service, ServiceManifest, ServicePlan, Services,
    TagFilter,
};
pub use teams::{NewTeam, TeamChange, TeamGroup, TeamInfo, TeamUser, Teams};
pub use tokens::{NewToken, TeamToken, TokenChange, TokenId, TokenRole, Tokens};
pub use units::{Address, Killing, Unit, UnitId, Units, UnitsDelta};
pub use users::{NewPassword, OfUser, User, UserFilter, UserRole, Users};
pub use volumes::{
    NewVolume, NewVolumeBind, Volume, VolumeBind, VolumeBindId, VolumeName, VolumePlan, Volumes,
};
pub use webhooks::{Webhook, WebhookFilter, WebhookName, Webhooks};

pub use crate::output::{Line, Output};

/// What long operations write.
const JSON_LINES: &str = "application/x-json-stream";

deploykit_core::endpoint_table!(
    Apps,
    Units,
    Env,
    Starts,
    Deploys,
    Logs,
    Events,
    Jobs,
    Certificates,
    AutoscaleRules,
    Routers,
    Instances,
    Services,
    Volumes,
    Plans,
    Platforms,
    Pools,
    Clusters,
    Teams,
    Tokens,
    Users,
    Roles,
    Quotas,
    Webhooks,
    Auth
);
