//! The main job: trigger a deployment and follow it to each of its ends.

use deploykit::scalingo::{DeploymentStatus, NewDeployment};
use deploykit_sandbox::MetaStyle;
use deploykit_sandbox::scalingo::{NewFrame, Outcome};

use crate::support::*;

async fn ends(outcome: Outcome, statuses: Vec<&str>) {
    // Queued for long enough to be seen.
    let queued = std::time::Duration::from_secs(15);
    let sandbox = start(sandbox().outcome(outcome.clone()).queued_for(queued)).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let told = Told::by(follow(&client, &deployment.id)).await;

    assert!(told.error.is_none(), "{told:?}");
    assert_eq!(told.statuses, statuses, "{outcome:?}");
    assert_eq!(told.lines, kept(&sandbox, &deployment.id), "{outcome:?}");
    assert!(told.lines.len() > 5, "{outcome:?}");
    assert_eq!(told.status(), outcome.status());
    let finished = told.finished.unwrap();
    assert_eq!(finished.id, deployment.id);
    assert_eq!(finished.succeeded(), outcome == Outcome::Success);
    assert!(finished.is_finished() && finished.finished_at.is_some());
    assert_eq!(told.gaps, [], "the stream never broke");
    assert_eq!(count(&sandbox, "POST", "/deployments"), 1);
}

#[tokio::test]
async fn a_deployment_is_followed_to_each_of_its_ends() {
    const STARTED: [&str; 4] = ["queued", "building", "pushing", "starting"];
    let starting = |end| [&STARTED[..], &[end]].concat();
    let other = Outcome::Other("quota-error".to_owned());
    tokio::join!(
        ends(Outcome::Success, starting("success")),
        ends(
            Outcome::BuildError,
            vec!["queued", "building", "build-error"]
        ),
        ends(
            Outcome::AbortedBuilding,
            vec!["queued", "building", "aborted"]
        ),
        ends(
            Outcome::AbortedPushing,
            vec!["queued", "building", "pushing", "aborted"]
        ),
        ends(Outcome::CrashedError, starting("crashed-error")),
        ends(Outcome::TimeoutError, starting("timeout-error")),
        ends(Outcome::HookError, starting("hook-error")),
        ends(other, starting("quota-error")),
    );
}

#[tokio::test]
async fn waiting_gives_the_outcome_and_a_failure_is_no_error() {
    let sandbox = start(sandbox().outcome(Outcome::CrashedError)).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let ended = bounded(follow(&client, &deployment.id).wait())
        .await
        .unwrap();
    assert_eq!(ended.status, Some(DeploymentStatus::CrashedError));
    assert!(!ended.succeeded());
}

#[tokio::test]
async fn a_deployment_that_has_ended_is_told_from_the_kept_log_without_a_stream() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let first = Told::by(follow(&client, &deployment.id)).await;
    sandbox.clear_requests();
    let again = Told::by(follow(&client, &deployment.id)).await;
    assert_eq!(again.statuses, ["success"]);
    assert_eq!(again.lines, first.lines);
    assert_eq!(again.finished, first.finished);
    assert_eq!(count(&sandbox, "GET", "/apps/example-app"), 0, "no stream");
    assert!(sandbox.requests().len() <= 3);
}

#[tokio::test]
async fn a_deployment_without_a_log_has_no_lines() {
    let sandbox = start(sandbox().history(1)).await;
    let client = client(&sandbox);
    let page = bounded(client.deployments().list(APP).into_future()).await;
    let told = Told::by(follow(&client, &page.unwrap().items[0].id)).await;
    assert_eq!((told.status().as_str(), told.lines.len()), ("success", 0));
}

#[tokio::test]
async fn answers_that_leave_out_what_they_may_are_enough() {
    let sandbox = sandbox().sparse().trigger_status(200).without_new_frames();
    let sandbox = start(sandbox.meta(MetaStyle::Echo)).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let told = Told::by(follow(&client, &deployment.id)).await;
    assert_eq!(told.status(), "success", "known from the stream alone");
    assert_eq!(told.lines, kept(&sandbox, &deployment.id));
}

#[tokio::test]
async fn deployments_side_by_side_do_not_mix() {
    let sandbox = sandbox()
        .parallel_deployments()
        .new_frames(NewFrame::Object)
        .log_lines(300);
    let sandbox = start(sandbox).await;
    let client = client(&sandbox);
    sandbox.next_outcome(Outcome::Success);
    sandbox.next_outcome(Outcome::BuildError);
    let (first, second) = (trigger(&client).await, trigger(&client).await);
    assert_ne!(first.id, second.id);
    let (one, two) = tokio::join!(
        Told::by(follow(&client, &first.id)),
        Told::by(follow(&client, &second.id)),
    );
    assert_eq!(
        (one.status().as_str(), two.status().as_str()),
        ("success", "build-error")
    );
    assert_eq!(one.lines, kept(&sandbox, &first.id));
    assert_eq!(two.lines, kept(&sandbox, &second.id));
    assert_ne!(one.lines, two.lines);
}

#[tokio::test]
async fn a_deadline_ends_the_following_and_not_the_deployment() {
    let sandbox = start(sandbox().speed(0.001)).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let deadline = std::time::Duration::from_millis(100);
    let told = Told::by(follow(&client, &deployment.id).deadline(deadline)).await;
    let error = told.error.unwrap();
    assert!(error.is_timeout(), "{error}");
    assert!(
        error.to_string().contains(deployment.id.as_str()),
        "{error}"
    );
    assert_eq!(sandbox.deployments(APP)[0]["status"], "queued");
}

#[tokio::test]
async fn limits_without_end_are_no_panic() {
    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let deployment = trigger(&client).await;
    let forever = std::time::Duration::MAX;
    let follow = follow(&client, &deployment.id);
    let follow = follow.deadline(forever).silence(forever);
    let told = Told::by(follow.check_every(forever)).await;
    assert_eq!(told.status(), "success");
}

#[tokio::test]
async fn the_cache_is_reset_and_the_output_comes_whole_or_in_lines() {
    use futures::TryStreamExt;

    let sandbox = start(sandbox()).await;
    let client = client(&sandbox);
    let deployments = client.deployments();
    deployments.reset_cache(APP).await.unwrap();
    assert_eq!(count(&sandbox, "DELETE", "/caches/deployment"), 1);
    let source = NewDeployment::new(SOURCE);
    let deployment = deployments.trigger(APP, &source).await.unwrap();
    Told::by(follow(&client, &deployment.id)).await;
    let whole = deployments.output(APP, deployment.id.clone()).await;
    let id = deployment.id.as_str();
    assert_eq!(whole.unwrap().0, sandbox.output(APP, id).unwrap());
    let lines = deployments.output_lines(APP, deployment.id.clone()).await;
    let lines: Vec<_> = bounded(lines.unwrap().try_collect()).await.unwrap();
    assert_eq!(lines, kept(&sandbox, &deployment.id));
    let missing = deployments.output(APP, "no-such-deployment").await;
    assert!(missing.unwrap_err().is_not_found());
}
