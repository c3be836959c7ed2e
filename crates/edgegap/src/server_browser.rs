//! The server browser: an instance of one's own, in which servers announce themselves and players find them.
//!
//! **Known from Edgegap's own clients, not from a description** (Unity SDK 3.x and agent skills of 2026-10, open beta);
//! it is the service's to change. The dashboard shows the address and two tokens: the server token may call everything,
//! the client token `monitor`, what reads, and reservations.

use std::fmt;

use deploykit_core::{Error, Result, Secret, Time, de};
use serde_json::Value;

use crate::RequestId;
pub use crate::instance::{
    AssignedPort, Assignment, InstanceBeacon, InstanceBeacons, InstanceBuilder, Monitor,
    ServerAddress, ServerPlace, ServerPort,
};

deploykit_core::endpoints! {
    /// A server browser.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use deploykit_edgegap::server_browser::{ServerAddress, ServerPort};
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().start().await?;
    /// # let (address, token) = (sandbox.server_browser_url(), sandbox.server_browser_token());
    /// # let port = ServerPort::new(7777, 30001, "a.example.com:30001", deploykit_edgegap::Protocol::Udp);
    /// # let server = ServerAddress::new("a.example.com", "192.0.2.1", [("gameport".to_owned(), port)]);
    /// use deploykit_edgegap::server_browser::{Filter, InstanceQuery, NewServerInstance, NewSlot, Reservation, ServerBrowser};
    /// use serde_json::json;
    ///
    /// let browser = ServerBrowser::at(address, token)?;
    /// // In the server, with its own deployment: `ServerAddress::from(&status)`.
    /// let instance = NewServerInstance::new("93924761ccde", server, [NewSlot::new("all", 16)])
    ///     .metadata(json!({"mode": "ranked"}));
    /// browser.create(&instance).await?;
    /// // For a player:
    /// let ranked = InstanceQuery::new().filter(Filter::new().eq("metadata.mode", "ranked"));
    /// for found in browser.list(&ranked).await?.items {
    ///     browser.reserve(&found.request_id, "all", &Reservation::of(["player-1"])).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct ServerBrowser;

    /// Tells how the server browser is.
    getMonitor: GET "/monitor" => monitor() -> Monitor;

    /// Lists where players measure their latency.
    listBeacons: GET "/locations/beacons" => beacons() -> InstanceBeacons;

    /// Announces a server. Not repeated by itself.
    createServerInstance: POST "/server-instances" => create(body: &NewServerInstance) -> ServerInstance;

    /// Lists the servers that match.
    listServerInstances: GET "/server-instances" => list(query: &InstanceQuery) -> Pages<ServerInstance> by request_id
        [envelope("items"), per_page("limit")];

    /// Fetches a server.
    getServerInstance: GET "/server-instances/{request_id}" => get(request_id: RequestId) -> ServerInstance;

    /// Changes what is told of a server.
    updateServerInstance: PATCH "/server-instances/{request_id}"
        => update(request_id: RequestId, body: &InstanceChange) -> ServerInstance;

    /// Withdraws a server.
    deleteServerInstance: DELETE "/server-instances/{request_id}" => delete(request_id: RequestId);

    /// Says that a server is still there; one that does not is withdrawn.
    keepServerInstanceAlive: POST "/server-instances/{request_id}/keep-alive"
        => keep_alive(request_id: RequestId) -> KeptAlive [idempotent];

    /// Changes a slot: seats are **added**, so that it is not repeated by itself.
    updateSlot: PATCH "/server-instances/{request_id}/slots/{slot_name}"
        => update_slot(request_id: RequestId, slot_name: String, body: &SlotChange) -> Slot;

    /// Reserves seats on whichever server fits best by a policy. Not repeated by itself.
    reserveAnySeats: POST "/server-instances/reservations" => reserve_any(body: &AnyReservation) -> Reserved;

    /// Reserves seats in a slot. Not repeated by itself.
    reserveSeats: POST "/server-instances/{request_id}/slots/{slot_name}/reservations"
        => reserve(request_id: RequestId, slot_name: String, body: &Reservation) -> ReservedSeats;

    /// Tells which players have come; their seats are theirs from then on. Not repeated by itself.
    confirmReservations: POST "/server-instances/{request_id}/reservations/confirm"
        => confirm(request_id: RequestId, body: &Arrivals) -> Confirmed;
}

