//! The matchmaker: an instance of one's own, which groups players and starts a server for each match.
//!
//! **Known from Edgegap's own clients, not from a description** (Unity SDK 3.x and agent skills of 2026-10); it is the
//! service's to change. An instance describes itself, at its own address. Matchmakers are made, started and stopped in
//! the dashboard only, which also shows the address and the token.

use std::collections::BTreeMap;

use deploykit_core::{Error, Result, Secret, State, Time, Wait};
use serde_json::Value;

pub use crate::instance::{
    AssignedPort, Assignment, InstanceBeacon, InstanceBeacons, InstanceBuilder, Monitor,
    ServerAddress, ServerPlace, ServerPort,
};

deploykit_core::id! {
    /// The id of a ticket.
    pub struct TicketId(String);

    /// The id of a group.
    pub struct GroupId(String);

    /// The id of a member of a group.
    pub struct MemberId(String);

    /// The id of a backfill.
    pub struct BackfillId(String);
}

deploykit_core::endpoints! {
    /// A matchmaker.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().speed(1000.0).start().await?;
    /// # let (address, token) = (sandbox.matchmaker_url(), sandbox.matchmaker_token());
    /// use deploykit_edgegap::matchmaker::{Matchmaker, NewTicket};
    /// use serde_json::json;
    ///
    /// let matchmaker = Matchmaker::at(address, token)?;
    /// let player = NewTicket::new("simple-example", json!({"beacons": {"Montreal": 12.3}})).player_ip("192.0.2.1");
    /// let other = player.clone().player_ip("192.0.2.2");
    /// let ticket = matchmaker.create_ticket(&player).await?;
    /// matchmaker.create_ticket(&other).await?;
    /// let assignment = matchmaker.assigned(&ticket.id).await?.assignment;
    /// println!("connect to {:?}", assignment.and_then(|server| server.address("gameport")));
    /// # Ok(())
    /// # }
    /// ```
    pub struct Matchmaker;

    /// Tells how the matchmaker is.
    getMonitor: GET "/monitor" => monitor() -> Monitor;

    /// Lists where players measure their latency.
    listBeacons: GET "/locations/beacons" => beacons() -> InstanceBeacons;

    /// Looks for a match for one player. Not repeated by itself: the player would be there twice.
    createTicket: POST "/tickets" => create_ticket(body: &NewTicket) -> Ticket;

    /// Fetches a ticket; 404 when it has expired.
    getTicket: GET "/tickets/{ticket_id}" => ticket(ticket_id: TicketId) -> Ticket;

    /// Withdraws a ticket; 409 once a match was found.
    deleteTicket: DELETE "/tickets/{ticket_id}" => delete_ticket(ticket_id: TicketId);

    /// Looks for a match for players who stay together. Not repeated by itself.
    createGroupTicket: POST "/group-tickets" => create_group_ticket(body: &NewGroupTicket) -> GroupTicket;

    /// Opens a group with its first member. Not repeated by itself. 400 if the attributes are not those of the profile.
    createGroup: POST "/groups" => create_group(body: &NewMember) -> Member;

    /// Fetches a group.
    getGroup: GET "/groups/{group_id}" => group(group_id: GroupId) -> Group;

    /// Gives a group up; 409 once a match was found.
    deleteGroup: DELETE "/groups/{group_id}" => delete_group(group_id: GroupId);

    /// Joins a group. Not repeated by itself.
    createGroupMember: POST "/groups/{group_id}/members" => join_group(group_id: GroupId, body: &NewMember) -> Member;

    /// Fetches a member of a group.
    getGroupMember: GET "/groups/{group_id}/members/{member_id}"
        => member(group_id: GroupId, member_id: MemberId) -> Member;

    /// Says whether a member is ready; the search begins when all are.
    updateGroupMember: PATCH "/groups/{group_id}/members/{member_id}"
        => update_member(group_id: GroupId, member_id: MemberId, body: &MemberChange) -> Member [idempotent];

    /// Leaves a group.
    deleteGroupMember: DELETE "/groups/{group_id}/members/{member_id}"
        => leave_group(group_id: GroupId, member_id: MemberId);

    /// Looks for players for a running server. Not repeated by itself.
    createBackfill: POST "/backfills" => create_backfill(body: &NewBackfill) -> Backfill;

    /// Fetches a backfill.
    getBackfill: GET "/backfills/{backfill_id}" => backfill(backfill_id: BackfillId) -> Backfill;

    /// Withdraws a backfill.
    deleteBackfill: DELETE "/backfills/{backfill_id}" => delete_backfill(backfill_id: BackfillId);

    /// Fetches all tickets, in a shape that is not known. Only with `inspect: true` in the configuration.
    inspectTickets: GET "/inspect/tickets" => inspect_tickets() -> Value;

    /// Fetches all matches, in a shape that is not known. Only with `inspect: true` in the configuration.
    inspectMatches: GET "/inspect/matches" => inspect_matches() -> Value;
}

