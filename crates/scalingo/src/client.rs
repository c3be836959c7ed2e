//! The client, and how it is built.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use deploykit_core::{Composite, Credential, Options, Token, TokenStore, env};

use crate::{
    Account, Accounts, AddonId, AddonProviders, Addons, Alerts, AppRef, Apps, Autoscalers,
    Collaborators, Containers, CronTasks, DataAccess, Database, DedicatedDatabases, DeploymentId,
    Deployments, Domains, Environment, Error, Events, Follow, Live, LogDrains, Logs, Metrics,
    NotificationPlatforms, Notifiers, OneOffs, Operations, Projects, Region, Regions, Result,
    ScmIntegrations, ScmRepoLinks, Secret, Sources, SshKeys, Stacks, Tokens, connection, hub,
    region, tokens,
};

const TOKEN_VARIABLE: &str = "SCALINGO_API_TOKEN";

/// A client of one region. Cheap to clone; clones share connections and tokens, and all
/// clients with the same token the documented limits.
#[derive(Debug, Clone)]
pub struct Client {
    pub(crate) core: deploykit_core::Client,
    pub(crate) hubs: hub::Hubs,
    /// The authentication API, with the same bearer.
    pub(crate) auth: deploykit_core::Client,
    /// The database API; each database puts a credential of its own in.
    pub(crate) database: deploykit_core::Client,
    pub(crate) databases: Arc<Mutex<HashMap<(AppRef, AddonId), Database>>>,
    /// That of the first two, for clients of other regions.
    pub(crate) credential: Arc<dyn Credential>,
}

/// No more databases are remembered; a program that uses more asks for tokens anew.
const MOST_DATABASES: usize = 1000;

impl Client {
    /// A client with an API token, in the region `osc-fr1`; see [`ClientBuilder::token`].
    ///
    /// # Errors
    ///
    /// If the token is empty.
    pub fn new(token: impl Into<Secret>) -> Result<Self> {
        Self::builder().token(token).build()
    }

    /// Starts a client; it needs a [token](ClientBuilder::token).
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from the variables that the official tools read: `SCALINGO_API_TOKEN`, and, where set,
    /// `SCALINGO_REGION`, `SCALINGO_API_URL`, `SCALINGO_AUTH_URL` and `SCALINGO_DB_URL`.
    ///
    /// # Errors
    ///
    /// If the token is missing, or a value is not one.
    pub fn from_env() -> Result<Self> {
        let mut builder = Self::builder().token(env::required(TOKEN_VARIABLE)?);
        if let Some(region) = env::optional("SCALINGO_REGION") {
            builder = builder.region(region.as_str());
        }
        if let Some(url) = env::optional("SCALINGO_API_URL") {
            builder = builder.base_url(url);
        }
        if let Some(url) = env::optional("SCALINGO_AUTH_URL") {
            builder = builder.auth_url(url);
        }
        if let Some(url) = env::optional("SCALINGO_DB_URL") {
            builder = builder.database_url(url);
        }
        builder.build()
    }

    /// The account that the token belongs to.
    pub fn account(&self) -> Account {
        Account::new(&self.auth)
    }

    /// Making and deleting accounts.
    pub fn accounts(&self) -> Accounts {
        Accounts::new(&self.core)
    }

    /// Add-ons of applications.
    pub fn addons(&self) -> Addons {
        Addons::new(&self.core)
    }

    /// What add-ons there are.
    pub fn addon_providers(&self) -> AddonProviders {
        AddonProviders::new(&self.core)
    }

    /// Alerts of applications.
    pub fn alerts(&self) -> Alerts {
        Alerts::new(&self.core)
    }

    /// Applications.
    pub fn apps(&self) -> Apps {
        Apps::new(&self.core)
    }

    /// Autoscalers of applications.
    pub fn autoscalers(&self) -> Autoscalers {
        Autoscalers::new(&self.core)
    }

    /// Collaborators of applications.
    pub fn collaborators(&self) -> Collaborators {
        Collaborators::new(&self.core)
    }

    /// Containers of applications.
    pub fn containers(&self) -> Containers {
        Containers::new(&self.core)
    }

    /// Cron tasks of applications.
    pub fn cron_tasks(&self) -> CronTasks {
        CronTasks::new(&self.core)
    }

    /// Consents to look into applications.
    pub fn data_access(&self) -> DataAccess {
        DataAccess::new(&self.core)
    }

