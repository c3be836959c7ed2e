//! Users, tokens, roles.

use serde_json::{Value, json};

use super::super::errors::{Answer, Refusal, refusal};
use super::input::Input;
use super::state::State;
use super::things::thing;
use super::{Call, TsuruV1, done, list};
use crate::reply::Reply;

impl TsuruV1 {
    pub(super) fn access(
        &self,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let name = call.stars.first().copied().unwrap_or_default();
        Some(match operation {
            "healthcheck" => Ok(Reply::text(200, "WORKING")),
            "info" => Ok(Reply::json(200, json!({"version": "1.31.0"}))),
            "authSchemes" => Ok(Reply::json(200, json!([self.scheme()]))),
            "authScheme" => Ok(Reply::json(200, self.scheme())),
            "login" => self.log_in(state, name, input),
            "authLogin" => input.required("email").and_then(|email| self.log_in(state, &email, input)),
            "UserCreate" => create_user(state, input),
            "UserGet" => Ok(Reply::json(200, user(call.user))),
            "UsersList" => list(state.users.keys().map(|email| user(email)).collect()),
            "UserDelete" => {
                let email = match input.text("user") {
                    email if email.is_empty() => call.user.to_owned(),
                    email => email,
                };
                state.users.remove(&email).ok_or_else(|| refusal(404, "user not found")).and_then(|_| {
                    state.tokens.retain(|_, user| *user != email);
                    done()
                })
            }
            "UserTokenDelete" => {
                state.tokens.remove(call.token);
                done()
            }
            "ChangePassword" => change_password(state, input, call),
            "ResetPassword" if state.users.contains_key(name) => done(),
            "ResetPassword" => Err(refusal(404, "user not found")),
            "APITokenGet" | "APITokenRegenerate" => {
                let key = format!("api-key-{}", call.user);
                state.tokens.insert(key.clone(), call.user.to_owned());
                Ok(Reply::json(200, key.into()))
            }
            "TeamGet" => thing(state, "teams", name).map(|team| {
                let users = json!([user(call.user)]);
                Reply::json(200, json!({"name": name, "tags": team["tags"], "users": users, "pools": [], "apps": []}))
            }),
            "TeamUserList" => Ok(Reply::json(200, json!([{"Email": call.user, "Roles": ["AllowAll"]}]))),
            "TeamGroupList" => Ok(Reply::json(200, json!([]))),
            "UserQuotaGet" | "TeamQuotaGet" => Ok(Reply::json(200, json!({"limit": -1, "inuse": 0}))),
            "UserQuotaChange" | "TeamQuotaChange" => {
                input.number("limit").ok_or_else(|| refusal(400, "invalid limit")).and_then(|_| done())
            }
            _ => return self.tokens(state, operation, input, call).or_else(|| roles(state, operation, input, name)),
        })
    }

    fn scheme(&self) -> Value {
        match &self.knobs.scheme {
            Some(scheme) => scheme.clone(),
            None => json!({"name": "native", "default": true, "data": {}}),
        }
    }

    fn log_in(&self, state: &mut State, email: &str, input: &Input) -> Answer {
        if self.knobs.scheme.is_some() {
            return Err(refusal(501, "this scheme has no login"));
        }
        let password = input.required("password")?;
        match state.users.get(email) {
            None => Err(refusal(404, "user not found")),
            Some(known) if *known != password => {
                Err(refusal(401, "Authentication failed, wrong password."))
            }
            Some(_) => {
                let token = format!("{:040x}", state.number());
                state.tokens.insert(token.clone(), email.to_owned());
                Ok(Reply::json(200, json!({"token": token})))
            }
        }
    }

    fn tokens(
        &self,
        state: &mut State,
        operation: &str,
        input: &Input,
        call: &Call<'_>,
    ) -> Option<Answer> {
        let name = call.stars.first().copied().unwrap_or_default();
        Some(match operation {
            "TeamTokensList" => list(
                state
                    .things
                    .entry("tokens")
                    .or_default()
                    .values()
                    .cloned()
                    .collect(),
            ),
            "TeamTokenInfo" => {
                thing(state, "tokens", name).map(|token| Reply::json(200, token.clone()))
            }
            "TeamTokenCreate" => self.create_token(state, input, call),
            "TeamTokenUpdate" => {
                let secret = format!("team-token-{:034x}", state.number());
                thing(state, "tokens", name).map(|token| {
                    if !input.text("description").is_empty() {
                        token["description"] = input.text("description").into();
                    }
                    if input.flag("regenerate") {
                        token["token"] = secret.into();
                    }
                    Reply::json(200, token.clone())
                })
            }
            "TeamTokenDelete" => {
                let gone = state.things.entry("tokens").or_default().remove(name);
                gone.ok_or_else(|| refusal(404, "team token not found"))
                    .and_then(|token| {
                        state
                            .tokens
                            .remove(token["token"].as_str().unwrap_or_default());
                        done()
                    })
            }
            _ => return None,
        })
    }

