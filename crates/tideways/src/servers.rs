//! Decommissioning Servers.

use std::time::Duration;

use deploykit_core::{Error, Payload, Time, de, endpoints, id, model};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ApplicationName;
use crate::client::HOURLY;
use crate::list::List;

id! {
    /// A server, by the host name with which it registered.
    pub struct ServerName(String);
}

endpoints! {
    /// The servers of an application.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = deploykit_sandbox::Sandbox::tideways().start().await?;
    /// # let tideways = deploykit_tideways::Client::builder().token(sandbox.token()).organization("acme")
    /// #     .base_url(sandbox.base_url()).build()?;
    /// use std::time::Duration;
    ///
    /// use deploykit_tideways::{Decommission, stale_servers};
    ///
    /// let servers = tideways.servers().list("app1").await?;
    /// let thirty_days = Duration::from_secs(30 * 24 * 3600);
    /// let stale = stale_servers(&servers, thirty_days, jiff::Timestamp::now());
    /// if !stale.is_empty() {
    ///     let gone = Decommission::new(stale.iter().map(|server| &server.server));
    ///     let removed = tideways.servers().decommission("app1", &gone).await?;
    ///     assert!(removed.is_complete(&gone));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub struct Servers(organization);

    /// Lists the servers that report to an application.
    listServers: GET "/apps/api/{organization}/{application}/servers"
        => list(application: ApplicationName) -> Vec<Server> via ServerList [quota(&HOURLY)];

    /// Removes servers.
    /// One that is still alive registers itself again at its next synchronization. It is never repeated by
    /// itself when the answer was lost: the second answer would count nothing.
    decommissionServers: DELETE "/apps/api/{organization}/{application}/servers"
        => decommission(application: ApplicationName, form: &Decommission) -> Removed [acts, quota(&HOURLY)];
}

model! {
    /// A server that reports to an application.
    pub struct Server {
        required {
            /// The server's name: what [`Servers::decommission`] takes.
            server: ServerName,
        }
        /// Organization; empty where the service leaves it out.
        organization: String,
        /// Application; empty where the service leaves it out.
        application: String,
        /// Whether it is traced all the time.
        continuous_tracing: Option<bool> as de::boolean,
        /// When it last synchronized, in UTC. A date that can't be read keeps its text.
        last_sync: Option<Time>,
        /// Version of the PHP extension; none on a server that only runs the daemon.
        profiler_version: Option<String>,
        /// Version of the daemon.
        daemon_version: Option<String>,
    }
}

impl Server {
    /// When it last synchronized, if that is known. An instant not after 1970 is how "never" looks.
    pub fn last_seen(&self) -> Option<Timestamp> {
        let at = self.last_sync.as_ref()?.timestamp()?;
        (at > Timestamp::UNIX_EPOCH).then_some(at)
    }
}

/// The servers that last synchronized longer than `older_than` before `now`. One whose date is missing or
/// can't be read is never among them, nor is one of exactly that age.
pub fn stale_servers(servers: &[Server], older_than: Duration, now: Timestamp) -> Vec<&Server> {
    // An age before the beginning of time: nothing is that old.
    let limit = SignedDuration::try_from(older_than)
        .ok()
        .and_then(|age| now.checked_sub(age).ok());
    let Some(limit) = limit else {
        return Vec::new();
    };
    servers
        .iter()
        .filter(|server| server.last_seen().is_some_and(|at| at < limit))
        .collect()
}

type ServerList = List<Server>;

/// Which servers to remove. An empty list is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Decommission(Vec<ServerName>);

impl Decommission {
    /// Removes these servers.
    pub fn new<N: Into<ServerName>>(servers: impl IntoIterator<Item = N>) -> Self {
        Self(servers.into_iter().map(Into::into).collect())
    }

    /// The servers.
    pub fn servers(&self) -> &[ServerName] {
        &self.0
    }
}

impl Serialize for Decommission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|server| ("servers[]", server.as_str())))
    }
}

impl<'de> Deserialize<'de> for Decommission {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(String, ServerName)>::deserialize(deserializer)?;
        Ok(Self::new(pairs.into_iter().map(|(_, server)| server)))
    }
}

