//! Typed clients for deployment APIs: one sending path, every documented operation.
//!
//! | feature | module | service |
//! |---|---|---|
//! | `scalingo` | [`scalingo`] | trigger deployments, follow them live, and what is around one |
//! | `tideways` | [`tideways`] | provision projects, mark releases, read performance |
//! | `tsuru` | [`tsuru`] | deploys, apps, services, events, jobs; old servers, too |
//! | `edgegap` | [`edgegap`] | from image to running game server |
//! | `devopness` | [`devopness`] | the whole Devopness API |
//! | `deploy` | `deploy` | one deploy for all of them but Tideways |
//! | `blocking` | `blocking` | all of it for programs that are not async |
//! | `redis` | `redis` | limits that many programs share, kept in Redis or Valkey |
//! | `metrics` | [`core`]`::metrics` | measures calls by OpenTelemetry's conventions |
//! | `tower` | [`core`]`::tower` | tower's middleware between a client and its connections |
//! | `signatures` | [`devopness`]`::hooks` | signs requests to Devopness hooks, and verifies theirs (default) |
//! | `sandbox` | `sandbox` | local stand-ins of all of them, for tests |
//!
//! The services are on by default, `redis` and `sandbox` are not. TLS is rustls (feature `rustls`); `native-tls` is the
//! other choice.
//!
//! ```
//! # #[cfg(not(feature = "edgegap"))]
//! # fn main() {}
//! # #[cfg(feature = "edgegap")]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use deploykit::edgegap::{Client, Deploy};
//!
//! # let sandbox = deploykit_sandbox::Sandbox::edgegap().speed(100.0).start().await?;
//! # let (base_url, token) = (sandbox.base_url(), sandbox.token());
//! // For real: `Client::from_env()?`
//! let client = Client::builder().token(token).base_url(base_url).build()?;
//! let server = Deploy::new("my-app", "v1").user_ip("198.51.100.7");
//! let deployed = client.deployments().deploy(&server).await?;
//! let status = client.deployments().ready(&deployed.request_id).await?;
//! println!("connect to {}", status.address("gameport").unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! What all clients share — errors, retries, quotas, pages, waiters — is in [`core`]. The
//! [guide](https://github.com/deploykit/deploykit/tree/main/docs) has a page for each of these.

#![cfg_attr(docsrs, feature(doc_cfg))]

// The examples of the README and of the guide are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
#[cfg(doctest)]
mod guide;

#[cfg(all(
    feature = "deploy",
    any(
        feature = "scalingo",
        feature = "devopness",
        feature = "tsuru",
        feature = "edgegap"
    )
))]
pub mod deploy;

pub use deploykit_core as core;
#[cfg(feature = "blocking")]
pub use deploykit_core::blocking;
#[cfg(feature = "devopness")]
pub use deploykit_devopness as devopness;
#[cfg(feature = "edgegap")]
pub use deploykit_edgegap as edgegap;
#[cfg(feature = "redis")]
pub use deploykit_redis as redis;
#[cfg(feature = "sandbox")]
pub use deploykit_sandbox as sandbox;
#[cfg(feature = "scalingo")]
pub use deploykit_scalingo as scalingo;
#[cfg(feature = "tideways")]
pub use deploykit_tideways as tideways;
#[cfg(feature = "tsuru")]
pub use deploykit_tsuru as tsuru;

pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};
