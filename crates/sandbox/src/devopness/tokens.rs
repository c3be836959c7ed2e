//! API tokens of projects and personal access tokens: created, rotated and revoked; their secrets
//! are shown once, and open the API.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::errors::{self, Invalid, Refusal};
use super::kinds::{Kind, LOGIN, PERSONAL_TOKEN, PROJECT, PROJECT_TOKEN};
use super::resources::new_body;
use super::store::{Record, State, timestamp};

/// How long a token may live.
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

/// What a valid token may touch.
pub(super) struct Access {
    /// The only project, for a project's token.
    pub(super) scope: Option<u64>,
}

/// Finds the token with that secret, and notes its use. Nothing if it is unknown, revoked or
/// expired.
pub(super) fn accept(state: &mut State, secret: &str, now: Timestamp) -> Option<Access> {
    let is_it = |record: &&mut Record| {
        [&PROJECT_TOKEN, &PERSONAL_TOKEN, &LOGIN].contains(&record.kind)
            && record.secret.as_deref() == Some(secret)
    };
    let token = state.records.iter_mut().find(is_it)?;
    if status(token, now) != "active" {
        return None;
    }
    token.set("last_used_at", timestamp(now));
    let scope = if *token.kind == PROJECT_TOKEN {
        token.project
    } else {
        None
    };
    Some(Access { scope })
}

fn status(token: &Record, now: Timestamp) -> &'static str {
    let expires_at: Option<Timestamp> = token.text("expires_at").parse().ok();
    if !token.text("revoked_at").is_empty() {
        "revoked"
    } else if expires_at.is_some_and(|at| at <= now) {
        "expired"
    } else {
        "active"
    }
}

/// Adds a token.
pub(super) fn add(
    state: &mut State,
    kind: &'static Kind,
    parent: &str,
    mut body: serde_json::Map<String, Value>,
    secret: Option<String>,
    at: Timestamp,
) -> usize {
    let prefix = if *kind == PROJECT_TOKEN {
        "devopness_proj"
    } else {
        "devopness_pat"
    };
    let id = state.uuid();
    let secret = secret.unwrap_or_else(|| new_secret(state, prefix));
    let is_project = *kind == PROJECT_TOKEN;
    let of = if is_project {
        "project_api_token"
    } else {
        "personal_access_token"
    };
    body.insert("type".to_owned(), json!(of));
    for field in ["token", "last_used_at", "revoked_at"] {
        body.insert(field.to_owned(), Value::Null);
    }
    state.add(kind, json!(id), parent, body, at).secret = Some(secret);
    state.records.len() - 1
}

/// Secrets are counted, not random: a sandbox must give the same answers each time.
fn new_secret(state: &mut State, prefix: &str) -> String {
    format!("{prefix}_sandbox{:032x}", state.count("secret"))
}

/// Answers the operations on tokens. `rest` is the path after the collection, `parent` the
/// project whose tokens are meant, if it isn't the user's.
pub(super) fn answer(
    state: &mut State,
    call: &Call<'_>,
    kind: &'static Kind,
    parent: &str,
    rest: &[&str],
) -> Answer {
    if let Some(id) = parent.strip_prefix("project/") {
        call.find(state, &PROJECT, id)?;
    }
    let id = call.arguments.last().copied().unwrap_or_default();
    match (call.request.method(), rest) {
        ("GET", []) => {
            let tokens = state.of(kind, parent);
            let model = state.model(kind.relation);
            let shown = tokens.map(|token| model.cut(&show(state, token, call)));
            Ok(call.list(shown.collect()))
        }
        ("POST", []) => {
            check_expiry(call)?;
            call.check_references(state)?;
            let mut body = new_body(call, kind);
            if let Some(role) = call.body["role_id"].as_u64() {
                let role = state.get(&super::kinds::ROLE, &role.to_string());
                let role = role.map(|role| state.relation(role, call.now));
                body.insert("role".to_owned(), json!(role));
            }
            let at = add(state, kind, parent, body, None, call.at);
            Ok(call.reply(with_secret(state, at, call)))
        }
        (method, [_, rest @ ..]) => {
            let is_it =
                |token: &Record| token.kind == kind && token.parent == parent && token.key() == id;
            let at = state.records.iter().position(is_it);
            let at = at.ok_or_else(|| call.missing("token"))?;
            match (method, rest) {
                ("GET", []) => Ok(call.reply(show(state, &state.records[at], call))),
                ("DELETE", ["revoke"]) => {
                    if status(&state.records[at], call.at) == "revoked" {
                        return Err(errors::forbidden());
                    }
                    state.records[at].set("revoked_at", timestamp(call.at));
                    Ok(call.done())
                }
                _ => rotate(state, call, at),
            }
        }
        _ => Ok(call.example()),
    }
}

fn rotate(state: &mut State, call: &Call<'_>, at: usize) -> Answer {
    if state.records[at].id != call.body["id"] {
        return Err(Invalid::one("id", "The selected id is invalid.").refusal());
    }
    check_expiry(call)?;
    if status(&state.records[at], call.at) == "revoked" {
        return Err(errors::forbidden());
    }
    let is_project = *state.records[at].kind == PROJECT_TOKEN;
    let prefix = if is_project {
        "devopness_proj"
    } else {
        "devopness_pat"
    };
    let secret = new_secret(state, prefix);
    let token = &mut state.records[at];
    token.secret = Some(secret);
    token.set("expires_at", call.text("expires_at"));
    token.set("updated_at", timestamp(call.at));
    Ok(call.reply(with_secret(state, at, call)))
}

/// `POST /users/login` and `POST /users/refresh-token`: the access token opens the API for as long as it is
/// said to.
pub(super) fn log_in(state: &mut State, call: &Call<'_>) -> Answer {
    let model = call.row.model.as_deref().unwrap_or_default();
    let mut answer = state.model(model).example.clone();
    let lives = answer["expires_in"].as_u64().unwrap_or(3600);
    let mut body = serde_json::Map::new();
    let until = expiry(call.at, Duration::from_secs(lives));
    body.insert("expires_at".to_owned(), json!(until));
    let at = add(state, &LOGIN, "", body, None, call.at);
    answer["access_token"] = json!(state.records[at].secret);
    Ok(call.reply(answer))
}

/// In the future, and no more than a year away.
fn check_expiry(call: &Call<'_>) -> Result<(), Refusal> {
    let problem = match call.text("expires_at").parse::<Timestamp>() {
        Err(_) => "is not a valid date.",
        Ok(at) if at <= call.at => "must be a date after now.",
        Ok(at) if at.duration_since(call.at) > YEAR => "must be a date before now +1 year.",
        Ok(_) => return Ok(()),
    };
    Err(Invalid::one("expires_at", format!("The expires at {problem}")).refusal())
}

fn show(state: &State, token: &Record, call: &Call<'_>) -> Value {
    let mut shown = state.single(token, call.now);
    shown["status"] = json!(status(token, call.at));
    shown
}

fn with_secret(state: &State, at: usize, call: &Call<'_>) -> Value {
    let token = &state.records[at];
    let mut shown = show(state, token, call);
    shown["token"] = json!(token.secret);
    shown
}

/// The date on which a token ends that is created now to live that long.
pub(super) fn expiry(now: Timestamp, lifetime: Duration) -> String {
    let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::MAX);
    timestamp(now.saturating_add(lifetime).unwrap_or(Timestamp::MAX))
}
