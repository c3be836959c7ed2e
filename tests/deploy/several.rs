//! Several at once: how many, what follows a failure, and the way back.

use std::time::Duration;

use deploykit::deploy::{
    AllEvent, Clients, Edgegap, End, Event, Rollout, Scalingo, Status, Target, Tsuru, deploy_all,
};
use deploykit::tsuru::v1::NewDeploy;
use deploykit::{edgegap, scalingo, tsuru};
use deploykit_sandbox::edgegap::Edgegap as EdgegapService;
use deploykit_sandbox::scalingo::{Outcome, Scalingo as ScalingoService};
use deploykit_sandbox::tsuru::v1::TsuruV1;
use deploykit_sandbox::{Running, Sandbox};
use futures::StreamExt as _;

use crate::{quick, sent, triggered};

struct Services {
    scalingo: Running<ScalingoService>,
    tsuru: Running<TsuruV1>,
    edgegap: Running<EdgegapService>,
    clients: Clients,
}

const APPS: [&str; 4] = ["a", "b", "c", "d"];

async fn start() -> Services {
    let scalingo = Sandbox::scalingo().speed(30.0).without_quota();
    let scalingo = APPS.iter().fold(scalingo, |sandbox, app| sandbox.app(app));
    let scalingo = scalingo.start().await.unwrap();
    let tsuru = Sandbox::tsuru_v1()
        .app("shop")
        .speed(100.0)
        .start()
        .await
        .unwrap();
    let edgegap = Sandbox::edgegap().speed(100.0).start().await.unwrap();
    let to_scalingo = scalingo::Client::builder()
        .token(scalingo.token())
        .base_url(scalingo.base_url())
        .without_quotas();
    let to_tsuru = tsuru::v1::Client::new(tsuru.base_url(), tsuru.token());
    let to_edgegap = edgegap::Client::builder()
        .token(edgegap.token())
        .base_url(edgegap.base_url());
    let clients = Clients::new()
        .with_scalingo(to_scalingo.build().unwrap())
        .with_tsuru(to_tsuru.unwrap())
        .with_edgegap(to_edgegap.build().unwrap());
    Services {
        scalingo,
        tsuru,
        edgegap,
        clients,
    }
}

fn app(name: &str) -> Scalingo {
    Scalingo::new(name, "https://example.com/v7.tar.gz")
}

fn shop(version: u32) -> Rollout {
    quick(Tsuru::new("shop", NewDeploy::image(format!("shop:{version}"))).into())
}

fn game() -> Rollout {
    quick(Edgegap::new("game", "v2").near_ip("198.51.100.7").into())
}

#[tokio::test]
async fn no_more_than_asked_for_are_under_way() {
    let services = start().await;
    for most in [1, 3] {
        let mut several = deploy_all(APPS.map(app))
            .clients(&services.clients)
            .at_once(most);
        let (mut under_way, mut highest, mut ended) = (0, 0, 0);
        let summary = loop {
            match several.next().await.unwrap() {
                AllEvent::Target {
                    event: Event::Handle(handle),
                    ..
                } if handle.id().is_none() => {
                    under_way += 1;
                    highest = highest.max(under_way);
                }
                AllEvent::Target {
                    event: Event::Finished(_),
                    ..
                } => {
                    under_way -= 1;
                    ended += 1;
                }
                AllEvent::Finished(summary) => break summary,
                _ => {}
            }
        };
        assert!(summary.succeeded(), "{summary}");
        assert_eq!((highest, ended), (most, 4));
        let names: Vec<_> = summary
            .targets
            .iter()
            .map(|ended| ended.name.as_str())
            .collect();
        assert_eq!(
            names,
            ["scalingo a", "scalingo b", "scalingo c", "scalingo d"]
        );
        assert!(
            summary
                .targets
                .iter()
                .all(|ended| ended.took > Duration::ZERO)
        );
        assert!(several.next().await.is_none());
    }
}

