//! Every route of today's tsuru that the client has: what is sent, and what is read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod harness;

use std::collections::BTreeMap;

use deploykit::Error;
use deploykit::core::{Call, Streamed};
use deploykit::tsuru::v1::{
    Client, Deploying, ENDPOINTS, Line, LogEntries, LogEntry, NewDeploy, Output, Starts,
};
use deploykit::tsuru::{Done, InstanceStatus};
use futures::{Stream, TryStreamExt};
use harness::bend::{Exception, prove_bent};
use harness::{Fixture, Replayed, Server, prove, rows_are, text, value};
use serde_json::Value;

fn connect(server: &Server) -> Client {
    connected!(Client::builder().target("").token("test-token"), server)
}

fn call(client: &Client, fixture: &Fixture) -> Replayed {
    let arg = |name: &str| fixture.arg(name);
    let image = NewDeploy::image("registry.example.com/app:7");
    let replayed = match fixture.operation.as_str() {
        "AppDeploy" => deploying(fixture, client, move |client, app| {
            let deploy = image.message("release 7").new_version();
            Box::pin(async move { client.deploy(app, &deploy).await })
        }),
        "AppBuild" => deploying(fixture, client, move |client, app| {
            Box::pin(async move { client.build_image(app, "v1", &image).await })
        }),
        "jobDeploy" => deploying(fixture, client, |client, job| {
            let deploy = NewDeploy::image("r:1").message("x");
            Box::pin(async move { client.deploy_job(job, &deploy).await })
        }),
        "deployRollback" => output(
            fixture,
            Starts::new(client.core()).rollback(arg("app"), &fixture.body()),
        ),
        "deployRebuild" => output(
            fixture,
            Starts::new(client.core()).rebuild(arg("app"), &fixture.body()),
        ),
        "AppList" => value(client.apps().list(&fixture.query())),
        "AppGet" => value(client.apps().get(arg("app"))),
        "AppCreate" => value(client.apps().create(&fixture.body())),
        "AppUpdate" => output(fixture, client.apps().update(arg("app"), &fixture.body())),
        "AppDelete" => output(fixture, client.apps().remove(arg("app"))),
        "AppStart" => output(fixture, client.apps().start(arg("app"), &fixture.body())),
        "AppStop" => output(fixture, client.apps().stop(arg("app"), &fixture.body())),
        "AppRestart" => output(fixture, client.apps().restart(arg("app"), &fixture.body())),
        "AppRun" => output(fixture, client.apps().run(arg("app"), &fixture.body())),
        "AppTeamGrant" => done(client.apps().grant(arg("app"), arg("team"))),
        "AppTeamRevoke" => done(client.apps().revoke(arg("app"), arg("team"))),
        "AppCnameAdd" => done(client.apps().add_cnames(arg("app"), &fixture.body())),
        "AppCnameDelete" => done(client.apps().remove_cnames(arg("app"), &fixture.body())),
        "appVersionDelete" => output(
            fixture,
            client
                .apps()
                .remove_version(arg("app"), fixture.id("version")),
        ),
        "AppSetRoutable" => done(client.apps().set_routable(arg("app"), &fixture.body())),
        "appRebuildRoutes" => value(client.apps().rebuild_routes(arg("app"), &fixture.body())),
        "AutoScaleInfo" => value(client.autoscale().list(arg("app"))),
        "AutoScaleAdd" => done(client.autoscale().set(arg("app"), &fixture.body())),
        "AutoScaleSwap" => done(client.autoscale().swap(arg("app"), &fixture.body())),
        "AutoScaleRemove" => done(client.autoscale().remove(arg("app"), &fixture.query())),
        "AppGetCertificates" => value(client.certificates().get(arg("app"))),
        "AppGetCertificates1_2" => value(client.certificates().get_pem(arg("app"))),
        "certificateSet" => done(client.certificates().set(arg("app"), &fixture.body())),
        "CertificatUnset" => done(client.certificates().unset(arg("app"), &fixture.query())),
        "AppSetCertIssuer" => done(
            client
                .certificates()
                .set_issuer(arg("app"), &fixture.body()),
        ),
        "AppUnsetCertIssuer" => done(
            client
                .certificates()
                .unset_issuer(arg("app"), &fixture.query()),
        ),
        "ProvisionerList" => value(client.clusters().provisioners()),
        "ClusterList" => value(client.clusters().list()),
        "ClusterInfo" => value(client.clusters().get(arg("cluster"))),
        "ClusterCreate" => output(fixture, client.clusters().create(&fixture.body())),
        "ClusterUpdate" => output(
            fixture,
            client.clusters().update(arg("cluster"), &fixture.body()),
        ),
        "ClusterDelete" => output(fixture, client.clusters().remove(arg("cluster"))),
        "deploysList" => value(client.deploys().list(&fixture.query())),
        "deployInfo" => value(client.deploys().get(arg("deploy"))),
        "deployRollbackUpdate" => {
            done(client.deploys().allow_rollback(arg("app"), &fixture.body()))
        }
        "EnvGet" => value(client.env().get(arg("app"), &fixture.query())),
        "EnvSet" => output(fixture, client.env().set(arg("app"), &fixture.body())),
        "EnvUnset" => output(fixture, client.env().unset(arg("app"), &fixture.query())),
        "JobEnvGet" => value(client.env().get_of_job(arg("job"), &fixture.query())),
        "JobEnvSet" => output(
            fixture,
            client.env().set_of_job(arg("job"), &fixture.body()),
        ),
        "JobEnvUnset" => output(
            fixture,
            client.env().unset_of_job(arg("job"), &fixture.query()),
        ),
        "EventList" => value(client.events().list(&fixture.query())),
        "EventInfo" => value(client.events().get(arg("event"))),
        "EventCancel" => done(client.events().cancel(arg("event"), &fixture.body())),
        "kindList" => value(client.events().kinds()),
        "eventBlockList" => value(client.events().blocks(&fixture.query())),
        "eventBlockAdd" => done(client.events().add_block(&fixture.body())),
        "eventBlockRemove" => done(client.events().remove_block(arg("block"))),
        "InstancesList" => value(client.instances().list(&fixture.query())),
        "InstanceGet" => value(client.instances().get(arg("service"), arg("instance"))),
        "ServiceInstanceStatus" => {
            status(client.instances().status(arg("service"), arg("instance")))
        }
        "InstanceCreate" => done(client.instances().create(arg("service"), &fixture.body())),
        "InstanceUpdate" => done(client.instances().update(
            arg("service"),
            arg("instance"),
            &fixture.body(),
        )),
        "InstanceDelete" => output(
            fixture,
            client
                .instances()
                .remove(arg("service"), arg("instance"), &fixture.query()),
        ),
        "ServiceInstanceGrant" => done(client.instances().grant(
            arg("service"),
            arg("instance"),
            arg("team"),
        )),
        "ServiceInstanceRevoke" => done(client.instances().revoke(
            arg("service"),
            arg("instance"),
            arg("team"),
        )),
        "ServiceInstanceBind" => output(
            fixture,
            client
                .instances()
                .bind(arg("service"), arg("instance"), arg("app"), &fixture.body()),
        ),
        "ServiceInstanceUnbind" => output(
            fixture,
            client.instances().unbind(
                arg("service"),
                arg("instance"),
                arg("app"),
                &fixture.query(),
            ),
        ),
        "ServiceInstanceBind1_0" => output(
            fixture,
            client.instances().bind_1_0(
                arg("service"),
                arg("instance"),
                arg("app"),
                &fixture.body(),
            ),
        ),
        "ServiceInstanceUnbind1_0" => output(
            fixture,
            client.instances().unbind_1_0(
                arg("service"),
                arg("instance"),
                arg("app"),
                &fixture.query(),
            ),
        ),
        "JobServiceInstanceBind" => output(
            fixture,
            client.instances().bind_job(
                arg("service"),
                arg("instance"),
                arg("job"),
                &fixture.body(),
            ),
        ),
        "JobServiceInstanceUnbind" => output(
            fixture,
            client.instances().unbind_job(
                arg("service"),
                arg("instance"),
                arg("job"),
                &fixture.query(),
            ),
        ),
        "ListJob" => value(client.jobs().list(&fixture.query())),
        "GetJob" => value(client.jobs().get(arg("job"))),
        "CreateJob" => value(client.jobs().create(&fixture.body())),
        "UpdateJob" => done(client.jobs().update(arg("job"), &fixture.body())),
        "DeleteJob" => done(client.jobs().remove(arg("job"))),
        "TriggerJob" => done(client.jobs().trigger(arg("job"))),
        "killJob" => done(
            client
                .jobs()
                .kill_unit(arg("job"), arg("unit"), &fixture.query()),
        ),
        "authSchemes" => value(client.auth().schemes()),
        "authScheme" => value(client.auth().scheme()),
        "authLogin" => value(client.auth().login(&fixture.body::<Value>())),
        "info" => value(client.auth().info()),
        "healthcheck" => text(client.auth().healthcheck()),
        "AppLog" => entries(fixture, client.logs().of_app(arg("app"), &fixture.query())),
        "appLogInstance" => entries(
            fixture,
            client.logs().of_app_at_server(arg("app"), &fixture.query()),
        ),
        "JobLog" => entries(fixture, client.logs().of_job(arg("job"), &fixture.query())),
        "addLog" => done(client.logs().add(arg("app"), &fixture.body())),
        "PlanList" => value(client.plans().list()),
        "PlanCreate" => done(client.plans().create(&fixture.body())),
        "DeletePlan" => done(client.plans().remove(arg("plan"))),
        "PlatformList" => value(client.platforms().list()),
        "PlatformInfo" => value(client.platforms().get(arg("platform"))),
        "PlatformAdd" => output(fixture, client.platforms().add("python", "FROM python")),
        "PlatformUpdate" => output(
            fixture,
            client.platforms().update(arg("platform"), "FROM python"),
        ),
        "PlatformDelete" => done(client.platforms().remove(arg("platform"))),
        "PlatformRollback" => output(
            fixture,
            client
                .platforms()
                .rollback(arg("platform"), &fixture.query()),
        ),
        "PoolList" => value(client.pools().list()),
        "PoolGet" => value(client.pools().get(arg("pool"))),
        "PoolCreate" => done(client.pools().create(&fixture.body())),
        "PoolUpdate" => done(client.pools().update(arg("pool"), &fixture.body())),
        "PoolDelete" => done(client.pools().remove(arg("pool"))),
        "addTeamToPoolHandler" => done(client.pools().add_teams(arg("pool"), &fixture.body())),
        "removeTeamToPoolHandler" => {
            done(client.pools().remove_teams(arg("pool"), &fixture.query()))
        }
        "ConstraintList" => value(client.pools().constraints()),
        "ConstraintSet" => done(client.pools().set_constraint(&fixture.body())),
        "AppQuotaGet" => value(client.quotas().of_app(arg("app"))),
        "AppQuotaChange" => done(client.quotas().set_of_app(arg("app"), &fixture.body())),
        "UserQuotaGet" => value(client.quotas().of_user(arg("email"))),
        "UserQuotaChange" => done(client.quotas().set_of_user(arg("email"), &fixture.body())),
        "TeamQuotaGet" => value(client.quotas().of_team(arg("team"))),
        "TeamQuotaChange" => done(client.quotas().set_of_team(arg("team"), &fixture.body())),
        "listRoles" => value(client.roles().list()),
        "roleInfo" => value(client.roles().get(arg("role"))),
        "CreateRole" => done(client.roles().create(&fixture.body())),
        "UpdateRole" => done(client.roles().update(&fixture.body())),
        "DeleteRole" => done(client.roles().remove(arg("role"))),
        "listPermissions" => value(client.roles().permissions()),
        "PermissionAdd" => done(client.roles().add_permissions(arg("role"), &fixture.body())),
        "removePermissions" => done(
            client
                .roles()
                .remove_permission(arg("role"), arg("permission")),
        ),
        "assignRole" => done(client.roles().assign(arg("role"), &fixture.body())),
        "DissociateRole" => done(client.roles().dissociate(
            arg("role"),
            arg("email"),
            &fixture.query(),
        )),
        "AssignRoleToToken" => done(client.roles().assign_to_token(arg("role"), &fixture.body())),
        "DissociateRoleFromToken" => done(client.roles().dissociate_from_token(
            arg("role"),
            arg("token_id"),
            &fixture.query(),
        )),
        "AssignRoleToGroup" => done(client.roles().assign_to_group(arg("role"), &fixture.body())),
        "DissociateRoleFromGroup" => done(client.roles().dissociate_from_group(
            arg("role"),
            arg("group"),
            &fixture.query(),
        )),
        "listDefaultRoles" => value(client.roles().defaults()),
        "DefaultRoleAdd" => done(
            client
                .roles()
                .add_defaults(&fixture.body::<BTreeMap<String, Vec<String>>>()),
        ),
        "RoleDefaultDelete" => done(client.roles().remove_defaults(&fixture.query())),
        "RouterList" => value(client.routers().list()),
        "RouterCreate" => done(client.routers().create(&fixture.body())),
        "RouterUpdate" => done(client.routers().update(arg("router"), &fixture.body())),
        "RouterDelete" => done(client.routers().remove(arg("router"))),
        "AppRouterList" => value(client.routers().of_app(arg("app"))),
        "AppRouterAdd" => done(client.routers().add_to_app(arg("app"), &fixture.body())),
        "AppRouterUpdate" => done(client.routers().update_of_app(
            arg("app"),
            arg("router"),
            &fixture.body(),
        )),
        "AppRouterDelete" => done(client.routers().remove_from_app(arg("app"), arg("router"))),
        "ServicesList" => value(client.services().list(&fixture.query())),
        "ServiceCreate" => done(client.services().create(&fixture.body())),
        "ServiceUpdate" => done(client.services().update(arg("service"), &fixture.body())),
        "ServiceDelete" => done(client.services().remove(arg("service"))),
        "ServiceInfo" => value(client.services().instances(arg("service"))),
        "ServicePlans" => value(client.services().plans(arg("service"), &fixture.query())),
        "ServiceDoc" => text(client.services().doc(arg("service"))),
        "ServiceAddDoc" => done(client.services().set_doc(arg("service"), &fixture.body())),
        "ServiceGrantTeam" => done(client.services().grant(arg("service"), arg("team"))),
        "ServiceRevokeTeam" => done(client.services().revoke(arg("service"), arg("team"))),
        "ServiceManifestGet" => value(client.services().manifest(arg("service"))),
        "ServiceManifestSet" => done(
            client
                .services()
                .set_manifest(arg("service"), &fixture.body()),
        ),
        "TeamsList" => value(client.teams().list()),
        "TeamGet" => value(client.teams().get(arg("team"))),
        "TeamCreate" => done(client.teams().create(&fixture.body())),
        "TeamUpdate" => done(client.teams().update(arg("team"), &fixture.body())),
        "updateTeam" => done(client.teams().update_1_4(arg("team"), &fixture.body())),
        "TeamDelete" => done(client.teams().remove(arg("team"))),
        "TeamUserList" => value(client.teams().users(arg("team"))),
        "TeamGroupList" => value(client.teams().groups(arg("team"))),
        "TeamTokensList" => value(client.tokens().list()),
        "TeamTokenInfo" => value(client.tokens().get(arg("token_id"))),
        "TeamTokenCreate" => value(client.tokens().create(&fixture.body())),
        "TeamTokenUpdate" => value(client.tokens().update(arg("token_id"), &fixture.body())),
        "TeamTokenDelete" => done(client.tokens().remove(arg("token_id"))),
        "UnitsAdd" => output(fixture, client.units().add(arg("app"), &fixture.body())),
        "UnitsRemove" => output(fixture, client.units().remove(arg("app"), &fixture.body())),
        "killUnit" => done(
            client
                .units()
                .kill(arg("app"), arg("unit"), &fixture.query()),
        ),
        "UsersList" => value(client.users().list(&fixture.query())),
        "UserGet" => value(client.users().me()),
        "UserCreate" => done(client.users().create(&fixture.body())),
        "UserDelete" => done(client.users().remove(&fixture.query())),
        "login" => value(client.users().login(arg("email"), &fixture.body())),
        "UserTokenDelete" => done(client.users().logout()),
        "ChangePassword" => done(client.users().change_password(&fixture.body())),
        "ResetPassword" => done(
            client
                .users()
                .reset_password(arg("email"), &fixture.query()),
        ),
        "APITokenGet" => value(client.users().api_key(&fixture.query())),
        "APITokenRegenerate" => value(client.users().new_api_key(&fixture.query())),
        "VolumeList" => value(client.volumes().list()),
        "VolumeGet" => value(client.volumes().get(arg("volume"))),
        "VolumeCreate" => done(client.volumes().create(&fixture.body())),
        "volumeUpdate" => done(client.volumes().update(arg("volume"), &fixture.body())),
        "VolumeDelete" => done(client.volumes().remove(arg("volume"))),
        "VolumeBind" => output(
            fixture,
            client.volumes().bind(arg("volume"), &fixture.body()),
        ),
        "VolumeUnbind" => output(
            fixture,
            client.volumes().unbind(arg("volume"), &fixture.body()),
        ),
        "VolumePlansList" => value(client.volumes().plans()),
        "WebhookList" => value(client.webhooks().list()),
        "WebhookGet" => value(client.webhooks().get(arg("webhook"))),
        "WebhookCreate" => done(client.webhooks().create(&fixture.body())),
        "WebhookUpdate" => done(client.webhooks().update(arg("webhook"), &fixture.body())),
        "WebhookDelete" => done(client.webhooks().remove(arg("webhook"))),
        other => panic!("no call for {other}"),
    };
    let answered = fixture.response.body.clone();
    Box::pin(async move { Ok(spelled_like(&answered, replayed.await?)) })
}

