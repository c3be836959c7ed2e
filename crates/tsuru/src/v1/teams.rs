//! Teams.

use deploykit_core::{endpoints, model, request};

use super::apps::App;
use super::pools::Pool;
use super::users::User;
use crate::list::List;
use crate::{Done, Team, TeamName, UserEmail};

endpoints! {
    /// Teams. Who may do what in one is a matter of [roles](super::Roles).
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru_v1().start().await?;
    /// # let tsuru = deploykit_tsuru::v1::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::v1::NewTeam;
    ///
    /// tsuru.teams().create(&NewTeam::new("cobrateam")).await?;
    /// assert_eq!(tsuru.teams().list().await?.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub struct Teams;

    /// Lists the teams that the user can see.
    TeamsList: GET "/1.0/teams" => list() -> Vec<Team> via TeamItems [empty_means("[]")];

    /// Tells about one team: its users, pools and apps.
    TeamGet: GET "/1.4/teams/{team}" => get(team: TeamName) -> TeamInfo;

    /// Creates a team. 409 if it exists.
    TeamCreate: POST "/1.0/teams" => create(body: &NewTeam) -> Done;

    /// Changes a team.
    TeamUpdate: PUT "/1.6/teams/{team}" => update(team: TeamName, body: &TeamChange) -> Done;

    /// As [`update`](Self::update), on servers before 1.6.
    updateTeam: POST "/1.4/teams/{team}" => update_1_4(team: TeamName, body: &TeamChange) -> Done;

    /// Removes a team. 403 if it has apps.
    TeamDelete: DELETE "/1.0/teams/{team}" => remove(team: TeamName) -> Done;

    /// Lists who has a role in a team.
    TeamUserList: GET "/1.17/teams/{team}/users" => users(team: TeamName) -> Vec<TeamUser> via TeamUsers
        [empty_means("[]")];

    /// Lists the groups that have a role in a team.
    TeamGroupList: GET "/1.17/teams/{team}/groups" => groups(team: TeamName) -> Vec<TeamGroup> via TeamGroups
        [empty_means("[]")];
}

type TeamItems = List<Team>;
type TeamUsers = List<TeamUser>;
type TeamGroups = List<TeamGroup>;

model! {
    /// What there is to tell about a team.
    pub struct TeamInfo {
        required {
            /// Its name.
            name = "name" | "Name": TeamName,
        }
        /// Tags.
        tags: Vec<String>,
        /// Who has a role in it.
        users: Vec<User>,
        /// Pools that it may use.
        pools: Vec<Pool>,
        /// Apps that it has.
        apps: Vec<App>,
    }
}

request! {
    /// A team to create.
    pub struct NewTeam {
        required {
            /// Its name.
            name: TeamName,
        }
        optional {
            /// Tags.
            tags: Vec<String>,
        }
    }
}

request! {
    /// What to change of a team.
    #[derive(Default)]
    pub struct TeamChange {
        optional {
            /// Another name.
            #[serde(rename = "newname")]
            new_name: TeamName,
            /// Tags, in place of those that it has.
            tags: Vec<String>,
        }
    }
}

model! {
    /// Who has a role in a team.
    pub struct TeamUser {
        required {
            /// E-mail address.
            email = "email" | "Email": UserEmail,
        }
        /// Roles.
        roles = "roles" | "Roles": Vec<String>,
    }
}

model! {
    /// A group that has a role in a team.
    pub struct TeamGroup {
        required {
            /// Its name.
            group = "group" | "Group": String,
        }
        /// Roles.
        roles = "roles" | "Roles": Vec<String>,
    }
}