impl ServerBrowser {
    /// A handle of the server browser at this address, with one of its tokens.
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
}

deploykit_core::request! {
    /// Which servers to list, and how.
    pub struct InstanceQuery {
        optional {
            /// Those that match.
            #[serde(rename = "$filter")]
            filter: Filter,
            /// The order: `field asc` or `field desc`.
            #[serde(rename = "$order")]
            order: String,
        }
    }
}

/// What servers must be: all of its conditions.
///
/// ```
/// use deploykit_edgegap::server_browser::Filter;
///
/// let filter = Filter::new().eq("metadata.map", "king's landing").at_least("slots.joinable_seats", 4);
/// assert_eq!(filter.to_string(), "metadata.map eq 'king''s landing' and slots.joinable_seats ge 4");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter(String);

impl Filter {
    /// No condition.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This field is so.
    #[must_use]
    pub fn eq(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "eq", value)
    }

    /// This field is not so.
    #[must_use]
    pub fn ne(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "ne", value)
    }

    /// This field is less.
    #[must_use]
    pub fn less(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "lt", value)
    }

    /// This field is so, or less.
    #[must_use]
    pub fn at_most(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "le", value)
    }

    /// This field is more.
    #[must_use]
    pub fn more(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "gt", value)
    }

    /// This field is so, or more.
    #[must_use]
    pub fn at_least(self, field: &str, value: impl Into<Value>) -> Self {
        self.with(field, "ge", value)
    }

    /// This text has that one in it.
    #[must_use]
    pub fn contains(self, field: &str, text: impl Into<String>) -> Self {
        self.with(field, "contains", text.into())
    }

    fn with(mut self, field: &str, operator: &str, value: impl Into<Value>) -> Self {
        let value = match value.into() {
            Value::String(text) => format!("'{}'", text.replace('\'', "''")),
            other => other.to_string(),
        };
        if !self.0.is_empty() {
            self.0.push_str(" and ");
        }
        self.0.push_str(&format!("{field} {operator} {value}"));
        self
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Filter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Filter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

deploykit_core::request! {
    /// A server to announce.
    pub struct NewServerInstance {
        required {
            /// Its deployment.
            request_id: RequestId,
            /// Where players connect to.
            server: ServerAddress,
            /// Its slots, one at least.
            slots: Vec<NewSlot>,
        }
        optional {
            /// What players find it by: an object.
            metadata: Value,
        }
    }
    check |it| {
        if it.request_id.as_str().trim().is_empty() {
            return Err(Error::invalid_input("request_id", "is empty"));
        }
        if it.slots.is_empty() {
            return Err(Error::invalid_input("slots", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// Seats of a server: a team, or all of them.
    pub struct NewSlot {
        required {
            /// Its name.
            name: String,
            /// How many seats are free.
            available_seats: u32,
        }
        optional {
            /// What is told of it: an object.
            metadata: Value,
        }
    }
}

deploykit_core::request! {
    /// What to change of a server.
    pub struct InstanceChange {
        required {
            /// What players find it by: an object.
            metadata: Value,
        }
    }
}

deploykit_core::request! {
    /// What to change of a slot.
    pub struct SlotChange {
        required {
            /// How many seats more there are; a negative number takes some away.
            available_seats: i32,
        }
        optional {
            /// What is told of it: an object.
            metadata: Value,
        }
    }
}

deploykit_core::request! {
    /// Players who want seats.
    pub struct Reservation {
        required {
            /// The players, one at least.
            users: Vec<SeatUser>,
        }
    }
    check |it| { check(&it.users) }
}

impl Reservation {
    /// For players with these ids.
    pub fn of<I>(user_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(seats(user_ids))
    }
}

deploykit_core::request! {
    /// Players who want seats on any server.
    pub struct AnyReservation {
        required {
            /// Name of a policy of the configuration, by which the server is chosen.
            policy_name: String,
            /// The players, one at least.
            users: Vec<SeatUser>,
        }
    }
    check |it| { check(&it.users) }
}

impl AnyReservation {
    /// For players with these ids.
    pub fn of<I>(policy_name: impl Into<String>, user_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(policy_name, seats(user_ids))
    }
}

fn seats<I>(user_ids: I) -> Vec<SeatUser>
where
    I: IntoIterator,
    I::Item: Into<String>,
{
    user_ids.into_iter().map(SeatUser::new).collect()
}

fn check(users: &[SeatUser]) -> Result<()> {
    if users.is_empty() || users.iter().any(|user| user.user_id.trim().is_empty()) {
        return Err(Error::invalid_input(
            "users",
            "is empty, or has an empty id",
        ));
    }
    Ok(())
}

deploykit_core::request! {
    /// A player who wants a seat.
    pub struct SeatUser {
        required {
            /// The game's own id of the player.
            user_id: String,
        }
    }
}

deploykit_core::request! {
    /// Players who have come.
    pub struct Arrivals {
        required {
            /// The game's own ids of the players.
            user_ids: Vec<String>,
        }
    }
}

impl Arrivals {
    /// Players with these ids.
    pub fn of<I>(user_ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        Self::new(user_ids.into_iter().map(Into::into).collect::<Vec<_>>())
    }
}

deploykit_core::model! {
    /// A server.
    pub struct ServerInstance {
        required {
            /// Its deployment.
            request_id: RequestId,
        }
        /// When it was announced.
        created_at: Option<Time>,
        /// When it was changed last.
        updated_at: Option<Time>,
        /// What players find it by.
        metadata: Value,
        /// Where players connect to.
        server: Option<Assignment>,
        /// Its slots.
        slots: Vec<Slot>,
    }
}

deploykit_core::model! {
    /// Seats of a server.
    pub struct Slot {
        /// Its name.
        name: String,
        /// What is told of it.
        metadata: Value,
        /// How many seats are free.
        available_seats: Option<i64> as de::number,
        /// How many of them are reserved.
        reserved_seats: Option<i64> as de::number,
        /// How many can still be had.
        joinable_seats: Option<i64> as de::number,
    }
}

deploykit_core::model! {
    /// Until when a server is told of.
    pub struct KeptAlive {
        /// The time.
        expires_at: Time,
    }
}

deploykit_core::model! {
    /// Seats on a server that was chosen.
    pub struct Reserved {
        required {
            /// Its deployment.
            request_id: RequestId,
        }
        /// Where the players connect to.
        server: Option<Assignment>,
        /// The slot.
        slot: Option<Slot>,
        /// The players.
        users: Vec<Seated>,
    }
}

deploykit_core::model! {
    /// A player with a seat.
    pub struct Seated {
        /// The game's own id of the player.
        user_id: String,
    }
}

deploykit_core::model! {
    /// Seats in a slot.
    pub struct ReservedSeats {
        /// The players.
        users: Vec<Seated>,
    }
}

deploykit_core::model! {
    /// What became of the seats of players who have come.
    pub struct Confirmed {
        /// Those who had none.
        unknown_user_ids: Vec<String>,
        /// The others, by slot.
        slots: Vec<ConfirmedSlot>,
    }
}

deploykit_core::model! {
    /// What became of the seats of a slot.
    pub struct ConfirmedSlot {
        /// Its name.
        name: String,
        /// Those who have their seat.
        accepted_user_ids: Vec<String>,
        /// Those who came too late.
        expired_user_ids: Vec<String>,
    }
}
