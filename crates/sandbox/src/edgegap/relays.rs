//! Relay sessions.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::errors::{self, Refusal};
use super::shelf::{body, listed, or_refusal};
use crate::clock::Clock;
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// How long a session takes to be ready.
const LINK_TIME: Duration = Duration::from_secs(2);

/// All relay sessions, oldest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Relays {
    sessions: Vec<Session>,
    numbered: u64,
}

#[derive(Debug, Clone)]
struct Session {
    id: String,
    number: u64,
    ready_at: Instant,
    /// Address and token.
    users: Vec<(String, u64)>,
    webhook: Value,
}

impl Relays {
    /// `/v1/relays/…`
    pub(super) fn route(&mut self, rest: &[&str], request: &Request, clock: &Clock) -> Reply {
        let now = clock.instant();
        or_refusal(match (request.method(), rest) {
            ("GET", ["sessions"]) => {
                let views: Vec<_> = self
                    .sessions
                    .iter()
                    .map(|session| session.view(now))
                    .collect();
                Ok(listed(&views, "sessions", request))
            }
            ("POST", ["sessions"]) => self.create(request, clock),
            ("POST", ["sessions:authorize-user"]) => self.authorize(request, now),
            ("POST", ["sessions:revoke-user"]) => self.revoke(request, now),
            ("GET", ["sessions", id]) => self
                .find(id)
                .map(|session| Reply::json(200, session.view(now))),
            ("DELETE", ["sessions", id]) => {
                self.find(id).map(|session| session.id.clone()).map(|id| {
                    self.sessions.retain(|session| session.id != id);
                    Reply::empty(204)
                })
            }
            _ => Ok(errors::no_route()),
        })
    }

    fn find(&mut self, id: &str) -> Result<&mut Session, Refusal> {
        let session = self.sessions.iter_mut().find(|session| session.id == id);
        session.ok_or_else(|| Box::new(errors::not_found("Session not found")))
    }

    fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }

    fn create(&mut self, request: &Request, clock: &Clock) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("users", Kind::Array)
            .optional("filters", Kind::Array)
            .optional("webhook_url", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let ips: Vec<_> = body["users"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|user| user["ip"].as_str())
            .collect();
        if ips.is_empty()
            || ips
                .iter()
                .any(|ip| ip.is_none_or(|ip| ip.parse::<std::net::IpAddr>().is_err()))
        {
            return Err(Box::new(errors::bad_request(
                "'users' must have an 'ip' each",
            )));
        }
        let users = ips
            .into_iter()
            .flatten()
            .map(|ip| (ip.to_owned(), token(self.number())))
            .collect();
        let number = self.number();
        let now = clock.instant();
        let session = Session {
            id: format!(
                "{:012x}-S",
                number.wrapping_mul(0x9e37_79b9_7f4b) & 0xffff_ffff_ffff
            ),
            number,
            ready_at: now + clock.scaled(LINK_TIME),
            users,
            webhook: body["webhook_url"].clone(),
        };
        let view = session.view(now);
        self.sessions.push(session);
        Ok(Reply::json(200, view))
    }

    fn authorize(&mut self, request: &Request, now: Instant) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("session_id", Kind::String)
            .required("user_ip", Kind::String)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let token = token(self.number());
        let (id, ip) = (
            body["session_id"].as_str().unwrap_or_default(),
            body["user_ip"].as_str().unwrap_or_default(),
        );
        let session = self.find(id)?;
        if session.users.iter().any(|(known, _)| known == ip) {
            return Err(Box::new(errors::conflict("The user is already authorized")));
        }
        session.users.push((ip.to_owned(), token));
        let mut view = session.view(now);
        if let Some(fields) = view.as_object_mut() {
            fields.remove("session_users");
        }
        view["session_user"] = user(ip, token);
        Ok(Reply::json(200, view))
    }

    fn revoke(&mut self, request: &Request, now: Instant) -> Result<Reply, Refusal> {
        let body = body(request)?;
        Fields::of(&body)
            .required("session_id", Kind::String)
            .required("authorization_token", Kind::Integer)
            .check()
            .map_err(|problems| Box::new(errors::invalid(problems)))?;
        let session = self.find(body["session_id"].as_str().unwrap_or_default())?;
        let Some(at) = session
            .users
            .iter()
            .position(|(_, token)| body["authorization_token"] == *token)
        else {
            return Err(Box::new(errors::not_found("User not found")));
        };
        session.users.remove(at);
        // Without players there is nothing to tell.
        if session.users.is_empty() {
            return Ok(Reply::empty(204));
        }
        Ok(Reply::json(200, session.view(now)))
    }
}

impl Session {
    fn view(&self, now: Instant) -> Value {
        let ready = now >= self.ready_at;
        let host = format!("{}.st.edgegap.net", self.id.trim_end_matches("-S"));
        let port =
            |port: u64| json!({"port": port, "protocol": "UDP", "link": format!("{host}:{port}")});
        let first = 32_000 + self.number % 10_000 * 2;
        let relay = json!({
            "ip": "192.0.2.200", "host": host, "ports": {"server": port(first), "client": port(first + 1)},
        });
        let users: Vec<_> = self
            .users
            .iter()
            .map(|(ip, token)| user(ip, *token))
            .collect();
        json!({
            "session_id": self.id,
            "authorization_token": token(self.number),
            "status": if ready { "READY" } else { "LINKING" },
            "ready": ready,
            "linked": ready,
            "error": null,
            "session_users": users,
            "relay": ready.then_some(relay),
            "webhook_url": self.webhook,
        })
    }
}

fn user(ip: &str, token: u64) -> Value {
    json!({"ip_address": ip, "latitude": 45.5, "longitude": -73.6, "authorization_token": token})
}

/// A token that looks like nothing.
fn token(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b1) & 0xffff_ffff
}
