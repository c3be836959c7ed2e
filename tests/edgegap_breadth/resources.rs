//! Applications, registry, storage, relays, reports, and what is deprecated.

use std::collections::BTreeSet;

use deploykit::edgegap::{
    ApplicationChange, AuthorizeUser, Deploy, DeploymentChange, DeploymentQuery, DeploymentReport,
    EndpointStorageChange, ErrorKind, LocationQuery, MetricsQuery, NewApplication,
    NewEndpointStorage, NewPullProfile, NewRelaySession, PullProfileChange, RevokeUser, SourceType,
    TagDeletion,
};
use deploykit_sandbox::Sandbox;
use futures::TryStreamExt as _;

use crate::{connected, sent};

#[tokio::test]
async fn applications_are_found_by_their_names() {
    let (_sandbox, client) = connected(|sandbox| sandbox).await;
    let applications = client.applications();
    // As game backends look at their start.
    let given = applications.get("my-app").await.unwrap();
    assert_eq!(given.is_active, Some(true));
    let versions = client.versions().list("my-app").await.unwrap().items;
    assert_eq!((versions.len(), versions[0].name.as_str()), (1, "v1"));

    applications
        .create(&NewApplication::named("a b/c"))
        .await
        .unwrap();
    let error = applications
        .create(&NewApplication::named("a b/c"))
        .await
        .unwrap_err();
    assert!(error.is_conflict());
    let renamed = ApplicationChange::new().name("other");
    assert_eq!(
        applications.update("a b/c", &renamed).await.unwrap().name,
        "other"
    );
    assert!(applications.get("a b/c").await.unwrap_err().is_not_found());
    assert_eq!(applications.list().await.unwrap().items.len(), 2);
    applications.delete("other").await.unwrap();
    assert!(
        applications
            .delete("other")
            .await
            .unwrap_err()
            .is_not_found()
    );
}

