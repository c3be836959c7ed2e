//! A game session on Edgegap: starts a server near the players, waits until it is ready, prints the address to
//! connect to, and stops it again.
//!
//! With nothing set it runs against the sandbox, in this process. With `EDGEGAP_API_TOKEN` it does it for real:
//!
//! ```sh
//! EDGEGAP_API_TOKEN=… cargo run --example game_session -- --application my-app --version 1.0 --near 48.2,16.4
//! ```
//!
//! With `--image` it begins with the image: the application is created if it is missing, and so is the version,
//! which is named after the image's tag. Run again, both are found.
//!
//! ```sh
//! cargo run --example game_session -- --image registry.example.com/my-org/my-game:build-17 --port game:7777/udp
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use deploykit::edgegap::{
    Client, Deploy, DeploymentStatus, Deployments, ErrorExt as _, ImageReference, NewPort,
    NewVersion, Phase, Protocol, RequestId, Resources, StopOutcome,
};
use deploykit_sandbox::Sandbox;
use futures::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};

/// Starts a game server near its players, waits until it is ready, and stops it.
///
/// Without EDGEGAP_API_TOKEN everything happens in a sandbox, and costs nothing.
#[derive(Debug, Parser)]
#[command(name = "game_session")]
struct Arguments {
    /// Name of the application
    #[arg(long, env = "EDGEGAP_APPLICATION", default_value = "my-app")]
    application: String,

    /// Name of the application's version [default: the image's tag, else v1]
    #[arg(long, env = "EDGEGAP_VERSION")]
    version: Option<String>,

    /// Image of the version, with its tag; without it the version must exist
    #[arg(long, value_name = "REGISTRY/PATH:TAG")]
    image: Option<ImageReference>,

    /// Port of the image; may be repeated [default: gameport:7777/udp]
    #[arg(long, value_name = "NAME:NUMBER/PROTOCOL", requires = "image")]
    port: Vec<NamedPort>,

    /// CPU of the image, in units of 1/1024 vCPU
    #[arg(long, default_value_t = 512)]
    cpu: u32,

    /// Memory of the image, in MiB
    #[arg(long, default_value_t = 1024)]
    memory: u32,

    /// Name for the image's registry, if it is private; with the password in REGISTRY_TOKEN
    #[arg(long, env = "REGISTRY_USERNAME")]
    registry_username: Option<String>,

    /// Where a player is, in degrees; may be repeated [default: Montreal]
    #[arg(long, value_name = "LATITUDE,LONGITUDE", allow_hyphen_values = true)]
    near: Vec<Place>,

    /// IP address of a player; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    player: Vec<std::net::IpAddr>,

    /// How many seconds the server may take to be ready
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    deadline: u64,

    /// How many seconds the session lasts; Ctrl-C ends it earlier
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    play: u64,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    latitude: f64,
    longitude: f64,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (latitude, longitude) = text.split_once(',').ok_or("must be like 45.5,-73.6")?;
        let degrees = |text: &str| {
            text.trim()
                .parse()
                .map_err(|_| format!("{text} is no number"))
        };
        Ok(Self {
            latitude: degrees(latitude)?,
            longitude: degrees(longitude)?,
        })
    }
}

#[derive(Debug, Clone)]
struct NamedPort(NewPort);

impl FromStr for NamedPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (name, rest) = text.split_once(':')?;
            let (number, protocol) = rest.split_once('/')?;
            let protocol = Protocol::read(protocol);
            let port = NewPort::new(number.parse().ok()?, protocol.clone());
            protocol.is_known().then(|| port.name(name))
        };
        parts()
            .map(Self)
            .ok_or_else(|| "must be like game:7777/udp".to_owned())
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    if std::env::var_os("EDGEGAP_API_TOKEN").is_some() {
        return session(&Client::from_env()?, arguments).await;
    }
    println!("EDGEGAP_API_TOKEN is not set: this is the sandbox");
    let sandbox = Sandbox::edgegap().start().await?;
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()?;
    session(&client, arguments).await
}