/// An operation that answers with a word or two.
fn done(call: Call<Done>) -> Replayed {
    Box::pin(async { call.await.map(|_| Value::Null) })
}

fn status(call: Call<InstanceStatus>) -> Replayed {
    Box::pin(async { Ok(Value::String(call.await?.text)) })
}

/// The answer as it was, if these are the lines that it says.
fn whole(fixture: &Fixture, lines: Vec<Line>) -> Value {
    let body = fixture.text_of_answer();
    let said = |line: &str| match serde_json::from_str::<Value>(line) {
        Ok(message) => Some(message["Message"].as_str()?.trim_end().to_owned()),
        Err(_) => (line != "please wait...").then(|| line.to_owned()),
    };
    let wanted: Vec<_> = body
        .lines()
        .filter(|line| !line.is_empty())
        .filter_map(said)
        .collect();
    let got: Vec<_> = lines
        .into_iter()
        .map(|line| line.text)
        .filter(|line| !line.is_empty())
        .collect();
    assert_eq!(got, wanted, "{}", fixture.name);
    Value::String(body.to_owned())
}

async fn lines(output: impl Stream<Item = Result<Line, Error>>) -> Result<Vec<Line>, Error> {
    std::pin::pin!(output).try_collect().await
}

fn output(fixture: &Fixture, call: Streamed<Output>) -> Replayed {
    let fixture = fixture.clone();
    Box::pin(async move { Ok(whole(&fixture, lines(call.await?).await?)) })
}

