//! Deploys to Scalingo and follows the deployment to its end.
//!
//! With nothing set, it deploys to a sandbox inside the program: no account, no network. With
//! `SCALINGO_API_TOKEN` it deploys for real.
//!
//! ```sh
//! cargo run --example deploy
//! cargo run --example deploy -- --fail build-error
//! cargo run --example deploy -- --env WORKERS=3 --run-before "rake db:check" --scale web:2 --run "rake db:migrate"
//! SCALINGO_API_TOKEN=tk-us-… cargo run --example deploy -- --app my-app --archive app.tar.gz --git-ref v1.2.3
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use deploykit::scalingo::{
    Archive, Client, Deployment, FollowEvent, Gap, NewDeployment, NewOneOff, NewVariables, Scale,
};
use deploykit_sandbox::scalingo::Outcome;
use deploykit_sandbox::{Running, Sandbox, scalingo::Scalingo};
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Deploy an application to Scalingo and follow it to its end.
///
/// Without SCALINGO_API_TOKEN the deployment runs in a sandbox inside this program: no account and no network
/// are needed. The exit code is 0 if the deployment succeeded, 1 if it failed, 2 if it could not be triggered
/// or followed, or what was asked for beside it failed.
#[derive(Parser)]
#[command(name = "deploy")]
struct Args {
    /// Application, by name or id
    #[arg(long, env = "SCALINGO_APP")]
    app: Option<String>,

    /// Region of the application (osc-fr1, osc-secnum-fr1)
    #[arg(long, env = "SCALINGO_REGION")]
    region: Option<String>,

    /// Address of the API, in place of the region's
    #[arg(long, value_name = "URL", env = "SCALINGO_API_URL")]
    api_url: Option<String>,

    /// Address of the API that exchanges the token
    #[arg(long, value_name = "URL", env = "SCALINGO_AUTH_URL")]
    auth_url: Option<String>,

    /// Address of a .tar.gz that the platform fetches
    #[arg(long, value_name = "URL", conflicts_with = "archive")]
    source_url: Option<String>,

    /// A .tar.gz on this machine, with a single folder at its root; it is uploaded
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Label of the version: a SHA, branch, tag or number
    #[arg(long, value_name = "LABEL")]
    git_ref: Option<String>,

    /// Set a variable before the deployment
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,

    /// Set a variable after the deployment; containers see it from their next restart on
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    env_after: Vec<(String, String)>,

    /// Scale a type of containers after the deployment: web:2
    #[arg(long, value_name = "TYPE:AMOUNT", value_parser = amount)]
    scale: Vec<(String, u32)>,

    /// Scale a type of containers before the deployment
    #[arg(long, value_name = "TYPE:AMOUNT", value_parser = amount)]
    scale_before: Vec<(String, u32)>,

    /// Run a command in a one-off container after the deployment
    #[arg(long, value_name = "COMMAND")]
    run: Vec<String>,

    /// Run a command in a one-off container before the deployment, which begins only if it succeeds
    #[arg(long, value_name = "COMMAND")]
    run_before: Vec<String>,

    /// Give up following after so many minutes; the deployment goes on
    #[arg(long, value_name = "MINUTES")]
    deadline: Option<u64>,

    /// Let the deployment in the sandbox end in this failure
    #[arg(long, value_name = "STATUS")]
    fail: Option<Failure>,

    /// How much faster than life the sandbox is
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    sandbox_speed: f64,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("is no KEY=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn amount(text: &str) -> Result<(String, u32), String> {
    let (name, amount) = text.split_once(':').ok_or("is no TYPE:AMOUNT")?;
    let amount = amount
        .parse()
        .map_err(|_| "has no number behind the colon")?;
    Ok((name.to_owned(), amount))
}

#[derive(Clone, Copy, ValueEnum)]
enum Failure {
    Aborted,
    BuildError,
    CrashedError,
    TimeoutError,
    HookError,
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Aborted => Self::AbortedBuilding,
            Failure::BuildError => Self::BuildError,
            Failure::CrashedError => Self::CrashedError,
            Failure::TimeoutError => Self::TimeoutError,
            Failure::HookError => Self::HookError,
        }
    }
}

/// What the sandbox deploys, unless told otherwise.
const SAMPLE: &str = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(deployment) if deployment.succeeded() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            match error.downcast_ref::<deploykit::Error>() {
                Some(error) => eprint!("error: {}", error.report()),
                None => eprintln!("error: {error}"),
            }
            ExitCode::from(2)
        }
    }
}

