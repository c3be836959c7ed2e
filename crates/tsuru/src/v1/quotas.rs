//! Quotas: how much a user, team or app may have.

use deploykit_core::{endpoints, model, request};

use crate::{AppName, Done, TeamName, UserEmail};

endpoints! {
    /// Quotas.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().app("myapp").start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::NewLimit;
    ///
    /// tsuru.quotas().set_of_app("myapp", &NewLimit::new(10)).await?;
    /// assert_eq!(tsuru.quotas().of_app("myapp").await?.limit, Some(10));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Quotas;

    /// How many units an app may have.
    AppQuotaGet: GET "/1.0/apps/{app}/quota" => of_app(app: AppName) -> Quota;

    /// Changes how many units an app may have. 403 if it has more.
    AppQuotaChange: PUT "/1.0/apps/{app}/quota" => set_of_app(app: AppName, body: &NewLimit) -> Done;

    /// How many apps a user may have.
    UserQuotaGet: GET "/1.0/users/{email}/quota" => of_user(email: UserEmail) -> Quota;

    /// Changes how many apps a user may have.
    UserQuotaChange: PUT "/1.0/users/{email}/quota" => set_of_user(email: UserEmail, body: &NewLimit) -> Done;

    /// How many apps a team may have.
    TeamQuotaGet: GET "/1.12/teams/{team}/quota" => of_team(team: TeamName) -> Quota;

    /// Changes how many apps a team may have.
    TeamQuotaChange: PUT "/1.12/teams/{team}/quota" => set_of_team(team: TeamName, body: &NewLimit) -> Done;
}

model! {
    /// How much there may be.
    pub struct Quota {
        /// The most; −1 is no limit.
        limit = "limit" | "Limit": Option<i64>,
        /// How much there is.
        in_use = "inuse" | "InUse": Option<i64>,
    }
}

request! {
    /// Another limit.
    pub struct NewLimit {
        required {
            /// The most; −1 is no limit.
            limit: i64,
        }
    }
}
