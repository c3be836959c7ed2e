//! API tokens and the bearer tokens they are exchanged for.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::request::Request;
use crate::sync::{Held, lock};

/// The account that everything belongs to.
pub(super) fn user() -> Value {
    json!({
        "id": "us-676bb0c1-1ca9-4682-8ee1-257422e9eab5",
        "username": "john",
        "email": "user@example.com",
        "fullname": "John Doe",
        "flags": {},
    })
}

/// Who may do what: whoever holds the API token, or a bearer token that hasn't expired, everything.
#[derive(Debug, Clone)]
pub(super) struct Auth {
    api_token: String,
    /// API tokens that were added later.
    further: Held<Vec<String>>,
    lifetime: Duration,
    issued: Held<Issued>,
}

/// The bearer tokens so far.
#[derive(Debug, Clone, Default)]
struct Issued {
    count: u64,
    expires: HashMap<String, Instant>,
    /// Tokens of the database API, each with the add-on that it belongs to.
    databases: HashMap<String, (String, Instant)>,
    /// Further API tokens, by their id.
    api_tokens: HashMap<String, String>,
    /// Whether the account is deleted: nobody is let in.
    closed: bool,
}

impl Auth {
    pub(super) fn new(api_token: String, lifetime: Duration) -> Self {
        Self {
            api_token,
            further: Held::default(),
            lifetime,
            issued: Held::default(),
        }
    }

    pub(super) fn api_token(&self) -> &str {
        &self.api_token
    }

    /// Whether this is Basic authentication with an empty user and the API token as password.
    pub(super) fn may_exchange(&self, request: &Request) -> bool {
        let known = |password: &String| {
            let issued = lock(&self.issued);
            !issued.closed
                && (*password == self.api_token
                    || lock(&self.further).contains(password)
                    || issued.api_tokens.values().any(|one| one == password))
        };
        request
            .basic()
            .is_some_and(|(user, password)| user.is_empty() && known(&password))
    }

    /// Accepts one more API token.
    pub(super) fn add(&self, api_token: String) {
        lock(&self.further).push(api_token);
    }

    /// Makes an API token with this id, in place of the one it had.
    pub(super) fn make_api_token(&self, id: &str) -> String {
        let mut issued = lock(&self.issued);
        issued.count += 1;
        let token = format!("tk-us-sandbox-{:016x}", issued.count);
        issued.api_tokens.insert(id.to_owned(), token.clone());
        token
    }

    pub(super) fn end_api_token(&self, id: &str) {
        lock(&self.issued).api_tokens.remove(id);
    }

    /// A new bearer token: a JWT that says when it expires, and does.
    pub(super) fn issue(&self, clock: &Clock) -> String {
        let mut issued = lock(&self.issued);
        issued.count += 1;
        let now = clock.now();
        // A fraction of a second can't be said; better too late than expired at birth.
        let whole = self.lifetime.as_secs() + u64::from(self.lifetime.subsec_nanos() > 0);
        let lifetime = i64::try_from(whole).unwrap_or(i64::MAX);
        let bearer = jwt(&json!({
            "iss": "Scalingo",
            "iat": now.as_second(),
            "uuid": "us-676bb0c1-1ca9-4682-8ee1-257422e9eab5",
            "rnd": format!("{:016x}", issued.count),
            "exp": now.as_second().saturating_add(lifetime),
        }));
        let instant = clock.instant();
        issued.expires.retain(|_, expires| *expires > instant);
        if let Some(expires) = instant.checked_add(self.lifetime) {
            issued.expires.insert(bearer.clone(), expires);
        }
        bearer
    }

    /// A token of the database API, for one add-on: no JWT, and good for an hour.
    pub(super) fn issue_for(&self, addon: &str, clock: &Clock) -> String {
        let mut issued = lock(&self.issued);
        issued.count += 1;
        let token = format!("database-token-{:016x}", issued.count);
        if let Some(expires) = clock.instant().checked_add(self.lifetime) {
            issued
                .databases
                .insert(token.clone(), (addon.to_owned(), expires));
        }
        token
    }

    /// The add-on that a token of the database API belongs to, if the token hasn't expired.
    pub(super) fn addon_of(&self, token: &str, clock: &Clock) -> Option<String> {
        let issued = lock(&self.issued);
        let (addon, expires) = issued.databases.get(token)?;
        (*expires > clock.instant()).then(|| addon.clone())
    }

    /// Whether the bearer token was issued here and hasn't expired.
    pub(super) fn accepts(&self, bearer: &str, clock: &Clock) -> bool {
        let expires = lock(&self.issued).expires.get(bearer).copied();
        expires.is_some_and(|expires| expires > clock.instant())
    }

    /// Whether this frame is `{"type":"auth","data":{"token":…}}` with a good token.
    pub(super) fn accepts_frame(&self, frame: &str, clock: &Clock) -> bool {
        let frame: Value = serde_json::from_str(frame).unwrap_or_default();
        frame["type"] == "auth"
            && frame["data"]["token"]
                .as_str()
                .is_some_and(|token| self.accepts(token, clock))
    }

    /// Lets nobody in any more: the account is deleted.
    pub(super) fn close(&self) {
        self.expire_all();
        lock(&self.issued).closed = true;
    }

    /// Ends the life of all bearer tokens now.
    pub(super) fn expire_all(&self) {
        let mut issued = lock(&self.issued);
        issued.expires.clear();
        issued.databases.clear();
    }
}

/// A token that looks signed. Nobody but this server reads it as a proof, and it remembers its own.
fn jwt(claims: &Value) -> String {
    let header = json!({"alg": "HS512", "typ": "JWT"});
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let signature = part(b"signed by the sandbox");
    format!(
        "{}.{}.{signature}",
        part(header.to_string().as_bytes()),
        part(claims.to_string().as_bytes())
    )
}
