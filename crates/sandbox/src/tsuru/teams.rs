//! Teams and who is in them.

use serde_json::{Value, json};

use super::Caller;
use super::errors::{Answer, Refusal, refusal};
use super::state::{State, done, json as body, text, unlabelled};
use crate::reply::Reply;
use crate::request::Request;

fn no_team() -> Refusal {
    refusal(404, "Team not found")
}

impl State {
    pub(super) fn list_teams(&self, caller: Caller<'_>) -> Answer {
        let teams: Vec<Value> = self
            .teams_of(caller.user)
            .into_iter()
            .map(|name| json!({ "name": name }))
            .collect();
        if teams.is_empty() && !caller.era.is_page() {
            return Ok(Reply::empty(204));
        }
        unlabelled(teams.into())
    }

    pub(super) fn team_info(&self, name: &str, caller: Caller<'_>) -> Answer {
        let members = self.teams.get(name).ok_or_else(no_team)?;
        if !members.iter().any(|member| member == caller.user) {
            return Err(refusal(403, "User is not member of this team"));
        }
        Ok(Reply::json(200, json!({"name": name, "users": members})))
    }

    pub(super) fn add_team(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 400, "Invalid JSON")?;
        let name = text(&order, "name");
        if name.len() < 2 || !name.starts_with(char::is_alphanumeric) {
            return Err(refusal(400, "Invalid team name"));
        }
        if self.teams.contains_key(name) {
            return Err(refusal(409, "Team already exists"));
        }
        self.teams
            .insert(name.to_owned(), vec![caller.user.to_owned()]);
        done()
    }

    pub(super) fn remove_team(&mut self, name: &str, caller: Caller<'_>) -> Answer {
        if !self.teams_of(caller.user).iter().any(|team| team == name) {
            return Err(refusal(404, format!("Team \"{name}\" not found.")));
        }
        let has_app = self
            .apps
            .values()
            .any(|app| app.teams.iter().any(|team| team == name));
        if has_app {
            return Err(refusal(
                403,
                "This team cannot be removed because it have access to apps.\n\n\
                 Please remove the apps or revoke these accesses, and try again.",
            ));
        }
        self.teams.remove(name);
        done()
    }

    pub(super) fn add_to_team(&mut self, name: &str, user: &str, caller: Caller<'_>) -> Answer {
        self.may_change(name, caller)?;
        if !self.users.contains_key(user) {
            return Err(refusal(404, "User not found"));
        }
        let members = self.teams.get_mut(name).ok_or_else(no_team)?;
        if members.iter().any(|member| member == user) {
            return Err(refusal(
                409,
                format!("User {user} is already in the team {name}."),
            ));
        }
        members.push(user.to_owned());
        done()
    }

    pub(super) fn remove_from_team(
        &mut self,
        name: &str,
        user: &str,
        caller: Caller<'_>,
    ) -> Answer {
        self.may_change(name, caller)?;
        let members = self.teams.get_mut(name).ok_or_else(no_team)?;
        if !members.iter().any(|member| member == user) {
            return Err(refusal(
                404,
                format!("User {user} is not in the team {name}."),
            ));
        }
        if members.len() == 1 {
            return Err(refusal(
                403,
                "You can not remove this user from this team, because it is the last user",
            ));
        }
        members.retain(|member| member != user);
        done()
    }

    fn may_change(&self, name: &str, caller: Caller<'_>) -> Result<(), Refusal> {
        let members = self.teams.get(name).ok_or_else(no_team)?;
        if members.iter().any(|member| member == caller.user) {
            return Ok(());
        }
        Err(refusal(
            401,
            format!("You are not authorized to change the team {name}"),
        ))
    }
}
