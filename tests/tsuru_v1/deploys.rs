//! Deploys: their sources, output and end; what is never done twice.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use deploykit::core::Body;
use deploykit::tsuru::v1::{
    Cancel, DeployFilter, EventFilter, NewDeploy, Rebuild, Rollback, is_locked, when_unlocked,
};
use deploykit::{Error, ErrorKind};
use futures::{StreamExt, TryStreamExt};

use crate::{client, sent, start};

const IMAGE: &str = "registry.example.com/app:7";

#[tokio::test]
async fn an_archive_is_streamed_with_progress_and_its_output_followed() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("app.tar.gz");
    std::fs::write(&path, vec![b'x'; 300_000]).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&told);
    let archive = Body::file(&path).await.unwrap();
    let archive = archive.on_progress(move |sent, all| seen.lock().unwrap().push((sent, all)));

    let deploy = NewDeploy::archive(archive).message("release 7");
    let mut deploying = tsuru.deploy("myapp", &deploy).await.unwrap();
    let event = deploying.event().unwrap().clone();
    let mut lines = Vec::new();
    while let Some(line) = deploying.try_next().await.unwrap() {
        lines.push(line.text);
    }
    assert!(
        lines.contains(&" ---> received 300000 bytes".to_owned()),
        "{lines:?}"
    );
    assert!(!lines.contains(&"please wait...".to_owned()), "{lines:?}");
    assert_eq!(told.lock().unwrap().last(), Some(&(300_000, 300_000)));
    assert_eq!(sandbox.deploys("myapp"), Some(1));

    let deploys = tsuru
        .deploys()
        .list(&DeployFilter::new().app("myapp"))
        .await
        .unwrap();
    assert_eq!(
        (deploys.len(), deploys[0].message.as_str()),
        (1, "release 7")
    );
    assert_eq!((deploys[0].version, deploys[0].event()), (Some(1), event));
    assert_eq!(deploys[0].origin, "app-deploy");
    assert!(deploys[0].duration().is_some());
    let info = tsuru.deploys().get(deploys[0].id.clone()).await.unwrap();
    assert!(info.log.contains("Building image"));
    let none = DeployFilter::new().app("other");
    assert!(tsuru.deploys().list(&none).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_deploy_that_fails_says_so_in_its_last_line() {
    let sandbox = start(|sandbox| sandbox).await;
    sandbox.fail_next();
    let deploying = client(&sandbox)
        .deploy("myapp", &NewDeploy::image(IMAGE))
        .await
        .unwrap();
    let error = deploying.finish().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Failed, Some(200))
    );
    assert_eq!(error.operation(), Some("AppDeploy"));
    assert!(error.to_string().contains("exit status 1"), "{error}");
    assert!(error.may_have_been_sent() && !error.is_passing());
    assert_eq!(sandbox.deploys("myapp"), Some(0));
}

#[tokio::test]
async fn a_deploy_whose_connection_broke_is_followed_by_its_event_and_never_sent_again() {
    for fails in [false, true] {
        let sandbox = start(|sandbox| sandbox).await;
        if fails {
            sandbox.fail_next();
        }
        let broken = sandbox
            .faults()
            .on("POST", "/1.0/apps/myapp/deploy")
            .truncated_body();
        let deploying = client(&sandbox)
            .deploy("myapp", &NewDeploy::image(IMAGE))
            .await
            .unwrap();
        let ended = deploying.finish().await;
        assert_eq!(broken.hits(), 1);
        match (fails, ended) {
            (false, Ok(())) => {}
            (true, Err(error)) => assert!(error.to_string().contains("exit status 1"), "{error}"),
            (_, ended) => panic!("{fails}: {ended:?}"),
        }
        assert_eq!(sandbox.deploys("myapp"), Some(u64::from(!fails)));
        assert_eq!(sent(&sandbox, "POST", "/deploy"), 1);
        assert!(
            sandbox
                .requests()
                .iter()
                .any(|sent| sent.path.starts_with("/1.1/events/"))
        );
    }
}

#[tokio::test]
async fn a_deploy_that_may_have_begun_is_not_sent_again() {
    let sandbox = start(|sandbox| sandbox).await;
    sandbox
        .faults()
        .on("POST", "/1.0/apps/myapp/deploy")
        .reset_after();
    let tsuru = client(&sandbox);
    let patient = NewDeploy::image(IMAGE).wait_for_lock(Duration::from_secs(60));
    let error = tsuru.deploy("myapp", &patient).await.unwrap_err();
    assert!(error.may_have_been_sent(), "{error}");
    assert_eq!(sent(&sandbox, "POST", "/deploy"), 1);
    // It is found by what holds the app.
    let held = EventFilter::new()
        .target_type("app")
        .target("myapp")
        .running(true);
    let events = tsuru.events().list(&held).await.unwrap();
    assert_eq!(events[0].kind_name(), "app.deploy");
    let ended = tsuru.events().wait(events[0].id.clone()).await.unwrap();
    assert!(!ended.is_running() && ended.error.is_empty() && ended.ended_at.is_some());
    assert_eq!(sandbox.deploys("myapp"), Some(1));
}

