//! Teams, members and invitations.

use deploykit_core::{Secret, Time};
use serde::{Deserialize, Serialize};

use super::{InvitationId, TeamId};
use crate::check::required;
use crate::environments::EnvironmentRelation;
use crate::projects::Project;
use crate::roles::{RoleId, RoleRelation};
use crate::users::UserRelation;

/// A team of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Team {
    /// Identifies the team.
    pub id: TeamId,
    /// Name of the team.
    pub name: String,
    /// Address of the team's picture.
    pub photo_url: Option<String>,
    /// The project that it belongs to.
    pub project: Option<Project>,
    /// Its members.
    pub users: Vec<UserRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A team, as listed and inside of other objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TeamRelation {
    /// Identifies the team.
    pub id: TeamId,
    /// Name of the team.
    pub name: String,
    /// Address of the team's picture.
    pub photo_url: Option<String>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A user's place in a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// The user who is a member.
    pub user: UserRelation,
    /// The team that the user is in.
    pub team: Option<TeamRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A user's place in a team, as listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MemberRelation {
    /// The user who is a member.
    pub user: UserRelation,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// An environment that a team works in, and its role there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MembershipRelation {
    /// The environment.
    pub environment: Option<EnvironmentRelation>,
    /// What the team may do there.
    pub role: Option<RoleRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// A team that works in an environment, and its role there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TeamMembershipRelation {
    /// Identifies the team.
    pub id: TeamId,
    /// Name of the team.
    pub name: String,
    /// Address of the team's picture.
    pub photo_url: String,
    /// What the team may do there.
    pub role: Option<RoleRelation>,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

/// An invitation to a team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Invitation {
    /// Identifies the invitation.
    pub id: InvitationId,
    /// Whether it is for one person or for anyone.
    #[serde(rename = "type")]
    pub kind: TeamInvitationType,
    /// Who is invited; none if the invitation is public.
    pub email: Option<String>,
    /// Where the invitation stands.
    pub status: TeamInvitationStatus,
    /// The status in words.
    pub status_human_readable: String,
    /// Address at which anyone can accept a public invitation.
    pub public_accept_url: Option<Secret>,
    /// IP address of the user who accepted it.
    pub accepted_from_ip: Option<String>,
    /// The user who created it.
    pub created_by_user: UserRelation,
    /// The team to join.
    pub team: Option<TeamRelation>,
    /// The project that the team belongs to.
    pub project: Option<Project>,
    /// When it was accepted; none until then.
    pub accepted_at: Option<Time>,
    /// When it expires.
    pub expires_at: Time,
    /// When it was created.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

deploykit_core::request! {
    /// A team to add to a project.
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
    /// The role that a team gets in an environment.
    pub struct TeamEnvironmentLink {
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
