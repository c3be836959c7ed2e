//! Deploys an archive or an image to today's tsuru, follows the output, and goes back to the version before if
//! the deploy fails.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example tsuru_deploy
//! ```
//!
//! For real:
//!
//! ```sh
//! export TSURU_HOST=https://tsuru.example.com TSURU_TOKEN=…
//! tar czf app.tar.gz -C my-app .
//! cargo run --example tsuru_deploy -- --app my-app --archive app.tar.gz --message "release 7"
//! ```
//!
//! Exits with 0 if the deploy succeeded, 1 if it failed, 2 if it could not be started or followed.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use deploykit::ErrorKind;
use deploykit::core::Body;
use deploykit::tsuru::v1::{Client, DeployFilter, Deploying, NewDeploy, Rollback};
use deploykit_sandbox::Sandbox;
use futures::TryStreamExt;
use indicatif::{ProgressBar, ProgressStyle};

/// Deploy to tsuru, follow the output, and go back if it fails.
///
/// Without a host it runs against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// App to deploy
    #[arg(long, default_value = "example-app")]
    app: String,

    /// Archive of the sources (.tar.gz)
    #[arg(long, group = "source")]
    archive: Option<PathBuf>,

    /// Image to deploy instead
    #[arg(long, group = "source")]
    image: Option<String>,

    /// What to say about the deploy
    #[arg(long)]
    message: Option<String>,

    /// Leave a failed deploy as it is
    #[arg(long)]
    no_rollback: bool,

    /// Seconds to wait for another operation on the app
    #[arg(long, default_value_t = 300)]
    lock_timeout: u64,

    /// Address of the server
    #[arg(long, env = "TSURU_HOST", requires_all = ["token", "source"])]
    host: Option<String>,

    /// Token of a team or user; rather set the variable
    #[arg(long, env = "TSURU_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    if let (Some(host), Some(token)) = (&arguments.host, &arguments.token) {
        let tsuru = Client::builder()
            .target(host)
            .token(token.as_str())
            .build()?;
        return deploy(&tsuru, arguments).await;
    }
    eprintln!("no TSURU_HOST: running against a local stand-in");
    let sandbox = Sandbox::tsuru_v1()
        .app(&arguments.app)
        .speed(4.0)
        .start()
        .await?;
    let tsuru = Client::builder()
        .target(sandbox.base_url())
        .token(sandbox.token())
        .build()?;
    deploy(&tsuru, arguments).await
}

/// Whether it was deployed.
async fn deploy(tsuru: &Client, arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let before = last_good(tsuru, &arguments.app).await?;
    let mut new = source(arguments).await?;
    if let Some(message) = &arguments.message {
        new = new.message(message);
    }
    let new = new.wait_for_lock(Duration::from_secs(arguments.lock_timeout));
    let deploying = tsuru.deploy(arguments.app.as_str(), &new).await?;
    if let Some(event) = deploying.event() {
        println!("deploying {} (event {event})", arguments.app);
    }
    let Err(error) = follow(deploying).await else {
        println!("{} is deployed", arguments.app);
        return Ok(true);
    };
    eprintln!("{error}");
    // Where the end is not known, there is nothing to go back from yet.
    if error.kind() != ErrorKind::Failed {
        return Err(error.into());
    }
    match before {
        Some(image) if !arguments.no_rollback => {
            println!("going back to {image}");
            let back = tsuru
                .rollback(arguments.app.as_str(), &Rollback::new(image))
                .await?;
            follow(back).await?;
        }
        _ => println!("{} stays as it is", arguments.app),
    }
    Ok(false)
}

async fn follow(mut deploying: Deploying) -> Result<(), deploykit::Error> {
    while let Some(line) = deploying.try_next().await? {
        println!("{}", line.text);
    }
    Ok(())
}

/// The image of the last deploy that went well.
async fn last_good(tsuru: &Client, app: &str) -> Result<Option<String>, deploykit::Error> {
    let filter = DeployFilter::new().app(app).limit(20u32);
    let deploys = tsuru.deploys().list(&filter).await?;
    let good = deploys
        .into_iter()
        .find(|deploy| deploy.error.is_empty() && deploy.can_rollback == Some(true));
    Ok(good.map(|deploy| deploy.image))
}

async fn source(arguments: &Arguments) -> Result<NewDeploy, Box<dyn Error>> {
    if let Some(image) = &arguments.image {
        return Ok(NewDeploy::image(image));
    }
    let archive = match &arguments.archive {
        Some(path) => Body::file(path)
            .await
            .map_err(|error| format!("{}: {error}", path.display()))?,
        // The stand-in looks at the size only.
        None => Body::Bytes(vec![0; 256 << 10].into()),
    };
    let bar = ProgressBar::new(archive.length());
    bar.set_style(ProgressStyle::with_template(
        "upload {bar:40} {bytes}/{total_bytes}",
    )?);
    Ok(NewDeploy::archive(archive.on_progress(move |sent, all| {
        bar.set_position(sent);
        if sent == all {
            bar.finish();
        }
    })))
}
