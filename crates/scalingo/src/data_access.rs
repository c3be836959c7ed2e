//! Consents that let the operator's staff look into an application.

use deploykit_core::{Error, Nullable, Time};

use crate::{API, AppRef};

deploykit_core::endpoints! {
    /// Consents to look into an application: its containers, its databases, or both, for a while.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{DataAccessUntil, Time};
    /// use jiff::{SignedDuration, Timestamp};
    ///
    /// let tomorrow = Time::from(Timestamp::now() + SignedDuration::from_hours(24));
    /// let until = DataAccessUntil::new().containers_until(tomorrow);
    /// let consent = client.data_access().consent("example-app", &until).await?;
    /// assert!(consent.databases_until.is_none());
    /// client.data_access().withdraw("example-app").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct DataAccess;

    /// Lets the operator's staff look into an application until a moment, at the most 30 days ahead.
    ///
    /// The service judges the moment by its own clock: one too far ahead is refused with 422.
    createDataAccessConsent: POST "/v1/apps/{app}/data_access_consent"
        => consent(app: AppRef, body: &DataAccessUntil) -> DataAccessConsent
        [enveloped("data_access_consent"), quota(&API)];

    /// Changes until when; as with [`consent`](DataAccess::consent), at the most 30 days ahead.
    updateDataAccessConsent: PATCH "/v1/apps/{app}/data_access_consent"
        => change(app: AppRef, body: &DataAccessUntil) -> DataAccessConsent
        [enveloped("data_access_consent"), idempotent, quota(&API)];

    /// Takes the consent back, for containers and databases.
    deleteDataAccessConsent: DELETE "/v1/apps/{app}/data_access_consent" => withdraw(app: AppRef) [quota(&API)];
}

deploykit_core::model! {
    /// Until when the operator's staff may look into an application.
    pub struct DataAccessConsent {
        /// The application.
        app_id: Option<String>,
        /// Who consented.
        user_id: Option<String>,
        /// Until when into its databases; nothing if they may not.
        databases_until: Option<Time>,
        /// Until when into its containers; nothing if they may not.
        containers_until: Option<Time>,
    }
}

deploykit_core::request! {
    /// Until when the operator's staff may look into an application.
    pub struct DataAccessUntil {
        optional {
            /// Until when into its databases; `Nullable::Null` takes that back.
            databases_until: Nullable<Time>,
            /// Until when into its containers; `Nullable::Null` takes that back.
            containers_until: Nullable<Time>,
        }
    }
    check |it| {
        match (&it.databases_until, &it.containers_until) {
            (None, None) => Err(Error::invalid_input("until", "is empty")),
            _ => Ok(()),
        }
    }
}
