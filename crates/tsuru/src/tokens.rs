//! Tokens.

use std::time::Duration;

use deploykit_core::{Secret, Time, endpoints, model, request};

use crate::AppName;

endpoints! {
    /// Tokens with which apps call the server.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
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

model! {
    /// A token of an app.
    pub struct AppToken {
        required {
            /// The token.
            token = "token" | "Token": Secret,
        }
        /// When it was made. A date that can't be read keeps its text.
        creation = "creation" | "Creation": Time,
        /// How long it can be used, in nanoseconds; see [`lifetime`](Self::lifetime).
        expires = "expires" | "Expires": Option<i64>,
        /// The app.
        app = "app" | "App" | "AppName" | "appname": Option<AppName>,
        /// User that it belongs to; empty for an app's.
        email = "email" | "Email": Option<String>,
    }
}

impl AppToken {
    /// How long it can be used, from its creation on.
    pub fn lifetime(&self) -> Option<Duration> {
        u64::try_from(self.expires?).ok().map(Duration::from_nanos)
    }
}
