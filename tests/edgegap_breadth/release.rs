//! From an image to a ready server.

use std::time::Duration;

use deploykit::edgegap::{
    ApplicationChange, Client, ErrorKind, NewApplication, NewPort, NewVersion, Protocol, Release,
    ReleaseError, ReleaseStep, Resources, VersionChange,
};
use deploykit_sandbox::edgegap::Outcome;

use crate::{connected, sent};

const VERSIONS: &str = "/v1/app/my-game/version";

fn version(tag: &str) -> NewVersion {
    let image = format!("registry.example.com/my-org/my-game:{tag}");
    NewVersion::of(
        "build-17",
        &image.parse().unwrap(),
        Resources::new(512, 1024),
    )
    .port(NewPort::new(7777, Protocol::Udp).name("game"))
    .port(NewPort::new(8080, Protocol::Ws))
    .private_username("robot$pull")
    .private_token("canary-token")
    .hidden_variable("KEY", "canary-value")
}

fn release(client: &Client) -> Release {
    client
        .release("my-game", version("17"))
        .user_coordinates(48.2, 16.4)
}

fn soon(release: Release) -> Release {
    release.deadline(Duration::from_secs(10))
}

#[tokio::test]
async fn an_image_becomes_a_ready_server_and_does_so_again() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let first = soon(release(&client)).await.unwrap();
    assert!(first.prepared.application_created && first.prepared.version_created);
    assert!(first.status.is_ready());
    assert!(first.status.address("game").is_some() && first.status.address("8080").is_some());
    assert_eq!(first.status.tags, std::slice::from_ref(&first.tag));

    let second = soon(release(&client)).await.unwrap();
    assert!(!second.prepared.application_created && !second.prepared.version_created);
    assert_ne!(
        (first.request_id, first.tag),
        (second.request_id, second.tag)
    );
    assert_eq!(
        (
            sent(&sandbox, "POST", "/v1/app"),
            sent(&sandbox, "POST", VERSIONS)
        ),
        (1, 1)
    );
    assert_eq!(sandbox.created(), 2);
}

#[tokio::test]
async fn what_was_created_by_a_lost_answer_is_found_and_not_created_again() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    for path in ["/v1/app", VERSIONS, "/v2/deployments"] {
        sandbox.faults().on("POST", path).times(1).reset_after();
    }
    let released = soon(release(&client)).await.unwrap();
    assert!(released.prepared.application_created && released.prepared.version_created);
    for path in ["/v1/app", VERSIONS, "/v2/deployments"] {
        assert_eq!(sent(&sandbox, "POST", path), 1, "{path}");
    }
    assert_eq!(sandbox.created(), 1);
    assert_eq!(
        client.versions().list("my-game").await.unwrap().items.len(),
        1
    );
}

#[tokio::test]
async fn what_somebody_else_created_meanwhile_is_used() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    client
        .applications()
        .create(&NewApplication::named("my-game"))
        .await
        .unwrap();
    client
        .versions()
        .create("my-game", &version("17"))
        .await
        .unwrap();
    // As they looked before.
    for path in ["/v1/app/my-game", "/v1/app/my-game/version/build-17"] {
        sandbox.faults().on("GET", path).times(1).status(404);
    }
    let prepared = release(&client).prepare().await.unwrap();
    assert!(!prepared.application_created && !prepared.version_created);
    assert_eq!(sandbox.created(), 0);
}

#[tokio::test]
async fn the_same_tag_is_the_same_server() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let first = soon(release(&client).tag("match-1")).await.unwrap();
    let again = soon(release(&client).tag("match-1")).await.unwrap();
    assert_eq!(first.request_id, again.request_id);
    let other = soon(release(&client).tag("match-2")).await.unwrap();
    assert_ne!(first.request_id, other.request_id);
    assert_eq!(sandbox.created(), 2);
}

#[tokio::test]
async fn a_version_with_other_content_shows_the_difference_and_stays() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    release(&client).prepare().await.unwrap();
    let other = version("18").max_duration(60).private_token("canary-other");
    let error = client
        .release("my-game", other)
        .user_ip("192.0.2.1")
        .await
        .unwrap_err();
    assert_eq!(error.step(), ReleaseStep::Version);
    assert_eq!(
        error.to_string(),
        "version build-17 exists with other content; docker_tag: wanted 18, found 17; \
         max_duration: wanted 60, found 1440; private_token: wanted one, found another one"
    );
    assert_eq!(error.differences().len(), 3);
    assert!(error.advice().unwrap().contains("version name of its own"));
    let kept = client.versions().get("my-game", "build-17").await.unwrap();
    assert_eq!(kept.image(), "registry.example.com/my-org/my-game:17");
    assert_eq!(sandbox.created(), 0);
}

