//! Teams, members and invitations.

use deploykit_core::{Secret, Time};

use super::{InvitationId, TeamId};
use crate::check::required;
use crate::environments::EnvironmentRelation;
use crate::organizations::Organization;
use crate::projects::Project;
use crate::roles::{RoleId, RoleRelation};
use crate::users::UserRelation;

deploykit_core::model! {
    /// A team.
    pub struct Team {
        required {
            /// Identifies the team.
            id: TeamId,
        }
        /// Name of the team.
        name: String,
        /// Address of the team's picture.
        photo_url: Option<String>,
        /// The project that it belongs to; until 2026-03-04, then it is an organization.
        project: Option<Project>,
        /// Its members.
        users: Vec<UserRelation>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A team, as listed and inside of other objects.
    pub struct TeamRelation {
        required {
            /// Identifies the team.
            id: TeamId,
        }
        /// Name of the team.
        name: String,
        /// Address of the team's picture.
        photo_url: Option<String>,
        /// The organization that it belongs to.
        organization: Option<Organization>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A user's place in a team.
    pub struct Member {
        /// The user who is a member.
        user: Option<UserRelation>,
        /// The team that the user is in.
        team: Option<TeamRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A user's place in a team, as listed.
    pub struct MemberRelation {
        /// The user who is a member.
        user: Option<UserRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// An organization, project or environment that a team works in, and its role there.
    pub struct MembershipRelation {
        /// The team.
        team: Option<TeamRelation>,
        /// The organization.
        organization: Option<Organization>,
        /// The project.
        project: Option<Project>,
        /// The environment.
        environment: Option<EnvironmentRelation>,
        /// What the team may do there.
        role: Option<RoleRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// A team that works in an organization, project or environment, and its role there.
    pub struct TeamMembershipRelation {
        /// Identifies the team; until 2026-03-04, then `team` does.
        id: Option<TeamId>,
        /// The team.
        team: Option<TeamRelation>,
        /// The organization that it works in.
        organization: Option<Organization>,
        /// The project that it works in.
        project: Option<Project>,
        /// The environment that it works in.
        environment: Option<EnvironmentRelation>,
        /// Name of the team; until 2026-03-04, then `team` has it.
        name: String,
        /// Address of the team's picture; until 2026-03-04, then `team` has it.
        photo_url: String,
        /// What the team may do there.
        role: Option<RoleRelation>,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::model! {
    /// An invitation to a team.
    pub struct Invitation {
        required {
            /// Identifies the invitation.
            id: InvitationId,
        }
        /// Whether it is for one person or for anyone.
        kind = "type": TeamInvitationType,
        /// Who is invited; none if the invitation is public.
        email: Option<String>,
        /// Where the invitation stands.
        status: TeamInvitationStatus,
        /// The status in words.
        status_human_readable: String,
        /// Address at which anyone can accept a public invitation.
        public_accept_url: Option<Secret>,
        /// IP address of the user who accepted it.
        accepted_from_ip: Option<String>,
        /// The user who created it.
        created_by_user: Option<UserRelation>,
        /// The team to join.
        team: Option<TeamRelation>,
        /// The project that the team belongs to; until 2026-03-04.
        project: Option<Project>,
        /// The organization that the team belongs to.
        organization: Option<Organization>,
        /// When it was accepted; none until then.
        accepted_at: Option<Time>,
        /// When it expires.
        expires_at: Time,
        /// When it was created.
        created_at: Time,
        /// When it was last changed.
        updated_at: Time,
    }
}

deploykit_core::request! {
    /// A team to add to an organization.
    pub struct NewTeam {
        required {
            /// Name of the team. At most 255 characters.
            name: String,
        }
        optional {
            /// Address of the team's picture. A URL.
            photo_url: String,
        }
    }
}

deploykit_core::request! {
    /// Changes to a team.
    pub struct TeamUpdate {
        required {
            /// Identifies the team.
            id: TeamId,
            /// Name of the team. At most 255 characters.
            name: String,
        }
        optional {
            /// Address of the team's picture. A URL.
            photo_url: String,
        }
    }
}

deploykit_core::request! {
    /// An invitation to send.
    pub struct NewInvitation {
        required {
            /// Whether it is for one person or for anyone.
            #[serde(rename = "type")]
            kind: TeamInvitationType,
        }
        optional {
            /// Who is invited. A valid address. Required if `type` is `private`.
            email: String,
        }
    }
    check |it| {
        if it.kind == TeamInvitationType::Private {
            required("email", it.email.as_ref(), "for a private invitation")?;
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// The role that a team gets in an organization, project or environment.
    pub struct TeamLink {
        required {
            /// The role that the team gets.
            role_id: RoleId,
        }
    }
}

deploykit_core::open_enum! {
    /// Where an invitation stands.
    pub enum TeamInvitationStatus {
        /// It was accepted.
        Accepted = "accepted",
        /// It expired.
        Expired = "expired",
        /// It waits for an answer.
        Pending = "pending",
        /// It was rejected.
        Rejected = "rejected",
        /// It is public and can be accepted.
        Active = "active",
    }
}

deploykit_core::open_enum! {
    /// Who an invitation is for.
    pub enum TeamInvitationType {
        /// One person.
        Private = "private",
        /// Anyone who has its address.
        Public = "public",
    }
}
