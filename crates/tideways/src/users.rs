//! The members of the organization.

use deploykit_core::{Error, endpoints, request};

use crate::client::HOURLY;

endpoints! {
    /// The members of the organization, by e-mail. The token needs the `users` scope.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use deploykit_tideways::Emails;
    ///
    /// let team = Emails::new(vec!["ada@example.com".to_owned()]);
    /// tideways.users().invite(&team).await?;
    /// tideways.users().invite(&team).await?; // skips who is there already
    /// # Ok(())
    /// # }
    /// ```
    pub struct Users(organization);

    /// Invites people. Who is invited or a member already is skipped, so it may be called as often as one likes.
    inviteUsers: POST "/apps/api/organizations/{organization}/users/invite" => invite(body: &Emails)
        [idempotent, quota(&HOURLY)];

    /// Removes people.
    removeUsers: DELETE "/apps/api/organizations/{organization}/users" => remove(body: &Emails) [quota(&HOURLY)];
}

request! {
    /// People, by e-mail.
    pub struct Emails {
        required {
            /// Their addresses.
            emails: Vec<String>,
        }
    }
    check |it| {
        if it.emails.is_empty() || it.emails.iter().any(|email| email.trim().is_empty()) {
            return Err(Error::invalid_input("emails", "is empty"));
        }
        Ok(())
    }
}
