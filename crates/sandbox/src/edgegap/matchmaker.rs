//! A matchmaker: two players of a profile make a match, and each match a server.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::deployment::{Deployment, Phase};
use super::errors::{self, Refusal};
use super::shelf::{body, or_refusal};
use crate::reply::Reply;
use crate::request::Request;
use crate::validate::{Fields, Kind};

/// How many players make a match.
const PLAYERS: usize = 2;

/// Starts a server, and finds one.
pub(super) trait Servers {
    /// Starts a server for a match; its id.
    fn start(&self, profile: &str) -> String;
    /// What there is of a server: its phase, and where players connect to.
    fn look(&self, id: &str) -> Option<(Phase, Value)>;
}

/// Tickets, groups and backfills.
#[derive(Debug, Clone, Default)]
pub(super) struct Matches {
    tickets: Vec<Ticket>,
    groups: BTreeMap<String, Vec<Member>>,
    backfills: Vec<Backfill>,
    numbered: usize,
}

#[derive(Debug, Clone)]
struct Ticket {
    id: String,
    body: Value,
    created: String,
    group: String,
    host: Option<Host>,
}

/// Where a ticket goes.
#[derive(Debug, Clone)]
enum Host {
    Started(String),
    /// One that had room.
    Given(Value),
}

#[derive(Debug, Clone)]
struct Member {
    id: String,
    body: Value,
    ready: bool,
    ticket: Option<String>,
}

#[derive(Debug, Clone)]
struct Backfill {
    id: String,
    body: Value,
    ticket: Option<String>,
}

impl Matches {
    /// Everything below the matchmaker's address.
    pub(super) fn route(
        &mut self,
        rest: &[&str],
        request: &Request,
        servers: &dyn Servers,
        now: Timestamp,
    ) -> Reply {
        or_refusal(match (request.method(), rest) {
            ("POST", ["tickets"]) => body(request).and_then(|body| {
                check(&body)?;
                let group = self.name("group");
                let id = self.add(body, &group, now);
                self.match_up(servers);
                self.ticket(&id, servers).map(|view| Reply::json(201, view))
            }),
            ("GET", ["tickets", id]) => self.ticket(id, servers).map(|view| Reply::json(200, view)),
            ("DELETE", ["tickets", id]) => self.withdraw(id),
            ("POST", ["group-tickets"]) => self.group_ticket(request, servers, now),
            ("POST", ["groups"]) => {
                let group = self.name("group");
                self.groups.insert(group.clone(), Vec::new());
                let joined = self.join(&group, request, servers, now);
                if joined.is_err() {
                    self.groups.remove(&group);
                }
                joined
            }
            ("GET", ["groups", group]) => self.group(group, servers),
            ("DELETE", ["groups", group]) => self.disband(group),
            ("POST", ["groups", group, "members"]) => self.join(group, request, servers, now),
            (method, ["groups", group, "members", member]) => {
                self.member(method, group, member, request, servers, now)
            }
            ("POST", ["backfills"]) => self.create_backfill(request),
            ("GET", ["backfills", id]) => match self.backfills.iter().find(|one| one.id == *id) {
                Some(backfill) => Ok(Reply::json(200, self.backfill(backfill))),
                None => Err(unknown()),
            },
            ("DELETE", ["backfills", id]) => {
                let before = self.backfills.len();
                self.backfills.retain(|one| one.id != *id);
                if self.backfills.len() < before {
                    Ok(Reply::empty(204))
                } else {
                    Err(unknown())
                }
            }
            ("GET", ["inspect", "tickets"]) => {
                let views = self
                    .tickets
                    .iter()
                    .map(|ticket| view(ticket, servers))
                    .collect();
                Ok(Reply::json(200, Value::Array(views)))
            }
            ("GET", ["inspect", "matches"]) => {
                let matched = self.tickets.iter().filter(|ticket| ticket.host.is_some());
                let views = matched.map(
                    |ticket| json!({"ticket_id": ticket.id, "profile": ticket.body["profile"]}),
                );
                Ok(Reply::json(200, Value::Array(views.collect())))
            }
            _ => Ok(errors::no_route()),
        })
    }

    fn name(&mut self, kind: &str) -> String {
        self.numbered += 1;
        format!(
            "{kind}-{:08x}",
            self.numbered.wrapping_mul(0x9e37_79b1) & 0xffff_ffff
        )
    }

    fn add(&mut self, body: Value, group: &str, now: Timestamp) -> String {
        let id = self.name("ticket");
        self.tickets.push(Ticket {
            id: id.clone(),
            body,
            created: now.to_string(),
            group: group.to_owned(),
            host: None,
        });
        id
    }

