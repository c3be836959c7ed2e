//! Resource Events.

use deploykit_core::Time;

use crate::resources::{ResourceId, ResourceType};
use crate::users::UserId;

deploykit_core::endpoints! {
    /// Resource events: what happened to a resource.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
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

deploykit_core::model! {
    /// What an event did to its resource.
    pub struct ResourceEvent {
        /// Type of the resource.
        resource_type: ResourceType,
        /// What it happened to.
        resource_id: Option<EventSubject>,
        /// The resource as it is now.
        resource_data: Option<Subscription>,
    }
}

deploykit_core::model! {
    /// Something that happened to a resource.
    pub struct ResourceEventRelation {
        required {
            /// Identifies the event.
            id: ResourceEventId,
        }
        /// What happened.
        event_type: String,
        /// Type of the resource.
        resource_type: ResourceType,
        /// What it happened to.
        resource_id: Option<ResourceId>,
        /// What is to be said about it.
        message: Option<String>,
        /// The user who caused it.
        triggered_by: Option<UserId>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A user's subscription.
    pub struct Subscription {
        /// Identifies the subscription.
        id: Option<SubscriptionId>,
        /// The user who subscribed.
        user_id: Option<UserId>,
        /// Name of the plan.
        plan_name: Option<String>,
        /// State of the subscription.
        status: Option<String>,
        /// How many of the plan were bought.
        quantity: Option<u32>,
        /// Price of one.
        price_unit: Option<f64>,
        /// Price of all.
        price_total: Option<f64>,
        /// Currency of the prices.
        price_currency: Option<String>,
        /// When it was cancelled; none if it was not.
        cancelled_at: Option<Time>,
        /// When it ends.
        ends_at: Option<Time>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
        /// What was used in this billing period.
        current_balance: Option<SubscriptionBalance>,
        /// What was used in each billing period.
        balances: Option<Vec<SubscriptionBalance>>,
    }
}

deploykit_core::model! {
    /// What was used of a subscription in one billing period.
    pub struct SubscriptionBalance {
        /// Credits of the billing period.
        credits: Option<Credits>,
        /// What credits are counted in.
        unit: Option<String>,
        /// When the billing period began.
        billing_period_started_at: Option<Time>,
        /// When the billing period ends.
        billing_period_ends_at: Option<Time>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// Credits: what actions are paid with.
    pub struct Credits {
        /// Credits of the billing period.
        limit: Option<f64>,
        /// Credits that were used.
        used: Option<f64>,
        /// Credits that are left.
        remaining: Option<f64>,
    }
}
