//! The account that the token belongs to.

use std::collections::BTreeMap;

use deploykit_core::de::{entries, number};
use deploykit_core::{Error, Secret, Time};

use crate::NoFields;

deploykit_core::id! {
    /// The wish to delete an account.
    pub struct DeletionId(String);
}

deploykit_core::endpoints! {
    /// The account, at the authentication API.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let user = client.account().get().await?;
    /// println!("{} <{}>", user.username, user.email);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Account;

    /// Fetches who the token belongs to.
    getSelf: GET "/v1/users/self" => get() -> User [envelope("user")];

    /// Changes mail address, name or password.
    updateAccount: PUT "/v1/users/account" => update(body: &AccountChange) -> User [enveloped("user")];

    /// Lists what users can say that their role is.
    listRoles: GET "/v1/users/roles" => roles() -> Vec<String> [envelope("roles")];

    /// Lists the organizations that the user is part of.
    listOrganizations: GET "/v1/organizations" => organizations() -> Vec<Organization> [envelope("organizations")];

    /// Ends the free trial: from now on, what is used is paid for. A call that may have been carried out is not
    /// repeated.
    stopFreeTrial: POST "/v1/users/stop_free_trial" => stop_free_trial(body: &NoFields) -> TrialAnswer;

    /// Asks for the deletion of the account: the service sends a mail, and what that names
    /// [confirms](Account::confirm_deletion) it. A call that may have been carried out is not repeated.
    requestAccountDeletion: POST "/v1/users/delete" => request_deletion();

    /// Confirms that the account shall be deleted, by what the mail names: **it and all that it owns is gone then**,
    /// applications, databases and backups. A call that may have been carried out is not repeated.
    confirmAccountDeletion: POST "/v1/users/delete/{deletion_id}/confirm"
        => confirm_deletion(deletion_id: DeletionId, body: &AccountDeletion) [body_envelope("deletion")];
}

deploykit_core::model! {
    /// A user of the platform.
    pub struct User {
        required {
            /// Id: `us-…`.
            id: String as deploykit_core::__private::text_id,
        }
        /// Name on the platform.
        username: String,
        /// Mail address.
        email: String,
        /// Another id.
        uuid: Option<String>,
        /// Name.
        fullname: Option<String>,
        /// Company.
        company: Option<String>,
        /// Place.
        location: Option<String>,
        /// What the user does.
        role: Option<String>,
        /// When the account was made.
        created_at: Option<Time>,
        /// When its free trial began,
        free_trial_started_at: Option<Time>,
        /// and ends.
        free_trial_end_time: Option<Time>,
        /// When it was suspended,
        suspended_at: Option<Time>,
        /// and why.
        suspension_reason: Option<String>,
        /// Whether the terms were accepted.
        tos_accepted: Option<bool>,
        /// Whether it gets the newsletter.
        email_newsletter: Option<bool>,
        /// Whether all that is needed is known of it.
        profile_valid: Option<bool>,
        /// Whether the mail address was confirmed.
        confirmed: Option<bool>,
        /// A new mail address that was not confirmed yet.
        unconfirmed_email: Option<String>,
        /// Address that invites others.
        referral_url: Option<String>,
        /// How often it was used.
        referral_clicks: Option<i64> as number,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as entries,
        /// Limits: numbers, or numbers as text.
        limits: BTreeMap<String, serde_json::Value>,
        /// Its account at GitHub.
        github: Option<GithubAccount>,
        /// How its dashboard looks.
        preferences: Option<Preferences>,
        /// Which contracts it has accepted.
        contracts: BTreeMap<String, bool> as entries,
        /// Which new contracts it has accepted.
        new_contracts: BTreeMap<String, bool> as entries,
    }
}

deploykit_core::model! {
    /// An account at GitHub.
    pub struct GithubAccount {
        /// Name.
        username: Option<String>,
        /// Mail address.
        email: Option<String>,
        /// Address of its picture.
        avatar_url: Option<String>,
        /// Its page.
        profile_url: Option<String>,
    }
}

deploykit_core::model! {
    /// How a user's dashboard looks.
    pub struct Preferences {
        /// Time zone.
        time_zone: Option<String>,
        /// Language.
        locale: Option<String>,
        /// Whether logs are shown as they come.
        stream_logs: Option<bool>,
        /// Whether a search is remembered.
        sticky_search: Option<bool>,
        /// By what applications are sorted.
        app_sort_key: Option<String>,
        /// Colours.
        theme: Option<String>,
        /// Size of the letters of logs.
        logs_font_size: Option<String>,
    }
}

deploykit_core::model! {
    /// An organization.
    pub struct Organization {
        required {
            /// Id.
            id: String as deploykit_core::__private::text_id,
        }
        /// Name.
        name: String,
        /// Name in addresses.
        slug: Option<String>,
        /// When it was made.
        created_at: Option<Time>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as entries,
    }
}

deploykit_core::request! {
    /// A change of the account; what is not set stays.
    pub struct AccountChange {
        optional {
            /// Mail address; it has to be confirmed.
            email: String,
            /// Name on the platform.
            username: String,
            /// Password.
            password: Secret,
        }
    }
    check |it| {
        match (&it.email, &it.username, &it.password) {
            (None, None, None) => Err(Error::invalid_input("change", "is empty")),
            (Some(email), _, _) if !email.contains('@') => Err(Error::invalid_input("email", "is no mail address")),
            (_, Some(name), _) if name.trim().is_empty() => Err(Error::invalid_input("username", "is empty")),
            (_, _, Some(password)) if password.is_blank() => Err(Error::invalid_input("password", "is empty")),
            _ => Ok(()),
        }
    }
}

deploykit_core::model! {
    /// What came of ending the free trial.
    pub struct TrialAnswer {
        /// In the service's words.
        message: Option<String>,
    }
}

deploykit_core::request! {
    /// Confirms that an account shall be deleted.
    pub struct AccountDeletion {
        required {
            /// Proves that the mail was read.
            token: Secret,
        }
        optional {
            /// Why.
            reason: String,
            /// More about it.
            details: String,
        }
    }
    check |it| {
        match it.token.is_blank() {
            true => Err(Error::invalid_input("token", "is empty")),
            false => Ok(()),
        }
    }
}
