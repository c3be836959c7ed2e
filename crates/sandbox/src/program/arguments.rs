//! What the program can be told.

use std::net::IpAddr;
#[cfg(feature = "record")]
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use deploykit_sandbox::{Builder, Service};

use crate::services::{KNOWN, Version};

/// The first of the services' own ports, which `--port-base` moves.
pub(crate) const FIRST_PORT: u16 = 7001;

/// Local stand-ins of deployment services, for testing automation without an account.
///
/// Each service listens on a port of its own; the control over HTTP, with a page for people, on another. When all
/// of them are ready, their addresses are printed, and the credentials and names to begin with. State is kept in
/// memory until the program is told to end, with Ctrl-C or SIGTERM.
#[derive(Debug, Parser)]
#[command(
    name = "deploykit-sandbox",
    version,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) serve: Serve,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask whether a sandbox is ready: ends with 0 if it is
    Health(Health),

    /// Pass requests on to a real service, and write down each exchange without its secrets
    ///
    /// Headers, fields and parameters whose names say that they hold a secret are replaced, wherever their values
    /// appear, by secret-1, secret-2, …; so are the values of environment variables, and what --secret names.
    /// Look at the files before you pass them on. WebSockets are neither passed on nor recorded.
    #[cfg(feature = "record")]
    Record(Record),

    /// Serve what was recorded
    ///
    /// A request is answered as the recorded one of the same method, path, query and body was. What was recorded
    /// several times comes in the same order, and then the last again and again.
    #[cfg(feature = "record")]
    Replay(Replay),
}

#[cfg(feature = "record")]
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The folder for the exchanges; made if need be, and what is there stays
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: PathBuf,

    /// The service's address, such as https://api.example.com
    #[arg(long, value_name = "URL")]
    pub(crate) upstream: String,

    /// Where the program under test finds the recorder
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7080")]
    pub(crate) listen: SocketAddr,

    /// A further header, field or parameter that holds a secret; may be repeated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) secret: Vec<String>,

    #[command(flatten)]
    pub(crate) hosts: Hosts,
}

#[cfg(feature = "record")]
#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The folder of the exchanges
    #[arg(value_name = "FOLDER")]
    pub(crate) from: PathBuf,

    /// Where the program under test finds them
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7081")]
    pub(crate) listen: SocketAddr,

    #[command(flatten)]
    pub(crate) hosts: Hosts,
}

/// Who is let in, and how much of it.
#[derive(Debug, Args)]
pub(crate) struct Hosts {
    /// A further name by which clients reach this machine, for example that of a container; may be repeated.
    /// Loopback is always let in, others are refused, against DNS rebinding; * is any name
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        env = "DEPLOYKIT_SANDBOX_ALLOW_HOST"
    )]
    pub(crate) allow_host: Vec<String>,

    /// Let pages in a browser read the answers (CORS), from this machine and from the allowed hosts
    #[arg(long, env = "DEPLOYKIT_SANDBOX_CORS")]
    pub(crate) cors: bool,

    /// How large a body may be, in bytes, or with K, M or G; what is larger gets 413
    #[arg(
        long, value_name = "BYTES", default_value = "64M", value_parser = bytes,
        env = "DEPLOYKIT_SANDBOX_MAX_BODY"
    )]
    pub(crate) max_body: u64,
}

impl Hosts {
    /// The same for a server.
    pub(crate) fn set<S: Service>(&self, server: Builder<S>) -> Builder<S> {
        let server = self.allow_host.iter().fold(server, Builder::allow_host);
        let server = server.max_body(self.max_body);
        match self.cors {
            true => server.cors(),
            false => server,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// Where its control is
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: IpAddr,

    /// The port of its control
    #[arg(
        long,
        default_value_t = deploykit_sandbox::control::PORT,
        env = "DEPLOYKIT_SANDBOX_CONTROL_PORT"
    )]
    pub(crate) control_port: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Serve only this service; may be repeated, or several with commas
    #[arg(
        long, value_name = "SERVICE", value_delimiter = ',', value_parser = known,
        env = "DEPLOYKIT_SANDBOX_ONLY",
        help = format!("Serve only this service; may be repeated, or several with commas [{}]", KNOWN.join(", "))
    )]
    pub(crate) only: Vec<String>,

    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DEPLOYKIT_SANDBOX_HOST")]
    pub(crate) host: IpAddr,

    /// The port of the first service, scalingo; the others follow in the order above. With 0, each takes any free
    /// port
    #[arg(
        long, default_value_t = FIRST_PORT, value_parser = port, env = "DEPLOYKIT_SANDBOX_PORT_BASE"
    )]
    pub(crate) port_base: u16,

    /// The port of the control over HTTP and of its page; 7000, or any free port with --port-base 0, unless set
    #[arg(long, value_parser = port, env = "DEPLOYKIT_SANDBOX_CONTROL_PORT")]
    pub(crate) control_port: Option<u16>,

    /// How many times as fast deployments and quota windows pass, from 0.001 to 1000000
    #[arg(long, default_value_t = 1.0, value_parser = speed, env = "DEPLOYKIT_SANDBOX_SPEED")]
    pub(crate) speed: f64,

    /// Whether the services' quotas are kept
    #[arg(long, value_enum, default_value_t = Switch::On, env = "DEPLOYKIT_SANDBOX_QUOTAS")]
    pub(crate) quotas: Switch,

    /// What is to be there from the start: a JSON file, with an object for each service
    #[arg(long, value_name = "FILE", env = "DEPLOYKIT_SANDBOX_SEED")]
    pub(crate) seed: Option<PathBuf>,

    /// Which version of a service is played; may be repeated [devopness=2025-11|2026-08, tsuru=page|0.2|0.4|0.7]
    #[arg(
        long,
        value_name = "SERVICE=VERSION",
        value_delimiter = ',',
        env = "DEPLOYKIT_SANDBOX_API_VERSION"
    )]
    pub(crate) api_version: Vec<Version>,

    #[command(flatten)]
    pub(crate) hosts: Hosts,

    /// Print addresses, credentials and names as one line of JSON, once all are ready
    #[arg(long, env = "DEPLOYKIT_SANDBOX_JSON")]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

/// A service that there is.
fn known(name: &str) -> Result<String, String> {
    match KNOWN.contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(format!(
            "there is no service {name}, only {}",
            KNOWN.join(", ")
        )),
    }
}

pub(crate) fn port(text: &str) -> Result<u16, String> {
    text.parse()
        .map_err(|_| "a port is a number from 0 to 65535".to_owned())
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.001..=1_000_000.0).contains(&speed) => Ok(speed),
        _ => Err("a speed is a number from 0.001 to 1000000; 1 is real time".to_owned()),
    }
}

pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => Some(1),
        "K" => Some(1024),
        "M" => Some(1024 * 1024),
        "G" => Some(1024 * 1024 * 1024),
        _ => None,
    };
    let number: Option<u64> = digits.parse().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(factor))
        .ok_or_else(|| "a number of bytes, such as 1000000, 512K, 64M or 1G".to_owned())
}
