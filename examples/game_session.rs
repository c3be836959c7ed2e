//! A game session on Edgegap: starts a server near the players, waits until it is ready, prints the address to
//! connect to, and stops it again.
//!
//! With nothing set it runs against the sandbox, in this process. With `EDGEGAP_API_TOKEN` it does it for real:
//!
//! ```sh
//! EDGEGAP_API_TOKEN=… cargo run --example game_session -- --application my-app --version 1.0 --near 48.2,16.4
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
    Client, Deploy, DeploymentStatus, Deployments, ErrorExt as _, Phase, RequestId, StopOutcome,
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

    /// Name of the application's version
    #[arg(long, env = "EDGEGAP_VERSION", default_value = "v1")]
    version: String,

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
    let client = Client::builder(sandbox.token())
        .base_url(sandbox.base_url())
        .build()?;
    session(&client, arguments).await
}

async fn session(client: &Client, arguments: Arguments) -> Result<(), Failure> {
    let deployments = client.deployments();
    // From here on Ctrl-C is kept until the server can be stopped.
    let interrupted = tokio::spawn(tokio::signal::ctrl_c());
    // A tag of its own, by which the server is found again if the answer gets lost.
    let tag = format!(
        "session-{:x}",
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis()
    );
    let id = match deployments.deploy_tagged(&order(&arguments), &tag).await {
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

fn order(arguments: &Arguments) -> Deploy {
    let mut order = Deploy::new(&*arguments.application, &*arguments.version);
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
