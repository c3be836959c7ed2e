//! Deploys to several targets of several services at once, with a progress bar for each.
//!
//! With nothing set, it deploys to stand-ins inside the program: no account, no network.
//!
//! ```sh
//! cargo run --example ship
//! cargo run --example ship -- --sandbox-speed 20 --fail --roll-back
//! ```
//!
//! For real, with a file of targets, and the credentials in the services' own variables:
//!
//! ```sh
//! export SCALINGO_API_TOKEN=… TSURU_HOST=… TSURU_TOKEN=… DEVOPNESS_API_TOKEN=… EDGEGAP_API_TOKEN=…
//! cargo run --example ship -- targets.toml --roll-back --handles ship.json
//! ```
//!
//! ```toml
//! [[target]]
//! service = "scalingo"
//! app = "my-app"
//! source_url = "https://github.com/my-org/my-app/archive/v7.tar.gz"
//! git_ref = "v7"
//! roll_back_to = "https://github.com/my-org/my-app/archive/v6.tar.gz"
//!
//! [[target]]
//! service = "tsuru"
//! app = "shop"
//! image = "registry.example.com/shop:7"
//! ```
//!
//! Without a file, the variables `DEPLOYKIT_TARGET_SERVICE`, `DEPLOYKIT_TARGET_APP`, … are one target.
//!
//! Exits with 0 if all succeeded, 1 if one failed, 2 if one could not be started or followed.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program prints"
)]

use std::error::Error;
use std::io::ErrorKind::NotFound;
use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use deploykit::core::env;
use deploykit::deploy::{
    AllEvent, Clients, Devopness, Edgegap, End, Event, Handle, Rollout, Scalingo, Status, Summary,
    Target, Tsuru, deploy_all,
};
use deploykit::devopness::applications::{DeploymentType, NewDeployment};
use deploykit::tsuru::v1::NewDeploy;
use deploykit::{devopness, edgegap, scalingo, tsuru};
use deploykit_sandbox::Sandbox;
use futures::StreamExt as _;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

/// Deploy to several targets of several services at once.
///
/// Without a file, and without a target in the environment, it deploys to stand-ins inside this program.
#[derive(Debug, Parser)]
#[command(name = "ship")]
struct Args {
    /// The targets (TOML)
    targets: Option<PathBuf>,

    /// How many at the same time
    #[arg(long, default_value_t = 4)]
    at_once: usize,

    /// Go on with the others when one fails
    #[arg(long)]
    keep_going: bool,

    /// When one fails, roll those back that succeeded, where that can be done
    #[arg(long)]
    roll_back: bool,

    /// Print what the deployments write
    #[arg(long)]
    log: bool,

    /// Give up following a target after so many seconds; the deployment goes on
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    timeout: u64,

    /// Where to keep what deployments are found again by: run once more, they are followed, not triggered
    #[arg(long, value_name = "FILE", requires = "targets")]
    handles: Option<PathBuf>,

    /// Let a deployment in the sandbox fail
    #[arg(long, conflicts_with = "targets")]
    fail: bool,

    /// How much faster than life the sandbox is
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    sandbox_speed: f64,
}

/// What the file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Targets {
    target: Vec<Target>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(summary) => {
            print!("{summary}");
            let ends = || summary.targets.iter().map(|ended| &ended.end);
            if ends().any(|end| matches!(end, End::Error(_))) {
                ExitCode::from(2)
            } else if summary.succeeded() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: &Args) -> Result<Summary, Box<dyn Error>> {
    let named = |path: &Path, error: &dyn Error| format!("{}: {error}", path.display());
    let targets = match &args.targets {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| named(path, &error))?;
            let read = toml::from_str::<Targets>(&text).map_err(|error| named(path, &error))?;
            read.target
        }
        None if env::optional("DEPLOYKIT_TARGET_SERVICE").is_some() => vec![Target::from_env()?],
        None => return in_sandbox(args).await,
    };
    let saved = Saved::read(args.handles.as_deref(), &targets)?;
    ship(args, targets, saved, &Clients::new()).await
}

