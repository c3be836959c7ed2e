//! Devopness, from an application to the end of its deployment, against its stand-in.

#![allow(
    deprecated,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use deploykit::devopness::actions::{Action, ActionStatus, ActionType};
use deploykit::devopness::api_tokens::{ApiTokenStatus, NewApiToken};
use deploykit::devopness::applications::{DeploymentType, NewDeployment, SourceType};
use deploykit::devopness::credentials::ProviderCredential;
use deploykit::devopness::daemons::{DaemonTargets, NewDaemon};
use deploykit::devopness::environments::EnvironmentRelation;
use deploykit::devopness::hooks::{
    Hook, HookRequest, HookSigner, HookTypeParam, HookUpdate, NewHook,
};
use deploykit::devopness::pipelines::{NewStep, PipelineRun, PipelineStepRunnerName, StepUpdate};
use deploykit::devopness::projects::{ListProjects, NewProject};
use deploykit::devopness::resources::{ResourceToBeLinked, ResourceType};
use deploykit::devopness::servers::{
    DeleteServer, NewServer, ServerCloudServiceCode, ServerId, ServerProvisionInput,
};
use deploykit::devopness::teams::{NewInvitation, TeamInvitationType};
use deploykit::devopness::users::UserActivity;
use deploykit::devopness::variables::{ListVariables, NewVariable, VariableTarget, VariableType};
use deploykit::devopness::{Client, ClientBuilder, Nullable};
use deploykit::{ErrorKind, RetryPolicy, Secret, Time, Wait};
use deploykit_sandbox::devopness::{Devopness, Outcome};
use deploykit_sandbox::{Builder, Running, Sandbox};
use futures::StreamExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const CANARY: &str = "devopness_pat_canary";

async fn start(sandbox: Builder<Devopness>) -> Running<Devopness> {
    sandbox.speed(50.0).start().await.unwrap()
}

fn builder(sandbox: &Running<Devopness>) -> ClientBuilder {
    Client::builder()
        .token(sandbox.token())
        .base_url(sandbox.base_url())
}

fn client(sandbox: &Running<Devopness>) -> Client {
    builder(sandbox).build().unwrap()
}

/// The sandbox's actions take a tenth of a second: looks once a while are enough, those every 2 s are not.
fn often<T: Clone + Send + 'static>(wait: Wait<T>) -> Wait<T> {
    wait.every(Duration::from_millis(5), Duration::from_millis(20))
        .deadline(Duration::from_secs(20))
}

fn deploy() -> NewDeployment {
    NewDeployment::new(DeploymentType::Deploy)
}

