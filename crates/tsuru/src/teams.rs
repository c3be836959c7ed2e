//! Teams.

use deploykit_core::{endpoints, id, model, request};

use crate::list::List;
use crate::{Done, UserEmail, lenient};

id! {
    /// A team, by name.
    pub struct TeamName(String);
}

endpoints! {
    /// Teams.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tsuru().start().await?;
    /// # let tsuru = deploykit_tsuru::Client::builder().target(sandbox.base_url()).token(sandbox.token()).build()?;
    /// use deploykit_tsuru::NewTeam;
    ///
    /// tsuru.teams().add(&NewTeam::new("cobrateam")).await?;
    /// assert!(!tsuru.teams().get("cobrateam").await?.users.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub struct Teams;

    /// Lists the user's teams.
    listTeams: GET "/teams" => list() -> Vec<Team> via TeamList [empty_means("[]")];

    /// Tells who is in a team.
    /// 404 if there is none, 403 if the user is not in it.
    infoAboutATeam: GET "/teams/{team}" => get(team: TeamName) -> TeamInfo;

    /// Adds a team, with the user in it.
    /// 400 if the name is bad, 409 if it exists.
    addATeam: POST "/teams" => add(body: &NewTeam) -> Done;

    /// Removes a team.
    /// 403 if it has apps, 404 if there is none or the user is not in it.
    removeATeam: DELETE "/teams/{team}" => remove(team: TeamName) -> Done;

    /// Adds a user to a team.
    /// 404 if one of them doesn't exist, 409 if the user is in it, 401 if the caller isn't.
    addUserToTeam: PUT "/teams/{team}/{user}" => add_user(team: TeamName, user: UserEmail) -> Done
        [acts];

    /// Removes a user from a team.
    /// 404, 403 if nobody would be left, 401 if the caller isn't in it.
    removeUserFromTeam: DELETE "/teams/{team}/{user}" => remove_user(team: TeamName, user: UserEmail)
        -> Done;
}

type TeamList = List<Team>;

model! {
    /// A team.
    pub struct Team {
        required {
            /// Its name.
            name = "name" | "Name": TeamName,
        }
        /// What the user may do in it; only from 1.0 on.
        permissions = "permissions" | "Permissions": Vec<String>,
        /// Labels; only from 1.0 on.
        tags = "tags" | "Tags": Vec<String>,
    }
}

model! {
    /// A team and who is in it.
    pub struct TeamInfo {
        required {
            /// Its name.
            name = "name" | "Name": TeamName,
        }
        /// Who is in it. Servers from 1.0 on tell more about each; the address is what is read.
        users = "users" | "Users": Vec<UserEmail> as lenient::emails,
    }
}

request! {
    /// A team to add.
    pub struct NewTeam {
        required {
            /// Its name.
            name: TeamName,
        }
    }
}
