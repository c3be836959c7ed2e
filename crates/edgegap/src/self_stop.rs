//! Ending a deployment from the inside.

use std::fmt;

use deploykit_core::{
    Call, Client, Endpoint, Error, ErrorKind, Method, Options, Request, Result, Secret, Token, env,
};
use url::Url;

use crate::deployments::LOG_STORAGE;
use crate::{BASE_URL, BASE_URL_VARIABLE, ContainerLogStorage, RequestId, Stop, without_version};

const URL_VARIABLE: &str = "ARBITRIUM_DELETE_URL";
const TOKEN_VARIABLE: &str = "ARBITRIUM_DELETE_TOKEN";

/// Hosts of Edgegap are below this domain.
const DOMAIN: &str = "edgegap.com";

const SELF_STOP: Endpoint = Endpoint::new(
    "selfStopDeployment",
    Method::DELETE,
    "/v1/self/stop/{request_id}/{access_point_id}",
)
.summary("Stops the deployment that the program runs in.")
// The access point's id may be the stop key.
.secret_path()
.outcomes(&[410]);

/// Stops the deployment that the program runs in, with the address and token that were injected into it.
///
/// The token is good for this one call only; a token of the organization has no business in a container.
///
/// ```no_run
/// # async fn run() -> Result<(), deploykit_edgegap::Error> {
/// use deploykit_edgegap::SelfStop;
///
/// SelfStop::from_env()?.stop().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SelfStop {
    client: Client,
    request: Request,
}

impl SelfStop {
    /// The operation, as a row of the crate's table.
    pub const ENDPOINTS: &'static [&'static Endpoint] = &[&SELF_STOP];

    /// From `ARBITRIUM_DELETE_URL` and `ARBITRIUM_DELETE_TOKEN`, which every deployment has. The address must
    /// be one of Edgegap, or of the service at `EDGEGAP_API_URL` if that is set.
    ///
    /// # Errors
    ///
    /// If one is missing, or the address is not trusted.
    pub fn from_env() -> Result<Self> {
        let builder = Self::builder()
            .url(env::required(URL_VARIABLE)?)
            .token(env::required(TOKEN_VARIABLE)?);
        match env::optional(BASE_URL_VARIABLE) {
            Some(base_url) => builder.base_url(base_url).build(),
            None => builder.build(),
        }
    }

    /// From an address and a token, as they are injected.
    ///
    /// # Errors
    ///
    /// As [`SelfStopBuilder::build`].
    pub fn new(url: impl Into<Secret>, token: impl Into<Secret>) -> Result<Self> {
        Self::builder().url(url).token(token).build()
    }

    /// Starts with nothing; it needs a [token](SelfStopBuilder::token), and an [address](SelfStopBuilder::url) or a
    /// [deployment](SelfStopBuilder::deployment).
    pub fn builder() -> SelfStopBuilder {
        SelfStopBuilder::default()
    }

    /// Stops the deployment. One that has already ended (410) is no error. Errors: 400, 401, 403, 404, 500.
    ///
    /// `DELETE /v1/self/stop/{request_id}/{access_point_id}` (selfStopDeployment)
    pub fn stop(&self) -> Call<Stop> {
        self.client.call(self.request.clone())
    }
}

/// The address, or the access point's id, may hold the stop key.
#[derive(Debug)]
enum Target {
    Address(Secret),
    Deployment(RequestId, Secret),
}

/// Collects what a [`SelfStop`] needs.
#[derive(Debug, Default)]
#[must_use]
pub struct SelfStopBuilder {
    target: Option<Target>,
    token: Option<Secret>,
    base_url: Option<Secret>,
    logs: Option<ContainerLogStorage>,
    options: Options,
}

impl SelfStopBuilder {
    /// The address that was injected.
    pub fn url(mut self, url: impl Into<Secret>) -> Self {
        self.target = Some(Target::Address(url.into()));
        self
    }