#[tokio::test]
async fn tags_of_images_are_listed_to_the_end_and_deleted_in_part() {
    let names: Vec<_> = (0..120).map(|number| format!("1.{number}")).collect();
    let tags: Vec<_> = names.iter().map(String::as_str).collect();
    let (sandbox, client) = connected(|sandbox| sandbox.image("my-org/game", &tags)).await;
    let registry = client.registry();
    let listed: Vec<_> = registry
        .tags("my-org/game")
        .items()
        .try_collect()
        .await
        .unwrap();
    let listed: BTreeSet<_> = listed.into_iter().map(|tag| tag.tag).collect();
    assert_eq!(listed, names.iter().cloned().collect());
    assert_eq!(
        sent(
            &sandbox,
            "GET",
            "/v1/container-registry/images/my-org/game/tags"
        ),
        4
    );

    let deleted = registry
        .delete_tags("my-org/game", &TagDeletion::of(["1.1", "none"]))
        .await
        .unwrap();
    assert!(!deleted.is_complete());
    let failures: Vec<_> = deleted.failures().collect();
    assert_eq!(
        (
            failures.len(),
            failures[0].tag.as_deref(),
            failures[0].status
        ),
        (1, Some("none"), Some(404))
    );
    let deleted = registry
        .delete_tags("my-org/game", &TagDeletion::of(["1.2"]))
        .await
        .unwrap();
    assert!(deleted.is_complete());
    let one = registry.delete_tag("my-org/game", "1.3").await.unwrap();
    assert_eq!(
        (
            one.deleted_tag.as_deref(),
            one.artifact.unwrap().remaining_tags.len()
        ),
        (Some("1.3"), 117)
    );
    assert_eq!(registry.credentials().await.unwrap().project, "my-org");

    sandbox.clear_requests();
    for bad in ["", "my-org/", "/game", "my-org/../other", "my-org//game"] {
        let error = registry.delete_tag(bad, "1.4").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{bad}");
    }
    let none: [&str; 0] = [];
    assert!(
        registry
            .delete_tags("my-org/game", &TagDeletion::of(none))
            .await
            .is_err()
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn storages_keep_logs_and_give_files() {
    let (_sandbox, client) = connected(|sandbox| sandbox).await;
    let (storages, profiles) = (client.endpoint_storages(), client.pull_profiles());
    let new = NewEndpointStorage::new("logs", "AKIA", "https://s3.example.com", "bucket", "canary");
    assert!(!format!("{new:?} {:?}", storages.create(&new)).contains("canary"));
    let created = storages.create(&new).await.unwrap();
    assert_eq!(
        (created.bucket.as_str(), created.create_time.is_some()),
        ("bucket", true)
    );
    let moved = EndpointStorageChange::new()
        .bucket("other")
        .secret_access_key("canary-2");
    assert_eq!(
        storages.update("logs", &moved).await.unwrap().bucket,
        "other"
    );

    let profile = NewPullProfile::new("maps", "/bucket/maps", SourceType::Folder, "/maps");
    profiles.create("logs", &profile).await.unwrap();
    let changed = PullProfileChange::new().destination("/usr/maps");
    assert_eq!(
        profiles
            .update("logs", "maps", &changed)
            .await
            .unwrap()
            .destination,
        "/usr/maps"
    );
    let link = profiles.link("logs", "maps", "my-app", "v1").await.unwrap();
    assert_eq!(
        (link.app.as_str(), link.app_version.as_str()),
        ("my-app", "v1")
    );
    assert!(
        profiles
            .link("logs", "maps", "my-app", "v2")
            .await
            .unwrap_err()
            .is_not_found()
    );
    profiles
        .unlink("logs", "maps", "my-app", "v1")
        .await
        .unwrap();
    assert!(
        profiles
            .unlink("logs", "maps", "my-app", "v1")
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert_eq!(profiles.list("logs").await.unwrap().items.len(), 1);
    profiles.delete("logs", "maps").await.unwrap();
    storages.delete("logs").await.unwrap();
    assert!(storages.list().await.unwrap().items.is_empty());
}

#[tokio::test]
async fn relays_let_players_in_and_out() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let relays = client.relays();
    let created = relays
        .create(&NewRelaySession::of(["192.0.2.1", "192.0.2.2"]))
        .await
        .unwrap();
    let (first, longest) = (
        std::time::Duration::from_millis(2),
        std::time::Duration::from_millis(10),
    );
    let session = relays
        .ready(&created.session_id)
        .every(first, longest)
        .await
        .unwrap();
    assert!(session.client_link().is_some() && session.client_link() != session.server_link());
    let one_more = AuthorizeUser::new(&session.session_id, "192.0.2.3");
    let user = relays
        .authorize_user(&one_more)
        .await
        .unwrap()
        .session_user
        .unwrap();
    assert!(
        relays
            .authorize_user(&one_more)
            .await
            .unwrap_err()
            .is_conflict()
    );

    let token = user.authorization_token.clone().unwrap();
    let secret = token.expose().to_owned();
    let body = RevokeUser::new(&session.session_id, token);
    // A server that quotes what it was sent.
    let echo = format!(r#"{{"message":"no user {secret}"}}"#);
    sandbox
        .faults()
        .on("POST", "/v1/relays/sessions:revoke-user")
        .body(echo)
        .status(404);
    let error = relays.revoke_user(&body).await.unwrap_err();
    for text in [
        format!("{session:?} {user:?} {body:?}"),
        format!("{error} {error:?} {}", error.report()),
    ] {
        assert!(!text.contains(&secret), "{text}");
    }
    assert_eq!(
        relays
            .revoke_user(&body)
            .await
            .unwrap()
            .unwrap()
            .session_users
            .len(),
        2
    );
    for user in session.session_users {
        let body = RevokeUser::new(&session.session_id, user.authorization_token.unwrap());
        let left = relays.revoke_user(&body).await.unwrap();
        assert!(left.is_none_or(|session| session.session_users.len() == 1));
    }
    assert_eq!(relays.list().await.unwrap().items.len(), 1);
    relays.delete(&session.session_id).await.unwrap();
    assert!(
        relays
            .get(&session.session_id)
            .await
            .unwrap_err()
            .is_not_found()
    );

    sandbox.clear_requests();
    let nobody: [&str; 0] = [];
    assert!(relays.create(&NewRelaySession::of(nobody)).await.is_err());
    assert!(
        relays
            .revoke_user(&RevokeUser::new("a-S", "no number"))
            .await
            .is_err()
    );
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
#[allow(deprecated, reason = "deprecated operations work as well")]
async fn deployments_are_reported_and_started_as_version_1_did() {
    let (sandbox, client) = connected(|sandbox| sandbox).await;
    let deployments = client.deployments();
    let order = deploykit::edgegap::DeployV1::new("my-app")
        .ip_list(vec!["192.0.2.1".to_owned()])
        .tags(vec!["old".to_owned()]);
    let deployed = deployments.deploy_v1(&order).await.unwrap();
    assert_eq!(deployed.request_version.as_deref(), Some("v1"));
    assert!(deployments.find_by_tag("old").await.unwrap().is_some());
    let closed = DeploymentChange::new().is_joinable_by_session(false);
    let changed = deployments
        .update(&deployed.request_id, &closed)
        .await
        .unwrap();
    assert_eq!(changed.is_joinable_by_session, Some(false));

    deployments
        .report(&deployed.request_id, &DeploymentReport::new("lag"))
        .await
        .unwrap();
    assert_eq!(sandbox.reports().len(), 1);
    // It acts: never again by itself, even by a client that repeats.
    let patient = deploykit::edgegap::Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let path = format!("/v1/deployments/{}:report", deployed.request_id);
    sandbox.faults().on("POST", &path).status(503);
    let report = DeploymentReport::new("lag");
    assert!(
        patient
            .deployments()
            .report(&deployed.request_id, &report)
            .await
            .is_err()
    );
    assert_eq!(sent(&sandbox, "POST", &path), 2);
    assert!(
        deployments
            .report("a", &DeploymentReport::new("x".repeat(256)))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn places_are_told_in_pages_and_figures_as_whole_numbers() {
    let (_sandbox, client) = connected(|sandbox| sandbox).await;
    let deployments = client.deployments();
    let page = deployments
        .locations(&LocationQuery::new())
        .per_page(2)
        .await
        .unwrap();
    assert_eq!(
        (page.items.len(), page.total_items, page.total_pages),
        (2, Some(6), Some(3))
    );
    let beacons: Vec<_> = deployments.beacons().items().try_collect().await.unwrap();
    assert_eq!(beacons.len(), 6);
    assert!(
        beacons
            .iter()
            .all(|beacon| beacon.udp_port.is_some() && beacon.location.is_some())
    );
    let id = deployments
        .deploy(&Deploy::new("my-app", "v1").user_ip("192.0.2.1"))
        .await
        .unwrap()
        .request_id;
    let figures = deployments
        .metrics(&id, &MetricsQuery::new())
        .await
        .unwrap()
        .cpu
        .unwrap();
    assert!(
        figures
            .datasets
            .iter()
            .flatten()
            .all(|figure| figure.fract() == 0.0)
    );
}

#[tokio::test]
async fn lists_are_read_with_and_without_nulls() {
    for without in [false, true] {
        let sandbox = Sandbox::edgegap();
        let sandbox = if without {
            sandbox.without_nulls()
        } else {
            sandbox
        };
        let sandbox = sandbox.start().await.unwrap();
        let builder = deploykit::edgegap::Client::builder().token(sandbox.token());
        let deployments = builder
            .base_url(sandbox.base_url())
            .build()
            .unwrap()
            .deployments();
        deployments
            .deploy(&Deploy::new("my-app", "v1").user_ip("192.0.2.1"))
            .await
            .unwrap();
        let listed = deployments
            .list(&DeploymentQuery::new())
            .await
            .unwrap()
            .items;
        assert!(listed[0].ports.is_empty() && listed[0].public_ip.is_none());
    }
}
