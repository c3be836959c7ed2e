//! Notifiers: who is told of events.

use deploykit_core::{Error, Secret, Time};

use crate::{API, AppRef, EventTypeId};

deploykit_core::id! {
    /// A notifier: `no-…`.
    pub struct NotifierId(String);
    /// A platform that notifiers send to.
    pub struct NotificationPlatformId(String);
}

deploykit_core::endpoints! {
    /// Notifiers of applications: they tell people and programs of [events](crate::Events) and
    /// [alerts](crate::Alerts).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{NewNotifier, NotifierData};
    ///
    /// let webhooks = client.notification_platforms().search("webhook").await?;
    /// let deployed = client.events().types().await?.into_iter().filter(|one| one.name == "app_deployed");
    /// let notifier = NewNotifier::new(&webhooks[0].id, "Deployments")
    ///     .selected_event_ids(deployed.map(|one| one.id).collect::<Vec<_>>())
    ///     .type_data(NotifierData::new().webhook_url("https://example.com/hook"));
    /// let made = client.notifiers().create("example-app", &notifier).await?;
    /// client.notifiers().test("example-app", made.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Notifiers;

    /// Lists the notifiers of an application.
    listNotifiers: GET "/v1/apps/{app}/notifiers" => list(app: AppRef) -> Vec<Notifier>
        [envelope("notifiers"), quota(&API)];

    /// Makes a notifier. A call that may have been carried out is not repeated.
    createNotifier: POST "/v1/apps/{app}/notifiers" => create(app: AppRef, body: &NewNotifier) -> Notifier
        [enveloped("notifier"), quota(&API)];

    /// Fetches one notifier.
    getNotifier: GET "/v1/apps/{app}/notifiers/{notifier_id}" => get(app: AppRef, notifier_id: NotifierId) -> Notifier
        [envelope("notifier"), quota(&API)];

    /// Changes a notifier.
    updateNotifier: PATCH "/v1/apps/{app}/notifiers/{notifier_id}"
        => update(app: AppRef, notifier_id: NotifierId, body: &NotifierChange) -> Notifier
        [enveloped("notifier"), idempotent, quota(&API)];

    /// Deletes a notifier.
    deleteNotifier: DELETE "/v1/apps/{app}/notifiers/{notifier_id}" => delete(app: AppRef, notifier_id: NotifierId)
        [quota(&API)];

    /// Sends a notification to try a notifier out.
    testNotifier: POST "/v1/apps/{app}/notifiers/{notifier_id}/test" => test(app: AppRef, notifier_id: NotifierId)
        [quota(&API)];
}

deploykit_core::endpoints! {
    /// Platforms that notifiers send to: mail, Slack, webhooks, …
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().speed(1000.0).start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// let platforms = client.notification_platforms();
    /// let webhook = platforms.search("webhook").await?.remove(0);
    /// assert_eq!(platforms.get(webhook.id).await?.name, "webhook");
    /// # Ok(())
    /// # }
    /// ```
    pub struct NotificationPlatforms;

    /// Lists the platforms.
    listNotificationPlatforms: GET "/v1/notification_platforms" => list() -> Vec<NotificationPlatform>
        [envelope("notification_platforms"), quota(&API)];

    /// Fetches one platform.
    getNotificationPlatform: GET "/v1/notification_platforms/{platform_id}"
        => get(platform_id: NotificationPlatformId) -> NotificationPlatform
        [envelope("notification_platform"), quota(&API)];

    /// Lists the platforms of a name; [`search`](NotificationPlatforms::search) takes the name alone.
    searchNotificationPlatforms: GET "/v1/notification_platforms/search"
        => search_by(query: &PlatformName) -> Vec<NotificationPlatform> [envelope("notification_platforms"), quota(&API)];
}

impl NotificationPlatforms {
    /// Lists the platforms of a name: `webhook`, `slack`, `email`.
    pub fn search(
        &self,
        name: impl Into<String>,
    ) -> deploykit_core::Call<Vec<NotificationPlatform>> {
        self.search_by(&PlatformName::new(name))
    }
}

deploykit_core::model! {
    /// A platform that notifiers send to.
    pub struct NotificationPlatform {
        required {
            /// Id.
            id: NotificationPlatformId,
        }
        /// Name.
        name: String,
        /// Name to show.
        display_name: Option<String>,
        /// Address of its picture.
        logo_url: Option<String>,
        /// A few words on it.
        description: Option<String>,
        /// Types of events that it takes.
        available_event_ids: Vec<EventTypeId>,
    }
}

deploykit_core::model! {
    /// A notifier.
    pub struct Notifier {
        required {
            /// Id.
            id: NotifierId,
        }
        /// Id of the application.
        app_id: Option<String>,
        /// Name of the application.
        app: Option<String>,
        /// Name.
        name: String,
        /// Name of its platform: `webhook`, `slack`, `email`.
        kind = "type": Option<String>,
        /// Its platform.
        platform_id: Option<NotificationPlatformId>,
        /// Whether it is switched on.
        active: Option<bool>,
        /// Whether it sends all events.
        send_all_events: Option<bool>,
        /// Whether it sends all alerts.
        send_all_alerts: Option<bool>,
        /// Types of events that it sends.
        selected_event_ids: Vec<EventTypeId>,
        /// Where it sends to.
        type_data: Option<NotifierData>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// Where a notifier sends to: what is needed depends on its platform.
    pub struct NotifierData {
        optional {
            /// Address of a webhook, of Slack or of Rocket.Chat; it may hold a token.
            webhook_url: Secret,
            /// Mail addresses.
            emails: Vec<String>,
            /// Users who get a mail.
            user_ids: Vec<String>,
            /// Telephone number.
            phone_number: String,
        }
    }
}

deploykit_core::request! {
    /// A notifier to make.
    pub struct NewNotifier {
        required {
            /// Its platform.
            platform_id: NotificationPlatformId,
            /// Name.
            name: String,
        }
        optional {
            /// Whether it is switched on.
            active: bool,
            /// Whether it sends all events.
            send_all_events: bool,
            /// Whether it sends all alerts.
            send_all_alerts: bool,
            /// Types of events that it sends.
            selected_event_ids: Vec<EventTypeId>,
            /// Where it sends to.
            type_data: NotifierData,
        }
    }
    check |it| {
        if it.name.trim().is_empty() {
            return Err(Error::invalid_input("name", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// A change of a notifier; what is not set stays as it is.
    pub struct NotifierChange {
        optional {
            /// Name.
            name: String,
            /// Whether it is switched on.
            active: bool,
            /// Whether it sends all events.
            send_all_events: bool,
            /// Whether it sends all alerts.
            send_all_alerts: bool,
            /// Types of events that it sends.
            selected_event_ids: Vec<EventTypeId>,
            /// Where it sends to.
            type_data: NotifierData,
        }
    }
}

deploykit_core::request! {
    /// Which platforms.
    pub struct PlatformName {
        required {
            /// Their name.
            name: String,
        }
    }
}
