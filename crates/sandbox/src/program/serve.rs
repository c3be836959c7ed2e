//! Starts the stand-ins and their control, and waits for the end.

use std::any::Any;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use deploykit_sandbox::control::{self, Control};
use deploykit_sandbox::{Builder, Controlled, Sandbox};
use serde_json::{Map, Value};

use crate::arguments::{FIRST_PORT, Serve, Switch};
use crate::end::End;
use crate::screen::{self, Ready};
use crate::services::{KNOWN, Version};

/// How many requests each server remembers, and how much of their bodies, in bytes.
const KEPT_REQUESTS: usize = 1000;
const KEPT_BODIES: usize = 16 * 1024;

/// What has been started so far.
struct Started<'a> {
    arguments: &'a Serve,
    seeds: Map<String, Value>,
    control: Control,
    ready: Vec<Ready>,
    running: Vec<Box<dyn Any>>,
}

/// Serves until the program is told to end.
pub(crate) async fn serve(arguments: &Serve) -> Result<(), String> {
    // First, so that nobody's wish to end is missed.
    let mut end = End::new().map_err(|error| format!("signals can't be awaited: {error}"))?;
    let seeds = match &arguments.seed {
        Some(file) => read_seeds(file)?,
        None => Map::new(),
    };
    let mut started = Started {
        arguments,
        seeds,
        control: Control::new(),
        ready: Vec::new(),
        running: Vec::new(),
    };
    started.start_all().await?;
    let Started {
        control,
        ready,
        running,
        ..
    } = started;
    let port = match (arguments.control_port, arguments.port_base) {
        (Some(port), _) => port,
        (None, 0) => 0,
        (None, _) => control::PORT,
    };
    let address = SocketAddr::new(arguments.host, port);
    let control = arguments
        .hosts
        .allow_host
        .iter()
        .fold(control, Control::allow_host)
        .bind(address)
        .start()
        .await
        .map_err(|error| cannot_listen("the control", "--control-port", address, &error))?;
    screen::show(&ready, control.base_url(), arguments.json);
    end.wait().await;
    drop(running);
    Ok(())
}

impl Started<'_> {
    async fn start_all(&mut self) -> Result<(), String> {
        let quotas = self.arguments.quotas == Switch::On;
        #[cfg(feature = "scalingo")]
        self.start(match quotas {
            true => Sandbox::scalingo(),
            false => Sandbox::scalingo().without_quota(),
        })
        .await?;
        #[cfg(feature = "tideways")]
        self.start(match quotas {
            true => Sandbox::tideways(),
            false => Sandbox::tideways().quota(None),
        })
        .await?;
        #[cfg(feature = "tsuru")]
        self.start(
            self.versions()
                .fold(Sandbox::tsuru(), |tsuru, version| match version {
                    Version::Tsuru(era) => tsuru.era(era),
                    #[cfg(feature = "devopness")]
                    Version::Devopness(_) => tsuru,
                }),
        )
        .await?;
        #[cfg(feature = "edgegap")]
        self.start(match quotas {
            true => Sandbox::edgegap(),
            false => Sandbox::edgegap().without_quotas(),
        })
        .await?;
        #[cfg(feature = "devopness")]
        self.start(self.versions().fold(
            Sandbox::devopness(),
            |devopness, version| match version {
                Version::Devopness(version) => devopness.version(version),
                #[cfg(feature = "tsuru")]
                Version::Tsuru(_) => devopness,
            },
        ))
        .await?;
        #[cfg(feature = "tsuru")]
        self.start(Sandbox::tsuru_v1()).await?;
        Ok(())
    }

    fn versions(&self) -> impl Iterator<Item = Version> + use<> {
        self.arguments.api_version.clone().into_iter()
    }

    /// Starts one stand-in, if it is asked for.
    async fn start<S: Controlled>(&mut self, sandbox: Builder<S>) -> Result<(), String> {
        let arguments = self.arguments;
        if !arguments.only.is_empty() && !arguments.only.iter().any(|name| name == S::NAME) {
            return Ok(());
        }
        let address = SocketAddr::new(arguments.host, port::<S>(arguments.port_base)?);
        let mut sandbox = sandbox
            .bind(address)
            .speed(arguments.speed)
            .keep_requests(KEPT_REQUESTS)
            .keep_bodies(KEPT_BODIES)
            .on_lacking(|method, path| {
                screen::tell(&format!("{}: no such route here: {method} {path}", S::NAME));
            });
        sandbox = arguments.hosts.set(sandbox);
        if let Some(seed) = self.seeds.remove(S::NAME) {
            sandbox = sandbox.seed(seed);
        }
        let running = sandbox.start().await.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => format!("the seed: {error}"),
            _ => cannot_listen(S::NAME, "--port-base", address, &error),
        })?;
        let control = std::mem::take(&mut self.control);
        self.control = control.and(&running);
        self.ready.push(Ready {
            name: S::NAME,
            base_url: running.base_url().to_owned(),
            token: running.token(),
            version: running.service().version(),
            hints: running.service().hints(),
        });
        self.running.push(Box::new(running));
        Ok(())
    }
}

/// The port of a service.
fn port<S: Controlled>(base: u16) -> Result<u16, String> {
    let after = S::PORT - FIRST_PORT;
    match base {
        0 => Ok(0),
        _ => base.checked_add(after).ok_or_else(|| {
            format!(
                "--port-base {base} leaves no port for {}, which takes the {}th after it: {} is the highest",
                S::NAME,
                after,
                u16::MAX - after
            )
        }),
    }
}

fn read_seeds(file: &Path) -> Result<Map<String, Value>, String> {
    let shown = file.display();
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("the seed {shown} can't be read: {error}"))?;
    let seeds: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|error| format!("the seed {shown} is no JSON object: {error}"))?;
    match seeds.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        Some(name) => Err(format!(
            "the seed {shown} is for a service {name}, and there are only {}",
            KNOWN.join(", ")
        )),
        None => Ok(seeds),
    }
}

pub(crate) fn cannot_listen(
    who: &str,
    moved_by: &str,
    address: SocketAddr,
    error: &io::Error,
) -> String {
    let port = address.port();
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of {who} is in use by another program, perhaps another deploykit-sandbox: {moved_by} \
             takes another one, {moved_by} 0 any that is free"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "{who} may not listen on port {port}: {moved_by} takes another one; those from 1024 on are for \
             everybody"
        ),
        io::ErrorKind::AddrNotAvailable => {
            format!(
                "{who} can't listen on {}, which is no address of this machine",
                address.ip()
            )
        }
        _ => format!("{who} can't listen on {address}: {error}"),
    }
}
