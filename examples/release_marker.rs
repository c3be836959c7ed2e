//! Deploys to Scalingo, marks the release in Tideways, and compares what was measured before and after.
//!
//! With nothing set, both services are sandboxes inside the program: no account, no network. With
//! `SCALINGO_API_TOKEN`, `TIDEWAYS_TOKEN`, `TIDEWAYS_ORGANIZATION` and `TIDEWAYS_APIKEY` it works for real.
//!
//! ```sh
//! cargo run --example release_marker
//! cargo run --example release_marker -- --app my-app --project my-shop --source-url https://… --git-ref v1.2.3 --wait 30
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
use deploykit::core::env;
use deploykit::tideways::Comparison;
use deploykit::{Secret, scalingo, tideways};
use deploykit_sandbox::Sandbox;

/// Deploy to Scalingo, mark the release in Tideways, and compare what was measured before and after.
///
/// Without SCALINGO_API_TOKEN both services are sandboxes inside this program. The exit code is 0 if the release
/// became no slower than --tolerance allows, 1 if it became slower or the deployment failed, 2 if something could
/// not be done.
#[derive(Parser)]
#[command(name = "release_marker")]
struct Args {
    /// Scalingo application
    #[arg(long, env = "SCALINGO_APP", default_value = "example-app")]
    app: String,

    /// Tideways project
    #[arg(long, env = "TIDEWAYS_PROJECT", default_value = "app1")]
    project: String,

    /// Address of a .tar.gz that the platform fetches
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz"
    )]
    source_url: String,

    /// Label of the version, and the release's name
    #[arg(long, value_name = "LABEL", default_value = "v1.2.3")]
    git_ref: String,

    /// Environment in Tideways
    #[arg(long, env = "TIDEWAYS_ENVIRONMENT", default_value = "production")]
    environment: String,

    /// Compare after so many minutes, and as many before
    #[arg(long, value_name = "MINUTES", default_value_t = 0)]
    wait: u32,

    /// How many per cent slower the release may be
    #[arg(long, value_name = "PERCENT", default_value_t = 50.0)]
    tolerance: f64,
}

/// Held to the end: the sandboxes stop when they are dropped.
type Sandboxes = (
    deploykit_sandbox::Running<deploykit_sandbox::scalingo::Scalingo>,
    deploykit_sandbox::Running<deploykit_sandbox::tideways::Tideways>,
);

struct Services {
    scalingo: scalingo::Client,
    tideways: tideways::Client,
    api_key: Secret,
    _sandboxes: Option<Sandboxes>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args).await {
        Ok(Some(comparison)) => {
            println!("\n{comparison}");
            let slower = comparison.response_time_change().unwrap_or(0.0) * 100.0;
            ExitCode::from(u8::from(slower > args.tolerance))
        }
        Ok(None) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The comparison; none if the deployment failed.
async fn run(args: &Args) -> Result<Option<Comparison>, Box<dyn Error>> {
    let services = match env::optional("SCALINGO_API_TOKEN") {
        Some(_) => real()?,
        None => sandboxes(args).await?,
    };

    let new = scalingo::NewDeployment::new(args.source_url.as_str()).git_ref(args.git_ref.as_str());
    let deployments = services.scalingo.deployments();
    let deployment = deployments.trigger(args.app.as_str(), &new).await?;
    println!("deployment {} of {}", deployment.id, args.app);
    let follow = services.scalingo.follow(args.app.as_str(), deployment.id);
    let deployment = follow.wait().await?;
    let status = deployment
        .status
        .as_ref()
        .map_or("unknown", |status| status.as_str());
    println!("ended: {status}");
    if !deployment.succeeded() {
        return Ok(None);
    }

    let release = services
        .tideways
        .release(args.project.as_str(), args.git_ref.as_str())
        .environment(args.environment.as_str())
        .window(args.wait.max(1));
    let marked = release.mark(services.api_key).await?;
    println!("marked {} in {}", args.git_ref, marked.event.name);

    tokio::time::sleep(Duration::from_secs(60 * u64::from(args.wait))).await;
    Ok(Some(release.compare(marked.at).await?))
}

fn real() -> Result<Services, Box<dyn Error>> {
    Ok(Services {
        scalingo: scalingo::Client::from_env()?,
        tideways: tideways::Client::from_env()?,
        api_key: env::required("TIDEWAYS_APIKEY")?.into(),
        _sandboxes: None,
    })
}

async fn sandboxes(args: &Args) -> Result<Services, Box<dyn Error>> {
    println!("deploying to a sandbox; set SCALINGO_API_TOKEN to do it for real");
    let platform = Sandbox::scalingo()
        .app(&args.app)
        .speed(20.0)
        .start()
        .await?;
    let profiler = Sandbox::tideways()
        .application(&args.project)
        .start()
        .await?;
    Ok(Services {
        scalingo: scalingo::Client::builder()
            .token(platform.token())
            .base_url(platform.base_url())
            .build()?,
        tideways: tideways::Client::builder()
            .token(profiler.token())
            .organization("acme")
            .base_url(profiler.base_url())
            .build()?,
        api_key: profiler.api_key(&args.project).ok_or("no project")?.into(),
        _sandboxes: Some((platform, profiler)),
    })
}
