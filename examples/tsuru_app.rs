//! An app in tsuru, from the login to the end: create it, set its environment, bind a service instance,
//! restart it with live output, and clean up.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example tsuru_app
//! ```
//!
//! For real, with a user that is in a team:
//!
//! ```sh
//! export TSURU_TARGET=https://tsuru.example.com TSURU_EMAIL=me@example.com TSURU_PASSWORD=…
//! cargo run --example tsuru_app -- --app example-app --service mysql
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use deploykit::tsuru::{AppName, Client, NewApp, NewInstance, NewVariables};
use deploykit_sandbox::Sandbox;
use futures::TryStreamExt;

/// Create an app in tsuru, bind a service instance to it, restart it with live output, and clean up.
///
/// Without a target it runs against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Name of the app; it must not exist yet
    #[arg(long, default_value = "example-app")]
    app: String,

    /// Platform of the app
    #[arg(long, default_value = "python")]
    platform: String,

    /// Service to use an instance of
    #[arg(long, default_value = "mysql")]
    service: String,

    /// Keep the app and the instance
    #[arg(long)]
    keep: bool,

    /// Address of the server
    #[arg(long, env = "TSURU_TARGET", requires_all = ["email", "password"])]
    target: Option<String>,

    /// User to log in
    #[arg(long, env = "TSURU_EMAIL")]
    email: Option<String>,

    /// Password of the user; rather set the variable
    #[arg(long, env = "TSURU_PASSWORD", hide_env_values = true)]
    password: Option<String>,
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
    if let (Some(target), Some(email), Some(password)) =
        (&arguments.target, &arguments.email, &arguments.password)
    {
        return log_in_and_work(target, email, password, &arguments).await;
    }
    eprintln!("no TSURU_TARGET: running against a local stand-in");
    let sandbox = Sandbox::tsuru().service(&arguments.service).start().await?;
    let (email, password) = sandbox.admin();
    log_in_and_work(sandbox.base_url(), email, password, &arguments).await
}

async fn log_in_and_work(
    target: &str,
    email: &str,
    password: &str,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let session = Client::builder()
        .target(target)
        .build()?
        .login(email, password)
        .await?;
    println!("logged in as {email}");
    let worked = create_and_work(&session.client, arguments).await;
    session.logout().await?;
    worked
}

async fn create_and_work(tsuru: &Client, arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let app = AppName::from(arguments.app.as_str());
    let instance = format!("{app}-{}", arguments.service);

    // Nothing that exists is touched: this fails with a conflict.
    let created = tsuru
        .apps()
        .create(&NewApp::new(&app, &*arguments.platform))
        .await?;
    println!("{app} is created; push to {}", created.repository_url);

    let worked = work(tsuru, &app, &instance, arguments).await;
    if !arguments.keep {
        clean_up(tsuru, &app, &instance).await;
    }
    worked
}

async fn work(
    tsuru: &Client,
    app: &AppName,
    instance: &str,
    arguments: &Arguments,
) -> Result<(), Box<dyn Error>> {
    let variables = NewVariables::new([("APP_MODE", "production"), ("LOG_LEVEL", "info")]);
    tsuru.apps().set_env(app, &variables).await?;

    tsuru
        .instances()
        .add(&NewInstance::new(instance, &*arguments.service))
        .await?;
    let bound = tsuru.instances().bind(instance, app).await?;
    println!(
        "{instance} gives {}",
        bound.names().collect::<Vec<_>>().join(", ")
    );
    for variable in tsuru.apps().env(app).await? {
        // Values of private variables are secrets; those that we have set are not.
        let value = if variable.public == Some(true) {
            variable.value.expose()
        } else {
            "…"
        };
        println!("  {}={value}", variable.name);
    }

    let mut output = tsuru.restart(app).await?;
    while let Some(line) = output.try_next().await? {
        println!("{}", line.text);
    }
    Ok(())
}

/// Goes on after a failure: what could be removed is removed.
async fn clean_up(tsuru: &Client, app: &AppName, instance: &str) {
    let steps = [
        tsuru.instances().unbind(instance, app).await,
        tsuru.instances().remove(instance).await,
        tsuru.apps().remove(app).await,
    ];
    for error in steps.into_iter().filter_map(Result::err) {
        eprintln!("{error}");
    }
    println!("cleaned up");
}
