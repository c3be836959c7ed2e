//! Resource Events.

use deploykit_core::Time;
use serde::{Deserialize, Serialize};

use crate::resources::{ResourceId, ResourceType};
use crate::users::UserId;

deploykit_core::endpoints! {
    /// Resource events: what happened to a resource.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::resources::ResourceType;
    ///
    /// let events = client.resource_events().list_by_resource(ResourceType::Application, 1u64).await?;
    /// println!("{} events", events.items.len());
    /// # Ok(())
    /// # }
    /// ```
    pub struct ResourceEvents;

    /// Lists what happened to a resource.
    listResourceEventsByResourceType: GET "/events/{resource_type}/{resource_id}"
        => list_by_resource(resource_type: ResourceType, resource_id: ResourceId)
        -> Pages<ResourceEventRelation>;

    /// Reports something that happened to a resource.
    /// Errors: 403, 422.
    addResourceEvent: POST "/events/{resource_type}/{resource_id}"
        => add(resource_type: ResourceType, resource_id: EventSubject) -> ResourceEvent;
}

deploykit_core::id! {
    /// An event.
    pub struct ResourceEventId(u64);

    /// A subscription.
    pub struct SubscriptionId(u64);

    /// What an event happened to, as the service names it: a number or a text.
    pub struct EventSubject(String);
}

/// What an event did to its resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceEvent {
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// What it happened to.
    pub resource_id: EventSubject,
    /// The resource as it is now.
    pub resource_data: Option<Subscription>,
}

/// Something that happened to a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResourceEventRelation {
    /// Identifies the event.
    pub id: ResourceEventId,
    /// What happened.
    pub event_type: String,
    /// Type of the resource.
    pub resource_type: ResourceType,
    /// What it happened to.
    pub resource_id: ResourceId,
    /// What is to be said about it.
    pub message: Option<String>,
    /// The user who caused it.
    pub triggered_by: Option<UserId>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A user's subscription.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Identifies the subscription.
    pub id: Option<SubscriptionId>,
    /// The user who subscribed.
    pub user_id: Option<UserId>,
    /// Name of the plan.
    pub plan_name: Option<String>,
    /// State of the subscription.
    pub status: Option<String>,
    /// How many of the plan were bought.
    pub quantity: Option<u32>,
    /// Price of one.
    pub price_unit: Option<f64>,
    /// Price of all.
    pub price_total: Option<f64>,
    /// Currency of the prices.
    pub price_currency: Option<String>,
    /// When it was cancelled; none if it was not.
    pub cancelled_at: Option<Time>,
    /// When it ends.
    pub ends_at: Option<Time>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
    /// What was used in this billing period.
    pub current_balance: Option<SubscriptionBalance>,
    /// What was used in each billing period.
    pub balances: Option<Vec<SubscriptionBalance>>,
}

/// What was used of a subscription in one billing period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubscriptionBalance {
    /// Credits of the billing period.
    pub credits: Option<Credits>,
    /// What credits are counted in.
    pub unit: Option<String>,
    /// When the billing period began.
    pub billing_period_started_at: Option<Time>,
    /// When the billing period ends.
    pub billing_period_ends_at: Option<Time>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// Credits: what actions are paid with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credits {
    /// Credits of the billing period.
    pub limit: Option<f64>,
    /// Credits that were used.
    pub used: Option<f64>,
    /// Credits that are left.
    pub remaining: Option<f64>,
}