type Begun = futures::future::BoxFuture<'static, Result<Deploying, Error>>;

fn deploying(
    fixture: &Fixture,
    client: &Client,
    begin: impl FnOnce(Client, String) -> Begun + Send + 'static,
) -> Replayed {
    let (fixture, client) = (fixture.clone(), client.clone());
    let target = fixture.request.path.split('/').nth(3).unwrap().to_owned();
    Box::pin(async move {
        let deploying = begin(client, target).await?;
        let event = deploying.event().map(ToString::to_string);
        assert_eq!(
            event.as_ref(),
            fixture.response.headers.get("x-tsuru-eventid")
        );
        Ok(whole(&fixture, lines(deploying).await?))
    })
}

fn entries(fixture: &Fixture, call: Streamed<LogEntries>) -> Replayed {
    let fixture = fixture.clone();
    Box::pin(async move {
        let got: Vec<LogEntry> = call.await?.try_collect().await?;
        let got: Vec<_> = got
            .iter()
            .map(|entry| serde_json::to_value(entry).unwrap())
            .collect();
        let frames = fixture
            .text_of_answer()
            .lines()
            .filter(|line| !line.is_empty());
        let wanted: Vec<Value> = frames
            .filter_map(|frame| serde_json::from_str::<Option<Vec<Value>>>(frame).unwrap())
            .flatten()
            .collect();
        assert_eq!(got, wanted, "{}", fixture.name);
        Ok(Value::String(fixture.text_of_answer().to_owned()))
    })
}