async fn run(args: Args) -> Result<Deployment, Box<dyn Error>> {
    let token = deploykit::core::env::optional("SCALINGO_API_TOKEN");
    let real = token.is_some();
    // Held to the end: the sandbox stops when it is dropped.
    let mut _sandbox = None;
    let (client, app) = if let Some(token) = token {
        if args.fail.is_some() {
            return Err("--fail is for the sandbox; unset SCALINGO_API_TOKEN to use it".into());
        }
        let app = args
            .app
            .clone()
            .ok_or("--app is needed to deploy for real")?;
        (connect(&args, token)?, app)
    } else {
        let app = args.app.clone().unwrap_or_else(|| "example-app".to_owned());
        let sandbox = start_sandbox(&args, &app).await?;
        let client = Client::builder()
            .token(sandbox.token())
            .base_url(sandbox.base_url())
            .build()?;
        _sandbox = Some(sandbox);
        (client, app)
    };

    let view = View::new();
    let before = Around {
        env: &args.env,
        scale: &args.scale_before,
        run: &args.run_before,
    };
    before.act(&client, &app, &view).await?;
    let deployment = trigger(&client, &app, &args, real).await?;
    view.line(&format!("deployment {} of {app}", deployment.id));

    let mut events = client.follow(app.as_str(), deployment.id);
    if let Some(minutes) = args.deadline {
        events = events.deadline(Duration::from_secs(minutes * 60));
    }
    while let Some(event) = events.next().await {
        match event? {
            FollowEvent::Status(status) => view.status(status.as_str()),
            FollowEvent::Log(line) => view.line(&line),
            FollowEvent::Reconnected {
                gap: Gap::Possible, ..
            } => {
                view.line("(the connection broke; lines may be missing)");
            }
            FollowEvent::Gap(Gap::Possible) => view.line("(lines may be missing)"),
            FollowEvent::Finished(deployment) => {
                if deployment.succeeded() {
                    let after = Around {
                        env: &args.env_after,
                        scale: &args.scale,
                        run: &args.run,
                    };
                    after.act(&client, &app, &view).await?;
                }
                view.finish(&deployment);
                return Ok(*deployment);
            }
            _ => {}
        }
    }
    Err("the deployment could not be followed to its end".into())
}

/// What was asked for before the deployment, or after it.
struct Around<'a> {
    env: &'a [(String, String)],
    scale: &'a [(String, u32)],
    run: &'a [String],
}

impl Around<'_> {
    async fn act(&self, client: &Client, app: &str, view: &View) -> Result<(), Box<dyn Error>> {
        if !self.env.is_empty() {
            let variables = NewVariables::from_iter(self.env.iter().cloned());
            client.environment().set_all(app, &variables).await?;
            let names: Vec<_> = self.env.iter().map(|(name, _)| name.as_str()).collect();
            view.line(&format!("{} set", names.join(", ")));
        }
        for (name, amount) in self.scale {
            let order = Scale::to(name, *amount);
            let scaled = client.containers().scale(app, &order).await?;
            if let Some(operation) = scaled.operation {
                let wait = client.operations().wait(app, operation);
                wait.await.map_err(|error| error.cause)?;
            }
            view.line(&format!("{name} scaled to {amount}"));
        }
        for command in self.run {
            view.line(&format!("$ {command}"));
            let ended = client.one_offs().run(app, &NewOneOff::new(command)).await?;
            for line in ended.output.lines() {
                view.line(line);
            }
            if !ended.succeeded() {
                return Err(format!("{command} ended with {:?}", ended.exit_code).into());
            }
        }
        Ok(())
    }
}

/// As `Client::from_env` does, but what is named on the command line goes first.
fn connect(args: &Args, token: String) -> deploykit::Result<Client> {
    let mut client = Client::builder().token(token);
    if let Some(region) = &args.region {
        client = client.region(region.as_str());
    }
    if let Some(url) = &args.api_url {
        client = client.base_url(url);
    }
    if let Some(url) = &args.auth_url {
        client = client.auth_url(url);
    }
    client.build()
}

async fn start_sandbox(args: &Args, app: &str) -> std::io::Result<Running<Scalingo>> {
    let mut sandbox = Sandbox::scalingo().app(app).speed(args.sandbox_speed);
    if let Some(failure) = args.fail {
        sandbox = sandbox.outcome(failure.into());
    }
    sandbox.start().await
}

async fn trigger(
    client: &Client,
    app: &str,
    args: &Args,
    real: bool,
) -> Result<Deployment, Box<dyn Error>> {
    if let Some(path) = &args.archive {
        let mut archive = Archive::file(path);
        if let Some(git_ref) = &args.git_ref {
            archive = archive.git_ref(git_ref);
        }
        return Ok(client.deployments().deploy_archive(app, archive).await?);
    }
    let source = match (&args.source_url, real) {
        (Some(url), _) => url.as_str(),
        (None, false) => SAMPLE,
        (None, true) => return Err("--source-url or --archive is needed".into()),
    };
    let mut deployment = NewDeployment::new(source);
    if let Some(git_ref) = &args.git_ref {
        deployment = deployment.git_ref(git_ref.as_str());
    }
    Ok(client.deployments().trigger(app, &deployment).await?)
}

/// A progress bar below the log on a terminal; plain lines anywhere else.
struct View {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl View {
    fn new() -> Self {
        let bar = stdout().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
            let style = ProgressStyle::with_template("{spinner:.cyan} {msg:.bold} {elapsed:.dim}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message("triggered");
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self {
            bar,
            started: Instant::now(),
        }
    }

    fn status(&self, status: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(status.to_owned()),
            None => println!("== {status}"),
        }
    }

    fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => println!("{line}"),
        }
    }

    fn finish(&self, deployment: &Deployment) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let status = deployment
            .status
            .as_ref()
            .map_or("unknown", |status| status.as_str());
        let mark = if deployment.succeeded() { "✔" } else { "✘" };
        let seconds = self.started.elapsed().as_secs_f64();
        println!("{mark} {} {status} after {seconds:.1} s", deployment.id);
    }
}
