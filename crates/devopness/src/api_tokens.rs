//! API Tokens.

use deploykit_core::{Secret, Time};

use crate::projects::{Project, ProjectId};
use crate::roles::{RoleId, RoleRelation};
use crate::users::UserRelation;

deploykit_core::endpoints! {
    /// API tokens of a project: restricted to what their role permits inside it.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::api_tokens::NewApiToken;
    /// use jiff::{Timestamp, ToSpan, Unit};
    ///
    /// let in_a_month = Timestamp::now().round(Unit::Second)? + 720.hours();
    /// let new = NewApiToken::new("Deploys", 1u64, in_a_month);
    /// let created = client.api_tokens().add(1u64, &new).await?;
    /// assert!(created.token.is_some(), "the token itself is shown this once");
    /// # Ok(())
    /// # }
    /// ```
    pub struct ApiTokens;

    /// Lists the tokens of a project.
    listProjectApiTokens: GET "/projects/{project_id}/tokens"
        => list_by_project(project_id: ProjectId) -> Pages<ApiTokenRelation>;

    /// Creates a token. The answer is the only one that holds it.
    /// Errors: 401, 403.
    addProjectApiToken: POST "/projects/{project_id}/tokens"
        => add(project_id: ProjectId, body: &NewApiToken) -> ApiToken;

    /// Fetches a token, without its secret.
    /// Errors: 404.
    getProjectApiToken: GET "/projects/{project_id}/tokens/{token_id}"
        => get(project_id: ProjectId, token_id: ApiTokenId) -> ApiToken;

    /// Revokes a token: it can't be used any more.
    /// Errors: 403, 404.
    revokeProjectApiToken: DELETE "/projects/{project_id}/tokens/{token_id}/revoke"
        => revoke(project_id: ProjectId, token_id: ApiTokenId);

    /// Replaces a token by a new one, which the answer holds. See
    /// [`Client::rotate_api_token`](crate::Client::rotate_api_token).
    /// Errors: 403, 404.
    rotateProjectApiToken: POST "/projects/{project_id}/tokens/{token_id}/rotate"
        => rotate(project_id: ProjectId, token_id: ApiTokenId, body: &ApiTokenRotation) -> ApiToken;
}

deploykit_core::endpoints! {
    /// Personal access tokens: each may do what its user may do.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// let page = client.personal_access_tokens().list().await?;
    /// println!("{} tokens", page.items.len());
    /// # Ok(())
    /// # }
    /// ```
    pub struct PersonalAccessTokens;

    /// Lists the user's tokens.
    listUserPersonalAccessTokens: GET "/users/personal-access-tokens"
        => list() -> Pages<PersonalAccessTokenRelation>;

    /// Creates a token. The answer is the only one that holds it.
    /// Errors: 401, 403.
    addUserPersonalAccessToken: POST "/users/personal-access-tokens"
        => add(body: &NewPersonalAccessToken) -> PersonalAccessToken;

    /// Fetches a token, without its secret.
    /// Errors: 404.
    getUserPersonalAccessToken: GET "/users/personal-access-tokens/{personal_access_token_id}"
        => get(personal_access_token_id: PersonalAccessTokenId) -> PersonalAccessToken;

    /// Revokes a token: it can't be used any more.
    /// Errors: 403, 404.
    revokeUserPersonalAccessToken: DELETE "/users/personal-access-tokens/{personal_access_token_id}/revoke"
        => revoke(personal_access_token_id: PersonalAccessTokenId);

    /// Replaces a token by a new one, which the answer holds. See
    /// [`Client::rotate_personal_access_token`](crate::Client::rotate_personal_access_token).
    /// Errors: 403, 404.
    rotateUserPersonalAccessToken: POST "/users/personal-access-tokens/{personal_access_token_id}/rotate"
        => rotate(personal_access_token_id: PersonalAccessTokenId, body: &PersonalAccessTokenRotation)
        -> PersonalAccessToken;
}

deploykit_core::id! {
    /// A project token.
    pub struct ApiTokenId(String);

    /// A personal access token.
    pub struct PersonalAccessTokenId(String);
}

deploykit_core::model! {
    /// A project's API token. It is restricted to what its role permits inside the project.
    pub struct ApiToken {
        required {
            /// Identifies the token.
            id: ApiTokenId,
        }
        /// Name of the token.
        name: String,
        /// What kind of token it is.
        kind = "type": ApiTokenType,
        /// The token itself. It is shown once, in the answer that made it; later it is none.
        token: Option<Secret>,
        /// Where the token stands.
        status: ApiTokenStatus,
        /// What the token may do.
        role: Option<RoleRelation>,
        /// The project that it is for.
        project: Option<Project>,
        /// When it was last used; none if never.
        last_used_at: Option<Time>,
        /// When it expires.
        expires_at: Time,
        /// When it was revoked; none if it was not.
        revoked_at: Option<Time>,
        /// When it was last changed.
        updated_at: Time,
        /// When it was created.
        created_at: Time,
    }
}

