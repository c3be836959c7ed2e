//! Deploys an application with Devopness and follows the action to its end, step by step.
//!
//! With nothing set it runs against a local stand-in:
//!
//! ```sh
//! cargo run --example devopness_deploy
//! ```
//!
//! For real:
//!
//! ```sh
//! export DEVOPNESS_API_TOKEN=…
//! devopness_deploy --environment 4711 --application shop --branch main
//! ```
//!
//! Exits with 0 if the deployment succeeded, 1 if it failed, 2 if it could not be started or followed.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::collections::HashSet;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use deploykit::ErrorKind;
use deploykit::devopness::Client;
use deploykit::devopness::actions::{Action, ActionStatus, ActionStepId};
use deploykit::devopness::applications::{
    ApplicationRelation, DeploymentType, NewDeployment, SourceType,
};
use deploykit_sandbox::Sandbox;
use futures::{StreamExt, TryStreamExt};
use indicatif::{ProgressBar, ProgressStyle};

/// Deploy an application with Devopness and follow the action to its end.
///
/// Without a token it runs against a local stand-in.
#[derive(Debug, Parser)]
struct Arguments {
    /// Environment of the application
    #[arg(long)]
    environment: Option<u64>,

    /// Name or id of the application; may be left out if the environment has only one
    #[arg(long)]
    application: Option<String>,

    /// Branch to deploy; the application's default branch unless one of the three is given
    #[arg(long, group = "source")]
    branch: Option<String>,

    /// Tag to deploy
    #[arg(long, group = "source")]
    tag: Option<String>,

    /// Commit to deploy
    #[arg(long, group = "source")]
    commit: Option<String>,

    /// API token of the project, or personal access token
    #[arg(
        long,
        env = "DEVOPNESS_API_TOKEN",
        hide_env_values = true,
        requires = "environment"
    )]
    token: Option<String>,

    /// Another address of the service
    #[arg(long, env = "DEVOPNESS_API_URL", requires = "token")]
    api_url: Option<String>,
}

impl Arguments {
    fn deployment(&self) -> NewDeployment {
        let deployment = NewDeployment::new(DeploymentType::Deploy);
        let (kind, reference) = match (&self.branch, &self.tag, &self.commit) {
            (Some(branch), _, _) => (SourceType::Branch, branch),
            (_, Some(tag), _) => (SourceType::Tag, tag),
            (_, _, Some(commit)) => (SourceType::Commit, commit),
            _ => return deployment,
        };
        deployment.source_type(kind).source_ref(reference)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: Arguments) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(token) = &arguments.token {
        let mut builder = Client::builder().token(token.as_str());
        if let Some(url) = &arguments.api_url {
            builder = builder.base_url(url);
        }
        return deploy(&builder.build()?, &arguments).await;
    }
    eprintln!("no DEVOPNESS_API_TOKEN: running against a local stand-in");
    let sandbox = Sandbox::devopness().start().await?;
    let client = Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()?;
    deploy(&client, &arguments).await
}

async fn deploy(client: &Client, arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let application = pick(client, arguments).await?;
    println!(
        "deploying {} ({})",
        application.name, application.repository
    );
    let deployment = arguments.deployment();
    let dispatched = client
        .applications()
        .deploy(application.id, &deployment)
        .await?;

    let mut wait = dispatched
        .wait(client)
        .every(Duration::from_millis(500), Duration::from_secs(5));
    let mut view = View::new()?;
    while let Some(progress) = wait.next().await {
        match progress {
            Ok(progress) => view.show(progress.value()),
            Err(end) => {
                if let Some(action) = &end.last {
                    view.show(action);
                }
                view.bar.abandon();
                eprintln!("{end}");
                let Some(action) = end.last.filter(|_| end.cause.kind() == ErrorKind::Failed)
                else {
                    return Ok(ExitCode::from(2));
                };
                print_logs(client, &action).await?;
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    view.bar.finish_and_clear();
    println!("deployed");
    Ok(ExitCode::SUCCESS)
}

/// The application that was asked for, or the only one.
async fn pick(
    client: &Client,
    arguments: &Arguments,
) -> Result<ApplicationRelation, Box<dyn Error>> {
    // The stand-in has but one.
    let environment = arguments.environment.unwrap_or(1);
    let all = client.applications().list_by_environment(environment);
    let all: Vec<_> = all.per_page(100).items().try_collect().await?;
    let wanted = |application: &ApplicationRelation| match &arguments.application {
        Some(wanted) => application.name == *wanted || application.id.to_string() == *wanted,
        None => true,
    };
    let names: Vec<_> = all
        .iter()
        .map(|application| application.name.clone())
        .collect();
    let mut found = all.into_iter().filter(wanted);
    match (found.next(), found.next()) {
        (Some(application), None) => Ok(application),
        _ => Err(format!("choose one with --application: {}", names.join(", ")).into()),
    }
}

/// What each failed step wrote.
async fn print_logs(client: &Client, action: &Action) -> Result<(), Box<dyn Error>> {
    for (target, step) in action.failed_steps() {
        let log = client.actions().step_log(step).await?;
        let name = step.name.as_deref().unwrap_or("unnamed");
        eprintln!("--- {}, step {name}", target.label());
        eprintln!(
            "{}",
            log.step.and_then(|step| step.output).unwrap_or_default()
        );
    }
    Ok(())
}

/// A progress bar over all steps on all servers, and a line for each step that has ended.
struct View {
    bar: ProgressBar,
    printed: HashSet<ActionStepId>,
}

impl View {
    fn new() -> Result<Self, Box<dyn Error>> {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}")?;
        let bar = ProgressBar::new(0).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(200));
        Ok(Self {
            bar,
            printed: HashSet::new(),
        })
    }

    fn show(&mut self, action: &Action) {
        for target in action.targets.iter().flatten() {
            for step in target.steps.iter().flatten() {
                let mark = match step.status {
                    ActionStatus::Completed => "done   ",
                    ActionStatus::Failed => "FAILED ",
                    ActionStatus::Skipped => "skipped",
                    _ => continue,
                };
                if self.printed.insert(step.id) {
                    let name = step.name.as_deref().unwrap_or_default();
                    // The bar is out of the way while a line is printed.
                    self.bar
                        .suspend(|| println!("{mark} {}: {name}", target.label()));
                }
            }
        }
        let (done, all) = action.steps_done();
        self.bar.set_length(all.into());
        self.bar.set_position(done.into());
        let current = action.current_steps().next();
        let current = current.and_then(|(_, step)| step.name.clone());
        self.bar
            .set_message(current.unwrap_or_else(|| action.status_human_readable.clone()));
    }
}