    /// The database behind an add-on. Its token is made with the first call and shared by all handles of it.
    pub fn database(&self, app: impl Into<AppRef>, addon: impl Into<AddonId>) -> Database {
        let (app, addon) = (app.into(), addon.into());
        let mut known = self
            .databases
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_DATABASES {
            known.clear();
        }
        let key = (app.clone(), addon.clone());
        let made = || Database::of(&self.core, &self.database, app, &addon);
        known.entry(key).or_insert_with(made).clone()
    }

    /// Dedicated databases.
    pub fn dedicated_databases(&self) -> DedicatedDatabases {
        DedicatedDatabases::new(&self.core)
    }

    /// Deployments.
    pub fn deployments(&self) -> Deployments {
        Deployments::new(&self.core)
    }

    /// Domains of applications.
    pub fn domains(&self) -> Domains {
        Domains::new(&self.core)
    }

    /// Environment variables of applications.
    pub fn environment(&self) -> Environment {
        Environment::new(&self.core)
    }

    /// Events of applications, projects and the account.
    pub fn events(&self) -> Events {
        Events::new(&self.core)
    }

    /// Log drains of applications and add-ons.
    pub fn log_drains(&self) -> LogDrains {
        LogDrains::new(&self.core)
    }

    /// SSH keys of the account.
    pub fn keys(&self) -> SshKeys {
        SshKeys::new(&self.auth)
    }

    /// Logs of applications.
    pub fn logs(&self) -> Logs {
        Logs::new(&self.core)
    }

    /// Metrics of containers.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(&self.core)
    }

    /// Notifiers of applications.
    pub fn notifiers(&self) -> Notifiers {
        Notifiers::new(&self.core)
    }

    /// What notifiers can send to.
    pub fn notification_platforms(&self) -> NotificationPlatforms {
        NotificationPlatforms::new(&self.core)
    }

    /// One-off containers.
    pub fn one_offs(&self) -> OneOffs {
        OneOffs::new(&self.core)
    }

    /// Operations.
    pub fn operations(&self) -> Operations {
        Operations::new(&self.core)
    }

    /// Projects.
    pub fn projects(&self) -> Projects {
        Projects::new(&self.core)
    }

    /// Regions.
    pub fn regions(&self) -> Regions {
        Regions::new(&self.auth)
    }

    /// Connections of the account to platforms of repositories.
    pub fn scm_integrations(&self) -> ScmIntegrations {
        ScmIntegrations::new(&self.auth)
    }

    /// Links between applications and repositories.
    pub fn scm_repo_links(&self) -> ScmRepoLinks {
        ScmRepoLinks::new(&self.core)
    }

    /// Sources.
    pub fn sources(&self) -> Sources {
        Sources::new(&self.core)
    }

    /// Stacks.
    pub fn stacks(&self) -> Stacks {
        Stacks::new(&self.core)
    }

    /// API tokens of the account.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(&self.auth)
    }

    /// A client of another region with the same token: its hosts are looked up in the service's own list, and so
    /// may be those of a region that this version does not know. Connections and options are shared; the limit of a
    /// minute is counted by region.
    ///
    /// # Errors
    ///
    /// If there is no such region, or its hosts are not below the service's own domain.
    pub fn in_region(&self, region: impl Into<Region>) -> Composite<Self> {
        self.search(region.into())
    }

    #[inline]
    fn search(&self, region: Region) -> Composite<Self> {
        let this = self.clone();
        Composite::new(&self.auth, "the search", move |client| async move {
            let all = Regions::new(&client).list().await?;
            let Some(info) = all.iter().find(|info| info.name == region.as_str()) else {
                let names: Vec<_> = all.iter().map(|info| info.name.as_str()).collect();
                let names = names.join(", ");
                let problem = format!("is none of the account: {region:?} (there are: {names})");
                return Err(Error::invalid_input("region", problem));
            };
            let (api, database) = info.hosts([this.core.base_url(), this.auth.base_url()])?;
            Ok(Self {
                hubs: hub::Hubs::default(),
                database: this.core.elsewhere(&database, this.credential.clone())?,
                databases: Arc::default(),
                core: this.core.elsewhere(&api, this.credential.clone())?,
                ..this
            })
        })
    }

    /// The live stream of an application: all its deployments, until it is dropped.
    pub fn live(&self, app: impl Into<AppRef>) -> Live {
        Live::new(connection::Connection::new(&self.core, app.into()))
    }

    /// Follows one deployment to its end.
    pub fn follow(&self, app: impl Into<AppRef>, deployment: impl Into<DeploymentId>) -> Follow {
        Follow::new(&self.hubs, &self.core, app.into(), deployment.into())
    }

    /// The client beneath of the authentication API, to call what this crate does not cover.
    pub fn auth_core(&self) -> &deploykit_core::Client {
        &self.auth
    }

    /// The client beneath, to call what this crate does not cover.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.core
    }
}

