//! Ways to log in.

use deploykit_core::{Composite, Error, ErrorKind, Secret, Text, endpoints, model};

use super::{Client, Users};
use crate::client::token;
use crate::list::List;
use crate::{Login, LoginToken, UserEmail};

endpoints! {
    /// Ways to log in.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// use deploykit_tsuru::v1::Client;
    ///
    /// let anyone = Client::builder().target(sandbox.base_url()).build()?;
    /// for scheme in anyone.auth().schemes().await? {
    ///     println!("{}", scheme.name);
    /// }
    /// let session = anyone.login("admin@example.com", "123456").await?;
    /// session.client.apps().list(&Default::default()).await?;
    /// session.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Auth;

    /// Lists the ways to log in.
    authSchemes: GET "/1.18/auth/schemes" => schemes() -> Vec<Scheme> via Schemes [public, empty_means("[]")];

    /// Gives the way to log in by default.
    authScheme: GET "/1.0/auth/scheme" => scheme() -> Scheme [public];

    /// Logs in; what it wants depends on the [scheme](Self::scheme). [`Client::login`] does it with a password.
    authLogin: POST "/1.0/auth/login" => login(body: &serde_json::Value) -> LoginToken [public];

    /// Tells about the server itself.
    info: GET "/1.0/info" => info() -> ServerInfo;

    /// Asks whether the server is well: it answers `WORKING`.
    healthcheck: GET "/1.0/healthcheck" => healthcheck() -> Text [public, accept("text/plain")];
}

type Schemes = List<Scheme>;

model! {
    /// A way to log in.
    pub struct Scheme {
        required {
            /// `native`, `oidc`, `oauth` or `saml`.
            name: String,
        }
        /// Whether it is taken unless another one is named.
        default: Option<bool>,
        /// What it takes.
        data: Option<SchemeData>,
    }
}

model! {
    /// What a way to log in takes.
    pub struct SchemeData {
        /// The program's id at the provider.
        client_id = "clientID" | "clientId": String,
        /// What to ask for.
        scopes: Vec<String>,
        /// Where people log in.
        auth_url = "authURL" | "authUrl": String,
        /// Where an access token is given.
        token_url = "tokenURL" | "tokenUrl": String,
        /// Where people log in, by OAuth.
        authorize_url = "authorizeUrl" | "authorizeURL": String,
        /// Port on which the program waits for the answer.
        port: String,
    }
}

model! {
    /// What a server tells about itself.
    pub struct ServerInfo {
        /// Version.
        version: String,
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

impl Client {
    /// Logs a user in by password, where the server keeps passwords itself. This client stays as it is; the
    /// session has one that sends the new token.
    ///
    /// Programs do better with a token of a [team](super::Tokens) or the [key of a user](super::Users::api_key).
    ///
    /// # Errors
    ///
    /// 401 if the password is wrong, 404 if there is no such user. If the server knows its users from
    /// elsewhere (OIDC, OAuth, SAML), an error of kind [`Credential`](ErrorKind::Credential) that says what
    /// it wants.
    pub fn login(
        &self,
        email: impl Into<UserEmail>,
        password: impl Into<Secret>,
    ) -> Composite<Session> {
        let (this, email, login) = (self.clone(), email.into(), Login::new(password));
        Composite::new(self.core(), "the login", move |client| async move {
            let limited = Self::over(client);
            let given = match limited.users().login(email, &login).await {
                Ok(given) => given,
                Err(refused) if refused.status().is_none() => return Err(refused),
                Err(refused) => return Err(limited.explained(refused).await),
            };
            let core = this.core().with_credential(token(given.token.clone())?);
            Ok(Session {
                client: Self::over(core),
                token: given.token,
            })
        })
    }

    /// The refusal itself, unless the server has no passwords.
    async fn explained(&self, refused: Error) -> Error {
        let schemes = match self.auth().schemes().await {
            Ok(schemes) => schemes,
            // Before 1.18 there is only one.
            Err(_) => self.auth().scheme().await.into_iter().collect(),
        };
        if schemes.is_empty() || schemes.iter().any(|scheme| scheme.name == "native") {
            return refused;
        }
        let ways: Vec<_> = schemes.iter().map(Scheme::explained).collect();
        let message = format!(
            "the server keeps no passwords: {}; programs use a token of a team",
            ways.join("; or ")
        );
        Error::new(ErrorKind::Credential, message).with_source(refused)
    }
}

impl Scheme {
    /// How a program comes by a token.
    fn explained(&self) -> String {
        let data = self.data.as_ref();
        let told = |value: fn(&SchemeData) -> &String| {
            let value = data.map(value).filter(|value| !value.is_empty());
            value.map_or("the provider", String::as_str)
        };
        match self.name.as_str() {
            "oidc" => format!(
                "OIDC wants an access token of {} (client id {}, people log in at {}), which is then the token here",
                told(|data| &data.token_url),
                told(|data| &data.client_id),
                told(|data| &data.auth_url),
            ),
            "oauth" => format!(
                "OAuth wants the code that people get at {}, given to `auth().login` with its redirect address",
                told(|data| &data.authorize_url),
            ),
            "saml" => "SAML wants people to log in with a browser".to_owned(),
            other => format!("{other} is not known here"),
        }
    }
}
