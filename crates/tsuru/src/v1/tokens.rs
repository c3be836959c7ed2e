//! Tokens of teams, for programs.

use deploykit_core::{Secret, Time, endpoints, id, model, request};

use crate::list::List;
use crate::{Done, TeamName, lenient};

id! {
    /// A token of a team, by its id.
    pub struct TokenId(String);
}

endpoints! {
    /// Tokens of teams.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::NewToken;
    ///
    /// let made = tsuru.tokens().create(&NewToken::new("admin").description("CI").expires_in(3600)).await?;
    /// let robot = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(made.token).build()?;
    /// # let _ = robot.apps().list(&Default::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Tokens;

    /// Lists the tokens of the user's teams.
    TeamTokensList: GET "/1.6/tokens" => list() -> Vec<TeamToken> via TokenItems [empty_means("[]")];

    /// Tells about one token.
    TeamTokenInfo: GET "/1.7/tokens/{token_id}" => get(token_id: TokenId) -> TeamToken;

    /// Makes a token. 409 if the id exists.
    TeamTokenCreate: POST "/1.6/tokens" => create(body: &NewToken) -> TeamToken;

    /// Changes a token, or makes its secret anew.
    TeamTokenUpdate: PUT "/1.6/tokens/{token_id}" => update(token_id: TokenId, body: &TokenChange) -> TeamToken
        [acts];

    /// Removes a token.
    TeamTokenDelete: DELETE "/1.6/tokens/{token_id}" => remove(token_id: TokenId) -> Done;
}

type TokenItems = List<TeamToken>;

model! {
    /// A token of a team.
    pub struct TeamToken {
        required {
            /// Its id, which is no secret.
            token_id: TokenId,
        }
        /// What is sent.
        token: Secret,
        /// What it is for.
        description: String,
        /// When it was made.
        created_at: Option<Time> as lenient::time,
        /// When it ends; none if never.
        expires_at: Option<Time> as lenient::time,
        /// When it was used last; none if never.
        last_access: Option<Time> as lenient::time,
        /// Who made it.
        creator_email: String,
        /// Whose it is.
        team: String,
        /// What it may do.
        roles: Vec<TokenRole>,
    }
}

model! {
    /// What a token may do.
    pub struct TokenRole {
        /// Role.
        name = "name" | "Name": String,
        /// Where: the name of a team or app.
        context = "contextvalue" | "ContextValue": String,
    }
}

request! {
    /// A token to make.
    pub struct NewToken {
        required {
            /// Whose it is.
            team: TeamName,
        }
        optional {
            /// Its id; the server finds one unless set.
            token_id: TokenId,
            /// What it is for.
            description: String,
            /// Seconds until it ends; never unless set.
            expires_in: i64,
        }
    }
}

request! {
    /// What to change of a token.
    #[derive(Default)]
    pub struct TokenChange {
        optional {
            /// What it is for.
            description: String,
            /// Seconds from now until it ends; −1 is never.
            expires_in: i64,
            /// Makes its secret anew: the old one ends.
            regenerate: bool,
        }
    }
}