async fn session(client: &Client, arguments: Arguments) -> Result<(), Failure> {
    let version = match &arguments.image {
        Some(image) => prepare(client, image, &arguments).await?,
        None => arguments.version.clone().unwrap_or_else(|| "v1".to_owned()),
    };
    let deployments = client.deployments();
    // From here on Ctrl-C is kept until the server can be stopped.
    let interrupted = tokio::spawn(tokio::signal::ctrl_c());
    // A tag of its own, by which the server is found again if the answer gets lost.
    let tag = format!(
        "session-{:x}",
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis()
    );
    let id = match deployments
        .deploy_tagged(&order(&arguments, version), &tag)
        .await
    {
        Ok(deployed) => deployed.request_id,
        Err(error) => {
            // Even a server that found no place is a deployment, until it is stopped.
            if let Some(id) = error.deployment() {
                stop(&deployments, &id).await?;
            } else if error.may_have_been_sent() {
                eprintln!("there may be a server with the tag {tag}: look for it in the dashboard");
            }
            return Err(error.report().into());
        }
    };
    println!("started {id}, with the tag {tag}");

    // Whatever happens from here on, the server is stopped: it costs money as long as it runs.
    let played = tokio::select! {
        played = play(&deployments, &id, &arguments) => played,
        _ = interrupted => Ok(()),
    };
    let stopped = stop(&deployments, &id).await;
    played.and(stopped)
}

/// Makes sure that there is a version with this image; its name.
async fn prepare(
    client: &Client,
    image: &ImageReference,
    arguments: &Arguments,
) -> Result<String, Failure> {
    let name = arguments.version.as_ref().unwrap_or(&image.tag);
    let resources = Resources::new(arguments.cpu, arguments.memory);
    let mut version = NewVersion::of(name, image, resources);
    if arguments.port.is_empty() {
        version = version.port(NewPort::new(7777, Protocol::Udp).name("gameport"));
    }
    for NamedPort(port) in arguments.port.clone() {
        version = version.port(port);
    }
    if let Some(username) = &arguments.registry_username {
        version = version
            .private_username(username)
            .private_token(std::env::var("REGISTRY_TOKEN").unwrap_or_default());
    }
    let release = client.release(&*arguments.application, version);
    let prepared = release.prepare().await.map_err(|error| {
        let advice = error.advice().unwrap_or_default();
        format!("{error}\n{advice}")
    })?;
    let word = |created| if created { "created" } else { "found" };
    println!(
        "{} application {}, {} version {name}",
        word(prepared.application_created),
        arguments.application,
        word(prepared.version_created),
    );
    Ok(name.clone())
}

fn order(arguments: &Arguments, version: String) -> Deploy {
    let mut order = Deploy::new(&*arguments.application, version);
    for address in &arguments.player {
        order = order.user_ip(address.to_string());
    }
    for place in &arguments.near {
        order = order.user_coordinates(place.latitude, place.longitude);
    }
    if arguments.player.is_empty() && arguments.near.is_empty() {
        order = order.user_coordinates(45.508888, -73.561668);
    }
    order
}

async fn play(
    deployments: &Deployments,
    id: &RequestId,
    arguments: &Arguments,
) -> Result<(), Failure> {
    let status = ready(deployments, id, Duration::from_secs(arguments.deadline)).await?;
    let city = status
        .location
        .as_ref()
        .and_then(|location| location.city.as_deref());
    println!("ready in {}", city.unwrap_or("an unknown place"));
    for (port, address) in status.addresses() {
        println!("  {port}: connect to {address}");
    }
    tokio::time::sleep(Duration::from_secs(arguments.play)).await;
    Ok(())
}

/// Waits with a progress bar.
async fn ready(
    deployments: &Deployments,
    id: &RequestId,
    deadline: Duration,
) -> Result<DeploymentStatus, Failure> {
    let style = ProgressStyle::with_template("[{elapsed}] {bar:30} {msg}")?;
    let bar = ProgressBar::new(Phase::STEPS).with_style(style);
    let (first, longest) = (Duration::from_secs(1), Duration::from_secs(5));
    let mut looks = deployments
        .ready(id)
        .every(first, longest)
        .deadline(deadline);
    let mut last = None;
    while let Some(look) = looks.try_next().await? {
        let phase = look.value().phase();
        bar.set_message(phase.to_string());
        // A phase that is not known leaves the bar where it is.
        bar.set_position(phase.step().unwrap_or(bar.position()));
        last = Some(look.value().clone());
    }
    bar.finish_and_clear();
    last.ok_or_else(|| "there was nothing to wait for".into())
}

async fn stop(deployments: &Deployments, id: &RequestId) -> Result<(), Failure> {
    match deployments.stop(id).await?.outcome {
        StopOutcome::Stopping => println!("{id} is stopping"),
        StopOutcome::Queued => println!("{id} will be stopped as soon as it has started"),
        StopOutcome::AlreadyGone => println!("{id} had already ended"),
    }
    Ok(())
}
