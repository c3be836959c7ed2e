//! Rotates the API tokens of a Devopness project that are about to expire, and the program's own token last.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example rotate_tokens
//! ```
//!
//! For real; the new tokens are written to files that only their owner can read:
//!
//! ```sh
//! export DEVOPNESS_API_TOKEN=…
//! rotate_tokens --project 4711 --within-days 30 --own e70e75cb-7922-47d2-a071-54b7d7ede4be --save-to /run/secrets
//! ```
//!
//! Exits with 0 if every token that was due is rotated and saved, else with 1.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use deploykit::Secret;
use deploykit::devopness::Client;
use deploykit::devopness::api_tokens::{
    ApiTokenRelation, ApiTokenRotation, ApiTokenStatus, NewApiToken,
};
use deploykit_sandbox::Sandbox;
use futures::TryStreamExt;
use jiff::{SignedDuration, Timestamp, Unit};

/// The project of the stand-in.
const STAND_IN: u64 = 1;

/// Rotate the API tokens of a Devopness project that are about to expire.
///
/// Without --save-to it only tells which ones are due. Without a token it runs against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Project whose tokens are rotated
    #[arg(long)]
    project: Option<u64>,

    /// Rotates tokens that expire within so many days
    #[arg(long, default_value_t = 30)]
    within_days: u16,

    /// How many days the new tokens last; a year at most
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=365))]
    lifetime_days: u16,

    /// Id of the personal access token that this program itself uses; it is rotated too, at the end
    #[arg(long)]
    own: Option<String>,

    /// Folder for the new tokens, one file for each, named after its id
    #[arg(long)]
    save_to: Option<PathBuf>,

    /// Personal access token
    #[arg(
        long,
        env = "DEVOPNESS_API_TOKEN",
        hide_env_values = true,
        requires = "project"
    )]
    token: Option<String>,

    /// Another address of the service
    #[arg(long, env = "DEVOPNESS_API_URL", requires = "token")]
    api_url: Option<String>,
}

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

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if let Some(token) = &arguments.token {
        let mut builder = Client::builder().token(token.as_str());
        if let Some(url) = &arguments.api_url {
            builder = builder.base_url(url);
        }
        return rotate(&builder.build()?, &arguments).await;
    }
    eprintln!("no DEVOPNESS_API_TOKEN: running against a local stand-in");
    let sandbox = Sandbox::devopness().start().await?;
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()?;
    rehearse(&client, arguments).await
}

/// Rotates tokens that were made for the purpose, into a folder that is removed again.
async fn rehearse(client: &Client, mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    for (name, days) in [("deploys", 7), ("backups", 200)] {
        let token = NewApiToken::new(name, 1u64, in_days(days)?);
        client.api_tokens().add(STAND_IN, &token).await?;
    }
    let own = client.personal_access_tokens().list().await?.items;
    arguments.own = own.first().map(|token| token.id.to_string());
    if arguments.save_to.is_some() {
        return rotate(client, &arguments).await;
    }
    let folder = tempfile::tempdir()?;
    arguments.save_to = Some(folder.path().to_owned());
    rotate(client, &arguments).await
}

async fn rotate(client: &Client, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let project = arguments.project.unwrap_or(STAND_IN);
    let due = in_days(arguments.within_days)?;
    let is_due = |token: &ApiTokenRelation| {
        let expires_at = token.expires_at.timestamp();
        token.status == ApiTokenStatus::Active && expires_at.is_some_and(|at| at <= due)
    };
    let tokens: Vec<_> = client
        .api_tokens()
        .list_by_project(project)
        .items()
        .try_collect()
        .await?;
    let (due, later): (Vec<_>, Vec<_>) = tokens.into_iter().partition(is_due);
    println!("{} tokens are due, {} are not", due.len(), later.len());
    let Some(folder) = &arguments.save_to else {
        for token in &due {
            println!("{} expires {}", token.name, token.expires_at);
        }
        return Ok(());
    };
    // A token is shown once: that it can be kept is made sure of first.
    fs::create_dir_all(folder)?;
    let expires_at = in_days(arguments.lifetime_days)?;
    for token in due {
        let rotation = ApiTokenRotation::new(&token.id, expires_at);
        let rotated = client
            .api_tokens()
            .rotate(project, &token.id, &rotation)
            .await?;
        save(folder, rotated.id.as_str(), rotated.token.as_ref())?;
        println!("{}: rotated, expires {}", token.name, rotated.expires_at);
    }
    if let Some(own) = &arguments.own {
        // The client goes on with the new one.
        let rotated = client
            .rotate_personal_access_token(own.as_str(), expires_at)
            .await?;
        save(folder, rotated.id.as_str(), rotated.token.as_ref())?;
        println!("{}: rotated, expires {}", rotated.name, rotated.expires_at);
        println!("still in as {}", client.users().me().await?.name);
    }
    Ok(())
}

fn save(folder: &Path, id: &str, token: Option<&Secret>) -> Result<(), Box<dyn Error>> {
    let token = token.ok_or_else(|| format!("the answer does not hold the new token {id}"))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(folder.join(format!("{id}.token")))?;
    file.write_all(token.expose().as_bytes())?;
    Ok(())
}

fn in_days(days: u16) -> Result<Timestamp, jiff::Error> {
    let later = Timestamp::now().checked_add(SignedDuration::from_hours(24 * i64::from(days)))?;
    later.round(Unit::Second)
}