/// A target on each stand-in.
async fn in_sandbox(args: &Args) -> Result<Summary, Box<dyn Error>> {
    eprintln!("no targets: deploying to stand-ins");
    let speed = args.sandbox_speed;
    let web = Sandbox::scalingo().app("web").speed(speed).start().await?;
    let site = Sandbox::devopness().speed(speed).start().await?;
    let shop = Sandbox::tsuru_v1().app("shop").speed(speed).start().await?;
    let game = Sandbox::edgegap().speed(speed).start().await?;
    if args.fail {
        site.next_outcome(deploykit_sandbox::devopness::Outcome::FailedAt(3));
    }
    let scalingo = scalingo::Client::builder()
        .token(web.token())
        .base_url(web.base_url());
    let devopness = devopness::Client::builder()
        .token(site.token())
        .base_url(site.base_url());
    let edgegap = edgegap::Client::builder()
        .token(game.token())
        .base_url(game.base_url());
    let clients = Clients::new()
        .with_scalingo(scalingo.build()?)
        .with_devopness(devopness.build()?)
        .with_tsuru(tsuru::v1::Client::new(shop.base_url(), shop.token())?)
        .with_edgegap(edgegap.build()?);
    let source = "https://github.com/Scalingo/sample-go-martini/archive/master.tar.gz";
    let targets = vec![
        Scalingo::new("web", source).roll_back_to(source).into(),
        Devopness::application(1u64, NewDeployment::new(DeploymentType::Deploy)).into(),
        Tsuru::new("shop", NewDeploy::image("registry.example.com/shop:7")).into(),
        Edgegap::new("my-game", "v2").near(45.5, -73.6).into(),
    ];
    let saved = Saved::read(None, &targets)?;
    ship(args, targets, saved, &clients).await
}

async fn ship(
    args: &Args,
    targets: Vec<Target>,
    mut saved: Saved,
    clients: &Clients,
) -> Result<Summary, Box<dyn Error>> {
    let view = View::new(&targets, args.log)?;
    let limit = Duration::from_secs(args.timeout);
    let rollouts = targets.into_iter().zip(&saved.entries);
    let rollouts = rollouts.map(|(target, entry)| {
        let rollout = match &entry.handle {
            Some(handle) => Rollout::resume(handle.clone()).with_target(target),
            None => Rollout::new(target),
        };
        rollout.total_timeout(limit)
    });
    let mut all = deploy_all(rollouts).clients(clients).at_once(args.at_once);
    if args.keep_going {
        all = all.keep_going();
    }
    if args.roll_back {
        all = all.roll_back();
    }
    while let Some(event) = all.next().await {
        match event {
            // Before anything else: what is saved is found again.
            AllEvent::Target {
                index,
                event: Event::Handle(handle),
            } => saved.keep(index, *handle)?,
            AllEvent::Target { index, event } => view.show(index, "", &event),
            AllEvent::Back { index, event } => view.show(index, "rolling back: ", &event),
            AllEvent::TargetError { index, .. } => view.end(index, "error"),
            AllEvent::BackError { index, .. } => view.end(index, "not rolled back"),
            AllEvent::Skipped { index } => view.end(index, "left out"),
            AllEvent::Finished(summary) => {
                view.bars.clear()?;
                saved.forget(&summary)?;
                return Ok(summary);
            }
            _ => {}
        }
    }
    Err("the deployments were not followed to their end".into())
}

/// What is kept in a file, if one is named: what each deployment is found again by.
struct Saved {
    path: Option<PathBuf>,
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    target: String,
    handle: Option<Handle>,
}