#[tokio::test]
async fn what_is_not_active_is_told_instead_of_deployed() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    release(&client).prepare().await.unwrap();
    let off = VersionChange::new().is_active(false);
    client
        .versions()
        .update("my-game", "build-17", &off)
        .await
        .unwrap();
    let error = release(&client).await.unwrap_err();
    assert_eq!(
        (error.step(), error.cause().kind()),
        (ReleaseStep::Version, ErrorKind::Failed)
    );
    let off = ApplicationChange::new().is_active(false);
    client.applications().update("my-game", &off).await.unwrap();
    let error = release(&client).await.unwrap_err();
    assert_eq!(error.step(), ReleaseStep::Application);
    assert!(error.advice().unwrap().contains("active"));
    assert_eq!(sandbox.created(), 0);
}

#[tokio::test]
async fn each_failure_says_what_to_change() {
    let (sandbox, client) = connected(|sandbox| sandbox.missing_image("my-org/my-game:17")).await;
    let verified = client
        .release("my-game", version("17").verify_image(true))
        .user_ip("192.0.2.1");
    let error = verified.await.unwrap_err();
    assert_eq!(
        (error.step(), error.cause().status()),
        (ReleaseStep::Version, Some(424))
    );
    let advice = error.advice().unwrap();
    assert!(
        advice.contains("registry.example.com/my-org/my-game:17")
            && advice.contains("private_token")
    );
    assert_eq!(error.deployment(), None);

    // Not verified, it fails in the container.
    let error = soon(release(&client)).await.unwrap_err();
    assert_eq!(error.step(), ReleaseStep::Ready);
    assert!(
        error.to_string().contains("The image could not be pulled"),
        "{error}"
    );
    assert!(error.advice().unwrap().contains("log"));
    assert!(error.deployment().is_some() && error.last().is_some());

    sandbox.next_outcome(Outcome::NotPlaced);
    let error = soon(release(&client)).await.unwrap_err();
    assert_eq!(
        (error.step(), error.cause().status()),
        (ReleaseStep::Deployment, Some(422))
    );
    assert!(
        error
            .advice()
            .unwrap()
            .contains("512 CPU units and 1024 MiB")
    );
    let id = error.deployment().unwrap();
    assert!(error.to_string().contains(id.as_str()), "{error}");
    assert!(client.deployments().stop(id).await.is_ok());

    sandbox.next_outcome(Outcome::Stuck);
    let error = release(&client)
        .deadline(Duration::from_millis(20))
        .await
        .unwrap_err();
    assert_eq!(error.cause().kind(), ErrorKind::Deadline);
    assert!(error.deployment().is_some());
    let error: ReleaseError = error;
    assert!(error.advice().unwrap().contains("stop it"));
}

#[tokio::test]
async fn an_order_that_would_be_refused_leaves_nothing_behind() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let error = client.release("my-game", version("17")).await.unwrap_err();
    assert_eq!(error.cause().kind(), ErrorKind::InvalidInput);
    for bad in [
        version("17").max_duration(1441),
        version("17").termination_grace_period_seconds(4),
        version("17").port(NewPort::new(60_000, Protocol::Tcp)),
        NewVersion::new("", 512, 1024, "a", "b", "c"),
        NewVersion::new("v", 512, 1025, "a", "b", "c"),
        NewVersion::new("v", 512, 1024, "a", " ", "c"),
    ] {
        let error = client.versions().create("my-game", &bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad:?}");
    }
    for name in ["ab", "  a  ", &"x".repeat(65)] {
        let error = client
            .applications()
            .create(&NewApplication::named(name))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}");
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn no_secret_of_a_release_is_shown() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let release = soon(release(&client));
    let mut shown = vec![format!("{release:?}")];
    let echo = r#"{"message":"bad private_token canary-token, KEY is canary-value"}"#;
    sandbox.faults().on("POST", VERSIONS).body(echo).status(400);
    let error = release.clone().await.unwrap_err();
    shown.push(format!(
        "{error} {error:?} {:?} {}",
        error.advice(),
        error.cause().report()
    ));
    let released = release.await.unwrap();
    shown.push(format!("{released:?}"));
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }
}
