//! Users, their sessions, passwords and keys; quotas and app tokens.

use serde_json::{Value, json};

use super::Caller;
use super::era::Era;
use super::errors::{Answer, Refusal, no_app, refusal};
use super::state::{State, User, Variable, done, json as body, text, unlabelled};
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;

/// A year, as the servers write it.
const NANOSECONDS: i64 = 365 * 24 * 3600 * 1_000_000_000;

const PASSWORD_LENGTH: &str =
    "Password length should be least 6 characters and at most 50 characters.";

fn is_password(password: &str) -> bool {
    (6..=50).contains(&password.chars().count())
}

impl State {
    pub(super) fn create_user(&mut self, request: &Request, era: Era) -> Answer {
        let refused = |status, text: &str| refusal(era.user_error(status), text);
        let order = body(request, era.user_error(400), "Invalid JSON")?;
        let (email, password) = (text(&order, "email"), text(&order, "password"));
        if !email
            .split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        {
            return Err(refused(400, "Invalid email."));
        }
        if !is_password(password) {
            return Err(refused(400, PASSWORD_LENGTH));
        }
        if self.users.contains_key(email) {
            return Err(refused(409, "This email is already registered"));
        }
        self.users.insert(email.to_owned(), User::new(password));
        Ok(Reply::empty(if era.is_page() { 200 } else { 201 }))
    }

    pub(super) fn login(&mut self, email: &str, request: &Request, era: Era) -> Answer {
        let refused = |status, text: &str| refusal(era.user_error(status), text);
        let order = body(request, era.user_error(400), "Invalid JSON")?;
        let password = text(&order, "password");
        if password.is_empty() {
            return Err(refused(400, "You must provide a password to login"));
        }
        if !is_password(password) {
            return Err(refused(400, PASSWORD_LENGTH));
        }
        let Some(user) = self.users.get(email) else {
            return Err(refused(404, "User not found"));
        };
        if user.password != password {
            return Err(refused(401, "Authentication failed, wrong password."));
        }
        let is_admin = user.is_admin;
        let token = self.new_token();
        self.sessions.insert(token.clone(), email.to_owned());
        unlabelled(match era {
            Era::Page | Era::V0_2 => json!({ "token": token }),
            Era::V0_4 | Era::V0_7 => json!({"token": token, "is_admin": is_admin}),
        })
    }

    pub(super) fn reset_password(&mut self, email: &str, request: &Request, era: Era) -> Answer {
        let fresh = self.new_token();
        let Some(user) = self.users.get_mut(email) else {
            return Err(refusal(era.user_error(404), "User not found"));
        };
        let mail = match request.query("token").filter(|token| !token.is_empty()) {
            None => {
                user.reset_token = Some(fresh.clone());
                fresh
            }
            Some(token) if user.reset_token.as_deref() == Some(token) => {
                user.reset_token = None;
                user.password = fresh[fresh.len() - 12..].to_owned();
                user.password.clone()
            }
            Some(_) => return Err(refusal(500, "Invalid token")),
        };
        self.mails.push((email.to_owned(), mail));
        done()
    }

    pub(super) fn logout(&mut self, caller: Caller<'_>) -> Answer {
        self.sessions.remove(caller.token);
        done()
    }

    pub(super) fn change_password(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 400, "Invalid JSON")?;
        let (old, new) = (text(&order, "old"), text(&order, "new"));
        if old.is_empty() || new.is_empty() {
            return Err(refusal(
                400,
                "Both the old and the new passwords are required.",
            ));
        }
        let user = self.caller(caller)?;
        if user.password != old {
            return Err(refusal(
                403,
                "The given password didn't match the user's current password.",
            ));
        }
        if !is_password(new) {
            return Err(refusal(400, PASSWORD_LENGTH));
        }
        user.password = new.to_owned();
        done()
    }

    pub(super) fn remove_user(&mut self, caller: Caller<'_>) -> Answer {
        let alone = self
            .teams
            .iter()
            .find(|(_, members)| members.as_slice() == [caller.user]);
        if let Some((team, _)) = alone {
            return Err(refusal(
                403,
                format!(
                    "This user is the last member of the team \"{team}\", so it cannot be removed.\n\n\
                     Please remove the team, them remove the user."
                ),
            ));
        }
        for members in self.teams.values_mut() {
            members.retain(|member| member != caller.user);
        }
        self.sessions.retain(|_, user| user != caller.user);
        self.users.remove(caller.user);
        done()
    }

    pub(super) fn add_key(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 400, "Invalid JSON")?;
        let key = text(&order, "key");
        if key.is_empty() {
            return Err(refusal(400, "Missing key"));
        }
        let user = self.caller(caller)?;
        if user.keys.iter().any(|known| known == key) {
            return Err(refusal(409, "User already has this key"));
        }
        user.keys.push(key.to_owned());
        done()
    }

    pub(super) fn remove_key(&mut self, request: &Request, caller: Caller<'_>) -> Answer {
        let order = body(request, 400, "Invalid JSON")?;
        let key = text(&order, "key");
        let user = self.caller(caller)?;
        let Some(at) = user.keys.iter().position(|known| known == key) else {
            return Err(refusal(404, "User does not have this key"));
        };
        user.keys.remove(at);
        done()
    }

    pub(super) fn quota(&self, user: &str, era: Era) -> Answer {
        if !self.users.contains_key(user) {
            return Err(refusal(404, "Quota not found"));
        }
        let apps: Vec<_> = self
            .apps
            .values()
            .filter(|app| app.owner == user)
            .map(|app| &app.name)
            .collect();
        let available = 10usize.saturating_sub(apps.len());
        let items = match (era, apps.is_empty()) {
            (Era::Page, _) => json!(apps.len()),
            (_, true) => Value::Null,
            (_, false) => json!(apps),
        };
        unlabelled(json!({"items": items, "available": available}))
    }

    pub(super) fn app_token(
        &mut self,
        request: &Request,
        caller: Caller<'_>,
        clock: &Clock,
    ) -> Answer {
        if !self.caller(caller)?.is_admin {
            let text = if caller.era == Era::V0_7 {
                "You must be an admin"
            } else {
                "Forbidden"
            };
            return Err(refusal(403, text));
        }
        let order = body(request, 500, "invalid character in the body")?;
        let name = text(&order, "client");
        if name.is_empty() {
            return Err(refusal(400, "Missing client name in JSON body"));
        }
        let token = self.new_token();
        if order["export"] == true {
            let app = self.apps.get_mut(name).ok_or_else(|| no_app(name))?;
            let variable = Variable {
                value: token.clone(),
                public: false,
            };
            app.env.insert("TSURU_APP_TOKEN".to_owned(), variable);
        }
        let creation = clock.now().to_string();
        unlabelled(if caller.era.is_page() {
            json!({"Token": token, "Creation": creation, "Expires": NANOSECONDS, "AppName": name})
        } else {
            json!({"token": token, "creation": creation, "expires": NANOSECONDS, "email": "", "app": name})
        })
    }

    fn caller(&mut self, caller: Caller<'_>) -> Result<&mut User, Refusal> {
        self.users
            .get_mut(caller.user)
            .ok_or_else(|| refusal(404, "User not found"))
    }
}
