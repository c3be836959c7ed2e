//! What the token may do.

use deploykit_core::{de, endpoints, model, open_enum};

endpoints! {
    /// What the client's token may do: worth a look before a long job.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::Scope;
    ///
    /// let token = tideways.token().info().await?;
    /// assert!(token.has(&Scope::Metrics));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Token;

    /// The token's scopes and projects. It doesn't count against the hourly limit.
    tokenInfo: GET "/apps/api/_token" => info() -> TokenInfo;
}

open_enum! {
    /// What a token may be used for.
    pub enum Scope {
        /// Performance, summary, transactions, history.
        Metrics = "metrics",
        /// Traces.
        Traces = "traces",
        /// Issues; `errors` is its older name.
        Issues = "issues",
        /// The older name of `issues`.
        Errors = "errors",
        /// The older provisioning, and servers.
        Deployment = "deployment",
        /// The newer provisioning.
        Provisioning = "provisioning",
        /// Members of the organization.
        Users = "users",
        /// Traces that are asked for.
        Cli = "cli",
    }
}

model! {
    /// What a token may do.
    pub struct TokenInfo {
        /// What it may be used for.
        scopes: Vec<Scope>,
        /// The projects that it sees.
        projects: Vec<TokenProject>,
        /// Whether it has expired.
        expired: Option<bool> as de::boolean,
    }
}

impl TokenInfo {
    /// Whether it may be used for this. `errors` is the older name of `issues`.
    pub fn has(&self, scope: &Scope) -> bool {
        let issues = [Scope::Issues, Scope::Errors];
        self.scopes.contains(scope)
            || (issues.contains(scope) && self.scopes.iter().any(|has| issues.contains(has)))
    }
}

model! {
    /// A project that a token sees.
    pub struct TokenProject {
        required {
            /// Organization and project: `acme/shop`.
            name: String,
        }
        /// Its licence, if it has one.
        license: Option<String>,
    }
}