/// The same value, spelled as it was answered: servers write some keys in several ways, and a time that never was
/// as the year 1.
fn spelled_like(answered: &Value, got: Value) -> Value {
    let meaning = |key: &str| key.to_ascii_lowercase().replace('_', "");
    match (answered, got) {
        (Value::Object(wanted), Value::Object(got)) => got
            .into_iter()
            .map(|(key, value)| {
                match wanted
                    .iter()
                    .find(|(wanted, _)| meaning(wanted) == meaning(&key))
                {
                    Some((wanted, answered)) => (wanted.clone(), spelled_like(answered, value)),
                    None => (key, value),
                }
            })
            .collect(),
        (Value::Array(wanted), Value::Array(got)) if wanted.len() == got.len() => wanted
            .iter()
            .zip(got)
            .map(|(wanted, got)| spelled_like(wanted, got))
            .collect(),
        (Value::String(never), Value::Null) if never == "0001-01-01T00:00:00Z" => answered.clone(),
        (_, got) => got,
    }
}

#[tokio::test]
async fn all_fixtures_are_sent_exactly_and_read_whole() {
    prove("tsuru-v1", &ENDPOINTS, connect, call).await;
}

const EXCEPTED: &[Exception] = &[
    ("name", "identifies it"),
    ("id", "identifies it"),
    ("UniqueID", "identifies it"),
    ("service", "identifies it"),
    ("email", "identifies it"),
    ("group", "identifies it"),
    ("token_id", "identifies it"),
    ("PoolExpr", "identifies it"),
    ("token", "is what was asked for"),
    ("headers.Host", "no map of texts holds a null in Go"),
];

