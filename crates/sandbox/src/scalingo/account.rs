//! The account, at the authentication API: the user, its SSH keys, its API tokens.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Scalingo;
use super::errors;
use super::fields::timestamp;
use crate::reply::Reply;
use crate::request::Request;
use crate::sync::lock;

/// What belongs to the account and to no app.
#[derive(Debug, Clone)]
pub(super) struct Account {
    user: Value,
    /// By the name of their path.
    pub(super) lists: HashMap<&'static str, Vec<Value>>,
    made: u64,
    /// The last wish to delete the account.
    pub(super) deletion: Option<super::accounts::Deletion>,
}

impl Account {
    pub(super) fn new(api_token_name: &str, at: &str) -> Self {
        let mut account = Self {
            user: super::auth::user(),
            lists: HashMap::new(),
            made: 0,
            deletion: None,
        };
        let token = json!({"id": "to-0001", "name": api_token_name, "created_at": at, "last_used_at": null});
        account.lists.insert("tokens", vec![token]);
        account
            .lists
            .insert("projects", vec![super::projects::default_project(at)]);
        account.lists.insert(
            "scm_integrations",
            vec![super::scm_integrations::github(at)],
        );
        account
    }

    /// An id that no other thing of the account has; nothing is random.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{:04x}", self.made)
    }

    pub(super) fn list(&mut self, name: &'static str) -> &mut Vec<Value> {
        self.lists.entry(name).or_default()
    }

    pub(super) fn find(&mut self, name: &'static str, id: &str) -> Option<&mut Value> {
        self.list(name).iter_mut().find(|one| one["id"] == id)
    }

    pub(super) fn remove(&mut self, name: &'static str, id: &str) -> bool {
        let list = self.list(name);
        let before = list.len();
        list.retain(|one| one["id"] != id);
        list.len() < before
    }
}

impl Scalingo {
    /// What the authentication API serves to the bearer; nothing, if it is no path of it.
    pub(super) fn auth_api(&self, rest: &[&str], request: &Request) -> Option<Reply> {
        Some(match (request.method(), rest) {
            ("GET", ["users", "self"]) => {
                Reply::json(200, json!({"user": lock(&self.account).user}))
            }
            ("PUT", ["users", "account"]) => self.change_account(request),
            ("GET", ["users", "roles"]) => {
                Reply::json(200, json!({"roles": ["developer", "manager", "student"]}))
            }
            ("POST", ["users", "stop_free_trial"]) => {
                lock(&self.account).user["free_trial_end_time"] =
                    json!(timestamp(self.clock().now()));
                Reply::json(200, json!({"message": "The free trial has ended"}))
            }
            (_, ["users", "delete", rest @ ..]) => self.deletion(rest, request),
            ("GET", ["organizations"]) => Reply::json(
                200,
                json!({"organizations": [{
                    "id": "9f2c1c9e-7b1f-4d52-8f2f-3c3d8a1b2c3d", "name": "Example", "slug": "example",
                    "created_at": "2026-01-15T10:12:13.345Z", "flags": {},
                }]}),
            ),
            ("GET", ["client", "tfa"]) => Reply::json(
                200,
                json!({"tfa": {"uuid": "tfa-1", "enabled": false, "provider": null}}),
            ),
            (_, ["keys", rest @ ..]) => self.keys(rest, request),
            (_, ["tokens", rest @ ..]) => self.tokens(rest, request),
            (_, ["scm_integrations", rest @ ..]) => self.scm_integrations(rest, request),
            _ => return None,
        })
    }

    fn change_account(&self, request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let order = &body["user"];
        if order["email"]
            .as_str()
            .is_some_and(|email| !email.contains('@'))
        {
            return errors::field("email", "is invalid");
        }
        let mut account = lock(&self.account);
        // A new mail address counts once it was confirmed.
        for (name, to) in [("username", "username"), ("email", "unconfirmed_email")] {
            if order[name].is_string() {
                account.user[to] = order[name].clone();
            }
        }
        Reply::json(200, json!({"user": account.user}))
    }

    fn keys(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let mut account = lock(&self.account);
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({"keys": account.list("keys")})),
            ("POST", []) => {
                // Official clients send the fields without the envelope.
                let order = if body["key"].is_object() {
                    &body["key"]
                } else {
                    &body
                };
                let (name, content) = (
                    &order["name"],
                    order["content"].as_str().unwrap_or_default(),
                );
                match () {
                    () if !name.is_string() => return errors::field("name", "missing field"),
                    () if !["ssh-", "ecdsa-", "sk-"]
                        .iter()
                        .any(|kind| content.starts_with(kind)) =>
                    {
                        return errors::field("content", "is invalid");
                    }
                    () if account
                        .list("keys")
                        .iter()
                        .any(|key| key["content"] == content) =>
                    {
                        return errors::field("content", "has already been taken");
                    }
                    () => {}
                }
                let id = account.id("5fdd0000000000000000");
                let key = json!({
                    "id": id,
                    "name": name,
                    "content": content,
                    "fingerprint": format!("SHA256:{id}"),
                    "created_at": timestamp(self.clock().now()),
                    "owner": super::fields::user(),
                });
                account.list("keys").push(key.clone());
                Reply::json(201, json!({ "key": key }))
            }
            ("GET", [id]) => match account.find("keys", id) {
                Some(key) => Reply::json(200, json!({ "key": key })),
                None => unknown_page(),
            },
            ("DELETE", [id]) => match account.remove("keys", id) {
                true => Reply::empty(204),
                false => unknown_page(),
            },
            _ => errors::no_route(),
        }
    }

    fn tokens(&self, rest: &[&str], request: &Request) -> Reply {
        let body = request.json().unwrap_or_default();
        let now = timestamp(self.clock().now());
        let mut account = lock(&self.account);
        match (request.method(), rest) {
            ("GET", []) => Reply::json(200, json!({"tokens": account.list("tokens")})),
            ("POST", []) => {
                let named = body["token"].get("name").unwrap_or(&body["name"]);
                let Some(name) = named.as_str().filter(|name| !name.is_empty()) else {
                    return errors::field("name", "missing field");
                };
                let id = account.id("to-1");
                let mut token = json!({"id": id, "name": name, "created_at": now, "issued_at": now, "last_used_at": null});
                account.list("tokens").push(token.clone());
                token["token"] = json!(self.auth.make_api_token(&id));
                Reply::json(201, json!({ "token": token }))
            }
            ("GET", [id]) => match account.find("tokens", id) {
                Some(token) => Reply::json(200, json!({ "token": token })),
                None => unknown_page(),
            },
            ("PATCH" | "PUT", [id, "renew"]) => match account.find("tokens", id) {
                Some(token) => {
                    token["issued_at"] = json!(now);
                    let mut token = token.clone();
                    token["token"] = json!(self.auth.make_api_token(id));
                    Reply::json(200, json!({ "token": token }))
                }
                None => unknown_page(),
            },
            ("DELETE", [id]) => match account.remove("tokens", id) {
                true => {
                    self.auth.end_api_token(id);
                    Reply::empty(204)
                }
                false => unknown_page(),
            },
            _ => errors::no_route(),
        }
    }
}

/// The authentication API answers a page, not JSON, where it does not know a key or a token.
fn unknown_page() -> Reply {
    Reply::html(
        404,
        "<!DOCTYPE html><title>The page you were looking for doesn't exist (404)</title>",
    )
}