    /// Gives servers with room their players, and each two others a server.
    fn match_up(&mut self, servers: &dyn Servers) {
        for backfill in self.backfills.iter_mut().filter(|one| one.ticket.is_none()) {
            let profile = &backfill.body["profile"];
            let free =
                |ticket: &&mut Ticket| ticket.host.is_none() && ticket.body["profile"] == *profile;
            if let Some(ticket) = self.tickets.iter_mut().find(free) {
                ticket.host = Some(Host::Given(
                    backfill.body["attributes"]["assignment"].clone(),
                ));
                backfill.ticket = Some(ticket.id.clone());
            }
        }
        let profiles: Vec<_> = self
            .tickets
            .iter()
            .map(|ticket| ticket.body["profile"].clone())
            .collect();
        for profile in profiles {
            let free =
                |ticket: &&mut Ticket| ticket.host.is_none() && ticket.body["profile"] == profile;
            let mut waiting: Vec<_> = self.tickets.iter_mut().filter(free).collect();
            if waiting.len() >= PLAYERS {
                let server = servers.start(profile.as_str().unwrap_or_default());
                for ticket in &mut waiting {
                    ticket.host = Some(Host::Started(server.clone()));
                }
            }
        }
    }

    fn ticket(&self, id: &str, servers: &dyn Servers) -> Result<Value, Refusal> {
        let found = self.tickets.iter().find(|ticket| ticket.id == id);
        found
            .map(|ticket| view(ticket, servers))
            .ok_or_else(unknown)
    }

    fn withdraw(&mut self, id: &str) -> Result<Reply, Refusal> {
        match self.tickets.iter().position(|ticket| ticket.id == id) {
            None => Err(unknown()),
            Some(at) if self.tickets[at].host.is_some() => Err(matched()),
            Some(at) => {
                self.tickets.remove(at);
                Ok(Reply::empty(204))
            }
        }
    }

