//! The client: token, organization, licence.

use std::time::Duration;

use deploykit_core::{Error, Options, Quota, Result, Secret, env};

use crate::{
    ApplicationName, Applications, Events, Issues, Metrics, Provisioning, Release, Servers, Token,
    Traces, Users,
};

const BASE_URL: &str = "https://app.tideways.io";

const TOKEN_VARIABLE: &str = "TIDEWAYS_TOKEN";
const ORGANIZATION_VARIABLE: &str = "TIDEWAYS_ORGANIZATION";

const HOUR: Duration = Duration::from_secs(3600);

/// The limit of all calls. It is not known until the user tells the plan.
pub(crate) static HOURLY: Quota = Quota::new("tideways", u32::MAX, HOUR);

/// Licence of the organization: how many requests an hour it may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Plan {
    /// 2500 requests an hour.
    Pro,
    /// 1000 requests an hour.
    Standard,
    /// 250 requests an hour.
    Basic,
    /// 100 requests an hour.
    Other,
}

impl Plan {
    /// Requests an hour.
    pub const fn requests_per_hour(self) -> u32 {
        match self {
            Self::Pro => 2500,
            Self::Standard => 1000,
            Self::Basic => 250,
            Self::Other => 100,
        }
    }
}

/// A client of one organization. Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Client(deploykit_core::Client);

impl Client {
    /// A client with a token of this organization; see [`ClientBuilder::token`].
    ///
    /// # Errors
    ///
    /// If one of them is empty, or the token cannot be a header.
    pub fn new(token: impl Into<Secret>, organization: impl Into<String>) -> Result<Self> {
        Self::builder()
            .token(token)
            .organization(organization)
            .build()
    }

    /// Starts a client; it needs a [token](ClientBuilder::token) and an
    /// [organization](ClientBuilder::organization), or is for [events alone](ClientBuilder::events_only).
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client from `TIDEWAYS_TOKEN` and `TIDEWAYS_ORGANIZATION`.
    ///
    /// # Errors
    ///
    /// If one of them is missing or empty.
    pub fn from_env() -> Result<Self> {
        Self::new(
            env::required(TOKEN_VARIABLE)?,
            env::required(ORGANIZATION_VARIABLE)?,
        )
    }

    /// Projects on new servers: their API keys.
    pub fn provisioning(&self) -> Provisioning {
        Provisioning::new(&self.0)
    }

    /// The organization's applications.
    pub fn applications(&self) -> Applications {
        Applications::new(&self.0)
    }

    /// The servers of an application.
    pub fn servers(&self) -> Servers {
        Servers::new(&self.0)
    }

    /// Marks in a project's timeline.
    pub fn events(&self) -> Events {
        Events::new(&self.0)
    }

    /// A release of a project: marked, and compared with what was before.
    pub fn release(
        &self,
        project: impl Into<ApplicationName>,
        version: impl Into<String>,
    ) -> Release {
        Release::new(self, project.into(), version.into())
    }

    /// What was measured.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(&self.0)
    }

    /// Errors, slow SQL, deprecations.
    pub fn issues(&self) -> Issues {
        Issues::new(&self.0)
    }

    /// Single requests, taken apart.
    pub fn traces(&self) -> Traces {
        Traces::new(&self.0)
    }

    /// What the token may do.
    pub fn token(&self) -> Token {
        Token::new(&self.0)
    }

    /// The members of the organization.
    pub fn users(&self) -> Users {
        Users::new(&self.0)
    }

    pub(crate) fn over(core: deploykit_core::Client) -> Self {
        Self(core)
    }

    /// The client below, for operations that this crate doesn't cover.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.0
    }
}

/// Settings of a [`Client`].
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    organization: Option<String>,
    events_only: bool,
    /// Its path may be a secret.
    base_url: Option<Secret>,
    options: Options,
}

impl ClientBuilder {
    /// A token of the organization, made under *Organizations → API Access* with the `deployment` scope.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The organization that the calls are about, as it stands in the addresses of its pages.
    pub fn organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// Makes a client for [events](Client::events) alone: they need neither token nor organization. Its other
    /// calls are refused before any request.
    pub fn events_only(mut self) -> Self {
        self.events_only = true;
        self
    }

    /// Another address than `https://app.tideways.io`; the `/apps/api` of the paths may stand behind it.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(base_url));
        self
    }

    /// Keeps within the hourly limit of this licence: a call that would exceed it waits for its turn, for up
    /// to an hour. Without it, calls are held back only while the service itself says that the hour is
    /// used up (`X-RateLimit-Remaining: 0`, or 429).
    pub fn plan(mut self, plan: Plan) -> Self {
        let quota = Quota::new(HOURLY.name, plan.requests_per_hour(), HOUR);
        self.options = self.options.quota(quota);
        self
    }

    deploykit_core::builder_options!(options);

    /// Makes the client.
    ///
    /// # Errors
    ///
    /// If the token or the organization is missing or empty, or the base URL is none.
    pub fn build(self) -> Result<Client> {
        let base_url = self.base_url.as_ref().map_or(BASE_URL, Secret::expose);
        let base_url = base_url.trim().trim_end_matches('/');
        let base_url = base_url.strip_suffix("/apps/api").unwrap_or(base_url);
        let builder = deploykit_core::Client::builder(base_url).options(self.options);
        if self.events_only {
            return builder.build().map(Client);
        }
        let token = env::given(self.token, "token", Some(TOKEN_VARIABLE))?;
        let variable = Some(ORGANIZATION_VARIABLE);
        let organization = env::given(self.organization, "organization", variable)?;
        let organization = organization.trim();
        if organization.is_empty() {
            return Err(Error::invalid_input("organization", "is empty"));
        }
        // The service's pages show the header's whole value, and people copy it.
        let token = token.expose().trim();
        let token = match token.split_once(char::is_whitespace) {
            Some((scheme, bare)) if scheme.eq_ignore_ascii_case("bearer") => bare.trim_start(),
            _ => token,
        };
        let token = Secret::from(token);
        builder
            .limits_of(&token)
            .credential(deploykit_core::Token::bearer(token)?)
            .bind("organization", organization)
            .build()
            .map(Client)
    }
}