    /// In place of an address: the deployment and its access point's id (a number, or the stop key in its place).
    pub fn deployment(
        mut self,
        request_id: impl Into<RequestId>,
        access_point_id: impl fmt::Display,
    ) -> Self {
        let access_point_id = Secret::new(access_point_id.to_string());
        self.target = Some(Target::Deployment(request_id.into(), access_point_id));
        self
    }

    /// The token that was injected.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Another address for the service, which may see the token.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(Secret::new(base_url));
        self
    }

    /// What becomes of the container's log.
    pub fn logs(mut self, logs: impl Into<ContainerLogStorage>) -> Self {
        self.logs = Some(logs.into());
        self
    }

    deploykit_core::builder_options!(options);

    /// Makes it.
    ///
    /// # Errors
    ///
    /// If something is missing, the token is empty, or the address is neither one of Edgegap over https nor of the base URL's
    /// origin.
    pub fn build(self) -> Result<SelfStop> {
        let target = env::given(self.target, "url", Some(URL_VARIABLE))?;
        let token = env::given(self.token, "token", Some(TOKEN_VARIABLE))?;
        let base_url = self.base_url.as_ref().map(Secret::expose);
        let base_url = base_url.map(without_version);
        let address = match &target {
            Target::Address(address) => Some(trusted(address.expose(), base_url)?),
            Target::Deployment(..) => None,
        };
        let origin = match &address {
            Some(address) => address.origin().ascii_serialization(),
            None => base_url.unwrap_or(BASE_URL).to_owned(),
        };
        let client = Client::builder(origin)
            .credential(Token::with_scheme("", token)?)
            .options(self.options)
            .build()?;
        let mut request = client.request(&SELF_STOP);
        if let Target::Deployment(request_id, access_point_id) = &target {
            request = request
                .segment("request_id", request_id)
                .segment("access_point_id", &access_point_id.expose());
        }
        if let Some(logs) = &self.logs {
            request = request.query_pair(LOG_STORAGE, logs);
        }
        if let Some(mut address) = address {
            if let Some(logs) = &self.logs {
                address
                    .query_pairs_mut()
                    .append_pair(LOG_STORAGE, &logs.to_string());
            }
            request = request.at(address);
        }
        Ok(SelfStop { client, request })
    }
}

/// The address, if it may see the token.
fn trusted(address: &str, base_url: Option<&str>) -> Result<Url> {
    let address = deploykit_core::parse_base_url(address)
        .map_err(|_| Error::invalid_input(URL_VARIABLE, "is no address of a deployment"))?;
    let below_domain = |host: &str| {
        host.strip_suffix(DOMAIN)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_edgegap = address.scheme() == "https"
        && address.port().is_none()
        && address.domain().is_some_and(below_domain);
    let is_base = match base_url {
        Some(base) => deploykit_core::parse_base_url(base)?.origin() == address.origin(),
        None => false,
    };
    if is_edgegap || is_base {
        return Ok(address);
    }
    let origin = address.origin().ascii_serialization();
    let problem = format!("{URL_VARIABLE} points to {origin}, which may not see the token");
    Err(Error::new(ErrorKind::Origin, problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_edgegap_and_the_base_url_see_the_token() {
        let base = Some("http://127.0.0.1:7004");
        for good in [
            "https://api.edgegap.com/v1/self/stop/23c01225b99d/463660",
            "https://edgegap.com/x",
            "http://127.0.0.1:7004/v1/self/stop/9f511e17/660",
        ] {
            assert_eq!(trusted(good, base).unwrap().as_str(), good);
        }
        for bad in [
            "http://api.edgegap.com/v1/self/stop/a/1",
            "https://api.edgegap.com:8443/v1/self/stop/a/1",
            "https://notedgegap.com/v1/self/stop/a/1",
            "https://edgegap.com.evil.net/v1/self/stop/a/1",
            "http://127.0.0.1:7005/v1/self/stop/a/1",
            "https://user:canary@api.edgegap.com/v1/self/stop/a/1",
            "/v1/self/stop/a/1",
        ] {
            let error = trusted(bad, base).unwrap_err().to_string();
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