impl Saved {
    fn read(path: Option<&Path>, targets: &[Target]) -> Result<Self, Box<dyn Error>> {
        let fresh = targets.iter().map(|target| Entry {
            target: target.to_string(),
            handle: None,
        });
        let mut entries: Vec<_> = fresh.collect();
        let text = match path.map(std::fs::read_to_string) {
            Some(Err(error)) if error.kind() != NotFound => return Err(error.into()),
            Some(Ok(text)) => text,
            _ => "[]".to_owned(),
        };
        let known: Vec<Entry> = serde_json::from_str(&text)?;
        let names = |entries: &[Entry]| {
            entries
                .iter()
                .map(|entry| entry.target.clone())
                .collect::<Vec<_>>()
        };
        if !known.is_empty() {
            if names(&known) != names(&entries) {
                return Err(
                    "the handles are of other targets: name another file, or remove it".into(),
                );
            }
            entries = known;
        }
        let path = path.map(Path::to_owned);
        Ok(Self { path, entries })
    }

    fn keep(&mut self, index: usize, handle: Handle) -> Result<(), Box<dyn Error>> {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.handle = Some(handle);
        }
        if let Some(path) = &self.path {
            // Whole, or not at all.
            let new = path.with_extension("new");
            std::fs::write(&new, serde_json::to_vec_pretty(&self.entries)?)?;
            std::fs::rename(&new, path)?;
        }
        Ok(())
    }

    /// Once it is known how all ended, nothing is left to be found again.
    fn forget(&self, summary: &Summary) -> Result<(), Box<dyn Error>> {
        let is_open = summary
            .targets
            .iter()
            .any(|ended| matches!(ended.end, End::Error(_)));
        match &self.path {
            Some(path) if !is_open && path.exists() => Ok(std::fs::remove_file(path)?),
            _ => Ok(()),
        }
    }
}

/// A bar for each target on a terminal; plain lines anywhere else.
struct View {
    bars: MultiProgress,
    each: Vec<(String, ProgressBar)>,
    plain: bool,
    log: bool,
}

/// Of a bar whose service tells no steps: queued, building, releasing, done.
const STATUSES: u64 = 3;

impl View {
    fn new(targets: &[Target], log: bool) -> Result<Self, Box<dyn Error>> {
        let names: Vec<_> = targets.iter().map(ToString::to_string).collect();
        let width = names.iter().map(String::len).max().unwrap_or_default();
        let style = ProgressStyle::with_template("{prefix} {bar:30} {elapsed:>4} {msg}")?;
        let bars = MultiProgress::new();
        let bar = |name: String| {
            let bar = bars.add(ProgressBar::new(STATUSES).with_style(style.clone()));
            bar.set_prefix(format!("{name:width$}"));
            (name, bar)
        };
        let each = names.into_iter().map(bar).collect();
        Ok(Self {
            bars,
            each,
            plain: !stderr().is_terminal(),
            log,
        })
    }

    fn show(&self, index: usize, stage: &str, event: &Event) {
        let Some((name, bar)) = self.each.get(index) else {
            return;
        };
        match event {
            Event::Status { status, word } => {
                let message = format!("{stage}{status} ({word})");
                if self.plain {
                    println!("{name}: {message}");
                }
                bar.set_message(message);
                match status {
                    Status::Building | Status::Running if bar.length() == Some(STATUSES) => {
                        bar.set_position(1)
                    }
                    Status::Releasing if bar.length() == Some(STATUSES) => bar.set_position(2),
                    Status::Done => bar.set_position(bar.length().unwrap_or_default()),
                    _ => {}
                }
            }
            Event::Progress { done, all, step } => {
                bar.set_length(*all);
                bar.set_position(*done);
                if let Some(step) = step {
                    bar.set_message(format!("{stage}{step}"));
                }
            }
            Event::Log(line) if self.log => self.line(&format!("{name} | {line}")),
            Event::Gap if self.log => self.line(&format!("{name} | (lines may be missing)")),
            Event::Address(address) => self.line(&format!("{name}: see {address}")),
            Event::Finished(outcome) => bar.abandon_with_message(format!("{stage}{outcome}")),
            _ => {}
        }
    }

    fn end(&self, index: usize, message: &'static str) {
        if let Some((name, bar)) = self.each.get(index) {
            if self.plain {
                println!("{name}: {message}");
            }
            bar.abandon_with_message(message);
        }
    }

    /// A line above the bars.
    fn line(&self, line: &str) {
        self.bars.suspend(|| println!("{line}"));
    }
}
