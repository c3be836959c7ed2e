//! Teams.

mod models;

pub use models::*;

use deploykit_core::Secret;

use crate::environments::EnvironmentId;
use crate::organizations::OrganizationKey;
use crate::projects::ProjectId;
use crate::users::UserId;

deploykit_core::endpoints! {
    /// Teams: their members, invitations, and the environments they work in.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::devopness().speed(100.0).start().await?;
    /// # let client = deploykit_devopness::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_devopness::teams::{NewInvitation, NewTeam, TeamInvitationType};
    ///
    /// let team = client.teams().add_to_organization("acme", &NewTeam::new("on call")).await?;
    /// let invitation = NewInvitation::new(TeamInvitationType::Private).email("ada@example.com");
    /// client.teams().invite(team.id, &invitation).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Teams;

    /// Lists the teams of an organization.
    listOrganizationTeams: GET "/organizations/{organization_id}/teams"
        => list_by_organization(organization_id: OrganizationKey) -> Pages<TeamRelation>;

    /// Adds a team to an organization.
    /// Errors: 403, 422.
    addOrganizationTeam: POST "/organizations/{organization_id}/teams"
        => add_to_organization(organization_id: OrganizationKey, body: &NewTeam) -> Team;

    /// Lists the teams of a project.
    #[deprecated = "the service has had it no more since 2026-03-04; use `memberships_by_project`"]
    listProjectTeams: GET "/projects/{project_id}/teams"
        => list_by_project(project_id: ProjectId) -> Pages<TeamRelation>;

    /// Adds a team to a project.
    /// Errors: 403, 422.
    #[deprecated = "the service has had it no more since 2026-03-04; use `add_to_organization`"]
    addProjectTeam: POST "/projects/{project_id}/teams" => add(project_id: ProjectId, body: &NewTeam) -> Team;

    /// Deletes a team.
    /// Errors: 403, 404.
    deleteTeam: DELETE "/teams/{team_id}" => delete(team_id: TeamId);

    /// Fetches a team, with its members.
    /// Errors: 403, 404.
    getTeam: GET "/teams/{team_id}" => get(team_id: TeamId) -> Team;

    /// Changes a team.
    /// Errors: 403, 422.
    updateTeam: PUT "/teams/{team_id}" => update(team_id: TeamId, body: &TeamUpdate);

    /// Lists the organizations, projects and environments that a team works in.
    /// Errors: 403, 404.
    listTeamMemberships: GET "/teams/{team_id}/memberships"
        => memberships(team_id: TeamId, query: &ListMemberships) -> Pages<MembershipRelation>;

    /// Lists the invitations to a team.
    listTeamInvitations: GET "/teams/{team_id}/invitations"
        => invitations(team_id: TeamId) -> Pages<Invitation>;

    /// Invites to a team.
    /// Errors: 403, 422.
    addTeamInvitation: POST "/teams/{team_id}/invitations"
        => invite(team_id: TeamId, body: &NewInvitation) -> Invitation;

    /// Withdraws an invitation.
    /// Errors: 403, 404.
    deleteTeamInvitation: DELETE "/team-invitations/{team_invitation_id}"
        => delete_invitation(team_invitation_id: InvitationId);

    /// Accepts an invitation.
    /// Errors: 403.
    acceptTeamInvitation: POST "/team-invitations/{team_invitation_id}/accept"
        => accept_invitation(team_invitation_id: InvitationId, query: &AcceptInvitation);

    /// Rejects an invitation.
    /// Errors: 403, 404.
    rejectTeamInvitation: POST "/team-invitations/{team_invitation_id}/reject"
        => reject_invitation(team_invitation_id: InvitationId);

    /// Lists the members of a team.
    listTeamMembers: GET "/teams/{team_id}/members" => members(team_id: TeamId) -> Pages<MemberRelation>;

    /// Takes a user out of a team.
    /// Errors: 404.
    deleteTeamMember: DELETE "/teams/{team_id}/members/{user_id}"
        => delete_member(team_id: TeamId, user_id: UserId);

    /// Fetches a member of a team.
    /// Errors: 404.
    getTeamMember: GET "/teams/{team_id}/members/{user_id}"
        => member(team_id: TeamId, user_id: UserId) -> Member;

    /// Lets a team work in an organization, in a role.
    /// Errors: 403, 422.
    linkTeamToOrganization: POST "/organizations/{organization_id}/teams/{team_id}/link"
        => link_to_organization(organization_id: OrganizationKey, team_id: TeamId, body: &TeamLink);

    /// Keeps a team out of an organization.
    /// Errors: 403, 422.
    unlinkTeamFromOrganization: DELETE "/organizations/{organization_id}/teams/{team_id}/unlink"
        => unlink_from_organization(organization_id: OrganizationKey, team_id: TeamId);

    /// Lists the teams that work in an organization.
    listOrganizationTeamMemberships: GET "/organizations/{organization_id}/team-memberships"
        => memberships_by_organization(organization_id: OrganizationKey) -> Pages<TeamMembershipRelation>;

    /// Lets a team work in a project, in a role.
    /// Errors: 403, 422.
    linkTeamToProject: POST "/projects/{project_id}/teams/{team_id}/link"
        => link_to_project(project_id: ProjectId, team_id: TeamId, body: &TeamLink);

    /// Keeps a team out of a project.
    /// Errors: 403, 422.
    unlinkTeamFromProject: DELETE "/projects/{project_id}/teams/{team_id}/unlink"
        => unlink_from_project(project_id: ProjectId, team_id: TeamId);

    /// Lists the teams that work in a project.
    listProjectTeamMemberships: GET "/projects/{project_id}/team-memberships"
        => memberships_by_project(project_id: ProjectId) -> Pages<TeamMembershipRelation>;

    /// Lets a team work in an environment, in a role.
    /// Errors: 403, 422.
    linkTeamToEnvironment: POST "/environments/{environment_id}/teams/{team_id}/link"
        => link_to_environment(environment_id: EnvironmentId, team_id: TeamId, body: &TeamLink);

    /// Keeps a team out of an environment.
    /// Errors: 403, 422.
    unlinkTeamFromEnvironment: DELETE "/environments/{environment_id}/teams/{team_id}/unlink"
        => unlink_from_environment(environment_id: EnvironmentId, team_id: TeamId);

    /// Lists the teams that work in an environment.
    listEnvironmentTeamMemberships: GET "/environments/{environment_id}/team-memberships"
        => list_by_environment(environment_id: EnvironmentId) -> Pages<TeamMembershipRelation>;
}

deploykit_core::id! {
    /// A team.
    pub struct TeamId(u64);

    /// An invitation to a team.
    pub struct InvitationId(String);
}

deploykit_core::request! {
    /// Which memberships to list.
    pub struct ListMemberships {
        optional {
            /// Only in places of this type, such as `environment`.
            filter_by: String,
        }
    }
}

deploykit_core::request! {
    /// What proves that an invitation may be accepted.
    pub struct AcceptInvitation {
        optional {
            /// Token of a public invitation.
            token: Secret,
        }
    }
}
