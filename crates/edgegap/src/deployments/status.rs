//! The state of a deployment.

use std::collections::BTreeMap;

use deploykit_core::{Time, de};

use super::{Location, RequestId};

deploykit_core::model! {
    /// The state of a deployment: answered by the status operation, posted to webhooks, and summed up when it is
    /// stopped. Much of it is absent until the server has a place.
    pub struct DeploymentStatus {
        required {
            /// Id of the deployment.
            request_id: RequestId,
        }
        /// Host name of the server.
        fqdn: Option<String>,
        /// Name of the application.
        app_name: Option<String>,
        /// Name of the application's version.
        app_version: Option<String>,
        /// Where the deployment is in its life, as the service spells it; [`phase`](Self::phase) reads it.
        current_status: String,
        /// The same for people.
        current_status_label: Option<String>,
        /// Where it was before.
        last_status: Option<String>,
        /// The same for people.
        last_status_label: Option<String>,
        /// Whether the container runs.
        running: Option<bool>,
        /// Whether only listed addresses may connect.
        whitelisting_active: Option<bool>,
        /// When the server was started, in UTC.
        start_time: Option<Time>,
        /// When it was removed, in UTC.
        removal_time: Option<Time>,
        /// Seconds since the start.
        elapsed_time: Option<i64> as de::number,
        /// After how many minutes the service stops it; −1 for never.
        max_duration: Option<i64> as de::number,
        /// Whether it failed.
        error: Option<bool>,
        /// Why it failed.
        error_detail: Option<String>,
        /// Address of the server.
        public_ip: Option<String>,
        /// Its ports, by name; a port without a name goes by its internal number.
        ports: BTreeMap<String, Port> as deploykit_core::de::entries,
        /// Where it runs.
        location: Option<Location>,
        /// Its labels.
        tags: Vec<String>,
        /// How many sessions it has room for.
        sockets: Option<i64> as de::number,
        /// How many of them are taken.
        sockets_usage: Option<i64> as de::number,
        /// The sessions linked to it.
        sessions: Vec<SessionSummary>,
        /// The command in place of the image's.
        command: Option<String>,
        /// The arguments in place of the image's.
        arguments: Option<String>,
    }
}

impl DeploymentStatus {
    /// Where the deployment is in its life.
    pub fn phase(&self) -> Phase {
        Phase::read(&self.current_status)
    }

    /// Whether players can connect.
    pub fn is_ready(&self) -> bool {
        self.phase() == Phase::Ready
    }

    /// Why the server will not become ready any more, if that is so: it failed, or it has ended.
    pub fn failure(&self) -> Option<String> {
        let phase = self.phase();
        if !phase.is_over() && self.error != Some(true) {
            return None;
        }
        Some(match &self.error_detail {
            Some(detail) => format!("{phase}: {detail}"),
            None => phase.to_string(),
        })
    }

    /// A port by its key, its name or its internal number.
    pub fn port(&self, name: &str) -> Option<&Port> {
        let named = |port: &&Port| {
            port.name.as_deref() == Some(name)
                || port
                    .internal
                    .is_some_and(|internal| internal.to_string() == name)
        };
        self.ports
            .get(name)
            .or_else(|| self.ports.values().find(named))
    }

    /// What a player connects to for this port: host and external port, `c0653765de3b.pr.edgegap.net:30345`.
    pub fn address(&self, port: &str) -> Option<String> {
        self.address_of(self.port(port)?)
    }

    /// All ports, by name, each with what a player connects to.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, String)> {
        let address = |(name, port)| Some((name, self.address_of(port)?));
        self.ports
            .iter()
            .map(|(name, port)| (name.as_str(), port))
            .filter_map(address)
    }

    fn address_of(&self, port: &Port) -> Option<String> {
        let host = self.fqdn.as_ref().or(self.public_ip.as_ref())?;
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        Some(format!("{host}:{}", port.external?))
    }
}

deploykit_core::open_enum! {
    /// Where a deployment is in its life, in order. It can fail anywhere before it is ready.
    pub enum Phase {
        /// The request was taken.
        Initializing = "INITIALIZING",
        /// A place is looked for.
        Seeking = "SEEKING",
        /// A place was found.
        Seeked = "SEEKED",
        /// The place is checked.
        Scanning = "SCANNING",
        /// The container is started.
        Deploying = "DEPLOYING",
        /// Players can connect.
        Ready = "READY",
        /// It is being stopped.
        Terminating = "TERMINATING",
        /// It has ended.
        Terminated = "TERMINATED",
        /// It could not be started.
        Error = "ERROR",
    }
}

impl Phase {
    /// How many steps lead to [`Ready`](Self::Ready), for a progress bar.
    pub const STEPS: u64 = 5;

    /// Reads a status in any of the service's spellings: `Status.READY`, `STATUS_READY`, `ready`.
    pub fn read(text: &str) -> Self {
        let upper = text.trim().to_ascii_uppercase();
        let bare = upper
            .strip_prefix("STATUS.")
            .or_else(|| upper.strip_prefix("STATUS_"));
        Self::from(bare.unwrap_or(&upper))
    }

