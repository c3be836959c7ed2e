//! Events of an application and of the account, and waiting for them.

use std::time::Duration;

use deploykit::ErrorKind;
use deploykit::core::{Wait, WaitError};
use deploykit::scalingo::{
    Client, CurrentName, DeploymentStatus, Event, EventDetails, EventKind, NewApp, NewOneOff,
    NewVariable, NewVariables, Restart, Scale,
};
use deploykit_sandbox::Builder;
use deploykit_sandbox::scalingo::Scalingo;
use futures::TryStreamExt;

use crate::support::{APP, Told, bounded, client, follow, sandbox, start, trigger};

/// Things that take seconds take a hundredth of that.
pub fn fast() -> Builder<Scalingo> {
    sandbox().speed(100.0)
}

/// Waits for the end of a wait.
async fn ended(wait: Wait<Vec<Event>>) -> Result<Vec<Event>, WaitError<Vec<Event>>> {
    bounded(async { wait.await }).await
}

pub fn kinds(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.kind.as_str()).collect()
}

async fn restart_app(client: &Client, which: Restart) {
    client.containers().restart(APP, &which).await.unwrap();
}

#[tokio::test]
async fn what_is_done_to_an_app_is_in_its_timeline() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let events = client.events();
    assert!(events.newest(APP).await.unwrap().is_none());

    let set = client
        .environment()
        .set(APP, &NewVariable::new("TOKEN", "canary"))
        .await
        .unwrap();
    let pairs = [("TOKEN", "canary-2"), ("OTHER", "canary-3")];
    client
        .environment()
        .set_all(APP, &NewVariables::from_iter(pairs))
        .await
        .unwrap();
    client.environment().delete(APP, &set.id).await.unwrap();
    client
        .containers()
        .scale(APP, &Scale::to("web", 2))
        .await
        .unwrap();
    restart_app(&client, Restart::only(["web"])).await;
    client
        .one_offs()
        .start(APP, &NewOneOff::new("rake").detached(true))
        .await
        .unwrap();
    let deployment = trigger(&client).await;
    Told::by(follow(&client, &deployment.id)).await;

    let all: Vec<_> = events.list(APP).items().try_collect().await.unwrap();
    let expected = [
        "deployment",
        "run",
        "restart",
        "scale",
        "delete_variable",
        "edit_variables",
        "new_variable",
    ];
    assert_eq!(kinds(&all), expected, "newest first");
    assert!(!format!("{all:?}").contains("canary"));

    let EventDetails::Variables(variables) = all[5].details() else {
        panic!("{:?}", all[5])
    };
    let [updated] = &variables.updated[..] else {
        panic!("{variables:?}")
    };
    assert_eq!(updated.value.as_ref().unwrap().expose(), "canary-2");
    assert_eq!(updated.old_value.as_ref().unwrap().expose(), "canary");
    assert_eq!(variables.new[0].name.as_deref(), Some("OTHER"));
    assert!(!format!("{variables:?}").contains("canary"));
    let EventDetails::Scale(scaled) = all[3].details() else {
        panic!("{:?}", all[3])
    };
    assert_eq!(
        (
            &*scaled.previous_containers["web"],
            &*scaled.containers["web"]
        ),
        ("1:S", "2:S")
    );
    let EventDetails::Deployment(deployed) = all[0].details() else {
        panic!("{:?}", all[0])
    };
    assert_eq!(deployed.deployment, Some(deployment.id));
    assert_eq!(deployed.status, Some(DeploymentStatus::Success));

    assert_eq!(events.get(APP, &all[2].id).await.unwrap(), all[2]);
    assert!(events.get(APP, "none").await.unwrap_err().is_not_found());
    let last_hours: Vec<_> = events.recent(APP, 72).items().try_collect().await.unwrap();
    assert_eq!(last_hours, all);
}

