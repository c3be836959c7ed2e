//! Collaborators: who else may work on an application.

use deploykit_core::Secret;

use crate::apps::not_empty;
use crate::{API, App, AppRef};

deploykit_core::id! {
    /// A collaborator of one application, or who is invited to be one.
    pub struct CollaboratorId(String);
}

deploykit_core::endpoints! {
    /// Collaborators of applications. The owner is not one of them.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::Invitation;
    ///
    /// let invitation = Invitation::new("jane@example.com").is_limited(true);
    /// client.collaborators().invite("example-app", &invitation).await?;
    /// for collaborator in client.collaborators().list("example-app").await? {
    ///     println!("{}: {}", collaborator.email, collaborator.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Collaborators;

    /// Lists the collaborators of an application, invited ones too.
    listCollaborators: GET "/v1/apps/{app}/collaborators"
        => list(app: AppRef) -> Vec<Collaborator> [envelope("collaborators"), quota(&API)];

    /// Invites a collaborator by mail. Fails with 400 if there is such a collaborator already.
    ///
    /// A call that may have been carried out is not repeated.
    inviteCollaborator: POST "/v1/apps/{app}/collaborators" => invite(app: AppRef, body: &Invitation) -> Collaborator
        [enveloped("collaborator"), quota(&API)];

    /// Changes what a collaborator may do.
    updateCollaborator: PATCH "/v1/apps/{app}/collaborators/{collaborator_id}"
        => update(app: AppRef, collaborator_id: CollaboratorId, body: &CollaboratorChange) -> Collaborator
        [enveloped("collaborator"), idempotent, quota(&API)];

    /// Removes a collaborator, or takes an invitation back.
    removeCollaborator: DELETE "/v1/apps/{app}/collaborators/{collaborator_id}"
        => remove(app: AppRef, collaborator_id: CollaboratorId) [quota(&API)];

    /// Accepts an invitation and answers the application. Each token works once: a call that may have been carried
    /// out is not repeated.
    acceptInvitation: GET "/v1/apps/collaboration" => accept(query: &InvitationToken) -> App
        [envelope("app"), acts, quota(&API)];

    /// Lists the collaborators of all applications of the account.
    listAllCollaborators: GET "/v1/collaborators" => all() -> Vec<Collaborator>
        [envelope("collaborators"), quota(&API)];
}

deploykit_core::open_enum! {
    /// State of a collaborator.
    pub enum CollaboratorStatus {
        /// Invited.
        Pending = "pending",
        /// Takes part.
        Accepted = "accepted",
        /// The account is no more.
        Deleted = "user account deleted",
    }
}

deploykit_core::model! {
    /// A collaborator of an application.
    pub struct Collaborator {
        required {
            /// Id.
            id: CollaboratorId,
        }
        /// The application.
        app_id: Option<String>,
        /// Name of the application.
        app_name: Option<String>,
        /// Mail address.
        email: String,
        /// Name on the platform; `n/a` until the invitation is accepted.
        username: Option<String>,
        /// Id on the platform; none until the invitation is accepted.
        user_id: Option<String>,
        /// State.
        status: CollaboratorStatus,
        /// Whether it may not see secrets, nor delete.
        is_limited: Option<bool>,
        /// Whether the account is protected by two factors.
        tfa_status: Option<bool>,
        /// Where the invitation can be accepted: whoever has the address can do so.
        invitation_link: Option<Secret>,
    }
}

deploykit_core::request! {
    /// Who is invited.
    pub struct Invitation {
        required {
            /// Mail address.
            email: String,
        }
        optional {
            /// Whether it may not see secrets, nor delete.
            is_limited: bool,
        }
    }
    check |it| { not_empty("email", &it.email) }
}

deploykit_core::request! {
    /// What a collaborator may do.
    pub struct CollaboratorChange {
        required {
            /// Whether it may not see secrets, nor delete.
            is_limited: bool,
        }
    }
}

deploykit_core::request! {
    /// An invitation to accept.
    pub struct InvitationToken {
        required {
            /// The `token` in the invitation's address.
            token: Secret,
        }
    }
    check |it| { not_empty("token", it.token.expose()) }
}