fn in_a_month() -> Time {
    let at = Timestamp::now() + SignedDuration::from_hours(30 * 24);
    Time::parse(&at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[tokio::test]
async fn a_deployment_is_followed_to_its_end() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    let applications = client
        .applications()
        .list_by_environment(1u64)
        .await
        .unwrap();
    let application = &applications.items[0];
    let deployment = deploy().source_type(SourceType::Branch).source_ref("main");
    let dispatched = client
        .applications()
        .deploy(application.id, &deployment)
        .await
        .unwrap();
    let id = dispatched.action_id.unwrap();

    let mut seen = Vec::new();
    let mut steps = Vec::new();
    let mut wait = often(dispatched.wait(&client));
    while let Some(progress) = wait.next().await {
        let action = progress.unwrap().value().clone();
        assert_eq!(action.id, id);
        seen.push(action.status.clone());
        steps.push(action.steps_done());
        for (target, step) in action.current_steps() {
            assert!(target.label().starts_with("web-srv-"), "{}", target.label());
            let log = client.actions().step_log(step).await.unwrap();
            assert_eq!(log.step.unwrap().order, step.order);
        }
    }
    assert_eq!(seen.last(), Some(&ActionStatus::Completed));
    assert!(steps.is_sorted(), "progress never goes back: {steps:?}");
    assert!(steps.iter().all(|(done, all)| done <= all), "{steps:?}");
    let (done, all) = *steps.last().unwrap();
    assert!(all > 0 && done == all);
    let deployments = sandbox
        .requests()
        .iter()
        .filter(|sent| sent.method == "POST")
        .count();
    assert_eq!(deployments, 1);
}

#[tokio::test]
async fn a_failed_deployment_tells_which_step_failed_and_where() {
    let sandbox = start(Sandbox::devopness()).await;
    sandbox.next_outcome(Outcome::FailedAt(3));
    let client = client(&sandbox);
    let dispatched = client.applications().deploy(1u64, &deploy()).await.unwrap();
    let failed = often(dispatched.wait(&client)).await.unwrap_err();
    assert_eq!(failed.cause.kind(), ErrorKind::Failed);
    let message = failed.to_string();
    let action = failed.last.unwrap();
    let (target, step) = action.failed_steps().next().unwrap();
    assert_eq!(step.order, Some(3));
    let name = step.name.as_deref().unwrap();
    for part in [
        &format!("action {}", action.id),
        "deploy failed",
        &target.label(),
        "step 3",
        name,
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let log = client.actions().step_log(step).await.unwrap();
    assert!(log.step.unwrap().output.unwrap().contains("ERROR"));

    let again = client.actions().retry(action.id).await.unwrap();
    assert_eq!(again.retry_of, Some(action.id));
    let ended = often(client.actions().wait(again.id)).await.unwrap();
    assert_eq!(ended.status, ActionStatus::Completed);
}

#[tokio::test]
async fn the_wait_outlives_faults_and_ends_at_its_deadline() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    sandbox
        .faults()
        .on("GET", "/actions/*")
        .times(2)
        .status(503);
    sandbox
        .faults()
        .on("GET", "/actions/*")
        .times(1)
        .truncated_body();
    let dispatched = client.applications().deploy(1u64, &deploy()).await.unwrap();
    often(dispatched.wait(&client)).await.unwrap();

    let slow = Sandbox::devopness()
        .duration(Duration::from_secs(3600))
        .start()
        .await
        .unwrap();
    let client = self::client(&slow);
    let dispatched = client.applications().deploy(1u64, &deploy()).await.unwrap();
    let late = often(dispatched.wait(&client)).deadline(Duration::from_millis(100));
    let late = late.await.unwrap_err();
    assert_eq!(late.cause.kind(), ErrorKind::Deadline);
    assert!(!late.last.unwrap().status.is_final());
}

#[tokio::test]
async fn an_action_whose_answer_was_lost_is_not_started_again() {
    let sandbox = start(Sandbox::devopness()).await;
    sandbox
        .faults()
        .on("POST", "/applications/*/deployments")
        .times(1)
        .reset_after();
    let error = client(&sandbox)
        .applications()
        .deploy(1u64, &deploy())
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(sandbox.actions().len(), 1);

    sandbox
        .faults()
        .on("DELETE", "/servers/*")
        .times(1)
        .reset_after();
    let kept = DeleteServer::new().destroy_server_disks(false);
    let error = client(&sandbox)
        .servers()
        .delete(2u64, &kept)
        .await
        .unwrap_err();
    assert!(error.may_have_been_sent());
    assert_eq!(sandbox.actions().len(), 2);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_still_names_the_action_it_started() {
    let sandbox = start(Sandbox::devopness()).await;
    sandbox
        .faults()
        .on("POST", "/hooks/*/trigger")
        .times(1)
        .header("x-devopness-action-id", "4294967301")
        .body("[1]")
        .status(202);
    let error = client(&sandbox).hooks().trigger("a").await.unwrap_err();
    assert!(error.is_decode() && error.may_have_been_sent());
    assert!(error.to_string().contains("action 4294967301"), "{error}");
}

#[test]
fn counts_may_have_a_fraction_or_come_as_text() {
    let activity = r#"{"projects": {"owner_of": 2.5, "member_of": "3"}, "teams": []}"#;
    let read: UserActivity = serde_json::from_str(activity).unwrap();
    let projects = read.projects.unwrap();
    assert_eq!((projects.owner_of, projects.member_of), (Some(2), Some(3)));
    let environment = r#"{"id": "7", "used_credits": 12.75}"#;
    let read: EnvironmentRelation = serde_json::from_str(environment).unwrap();
    assert_eq!((read.id.get(), read.used_credits), (7, Some(12)));
}

#[test]
fn objects_without_fields_may_come_as_empty_lists() {
    let fixture = include_str!("../fixtures/devopness/getAction.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let mut action = fixture["response"]["body"].clone();
    for field in ["action_data", "hook_requests"] {
        action[field] = json!([]);
    }
    action["targets"][0]["resource_data"] = json!([]);
    let read: Action = serde_json::from_value(action).unwrap();
    assert_eq!((read.action_data, read.hook_requests), (None, None));
    assert_eq!(read.targets.unwrap()[0].resource_data, None);

    let fixture = include_str!("../fixtures/devopness/getHook.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let mut hook = fixture["response"]["body"].clone();
    for field in ["settings", "trigger_when"] {
        hook[field] = json!([]);
    }
    let read: Hook = serde_json::from_value(hook.clone()).unwrap();
    assert_eq!(read.settings, None);
    assert_eq!(read.trigger_when, None);
    hook["settings"] = json!(["variables"]);
    assert!(serde_json::from_value::<Hook>(hook).is_err());
}

#[test]
fn recorded_hook_requests_show_no_headers_and_bodies() {
    let fixture = include_str!("../fixtures/devopness/getHookRequest.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let mut request = fixture["response"]["body"].clone();
    for field in [
        "request_headers",
        "request_body",
        "response_headers",
        "response_body",
    ] {
        request[field] = json!({"authorization": CANARY});
    }
    let read: HookRequest = serde_json::from_value(request).unwrap();
    assert!(!format!("{read:?}").contains(CANARY), "{read:?}");
    assert_eq!(read.request_headers["authorization"], CANARY);
}

#[tokio::test]
async fn pipelines_have_steps_and_run() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    let pipelines = client.pipelines();
    let listed = pipelines
        .list_by_resource(ResourceType::Application, 1u64)
        .await
        .unwrap();
    let pipeline = listed.items[0].id;
    let new = NewStep::new("npm run test:all", PipelineStepRunnerName::Custom).name("Run tests");
    let step = pipelines.add_step(pipeline, &new).await.unwrap();
    let change = StepUpdate::new(step.id, "npm run test:unit", PipelineStepRunnerName::Custom)
        .name("Run tests");
    pipelines
        .update_step(pipeline, step.id, &change)
        .await
        .unwrap();
    let names = async || -> Vec<_> {
        let pipeline = pipelines.get(pipeline).await.unwrap();
        pipeline
            .steps
            .into_iter()
            .map(|step| step.command)
            .collect()
    };
    assert!(names().await.contains(&"npm run test:unit".to_owned()));
    pipelines.unlink_step(pipeline, step.id).await.unwrap();
    assert!(!names().await.contains(&"npm run test:unit".to_owned()));
    pipelines.link_step(pipeline, step.id).await.unwrap();

    let action = pipelines.run(pipeline, &PipelineRun::new()).await.unwrap();
    assert_eq!(action.kind, ActionType::Deploy);
    let ended = often(client.actions().wait(action.id)).await.unwrap();
    assert_eq!(ended.pipeline_id, Some(pipeline));
    let ran = pipelines.actions(pipeline).await.unwrap();
    assert_eq!(ran.items[0].id, action.id);
}

#[tokio::test]
async fn signed_hooks_are_accepted_and_others_refused() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    let new = NewHook::new("from CI")
        .active(true)
        .requires_secret(true)
        .secret_algorithm("sha256")
        .secret_header_name("X-Signature");
    let hook = client
        .pipelines()
        .add_hook(1u64, HookTypeParam::Incoming, &new)
        .await
        .unwrap();
    let signer = HookSigner::of(&hook).unwrap();
    let body = json!({"ref": "refs/heads/main"});
    let bytes = serde_json::to_vec(&body).unwrap();
    let theirs = sandbox.hook_signature(hook.id.as_str(), &bytes).unwrap();
    assert_eq!(signer.sign(&bytes), theirs);
    assert!(signer.verify(&bytes, &theirs));

    let triggered = client
        .hooks()
        .trigger_signed(&hook.id, &body, &signer)
        .await
        .unwrap();
    often(triggered.wait(&client)).await.unwrap();
    let forged = HookSigner::new("sha256", "X-Signature", "another secret").unwrap();
    let refused = client
        .hooks()
        .trigger_signed(&hook.id, &body, &forged)
        .await
        .unwrap_err();
    assert!(refused.is_forbidden());
    assert!(
        client
            .hooks()
            .trigger(&hook.id)
            .await
            .unwrap_err()
            .is_forbidden()
    );

    let requests = client
        .hooks()
        .requests(HookTypeParam::Incoming, &hook.id)
        .await
        .unwrap()
        .items;
    assert_eq!(requests.len(), 3);
    let accepted = requests
        .iter()
        .find(|request| request.action_id.is_some())
        .unwrap();
    assert_eq!(accepted.action_id, triggered.action_id);
    let accepted = client.hooks().request(&accepted.id).await.unwrap();
    assert_eq!(accepted.response_status_code, Some(200));

    let off = HookUpdate::new(&hook.id, "from CI")
        .active(false)
        .requires_secret(false);
    client
        .hooks()
        .update(HookTypeParam::Incoming, &hook.id, &off)
        .await
        .unwrap();
    assert!(client.hooks().trigger(&hook.id).await.is_err());
}

#[tokio::test]
async fn a_client_rotates_its_own_token_and_goes_on() {
    let sandbox = start(Sandbox::devopness()).await;
    let first = client(&sandbox);
    let new = NewApiToken::new("deploys", 1u64, in_a_month());
    let created = first.api_tokens().add(1u64, &new).await.unwrap();
    let secret = created.token.clone().unwrap();
    let client = Client::builder()
        .token(secret.clone())
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    let clone = client.clone();

    let rotated = client
        .rotate_api_token(1u64, &created.id, in_a_month())
        .await
        .unwrap();
    let next = rotated.token.unwrap();
    assert_ne!(next, secret);
    for client in [&client, &clone] {
        client.projects().get(1u64).await.unwrap();
    }
    let old = Client::builder()
        .token(secret)
        .base_url(sandbox.base_url())
        .build()
        .unwrap();
    assert!(
        old.projects()
            .get(1u64)
            .await
            .unwrap_err()
            .is_unauthorized()
    );

    client.api_tokens().revoke(1u64, &rotated.id).await.unwrap();
    assert!(
        clone
            .projects()
            .get(1u64)
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    let revoked = first.api_tokens().get(1u64, &rotated.id).await.unwrap();
    assert_eq!(revoked.status, ApiTokenStatus::Revoked);
    assert_eq!(revoked.token, None);
}

#[tokio::test]
async fn personal_access_tokens_rotate_too() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    let tokens = client.personal_access_tokens().list().await.unwrap();
    let own = &tokens.items[0];
    let rotated = client
        .rotate_personal_access_token(&own.id, in_a_month())
        .await
        .unwrap();
    assert!(rotated.token.is_some());
    client.users().me().await.unwrap();
    assert!(
        self::client(&sandbox)
            .users()
            .me()
            .await
            .unwrap_err()
            .is_unauthorized()
    );
}

#[tokio::test]
async fn a_token_may_be_copied_with_its_scheme() {
    let sandbox = start(Sandbox::devopness()).await;
    let bare = sandbox.token();
    for token in [format!("Bearer {bare}"), format!(" bearer  {bare}\n")] {
        let client = Client::builder().token(token).base_url(sandbox.base_url());
        client.build().unwrap().users().me().await.unwrap();
    }
}

#[tokio::test]
async fn a_call_under_way_while_the_token_is_replaced_is_sent_again() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = builder(&sandbox).build().unwrap();
    let token = NewApiToken::new("next", 1u64, in_a_month());
    let next = client
        .api_tokens()
        .add(1u64, &token)
        .await
        .unwrap()
        .token
        .unwrap();
    sandbox
        .faults()
        .on("GET", "/projects/1")
        .times(1)
        .delay(Duration::from_millis(300));
    let call = tokio::spawn(client.projects().get(1u64).send());
    while sandbox.requests().len() < 2 {
        tokio::task::yield_now().await;
    }
    client.replace_token(next).unwrap();
    sandbox.expire_token(sandbox.token().as_str());
    assert_eq!(call.await.unwrap().unwrap().value.id, 1u64.into());
}

#[tokio::test]
async fn lists_have_all_four_relations_and_stream_in_order() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    for number in 2..=7 {
        client
            .projects()
            .add_to_organization("acme", &NewProject::new(format!("project {number}")))
            .await
            .unwrap();
    }
    let all = ListProjects::new();
    let page = client
        .projects()
        .list(&all)
        .page(2)
        .per_page(3)
        .await
        .unwrap();
    let numbers = [&page.first, &page.prev, &page.next, &page.last]
        .map(|position| position.as_ref().and_then(|position| position.number()));
    assert_eq!(numbers, [Some(1), Some(1), Some(3), Some(3)]);
    for pages in [1, 4] {
        let items = client
            .projects()
            .list(&all)
            .per_page(3)
            .concurrent(pages)
            .items();
        let ids: Vec<_> = items
            .map(|project| project.unwrap().id.get())
            .collect()
            .await;
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5, 6, 7]);
        assert!(ids.is_sorted() || ids.iter().rev().is_sorted(), "{ids:?}");
    }
    // Static data come all at once, whatever is asked for.
    let types = client
        .static_data()
        .resource_types()
        .per_page(1)
        .items()
        .count()
        .await;
    assert!(types > 0);
}

