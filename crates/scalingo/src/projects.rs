//! Projects: applications that belong together, and who owns them.

use std::collections::BTreeMap;

use deploykit_core::de::{entries, number};
use deploykit_core::{Call, Time};

use crate::apps::not_empty;
use crate::{API, NoFields, Owner};

deploykit_core::id! {
    /// A project.
    pub struct ProjectId(String);
    /// An invitation to take a project over.
    pub struct TransferId(String);
}

deploykit_core::endpoints! {
    /// Projects.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::scalingo().start().await?;
    /// # let builder = deploykit_scalingo::Client::builder().token(sandbox.token());
    /// # let client = builder.base_url(sandbox.base_url()).build()?;
    /// use deploykit_scalingo::{AppSettings, NewProject};
    ///
    /// let project = client.projects().create(&NewProject::new("shop")).await?;
    /// let settings = AppSettings::new().project_id(project.id.as_str());
    /// client.apps().update("example-app", &settings).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Projects;

    /// Lists the projects of the account.
    listProjects: GET "/v1/projects" => list() -> Vec<Project> [envelope("projects"), quota(&API)];

    /// Creates a project.
    createProject: POST "/v1/projects" => create(body: &NewProject) -> Project [enveloped("project"), quota(&API)];

    /// Fetches one project.
    getProject: GET "/v1/projects/{project_id}"
        => get(project_id: ProjectId) -> Project [envelope("project"), quota(&API)];

    /// Changes a project. The default one stays so until another one is.
    updateProject: PATCH "/v1/projects/{project_id}"
        => update(project_id: ProjectId, body: &ProjectChange) -> Project
        [enveloped("project"), idempotent, quota(&API)];

    /// Deletes a project. Fails with 409 while it has applications.
    deleteProject: DELETE "/v1/projects/{project_id}" => delete(project_id: ProjectId) [quota(&API)];

    /// Lists who could take a project over.
    listEligibleNewOwners: GET "/v1/projects/{project_id}/eligible_new_owners"
        => eligible_owners(project_id: ProjectId) -> Vec<EligibleOwner>
        [envelope("eligible_new_owners"), quota(&API)];

    /// Lists the open invitations to take a project over; [`transfers_in`](Projects::transfers_in) lists others.
    listTransferInvitations: GET "/v1/projects/{project_id}/transfer_invitations"
        => transfers(project_id: ProjectId) -> Vec<Transfer> [envelope("transfer_invitations"), quota(&API)];

    /// Invites somebody to take a project over, with its applications. It can be accepted for three days.
    createTransferInvitation: POST "/v1/projects/{project_id}/transfer_invitations"
        => offer(project_id: ProjectId, body: &NewTransfer) -> Transfer
        [enveloped("transfer_invitation"), quota(&API)];

    /// Fetches one invitation.
    getTransferInvitation: GET "/v1/projects/{project_id}/transfer_invitations/{transfer_id}"
        => transfer(project_id: ProjectId, transfer_id: TransferId) -> Transfer
        [envelope("transfer_invitation"), quota(&API)];

    /// Takes the project over, with its applications; what they cost from now on, too.
    acceptTransferInvitation: POST "/v1/projects/{project_id}/transfer_invitations/{transfer_id}/accept"
        => accept(project_id: ProjectId, transfer_id: TransferId, body: &NoFields) -> Transfer
        [envelope("transfer_invitation"), quota(&API)];

    /// Declines an invitation.
    declineTransferInvitation: POST "/v1/projects/{project_id}/transfer_invitations/{transfer_id}/decline"
        => decline(project_id: ProjectId, transfer_id: TransferId, body: &NoFields) -> Transfer
        [envelope("transfer_invitation"), quota(&API)];

    /// Takes an invitation back.
    cancelTransferInvitation: POST "/v1/projects/{project_id}/transfer_invitations/{transfer_id}/cancel"
        => cancel(project_id: ProjectId, transfer_id: TransferId, body: &NoFields) -> Transfer
        [envelope("transfer_invitation"), quota(&API)];

    /// Fetches the private network of a project.
    getProjectPrivateNetwork: GET "/v1/projects/{project_id}/private_network"
        => private_network(project_id: ProjectId) -> PrivateNetwork [quota(&API)];
}

impl Projects {
    /// As [`transfers`](Self::transfers), those in another state.
    pub fn transfers_in(
        &self,
        project: impl Into<ProjectId>,
        status: &TransferStatus,
    ) -> Call<Vec<Transfer>> {
        self.transfers(project)
            .map_request(|request| request.query_pair("status", status))
    }
}

deploykit_core::model! {
    /// Applications that belong together.
    pub struct Project {
        required {
            /// Id.
            id: ProjectId,
        }
        /// Name.
        name: String,
        /// Whether new applications belong to it.
        default: Option<bool>,
        /// Who owns it.
        owner: Option<Owner>,
        /// Switches of the platform.
        flags: BTreeMap<String, bool> as entries,
        /// When it was created.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// A project to create.
    pub struct NewProject {
        required {
            /// Name.
            name: String,
        }
        optional {
            /// Whether new applications belong to it. Default: no.
            default: bool,
        }
    }
    check |it| { not_empty("name", &it.name) }
}

deploykit_core::request! {
    /// A change of a project; what is not set stays.
    pub struct ProjectChange {
        optional {
            /// Name.
            name: String,
            /// Whether new applications belong to it; it cannot be taken back, only given to another project.
            default: bool,
        }
    }
}

deploykit_core::model! {
    /// Who could take a project over.
    pub struct EligibleOwner {
        /// Id.
        user_id: Option<String>,
        /// Name on the platform.
        user_name: Option<String>,
    }
}

deploykit_core::open_enum! {
    /// State of an invitation to take a project over.
    pub enum TransferStatus {
        /// Open.
        Pending = "pending",
        /// Accepted.
        Accepted = "accepted",
        /// Declined by who was invited.
        Declined = "declined",
        /// Taken back by who invited.
        Canceled = "canceled",
        /// Accepted, but the project could not be handed over.
        Failed = "failed",
        /// As `failed`.
        Error = "error",
    }
}

deploykit_core::model! {
    /// An invitation to take a project over.
    pub struct Transfer {
        required {
            /// Id.
            id: TransferId,
        }
        /// The project.
        project_id: Option<ProjectId>,
        /// Who invites.
        inviter_user_id: Option<String>,
        /// Who is invited,
        invited_user_id: Option<String>,
        /// by name.
        invited_user_name: Option<String>,
        /// State.
        status: Option<TransferStatus>,
        /// Why it is so.
        status_reason: Option<String>,
        /// Until when it can be accepted.
        expires_at: Option<Time>,
        /// When it was made.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
    }
}

deploykit_core::request! {
    /// Who shall take a project over.
    pub struct NewTransfer {
        required {
            /// Id of the user: one of those [who could](Projects::eligible_owners).
            invited_user_id: String,
        }
    }
    check |it| { not_empty("invited_user_id", &it.invited_user_id) }
}

deploykit_core::model! {
    /// The private network of a project.
    pub struct PrivateNetwork {
        /// Id.
        id: Option<String>,
        /// Its addresses: `10.0.0.0/24`.
        subnet: Option<String>,
        /// Where it leads out.
        gateway: Option<String>,
        /// How many addresses it has,
        max_ips_count: Option<i64> as number,
        /// and how many of them are used.
        used_ips_count: Option<i64> as number,
        /// Those.
        used_ips: Vec<String>,
    }
}
