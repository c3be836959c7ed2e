//! A release to Scalingo: backs up the database, sets a variable, deploys an archive, runs the migrations, scales,
//! and takes the variable back if the deployment fails.
//!
//! With nothing set, all of it happens in a sandbox inside the program. With `SCALINGO_API_TOKEN` it is done for real.
//!
//! ```sh
//! cargo run --example release
//! cargo run --example release -- --fail
//! SCALINGO_API_TOKEN=tk-us-… cargo run --example release -- --app my-app --archive app.tar.gz
//! ```

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
use deploykit::scalingo::{Archive, Client, FollowEvent, NewOneOff, NewVariable, Scale, Variable};
use deploykit_sandbox::{Sandbox, scalingo::Outcome};
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};

/// Release an application to Scalingo.
///
/// The exit code is 0 if all steps were done, 1 if one failed.
#[derive(Parser)]
#[command(name = "release")]
struct Args {
    /// Application, by name or id
    #[arg(long, env = "SCALINGO_APP", default_value = "example-app")]
    app: String,

    /// A .tar.gz on this machine, with a single folder at its root; needed to release for real
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Where to write the backup of the database
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,

    /// Command that migrates the database
    #[arg(long, default_value = "rake db:migrate")]
    migrate: String,

    /// How many web containers there shall be
    #[arg(long, default_value_t = 2)]
    web: u32,

    /// Let the deployment in the sandbox fail
    #[arg(long)]
    fail: bool,
}

/// The variable that tells the application its release.
const VARIABLE: &str = "RELEASE";

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    // Held to the end: the sandbox stops when it is dropped.
    let mut _sandbox = None;
    let client = if deploykit::core::env::optional("SCALINGO_API_TOKEN").is_some() {
        if args.archive.is_none() {
            return Err("--archive is needed to release for real".into());
        }
        Client::from_env()?
    } else {
        let outcome = if args.fail {
            Outcome::BuildError
        } else {
            Outcome::Success
        };
        let sandbox = Sandbox::scalingo()
            .app(&args.app)
            .speed(5.0)
            .outcome(outcome);
        let sandbox = sandbox.start().await?;
        let client = Client::builder()
            .token(sandbox.token())
            .base_url(sandbox.base_url());
        _sandbox = Some(sandbox);
        client.build()?
    };
    let app = args.app.as_str();

    back_up(&client, &args).await?;

    let step = Step::new("set the variable");
    let before = client.environment().find(app, VARIABLE).await?;
    let release = NewVariable::new(VARIABLE, format!("{}", std::process::id()));
    client.environment().set(app, &release).await?;
    step.done("set");

    if let Err(error) = deploy(&client, &args).await {
        let step = Step::new("take the variable back");
        take_back(&client, app, before).await?;
        step.done("as it was");
        return Err(error);
    }

    let step = Step::new("migrate");
    let migrated = client
        .one_offs()
        .run(app, &NewOneOff::new(&args.migrate))
        .await?;
    if !migrated.succeeded() {
        println!("{}", migrated.output);
        return Err(format!("{} ended with {:?}", args.migrate, migrated.exit_code).into());
    }
    step.done("exit code 0");

    let step = Step::new("scale");
    let scaled = client
        .containers()
        .scale(app, &Scale::to("web", args.web))
        .await?;
    if let Some(operation) = scaled.operation {
        let waited = client.operations().wait(app, operation).await;
        waited.map_err(|error| error.cause)?;
    }
    step.done(&format!("{} web containers", args.web));
    Ok(())
}

/// Backs up every database of the application; the last one is written to a file.
async fn back_up(client: &Client, args: &Args) -> Result<(), Box<dyn Error>> {
    let addons = client.addons().list(args.app.as_str()).await?;
    let is_database = |name: &str| {
        ["postgresql", "mysql", "mongodb"]
            .iter()
            .any(|one| name.contains(one))
    };
    for addon in addons {
        let provider = addon
            .addon_provider
            .map(|provider| provider.name)
            .unwrap_or_default();
        if !is_database(&provider.to_lowercase()) {
            continue;
        }
        let step = Step::new(&format!("back up {provider}"));
        let backups = client.database(args.app.as_str(), &addon.id).backups();
        let backup = backups.create_and_wait().await?;
        let Some(file) = &args.backup else {
            step.done(&format!(
                "{} bytes, kept by the service",
                backup.size.unwrap_or_default()
            ));
            continue;
        };
        let mut saving = backups.download(backup.id).await?.save_to(file);
        let mut bytes = 0;
        while let Some(saved) = saving.next().await {
            let saved = saved?;
            bytes = saved.bytes;
            step.says(&match saved.total {
                Some(total) => format!("{bytes} of {total} bytes"),
                None => format!("{bytes} bytes"),
            });
        }
        step.done(&format!("{bytes} bytes in {}", file.display()));
    }
    Ok(())
}

async fn deploy(client: &Client, args: &Args) -> Result<(), Box<dyn Error>> {
    let step = Step::new("deploy");
    let archive = match &args.archive {
        Some(path) => Archive::file(path),
        // Nothing but what every gzip file begins with: the sandbox does not look inside.
        None => Archive::bytes(vec![0x1f, 0x8b]),
    };
    let deployment = client
        .deployments()
        .deploy_archive(args.app.as_str(), archive)
        .await?;
    let mut events = client.follow(args.app.as_str(), deployment.id);
    while let Some(event) = events.next().await {
        match event? {
            FollowEvent::Status(status) => step.says(status.as_str()),
            FollowEvent::Finished(deployment) if deployment.succeeded() => {
                step.done("success");
                return Ok(());
            }
            FollowEvent::Finished(deployment) => {
                let status = deployment.status.map(|status| status.to_string());
                return Err(
                    format!("the deployment failed: {}", status.unwrap_or_default()).into(),
                );
            }
            _ => {}
        }
    }
    Err("the deployment could not be followed to its end".into())
}

/// Gives the variable the value that it had before, or none.
async fn take_back(client: &Client, app: &str, before: Option<Variable>) -> deploykit::Result<()> {
    match before {
        Some(before) => {
            let value = NewVariable::new(VARIABLE, before.value);
            client.environment().set(app, &value).await?;
        }
        None => {
            if let Some(set) = client.environment().find(app, VARIABLE).await? {
                client.environment().delete(app, set.id).await?;
            }
        }
    }
    Ok(())
}

/// One step of the release, with a bar of its own.
struct Step {
    bar: ProgressBar,
    name: String,
}

impl Step {
    fn new(name: &str) -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) =
            ProgressStyle::with_template("{spinner:.cyan} {prefix:.bold} {msg} {elapsed:.dim}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self {
            bar,
            name: name.to_owned(),
        }
    }

    fn says(&self, message: &str) {
        self.bar.set_message(message.to_owned());
    }

    fn done(self, outcome: &str) {
        self.bar.finish_and_clear();
        println!("{}: {outcome}", self.name);
    }
}
