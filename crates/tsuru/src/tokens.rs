//! Tokens.

use std::time::Duration;

use deploykit_core::{Secret, Time, endpoints, request};
use serde::{Deserialize, Serialize};

use crate::AppName;
use crate::spelling::any_spelling;

endpoints! {
    /// Tokens with which apps call the server.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::NewAppToken;
    ///
    /// let token = tsuru.tokens().generate(&NewAppToken::new("myapp")).await?;
    /// assert!(token.lifetime().is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub struct Tokens;

    /// Generates a token for an app.
    /// Only administrators may: 403. 400 if no app is named. Servers from 0.10 on have no such route.
    generateAppToken: POST "/tokens" => generate(body: &NewAppToken) -> AppToken;
}

request! {
    /// Whom to generate a token for.
    pub struct NewAppToken {
        required {
            /// The app.
            client: AppName,
        }
        optional {
            /// Whether to set it in the app's environment, too.
            export: bool,
        }
    }
}

/// A token of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub struct AppToken {
    /// The token.
    pub token: Secret,
    /// When it was made. A date that can't be read keeps its text.
    pub creation: Time,
    /// How long it can be used, in nanoseconds; see [`lifetime`](Self::lifetime).
    pub expires: i64,
    /// The app.
    pub app: AppName,
    /// User that it belongs to; empty for an app's.
    #[serde(default)]
    pub email: Option<String>,
}

any_spelling!(AppToken, "appname" => "app");

impl AppToken {
    /// How long it can be used, from its creation on.
    pub fn lifetime(&self) -> Option<Duration> {
        u64::try_from(self.expires).ok().map(Duration::from_nanos)
    }
}
