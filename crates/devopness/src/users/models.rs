//! Users.

use deploykit_core::{Secret, Time};
use serde::{Deserialize, Serialize};

use super::UserId;
use crate::actions::ActionType;
use crate::resource_events::Subscription;
use crate::resources::ResourceType;
use crate::social_accounts::SocialAccount;

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Identifies the user.
    pub id: UserId,
    /// Name of the user.
    pub name: String,
    /// E-mail address, which is also the log-in.
    pub email: String,
    /// Short name for addresses.
    pub url_slug: Option<String>,
    /// Language of the user interface.
    pub language: Option<Language>,
    /// Whether the user is active.
    pub active: bool,
    /// Accounts elsewhere that the user connected.
    pub social_accounts: Vec<SocialAccount>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A user, inside of other objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserRelation {
    /// Identifies the user.
    pub id: UserId,
    /// Name of the user.
    pub name: String,
    /// E-mail address, which is also the log-in.
    pub email: String,
    /// Short name for addresses.
    pub url_slug: String,
    /// Language of the user interface.
    pub language: Option<Language>,
    /// Whether the user is active.
    pub active: Option<bool>,
    /// When it was created.
    pub created_at: Option<Time>,
    /// When it was last changed.
    pub updated_at: Option<Time>,
}

/// What a user has access to and did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserActivity {
    /// Projects that the user has access to.
    pub projects: AccessCount,
    /// Environments that the user has access to.
    pub environments: AccessCount,
    /// Teams that the user is in.
    pub teams: AccessCount,
    /// Actions that the user triggered.
    pub triggered_actions: TriggeredActions,
}

/// The actions that a user triggered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggeredActions {
    /// Counts over all actions.
    pub summary: Option<TriggeredActionSummary>,
    /// Counts by kind of action.
    pub operations: Option<Vec<TriggeredActionStats>>,
}

/// The actions of one kind that a user triggered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggeredActionStats {
    /// Type of the resource that the actions are about.
    pub resource_type: Option<ResourceType>,
    /// Type of the action.
    pub action_type: Option<ActionType>,
    /// The resource's type in words.
    pub resource_type_human_readable: Option<String>,
    /// The action's type in words.
    pub action_type_human_readable: Option<String>,
    /// Counts of these actions.
    pub summary: Option<TriggeredActionSummary>,
}

/// How many actions are in which state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TriggeredActionSummary {
    /// How many there are in all.
    pub count: Option<u64>,
    /// How many are queued.
    pub queued: Option<u64>,
    /// How many wait to begin.
    pub pending: Option<u64>,
    /// How many are under way.
    pub in_progress: Option<u64>,
    /// How many succeeded.
    pub completed: Option<u64>,
    /// How many failed.
    pub failed: Option<u64>,
}

/// How many projects, environments or teams a user has access to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessCount {
    /// How many the user owns.
    pub owner_of: Option<u64>,
    /// How many the user can use as a member.
    pub member_of: Option<u64>,
}

/// What a user pays for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserBilling {
    /// The subscription in force.
    pub active_subscription: Option<Subscription>,
}

/// Pages for a user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserUrl {
    /// Where the subscription is managed. Whoever has the address has access.
    pub billing_management_url: Secret,
}

/// Tokens of a log-in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Login {
    /// Type of the token, for the `Authorization` header.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    /// Token for calls.
    pub access_token: Secret,
    /// Token that a new log-in can be had for.
    pub refresh_token: Secret,
}

/// What resetting a password said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PasswordReset {
    /// What the service says about it.
    pub message: String,
}

deploykit_core::request! {
    /// Who is to be sent the verification again.
    pub struct ResendVerification {
        required {
            /// E-mail address of the user. A valid address.
            email: String,
        }
    }
}

deploykit_core::request! {
    /// A token to get a new log-in for.
    pub struct TokenRefresh {
        required {
            /// The refresh token of the last log-in.
            refresh_token: Secret,
        }
    }
}

deploykit_core::request! {
    /// A new password, and the permission to set it.
    pub struct NewPassword {
        required {
            /// The token from the e-mail that a reset link was asked for with.
            token: Secret,
            /// E-mail address of the user.
            email: String,
            /// The new password.
            password: Secret,
            /// The new password again.
            password_confirmation: Secret,
        }
    }
}

deploykit_core::open_enum! {
    /// Language of the user interface.
    pub enum Language {
        /// English.
        English = "en",
        /// Portuguese.
        Portuguese = "pt",
    }
}
