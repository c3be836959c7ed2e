//! Typed client for Edgegap: start game servers near their players, watch them, stop them.
//!
//! ```
//! use deploykit_edgegap::{Client, Deploy};
//! use deploykit_sandbox::Sandbox;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::edgegap().speed(1000.0).start().await?;
//! // For real: `Client::from_env()`, with the token in EDGEGAP_API_TOKEN.
//! let client = Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
//! let deployments = client.deployments();
//!
//! let server = Deploy::new("my-app", "25.05.30-16.45.19-04").user_ip("75.28.35.192");
//! let deployed = deployments.deploy(&server).await?;
//! let status = deployments.ready(&deployed.request_id).await?;
//! println!("connect to {}", status.address("gameport").unwrap_or_default());
//! deployments.stop(&deployed.request_id).await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`Client::release`]: from an image to a ready server in one call.
//! - [`Client::applications`] and [`Client::versions`]: what a server is made of.
//! - [`Client::registry`]: images and their tags; [`Client::endpoint_storages`] and [`Client::pull_profiles`]: logs
//!   that are kept, and files that containers begin with.
//! - [`Client::deployments`]: start, watch, stop and list servers; locations, beacons, logs and metrics.
//! - [`Client::private_fleets`]: start servers on hosts of your own.
//! - [`Client::tags`]: labels of a running deployment.
//! - [`Client::relays`]: for games between players, without a server.
//! - [`matchmaker`] and [`server_browser`]: instances of one's own, each with an address and a token of its own.
//! - [`SelfStop`] and [`Injected`]: for the program inside the container.
//! - [`WebhookEvent`]: what Edgegap posts to you.
//!
//! Each call returns a [`Call`] or [`Pages`]; nothing is sent before it is awaited. The documented
//! [limits] are kept on this side: calls wait for their turn instead of being refused. All clients
//! with one token share them, unless they [count apart](ClientBuilder::own_limits).

#![cfg_attr(docsrs, feature(doc_cfg))]

use deploykit_core::{Options, Token, env};

mod applications;
mod deployments;
mod errors;
mod injected;
mod instance;
pub mod limits;
pub mod matchmaker;
mod private_fleets;
mod read;
mod registry;
mod relays;
mod release;
mod self_stop;
pub mod server_browser;
mod storage;
mod tags;
mod watch;
mod webhook;

pub use applications::{
    AppName, AppVersion, Application, ApplicationChange, Applications, ImageReference,
    NewApplication, NewPort, NewVersion, NewVersionVariable, RestartPolicy, VersionAnswer,
    VersionChange, VersionDeleted, VersionName, VersionPort, VersionVariable, Versions,
};
pub use deploykit_core as core;
pub use deploykit_core::{
    Body, Call, Error, ErrorKind, Http, Nullable, Page, Pages, Progress, Quota, Response, Result,
    RetryPolicy, Secret, Streamed, Text, Time, Wait, WaitError,
};
pub use deployments::{
    BulkStop, BulkStopFilter, BulkStopped, ContainerLogStorage, ContainerLogs, CrashData, Deploy,
    DeployV1, Deployed, DeployedV1, DeploymentChange, DeploymentChanged, DeploymentMetrics,
    DeploymentQuery, DeploymentReport, DeploymentStatus, Deployments, EnvironmentVariable,
    FilterField, FilterType, ListedDeployment, Location, LocationBeacon, LocationQuery,
    LocationTag, LogStorage, LogStorageV1, Match, Metrics, MetricsQuery, NetworkMetrics, Phase,
    PlaceFilterV1, PlacedPlayer, Port, Processable, Protocol, RequestId, Resources, SessionSummary,
    Steps, Stop, StopOutcome, TotalMetrics, User, Webhook,
};
pub use errors::ErrorExt;
pub use injected::{Beacon, Injected, InjectedPort};
pub use private_fleets::{
    Centroid, DeleteSchedule, FleetDeploy, FleetName, Host, HostBeacon, HostId, HostSpecifications,
    HostStatus, Pin, PrivateFleets,
};
pub use registry::{
    ImageArtifact, ImageName, ImageTag, QuickStart, Registry, RegistryCredentials, TagDeleted,
    TagDeletion, TagResult, TagSummary, TagsDeleted,
};
pub use relays::{
    AuthorizeUser, NewRelaySession, PlaceFilter, Relay, RelayAuthorization, RelayPlayer, RelayPort,
    RelayPorts, RelaySession, RelaySessionId, RelayUser, Relays, RevokeUser,
};
pub use release::{Difference, Prepared, Release, ReleaseError, ReleaseStep, Released};
pub use self_stop::{SelfStop, SelfStopBuilder};
pub use storage::{
    EndpointName, EndpointStorage, EndpointStorageChange, EndpointStorages, NewEndpointStorage,
    NewPullProfile, OutputFormat, PullProfile, PullProfileChange, PullProfileLink, PullProfileName,
    PullProfiles, SourceType,
};
pub use tags::{DeploymentTag, DeploymentTags, TagName};
pub use watch::Watch;
pub use webhook::WebhookEvent;