impl Matchmaker {
    /// A handle of the matchmaker at this address, with one of its tokens.
    ///
    /// # Errors
    ///
    /// As [`InstanceBuilder::build`].
    pub fn at(base_url: impl Into<String>, token: impl Into<Secret>) -> Result<Self> {
        Self::builder().base_url(base_url).token(token).build()
    }

    /// Starts a handle; it needs a [base URL](InstanceBuilder::base_url) and a [token](InstanceBuilder::token).
    pub fn builder() -> InstanceBuilder<Self> {
        InstanceBuilder::new(Self::new)
    }

    /// The general client, for operations that this handle does not have.
    pub fn core(&self) -> &deploykit_core::Client {
        &self.client
    }

    /// Waits until a ticket has a server: await it for the ticket, or poll it as a stream of progress.
    ///
    /// Looks every 2 s at first, every 10 s later, for 5 minutes unless a deadline is set. A ticket that is cancelled
    /// fails the wait; one that has expired (404) too.
    pub fn assigned(&self, ticket_id: impl Into<TicketId>) -> Wait<Ticket> {
        let (matchmaker, id) = (self.clone(), ticket_id.into());
        let what = format!("ticket {id}");
        let look = move || -> futures::future::BoxFuture<'static, _> {
            Box::pin(matchmaker.ticket(&id).send())
        };
        Wait::new(what, look, |ticket: &Ticket| match ticket.status {
            TicketStatus::HostAssigned => (State::Done, String::new()),
            TicketStatus::Cancelled => (State::Failed, ticket.status.to_string()),
            _ => (State::Running, String::new()),
        })
        .deadline(crate::deployments::START_TIME)
    }
}

deploykit_core::request! {
    /// A player who looks for a match.
    pub struct NewTicket {
        required {
            /// Name of a profile of the configuration.
            profile: String,
            /// What the profile's rules ask for: an object with a key for each.
            attributes: Value,
        }
        optional {
            /// IP address of the player, if it is not the caller's.
            player_ip: String,
        }
    }
    check |it| { check(&it.profile, &it.attributes) }
}

deploykit_core::request! {
    /// Players who look for a match together.
    pub struct NewGroupTicket {
        required {
            /// The players.
            player_tickets: Vec<NewTicket>,
        }
    }
    check |it| {
        if it.player_tickets.is_empty() {
            return Err(Error::invalid_input("player_tickets", "is empty"));
        }
        it.player_tickets.iter().try_for_each(|ticket| check(&ticket.profile, &ticket.attributes))
    }
}

deploykit_core::request! {
    /// A player who opens or joins a group.
    pub struct NewMember {
        required {
            /// Name of a profile of the configuration.
            profile: String,
            /// What the profile's rules ask for: an object with a key for each.
            attributes: Value,
            /// Whether the player is ready.
            is_ready: bool,
        }
        optional {
            /// IP address of the player, if it is not the caller's.
            player_ip: String,
        }
    }
    check |it| { check(&it.profile, &it.attributes) }
}

deploykit_core::request! {
    /// What to change of a member.
    pub struct MemberChange {
        required {
            /// Whether the player is ready.
            is_ready: bool,
        }
    }
}

deploykit_core::request! {
    /// A running server that has room.
    pub struct NewBackfill {
        required {
            /// Name of a profile of the configuration.
            profile: String,
            /// The server, and what else the profile's rules ask for: an object with the key `assignment`;
            /// [`on`](Self::on) makes it.
            attributes: Value,
            /// The players who are on the server, by the ids of their tickets.
            tickets: BTreeMap<String, BackfillTicket>,
        }
    }
    check |it| { check(&it.profile, &it.attributes) }
}