#[test]
fn what_an_answer_leaves_out_does_not_break_it() {
    prove_bent("tsuru-v1", &ENDPOINTS, EXCEPTED, connect, call);
}

/// The routes that the server has (1.31), but for those that are left out: the shell and the proxies (WebSockets
/// and any method), log ingestion by nodes, debugging, metrics and index, `POST /swap`, `diff`, Git clones and
/// `GET /plans/routers` (all deprecated), and `/healthcheck/` (the same as without the slash).
#[test]
fn every_route_of_the_server_is_a_row() {
    rows_are(
        &ENDPOINTS,
        &[
            ("PUT", "/1.0/services/{service}/instances/{instance}/{app}"),
            (
                "DELETE",
                "/1.0/services/{service}/instances/{instance}/{app}",
            ),
            (
                "PUT",
                "/1.13/services/{service}/instances/{instance}/apps/{app}",
            ),
            (
                "DELETE",
                "/1.13/services/{service}/instances/{instance}/apps/{app}",
            ),
            ("GET", "/1.0/apps"),
            ("POST", "/1.0/apps"),
            ("GET", "/1.0/apps/{app}"),
            ("DELETE", "/1.0/apps/{app}"),
            ("PUT", "/1.0/apps/{app}"),
            ("POST", "/1.0/apps/{app}/cname"),
            ("DELETE", "/1.0/apps/{app}/cname"),
            ("POST", "/1.0/apps/{app}/run"),
            ("POST", "/1.0/apps/{app}/restart"),
            ("POST", "/1.0/apps/{app}/stop"),
            ("DELETE", "/1.10/apps/{app}/versions/{version}"),
            ("GET", "/1.0/apps/{app}/env"),
            ("POST", "/1.0/apps/{app}/env"),
            ("DELETE", "/1.0/apps/{app}/env"),
            ("PUT", "/1.0/apps/{app}/units"),
            ("DELETE", "/1.0/apps/{app}/units"),
            ("DELETE", "/1.12/apps/{app}/units/{unit}"),
            ("PUT", "/1.0/apps/{app}/teams/{team}"),
            ("DELETE", "/1.0/apps/{app}/teams/{team}"),
            ("GET", "/1.0/apps/{app}/log"),
            ("GET", "/1.8/apps/{app}/log-instance"),
            ("POST", "/1.0/apps/{app}/log"),
            ("POST", "/1.0/apps/{app}/routes"),
            ("GET", "/1.2/apps/{app}/certificate"),
            ("GET", "/1.24/apps/{app}/certificate"),
            ("PUT", "/1.2/apps/{app}/certificate"),
            ("DELETE", "/1.2/apps/{app}/certificate"),
            ("PUT", "/1.24/apps/{app}/certissuer"),
            ("DELETE", "/1.24/apps/{app}/certissuer"),
            ("GET", "/1.9/apps/{app}/units/autoscale"),
            ("POST", "/1.9/apps/{app}/units/autoscale"),
            ("POST", "/1.29/apps/{app}/units/autoscale/swap"),
            ("DELETE", "/1.9/apps/{app}/units/autoscale"),
            ("GET", "/1.7/provisioner"),
            ("POST", "/1.3/provisioner/clusters"),
            ("POST", "/1.4/provisioner/clusters/{cluster}"),
            ("GET", "/1.3/provisioner/clusters"),
            ("GET", "/1.8/provisioner/clusters/{cluster}"),
            ("DELETE", "/1.3/provisioner/clusters/{cluster}"),
            ("POST", "/1.0/apps/{app}/deploy/rollback"),
            ("PUT", "/1.4/apps/{app}/deploy/rollback/update"),
            ("POST", "/1.3/apps/{app}/deploy/rebuild"),
            ("GET", "/1.0/deploys"),
            ("GET", "/1.0/deploys/{deploy}"),
            ("POST", "/1.0/apps/{app}/deploy"),
            ("POST", "/1.5/apps/{app}/build"),
            ("POST", "/1.23/jobs/{job}/deploy"),
            ("GET", "/1.1/events"),
            ("GET", "/1.3/events/blocks"),
            ("POST", "/1.3/events/blocks"),
            ("DELETE", "/1.3/events/blocks/{block}"),
            ("GET", "/1.1/events/kinds"),
            ("GET", "/1.1/events/{event}"),
            ("POST", "/1.1/events/{event}/cancel"),
            (
                "PUT",
                "/1.13/services/{service}/instances/{instance}/jobs/{job}",
            ),
            (
                "DELETE",
                "/1.13/services/{service}/instances/{instance}/jobs/{job}",
            ),
            ("POST", "/1.13/jobs"),
            ("POST", "/1.13/jobs/{job}/trigger"),
            ("GET", "/1.13/jobs/{job}"),
            ("DELETE", "/1.13/jobs/{job}"),
            ("PUT", "/1.13/jobs/{job}"),
            ("GET", "/1.13/jobs"),
            ("GET", "/1.16/jobs/{job}/env"),
            ("POST", "/1.13/jobs/{job}/env"),
            ("DELETE", "/1.13/jobs/{job}/env"),
            ("GET", "/1.13/jobs/{job}/log"),
            ("DELETE", "/1.13/jobs/{job}/units/{unit}"),
            ("GET", "/1.0/plans"),
            ("POST", "/1.0/plans"),
            ("DELETE", "/1.0/plans/{plan}"),
            ("GET", "/1.0/platforms"),
            ("POST", "/1.0/platforms"),
            ("PUT", "/1.0/platforms/{platform}"),
            ("DELETE", "/1.0/platforms/{platform}"),
            ("GET", "/1.6/platforms/{platform}"),
            ("POST", "/1.6/platforms/{platform}/rollback"),
            ("GET", "/1.0/pools"),
            ("POST", "/1.0/pools"),
            ("DELETE", "/1.0/pools/{pool}"),
            ("PUT", "/1.0/pools/{pool}"),
            ("POST", "/1.0/pools/{pool}/team"),
            ("DELETE", "/1.0/pools/{pool}/team"),
            ("GET", "/1.8/pools/{pool}"),
            ("GET", "/1.3/constraints"),
            ("PUT", "/1.3/constraints"),
            ("GET", "/1.0/apps/{app}/quota"),
            ("PUT", "/1.0/apps/{app}/quota"),
            ("GET", "/1.0/users/{email}/quota"),
            ("PUT", "/1.0/users/{email}/quota"),
            ("GET", "/1.12/teams/{team}/quota"),
            ("PUT", "/1.12/teams/{team}/quota"),
            ("GET", "/1.0/roles"),
            ("PUT", "/1.4/roles"),
            ("POST", "/1.0/roles"),
            ("GET", "/1.0/roles/{role}"),
            ("DELETE", "/1.0/roles/{role}"),
            ("POST", "/1.0/roles/{role}/permissions"),
            ("DELETE", "/1.0/roles/{role}/permissions/{permission}"),
            ("POST", "/1.0/roles/{role}/user"),
            ("DELETE", "/1.0/roles/{role}/user/{email}"),
            ("GET", "/1.0/role/default"),
            ("POST", "/1.0/role/default"),
            ("DELETE", "/1.0/role/default"),
            ("GET", "/1.0/permissions"),
            ("POST", "/1.6/roles/{role}/token"),
            ("DELETE", "/1.6/roles/{role}/token/{token_id}"),
            ("POST", "/1.9/roles/{role}/group"),
            ("DELETE", "/1.9/roles/{role}/group/{group}"),
            ("POST", "/1.5/apps/{app}/routers"),
            ("PUT", "/1.5/apps/{app}/routers/{router}"),
            ("DELETE", "/1.5/apps/{app}/routers/{router}"),
            ("GET", "/1.5/apps/{app}/routers"),
            ("POST", "/1.8/apps/{app}/routable"),
            ("GET", "/1.3/routers"),
            ("POST", "/1.8/routers"),
            ("PUT", "/1.8/routers/{router}"),
            ("DELETE", "/1.8/routers/{router}"),
            ("GET", "/1.0/services"),
            ("POST", "/1.0/services"),
            ("PUT", "/1.0/services/{service}"),
            ("DELETE", "/1.0/services/{service}"),
            ("PUT", "/1.0/services/{service}/doc"),
            ("PUT", "/1.31/services/{service}/manifest"),
            ("GET", "/1.31/services/{service}/manifest"),
            ("PUT", "/1.0/services/{service}/team/{team}"),
            ("DELETE", "/1.0/services/{service}/team/{team}"),
            ("GET", "/1.0/services/instances"),
            ("POST", "/1.0/services/{service}/instances"),
            ("GET", "/1.0/services/{service}/instances/{instance}"),
            ("PUT", "/1.0/services/{service}/instances/{instance}"),
            ("DELETE", "/1.0/services/{service}/instances/{instance}"),
            ("GET", "/1.0/services/{service}/instances/{instance}/status"),
            (
                "PUT",
                "/1.0/services/{service}/instances/permission/{instance}/{team}",
            ),
            (
                "DELETE",
                "/1.0/services/{service}/instances/permission/{instance}/{team}",
            ),
            ("GET", "/1.0/services/{service}"),
            ("GET", "/1.0/services/{service}/plans"),
            ("GET", "/1.0/services/{service}/doc"),
            ("GET", "/1.0/info"),
            ("POST", "/1.0/apps/{app}/start"),
            ("GET", "/1.0/healthcheck"),
            ("GET", "/1.6/tokens"),
            ("GET", "/1.7/tokens/{token_id}"),
            ("POST", "/1.6/tokens"),
            ("DELETE", "/1.6/tokens/{token_id}"),
            ("PUT", "/1.6/tokens/{token_id}"),
            ("GET", "/1.0/users"),
            ("POST", "/1.0/users"),
            ("GET", "/1.0/users/info"),
            ("GET", "/1.0/auth/scheme"),
            ("GET", "/1.18/auth/schemes"),
            ("POST", "/1.0/auth/login"),
            ("POST", "/1.0/users/{email}/password"),
            ("POST", "/1.0/users/{email}/tokens"),
            ("DELETE", "/1.0/users/tokens"),
            ("PUT", "/1.0/users/password"),
            ("DELETE", "/1.0/users"),
            ("GET", "/1.0/users/api-key"),
            ("POST", "/1.0/users/api-key"),
            ("GET", "/1.0/teams"),
            ("POST", "/1.0/teams"),
            ("DELETE", "/1.0/teams/{team}"),
            ("PUT", "/1.6/teams/{team}"),
            ("GET", "/1.4/teams/{team}"),
            ("GET", "/1.17/teams/{team}/users"),
            ("GET", "/1.17/teams/{team}/groups"),
            ("POST", "/1.4/teams/{team}"),
            ("GET", "/1.4/volumes"),
            ("POST", "/1.4/volumes"),
            ("GET", "/1.4/volumes/{volume}"),
            ("POST", "/1.4/volumes/{volume}"),
            ("DELETE", "/1.4/volumes/{volume}"),
            ("POST", "/1.4/volumes/{volume}/bind"),
            ("DELETE", "/1.4/volumes/{volume}/bind"),
            ("GET", "/1.4/volumeplans"),
            ("GET", "/1.6/events/webhooks"),
            ("POST", "/1.6/events/webhooks"),
            ("GET", "/1.6/events/webhooks/{webhook}"),
            ("PUT", "/1.6/events/webhooks/{webhook}"),
            ("DELETE", "/1.6/events/webhooks/{webhook}"),
        ],
    );
}