deploykit_core::model! {
    /// A project's API token, as listed.
    pub struct ApiTokenRelation {
        required {
            /// Identifies the token.
            id: ApiTokenId,
        }
        /// Name of the token.
        name: String,
        /// What kind of token it is.
        kind = "type": ApiTokenType,
        /// Where the token stands.
        status: ApiTokenStatus,
        /// What the token may do.
        role: Option<RoleRelation>,
        /// When it was last used; none if never.
        last_used_at: Option<Time>,
        /// When it expires.
        expires_at: Time,
        /// When it was revoked; none if it was not.
        revoked_at: Option<Time>,
        /// When it was last changed.
        updated_at: Time,
        /// When it was created.
        created_at: Time,
    }
}

deploykit_core::model! {
    /// A user's token. It may do whatever its user may do, in all projects.
    pub struct PersonalAccessToken {
        required {
            /// Identifies the token.
            id: PersonalAccessTokenId,
        }
        /// Name of the token.
        name: String,
        /// What kind of token it is.
        kind = "type": ApiTokenType,
        /// The token itself. It is shown once, in the answer that made it; later it is none.
        token: Option<Secret>,
        /// Where the token stands.
        status: ApiTokenStatus,
        /// The user whose permissions it has.
        user: Option<UserRelation>,
        /// When it was last used; none if never.
        last_used_at: Option<Time>,
        /// When it expires.
        expires_at: Time,
        /// When it was revoked; none if it was not.
        revoked_at: Option<Time>,
        /// When it was last changed.
        updated_at: Time,
        /// When it was created.
        created_at: Time,
    }
}

deploykit_core::model! {
    /// A user's token, as listed.
    pub struct PersonalAccessTokenRelation {
        required {
            /// Identifies the token.
            id: PersonalAccessTokenId,
        }
        /// Name of the token.
        name: String,
        /// What kind of token it is.
        kind = "type": ApiTokenType,
        /// Where the token stands.
        status: ApiTokenStatus,
        /// The user whose permissions it has.
        user: Option<UserRelation>,
        /// When it was last used; none if never.
        last_used_at: Option<Time>,
        /// When it expires.
        expires_at: Time,
        /// When it was revoked; none if it was not.
        revoked_at: Option<Time>,
        /// When it was last changed.
        updated_at: Time,
        /// When it was created.
        created_at: Time,
    }
}

deploykit_core::request! {
    /// A project token to create.
    pub struct NewApiToken {
        required {
            /// Name of the token. 3 to 255 characters.
            name: String,
            /// The role that says what the token may do.
            role_id: RoleId,
            /// When it is to expire. Within the next year.
            expires_at: Time,
        }
    }
}

deploykit_core::request! {
    /// What a rotated project token is to be like.
    pub struct ApiTokenRotation {
        required {
            /// Identifies the token.
            id: ApiTokenId,
            /// When the new token is to expire. Within the next year.
            expires_at: Time,
        }
    }
}

deploykit_core::request! {
    /// A personal access token to create.
    pub struct NewPersonalAccessToken {
        required {
            /// Name of the token. 3 to 255 characters.
            name: String,
            /// When it is to expire. Within the next year.
            expires_at: Time,
        }
    }
}

deploykit_core::request! {
    /// What a rotated personal access token is to be like.
    pub struct PersonalAccessTokenRotation {
        required {
            /// Identifies the token.
            id: PersonalAccessTokenId,
            /// When the new token is to expire. Within the next year.
            expires_at: Time,
        }
    }
}

deploykit_core::open_enum! {
    /// Whether a token can be used.
    pub enum ApiTokenStatus {
        /// It can.
        Active = "active",
        /// Its time is over.
        Expired = "expired",
        /// It was revoked.
        Revoked = "revoked",
    }
}

deploykit_core::open_enum! {
    /// Whose permissions a token has.
    pub enum ApiTokenType {
        /// Those of its user.
        PersonalAccessToken = "personal_access_token",
        /// Those of its role, in one project.
        ProjectApiToken = "project_api_token",
    }
}

deploykit_core::open_enum! {
    /// How a token begins, by its type.
    pub enum ApiTokenTypePrefix {
        /// A personal access token.
        PersonalAccessToken = "devopness_pat",
        /// A project token.
        Project = "devopness_proj",
    }
}
