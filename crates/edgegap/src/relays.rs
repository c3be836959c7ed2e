//! Relays: for games between players, without a server.

use std::time::Duration;

use deploykit_core::{Error, Result, Secret, State, Wait};
use serde::{Deserialize, Serialize, Serializer};

use crate::deployments::FilterType;

deploykit_core::id! {
    /// The id of a relay session: `7349356945f1-S`.
    pub struct RelaySessionId(String);
}

deploykit_core::endpoints! {
    /// Relay sessions: players send to a relay near to them all, which hands on.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::edgegap().speed(1000.0).start().await?;
    /// # let client = deploykit_edgegap::Client::builder().token(sandbox.token()).base_url(sandbox.base_url()).build()?;
    /// use deploykit_edgegap::{AuthorizeUser, NewRelaySession};
    ///
    /// let relays = client.relays();
    /// let session = relays.create(&NewRelaySession::of(["192.0.2.1", "192.0.2.2"])).await?;
    /// let session = relays.ready(&session.session_id).await?;
    /// println!("players connect to {:?}", session.client_link());
    /// relays.authorize_user(&AuthorizeUser::new(&session.session_id, "192.0.2.3")).await?;
    /// relays.delete(&session.session_id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub struct Relays;

    /// Lists the relay sessions. Errors: 401, 403, 500.
    listRelaySessions: GET "/v1/relays/sessions" => list() -> Pages<RelaySession> by session_id
        [envelope("sessions"), per_page("limit")];

    /// Creates a relay session for these players. It is used when it is [`ready`](Self::ready). Not repeated by
    /// itself. Errors: 400, 401, 403, 500, 503.
    createRelaySession: POST "/v1/relays/sessions" => create(body: &NewRelaySession) -> RelaySession;

    /// Fetches a relay session. Errors: 401, 403, 404, 500.
    getRelaySession: GET "/v1/relays/sessions/{session_id}" => get(session_id: RelaySessionId) -> RelaySession;

    /// Ends a relay session. Errors: 401, 403, 404, 500, 503.
    deleteRelaySession: DELETE "/v1/relays/sessions/{session_id}" => delete(session_id: RelaySessionId);

    /// Lets one more player in. Not repeated by itself. Errors: 400, 401, 403, 409, 500, 503.
    authorizeRelayUser: POST "/v1/relays/sessions:authorize-user"
        => authorize_user(body: &AuthorizeUser) -> RelayAuthorization;

    /// Takes a player out; the session is told if there still is one. Not repeated by itself.
    ///
    /// Errors: 400, 401, 403, 404, 500, 503.
    revokeRelayUser: POST "/v1/relays/sessions:revoke-user" => revoke_user(body: &RevokeUser) -> Option<RelaySession>
        [empty_means("null")];
}

impl Relays {
    /// Waits until a relay session is ready: await it for the session, or poll it as a stream of progress.
    ///
    /// Looks every second at first, every 5 s later, for a minute unless a deadline is set. A session that tells an
    /// error fails the wait.
    pub fn ready(&self, session_id: impl Into<RelaySessionId>) -> Wait<RelaySession> {
        let (relays, id) = (self.clone(), session_id.into());
        let what = format!("relay session {id}");
        let look =
            move || -> futures::future::BoxFuture<'static, _> { Box::pin(relays.get(&id).send()) };
        Wait::new(what, look, |session: &RelaySession| {
            match session.failure() {
                Some(failure) => (State::Failed, failure.to_owned()),
                None if session.ready == Some(true) => (State::Done, String::new()),
                None => (State::Running, String::new()),
            }
        })
        .every(Duration::from_secs(1), Duration::from_secs(5))
        .deadline(Duration::from_secs(60))
    }
}

deploykit_core::request! {
    /// A relay session to create.
    pub struct NewRelaySession {
        required {
            /// The players, one at least.
            users: Vec<RelayPlayer>,
        }
        optional {
            /// Where the relay may be.
            filters: Vec<PlaceFilter>,
            /// Where to post the session when it is ready. Not shown in `Debug`: whoever knows it can post there.
            webhook_url: Secret,
        }
    }
    check |it| {
        if it.users.is_empty() || it.users.iter().any(|user| user.ip.trim().is_empty()) {
            return Err(Error::invalid_input("users", "is empty, or has an empty address"));
        }
        check_filters(it.filters.as_deref().unwrap_or_default())
    }
}

impl NewRelaySession {
    /// For players with these IP addresses.
    pub fn of<I>(addresses: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let player = |ip: I::Item| RelayPlayer { ip: ip.into() };
        Self::new(addresses.into_iter().map(player).collect::<Vec<_>>())
    }
}

/// A player of a relay session. Edgegap's description leaves its shape open; this is the one that its clients send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayPlayer {
    /// IP address, version 4 or 6.
    pub ip: String,
}

/// Where something may be placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceFilter {
    /// What is compared: `city`, `country`, `continent` and others.
    pub field: String,
    /// With what.
    pub values: Vec<String>,
    /// How.
    pub filter_type: FilterType,
}