deploykit_core::endpoint_table!(
    Applications,
    Versions,
    Registry,
    Deployments,
    SelfStop,
    PrivateFleets,
    DeploymentTags,
    Relays,
    EndpointStorages,
    PullProfiles,
);

/// Where the service is.
const BASE_URL: &str = "https://api.edgegap.com";

/// Names another address for the service.
const BASE_URL_VARIABLE: &str = "EDGEGAP_API_URL";

const TOKEN_VARIABLE: &str = "EDGEGAP_API_TOKEN";

/// A client of Edgegap. Cheap to clone; clones share connections, and all clients with the same token the
/// documented limits.
#[derive(Debug, Clone)]
pub struct Client(deploykit_core::Client);

impl Client {
    /// A client with an API token of the organization; see [`ClientBuilder::token`].
    ///
    /// # Errors
    ///
    /// If the token is empty or cannot be a header.
    pub fn new(token: impl Into<Secret>) -> Result<Self> {
        Self::builder().token(token).build()
    }

    /// Starts a client; it needs a [token](ClientBuilder::token).
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The client that the environment describes: `EDGEGAP_API_TOKEN`, and `EDGEGAP_API_URL` for another
    /// address than `https://api.edgegap.com`.
    ///
    /// # Errors
    ///
    /// If the token is missing, or one of them cannot be used.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder().token(env::required(TOKEN_VARIABLE)?);
        match env::optional(BASE_URL_VARIABLE) {
            Some(base_url) => builder.base_url(base_url).build(),
            None => builder.build(),
        }
    }

    /// Game servers: start, watch, stop, list.
    pub fn deployments(&self) -> Deployments {
        Deployments::new(&self.0)
    }

    /// Game servers on hosts of your own.
    pub fn private_fleets(&self) -> PrivateFleets {
        PrivateFleets::new(&self.0)
    }

    /// Applications: what is deployed.
    pub fn applications(&self) -> Applications {
        Applications::new(&self.0)
    }

    /// Versions of applications.
    pub fn versions(&self) -> Versions {
        Versions::new(&self.0)
    }

    /// Images and their tags in Edgegap's container registry.
    pub fn registry(&self) -> Registry {
        Registry::new(&self.0)
    }

    /// Relays, for games between players.
    pub fn relays(&self) -> Relays {
        Relays::new(&self.0)
    }

    /// Buckets for logs and files.
    pub fn endpoint_storages(&self) -> EndpointStorages {
        EndpointStorages::new(&self.0)
    }

    /// Files that containers find at their start.
    pub fn pull_profiles(&self) -> PullProfiles {
        PullProfiles::new(&self.0)
    }

    /// Labels of deployments.
    pub fn tags(&self) -> DeploymentTags {
        DeploymentTags::new(&self.0)
    }

    /// The general client, for operations that this crate does not have.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.0
    }
}

/// Collects what a [`Client`] needs.
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    /// Its path may be a secret.
    base_url: Option<Secret>,
    options: Options,
}

impl ClientBuilder {
    /// An API token of the organization, as the dashboard shows it: with the word `token` before it, or without.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Another address for the service. A `/v1` or `/v2` at its end is dropped: the operations bring their
    /// own.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(base_url));
        self
    }

    deploykit_core::builder_options!(options);

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If the token is missing, empty or cannot be a header, or the address is not `http` or `https`.
    pub fn build(self) -> Result<Client> {
        let token = env::given(self.token, "token", Some(TOKEN_VARIABLE))?;
        let token = Secret::from(without_scheme(&token));
        let base_url = self.base_url.as_ref().map_or(BASE_URL, Secret::expose);
        deploykit_core::Client::builder(without_version(base_url))
            .limits_of(&token)
            .credential(Token::with_scheme("token ", token)?)
            .options(self.options)
            .build()
            .map(Client)
    }
}

/// The bare token. The dashboard copies it with its scheme, and some programs add another.
fn without_scheme(token: &Secret) -> &str {
    let mut bare = token.expose().trim();
    while let Some((scheme, rest)) = bare.split_once(char::is_whitespace) {
        if !["token", "bearer"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            break;
        }
        bare = rest.trim_start();
    }
    // Nothing but the scheme is no token.
    if bare.eq_ignore_ascii_case("token") {
        ""
    } else {
        bare
    }
}

fn without_version(base_url: &str) -> &str {
    let base = base_url.trim().trim_end_matches('/');
    let cut = base
        .strip_suffix("/v1")
        .or_else(|| base.strip_suffix("/v2"));
    cut.unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_loses_every_scheme() {
        for token in [
            "abc",
            "token abc",
            " Token  abc\n",
            "token token abc",
            "Bearer token abc",
        ] {
            assert_eq!(without_scheme(&token.into()), "abc", "{token}");
        }
        for nothing in ["", " ", "token", "token "] {
            assert!(
                Client::builder().token(nothing).build().is_err(),
                "{nothing:?}"
            );
        }
    }

    #[test]
    fn a_version_at_the_end_of_the_address_is_dropped() {
        for base in [
            "https://x/p",
            "https://x/p/",
            "https://x/p/v1",
            " https://x/p/v2/ ",
        ] {
            assert_eq!(without_version(base), "https://x/p");
        }
        assert_eq!(without_version("https://v1.x"), "https://v1.x");
    }
}
