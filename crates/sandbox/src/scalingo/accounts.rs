//! Accounts that are made, and the end of the one that everything belongs to.

use serde_json::json;

use super::Scalingo;
use super::errors;
use crate::reply::Reply;
use crate::request::Request;
use crate::running::Running;
use crate::sync::lock;

/// What the mail names that asks whether the account shall be deleted.
#[derive(Debug, Clone)]
pub(super) struct Deletion {
    id: String,
    token: String,
}

impl Scalingo {
    /// `/v1/users`
    pub(super) fn accounts(&self, request: &Request) -> Reply {
        match request.method() {
            "POST" => self.sign_up(request),
            "DELETE" => self.end_account(),
            _ => errors::no_route(),
        }
    }

    fn sign_up(&self, request: &Request) -> Reply {
        let Ok(body) = request.json() else {
            return errors::not_json(request);
        };
        let text = |name: &str| body["user"][name].as_str().unwrap_or_default();
        let email = text("email");
        let mut account = lock(&self.account);
        let known = account.list("users");
        let taken = super::auth::user()["email"] == email || known.contains(&json!(email));
        match () {
            () if !email.contains('@') => errors::field("email", "is invalid"),
            () if text("password").is_empty() => errors::field("password", "missing field"),
            () if taken => errors::field("email", "has already been taken"),
            () => {
                known.push(json!(email));
                Reply::empty(201)
            }
        }
    }

    /// The account with all that it owns; nobody is let in from then on.
    fn end_account(&self) -> Reply {
        lock(&self.apps).clear();
        self.auth.close();
        Reply::empty(204)
    }

    /// `/v1/users/delete`
    pub(super) fn deletion(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let mut account = lock(&self.account);
        let asked = account.deletion.clone();
        match (request.method(), rest, asked) {
            ("POST", [], _) => {
                let (id, token) = (account.id("de-"), account.id("by-mail-"));
                account.deletion = Some(Deletion { id, token });
                Reply::empty(204)
            }
            ("POST", [id, "confirm"], Some(asked)) if *id == asked.id => {
                if body["deletion"]["token"] != asked.token.as_str() {
                    return errors::field("token", "is invalid");
                }
                drop(account);
                self.end_account()
            }
            ("POST", [_, "confirm"], _) => errors::not_found("deletion"),
            _ => errors::no_route(),
        }
    }
}

impl Running<Scalingo> {
    /// What the mail named that was sent last about the deletion of the account: the id of the deletion, and its
    /// token.
    pub fn deletion_mail(&self) -> Option<(String, String)> {
        let asked = lock(&self.service().account).deletion.clone();
        asked.map(|asked| (asked.id, asked.token))
    }
}
