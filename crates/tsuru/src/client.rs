//! The client: target, token, login.

use deploykit_core::{Composite, Error, Options, Result, Secret, Token, env};

use crate::detect::{self, Server};
use crate::restart::RestartBy;
use crate::{
    Apps, Generation, Healers, Instances, Login, Platforms, Quotas, Services, Teams, Tokens,
    UserEmail, Users, v1,
};

pub(crate) const TARGET_VARIABLE: &str = "TSURU_TARGET";

/// A client of one server (target). Cheap to clone; clones share everything.
#[derive(Debug, Clone)]
pub struct Client {
    core: deploykit_core::Client,
    pub(crate) restart_with: RestartBy,
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

    /// Asks the server at this address which one it is, and hands out the right client, without a token. With
    /// one, and with other settings: [`ClientBuilder::detect`].
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// use deploykit_tsuru::{Client, Server};
    ///
    /// match Client::builder().target(sandbox.base_url()).token(sandbox.token()).detect().await? {
    ///     Server::V1(tsuru) => println!("{} apps", tsuru.apps().list(&Default::default()).await?.len()),
    ///     Server::Old(tsuru) => println!("{} apps, of 2014", tsuru.apps().list().await?.len()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If it cannot be asked, or is no tsuru server: the error names what it found.
    pub async fn detect(target: impl Into<String>) -> Result<Server> {
        Self::builder().target(target).detect().await
    }

    /// A client from `TSURU_TARGET` and `TSURU_TOKEN`, as the official client reads them.
    ///
    /// # Errors
    ///
    /// If one of them is missing or empty.
    pub fn from_env() -> Result<Self> {
        Self::new(
            env::required(TARGET_VARIABLE)?,
            env::required("TSURU_TOKEN")?,
        )
    }

    /// Apps.
    pub fn apps(&self) -> Apps {
        Apps::new(&self.core)
    }

    /// Services, for those who provide them.
    pub fn services(&self) -> Services {
        Services::new(&self.core)
    }

    /// Service instances.
    pub fn instances(&self) -> Instances {
        Instances::new(&self.core)
    }

    /// Quotas.
    pub fn quotas(&self) -> Quotas {
        Quotas::new(&self.core)
    }

    /// Healers.
    pub fn healers(&self) -> Healers {
        Healers::new(&self.core)
    }

    /// Platforms.
    pub fn platforms(&self) -> Platforms {
        Platforms::new(&self.core)
    }

    /// Users, their sessions and keys.
    pub fn users(&self) -> Users {
        Users::new(&self.core)
    }

    /// Teams.
    pub fn teams(&self) -> Teams {
        Teams::new(&self.core)
    }

    /// App tokens.
    pub fn tokens(&self) -> Tokens {
        Tokens::new(&self.core)
    }

    /// Logs a user in. This client stays as it is; the session has one that sends the new token.
    ///
    /// # Errors
    ///
    /// 401 if the password is wrong, 404 if there is no such user, 400 if the password is empty or too
    /// short. Servers up to 0.4 answer 500 to all of these.
    pub fn login(
        &self,
        email: impl Into<UserEmail>,
        password: impl Into<Secret>,
    ) -> Composite<Session> {
        let (this, email, login) = (self.clone(), email.into(), Login::new(password));
        Composite::new(&self.core, "the login", move |client| async move {
            let given = Users::new(&client).login(email, &login).await?;
            let core = this.core.with_credential(token(given.token.clone())?);
            Ok(Session {
                client: Self { core, ..this },
                token: given.token,
                is_admin: given.is_admin,
            })
        })
    }

    /// The client below, for operations that this crate doesn't cover.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.core
    }
}

/// Settings of a [`Client`].
#[derive(Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    /// Its path may be a secret.
    target: Option<Secret>,
    token: Option<Secret>,
    restart_with: RestartBy,
    options: Options,
}

impl ClientBuilder {
    /// Address of the server; `http://` is put before one without a scheme.
    pub fn target(mut self, target: impl Into<String>) -> Self {
        self.target = Some(Secret::new(target));
        self
    }

    /// The user's token. Without one, only what needs no user can be called: login, creating a user where
    /// the server allows it, resetting a password.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The [target](Self::target), as the clients of other services call it.
    pub fn base_url(self, base_url: impl Into<String>) -> Self {
        self.target(base_url)
    }

    /// How [`Client::restart`] begins: by GET as documented, unless set, or by POST for servers from 0.5 on.
    /// If the server has no such route, it goes on with the other.
    pub fn restart_with(mut self, method: RestartBy) -> Self {
        self.restart_with = method;
        self
    }

    deploykit_core::builder_options!(options);

    /// Asks which server it is, and makes the client for it. As [`Client::detect`].
    ///
    /// # Errors
    ///
    /// As [`Client::detect`] and [`build`](Self::build).
    pub async fn detect(self) -> Result<Server> {
        let (first, second) = self.options.share()?;
        let old = Self {
            options: first,
            ..self
        };
        let modern = v1::ClientBuilder::of(old.target.clone(), old.token.clone(), second);
        let old = old.build()?;
        match detect::generation(&old).await? {
            Generation::Modern => Ok(Server::V1(modern.build()?)),
            _ => Ok(Server::Old(old)),
        }
    }

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
        Ok(Client {
            core: builder.build()?,
            restart_with: self.restart_with,
        })
    }
}

/// A user who is logged in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Session {
    /// A client that sends the token.
    pub client: Client,
    /// The token, to be kept for the next time.
    pub token: Secret,
    /// Whether the user is an administrator; some servers don't tell.
    pub is_admin: Option<bool>,
}

impl Session {
    /// Ends the session: the server forgets the token.
    ///
    /// # Errors
    ///
    /// As any call.
    pub fn logout(self) -> Composite<()> {
        Composite::new(self.client.core(), "the logout", move |client| async move {
            Users::new(&client).logout().await.map(|_| ())
        })
    }
}

pub(crate) fn token(token: Secret) -> Result<Token> {
    if token.expose().trim().contains(char::is_whitespace) {
        return Err(Error::invalid_input("token", "has white space inside"));
    }
    Token::with_scheme("bearer ", token)
}

/// As the official client reads `TSURU_TARGET`.
pub(crate) fn address(target: &str) -> String {
    let target = target.trim();
    if target.contains("://") {
        target.to_owned()
    } else {
        format!("http://{target}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_without_a_scheme_are_http() {
        let base = |target: &str| {
            Client::builder()
                .target(target)
                .build()
                .unwrap()
                .core
                .base_url()
                .to_string()
        };
        assert_eq!(
            base("tsuru.example.com:8080"),
            "http://tsuru.example.com:8080/"
        );
        assert_eq!(
            base(" https://tsuru.example.com/ "),
            "https://tsuru.example.com/"
        );
        assert_eq!(
            base("HTTPS://tsuru.example.com"),
            "https://tsuru.example.com/"
        );
    }

    #[test]
    fn bad_settings_are_refused() {
        for token in ["", "  ", "bearer abc", "a  b"] {
            assert!(
                Client::builder()
                    .target("tsuru")
                    .token(token)
                    .build()
                    .is_err(),
                "{token:?}"
            );
        }
        for target in ["", "ftp://tsuru.example.com", "file:///etc/passwd"] {
            let error = Client::builder().target(target).build().unwrap_err();
            assert!(error.to_string().contains("`target`"), "{error}");
        }
    }
}
