//! Tokens: the lasting API token is exchanged for a bearer token that lasts an hour.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deploykit_core::{Basic, Client, Exchanged, ExchangedToken, Options, Result, Secret, Time};
use serde::{Deserialize, Serialize};

deploykit_core::endpoints! {
    /// API tokens, at the authentication API.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::NewToken;
    ///
    /// let token = client.tokens().create(&NewToken::new("ci")).await?;
    /// // Its text is told only now.
    /// assert!(token.token.is_some());
    /// client.tokens().delete(token.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Tokens;

    /// Exchanges an API token (sent as the password of a nameless user) for a bearer token.
    ///
    /// Fails with 401 if the API token is unknown.
    exchangeToken: POST "/v1/tokens/exchange" => exchange(body: &NoFields) -> Secret
        [envelope("token"), idempotent];

    /// Lists the API tokens of the account, without what is secret of them.
    listTokens: GET "/v1/tokens" => list() -> Vec<ApiToken> [envelope("tokens")];

    /// Makes an API token; only this answer has its text. A call that may have been carried out is not repeated.
    createToken: POST "/v1/tokens" => create(body: &NewToken) -> ApiToken [enveloped("token")];

    /// Fetches one API token, without what is secret of it.
    getToken: GET "/v1/tokens/{id}" => get(id: TokenId) -> ApiToken [envelope("token")];

    /// Gives an API token another text, which only this answer has; the old one ends.
    renewToken: PATCH "/v1/tokens/{id}/renew" => renew(id: TokenId) -> ApiToken [envelope("token")];

    /// Deletes an API token.
    deleteToken: DELETE "/v1/tokens/{id}" => delete(id: TokenId);
}

deploykit_core::id! {
    /// An API token; not its text.
    pub struct TokenId(String);
}

deploykit_core::model! {
    /// An API token.
    pub struct ApiToken {
        required {
            /// Id.
            id: TokenId,
        }
        /// Name.
        name: String,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was used last.
        last_used_at: Option<Time>,
        /// When it got its text.
        issued_at: Option<Time>,
        /// Its text, where it was just made.
        token: Option<Secret>,
    }
}

deploykit_core::request! {
    /// An API token to make.
    pub struct NewToken {
        required {
            /// Name.
            name: String,
        }
    }
    check |it| { crate::apps::not_empty("name", &it.name) }
}

/// A body without fields: `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoFields {}

impl deploykit_core::Payload for NoFields {}

/// How long before its end a bearer token is no longer used.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// What the service documents, for bearer tokens that do not tell.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// No bearer token is used for longer than this, whatever it tells of itself.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A credential that exchanges the API token when needed.
pub(crate) fn exchanged(
    auth_url: &str,
    api_token: &Secret,
    options: Options,
) -> Result<ExchangedToken> {
    let client = Client::builder(auth_url)
        .credential(Basic::new("", api_token)?)
        .options(options)
        .build()?;
    let tokens = Tokens::new(&client);
    Ok(ExchangedToken::new(
        MARGIN,
        Box::new(move || {
            let call = tokens.exchange(&NoFields {});
            Box::pin(async move {
                let token = call.await?;
                let lifetime = lifetime(token.expose(), SystemTime::now()).unwrap_or(LIFETIME);
                Ok(Exchanged { token, lifetime })
            })
        }),
    ))
}

/// How long a JWT can still be used; none for a token that is no JWT, or one that does not tell.
fn lifetime(token: &str, now: SystemTime) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Option<f64>,
    }

    let claims = token.split('.').nth(1)?.trim_end_matches('=');
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    let end = Duration::try_from_secs_f64(claims.exp?).ok()?;
    let now = now.duration_since(UNIX_EPOCH).ok()?;
    Some(end.saturating_sub(now).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt(claims: &str) -> String {
        format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn the_lifetime_is_read_from_a_jwt_and_assumed_otherwise() {
        let now = UNIX_EPOCH + Duration::from_secs(1_590_753_928);
        let read = |token: &str| lifetime(token, now);
        assert_eq!(
            read(&jwt(
                r#"{"iss":"Scalingo","iat":1590753928,"exp":1590757528}"#
            )),
            Some(Duration::from_secs(3600))
        );
        assert_eq!(read(&jwt(r#"{"exp":1}"#)), Some(Duration::ZERO));
        assert_eq!(read(&jwt(r#"{"exp":1e19}"#)), Some(LONGEST));
        for opaque in [
            "the-bearer-token",
            "a.b.c",
            "",
            &jwt("{}"),
            &jwt(r#"{"exp":-1}"#),
        ] {
            assert_eq!(read(opaque), None, "{opaque}");
        }
    }
}