#[tokio::test]
async fn what_is_added_can_be_fetched_changed_and_deleted() {
    let sandbox = start(Sandbox::devopness()).await;
    let client = client(&sandbox);
    let new = NewVariable::new(
        "TOKEN",
        "canary",
        VariableTarget::OsEnvVar,
        VariableType::Variable,
        true,
    );
    let variable = client
        .variables()
        .add(ResourceType::Application, 1u64, &new)
        .await
        .unwrap();
    let listed = client
        .variables()
        .list_by_resource(ResourceType::Application, 1u64, &ListVariables::new())
        .await
        .unwrap();
    assert!(listed.items.iter().any(|listed| listed.id == variable.id));
    client.variables().delete(variable.id).await.unwrap();
    assert!(
        client
            .variables()
            .get(variable.id)
            .await
            .unwrap_err()
            .is_not_found()
    );

    let server = ResourceToBeLinked::new(ResourceType::Server, ServerId::from(1));
    let new = NewDaemon::new("node worker.js", 2, Nullable::Null, "devopness", "worker")
        .linked_resources([server]);
    let daemon = client.daemons().add(1u64, &new).await.unwrap();
    assert_eq!(daemon.servers.len(), 1);
    let restarted = client
        .daemons()
        .restart(daemon.id, &DaemonTargets::new())
        .await
        .unwrap();
    let action = often(restarted.wait(&client)).await.unwrap();
    assert_eq!(
        (action.kind, action.resource.unwrap().id),
        (ActionType::Restart, daemon.id.into())
    );
}

