//! Webhooks: what the server calls after events.

use std::collections::BTreeMap;

use deploykit_core::{Secret, endpoints, id, request};
use serde::Deserialize;

use crate::list::List;
use crate::{Done, TeamName};

id! {
    /// A webhook, by name.
    pub struct WebhookName(String);
}

endpoints! {
    /// Webhooks.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::{WebhookFilter, Webhook};
    ///
    /// let deploys = WebhookFilter::new().kind_names(["app.deploy".to_owned()]);
    /// let hook = Webhook::new("deploys", "https://example.com/hook").event_filter(deploys).team_owner("admin");
    /// tsuru.webhooks().create(&hook).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Webhooks;

    /// Lists the webhooks.
    WebhookList: GET "/1.6/events/webhooks" => list() -> Vec<Webhook> via WebhookItems [empty_means("[]")];

    /// Tells about one webhook.
    WebhookGet: GET "/1.6/events/webhooks/{webhook}" => get(webhook: WebhookName) -> Webhook;

    /// Adds a webhook. 409 if it exists.
    WebhookCreate: POST "/1.6/events/webhooks" => create(body: &Webhook) -> Done;

    /// Changes a webhook: sends it whole.
    WebhookUpdate: PUT "/1.6/events/webhooks/{webhook}" => update(webhook: WebhookName, body: &Webhook) -> Done;

    /// Removes a webhook.
    WebhookDelete: DELETE "/1.6/events/webhooks/{webhook}" => remove(webhook: WebhookName) -> Done;
}

type WebhookItems = List<Webhook>;

request! {
    /// A webhook.
    pub struct Webhook {
        required {
            /// Its name.
            name: WebhookName,
            /// What is called; may hold a secret.
            #[serde(default = "blank", deserialize_with = "unless_null")]
            url: Secret,
        }
        optional {
            /// What it is for.
            description: String,
            /// Team that owns it.
            team_owner: TeamName,
            /// After which events.
            event_filter: WebhookFilter,
            /// Through which proxy.
            proxy_url: Secret,
            /// Headers to send; may hold secrets.
            #[serde(default, deserialize_with = "headers")]
            headers: BTreeMap<String, Vec<Secret>>,
            /// `POST` unless set.
            method: String,
            /// What to send, as a Go template; the event unless set.
            body: String,
            /// Whether the certificate may be anybody's.
            insecure: bool,
        }
    }
}

fn blank() -> Secret {
    Secret::new("")
}

type Headers = BTreeMap<String, Vec<Secret>>;

/// A header may have null for no values.
fn headers<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Headers>, D::Error> {
    let all = Option::<BTreeMap<String, Option<Vec<Secret>>>>::deserialize(deserializer)?;
    let valued = |(name, values): (String, Option<_>)| (name, values.unwrap_or_default());
    Ok(all.map(|all| all.into_iter().map(valued).collect()))
}

fn unless_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    <Secret as deploykit_core::Absent>::read(deserializer)
}

request! {
    /// After which events; all unless something is said.
    #[derive(Default)]
    pub struct WebhookFilter {
        optional {
            /// About these types of things.
            target_types: Vec<String>,
            /// About things of these names.
            target_values: Vec<String>,
            /// Of these types of kinds.
            kind_types: Vec<String>,
            /// Of these kinds.
            kind_names: Vec<String>,
            /// Only what failed.
            error_only: bool,
            /// Only what did not.
            success_only: bool,
        }
    }
}