#[tokio::test]
async fn after_a_failure_no_other_begins_unless_it_keeps_going() {
    for keep_going in [false, true] {
        let services = start().await;
        services.scalingo.next_outcome(Outcome::CrashedError);
        let several = deploy_all(APPS.map(app))
            .clients(&services.clients)
            .at_once(1);
        let summary = match keep_going {
            true => several.keep_going().await,
            false => several.await,
        };
        assert!(!summary.succeeded());
        let End::Outcome(first) = &summary.targets[0].end else {
            panic!("{summary}");
        };
        assert_eq!(first.status, Status::Failed);
        for ended in &summary.targets[1..] {
            assert_eq!(matches!(ended.end, End::Skipped), !keep_going, "{ended}");
            assert_eq!(ended.end.succeeded(), keep_going);
        }
        let triggers = sent(&services.scalingo, "POST", "/deployments");
        assert_eq!(triggers, if keep_going { 4 } else { 1 });
        let lines = summary.to_string();
        assert!(
            lines.contains("scalingo a: failed (crashed-error"),
            "{lines}"
        );
        assert_eq!(
            lines.contains("scalingo b: left out"),
            !keep_going,
            "{lines}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_triggered_fails_alone() {
    let services = start().await;
    let targets = [app("missing"), app("a")];
    let several = deploy_all(targets).clients(&services.clients).keep_going();
    let summary = several.await;
    let End::Error(error) = &summary.targets[0].end else {
        panic!("{summary}");
    };
    assert!(error.is_not_found(), "{error}");
    assert!(summary.targets[1].end.succeeded());
    assert_eq!(sent(&services.scalingo, "POST", "/deployments"), 1);
}

#[tokio::test]
async fn when_one_fails_the_others_go_back_where_they_can() {
    let services = start().await;
    let before = shop(1).clients(&services.clients).await.unwrap();
    assert!(before.succeeded());
    services.scalingo.next_outcome(Outcome::HookError);
    let rollouts = [shop(2), game(), app("a").into()];
    let mut several = deploy_all(rollouts)
        .clients(&services.clients)
        .keep_going()
        .roll_back();
    let mut back = [0; 3];
    let summary = loop {
        match several.next().await.unwrap() {
            AllEvent::Back {
                index,
                event: Event::Finished(outcome),
            } => {
                assert!(outcome.succeeded());
                back[index] += 1;
            }
            AllEvent::Finished(summary) => break summary,
            _ => {}
        }
    };
    // The app that failed is left as its service left it.
    assert_eq!(back, [1, 1, 0], "{summary}");
    assert!(!summary.succeeded());
    assert!(
        summary.targets[0].to_string().ends_with("rolled back"),
        "{summary}"
    );
    assert!(summary.targets[2].back.is_none());
    let requests = services.tsuru.requests();
    let back = requests
        .iter()
        .find(|sent| sent.path.ends_with("/rollback"))
        .unwrap();
    assert!(String::from_utf8_lossy(&back.body).contains("shop:1"));
    assert_eq!(
        services.edgegap.deployments()[0]["current_status"],
        "Status.TERMINATED"
    );
}

#[tokio::test]
async fn without_a_failure_nothing_goes_back() {
    let services = start().await;
    let rollouts = [shop(1), game()];
    let summary = deploy_all(rollouts)
        .clients(&services.clients)
        .roll_back()
        .await;
    assert!(summary.succeeded(), "{summary}");
    assert!(summary.targets.iter().all(|ended| ended.back.is_none()));
    assert_eq!(
        services.edgegap.deployments()[0]["current_status"],
        "Status.READY"
    );
}

#[tokio::test]
async fn what_has_no_way_back_is_said() {
    let services = start().await;
    services.tsuru.fail_next();
    let targets: [Target; 2] = [
        app("a").into(),
        Tsuru::new("shop", NewDeploy::image("shop:1")).into(),
    ];
    let several = deploy_all(targets)
        .clients(&services.clients)
        .keep_going()
        .roll_back();
    let summary = several.await;
    let Some(End::Error(error)) = &summary.targets[0].back else {
        panic!("{summary}");
    };
    assert!(error.to_string().contains("`roll_back_to`"), "{error}");
    assert_eq!(sent(&services.scalingo, "POST", "/deployments"), 1);
}

#[tokio::test]
async fn those_that_were_dropped_are_resumed_together() {
    let services = start().await;
    let mut handles = Vec::new();
    for name in ["a", "b"] {
        let mut rollout = Rollout::new(app(name)).clients(&services.clients);
        handles.push(triggered(&mut rollout).await);
    }
    let resumed = handles.into_iter().map(Rollout::resume);
    let summary = deploy_all(resumed).clients(&services.clients).await;
    assert!(summary.succeeded(), "{summary}");
    assert_eq!(sent(&services.scalingo, "POST", "/deployments"), 2);
}