/// Collects what a [`Client`] needs: a token, and a region if it is not `osc-fr1`.
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    bearer: Option<Secret>,
    region: Option<Region>,
    /// The paths of both may be secrets.
    base_url: Option<Secret>,
    auth_url: Option<Secret>,
    database_url: Option<Secret>,
    token_store: Option<Arc<dyn TokenStore>>,
    options: Options,
}

impl ClientBuilder {
    /// A lasting API token (`tk-us-…`), exchanged for bearer tokens as needed.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// A bearer token, used as it is until it expires. Takes the place of an API token.
    pub fn bearer(mut self, token: impl Into<Secret>) -> Self {
        self.bearer = Some(token.into());
        self
    }

    /// The region. Default `osc-fr1`.
    pub fn region(mut self, region: impl Into<Region>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// Address of the API, in place of the region's: a host, with or without `https://` and `/v1`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(url));
        self
    }

    /// Address of the API that exchanges tokens. Default: the service's own; that of
    /// [`base_url`](Self::base_url), if that is not a host of the service.
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(Secret::new(url));
        self
    }

    /// Address of the database API. Default: the one beside the regional API; that of
    /// [`base_url`](Self::base_url), if that is not a host of the service.
    pub fn database_url(mut self, url: impl Into<String>) -> Self {
        self.database_url = Some(Secret::new(url));
        self
    }

    /// Shares the bearer token with other programs that have the same API token, through this store: one of them
    /// exchanges it. Default: each program makes its own exchange.
    pub fn token_in(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.token_store = Some(store);
        self
    }

    deploykit_core::builder_options!(options);

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If the token is missing or empty, the region is not known, or an address is none.
    pub fn build(self) -> Result<Client> {
        let api_url = match (&self.base_url, &self.region) {
            (Some(url), _) => region::normalize(url.expose()),
            (None, Some(region)) if !region.is_known() => {
                let known = Region::KNOWN.join(", ");
                let problem = format!(
                    "is not a known region: {region:?} (known: {known}; others: Client::in_region)"
                );
                return Err(Error::invalid_input("region", problem));
            }
            (None, region) => region.as_ref().unwrap_or(&Region::OscFr1).api_url(),
        };
        deploykit_core::parse_base_url(&api_url)?;
        let auth_url = address("auth_url", self.auth_url, || region::auth_url_of(&api_url))?;
        let database_url = self.database_url;
        let database_url = address("database_url", database_url, || {
            region::database_url_of(&api_url)
        })?;
        let (options, shared) = self.options.share()?;
        // No id of the service has a slash: one is a mistake, not a name.
        let builder = deploykit_core::Client::builder(&api_url)
            .refuse_slashes()
            .options(options);
        let (builder, credential): (_, Arc<dyn Credential>) = match (self.bearer, self.token) {
            (Some(bearer), _) => {
                let problem = "is empty or has characters no header can carry";
                let builder = builder.limits_of(&bearer);
                let token = Token::bearer(bearer);
                (
                    builder,
                    Arc::new(token.map_err(|_| Error::invalid_input("bearer", problem))?),
                )
            }
            (None, Some(api_token)) if api_token.is_blank() => {
                return Err(Error::invalid_input("token", "is empty"));
            }
            (None, Some(api_token)) => {
                let mut exchanged = tokens::exchanged(&auth_url, &api_token, shared)?;
                if let Some(store) = self.token_store {
                    let origin = deploykit_core::parse_base_url(&auth_url)?.origin();
                    let origin = origin.ascii_serialization();
                    exchanged = exchanged.shared_in(store, &origin, &api_token);
                }
                (builder.limits_of(&api_token), Arc::new(exchanged))
            }
            (None, None) => return env::given(None, "token", Some(TOKEN_VARIABLE)),
        };
        let core = builder.shared_credential(credential.clone()).build()?;
        Ok(Client {
            hubs: hub::Hubs::default(),
            auth: core.elsewhere(&auth_url, credential.clone())?,
            database: core.elsewhere(&database_url, credential.clone())?,
            databases: Arc::default(),
            core,
            credential,
        })
    }
}

/// The address that was given, or that of the service.
fn address(name: &str, given: Option<Secret>, own: impl FnOnce() -> String) -> Result<String> {
    let address = given.map_or_else(own, |url| region::normalize(url.expose()));
    if deploykit_core::parse_base_url(&address).is_err() {
        return Err(Error::invalid_input(
            name,
            "is no http or https address of a server alone",
        ));
    }
    Ok(address)
}
