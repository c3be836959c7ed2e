//! Typed clients for tsuru: [`v1::Client`] for today's servers (1.0 and later), [`Client`] for those of 2014.
//! [`Client::detect`] tells which server it is.
//!
//! The rest of this page is about the API of 2014: the 44 operations of its page, on servers 0.2 to 0.7. Answers
//! of newer servers are read where the paths are the same.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit_tsuru::{Client, NewApp, NewVariables};
//! use futures::TryStreamExt;
//!
//! let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
//! let tsuru = Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
//!
//! tsuru.apps().create(&NewApp::new("myapp", "python")).await?;
//! tsuru.apps().set_env("myapp", &NewVariables::new([("DATABASE_HOST", "localhost")])).await?;
//!
//! let mut output = tsuru.restart("myapp").await?;
//! while let Some(line) = output.try_next().await? {
//!     println!("{}", line.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What differs between servers
//!
//! The API's page describes servers from 0.3.9 to 0.7.2, and not one of them in everything. This crate sends
//! what the page says and reads what any of them answers: keys in either spelling, lists that are `null`, a
//! single object or an empty 204, and JSON under any content type. Any 2xx is a success. Errors are plain
//! text: the status is what counts, the text is in [`Error::api`] and [`Error::body`].
//!
//! - Up to 0.4, errors of users, logins and passwords are all 500, with the same texts.
//! - Restarting is `GET` up to 0.4 and `POST` from 0.5: [`Client::restart`] tries one, then the other.
//! - `/quota/{user}`, `/healers`, app tokens and public keys exist in some servers only.
//!
//! [`Generation::of`] tells which server answered.
//!
//! Every call with a token may fail with 401 (no or a wrong token). Names with a `/` are refused before
//! anything is sent: the servers take an encoded slash for a separator.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use deploykit_core as core;
pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};

mod apps;
mod client;
mod detect;
mod done;
mod env;
mod errors;
mod generation;
mod healers;
mod instances;
mod lenient;
mod list;
mod manifest;
mod output;
mod platforms;
mod quotas;
mod restart;
mod services;
mod teams;
mod tokens;
mod users;
pub mod v1;

pub use apps::{App, AppName, Apps, CreatedApp, NewApp, Swap, Unit, UnitState};
pub use client::{Client, ClientBuilder, Session};
pub use detect::Server;
pub use done::Done;
pub use env::{MASKED, NewVariables, Variable, VariableNames, Variables};
pub use errors::{already_exists, route_is_missing};
pub use generation::Generation;
pub use healers::{Healer, HealerName, Healers};
pub use instances::{
    BoundVariables, InstanceName, InstanceState, InstanceStatus, Instances, NewInstance,
    ServiceInstance,
};
pub use manifest::{Endpoints, ServiceManifest};
pub use output::{Line, Output};
pub use platforms::{Platform, Platforms};
pub use quotas::{QuotaItems, Quotas, UserQuota};
pub use restart::RestartBy;
pub use services::{Service, ServiceName, Services};
pub use teams::{NewTeam, Team, TeamInfo, TeamName, Teams};
pub use tokens::{AppToken, NewAppToken, Tokens};
pub use users::{
    ChangePassword, Login, LoginToken, NewUser, PublicKey, ResetPassword, UserEmail, Users,
};

deploykit_core::endpoint_table!(
    Apps, Services, Instances, Quotas, Healers, Platforms, Users, Teams, Tokens
);
