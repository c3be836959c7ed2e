//! The client, and the token that it can exchange while it runs.

use std::sync::Arc;

use deploykit_core::{
    Authorization, Composite, Credential, Error, ErrorKind, Options, Result, Secret, Time, Token,
    env,
};
use futures::future::BoxFuture;
use http::HeaderValue;
use http::header::CONTENT_TYPE;

use crate::actions::Actions;
use crate::api_tokens::{
    ApiToken, ApiTokenId, ApiTokenRotation, ApiTokens, PersonalAccessToken, PersonalAccessTokenId,
    PersonalAccessTokenRotation, PersonalAccessTokens,
};
use crate::applications::Applications;
use crate::credentials::Credentials;
use crate::cron_jobs::CronJobs;
use crate::daemons::Daemons;
use crate::environments::Environments;
use crate::hooks::Hooks;
use crate::network_rules::NetworkRules;
use crate::networks::Networks;
use crate::organizations::Organizations;
use crate::pipelines::Pipelines;
use crate::projects::{ProjectId, Projects};
use crate::resource_events::ResourceEvents;
use crate::resource_links::ResourceLinks;
use crate::roles::Roles;
use crate::servers::Servers;
use crate::services::Services;
use crate::social_accounts::SocialAccounts;
use crate::ssh_keys::SshKeys;
use crate::ssl_certificates::SslCertificates;
use crate::static_data::StaticData;
use crate::subnets::Subnets;
use crate::teams::Teams;
use crate::users::Users;
use crate::variables::Variables;
use crate::virtual_hosts::VirtualHosts;

/// Where the service is.
pub const PRODUCTION: &str = "https://api.devopness.com";

/// Where the service tries out what is to come.
pub const STAGING: &str = "https://staging-api.devopness.com";

const TOKEN_VARIABLE: &str = "DEVOPNESS_API_TOKEN";
const BASE_URL_VARIABLE: &str = "DEVOPNESS_API_URL";

/// A client of Devopness. Cheap to clone; clones share connections and the token, a replaced one too.
#[derive(Debug, Clone)]
pub struct Client {
    core: deploykit_core::Client,
    token: Arc<RotatingToken>,
}