impl Payload for Decommission {
    fn check(&self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Err(Error::invalid_input("servers", "is empty"));
        }
        if self
            .0
            .iter()
            .any(|server| server.as_str().trim().is_empty())
        {
            return Err(Error::invalid_input("servers", "has an empty name"));
        }
        Ok(())
    }
}

model! {
    /// What became of a removal.
    pub struct Removed {
        /// Whether it was done, if the service says so.
        ok: Option<bool> as de::boolean,
        /// How many servers were removed, if the service says so; names that it doesn't know don't count.
        removed_servers: Option<u64> as de::count,
    }
}

impl Removed {
    /// Whether every one of the servers was removed: not if the service doesn't say how many.
    pub fn is_complete(&self, asked: &Decommission) -> bool {
        let removed = self
            .removed_servers
            .and_then(|removed| usize::try_from(removed).ok());
        self.ok != Some(false) && removed.is_some_and(|removed| removed >= asked.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Application;

    fn server(last_sync: serde_json::Value) -> Server {
        let json = serde_json::json!({"server": "web1", "last_sync": last_sync});
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn stale_is_strictly_older_and_never_a_date_that_cannot_be_read() {
        let now: Timestamp = "2015-08-01T10:10:10Z".parse().unwrap();
        let day = Duration::from_secs(24 * 3600);
        let stale = |last_sync, age| !stale_servers(&[server(last_sync)], age, now).is_empty();
        assert!(stale("2015-07-31 10:10:09".into(), day));
        assert!(
            !stale("2015-07-31 10:10:10".into(), day),
            "exactly that age"
        );
        assert!(
            !stale("2015-08-02 00:00:00".into(), Duration::ZERO),
            "in the future"
        );
        assert!(stale("2015-07-31T12:10:09+02:00".into(), day));
        let unread = [
            serde_json::Value::Null,
            "".into(),
            "0000-00-00 00:00:00".into(),
            "1970-01-01 00:00:00".into(),
            "never".into(),
            0.into(),
        ];
        for last_sync in unread {
            assert!(!stale(last_sync.clone(), Duration::ZERO), "{last_sync}");
        }
        assert!(!stale("2015-07-31 10:10:09".into(), Duration::MAX));
    }

    #[test]
    fn flags_versions_and_counts_are_read_as_php_writes_them() {
        let tracing = |json: &str| {
            serde_json::from_str::<Server>(json)
                .unwrap()
                .continuous_tracing
        };
        for (written, read) in [
            ("true", Some(true)),
            ("1", Some(true)),
            (r#""0""#, Some(false)),
            ("null", None),
        ] {
            let json = format!(r#"{{"server":"a","continuous_tracing":{written}}}"#);
            assert_eq!(tracing(&json), read, "{written}");
        }
        let removed = |json: &str| serde_json::from_str::<Removed>(json).unwrap();
        assert_eq!(
            removed(r#"{"removed_servers":"2"}"#).removed_servers,
            Some(2)
        );
        assert_eq!(removed(r#"{"ok":0,"removed_servers":0}"#).ok, Some(false));
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let json = r#"{"organization":null,"application":null,"server":"a","last_sync":false}"#;
        let server: Server = serde_json::from_str(json).unwrap();
        assert_eq!(
            (server.application.as_str(), server.last_seen()),
            ("", None)
        );
        let json = r#"{"1":{"organization":null,"name":"shop"},"3":{"name":"blog"}}"#;
        let list: List<Application> = serde_json::from_str(json).unwrap();
        let applications = Vec::from(list);
        assert_eq!(applications[0].organization, "");
        assert_eq!(applications[1].name, "blog");
    }

    #[test]
    fn a_removal_is_complete_if_all_were_removed() {
        let asked = Decommission::new(["a", "b"]);
        let removed = |ok, removed_servers| Removed {
            ok,
            removed_servers,
        };
        assert!(removed(Some(true), Some(2)).is_complete(&asked));
        assert!(!removed(Some(true), Some(1)).is_complete(&asked));
        assert!(removed(None, Some(2)).is_complete(&asked));
        assert!(!removed(Some(false), Some(2)).is_complete(&asked));
        assert!(!removed(Some(true), None).is_complete(&asked));
    }
}
