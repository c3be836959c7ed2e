//! Events: releases, markers, maintenance, downtime.

use deploykit_core::{Error, Secret, endpoints, id, model, open_enum, request};

id! {
    /// An event.
    pub struct EventId(u64);

    /// A secret address for events of other systems, by its number.
    pub struct ExternalId(String);
}

endpoints! {
    /// Marks in a project's timeline. The project's own API key stands in the body: neither token nor organization
    /// is needed, see [`events_only`](crate::ClientBuilder::events_only).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let api_key = sandbox.api_key("app1").unwrap_or_default();
    /// use deploykit_tideways::{Client, EventType, NewEvent};
    ///
    /// let tideways = Client::builder().events_only().base_url(sandbox.base_url()).build()?;
    /// let window = NewEvent::new(api_key, "Database upgrade", EventType::Maintenance).end_after(30);
    /// let event = tideways.events().create(&window).await?;
    /// assert_eq!(event.environment, "production");
    /// # Ok(())
    /// # }
    /// ```
    pub struct Events;

    /// Creates an event. Each call makes another one, so it is never repeated by itself after it may have arrived.
    createEvent: POST "/api/events" => create(body: &NewEvent) -> Event [public];

    /// Creates an event by a secret address that was made in the dashboard:
    /// `…/api/events/external/{id}/{secret}`. It is never repeated by itself, either.
    createExternalEvent: POST "/api/events/external/{id}/{secret}"
        => create_external(id: ExternalId, secret: String, body: &NewEvent) -> Event [public, secret_path];
}

open_enum! {
    /// What an event is.
    pub enum EventType {
        /// A release: what follows is compared with what was before.
        Release = "release",
        /// A mark.
        Marker = "marker",
        /// A maintenance window.
        Maintenance = "maintenance",
        /// A downtime.
        Down = "down",
    }
}

request! {
    /// An event to create.
    pub struct NewEvent {
        required {
            /// API key of the project.
            #[serde(rename = "apiKey")]
            api_key: Secret,
            /// Name: the version of a release.
            name: String,
            /// What it is.
            #[serde(rename = "type")]
            kind: EventType,
        }
        optional {
            /// More about it.
            description: String,
            /// Environment; `production` unless set.
            environment: String,
            /// Service; `web`, or the project's default, unless set.
            service: String,
            /// After so many minutes a release is compared with what was before; 90 unless set. The service takes
            /// 5 to 1440.
            #[serde(rename = "compareAfterMinutes")]
            compare_after_minutes: u32,
            /// What only some types of event have.
            options: EventOptions,
        }
    }
    check |it| {
        for (field, empty) in [("apiKey", it.api_key.is_blank()), ("name", it.name.trim().is_empty())] {
            if empty {
                return Err(Error::invalid_input(field, "is empty"));
            }
        }
        Ok(())
    }
}

impl NewEvent {
    /// Ends a maintenance window after so many minutes; 60 unless set.
    #[must_use]
    pub fn end_after(self, minutes: u32) -> Self {
        self.options(EventOptions::new().end_after(minutes))
    }
}

request! {
    /// What only some types of event have.
    pub struct EventOptions {
        optional {
            /// A maintenance window ends after so many minutes.
            #[serde(rename = "endAfter")]
            end_after: u32,
        }
    }
}

model! {
    /// An event that was created.
    pub struct Event {
        required {
            /// Identifies it.
            id: EventId,
        }
        /// Whether it was done.
        ok: Option<bool> as deploykit_core::de::boolean,
        /// Organization and project: `acme/shop`.
        name: String,
        /// Environment that it is in.
        environment: String,
        /// Service that it is in.
        service: String,
        /// The releases that it made.
        releases: Vec<EventRelease>,
    }
}

model! {
    /// A release that an event made.
    pub struct EventRelease {
        required {
            /// Identifies it.
            id: EventId,
        }
        /// Its name: the version.
        name: String,
        /// Environment that it is in.
        environment: String,
        /// Service that it is in.
        service: String,
    }
}