macro_rules! resources {
    ($($(#[$doc:meta])* $method:ident: $resource:ident,)+) => {
        $(
            $(#[$doc])*
            pub fn $method(&self) -> $resource {
                $resource::new(&self.core)
            }
        )+
    };
}

impl Client {
    /// A client of [`PRODUCTION`] with a token; see [`ClientBuilder::token`].
    ///
    /// # Errors
    ///
    /// If the token is missing, empty or cannot be a header.
    pub fn new(token: impl Into<Secret>) -> Result<Self> {
        Self::builder().token(token).build()
    }

    /// Starts a client; it needs a [token](ClientBuilder::token).
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The client that the environment describes: `DEVOPNESS_API_TOKEN`, and `DEVOPNESS_API_URL` for another
    /// address than [`PRODUCTION`].
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

    resources! {
        /// API tokens of projects.
        api_tokens: ApiTokens,
        /// Personal access tokens of the user.
        personal_access_tokens: PersonalAccessTokens,
        /// Values that the fields of other resources can take.
        static_data: StaticData,
        /// Actions: the work that Devopness does.
        actions: Actions,
        /// Applications: code that is deployed to servers.
        applications: Applications,
        /// Access to cloud providers and source providers.
        credentials: Credentials,
        /// Commands that servers run on a schedule.
        cron_jobs: CronJobs,
        /// Processes that servers keep running.
        daemons: Daemons,
        /// Environments of projects.
        environments: Environments,
        /// Hooks: requests that trigger actions, and requests that actions trigger.
        hooks: Hooks,
        /// Networks at cloud providers.
        networks: Networks,
        /// Which traffic servers let in and out.
        network_rules: NetworkRules,
        /// Organizations: owners of projects.
        organizations: Organizations,
        /// Pipelines: the steps of an operation.
        pipelines: Pipelines,
        /// Projects.
        projects: Projects,
        /// What happened to resources.
        resource_events: ResourceEvents,
        /// Which resources belong to which.
        resource_links: ResourceLinks,
        /// What teams and tokens may do.
        roles: Roles,
        /// Servers.
        servers: Servers,
        /// Services that servers run.
        services: Services,
        /// Accounts elsewhere that the user connected.
        social_accounts: SocialAccounts,
        /// Keys that may log in to servers.
        ssh_keys: SshKeys,
        /// Certificates of virtual hosts.
        ssl_certificates: SslCertificates,
        /// Parts of networks.
        subnets: Subnets,
        /// Teams, members and invitations.
        teams: Teams,
        /// Users.
        users: Users,
        /// Configuration values that are written to servers.
        variables: Variables,
        /// Sites that the web servers answer for.
        virtual_hosts: VirtualHosts,
    }

    /// The general client, for operations that this crate does not have.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.core
    }

    /// Uses another token from now on, in all clones. A call under way that the old token is refused for is
    /// sent once more with the new one.
    ///
    /// # Errors
    ///
    /// If the token is empty or cannot be a header; the old one then stays.
    pub fn replace_token(&self, token: impl Into<Secret>) -> Result<()> {
        self.token.0.replace(token)
    }

    /// Rotates the project token that this client itself uses, and goes on with the new one. The answer holds
    /// the new token too: keep it, it is not shown again.
    ///
    /// # Errors
    ///
    /// As [`ApiTokens::rotate`]. After an error that [may have been sent](Error::may_have_been_sent) the old
    /// token may be void.
    pub fn rotate_api_token(
        &self,
        project_id: impl Into<ProjectId>,
        token_id: impl Into<ApiTokenId>,
        expires_at: impl Into<Time>,
    ) -> Composite<ApiToken> {
        let (this, project_id, token_id) = (self.clone(), project_id.into(), token_id.into());
        let rotation = ApiTokenRotation::new(&token_id, expires_at);
        Composite::new(&self.core, "the rotation", move |client| async move {
            let tokens = ApiTokens::new(&client);
            let rotated = tokens.rotate(project_id, token_id, &rotation).await?;
            this.go_on_with(rotated.token.as_ref())?;
            Ok(rotated)
        })
    }

    /// Rotates the personal access token that this client itself uses, and goes on with the new one. The
    /// answer holds the new token too: keep it, it is not shown again.
    ///
    /// # Errors
    ///
    /// As [`PersonalAccessTokens::rotate`]. After an error that
    /// [may have been sent](Error::may_have_been_sent) the old token may be void.
    pub fn rotate_personal_access_token(
        &self,
        token_id: impl Into<PersonalAccessTokenId>,
        expires_at: impl Into<Time>,
    ) -> Composite<PersonalAccessToken> {
        let (this, token_id) = (self.clone(), token_id.into());
        let rotation = PersonalAccessTokenRotation::new(&token_id, expires_at);
        Composite::new(&self.core, "the rotation", move |client| async move {
            let tokens = PersonalAccessTokens::new(&client);
            let rotated = tokens.rotate(token_id, &rotation).await?;
            this.go_on_with(rotated.token.as_ref())?;
            Ok(rotated)
        })
    }

    fn go_on_with(&self, token: Option<&Secret>) -> Result<()> {
        let token = token.ok_or_else(|| {
            Error::new(
                ErrorKind::Decode,
                "the token was rotated, but the answer does not hold the new one",
            )
        })?;
        self.replace_token(token.clone())
    }
}

/// Settings of a [`Client`].
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    /// Its path may be a secret.
    base_url: Option<Secret>,
    options: Options,
}

impl ClientBuilder {
    /// The token: of a project, or a personal access token.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Another address than [`PRODUCTION`].
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(base_url));
        self
    }

    /// Talks to [`STAGING`].
    pub fn staging(self) -> Self {
        self.base_url(STAGING)
    }

    deploykit_core::builder_options!(options);

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If the token is empty or cannot be a header, or the address is not `http` or `https`.
    pub fn build(self) -> Result<Client> {
        // The service's pages show the header's whole value, and people copy it.
        let token = env::given(self.token, "token", Some(TOKEN_VARIABLE))?;
        let token = token.expose().trim();
        let (scheme, rest) = token.split_once(char::is_whitespace).unwrap_or((token, ""));
        let token = match scheme.eq_ignore_ascii_case("bearer") {
            true => rest.trim(),
            false => token,
        };
        let base_url = self.base_url.as_ref().map_or(PRODUCTION, Secret::expose);
        let token = Arc::new(RotatingToken(Token::bearer(token)?));
        let core = deploykit_core::Client::builder(base_url)
            .shared_credential(token.clone())
            // The service wants it on every call, those without a body included.
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .options(self.options)
            .build()?;
        Ok(Client { core, token })
    }
}

/// A token that may be replaced while calls are under way.
#[derive(Debug)]
struct RotatingToken(Token);

impl Credential for RotatingToken {
    fn authorize(&self) -> BoxFuture<'_, Result<Authorization>> {
        self.0.authorize()
    }

    /// Another try makes sense if the token was replaced since the call was sent.
    fn refused(&self, used: &Authorization) -> BoxFuture<'_, bool> {
        let used = used.value.clone();
        Box::pin(async move {
            let current = self.0.authorize().await;
            current.is_ok_and(|current| current.value != used)
        })
    }
}