    fn group_ticket(
        &mut self,
        request: &Request,
        servers: &dyn Servers,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let body = body(request)?;
        let players = body["player_tickets"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        if players.is_empty() {
            return Err(Box::new(errors::bad_request(
                "'player_tickets' must not be empty",
            )));
        }
        players.iter().try_for_each(check)?;
        let group = self.name("group");
        let ids: Vec<_> = players
            .into_iter()
            .map(|player| self.add(player, &group, now))
            .collect();
        self.match_up(servers);
        let views: Result<Vec<_>, _> = ids.iter().map(|id| self.ticket(id, servers)).collect();
        Ok(Reply::json(201, json!({"player_tickets": views?})))
    }

    fn join(
        &mut self,
        group: &str,
        request: &Request,
        servers: &dyn Servers,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let body = body(request)?;
        check(&body)?;
        let id = self.name("member");
        let members = self.groups.get_mut(group).ok_or_else(unknown)?;
        members.push(Member {
            id: id.clone(),
            ready: body["is_ready"] == true,
            body,
            ticket: None,
        });
        self.begin(group, servers, now);
        self.member_view(group, &id, servers)
            .map(|view| Reply::json(201, view))
    }

    /// Once all of a group are ready, they look for a match.
    fn begin(&mut self, group: &str, servers: &dyn Servers, now: Timestamp) {
        let Some(mut members) = self.groups.remove(group) else {
            return;
        };
        if !members.is_empty() && members.iter().all(|member| member.ready) {
            for member in members.iter_mut().filter(|member| member.ticket.is_none()) {
                member.ticket = Some(self.add(member.body.clone(), group, now));
            }
        }
        self.groups.insert(group.to_owned(), members);
        self.match_up(servers);
    }

    fn group(&self, group: &str, servers: &dyn Servers) -> Result<Reply, Refusal> {
        let members = self.groups.get(group).ok_or_else(unknown)?;
        let ticket = members.iter().find_map(|member| member.ticket.as_deref());
        let view = match ticket {
            Some(ticket) => self.ticket(ticket, servers)?,
            None => json!({"status": "SEARCHING"}),
        };
        let view = json!({"status": view["status"], "team_id": view["team_id"], "assignment": view["assignment"]});
        Ok(Reply::json(200, view))
    }

    fn has_match(&self, member: &Member) -> bool {
        let of_it = |ticket: &&Ticket| Some(&ticket.id) == member.ticket.as_ref();
        self.tickets
            .iter()
            .find(of_it)
            .is_some_and(|ticket| ticket.host.is_some())
    }

    fn disband(&mut self, group: &str) -> Result<Reply, Refusal> {
        let members = self.groups.get(group).ok_or_else(unknown)?;
        if members.iter().any(|member| self.has_match(member)) {
            return Err(matched());
        }
        self.groups.remove(group);
        self.tickets.retain(|ticket| ticket.group != group);
        Ok(Reply::empty(204))
    }

    fn member(
        &mut self,
        method: &str,
        group: &str,
        id: &str,
        request: &Request,
        servers: &dyn Servers,
        now: Timestamp,
    ) -> Result<Reply, Refusal> {
        let members = self.groups.get(group).ok_or_else(unknown)?;
        let at = members
            .iter()
            .position(|member| member.id == id)
            .ok_or_else(unknown)?;
        match method {
            "GET" => {}
            "PATCH" => {
                let body = body(request)?;
                Fields::of(&body)
                    .required("is_ready", Kind::Boolean)
                    .check()
                    .map_err(|problems| Box::new(errors::invalid(problems)))?;
                if let Some(member) = self
                    .groups
                    .get_mut(group)
                    .and_then(|members| members.get_mut(at))
                {
                    member.ready = body["is_ready"] == true;
                }
                self.begin(group, servers, now);
            }
            "DELETE" => {
                if self.has_match(&members[at]) {
                    return Err(matched());
                }
                let gone = self.groups.get_mut(group).map(|members| members.remove(at));
                let ticket = gone.and_then(|member| member.ticket);
                self.tickets.retain(|one| Some(&one.id) != ticket.as_ref());
                return Ok(Reply::empty(204));
            }
            _ => return Ok(errors::no_route()),
        }
        self.member_view(group, id, servers)
            .map(|view| Reply::json(200, view))
    }

    fn member_view(&self, group: &str, id: &str, servers: &dyn Servers) -> Result<Value, Refusal> {
        let members = self.groups.get(group).ok_or_else(unknown)?;
        let member = members
            .iter()
            .find(|member| member.id == id)
            .ok_or_else(unknown)?;
        let ticket = match &member.ticket {
            Some(ticket) => self.ticket(ticket, servers)?,
            None => json!({"status": "SEARCHING"}),
        };
        Ok(json!({
            "member_id": id, "group_id": group, "is_ready": member.ready, "status": ticket["status"],
            "ticket_id": member.ticket, "team_id": ticket["team_id"], "assignment": ticket["assignment"],
        }))
    }

    fn create_backfill(&mut self, request: &Request) -> Result<Reply, Refusal> {
        let body = body(request)?;
        check(&body)?;
        if !body["attributes"]["assignment"].is_object() || !body["tickets"].is_object() {
            return Err(Box::new(errors::bad_request(
                "'attributes.assignment' and 'tickets' must be objects",
            )));
        }
        let id = self.name("backfill");
        let backfill = Backfill {
            id,
            body,
            ticket: None,
        };
        let view = self.backfill(&backfill);
        self.backfills.push(backfill);
        Ok(Reply::json(201, view))
    }

    fn backfill(&self, backfill: &Backfill) -> Value {
        let found = backfill
            .ticket
            .as_ref()
            .and_then(|id| self.tickets.iter().find(|ticket| ticket.id == *id));
        let assigned = found.map(|ticket| {
            json!({
                "id": ticket.id, "created_at": ticket.created, "player_ip": ticket.body["player_ip"],
                "group_id": ticket.group, "attributes": ticket.body["attributes"],
            })
        });
        let status = if assigned.is_some() {
            "HOST_ASSIGNED"
        } else {
            "SEARCHING"
        };
        json!({
            "id": backfill.id, "profile": backfill.body["profile"], "status": status,
            "tickets": backfill.body["tickets"], "assigned_ticket": assigned,
        })
    }
}

fn view(ticket: &Ticket, servers: &dyn Servers) -> Value {
    let (status, assignment) = match &ticket.host {
        None => ("SEARCHING", Value::Null),
        Some(Host::Given(server)) => ("HOST_ASSIGNED", server.clone()),
        Some(Host::Started(id)) => match servers.look(id) {
            Some((Phase::Ready, server)) => ("HOST_ASSIGNED", server),
            Some((Phase::Starting(_), _)) => ("MATCH_FOUND", Value::Null),
            _ => ("CANCELLED", Value::Null),
        },
    };
    json!({
        "id": ticket.id, "profile": ticket.body["profile"], "created_at": ticket.created, "status": status,
        "player_ip": ticket.body["player_ip"], "group_id": ticket.group, "team_id": null,
        "assignment": assignment,
    })
}

/// Where players of a server connect to.
pub(super) fn assignment(deployment: &Deployment, status: &Value) -> Value {
    json!({
        "fqdn": deployment.fqdn(), "public_ip": deployment.public_ip(),
        "ports": status["ports"], "location": status["location"],
    })
}

fn check(body: &Value) -> Result<(), Refusal> {
    Fields::of(body)
        .required("profile", Kind::String)
        .required("attributes", Kind::Object)
        .check()
        .map_err(|problems| Box::new(errors::invalid(problems)))
}

fn unknown() -> Refusal {
    Box::new(errors::not_found("not found"))
}

fn matched() -> Refusal {
    Box::new(errors::conflict("a match was found already"))
}
