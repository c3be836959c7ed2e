//! Typed client for the Tideways deployment API: provision projects, list applications and servers, remove
//! servers that are gone.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit_tideways::{Client, Provision};
//!
//! let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
//! let tideways = Client::builder(sandbox.token(), "acme").base_url(sandbox.base_url()).build()?;
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
//! Statuses that every call may fail with: 401 (the token is wrong or has expired), 403 (it lacks the
//! `deployment` scope, or belongs to another organization), 404 (no such organization or application), 429
//! (the hour's requests are used up).
//!
//! What the service calls an application here is a project in its newer pages.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub use deploykit_core as core;
pub use deploykit_core::{Error, ErrorKind, Result, Secret, Time};

mod applications;
mod client;
mod lenient;
mod list;
mod provisioning;
mod servers;

pub use applications::{Application, ApplicationName, Applications};
pub use client::{Client, ClientBuilder, Plan};
pub use provisioning::{Provision, Provisioned, Provisioning};
pub use servers::{Decommission, Removed, Server, ServerName, Servers, stale_servers};

deploykit_core::endpoint_table!(Provisioning, Applications, Servers);