#[tokio::test]
async fn an_app_that_is_held_is_waited_for_on_request() {
    let sandbox = start(|sandbox| sandbox.deploy_takes(Duration::from_secs(50))).await;
    let tsuru = client(&sandbox);
    let first = tsuru
        .deploy("myapp", &NewDeploy::image(IMAGE))
        .await
        .unwrap();
    let error = tsuru
        .deploy("myapp", &NewDeploy::image(IMAGE))
        .await
        .unwrap_err();
    assert!(is_locked(&error), "{error}");
    let error = tsuru
        .apps()
        .restart("myapp", &Default::default())
        .await
        .unwrap_err();
    assert!(is_locked(&error), "{error}");
    assert_eq!(
        sent(&sandbox, "POST", "/restart"),
        1,
        "it acts, and is not repeated by itself"
    );

    let patient = NewDeploy::image(IMAGE).wait_for_lock(Duration::from_secs(60));
    tsuru
        .deploy("myapp", &patient)
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
    first.finish().await.unwrap();
    assert_eq!(sandbox.deploys("myapp"), Some(2));
    let restart = || tsuru.apps().restart("myapp", &Default::default());
    when_unlocked(Duration::from_secs(60), restart)
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let other = || tsuru.apps().restart("other", &Default::default());
    let missing: Result<_, Error> = when_unlocked(Duration::from_secs(60), other).await;
    assert!(missing.unwrap_err().is_not_found());
}

#[tokio::test]
async fn patience_with_a_lock_ends() {
    let sandbox = start(|sandbox| sandbox.deploy_takes(Duration::from_secs(3000))).await;
    let tsuru = client(&sandbox);
    let first = tsuru
        .deploy("myapp", &NewDeploy::image(IMAGE))
        .await
        .unwrap();
    let patient = NewDeploy::image(IMAGE).wait_for_lock(Duration::from_millis(50));
    assert!(is_locked(
        &tsuru.deploy("myapp", &patient).await.unwrap_err()
    ));
    assert_eq!(sent(&sandbox, "POST", "/deploy"), 3);
    drop(first);
}

#[tokio::test]
async fn versions_are_gone_back_to_and_deployed_again() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    for _ in 0..2 {
        let archive = Body::Bytes(vec![0x1f, 0x8b].into());
        let deploying = tsuru
            .deploy("myapp", &NewDeploy::archive(archive))
            .await
            .unwrap();
        deploying.finish().await.unwrap();
    }
    let back = tsuru.rollback("myapp", &Rollback::new("1")).await.unwrap();
    assert!(back.event().is_some(), "what holds the app is its event");
    back.finish().await.unwrap();
    let again = tsuru.rebuild("myapp", &Rebuild::new()).await.unwrap();
    again.finish().await.unwrap();
    let filter = DeployFilter::new().app("myapp").limit(2u32);
    let deploys = tsuru.deploys().list(&filter).await.unwrap();
    let origins: Vec<_> = deploys
        .iter()
        .map(|deploy| deploy.origin.as_str())
        .collect();
    assert_eq!(origins, ["rebuild", "rollback"]);
    assert_eq!(deploys[1].image, "tsuru/app-myapp:v1");
    let error = tsuru
        .rollback("myapp", &Rollback::new("99"))
        .await
        .unwrap_err();
    assert!(error.is_invalid(), "{error}");
}

#[tokio::test]
async fn a_deploy_is_cancelled_by_its_event() {
    let sandbox = start(|sandbox| sandbox.deploy_takes(Duration::from_secs(100))).await;
    let tsuru = client(&sandbox);
    let mut deploying = tsuru
        .deploy("myapp", &NewDeploy::image(IMAGE))
        .await
        .unwrap();
    let event = deploying.event().unwrap().clone();
    deploying.next().await.unwrap().unwrap();
    tsuru
        .events()
        .cancel(&event, &Cancel::new("wrong version"))
        .await
        .unwrap();
    let error = deploying.finish().await.unwrap_err();
    assert!(error.to_string().contains("canceled"), "{error}");
    let event = tsuru.events().get(event).await.unwrap();
    assert_eq!(event.cancel.unwrap().reason, "wrong version");
    assert_eq!(sandbox.deploys("myapp"), Some(0));
}

#[tokio::test]
async fn bad_sources_are_refused_before_any_request() {
    let sandbox = start(|sandbox| sandbox).await;
    let tsuru = client(&sandbox);
    for deploy in [
        NewDeploy::image(" "),
        NewDeploy::archive(Body::Empty),
        NewDeploy::dockerfile(""),
    ] {
        let error = tsuru.deploy("myapp", &deploy).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(sandbox.requests().is_empty());
    let dockerfile = NewDeploy::dockerfile("FROM scratch");
    tsuru
        .deploy("myapp", &dockerfile)
        .await
        .unwrap()
        .finish()
        .await
        .unwrap();
}
