//! The client: token, organization, licence.

use std::time::Duration;

use deploykit_core::{Error, Options, Quota, Result, Secret, Token, env};

use crate::{Applications, Provisioning, Servers};

const BASE_URL: &str = "https://app.tideways.io";

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
    /// Starts a client with a token of the organization, made under *Organizations → API Access* with the
    /// `deployment` scope.
    pub fn builder(token: impl Into<Secret>, organization: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            token: token.into(),
            organization: organization.into(),
            base_url: BASE_URL.into(),
            options: Options::default(),
        }
    }

    /// A client from `TIDEWAYS_TOKEN` and `TIDEWAYS_ORGANIZATION`.
    ///
    /// # Errors
    ///
    /// If one of them is missing or empty.
    pub fn from_env() -> Result<Self> {
        let (token, organization) = ("TIDEWAYS_TOKEN", "TIDEWAYS_ORGANIZATION");
        Self::builder(env::required(token)?, env::required(organization)?).build()
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

    /// The client below, for operations that this crate doesn't cover.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.0
    }
}

/// Settings of a [`Client`].
#[derive(Debug)]
#[must_use]
pub struct ClientBuilder {
    token: Secret,
    organization: String,
    /// Its path may be a secret.
    base_url: Secret,
    options: Options,
}

impl ClientBuilder {
    /// Another address than `https://app.tideways.io`; the `/apps/api` of the paths may stand behind it.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Secret::new(base_url);
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
    /// If the token or the organization is empty, or the base URL is none.
    pub fn build(self) -> Result<Client> {
        if self.organization.trim().is_empty() {
            return Err(Error::invalid_input("organization", "is empty"));
        }
        // The service's pages show the header's whole value, and people copy it.
        let token = self.token.expose().trim();
        let token = match token.split_once(char::is_whitespace) {
            Some((scheme, bare)) if scheme.eq_ignore_ascii_case("bearer") => bare.trim_start(),
            _ => token,
        };
        let token = Secret::from(token);
        let base_url = self.base_url.expose().trim().trim_end_matches('/');
        deploykit_core::Client::builder(base_url.strip_suffix("/apps/api").unwrap_or(base_url))
            .limits_of(&token)
            .credential(Token::bearer(token)?)
            .bind("organization", self.organization.trim())
            .options(self.options)
            .build()
            .map(Client)
    }
}
