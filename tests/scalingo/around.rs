//! What a deploy script does around a deployment.

use std::time::Duration;

use deploykit::ErrorKind;
use deploykit::scalingo::{
    AddonPlanChange, AddonStatus, CurrentName, ManualDeploy, ManualReviewApp, NewApp, NewName,
    NewOneOff, NewOwner, NewScmRepoLink, NewVariable, NewVariables, Restart, Scale, ScaleTo,
    VariableIds,
};
use futures::TryStreamExt as _;

use crate::support::{
    APP, Told, are_refused_unsent, bounded, client, count, follow, sandbox, start, trigger,
};

/// Things that take seconds take a hundredth of that.
fn fast() -> deploykit_sandbox::Builder<deploykit_sandbox::scalingo::Scalingo> {
    sandbox().speed(100.0)
}

#[tokio::test]
async fn variables_are_set_resolved_and_deleted() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let environment = client.environment();
    let pairs = [("DATABASE_URL", "canary"), ("URL", "$DATABASE_URL")];
    let set = environment
        .set_all(APP, &NewVariables::from_iter(pairs))
        .await
        .unwrap();
    assert_eq!(set.len(), 2);
    assert!(!format!("{set:?}").contains("canary"));
    environment
        .set(APP, &NewVariable::new("DATABASE_URL", "canary-2"))
        .await
        .unwrap();
    let value =
        |variables: &[deploykit::scalingo::Variable]| variables[1].value.expose().to_owned();
    assert_eq!(
        value(&environment.list(APP).await.unwrap()),
        "$DATABASE_URL"
    );
    assert_eq!(
        value(&environment.list_resolved(APP).await.unwrap()),
        "canary-2"
    );
    let found = environment.find(APP, "URL").await.unwrap().unwrap();
    environment.delete(APP, &found.id).await.unwrap();
    assert!(environment.find(APP, "URL").await.unwrap().is_none());
    let rest = environment.list(APP).await.unwrap();
    let ids: Vec<_> = rest.into_iter().map(|variable| variable.id).collect();
    environment
        .delete_all(APP, &VariableIds::new(ids))
        .await
        .unwrap();
    assert!(environment.list(APP).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refused_value_is_in_no_error() {
    let sandbox = start(fast()).await;
    let quoting = r#"{"errors":{"value":["canary-value is too long"]}}"#;
    for method in ["POST", "PUT"] {
        sandbox
            .faults()
            .on(method, "/v1/apps/*/variables")
            .body(quoting)
            .status(422);
    }
    let environment = client(&sandbox).environment();
    let one = environment
        .set(APP, &NewVariable::new("A", "canary-value"))
        .await
        .unwrap_err();
    let pairs = NewVariables::from_iter([("A", "canary-value")]);
    let many = environment.set_all(APP, &pairs).await.unwrap_err();
    for error in [one, many] {
        assert_eq!(error.status(), Some(422));
        assert!(
            !error.report().contains("canary-value"),
            "{}",
            error.report()
        );
    }
}

#[tokio::test]
async fn scaling_is_waited_for_and_repeated_safely() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let never = client
        .containers()
        .scale(APP, &Scale::to("web", 2))
        .await
        .unwrap();
    assert_eq!(
        (never.operation, never.containers[0].amount),
        (None, Some(2))
    );
    assert!(
        client.containers().list(APP).await.unwrap().is_empty(),
        "nothing was deployed"
    );

    let deployment = trigger(&client).await;
    assert_eq!(
        Told::by(follow(&client, &deployment.id)).await.status(),
        "success"
    );
    // The connection breaks after the work was done: the call is made again, and comes to the same.
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/scale")
        .reset_after();
    let order = Scale::to("web", 3).and(ScaleTo::new("worker", 1).size("M"));
    let scaled = bounded(client.containers().scale(APP, &order).into_future())
        .await
        .unwrap();
    assert_eq!(count(&sandbox, "POST", "/scale"), 3);
    let wait = client.operations().wait(APP, scaled.operation.unwrap());
    let operation = bounded(wait.into_future()).await.unwrap();
    assert!(operation.finished_at.is_some());
    let running = client.containers().list(APP).await.unwrap();
    let names: Vec<_> = running.iter().map(|one| one.name()).collect();
    assert_eq!(names, ["web-1", "web-2", "web-3", "worker-1"]);

    let restarted = client
        .containers()
        .restart(APP, &Restart::only(["web"]))
        .await
        .unwrap();
    bounded(
        client
            .operations()
            .wait(APP, restarted.operation.unwrap())
            .into_future(),
    )
    .await
    .unwrap();
    let refused = client
        .containers()
        .scale(APP, &Scale::to("web", 11))
        .await
        .unwrap_err();
    assert!(
        refused.to_string().contains("container-web-amount"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_operation_that_fails_says_why() {
    let sandbox = start(fast().failing_operations()).await;
    let client = client(&sandbox);
    let restarted = client
        .containers()
        .restart(APP, &Restart::new())
        .await
        .unwrap();
    let wait = client.operations().wait(APP, restarted.operation.unwrap());
    let error = bounded(wait.into_future()).await.unwrap_err();
    assert_eq!(error.cause.kind(), ErrorKind::Failed);
    assert!(
        error.to_string().contains("fail to change the containers"),
        "{error}"
    );
    assert!(error.last.is_some());
}

#[tokio::test]
async fn a_one_off_tells_its_exit_code_and_output() {
    for builder in [fast(), fast().without_operation_url()] {
        let sandbox = start(builder).await;
        let client = client(&sandbox);
        let migrate = NewOneOff::new("rake db:migrate").env("TOKEN", "canary");
        assert!(!format!("{migrate:?}").contains("canary"));
        let ended = bounded(client.one_offs().run(APP, &migrate)).await.unwrap();
        assert!(ended.succeeded());
        assert!(
            ended.output.starts_with("running rake db:migrate\n"),
            "{}",
            ended.output
        );
        let failed = bounded(client.one_offs().run(APP, &NewOneOff::new("exit 3")))
            .await
            .unwrap();
        assert_eq!(failed.exit_code, Some(3));
        assert!(
            !failed.output.contains("migrate"),
            "that is another one's output"
        );
        assert!(client.containers().list(APP).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_one_off_that_may_have_been_started_is_not_started_twice() {
    let sandbox = start(fast()).await;
    sandbox.faults().on("POST", "/v1/apps/*/run").reset_after();
    let error = bounded(
        client(&sandbox)
            .one_offs()
            .run(APP, &NewOneOff::new("rake")),
    )
    .await
    .unwrap_err();
    assert!(error.may_have_been_sent(), "{error}");
    assert_eq!(count(&sandbox, "POST", "/run"), 1);
}

#[tokio::test]
async fn a_one_off_whose_operation_is_an_id_alone_is_waited_for() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let restart = client.containers().restart(APP, &Restart::new());
    let id = restart.await.unwrap().operation.unwrap();
    let answer = format!(r#"{{"container":{{"id":"c"}},"operation_url":"","operation":"{id}"}}"#);
    let fault = sandbox.faults().on("POST", "/v1/apps/*/run").body(answer);
    fault.status(200);
    let ended = client.one_offs();
    let ended = bounded(ended.run(APP, &NewOneOff::new("rake")))
        .await
        .unwrap();
    assert_eq!(ended.exit_code, None, "no address tells it");
    assert!(count(&sandbox, "GET", &format!("/operations/{id}")) > 0);
}

#[tokio::test]
async fn a_one_off_ends_within_its_deadline_and_tells_its_own_lines_alone() {
    let sandbox = start(sandbox().speed(4.0)).await;
    let client = client(&sandbox);
    // The operation takes half a second, and the command twice as long: there is one deadline for all of it.
    let late = client.one_offs();
    let late = late.run_within(APP, &NewOneOff::new("rake"), Duration::from_millis(900));
    let error = bounded(late).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");

    sandbox
        .write_log(APP, "one-off-47120", "of another")
        .unwrap();
    let ended = bounded(client.one_offs().run(APP, &NewOneOff::new("exit 2")))
        .await
        .unwrap();
    assert_eq!(ended.output, "running exit 2\nexit 2 ended with 2\n");
}

#[tokio::test]
async fn the_bearer_is_not_taken_to_a_foreign_address_of_a_one_off() {
    let sandbox = start(fast()).await;
    let answer =
        r#"{"container":{"id":"c"},"operation_url":"","attach_url":"https://evil.example/x"}"#;
    sandbox
        .faults()
        .on("POST", "/v1/apps/*/run")
        .body(answer)
        .status(200);
    let error = bounded(
        client(&sandbox)
            .one_offs()
            .run(APP, &NewOneOff::new("rake")),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Origin, "{error}");
}

#[tokio::test]
async fn applications_are_made_changed_renamed_and_deleted() {
    let sandbox = start(fast()).await;
    let apps = client(&sandbox).apps();
    assert_eq!(
        apps.dry_run(&NewApp::new("my-new-app")).await.unwrap().name,
        "my-new-app"
    );
    assert!(apps.get("my-new-app").await.unwrap_err().is_not_found());
    let made = apps.create(&NewApp::new("my-new-app")).await.unwrap();
    assert!(
        apps.create(&NewApp::new("my-new-app"))
            .await
            .unwrap_err()
            .to_string()
            .contains("taken")
    );
    let child = apps
        .create_child(
            made.name.as_str(),
            &deploykit::scalingo::ChildName::new("my-child"),
        )
        .await
        .unwrap();
    assert_eq!(child.parent_app_name.as_deref(), Some("my-new-app"));
    assert_eq!(apps.children("my-new-app").await.unwrap().items.len(), 1);
    apps.rename("my-new-app", &NewName::new("my-new-app", "my-old-app"))
        .await
        .unwrap();
    let owner = NewOwner::new("new@example.com");
    let wrong = CurrentName::new("my-new-app");
    assert_eq!(
        apps.transfer("my-old-app", &wrong, &owner)
            .await
            .unwrap_err()
            .status(),
        Some(422)
    );
    assert_eq!(
        apps.delete("my-old-app", &wrong)
            .await
            .unwrap_err()
            .status(),
        Some(422)
    );
    let name = CurrentName::new("my-old-app");
    let given = apps.transfer("my-old-app", &name, &owner).await.unwrap();
    assert_eq!(
        given.owner.unwrap().email.as_deref(),
        Some("new@example.com")
    );
    apps.delete("my-old-app", &name).await.unwrap();
    assert!(apps.get("my-old-app").await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_branch_and_a_review_are_deployed_and_can_be_followed() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let links = client.scm_repo_links();
    assert!(links.get(APP).await.unwrap_err().is_not_found());
    let link = NewScmRepoLink::new("https://github.com/me/app", "7e1c").branch("main");
    assert_eq!(links.create(APP, &link).await.unwrap().repo, "app");
    for (integration, amount) in [("7e1c", 1), ("other", 0)] {
        let of_it: Vec<_> = links
            .of_integration(integration)
            .items()
            .try_collect()
            .await
            .unwrap();
        assert_eq!(of_it.len(), amount, "{integration}");
    }
    let deployment = links.deploy(APP, &ManualDeploy::new("main")).await.unwrap();
    assert_eq!(deployment.git_ref.as_deref(), Some("main"));
    assert_eq!(
        Told::by(follow(&client, &deployment.id)).await.status(),
        "success"
    );
    let review = links.review(APP, &ManualReviewApp::new(12)).await.unwrap();
    assert_eq!(review.app_name, "example-app-pr12");
    let deployment = review
        .last_deployment
        .unwrap()
        .upstream_deployment_id
        .unwrap();
    let followed = client.follow(review.app_name.as_str(), deployment);
    assert_eq!(Told::by(followed).await.status(), "success");
    links.delete(APP).await.unwrap();
}

#[tokio::test]
async fn a_database_is_backed_up_and_the_backup_downloaded() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let addons = client.addons().list(APP).await.unwrap();
    let database = client.database(APP, &addons[0].id);
    // However many calls at once, and however many handles: one token.
    let again = client.database(APP, &addons[0].id);
    let (one, other) = tokio::join!(database.get().into_future(), again.get().into_future());
    assert_eq!(one.unwrap().id, other.unwrap().id);
    assert_eq!(count(&sandbox, "POST", "/token"), 1);

    let backup = bounded(database.backups().create_and_wait()).await.unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("backup.tar.gz");
    let saved = database
        .backups()
        .download(&backup.id)
        .await
        .unwrap()
        .save_to(&file)
        .await
        .unwrap();
    assert_eq!(Some(saved.bytes), backup.size);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), saved.bytes);

    // A token that was revoked is made anew, once; the bearer was revoked, too, and refused first.
    sandbox.expire_tokens();
    database.get().await.unwrap();
    assert_eq!(count(&sandbox, "POST", "/token"), 3);
    let restored = database
        .backups()
        .restore(&backup.id, &deploykit::scalingo::NoFields {})
        .await
        .unwrap();
    bounded(
        database
            .backups()
            .wait_for_restoration(restored.id)
            .into_future(),
    )
    .await
    .unwrap();
    let upgrade = database
        .upgrade(&deploykit::scalingo::NoFields {})
        .await
        .unwrap();
    let operation = bounded(database.wait(upgrade.operation.unwrap()).into_future())
        .await
        .unwrap();
    assert_eq!(operation.status.unwrap().to_string(), "finished");

    // Neither token was seen where it does not belong.
    for sent in sandbox.requests() {
        let authorization = sent.header("authorization").unwrap_or_default().to_owned();
        let of_database = authorization.contains("database-token");
        assert_eq!(
            of_database,
            sent.path.starts_with("/api/"),
            "{} {authorization}",
            sent.path
        );
        assert!(!sent.path.starts_with("/backups/") || authorization.is_empty());
    }
}

#[tokio::test]
async fn add_ons_are_provisioned_changed_and_removed() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let plans = client.addon_providers().plans("redis").await.unwrap();
    let order = deploykit::scalingo::NewAddon::new("redis", &plans[0].id);
    let made = client
        .addons()
        .provision(APP, &order)
        .await
        .unwrap()
        .addon
        .unwrap();
    assert_eq!(made.status, Some(AddonStatus::Provisioning));
    let ready = client.addons().wait(APP, &made.id);
    let ready = ready.every(Duration::from_millis(5), Duration::from_millis(5));
    let ready = bounded(ready.into_future()).await.unwrap();
    assert_eq!(ready.status, Some(AddonStatus::Running));
    let change = AddonPlanChange::new("plan-postgresql-starter-512");
    client
        .addons()
        .change_plan(APP, &made.id, &change)
        .await
        .unwrap();
    let sso = client.addons().sso(APP, &made.id).await.unwrap();
    assert!(!format!("{sso:?}").contains("sso-ad"), "{sso:?}");
    client.addons().delete(APP, &made.id).await.unwrap();
    assert!(
        client
            .addons()
            .get(APP, &made.id)
            .await
            .unwrap_err()
            .is_not_found()
    );
    // The database is gone, and so is its token.
    let gone = client.database(APP, &made.id).get().await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Credential, "{gone}");
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let sandbox = start(fast()).await;
    let client = client(&sandbox);
    let long = "x".repeat(32_769);
    let environment = client.environment();
    let refused = [
        (
            environment
                .set(APP, &NewVariable::new("", "x"))
                .await
                .unwrap_err(),
            "name",
        ),
        (
            environment
                .set(APP, &NewVariable::new("A", long))
                .await
                .unwrap_err(),
            "value",
        ),
        (
            environment
                .delete_all(APP, &VariableIds::new([]))
                .await
                .unwrap_err(),
            "variable_ids",
        ),
        (
            client
                .containers()
                .scale(APP, &Scale::to(" ", 1))
                .await
                .unwrap_err(),
            "containers",
        ),
        (
            client
                .one_offs()
                .run(APP, &NewOneOff::new(" "))
                .await
                .unwrap_err(),
            "command",
        ),
        (
            client
                .apps()
                .create(&NewApp::new("Bad_Name"))
                .await
                .unwrap_err(),
            "name",
        ),
        (
            client
                .apps()
                .delete(APP, &CurrentName::new(""))
                .await
                .unwrap_err(),
            "current_name",
        ),
        (
            client.database(APP, "").get().await.unwrap_err(),
            "addon_id",
        ),
        (
            client
                .database(APP, "..")
                .backups()
                .list()
                .into_future()
                .await
                .unwrap_err(),
            "addon_id",
        ),
        (
            client
                .scm_repo_links()
                .deploy(APP, &ManualDeploy::new(" "))
                .await
                .unwrap_err(),
            "branch",
        ),
    ];
    are_refused_unsent(refused, &sandbox);
}