impl NewBackfill {
    /// Room on this server.
    pub fn on(profile: impl Into<String>, server: impl Into<ServerAddress>) -> Self {
        let mut attributes = serde_json::Map::new();
        // Texts and numbers by name: this cannot fail.
        let server = serde_json::to_value(server.into()).unwrap_or_default();
        attributes.insert("assignment".to_owned(), server);
        Self::new(profile, Value::Object(attributes), BTreeMap::new())
    }

    /// Adds a player who is on the server.
    #[must_use]
    pub fn player(mut self, ticket_id: impl Into<TicketId>, ticket: BackfillTicket) -> Self {
        let id: TicketId = ticket_id.into();
        self.tickets.insert(id.to_string(), ticket);
        self
    }
}

deploykit_core::request! {
    /// A player who is on the server already.
    pub struct BackfillTicket {
        required {
            /// Id of the player's ticket.
            id: TicketId,
            /// When it was created.
            created_at: String,
            /// IP address of the player.
            player_ip: String,
            /// The player's group.
            group_id: GroupId,
            /// What the profile's rules ask for: an object with a key for each.
            attributes: Value,
        }
        optional {
            /// The player's team.
            team_id: String,
        }
    }
}

fn check(profile: &str, attributes: &Value) -> Result<()> {
    if profile.trim().is_empty() {
        return Err(Error::invalid_input("profile", "is empty"));
    }
    if !attributes.is_object() {
        return Err(Error::invalid_input("attributes", "is no object"));
    }
    Ok(())
}

deploykit_core::open_enum! {
    /// How far the search for a match is.
    pub enum TicketStatus {
        /// Players are looked for.
        Searching = "SEARCHING",
        /// A team was found; gone since version 3.3.
        TeamFound = "TEAM_FOUND",
        /// A match was found; its server is started.
        MatchFound = "MATCH_FOUND",
        /// The server is ready.
        HostAssigned = "HOST_ASSIGNED",
        /// It was given up.
        Cancelled = "CANCELLED",
    }
}

deploykit_core::model! {
    /// A player who looks for a match.
    pub struct Ticket {
        required {
            /// Its id.
            id: TicketId,
        }
        /// Name of a profile of the configuration.
        profile: Option<String>,
        /// When it was created.
        created_at: Option<Time>,
        /// How far the search is.
        status: TicketStatus,
        /// IP address of the player.
        player_ip: Option<String>,
        /// The player's group.
        group_id: Option<GroupId>,
        /// The player's team.
        team_id: Option<String>,
        /// The server.
        assignment: Option<Assignment>,
    }
}

deploykit_core::model! {
    /// Players who look for a match together.
    pub struct GroupTicket {
        /// Each player.
        player_tickets: Vec<Ticket>,
    }
}

deploykit_core::model! {
    /// A group.
    pub struct Group {
        /// How far the search is.
        status: TicketStatus,
        /// Its team.
        team_id: Option<String>,
        /// The server.
        assignment: Option<Assignment>,
    }
}

deploykit_core::model! {
    /// A member of a group.
    pub struct Member {
        required {
            /// Its id.
            member_id: MemberId,
        }
        /// Its group.
        group_id: Option<GroupId>,
        /// Whether the player is ready.
        is_ready: Option<bool>,
        /// How far the search is.
        status: TicketStatus,
        /// The player's ticket.
        ticket_id: Option<TicketId>,
        /// The player's team.
        team_id: Option<String>,
        /// The server.
        assignment: Option<Assignment>,
    }
}

deploykit_core::model! {
    /// A running server that has room.
    pub struct Backfill {
        required {
            /// Its id.
            id: BackfillId,
        }
        /// Name of a profile of the configuration.
        profile: Option<String>,
        /// How far the search is.
        status: TicketStatus,
        /// The players who are on the server, by the ids of their tickets.
        tickets: BTreeMap<String, BackfilledTicket> as deploykit_core::de::entries,
        /// The player who was found.
        assigned_ticket: Option<BackfilledTicket>,
    }
}

deploykit_core::model! {
    /// A player of a backfill.
    pub struct BackfilledTicket {
        /// Id of the player's ticket.
        id: Option<TicketId>,
        /// When it was created.
        created_at: Option<Time>,
        /// IP address of the player.
        player_ip: Option<String>,
        /// The player's group.
        group_id: Option<GroupId>,
        /// The player's team.
        team_id: Option<String>,
        /// What the profile's rules ask for.
        attributes: Value,
    }
}