    fn create_token(&self, state: &mut State, input: &Input, call: &Call<'_>) -> Answer {
        let team = input.required("team")?;
        thing(state, "teams", &team)?;
        let number = state.number();
        let id = match input.text("token_id") {
            id if id.is_empty() => format!("{team}-{number}"),
            id => id,
        };
        if thing(state, "tokens", &id).is_ok() {
            return Err(refusal(409, "token already exists"));
        }
        let secret = format!("team-token-{number:034x}");
        let token = json!({
            "token": secret, "token_id": id, "description": input.text("description"), "team": team,
            "created_at": self.context.clock().now().to_string(), "expires_at": "0001-01-01T00:00:00Z",
            "last_access": "0001-01-01T00:00:00Z", "creator_email": call.user, "roles": [],
        });
        state.tokens.insert(secret, call.user.to_owned());
        state
            .things
            .entry("tokens")
            .or_default()
            .insert(id, token.clone());
        Ok(Reply::json(201, token))
    }
}

fn user(email: &str) -> Value {
    let all = json!({"Name": "AllowAll", "ContextType": "global", "ContextValue": ""});
    json!({"Email": email, "Roles": [all], "Permissions": [], "Groups": null})
}

fn create_user(state: &mut State, input: &Input) -> Answer {
    let (email, password) = (input.text("email"), input.text("password"));
    if !email.contains('@') {
        return Err(refusal(400, "Invalid email."));
    }
    if !(6..=50).contains(&password.len()) {
        return Err(refusal(
            400,
            "Password length should be least 6 characters and at most 50 characters.",
        ));
    }
    if state.users.contains_key(&email) {
        return Err(refusal(409, "This email is already registered"));
    }
    state.users.insert(email, password);
    Ok(Reply::empty(201))
}

fn change_password(state: &mut State, input: &Input, call: &Call<'_>) -> Answer {
    let (old, new) = (input.required("old")?, input.required("new")?);
    if input.text("confirm") != new {
        return Err(refusal(
            400,
            "New password and password confirmation didn't match.",
        ));
    }
    match state.users.get_mut(call.user) {
        Some(known) if *known == old => {
            *known = new;
            done()
        }
        _ => Err(refusal(
            403,
            "The given password didn't match the user's current password.",
        )),
    }
}

fn roles(state: &mut State, operation: &str, input: &Input, name: &str) -> Option<Answer> {
    let role =
        |state: &mut State| -> Result<(), Refusal> { thing(state, "roles", name).map(|_| ()) };
    Some(match operation {
        "CreateRole" => input.required("name").and_then(|name| {
            if thing(state, "roles", &name).is_ok() {
                return Err(refusal(409, "role already exists"));
            }
            let document = json!({
                "name": name, "context": input.text("context"), "description": input.text("description"),
                "scheme_names": [],
            });
            state.things.entry("roles").or_default().insert(name, document);
            Ok(Reply::empty(201))
        }),
        "UpdateRole" => input.required("name").and_then(|name| {
            thing(state, "roles", &name)?["description"] = input.text("description").into();
            done()
        }),
        "listPermissions" => Ok(Reply::json(200, json!([{"Name": "", "Contexts": ["global"]}, {"Name": "app.deploy", "Contexts": ["global", "app", "team", "pool"]}]))),
        "PermissionAdd" => thing(state, "roles", name).and_then(|role| {
            if let Some(names) = role["scheme_names"].as_array_mut() {
                names.extend(input.texts("permission").into_iter().map(Value::from));
            }
            done()
        }),
        "listDefaultRoles" => Ok(Reply::json(200, json!([]))),
        "DefaultRoleAdd" | "RoleDefaultDelete" => done(),
        "removePermissions" | "assignRole" | "DissociateRole" | "AssignRoleToToken" | "DissociateRoleFromToken"
        | "AssignRoleToGroup" | "DissociateRoleFromGroup" => role(state).and_then(|()| done()),
        _ => return None,
    })
}
