//! Serves the stand-ins on fixed ports.

#![expect(clippy::print_stdout, reason = "a program tells where it listens")]
#![cfg_attr(
    not(any(
        feature = "scalingo",
        feature = "tideways",
        feature = "tsuru",
        feature = "edgegap",
        feature = "devopness"
    )),
    allow(unused, reason = "without any service there is nothing to start")
)]

use std::any::Any;
use std::io;
use std::net::{IpAddr, SocketAddr};

use clap::Parser;
use deploykit_sandbox::control::{Control, PORT as CONTROL_PORT};
use deploykit_sandbox::{Builder, Controlled, Sandbox};

/// The first of the services' own ports, which `--port-base` moves.
const FIRST_PORT: u16 = 7001;

/// How many requests each server remembers, and how much of their bodies, in bytes.
const KEPT_REQUESTS: usize = 1000;
const KEPT_BODIES: usize = 16 * 1024;

/// Local stand-ins of deployment services, for testing automation without an account.
///
/// Each service listens on a port of its own and prints its base URL and a token that it accepts.
/// State is kept in memory until the program ends, with Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "deploykit-sandbox", version)]
struct Arguments {
    /// Serve only this service; may be repeated [scalingo, tideways, tsuru, edgegap, devopness, tsuru-v1]
    #[arg(long, value_name = "SERVICE")]
    only: Vec<String>,

    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1", env = "DEPLOYKIT_SANDBOX_HOST")]
    host: IpAddr,

    /// The port of the first service, scalingo; the others follow in the order above. With 0, each
    /// takes any free port
    #[arg(long, default_value_t = FIRST_PORT, env = "DEPLOYKIT_SANDBOX_PORT_BASE")]
    port_base: u16,

    /// The port of the control over HTTP and of its page; 7000, or any free port with --port-base 0, unless set
    #[arg(long, env = "DEPLOYKIT_SANDBOX_CONTROL_PORT")]
    control_port: Option<u16>,

    /// How many times as fast deployments and quota windows pass
    #[arg(long, default_value_t = 1.0, env = "DEPLOYKIT_SANDBOX_SPEED")]
    speed: f64,

    /// Which description of Devopness is played [2025-11, 2026-08]
    #[cfg(feature = "devopness")]
    #[arg(long, default_value_t, env = "DEPLOYKIT_SANDBOX_DEVOPNESS_VERSION")]
    devopness_version: deploykit_sandbox::devopness::Version,
}

/// The servers that run, and the services that could.
#[derive(Default)]
struct Started {
    running: Vec<Box<dyn Any>>,
    control: Control,
    known: Vec<&'static str>,
}

impl Started {
    /// Starts one stand-in, if the arguments ask for it.
    async fn start<S: Controlled>(
        &mut self,
        sandbox: Builder<S>,
        arguments: &Arguments,
    ) -> io::Result<()> {
        self.known.push(S::NAME);
        if !arguments.only.is_empty() && !arguments.only.iter().any(|name| name == S::NAME) {
            return Ok(());
        }
        let port = match arguments.port_base {
            0 => 0,
            base => base.saturating_add(S::PORT.saturating_sub(FIRST_PORT)),
        };
        let running = sandbox
            .bind(SocketAddr::new(arguments.host, port))
            .speed(arguments.speed)
            .keep_requests(KEPT_REQUESTS)
            .keep_bodies(KEPT_BODIES)
            .start()
            .await
            .map_err(|error| {
                io::Error::new(error.kind(), format!("{} on port {port}: {error}", S::NAME))
            })?;
        let version = running.service().version();
        let version = version.map_or_else(String::new, |version| format!("  version: {version}"));
        println!(
            "{:<10} {}  token: {}{version}",
            S::NAME,
            running.base_url(),
            running.token()
        );
        self.control = std::mem::take(&mut self.control).and(&running);
        self.running.push(Box::new(running));
        Ok(())
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut started = Started::default();
    #[cfg(feature = "scalingo")]
    started.start(Sandbox::scalingo(), &arguments).await?;
    #[cfg(feature = "tideways")]
    started.start(Sandbox::tideways(), &arguments).await?;
    #[cfg(feature = "tsuru")]
    started.start(Sandbox::tsuru(), &arguments).await?;
    #[cfg(feature = "edgegap")]
    started.start(Sandbox::edgegap(), &arguments).await?;
    #[cfg(feature = "devopness")]
    started
        .start(
            Sandbox::devopness().version(arguments.devopness_version),
            &arguments,
        )
        .await?;
    #[cfg(feature = "tsuru")]
    started.start(Sandbox::tsuru_v1(), &arguments).await?;

    if let Some(unknown) = arguments
        .only
        .iter()
        .find(|name| !started.known.contains(&name.as_str()))
    {
        let known = started.known.join(", ");
        return Err(io::Error::other(format!(
            "there is no service {unknown}, only {known}"
        )));
    }
    let port = match (arguments.control_port, arguments.port_base) {
        (Some(port), _) => port,
        (None, 0) => 0,
        (None, _) => CONTROL_PORT,
    };
    let control = started
        .control
        .bind(SocketAddr::new(arguments.host, port))
        .start()
        .await
        .map_err(|error| {
            io::Error::new(error.kind(), format!("control on port {port}: {error}"))
        })?;
    println!("{:<10} {}", "control", control.base_url());
    tokio::signal::ctrl_c().await
}
