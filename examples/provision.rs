//! Provisions a project in Tideways and prints the line for php.ini.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example provision -- shop --show-key
//! ```
//!
//! For real, in the script that sets up a server:
//!
//! ```sh
//! export TIDEWAYS_TOKEN=… TIDEWAYS_ORGANIZATION=acme
//! provision shop --show-key >> /etc/php/8.4/fpm/conf.d/40-tideways.ini
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use deploykit::tideways::{Client, Provision};
use deploykit_sandbox::Sandbox;

/// Provision a project in Tideways and print the line for php.ini.
///
/// The project is created unless it exists; running this again gives the same key. Without a token it runs
/// against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Name of the project
    #[arg(default_value = "shop")]
    application: String,

    /// Print the key itself; without this it is left out, so that it ends in no log
    #[arg(long)]
    show_key: bool,

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
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    if let (Some(token), Some(organization)) = (&arguments.token, &arguments.organization) {
        let mut tideways = Client::builder()
            .token(token.as_str())
            .organization(organization);
        if let Some(base_url) = &arguments.base_url {
            tideways = tideways.base_url(base_url);
        }
        let tideways = tideways.build()?;
        return provision(&tideways, &arguments).await;
    }
    eprintln!("no TIDEWAYS_TOKEN: running against a local stand-in");
    let sandbox = Sandbox::tideways().start().await?;
    let tideways = Client::builder()
        .token(sandbox.token())
        .organization("acme")
        .base_url(sandbox.base_url())
        .build()?;
    provision(&tideways, &arguments).await
}

async fn provision(tideways: &Client, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let project = Provision::new(arguments.application.as_str());
    let provisioned = tideways.provisioning().provision(&project).await?;
    // Standard output holds the line and nothing else, so that it can be redirected.
    if arguments.show_key {
        println!("tideways.api_key={}", provisioned.api_key.expose());
    } else {
        println!("tideways.api_key=…");
        eprintln!(
            "{} is provisioned; --show-key prints its key",
            arguments.application
        );
    }
    Ok(())
}
