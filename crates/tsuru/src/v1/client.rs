//! The client of today's servers.

use deploykit_core::{Error, Options, Result, Secret, env};

use super::{
    Apps, Auth, AutoscaleRules, Certificates, Clusters, Deploys, Env, Events, Instances, Jobs,
    Logs, Plans, Platforms, Pools, Quotas, Roles, Routers, Services, Teams, Tokens, Units, Users,
    Volumes, Webhooks,
};
use crate::client::{TARGET_VARIABLE, address, token};

/// A client of one server of 1.0 or later. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Client {
    core: deploykit_core::Client,
}

/// A method for each resource.
macro_rules! resources {
    ($($(#[$doc:meta])* $name:ident: $type:ident;)+) => {
        impl Client {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> $type {
                    $type::new(&self.core)
                }
            )+
        }
    };
}

resources! {
    /// Apps.
    apps: Apps;
    /// Environment variables of apps and jobs.
    env: Env;
    /// Units of apps.
    units: Units;
    /// Deploys that were; to deploy, see [`deploy`](Self::deploy).
    deploys: Deploys;
    /// Logs of apps and jobs.
    logs: Logs;
    /// Events.
    events: Events;
    /// Jobs.
    jobs: Jobs;
    /// Certificates of apps.
    certificates: Certificates;
    /// How apps scale by themselves.
    autoscale: AutoscaleRules;
    /// Routers.
    routers: Routers;
    /// Service instances.
    instances: Instances;
    /// Services, for those who provide them.
    services: Services;
    /// Volumes.
    volumes: Volumes;
    /// Plans.
    plans: Plans;
    /// Platforms.
    platforms: Platforms;
    /// Pools and constraints.
    pools: Pools;
    /// Clusters.
    clusters: Clusters;
    /// Teams.
    teams: Teams;
    /// Tokens of teams.
    tokens: Tokens;
    /// Users.
    users: Users;
    /// Roles and permissions.
    roles: Roles;
    /// Quotas.
    quotas: Quotas;
    /// Webhooks.
    webhooks: Webhooks;
    /// Ways to log in.
    auth: Auth;
}

impl Client {
    /// A client of the server at this address, with a token; see [`ClientBuilder::target`] and
    /// [`ClientBuilder::token`].
    ///
    /// # Errors
    ///
    /// If the target is no address, or the token is empty or has white space inside.
    pub fn new(target: impl Into<String>, token: impl Into<Secret>) -> Result<Self> {
        Self::builder().target(target).token(token).build()
    }

    /// Starts a client; it needs a [target](ClientBuilder::target).
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from `TSURU_HOST` (or, as the official client calls it, `TSURU_TARGET`) and `TSURU_TOKEN`.
    ///
    /// # Errors
    ///
    /// If one of them is missing or empty.
    pub fn from_env() -> Result<Self> {
        let target = env::required("TSURU_HOST")
            .or_else(|missing| env::required(TARGET_VARIABLE).map_err(|_| missing))?;
        Self::new(target, env::required("TSURU_TOKEN")?)
    }

    /// The client below, for operations that this crate doesn't cover.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.core
    }

    pub(super) fn over(core: deploykit_core::Client) -> Self {
        Self { core }
    }
}

/// Settings of a [`Client`].
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    /// May hold a secret.
    target: Option<Secret>,
    token: Option<Secret>,
    options: Options,
}

impl ClientBuilder {
    /// Address of the server; `http://` is put before one without a scheme.
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(Secret::new(target));
        self
    }

    /// A token: of a team, of a user's session, a user's API key, or an access token of the server's OIDC
    /// provider. Without one, only what needs no user can be called.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The [target](Self::target), as the clients of other services call it.
    pub fn base_url(self, base_url: impl Into<String>) -> Self {
        self.target(base_url)
    }

    pub(crate) fn of(target: Option<Secret>, token: Option<Secret>, options: Options) -> Self {
        Self {
            target,
            token,
            options,
        }
    }

    deploykit_core::builder_options!(options);

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If the target is missing or no address, or the token is empty or has white space inside.
    pub fn build(self) -> Result<Client> {
        let target = env::given(self.target, "target", Some(TARGET_VARIABLE))?;
        let address = address(target.expose());
        if deploykit_core::parse_base_url(&address).is_err() {
            let problem = "is no http or https address of a server alone";
            return Err(Error::invalid_input("target", problem));
        }
        let mut builder = deploykit_core::Client::builder(address)
            .refuse_slashes()
            .options(self.options);
        if let Some(secret) = self.token {
            builder = builder.credential(token(secret)?);
        }
        Ok(Client::over(builder.build()?))
    }
}