#[tokio::test]
async fn the_timeline_of_the_account_keeps_apps_that_are_gone() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    client
        .apps()
        .create(&NewApp::new("short-lived"))
        .await
        .unwrap();
    restart_app(&client, Restart::new()).await;
    client
        .apps()
        .delete("short-lived", &CurrentName::new("short-lived"))
        .await
        .unwrap();
    let all: Vec<_> = client
        .events()
        .of_account()
        .items()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(kinds(&all), ["delete_app", "restart", "new_app"]);
    assert_eq!(all[0].app_name.as_deref(), Some("short-lived"));
    let types = client.events().types().await.unwrap();
    let categories = client.events().categories().await.unwrap();
    let category = categories.iter().find(|one| one.name == "addons").unwrap();
    assert!(types.iter().any(|one| one.category_id == category.id));
}

#[tokio::test]
async fn an_event_is_waited_for_without_missing_it() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let events = client.events();
    restart_app(&client, Restart::new()).await;
    let before = events.newest(APP).await.unwrap();
    let restart = |event: &Event| event.kind == EventKind::Restart;
    // It happened before anybody waited for it, and is found; the one before the mark is not.
    restart_app(&client, Restart::only(["web"])).await;
    restart_app(&client, Restart::only(["worker"])).await;
    let found = ended(events.wait_for(APP, before.as_ref(), restart))
        .await
        .unwrap();
    let scope = |event: &Event| match event.details() {
        EventDetails::Restart(restart) => restart.scope,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        found.iter().map(scope).collect::<Vec<_>>(),
        [["web"], ["worker"]],
        "oldest first"
    );

    // One that comes later: the event is there from the start, and says in the end that it went well.
    let mark = found.last().cloned();
    let deployment = trigger(&client).await;
    let is_over = |event: &Event| match event.details() {
        EventDetails::Deployment(deployment) => {
            deployment.status == Some(DeploymentStatus::Success)
        }
        _ => false,
    };
    let wait = events
        .wait_for(APP, mark.as_ref(), is_over)
        .every(Duration::from_millis(10), Duration::from_millis(10));
    let found = ended(wait).await.unwrap();
    let EventDetails::Deployment(deployed) = found[0].details() else {
        panic!("{found:?}")
    };
    assert_eq!(deployed.deployment, Some(deployment.id));

    let backup = |event: &Event| event.kind == EventKind::DatabaseBackupSucceeded;
    let addon = client.addons().list(APP).await.unwrap().remove(0);
    client
        .database(APP, &addon.id)
        .backups()
        .create(&deploykit::scalingo::NoFields {})
        .await
        .unwrap();
    let wait = events
        .wait_for(APP, found.last(), backup)
        .every(Duration::from_millis(10), Duration::from_millis(10));
    let found = ended(wait).await.unwrap();
    let EventDetails::Backup(backup) = found[0].details() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (backup.addon, backup.status.as_deref()),
        (Some(addon.id), Some("done"))
    );
}

#[tokio::test]
async fn what_is_waited_for_may_be_pages_away_and_a_deadline_holds() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let events = client.events();
    restart_app(&client, Restart::new()).await;
    let mark = events.newest(APP).await.unwrap();
    restart_app(&client, Restart::only(["web"])).await;
    for number in 0..120 {
        let variable = NewVariable::new("A", number.to_string());
        client.environment().set(APP, &variable).await.unwrap();
    }
    let restart = |event: &Event| event.kind == EventKind::Restart;
    let found = ended(events.wait_for(APP, mark.as_ref(), restart))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    // A mark that the service no longer has still tells how far to go back.
    let mut gone = mark.clone().unwrap();
    gone.id = "gone".into();
    let found = ended(events.wait_for(APP, Some(&gone), restart))
        .await
        .unwrap();
    assert!((1..=2).contains(&found.len()), "{found:?}");

    let before = sandbox.requests().len();
    let never = events.wait_for(APP, events.newest(APP).await.unwrap().as_ref(), |_| true);
    let never = never.every(Duration::from_millis(5), Duration::from_millis(20));
    let error = ended(never.deadline(Duration::from_millis(200)))
        .await
        .unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Deadline);
    assert_eq!(error.last, Some(Vec::new()));
    assert!(sandbox.requests().len() > before + 2, "it looked again");
    let error = events.recent(APP, 73).await.unwrap_err();
    assert!(
        error.is_invalid() && error.to_string().contains("`hours`"),
        "{error}"
    );
}