    /// How many of the steps to [`Ready`](Self::Ready) are done; nothing for a deployment that failed, ends, or
    /// is in a phase that this version does not know.
    pub fn step(&self) -> Option<u64> {
        match self {
            Self::Initializing => Some(0),
            Self::Seeking => Some(1),
            Self::Seeked => Some(2),
            Self::Scanning => Some(3),
            Self::Deploying => Some(4),
            Self::Ready => Some(Self::STEPS),
            _ => None,
        }
    }

    /// Whether the server will not become ready any more: it failed, is being stopped, or has ended.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Error | Self::Terminating | Self::Terminated)
    }
}

deploykit_core::model! {
    /// A port of a server.
    pub struct Port {
        /// The port that players connect to, as it was sent: even beyond 65535.
        external: Option<u32> as crate::read::port,
        /// The port inside the container.
        internal: Option<u32> as crate::read::port,
        /// Its protocol, as the service spells it; [`kind`](Self::kind) reads it.
        protocol: Option<String>,
        /// Its name.
        name: Option<String>,
        /// Whether TLS is added in front of the container.
        tls_upgrade: Option<bool>,
        /// What to connect to: host and port, or an address with a scheme.
        link: Option<String>,
        /// The port of the proxy in front of it.
        proxy: Option<u32> as crate::read::port,
    }
}

impl Port {
    /// Its protocol.
    pub fn kind(&self) -> Option<Protocol> {
        self.protocol.as_deref().map(Protocol::read)
    }
}

deploykit_core::open_enum! {
    /// The protocol of a port.
    pub enum Protocol {
        /// TCP.
        Tcp = "TCP",
        /// UDP.
        Udp = "UDP",
        /// Both.
        TcpUdp = "TCP/UDP",
        /// HTTP.
        Http = "HTTP",
        /// HTTP over TLS.
        Https = "HTTPS",
        /// WebSocket.
        Ws = "WS" | "WEBSOCKET",
        /// WebSocket over TLS.
        Wss = "WSS",
    }
}

impl Protocol {
    /// Reads a protocol in any of the service's spellings: `UDP`, `udp`, `Websocket`.
    pub fn read(text: &str) -> Self {
        Self::from(text.trim().to_ascii_uppercase())
    }
}

deploykit_core::model! {
    /// A session linked to a deployment.
    pub struct SessionSummary {
        /// Its id.
        session_id: Option<String>,
        /// Its state.
        status: Option<String>,
        /// Whether players can join.
        ready: Option<bool>,
        /// Whether it is linked to the deployment.
        linked: Option<bool>,
        /// What kind of session it is.
        kind: Option<String>,
        /// How many players it has.
        user_count: Option<i64> as de::number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_and_protocols_are_read_in_every_spelling() {
        for text in ["Status.READY", "STATUS_READY", "ready", " status.Ready "] {
            assert_eq!(Phase::read(text), Phase::Ready, "{text}");
        }
        assert_eq!(Phase::read("Status.RUNNING").to_string(), "RUNNING");
        assert!(!Phase::read("Status.RUNNING").is_over());
        assert_eq!(Protocol::read("Websocket"), Protocol::Ws);
        assert_eq!(Protocol::read("tcp/udp"), Protocol::TcpUdp);
    }

    #[test]
    fn no_ports_are_read_in_every_spelling() {
        for ports in ["null", "{}", "[]", r#"{"gameport":null}"#] {
            let text = format!(r#"{{"request_id":"a","ports":{ports}}}"#);
            let status: DeploymentStatus = serde_json::from_str(&text).unwrap();
            assert!(status.ports.is_empty(), "{ports}");
        }
        let wrong = r#"{"request_id":"a","ports":[7777]}"#;
        assert!(serde_json::from_str::<DeploymentStatus>(wrong).is_err());
    }

    #[test]
    fn an_impossible_port_is_kept_as_it_was_sent() {
        let json = r#"{"request_id":"a","ports":{"game":{"external":70000}}}"#;
        let status: DeploymentStatus = serde_json::from_str(json).unwrap();
        assert_eq!(status.ports["game"].external, Some(70_000));
    }

    #[test]
    fn addresses_are_found_by_key_name_or_number() {
        let status: DeploymentStatus = serde_json::from_str(
            r#"{"request_id":"a","fqdn":"a.pr.edgegap.net","current_status":"Status.READY","public_ip":"::1",
                "ports":{"7777":{"external":"30345","internal":"7777","name":"game"},"x":{"internal":1}}}"#,
        )
        .unwrap();
        for name in ["7777", "game"] {
            assert_eq!(status.address(name).unwrap(), "a.pr.edgegap.net:30345");
        }
        assert_eq!(status.address("x"), None);
        assert_eq!(status.addresses().count(), 1);
        let status = DeploymentStatus {
            fqdn: None,
            ..status
        };
        assert_eq!(status.address("game").unwrap(), "[::1]:30345");
    }
}
