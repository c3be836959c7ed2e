//! Removes servers from Tideways that have not synchronized for a long time.
//!
//! Shows what it would remove; removes only with `--yes`. A server whose date can't be read is never
//! removed, and one that was removed by mistake registers itself again at its next synchronization.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example decommission -- --older-than 30
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use deploykit::tideways::{ApplicationName, Client, Decommission, stale_servers};
use deploykit_sandbox::Running;
use deploykit_sandbox::Sandbox;
use deploykit_sandbox::tideways::Tideways;
use jiff::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Remove servers from Tideways that have not synchronized for a long time.
///
/// Goes through the projects one by one. What fails for one project is reported, and the others go on; the
/// exit code tells. Without a token it runs against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Remove servers that last synchronized more than so many days ago
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    older_than: u32,

    /// Only this project; may be repeated. All of them unless given
    #[arg(long, value_name = "NAME")]
    application: Vec<String>,

    /// Remove the servers; without this they are only shown
    #[arg(long)]
    yes: bool,

    /// Token of the organization, with the scope `deployment`
    #[arg(
        long,
        env = "TIDEWAYS_TOKEN",
        hide_env_values = true,
        requires = "organization"
    )]
    token: Option<String>,

    /// Name of the organization
    #[arg(long, env = "TIDEWAYS_ORGANIZATION")]
    organization: Option<String>,

    /// Another address than Tideways' own
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("{failed} projects failed");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<usize, Box<dyn Error>> {
    if let (Some(token), Some(organization)) = (&arguments.token, &arguments.organization) {
        let mut tideways = Client::builder()
            .token(token.as_str())
            .organization(organization);
        if let Some(base_url) = &arguments.base_url {
            tideways = tideways.base_url(base_url);
        }
        let tideways = tideways.build()?;
        return decommission(&tideways, &arguments).await;
    }
    eprintln!("no TIDEWAYS_TOKEN: running against a local stand-in");
    let sandbox = stand_in().await?;
    let tideways = Client::builder()
        .token(sandbox.token())
        .organization("acme")
        .base_url(sandbox.base_url())
        .build()?;
    decommission(&tideways, &arguments).await
}

/// How many projects failed.
async fn decommission(tideways: &Client, arguments: &Arguments) -> Result<usize, Box<dyn Error>> {
    let applications: Vec<ApplicationName> = if arguments.application.is_empty() {
        let all = tideways.applications().list().await?;
        all.into_iter()
            .map(|application| application.name)
            .collect()
    } else {
        arguments
            .application
            .iter()
            .map(|name| name.as_str().into())
            .collect()
    };
    let mut failed = 0;
    for application in applications {
        if let Err(error) = clean(tideways, &application, arguments).await {
            eprintln!("{application}: {error}");
            failed += 1;
        }
    }
    Ok(failed)
}

/// Removes the stale servers of one project.
async fn clean(
    tideways: &Client,
    application: &ApplicationName,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let servers = tideways.servers().list(application).await?;
    let stale = stale_servers(&servers, DAY * arguments.older_than, Timestamp::now());
    println!(
        "{application}: {} servers, {} stale",
        servers.len(),
        stale.len()
    );
    for server in &stale {
        let seen = server
            .last_sync
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        println!("  {} (last seen {seen})", server.server);
    }
    if stale.is_empty() {
        return Ok(());
    }
    if !arguments.yes {
        println!("  nothing removed; --yes removes them");
        return Ok(());
    }
    let gone = Decommission::new(stale.iter().map(|server| &server.server));
    let removed = tideways.servers().decommission(application, &gone).await?;
    let count = removed.removed_servers.unwrap_or(0);
    println!("  {count} removed");
    if !removed.is_complete(&gone) {
        return Err(format!("{} of {} servers were removed", count, stale.len()).into());
    }
    Ok(())
}

async fn stand_in() -> std::io::Result<Running<Tideways>> {
    Sandbox::tideways()
        .alive_server("shop", "web1.shop.local")
        .silent_server("shop", "web2.shop.local", 12 * DAY)
        .silent_server("shop", "web3.shop.local", 45 * DAY)
        .odd_server("shop", "web4.shop.local", "0000-00-00 00:00:00")
        .alive_server("blog", "web1.blog.local")
        .start()
        .await
}