#[tokio::test]
async fn unpaid_and_invalid_are_told_apart() {
    let sandbox = start(Sandbox::devopness().credits(0)).await;
    let client = client(&sandbox);
    let unpaid = client
        .applications()
        .deploy(1u64, &deploy())
        .await
        .unwrap_err();
    assert!(
        unpaid.is_payment_required() && !unpaid.is_invalid(),
        "{unpaid}"
    );
    let invalid = client
        .projects()
        .add_to_organization("acme", &NewProject::new("x".repeat(61)))
        .await
        .unwrap_err();
    assert!(
        invalid.is_invalid() && !invalid.is_payment_required(),
        "{invalid}"
    );
    assert!(invalid.api().unwrap().fields().contains_key("name"));
}

#[tokio::test]
async fn bad_input_is_refused_before_any_request() {
    let sandbox = start(Sandbox::devopness()).await;
    for token in ["", "  ", "Bearer ", "a\nb"] {
        assert!(Client::builder().token(token).build().is_err(), "{token:?}");
    }
    assert!(
        Client::builder()
            .token("x")
            .base_url("ftp://x")
            .build()
            .is_err()
    );
    let client = client(&sandbox);
    let unsigned = NewHook::new("from CI").requires_secret(true);
    let rented = NewServer::new(
        "web-1",
        ServerProvisionInput::new(ServerCloudServiceCode::AwsEc2),
    );
    for error in [
        client.users().get("..").await.unwrap_err(),
        client.hooks().trigger("").await.unwrap_err(),
        client
            .credentials()
            .repository(1u64, ".", "x")
            .await
            .unwrap_err(),
        client
            .applications()
            .deploy(1u64, &deploy().source_ref("main"))
            .await
            .unwrap_err(),
        client
            .teams()
            .invite(1u64, &NewInvitation::new(TeamInvitationType::Private))
            .await
            .unwrap_err(),
        client
            .pipelines()
            .add_hook(1u64, HookTypeParam::Incoming, &unsigned)
            .await
            .unwrap_err(),
        client
            .servers()
            .add(1u64, &rented)
            .await
            .map(drop)
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert!(client.replace_token(" ").is_err());
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn no_secret_is_shown() {
    let sandbox = start(Sandbox::devopness().personal_access_token(CANARY)).await;
    let client = builder(&sandbox)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let mut shown = vec![format!("{client:?} {:?}", Client::builder().token(CANARY))];
    let credential = ProviderCredential::aws("AKIA", CANARY);
    let variable = NewVariable::new(
        "KEY",
        CANARY,
        VariableTarget::OsEnvVar,
        VariableType::Variable,
        false,
    );
    shown.push(format!("{credential:?} {variable:?}"));
    let add = client
        .variables()
        .add(ResourceType::Application, 1u64, &variable);
    shown.push(format!("{add:?}"));
    shown.push(format!("{:?}", add.await.unwrap()));
    let created = client
        .api_tokens()
        .add(1u64, &NewApiToken::new("deploys", 1u64, in_a_month()))
        .await
        .unwrap();
    let secret = created
        .token
        .as_ref()
        .map(Secret::expose)
        .unwrap()
        .to_owned();
    shown.push(format!("{created:?}"));
    let connect = client.servers().connect(1u64, CANARY);
    shown.push(format!("{connect:?}"));
    client.replace_token(format!("{CANARY}_wrong")).unwrap();
    let error = client.users().me().await.unwrap_err();
    shown.push(format!("{error} {error:?} {}", error.report()));
    for text in shown {
        assert!(!text.contains(CANARY) && !text.contains(&secret), "{text}");
    }
}
