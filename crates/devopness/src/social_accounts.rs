//! Social Accounts.

use deploykit_core::{Secret, Time};

use crate::credentials::SourceProviderName;
use crate::users::UserId;

deploykit_core::endpoints! {
    /// Social accounts: accounts elsewhere that the user connected.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// for account in client.social_accounts().list().await?.items {
    ///     println!("{}: {}", account.provider_human_readable, account.provider_user_nickname);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct SocialAccounts;

    /// Lists the accounts that the user connected.
    listSocialAccounts: GET "/social-accounts" => list() -> Pages<SocialAccount>;

    /// Connects an account.
    /// Errors: 422.
    addSocialAccount: POST "/social-accounts" => add(body: &NewSocialAccount) -> SocialAccount;

    /// Disconnects an account.
    /// Errors: 404.
    deleteSocialAccount: DELETE "/social-accounts/{social_account_id}"
        => delete(social_account_id: SocialAccountId);

    /// Fetches the account at a provider.
    /// Errors: 404.
    getSocialAccount: GET "/social-accounts/{social_account_provider}"
        => get(social_account_provider: SocialAccountProvider) -> SocialAccount;

    /// Tells whether the account at a provider is still connected.
    /// Errors: 404.
    getSocialAccountStatus: GET "/social-accounts/{social_account_provider}/status"
        => status(social_account_provider: SocialAccountProvider) -> SocialAccountStatus;
}

deploykit_core::id! {
    /// A social account.
    pub struct SocialAccountId(u64);
}

deploykit_core::model! {
    /// An account elsewhere that the user connected.
    pub struct SocialAccount {
        required {
            /// Identifies the account.
            id: SocialAccountId,
        }
        /// The user who connected it.
        user_id: Option<UserId>,
        /// The provider that it is at.
        provider: SocialAccountProvider,
        /// The provider's name in words.
        provider_human_readable: SocialAccountDisplayableName,
        /// The user's name there.
        provider_user_nickname: String,
        /// Whether the provider hosts source code.
        is_vcs: Option<bool>,
        /// When the access expires; none if it does not.
        token_expires_at: Option<Time>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// Whether an account is still connected.
    pub struct SocialAccountStatus {
        /// The provider that it is at.
        provider: SocialAccountProvider,
        /// Whether the account is connected.
        connected: Option<bool>,
        /// Where an account is connected in a browser.
        connect_url: String,
    }
}

deploykit_core::request! {
    /// An account to connect.
    pub struct NewSocialAccount {
        required {
            /// The provider that it is at.
            provider: SourceProviderName,
            /// The temporary code that the provider sent to the callback address. At least 8 characters.
            callback_code: Secret,
        }
    }
}

deploykit_core::open_enum! {
    /// A provider of social accounts, in words.
    pub enum SocialAccountDisplayableName {
        /// Bitbucket.
        Bitbucket = "Bitbucket",
        /// Clerk.
        Clerk = "Clerk",
        /// Facebook.
        Facebook = "Facebook",
        /// GitHub.
        GitHub = "GitHub",
        /// GitLab.
        GitLab = "GitLab",
        /// Google.
        Google = "Google",
    }
}

deploykit_core::open_enum! {
    /// A provider of social accounts.
    pub enum SocialAccountProvider {
        /// Bitbucket.
        Bitbucket = "bitbucket",
        /// Clerk.
        Clerk = "clerk",
        /// Facebook.
        Facebook = "facebook",
        /// GitHub.
        GitHub = "github",
        /// GitLab.
        GitLab = "gitlab",
        /// Google.
        Google = "google",
    }
}
