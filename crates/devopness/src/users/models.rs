//! Users.

use deploykit_core::{Secret, Time};

use super::UserId;
use crate::actions::ActionType;
use crate::resource_events::Subscription;
use crate::resources::ResourceType;
use crate::social_accounts::SocialAccount;

deploykit_core::model! {
    /// A user. Since 2025-11-25 other users tell no more than `id`, `url_slug` and `type`.
    pub struct User {
        required {
            /// Identifies the user.
            id: UserId,
        }
        /// Whether it is a person; the user of the token leaves it out.
        kind = "type": Option<UserType>,
        /// Name of the user.
        name: String,
        /// E-mail address, which is also the log-in.
        email: String,
        /// Short name for addresses.
        url_slug: Option<String>,
        /// Language of the user interface.
        language: Option<Language>,
        /// Whether the user is active.
        active: Option<bool>,
        /// Accounts elsewhere that the user connected.
        social_accounts: Vec<SocialAccount>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A user, inside of other objects.
    pub struct UserRelation {
        required {
            /// Identifies the user.
            id: UserId,
        }
        /// Name of the user.
        name: String,
        /// E-mail address, which is also the log-in.
        email: String,
        /// Short name for addresses.
        url_slug: String,
        /// Language of the user interface.
        language: Option<Language>,
        /// Whether the user is active.
        active: Option<bool>,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was last changed.
        updated_at: Option<Time>,
    }
}

deploykit_core::model! {
    /// What a user has access to and did.
    pub struct UserActivity {
        /// Projects that the user has access to.
        projects: Option<AccessCount>,
        /// Environments that the user has access to.
        environments: Option<AccessCount>,
        /// Teams that the user is in.
        teams: Option<AccessCount>,
        /// Actions that the user triggered.
        triggered_actions: Option<TriggeredActions>,
    }
}

deploykit_core::model! {
    /// The actions that a user triggered.
    pub struct TriggeredActions {
        /// Counts over all actions.
        summary: Option<TriggeredActionSummary>,
        /// Counts by kind of action.
        operations: Option<Vec<TriggeredActionStats>>,
    }
}

deploykit_core::model! {
    /// The actions of one kind that a user triggered.
    pub struct TriggeredActionStats {
        /// Type of the resource that the actions are about.
        resource_type: Option<ResourceType>,
        /// Type of the action.
        action_type: Option<ActionType>,
        /// The resource's type in words.
        resource_type_human_readable: Option<String>,
        /// The action's type in words.
        action_type_human_readable: Option<String>,
        /// Counts of these actions.
        summary: Option<TriggeredActionSummary>,
    }
}

deploykit_core::model! {
    /// How many actions are in which state.
    pub struct TriggeredActionSummary {
        /// How many there are in all.
        count: Option<u64> as deploykit_core::de::count,
        /// How many are queued.
        queued: Option<u64> as deploykit_core::de::count,
        /// How many wait to begin.
        pending: Option<u64> as deploykit_core::de::count,
        /// How many are under way.
        in_progress: Option<u64> as deploykit_core::de::count,
        /// How many succeeded.
        completed: Option<u64> as deploykit_core::de::count,
        /// How many failed.
        failed: Option<u64> as deploykit_core::de::count,
    }
}

deploykit_core::model! {
    /// How many projects, environments or teams a user has access to.
    pub struct AccessCount {
        /// How many the user owns.
        owner_of: Option<u64> as deploykit_core::de::count,
        /// How many the user can use as a member.
        member_of: Option<u64> as deploykit_core::de::count,
    }
}

deploykit_core::model! {
    /// What a user pays for.
    pub struct UserBilling {
        /// The subscription in force.
        active_subscription: Option<Subscription>,
    }
}

deploykit_core::model! {
    /// Pages for a user.
    pub struct UserUrl {
        /// Where the subscription is managed. Whoever has the address has access.
        billing_management_url: Secret,
    }
}

deploykit_core::model! {
    /// Tokens of a log-in.
    pub struct Login {
        /// Type of the token, for the `Authorization` header.
        token_type: String,
        /// Seconds until the access token expires.
        expires_in: Option<u64> as deploykit_core::de::count,
        /// Token for calls.
        access_token: Secret,
        /// Token that a new log-in can be had for.
        refresh_token: Secret,
    }
}

deploykit_core::model! {
    /// What resetting a password said.
    pub struct PasswordReset {
        /// What the service says about it.
        message: String,
    }
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
    /// What a user is.
    pub enum UserType {
        /// A person.
        User = "user",
        /// An organization.
        Organization = "org",
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
