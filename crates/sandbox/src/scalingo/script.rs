//! The log that deployments write.

use super::outcome::{Outcome, Phase};

/// Lines of a build, spread over the time it takes. Leading spaces, colours and the mixture of
/// line ends are what clients meet.
const BUILD: [&str; 22] = [
    "-----> Cloning source code\n",
    "       Fetching source code\n",
    "-----> \u{1b}[1mRuby\u{1b}[0m app detected\n",
    "-----> Installing bundler 2.5.6\n",
    "       Removing BUNDLED WITH version in the Gemfile.lock\n",
    "-----> Compiling Ruby/Rails\n",
    "-----> Using Ruby version: ruby-3.3.6\n",
    "-----> Installing dependencies using bundler 2.5.6\n",
    "       Running: bundle install --without development:test --path vendor/bundle -j4 --deployment\n",
    "       Fetching gem metadata from https://rubygems.org/........\n",
    "       Installing json 2.9.1 with native extensions\n",
    "       Installing rack 3.1.8\n",
    "       Installing puma 6.5.0 with native extensions\n",
    "       Bundle complete! 17 Gemfile dependencies, 81 gems now installed.\n",
    "       \u{1b}[33mGems in the groups 'development' and 'test' were not installed.\u{1b}[0m\n",
    "       Bundle completed (2.64s)\n",
    "       Cleaning up the bundler cache.\n",
    "-----> Preparing app for Rails asset pipeline\n",
    "       Running: rake assets:precompile\n",
    "       I, [2026-05-12T21:45:45.836623 #191]  INFO -- : Writing /build/public/assets/application.js\n",
    "       Asset precompilation completed (4.44s)\n",
    "       Cleaning assets\n",
];

const BUILD_FAILURE: [&str; 4] = [
    " \u{1b}[1;31m!\u{1b}[0m\n",
    " \u{1b}[1;31m!\u{1b}[0m     Precompiling assets failed.\n",
    " !\n",
    " !     Build has failed: the buildpack ended with status 1\n",
];

const PUSH: [&str; 3] = [
    "----- Procfile declares types -> web\n",
    " Build complete, shipping your container...\n",
    "       Image size: 100MB\n",
];

const START: [&str; 3] = [
    " Waiting for your application to boot...\n",
    "-----> Executing post-deployment hook: rake db:migrate\r\n",
    "       == 20260512 CreateUsers: migrated (0.0042s)\r\n",
];

/// The lines that are written in this phase, if the deployment ends like this.
pub(super) fn lines(phase: Phase, outcome: &Outcome, build_lines: Option<usize>) -> Vec<String> {
    let ends_here = outcome.last_phase() == phase;
    let (lines, failure): (&[&str], &[&str]) = match phase {
        Phase::Queued => return Vec::new(),
        Phase::Building => match outcome {
            Outcome::BuildError => (&BUILD[..19], &BUILD_FAILURE),
            Outcome::AbortedBuilding => (&BUILD[..10], &[]),
            _ => (&BUILD, &[]),
        },
        Phase::Pushing if ends_here => (&PUSH[..2], &[]),
        Phase::Pushing => (&PUSH, &[]),
        Phase::Starting => match outcome {
            Outcome::Success => (&START, &["-----> Your application is up and running\n"]),
            Outcome::HookError => (&START[..2], &[" !     Post-deployment hook has failed\r\n"]),
            Outcome::CrashedError => (
                &START[..1],
                &[" !     Your application has crashed at boot\n"],
            ),
            Outcome::TimeoutError => (
                &START[..1],
                &[" !     Your application has not started in 60 seconds\n"],
            ),
            _ => (&START, &[]),
        },
    };
    let numbered = match (phase, build_lines) {
        (Phase::Building, Some(count)) => Some((1..=count).map(numbered_line)),
        _ => None,
    };
    let own = |lines: &[&str]| {
        lines
            .iter()
            .map(|&line| line.to_owned())
            .collect::<Vec<_>>()
    };
    let mut all = numbered.map_or_else(|| own(lines), Iterator::collect);
    all.extend(own(failure));
    all
}

/// A line that says which it is.
fn numbered_line(number: usize) -> String {
    format!("       [{number}] Using thread_safe 0.3.6 from vendor/bundle/ruby/3.3.0\n")
}