impl PlaceFilter {
    /// One filter.
    pub fn new<I>(field: impl Into<String>, filter_type: FilterType, values: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values = values.into_iter().map(Into::into).collect();
        Self {
            field: field.into(),
            values,
            filter_type,
        }
    }
}

pub(crate) fn check_filters(filters: &[PlaceFilter]) -> Result<()> {
    let empty = |filter: &PlaceFilter| filter.field.trim().is_empty() || filter.values.is_empty();
    if filters.iter().any(empty) {
        return Err(Error::invalid_input(
            "filters",
            "has one without a field or values",
        ));
    }
    Ok(())
}

deploykit_core::request! {
    /// A player to let in.
    pub struct AuthorizeUser {
        required {
            /// The session.
            session_id: RelaySessionId,
            /// The player's IP address.
            user_ip: String,
        }
    }
    check |it| {
        if it.user_ip.trim().is_empty() {
            return Err(Error::invalid_input("user_ip", "is empty"));
        }
        Ok(())
    }
}

deploykit_core::request! {
    /// A player to take out.
    pub struct RevokeUser {
        required {
            /// The session.
            session_id: RelaySessionId,
            /// The player's token: a number.
            #[serde(serialize_with = "as_number", deserialize_with = "crate::read::secret")]
            authorization_token: Secret,
        }
    }
    check |it| {
        if it.authorization_token.expose().trim().parse::<u64>().is_err() {
            return Err(Error::invalid_input("authorization_token", "is no number"));
        }
        Ok(())
    }
}

fn as_number<S: Serializer>(token: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    // As a secret, so that no error shows it; what is sent is the number.
    serde_json::to_value(token).map_err(serde::ser::Error::custom)?;
    match token.expose().trim().parse::<u64>() {
        Ok(number) => serializer.serialize_u64(number),
        Err(_) => Err(serde::ser::Error::custom("the token is no number")),
    }
}

deploykit_core::model! {
    /// A relay session.
    pub struct RelaySession {
        required {
            /// Its id.
            session_id: RelaySessionId,
        }
        /// The session's own token, a number.
        authorization_token: Option<Secret> as crate::read::optional_secret,
        /// Its state, as the service spells it.
        status: String,
        /// Whether players can connect.
        ready: Option<bool>,
        /// Whether it is linked to a relay.
        linked: Option<bool>,
        /// What went wrong.
        error: Option<String>,
        /// Its players.
        session_users: Vec<RelayUser>,
        /// The relay, once there is one.
        relay: Option<Relay>,
        /// Where the session is posted to.
        webhook_url: Option<Secret>,
    }
}

impl RelaySession {
    /// What players connect to.
    pub fn client_link(&self) -> Option<&str> {
        self.relay
            .as_ref()?
            .ports
            .as_ref()?
            .client
            .as_ref()?
            .link
            .as_deref()
    }

    /// What the player who hosts the game connects to.
    pub fn server_link(&self) -> Option<&str> {
        self.relay
            .as_ref()?
            .ports
            .as_ref()?
            .server
            .as_ref()?
            .link
            .as_deref()
    }

    fn failure(&self) -> Option<&str> {
        self.error
            .as_deref()
            .filter(|error| !error.trim().is_empty())
    }
}

deploykit_core::model! {
    /// A player of a relay session.
    pub struct RelayUser {
        /// IP address.
        ip_address: Option<String>,
        /// Degrees north.
        latitude: Option<f64>,
        /// Degrees east.
        longitude: Option<f64>,
        /// With what the player connects, a number.
        authorization_token: Option<Secret> as crate::read::optional_secret,
    }
}

deploykit_core::model! {
    /// What a player was let in with.
    pub struct RelayAuthorization {
        required {
            /// The session.
            session_id: RelaySessionId,
        }
        /// The session's own token, a number.
        authorization_token: Option<Secret> as crate::read::optional_secret,
        /// The session's state, as the service spells it.
        status: String,
        /// Whether players can connect.
        ready: Option<bool>,
        /// Whether it is linked to a relay.
        linked: Option<bool>,
        /// What went wrong.
        error: Option<String>,
        /// The player.
        session_user: Option<RelayUser>,
        /// The relay, once there is one.
        relay: Option<Relay>,
        /// Where the session is posted to.
        webhook_url: Option<Secret>,
    }
}

deploykit_core::model! {
    /// A relay.
    pub struct Relay {
        /// Its address.
        ip: Option<String>,
        /// Its name.
        host: Option<String>,
        /// Its ports.
        ports: Option<RelayPorts>,
    }
}

deploykit_core::model! {
    /// The ports of a relay.
    pub struct RelayPorts {
        /// For the player who hosts the game.
        server: Option<RelayPort>,
        /// For all others.
        client: Option<RelayPort>,
    }
}

deploykit_core::model! {
    /// A port of a relay.
    pub struct RelayPort {
        /// Number.
        port: Option<u32> as crate::read::port,
        /// Its protocol, as the service spells it.
        protocol: Option<String>,
        /// What to connect to: host and port.
        link: Option<String>,
    }
}
