//! Users.

mod models;

pub use models::*;

use crate::environments::EnvironmentRelation;
use crate::projects::Project;
use crate::resource_events::SubscriptionId;
use crate::teams::Invitation;

deploykit_core::endpoints! {
    /// Users, and what they have.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// let me = client.users().me().await?;
    /// println!("{} <{}>", me.name, me.email);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Users;

    /// Registers a user.
    /// Errors: 422.
    #[deprecated = "the service deprecates it"]
    addUser: POST "/users" => add();

    /// Has the e-mail that verifies a new user sent again.
    /// Errors: 422.
    resendVerificationUser: POST "/users/account/resend-verification"
        => resend_verification(body: &ResendVerification);

    /// Verifies a new user.
    /// Errors: 403, 422.
    #[deprecated = "the service deprecates it"]
    verifyUser: POST "/users/account/verify" => verify();

    /// Fetches what the user pays for.
    getUserBilling: GET "/users/billing" => billing() -> UserBilling;

    /// Logs a user in.
    /// Errors: 401, 403, 422.
    #[deprecated = "the service deprecates it; use a personal access token"]
    loginUser: POST "/users/login" => login() -> Login;

    /// Logs the user out: the token can't be used any more.
    /// Errors: 401.
    #[deprecated = "the service deprecates it"]
    getUserLogout: GET "/users/logout" => logout() [acts()];

    /// Fetches the user whose token it is.
    getUserMe: GET "/users/me" => me() -> User;

    /// Logs in again with a refresh token.
    /// Errors: 401, 422.
    #[deprecated = "the service deprecates it; use a personal access token"]
    refreshTokenUser: POST "/users/refresh-token" => refresh_token(body: &TokenRefresh) -> Login;

    /// Fetches the address at which the subscription is managed.
    getUserUrls: GET "/users/urls" => urls() -> UserUrl;

    /// Fetches a user by number or URL slug.
    /// Errors: 403.
    getUser: GET "/users/{user_id}" => get(user_id: UserKey) -> User;

    /// Changes a user.
    /// Errors: 403, 422.
    #[deprecated = "the service deprecates it"]
    updateUser: PUT "/users/{user_id}" => update(user_id: UserKey);

    /// Fetches what a user has access to and did.
    /// Errors: 403.
    getUserActivity: GET "/users/{user_id}/activity" => activity(user_id: UserKey) -> UserActivity;

    /// Lists the environments that a user has access to.
    /// Errors: 403.
    listUserEnvironments: GET "/users/{user_id}/environments"
        => environments(user_id: UserKey, query: &ListUserEnvironments) -> Pages<EnvironmentRelation>;

    /// Sets a new password.
    /// Errors: 422.
    #[deprecated = "the service deprecates it"]
    resetUserPassword: POST "/users/password/reset" => reset_password(body: &NewPassword) -> PasswordReset;

    /// Has a link sent that a new password can be set with.
    /// Errors: 422.
    #[deprecated = "the service deprecates it"]
    sendResetLinkUserPassword: POST "/users/password/send-reset-link" => send_reset_link();

    /// Lists the projects that a user has access to.
    /// Errors: 403.
    listUserProjects: GET "/users/{user_id}/projects"
        => projects(user_id: UserKey, query: &ListUserProjects) -> Pages<Project>;

    /// Lists the invitations that the user got.
    listUserTeamInvitations: GET "/users/team-invitations" => team_invitations() -> Pages<Invitation>;
}

deploykit_core::id! {
    /// A user.
    pub struct UserId(u64);

    /// A user, by number or URL slug.
    pub struct UserKey(String);
}

deploykit_core::request! {
    /// How to list environments.
    pub struct ListUserEnvironments {
        optional {
            /// Counts the credits that each environment used of this subscription.
            subscription_id: SubscriptionId,
        }
    }
}

deploykit_core::request! {
    /// How to list projects.
    pub struct ListUserProjects {
        optional {
            /// Counts the credits that each project used of this subscription.
            subscription_id: SubscriptionId,
        }
    }
}

impl From<UserId> for UserKey {
    fn from(id: UserId) -> Self {
        Self::from(id.to_string())
    }
}
